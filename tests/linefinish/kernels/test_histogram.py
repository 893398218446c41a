"""Histograms against numpy's."""
from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels import histogram
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, ramp, strokes
from tests.oracles import thresholds as oracle


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for gray in (ramp(9, 31), strokes(40, 70, 1), np.full((3, 5), 255, np.uint8)):
        height, width = gray.shape
        yield histogram.count_levels, (flat(gray), gray.size, buffers.zeros(1024, "i"))
        for rest in (0, 1):
            yield histogram.count_dark, (flat(gray), gray.size, 100, rest, *scratch(), buffers.zeros(1024, "i"))
        yield histogram.sum_levels, (flat(gray), gray.size, 1)
        yield histogram.sum_levels, (flat(gray), gray.size, 3)
        bins = memoryview(np.bincount(gray.ravel(), minlength=1024).astype(np.int32))
        yield histogram.otsu_level, (bins, 255, gray.size, int(gray.sum()))
        yield histogram.otsu_level, (bins, 150, gray.size, int(gray.sum()))
        yield histogram.count_plateaus, (flat(gray), width, height, 200, 16, buffers.zeros(256, "q"))


def scratch() -> tuple[Any, Any]:
    return buffers.zeros(256, "Q"), buffers.zeros(histogram.DARK_PLACES, "B")


@given(grays())
def test_levels_are_counted_as_bincount_does(gray: np.ndarray) -> None:
    bins = buffers.zeros(1024, "i")
    histogram.count_levels(flat(gray), gray.size, bins)
    assert bins[:256].tolist() == np.bincount(gray.ravel(), minlength=256).tolist()


@given(grays(), st.integers(0, 255))
def test_dark_greys_are_counted_and_all_are_summed(gray: np.ndarray, cut: int) -> None:
    bins = buffers.zeros(1024, "i")
    total = histogram.count_dark(flat(gray), gray.size, cut, 0, *scratch(), bins)
    counted = np.bincount(gray.ravel(), minlength=256).tolist()
    assert bins[: cut + 1].tolist() == counted[: cut + 1]
    assert total == int(gray.sum()) == histogram.sum_levels(flat(gray), gray.size, 1)
    # The rest is what was left out: both together are the histogram.
    histogram.count_dark(flat(gray), gray.size, cut, 1, *scratch(), bins)
    assert bins[:256].tolist() == counted


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 256), st.integers(0, 255))
def test_otsus_level_from_the_dark_greys_is_that_from_all(seed: int, kinds: int, cut: int) -> None:
    random = np.random.default_rng(seed)
    bins = np.zeros(256, np.int32)
    bins[random.integers(0, 256, kinds)] = random.integers(1, 400, kinds)
    count, total = int(bins.sum()), int((bins * np.arange(256)).sum())
    level = histogram.otsu_level(memoryview(bins), 255, count, total)
    between = [oracle.variance_between(bins.tolist(), gray) for gray in range(256)]
    assert between[level] >= max(between) * (1 - Fraction(1, 10**12))
    # Or it says that the dark ones do not settle it.
    assert histogram.otsu_level(memoryview(bins), cut, count, total) in (level, -1)


def test_the_dark_greys_of_a_page_of_strokes_settle_otsus_level() -> None:
    gray = strokes(200, 300, 1)
    bins = memoryview(np.bincount(gray.ravel(), minlength=256).astype(np.int32))
    level = histogram.otsu_level(bins, 255, gray.size, int(gray.sum()))
    assert histogram.otsu_level(bins, int(gray.mean()) + 3, gray.size, int(gray.sum())) == level


@given(grays(), st.integers(0, 255), st.integers(0, 60))
def test_plateaus_are_pixels_like_their_four_neighbours(gray: np.ndarray, level: int, tolerance: int) -> None:
    height, width = gray.shape
    bins = buffers.zeros(256, "q")
    histogram.count_plateaus(flat(gray), width, height, level, tolerance, bins)
    expected = [0] * 256
    values = gray.astype(int)
    for y in range(1, height - 1, 4):
        for x in range(1, width - 1):
            around = [values[y, x - 1], values[y, x + 1], values[y - 1, x], values[y + 1, x]]
            if values[y, x] <= level and all(abs(value - values[y, x]) <= tolerance for value in around):
                expected[values[y, x]] += 1
    assert bins.tolist() == expected
