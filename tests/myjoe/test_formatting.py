"""How figures are said to people."""
from __future__ import annotations

import uuid

import pytest

from myjoe.formatting import ID_CHARS, counted, credits, dollars, short, span


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
