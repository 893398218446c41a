"""`Book`: pages → the files that a printer takes. Start reading here.

pages ─read_drawing→ Drawings ─ordered→ Slots ─page_layers→ layers ─interior_pieces→ interior.pdf
and of the count ─cover_geometry, compose_cover→ cover.pdf; of both the pictures and the report
"""
from __future__ import annotations

import json  # a book is not the fast path
import os
import re

from linefinish import __version__, checks
from linefinish.book.bleeding import fill_of
from linefinish.book.cover import CoverOrder, compose_cover, cover_pieces, template_pieces
from linefinish.book.directions import composed, unshaped
from linefinish.book.drawings import Drawing, PageError, Placing, read_drawing
from linefinish.book.faces import face_of
from linefinish.book.geometry import RECTO, VERSO, PageGeometry, cover_geometry, page_geometry, parse_trim
from linefinish.book.interior import BoundPage, Intent, interior_pieces
from linefinish.book.ordering import DRAWING, FRONT, Slot, check_front, drawings_that_fit, ordered
from linefinish.book.pack import SHOPS, pack_files
from linefinish.book.pages import Words, drawing_area, overlong, page_layers
from linefinish.book.pictures import contact_sheet, mock_up, sample
from linefinish.book.provenance import ai_statements
from linefinish.book.staging import staged
from linefinish.data.document import POINTS_PER_INCH
from linefinish.errors import OptionsError, WriteError
from linefinish.preflight.findings import FAIL, NOTE, WARN, Finding, is_ready
from linefinish.preflight.rules import printer_of
from linefinish.records import altered, record, replace
from linefinish.writers import replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from linefinish.book.cover import Cover
    from linefinish.book.drawn import Layer
    from linefinish.preflight.rules import Printer

# What a folder is searched for.
SUFFIXES = frozenset((
    ".png", ".jpg", ".jpeg", ".jpe", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".pbm", ".pgm", ".ppm", ".pnm", ".pam", ".svg",
    ".pdf",
))  # fmt: skip
REPORT_NAME, _INTERIOR, _COVER = "report.json", "interior.pdf", "cover.pdf"
# What the book judges itself, by its drawings and what it was told, and the files do not show.
_JUDGED = frozenset(("page-count", "page-parity", "paper", "trim", "twice"))

# Share of ink from which on a page is solid black. Lower: night scenes are refused.
_SOLID = 0.97
# How far two drawings of 64 × 64 px may differ and still be one: share of white to black.
_SAME = 0.02
# Share of the live area's longer side that a drawing of another shape leaves free, told from here
# on.
_OTHER_SHAPE = 0.15
# Share of the least width from which on a page's thinnest strokes pass: they are measured to about
# a twentieth, and printers' figures are round.
_THIN = 0.95
COVER = CoverOrder()
_STANDARDS = {"1a": "PDF/X-1a:2001", "3": "PDF/X-3:2002"}
# Seconds since 1970 of 2000-01-01: the day in a file where SOURCE_DATE_EPOCH says none.
_EPOCH = 946_684_800


@record
class Made:
    """What became of a book: the files that were written, the findings, and whether it is ready."""

    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    ready: bool
    report: dict[str, Any]


class Book:
    """A book of drawings.

    pages         files in their order, or one folder, whose pages are taken in natural order:
                  images, or pages that linefinish finished (SVG, PDF, 1-bit PNG)
    printer       a name in printers.toml; `printers` is a file of more rules
    trim          the finished size, "8.5x11" in inches or with a unit, "a4"
    front         which of "title", "copyright", "belongs-to", "test-page" stand before the drawings
    single_sided  each drawing on a recto, its back blank
    bleed         drawings run over the three outer edges
    stroke_width_min_pt  strokes of images are made at least so wide in print; None: the printer's
                  minimum; 0: as drawn. Finished pages are drawn anew only where it is given.
    pdfx          "1a": PDF/X-1a:2001; "3": PDF/X-3:2002; "none"; None: what the printer asks for
    shop          "etsy": a pack of files for that shop, instead
    cover         a `CoverOrder`, or None for no cover
    options       for finishing images, by name, as `FinishOptions`
    provenance    "ai", "ai-edited" or "hand" for each page, or one for all; "" where nothing is
                  known
    jobs          pages read at a time, each in a process; 1 reads them here

    Raises OptionsError for what cannot be, PageError (which names the file) for a page that cannot
    be read.
    """

    def __init__(  # noqa: PLR0913  # all by name, and each a flag of the command
        self, pages: Any, printer: str = "kdp", trim: str = "8.5x11", *, paper: str = "white", title: str = "", author: str = "",
        copyright: str = "", end: str = "", front: Sequence[str] = FRONT, single_sided: bool = True, numbers: str = "none",
        bleed: bool = False,
        stroke_width_min_pt: float | None = None, pdfx: str | None = None, font: str | os.PathLike[str] | None = None,
        cover: CoverOrder | None = COVER, shop: str | None = None, with_sample: bool = False, titles: Sequence[str] = (),
        provenance: str | Sequence[str] = "", options: dict[str, Any] | None = None, printers: str | os.PathLike[str] | None = None,
        allow_solid: bool = False, force: bool = False, jobs: int = 1,
    ) -> None:  # fmt: skip
        self.printer: Printer = printer_of("home" if shop else printer, printers)
        self.trim, self.paper = parse_trim(trim), paper
        self.sources = sources_of(pages)
        texts = {"title": title, "author": author, "copyright": copyright, "end": end}
        self.words = Words(**{name: _one_text(name, text) for name, text in texts.items()}, numbers=numbers)
        self.front = tuple(word for word in check_front(front) if word != "title" or title)
        self.single_sided, self.bleed, self.pdfx, self.shop = bool(single_sided), bool(bleed), pdfx, shop
        if cover:
            spine_text = cover.spine_text and composed(cover.spine_text)
            cover = replace(cover, back=_one_text("back", cover.back), spine_text=spine_text)
        self.cover, self.with_sample = cover, with_sample
        self.options = dict(options or {})
        self.allow_solid, self.force, self.jobs = allow_solid, force, jobs
        self.titles = list(titles) or ["" for _ in self.sources]
        self.provenance = [provenance] * len(self.sources) if isinstance(provenance, str) else list(provenance)
        if numbers not in ("none", "foot"):
            raise OptionsError(f"numbers is {checks.shown(numbers)}; it may be none or foot")
        if pdfx not in (None, *_STANDARDS, "none"):
            raise OptionsError(f"pdfx is {checks.shown(pdfx)}; it may be {', '.join(_STANDARDS)} or none")
        if self.bleed and not max(self.printer.bleed()):
            raise OptionsError(f"{self.printer.title} has no bleed: it leaves the edges of its paper white; leave bleed out")
        if shop not in (None, *SHOPS):
            raise OptionsError(f"there is no pack for {checks.shown(shop)}; there is one for {', '.join(SHOPS)}")
        if not isinstance(jobs, int) or jobs < 1:
            raise OptionsError(f"jobs is {checks.shown(jobs)}; it takes a whole number, 1 or more")
        if len(self.titles) != len(self.sources) or len(self.provenance) != len(self.sources):
            raise OptionsError(f"there are {len(self.sources)} pages; titles and provenance are to be as many")
        if stroke_width_min_pt is not None and not (checks.number(stroke_width_min_pt) and 0 <= stroke_width_min_pt <= 72):
            raise OptionsError(f"stroke_width_min_pt is {checks.shown(stroke_width_min_pt)}; it takes points, 0 to 72")
        self.statements = ai_statements(self.provenance)
        self._redraw = stroke_width_min_pt is not None
        minimum = float(self.printer.value("stroke_width_pt_min", 0))
        self.stroke_width_min_pt = minimum if stroke_width_min_pt is None else float(stroke_width_min_pt)
        self.face = face_of(font)
        said = self.words.all_text() + (cover.back + (cover.spine_text or "") if cover else "")
        if script := unshaped(said):
            raise OptionsError(f"letters of {script} script change beside others, and are not set here; they can stand in a --cover-image")
        lacking = self.face.lacks(said)
        if lacking:
            told = ", ".join(f"{c} (U+{ord(c):04X})" for c in lacking[:10])
            more = "" if len(lacking) <= 10 else f" and {len(lacking) - 10} more"
            raise OptionsError(f"the face has no outline for {told}{more}; give one that has, with --font FILE.ttf")
        self.printer.by_paper("pages", paper)
        if self.printer.refuses_trim(*self.trim):
            sizes = ", ".join(f"{w:g}x{h:g}" for w, h in self.printer.value("trims", ()))
            raise OptionsError(f"{self.printer.title} does not print {self.trim[0]:g}x{self.trim[1]:g}; it has {sizes}")
        multiple = int(self.printer.value("pages_multiple", 1))
        self.slots = ordered(len(self.sources), self.front, self.single_sided, bool(self.words.end), multiple)
        self.geometries = {
            side: page_geometry(self.printer, self.trim, len(self.slots), side, self.bleed) for side in (RECTO, VERSO)
        }
        for told in overlong(self.face, self.words, self.geometries[RECTO].safe_pt):
            raise OptionsError(f"{told} is too long for the page")
        self._drawings: list[Drawing] | None = None
        self._fills: dict[int, float] = {}

    @property
    def count(self) -> int:
        """Pages of the interior."""
        return len(self.slots)

    def geometry(self, number: int) -> PageGeometry:
        """Of page `number`, from 1 on."""
        return self.geometries[RECTO if number % 2 else VERSO]

    def placing(self) -> Placing:
        """How the drawings are put on their pages."""
        left, top, right, bottom = drawing_area(self.geometries[RECTO], self.words, self.bleed)
        return Placing((right - left, bottom - top), self.bleed, self.stroke_width_min_pt, self._redraw)

    def drawings(self, on_page: Callable[[str], Any] | None = None) -> list[Drawing]:
        """The drawings, read once. `on_page` is told each file as it is done."""
        if self._drawings is None:
            work = [(source, self.placing(), self.options) for source in self.sources]
            done = []
            for drawing in _read_all(work, self.jobs):
                done.append(drawing)
                if on_page:
                    on_page(drawing.source)
            self._drawings = done
        return self._drawings

    def fill(self, number: int) -> float:
        """How many times as large as just fills its page the drawing of page `number` is; 0 where
        it stands inside of the margins.
        """
        drawing = self.slots[number - 1].drawing
        if not self.bleed or drawing is None:
            return 0.0
        if number not in self._fills:
            geometry, bleed_pt = self.geometry(number), POINTS_PER_INCH * max(self.printer.bleed())
            area = drawing_area(geometry, self.words, bleeds=True)
            self._fills[number] = fill_of(self.drawings()[drawing].document, area, geometry.page_pt, bleed_pt)
        return self._fills[number]

    # --- what is to be said of it
    # ------------------------------------------------------------

    def check(self) -> list[Finding]:
        """What a printer would refuse, what to look at, and what was done of its own accord: of the
        drawings, and of the files that they become, which are looked at as `linefinish.check` looks
        at files of others. Nothing stays on the disk.
        """
        findings = self.check_count()
        if is_ready(findings):
            from tempfile import TemporaryDirectory

            cover, told = (None, []) if self.shop else self.composed_cover()
            findings += [*self._check_drawings(), *told]
            with TemporaryDirectory() as folder:
                for name, pieces in self._bound_files(cover):
                    replace_file(pieces, os.path.join(folder, name))
                findings += self._check_files(folder, findings)
        else:
            findings += self._check_drawings()
        return findings

    def _check_files(self, folder: str, known: list[Finding]) -> list[Finding]:
        """What the preflight finds in the files there, and the book does not know yet."""
        from linefinish.preflight.checking import check_files  # with numpy, which naming a book does not need

        interior, cover = (path if os.path.exists(path) else None for path in (os.path.join(folder, name) for name in (_INTERIOR, _COVER)))
        if interior is None:
            return []
        told = {(finding.code, finding.page) for finding in known}
        said = (self.cover.size, self.cover.spine) if self.cover else (None, None)
        found = check_files(interior, cover, self.printer, self.trim, self.paper, self.count, *said)
        return [
            altered(finding, source=os.path.basename(finding.source)) for finding in found
            if finding.level != NOTE and finding.code not in _JUDGED and (finding.code, finding.page) not in told
        ]

    def check_count(self) -> list[Finding]:
        """What is known before a page is read."""
        findings: list[Finding] = []
        if self.shop:
            return findings
        fewest, most = self.printer.page_range(self.paper, *self.trim)
        size = f"{self.printer.title}, {self.trim[0]:g}x{self.trim[1]:g}, {self.paper}"
        multiple = int(self.printer.value("pages_multiple", 1))
        plan = (self.front, self.single_sided, bool(self.words.end), multiple)
        if self.count > most:
            fit = drawings_that_fit(most, *plan)
            told = f"{self.count} pages are more than the {most} of {size}; {fit} of the {_many(len(self.sources), 'drawing')} fit"
            both = drawings_that_fit(most, self.front, False, bool(self.words.end), multiple)
            findings.append(Finding(FAIL, "page-count", told + (f", {both} with --double-sided" if self.single_sided else "")))
        elif self.count < fewest:
            told = f"{self.count} pages are fewer than the {fewest} of {size}"
            wanted = drawings_that_fit(fewest - 1, *plan) + 1 - len(self.sources)
            findings.append(Finding(FAIL, "page-count", f"{told}; {_many(wanted, 'more drawing')} would do"))
        if not self.printer.has_trim(*self.trim):
            sizes = ", ".join(f"{w:g}x{h:g}" for w, h in self.printer.value("trims", ()))
            told = f"{self.trim[0]:g}x{self.trim[1]:g} is none of the sizes known of {self.printer.title} ({sizes})"
            findings.append(Finding(WARN, "trim", told))
        if self.paper in self.printer.value("papers_unfit", ()):
            told = f"{self.paper} paper is not for heavy ink, so not for a colouring book"
            more = "" if self.force else " (--force takes it all the same)"
            findings.append(Finding(WARN if self.force else FAIL, "paper", told + more))
        return findings

    def _check_drawings(self) -> list[Finding]:
        drawings = self.drawings()
        findings: list[Finding] = []
        numbers = {slot.drawing: number for number, slot in enumerate(self.slots, 1) if slot.drawing is not None}
        width_min = float(self.printer.value("stroke_width_pt_min", 0))
        region_mm = float(self.printer.value("region_mm_min", 0))
        area = self.placing().area_pt
        for index, drawing in enumerate(drawings):
            say = _teller(findings, numbers.get(index), drawing.source)
            facts = drawing.facts
            if facts["ink_coverage"] >= _SOLID:
                level = NOTE if self.allow_solid else FAIL
                say(level, "solid", "the page is solid black" + ("" if self.allow_solid else "; --allow-solid takes it all the same"))
            elif not facts["ink_coverage"]:
                say(WARN, "empty", "nothing is drawn on the page")
            elif drawing.thin_as_drawn and 0 < facts["stroke_width_min_pt"] < _THIN * width_min:
                told = f"the thinnest strokes are {facts['stroke_width_min_pt']:.2f} pt wide in print; {self.printer.title} asks for"
                say(FAIL, "stroke-width", f"{told} {width_min:g} (--stroke-width-min {width_min:g}pt makes them so)")
            if 0 < facts["region_mm2_min"] < region_mm**2:
                told = f"the smallest region to colour is {facts['region_mm2_min']:.2g} mm²"
                say(NOTE, "region", f"{told}, less than {region_mm:g} mm across")
            if 0 < facts.get("dpi", 300) < 150:
                say(NOTE, "resolution", f"the image has {facts['dpi']:.0f} pixels an inch in print; its curves show every wobble of them")
            shape = drawing.size_pt[0] / drawing.size_pt[1] / (area[0] / area[1])
            over = 1 - min(shape, 1 / shape)
            if over > _OTHER_SHAPE:
                told = f"the drawing is {'wider' if shape > 1 else 'taller'} than the page"
                if self.bleed:
                    say(WARN, "shape", f"{told}; {100 * over:.0f} % of it is cut off")
                else:
                    say(NOTE, "shape", f"{told}; it was fitted, and leaves some of it free")
            if self.bleed:
                fill = self.fill(numbers[index])
                if fill > 1:
                    say(NOTE, "bleed", f"made {100 * (fill - 1):.1f} % larger, so that what crosses the trim runs to the page's edge")
                elif not fill:
                    say(WARN, "bleed", "parts of the drawing end on either side of the trim; it stands inside of the margins")
            for warning in facts["warnings"]:
                say(NOTE, "drawing", warning)
        return findings + _twins(drawings, numbers)

    # --- the files
    # ------------------------------------------------------------

    def intent(self) -> Intent | None:
        """What PDF/X states, or None where the files are plain."""
        wanted = str(self.printer.value("standard", ""))
        asked = self.pdfx or next((name for name, standard in _STANDARDS.items() if wanted == standard), "none")
        if asked == "none":
            return None
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        return Intent(self.words.title or "Untitled", int(epoch) if epoch.isdecimal() and int(epoch) < 1 << 33 else _EPOCH, standard=asked)

    def layers(self, number: int) -> list[Layer]:
        """What stands on page `number`, from 1 on."""
        slot = self.slots[number - 1]
        drawing = None if slot.drawing is None else self.drawings()[slot.drawing]
        return page_layers(slot, number, self.geometry(number), drawing, self.words, self.face, self.fill(number))

    def bound_pages(self) -> Iterator[BoundPage]:
        """The pages of the interior, each as it is written."""
        for number, slot in enumerate(self.slots, 1):
            drawing = None if slot.drawing is None else self.drawings()[slot.drawing]
            if slot.kind == DRAWING and drawing is not None and drawing.stream is not None:
                layers = self.layers(number)[1:]  # the page number, if there is one
                fill = self.fill(number)
                area = drawing_area(self.geometry(number), self.words, bool(fill))
                yield BoundPage(self.geometry(number), tuple(layers), drawing.stream, drawing.size_pt, area, fill)
            else:
                yield BoundPage(self.geometry(number), tuple(self.layers(number)))

    def composed_cover(self) -> tuple[Cover | None, list[Finding]]:
        """The cover for this count, or None with the reason where there is none."""
        order = self.cover
        if order is None or self.printer.name == "home":
            return None, []
        if self.printer.value("cover_by_template", False) and (order.size is None or order.spine is None):
            told = f"no cover: {self.printer.title} says its size and spine in a template of its own (--cover-size WxH --spine LENGTH)"
            return None, [Finding(WARN, "cover", told)]
        spine = order.spine if order.spine is not None else self.printer.spine(self.count, self.paper)
        if spine is None:
            return None, [Finding(WARN, "cover", f"no cover: {self.printer.title} says the spine in its own calculator (--spine LENGTH)")]
        geometry = cover_geometry(self.printer, self.trim, spine, order.size)
        if not 0 <= order.drawing <= len(self.sources):
            raise OptionsError(f"the cover's drawing is {order.drawing}; there are {len(self.sources)}, and 0 has none")
        drawing = self.drawings()[order.drawing - 1] if order.drawing else None
        return compose_cover(geometry, self.printer, order, self.words.title, self.words.author, self.count, drawing, self.face)

    def write(self, folder: str | os.PathLike[str], *, strict: bool = False, on_page: Callable[[str], Any] | None = None) -> Made:
        """Make all files in `folder`. Where the book is not ready, report.json alone is written,
        and what stood there before stays.

        Raises WriteError, PageError, OptionsError; no file is left half written.
        """
        folder = os.path.abspath(os.fsdecode(folder))
        findings = self.check_count()
        if not is_ready(findings):
            return self._not_ready(folder, findings)
        self.drawings(on_page)
        findings += self._check_drawings()
        cover, told = (None, []) if self.shop else self.composed_cover()
        findings += told
        if not is_ready(findings, strict):
            return self._not_ready(folder, findings)
        return self._write_files(folder, cover, findings, strict)

    def _not_ready(self, folder: str, findings: list[Finding]) -> Made:
        report = self._report(findings, None, [])
        _make_folder(folder)
        replace_file([_json(report)], os.path.join(folder, REPORT_NAME))
        return Made((), tuple(findings), False, report)

    def _write_files(self, folder: str, cover: Cover | None, findings: list[Finding], strict: bool) -> Made:
        """Everything beside its place first, where it is checked, then all of it there."""
        _make_folder(folder)
        try:
            with staged(folder) as hidden:
                for name, pieces in self._files(cover):
                    try:
                        replace_file(pieces, os.path.join(hidden, name))
                    except WriteError as error:  # where it was to go says more
                        raise WriteError(str(error).replace(hidden, folder)) from error
                names = sorted(os.listdir(hidden))
                limit = int(self.printer.value("bytes_max", 1 << 62))
                for name in names:
                    size = os.path.getsize(os.path.join(hidden, name))
                    if size > limit:
                        raise WriteError(f"{name} would have {size / 1e6:.0f} MB; {self.printer.title} takes {limit / 1e6:.0f}")
                findings += self._check_files(hidden, findings)
                if not is_ready(findings, strict):
                    return self._not_ready(folder, findings)
                report = self._report(findings, cover, names)
                replace_file([_json(report)], os.path.join(hidden, REPORT_NAME))
                in_the_way = [name for name in [*names, REPORT_NAME] if os.path.isdir(os.path.join(folder, name))]
                if in_the_way:
                    raise WriteError(f"{os.path.join(folder, in_the_way[0])} is a folder; nothing was written")
                for name in [*names, REPORT_NAME]:
                    os.replace(os.path.join(hidden, name), os.path.join(folder, name))
        except OSError as error:
            raise WriteError(f"{folder} could not be written: {(error.strerror or str(error)).lower()}") from error
        return Made((*names, REPORT_NAME), tuple(findings), True, report)

    def _bound_files(self, cover: Cover | None) -> Iterator[tuple[str, Iterable[Any]]]:
        """What the printer is sent."""
        if not self.shop:
            yield _INTERIOR, interior_pieces(self.bound_pages(), self.intent())
            if cover is not None:
                yield _COVER, cover_pieces(cover, self.intent())

    def _files(self, cover: Cover | None) -> Iterator[tuple[str, Iterable[Any]]]:
        page_pt = self.geometries[RECTO].page_pt
        first = next(number for number, slot in enumerate(self.slots, 1) if slot.kind == DRAWING)
        if self.shop:
            for name, data in pack_files(self.drawings(), self.printer, self.words, self.face, self.statements["etsy"]):
                yield name, [data]
        else:
            yield from self._bound_files(cover)
            if cover is not None and self.cover is not None and self.cover.template:
                yield "cover-template.pdf", template_pieces(cover.geometry, self.face)
            pages = [(self.layers(number), self._told(slot)) for number, slot in enumerate(self.slots, 1)]
            yield "contact.png", [contact_sheet(pages, page_pt)]
            # A spread with a drawing at its right, where there is one.
            right = first if first % 2 else first + 1
            left = self.layers(right - 1) if right > 1 else []
            yield "mockup.png", [mock_up(cover, left, self.layers(min(right, self.count)), page_pt)]
        if self.with_sample:
            yield "sample.png", [sample(self.layers(first), page_pt, self.face)]

    def _told(self, slot: Slot) -> str:
        if slot.drawing is None:
            return "" if slot.kind == "blank" else slot.kind
        return self.titles[slot.drawing] or os.path.splitext(os.path.basename(self.sources[slot.drawing]))[0]

    def _report(self, findings: list[Finding], cover: Cover | None, names: Iterable[str]) -> dict[str, Any]:
        drawings = self._drawings or []
        spine = None
        if cover is not None:
            box = cover.geometry.spine_pt
            spine = {
                "spine_in": round((box[2] - box[0]) / 72, 6), "cover_in": [round(side / 72, 6) for side in cover.geometry.page_pt],
            }  # fmt: skip
        recto, intent = self.geometries[RECTO], self.intent()
        return {
            "linefinish": __version__, "ready": is_ready(findings), "files": list(names),
            "title": self.words.title, "author": self.words.author,
            "trim_in": list(self.trim), "paper": self.paper, "pages": self.count, "bleed": self.bleed, "single_sided": self.single_sided,
            "page_in": [round(side / 72, 6) for side in recto.page_pt],
            "live_area_in": {side: [round(edge / 72, 6) for edge in geometry.live_pt] for side, geometry in self.geometries.items()},
            "pdfx": _STANDARDS[intent.standard] if intent else None, "cover": spine,
            "findings": [finding.to_mapping() for finding in findings], "ai": self.statements,
            "drawings": [
                {"page": number, "source": self.sources[slot.drawing], "title": self.titles[slot.drawing],
                 "provenance": self.provenance[slot.drawing], **(_rounded(drawings[slot.drawing].facts) if drawings else {})}
                for number, slot in enumerate(self.slots, 1) if slot.drawing is not None
            ],
            **self.printer.to_mapping(),
        }  # fmt: skip


def sources_of(pages: Any) -> list[str]:
    """The files: as given, those of a folder in natural order. OptionsError where there is none,
    PageError where one that was named is not there.
    """
    given = [pages] if isinstance(pages, (str, os.PathLike)) else list(pages)
    found: list[str] = []
    for path in map(os.fsdecode, given):
        if os.path.isdir(path):
            names = [name for name in os.listdir(path) if os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith(".")]
            found += [os.path.join(path, name) for name in sorted(names, key=natural)]
        elif os.path.exists(path):
            found.append(path)
        else:
            raise PageError(f"{path}: there is no such file")
    if not found:
        raise OptionsError(f"there is no page in {', '.join(map(os.fsdecode, given)) or 'what was given'}")
    return found


def natural(name: str) -> tuple[Any, ...]:
    """A key that sorts page-2 before page-10."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part.lower()) for part in re.split(r"(\d+)", name) if part), name


def _read_all(work: list[tuple[str, Placing, dict[str, Any]]], jobs: int) -> Iterator[Drawing]:
    """In order, whatever the number of processes."""
    if jobs == 1 or len(work) == 1:
        for one in work:
            yield read_drawing(*one)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(work)), mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(read_drawing, *one) for one in work]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _twins(drawings: list[Drawing], numbers: dict[int, int]) -> list[Finding]:
    """Drawings that are there twice."""
    import numpy as np

    if len(drawings) < 2:
        return []
    small = np.array([np.frombuffer(drawing.thumbnail, np.uint8) for drawing in drawings], np.float32)
    findings: list[Finding] = []
    for index in range(1, len(drawings)):
        if not drawings[index].facts["ink_coverage"]:
            continue
        apart = np.abs(small[:index] - small[index]).mean(axis=1) / 255
        # Of two pages with little ink little differs: what counts is the share of what is drawn.
        ink = np.maximum(small[:index].mean(axis=1), small[index].mean()) / 255
        near = int((apart / np.maximum(ink, 1e-6)).argmin())
        if apart[near] >= _SAME or apart[near] > 0.2 * ink[near]:
            continue
        same = bytes(drawings[index].document.segments) == bytes(drawings[near].document.segments)
        told = f"the same drawing as page {numbers[near]}" if same else f"nearly the same drawing as page {numbers[near]}"
        findings.append(Finding(FAIL if same else WARN, "twice", told, numbers[index], drawings[index].source))
    return findings


def _teller(findings: list[Finding], page: int | None, source: str) -> Callable[[str, str, str], None]:
    def say(level: str, code: str, text: str) -> None:
        findings.append(Finding(level, code, text, page, source))

    return say


def _one_text(name: str, text: Any) -> str:
    if not isinstance(text, str) or any(ord(c) < 32 and c not in "\t\n" for c in text):
        raise OptionsError(f"{name} is {checks.shown(text)}; it takes text")
    return composed(text.replace("\t", " ") if name in ("copyright", "end", "back") else " ".join(text.split()))


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        raise WriteError(f"the folder {folder} cannot be made: {(getattr(error, 'strerror', None) or str(error)).lower()}") from error


def _json(mapping: dict[str, Any]) -> bytes:
    return (json.dumps(mapping, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _rounded(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in facts.items()}


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


