"""Pages that were saved with few greys: dithered ones, and those whose rims are left."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from linefinish import Gray, finish, separate
from linefinish.thresholds.fringes import restored
from tests.linefinish.thresholds.pages import page

BLACK_AND_WHITE, THREE, FIVE = (0, 255), (0, 30, 255), (0, 5, 30, 225, 255)


def dithered(gray: np.ndarray, palette: tuple[int, ...]) -> np.ndarray:
    """Floyd and Steinberg 1976."""
    work = np.pad(gray.astype(float), ((0, 1), (1, 1)))
    out = np.empty(gray.shape, np.uint8)
    for y in range(gray.shape[0]):
        for x in range(1, gray.shape[1] + 1):
            chosen = min(palette, key=lambda grey: abs(grey - work[y, x]))
            off = work[y, x] - chosen
            out[y, x - 1] = chosen
            work[y, x + 1] += off * 7 / 16
            work[y + 1, x - 1 : x + 2] += off * np.array([3, 5, 1]) / 16
    return out


def posterised(coverage: np.ndarray, factor: float, seed: int) -> np.ndarray:
    """Cut to black, two pale rims and white, and enlarged by taking the nearest pixel."""
    height, width = coverage.shape
    size = round(width / factor), round(height / factor)
    small = np.asarray(Image.fromarray((255 * (1 - coverage)).astype(np.float32)).resize(size, Image.Resampling.BOX))
    wide = ndimage.gaussian_filter(small, 1.6)
    out = np.where(wide < 225, 196, np.where(wide < 247, 220, 255))
    near = ndimage.binary_dilation(small < 128) & (np.random.default_rng(seed).random(small.shape) < 0.5)
    out[near] = 255
    out[small < 128] = 0
    ys, xs = ((np.arange(large) + 0.5) * few / large for large, few in zip(coverage.shape, small.shape, strict=True))
    return out.astype(np.uint8)[ys.astype(int)][:, xs.astype(int)]


def off_by(ink: np.ndarray, truth: np.ndarray) -> float:
    """Pixels that differ, a pixel of the truth's edge."""
    edge = (truth[1:] != truth[:-1]).sum() + (truth[:, 1:] != truth[:, :-1]).sum()
    return float((ink != truth).sum() / edge)


def nearest(gray: np.ndarray, palette: tuple[int, ...]) -> np.ndarray:
    """Each pixel by the nearest grey, without error diffusion."""
    greys = np.array(palette)
    return greys[abs(gray[..., None] - greys).argmin(-1)].astype(np.uint8)


@settings(max_examples=8, deadline=None)
@given(st.floats(0, 1), st.sampled_from([THREE, FIVE, (0, 20, 240, 255)]), st.sampled_from([nearest, dithered]))
def test_a_palette_without_greys_near_the_level_leaves_edges_as_smooth_as_they_were(blur: float, palette: Any, save: Any) -> None:
    coverage, truth = page()
    gray = 255 - 255 * (ndimage.gaussian_filter(coverage, blur) if blur > 0.3 else coverage)
    found, before = finish(save(gray, palette)), finish(np.clip(np.rint(gray), 0, 255).astype(np.uint8))
    assert "averaged" in found.report.threshold_reason
    assert found.report.parts == before.report.parts
    assert off_by(np.asarray(found.bitmap), truth) < 0.15
    assert found.report.segment_count < 2.5 * before.report.segment_count


@pytest.mark.parametrize("palette", [(0, 127, 255), (0, 100, 160, 255)])
def test_greys_near_the_level_say_where_the_edge_runs(palette: tuple[int, ...]) -> None:
    coverage, _ = page()
    assert restored(Gray.from_array(nearest(255 - 255 * coverage, palette))) is None


def test_a_flat_dark_grey_that_was_drawn_is_no_edge() -> None:
    pixels = np.full((200, 200), 255, np.uint8)
    pixels[20:180, 20:180] = 30
    pixels[60:140, 60:140] = 0
    assert restored(Gray.from_array(pixels)) is None


@settings(max_examples=8, deadline=None)
@given(st.floats(0.8, 1.3), st.sampled_from([BLACK_AND_WHITE, THREE]))
def test_the_fringe_of_a_dithered_edge_is_its_grey(blur: float, palette: tuple[int, ...]) -> None:
    coverage, truth = page()
    gray = dithered(255 - 255 * ndimage.gaussian_filter(coverage, blur), palette)
    found = finish(gray)
    assert "dithering averaged" in found.report.threshold_reason
    assert found.report.parts == ndimage.label(truth, np.ones((3, 3)))[1]
    assert off_by(np.asarray(found.bitmap), truth) < 0.6 * off_by(gray < 128, truth)


def test_five_greys_leave_few_single_pixels_and_no_rims() -> None:
    coverage, truth = page()
    gray = dithered(255 - 255 * ndimage.gaussian_filter(coverage, 1.2), FIVE)
    found = finish(gray)
    assert "rims" not in found.report.threshold_reason
    assert off_by(np.asarray(found.bitmap), truth) <= off_by(gray < 128, truth)


@settings(max_examples=8, deadline=None)
@given(st.floats(1.3, 2.2), st.integers(0, 99))
def test_rims_of_few_greys_are_no_strokes(factor: float, seed: int) -> None:
    coverage, truth = page()
    gray = posterised(coverage, factor, seed)
    found = finish(gray)
    assert "pale rims left out" in found.report.threshold_reason
    assert found.report.parts == ndimage.label(gray < 128, np.ones((3, 3)))[1]
    assert off_by(np.asarray(found.bitmap), truth) <= off_by(gray < 128, truth)


@pytest.mark.parametrize("cut", [2, 4, 8])
def test_a_page_of_few_greys_that_is_what_was_drawn_stays(cut: int) -> None:
    """Black and white, and edges in four or eight even steps."""
    coverage, _ = page()
    gray = (np.rint((1 - coverage) * (cut - 1)) * (255 / (cut - 1))).astype(np.uint8)
    assert restored(Gray.from_array(gray)) is None
    separation = separate(gray)
    assert np.array_equal(np.asarray(separation.gray), gray)


def test_pixel_art_and_pale_strokes_are_no_rims() -> None:
    squares = np.kron((np.indices((40, 40)).sum(0) % 3 == 0), np.ones((5, 5))) > 0
    assert restored(Gray.from_array(np.where(squares, 0, 255).astype(np.uint8))) is None
    pale = np.full((200, 200), 255, np.uint8)
    pale[20:24, 20:180], pale[100:102, 20:180] = 0, 190
    assert restored(Gray.from_array(pale)) is None
