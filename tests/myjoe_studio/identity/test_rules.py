"""What a password has to be."""
from __future__ import annotations

import pytest

from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.rules import BYTES_MAX, CHARS_MIN, mistake_of, refusal_of


@pytest.mark.parametrize("password", ["x" * CHARS_MIN, "ten blanks", " " * CHARS_MIN, "x" * BYTES_MAX, "ä" * (BYTES_MAX // 2)])
def test_what_is_taken(password: str) -> None:
    assert mistake_of(password) == ""


@pytest.mark.parametrize("password", ["", "x" * (CHARS_MIN - 1), "x" * (BYTES_MAX + 1), "ä" * (BYTES_MAX // 2 + 1)])
def test_what_is_not(password: str) -> None:
    assert mistake_of(password).endswith(".") or "are the most" in mistake_of(password)


def test_why_the_service_does_not_take_one() -> None:
    said = {refusal_of(IdentityRefusedError(code)) for code in ("weak_password", "same_password", "something else")}
    assert len(said) == 3 and all(sentence.endswith(".") for sentence in said)
