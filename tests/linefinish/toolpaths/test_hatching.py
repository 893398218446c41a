"""Lines over the inside of outlines."""
from __future__ import annotations

import pytest

from linefinish.toolpaths.hatching import hatched
from tests.linefinish.drawings import circle, curves, polygon


def test_a_square_with_a_hole_is_hatched_around_it() -> None:
    square = polygon((10, 10), (50, 10), (50, 50), (10, 50))
    hole = polygon((20, 20), (20, 40), (40, 40), (40, 20))
    lines = hatched(curves(60, 60, [square, hole]), 4.0)
    ways = [(piece.start, piece.end) for piece in lines]
    assert ((12.0, 14.0), (48.0, 14.0)) in ways
    assert ((12.0, 30.0), (18.0, 30.0)) in ways and ((42.0, 30.0), (48.0, 30.0)) in ways
    assert {piece.start[1] for piece in lines} == set(range(10, 50, 4))
    assert all(piece.widths == [4.0, 4.0] for piece in lines)


def test_hatching_covers_the_area() -> None:
    fills = curves(60, 60, [circle(30.0, 30.0, 25.0)])
    covered = sum((piece.end[0] - piece.start[0] + 0.5) * 0.5 for piece in hatched(fills, 0.5))
    assert covered == pytest.approx(fills.area, rel=2e-3)


def test_what_is_narrower_than_a_line_is_a_dot() -> None:
    (piece,) = hatched(curves(60, 60, [polygon((10, 10), (13, 10), (13, 18), (10, 18))]), 10.0)
    assert piece.start == piece.end == (11.5, 15.0)
