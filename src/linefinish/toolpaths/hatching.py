"""Lines across what is too wide for a stroke."""
from __future__ import annotations

from linefinish.data.geometry import LINE
from linefinish.toolpaths.pieces import Piece, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.geometry import Curves

# How far the polygons that are filled may lie from their curves, in pixels.
_TOLERANCE_PX = 0.05


def hatched(fills: Curves, spacing_px: float) -> list[Piece]:
    """Level lines so far apart, and as wide, over the inside of outlines; they end half their width
    before the edge. What is narrower than a line has one dot in its middle.
    """
    polygons = fills.to_polygons(_TOLERANCE_PX)
    points, offsets = polygons.points.tolist(), polygons.offsets.tolist()
    rows: dict[int, list[tuple[float, int]]] = {}
    for begin, end in zip(offsets, offsets[1:]):
        x0, y0 = points[2 * end - 2 : 2 * end]
        for k in range(begin, end):
            x1, y1 = points[2 * k : 2 * k + 2]
            # Row r lies at (r + 1/2) spacings; an edge meets rows from its upper end up to before
            # its lower one, so that a vertex is counted once.
            for row in range(_first_row(min(y0, y1), spacing_px), _first_row(max(y0, y1), spacing_px)):
                y = (row + 0.5) * spacing_px
                rows.setdefault(row, []).append((x0 + (y - y0) / (y1 - y0) * (x1 - x0), 1 if y1 > y0 else -1))
            x0, y0 = x1, y1
    made = []
    for row, crossings in sorted(rows.items()):
        y, inside = (row + 0.5) * spacing_px, 0
        begun = 0.0
        for x, sign in sorted(crossings):
            if not inside:
                begun = x
            inside += sign
            if not inside and x > begun:
                inset = min(spacing_px, x - begun) / 2
                made.append(Piece([line(begun + inset, y, x - inset, y)], [LINE], [spacing_px, spacing_px]))
    return made


def _first_row(y: float, spacing_px: float) -> int:
    """The first row that lies at a height or below."""
    from math import ceil

    return ceil(y / spacing_px - 0.5)
