"""Widths along a stroke: pieces of one width, and the shape that a round pen covers."""
from __future__ import annotations

import math

import numpy as np
import pytest
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import unary_union

from linefinish.toolpaths.pieces import pieces_of
from linefinish.toolpaths.widths import even_pieces, is_even, swept
from tests.linefinish.drawings import doodle


@pytest.mark.parametrize(("widths", "even"), [([2, 2.39], True), ([2, 2.41], False), ([20, 22.9], True), ([20, 23.1], False)])
def test_a_stroke_is_even_by_either_measure(widths: list[float], even: bool) -> None:
    assert is_even(widths, widths[0]) is even


def test_pieces_of_a_swelling_stroke_are_even_and_make_it_up() -> None:
    swelling = pieces_of(doodle())[1]
    made = even_pieces(swelling)
    assert len(made) > 5
    assert all(is_even(piece.widths, width) for piece, width in made)
    assert [made[0][0].start, made[-1][0].end] == [swelling.start, swelling.end]
    assert all(here.end == there.start for (here, _), (there, _) in zip(made, made[1:], strict=False))
    assert len(even_pieces(pieces_of(doodle())[0])) == 1


@pytest.mark.parametrize(("line", "closed"), [
    ([(0, 0), (30, 0)], False), ([(0, 0), (30, 0), (30, 20)], False), ([(0, 0), (30, 0), (2, 3)], False),
    ([(0, 0), (5, 1), (9, 4), (10, 8), (7, 10), (3, 9)], False), ([(0, 0), (40, 0), (40, 30), (0, 30), (0, 0)], True), ([(3, 4)], False),
])  # fmt: skip
def test_a_swept_shape_is_what_a_round_pen_covers(line: list[tuple[float, float]], closed: bool) -> None:
    """By the winding number at points inside and outside of shapely's buffer."""
    width = 6.0
    rings = swept([(float(x), float(y)) for x, y in line], [width] * len(line), closed)
    pen = (LineString(line) if len(line) > 1 else Point(line[0])).buffer(width / 2, quad_segs=64)
    for x, y in np.random.default_rng(2).uniform(-6, 46, (300, 2)):
        if abs(pen.boundary.distance(Point(x, y))) > 0.1:
            assert (sum(winding(ring, x, y) for ring in rings) != 0) == pen.contains(Point(x, y)), (x, y)


def winding(ring: list[tuple[float, float]], x: float, y: float) -> int:
    turned = 0.0
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        turned += math.remainder(math.atan2(y1 - y, x1 - x) - math.atan2(y0 - y, x0 - x), 2 * math.pi)
    return round(turned / (2 * math.pi))


def test_a_width_that_grows_grows_the_shape() -> None:
    (ring,) = swept([(0.0, 0.0), (40.0, 0.0)], [2.0, 10.0], False)
    cone = unary_union([Point(0, 0).buffer(1), Point(40, 0).buffer(5), Polygon([(0, -1), (40, -5), (40, 5), (0, 1)])])
    assert Polygon(ring).symmetric_difference(cone).area < 0.02 * cone.area
