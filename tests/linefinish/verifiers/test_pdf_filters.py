"""Streams of a PDF through their filters."""
from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.verifiers.pdf_lexer import Name, Reference, Stream
from linefinish.verifiers.pdf_objects import File
from linefinish.verifiers.verdict import DamagedError
from tests.support import bombs

from .samples import pdf, stream


def file(*bodies: bytes) -> File:
    """A file whose objects from 5 on are these."""
    return File(memoryview(pdf(b"", b"", bodies)))


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
    assert opened.filters({b"Filter": Name(short)}) == [(filter_name, {})]


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
        (b"/Filter/ASCIIHexDecode", b"4142", "no end"),
        (b"/Filter/ASCII85Decode", b"zz~>zz", "something after it"),
        (b"/Filter/RunLengthDecode", b"\0a", "run-length"),
        (b"/Filter/FlateDecode/DecodeParms<</Predictor 2>>", zlib.compress(b"abc"), "predictor 2"),
        (b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", zlib.compress(b"abc"), "ends within a row"),
        (b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2>>", zlib.compress(b"\x09bc"), "predicted stream is damaged"),
        (b"/Filter/FlateDecode", bombs.flate(256), "more than 128 MiB"),
    ],
)
def test_streams_that_are_refused(entries: bytes, packed: bytes, words: str) -> None:
    with pytest.raises(DamagedError, match=words):
        opened = file(stream(packed, entries))
        opened.content(opened.get(Reference((5, 0))))


def test_what_streams_unpack_to_is_counted_over_the_file() -> None:
    opened = file(stream(bombs.flate(64), b"/Filter/FlateDecode"))
    found = opened.get(Reference((5, 0)))
    assert len(opened.content(found)) == 1 << 26
    assert len(opened.content(found)) == 1 << 26
    with pytest.raises(DamagedError, match="more than 128 MiB"):
        opened.content(found)
