"""Names that belong to somebody, found however they are spelt: with letters doubled, spaced out,
left out or swapped, and with stars.
"""
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from myjoe.screening.letters import joined, spellings
from myjoe.screening.protected import NAMES, ORDINARY

# Misspelt by one letter is still meant, from so many letters on: of single words, with doubled
# letters counted once, and of phrases run together. Shorter ones have ordinary neighbours (a cookie
# is no wookiee, an iron pan no superhero).
NEAR_LETTERS_MIN, NEAR_PHRASE_LETTERS_MIN = 7, 11
# A single word that is written in pieces is found from so many letters on.
PIECES_LETTERS_MIN, PIECES_MAX = 6, 8


def name_in(words: Sequence[str]) -> str | None:
    """The first name of the list that the words of a sentence hold; None if they hold none."""
    for window in _windows(words):
        if " ".join(window).removesuffix("s") in _ORDINARY:
            continue
        for spelling in spellings("".join(window)):
            if name := _lookup(spelling, len(window)):
                return name
    return None


def _windows(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Neighbouring words, as they are and with rows of single letters made one word."""
    merged = joined(words)
    for row in (words, merged) if merged != words else (words,):
        for start in range(len(row)):
            for count in range(1, min(PIECES_MAX, len(row) - start) + 1):
                yield row[start : start + count]


def _lookup(word: str, count: int) -> str | None:
    if "*" in word:
        return _starred(word)
    for ending in ("", "s", "es"):
        stem = word.removesuffix(ending) if ending else word
        key = _squeezed(stem)
        name = _KEYS.get(key)
        if name and _no_fewer(stem, name.replace(" ", "")) and (count in (1, len(name.split())) or len(key) >= PIECES_LETTERS_MIN):
            return name
    key = _squeezed(word)
    for candidate in {key, *_deletions(key)}:
        for near in _NEAR.get(candidate, ()):
            name = _KEYS[near]
            if count == len(name.split()) and _one_edit(near, key):
                return name
    return None


def _starred(word: str) -> str | None:
    """A star stands for one letter; the rest has to be there."""
    if len(word.replace("*", "")) < 3 or len(word) < 5:
        return None
    pattern = re.compile("".join("." if letter == "*" else re.escape(letter) for letter in word))
    return next((name for plain, name in _PLAIN.items() if pattern.fullmatch(plain)), None)


def _squeezed(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def _no_fewer(word: str, plain: str) -> bool:
    """Whether each letter of `word` is repeated as often as in the name, or more: a tiger is no
    tigger, but a tiggger is.
    """
    runs = (len(match.group()) for match in re.finditer(r"(.)\1*", word))
    return all(run >= len(match.group()) for run, match in zip(runs, re.finditer(r"(.)\1*", plain), strict=True))


def _deletions(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _one_edit(one: str, other: str) -> bool:
    """Whether one letter added, left out, changed or swapped with its neighbour makes one of the
    other.
    """
    if abs(len(one) - len(other)) > 1:
        return False
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return shorter in _deletions(longer)
    differing = [at for at in range(len(one)) if one[at] != other[at]]
    if len(differing) == 2 and differing[1] == differing[0] + 1:
        return one[differing[0]] == other[differing[1]] and one[differing[1]] == other[differing[0]]
    return len(differing) <= 1


# ── the lists, made ready ─────────────────────────────────────────────────────────────────────────


def _listed(text: str) -> list[str]:
    return [" ".join(name.split()) for line in text.strip().splitlines() for name in line.split("·")]


_ORDINARY = frozenset(_listed(ORDINARY))
_NAMES = _listed(NAMES)
_PLAIN = {name.replace(" ", ""): name for name in _NAMES}
_KEYS = {_squeezed(plain): name for plain, name in _PLAIN.items()}


def _nears() -> dict[str, list[str]]:
    nears: dict[str, list[str]] = defaultdict(list)
    for key, name in _KEYS.items():
        if len(name.replace(" ", "")) >= NEAR_PHRASE_LETTERS_MIN if " " in name else len(key) >= NEAR_LETTERS_MIN:
            for spelling in {key, *_deletions(key)}:
                nears[spelling].append(key)
    return dict(nears)


_NEAR = _nears()
