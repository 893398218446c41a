"""The brain of the sketcher: so many different pages of what the sketcher can draw, for nothing."""
from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.providers.sketch_brain import MOTIF_NAMES, SketchBrain, singular, titles_of, variations
from tests.support.meters import RecordingMeter


def test_a_book_has_as_many_different_pages_as_it_should() -> None:
    prompts = variations("woodland animals: a fox, owls and rabbits", 40)
    assert len(set(prompts)) == 40
    assert any("fox" in prompt for prompt in prompts) and any("mandala" in prompt for prompt in prompts)
    assert len(set(variations("nothing it has ever heard of", 8))) == 8


@given(st.text(max_size=60), st.integers(1, 30))
def test_any_description_gives_the_same_book_twice(description: str, pages: int) -> None:
    prompts = variations(description, pages)
    assert len(set(prompts)) == pages and prompts == variations(description, pages)


def test_titles_have_numbers_where_they_would_be_the_same() -> None:
    prompts = ["a cat at night, number 3", "an owl", "a cat at night, number 9"]
    assert titles_of(prompts) == ["A cat at night", "An owl", "A cat at night, number 9"]
    assert len(set(titles_of(variations("cats", 200)))) == 200


@pytest.mark.parametrize(("word", "name"), [("owls", "owl"), ("foxes", "fox"), ("daisies", "daisy"), ("mice", "mouse"), ("fog", "fog")])
def test_words_are_taken_for_what_they_name(word: str, name: str) -> None:
    assert singular(word) == name


def test_every_name_is_its_own_singular() -> None:
    assert [singular(name) for name in MOTIF_NAMES] == list(MOTIF_NAMES)


def test_the_brain_needs_nobody() -> None:
    meter = RecordingMeter()
    plan = asyncio.run(SketchBrain().plan("Sea creatures: whales and an octopus.", "kids", 8, "sketch", meter))
    assert plan.title == "Sea creatures: whales and an octopus" and len({page.prompt for page in plan.pages}) == 8
    assert list(meter.settled.values()) == [0] and meter.words == ["closed"]


def test_the_title_is_what_the_book_is_about_and_not_the_wishes() -> None:
    plan = asyncio.run(SketchBrain().plan("  Sea   creatures.\nStyle: bold\nWishes: no ships", "kids", 1, "sketch", RecordingMeter()))
    assert plan.title == "Sea creatures"
