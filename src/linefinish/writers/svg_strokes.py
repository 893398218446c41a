"""Strokes in SVG: one path each, not filled, stroked black with round caps and joins."""
from __future__ import annotations

from linefinish.errors import OptionsError
from linefinish.toolpaths.pieces import Piece, strokes_of
from linefinish.toolpaths.widths import even_pieces, swept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from linefinish.data.strokes import Stroke, Strokes

WIDTHS = ("data", "split", "outline")
# Decimals of coordinates and widths, in pixels: a hundredth is finer than an edge is known.
_DECIMALS = 2
_EVEN_PX = 0.5 * 10**-_DECIMALS
_LINE = 'fill="none" stroke="#000" stroke-width="{}" stroke-linecap="round" stroke-linejoin="round"'


def paths(strokes: Strokes, widths: str = "data") -> Iterator[bytes]:
    """The paths of all strokes, in their order. A stroke of one width has it as its stroke-width.
    What varies:

    widths  "data": the median, and the width at each joint as data-widths; "split": pieces, each of
            its own width; "outline": what a round pen covers, filled
    """
    if widths not in WIDTHS:
        raise OptionsError(f"widths is {widths!r}; it may be one of {', '.join(WIDTHS)}")
    for stroke in strokes:
        median = stroke.width_median
        if max(stroke.widths) - min(stroke.widths) < _EVEN_PX:
            yield _path(stroke, median)
        elif widths == "data":
            listed = " ".join(_decimal(width) for width in stroke.widths)
            yield _path(stroke, median, f' data-widths="{listed}"')
        elif widths == "split":
            pieces = even_pieces(Piece.of(stroke))
            for part, (_, width) in zip(strokes_of((piece for piece, _ in pieces), strokes), pieces, strict=True):
                yield _path(part, width)
        else:
            yield _shape(strokes, stroke)


def _path(stroke: Stroke, width: float, more: str = "") -> bytes:
    return f'<path {_LINE.format(_decimal(width))}{more} d="{stroke.to_svg_path(_DECIMALS)}"/>\n'.encode()


def _shape(strokes: Strokes, stroke: Stroke) -> bytes:
    line, widths = next(iter(strokes_of([Piece.of(stroke)], strokes).to_vertices()))
    rings = swept(line, widths, stroke.closed)
    data = "".join(f"M{' '.join(f'{_decimal(x)} {_decimal(y)}' for x, y in ring)}Z" for ring in rings)
    return f'<path fill="#000" d="{data}"/>\n'.encode()


def _decimal(value: float) -> str:
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
