"""`thicken` and `hollow`: strokes too thin to print grow, and solid blacks become outlines."""
from __future__ import annotations

from linefinish.checks import keywords
from linefinish.cleaning.bitmaps import deeper, opened, thinned
from linefinish.cleaning.specks import INK, without_small
from linefinish.data.raster import Bitmap, as_bitmap
from linefinish.kernels import growing, words
from linefinish.measuring import stroke_widths
from linefinish.memory import buffers
from linefinish.options import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@keywords
def thicken(bitmap: Any, *, stroke_width_px_min: float) -> Bitmap:
    """Strokes thinner than a width grow to it, the rest stays as it is.

    bitmap               Bitmap, or bool array (height, width), True is ink
    stroke_width_px_min  in pixels, taken as the next whole number (less a quarter pixel); up to 1
    changes nothing

    What an opening by a disc of that width takes away is thin. There a disc is laid on each pixel
    of the centre line (the drawing thinned) where the stroke is really narrower, and the ink grows
    into the discs without joining what is apart: between strokes at least one pixel of paper stays,
    and no white region is lost.

    Raises ImageShapeError for what is no such array, OptionsError for a width that cannot be.
    """
    bitmap = as_bitmap(bitmap)
    stroke_width_px_min = checked("stroke_width_px_min", stroke_width_px_min)
    wanted = -int(-(stroke_width_px_min - 0.25) // 1)
    if wanted < 2:
        return bitmap
    size, count = (bitmap.width, bitmap.height, bitmap.stride), len(bitmap.words)
    wide = opened(bitmap, wanted / 2)
    thin = bitmap.with_words(buffers.copied(bitmap.words))
    words.remove(thin.words, wide.words, count)
    # The opening also rounds corners off; such remnants are no strokes. A whole mark of that size
    # is one.
    remnant_area = max(2.0, 0.2 * wanted**2)
    strokes = buffers.copied(without_small(thin, INK, remnant_area).words)
    marks = buffers.copied(bitmap.words)
    words.remove(marks, without_small(bitmap, INK, remnant_area).words, count)
    words.add(strokes, marks, count)
    lines = thinned(bitmap)
    words.keep(lines, strokes, count)
    top, edges = _disc(wanted)
    limit = buffers.zeros(count, "Q")
    growing.discs_where_thin(bitmap.words, lines, *size, wanted - 0.25, len(edges) >> 1, edges, top, limit)
    out, front = buffers.copied(bitmap.words), buffers.zeros(count, "Q")
    for _ in range(wanted):
        if not growing.grow(out, limit, *size, front):
            break
    return bitmap.with_words(out)


def _disc(width: int) -> tuple[int, memoryview]:
    """First row and, for each row, the extent of a disc exactly `width` pixels across; an even one
    is centred between pixels.
    """
    shift = 0.5 if width % 2 == 0 else 0.0
    top = -((width - 1) // 2)
    edges = buffers.zeros(2 * width, "i")
    for i in range(width):
        half = ((width / 2) ** 2 - (top + i - shift) ** 2) ** 0.5
        edges[2 * i], edges[2 * i + 1] = -int(half - shift), int(half + shift) + 1
    return top, edges


@keywords
def hollow(bitmap: Any, *, hollow_area_px_min: float, hollow_line_px: float | None = None) -> Bitmap:
    """Solid blacks become outlines with paper inside.

    bitmap              Bitmap, or bool array (height, width), True is ink
    hollow_area_px_min  solid blacks of at least this area, in pixels; 0 hollows none
    hollow_line_px      width of the outlines; None: the page's median stroke width

    Solid is what an opening by a disc of three stroke widths leaves.

    Raises ImageShapeError for what is no such array, OptionsError for areas and widths that cannot
    be.
    """
    bitmap = as_bitmap(bitmap)
    hollow_area_px_min = checked("hollow_area_px_min", hollow_area_px_min)
    hollow_line_px = checked("hollow_line_px", hollow_line_px)
    if hollow_area_px_min == 0:
        return bitmap
    median = stroke_widths(bitmap, (0.5,))[0]
    line = max(1.0, median) if hollow_line_px is None else hollow_line_px
    # Clearly wider than the strokes, and wide enough that something is left to hollow.
    radius = max(1.5 * median, line + 1.5, 3.0)
    count = len(bitmap.words)
    solid = buffers.copied(without_small(opened(bitmap, radius), INK, hollow_area_px_min - 0.5).words)
    words.keep(solid, deeper(bitmap, INK, line).words, count)
    # An inside smaller than the line is wide is no place to colour, only a fleck.
    inside = without_small(bitmap.with_words(solid), INK, line * line)
    out = buffers.copied(bitmap.words)
    words.remove(out, inside.words, count)
    return bitmap.with_words(out)
