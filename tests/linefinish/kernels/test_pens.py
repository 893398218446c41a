"""The order that strokes are drawn in, against the slow search of all that is left."""
from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from linefinish.kernels import pens
from tests.oracles import pens as oracle

Places = list[list[tuple[float, float]]]
COORDINATE = st.integers(0, 12).map(float)
STROKES = st.lists(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=5), min_size=1, max_size=30)


def buffers(strokes: Places) -> tuple[Any, ...]:
    flat = array("d", [value for own in strokes for place in own for value in place])
    offsets = array("q", [sum(map(len, strokes[:index])) for index in range(len(strokes) + 1)])
    return flat, offsets, array("q", [index for index, own in enumerate(strokes) for _ in own])


def drawn(strokes: Places, home: tuple[float, float]) -> tuple[list[int], list[int]]:
    flat, offsets, owners = buffers(strokes)
    count, places = len(strokes), len(owners)
    order, entries = array("q", bytes(8 * count)), array("q", bytes(8 * count))
    work = array("B", bytes(count)), array("q", bytes(8 * (places + 2))), array("q", bytes(8 * places))
    assert pens.draw_nearest(flat, offsets, owners, count, array("d", home), *work, order, entries) == count
    return order.tolist(), [entry - offsets[stroke] for stroke, entry in zip(order, entries, strict=True)]


@settings(max_examples=25, deadline=None)
@given(STROKES, st.tuples(COORDINATE, COORDINATE))
def test_each_stroke_begins_nearest_to_where_the_one_before_it_ended(strokes: Places, home: tuple[float, float]) -> None:
    assert drawn(strokes, home) == oracle.nearest(strokes, home)


@settings(max_examples=25, deadline=None)
@given(STROKES, st.tuples(COORDINATE, COORDINATE), st.integers(1, 40))
@example([[(0.0, 0.0)], [(0.0, 0.0), (0.0, 0.0), (0.0, 1.0)]], (0.0, 1.0), 1)  # a loop that could begin elsewhere, as far away
def test_untangling_keeps_all_strokes_and_never_lengthens_the_way(strokes: Places, home: tuple[float, float], window: int) -> None:
    flat, offsets, _ = buffers(strokes)
    order, entries = drawn(strokes, home)
    turned = array("q", order), array("q", [entry + offsets[stroke] for stroke, entry in zip(order, entries, strict=True)])
    changes = pens.untangle(flat, offsets, len(strokes), array("d", home), window, 4, *turned)
    after = [entry - offsets[stroke] for stroke, entry in zip(*turned, strict=True)]
    assert sorted(turned[0]) == list(range(len(strokes)))
    assert all(0 <= entry < len(strokes[stroke]) for stroke, entry in zip(turned[0], after, strict=True))
    ways = oracle.travel(strokes, home, order, entries), oracle.travel(strokes, home, list(turned[0]), after)
    assert ways[1] < ways[0] if changes else ways[1] == ways[0]


def test_a_crossed_way_is_untangled() -> None:
    """Four dots in a square, drawn across: round the square is shorter."""
    strokes: Places = [[(0.0, 0.0)], [(9.0, 9.0)], [(9.0, 0.0)], [(0.0, 9.0)]]
    flat, offsets, _ = buffers(strokes)
    order, entries = array("q", range(4)), array("q", range(4))
    assert pens.untangle(flat, offsets, 4, array("d", (0, 0)), 4, 8, order, entries) > 0
    assert math.isclose(oracle.travel(strokes, (0.0, 0.0), list(order), [0] * 4), 27.0)


def test_a_dot_left_for_last_is_drawn_on_the_way() -> None:
    """Turning spans round alone would draw all that follows backwards, from its far end."""
    strokes: Places = [[(float(x), 0.0), (x + 1.0, 0.0)] for x in range(0, 40, 2)] + [[(5.5, 0.5)]]
    flat, offsets, _ = buffers(strokes)
    order, entries = array("q", range(21)), array("q", offsets[:-1])
    pens.untangle(flat, offsets, 21, array("d", (0, 0)), 40, 8, order, entries)
    assert order.tolist() == [0, 1, 2, 20, *range(3, 20)]
    assert entries.tolist() == [offsets[stroke] for stroke in order]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    chosen = random.Random(18)
    strokes: Places = [[(chosen.uniform(0, 90), chosen.uniform(0, 60)) for _ in range(chosen.choice((1, 2, 2, 2, 4)))] for _ in range(60)]
    flat, offsets, owners = buffers(strokes)
    order, entries = array("q", bytes(480)), array("q", bytes(480))
    work = array("B", bytes(60)), array("q", bytes(8 * (len(owners) + 2))), array("q", bytes(8 * len(owners)))
    yield pens.draw_nearest, (flat, offsets, owners, 60, array("d", (0, 60)), *work, order, entries)
    first = array("q", range(60)), array("q", offsets[:-1])
    yield pens.untangle, (flat, offsets, 60, array("d", (0, 60)), 20, 3, *first)
