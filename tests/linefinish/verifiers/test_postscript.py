"""PostScript's tokens: its own white space and line ends, and no name that could be a number."""

from __future__ import annotations

import pytest

from linefinish.verifiers.postscript import CALL, token_at
from linefinish.verifiers.verdict import DamagedError


def tokens(text: bytes) -> list[tuple[str, bytes]]:
    found, at = [], 0
    while token := token_at(text, at):
        found.append(token[:2])
        at = token[2]
    return found


def test_tokens() -> None:
    assert tokens(b"1 -.5 2. 1e3/a b{[x]}%c\rd(e)\0\x0cf") == [
        ("number", b"1"), ("number", b"-.5"), ("number", b"2."), ("number", b"1e3"), ("literal", b"a"), ("name", b"b"), ("bracket", b"{"),
        ("bracket", b"["), ("name", b"x"), ("bracket", b"]"), ("bracket", b"}"), ("comment", b"c"), ("name", b"d"), ("string", b"e"),
        ("name", b"f"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        b"%a\x0cb",
        b"1x",
        b"+a",
        b"a\x0bb",
        b"16#ff",
        b"//a",
        b"<<",
        b"<00>",
        b"(a(b))",
        b"(\\)",
        b"\x04 a",
        b"1.2.3",
        b"/1e5",
        b"\x80",
        b"%a\0b",
    ],
)
def test_what_interpreters_may_read_otherwise(text: bytes) -> None:
    with pytest.raises(DamagedError, match="cannot be verified"):
        tokens(text)


def test_a_call_is_numbers_and_a_name() -> None:
    call = CALL.match(b"\n1 2.5 -3 m 4 5 l")
    assert call and call[1] == b"m" and call.end() == 11
    assert not CALL.match(b"1 2 /m")
    assert not CALL.match(b"1 2m")
