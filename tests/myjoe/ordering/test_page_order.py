"""What a job's payload may say of its page, and that whatever does not fit is refused by name."""
from __future__ import annotations

import json
import math
from typing import Any

import pytest
from pydantic import ValidationError

from linefinish import FinishOptions
from myjoe.errors import JobArgsError, NewerOrderError
from myjoe.ordering.page_order import PAPER_SIZES_IN, PageOrder

LEAST = {"page": 1, "operations": ["raster"], "prompt": "a cat"}


def test_the_least_that_is_said_is_a_letter_page_for_kids() -> None:
    order = PageOrder.of("page", LEAST)
    assert (order.audience, order.paper, order.dpi, order.margin_in, order.seed) == ("kids", "letter", 300, 0.375, None)
    assert order.options == FinishOptions() and order.paper_in == (8.5, 11.0) and order.live_in == (7.75, 10.25)


def test_all_that_may_be_said_is_kept_and_goes_through_json() -> None:
    full = {
        "page": 3, "operations": ["vector", "fix_upscale"], "prompt": "a cat", "title": "Cat", "style": "bold", "audience": "adults",
        "paper": "a4", "dpi": 600, "margin_in": 0.5, "seed": 7, "options": {"speckle_area_px_max": 9},
    }  # fmt: skip
    order = PageOrder.of("page", full)
    again = json.loads(json.dumps(order.to_mapping()))
    assert {name: again[name] for name in full if name != "options"} == {name: full[name] for name in full if name != "options"}
    assert PageOrder.of("page", again) == order and order.options.speckle_area_px_max == 9


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"page": 0}, "page: "), ({"page": 100_001}, "page: "), ({"page": "one"}, "page: "), ({"operations": []}, "operations: "),
        ({"operations": ["raster"] * 9}, "operations: "), ({"prompt": ""}, "prompt: "),
        ({"prompt": "x" * 4001}, "prompt: "), ({"title": "x" * 201}, "title: "), ({"style": "x" * 1001}, "style: "),
        ({"audience": "pets", "dpi": 71}, "dpi: "), ({"colour": 1, "title": 7}, "title: "), ({"dpi": 71}, "dpi: "),
        ({"dpi": 1201}, "dpi: "),
        ({"margin_in": -0.1}, "margin_in: "), ({"margin_in": 2.1}, "margin_in: "), ({"margin_in": math.nan}, "margin_in: "),
        ({"seed": -1}, "seed: "), ({"seed": 2**31}, "seed: "), ({"options": {"sharpness": 1, "dpi": "x"}, "page": 0}, "page: "),
        ({"options": {"speckle_area_px_max": -1}}, "options"), ({"options": {"speckle_area_px_max": 10**400}}, ""),
        ({"options": 7}, "options"),
        ({"seed": 10**5000}, "seed: "), ({"dpi": math.inf}, "dpi: "), ({"title": ["x"]}, "title: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(JobArgsError, match=f"the page cannot be made as ordered: {fault}"):
        PageOrder.of("page", {**LEAST, **said})


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"operations": ["raster", "gold"]}, "operations.1: "), ({"operations": ["gold"]}, "operations"),
        ({"audience": "pets"}, "audience: "), ({"paper": "a5"}, "paper: "),
        ({"colour": "red"}, "colour: "), ({"options": {"sharpness": 1}}, "there are no options 'sharpness' here"),
        ({"binding": {"spiral": [1, 2]}, "paper": "a5"}, "paper: .*; binding: "),
    ],
)  # fmt: skip
def test_what_is_not_known_here_is_put_off_for_somebody_newer(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(NewerOrderError, match=f"the page cannot be made as ordered: {fault}"):
        PageOrder.of("page", {**LEAST, **said})


@pytest.mark.parametrize("name", LEAST)
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(JobArgsError, match=f"{name}: "):
        PageOrder.of("page", {key: value for key, value in LEAST.items() if key != name})


def test_several_faults_are_one_sentence_of_bounded_length() -> None:
    with pytest.raises(JobArgsError, match=r"page: .*; prompt: .*") as caught:
        PageOrder.of("page", {**LEAST, "page": 0, "prompt": "", **{f"odd_{'x' * 300}_{number}": 1 for number in range(50)}})
    assert len(str(caught.value)) < 600 and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["book", "", "Page"])
def test_another_kind_of_job_is_a_newer_one_s(kind: str) -> None:
    with pytest.raises(NewerOrderError, match=f"no kind of job called {kind!r}"):
        PageOrder.of(kind, LEAST)


@pytest.mark.parametrize("paper", PAPER_SIZES_IN)
@pytest.mark.parametrize("margin", [0, 0.375, 2])
def test_every_paper_has_room_within_the_widest_margin(paper: str, margin: float) -> None:
    order = PageOrder.of("page", {**LEAST, "paper": paper, "margin_in": margin})
    assert order.paper_in == PAPER_SIZES_IN[paper]
    assert order.live_in == pytest.approx([side - 2 * margin for side in order.paper_in]) and min(order.live_in) > 0


@pytest.mark.parametrize(
    ("operations", "first"), [(["raster"], "raster"), (["fix_upscale", "vector"], "vector"), (["fix_upscale"], "raster")]
)
def test_a_vector_page_is_drawn_as_one(operations: list[str], first: str) -> None:
    assert PageOrder.of("page", {**LEAST, "operations": operations}).first_operation == first


def test_an_order_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        PageOrder.of("page", LEAST).page = 2
