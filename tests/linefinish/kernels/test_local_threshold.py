"""Local thresholds against the papers' formulas, pixel by pixel."""
from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap, stride_of
from linefinish.kernels import local_threshold
from linefinish.memory import buffers
from linefinish.thresholds.separating import separate
from tests.linefinish.kernels.grays import flat, grays, ramp, strokes
from tests.oracles import thresholds as oracle

# Greys by which a pixel may lie off the oracle's level and be judged either way: rounding of the
# sums' quotients.
LEVEL_ERROR_MAX = 1e-6


# Sauvola, NICK, Wolf and Bradley, as (A, B, C, D, E).
FORMS = ((0.66, 0.0, 0.34 / 128, 0.0, 1.0), (1.0, 0.0, 0.0, -0.2, -1.0), (0.5, 2.0, 0.01, -0.04, 1.0), (0.85, 0.0, 0.0, 0.0, 1.0))


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for gray in (ramp(20, 33), strokes(40, 70, 1), np.full((3, 5), 255, np.uint8), np.zeros((1, 1), np.uint8)):
        height, width = gray.shape
        for radius in (1, 7, 60):
            sizes = local_threshold.scratch_sizes(width, radius)
            yield local_threshold.deviation_max, (flat(gray), width, height, radius, *(buffers.zeros(*size) for size in sizes))
            for form in FORMS:
                words = buffers.zeros(stride_of(width) * height, "Q")
                grid = buffers.zeros(-(-width // 16) * -(-height // 16), "B")
                scratch = (buffers.zeros(*size) for size in sizes)
                yield local_threshold.pack_local, (flat(gray), width, height, radius, buffers.numbers("d", *form), *scratch, words, grid)


@settings(max_examples=60)
@given(
    grays(20), st.sampled_from(["sauvola", "wolf", "nick", "bradley"]), st.sampled_from([3, 5, 9, 31, 101]), st.floats(-0.9, 0.9)
)
def test_ink_is_at_or_below_the_papers_level(gray: np.ndarray, method: str, window: int, k: float) -> None:
    ink = np.asarray(separate(gray, method, window_px=window, k=k).bitmap)
    spread = oracle.deviation_max(gray, window) if method == "wolf" else 1.0
    for y, x in np.ndindex(gray.shape):
        if gray[y, x] in (0, 255):
            assert ink[y, x] == (gray[y, x] == 0)
            continue
        # Wolf divides by the page's largest deviation; where that is rounding dust there is nothing
        # to compare.
        if spread < 1e-3:
            continue
        level = oracle.local_level(gray, x, y, method, window, k) if method != "wolf" else wolf(gray, x, y, window, k, spread)
        # sqrt takes the rounding of a variance near 0 to a thousandth of a grey.
        if abs(gray[y, x] - level) > max(LEVEL_ERROR_MAX, 1e-3 * (abs(k) if method != "bradley" else 0)):
            assert ink[y, x] == (gray[y, x] <= level)


def wolf(gray: np.ndarray, x: int, y: int, window: int, k: float, largest: float) -> float:
    radius = window // 2
    patch = gray[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1].astype(float)
    darkest = float(gray.min())
    return float((1 - k) * patch.mean() + k * darkest + k * patch.std() / largest * (patch.mean() - darkest))


@pytest.mark.parametrize("method", ["sauvola", "wolf", "nick", "bradley"])
def test_levels_on_the_grid_are_those_of_the_middle_pixels(method: str) -> None:
    gray = strokes(50, 75, 3)
    separation = separate(gray, method, window_px=15)
    k = {"sauvola": 0.34, "wolf": 0.5, "nick": -0.2, "bradley": 0.15}[method]
    assert (separation.levels.columns, separation.levels.rows) == (5, 4)
    for row in range(4):
        for column in range(5):
            x, y = min(16 * column + 8, 74), min(16 * row + 8, 49)
            expected = min(max(oracle.local_level(gray, x, y, method, 15, k), 0), 254)
            assert abs(separation.levels.data[5 * row + column] - expected) <= 1


@pytest.mark.parametrize("form", [*FORMS, (1.0, 0.0, 0.0, 0.0, 1.0), (-1.0, 0.0, 3.0 / 128, 0.0, 1.0)])
@pytest.mark.parametrize(("height", "width", "radius"), [(90, 700, 25), (70, 1100, 1), (40, 513, 100), (3, 1030, 60), (64, 512, 7)])
def test_f32_and_eight_stretches_change_no_pixel(height: int, width: int, radius: int, form: tuple[float, ...]) -> None:
    """Whatever is decided eight at a time in f32, it is what f64 says, to its last bit."""
    gray = strokes(height, width, width)
    gray[: height // 2, width // 2 :] //= 3
    gray[-9:, 40:400] = np.random.default_rng(1).integers(0, 256, (min(9, height), 360))
    words, grid = buffers.zeros(stride_of(width) * height, "Q"), buffers.zeros(-(-width // 16) * -(-height // 16), "B")
    scratch = [buffers.zeros(*size) for size in local_threshold.scratch_sizes(width, radius)]
    local_threshold.pack_local(flat(gray), width, height, radius, buffers.numbers("d", *form), *scratch, words, grid)
    assert np.array_equal(np.asarray(Bitmap(width, height, words)), oracle.local_ink(gray, radius, *form))
    scratch = [buffers.zeros(*size) for size in local_threshold.scratch_sizes(width, radius)]
    deviation = local_threshold.deviation_max(flat(gray), width, height, radius, *scratch)
    assert deviation == math.sqrt(oracle.mean_and_variance(gray, radius, 1.0)[1].max())


@pytest.mark.parametrize("fill", [0, 127, 128, 255])
def test_sums_of_the_largest_window_fit_their_lanes(fill: int) -> None:
    side, radius = local_threshold.WINDOW_PX_MAX + 20, local_threshold.WINDOW_PX_MAX // 2
    gray = np.full((side, side), fill, np.uint8)
    gray[side // 2 :, ::97] = 255 - fill
    for form in FORMS[:3]:
        words, grid = buffers.zeros(stride_of(side) * side, "Q"), buffers.zeros((-(-side // 16)) ** 2, "B")
        scratch = [buffers.zeros(*size) for size in local_threshold.scratch_sizes(side, radius)]
        local_threshold.pack_local(flat(gray), side, side, radius, buffers.numbers("d", *form), *scratch, words, grid)
        assert np.array_equal(np.asarray(Bitmap(side, side, words)), oracle.local_ink(gray, radius, *form))


def test_sums_of_the_largest_window_of_means_fit_their_lanes() -> None:
    white = np.full((730, 730), 255, np.uint8)
    white[365, 365] = 254
    assert np.asarray(separate(white, "bradley", window_px=725, k=-0.5).bitmap).sum() == 1
