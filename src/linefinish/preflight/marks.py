"""A mark: one thing that a page's content paints, where, and how; and whether it has ink within a
rectangle.

Whether ink lies in a margin is decided on the outlines themselves and not on pixels: margins are
rectangles, so an outline has ink in one exactly if an edge of it runs there or it surrounds it.
That needs no resolution and costs no page of pixels. Pictures are looked into pixel by pixel.
"""
from __future__ import annotations

import math

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

# Left, bottom, right, top in points; y runs up, from the page's lower left corner.
Box = tuple[float, float, float, float]

# Of pixels larger than twice that, in points, so much within a rectangle is ink there: less than a
# margin's tolerance would count what rounding puts there.
_REACH_PT = 0.25

BLACK, GRAY, COLOUR, WHITE = "black", "grey", "colour", "white"


class Mark:
    """One thing painted.

    kind     "fill", "stroke", "text", "image", "shading"
    tone     BLACK, GRAY, COLOUR or WHITE
    box      what it covers, within its clip
    starts, ends  of a fill or stroke: its edges, two (n, 2) arrays in points; else None
    even_odd the fill rule
    size_pt  stroke width or text size as printed; for a thin bar that is filled, its thickness
    dpi, bits  of an image, as printed
    font     why a text's font is a finding: its name, "" where it is embedded
    note     why an image could not be looked into
    ink      of an image: its pixels with ink, coarse, top row first; None where all may be
    """

    __slots__ = ("bits", "box", "dpi", "ends", "even_odd", "font", "ink", "kind", "note", "size_pt", "starts", "tone")

    def __init__(self, kind: str, tone: str, box: Box, **given: Any) -> None:
        self.kind, self.tone, self.box = kind, tone, box
        self.starts: Any = None
        self.ends: Any = None
        self.even_odd = False
        self.size_pt = 0.0
        self.dpi = 0.0
        self.bits = 0
        self.font = ""
        self.note = ""
        self.ink: Any = None
        for name, value in given.items():
            setattr(self, name, value)

    @property
    def is_unseen(self) -> bool:
        """Whether it is an image of which nobody knows where it has ink."""
        return self.kind == "image" and bool(self.note) and self.ink is None

    def covers(self, box: Box) -> bool:
        """Whether a rectangle is wholly below this one: only of rectangles, and of images whose
        every pixel is painted.
        """
        if any(mine > other + 0.01 for mine, other in zip(self.box[:2], box[:2])) or any(
            mine < other - 0.01 for mine, other in zip(self.box[2:], box[2:])
        ):
            return False
        return self.kind == "fill" and self.starts is not None and len(self.starts) <= 5 and _is_rectangle(self.starts)

    def has_ink_in(self, box: Box) -> bool:
        """Whether a part of it lies within the rectangle."""
        shared = overlap(self.box, box)
        if shared is None:
            return False
        box = shared
        if self.kind == "image" and self.ink is not None:
            return _image_part(self.ink, self.box, box)
        if self.starts is None or not len(self.starts):
            return True
        reach = self.size_pt / 2 if self.kind == "stroke" else 0.0
        wide = box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach
        if _edges_cross(self.starts, self.ends, wide):
            return True
        return self.kind == "fill" and _surrounds(self.starts, self.ends, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), self.even_odd)


def overlap(one: Box, other: Box) -> Box | None:
    """What two rectangles share, if that is more than an edge."""
    found = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    return found if found[0] < found[2] and found[1] < found[3] else None


def ink_in(marks: Sequence[Mark], box: Box, tick: Callable[[], None] | None = None) -> list[Mark]:
    """The marks whose ink lies within a rectangle, when all are painted in turn: what a white
    rectangle covers is gone. `tick` is called every few hundred marks, and may raise.
    """
    found: list[Mark] = []
    for count, mark in enumerate(marks):
        if tick and not count & 255:
            tick()
        if mark.tone == WHITE:
            found = [] if found and mark.covers(box) else [one for one in found if not mark.covers(overlap(one.box, box) or box)]
        elif mark.has_ink_in(box):
            found.append(mark)
    return found


def _is_rectangle(starts: Any) -> bool:
    return len(np.unique(starts[:, 0].round(2))) == 2 and len(np.unique(starts[:, 1].round(2))) == 2


def _edges_cross(starts: Any, ends: Any, box: Box) -> bool:
    """Whether an edge has a point strictly within the rectangle (Liang and Barsky 1984)."""
    low = np.zeros(len(starts))
    high = np.ones(len(starts))
    outside = np.zeros(len(starts), bool)
    for axis in (0, 1):
        first, way = starts[:, axis], ends[:, axis] - starts[:, axis]
        still = way == 0
        safe = np.where(still, 1.0, way)
        one, other = (box[axis] - first) / safe, (box[axis + 2] - first) / safe
        low = np.where(still, low, np.maximum(low, np.minimum(one, other)))
        high = np.where(still, high, np.minimum(high, np.maximum(one, other)))
        outside |= still & ((first <= box[axis]) | (first >= box[axis + 2]))
    return bool((~outside & (low < high)).any())


def _surrounds(starts: Any, ends: Any, point: tuple[float, float], even_odd: bool) -> bool:
    """Whether a point is within the outline."""
    x, y = point
    up = (starts[:, 1] <= y) & (ends[:, 1] > y)
    down = (starts[:, 1] > y) & (ends[:, 1] <= y)
    rise = ends[:, 1] - starts[:, 1]
    at = starts[:, 0] + (y - starts[:, 1]) / np.where(rise == 0, 1, rise) * (ends[:, 0] - starts[:, 0])
    right = at > x
    winding = int((up & right).sum()) - int((down & right).sum())
    return bool(winding % 2 if even_odd else winding)


def _image_part(ink: Any, place: Box, box: Box) -> bool:
    shared = overlap(place, box)
    if shared is None:
        return False
    rows, columns = ink.shape
    across, down = columns / (place[2] - place[0]), rows / (place[3] - place[1])
    left, right = _pixels(shared[0] - place[0], shared[2] - place[0], across, columns)
    top, bottom = _pixels(place[3] - shared[3], place[3] - shared[1], down, rows)
    return bool(ink[top:bottom, left:right].any())


def _pixels(low: float, high: float, per_pt: float, count: int) -> tuple[int, int]:
    """The first pixel of which half, or _REACH_PT, is within, and the one behind the last."""
    reach = min(0.5 / per_pt, _REACH_PT)
    return max(0, math.floor((low + reach) * per_pt)), min(count, max(0, math.ceil((high - reach) * per_pt)))
