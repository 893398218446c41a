"""Letters and words as the screen reads them: through accents, look-alikes, and signs that stand
for letters.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Letters of other alphabets, and signs, that are taken for ours. 1 stands for i as well as for l.
LOOKALIKES = str.maketrans("авеёкмнорстухіјѕԁԛԝαβεικνορτυχηı", "abeekmhopctyxijsdqwabeikvoptuxni")
SIGNS = str.maketrans("0134578@$!|€£+", "oieastbasilelt")
SIGNS_L = str.maketrans("0134578@$!|€£+", "oleastbasllelt")


def fold(text: str) -> str:
    """Lower case, without accents, invisible characters and apostrophes, in our alphabet."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Me", "Cf"))
    return kept.translate(LOOKALIKES).replace("'", "").replace("’", "").replace("&", " and ")


def words_of(text: str) -> list[str]:
    """Runs of letters, digits and the signs that stand for letters, without signs that only end or
    frame them.
    """
    found = (word.strip("*!|+€£").removesuffix("$") for word in re.findall(r"[^\W_][\w@$!|€£+*]*|[@$*]\w[\w@$!|€£+*]*", text))
    return [word for word in (part for whole in found for part in whole.split("_")) if word]


def joined(words: Sequence[str]) -> list[str]:
    """The words, with rows of single letters made one word: p i k a is pika."""
    merged: list[str] = []
    before = ""
    for word in words:
        if len(word) == 1 and len(before) == 1:
            merged[-1] += word
        else:
            merged.append(word)
        before = word
    return merged


def spellings(word: str) -> set[str]:
    """What it may stand for: as it is, and with signs read as letters."""
    return {word, *(word.translate(signs) for signs in (SIGNS, SIGNS_L))} if not word.isalpha() else {word}
