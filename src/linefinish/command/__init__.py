"""The command `linefinish`.

In reading order: `cli` takes the words, runs one command and makes every error a sentence and an
exit code. Each command is a file: `finish`, which needs no name, `batch`, `verify`, `compare`,
`book`, `preflight` (its `--check`), `impose`. They share `flags`, which make the order for a
drawing, `arguments`, which parses and explains any table of flags, and `progress`, which is loaded
where somebody watches a terminal. What all of them say things with stands here.
"""
from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.report import FinishReport


def is_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def say(text: str, stream: Any) -> None:
    """Lines for a person. What the stream's encoding lacks (an arrow in ASCII, a file name that is
    no text) becomes a question mark, and what a terminal would obey is shown as Python writes it.
    """
    text = "\n".join(map(escaped, text.split("\n")))
    try:
        stream.write(text + "\n")
    except UnicodeEncodeError:
        stream.write((text + "\n").encode("ascii", "replace").decode())


def escaped(line: str) -> str:
    """The line without control characters and marks of the direction of writing; halves of
    surrogates are left to the stream.
    """
    if line.isprintable():
        return line
    from unicodedata import category

    return "".join(
        character.encode("unicode_escape").decode() if category(character) in ("Cc", "Cf", "Zl", "Zp") else character for character in line
    )


def is_lost(places: Any) -> bool:
    """Whether a result went to standard output, and whoever started us has closed that: nobody is
    told, and the exit code is that of a file that could not be written.
    """
    return "-" in places and sys.stdout.name == os.devnull


def called(path: str, stream: str = "input") -> str:
    """A path in words: `-` is standard input, or the stream that is named."""
    return f"standard {stream}" if path == "-" else path


def warn(source: str, report: FinishReport) -> None:
    """Tell on standard error what the report warns of."""
    for warning in report.warnings:
        say(f"linefinish: {called(source)}: warning: {warning}", sys.stderr)
