"""Crossings are found, each where it is, and what only comes near is left alone."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Curves, compose
from linefinish.kernels import crossings
from linefinish.kernels import curves as curves_kernel
from linefinish.memory import buffers
from linefinish.outlines.fitting import mark_crossings
from linefinish.outlines.tracing import Follower
from tests.linefinish.drawings import circle, curves, polygon
from tests.oracles.crossings import faults


def marks_of(drawing: Curves) -> list[int]:
    marks = buffers.zeros(drawing.segment_count, "B")
    found = mark_crossings(drawing, buffers.zeros(drawing.segment_count, "q"), marks)
    assert (found > 0) == any(marks)
    return list(marks)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: two circles that cross, a needle, and a star that crosses itself."""
    drawing = curves(
        60, 50, [circle(20, 20, 12), circle(34, 20, 12), polygon((2, 45), (50, 45), (2, 45.5)), polygon((5, 5), (50, 40), (50, 6), (6, 40))]
    )
    n = drawing.segment_count
    fresh = buffers.numbers("q", *(curves_kernel.NEAR + curves_kernel.ANEW * (k % 3 == 0) for k in range(n)))
    words = buffers.zeros(13 * 2, "Q")
    words[:] = memoryview(np.random.default_rng(2).integers(0, 2**63, 26).astype("u8").tobytes()).cast("Q")
    fine = buffers.zeros(crossings.FINE, "d")
    for top, rows, pieces, fresh_only, narrow_rows in ((0, 14, 900, 0, 0), (2, 5, 900, 0, 13), (0, 14, 7, 0, 0), (0, 14, 900, 1, 13)):
        view = buffers.numbers("q", fresh_only, 2, narrow_rows, 0, len(drawing), 64, top, rows, pieces, 3 * pieces, n)
        links, marks, places = buffers.zeros(n + 2 * len(drawing), "i"), bytearray(n), buffers.copied(fresh)
        curve = drawing.segments, drawing.kinds, drawing.offsets
        yield crossings.link_segments, (
            *curve, buffers.copied(view), words, buffers.copied(places), fine, buffers.copied(links), bytearray(n)
        )
        crossings.link_segments(*curve, view, words, places, fine, links, marks)
        yield crossings.mark_crossings, (
            *curve, view, words, places, links,
            buffers.zeros(64 + crossings.BLOCKS, "i"), buffers.zeros(6 * pieces, "i"), buffers.zeros(crossings.PIECE * pieces, "i"),
            buffers.zeros(crossings.CHORD * pieces + crossings.FINE, "d"), marks,
        )  # fmt: skip
    follower = Follower(np.random.default_rng(3).random((30, 150)) < 0.4, None, None, "minority")
    stride = follower._stride
    for is_wide in (0, 1):
        scratch = buffers.zeros(3 * (stride + 2), "Q")
        yield crossings.find_narrows, (follower._padded, stride, 30, is_wide, scratch, buffers.zeros(8 * 3, "Q"), 3)


@pytest.mark.parametrize("gap", [0.2, 0.05])
def test_what_lies_side_by_side_is_left_alone(gap: float) -> None:
    hairline = polygon((5, 10), (70, 10), (70, 10 + gap), (5, 10 + gap))
    rings = [circle(40, 40, 20), circle(40, 40, 20 - gap - 0.06)]
    assert not any(marks_of(curves(90, 70, [hairline, *rings])))


def test_circles_that_cross_are_marked_where_they_do() -> None:
    marks = marks_of(curves(60, 50, [circle(20, 20, 12), circle(34, 20, 12)]))
    assert sum(mark > 0 for mark in marks) == 4
    assert all(mark.bit_count() <= 3 for mark in marks)


def test_a_loop_is_marked() -> None:
    drawing = Curves(
        40, 40, memoryview(np.array([(40, 0, -30, 0, 10, 0), (10, 0, 5, 30, 5, 30), (5, 30, 0, 0, 0, 0)], "f8").reshape(-1)),
        memoryview(bytes([1, 0, 0])), memoryview(np.array([0, 3], "i8")),
    )  # fmt: skip
    assert marks_of(drawing)[0] > 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_what_geos_calls_crossing_is_marked(seed: int) -> None:
    """Random closed chains of cubics: no mark, no fault."""
    draw = np.random.default_rng(seed)
    count = int(draw.integers(2, 6))
    angles = np.arange(count) * 2 * np.pi / count
    ends = 20 + np.stack([np.cos(angles), np.sin(angles)], 1) * draw.uniform(4, 14, (count, 1))
    starts = np.roll(ends, 1, axis=0)
    wide = draw.uniform(0, 8)
    segments = np.stack([starts + draw.normal(0, wide, (count, 2)), ends + draw.normal(0, wide, (count, 2)), ends], 1)
    drawing = Curves(
        40, 40, memoryview(np.ascontiguousarray(segments, "f8").reshape(-1)), memoryview(bytes([1] * count)),
        memoryview(np.array([0, count], "i8")),
    )  # fmt: skip
    if not any(marks_of(drawing)):
        assert faults(compose(drawing)) == []


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_only_what_was_fitted_anew_is_asked(seed: int) -> None:
    """Circles all over a page: those pairs are marked of which one is new."""
    draw = np.random.default_rng(seed)
    count = 12
    centres, radii = draw.uniform(8, 72, (count, 2)), draw.uniform(2, 8, count)
    drawing = curves(80, 80, [circle(x, y, r) for (x, y), r in zip(centres, radii, strict=True)])
    per_circle = drawing.segment_count // count
    new = draw.integers(0, 2, count)
    is_new = (int(new[k // per_circle]) for k in range(drawing.segment_count))
    places = buffers.numbers("q", *(curves_kernel.NEAR + curves_kernel.ANEW * one for one in is_new))
    some, each = buffers.zeros(drawing.segment_count, "B"), buffers.zeros(drawing.segment_count, "B")
    mark_crossings(drawing, places, some, fresh_only=True)
    mark_crossings(drawing, buffers.zeros(drawing.segment_count, "q"), each)
    gaps = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    cross = (gaps < radii[:, None] + radii + 0.1) & (gaps > abs(radii[:, None] - radii) - 0.1) & ~np.eye(count, dtype=bool)
    concerned = (cross & (new[:, None] | new).astype(bool)).any(axis=1)
    for i in range(count):
        mine = slice(per_circle * i, per_circle * (i + 1))
        assert all(a & ~b == 0 for a, b in zip(some[mine], each[mine], strict=True))
        if not concerned[i]:
            assert not any(some[mine])
        elif any(each[mine]) and not (cross[i] & ~(new[i] | new).astype(bool)).any():
            assert bytes(some[mine]) == bytes(each[mine])
