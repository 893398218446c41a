"""The interior: PDF, a page at a time. Pages of ours go in as they are deflated already; nothing is
read twice, and no more than a page is held.
"""
from __future__ import annotations

import zlib

from linefinish.book.drawn import Layer, clipped, content_bytes
from linefinish.book.geometry import fitted
from linefinish.records import record
from linefinish.writers.pdf import Objects, number, page_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from linefinish.book.geometry import Box, PageGeometry

_DEFLATED = "/Filter /FlateDecode"
# What stands after a finished page.
_PLACED = b"Q\n"


@record
class BoundPage:
    """A page to write: layers that are still to be deflated, or the deflated content of a finished
    page of a size, which goes into an area; `fill` as in `geometry.fitted`.
    """

    geometry: PageGeometry
    layers: tuple[Layer, ...] = ()
    stream: bytes | memoryview | None = None
    size_pt: tuple[float, float] = (1.0, 1.0)
    area_pt: Box = (0.0, 0.0, 1.0, 1.0)
    fill: float = 0.0


@record(eq=True)
class Intent:
    """What PDF/X has to state: the title, the day (seconds since 1970), who made it, and which
    standard: "1a" is PDF/X-1a:2001 (ISO 15930-1), "3" is PDF/X-3:2002 (ISO 15930-3).
    """

    title: str
    seconds: int
    producer: str = "linefinish"
    standard: str = "1a"


def interior_pieces(pages: Iterable[BoundPage], intent: Intent | None = None, on_page: Callable[[int], Any] | None = None) -> Iterator[Any]:
    """The file's bytes, a page at a time. With an intent it is PDF/X, else it carries no
    metadata.
    """
    objects = Objects("1.3" if intent else "1.4")
    yield from objects.begin()
    serial = 3  # 1 is the catalog, 2 the page tree
    shared: dict[bytes, int] = {}  # streams that pages have in common
    placed: dict[Any, bytes] = {}
    described: dict[Any, list[bytes]] = {}
    kids: list[int] = []
    for count, page in enumerate(pages, 1):
        sides = (page.geometry.page_pt, page.geometry.trim_pt)
        if sides not in described:
            boxes = {"BleedBox": (0.0, 0.0, *sides[0]), "TrimBox": sides[1]}
            described[sides] = page_object(sides[0], boxes, "@").split(b"@")
        contents = []
        if page.stream is not None:
            place = (page.size_pt, page.area_pt, page.fill, sides)
            if place not in placed:
                placed[place] = _placing(page)
            for operators in (placed[place], _PLACED):
                if operators not in shared:
                    yield from objects.stream(serial, "", operators)
                    shared[operators] = serial
                    serial += 1
            yield from objects.stream(serial, _DEFLATED, page.stream, is_summed=True)
            contents += [shared[placed[place]], serial, shared[_PLACED]]
            serial += 1
        if page.layers:
            content = content_bytes(page.layers, sides[0][1])
            yield from objects.stream(serial, _DEFLATED, zlib.compress(content, 6))
            contents.append(serial)
            serial += 1
        elif not contents:
            if b"" not in shared:
                yield from objects.stream(serial, "", b"")
                shared[b""] = serial
                serial += 1
            contents.append(shared[b""])
        referred = " ".join([f"{one} 0 R" for one in contents])
        before, after = described[sides]
        yield from objects.write(serial, before + (referred if len(contents) == 1 else f"[{referred}]").encode() + after)
        kids.append(serial)
        serial += 1
        if on_page:
            on_page(count)
    yield from objects.write(2, f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {len(kids)} >>".encode())
    yield from ending(objects, serial, intent)


def ending(objects: Objects, serial: int, intent: Intent | None) -> Iterator[Any]:
    """The catalog, what PDF/X wants, and the trailer. `serial` is the next one that is free."""
    more = ""
    if intent:
        more = (
            " /OutputIntents [<< /Type /OutputIntent /S /GTS_PDFX /OutputConditionIdentifier (CGATS TR 001) "
            "/OutputCondition (SWOP) /RegistryName (http://www.color.org) /Info (CGATS TR 001) >>]"
        )
        from time import gmtime, strftime

        day = strftime("D:%Y%m%d%H%M%SZ", gmtime(intent.seconds))
        stated = "/GTS_PDFXVersion (PDF/X-1:2001) /GTS_PDFXConformance (PDF/X-1a:2001)"
        if intent.standard == "3":
            stated = "/GTS_PDFXVersion (PDF/X-3:2002)"
        known = (
            f"<< /Title {_text(intent.title)} /Creator {_text(intent.producer)} /Producer {_text(intent.producer)} /CreationDate ({day}) "
            f"/ModDate ({day}) /Trapped /False {stated} >>"
        )
        yield from objects.write(serial, known.encode("latin-1"))
    yield from objects.write(1, f"<< /Type /Catalog /Pages 2 0 R{more} >>".encode())
    yield objects.end(serial if intent else None)


def _placing(page: BoundPage) -> bytes:
    """The operators before a finished page: the clip, and where it goes."""
    left, top, width, height = fitted(page.size_pt, page.area_pt, page.fill)
    whole = page.geometry.page_pt[1]
    across, down = width / page.size_pt[0], height / page.size_pt[1]
    clip = clipped(page.area_pt if page.fill else None, whole)
    matrix = (across, 0.0, 0.0, down, left, whole - top - height)
    return b"q\n" + clip + f"{' '.join(map(number, matrix))} cm\n".encode()


def _text(text: str) -> str:
    """A text string: PDFDocEncoding where ASCII says it, else UTF-16 (ISO 32000-1, section
    7.9.2.2).
    """
    if text.isascii() and text.isprintable():
        return "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"
