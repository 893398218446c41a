"""`.strokes.json`: strokes as a graph for programs: fonts, embroidery, research. Pixels, y down.

size       width and height in pixels
mm_per_px  across and down, or null where the physical size is not known
junctions  [x, y] of each place where strokes meet
paths      in the order in which they are drawn; of each
           points    [x, y, width] of a polyline within 0.05 px of the curve
           closed    whether the last point is the first
           segments  how many segments the curve has
           curve     the segments: [x, y] of the start, then 2 numbers for a line's end or 6 for a
                     cubic's other points
           widths    at each joint, in pixels
           nodes     numbers of the junctions that it begins and ends at, or null
fills      what is too wide for a stroke, as SVG path data
"""
from __future__ import annotations

import math

from linefinish.data.document import Document
from linefinish.data.geometry import LINE
from linefinish.writers._strokes import px_mm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 1
# Decimals of coordinates and widths in pixels.
_DECIMALS = 4
# How far an end may lie from a junction and be at it, in pixels: what fitting leaves.
_AT_PX = 0.75


def encode(document: Document, dpi: Any = None) -> list[Any]:
    """The file, one path a line."""
    strokes: Any = document.strokes
    junctions = list(zip(strokes.junctions[::2].tolist(), strokes.junctions[1::2].tolist()))
    cells: dict[tuple[int, int], list[int]] = {}
    for number, (x, y) in enumerate(junctions):
        cells.setdefault((math.floor(x), math.floor(y)), []).append(number)

    def node(place: tuple[float, float]) -> int | None:
        column, row = math.floor(place[0]), math.floor(place[1])
        near = [number for c in range(column - 1, column + 2) for r in range(row - 1, row + 2) for number in cells.get((c, r), ())]
        best = min(near, key=lambda number: (math.dist(junctions[number], place), number), default=None)
        return best if best is not None and math.dist(junctions[best], place) <= _AT_PX else None

    lines = []
    for stroke, (line, widths) in zip(strokes, strokes.to_vertices(), strict=True):
        flat = stroke.segments.tolist()
        curve = [_rounded(flat[:2])]
        curve += [_rounded(flat[at + 6 : at + 8] if kind == LINE else flat[at + 2 : at + 8])
                  for at, kind in zip(range(0, len(flat), 8), stroke.kinds)]  # fmt: skip
        lines.append(_text({
            "points": [_rounded([x, y, width]) for (x, y), width in zip(line, widths)], "closed": stroke.closed,
            "segments": len(stroke.kinds), "curve": curve, "widths": _rounded(stroke.widths.tolist()),
            "nodes": [node(stroke.start), node(stroke.end)],
        }))  # fmt: skip
    head = _text({
        "format": "linefinish strokes", "version": VERSION, "size": [strokes.width, strokes.height],
        "mm_per_px": list(px_mm(document)) if document.physical else None, "junctions": [_rounded([*place]) for place in junctions],
        "fills": strokes.fills.to_svg_path() if strokes.fills is not None else "",
    })  # fmt: skip
    return [f'{head[:-1]},"paths":[\n'.encode(), ",\n".join(lines).encode(), b"\n]}\n" if lines else b"]}\n"]


def _rounded(values: list[float]) -> list[float]:
    return [round(value, _DECIMALS) + 0.0 for value in values]


def _text(value: Any) -> str:
    import json

    return json.dumps(value, separators=(",", ":"), allow_nan=False)
