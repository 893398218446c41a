"""Lines as they are seen. Hebrew letters are written as escapes, so that no editor turns them."""
from __future__ import annotations

import pytest

from linefinish.book.directions import composed, unshaped, visual

SHALOM, CATS = "\u05e9\u05dc\u05d5\u05dd", "\u05d7\u05ea\u05d5\u05dc\u05d9\u05dd"


@pytest.mark.parametrize(("line", "seen"), [
    ("", ""), ("Cosy Cats", "Cosy Cats"), ("Čats № 5", "Čats № 5"), ("猫 5", "猫 5"),
    (SHALOM, SHALOM[::-1]), (f"{SHALOM} {CATS}", f"{CATS[::-1]} {SHALOM[::-1]}"),
    (f"{SHALOM} 25", f"25 {SHALOM[::-1]}"), (f"{SHALOM} 1,234.5!", f"!1,234.5 {SHALOM[::-1]}"), (f"{SHALOM} 50%", f"50% {SHALOM[::-1]}"),
    (f"Cats {SHALOM} {CATS} too", f"Cats {CATS[::-1]} {SHALOM[::-1]} too"), (f"{SHALOM} Cosy Cats", f"Cosy Cats {SHALOM[::-1]}"),
    (f"{SHALOM} ({CATS})", f"({CATS[::-1]}) {SHALOM[::-1]}"), (f"Cats ({SHALOM})", f"Cats ({SHALOM[::-1]})"),
    (f"Cats 2 {SHALOM} 3", f"Cats 2 3 {SHALOM[::-1]}"),
])  # fmt: skip
def test_a_line_is_seen_as_it_is_read(line: str, seen: str) -> None:
    assert visual(line) == seen


@pytest.mark.parametrize(("text", "script"), [
    ("Cats", ""), (SHALOM, ""), ("猫", ""), ("", ""),
    ("\u0642\u0637\u0637", "Arabic"), ("Cats \u0928\u092e", "an Indic"), ("\u1000", "Myanmar"),
])  # fmt: skip
def test_scripts_that_need_shaping_are_told_of(text: str, script: str) -> None:
    assert unshaped(text) == script


def test_what_nobody_sees_is_left_out() -> None:
    assert composed("\ufeffColour\u00adful\u200b cats\u2060") == "Colourful cats"
    assert composed("o\ufb03ce, \ufb01ne, e\u0301") == "office, fine, \u00e9"
