"""Names of the list, found alone, in a sentence, run together and misspelt."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.screening.names import NEAR_LETTERS_MIN, name_in
from myjoe.screening.protected import NAMES, ORDINARY
from myjoe.screening.screening import screen

LISTED = [" ".join(name.split()) for line in NAMES.strip().splitlines() for name in line.split("·")]
# Near a name, and an ordinary word all the same.
FREE = {word.strip() for line in ORDINARY.strip().splitlines() for word in line.split("·")}
# Those that are found misspelt anywhere: long enough, and with no letter doubled or one apart from
# itself, since doubled letters are squeezed before the name is looked for.
LONG = [
    name for name in LISTED
    if name.isalpha() and len(name) >= NEAR_LETTERS_MIN and all(map(str.__ne__, name, name[1:])) and all(map(str.__ne__, name, name[2:]))
]  # fmt: skip


@pytest.mark.parametrize("name", LISTED)
def test_every_name_on_the_list_is_found_alone_in_a_sentence_and_run_together(name: str) -> None:
    for text in (name, f"Draw {name.title()} at the beach", name.replace(" ", ""), name.replace(" ", "-").upper()):
        assert screen(text) is not None, text


@given(st.sampled_from(LISTED), st.text(alphabet="abcdefghij klmnopqrstuvwxyz,.", max_size=30))
def test_a_name_is_found_behind_whatever_stands_before_it(name: str, before: str) -> None:
    assert screen(f"{before}. {name}") is not None


@given(st.sampled_from(LONG), st.data())
def test_a_long_name_is_found_with_one_letter_too_few_or_too_many(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    for spelt in (name[:at] + name[at + 1 :], name[:at] + data.draw(st.sampled_from("qxz")) + name[at:]):
        assert name_in([spelt]) is not None or spelt in FREE, spelt


@given(st.sampled_from(LISTED), st.integers(1, 4))
def test_a_name_is_found_with_a_letter_repeated(name: str, times: int) -> None:
    assert name_in([name.replace(" ", "") + name[-1] * times]) is not None or not name[-1].isalpha()


@pytest.mark.parametrize("word", ["cat", "tiger", "cookie", "iron", "frozen", "a"])
def test_a_short_ordinary_word_is_near_no_name(word: str) -> None:
    assert name_in([word]) is None
