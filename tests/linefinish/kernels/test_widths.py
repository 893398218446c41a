"""Stroke widths by runs: what is counted, and quantiles of the histogram. Widths themselves:
tests/linefinish/test_measuring.py.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import widths
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages

BINS, BINS_PER_PX = 64, 4


def arguments(page: Bitmap, step: int) -> tuple[Any, ...]:
    """What stroke_widths takes, with an empty histogram."""
    histogram, begun = buffers.zeros(BINS, "d"), buffers.zeros(64 * page.stride, "i")
    return (page.words, page.width, page.height, page.stride, step, histogram, BINS, BINS_PER_PX, begun)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Fine and coarse sampling, and quantiles of a few histograms."""
    for page in pages():
        for step in (1, 4):
            yield widths.stroke_widths, arguments(page, step)
    for values in ([0.0] * 5, [1.0, 0.0, 3.5], [0.1] * 9):
        histogram = buffers.zeros(len(values), "d")
        histogram[:] = memoryview(np.array(values))
        for share in (0.0, 0.05, 0.5, 1.0):
            yield widths.quantile, (histogram, len(values), share)


@given(st.integers(1, 9), st.integers(40, 150), st.sampled_from([1, 2, 8]))
def test_a_level_bar_weighs_its_length_at_its_width(thick: int, length: int, step: int) -> None:
    flags = np.zeros((40, 200), bool)
    flags[15 : 15 + thick, 20 : 20 + length] = True
    for page in (Bitmap.from_array(flags), Bitmap.from_array(flags.T.copy())):
        passed = arguments(page, step)
        samples = widths.stroke_widths(*passed)
        histogram = np.array(passed[5])
        assert np.isclose(histogram[thick * BINS_PER_PX - 1 : thick * BINS_PER_PX + 1].sum(), histogram.sum())
        assert abs(histogram.sum() * step - length) < 2 * step + 4 * thick
        assert samples > 0


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(0, 1))
def test_the_share_lies_below_the_quantile(weights: list[float], share: float) -> None:
    histogram = buffers.zeros(len(weights), "d")
    histogram[:] = memoryview(np.array(weights))
    found = widths.quantile(histogram, len(weights), share)
    if sum(weights) == 0:
        assert found == -1
        return
    edges = np.arange(len(weights) + 1) - 0.5
    below = np.interp(found, edges, np.concatenate([[0], np.cumsum(weights)]))
    assert np.isclose(below, share * sum(weights), atol=1e-9 * sum(weights) + 1e-300)
