"""Thin pale strokes against a plain reading of the rule, and what must not come in."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import buffers
from linefinish.kernels import strokes as kernels
from linefinish.raster import Bitmap, stride_of
from tests.linefinish.kernels.greys import flat, greys, strokes
from tests.oracles import thresholds as oracle


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for width in (31, 64, 90):
        gray = strokes(40, width, width)
        for reach in (2, 8):
            stride = stride_of(width)
            yield kernels.join_faint, (flat(gray), width, 40, 210, 80, 30, reach, stride, buffers.zeros(stride * 40, "Q"))


def joined(gray: np.ndarray, level: int, faint_level: int, core_min: int, depth: int, reach: int) -> tuple[np.ndarray, int]:
    bitmap = Bitmap.from_array(gray <= level)
    arguments = (faint_level, core_min, depth, reach, bitmap.stride, bitmap.words)
    count = kernels.join_faint(flat(gray), bitmap.width, bitmap.height, *arguments)
    return np.asarray(bitmap), count


@settings(max_examples=60)
@given(greys(24), st.integers(0, 255), st.integers(0, 255), st.integers(0, 200), st.integers(1, 90), st.sampled_from([2, 4, 8]))
def test_what_joins_is_what_lies_in_a_valley(
    gray: np.ndarray, level: int, faint_level: int, core_min: int, depth: int, reach: int
) -> None:
    ink, count = joined(gray, level, faint_level, core_min, depth, reach)
    valley = oracle.valleys(gray, faint_level, core_min, depth, reach)
    assert np.array_equal(ink, (gray <= level) | valley)
    assert count == (valley & (gray > level)).sum()


def test_a_pale_hairline_joins_and_a_shadow_and_a_speck_do_not() -> None:
    gray = np.full((40, 80), 250, np.uint8)
    gray[20, 5:75] = 170  # a hairline
    gray[:10] = 180  # a shadow with a hard edge
    gray[30, 30] = 100  # a speck
    ink, _ = joined(gray, 60, 205, 60, 45, 4)
    assert ink[20, 6:74].all()
    ink[20] = False
    assert not ink.any()


def test_soft_edges_and_ends_of_broad_strokes_do_not_grow() -> None:
    gray = np.full((30, 80), 250, np.uint8)
    gray[10:20, 10:70] = 20
    gray[9, 9:71] = gray[20, 9:71] = 170
    gray[9:21, 9] = gray[9:21, 70] = 170
    ink, count = joined(gray, 135, 205, 90, 45, 4)
    assert count == 0
    assert ink.sum() == 600
