"""Curves made by hand, and a Hypothesis strategy over them: what the output tests draw."""
from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from linefinish import Document
from linefinish.data.geometry import CUBIC, LINE, Curves
from linefinish.data.strokes import Strokes
from tests.oracles import paths

Point = tuple[float, float]
Segment = tuple[int, Point, Point, Point]


def curves(width: int, height: int, chains: Iterable[Sequence[Segment]]) -> Curves:
    """Chains of (kind, first control point, second control point, end) on a page."""
    numbers, kinds, offsets = array("d"), array("B"), array("q", [0])
    for chain in chains:
        for kind, *points in chain:
            kinds.append(kind)
            numbers.extend(value for point in points for value in point)
        offsets.append(len(kinds))
    return Curves(width, height, memoryview(numbers), memoryview(kinds), memoryview(offsets))


def polygon(*points: Point) -> list[Segment]:
    """Straight lines through the points and home."""
    return [(LINE, points[i - 1], points[i], points[i]) for i in range(len(points))]


def circle(x: float, y: float, radius: float, hole: bool = False) -> list[Segment]:
    """Four cubics, clockwise on the screen; a hole runs the other way."""
    k = 4 / 3 * (math.sqrt(2) - 1)
    made = []
    for quarter in range(4):
        if hole:
            quarter = -quarter
        a, turn = quarter * math.pi / 2, (-1 if hole else 1)
        (c, s), (ce, se) = (math.cos(a), math.sin(a)), (math.cos(a + turn * math.pi / 2), math.sin(a + turn * math.pi / 2))
        points = ((c - turn * k * s, s + turn * k * c), (ce + turn * k * se, se - turn * k * ce), (ce, se))
        made.append((CUBIC, *((x + radius * px, y + radius * py) for px, py in points)))
    return made


def flower(width: int = 64, height: int = 48) -> Curves:
    """Rings, petals that overlap, a hole, a triangle over the page's edge: every case that the
    writers and the filler know.
    """
    x, y, r = width * 0.45, height * 0.5, min(width, height) * 0.4
    petals = [circle(x + r * 0.6 * math.cos(a), y + r * 0.6 * math.sin(a), r * 0.35) for a in (0.3, 1.6, 2.9, 4.1, 5.2)]
    stem, tip = (x + 0.6 * r, y + 0.2 * r), (width + 4.0, y - 0.2 * r)
    leaf = [(CUBIC, (x, y + r), (x + r, y + 1.3 * r), tip), (LINE, tip, stem, stem)]
    corner = polygon((width - 9.25, -3.5), (width + 5.0, 2.0), (width - 6.0, 9.8125))
    return curves(width, height, [circle(x, y, r), circle(x, y, r * 0.9, hole=True), *petals, leaf, corner])


def strokes(width: int, height: int, made: Iterable[tuple[Sequence[Any], Sequence[float]]], **more: Any) -> Strokes:
    """Strokes on a page. Each is the points that it goes through, or where a cubic has three the
    tuple of them, and the width at each joint.
    """
    segments, kinds, offsets, widths = [], [], [0], []
    for points, own in made:
        for start, to in zip(points, points[1:], strict=False):
            begin = start[-1] if isinstance(start[0], tuple) else start
            cubic = isinstance(to[0], tuple)
            segments.append([begin, *to] if cubic else [begin, begin, to, to])
            kinds.append(CUBIC if cubic else LINE)
        offsets.append(len(kinds))
        widths += own
    return Strokes.from_arrays(width, height, segments, kinds, offsets, widths, **more)


def doodle(fills: bool = True) -> Strokes:
    """A page of every kind: a line over the page's edge, a bent stroke whose width swells, a loop,
    a loop of two segments, a dot, a cross, and a fill.
    """
    ring = [(60.0, 20.0), ((66.0, 20.0), (70.0, 24.0), (70.0, 30.0)), ((70.0, 36.0), (66.0, 40.0), (60.0, 40.0)), (60.0, 20.0)]
    leaf = [(10.0, 60.0), ((20.0, 50.0), (30.0, 60.0), (30.0, 70.0)), ((20.0, 80.0), (10.0, 70.0), (10.0, 60.0))]
    return strokes(100, 80, [
        ([(-5.0, 5.0), (40.0, 8.0)], [2.0, 2.1]),
        ([(5.0, 20.0), ((20.0, 30.0), (30.0, 10.0), (50.0, 20.0)), ((55.0, 25.0), (55.0, 40.0), (40.0, 45.0))], [1.0, 3.0, 6.0]),
        (ring, [1.5, 1.5, 1.5, 1.5]),
        (leaf, [1.0, 1.0, 1.0]),
        ([(80.0, 70.0), (80.0, 70.0)], [4.0, 4.0]),
        ([(75.0, 50.0), (95.0, 50.0)], [1.0, 1.0]),
        ([(85.0, 40.0), (85.0, 60.0)], [1.0, 1.0]),
    ], junctions=[[85.0, 50.0]], fills=curves(100, 80, [circle(85.0, 15.0, 9.0)]) if fills else None)  # fmt: skip


_coordinates = st.one_of(st.floats(-12, 60, width=32), st.integers(-24, 120).map(lambda value: value / 2))
_points = st.tuples(_coordinates, _coordinates)


@st.composite
def drawings(draw: Any, lines_only: bool = False, side_max: int = 48) -> Curves:
    """Any chains, crossing themselves and each other, inside and outside a small page."""
    width, height = draw(st.integers(1, side_max)), draw(st.integers(1, side_max))
    chains = []
    for _ in range(draw(st.integers(0, 4))):
        count = draw(st.integers(1, 5))
        chain = []
        ends = [draw(_points) for _ in range(count)]
        for i, end in enumerate(ends):
            cubic = not lines_only and draw(st.booleans())
            chain.append((CUBIC, draw(_points), draw(_points), end) if cubic else (LINE, ends[i - 1], end, end))
        chains.append(chain)
    return curves(width, height, chains)


def chains_of(document: Document) -> list[list[paths.Segment]]:
    """A document's integers as tests/oracles/paths.py reads them from a file."""
    chains = []
    for begin, end in zip(document.offsets[:-1], document.offsets[1:], strict=True):
        rows = [tuple(document.segments[6 * k : 6 * k + 6]) for k in range(begin, end)]
        chains.append([("cubic", row) if document.kinds[begin + i] else ("line", row[4:]) for i, row in enumerate(rows)])
    return chains
