"""Steampunk, by its name or by its machines and fashion together, unless it is to be left out."""
from __future__ import annotations

from collections.abc import Sequence

from myjoe.screening.letters import joined, spellings

# Of steampunk itself, any is enough. Of its machines and its fashion, it takes two of one and one
# of the other: a bicycle has gears, a diver wears goggles, and a clock on a Victorian mantelpiece
# may be of brass.
STEAMPUNK = frozenset({"steampunk", "dieselpunk", "clockpunk", "gearpunk", "cogpunk", "steampunks", "steampunky"})
MACHINES = frozenset({"gear", "gears", "cog", "cogs", "cogwheel", "cogwheels", "clockwork", "rivets", "riveted", "pistons"})
FASHION = frozenset({"brass", "copper", "goggles", "airship", "airships", "zeppelin", "zeppelins", "victorian", "monocle", "corset"})
NEGATIONS = frozenset({"no", "not", "without", "never", "avoid", "non", "exclude", "excluding", "nor"})
# What may stand between a negation and what it takes away.
LINKS = frozenset({"any", "or", "and", "kind", "of", "such", "as", "like", "style", "motifs", "elements", "ornamental", "the", "a"})


def steampunk_in(words: Sequence[str]) -> str | None:
    """The words of a sentence that mean it; None if none do."""
    words = joined(words)
    for at, first in enumerate(words):
        for word in (first, "".join(words[at : at + 2])):
            if not STEAMPUNK.isdisjoint(spellings(word)) and not _negated(words, at):
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
