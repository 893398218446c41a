"""`impose`: pages → sheets for the home printer. Start reading here.

files ─read_source→ SourcePages ─booklet, in_order→ Sides ─Copier→ forms on sheets → one PDF
"""
from __future__ import annotations

import os

from linefinish import checks
from linefinish.book.drawings import PageError, Placing, read_drawing
from linefinish.book.making import sources_of
from linefinish.data.document import PAGE_POINTS_MAX, PAGES, parse_length, parse_page
from linefinish.errors import OptionsError
from linefinish.imposition.copying import Copier, pages_of
from linefinish.imposition.layout import FOLDED, GRIDS, folded, in_order, inches, lay_out, signatures, turns_backs
from linefinish.imposition.marks import bars, room_of, shown_of
from linefinish.records import record
from linefinish.verifiers.verdict import DamagedError
from linefinish.writers import replace_file, write_to_output
from linefinish.writers.pdf import Objects, encode, number, page_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from linefinish.imposition.copying import SourcePage
    from linefinish.imposition.layout import Layout, Side
    from linefinish.preflight.opening import Opened

DUPLEX = ("short-edge", "long-edge")
# Sides of pages that differ by no more are one size, in points.
_ONE_SIZE_PT = 0.5
# Bytes of a file; larger ones are no book for a home printer.
_FILE_BYTES_MAX = 2 << 30
# Where an image is asked for its size, which it keeps: letter, in points.
_FRAME_PT = PAGES["letter"]


@record
class Imposed:
    """What became of it.

    pages       that were placed; `blanks` were added behind them
    sides       sides of paper, which are the pages of the file
    sheets      sheets of paper
    signatures  pages of each signature of a booklet; empty where nothing is folded
    sheet_pt    width and height of a side
    scale       by which the pages were made smaller: 1 where they were not
    notes       what was left out or is worth knowing, in sentences
    """

    pages: int
    blanks: int
    sides: int
    sheets: int
    signatures: tuple[int, ...]
    sheet_pt: tuple[float, float]
    scale: float
    notes: tuple[str, ...]


@checks.keywords
def impose(  # all by name, and each a flag of the command
    pages: Any, target: str | os.PathLike[str], *, booklet: bool = False, n_up: int | None = None, paper: str | None = None,
    signature: int | None = None, creep: str = "0", duplex: str = "short-edge", cut_marks: bool = False, margin: str = "0",
    without_blanks: bool = False,
) -> Imposed:  # fmt: skip
    """Put pages on sheets for the home printer, and write one PDF: whole, or not at all.

    pages      files in their order, or a folder of them in natural order: PDFs of any origin with
               all of their pages, images, and SVGs that linefinish finished
    booklet    two pages on a side, so that the sheets can be folded once and make a book
    n_up       instead: 2, 4, 8 or 9 pages on a side, as they are read
    paper      the sheet: "letter", "tabloid", "a4", "11x17" in inches or with a unit; upright or
               lying, whichever leaves pages larger. Pages are made smaller for it and never larger.
               None: as large as the pages are.
    signature  pages of a booklet that are folded together, a multiple of 4; None: all of them
    creep      a length: how far the pages of each sheet within another are moved to the fold. It is
               the thickness of the paper.
    duplex     the edge about which the printer turns a sheet of a booklet: "short-edge" or
               "long-edge"
    cut_marks  bars where to cut, and with a booklet where to fold; bleed shows, too
    margin     a length that stays free at the edges of the sheet
    without_blanks  pages on which nothing stands are left out

    `target` is a path, or "-" for standard output. Raises OptionsError for what cannot be,
    PageError (which names the file) for what cannot be read, WriteError. An input is not
    overwritten.
    """
    grids = _checked(booklet, n_up, signature, duplex)
    creep_pt, margin_pt = parse_length(creep), parse_length(margin)
    paper_pt = None if paper is None else parse_paper(paper)
    sources = sources_of(pages)
    path = os.fspath(target)
    if path != "-" and any(os.path.exists(path) and os.path.samefile(path, source) for source in sources):
        raise OptionsError(f"{path} would be written over itself; write to another file")
    found = [page for source in sources for page in _read(source)]
    blanks = [page for page in found if without_blanks and page.is_blank]
    left_out = set(map(id, blanks))
    placed = [page for page in found if id(page) not in left_out]
    if not placed:
        raise OptionsError("all pages are blank; there is nothing to impose")
    size = max(page.size_pt[0] for page in placed), max(page.size_pt[1] for page in placed)
    bleed_pt = max(page.bleed_pt for page in placed) if cut_marks else 0.0
    gap_pt = 0.0 if booklet else 2 * bleed_pt
    edge_pt = max(margin_pt, room_of(bleed_pt)) if cut_marks else margin_pt
    sheet = lay_out(size, grids, paper_pt, edge_pt, gap_pt)
    if max(sheet.sheet_pt) > PAGE_POINTS_MAX:
        raise OptionsError(f"a sheet of {inches(sheet.sheet_pt)} is larger than a PDF can be")
    sides = list(_sides(len(placed), sheet, bool(booklet), signature, creep_pt, duplex))
    if max(side.creep_pt for side in sides) > 0.25 * (sheet.cells[0][2] - sheet.cells[0][0]):
        raise OptionsError(f"a creep of {creep} moves pages by more than a quarter of their width; fold fewer in one (--signature)")
    notes = _notes(placed, blanks, size)
    copies = _Sheets(placed, sheet, bleed_pt * sheet.scale, bool(booklet), cut_marks)
    try:
        if path == "-":
            write_to_output(list(copies.pieces(sides)))
        else:
            replace_file(copies.pieces(sides), path)
    except DamagedError as error:
        raise PageError(f"{copies.at}: cannot be imposed: {_told(error)}") from error
    of = tuple(signatures(len(placed), signature)) if booklet else ()
    places = len(sides) * len(sheet.cells)
    return Imposed(
        len(placed), places - len(placed), len(sides), len(sides) // 2 if booklet else len(sides), of, sheet.sheet_pt, sheet.scale, notes,
    )  # fmt: skip


def parse_paper(text: str) -> tuple[float, float]:
    """A sheet of paper in points: a name, or WxH with a unit or in inches. OptionsError."""
    word = text.strip().lower() if isinstance(text, str) else ""
    if word not in PAGES and word[-1:].isdigit():
        word += "in"
    try:
        return parse_page(word)
    except OptionsError:
        told = f"paper is {checks.shown(text)}; it takes {', '.join(PAGES)}, or a size such as 11x17 (inches) or 320mmx450mm"
        raise OptionsError(told) from None


def _checked(is_booklet: Any, n_up: Any, signature: Any, duplex: Any) -> tuple[tuple[int, int], ...]:
    """The grids of pages; OptionsError for what does not go together."""
    if bool(is_booklet) == (n_up is not None):
        raise OptionsError("a booklet, or several pages on a sheet? Say one of booklet and n_up")
    if n_up is not None and (not isinstance(n_up, int) or isinstance(n_up, bool) or n_up not in GRIDS):
        raise OptionsError(f"n_up is {checks.shown(n_up)}; it may be {', '.join(map(str, GRIDS))}")
    is_whole = isinstance(signature, int) and not isinstance(signature, bool)
    if signature is not None and (not is_whole or signature < FOLDED or signature % FOLDED or not is_booklet):
        raise OptionsError(f"signature is {checks.shown(signature)}; it takes pages of a booklet that are folded together: 4, 8, 12, …")
    if duplex not in DUPLEX:
        raise OptionsError(f"duplex is {checks.shown(duplex)}; it may be {' or '.join(DUPLEX)}")
    return GRIDS[2][:1] if is_booklet else GRIDS[n_up or 2]


def _sides(count: int, sheet: Layout, is_booklet: bool, signature: int | None, creep_pt: float, duplex: str) -> Iterator[Side]:
    if is_booklet:
        return folded(count, signature, creep_pt, turns_backs(sheet.sheet_pt, duplex))
    return in_order(count, len(sheet.cells))


def _read(source: str) -> list[SourcePage]:
    """A file's pages. PageError, which names the file and the page."""
    try:
        if os.path.getsize(source) > _FILE_BYTES_MAX:
            raise PageError(f"{source}: larger than 2 GiB; it is not read")
        with open(source, "rb") as file:
            data = file.read()
    except OSError as error:
        raise PageError(f"{source}: {(error.strerror or str(error)).lower()}") from error
    if data[:5] != b"%PDF-" and os.path.splitext(source)[1].lower() != ".pdf":
        data = b"".join(encode(read_drawing(source, Placing(_FRAME_PT)).document))
    pages: list[SourcePage] = []
    try:
        for page in pages_of(data, source):
            pages.append(page)
    except DamagedError as error:
        raise PageError(f"{source}: {f'page {len(pages) + 1}: ' if pages else ''}cannot be read: {_told(error)}") from error
    except RecursionError as error:
        raise PageError(f"{source}: cannot be read: it is too deeply nested") from error
    return pages


def _told(error: DamagedError) -> str:
    return str(error).removeprefix("cannot be verified: ")


def _notes(pages: Sequence[SourcePage], blanks: Sequence[SourcePage], size: tuple[float, float]) -> tuple[str, ...]:
    notes = []
    if blanks:
        notes.append(f"{_many(len(blanks), 'blank page')} left out")
    annotations = sum(page.notes for page in pages)
    if annotations:
        notes.append(f"{_many(annotations, 'annotation')} (links, comments, fields) left out; what they show is not on the sheets")
    other = sum(any(abs(side - most) > _ONE_SIZE_PT for side, most in zip(page.size_pt, size)) for page in pages)
    if other:
        notes.append(f"{_many(other, 'page')} smaller than {size[0] / 72:g} x {size[1] / 72:g} in; each keeps its size beside the others")
    return tuple(notes)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class _Sheets:
    """Writes the sheets, a side at a time."""

    def __init__(self, pages: Sequence[SourcePage], sheet: Layout, bleed_pt: float, is_booklet: bool, is_marked: bool) -> None:
        self.pages, self.sheet, self.bleed_pt = pages, sheet, bleed_pt
        self.fold = sheet.sheet_pt[0] / 2 if is_booklet else None
        self.marks = bars(sheet, bleed_pt, is_booklet) if is_marked else b""
        self.at = ""  # the file whose pages are being copied

    def pieces(self, sides: Sequence[Side]) -> Iterator[Any]:
        """The file's bytes."""
        objects = Objects("1.7")
        yield from objects.begin()
        serial = 3  # 1 is the catalog, 2 the page tree
        copiers: dict[int, Copier] = {}
        layers: list[Opened] = []
        kids: list[int] = []
        for side in sides:
            forms: dict[int, int] = {}
            for cell, page_number in enumerate(side.pages):
                page = None if page_number is None else self.pages[page_number]
                if page is None:
                    continue
                self.at = page.source
                copier = copiers.get(id(page.file))
                if copier is None:
                    copier = copiers[id(page.file)] = Copier(page.file, objects)
                    if b"OCProperties" in page.file.catalog():
                        layers.append(page.file)
                forms[cell], copier.serial = serial, serial
                yield from copier.form(page)
                serial = copier.serial
            content = self.content(side, forms)
            named = " ".join(f"/P{cell} {form} 0 R" for cell, form in forms.items())
            yield from objects.stream(serial, "", content)
            yield from objects.write(serial + 1, page_object(self.sheet.sheet_pt, {}, f"{serial} 0 R", f"/XObject << {named} >>"))
            kids.append(serial + 1)
            serial += 2
        more = ""
        if len(layers) > 1:
            raise DamagedError("more than one of the files has layers; save them flat")
        for file in layers:
            copier = copiers[id(file)]
            more, copier.serial = f" /OCProperties {serial} 0 R", serial
            yield from copier.dictionary(file.catalog()[b"OCProperties"])
        yield from objects.write(2, f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {len(kids)} >>".encode())
        yield from objects.write(1, f"<< /Type /Catalog /Pages 2 0 R{more} >>".encode())
        yield objects.end()

    def content(self, side: Side, forms: dict[int, int]) -> bytes:
        """The operators of a side: each page in its cell, moved to the fold and cut there."""
        sheet, fold = self.sheet, self.fold
        parts = []
        if side.is_turned:
            parts.append(f"-1 0 0 -1 {number(sheet.sheet_pt[0])} {number(sheet.sheet_pt[1])} cm\n".encode())
        for cell in forms:
            place = sheet.cells[cell]
            page = self.pages[side.pages[cell] or 0]
            width, height = (sheet.scale * one for one in page.size_pt)
            left, bottom, is_left = (place[0] + place[2] - width) / 2, (place[1] + place[3] - height) / 2, not cell
            if fold is not None:  # the spine lies at the fold
                left = place[2] - width + side.creep_pt if is_left else place[0] - side.creep_pt
            shown = shown_of((left, bottom, left + width, bottom + height), sheet, self.bleed_pt, fold, is_left)
            box = (shown[0], shown[1], shown[2] - shown[0], shown[3] - shown[1])
            matrix = page.matrix((left, bottom), sheet.scale)
            parts.append(f"q {_numbers(box)} re W n\n{_numbers(matrix)} cm /P{cell} Do Q\n".encode())
        return b"".join([*parts, self.marks])


def _numbers(values: Sequence[float]) -> str:
    return " ".join(map(number, values))
