"""Reads what is to be drawn for names that belong to somebody, and for steampunk. Free, offline,
and before anything is spent.

It sees through accents, look-alike letters, digits for letters, letters doubled, spaced out or left
out, and stars; it lets ordinary words pass: a black panther, a frozen lake, fishing gear. A name
that gets past it meets the planner's instructions and the judge.
"""
from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from myjoe.errors import PromptRefusedError
from myjoe.screening.protected import NAMES, ORDINARY

# Misspelt by one letter is still meant, from so many letters on: of single words, with doubled
# letters counted once, and of phrases run together. Shorter ones have ordinary neighbours (a cookie
# is no wookiee, an iron pan no superhero).
NEAR_LETTERS_MIN, NEAR_PHRASE_LETTERS_MIN = 7, 11
# A single word that is written in pieces is found from so many letters on.
PIECES_LETTERS_MIN, PIECES_MAX = 6, 8

# Letters of other alphabets, and signs, that are taken for ours. 1 stands for i as well as for l.
LOOKALIKES = str.maketrans("авеёкмнорстухіјѕԁԛԝαβεικνορτυχηı", "abeekmhopctyxijsdqwabeikvoptuxni")
SIGNS = str.maketrans("0134578@$!|€£+", "oieastbasilelt")
SIGNS_L = str.maketrans("0134578@$!|€£+", "oleastbasllelt")

# Of steampunk itself, any is enough. Of its machines and its fashion, it takes two of one and one
# of the other: a bicycle has gears, a diver wears goggles, and a clock on a Victorian mantelpiece
# may be of brass.
STEAMPUNK = frozenset({"steampunk", "dieselpunk", "clockpunk", "gearpunk", "cogpunk", "steampunks", "steampunky"})
MACHINES = frozenset({"gear", "gears", "cog", "cogs", "cogwheel", "cogwheels", "clockwork", "rivets", "riveted", "pistons"})
FASHION = frozenset({"brass", "copper", "goggles", "airship", "airships", "zeppelin", "zeppelins", "victorian", "monocle", "corset"})
NEGATIONS = frozenset({"no", "not", "without", "never", "avoid", "non", "exclude", "excluding", "nor"})
# What may stand between a negation and what it takes away.
LINKS = frozenset({"any", "or", "and", "kind", "of", "such", "as", "like", "style", "motifs", "elements", "ornamental", "the", "a"})


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
    sentences = re.split(r"[.;:!?]\s|\n", _fold(text))
    for part in (part for sentence in sentences for part in sentence.split(", ")):  # a dragon, balls and a kite
        if name := _name_in(_words(part)):
            return Finding("trademark", name, f"“{name}” belongs to somebody, so we do not draw it. Describe somebody of your own instead.")
    for sentence in sentences:
        if motif := _steampunk_in(_words(sentence)):
            return Finding("steampunk", motif, f"We draw no steampunk, and this sounds like it (“{motif}”). Describe it without.")
    return None


# ── names ─────────────────────────────────────────────────────────────────────────────────────────


def _name_in(words: Sequence[str]) -> str | None:
    for window in _windows(words):
        if " ".join(window).removesuffix("s") in _ORDINARY:
            continue
        for spelling in _spellings("".join(window)):
            if name := _lookup(spelling, len(window)):
                return name
    return None


def _windows(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Neighbouring words, as they are and with rows of single letters made one word."""
    merged = _merged(words)
    for row in (words, merged) if merged != words else (words,):
        for start in range(len(row)):
            for count in range(1, min(PIECES_MAX, len(row) - start) + 1):
                yield row[start : start + count]


def _merged(words: Sequence[str]) -> list[str]:
    merged: list[str] = []
    before = ""
    for word in words:
        if len(word) == 1 and len(before) == 1:
            merged[-1] += word
        else:
            merged.append(word)
        before = word
    return merged


def _spellings(word: str) -> set[str]:
    """What it may stand for: as it is, and with signs read as letters."""
    return {word, *(word.translate(signs) for signs in (SIGNS, SIGNS_L))} if not word.isalpha() else {word}


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


# ── steampunk ─────────────────────────────────────────────────────────────────────────────────────


def _steampunk_in(words: Sequence[str]) -> str | None:
    words = _merged(words)
    for at, first in enumerate(words):
        for word in (first, "".join(words[at : at + 2])):
            if not STEAMPUNK.isdisjoint(_spellings(word)) and not _negated(words, at):
                return word
    meant = [word for at, word in enumerate(words) if not _negated(words, at)]
    machines = {word.removesuffix("s"): word for word in meant if word in MACHINES}
    fashion = {word.removesuffix("s"): word for word in meant if word in FASHION}
    if machines and fashion and len(machines) + len(fashion) >= 3:
        return ", ".join([*machines.values(), *fashion.values()])
    return None


def _negated(words: Sequence[str], at: int) -> bool:
    """Whether a "no" or "without" stands before it, with nothing else between than more of the
    kind.
    """
    before = at - 1
    while before >= 0 and words[before] in LINKS | STEAMPUNK | MACHINES | FASHION:
        before -= 1
    return before >= 0 and words[before] in NEGATIONS


# ── letters ───────────────────────────────────────────────────────────────────────────────────────


def _fold(text: str) -> str:
    """Lower case, without accents, invisible characters and apostrophes, in our alphabet."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Me", "Cf"))
    return kept.translate(LOOKALIKES).replace("'", "").replace("’", "").replace("&", " and ")


def _words(text: str) -> list[str]:
    """Runs of letters, digits and the signs that stand for letters, without signs that only end or
    frame them.
    """
    found = (word.strip("*!|+€£").removesuffix("$") for word in re.findall(r"[^\W_][\w@$!|€£+*]*|[@$*]\w[\w@$!|€£+*]*", text))
    return [word for word in (part for whole in found for part in whole.split("_")) if word]


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
