"""SVG: one path of relative integers, filled black by the non-zero rule; no stroke, style, image or
script.
"""
from __future__ import annotations

from linefinish.data.document import UNITS_PER_PX, Document
from linefinish.kernels import text
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Units that a page size is said in, the first that needs at most four decimals; else inches with
# six (25 nm).
_UNITS = (("in", 72.0), ("mm", 72.0 / 25.4), ("pt", 1.0))


def encode(document: Document, dpi: Any = None) -> list[Any]:
    """The file: the viewBox is in pixels of the drawing, width and height in physical units where
    they are known.
    """
    page_width, page_height = document.page_pt
    left, top, drawn_width, drawn_height = document.drawing_pt
    across, down = document.width / drawn_width, document.height / drawn_height  # pixels of the drawing in a point
    if document.fills_page:
        box = f"0 0 {document.width} {document.height}"
    else:
        box = f"{_decimal(-left * across)} {_decimal(-top * down)} {_decimal(page_width * across)} {_decimal(page_height * down)}"
    if document.physical:
        size = f'width="{_length(page_width)}" height="{_length(page_height)}"'
    else:
        size = f'width="{document.width}" height="{document.height}"'
    # A fax has other resolutions across than down; and a size that was rounded must not shift the
    # drawing.
    stretch = "" if abs(across - down) < 1e-9 * down else ' preserveAspectRatio="none"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}"{stretch}>'
    path = path_data(document)
    if not len(path):
        return [f"{head}</svg>\n".encode()]
    scale = f"{1 / UNITS_PER_PX:g}".lstrip("0")
    return [f'{head}<path transform="scale({scale})" fill="#000" d="'.encode(), path, b'"/></svg>\n']


def path_data(document: Document) -> memoryview:
    """What stands in d="…"."""
    room = document.segment_count * text.SEGMENT_BYTES_MAX + len(document) * text.CHAIN_BYTES_MAX
    out = buffers.zeros(room, "B")
    used = text.svg_path(document.segments, document.kinds, document.offsets, len(document), out)
    return out[:used]


def _length(points: float) -> str:
    for unit, size in _UNITS:
        value = points / size
        if abs(value * 1e4 - round(value * 1e4)) < 1e-6:
            return f"{_decimal(value, 4)}{unit}"
    return f"{_decimal(points / 72, 6)}in"


def _decimal(value: float, places: int = 6) -> str:
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
