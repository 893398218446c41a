"""`close_gaps`: ends of strokes that face each other are joined."""
from __future__ import annotations

from linefinish.checks import keywords
from linefinish.cleaning.bitmaps import thinned
from linefinish.data.raster import Bitmap, as_bitmap
from linefinish.kernels import ends
from linefinish.measuring import stroke_widths
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Two ends face each other where each lies within this slope of where the other points (50°: the
# open corner of a box counts) …
_FACING_SLOPE = 1.2
# … and they do not point the same way: cosine between their directions at most this. Larger joins
# neighbours in a hatching.
_FACING_COSINE_MAX = 0.2
# A bridge must cross paper on this share of its way; less means that the ends are joined already.
_BRIDGE_PAPER_MIN = 0.6
# A bridge is as wide as its strokes' ends, within these shares of the page's stroke width: ends
# taper to a hair or swell to a blot.
_BRIDGE_WIDTH_SHARE = (0.6, 1.25)


@record
class GapsClosed:
    """A bitmap whose facing line ends are joined, and how many bridges that took."""

    bitmap: Bitmap
    gaps_closed: int


@keywords
def close_gaps(bitmap: Any, *, gap_length_px_max: float) -> Bitmap:
    """Join ends of strokes that face each other, and ends that point at a stroke ahead, with
    bridges of the strokes' own width.

    bitmap             Bitmap, or bool array (height, width), True is ink
    gap_length_px_max  the longest bridge over paper, in pixels; 0 joins none

    Ends come from the thinned drawing (Guo and Hall 1989), their directions from three stroke
    widths of line. Nearest first; each end is joined once. Neighbours that run side by side are
    never joined: their ends point the same way.

    Raises ImageShapeError for what is no such array, OptionsError for a length that cannot be.
    """
    return close_gaps_counted(bitmap, gap_length_px_max=gap_length_px_max).bitmap


def close_gaps_counted(bitmap: Any, *, gap_length_px_max: float) -> GapsClosed:
    """`close_gaps`, and how many gaps it closed."""
    bitmap = as_bitmap(bitmap)
    gap_length_px_max = checked("gap_length_px_max", gap_length_px_max)
    if gap_length_px_max == 0:
        return GapsClosed(bitmap, 0)
    median = max(1.0, stroke_widths(bitmap, (0.5,))[0])
    found = _ends(bitmap, gap_length_px_max, median)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    out = buffers.copied(bitmap.words)
    used: set[int] = set()
    closed = 0
    for _, i, j in sorted(_facing(bitmap, found, gap_length_px_max) + _pointing(found)):
        if i in used or j in used:
            continue
        x, y, ux, uy, line_width, from_x, from_y, ahead, slant = found[i]
        line_width = line_width if j < 0 else min(line_width, found[j][4])
        line_width = max(_BRIDGE_WIDTH_SHARE[0] * median, min(line_width, _BRIDGE_WIDTH_SHARE[1] * median), 1.0)
        if j < 0:
            inside = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5
            norm = (1 + slant * slant) ** 0.5
            along = (ux - slant * uy) / norm, (uy + slant * ux) / norm
            ends.draw_onto(bitmap.words, *size, from_x, from_y, *along, inside + 1, inside + ahead + 2 * line_width, line_width, out)
            used.add(i)
        else:
            ends.draw_line(out, *size, from_x, from_y, *found[j][5:7], line_width)
            used.update((i, j))
        closed += 1
    return GapsClosed(bitmap.with_words(out), closed)


def _ends(bitmap: Bitmap, length_max: float, median: float) -> list[tuple[float, ...]]:
    """The ends of all strokes; each is one row of `kernels.ends.find_ends`."""
    back = min(60, max(8, round(3 * median)))
    lines, size = thinned(bitmap), (bitmap.width, bitmap.height, bitmap.stride)
    track = buffers.zeros(2 * back, "i")
    capacity, count = 0, 1024
    while count > capacity:
        capacity = count
        rows = buffers.zeros(ends.FIELDS * capacity, "d")
        count = ends.find_ends(bitmap.words, lines, *size, back, float(length_max), track, rows, capacity)
    return [tuple(rows[ends.FIELDS * i : ends.FIELDS * (i + 1)]) for i in range(count)]


def _facing(bitmap: Bitmap, found: list[tuple[float, ...]], length_max: float) -> list[tuple[float, int, int]]:
    """Pairs of ends that face each other: (distance, one, the other)."""
    cell = max(1.0, length_max)
    cells: dict[tuple[int, int], list[int]] = {}
    for i, end in enumerate(found):
        cells.setdefault((int(end[0] // cell), int(end[1] // cell)), []).append(i)
    pairs = []
    for (column, row), members in cells.items():
        near = [j for dx in (-1, 0, 1) for dy in (-1, 0, 1) for j in cells.get((column + dx, row + dy), ())]
        for i in members:
            for j in near:
                if i < j:
                    x, y, dx, dy = *found[i][:2], found[j][0] - found[i][0], found[j][1] - found[i][1]
                    distance = (dx * dx + dy * dy) ** 0.5
                    if distance <= length_max and _face(found[i], found[j], dx, dy) and _BRIDGE_PAPER_MIN <= ends.paper_share(
                        bitmap.words, bitmap.width, bitmap.height, bitmap.stride, x, y, x + dx, y + dy
                    ):
                        pairs.append((distance, i, j))
    return pairs


def _face(one: tuple[float, ...], other: tuple[float, ...], dx: float, dy: float) -> bool:
    """Whether two ends, the other (dx, dy) away from the one, point at each other."""
    slack = 0.5 * min(one[4], other[4])
    if one[2] * other[2] + one[3] * other[3] > _FACING_COSINE_MAX:
        return False
    for ux, uy, vx, vy in ((one[2], one[3], dx, dy), (other[2], other[3], -dx, -dy)):
        ahead, aside = ux * vx + uy * vy, abs(ux * vy - uy * vx)
        if ahead < 0 or aside > _FACING_SLOPE * ahead + slack:
            return False
    return True


def _pointing(found: list[tuple[float, ...]]) -> list[tuple[float, int, int]]:
    """Ends with a stroke ahead: (distance, end, -1). Where as near, a pair of facing ends comes
    first.
    """
    return [(1.25 * end[7], i, -1) for i, end in enumerate(found) if end[7] > 0]
