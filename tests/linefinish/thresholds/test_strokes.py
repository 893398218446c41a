"""Thin pale strokes: joined where they hang together, and only those."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from linefinish import Bitmap, Gray, separate, threshold
from linefinish.thresholds.strokes import is_sharp, join_weak, rim_share
from linefinish.thresholds.tones import Tones, cut_at
from tests.linefinish.kernels.grays import grays
from tests.linefinish.thresholds.pages import as_gray, page


def joined(pixels: np.ndarray, tones: Tones) -> tuple[int, np.ndarray, np.ndarray]:
    """How many came in, the ink before and after."""
    gray = Gray.from_array(pixels)
    bitmap = cut_at(gray, tones.level)
    before = np.asarray(bitmap)
    softness = rim_share(gray, tones, bitmap)
    return join_weak(gray, tones, bitmap, softness, sharp=is_sharp(gray, tones, softness)), before, np.asarray(bitmap)


@given(grays(), st.integers(0, 200), st.integers(1, 255))
def test_it_only_adds_ink_and_counts_it(pixels: np.ndarray, ink: int, contrast: int) -> None:
    tones = Tones(ink, min(ink + contrast, 255))
    count, before, after = joined(pixels, tones)
    assert not (before & ~after).any()
    assert count == (after & ~before).sum()
    assert not (after & ~before & (pixels > tones.paper)).any(), "nothing lighter than paper comes in"


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize(("depth", "comes"), [(20, False), (80, True), (110, True)])
def test_a_pale_hairline_comes_in_by_its_depth(depth: int, comes: bool, upright: bool) -> None:
    pixels = np.full((60, 200), 250, np.uint8)
    pixels[10:16, 20:180] = 10
    pixels[40, 20:180] = 250 - depth
    pixels = np.ascontiguousarray(pixels.T) if upright else pixels
    count, _, after = joined(pixels, Tones(10, 250))
    line = after[:, 40] if upright else after[40]
    assert line[22:178].all() == comes and (count > 0) == comes
    if not comes:
        assert not line.any()


def test_a_line_that_pales_on_its_way_hangs_on_its_dark_end() -> None:
    """At a depth of 43 greys it comes in with ink beside it, and could not stand alone."""
    pixels = np.full((40, 300), 250, np.uint8)
    pixels[20, 10:100] = 20
    pixels[20, 100:290] = 250 - 43
    _, before, after = joined(pixels, Tones(10, 250))
    assert after[20, 12:286].all() and not before[20, 100:].any()
    alone = pixels.copy()
    alone[20, :100] = 250
    assert joined(alone, Tones(10, 250))[0] == 0


def test_an_edge_is_no_stroke() -> None:
    """The half-covered pixels of a solid, lighter than the level, have paper on one side only."""
    pixels = np.full((60, 60), 250, np.uint8)
    pixels[20:40, 20:40] = 10
    pixels[19, 20:40] = pixels[40, 20:40] = 180
    count, before, after = joined(pixels, Tones(10, 250))
    assert count == 0 and np.array_equal(before, after)


def test_a_white_page_has_none() -> None:
    assert joined(np.full((30, 70), 255, np.uint8), Tones(0, 255))[0] == 0
    assert isinstance(cut_at(Gray.from_array(np.zeros((1, 1), np.uint8)), 3), Bitmap)


# --- through the front door
# ------------------------------------------------------------


def test_pale_hairlines_come_out_unbroken_and_construction_lines_not_at_all() -> None:
    coverage, truth = page()
    gray = as_gray(250 - 225 * coverage)
    gray[240, 10:290] = 175  # wanted
    gray[250, 10:290] = 225  # not
    ink = np.asarray(threshold(gray))
    assert ink[240, 12:288].all()
    assert not ink[250].any()
    assert np.array_equal(ink[:230], truth[:230])


@pytest.mark.parametrize(("width", "stays"), [(1000, True), (1500, False)])
def test_on_large_pages_short_pale_strokes_far_from_ink_are_what_shows_through(width: int, stays: bool) -> None:
    page = np.full((160, width), 250, np.uint8)
    page[20:26, 40:400] = 20
    page[29:32, 100:112] = 190  # pale and short, beside ink
    page[100:103, 40:300] = np.linspace(175, 205, 260)  # pale, alone and long; of one grey it were a watermark
    page[100:103, 600:612] = 190  # pale, alone and short
    ink = np.asarray(separate(page).bitmap)
    assert ink[30, 102:110].all()
    assert ink[101, 45:295].all()
    assert ink[101, 602:610].all() == stays
    assert ink[95:108, 590:620].any() == stays


# --- whether a page was drawn without blur and without noise
# ------------------------------------------------------------


def sharp(pixels: np.ndarray) -> bool:
    gray, tones = Gray.from_array(pixels), Tones(0, 255)
    return is_sharp(gray, tones, rim_share(gray, tones, cut_at(gray, tones.level)))


@pytest.mark.parametrize(("noise", "is_so"), [(0, True), (14, False)])
def test_grey_edges_of_small_holes_are_no_noise(noise: int, is_so: bool) -> None:
    """A solid with holes of one light pixel and three greyer ones each, and a rim of paper."""
    pixels = np.zeros((200, 200), np.uint8)
    pixels[:, :6] = 255
    pixels[20:180:10, 20:180:10] = pixels[21:180:10, 20:180:10] = pixels[20:180:10, 21:180:10] = 200
    random = np.random.default_rng(3)
    assert sharp(as_gray(pixels - np.where(pixels > 128, abs(random.normal(0, noise, pixels.shape)), 0))) == is_so


@pytest.mark.parametrize(("blur", "is_so"), [(0.0, True), (0.6, False)])
@pytest.mark.parametrize("upright", [False, True])
def test_the_sides_of_broad_strokes_tell_among_many_small_dots(blur: float, is_so: bool, upright: bool) -> None:
    """Dots whose rims are as dark as a blurred page's, beside bars of one direction alone."""
    pixels = np.full((240, 240), 255.0)
    pixels[20:180:11, 20:220:11] = 60
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        pixels[20 + dy : 180 + dy : 11, 20 + dx : 220 + dx : 11] = 180
    pixels[200:210, 8:232] = 0
    pixels[199, 8:232] = 205
    if blur:
        pixels = ndimage.gaussian_filter(pixels, blur)
    assert sharp(as_gray(pixels.T if upright else pixels)) == is_so
