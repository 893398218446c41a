"""Letters and words as the screen reads them."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.screening.letters import fold, joined, spellings, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Pokémon", "pokemon"), ("ÜBUNG", "ubung"),
        ("Straße", "strasse"), ("рikachu", "pikachu"), ("αβε", "abe"), ("pik\u200bachu", "pikachu"),
        ("pika\u00adchu", "pikachu"), ("Ｐｉｋａ", "pika"),
        ("Howl's, howl’s", "howls, howls"), ("Thomas & Friends", "thomas  and  friends"),
        ("ﬁne", "fine"), ("e\u0301", "e"),
    ],
)  # fmt: skip
def test_texts_are_folded_into_our_alphabet(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a cat, two dogs!", ["a", "cat", "two", "dogs"]), ("*pikachu*", ["pikachu"]), ("p*kachu", ["p*kachu"]),
        ("m!ckey mou$e", ["m!ckey", "mou$e"]),
        ("5$ and 100 %", ["5", "and", "100"]), ("poke_mon", ["poke", "mon"]), ("", []), ("--- ...", []), ("@lice", ["@lice"]),
    ],
)  # fmt: skip
def test_words_keep_the_signs_that_stand_for_letters(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["p", "i", "k", "a"], ["pika"]), (["a", "cat"], ["a", "cat"]), (["see", "l", "e", "g", "o", "now"], ["see", "lego", "now"]),
        (["x", "men"], ["x", "men"]), ([], []),
    ],
)  # fmt: skip
def test_rows_of_single_letters_are_one_word(words: list[str], made: list[str]) -> None:
    assert joined(words) == made


def test_a_word_with_signs_has_several_spellings_and_one_of_letters_only_its_own() -> None:
    assert spellings("cat") == {"cat"}
    assert spellings("p1") == {"p1", "pi", "pl"} and "mouse" in spellings("mou$e") and "mickey" in spellings("m!ckey")


@given(st.text(max_size=60))
def test_folding_again_changes_nothing_in_words(text: str) -> None:
    words = words_of(fold(text))
    assert all(words_of(fold(word)) == [word] for word in words if word.isalnum() and word.isascii())
