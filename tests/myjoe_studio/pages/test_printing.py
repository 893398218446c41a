"""What a form says of a print, and what findings mean."""
from __future__ import annotations

from typing import Any

import pytest

import linefinish
from myjoe.ordering.page_order import PAPER_SIZES_IN
from myjoe_studio.pages import printing


def test_each_printer_has_its_rules_and_each_size_is_one_that_some_printer_lists() -> None:
    rules = linefinish.read_printers()
    assert {name for name, _ in printing.PRINTERS} <= set(rules)
    for trim, _ in printing.TRIMS:
        width, height = map(float, trim.split("x"))
        assert any(rules[name].has_trim(width, height) for name, _ in printing.PRINTERS)


def test_a_sentence_goes_on_with_a_printer() -> None:
    assert set(printing.IN_A_SENTENCE) == {name for name, _ in printing.PRINTERS}
    assert not any(title.startswith(("A ", "The ")) for title in printing.IN_A_SENTENCE.values())


def test_each_paper_has_its_trim() -> None:
    assert set(printing.TRIM_OF_PAPER) == set(PAPER_SIZES_IN)
    for paper, trim in printing.TRIM_OF_PAPER.items():
        assert trim in dict(printing.TRIMS)
        assert [float(side) for side in trim.split("x")] == pytest.approx(PAPER_SIZES_IN[paper], abs=0.01)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, {"bleed": False}),
        (printing.FIRST, {"printer": "kdp", "bleed": False, "single_sided": True}),
        ({"printer": "lulu", "trim": "6x9", "author": "Ada", "sides": "double", "bleed": "on"},
         {"printer": "lulu", "trim": "6x9", "author": "Ada", "single_sided": False, "bleed": True}),
        ({"printer": "blurb", "spine": " 6,2 mm", "cover_size": ""}, {"printer": "blurb", "spine": "0.2441", "bleed": False}),
        ({"spine": ".52", "cover_size": "13.9 × 10.42 in"}, {"spine": "0.52", "cover_size": "13.9x10.42", "bleed": False}),
        ({"spine": '0.5"', "cover_size": "353x264.7mm"}, {"spine": "0.5", "cover_size": "13.8976x10.4213", "bleed": False}),
    ],
)  # fmt: skip
def test_what_a_form_leaves_open_is_not_said(given: dict[str, str], said: dict[str, Any]) -> None:
    assert printing.print_of(given) == said
    assert printing.mistakes_in(given) == {}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [({"printer": "gutenberg"}, "printer"), ({"trim": "9x9"}, "trim"), ({"sides": "three"}, "sides"), ({"title": "x" * 201}, "title"),
     ({"author": "x" * 121}, "author"), ({"author": "Ada\nByron"}, "author"),
     *(({"spine": text}, "spine") for text in ("thick", "0", "-1", "6 mm x 2", "1 ft", "9", "1e-3")),
     *(({"cover_size": text}, "cover_size") for text in ("13.9", "0 x 9", "99 x 9 in", "a x b", "13.9 x 10.4 x 2"))],
)  # fmt: skip
def test_what_is_wrong_is_said_of_its_field(given: dict[str, str], wrong: str) -> None:
    assert list(printing.mistakes_in(given)) == [wrong]


@pytest.mark.parametrize("print", [None, "a text", {}])
def test_an_order_of_before_has_the_defaults(print: Any) -> None:
    run = {"print": print, "paper": "square", "title": None}
    assert printing.as_given(run) == {"printer": "kdp", "trim": "8.5x8.5", "title": "", "author": "", "sides": "single", "bleed": "",
                                      "spine": "", "cover_size": ""}  # fmt: skip


def test_the_answers_are_made_of_what_each_page_records() -> None:
    pages = [{"provider": "recraft", "model": "v3", "edited": True}, {"provider": "recraft", "model": "v3", "edited": False},
             {"provider": "sketch", "model": "sketch", "edited": False}]  # fmt: skip
    assert printing.answers(pages) == {
        "kdp": "AI-generated content: text no; images yes (2 of 3 images, 1 of them edited by a person afterwards); translations no.",
        "etsy": "2 of the 3 drawings were made with the help of AI and 1 of them edited by a person afterwards.",
        "drawn_by": {"recraft (v3)": 2, "sketch (sketch)": 1},
    }


@pytest.mark.parametrize(
    ("text", "todo"), [("10 pages are fewer than the 24", "more pages drawn"), ("700 pages are more than the 590", "two books")]
)
def test_a_count_that_does_not_fit_says_which_way(text: str, todo: str) -> None:
    found = [{"level": "fail", "code": "page-count", "text": text, "count": 1, "pages": [], "drawings": []}]
    [section] = printing.findings({"report": {"findings": found}, "files": {}, "drawn": {}})
    assert todo in section["found"][0]["advice"]


def test_findings_come_with_what_to_do_and_the_pages_that_are_shown() -> None:
    found = [{"level": "note", "code": "region", "text": "Small.", "count": 2, "pages": [7, 9], "drawings": [1, 2]},
             {"level": "fail", "code": "mystery", "text": "Wrong.", "count": 1, "pages": [1], "drawings": [None]}]  # fmt: skip
    export = {
        "report": {"findings": found}, "files": {"page-007.png": {}, "page-001.png": {}}, "drawn": {"1": {"title": "Owl", "job": "j1"}},
    }  # fmt: skip
    first, second = printing.findings(export)
    assert (first["label"], first["found"][0]["advice"]) == ("To be changed", "")
    assert first["found"][0]["shown"] == [{"page": 1, "picture": "page-001.png", "title": "", "job": None}]
    assert second["found"][0]["shown"] == [{"page": 7, "picture": "page-007.png", "title": "Owl", "job": "j1"}]
    assert second["found"][0]["text"] == "Some areas to colour are less than 2 mm across."
    assert "hard to colour" in second["found"][0]["advice"]
    assert printing.findings({**export, "report": {}}) == []
