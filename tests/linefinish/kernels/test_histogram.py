"""Histograms against numpy's."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish import buffers
from linefinish.kernels import histogram
from tests.linefinish.kernels.greys import flat, greys, ramp, strokes


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for gray in (ramp(9, 31), strokes(40, 70, 1), np.full((3, 5), 255, np.uint8)):
        height, width = gray.shape
        yield histogram.count_levels, (flat(gray), gray.size, buffers.zeros(1024, "q"))
        yield histogram.count_plateaus, (flat(gray), width, height, 200, 16, buffers.zeros(256, "q"))


@given(greys())
def test_levels_are_counted_as_bincount_does(gray: np.ndarray) -> None:
    bins = buffers.zeros(1024, "q")
    histogram.count_levels(flat(gray), gray.size, bins)
    assert bins[:256].tolist() == np.bincount(gray.ravel(), minlength=256).tolist()


@given(greys(), st.integers(0, 255), st.integers(0, 60))
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
