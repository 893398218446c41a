"""Prose of Markdown in lines of 100 columns: paragraphs and items of lists. What else there is
(tables, code, headings, pictures, HTML) stays as it is.

    python docs/wrapping.py      wraps every page of the repository that a person writes
"""
from __future__ import annotations

import re
import subprocess
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLUMNS = 100
# A code span or a link shorter than this stays on one line.
UNBROKEN_MAX = 70
SPAN = re.compile(r"`[^`]*`|!?\[[^\]]*\]\([^)]*\)")
ITEM = re.compile(r"\s*(?:[-*+]|\d+\.)\s+")
# What is no prose by how its line begins: a table, a heading, HTML, a quotation, a picture, a rule,
# a link's address.
OTHER = re.compile(r"\s*(?:[|#<>]|!\[|---|\*\*\*|\[[^\]]+\]:)")
# Code between fences, and what looks like code by its four blanks.
FENCE, INDENTED = re.compile(r"\s*```"), re.compile(r" {4,}\S")
# A word that would begin a list or a heading if it began a line; it stays with the word before it.
MARK = re.compile(r" (?=(?:[-*+>#|=]+|\d+[.)])(?: |$))")


def wrapped(text: str) -> str:
    """A page with its prose in lines of 100 columns; one that has no longer line as it is."""
    lines, made, at = text.split("\n"), list[str](), 0
    while at < len(lines):
        line, begun = lines[at], at
        at += 1
        item = ITEM.match(line)
        if FENCE.match(line):
            while at < len(lines) and not FENCE.match(lines[at]):
                at += 1
            at += 1
        elif line.strip() and not OTHER.match(line) and (item or not INDENTED.match(line)):
            while at < len(lines) and lines[at].strip() and not lines[at - 1].endswith("  ") and not _begins_another(lines[at]):
                at += 1
            if max(map(len, lines[begun:at])) > COLUMNS:
                made += _filled(lines[begun:at], item.group() if item else line[: len(line) - len(line.lstrip())])
                continue
        made += lines[begun:at]
    return "\n".join(made)


def _begins_another(line: str) -> bool:
    return bool(ITEM.match(line) or OTHER.match(line) or FENCE.match(line))


def _filled(lines: list[str], first: str) -> list[str]:
    words = " ".join(line.strip() for line in [lines[0][len(first) :], *lines[1:]])
    words = SPAN.sub(lambda span: span[0].replace(" ", "\0") if len(span[0]) < UNBROKEN_MAX else span[0], words)
    made = textwrap.wrap(
        MARK.sub("\0", words), COLUMNS, initial_indent=first, subsequent_indent=" " * len(first), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    made[-1] += "  " if lines[-1].endswith("  ") else ""
    return [line.replace("\0", " ") for line in made]


def pages() -> list[Path]:
    """Every page of the repository."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines()]


if __name__ == "__main__":
    for page in pages():
        there = page.read_text(encoding="utf-8")
        if wrapped(there) != there:
            page.write_text(wrapped(there), encoding="utf-8")
            print(page.relative_to(ROOT))
