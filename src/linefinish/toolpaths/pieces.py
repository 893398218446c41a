"""Strokes taken apart and put together: lists of segments that can be turned, split and joined."""
from __future__ import annotations

import math

from linefinish.data.geometry import CUBIC, LINE
from linefinish.data.strokes import Stroke, Strokes
from linefinish.memory import buffers
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from linefinish.data.geometry import Curves

    Points = list[float]  # the eight numbers of a segment


class Piece:
    """One stroke that may be changed: segments of eight numbers, their kinds, a width a joint."""

    __slots__ = ("closed", "kinds", "segments", "widths")

    def __init__(self, segments: list[Points], kinds: list[int], widths: list[float], closed: bool = False) -> None:
        self.segments, self.kinds, self.widths, self.closed = segments, kinds, widths, closed

    @classmethod
    def of(cls, stroke: Stroke) -> Piece:
        """A copy of a stroke."""
        flat: Any = stroke.segments.tolist()
        widths: Any = stroke.widths.tolist()
        return cls([flat[at : at + 8] for at in range(0, len(flat), 8)], stroke.kinds.tolist(), widths, stroke.closed)

    def turned(self) -> Piece:
        """The same way from its end to its start."""
        turned = [[x for at in (6, 4, 2, 0) for x in own[at : at + 2]] for own in reversed(self.segments)]
        return Piece(turned, self.kinds[::-1], self.widths[::-1], self.closed)

    def begun_at(self, joint: int) -> Piece:
        """A loop from another of its joints on."""
        count = len(self.segments)
        widths = [self.widths[(joint + at) % count] for at in range(count)] if joint else self.widths[:-1]
        return Piece(
            self.segments[joint:] + self.segments[:joint], self.kinds[joint:] + self.kinds[:joint],
            [*widths, widths[0]] if joint else self.widths, self.closed,
        )  # fmt: skip

    @property
    def start(self) -> tuple[float, float]:
        """Where it begins."""
        return self.segments[0][0], self.segments[0][1]

    @property
    def end(self) -> tuple[float, float]:
        """Where it ends."""
        return self.segments[-1][6], self.segments[-1][7]


def pieces_of(strokes: Strokes) -> list[Piece]:
    """All strokes, each to be changed."""
    return [Piece.of(stroke) for stroke in strokes]


def strokes_of(pieces: Iterable[Piece], like: Strokes, fills: Curves | None = None) -> Strokes:
    """Strokes of pieces, on the page and with the junctions of others."""
    pieces = list(pieces)
    offsets = [0]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece.segments))
    return trusted(
        Strokes, like.width, like.height,
        buffers.numbers("d", *(value for piece in pieces for segment in piece.segments for value in segment)),
        buffers.numbers("B", *(kind for piece in pieces for kind in piece.kinds)), buffers.numbers("q", *offsets),
        buffers.numbers("d", *(width for piece in pieces for width in piece.widths)),
        buffers.numbers("i", *(int(piece.closed) for piece in pieces)), like.junctions, fills,
    )  # fmt: skip


def line(x0: float, y0: float, x1: float, y1: float) -> Points:
    """The eight numbers of a line."""
    return [x0, y0, x0, y0, x1, y1, x1, y1]


def at(points: Points, kind: int, t: float) -> tuple[float, float]:
    """The place at a share of a segment's way, by its parameter; of a line by its length."""
    x0, y0, x1, y1, x2, y2, x3, y3 = points
    s = 1 - t
    if kind == LINE:
        return s * x0 + t * x3, s * y0 + t * y3
    a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def split(points: Points, kind: int, t: float) -> tuple[Points, Points]:
    """A segment in two, exactly (de Casteljau)."""
    x, y = at(points, kind, t)
    if kind == LINE:
        return line(points[0], points[1], x, y), line(x, y, points[6], points[7])
    ways = [points[at : at + 2] for at in (0, 2, 4, 6)]
    left, right = [ways[0]], [ways[-1]]
    while len(ways) > 1:
        ways = [[(1 - t) * here + t * there for here, there in zip(first, second)] for first, second in zip(ways, ways[1:])]
        left.append(ways[0])
        right.insert(0, ways[-1])
    return [value for way in left for value in way], [value for way in right for value in way]


def nearest(points: Points, kind: int, x: float, y: float) -> tuple[float, float]:
    """The parameter of the place of a segment that is nearest to a point, and how far it is."""
    if kind == LINE:
        across, down = points[6] - points[0], points[7] - points[1]
        square = across * across + down * down
        t = min(max(((x - points[0]) * across + (y - points[1]) * down) / square, 0.0), 1.0) if square else 0.0
        return t, math.dist(at(points, kind, t), (x, y))
    steps = 16
    best = min(range(steps + 1), key=lambda step: math.dist(at(points, CUBIC, step / steps), (x, y)))
    low, high = max(best - 1, 0) / steps, min(best + 1, steps) / steps
    for _ in range(30):  # halves a third of 1/8 until it is nothing: the distance has one valley here
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if math.dist(at(points, CUBIC, first), (x, y)) <= math.dist(at(points, CUBIC, second), (x, y)):
            high = second
        else:
            low = first
    t = (low + high) / 2
    return t, math.dist(at(points, CUBIC, t), (x, y))
