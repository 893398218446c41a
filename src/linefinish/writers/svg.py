"""SVG: a path of relative integers, filled black by the non-zero rule; no style, image or script.
One path for all, which is shortest, or one for each shape with its holes, which editors can take
apart. Of a drawing of strokes a path each, which is stroked.
"""
from __future__ import annotations

from linefinish.data.document import UNITS_PER_PX, Document
from linefinish.errors import OptionsError
from linefinish.kernels import text
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATHS, LAYERS = ("one", "each"), ("one", "depth")
# Units that a page size is said in, the first that needs at most four decimals; else inches with
# six (25 nm).
_UNITS = (("in", 72.0), ("mm", 72.0 / 25.4), ("pt", 1.0))


def encode(document: Document, dpi: Any = None, svg_paths: str = "one", layers: str = "one", widths: str = "data") -> list[Any]:
    """The file: the viewBox is in pixels of the drawing, width and height in physical units where
    they are known.

    svg_paths  "one" path for the whole drawing, or "each" shape of ink with its holes a path
    layers     "one", or "depth": a group for each depth, depth-0 for what lies in nothing, in which
               each outline is a path of its own; holes are white and lie on what they are in
    widths     of a drawing of strokes, as `svg_strokes` tells
    """
    if layers not in LAYERS:
        raise OptionsError(f"layers is {layers!r}; it may be one of {', '.join(LAYERS)}")
    if svg_paths not in PATHS:
        raise OptionsError(f"svg_paths is {svg_paths!r}; it may be one of {', '.join(PATHS)}")
    page_width, page_height = document.page_pt
    left, top, drawn_width, drawn_height = document.drawing_pt
    across, down = document.width / drawn_width, document.height / drawn_height  # pixels of the drawing in a point
    if document.fills_page:
        box = f"0 0 {document.width} {document.height}"
    else:
        box = f"{_decimal(-left * across)} {_decimal(-top * down)} {_decimal(page_width * across)} {_decimal(page_height * down)}"
    if document.physical:
        size = 'width="{}" height="{}"'.format(*_lengths(page_width, page_height))
    else:
        size = f'width="{document.width}" height="{document.height}"'
    # A fax has other resolutions across than down; and a size that was rounded must not shift the
    # drawing.
    stretch = "" if abs(across - down) < 1e-9 * down else ' preserveAspectRatio="none"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}"{stretch}>'
    scale = f"{1 / UNITS_PER_PX:g}".lstrip("0")
    if document.strokes is not None:
        from linefinish.writers.svg_strokes import paths

        fills = path_data(document)
        filled = [f'<path transform="scale({scale})" fill="#000" d="'.encode(), fills, b'"/>\n'] if len(fills) else []
        return [f"{head}\n".encode(), *filled, *paths(document.strokes, widths), b"</svg>\n"]
    if layers == "depth":
        return [f'{head}<g transform="scale({scale})">\n'.encode(), *_layers(document), b"</g></svg>\n"]
    if svg_paths == "each":
        from linefinish.writers._shapes import by_shape

        shapes, chains_of = by_shape(document)
        pieces: list[Any] = [f'{head}<g transform="scale({scale})" fill="#000">\n'.encode()]
        for first, last in chains_of:
            pieces += [b'<path d="', path_data(shapes, first, last), b'"/>\n']
        return [*pieces, b"</g></svg>\n"] if chains_of else [f"{head}</svg>\n".encode()]
    path = path_data(document)
    if not len(path):
        return [f"{head}</svg>\n".encode()]
    return [f'{head}<path transform="scale({scale})" fill="#000" d="'.encode(), path, b'"/></svg>\n']


def _layers(document: Document) -> list[Any]:
    """A group of paths for each depth, the outermost first."""
    from linefinish.writers._depths import depths_of, polygons_of

    nesting = depths_of(document, *polygons_of(document))
    pieces: list[Any] = []
    for depth in range(max(nesting.depths, default=-1) + 1):
        pieces.append(f'<g id="depth-{depth}">\n'.encode())
        for own, at in enumerate(nesting.depths):
            if at == depth:
                colour = b"#000" if nesting.areas[own] >= 0 else b"#fff"
                pieces += [b'<path fill="', colour, b'" d="', path_data(document, own, own + 1), b'"/>\n']
        pieces.append(b"</g>\n")
    return pieces


def path_data(document: Document, first: int = 0, last: int | None = None) -> memoryview:
    """What stands in d="…": the chains from `first` to before `last`, all by default."""
    offsets = document.offsets[first : (len(document) if last is None else last) + 1]
    room = (offsets[-1] - offsets[0]) * text.SEGMENT_BYTES_MAX + (len(offsets) - 1) * text.CHAIN_BYTES_MAX
    out = buffers.zeros(room, "B")
    used = text.svg_path(document.segments, document.kinds, offsets, len(offsets) - 1, out)
    return out[:used]


def _lengths(*points: float) -> list[str]:
    """Sides of a page in one unit, the first that has few decimals for all of them."""
    for unit, size in _UNITS:
        values = [side / size for side in points]
        if all(abs(value * 1e4 - round(value * 1e4)) < 1e-6 for value in values):
            return [f"{_decimal(value, 4)}{unit}" for value in values]
    return [f"{_decimal(side / 72, 6)}in" for side in points]


def _decimal(value: float, places: int = 6) -> str:
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
