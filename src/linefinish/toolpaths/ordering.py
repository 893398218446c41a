"""The order of strokes: from each to the nearest that is left, then turned round or moved where
that is shorter. Strokes are drawn from either end, and loops from any joint.
"""
from __future__ import annotations

import math

from linefinish.kernels import pens
from linefinish.memory import buffers
from linefinish.toolpaths.pieces import Piece, pieces_of, strokes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.strokes import Strokes

# Pairs of strokes that a pass looks at, over the strokes: how far apart in the order they may be.
# Larger: a shorter way for more time; a thousand strokes are tried all with all.
_PAIRS = 4_000_000
_WINDOW_MAX = 2_000
# Passes at most. Most drawings want no more than five.
_PASSES = 8
# How far the pen may stand from a stroke's start and draw on without being lifted, in pixels: less
# than it could be told on paper.
TOUCHING_PX = 0.05


def ordered(strokes: Strokes, home: tuple[float, float] | None = None) -> Strokes:
    """The strokes in an order, and from ends, that let a pen travel little. It begins at `home`, by
    default the lower left corner, where plotters do. The same strokes give the same order.
    """
    count = len(strokes)
    if not count:
        return strokes
    pieces = pieces_of(strokes)
    places, offsets = [], [0]
    for index, piece in enumerate(pieces):
        if piece.closed and len(piece.segments) != 2:
            own = [value for segment in piece.segments for value in segment[:2]]
        elif piece.closed:  # two places are an open stroke's; the third is the first again
            own = [*piece.segments[0][:2], *piece.segments[1][:2], *piece.segments[0][:2]]
        else:
            own = [*piece.start] if strokes.is_dot(index) else [*piece.start, *piece.end]
        places += own
        offsets.append(offsets[-1] + len(own) // 2)
    owners = [index for index in range(count) for _ in range(offsets[index + 1] - offsets[index])]
    flat, starts = buffers.numbers("d", *places), buffers.numbers("q", *offsets)
    header = buffers.numbers("d", *(home or (0.0, float(strokes.height))))
    order, entries = buffers.zeros(count, "q"), buffers.zeros(count, "q")
    pens.draw_nearest(
        flat, starts, buffers.numbers("q", *owners), count, header, buffers.zeros(count, "B"), buffers.zeros(len(owners) + 2, "q"),
        buffers.zeros(len(owners), "q"), order, entries,
    )  # fmt: skip
    pens.untangle(flat, starts, count, header, max(min(_PAIRS // count, _WINDOW_MAX), 1), _PASSES, order, entries)
    return strokes_of(
        (_begun(pieces[index], entry - offsets[index]) for index, entry in zip(order, entries)), strokes, strokes.fills
    )  # fmt: skip


def _begun(piece: Piece, place: int) -> Piece:
    if piece.closed:
        return piece.begun_at(place % len(piece.segments))
    return piece.turned() if place else piece


def travel_of(strokes: Strokes) -> tuple[float, int]:
    """How far a pen goes in the air from the first stroke's start on, in pixels, and how often it
    is lifted: once at the end, and wherever a stroke does not begin where the last one ended.
    """
    way, lifts, last = 0.0, int(len(strokes) > 0), None
    for stroke in strokes:
        far = 0.0 if last is None else math.dist(last, stroke.start)
        way, lifts, last = way + far, lifts + (far > TOUCHING_PX), stroke.end
    return way, lifts
