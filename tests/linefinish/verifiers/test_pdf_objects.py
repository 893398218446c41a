"""PDF objects: what is written comes back, and what a viewer might repair is refused."""
from __future__ import annotations

import base64
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.verifiers.pdf_objects import File, Lexer, Name, Reference, Stream, Word, name, unescaped
from linefinish.verifiers.verdict import DamagedError

from .samples import pdf, stream

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


# --- files
# ------------------------------------------------------------


def file(*bodies: bytes) -> File:
    """A file whose objects from 5 on are these."""
    return File(memoryview(pdf(b"", b"", bodies)))


def test_objects_are_found_by_number_and_generation() -> None:
    opened = file(b"<</A 6 0 R>>", b"[1 2]")
    assert opened.get(Reference((5, 0))) == {b"A": Reference((6, 0))}
    assert opened.get(opened.get(Reference((5, 0)))[b"A"]) == [1, 2]
    assert opened.get(7) == 7
    for missing in ((6, 1), (77, 0), (0, 65535)):
        assert opened.get(Reference(missing)) is None


def test_what_is_no_dictionary_and_no_array_is_said() -> None:
    opened = file(b"[1]", b"<</A 1>>")
    assert opened.dictionary(Reference((6, 0)), "it") == {b"A": 1}
    assert opened.array(Reference((5, 0)), "it") == [1]
    assert (opened.dictionary(None, "it"), opened.array(Reference((99, 0)), "it")) == ({}, [])
    with pytest.raises(DamagedError, match="the font is no dictionary"):
        opened.dictionary(Reference((5, 0)), "the font")
    with pytest.raises(DamagedError, match="its kids is no array"):
        opened.array(Reference((6, 0)), "its kids")


def test_references_in_a_circle() -> None:
    with pytest.raises(DamagedError, match="circle"):
        file(b"6 0 R", b"5 0 R").get(Reference((5, 0)))


PACKERS = {
    b"FlateDecode": zlib.compress,
    b"ASCIIHexDecode": lambda content: content.hex().upper().encode() + b">",
    b"ASCII85Decode": lambda content: base64.a85encode(content) + b"~>",
    b"RunLengthDecode": lambda content: b"".join(bytes([0, value]) for value in content) + b"\x80",
}


@given(st.binary(max_size=60), st.lists(st.sampled_from(sorted(PACKERS)), max_size=3))
def test_content_through_any_filters(content: bytes, filters: list[bytes]) -> None:
    packed = content
    for filter_name in reversed(filters):
        packed = PACKERS[filter_name](packed)
    body = stream(packed, b"/Filter[" + b"".join(b"/" + filter_name for filter_name in filters) + b"]")
    opened = file(body)
    found = opened.get(Reference((5, 0)))
    assert isinstance(found, Stream) and bytes(found.packed) == packed
    assert opened.filters(found.entries) == [(filter_name, {}) for filter_name in filters]
    assert opened.content(found) == content


@pytest.mark.parametrize(("short", "filter_name"), [(b"Fl", b"FlateDecode"), (b"AHx", b"ASCIIHexDecode"), (b"A85", b"ASCII85Decode")])
def test_short_names_of_filters(short: bytes, filter_name: bytes) -> None:
    opened = file(b"null")
    assert opened.filters({b"F": Name(short)}) == [(filter_name, {})]


@pytest.mark.parametrize("predictor", [10, 11, 12, 13, 14])
def test_png_predictors(predictor: int) -> None:
    """Rows as PNG filters them (ISO 15948, section 9), here by the oracle of the PNG reader's
    tests.
    """
    from tests.oracles.png import filtered

    rows = np.random.default_rng(predictor).integers(0, 256, (5, 12), np.uint8)
    above, data = bytes(12), b""
    for row in rows:
        data += filtered(predictor - 10, row.tobytes(), above, 3)
        above = row.tobytes()
    entries = b"/Filter/FlateDecode/DecodeParms<</Predictor %d/Colors 3/Columns 4>>" % predictor
    opened = file(stream(zlib.compress(data), entries))
    assert opened.content(opened.get(Reference((5, 0)))) == rows.tobytes()


@pytest.mark.parametrize(
    ("entries", "packed", "words"),
    [
        (b"/Filter/JPXDecode", b"x", "a stream in JPXDecode"),
        (b"/Filter/FlateDecode", b"x", "damaged|early"),
        (b"/Filter/ASCIIHexDecode", b"4g>", "hexadecimal stream is damaged"),
        (b"/Filter/ASCII85Decode", b"zzvvvvvv~>", "ASCII85 stream is damaged"),
        (b"/Filter[" + b"/AHx" * 9 + b"]", b">", "a stream with 9 filters"),
        (b"/Filter 3", b"x", "a filter without a name"),
        (b"/F(a.bin)", b"x", "another file"),
        (b"/Filter/FlateDecode/DecodeParms<</Predictor 2>>", zlib.compress(b"abc"), "predictor 2"),
        (b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", zlib.compress(b"abc"), "ends within a row"),
        (b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2>>", zlib.compress(b"\x09bc"), "predicted stream is damaged"),
        (b"/Filter/FlateDecode", zlib.compress(bytes(1 << 28)), "more than 128 MiB"),
    ],
)
def test_streams_that_are_refused(entries: bytes, packed: bytes, words: str) -> None:
    opened = file(stream(packed, entries))
    with pytest.raises(DamagedError, match=words):
        opened.content(opened.get(Reference((5, 0))))


def test_what_streams_unpack_to_is_counted_over_the_file() -> None:
    opened = file(stream(zlib.compress(bytes(1 << 26)), b"/Filter/FlateDecode"))
    found = opened.get(Reference((5, 0)))
    assert len(opened.content(found)) == 1 << 26
    assert len(opened.content(found)) == 1 << 26
    with pytest.raises(DamagedError, match="more than 128 MiB"):
        opened.content(found)


def test_qpdf_packs_objects_into_streams_and_they_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(b"0 g", b"", (b"<</Size[1 2.5 (x)]>>",), b"/Mine 5 0 R"))
    subprocess.run(["qpdf", "--object-streams=generate", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    opened = File(memoryview((tmp_path / "b.pdf").read_bytes()))
    root = opened.dictionary(opened.trailer[b"Root"], "the root")
    (page,) = opened.array(opened.dictionary(root[b"Pages"], "the pages")[b"Kids"], "the kids")
    mine = opened.dictionary(opened.dictionary(page, "the page")[b"Mine"], "mine")
    assert mine == {b"Size": [1, 2.5, b"x"]}
    number = opened.dictionary(page, "the page")[b"Mine"][0]
    assert opened.get(Reference((number, 1))) is None, "an object in a stream is of generation 0"


def test_the_newest_of_several_updates_counts() -> None:
    """An incremental update (7.5.6): a second cross-reference, whose /Prev is the first."""
    first = pdf(b"", b"", (b"(old)", b"(kept)"))
    at = len(first)
    body = b"5 0 obj\n(new)\nendobj\n"
    start = first.rindex(b"xref\n0")
    update = b"xref\n5 1\n%010d 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (at, start, at + len(body))
    opened = File(memoryview(first + body + update))
    assert opened.get(Reference((5, 0))) == b"new"
    assert opened.get(Reference((6, 0))) == b"kept"
