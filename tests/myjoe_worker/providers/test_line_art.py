"""What every image model hears, and which of its shapes is nearest to a page."""
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe_worker.providers.line_art import LINE_ART, line_art_prompt, nearest_shape

SHAPES = ("1:1", "2:3", "3:4", "4:3", "9:16", "16:9")


@pytest.mark.parametrize("prompt", ["a cat", "a cat.", " a cat.. \n", "a cat. "])
def test_the_pages_words_come_first_and_end_once(prompt: str) -> None:
    assert line_art_prompt(prompt) == f"a cat. {LINE_ART}."


def test_it_leaves_room_for_the_page_in_the_shortest_prompt() -> None:
    """The older Recraft models take 1000 characters in all."""
    assert len(line_art_prompt("")) < 300


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1, 1, "1:1"), (7.75, 10.25, "3:4"), (10.25, 7.75, "4:3"), (7.5, 11.0, "2:3"), (1, 100, "9:16"), (100, 1, "16:9"), (3, 4, "3:4")],
)
def test_the_nearest_shape(width: float, height: float, shape: str) -> None:
    assert nearest_shape(width, height, SHAPES) == shape


@given(st.floats(0.05, 20), st.floats(0.1, 10))
def test_no_other_shape_is_nearer_by_ratio_whatever_the_unit(ratio: float, scale: float) -> None:
    def distance(shape: str) -> float:
        wide, high = map(int, shape.split(":"))
        return abs(math.log(ratio / (wide / high)))

    chosen = nearest_shape(ratio * scale, scale, SHAPES)
    assert distance(chosen) <= min(map(distance, SHAPES)) + 1e-9
