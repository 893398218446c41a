"""Points through a matrix, and chains the other way round."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels import affine
from tests.linefinish.drawings import curves, drawings, flower


@settings(max_examples=50, deadline=None)
@given(drawings(), st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_points_move_as_the_matrix_says(drawing: Any, six: list[float]) -> None:
    count = 3 * drawing.segment_count
    out = array("d", bytes(16 * count))
    assert affine.move(drawing.segments, count, array("d", six), out) == count
    a, b, c, d, e, f = six
    points = drawing.segments_array().reshape(-1, 2)
    assert np.allclose(np.array(out).reshape(-1, 2), points @ np.array([[a, b], [c, d]]) + (e, f), atol=1e-9)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e308])
def test_what_is_no_number_or_becomes_none_is_told(value: float) -> None:
    assert affine.move(array("d", [1.0, value]), 1, array("d", [2.0, 0, 0, 2.0, 0, 0]), array("d", bytes(16))) == affine.NOT_FINITE


def turned(drawing: Any, which: bytes) -> Any:
    segments, kinds = array("d", bytes(48 * drawing.segment_count)), array("B", bytes(drawing.segment_count))
    count = affine.turn_round(drawing.segments, drawing.kinds, drawing.offsets, len(drawing), which, segments, kinds)
    assert count == sum(which)
    return type(drawing)(drawing.width, drawing.height, memoryview(segments), memoryview(kinds), drawing.offsets)


@settings(max_examples=50, deadline=None)
@given(drawings(), st.lists(st.booleans(), min_size=4, max_size=4))
def test_chains_run_the_other_way_and_twice_is_the_way_they_were(drawing: Any, flags: list[bool]) -> None:
    which = bytes(flags[: len(drawing)])
    once = turned(drawing, which)
    for own, was, turn in zip(once.outlines(), drawing.outlines(), which, strict=True):
        assert own.area == pytest.approx(-was.area if turn else was.area, abs=1e-9)
        assert own.bounds == pytest.approx(was.bounds)
    assert bytes(turned(once, which).segments) == bytes(drawing.segments)


def test_a_chain_keeps_its_start() -> None:
    drawing = curves(9, 9, [[(1, (0, 4), (4, 4), (4, 0)), (0, (4, 0), (0, 0), (0, 0))]])
    other = turned(drawing, b"\1")
    assert other.segments_array().tolist() == [[[0, 0], [4, 0], [4, 0]], [[4, 4], [0, 4], [0, 0]]]
    assert bytes(other.kinds) == b"\0\1"


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    drawing = flower()
    count = drawing.segment_count
    yield affine.move, (drawing.segments, 3 * count, array("d", [0.7, -0.1, 0.3, 1.3, 2.5, -7.25]), array("d", bytes(48 * count)))
    which = bytes(k & 1 for k in range(len(drawing)))
    out = array("d", bytes(48 * count)), array("B", bytes(count))
    yield affine.turn_round, (drawing.segments, drawing.kinds, drawing.offsets, len(drawing), which, *out)
