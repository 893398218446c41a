"""Ink that is too wide for a stroke: an outline in place of the strokes that were found in it."""
from __future__ import annotations

from linefinish.cleaning.bitmaps import deeper, opened
from linefinish.cleaning.specks import PAPER
from linefinish.data.strokes import Strokes
from linefinish.kernels import words
from linefinish.memory import buffers
from linefinish.outlines.outlining import outline
from linefinish.records import altered
from linefinish.toolpaths.pieces import Piece, at, pieces_of, split, strokes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.raster import Bitmap

# What is wider than so many middle strokes is a fill. Smaller: the swellings of a brush are cut
# out; larger: black hair is a scribble.
_WIDTHS = 3.0
# A stroke shorter than so many of its own widths says nothing of the page's: it may be a part of a
# blot. A page of nothing else is measured by its shorter side: fills are wider than this share.
_LENGTHS_MIN, _SIDE_SHARE = 2.0, 0.1
# A dot stays a dot up to so many times that width.
_DOT_WIDTHS = 2.0
# How far apart places are along a stroke at which it is asked whether it lies in a fill, in pixels,
# and how short what is left of one may be.
_STEP_PX, _LEFT_PX = 2.0, 1.0


def without_wide(strokes: Strokes, bitmap: Bitmap, width_px_max: float | None = None) -> Strokes:
    """Strokes with what is wider than a width as fills: by default three times the middle width."""
    limit = width_px_max if width_px_max is not None else _limit(strokes)
    if max(strokes.widths, default=0.0) <= limit:
        return strokes
    wide = opened(bitmap, limit / 2)
    for stroke in strokes:
        if stroke.is_dot and stroke.widths[0] <= _DOT_WIDTHS * limit:
            _erase(wide, stroke.start, stroke.widths[0] / 2 + 1)
    if not wide.ink_count():
        return strokes
    # The opening rounds corners off: ink near to it is the fill's, too.
    near = deeper(wide, PAPER, limit / 2 + 1)
    words.invert(near.words, near.width, near.height, near.stride)
    fill = bitmap.with_words(buffers.copied(bitmap.words))
    words.keep(fill.words, near.words, len(fill.words))
    kept = [part for piece in pieces_of(strokes) for part in _outside(piece, fill)]
    joints = [(x, y) for x, y in zip(strokes.junctions[::2], strokes.junctions[1::2]) if not _has(fill, x, y)]
    made = strokes_of(kept, strokes, outline(fill))
    return altered(made, junctions=buffers.numbers("d", *(value for place in joints for value in place)))


def _limit(strokes: Strokes) -> float:
    ways = [(stroke.width_median, stroke.length) for stroke in strokes]
    ways = sorted((width, length) for width, length in ways if length >= _LENGTHS_MIN * width)
    half, way = sum(length for _, length in ways) / 2, 0.0
    for width, length in ways:
        way += length
        if way >= half:
            return _WIDTHS * width
    return _SIDE_SHARE * min(strokes.width, strokes.height)


def _has(bitmap: Bitmap, x: float, y: float) -> bool:
    column, row = int(x), int(y)
    if not (0 <= column < bitmap.width and 0 <= row < bitmap.height):
        return False
    return bool(bitmap.words[row * bitmap.stride + (column >> 6)] >> (column & 63) & 1)


def _erase(bitmap: Bitmap, place: tuple[float, float], radius: float) -> None:
    """Make a square around a dot paper; nothing else touches a dot."""
    left, right = max(int(place[0] - radius), 0), min(int(place[0] + radius) + 1, bitmap.width)
    span = (1 << right) - (1 << left)
    for row in range(max(int(place[1] - radius), 0), min(int(place[1] + radius) + 1, bitmap.height)):
        for word in range(left >> 6, (right + 63) >> 6):
            bitmap.words[row * bitmap.stride + word] &= ~(span >> 64 * word) & 0xFFFF_FFFF_FFFF_FFFF


def _outside(piece: Piece, fill: Bitmap) -> list[Piece]:
    """What of a stroke does not lie in a fill."""
    parts: list[tuple[list[float], int, float, float, bool]] = []  # segment, kind, widths at its ends, whether in a fill
    for points, kind, begin, end in zip(piece.segments, piece.kinds, piece.widths, piece.widths[1:]):
        steps = max(1, int(sum(abs(points[k + 2] - points[k]) for k in range(6)) / _STEP_PX))
        flags = [_has(fill, *at(points, kind, step / steps)) for step in range(steps + 1)]
        first, rest = 0, points
        for step in range(1, steps + 1):
            if step == steps or flags[step] != flags[first]:
                own = rest
                if step < steps:
                    own, rest = split(rest, kind, (step - first) / (steps - first))
                here, there = (begin + share / steps * (end - begin) for share in (first, step))
                parts.append((own, kind, here, there, flags[first]))
                first = step
    if not any(inside for *_, inside in parts):
        return [piece]
    made: list[Piece] = []
    open_piece: Piece | None = None
    for points, kind, here, there, inside in parts:
        if inside:
            open_piece = None
        elif open_piece is None:
            open_piece = Piece([points], [kind], [here, there])
            made.append(open_piece)
        else:
            open_piece.segments.append(points)
            open_piece.kinds.append(kind)
            open_piece.widths.append(there)
    if piece.closed and len(made) > 1 and not parts[0][4] and not parts[-1][4]:  # the last runs on into the first
        last = made.pop()
        made[0] = Piece(last.segments + made[0].segments, last.kinds + made[0].kinds, last.widths[:-1] + made[0].widths)
    return [part for part in made if _reach(part) >= _LEFT_PX]


def _reach(piece: Piece) -> float:
    xs, ys = ([value for points in piece.segments for value in points[axis::2]] for axis in (0, 1))
    return max(max(xs) - min(xs), max(ys) - min(ys))
