"""Which outline holds which: against a plain test of every pair."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.measures import areas_of
from linefinish.data.nesting import holders_of
from linefinish.kernels import nesting
from tests.linefinish.drawings import curves, polygon


@st.composite
def boxes(draw: Any) -> list[tuple[int, int, int, int]]:
    """Rectangles whose sides are all different, as those of random corners seldom are not."""
    count = draw(st.integers(1, 6))
    xs, ys = (draw(st.permutations(range(2 * count))) for _ in range(2))
    pairs = [(xs[2 * i], xs[2 * i + 1], ys[2 * i], ys[2 * i + 1]) for i in range(count)]
    return [(min(a, b), min(c, d), max(a, b), max(c, d)) for a, b, c, d in pairs]


def drawing_of(given_boxes: list[tuple[int, int, int, int]]) -> Any:
    return curves(20, 20, [polygon((a, b), (c, b), (c, d), (a, d)) for a, b, c, d in given_boxes])


@settings(max_examples=150, deadline=None)
@given(boxes())
def test_the_smallest_around_the_leftmost_vertex(made: list[tuple[int, int, int, int]]) -> None:
    drawing = drawing_of(made)
    holders = holders_of(drawing, areas_of(drawing)[0])
    for index, (left, top, _, _) in enumerate(made):
        around = [k for k, (a, b, c, d) in enumerate(made) if k != index and a < left < c and b <= top < d]
        size = {k: (made[k][2] - made[k][0]) * (made[k][3] - made[k][1]) for k in around}
        wanted = {k for k in around if size[k] == min(size.values())}
        assert holders[index] in (wanted or {-1})


def test_rings_in_rings_among_many_others() -> None:
    rings = [(k, k, 200 - k, 200 - k) for k in range(60)]
    others = [(300 + 9 * k, 9 * k, 305 + 9 * k, 9 * k + 5) for k in range(20)]
    drawing = drawing_of([*others, *reversed(rings)])
    holders = holders_of(drawing, areas_of(drawing)[0]).tolist()
    assert holders == [-1] * 20 + [*range(21, 80), -1]


def test_a_way_up_and_down() -> None:
    span = array("d", bytes(16))
    assert nesting.climb(array("d", [0, 3, 9, 1, 0, 7, 5, 7]), 4, span) == 8
    assert span.tolist() == [1, 7]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    squares = [(0, 0, 9, 9), (1, 1, 8, 8), (2, 2, 4, 5), (5, 3, 7, 7), (20, 1, 22, 30)]
    points = array("d", [value for a, b, c, d in squares for value in (a, b, c, b, c, d, a, d)])
    offsets = array("q", range(0, 21, 4))
    starts = array("q", bytes(8 * 9))
    place = (0.0, 0.25, 8)
    yield nesting.climb, (points, 20, array("d", bytes(16)))
    count = nesting.sort_edges(points, offsets, 5, *place, array("q", bytes(72)), array("q"), array("i"), 0)
    edges, owners = array("q", bytes(8 * count)), array("i", bytes(4 * count))
    yield nesting.sort_edges, (points, offsets, 5, *place, array("q", bytes(72)), array("q"), array("i"), 0)
    nesting.sort_edges(points, offsets, 5, *place, starts, array("q"), array("i"), 0)
    yield nesting.sort_edges, (points, offsets, 5, *place, array("q", starts), array("q", edges), array("i", owners), 1)
    nesting.sort_edges(points, offsets, 5, *place, starts, edges, owners, 1)
    areas = array("d", [(c - a) * (d - b) for a, b, c, d in squares])
    rest = (areas, array("d", place[:2]), 8, starts, edges, owners, bytearray(5), array("q", bytes(40)))
    yield nesting.find_holders, (points, offsets, 5, *rest)
