"""Reads what is to be drawn for names that belong to somebody, and for steampunk. Free, offline,
and before anything is spent.

It sees through accents, look-alike letters, digits for letters, letters doubled, spaced out or left
out, and stars; it lets ordinary words pass: a black panther, a frozen lake, fishing gear. A name
that gets past it meets the planner's instructions and the judge.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from myjoe.errors import PromptRefusedError
from myjoe.screening.letters import fold, words_of
from myjoe.screening.names import name_in
from myjoe.screening.steampunk import steampunk_in


@dataclass(frozen=True)
class Finding:
    """What was found: "trademark" or "steampunk", the words, and a sentence for
    whoever wrote them.
    """

    kind: str
    words: str
    sentence: str


def require_drawable(text: str) -> None:
    """PromptRefusedError if this is nothing that we draw."""
    if finding := screen(text):
        raise PromptRefusedError(finding.sentence)


def screen(text: str) -> Finding | None:
    """The first thing in `text` that we do not draw; None if there is none."""
    sentences = re.split(r"[.;:!?]\s|\n", fold(text))
    for part in (part for sentence in sentences for part in sentence.split(", ")):  # a dragon, balls and a kite
        if name := name_in(words_of(part)):
            return Finding("trademark", name, f"“{name}” belongs to somebody, so we do not draw it. Describe somebody of your own instead.")
    for sentence in sentences:
        if motif := steampunk_in(words_of(sentence)):
            return Finding("steampunk", motif, f"We draw no steampunk, and this sounds like it (“{motif}”). Describe it without.")
    return None
