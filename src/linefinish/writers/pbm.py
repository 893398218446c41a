"""PBM, raw (P4): 1 is ink. The format has no place for a resolution."""
from __future__ import annotations

from linefinish.data.document import Document
from linefinish.data.raster import Bitmap
from linefinish.kernels import rows
from linefinish.memory import buffers
from linefinish.writers._bitmaps import bitmap_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def encode(drawing: Document | Bitmap, dpi: Any = None) -> list[Any]:
    """The file, scan-converted from the document's curves if it is not a bitmap already."""
    bitmap, _ = bitmap_of(drawing, dpi)
    out = buffers.zeros(bitmap.height * ((bitmap.width + 7) >> 3), "B")
    rows.to_bytes(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, 0, 1, out)
    return [b"P4\n%d %d\n" % (bitmap.width, bitmap.height), out]
