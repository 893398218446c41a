"""`linefinish impose`: pages → a booklet to fold, or several pages on a sheet, to print at home."""
from __future__ import annotations

import sys

from linefinish.book.drawings import PageError
from linefinish.command import say
from linefinish.command.arguments import Command, Flag, UsageError, choice, whole
from linefinish.data.document import parse_length
from linefinish.imposition.imposing import DUPLEX, impose, parse_paper
from linefinish.imposition.layout import GRIDS, inches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.imposition.imposing import Imposed

FINE, UNREADABLE = 0, 4


def _paper(text: str) -> str:
    parse_paper(text)
    return text


def _length(text: str) -> str:
    parse_length(text)
    return text


COMMAND = Command(
    "linefinish impose",
    ("linefinish impose PAGES… -o FILE.pdf --booklet [options]", "linefinish impose PAGES… -o FILE.pdf --n-up 2|4|8|9 [options]"),
    "Puts pages on sheets for the home printer: a booklet, whose sheets are folded once, or several pages on a side. PAGES are PDFs of any "
    "origin with all of their pages, images, SVGs that linefinish finished, or a folder of them, in natural order. What is placed of a "
    "page is its trim; its content is copied and never drawn anew. Pages are made smaller where the paper wants it, and never larger. "
    "Exit code: 0 done, 1 the file could not be written, 2 a wrong command line, 4 a page could not be read.",
    (
        ("sheets", (
            Flag(("--output", "-o"), "the PDF to print", "FILE"),
            Flag(("--booklet",), "two pages on each side of a sheet, in the order in which a folded booklet has them"),
            Flag(("--n-up",), "instead: so many pages on one side of a sheet, as they are read", "2|4|8|9", whole),
            Flag(("--paper",), "the paper in the printer: letter, legal, tabloid, a3, a4, a5, 11x17 (inches), 320mmx450mm; it lies or "
                 "stands as pages are largest [as large as the pages are]", "SIZE", _paper),
            Flag(("--margin",), "what stays free at the edges of the sheet [0]", "LENGTH", _length),
            Flag(("--cut-marks",), "bars where to cut, and dashed ones where to fold; bleed is shown, too"),
            Flag(("--without-blanks",), "leave out the pages on which nothing stands"),
        )),
        ("booklet", (
            Flag(("--signature",), "pages that are folded in one another: 4, 8, 12, 16, … [all of them]", "PAGES", whole),
            Flag(("--creep",), "the paper's thickness: pages of inner sheets are moved by it to the fold, once for each sheet around them "
                 "[0]", "LENGTH", _length),
            Flag(("--duplex",), "the edge about which the printer turns the sheet [short-edge]", "|".join(DUPLEX), choice(*DUPLEX)),
        )),
        ("messages", (
            Flag(("--quiet", "-q"), "say nothing but errors"),
            Flag(("--help", "-h"), "show this help"),
        )),
    ),
    (
        ("linefinish impose interior.pdf -o home.pdf --booklet --paper letter", "half-letter booklet on letter"),
        ("linefinish impose interior.pdf -o home.pdf --booklet --paper tabloid", "letter booklet on 11 x 17"),
        ("linefinish impose book.pdf -o home.pdf --booklet --paper a4 --signature 16 --creep 0.1mm", "thick: signatures to sew"),
        ("linefinish impose pages/ -o cards.pdf --n-up 4 --paper letter --cut-marks", "four drawings a sheet, to cut"),
    ),
    (
        ("how to print and fold a booklet", (
            ("1. actual size", "in the print dialog, not “fit”: a printer that scales moves the fold"),
            ("2. both sides", "flip on the short edge; a printer that knows the long edge alone: --duplex long-edge"),
            ("   no duplex?", "print the odd pages, put the stack back, print the even ones. Try the first two sides alone: page 2 has to "
             "be behind page 1, both with the same edge up"),
            ("3. fold", "the stack as it came out, sheet 1 outside: all in the middle, page 1 in front. Up to 10 sheets are folded and "
             "stapled at once"),
            ("   signatures", "thicker books: --signature 16 makes stacks of 4 sheets. Fold each, lay them on one another, sew or glue the "
             "spines"),
            ("4. trim", "inner sheets stick out at the front by the paper's thickness; cut them along the outermost one. --creep 0.1mm "
             "keeps their drawings off the cut: 80 g/m² paper is 0.1 mm thick"),
        )),
    ),
)  # fmt: skip


def run(values: dict[str, Any], operands: list[str]) -> int:
    """Impose the pages. Exit code 0 or 4; what else goes wrong is raised."""
    if not operands:
        raise UsageError("which pages? linefinish impose PAGES… -o FILE.pdf --booklet (linefinish impose --help explains)")
    if "output" not in values:
        raise UsageError("where to? add -o FILE.pdf")
    if bool(values.get("booklet")) == ("n_up" in values):
        raise UsageError("a booklet, or several pages on a side? Say --booklet or --n-up 2|4|8|9")
    if "n_up" in values and values["n_up"] not in GRIDS:
        raise UsageError(f"--n-up is {values['n_up']}; it may be {', '.join(map(str, GRIDS))}")
    for flag in ("signature", "creep", "duplex"):
        if flag in values and not values.get("booklet"):
            raise UsageError(f"--{flag} is for a booklet; add --booklet or leave it out")
    named = ("booklet", "n_up", "paper", "signature", "creep", "duplex", "cut_marks", "margin", "without_blanks")
    try:
        done = impose(operands, values["output"], **{name: values[name] for name in named if name in values})
    except PageError as error:
        say(f"linefinish: {error}", sys.stderr)
        return UNREADABLE
    if not values.get("quiet"):
        for note in done.notes:
            say(f"linefinish: {note}", sys.stderr)
        for line in _told(values, done):
            say(line, sys.stdout if values["output"] != "-" else sys.stderr)
    return FINE


def _told(values: dict[str, Any], done: Imposed) -> list[str]:
    """What was made, and how to print it."""
    placed = f"{done.pages} page{'s' * (done.pages > 1)}" + (f" and {done.blanks} blank" if done.blanks else "")
    size = "" if done.scale > 0.9999 else f", pages at {100 * done.scale:.1f} %"
    paper = f"{done.sheets} sheet{'s' * (done.sheets > 1)} of {inches(done.sheet_pt)}"
    if not done.signatures:
        return [f"{values['output']}: {placed} on {paper}, one side{size}", "print at actual size, on one side"]
    edge = values.get("duplex", DUPLEX[0]).replace("-", " ")
    many = len(done.signatures)
    stacks = ", ".join(str(pages // 4) for pages in done.signatures)
    fold = "fold all sheets as one" if many == 1 else f"fold {many} stacks of {stacks} sheets"
    made = f"{values['output']}: {placed} on {paper}, both sides{size}"
    return [made, f"print at actual size, on both sides, flip on the {edge}; {fold}"]
