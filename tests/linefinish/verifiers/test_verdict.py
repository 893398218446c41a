"""The verdict's own words, for people and as a mapping."""
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Verdict
from linefinish.verifiers.verdict import Facts, GrayError, shown

FINE = Verdict("page.png", "PNG", True, detail="1-bit", width=2550, height=3300, dpi=(300.0, 300.0))


@pytest.mark.parametrize(
    ("verdict", "word", "line"),
    [
        (FINE, "OK", "OK   page.png  PNG 1-bit, 2550 × 3300, 300 dpi"),
        (Verdict("", "PBM", True, detail="1-bit", width=3, height=2), "OK", "OK   -  PBM 1-bit, 3 × 2"),
        (Verdict("fax.tif", "TIFF", True, detail="1-bit", width=9, height=9, dpi=(204.0, 98.0)), "OK",
         "OK   fax.tif  TIFF 1-bit, 9 × 9, 204 × 98 dpi"),
        (Verdict("a.svg", "SVG", True, detail="vector"), "OK", "OK   a.svg  SVG vector"),
        (Verdict("a.png", "PNG", False, "first grey at (3, 0), value 7", (3, 0), detail="8-bit grey"), "GREY",
         "GREY a.png  PNG 8-bit grey: first grey at (3, 0), value 7"),
        (Verdict("a.eps", "EPS", False, "cannot be verified: the operator exec", detail="vector", is_damaged=True), "BAD",
         "BAD  a.eps  EPS vector: cannot be verified: the operator exec"),
        (Verdict("a.png", "", False, "the file is empty", is_damaged=True), "BAD", "BAD  a.png  cannot be verified: the file is empty"),
    ],
)  # fmt: skip
def test_one_line_for_people(verdict: Verdict, word: str, line: str) -> None:
    assert verdict.word == word
    assert verdict.line() == line


@given(st.floats(72, 1200))
def test_a_dpi_that_was_rounded_in_metres_is_said_once(dpi: float) -> None:
    told = Verdict("a.png", "PNG", True, dpi=(dpi, dpi + 0.02)).line()
    assert told.endswith(f"{dpi:.4g} dpi") and "×" not in told


def test_the_mapping_has_every_field_and_survives_json() -> None:
    gray = Verdict("a.pdf", "PDF", False, "colour", ("rg", 17), page=2, detail="3 pages", is_damaged=False)
    for verdict in (FINE, gray):
        mapping = verdict.to_mapping()
        assert list(mapping) == [
            "answer", "path", "format", "is_one_bit", "problem", "where", "page", "detail", "width", "height", "dpi", "is_damaged",
        ]  # fmt: skip
        assert json.loads(json.dumps(mapping)) == mapping
    assert gray.to_mapping()["where"] == ["rg", 17]


def test_verdicts_are_values() -> None:
    assert Verdict("a", "PNG", True) == Verdict("a", "PNG", True) != Verdict("b", "PNG", True)
    with pytest.raises(AttributeError, match="frozen"):
        FINE.path = "other"  # type: ignore[misc]


def test_facts_begin_empty_and_take_nothing_else() -> None:
    facts = Facts()
    assert (facts.detail, facts.width, facts.height, facts.dpi, facts.page) == ("", None, None, None, None)
    with pytest.raises(AttributeError):
        facts.colour = 3  # type: ignore[attr-defined]


def test_an_error_carries_the_place() -> None:
    assert GrayError("grey", (1, 2)).where == (1, 2)
    assert GrayError("grey").where is None


@given(st.one_of(st.text(), st.binary()), st.integers(1, 60))
def test_a_word_out_of_a_file_is_short_and_printable(word: str | bytes, length_max: int) -> None:
    made = shown(word, length_max)
    assert len(made) <= length_max + 1
    assert made.isprintable()
    if len(word) <= length_max:
        plain = word if isinstance(word, str) else word.decode("latin-1")
        assert [ours for ours, theirs in zip(made, plain, strict=True) if theirs.isprintable() and ours != theirs] == []
