"""`check`: whether a printer would take these files, page by page, in plain words.

The files may come from anywhere. Each page is painted as far as `painting` follows it, judged and
forgotten, so that a book of any length costs the memory of a page. What is found is a `Finding`;
a file that cannot be read is an UnreadableError, and nothing is guessed of it.
"""
from __future__ import annotations

import hashlib
import os

import numpy as np

from linefinish.checks import keywords, shown
from linefinish.data.document import POINTS_PER_INCH, parse_page
from linefinish.errors import ImageReadError, OptionsError
from linefinish.preflight.findings import FAIL, NOTE, WARN, Finding
from linefinish.preflight.marks import COLOUR, GRAY, WHITE, ink_in, overlap
from linefinish.preflight.opening import opened
from linefinish.preflight.painting import Painter
from linefinish.preflight.rules import printer_of, same_trim
from linefinish.records import altered, record
from linefinish.verifiers.pdf_lexer import Stream, name_of, number
from linefinish.verifiers.verdict import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from linefinish.preflight.marks import Box, Mark
    from linefinish.preflight.opening import Opened
    from linefinish.preflight.rules import Printer

MM_PER_PT = 25.4 / POINTS_PER_INCH
# How far a size may be off and still be the one that was meant, in points. Larger would let a page
# without half of its bleed pass; smaller refuses sizes that were rounded to a millimetre.
_SIZE_PT = 0.9
# A cover may be off by 1/32 inch, as printers say.
_COVER_PT = POINTS_PER_INCH / 32
# How far ink may reach into a margin: rounding of coordinates and of pixels.
_MARGIN_PT = 0.25
# Ink that comes this near to the page's edge is meant to bleed.
_BLEED_PT = 1.5
# A stroke or a text of the smallest size is allowed, rounding or not.
_THIN_PT = 0.01
# Strokes shorter than this share of the smallest dpi count as full: 299.6 dpi is 300.
_DPI_SHARE = 0.99
# Cells of a page's sign, and the share in which two drawings that are the same may differ.
_SIGN_CELLS = 64
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint8)  # of each byte
_SIGN_SHARE = 0.02
# Findings of one kind that are told one by one; of more pages the count is told.
_TOLD_MAX = 40
_FILE_BYTES_MAX = 2 << 30


class UnreadableError(ImageReadError):
    """The PDF cannot be read."""


@record
class Look:
    """A page looked at. Boxes and marks are in points from its lower left corner, as displayed but
    for its rotation; `tiles` are marks of patterns and of glyphs, which stand where other marks do.
    """

    number: int
    width: float
    height: float
    trim: Box | None
    rotation: int
    marks: list[Mark]
    tiles: list[Mark]
    transparency: list[str]
    annotations: int
    has_script: bool
    digest: bytes


@keywords
def check(
    interior: str | os.PathLike[str] | None,
    cover: str | os.PathLike[str] | None = None,
    printer: str = "kdp",
    trim: str | None = None,
    paper: str | None = None,
    printers: str | os.PathLike[str] | None = None,
    pages: int | None = None,
    cover_size: str | None = None,
    spine: float | None = None,
) -> list[Finding]:
    """What a printer would object to, worst first within each file; empty if nothing.

    interior  a PDF of any origin, or None to look at a cover alone
    cover     a PDF of one page: back, spine and front; or None
    printer   a name of printers.toml
    trim      the finished size as in "8.5x11"; None takes the size that the pages have
    paper     a paper of the printer; None its first
    printers  a file that overrides rows
    pages     the count that a cover is for; None is the interior's
    cover_size, spine  what the printer's template or calculator says of the cover: its size, as in
              "13.9x10.4", and the spine in inches; None computes both where that can be done

    Raises UnreadableError for a file that cannot be read (which names the page where it is one),
    OptionsError for a printer, trim or paper that is not known.
    """
    rules = printer_of(printer, printers)
    paper = rules.papers()[0] if paper is None else paper
    rules.by_paper("pages", paper)
    said = None if cover_size is None else _parsed(cover_size)
    return check_files(interior, cover, rules, None if trim is None else _parsed(trim), paper, pages, said, spine)


def check_files(
    interior: str | os.PathLike[str] | None, cover: str | os.PathLike[str] | None, rules: Printer, size: tuple[float, float] | None,
    paper: str, pages: int | None = None, cover_size: tuple[float, float] | None = None, spine: float | None = None,
) -> list[Finding]:  # fmt: skip
    """`check` by rules that were read already; `size` is the trim in inches, as `cover_size` is."""
    found: list[Finding] = []
    if interior is not None:
        book = _Interior(os.fspath(interior), rules, paper, size)
        found += book.findings()
        size, pages = book.size or size, pages or book.count
    if cover is not None:
        if size is None:
            raise OptionsError("which trim? A cover alone does not say it; give --trim, as in 8.5x11")
        found += _Cover(os.fspath(cover), rules, paper, size, pages, cover_size, spine).findings()
    return found


def _parsed(text: str) -> tuple[float, float]:
    """A trim in inches."""
    word = text.strip().lower() if isinstance(text, str) else ""
    try:
        width, height = parse_page(word + "in" if word[-1:].isdigit() and "x" in word else word)
    except OptionsError:
        raise OptionsError(f"trim is {shown(text)}; it takes a size such as 8.5x11 (inches), 210mmx297mm, a4 or letter") from None
    return width / POINTS_PER_INCH, height / POINTS_PER_INCH


class _Checked:
    """One file being checked."""

    def __init__(self, path: str, printer: Printer, paper: str, size: tuple[float, float] | None) -> None:
        self.path, self.printer, self.paper, self.size = path, printer, paper, size
        self.found: list[Finding] = []
        self.told: dict[str, int] = {}
        self.count = 0
        self.tick: Callable[[], None] | None = None

    def ink_in(self, marks: list[Mark], box: Box) -> list[Mark]:
        """`marks.ink_in`, which is the file's work, too."""
        return ink_in(marks, box, self.tick)

    def add(self, level: str, code: str, text: str, page: int | None = None) -> None:
        """A finding; of one kind on many pages, the first ones."""
        self.told[code] = self.told.get(code, 0) + 1
        if self.told[code] <= _TOLD_MAX:
            self.found.append(Finding(level, code, text, page, self.path))

    def findings(self) -> list[Finding]:
        """All of the file's findings, those of the whole first."""
        try:
            size = os.path.getsize(self.path)
            if size > _FILE_BYTES_MAX:
                raise UnreadableError(f"{self.path}: larger than 2 GiB; it is not read")
            with open(self.path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise UnreadableError(f"{self.path}: {(error.strerror or str(error)).lower()}") from error
        where = ""
        try:
            opening = opened(data)
            self.tick = opening.clock.tick
            if opening.is_encrypted:
                self.add(FAIL, "encryption", "it is encrypted, and no printer opens it; save it without a password")
                return self.found
            self.document(opening, size)
            where = "page 1: "
            for look in looks(opening):
                self.count = look.number
                where = f"page {look.number + 1}: "
                self.page(look)
            where = ""
            self.whole()
        except DamagedError as error:
            told = str(error).removeprefix("cannot be verified: ")
            raise UnreadableError(f"{self.path}: {where}cannot be read: {told}") from error
        except RecursionError as error:
            raise UnreadableError(f"{self.path}: cannot be read: it is too deeply nested") from error
        for code, times in self.told.items():
            if times > _TOLD_MAX:
                self.found.append(Finding(NOTE, code, f"and {times - _TOLD_MAX} more of the kind {code}", None, self.path))
        order = {FAIL: 0, WARN: 1, NOTE: 2}
        return sorted(self.found, key=lambda one: (one.page is not None, order[one.level] if one.page is None else 0, one.page or 0))

    def document(self, file: Opened, file_bytes: int) -> None:
        """What stands around the pages."""
        get, catalog = file.get, file.catalog()
        limit = self.printer.value("bytes_max")
        if limit and file_bytes > limit:
            self.add(FAIL, "bytes", f"it has {file_bytes / 1e6:,.0f} MB; {self.printer.title} takes {limit / 1e6:,.0f}")
        layers = file.array(file.dictionary(catalog.get(b"OCProperties"), "OCProperties").get(b"OCGs"), "OCGs")
        if layers:
            self.add(FAIL, "layer", f"it has {len(layers)} layer{'s' * (len(layers) > 1)}; a printer wants one that is flat")
        outlines = file.dictionary(catalog.get(b"Outlines"), "Outlines")
        if get(outlines.get(b"First")) is not None:
            self.add(FAIL, "outline", "it has bookmarks; save it without them")
        if file.has_script(catalog):
            self.add(FAIL, "script", "something is run when it is opened; save it without scripts")
        names = file.dictionary(catalog.get(b"Names"), "Names")
        if names.get(b"EmbeddedFiles") is not None:
            self.add(FAIL, "attachment", "it has files attached; save it without them")
        form = file.dictionary(catalog.get(b"AcroForm"), "AcroForm")
        if file.array(form.get(b"Fields"), "Fields") or get(form.get(b"XFA")) is not None:
            self.add(FAIL, "form", "it has form fields; save it without them")
        if self.printer.value("metadata", True) is False:
            entries = _metadata(file, catalog)
            if entries:
                self.add(FAIL, "metadata", f"it says of itself: {', '.join(entries)}; {self.printer.title} wants no metadata")
        standard = self.printer.value("standard")
        if standard and "X" in standard:
            info = file.dictionary(file.trailer.get(b"Info"), "Info")
            stated = get(info.get(b"GTS_PDFXVersion"))
            if not isinstance(stated, bytes):
                self.add(WARN, "standard", f"{self.printer.title} asks for {standard}; the file does not say that it is")
            elif get(catalog.get(b"OutputIntents")) is None:
                self.add(FAIL, "standard", f"it says that it is {stated.decode('latin-1')} and has no output intent")

    def page(self, look: Look) -> None:
        """What is judged on every page."""
        page = look.number
        if look.rotation:
            self.add(FAIL, "rotated", f"the page is turned by {look.rotation} degrees; save it upright", page)
        for told in sorted(set(look.transparency)):
            self.add(FAIL, "transparency", f"{told}; a printer wants opaque pages: flatten it", page)
        if look.annotations:
            many = "s" * (look.annotations > 1)
            self.add(FAIL, "annotation", f"{look.annotations} annotation{many} (a link, a comment or a field); remove them", page)
        if look.has_script:
            self.add(FAIL, "script", "something is run when the page is opened; save it without scripts", page)
        marks = look.marks + look.tiles
        for font in sorted({mark.font for mark in marks if mark.font}):
            self.add(FAIL, "font", f"the font {font} is not in the file; embed it, or make the words curves", page)
        self.small([mark for mark in marks if mark.tone != WHITE], page)
        self.images(marks, page)

    def small(self, marks: list[Mark], page: int) -> None:
        """Strokes and text at print size."""
        least = self.printer.value("stroke_width_pt_min")
        widths = [mark.size_pt for mark in marks if mark.kind == "stroke" or mark.kind == "fill" and mark.size_pt]
        thin = [width for width in widths if least and width < least - _THIN_PT]
        if thin:
            what = f"a line {min(thin):.2f} pt thick" if len(thin) == 1 else f"{len(thin)} lines, the thinnest {min(thin):.2f} pt"
            self.add(FAIL, "stroke-width", f"{what}; at least {least:g} pt is printed whole", page)
        least = self.printer.value("text_size_pt_min")
        sizes = [mark.size_pt for mark in marks if mark.kind == "text" and mark.size_pt]
        if least and sizes and min(sizes) < least - _THIN_PT:
            self.add(FAIL, "text-size", f"words of {min(sizes):.1f} pt; at least {least:g} pt can be read", page)

    def images(self, marks: list[Mark], page: int) -> None:
        """Resolution as printed."""
        images = [mark for mark in marks if mark.kind == "image"]
        for note in sorted({mark.note for mark in images if mark.note}):
            self.add(WARN, "image", note, page)
        least = self.printer.value("image_dpi_min")
        low = [mark.dpi for mark in images if least and mark.dpi < least * _DPI_SHARE]
        if low:
            self.add(FAIL, "image-dpi", f"an image of {min(low):.0f} dpi at print size; at least {least:g} dpi is wanted", page)
        least = self.printer.value("image_dpi_one_bit_min")
        coarse = [mark.dpi for mark in images if mark.bits == 1 and least and mark.dpi < least * _DPI_SHARE and mark.dpi not in low]
        if coarse:
            self.add(WARN, "image-dpi", f"a 1-bit image of {min(coarse):.0f} dpi shows steps; {least:g} dpi does not", page)
        most = self.printer.value("image_dpi_max")
        if most and any(mark.dpi > most * 1.01 for mark in images):
            self.add(WARN, "image-dpi", f"an image of {max(mark.dpi for mark in images):.0f} dpi; at most {most:g} dpi is wanted", page)

    def whole(self) -> None:
        """What is known when all pages were seen."""


class _Interior(_Checked):
    """The pages of a book."""

    def __init__(self, path: str, printer: Printer, paper: str, size: tuple[float, float] | None) -> None:
        super().__init__(path, printer, paper, size)
        self.has_bleed: bool | None = None
        self.blank: list[int] = []
        self.signed: list[int] = []  # the pages of which there are signs
        self.signs: Any = None  # a row of bits for each
        self.sign_sizes: Any = None  # how many bits of each are set
        self.digests: dict[bytes, int] = {}
        self.extents: list[tuple[int, Box, list[Mark]]] = []
        self.first: tuple[float, float] = (0.0, 0.0)
        self.odd_sizes = 0
        self.total = 0

    def document(self, file: Opened, file_bytes: int) -> None:
        super().document(file, file_bytes)
        self.total = sum(1 for _ in file.pages())

    def page(self, look: Look) -> None:
        super().page(look)
        width, height = (look.height, look.width) if look.rotation % 180 else (look.width, look.height)
        if look.number == 1:
            self.first = width, height
            self.settle(look, width, height)
        self.size_of(look, width, height)
        ink = [mark for mark in look.marks if mark.tone != WHITE and overlap(mark.box, (0, 0, look.width, look.height))]
        for tone, code, told in ((GRAY, "grey", "grey"), (COLOUR, "colour", "colour, or black of more than one ink")):
            kinds = sorted({mark.kind for mark in ink + look.tiles if mark.tone == tone})
            if kinds:
                self.add(FAIL, code, f"{told} ({', '.join(kinds)}); the inside is printed in black alone", look.number)
        if not ink:
            self.blank.append(look.number)
            return
        self.twice(look, ink)
        if not look.rotation and self.size is not None:
            self.margins(altered(look, marks=[mark for mark in look.marks if not mark.is_unseen]))

    def settle(self, look: Look, width: float, height: float) -> None:
        """The trim, where it was not given, and whether the pages bleed: the first page says it."""
        inches = width / POINTS_PER_INCH, height / POINTS_PER_INCH
        top, outside, bottom, inside = self.printer.bleed()
        bled = inches[0] - outside - inside, inches[1] - top - bottom
        if self.size is None:
            trims = [(float(w), float(h)) for w, h in self.printer.value("trims", ())]
            known = [one for one in trims if same_trim(one, inches)] + [one for one in trims if same_trim(one, bled)]
            boxed = look.trim and ((look.trim[2] - look.trim[0]) / POINTS_PER_INCH, (look.trim[3] - look.trim[1]) / POINTS_PER_INCH)
            self.size = known[0] if known else boxed if boxed and min(boxed) > 1 else inches
            if self.printer.refuses_trim(*self.size):
                self.add(FAIL, "trim", f"{self.printer.title} does not print {_inches(self.size)}")
        elif self.printer.refuses_trim(*self.size):
            self.add(FAIL, "trim", f"{self.printer.title} does not print {_inches(self.size)}")
        page = width, height
        self.has_bleed = _near(page, self.wanted(True)) and not _near(page, self.wanted(False))

    def wanted(self, bleed: bool) -> tuple[float, float]:
        """A page's size in points."""
        width, height = self.size or (0.0, 0.0)
        top, outside, bottom, inside = self.printer.bleed() if bleed else (0.0, 0.0, 0.0, 0.0)
        return (width + outside + inside) * POINTS_PER_INCH, (height + top + bottom) * POINTS_PER_INCH

    def size_of(self, look: Look, width: float, height: float) -> None:
        """Whether the page has the size that it should have."""
        wanted = self.wanted(bool(self.has_bleed))
        if _near((width, height), wanted):
            return
        both = f"{_points(width, height)}; the trim {_inches(self.size or (0, 0))} takes {_points(*self.wanted(False))}"
        if max(self.printer.bleed()) > 0:
            both += f", or {_points(*self.wanted(True))} with bleed"
        if look.number > 1 and not _near((width, height), self.first):
            both += f"; page 1 has {_points(*self.first)}"
        self.odd_sizes += 1
        self.add(FAIL, "page-size", f"the page has {both}", look.number)

    def margins(self, look: Look) -> None:
        """Ink in the gutter, in a margin, and bleed that stops early."""
        top, outside, bottom, inside = (POINTS_PER_INCH * one for one in (self.printer.bleed() if self.has_bleed else (0, 0, 0, 0)))
        gutter = POINTS_PER_INCH * self.printer.margin_inside(self.printer.rounded_count(max(self.total, 1)))
        margin = POINTS_PER_INCH * self.printer.margin_outside(bool(self.has_bleed))
        is_recto = look.number % 2 == 1
        width, height = look.width, look.height
        far = 1e6
        depths = {"left": inside if is_recto else outside, "right": outside if is_recto else inside, "top": top, "foot": bottom}
        for side, bleed in depths.items():
            spine = side == ("left" if is_recto else "right")
            free = bleed + (gutter if spine else margin)
            strip = _strip(side, free - _MARGIN_PT, width, height, far)
            marks = self.ink_in(look.marks, strip)
            if not marks:
                continue
            if spine:
                reach = self.reach(look, side, free)
                told = f"ink {_mm(reach)} into the gutter of {_mm(free - bleed)} (inside margin for {self.total} pages)"
                self.add(FAIL, "gutter", told, look.number)
                continue
            words = [mark for mark in marks if mark.kind == "text"]
            if bleed:
                bleeds = bool(self.ink_in(look.marks, _strip(side, _BLEED_PT, width, height, far)))
                stops = self.ink_in(look.marks, _strip(side, bleed - _MARGIN_PT, width, height, far))
                if stops and not bleeds:
                    short = bleed - self.reach(look, side, bleed)
                    told = f"ink beyond the trim stops {_mm(short)} before the page's edge at the {_outer(side)}; carry it to the edge"
                    self.add(FAIL, "bleed", told, look.number)
                    continue
                if bleeds and not words:
                    continue
                if bleeds:
                    self.add(FAIL, "margin", f"words within {_mm(margin)} of the trim at the {_outer(side)}", look.number)
                    continue
            if not bleed and max(self.printer.bleed()) > 0 and self.ink_in(look.marks, _strip(side, _BLEED_PT, width, height, far)):
                told = f"ink runs to the page's edge at the {_outer(side)}, and the page has no bleed, so that the cut would show paper"
                way_out = f"keep it {_mm(free)} away, or make the pages {_points(*self.wanted(True))}"
                self.add(FAIL, "margin", f"{told}; {way_out}", look.number)
                continue
            told = f"{_mm(self.reach(look, side, free))} into the margin of {_mm(free - bleed)} at the {_outer(side)}"
            if bleed and not words:  # a page that bleeds may have drawings there
                self.add(WARN, "margin", f"ink {told} does not run to the page's edge; the cut may come near it", look.number)
            else:
                self.add(FAIL, "margin", f"ink {told}", look.number)

    def reach(self, look: Look, side: str, free: float) -> float:
        """How far ink reaches into a strip, in points, to a hundredth of a millimetre or so."""
        low, high = 0.0, free  # ink lies within `free` of the edge; how near to the edge does it come?
        for _ in range(12):
            middle = (low + high) / 2
            if self.ink_in(look.marks, _strip(side, middle, look.width, look.height, 1e6)):
                high = middle
            else:
                low = middle
        return free - high

    def twice(self, look: Look, ink: list[Mark]) -> None:
        """The same drawing on two pages."""
        before = self.digests.setdefault(look.digest, look.number)
        if before != look.number:
            self.add(WARN, "twice", f"the same drawing as on page {before}", look.number)
            return
        if all(mark.kind == "text" for mark in ink) or any(mark.is_unseen for mark in ink):
            return
        # A drawing on a recto and a verso is moved by the gutter: one sign counts from the page's
        # corner, one from the drawing's.
        boxes = np.array([mark.box for mark in ink if mark.kind != "text"])
        corner = float(boxes[:, 0].min()), float(boxes[:, 1].min())
        sign = np.array([
            np.packbits(_sign(ink, look.width, look.height, self.tick, origin)) for origin in ((0.0, 0.0), corner)
        ])  # fmt: skip
        size = _BITS[sign].sum(axis=1, dtype=np.int32)
        if self.signs is None:
            self.signs = np.zeros((self.total, *sign.shape), np.uint8)
            self.sign_sizes = np.zeros((self.total, len(size)), np.int32)
        # What differs in more cells than that in number is not looked at cell by cell.
        sizes = self.sign_sizes[: len(self.signed)]
        alike = np.flatnonzero((abs(sizes - size) < _SIGN_SHARE * (sizes + size)).any(axis=1))
        before_it = self.signs[alike]
        both, apart = (_BITS[one].sum(axis=2, dtype=np.int32) for one in (before_it | sign, before_it ^ sign))
        near = alike[(apart < _SIGN_SHARE * both).any(axis=1)]
        if len(near):
            self.add(WARN, "twice", f"the drawing of page {self.signed[near[0]]}, or nearly", look.number)
            return
        self.signs[len(self.signed)], self.sign_sizes[len(self.signed)] = sign, size
        self.signed.append(look.number)

    def whole(self) -> None:
        count, size = self.count, self.size or (0.0, 0.0)
        fewest, most = self.printer.page_range(self.paper, *size)
        rounded = self.printer.rounded_count(count)
        if not fewest <= rounded <= most:
            self.add(FAIL, "page-count", f"{count} pages; {self.printer.title} binds {fewest} to {most} on {self.paper} at {_inches(size)}")
        if rounded != count:
            self.add(NOTE, "page-parity", f"{count} pages; the printer adds {rounded - count} blank to make {rounded}")
        if self.paper in self.printer.value("papers_unfit", ()):
            self.add(FAIL, "paper", f"{self.paper} paper is not for heavy ink; take another")
        warn, fail = self.printer.value("blank_run_warn"), self.printer.value("blank_run_fail")
        end = self.printer.value("blank_run_end_fail")
        for first, length in _runs(self.blank):
            is_last = first + length - 1 == count
            limit = end if is_last else fail
            told = f"{length} blank pages in a row, pages {first} to {first + length - 1}"
            if limit and length >= limit:
                self.add(FAIL, "blank-run", f"{told}; {self.printer.title} refuses {limit}{' at the end' if is_last else ''}", first)
            elif warn and length >= warn:
                self.add(WARN, "blank-run", f"{told}; a reviewer may ask why", first)
        if len(self.blank) == count:
            self.add(FAIL, "blank", "all pages are blank")


class _Cover(_Checked):
    """Back, spine and front on one page."""

    def __init__(
        self, path: str, printer: Printer, paper: str, size: tuple[float, float], pages: int | None,
        cover_size: tuple[float, float] | None, spine: float | None,
    ) -> None:  # fmt: skip
        super().__init__(path, printer, paper, size)
        self.pages, self.cover_size, self.spine_in = pages, cover_size, spine

    def page(self, look: Look) -> None:
        super().page(look)
        if look.number > 1:
            return
        width, height = self.size or (0.0, 0.0)
        bleed = float(self.printer.value("cover_bleed", 0.125))
        spine = self.spine_in
        if spine is None and self.pages:
            spine = self.printer.spine(self.printer.rounded_count(self.pages), self.paper)
        if self.cover_size is None and (spine is None or self.printer.value("cover_by_template", False)):
            told = "the printer's own calculator says the spine" if self.pages else "without an interior the spine is not known"
            if self.printer.value("cover_by_template", False):
                told = "the printer's own template says its size"
            self.add(NOTE, "cover-size", f"{_points(look.width, look.height)}; {told}, so that its width is not checked")
            if self.printer.value("cover_by_template", False):
                return
            spine = look.width / POINTS_PER_INCH - 2 * (width + bleed)
        whole = self.cover_size or (2 * (width + bleed) + (spine or 0.0), height + 2 * bleed)
        if spine is None:  # of a template that was told without it
            spine = whole[0] - 2 * (width + (whole[1] - height) / 2)
        wanted = whole[0] * POINTS_PER_INCH, whole[1] * POINTS_PER_INCH
        off = max(abs(look.width - wanted[0]), abs(look.height - wanted[1]))
        if off > _COVER_PT:
            has = look.width / POINTS_PER_INCH - whole[0] + spine
            why = f"a spine of {spine:.4f} in for {self.pages} pages, not {has:.4f}" if self.cover_size is None else "so says the template"
            self.add(FAIL, "cover-size", f"the cover has {_points(look.width, look.height)}, the book's takes {_points(*wanted)}: {why}", 1)
            return
        w, h, s = (POINTS_PER_INCH * one for one in (width, height, spine))
        x, y = (look.width - 2 * w - s) / 2, (look.height - h) / 2
        self.spine(look, (x + w, 0.0, x + w + s, look.height))
        self.barcode(look, x + w, y)
        self.edges(look, (x, y, x + 2 * w + s, y + h))

    def spine(self, look: Look, fold: Box) -> None:
        """What stands on the spine alone: words, or a drawing as small."""
        fewest = int(self.printer.value("spine_text_pages_min", 0))
        free = POINTS_PER_INCH * float(self.printer.value("spine_text_margin", 0))
        on: list[Mark] = []
        for mark in look.marks:
            middle = (mark.box[0] + mark.box[2]) / 2
            is_inside = fold[0] - 0.5 <= mark.box[0] and mark.box[2] <= fold[2] + 0.5 and mark.box[3] - mark.box[1] < 0.9 * look.height
            if mark.tone != WHITE and (is_inside or mark.kind == "text" and fold[0] < middle < fold[2]):
                on.append(mark)
        if not on:
            return
        if self.pages and self.pages < fewest:
            self.add(FAIL, "spine-text", f"words on the spine of {self.pages} pages; {self.printer.title} takes them from {fewest} on", 1)
            return
        reach = max(max(fold[0] + free - mark.box[0], mark.box[2] - (fold[2] - free)) for mark in on)
        if reach > _MARGIN_PT:
            self.add(FAIL, "spine-text", f"words on the spine come {_mm(reach)} too near to a fold; {_mm(free)} stay free", 1)

    def barcode(self, look: Look, fold: float, foot: float) -> None:
        """The box on the back that the printer's barcode takes."""
        row = self.printer.value("barcode")
        if not row:
            return
        wide, high, from_spine, from_foot = (POINTS_PER_INCH * float(one) for one in row)
        box = fold - from_spine - wide, foot + from_foot, fold - from_spine, foot + from_foot + high
        if self.ink_in(look.marks, (box[0] + 0.5, box[1] + 0.5, box[2] - 0.5, box[3] - 0.5)):
            self.add(FAIL, "barcode", f"something stands where the barcode goes: {_mm(wide)} by {_mm(high)} on the back, "
                     f"{_mm(from_spine)} from the spine and {_mm(from_foot)} from the foot", 1)  # fmt: skip

    def edges(self, look: Look, trim: Box) -> None:
        """Words near the trim, and a background that stops before the edge."""
        safe = POINTS_PER_INCH * float(self.printer.value("cover_safe", 0))
        for mark in look.marks:
            if mark.kind != "text" or mark.tone == WHITE and not any(one is not mark for one in look.marks):
                continue
            near = max(trim[0] - mark.box[0], trim[1] - mark.box[1], mark.box[2] - trim[2], mark.box[3] - trim[3]) + safe
            if near > _MARGIN_PT:
                self.add(FAIL, "margin", f"words {_mm(near)} within the {_mm(safe)} that stay free at the trim", 1)
                break
        for side, bleed in (("left", trim[0]), ("right", trim[0]), ("top", trim[1]), ("foot", trim[1])):
            stops = self.ink_in(look.marks, _strip(side, bleed - _MARGIN_PT, look.width, look.height, 1e6))
            if stops and not self.ink_in(look.marks, _strip(side, _BLEED_PT, look.width, look.height, 1e6)):
                self.add(FAIL, "bleed", f"ink beyond the trim stops before the cover's edge at the {side}; carry it to the edge", 1)

    def whole(self) -> None:
        if self.count != 1:
            self.add(FAIL, "cover-pages", f"a cover is one page; this file has {self.count}")


def looks(file: Opened) -> Iterator[Look]:
    """The pages of a file, painted one after another."""
    painter = Painter(file)
    for number_, page in enumerate(file.pages(), 1):
        media = file.box(page, b"MediaBox")
        if media is None:
            raise DamagedError("a page without a MediaBox")
        crop = file.box(page, b"CropBox")
        left, bottom, right, top = overlap(media, crop) or media if crop else media
        unit = float(number(file.get(page.get(b"UserUnit", 1))) or 1)
        if not (0 < (right - left) * unit < 1e5 and 0 < (top - bottom) * unit < 1e5):
            raise DamagedError("a page without a size")
        painter.page(page, (unit, 0.0, 0.0, unit, -left * unit, -bottom * unit))
        trim = file.box(page, b"TrimBox")
        placed = None
        if trim is not None:
            placed = (trim[0] - left) * unit, (trim[1] - bottom) * unit, (trim[2] - left) * unit, (trim[3] - bottom) * unit
        rotation = file.get(page.get(b"Rotate", 0))
        notes = file.array(page.get(b"Annots"), "Annots")
        kinds = [name_of(file.get(file.dictionary(one, "an annotation").get(b"Subtype"))) for one in notes]
        yield Look(
            number_, (right - left) * unit, (top - bottom) * unit, placed, (int(rotation) if type(rotation) is int else 0) % 360,
            painter.marks, painter.tiles, painter.transparency, len(kinds), file.has_script(page), _digest(file, page),
        )  # fmt: skip


def _digest(file: Opened, page: dict[bytes, Any]) -> bytes:
    """Of a page's content and its images: two pages of one digest show the same."""
    digest = hashlib.blake2b(file.page_content(page), digest_size=16)
    for value in file.dictionary(file.dictionary(page.get(b"Resources"), "Resources").get(b"XObject"), "XObject").values():
        stream = file.get(value)
        if isinstance(stream, Stream):
            digest.update(stream.packed)
    return digest.digest()


def _sign(
    ink: list[Mark], width: float, height: float, tick: Callable[[], None] | None, origin: tuple[float, float] = (0.0, 0.0)
) -> Any:
    """Where the page has outlines or pixels, by cells of a 64th of its sides, the first of which
    begins at the origin.
    """
    cells = np.zeros((_SIGN_CELLS, _SIGN_CELLS), bool)
    for count, mark in enumerate(ink):
        if tick and not count & 255:
            tick()
        if mark.kind == "image" and mark.ink is not None:
            rows, columns = np.nonzero(mark.ink[:: max(1, mark.ink.shape[0] // 512), :: max(1, mark.ink.shape[1] // 512)])
            high, wide = (-(-side // max(1, side // 512)) for side in mark.ink.shape)
            x = mark.box[0] + (columns + 0.5) / wide * (mark.box[2] - mark.box[0])
            y = mark.box[3] - (rows + 0.5) / high * (mark.box[3] - mark.box[1])
        elif mark.starts is not None:
            x, y = _along(mark.starts, mark.ends, min(width, height) / _SIGN_CELLS / 2)
        else:
            x, y = (np.array([mark.box[axis], mark.box[axis + 2]]) for axis in (0, 1))
        x, y = x - origin[0], y - origin[1]
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        cells[(y[inside] / height * _SIGN_CELLS).astype(int), (x[inside] / width * _SIGN_CELLS).astype(int)] = True
    return cells


def _along(starts: Any, ends: Any, step: float) -> tuple[Any, Any]:
    """Points on edges, no further apart than a step; of very long ones, fewer."""
    pieces = np.clip(np.ceil(np.abs(ends - starts).max(axis=1) / step), 1, 2 * _SIGN_CELLS).astype(int)
    first = np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = ((np.arange(len(first)) - first) / np.repeat(pieces, pieces))[:, None]
    points = np.repeat(starts, pieces, axis=0) * (1 - share) + np.repeat(ends, pieces, axis=0) * share
    return points[:, 0], points[:, 1]


def _metadata(file: Opened, catalog: dict[bytes, Any]) -> list[str]:
    """What the file says of the book: title, author and the like. Who made the file, and when, is
    in every PDF and is not counted.
    """
    info = file.dictionary(file.trailer.get(b"Info"), "Info")
    found = []
    for key in (b"Title", b"Author", b"Subject", b"Keywords"):
        value = file.get(info.get(key))
        if isinstance(value, bytes):
            text = (value[2:].decode("utf-16-be", "replace") if value[:2] == b"\xfe\xff" else value.decode("latin-1")).strip()
            if text.strip("()").lower() not in ("", "untitled", "anonymous", "unspecified"):
                found.append(f"{key.decode().lower()} {text[:40]!r}")
    stream = file.get(catalog.get(b"Metadata"))
    if isinstance(stream, Stream):
        text = file.content(stream).decode("utf-8", "replace")
        for name in ("title", "creator", "description", "subject", "rights"):
            inner = text.partition(f"<dc:{name}>")[2].partition(f"</dc:{name}>")[0]
            words = "".join(part.partition(">")[2] for part in inner.split("<")).strip()
            if words.lower() not in ("", "untitled", "anonymous", "unspecified"):
                found.append(f"XMP {name} {words[:40]!r}")
    return found


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Runs of following numbers: first and length."""
    runs: list[tuple[int, int]] = []
    for one in numbers:
        if runs and sum(runs[-1]) == one:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((one, 1))
    return runs


def _strip(side: str, depth: float, width: float, height: float, far: float) -> Box:
    """The strip at a page's edge, and all beyond it, up to `depth` points inside."""
    return {
        "left": (-far, 0.0, depth, height), "right": (width - depth, 0.0, far, height),
        "foot": (0.0, -far, width, depth), "top": (0.0, height - depth, width, far),
    }[side]  # fmt: skip


def _outer(side: str) -> str:
    return side if side in ("top", "foot") else f"outer edge ({side})"


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= _SIZE_PT for a, b in zip(one, other))


def _points(width: float, height: float) -> str:
    return f"{width / POINTS_PER_INCH:.3f} x {height / POINTS_PER_INCH:.3f} in ({width * MM_PER_PT:.1f} x {height * MM_PER_PT:.1f} mm)"


def _inches(size: tuple[float, float]) -> str:
    return f"{size[0]:g} x {size[1]:g} in"


def _mm(points: float) -> str:
    return f"{points * MM_PER_PT:.1f} mm"
