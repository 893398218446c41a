"""Strokes cut at junctions, and ways that draw each piece once with the fewest lifts."""
from __future__ import annotations

from collections import Counter

import pytest

from linefinish import Strokes
from linefinish.toolpaths.trails import parted, trails
from tests.linefinish.drawings import doodle, strokes

# A house that is drawn without a lift: a square, its diagonals over their crossing, a roof.
HOUSE = strokes(100, 100, [
    ([(20, 40), (80, 40)], [1, 1]), ([(80, 40), (80, 90)], [1, 1]), ([(80, 90), (20, 90)], [1, 1]), ([(20, 90), (20, 40)], [1, 1]),
    ([(20, 40), (80, 90)], [1, 1]), ([(80, 40), (20, 90)], [1, 1]), ([(20, 40), (50, 10), (80, 40)], [1, 1, 1]),
], junctions=[(20, 40), (80, 40), (80, 90), (20, 90), (50, 65)])  # fmt: skip
CROSS = strokes(100, 100, [([(10, 50), (90, 50.2)], [1, 3]), ([(50.3, 10), ((50, 30), (50, 70), (50, 90))], [2, 2])], junctions=[(50, 50)])


def odd_ends(own: Strokes) -> int:
    ends = Counter(place for stroke in own if not stroke.closed for place in (stroke.start, stroke.end))
    return sum(count & 1 for count in ends.values())


def test_a_cross_falls_into_four_that_meet_exactly() -> None:
    pieces = parted(CROSS)
    assert len(pieces) == 4
    assert sum((50.0, 50.0) in (stroke.start, stroke.end) for stroke in pieces) == 4
    assert pieces.length == pytest.approx(CROSS.length, rel=1e-3)
    assert pieces.stroke(0).widths.tolist() == pytest.approx([1, 2], abs=0.01)


def test_what_passes_beside_a_junction_is_not_cut() -> None:
    near = strokes(100, 100, [([(10, 50), (90, 50)], [1, 1]), ([(10, 51), (90, 51)], [1, 1])], junctions=[(50, 50)])
    assert [stroke.start for stroke in parted(near)] == [(10, 50), (50, 50), (10, 51)]


def test_a_loop_is_cut_open_where_it_is_met() -> None:
    ring = strokes(100, 100, [([(20, 20), (60, 20), (60, 60), (20, 60), (20, 20)], [1, 2, 3, 4, 1]), ([(40, 20), (40, 5)], [1, 1])],
                   junctions=[(40, 20)])  # fmt: skip
    pieces = parted(ring)
    assert [(stroke.start, stroke.end, stroke.closed) for stroke in pieces] == [((40, 20), (40, 20), False), ((40, 20), (40, 5), False)]
    assert pieces.stroke(0).widths.tolist() == [1.5, 2, 3, 4, 1, 1.5]
    corner = strokes(100, 100, [([(20, 20), (60, 20), (60, 60), (20, 20)], [1] * 4), ([(20, 20), (5, 5)], [1, 1])], junctions=[(20, 20)])
    assert len(parted(corner)) == 2


@pytest.mark.parametrize("page", [HOUSE, CROSS, doodle()], ids=["house", "cross", "doodle"])
def test_each_piece_is_drawn_once_with_the_fewest_lifts(page: Strokes) -> None:
    pieces, made = parted(page), trails(page)
    ways = sorted(stroke.length for stroke in pieces)
    assert made.length == pytest.approx(sum(ways))
    assert made.segment_count == pieces.segment_count
    free = [stroke for stroke in made if stroke.closed or stroke.is_dot]
    assert len(made) - len(free) == odd_ends(pieces) // 2


def test_the_house_is_one_line() -> None:
    made = trails(HOUSE)
    assert len(made) == 1 and {made.stroke(0).start, made.stroke(0).end} == {(80.0, 90.0), (20.0, 90.0)}
    assert made.length == pytest.approx(HOUSE.length)


def test_a_crossing_is_gone_straight_through() -> None:
    made = trails(CROSS)
    assert sorted({stroke.start, stroke.end} == {(10.0, 50.0), (90.0, 50.2)} for stroke in made) == [False, True]
