"""TIFF 6.0, bilevel (class B), CCITT Group 4, little-endian, one strip."""
from __future__ import annotations

import struct

from linefinish.data.document import Document
from linefinish.data.raster import Bitmap
from linefinish.writers._bitmaps import bitmap_of, group4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SHORT, _LONG, _RATIONAL = 3, 4, 5
_HEADER_BYTES = 8


def encode(drawing: Document | Bitmap, dpi: Any = None) -> list[Any]:
    """The file: header, codes, resolution, directory. Without a known resolution the unit is none,
    and the pixels are square.
    """
    bitmap, resolution = bitmap_of(drawing, dpi)
    codes = group4(bitmap)
    padding = bytes(-len(codes) & 1)  # values and directories begin on word boundaries (section 2)
    ratios_at = _HEADER_BYTES + len(codes) + len(padding)
    across, down = resolution or (1.0, 1.0)
    directory_at = ratios_at + 16
    entries = [  # in ascending order of tags
        (256, _LONG, bitmap.width),
        (257, _LONG, bitmap.height),
        (258, _SHORT, 1),  # BitsPerSample
        (259, _SHORT, 4),  # Compression: T.6
        (262, _SHORT, 0),  # PhotometricInterpretation: WhiteIsZero
        (266, _SHORT, 1),  # FillOrder: highest bit first
        (273, _LONG, _HEADER_BYTES),  # StripOffsets
        (277, _SHORT, 1),  # SamplesPerPixel
        (278, _LONG, bitmap.height),  # RowsPerStrip
        (279, _LONG, len(codes)),  # StripByteCounts
        (282, _RATIONAL, ratios_at),  # XResolution
        (283, _RATIONAL, ratios_at + 8),  # YResolution
        (293, _LONG, 0),  # T6Options: no uncompressed mode
        (296, _SHORT, 2 if resolution else 1),  # ResolutionUnit: inch or none
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + struct.pack("<I", 0)
    return [struct.pack("<2sHI", b"II", 42, directory_at), codes, padding + _ratio(across) + _ratio(down) + directory]


def _ratio(value: float) -> bytes:
    """A resolution in thousandths, or as the whole number that it is."""
    if value == round(value):
        return struct.pack("<II", round(value), 1)
    return struct.pack("<II", round(value * 1000), 1000)
