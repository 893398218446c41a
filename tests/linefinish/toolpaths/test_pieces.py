"""Strokes taken apart, turned, split and put together."""
from __future__ import annotations

import math

import pytest

from linefinish.data.geometry import CUBIC, LINE
from linefinish.toolpaths.pieces import at, nearest, pieces_of, split, strokes_of
from tests.linefinish.drawings import doodle

BEND = [5.0, 20.0, 20.0, 30.0, 30.0, 10.0, 50.0, 20.0]


def test_apart_and_together_is_the_same() -> None:
    strokes = doodle()
    again = strokes_of(pieces_of(strokes), strokes, strokes.fills)
    for name in ("segments", "kinds", "offsets", "widths", "closed"):
        assert getattr(again, name) == getattr(strokes, name), name


def test_turned_twice_is_the_way_it_was() -> None:
    for piece in pieces_of(doodle()):
        turned = piece.turned()
        assert (turned.start, turned.end) == (piece.end, piece.start)
        assert (turned.turned().segments, turned.turned().widths) == (piece.segments, piece.widths)


def test_a_loop_begins_at_another_joint() -> None:
    ring = pieces_of(doodle())[2]
    ring.widths = [1.0, 2.0, 3.0, 1.0]
    begun = ring.begun_at(1)
    assert (begun.start, begun.end, begun.widths) == ((70.0, 30.0), (70.0, 30.0), [2.0, 3.0, 1.0, 2.0])


@pytest.mark.parametrize("kind", [LINE, CUBIC])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_both_parts_of_a_segment_lie_on_it(kind: int, share: float) -> None:
    first, second = split(BEND, kind, share)
    assert first[6:] == second[:2] and tuple(second[:2]) == pytest.approx(at(BEND, kind, share))
    assert at(first, kind, 0.5) == pytest.approx(at(BEND, kind, share / 2))
    assert at(second, kind, 0.5) == pytest.approx(at(BEND, kind, share + (1 - share) / 2))


def test_the_nearest_place_is_found() -> None:
    x, y = at(BEND, CUBIC, 0.37)
    share, far = nearest(BEND, CUBIC, x, y)
    assert (share, far) == pytest.approx((0.37, 0.0), abs=1e-4)
    assert nearest(BEND, LINE, 5.0, 26.0) == pytest.approx((0.0, 6.0))
    assert nearest([1.0] * 8, LINE, 4.0, 5.0) == (0.0, math.hypot(3, 4))
