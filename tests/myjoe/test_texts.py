"""Texts of others are made fit for PostgreSQL, logs and wires, and are otherwise what they were."""
from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.texts import washed, washed_json

ANY_CHARACTER = st.characters(codec=None)  # lone surrogates as well
ANY_TEXT = st.text(ANY_CHARACTER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b", "a\ufffdb"), ("\ud83d", "\ufffd"), ("\udc80x", "\ufffdx"), ("\ude00\ud83d", "\ufffd\ufffd"),
        ("grün 🦔\n\t\x1b", "grün 🦔\n\t\x1b"),
        ("", ""), ("\\u0000", "\\u0000"),
    ],
)  # fmt: skip
def test_what_nobody_takes_is_replaced_and_nothing_else(text: str, expected: str) -> None:
    assert washed(text) == expected


@given(ANY_TEXT)
def test_whatever_it_was_it_can_be_encoded_and_washing_it_again_changes_nothing(text: str) -> None:
    clean = washed(text)
    assert "\x00" not in clean and len(clean) == len(text) and washed(clean) == clean
    clean.encode()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3), max_leaves=10,
)  # fmt: skip


@given(VALUES)
def test_any_value_becomes_json_without_what_jsonb_refuses(value: Any) -> None:
    text = washed_json(value)
    assert "\\u0000" not in text.replace("\\\\", "")
    assert washed_json(json.loads(text)) == text


def test_numbers_that_are_none_are_null() -> None:
    assert json.loads(washed_json({"a": math.nan, "b": [math.inf, -math.inf, 1.5], "c": (1, True)})) == {
        "a": None, "b": [None, None, 1.5], "c": [1, True],
    }  # fmt: skip
