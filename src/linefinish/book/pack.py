"""What a shop takes: letter and A4 for the printer at home, the drawings as PNG and as SVG, and a
page to read. Files stay below what the shop takes; a ZIP that would not is split evenly.
"""
from __future__ import annotations

import io

from linefinish.book.geometry import page_geometry
from linefinish.book.interior import BoundPage, interior_pieces
from linefinish.book.ordering import DRAWING, Slot
from linefinish.book.pages import Words, page_layers
from linefinish.errors import OptionsError
from linefinish.writers import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linefinish.book.drawings import Drawing
    from linefinish.book.faces import Face
    from linefinish.preflight.rules import Printer

SHOPS = ("etsy",)
_SIZES = (("letter", (8.5, 11.0)), ("a4", (210 / 25.4, 297 / 25.4)))
_PNG_DPI = 600.0
# An entry's day in a ZIP, always the same one, so that the same pages give the same bytes.
_DAY = (1980, 1, 1, 0, 0, 0)


def pack_files(drawings: Sequence[Drawing], home: Printer, words: Words, face: Face, ai: str) -> list[tuple[str, bytes]]:
    """The files' names and bytes. OptionsError where they do not go into what the shop takes."""
    bytes_max, files_max = int(home.value("bytes_max", 20_000_000)), int(home.value("files_max", 5))
    files = []
    for name, trim in _SIZES:
        geometry = page_geometry(home, trim, len(drawings) + 1, "recto")
        slots = [Slot("title")] if words.title else []
        slots += [Slot(DRAWING, index) for index in range(len(drawings))]
        pages = (
            BoundPage(geometry, tuple(page_layers(slot, number, geometry, _of(drawings, slot), words, face, False)))
            for number, slot in enumerate(slots, 1)
        )
        files.append((f"{name}.pdf", b"".join(interior_pieces(pages))))
    geometry = page_geometry(home, _SIZES[0][1], len(drawings), "recto")
    pngs, svgs = [], []
    for number, drawing in enumerate(drawings, 1):
        placed = drawing.placed(geometry.live_pt, geometry.page_pt)
        pngs.append((f"page-{number:03}.png", b"".join(encode(placed, "png", dpi=_PNG_DPI))))
        svgs.append((f"page-{number:03}.svg", b"".join(encode(placed, "svg"))))
    files += _zips("png-600dpi", pngs, bytes_max) + _zips("svg", svgs, bytes_max)
    files.append(("README.txt", _readme(words, len(drawings), ai).encode()))
    large = [name for name, data in files if len(data) >= bytes_max]
    if large:
        raise OptionsError(f"{large[0]} would be larger than {bytes_max // 10**6} MB, which the shop does not take; make two packs")
    if len(files) > files_max:
        files = _into_one(files, files_max, bytes_max)
    return files


def _of(drawings: Sequence[Drawing], slot: Slot) -> Drawing | None:
    return None if slot.drawing is None else drawings[slot.drawing]


def _zips(name: str, entries: list[tuple[str, bytes]], bytes_max: int) -> list[tuple[str, bytes]]:
    """One ZIP, or as few as keep below the limit, with as many entries each."""
    for parts in range(1, len(entries) + 1):
        share = -(-len(entries) // parts)
        made = [_zipped(entries[start : start + share]) for start in range(0, len(entries), share)]
        if all(len(data) < bytes_max for data in made) or parts == len(entries):
            return [(f"{name}{f'-{at}' if len(made) > 1 else ''}.zip", data) for at, data in enumerate(made, 1)]
    return []


def _into_one(files: list[tuple[str, bytes]], files_max: int, bytes_max: int) -> list[tuple[str, bytes]]:
    """All files in ZIPs, at most as many as the shop takes."""
    made: list[list[tuple[str, bytes]]] = []
    room = 0
    for name, data in sorted(files, key=lambda one: -len(one[1])):
        if not made or room + len(data) + 4096 > bytes_max:
            made.append([])
            room = 0
        made[-1].append((name, data))
        room += len(data) + 256
    if len(made) > files_max:
        raise OptionsError(f"the pack would have {len(made)} files; the shop takes {files_max} of {bytes_max // 10**6} MB: make two packs")
    return [(f"pack-{at}.zip", _zipped(entries)) for at, entries in enumerate(made, 1)]


def _zipped(entries: Sequence[tuple[str, bytes]]) -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, _DAY)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_STORED if name.endswith((".png", ".pdf", ".zip")) else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _readme(words: Words, count: int, ai: str) -> str:
    lines = [
        words.title or "Colouring pages",
        f"by {words.author}" if words.author else "",
        "",
        f"{count} {'drawing' if count == 1 else 'drawings'} to print and colour.",
        "",
        "letter.pdf       for US letter paper (8.5 x 11 in)",
        "a4.pdf           for A4 paper (210 x 297 mm)",
        "png-600dpi.zip   each drawing as a black and white picture, 600 dots an inch",
        "svg.zip          each drawing as curves, for cutters and editors",
        "",
        "Print at 100 % (\"actual size\"), in black, on the heaviest paper that your printer takes.",
        "Put a sheet behind the page when you use markers.",
        "",
        words.copyright or (f"(c) {words.author}. For personal use." if words.author else "For personal use."),
    ]
    return "\n".join([*(line for at, line in enumerate(lines) if line or at != 1), *(["", ai] if ai else [])]) + "\n"
