"""PDF's tokens: what is written comes back, and what viewers read differently is refused."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.verifiers.pdf_lexer import Lexer, Name, Reference, Word, known_keys, name, name_of, number, unescaped
from linefinish.verifiers.verdict import DamagedError

REGULAR = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_+*"
names = st.lists(st.integers(1, 255), min_size=1, max_size=8).map(lambda values: Name(bytes(values)))
leaves = st.one_of(
    st.integers(-(10**12), 10**12), st.booleans(), st.none(), names, st.binary(max_size=12),
    st.tuples(st.integers(0, 9999), st.integers(0, 99)).map(Reference),
    st.integers(-(10**6), 10**6).map(lambda value: value / 128),
)  # fmt: skip
objects = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)), max_leaves=12
)


def written(value: Any) -> bytes:
    """An object as a writer of PDF would put it down (ISO 32000-2, 7.3)."""
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, Name):
        return b"/" + b"".join(bytes([c]) if c in REGULAR else b"#%02X" % c for c in value)
    if isinstance(value, Reference):
        return b"%d %d R" % value
    if isinstance(value, bytes):
        return b"<" + value.hex().encode() + b">" if len(value) % 2 else b"(" + b"".join(b"\\%03o" % c for c in value) + b")"
    if isinstance(value, list):
        return b"[" + b" ".join(map(written, value)) + b"]"
    if isinstance(value, dict):
        return b"<<" + b" ".join(written(key) + b" " + written(item) for key, item in value.items()) + b">>"
    return (b"%d" if isinstance(value, int) else b"%.7f") % value


def is_same(one: Any, other: Any) -> bool:
    return bool(one == other) and type(one) is type(other)


@given(st.lists(objects, max_size=4), st.sampled_from([b" ", b"\n", b" % a comment\r", b"\0\t"]))
def test_objects_come_back(values: list[Any], between: bytes) -> None:
    lexer = Lexer(between.join(map(written, values)) + between)
    for value in values:
        found = lexer.next()
        if value is None:  # outside of arrays `null` is a word like any other
            assert found == b"null" and isinstance(found, Word)
        else:
            assert is_same(found, value)
    assert lexer.next() is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"+17", 17), (b"-.5", -0.5), (b"4.", 4.0), (b"0042", 42),
        (b"(a(b)c)", b"a(b)c"), (b"(a\\)b)", b"a)b"), (b"(\\101\\7)", b"A\x07"), (b"(a\\\r\nb)", b"ab"), (b"(\\n\\q)", b"\nq"),
        (b"<4 1 4>", b"A@"), (b"<>", b""), (b"/", b""), (b"/A#42", b"AB"), (b"/A#4", b"A#4"),
    ],
)  # fmt: skip
def test_spellings(text: bytes, value: Any) -> None:
    assert Lexer(text).next() == value


def test_a_content_stream_has_no_references() -> None:
    lexer = Lexer(b"1 0 R")
    assert [lexer.next(references=False) for _ in range(3)] == [1, 0, b"R"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[1 2", "has no end"),
        (b"<</A 1", "has no end"),
        (b"(abc", "has no end"),
        (b"(abc\\", "has no end"),
        (b"<</A>>", "dictionary at byte 2 is damaged"),
        (b"<<1 2>>", "dictionary at byte 2 is damaged"),
        (b"[1 foo]", "foo has no place"),
        (b"[" * 100, "in one another"),
        (b"<4x>", "no object at byte 0"),
        (b"1" * 41, "a number of 41 digits"),
        (b"{", "no object at byte 0"),
        (b"<</A 1/#41 2>>", "A stands twice"),
        (b"% a\x0c1", "no object at byte 0"),
    ],
)
def test_what_is_broken_is_said(text: bytes, words: str) -> None:
    with pytest.raises(DamagedError, match=words):
        Lexer(text).next()


@given(st.binary(max_size=40))
def test_names_and_strings_resolve(raw: bytes) -> None:
    assert name(b"".join(b"#%02x" % c for c in raw)) == raw
    assert unescaped(b"".join(b"\\%03o" % c for c in raw)) == raw
    plain = raw.replace(b"\\", b"").replace(b"#", b"")
    assert name(plain) == plain and unescaped(plain) == plain


def test_a_number_and_a_name_are_what_they_are() -> None:
    assert [number(value) for value in (1, 0.5, True, b"1", None)] == [1, 0.5, None, None, None]
    assert [name_of(value) for value in (Name(b"A"), b"A", 1)] == [b"A", b"", b""]
    known_keys({b"A": 1, b"PTEX.FileName": 2}, frozenset((b"A",)), "it")
    with pytest.raises(DamagedError, match="/B of it"):
        known_keys({b"B": 1}, frozenset((b"A",)), "it")


def test_a_vertical_tab_is_no_white_space() -> None:
    assert Lexer(b"1\x0b").next() == b"1\x0b"
