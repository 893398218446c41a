"""Prose of the documentation stands in lines of 100 columns, as comments and docstrings do."""
from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
wrapping: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "wrapping.py"))
wrapped = wrapping["wrapped"]


def test_every_page_is_wrapped() -> None:
    pages = wrapping["pages"]()
    assert len(pages) > 50
    wide = [str(page.relative_to(ROOT)) for page in pages if wrapped(text := page.read_text(encoding="utf-8")) != text]
    assert wide == [], "python docs/wrapping.py wraps them"


WORDS = "word " * 39 + "word"


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        (WORDS, [99, 99]),
        ("- " + WORDS, [96, 96, 11]),
        ("12. " + WORDS, [98, 98, 13]),
        # What is no prose stays as it is.
        ("| " + WORDS + " |", [203]),
        ("# " + WORDS, [201]),
        ("```\n" + WORDS + "\n```", [3, 199, 3]),
        # A dash that began a line would begin a list.
        ("word " * 20 + "- " + "word " * 18 + "word", [94, 96, 4]),
        ("word " * 19 + "`two words` " + "word " * 20 + "word", [94, 96, 19]),
        # Two blanks at its end break a line.
        (WORDS + "  \nnext", [99, 101, 4]),
        # A word longer than a line has a line to itself.
        ("word " + "x" * 120 + " word", [4, 120, 4]),
    ],
)
def test_what_is_wrapped(text: str, lengths: list[int]) -> None:
    made = wrapped(text)
    assert [len(line) for line in made.split("\n")] == lengths
    assert made.split() == text.split()
    assert wrapped(made) == made
