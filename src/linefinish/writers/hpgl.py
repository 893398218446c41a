"""HPGL for pen plotters (Hewlett-Packard, 7475A Graphics Plotter: Interfacing and Programming
Manual, 1983): absolute moves in plotter units of 0.025 mm from the lower left corner, one pen.

A stroke that begins where the one before it ended is drawn on without a lift. Widths are the pen's,
so none are written.
"""
from __future__ import annotations

from linefinish.data.document import Document
from linefinish.writers._strokes import pen_ways

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Plotter units in a millimetre.
_UNITS_PER_MM = 40
# Points of one PD. Old plotters keep a command in a buffer of a few hundred bytes.
_POINTS_MAX = 50


def encode(document: Document, dpi: Any = None) -> list[Any]:
    """The file."""
    lines = ["IN;SP1;"]
    at = None
    for way, _ in pen_ways(document):
        points = [(round(x * _UNITS_PER_MM), round(y * _UNITS_PER_MM)) for x, y in way]
        kept = [point for k, point in enumerate(points) if k == 0 or point != points[k - 1]]
        if kept[0] != at:
            lines.append(f"PU{kept[0][0]},{kept[0][1]};")
        if len(kept) == 1:
            lines.append("PD;")
        for first in range(1, len(kept), _POINTS_MAX):
            lines.append("PD" + ",".join(f"{x},{y}" for x, y in kept[first : first + _POINTS_MAX]) + ";")
        at = kept[-1]
    return ["\n".join([*lines, "PU;SP0;\n"]).encode("ascii")]
