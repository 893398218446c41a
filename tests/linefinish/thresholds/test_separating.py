"""threshold() and separate(): every method at every odd size, and what `auto`
promises of drawings.
"""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.raster import Gray
from linefinish.errors import ImageShapeError, OptionsError
from linefinish.options import THRESHOLD_METHODS
from linefinish.thresholds.separating import separate, threshold
from linefinish.thresholds.tones import otsu_level
from tests.linefinish.kernels.greys import greys
from tests.oracles import thresholds as oracle


def page(height: int = 260, width: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Ink coverage 0 … 1 of a ring, a bar and a slanted line with soft edges, and a large solid;
    and where it is over a half.
    """
    ys, xs = np.mgrid[:height, :width] + 0.5
    ring = 4 - abs(np.hypot(xs - 100, ys - 110) - 60)
    line = 3 - abs(xs * 0.6 + ys * 0.8 - 180)
    solid = np.minimum(np.minimum(xs - 210.3, 285.7 - xs), np.minimum(ys - 30.4, 150.2 - ys))
    coverage = np.clip(np.maximum(np.maximum(ring, line), solid) + 0.5, 0, 1)
    return coverage, coverage > 0.5


def as_grey(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@settings(max_examples=120)
@given(greys(), st.sampled_from(THRESHOLD_METHODS), st.sampled_from(["auto", "on", "off"]))
def test_any_image_gives_a_bitmap_of_its_size(gray: np.ndarray, method: str, background: str) -> None:
    separation = separate(gray, method, background=background)
    bitmap = separation.bitmap
    assert (bitmap.height, bitmap.width) == gray.shape == (separation.gray.height, separation.gray.width)
    assert bitmap.ink_count() == np.asarray(bitmap).sum()  # spare bits are clear
    assert separation.reason
    assert 0 <= separation.ink <= separation.paper <= 255


@pytest.mark.parametrize("method", THRESHOLD_METHODS)
@pytest.mark.parametrize("size", [(1, 1), (1, 64), (65, 1), (16, 16), (3, 129)])
def test_one_colour_is_all_paper_or_all_ink(method: str, size: tuple[int, int]) -> None:
    assert not np.asarray(threshold(np.full(size, 255, np.uint8), method)).any()
    assert np.asarray(threshold(np.zeros(size, np.uint8), method)).all()


@given(greys(), st.integers(0, 256))
def test_fixed_is_darker_than_its_level(gray: np.ndarray, level: int) -> None:
    assert np.array_equal(np.asarray(threshold(gray, "fixed", level=level)), gray < level)


@settings(max_examples=40)
@given(greys(16))
def test_otsu_is_the_level_of_least_variance_within(gray: np.ndarray) -> None:
    level = otsu_level(np.bincount(gray.ravel(), minlength=256).tolist())
    assert level == oracle.otsu_level(gray)
    assert np.array_equal(np.asarray(threshold(gray, "otsu")), gray <= level)


def test_clean_drawings_are_cut_at_half_coverage() -> None:
    coverage, truth = page()
    separation = separate(as_grey(255 * (1 - coverage)))
    assert separation.levels.data[0] == 127
    assert np.array_equal(np.asarray(separation.bitmap), truth)


@pytest.mark.parametrize(("ink", "paper"), [(45, 246), (20, 200), (120, 243), (0, 128)])
def test_the_level_lies_half_way_between_the_tones(ink: int, paper: int) -> None:
    coverage, truth = page()
    separation = separate(as_grey(paper - (paper - ink) * coverage))
    assert (separation.ink, separation.paper) == (ink, paper)
    # Half a grey of rounding: only pixels of nearly half coverage may differ.
    differs = np.asarray(separation.bitmap) != truth
    assert (abs(coverage[differs] - 0.5) < 0.02).all()


def test_washes_and_gradients_are_divided_out() -> None:
    coverage, truth = page()
    ys, xs = np.mgrid[: truth.shape[0], : truth.shape[1]]
    paper = 250 - 60 * xs / truth.shape[1]
    paper[(np.hypot(xs - 100, ys - 110) < 60)] *= 0.7  # a wash inside the ring
    separation = separate(as_grey(paper * (1 - coverage) + 20 * coverage))
    assert "uneven" in separation.reason
    # The wash ends under the line: its edge pixels may go either way.
    assert (np.asarray(separation.bitmap) != truth).mean() < 0.002
    ground = np.asarray(separation.gray)[coverage == 0]
    assert np.quantile(ground, 0.02) > 235


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_shadow_from_beside_the_page_is_paper(side: str) -> None:
    """Two fifths of the page darken to two fifths of the light: darker than what Otsu takes for
    ink, as there is little ink.
    """
    coverage, truth = page()
    coverage[:160, 195:] = truth[:160, 195:] = 0  # no solid
    light = np.clip(0.4 + 1.5 * np.linspace(0, 1, 300), 0, 1)[None, :] * np.ones((260, 1))
    turns = {"left": 0, "bottom": 1, "right": 2, "top": 3}[side]
    coverage, truth, light = (np.ascontiguousarray(np.rot90(values, turns)) for values in (coverage, truth, light))
    noise = np.random.default_rng(5).normal(0, 1.0, coverage.shape)
    got = np.asarray(threshold(as_grey((235 - 205 * coverage) * light + noise)))
    assert (got != truth).sum() < 0.05 * truth.sum()


def test_pale_hairlines_come_out_unbroken_and_construction_lines_not_at_all() -> None:
    coverage, truth = page()
    gray = as_grey(250 - 225 * coverage)
    gray[240, 10:290] = 175  # wanted
    gray[250, 10:290] = 225  # not
    ink = np.asarray(threshold(gray))
    assert ink[240, 12:288].all()
    assert not ink[250].any()
    assert np.array_equal(ink[:230], truth[:230])


@pytest.mark.parametrize("phase", range(4))
def test_a_dot_screen_is_removed(phase: int) -> None:
    coverage, truth = page()
    ys, xs = np.indices(truth.shape)
    dots = ((ys + phase) % 4 < 2) & (xs % 4 < 2) & (np.hypot(xs - 100, ys - 110) < 52)
    separation = separate(as_grey(250 - 235 * np.maximum(coverage, dots)))
    assert "screen" in separation.reason
    assert (np.asarray(separation.bitmap) & ~truth).sum() < 0.1 * dots.sum()


@pytest.mark.parametrize("phase", range(3))
def test_dots_that_touch_lines_go_and_the_lines_stay(phase: int) -> None:
    """A whole page under a screen, three lines of three pixels on it."""
    ys, xs = np.indices((300, 1024))
    turned_x, turned_y = (xs + ys + phase) / 2**0.5 % 5.4 - 2.7, (xs - ys) / 2**0.5 % 5.4 - 2.7
    dots = np.clip(1.8 - np.hypot(turned_x, turned_y) + 0.5, 0, 1)
    lines = np.zeros(dots.shape)
    lines[60:63, 30:900] = lines[100:270, 50:53] = 1
    lines[abs(ys - 0.2 * xs - 90) < 1.7] = 1
    separation = separate(as_grey(250 - 232 * np.maximum(dots, lines)))
    assert "screen" in separation.reason
    ink, truth = np.asarray(separation.bitmap), lines > 0.5
    inside = np.zeros(truth.shape, bool)
    inside[12:-12, 12:-12] = True  # a screen has no neighbours beyond the page
    assert (ink & ~truth & inside).sum() < 0.08 * truth.sum()  # with the dots that touch: 0.5
    assert (truth & ~ink).sum() < 0.02 * truth.sum()


@pytest.mark.parametrize("contrast", [12, 20, 29])
def test_a_faint_drawing_is_never_lost(contrast: int) -> None:
    coverage, truth = page()
    coverage[:, 200:] = 0  # no solids: pencil
    truth[:, 200:] = False
    noise = np.random.default_rng(1).normal(0, 1, truth.shape)
    differs = np.asarray(threshold(as_grey(240 - contrast * coverage + noise))) != truth
    assert differs.mean() < 0.01


def test_a_faint_drawing_on_grey_paper_with_a_white_margin_is_not_lost() -> None:
    coverage, truth = page()
    coverage[:, 190:] = 0
    gray = np.full((500, 600), 255, np.uint8)
    gray[100:360, 100:400] = as_grey(238 - 60 * coverage)
    ink = np.zeros_like(gray, bool)
    ink[100:360, 100:400] = truth & (coverage > 0)
    assert (np.asarray(threshold(gray)) != ink).mean() < 0.005


def test_blank_paper_has_no_ink() -> None:
    noise = np.random.default_rng(2).normal(0, 4, (300, 300))
    assert not np.asarray(threshold(as_grey(230 + noise))).any()


def test_arrays_of_bool_and_read_only_bytes_are_taken() -> None:
    flags = np.zeros((20, 70), bool)
    flags[:, 30:] = True
    assert np.array_equal(np.asarray(threshold(flags)), ~flags)
    assert np.asarray(threshold(Gray(70, 20, bytes(1400)), "fixed")).all()


@pytest.mark.parametrize(
    "options", [{"method": "best"}, {"background": "maybe"}, {"level": 257}, {"window_px": 2}, {"k": 3.0}], ids=lambda o: next(iter(o))
)
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsError):
        threshold(np.zeros((4, 4), np.uint8), **options)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ImageShapeError):
        threshold(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ImageShapeError):
        threshold(np.zeros((4, 4)))


@pytest.mark.parametrize(("width", "stays"), [(1000, True), (1500, False)])
def test_on_large_pages_short_pale_strokes_far_from_ink_are_what_shows_through(width: int, stays: bool) -> None:
    page = np.full((160, width), 250, np.uint8)
    page[20:26, 40:400] = 20
    page[29:32, 100:112] = 190  # pale and short, beside ink
    page[100:103, 40:300] = 190  # pale, alone and long
    page[100:103, 600:612] = 190  # pale, alone and short
    ink = np.asarray(separate(page).bitmap)
    assert ink[30, 102:110].all()
    assert ink[101, 45:295].all()
    assert ink[101, 602:610].all() == stays
    assert ink[95:108, 590:620].any() == stays
