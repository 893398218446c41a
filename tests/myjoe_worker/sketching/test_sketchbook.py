"""From words to a page: which motifs are heard, how a page is shaped, and what kinds there are."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe_worker.imaging.svg_guard import check_svg
from myjoe_worker.sketching import _motifs
from myjoe_worker.sketching._motifs import MOTIFS, Motif
from myjoe_worker.sketching._sketchbook import draw, motifs_of


@pytest.mark.parametrize(
    ("prompt", "motifs"),
    [
        ("an owl and a cat", [MOTIFS["owl"], MOTIFS["cat"]]), ("two Owls, three OWLS", [MOTIFS["owl"]]),
        ("a robin on an oak", [_motifs.bird, _motifs.tree]), ("cherries and butterflies", [_motifs.butterfly]),
        ("a catalogue of owlets", []), ("", []),
    ],
)  # fmt: skip
def test_motifs_are_heard_in_order_each_once(prompt: str, motifs: list[Motif]) -> None:
    assert motifs_of(prompt) == motifs


@pytest.mark.parametrize(
    ("words", "line"), [("very thick outlines", 8.0), ("bold outlines", 5.0), ("medium outlines", 3.8), ("Fine lines", 3.0), ("", 4.5)]
)
def test_lines_are_as_wide_as_they_are_asked_for(words: str, line: float) -> None:
    assert draw(f"a cat. {words}", 3, 4, 1).line == line


@given(st.floats(0.1, 100), st.floats(0.1, 100))
def test_a_page_has_about_a_megapixel_in_the_proportions_asked_for(width: float, height: float) -> None:
    sheet = draw("a cat", width, height, 1)
    ratio = min(max(width / height, 0.25), 4.0)
    assert sheet.width % 16 == sheet.height % 16 == 0
    assert sheet.width / sheet.height == pytest.approx(ratio, rel=0.04)
    assert sheet.width * sheet.height == pytest.approx(1024 * 1024, rel=0.05)


@pytest.mark.parametrize(
    "prompt",
    [
        "a mandala", "a pattern of stars", "a cat in the snow", "a boat on a lake", "a fish", "a mermaid's reef", "a rocket", "an alien",
        "a bird", "a castle for a king", "a car on a road", "a palm on the beach", "nothing that is known", "",
    ],
)  # fmt: skip
def test_every_kind_of_page_is_sound_and_depends_on_its_seed_alone(prompt: str) -> None:
    one, same, other = (draw(prompt, 7.75, 10.25, seed) for seed in (1, 1, 2))
    assert check_svg(one.svg())[1:] == (one.width, one.height)
    assert one.marks == same.marks != other.marks and len(one.marks) > 10


@pytest.mark.parametrize("prompt", ["a cat in a garden", "a fish in the sea", "a flower mandala"])
def test_more_detail_is_more_to_colour(prompt: str) -> None:
    simple, intricate = (len(draw(f"{prompt}. {words}", 3, 4, 1).marks) for words in ("very simple", "intricate"))
    assert simple < intricate
