"""How a page came to be."""
from __future__ import annotations

import pytest

from linefinish import ai_statements
from myjoe.provenance import made_by


@pytest.mark.parametrize(
    ("provider", "edited", "word"),
    [("recraft", False, "ai"), ("openai", True, "ai-edited"), ("sketch", False, "hand"), ("sketch", True, "hand"), (None, False, "")],
)
def test_what_a_page_records_is_a_word_that_linefinish_knows(provider: str | None, edited: bool, word: str) -> None:
    assert made_by(provider, edited) == word
    assert set(ai_statements([word])) == {"kdp", "etsy"}
