"""What the bitmap writers share: the bitmap of a drawing, the resolution to write down, and Group 4
codes.
"""
from __future__ import annotations

from linefinish.data.document import POINTS_PER_INCH, Document, resolution_pair
from linefinish.data.raster import Bitmap
from linefinish.kernels import ccitt
from linefinish.memory import buffers
from linefinish.records import altered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def bitmap_of(drawing: Document | Bitmap, dpi: Any = None) -> tuple[Bitmap, tuple[float, float] | None]:
    """The bitmap and its resolution in dots per inch, horizontal and vertical, or None where that
    is not known.
    """
    if isinstance(drawing, Bitmap):
        return drawing, resolution_pair(dpi)
    from linefinish.rasterizing import rasterize

    document = altered(drawing, dpi=resolution_pair(dpi)) if dpi is not None else drawing
    bitmap = rasterize(document)
    if document.dpi is not None:
        return bitmap, document.dpi
    if not document.physical:
        return bitmap, None
    return bitmap, (bitmap.width * POINTS_PER_INCH / document.page_pt[0], bitmap.height * POINTS_PER_INCH / document.page_pt[1])


def group4(bitmap: Bitmap) -> memoryview:
    """CCITT Group 4 codes of a bitmap, highest bit first, ink as black."""
    codes = buffers.zeros(ccitt.CODE_COUNT, "i")
    ccitt.fill_codes(codes)
    changes = buffers.zeros(2 * (bitmap.width + 8), "i")
    out = buffers.zeros(ccitt.bytes_max(bitmap.width, bitmap.height), "B")
    used = ccitt.encode(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, codes, changes, out)
    return out[:used]
