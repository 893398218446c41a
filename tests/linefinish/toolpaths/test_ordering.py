"""A pen's way: shorter than as it comes, all drawn once, the same every time."""
from __future__ import annotations

import random
from typing import Any

import pytest

from linefinish import Strokes
from linefinish.toolpaths.ordering import ordered, travel_of
from tests.linefinish.drawings import doodle, strokes


def scattered(count: int) -> Strokes:
    chosen = random.Random(4)

    def place() -> tuple[float, float]:
        return chosen.uniform(0, 900), chosen.uniform(0, 600)

    made: list[Any] = []
    for index in range(count):
        x, y = place()
        near = (x + chosen.uniform(-20, 20), y + chosen.uniform(-20, 20))
        made.append(([(x, y), (x, y)], [2, 2]) if index % 7 == 0 else ([(x, y), near, (x + 9, y), (x, y)], [1, 2, 3, 1]) if index % 5 == 0
                    else ([(x, y), near], [1, 2]))  # fmt: skip
    return strokes(900, 600, made)


def drawn(own: Strokes) -> list[Any]:
    """What is drawn, whatever the order and the ends."""
    return sorted(min(tuple(stroke.segments), tuple(v for k in range(len(stroke.segments) - 2, -1, -2) for v in stroke.segments[k : k + 2]))
                  for stroke in own if not stroke.closed)  # fmt: skip


def test_all_is_drawn_once_on_a_much_shorter_way() -> None:
    before = scattered(200)
    after = ordered(before)
    assert drawn(after) == drawn(before)
    assert sorted(stroke.length for stroke in after) == pytest.approx(sorted(stroke.length for stroke in before))
    assert travel_of(after)[0] < travel_of(before)[0] / 8
    again = ordered(before)
    assert (again.segments, again.widths) == (after.segments, after.widths)


def test_the_first_is_near_the_lower_left_corner_or_the_given_home() -> None:
    page = strokes(100, 100, [([(90, 5), (95, 5)], [1, 1]), ([(50, 50), (60, 50)], [1, 1]), ([(9, 95), (5, 90)], [1, 1])])
    assert ordered(page).stroke(0).start == (9, 95)
    assert ordered(page, home=(100, 0)).stroke(0).start == (95, 5)


def test_strokes_that_touch_need_no_lift() -> None:
    page = strokes(100, 100, [([(0, 99), (50, 50)], [1, 1]), ([(90, 90), (50.01, 50)], [1, 1]), ([(95, 95), (95, 95)], [1, 1])])
    assert travel_of(ordered(page))[1] == 2
    assert travel_of(Strokes.empty(5, 5)) == (0.0, 0) and len(ordered(Strokes.empty(5, 5))) == 0
    assert len(ordered(doodle())) == len(doodle())
