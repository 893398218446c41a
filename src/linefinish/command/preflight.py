"""`linefinish book --check`: whether a printer would take these files, in words or as JSON."""
from __future__ import annotations

import os
import sys

from linefinish.command import say
from linefinish.command.arguments import Command, Flag, UsageError
from linefinish.command.flags import inches
from linefinish.preflight.checking import UnreadableError, check
from linefinish.preflight.findings import FAIL, WARN
from linefinish.writers import replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

READY, WARNED, NOT_READY, UNREADABLE = 0, 1, 3, 4

COMMAND = Command(
    "linefinish book --check",
    ("linefinish book --check INTERIOR.pdf [--cover COVER.pdf] [--printer NAME]",),
    "Tells what a printer would object to in files of any origin, page by page: sizes, margins, bleed, grey and colour, transparency, "
    "fonts, resolution, thin lines, blank pages, the cover's spine and barcode. "
    "Exit code: 0 ready, 1 warnings under --strict, 2 a wrong command line, 3 not ready, 4 a file that cannot be read.",
    (("preflight", (
        Flag(("--check",), "check files that are made already"),
        Flag(("--cover",), "the cover, one page: back, spine, front", "FILE"),
        Flag(("--printer", "-p"), "whose rules (default: kdp)", "NAME"),
        Flag(("--printers",), "a file that overrides rows of the rules", "FILE"),
        Flag(("--trim",), "the finished size; default: what the pages have", "WxH"),
        Flag(("--paper",), "a paper of the printer (default: its first)", "NAME"),
        Flag(("--cover-size",), "size of the whole cover, from the printer's template", "WxH"),
        Flag(("--spine",), "thickness of the spine, from the printer's template or calculator", "LENGTH", inches),
        Flag(("--report",), "write the findings as JSON", "FILE"),
        Flag(("--strict",), "warnings count, too"),
        Flag(("--quiet", "-q"), "only the exit code, and errors"),
        Flag(("--help", "-h"), "show this help"),
    )),),
    (("linefinish book --check interior.pdf --cover cover.pdf --printer ingramspark", "both files of a book"),),
)  # fmt: skip


def run(values: dict[str, Any], operands: list[str]) -> int:
    """Check the files; findings on standard error. Exit code 0, 1, 3 or 4 as the help says."""
    if len(operands) > 1 or not (operands or values.get("cover")):
        raise UsageError("which file? linefinish book --check INTERIOR.pdf [--cover COVER.pdf]")
    interior, cover = operands[0] if operands else None, values.get("cover")
    printer = values.get("printer", "kdp")
    try:
        found = check(interior, cover, printer, values.get("trim"), values.get("paper"), values.get("printers"),
                      cover_size=values.get("cover_size"), spine=values.get("spine"))
    except UnreadableError as error:
        say(f"linefinish: {error}", sys.stderr)
        return UNREADABLE
    if values.get("report"):
        _write(values["report"], {"printer": printer, "files": [one for one in (interior, cover) if one],
                                  "findings": [one.to_mapping() for one in found]}, (interior, cover))  # fmt: skip
    if not values.get("quiet"):
        for finding in found:
            say(finding.line(), sys.stderr)
    levels = {finding.level for finding in found}
    code = NOT_READY if FAIL in levels else WARNED if WARN in levels and values.get("strict") else READY
    if not values.get("quiet"):
        say(f"{'ready' if code == READY else 'not ready'} for {printer}", sys.stdout)
    return code


def _write(path: str, content: dict[str, Any], inputs: tuple[str | None, ...]) -> None:
    """The report, whole or not at all, and never over a file that was checked."""
    import json

    if any(one and os.path.exists(one) and os.path.realpath(one) == os.path.realpath(path) for one in inputs):
        raise UsageError("--report would overwrite a file that is checked")
    replace_file([json.dumps(content, indent=1, ensure_ascii=False).encode()], path)
