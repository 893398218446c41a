"""Curves made by hand, and a Hypothesis strategy over them: what the output tests draw."""
from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from linefinish import Document
from linefinish.data.geometry import CUBIC, LINE, Curves
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
