"""PDF 1.4: one page, its curves filled in DeviceGray 0, or on request one 1-bit image in CCITT
Group 4.

DeviceGray 0 is black ink alone on a press (ISO 32000-1, section 10.3.2: k = 1 - gray) and true
black on a screen, where CMYK's K alone shows as dark grey. No date, no name and no random
identifier: the same drawing gives the same file.
"""
from __future__ import annotations

import zlib

from linefinish.data.document import DPI_ASSUMED, PAGE_POINTS_MAX, POINTS_PER_INCH, Document
from linefinish.data.raster import Bitmap
from linefinish.kernels import text
from linefinish.memory import buffers
from linefinish.writers._bitmaps import bitmap_of, group4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def encode(drawing: Document | Bitmap, dpi: Any = None, pdf_image: bool = False) -> list[Any]:
    """The file; `pdf_image`, or a `Bitmap` as drawing, gives the image instead of the curves."""
    if isinstance(drawing, Bitmap) or pdf_image:
        bitmap, resolution = bitmap_of(drawing, dpi)
        across, down = resolution or (DPI_ASSUMED, DPI_ASSUMED)
        page = (bitmap.width * POINTS_PER_INCH / across, bitmap.height * POINTS_PER_INCH / down)
        boxes = {}
        if isinstance(drawing, Document):
            page, boxes = drawing.page_pt, _boxes(drawing)
        unit = _user_unit(page)
        content = f"q {number(page[0] / unit)} 0 0 {number(page[1] / unit)} 0 0 cm /I Do Q\n".encode()
        image = (
            f"/Type /XObject /Subtype /Image /Width {bitmap.width} /Height {bitmap.height} /ColorSpace /DeviceGray /BitsPerComponent 1 "
            f"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {bitmap.width} /Rows {bitmap.height} >>"
        )
        return _file(page, boxes, unit, "", content, "/XObject << /I 5 0 R >>", [(image, group4(bitmap))])
    unit = _user_unit(drawing.page_pt)
    content = zlib.compress(_content(drawing, unit), 6)
    return _file(drawing.page_pt, _boxes(drawing), unit, "/Filter /FlateDecode", content, "", [])


def _content(document: Document, user_unit: float) -> bytes:
    across, down = document.unit_pt
    left, top = document.drawing_pt[:2]
    up = document.page_pt[1] - top  # y is turned here: PDF's runs up from the lower left corner
    matrix = (across, 0.0, 0.0, -down, left, up)
    room = document.segment_count * text.SEGMENT_BYTES_MAX + len(document) * text.CHAIN_BYTES_MAX
    path = buffers.zeros(room, "B")
    used = text.postfix_path(document.segments, document.kinds, document.offsets, len(document), 0, path)
    head = f"0 g {' '.join(number(value / user_unit) for value in matrix)} cm\n".encode()
    return b"".join((head, path[:used], b"f\n")) if used else b""


def _boxes(document: Document) -> dict[str, tuple[float, float, float, float]]:
    named = {"BleedBox": document.bleed_pt, "TrimBox": document.trim_pt}
    return {name: box for name, box in named.items() if box is not None}


def _user_unit(page: tuple[float, float]) -> float:
    """Points in a unit of the file: 1, or more where the page is longer than PDF allows (ISO
    32000-1, section 14.11 and annex C).
    """
    return max(1.0, float(-(-max(page) // PAGE_POINTS_MAX)))


def _file(
    page: tuple[float, float],
    boxes: dict[str, tuple[float, float, float, float]],
    unit: float,
    content_keys: str,
    content: bytes,
    resources: str,
    more_streams: list[tuple[str, Any]],
) -> list[Any]:
    """Catalog, page tree, page, content, further streams, cross-reference table."""
    from _blake2 import blake2b  # hashlib's own, without OpenSSL's 3 ms

    height = page[1]
    keys = f"/MediaBox [0 0 {number(page[0] / unit)} {number(height / unit)}]"
    for name, (left, top, right, bottom) in boxes.items():
        keys += f" /{name} [{' '.join(number(value / unit) for value in (left, height - bottom, right, height - top))}]"
    if unit != 1:
        keys += f" /UserUnit {number(unit)}"
    objects: list[list[Any]] = [
        [b"<< /Type /Catalog /Pages 2 0 R >>"],
        [b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
        [f"<< /Type /Page /Parent 2 0 R {keys} /Resources << {resources} >> /Contents 4 0 R >>".encode()],
    ]
    for described, data in [(content_keys, content), *more_streams]:
        objects.append([f"<< {described} /Length {len(data)} >>\nstream\n".encode(), data, b"\nendstream"])
    pieces: list[Any] = [b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n" if unit != 1 else b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    at = len(pieces[0])
    table = "0000000000 65535 f \n"
    digest = blake2b(digest_size=16)
    for serial, parts in enumerate(objects, 1):
        whole = [f"{serial} 0 obj\n".encode(), *parts, b"\nendobj\n"]
        table += f"{at:010} 00000 n \n"
        for part in whole:
            at += len(part)
            digest.update(part)
        pieces += whole
    identifier = digest.hexdigest()
    count = len(objects) + 1
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R /ID [<{identifier}> <{identifier}>] >>\nstartxref\n{at}\n%%EOF\n"
    return [*pieces, f"xref\n0 {count}\n{table}{trailer}".encode()]


def number(value: float) -> str:
    """A real in plain decimals; ten of them, so that the scale of a unit holds to 0.001 px across a
    million pixels.
    """
    written = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
