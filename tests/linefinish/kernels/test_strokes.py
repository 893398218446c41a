"""Thin pale strokes against a plain reading of the rule, and what must not come in."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from linefinish.data.raster import Bitmap, stride_of
from linefinish.kernels import strokes as kernels
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, strokes
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
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


    for page in pages():
        gray = np.fromfunction(lambda y, x: 255 - (3 * x + 5 * y) % 160, (page.height, page.width)).astype(np.uint8)
        size = page.width, page.height
        yield kernels.rim_depth, (page.words, flat(gray), *size, page.stride, 240, 2)
        yield kernels.broad_rim_depth, (page.words, flat(gray), *size, 120, 240, 2, 3)
        some = Bitmap.from_array(np.asarray(page) & (gray < 180))
        yield kernels.narrow_weak, (flat(gray), *size, some.words, buffers.copied(page.words))
        yield kernels.raise_dots, (flat(gray), *size, 240, 20, 200, some.words)
        yield kernels.remove_bumps, bumps_call(np.asarray(page), gray < 180, 2)


def bumps_call(flags: np.ndarray, first: np.ndarray, depth_px: int) -> tuple[Any, ...]:
    """The arguments for ink of which some was there first; the ink is the last."""
    before, came = Bitmap.from_array(flags & first), Bitmap.from_array(flags & ~first)
    count = len(came.words)
    return (
        came.words, before.words, came.width, came.height, depth_px, buffers.copied(came.words), buffers.zeros(count, "Q"),
        buffers.zeros(3 * (flags.size + 1), "i"), buffers.zeros(4 * (kernels.BUMP_PX_MAX + 2), "Q"), buffers.zeros(2, "q"),
        Bitmap.from_array(flags).words,
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


@given(bitmaps(), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_rim_of_all_ink_is_a_mean_over_some_rows(flags: np.ndarray, every: int, seed: int) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, flags.shape).astype(np.uint8)
    padded = np.pad(flags, 1)
    rim = (padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]) & ~flags
    depths = 240 - gray[::every][rim[::every]].astype(int)
    bitmap = Bitmap.from_array(flags)
    found = kernels.rim_depth(bitmap.words, flat(gray), bitmap.width, bitmap.height, bitmap.stride, 240, every)
    assert found == (depths.mean() if depths.size else 0.0)


@settings(max_examples=60, deadline=None)
@given(bitmaps(24, 70), st.integers(0, 2**32 - 1))
def test_what_is_narrowed_hangs_together_as_before(flags: np.ndarray, seed: int) -> None:
    random = np.random.default_rng(seed)
    gray, first = random.integers(0, 256, flags.shape).astype(np.uint8), random.random(flags.shape) < 0.3
    before, out = Bitmap.from_array(flags & first), Bitmap.from_array(flags)
    gone = kernels.narrow_weak(flat(gray), out.width, out.height, before.words, out.words)
    after = np.asarray(out)
    assert gone == flags.sum() - after.sum()
    assert not (after & ~flags).any() and after[flags & first].all()
    assert ndimage.label(after, NEIGHBOURS)[1] == ndimage.label(flags, NEIGHBOURS)[1]


def test_of_two_rows_that_a_hairline_covers_the_darker_one_stays() -> None:
    gray = np.full((12, 40), 255, np.uint8)
    gray[5, 4:36] = np.linspace(150, 220, 32)
    gray[6, 4:36] = np.linspace(220, 150, 32)
    gray[9:11, 4:36] = 150  # as wide, with a third row beside it
    gray[8, 4:36] = 160
    out = Bitmap.from_array(gray < 255)
    kernels.narrow_weak(flat(gray), 40, 12, Bitmap.blank(40, 12).words, out.words)
    ink = np.asarray(out)
    assert (ink[5:7, 4:36].sum(axis=0) == 1).all()
    assert ink[5, 6] and ink[6, 34]
    assert ink[8:11, 4:36].all()


def test_a_dot_on_a_corner_of_pixels_gets_one_and_a_line_none() -> None:
    gray = np.full((20, 90), 255, np.uint8)
    gray[4:6, 60:62] = 180
    gray[10, 5:80] = 180
    gray[15:17, 62:64] = 30
    ink = gray <= 127
    ink[10, 5:80] = True  # it was joined
    out = Bitmap.from_array(ink)
    assert kernels.raise_dots(flat(gray), 90, 20, 255, 60, 250, out.words) == 1
    assert np.argwhere(np.asarray(out) & ~ink).tolist() == [[4, 60]]
    assert kernels.raise_dots(flat(gray), 90, 20, 255, 60, 301, Bitmap.from_array(ink).words) == 0


@settings(max_examples=60, deadline=None)
@given(bitmaps(24, 150), st.integers(0, 4), st.integers(0, 2**32 - 1))
def test_what_bulges_goes_and_what_reaches_or_bridges_stays(flags: np.ndarray, depth_px: int, seed: int) -> None:
    first = np.random.default_rng(seed).random(flags.shape) < 0.5
    call = bumps_call(flags, first, depth_px)
    before, came = flags & first, flags & ~first
    labels, count = ndimage.label(came, NEIGHBOURS)
    expected = flags.copy()
    bumps = 0
    for part in (labels == number for number in range(1, count + 1)):
        y, x = np.nonzero(part)
        box = np.zeros(flags.shape, bool)
        box[max(y.min() - 1, 0) : y.max() + 2, max(x.min() - 1, 0) : x.min() + 63] = True  # a word of 64 pixels
        near = before & box
        for _ in range(depth_px):
            near = ndimage.binary_dilation(near, NEIGHBOURS)
        touched = ndimage.label(before & ndimage.binary_dilation(part, NEIGHBOURS), NEIGHBOURS)[1]
        if max(np.ptp(y), np.ptp(x)) < kernels.BUMP_PX_MAX and near[part].all() and touched == 1:
            expected[part] = False
            bumps += 1
    assert kernels.remove_bumps(*call) == bumps
    assert np.array_equal(np.asarray(Bitmap(flags.shape[1], flags.shape[0], call[-1])), expected)


@given(bitmaps(24, 150), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_rim_of_broad_strokes_is_a_mean_over_their_sides(flags: np.ndarray, every: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    ink, paper = 20, 240
    gray = np.where(flags, random.choice([ink, 60], flags.shape), random.choice([paper, 225, 200, 130], flags.shape)).astype(np.uint8)
    near, depths = (paper - ink) >> 3, []
    for y in range(0, flags.shape[0], every):
        for x in range(2, flags.shape[1] - 2):
            for step in (1, -1):
                side = flags[y, x - step] and flags[y, x - 2 * step] and not flags[y, x] and not flags[y, x + step]
                if side and gray[y, x + step] >= paper - near and gray[y, x - 2 * step] <= ink + near:
                    depths.append(paper - int(gray[y, x]))
    page = Bitmap.from_array(flags)
    found = kernels.broad_rim_depth(page.words, flat(gray), page.width, page.height, ink, paper, every, 3)
    assert found == (pytest.approx(np.mean(depths)) if len(depths) >= 3 else -1.0)
