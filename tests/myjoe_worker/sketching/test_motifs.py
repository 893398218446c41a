"""The motifs: each keeps to its frame, is drawn the same every time, and stands for its words."""
from __future__ import annotations

import random
import re

import pytest

from myjoe.providers.sketch_brain import singular
from myjoe_worker.imaging.svg_guard import check_svg
from myjoe_worker.sketching._motifs import MOTIFS, Motif
from myjoe_worker.sketching._pen import Pen, Sheet

# One name of each.
EACH = {motif: name for name, motif in reversed(MOTIFS.items())}


def drawn(motif: Motif, seed: int = 1) -> Sheet:
    """Alone on a sheet, with 100 px to the unit and its origin in the middle."""
    sheet = Sheet(400, 400, 4.0)
    motif(Pen(sheet, random.Random(seed)).at(200, 200, 100))
    return sheet


def test_names_are_single_words_of_which_none_is_a_plural() -> None:
    for name in MOTIFS:
        assert name.isalpha() and name.islower() and singular(name) == name, name


@pytest.mark.parametrize("motif", EACH, ids=EACH.values())
def test_each_keeps_near_its_frame(motif: Motif) -> None:
    """x and y from -1 to 1; ears, tails and leaves may look out by a third."""
    for mark in drawn(motif).marks:
        path = re.search(r' d="([^"]*)"', mark)
        assert path is not None
        numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", path[1])]
        assert all(200 - 140 <= number <= 200 + 140 for number in numbers), mark


@pytest.mark.parametrize("motif", EACH, ids=EACH.values())
def test_each_is_sound_and_the_same_every_time(motif: Motif) -> None:
    sheet = drawn(motif)
    check_svg(sheet.svg())
    assert len(sheet.marks) >= 1 and drawn(motif).marks == sheet.marks


def test_only_words_for_the_same_thing_look_the_same() -> None:
    looks: dict[tuple[str, ...], list[str]] = {}
    for name, motif in MOTIFS.items():
        looks.setdefault(tuple(drawn(motif).marks), []).append(name)
    assert len(looks) == 40
    assert [names for names in looks.values() if "cat" in names or "dog" in names] == [["cat", "kitten"], ["dog", "puppy"]]
