"""What shops are told about AI."""
from __future__ import annotations

import pytest

from linefinish import OptionsError
from linefinish.book.provenance import ai_statements


def test_what_is_said() -> None:
    assert ai_statements(["", ""]) == {"kdp": "", "etsy": ""}
    assert "images no" in ai_statements(["hand", "hand"])["kdp"]
    assert ai_statements(["hand"])["etsy"] == ""
    assert "images yes (all images)" in ai_statements(["ai", "ai"])["kdp"]
    mixed = ai_statements(["ai", "ai-edited", "hand"])
    assert "2 of 3 images, 1 of them edited" in mixed["kdp"]
    assert mixed["etsy"].startswith("2 of the 3 drawings were made with the help of AI")
    assert "Of 1 of 2 images nothing is recorded" in ai_statements(["ai", ""])["kdp"]
    with pytest.raises(OptionsError, match="hand, ai, ai-edited"):
        ai_statements(["robot"])
