"""How figures are said to people."""
from __future__ import annotations

import json
import uuid

import pytest

from myjoe.formatting import ID_CHARS, counted, credits, dollars, escaped, short, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "never"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (2 * 86400 - 1, "48 h"),
        (3 * 86400, "3 d"), (-0.4, "0 s"),
    ],
)  # fmt: skip
def test_spans(seconds: float | None, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(("half", "words"), [(0, "0"), (1, "0.5"), (2, "1"), (3, "1.5"), (-3, "-1.5"), (2_000_000, "1,000,000")])
def test_credits_are_written_as_people_count_them(half: int, words: str) -> None:
    assert credits(half) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (12_000, "12,000 pages")])
def test_things_are_counted_in_their_grammar(count: int, words: str) -> None:
    assert counted(count, "page") == words
    assert counted(count, "wolf", "wolves").endswith("wolf" if count == 1 else "wolves")


@pytest.mark.parametrize(("micro", "words"), [(0, "$0.0000"), (49, "$0.0000"), (1200, "$0.0012"), (1_234_567, "$1.2346")])
def test_dollars_to_a_hundredth_of_a_cent(micro: int, words: str) -> None:
    assert dollars(micro) == words


def test_ids_are_shown_by_their_beginning() -> None:
    one = uuid.uuid4()
    assert short(one) == str(one)[:ID_CHARS] and str(one).startswith(short(str(one)))
    assert short(None) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The owl at night", "The owl at night"), ("Größe ☃ 猫\xa0", "Größe ☃ 猫\xa0"), ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\x9b2J", "\\x9b2J"),
        ("a\tb\nc\r", "a\\x09b\\x0ac\\x0d"), ("\u202etxt.exe", "\\u202etxt.exe"), ("\ud800", "\\ud800"), ("\x7f\u2028", "\\x7f\\u2028"),
        ("\U000e0001", "\\U000e0001"),
    ],
)  # fmt: skip
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_in_json_it_stays_json() -> None:
    text = "a\x9b\u202e\U000e0001\x7f"
    written = escaped(json.dumps(text, ensure_ascii=False), json=True)
    assert written.isprintable() and json.loads(written) == text
