"""`linefinish book`: pages → the interior, the cover and what stands beside them."""
from __future__ import annotations

import os
import sys

from linefinish.book.cover import CoverOrder, parse_colour
from linefinish.book.drawings import PageError
from linefinish.book.geometry import parse_trim
from linefinish.book.making import Book
from linefinish.book.ordering import FRONT
from linefinish.book.plan import read_plan
from linefinish.command import say
from linefinish.command.arguments import Command, Flag, UsageError, choice, count, words
from linefinish.command.flags import CLEAN, CURVES, INK, LIMITS, inches
from linefinish.command.progress import Bar
from linefinish.options import OPTIONS
from linefinish.preflight.findings import FAIL, NOTE, WARN, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

READY, WARNED, NOT_READY, UNREADABLE = 0, 1, 3, 4


def _trim(text: str) -> str:
    parse_trim(text)
    return text


def _points(text: str) -> float:
    from linefinish.data.document import parse_length

    return parse_length(text if not text[-1:].isdigit() else f"{text}pt")


def _front(text: str) -> list[str]:
    chosen = [] if text == "none" else words(text)
    if any(word not in FRONT for word in chosen):
        raise ValueError(f"it takes some of {', '.join(FRONT)}, or none")
    return chosen


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("it takes the number of a drawing, or 0 for none")
    return int(text)


COMMAND = Command(
    "linefinish book",
    ("linefinish book PAGES… -o FOLDER [options]", "linefinish book book.toml -o FOLDER [options]"),
    "Binds drawings into the files that a printer takes: interior.pdf and cover.pdf, with report.json, contact.png and mockup.png beside "
    "them. PAGES are images, which are finished for their size in print, or pages that linefinish finished (SVG, PDF, 1-bit PNG), or a "
    "folder of them, in natural order. All is black curves: no font, no image and no grey in the interior. "
    "Exit code: 0 ready, 1 warnings under --strict, 2 a wrong command line, 3 not ready (why stands on standard error and in "
    "report.json; older files stay as they are), 4 a page could not be read.",
    (
        ("result", (
            Flag(("--output", "-o"), "folder for the files; made if need be", "FOLDER"),
            Flag(("--for",), "a pack of files that a shop sells instead: letter and A4, PNG, SVG and a page to read", "etsy",
                 choice("etsy")),
            Flag(("--sample",), "a picture of the first drawing, too, with SAMPLE across it"),
            Flag(("--strict",), "warnings count: nothing but the report is written"),
            Flag(("--jobs", "-j"), "pages read at a time, each in a process of its own [1]", "N", count),
        )),
        ("printer", (
            Flag(("--printer", "-p"), "kdp, kdp-hardcover, ingramspark, lulu, blurb or home [kdp]", "NAME"),
            Flag(("--trim",), "the finished size: 8.5x11 (inches), 210mmx297mm, a4 [8.5x11]", "SIZE", _trim),
            Flag(("--paper",), "white, cream, … as the printer has it [white]", "NAME"),
            Flag(("--printers",), "a file of rules that overrides those of linefinish, of the form of its printers.toml", "FILE"),
            Flag(("--pdfx",), "PDF/X-1a:2001, PDF/X-3:2002, or plain [as the printer asks]", "1a|3|none", choice("1a", "3", "none")),
            Flag(("--force",), "take paper that is not for heavy ink"),
        )),
        ("words", (
            Flag(("--title",), "title, on the title page, the cover and the spine", "TEXT"),
            Flag(("--author",), "author, likewise", "TEXT"),
            Flag(("--copyright",), "the copyright page [© AUTHOR and the usual sentence]", "TEXT"),
            Flag(("--end",), "a last page with these words", "TEXT"),
            Flag(("--font",), "a TrueType or OpenType file for all words, as curves (pip install 'linefinish[fonts]')", "FILE"),
        )),
        ("pages", (
            Flag(("--front",), f"what stands before the drawings, or none [{','.join(FRONT)}]", "NAMES", _front),
            Flag(("--double-sided",), "a drawing on the back of each drawing, too"),
            Flag(("--numbers",), "page numbers under the drawings [none]", "none|foot", choice("none", "foot")),
            Flag(("--bleed",), "drawings run over the three outer edges; what is wider or taller is cut off"),
            Flag(("--stroke-width-min",), "strokes are made at least so wide in print, 0 leaves them; finished pages are changed only "
                 "where it is given [what the printer asks for]", "LENGTH", _points, into="line_width"),
            Flag(("--allow-solid",), "take a page that is solid black"),
            Flag(("--made-by",), "how the drawings came to be, for what shops ask about AI", "hand|ai|ai-edited",
                 choice("hand", "ai", "ai-edited")),
        )),
        ("cover", (
            Flag(("--no-cover",), "the interior alone"),
            Flag(("--cover-colour",), "inks behind it in percent: cyan,magenta,yellow,black [12,0,18,0]", "C,M,Y,K", parse_colour),
            Flag(("--cover-image",), "a picture behind it, over the whole cover, or over the front where it has the front's shape", "FILE"),
            Flag(("--cover-drawing",), "the drawing on the front, from 1; 0 for none [1]", "N", _number),
            Flag(("--back",), "words on the back", "TEXT"),
            Flag(("--spine-text",), "words on the spine [TITLE · AUTHOR where the printer takes any]", "TEXT"),
            Flag(("--cover-size",), "size of the whole cover, from the printer's template (hardcover)", "SIZE", _trim),
            Flag(("--spine",), "thickness of the spine, from the printer's template or calculator", "LENGTH", inches),
            Flag(("--template",), "cover-template.pdf, too: folds, safe area and barcode as guides"),
        )),
        ("ink or paper", INK),
        ("clean-up (what changes the drawing is off unless asked for)", tuple(flag for flag in CLEAN if flag.key != "stroke_width_px_min")),
        ("curves", CURVES),
        ("limits", LIMITS),
        ("messages", (
            Flag(("--quiet", "-q"), "say nothing but errors and findings"),
            Flag(("--help", "-h"), "show this help"),
        )),
    ),
    (
        ('linefinish book pages/ -o book/ --title "Cosy Cats" --author "A. B."', "for KDP, 8.5 × 11 inches"),
        ("linefinish book pages/ -o book/ --printer ingramspark --trim 8x10", "for another printer"),
        ("linefinish book pages/ -o book/ --bleed --numbers foot", "over the edges, with page numbers"),
        ("linefinish book pages/ -o pack/ --for etsy", "letter.pdf a4.pdf png-600dpi.zip svg.zip README.txt"),
        ("linefinish book book.toml -o book/", "order, titles and provenance from a file"),
    ),
    (
        ("book.toml", (
            ('title = "Cosy Cats"', "any flag of this page without its dashes: printer, trim, author, end, bleed = true"),
            ("[[page]]", "then one of these for each page, in order:"),
            ('file = "cat-1.png"', "from the folder of book.toml on"),
            ('title = "A cat in a box"', "for the contact sheet and the report"),
            ('provenance = "ai-edited"', "hand, ai or ai-edited: what KDP and Etsy ask about is written from it"),
        )),
    ),
)  # fmt: skip


def run(values: dict[str, Any], operands: list[str]) -> int:
    """Make the book. Exit code 0 if it is ready; 1, 3 or 4 as the help says."""
    if not operands:
        raise UsageError("which pages? linefinish book PAGES… -o FOLDER (linefinish book --help explains)")
    titles: list[str] = []
    provenance: Any = values.get("made_by", "")
    if len(operands) == 1 and operands[0].endswith(".toml"):
        plan = read_plan(operands[0], COMMAND.flags())
        values = {**plan.values, **values}
        operands, titles = plan.files, plan.titles
        provenance = [word or values.get("made_by", "") for word in plan.provenance]
    if "output" not in values:
        raise UsageError("where to? add -o FOLDER")
    quiet = bool(values.get("quiet"))
    try:
        book = Book(operands, titles=titles, provenance=provenance, **_arguments(values))
        bar = Bar(len(book.sources), quiet=quiet)
        try:
            made = book.write(values["output"], strict=bool(values.get("strict")), on_page=bar.advance)
        finally:
            bar.close()
    except PageError as error:
        say(f"linefinish: {error}", sys.stderr)
        return UNREADABLE
    for finding in made.findings:
        if finding.level != NOTE or not quiet:
            say(finding.line(), sys.stderr)
    if not made.ready:
        say(f"linefinish: not ready: {_counted(made.findings)}; {os.path.join(values['output'], 'report.json')} tells all", sys.stderr)
        return NOT_READY if any(finding.level == FAIL for finding in made.findings) else WARNED
    if not quiet:
        width, height = book.trim
        told = f"{book.count} pages of {width:g} × {height:g} in for {book.printer.title}"
        say(f"{values['output']}: {told if not book.shop else book.shop}: {', '.join(made.files)}", sys.stdout)
        for shop, sentence in book.statements.items():
            if sentence:
                say(f"{shop} asks about AI: {sentence}", sys.stdout)
    return READY


def _arguments(values: dict[str, Any]) -> dict[str, Any]:
    """The flags as `Book` takes them."""
    cover = None
    if not values.get("no_cover"):
        given = {
            "colour": "cover_colour", "image": "cover_image", "drawing": "cover_drawing", "back": "back", "spine_text": "spine_text",
            "spine": "spine", "template": "template",
        }  # fmt: skip
        chosen = {name: values[flag] for name, flag in given.items() if flag in values}
        if "cover_size" in values:
            chosen["size"] = parse_trim(values["cover_size"])
        cover = CoverOrder(**chosen)
    options = {option.name: values[option.name] for option in OPTIONS if option.name in values}
    if "threshold_level" in options and "threshold" not in options:
        options["threshold"] = "fixed"
    same = (
        "printer", "trim", "paper", "title", "author", "copyright", "end", "numbers", "bleed", "font", "printers", "jobs", "front", "pdfx",
    )  # fmt: skip
    return {
        **{name: values[name] for name in same if name in values},
        "single_sided": not values.get("double_sided"), "stroke_width_min_pt": values.get("line_width"), "shop": values.get("for"),
        "with_sample": bool(values.get("sample")), "allow_solid": bool(values.get("allow_solid")), "force": bool(values.get("force")),
        "cover": cover, "options": options,
    }  # fmt: skip


def _counted(findings: tuple[Finding, ...]) -> str:
    fails, warns = (sum(finding.level == level for finding in findings) for level in (FAIL, WARN))
    return " and ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in ((fails, "finding"), (warns, "warning")) if count)
