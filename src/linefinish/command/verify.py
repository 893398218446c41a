"""`linefinish verify`: whether files are truly black and white, in words or as JSON."""
from __future__ import annotations

import os
import sys

from linefinish.batch.report import is_batch_report
from linefinish.command import say
from linefinish.command.arguments import Command, Flag, UsageError
from linefinish.verifiers.verifying import verify_many

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.verifiers.verdict import Verdict

# Kinds of files that linefinish reads.
_PICTURES = frozenset(("PNG", "TIFF", "BigTIFF", "PGM", "PPM", "PAM", "BMP", "GIF", "JPEG", "WebP"))

# Exit code where no file is known not to be 1-bit, and one cannot be verified.
_NOT_VERIFIED_CODE = 3

COMMAND = Command(
    "linefinish verify",
    ("linefinish verify FILE… [--json]",),
    "Tells of each PNG, TIFF, PBM, SVG, PDF, EPS or DXF, of any origin, whether it is truly 1-bit: black and white and nothing between. "
    "There are three answers: OK, it is 1-bit; GREY, it is not, and where the first grey is; BAD, it cannot be verified, and why: "
    "it is broken, or says what some viewer may paint otherwise. FILE may be - for standard input. "
    "Exit code: 0 all are 1-bit, 1 at least one is not, 3 none is not but at least one cannot be verified, 2 a wrong command line.",
    (("messages", (
        Flag(("--json",), "one JSON object a line, for programs"),
        Flag(("--quiet", "-q"), "only the exit code, and errors"),
        Flag(("--help", "-h"), "show this help"),
    )),),
    (("linefinish verify done/*", "every file of a folder"),),
)  # fmt: skip


def run(values: dict[str, Any], paths: list[str]) -> int:
    """Tell of each file whether it is 1-bit. Exit code 0 if all are, 1 if one is not, else 3 if one
    cannot be verified.
    """
    if not paths:
        raise UsageError("which files? linefinish verify FILE…")
    code = 0
    advice: list[str] = []
    drawings = [path for path in paths if path == "-" or not is_batch_report(path)]
    if len(drawings) < len(paths) and not (values.get("quiet") or values.get("json")):
        say(f"left out {', '.join(path for path in paths if path not in drawings)}: the report of a batch, no drawing", sys.stderr)
    for verdict in verify_many(sys.stdin.buffer if path == "-" else path for path in drawings):
        if not verdict.is_one_bit:
            code = 1 if code == 1 or not verdict.is_damaged else _NOT_VERIFIED_CODE
            hint = _advice(verdict)
            if hint not in advice:
                advice.append(hint)
        if values.get("json"):
            import json

            say(json.dumps(verdict.to_mapping()), sys.stdout)
        elif not values.get("quiet"):
            say(verdict.line(), sys.stdout)
    if not (values.get("quiet") or values.get("json")):
        for hint in filter(None, advice):
            say(hint, sys.stderr)
    return code


def _advice(verdict: Verdict) -> str:
    """What to do about a file that is not 1-bit; "" where nothing helps but another file."""
    path = verdict.path or "-"
    stem = os.path.splitext(path)[0] if path != "-" else "page"
    if verdict.word == "GREY" and verdict.format in _PICTURES:
        return f"to make a true 1-bit picture of such a file: linefinish {path} -o {stem}-1bit.png"
    if verdict.word == "GREY" and verdict.format == "PDF":
        return (
            f"to make a true 1-bit PDF of such a file: pdftoppm -r 600 -gray -png -singlefile {path} {stem}, "
            f"then linefinish {stem}.png -o {stem}-1bit.pdf"
        )
    if verdict.word == "GREY":
        return f"to make a true 1-bit drawing of such a file: save it as a PNG of print size, then linefinish {stem}.png -o {stem}-1bit.svg"
    return ""
