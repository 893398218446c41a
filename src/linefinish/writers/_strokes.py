"""Strokes on their page in millimetres, upwards from the lower left corner, as machines have it."""
from __future__ import annotations

import math

from linefinish.data.document import POINTS_PER_INCH, UNITS_PER_PX, Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Line = list[tuple[float, float]]

# How far a polyline may lie from its curve, in pixels: as tracing knows an edge
# (data/polygons.py).
_TOLERANCE_PX = 0.05
MM_PER_POINT = 25.4 / POINTS_PER_INCH


def page_mm(document: Document) -> tuple[float, float]:
    """Width and height of the page."""
    return document.page_pt[0] * MM_PER_POINT, document.page_pt[1] * MM_PER_POINT


def px_mm(document: Document) -> tuple[float, float]:
    """What a pixel measures across and down."""
    across, down = document.unit_pt
    return across * UNITS_PER_PX * MM_PER_POINT, down * UNITS_PER_PX * MM_PER_POINT


def strokes_in_mm(document: Document) -> list[tuple[Line, list[float], bool]]:
    """The vertices of each stroke, the width at each, and whether it is closed: then its last
    vertex is its first. A dot has one vertex.
    """
    strokes: Any = document.strokes
    to_page = _map(document)
    across, down = px_mm(document)
    scale = math.sqrt(across * down)
    closed = strokes.closed.tolist()
    return [
        ([to_page(*place) for place in line], [scale * width for width in widths], bool(flag))
        for (line, widths), flag in zip(strokes.to_vertices(_TOLERANCE_PX), closed)
    ]  # fmt: skip


def pen_ways(document: Document) -> list[tuple[Line, list[float]]]:
    """What a pen draws in all: the strokes, then the outlines of fills, with the width at each
    vertex; an outline has none, and 0 for it.
    """
    ways = [(line, widths) for line, widths, _ in strokes_in_mm(document)]
    fills = document.strokes.fills if document.strokes is not None else None
    if fills is None:
        return ways
    to_page, polygons = _map(document), fills.to_polygons(_TOLERANCE_PX)
    flat = polygons.points.tolist()
    for begin, end in zip(polygons.offsets[:-1], polygons.offsets[1:]):
        ring = [to_page(x, y) for x, y in zip(flat[2 * begin : 2 * end : 2], flat[2 * begin + 1 : 2 * end : 2])]
        ways.append(([*ring, ring[0]], [0.0] * (len(ring) + 1)))
    return ways


def _map(document: Document) -> Any:
    across, down = px_mm(document)
    left, top = (side * MM_PER_POINT for side in document.drawing_pt[:2])
    height = page_mm(document)[1]
    return lambda x, y: (left + across * x, height - top - down * y)
