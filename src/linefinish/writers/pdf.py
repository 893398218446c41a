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
    content = zlib.compress(content_of(drawing, unit), 6)
    return _file(drawing.page_pt, _boxes(drawing), unit, "/Filter /FlateDecode", content, "", [])


def content_of(document: Document, user_unit: float = 1.0) -> bytes:
    """The operators that fill the drawing's curves; nothing where it has none."""
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
    objects = Objects("1.6" if unit != 1 else "1.4")
    pieces: list[Any] = objects.begin()
    pieces += objects.write(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    pieces += objects.write(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    pieces += objects.write(3, page_object(page, boxes, "4 0 R", resources, unit))
    for serial, (described, data) in enumerate([(content_keys, content), *more_streams], 4):
        pieces += objects.stream(serial, described, data)
    return [*pieces, objects.end()]


class Objects:
    """A file's objects, written one after the other: what is written is handed on at once, and its
    place alone is kept. Serial numbers run from 1 without gaps, in any order.
    """

    def __init__(self, version: str = "1.4") -> None:
        from _blake2 import blake2b  # hashlib's own, without OpenSSL's 3 ms

        self._head = f"%PDF-{version}\n".encode() + b"%\xe2\xe3\xcf\xd3\n"
        self._at = len(self._head)
        self._places: dict[int, int] = {}
        self._digest = blake2b(digest_size=16)

    def begin(self) -> list[Any]:
        """What the file begins with."""
        return [self._head]

    def write(self, serial: int, *parts: Any, signs: tuple[Any, ...] | None = None) -> list[Any]:
        """The bytes of an object, in pieces. The file's identifier is a digest of all of them, or
        of what `signs` for them.
        """
        begin = b"%d 0 obj\n" % serial
        if len(parts) == 1:
            whole = [b"".join((begin, *parts, b"\nendobj\n"))]
        else:
            whole = [begin + parts[0], *parts[1:-1], parts[-1] + b"\nendobj\n"]
        self._places[serial] = self._at
        self._at += sum(map(len, whole))
        for part in whole if signs is None else signs:
            self._digest.update(part)
        return whole

    def stream(self, serial: int, described: str, data: Any, *, is_summed: bool = False) -> list[Any]:
        """The bytes of a stream whose dictionary has these keys. A zlib stream ends with a sum of
        its content: where it `is_summed`, that and its length sign for it, which a long book is
        bound a third faster by.
        """
        head = f"<< {described} /Length {len(data)} >>\nstream\n".encode()
        return self.write(serial, head, data, b"\nendstream", signs=(head, data[-4:]) if is_summed else None)

    def end(self, info: int | None = None) -> bytes:
        """The cross-reference table and the trailer; object 1 is the catalog, `info` the
        information dictionary.
        """
        identifier = self._digest.hexdigest()
        count = len(self._places) + 1
        table = "0000000000 65535 f \n" + "".join(f"{self._places[serial]:010} 00000 n \n" for serial in range(1, count))
        more = "" if info is None else f" /Info {info} 0 R"
        trailer = f"trailer\n<< /Size {count} /Root 1 0 R{more} /ID [<{identifier}> <{identifier}>] >>\nstartxref\n{self._at}\n%%EOF\n"
        return f"xref\n0 {count}\n{table}{trailer}".encode()


def page_object(
    page: tuple[float, float], boxes: dict[str, tuple[float, float, float, float]], contents: str, resources: str = "", unit: float = 1.0
) -> bytes:
    """A page of the tree that is object 2; `contents` refers to its streams. Sizes and boxes (left,
    top, right, bottom) are in points, y down.
    """
    height = page[1]
    keys = f"/MediaBox [0 0 {number(page[0] / unit)} {number(height / unit)}]"
    for name, (left, top, right, bottom) in boxes.items():
        keys += f" /{name} [{' '.join(number(value / unit) for value in (left, height - bottom, right, height - top))}]"
    if unit != 1:
        keys += f" /UserUnit {number(unit)}"
    return f"<< /Type /Page /Parent 2 0 R {keys} /Resources << {resources} >> /Contents {contents} >>".encode()


def number(value: float) -> str:
    """A real in plain decimals; ten of them, so that the scale of a unit holds to 0.001 px across a
    million pixels.
    """
    written = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
