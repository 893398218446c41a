"""Thin pale strokes against a plain reading of the rule, and what must not come in."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from linefinish.data.raster import Bitmap, stride_of
from linefinish.kernels import strokes as kernels
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, strokes
from tests.oracles import thresholds as oracle

NEIGHBOURS = np.ones((3, 3), bool)


def words(height: int, width: int) -> memoryview:
    return buffers.zeros(height * stride_of(width), "Q")


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for width in (31, 64, 90):
        gray = strokes(40, width, width)
        stride = stride_of(width)
        for reach in (2, 8):
            yield kernels.find_weak, (
                flat(gray), width, 40, buffers.numbers("q", 210, 80, 30, 40, 50, reach), words(40, width), words(40, width),
                words(40, width),
            )  # fmt: skip
        weak, strong = Bitmap.from_array(gray < 200), Bitmap.from_array(gray < 90)
        for stack_max in (3, 2000):
            yield kernels.join_weak, (
                weak.words, strong.words, width, 40, stride, buffers.zeros(stack_max, "q"), stack_max, words(40, width)
            )  # fmt: skip


def found(
    gray: np.ndarray, level: int, weak_level: int, core_min: int, depths: tuple[int, int, int], reach: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Weak pixels, those strong, and how many weak ones the kernel says there are."""
    ink = Bitmap.from_array(gray <= level)
    weak, strong = Bitmap.blank(ink.width, ink.height), Bitmap.blank(ink.width, ink.height)
    limits = buffers.numbers("q", weak_level, core_min, *depths, reach)
    count = kernels.find_weak(flat(gray), ink.width, ink.height, limits, ink.words, weak.words, strong.words)
    return np.asarray(weak), np.asarray(strong), count


def joined(gray: np.ndarray, level: int, weak_level: int, core_min: int, depths: tuple[int, int, int], reach: int) -> np.ndarray:
    """The ink with what joins it."""
    weak, strong, count = found(gray, level, weak_level, core_min, depths, reach)
    out = Bitmap.from_array(gray <= level)
    added = kernels.join_weak(
        Bitmap.from_array(weak).words, Bitmap.from_array(strong).words, out.width, out.height, out.stride,
        buffers.zeros(count + 1, "q"), count + 1, out.words,
    )  # fmt: skip
    assert added == np.asarray(out).sum() - (gray <= level).sum()
    return np.asarray(out)


@settings(max_examples=60)
@given(grays(24), st.integers(0, 255), st.integers(0, 255), st.integers(0, 200), st.integers(1, 90), st.sampled_from([2, 4, 8]))
def test_what_is_weak_lies_in_a_valley(gray: np.ndarray, level: int, weak_level: int, core_min: int, depth: int, reach: int) -> None:
    weak, strong, count = found(gray, level, weak_level, core_min, (depth, depth + 10, depth + 20), reach)
    paper = gray > level
    assert np.array_equal(weak, oracle.valleys(gray, weak_level, core_min, depth, reach) & paper)
    deep = oracle.valleys(gray, weak_level, core_min, depth + 20, reach) | oracle.valleys(gray, weak_level, core_min, depth + 10, 2)
    assert np.array_equal(strong, weak & (deep | ndimage.binary_dilation(~paper, NEIGHBOURS)))
    assert count == weak.sum()


@given(grays(40), st.integers(1, 200), st.integers(0, 200), st.sampled_from([1, 2, 5, 1600]))
def test_what_hangs_together_with_something_strong_joins(gray: np.ndarray, weak_at: int, strong_at: int, stack_max: int) -> None:
    weak = gray <= weak_at
    strong = gray <= min(strong_at, weak_at)
    out = Bitmap.blank(gray.shape[1], gray.shape[0])
    count = kernels.join_weak(
        Bitmap.from_array(weak).words, Bitmap.from_array(strong).words, out.width, out.height, out.stride,
        buffers.zeros(stack_max, "q"), stack_max, out.words,
    )  # fmt: skip
    expected = ndimage.binary_propagation(strong, NEIGHBOURS, mask=weak)
    assert np.array_equal(np.asarray(out), expected)
    assert count == expected.sum()


def test_a_pale_hairline_joins_and_a_shadow_and_a_speck_do_not() -> None:
    gray = np.full((40, 80), 250, np.uint8)
    gray[20, 5:75] = 170  # a hairline
    gray[:10] = 180  # a shadow with a hard edge
    gray[30, 30] = 100  # a speck
    ink = joined(gray, 60, 205, 60, (45, 60, 60), 4)
    assert ink[20, 6:74].all()
    ink[20] = False
    assert not ink.any()


def test_a_stroke_is_whole_or_left_out() -> None:
    """Shallow all along it is left out; deep in one place it is whole; beside ink as well."""
    gray = np.full((40, 80), 250, np.uint8)
    gray[5, 5:75] = gray[15, 5:75] = gray[25, 5:75] = 200
    gray[15, 30:36] = 170
    gray[20:31, 75:78] = 30
    ink = joined(gray, 60, 205, 60, (45, 70, 70), 4)
    assert not ink[5].any()
    assert ink[15, 6:74].all()
    assert ink[25, 6:78].all()


def test_a_narrow_stroke_needs_less_depth_than_a_broad_one() -> None:
    gray = np.full((40, 80), 250, np.uint8)
    gray[8, 5:75] = gray[25:30] = 195
    ink = joined(gray, 60, 205, 60, (45, 50, 70), 4)
    assert ink[8, 6:74].all()
    assert not ink[20:].any()


def test_the_lines_of_a_hatching_one_pixel_apart_stay_apart_and_whole() -> None:
    gray = np.full((30, 60), 230, np.uint8)
    gray[4:26:2, 4:56] = 160
    ink = joined(gray, 100, 200, 60, (40, 50, 50), 4)
    assert ink[4:26:2, 5:55].all()
    assert not ink[5:25:2].any()


def test_a_bent_hairline_is_whole() -> None:
    gray = np.full((40, 40), 250, np.uint8)
    angle = np.linspace(0, 2 * np.pi, 400)
    gray[np.rint(20 + 3 * np.sin(angle)).astype(int), np.rint(20 + 3 * np.cos(angle)).astype(int)] = 160
    ink = joined(gray, 60, 205, 60, (45, 60, 60), 4)
    assert np.array_equal(ink, gray == 160)


def test_soft_edges_and_ends_of_broad_strokes_do_not_grow() -> None:
    gray = np.full((30, 80), 250, np.uint8)
    gray[10:20, 10:70] = 20
    gray[9, 9:71] = gray[20, 9:71] = 170
    gray[9:21, 9] = gray[9:21, 70] = 170
    ink = joined(gray, 135, 205, 90, (45, 60, 60), 4)
    assert ink.sum() == 600
