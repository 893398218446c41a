"""`bind`: a run's pages put together by linefinish, as the interior and the cover that a printer
takes, or as the pack that a shop takes. A pure function on files, for a child process:

    cropped → Book → checked by the preflight → pictured → told
"""
from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import linefinish
from myjoe.provenance import made_by

# A finding's levels, the worst first, and its first one, which a printer would refuse.
LEVELS = (FAIL, WARN, NOTE) = "fail", "warn", "note"
# What stands beside a book's files, and is no part of what a printer is sent.
REPORT, PROGRESS = "report.json", "progress"
# How many pages with findings are shown, and how wide in pixels. More: a slow page of the Studio;
# wider: the same.
PICTURES_MAX, PICTURE_WIDTH_PX = 12, 420
# How many pages one finding names.
PAGES_NAMED_MAX = 40
# Codes of findings that a second pass, with thin strokes made wider, mends.
MENDED = frozenset({"stroke-width"})


def bind(folder: str, pages: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Make the files of a print or of a shop's pack in `folder`/out.

    pages   {"file" (below `folder`), "name" (without an ending), "page" (of the run), "title",
            "margin_pt", "provider", "model", "edited"}
    wanted  as private.print_order says it: with "shop" a pack, else a print; and "end", words for
            a last page, where there are to be any

    Gives {"files": names in `folder`/out, "told": what is to be said of them}. What a printer would
    not take, or cannot be bound, is told in findings, and has no book among its files.
    """
    with contextlib.chdir(folder):  # so that no report names a folder of ours
        return _Binding(pages, wanted).run()


class _Binding:
    """One book being bound in the present folder."""

    def __init__(self, pages: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> None:
        self.pages, self.wanted = pages, wanted
        self.out = Path("out")
        self.book: linefinish.Book | None = None
        self.findings: list[linefinish.Finding] = []

    def run(self) -> dict[str, Any]:
        """The way of a book."""
        self.out.mkdir(exist_ok=True)
        try:
            made = self.made(self.cropped())
        except (linefinish.OptionsError, linefinish.ImageReadError) as error:
            unreadable = isinstance(error, linefinish.ImageReadError)
            self.findings, report = [linefinish.Finding(FAIL, "unreadable" if unreadable else "unfit", str(error))], {}
        else:
            report = made.report
            self.findings += made.findings
            if made.ready and "shop" not in self.wanted:
                self.findings += self.checked()
        ready = not any(finding.level == FAIL for finding in self.findings)
        if not ready:
            self.drop_all()
        whole = {**report, "ready": ready, "findings": [finding.to_mapping() for finding in self.findings]}
        (self.out / REPORT).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
        if "shop" not in self.wanted and report:
            self.picture()
        return {"files": sorted(path.name for path in self.out.iterdir()), "told": self.told(report, ready)}

    def cropped(self) -> list[str]:
        """The pages without their papers' margins, as a printer has its own; with bleed without all
        that is blank around the drawing, so that it does run over the edges.
        """
        files = []
        for page in self.pages:
            files.append(f"{page['name']}.pdf")
            linefinish.crop_page(page["file"], files[-1], page["margin_pt"], to_ink=self.wanted.get("bleed", False))
        return files

    def made(self, files: Sequence[str]) -> Any:
        """What `Book` makes of them. Where thin lines alone stand in its way, they are made wider
        in a second pass.
        """
        made = self.attempt(files, None)
        wrong = {finding.code for finding in made.findings if finding.level == FAIL}
        if wrong and wrong <= MENDED:
            thin = [finding for finding in made.findings if finding.code in MENDED]
            made = self.attempt(files, float(self.book.printer.value("stroke_width_pt_min", 0.75)) if self.book else None)
            told = "thin lines were made as wide as the printer asks for"
            self.findings += [linefinish.Finding(NOTE, one.code, told, one.page) for one in thin]
        return made

    def attempt(self, files: Sequence[str], stroke_width_min_pt: float | None) -> Any:
        Path(PROGRESS).write_bytes(b"")
        wanted = self.wanted
        placed: dict[str, Any] = {"shop": wanted["shop"]} if "shop" in wanted else {
            "printer": wanted["printer"], "trim": wanted["trim"], "bleed": wanted["bleed"], "single_sided": wanted["single_sided"],
        }  # fmt: skip
        self.book = linefinish.Book(
            files, title=wanted["title"], author=wanted["author"], end=wanted.get("end", ""), titles=[page["title"] for page in self.pages],
            provenance=[made_by(page["provider"], page["edited"]) for page in self.pages],
            stroke_width_min_pt=stroke_width_min_pt, cover=self.cover(), **placed,
        )  # fmt: skip
        return self.book.write(self.out, on_page=self.note_page)

    def cover(self) -> linefinish.CoverOrder:
        """The cover as it is computed, or as the printer's calculator or template says."""
        spine, size = self.wanted.get("spine"), self.wanted.get("cover_size")
        width, _, height = (size or "").partition("x")
        return linefinish.CoverOrder(spine=float(spine) if spine else None, size=(float(width), float(height)) if size else None)

    def note_page(self, _: str) -> None:
        """A byte a page: the parent looks how long the file is."""
        with open(PROGRESS, "ab") as file:
            file.write(b".")

    def checked(self) -> list[linefinish.Finding]:
        """What the preflight, which knows nothing of how they were made, says of the files."""
        cover = self.out / "cover.pdf"
        found = linefinish.check(
            self.out / "interior.pdf", cover if cover.exists() else None, printer=self.wanted["printer"], trim=self.wanted["trim"],
            cover_size=self.wanted.get("cover_size") or None, spine=self.cover().spine,
        )
        known = {(finding.code, finding.page) for finding in self.findings}
        return [finding for finding in found if (finding.code, finding.page) not in known]

    def drop_all(self) -> None:
        """What is not ready is nobody's."""
        for path in self.out.iterdir():
            path.unlink()

    def picture(self) -> None:
        """The pages of which something is said, the worst first, as they would be printed."""
        assert self.book is not None, "there is a report of a book"
        worst_first = sorted(self.findings, key=lambda finding: LEVELS.index(finding.level))
        numbers = [page for finding in worst_first for page in about(finding)]
        for number in list(dict.fromkeys(numbers))[:PICTURES_MAX]:
            if 1 <= number <= self.book.count:
                (self.out / picture_name(number)).write_bytes(linefinish.picture_page(self.book, number, PICTURE_WIDTH_PX))

    def drawings(self) -> dict[int, int]:
        """Which of the run's pages stands on which page of the book."""
        slots = enumerate(self.book.slots if self.book else (), 1)
        return {number: self.pages[slot.drawing]["page"] for number, slot in slots if slot.drawing is not None}

    def told(self, report: Mapping[str, Any], ready: bool) -> dict[str, Any]:
        """What the Studio tells of it."""
        drawn = Counter(f"{page['provider']} ({page['model']})" for page in self.pages if page["provider"])
        about = () if "shop" in self.wanted else ("trim_in", "page_in", "pages", "bleed", "single_sided", "cover")
        return {
            "ready": ready, "findings": grouped(self.findings, self.drawings()),
            "ai": dict(self.book.statements) if self.book else {}, "drawn_by": dict(drawn.most_common(12)),
            "rules_seen_on": max((rule["seen_on"] for rule in report.get("rules", {}).values()), default=None),
            **({"printer": report["title"]} if about and report else {}), **{name: report[name] for name in about if name in report},
        }  # fmt: skip


def picture_name(page: int) -> str:
    """The file that shows a page of the book, from 1 on."""
    return f"page-{page:03}.png"


def grouped(findings: Sequence[linefinish.Finding], drawings: Mapping[int, int]) -> list[dict[str, Any]]:
    """Findings of one kind together, the worst first: {"level", "code", "text", "count", "pages",
    "drawings"}: pages of the book, and those of the run that stand there, or None. The text is the
    first one's, without what is for a command line. `drawings` are the run's pages by the book's.
    """
    groups: dict[tuple[str, str], list[linefinish.Finding]] = {}
    for level in LEVELS:
        for finding in findings:
            if finding.level == level:
                groups.setdefault((level, finding.code), []).append(finding)
    told = []
    for (level, code), found in groups.items():
        pages = list(dict.fromkeys(page for finding in found for page in about(finding)))
        told.append({
            "level": level, "code": code, "text": plain(found[0].text), "count": max(1, len(pages)), "pages": pages[:PAGES_NAMED_MAX],
            "drawings": [drawings.get(page) for page in pages][:PAGES_NAMED_MAX],
        })  # fmt: skip
    return told


def about(finding: linefinish.Finding) -> list[int]:
    """The pages that a finding is about: of a drawing that is there twice both."""
    other = re.search(r"drawing as page (\d+)", finding.text)
    return [*([int(other[1])] if other else []), *([] if finding.page is None else [finding.page])]


def plain(text: str) -> str:
    """A finding's text as a sentence, without the flags that mend it at a command line."""
    text = text.replace(" with --double-sided", " with drawings on both sides")
    text = re.sub(r"\s*\([^()]*--[^()]*\)", "", text)
    text = re.sub(r"[;,][^;,]*--[^;]*", "", text).removesuffix("; give one that has")
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
