"""`rasterize`: curves at any scale → Bitmap, exactly 1-bit, strip by strip."""
from __future__ import annotations

import math
import struct

from linefinish import checks
from linefinish.data.document import POINTS_PER_INCH, UNITS_PER_PX, Document, compose, resolution_pair
from linefinish.data.geometry import Curves
from linefinish.data.raster import Bitmap
from linefinish.errors import OptionsError
from linefinish.kernels import scanline
from linefinish.memory import buffers
from linefinish.records import altered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

FILL_RULES = ("nonzero", "evenodd")

# Bytes of a strip's second plane. Larger: fewer walks over the segments (2 ns each and strip);
# smaller: it stays in the cache. 256 KiB is 400 rows of a 600 dpi letter page; 1 MiB took 10.9 ms
# where this takes 8.5.
_STRIP_BYTES = 1 << 18


@checks.keywords
def rasterize(
    drawing: Curves | Document,
    *,
    width: int | None = None,
    height: int | None = None,
    dpi: float | None = None,
    fill_rule: Literal["nonzero", "evenodd"] = "nonzero",
) -> Bitmap:
    """Scan-convert: a pixel is ink where its centre is inside (half-open, so that shapes that touch
    neither overlap nor leave a gap).

    width, height  of the bitmap in pixels; the page is stretched to them, one alone keeps the
    proportions
    dpi            instead of those: the page's physical size at this resolution
    With none of them a `Document` is drawn at its own dpi, and `Curves` one pixel for each pixel.

    Raises OptionsError, ImageShapeError if the bitmap would have an absurd size, or the drawing is
    none, ImageTooLargeError above 4,000 megapixels.
    """
    document = compose(drawing) if isinstance(drawing, Curves) else checks.instance(drawing, Document, "drawing")
    if not isinstance(fill_rule, str) or fill_rule not in FILL_RULES:
        raise OptionsError(f"fill_rule is {checks.shown(fill_rule)}; it may be one of {', '.join(FILL_RULES)}")
    for name, side in (("width", width), ("height", height)):
        if side is not None and (isinstance(side, bool) or not isinstance(side, int)):
            raise OptionsError(f"{name} is {checks.shown(side)}; it takes a whole number of pixels")
    if dpi is not None:
        document = altered(document, dpi=resolution_pair(dpi))
    own_width, own_height = bitmap_size(document)
    for side in (width, height):
        checks.size(*(2 * (1 if side is None else side,)))  # before a proportion is made of it
    if width is None:
        width = own_width if height is None else max(1, round(own_width * (height / own_height)))
    if height is None:
        height = own_height if width == own_width else max(1, round(own_height * (width / own_width)))
    checks.size(width, height)

    # The ratio that is exactly 1 for a drawing that is its page comes first: one pixel for each
    # pixel gives a scale of exactly 1/16.
    page_width, page_height = document.page_pt
    left, top, drawn_width, drawn_height = document.drawing_pt
    across = drawn_width / page_width * width / (document.width * UNITS_PER_PX)
    down = drawn_height / page_height * height / (document.height * UNITS_PER_PX)
    affine = struct.pack("4d", across, left / page_width * width, down, top / page_height * height)
    return _fill(document, affine, width, height, fill_rule == "nonzero")


def bitmap_size(document: Document) -> tuple[int, int]:
    """Width and height in pixels of the document's bitmap at its own dpi."""
    if document.dpi is None:
        if document.fills_page:
            return document.width, document.height
        per_pt = document.width / document.drawing_pt[2], document.height / document.drawing_pt[3]
    else:
        per_pt = document.dpi[0] / POINTS_PER_INCH, document.dpi[1] / POINTS_PER_INCH
    # Halves up, as print shops' tables have it: 8.625 in at 300 dpi are 2588 px. 1e-9: also where
    # the product falls just short of it.
    width, height = (math.floor(side * scale + 0.5 + 1e-9) for side, scale in zip(document.page_pt, per_pt))
    return max(1, width), max(1, height)


def _fill(document: Document, affine: bytes, width: int, height: int, nonzero: bool) -> Bitmap:
    bitmap = Bitmap.blank(width, height)
    stride = bitmap.stride
    strip_rows = min(height, max(1, _STRIP_BYTES // (8 * stride)))
    up, crowded = buffers.zeros(strip_rows * stride, "Q"), buffers.zeros(strip_rows, "B")
    nothing = buffers.zeros(0, "q"), buffers.zeros(0, "i")
    chains = (document.segments, document.kinds, document.offsets, len(document), affine)
    for row0 in range(0, height, strip_rows):
        rows = min(strip_rows, height - row0)
        words = bitmap.words[row0 * stride : (row0 + rows) * stride]
        scanline.mark(*chains, buffers.numbers("q", width, row0, rows), words, up, crowded, *nothing, 0)
        if scanline.fill(width, rows, int(nonzero), words, up, crowded):
            _count(chains, width, row0, rows, words, crowded)
            crowded[:] = bytes(strip_rows)
    return bitmap


def _count(chains: tuple[Any, ...], width: int, row0: int, rows: int, words: memoryview, crowded: memoryview) -> None:
    """Fill the crowded rows anew by counting, some at a time: a count is 32 times the size of its
    pixel.
    """
    waiting = [row for row in range(rows) if crowded[row]]
    stride = len(words) // rows
    counted_rows = max(1, _STRIP_BYTES // (4 * width))
    nothing = buffers.zeros(0, "Q"), buffers.zeros(0, "Q"), buffers.zeros(0, "B")
    for start in range(0, len(waiting), counted_rows):
        batch = waiting[start : start + counted_rows]
        first, span = batch[0], batch[-1] - batch[0] + 1
        slots, counts = buffers.zeros(span, "q"), buffers.zeros(len(batch) * width, "i")
        for row in range(span):
            slots[row] = -1
        for slot, row in enumerate(batch):
            slots[row - first] = slot
        scanline.mark(*chains, buffers.numbers("q", width, row0 + first, span), *nothing, slots, counts, 1)
        scanline.fill_counted(width, span, slots, counts, words[first * stride : (first + span) * stride])
