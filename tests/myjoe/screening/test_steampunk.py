"""Steampunk, by its name or by its fashion, and what only comes near it."""
from __future__ import annotations

import pytest

from myjoe.errors import PromptRefusedError
from myjoe.screening.screening import require_drawable, screen
from myjoe.screening.steampunk import FASHION, MACHINES, STEAMPUNK, steampunk_in


@pytest.mark.parametrize(
    "text",
    [
        "A steampunk owl", "steam-punk", "Steam Punk city", "s t e a m p u n k", "st3ampunk", "Dieselpunk racer", "a clockpunk doll",
        "A Victorian airship with brass gears", "Clockwork owl with brass wings and a monocle", "Gears, cogs and brass pipes",
        "No dogs in this steampunk city", "Goggles, copper tubes and cogwheels",
    ],
)  # fmt: skip
def test_steampunk_is_found_by_its_name_and_by_its_fashion(text: str) -> None:
    finding = screen(text)
    assert finding is not None and finding.kind == "steampunk", text
    with pytest.raises(PromptRefusedError, match="steampunk"):
        require_drawable(text)


@pytest.mark.parametrize(
    "text",
    [
        "Fishing gear on a pier", "A mountain bike with gears, its rider wears goggles", "A steam engine in the hills", "A brass band",
        "A Victorian house", "A clockwork mouse", "A diver with goggles", "An airship over the sea", "A clock with gears",
        "No steampunk, no gears, no cogs", "Simple, without any steampunk or gears", "not steampunk", "non-steampunk", "A punk steams milk",
        "A Victorian lady with a monocle and a corset", "Copper kettle and brass bell", "no gears, cogs, brass or goggles of any kind",
    ],
)  # fmt: skip
def test_what_only_comes_near_steampunk_passes(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize("word", sorted(STEAMPUNK))
def test_its_name_is_enough_unless_it_is_asked_to_be_left_out(word: str) -> None:
    assert steampunk_in(["a", word, "owl"]) == word
    assert steampunk_in(["no", word]) is None and steampunk_in(["without", "any", "kind", "of", word]) is None
    assert steampunk_in(["no", "dogs", "in", "this", word]) == word


def test_machines_and_fashion_count_only_together_and_each_once() -> None:
    assert steampunk_in(sorted(MACHINES)) is None and steampunk_in(sorted(FASHION)) is None
    assert steampunk_in(["gears", "cogs", "brass"]) == "gears, cogs, brass"
    assert steampunk_in(["gear", "gears", "brass"]) is None, "one machine, twice"
    assert steampunk_in(["no", "gears", "cogs", "brass"]) is None
