"""zlib streams in pieces, strip by strip: as zlib unpacks them, and damaged where zlib says so."""
from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.errors import ImageReadError
from linefinish.readers.inflating import Inflater
from linefinish.readers.stream import Stream

STRIP = 5000
contents = st.one_of(
    st.binary(max_size=400),
    st.tuples(st.binary(min_size=1, max_size=30), st.integers(1, 5000)).map(lambda t: t[0] * t[1]),
    st.integers(0, 9).map(lambda seed: np.random.default_rng(seed).integers(0, 256, 70_000, np.uint8).tobytes()),
)


def giving(data: bytes, step: int) -> Callable[[], bytes]:
    """The next so many bytes, or all; b"" at the end."""
    file = io.BytesIO(data)
    return lambda: file.read(step or -1)


def inflater(data: bytes, step: int = 0, strip: int = STRIP) -> Inflater:
    return Inflater(Stream(io.BytesIO(), "it"), giving(data, step), strip)


@settings(max_examples=60)
@given(contents, st.integers(0, 9), st.sampled_from([0, 1, 3, 1000]), st.lists(st.integers(1, STRIP), min_size=1, max_size=5))
def test_any_strips_of_any_pieces_are_the_content(content: bytes, level: int, step: int, sizes: list[int]) -> None:
    reader = inflater(zlib.compress(content, level), step)
    got, turn = b"", 0
    while strip := bytes(reader.take(sizes[turn % len(sizes)])):
        assert len(strip) == min(sizes[turn % len(sizes)], len(content) - len(got))
        got, turn = got + strip, turn + 1
    assert got == content
    assert reader.ended


@given(contents, st.sampled_from([0, 1, 1000]))
def test_cut_off_anywhere_is_truncated(content: bytes, step: int) -> None:
    packed = zlib.compress(content)
    if len(packed) > 2000:
        step *= 50  # a byte at a time of what is long took nine tenths of all
    for cut in {0, 1, 2, len(packed) // 2, len(packed) - 4, len(packed) - 1}:
        with pytest.raises(ImageReadError, match="it: the file ends in the middle of the image"):
            reader = inflater(packed[:cut], step)
            while len(reader.take(STRIP)):
                pass


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_changed_byte_is_damage_where_zlib_says_so(content: bytes, data: st.DataObject) -> None:
    packed = bytearray(zlib.compress(content))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    opener = zlib.decompressobj()
    try:
        wanted: bytes | None = opener.decompress(bytes(packed))
        if not opener.eof:
            wanted = None
    except zlib.error:
        wanted = None
    got = b""
    try:
        reader = inflater(bytes(packed))
        while strip := bytes(reader.take(STRIP)):
            got += strip
    except ImageReadError:
        assert wanted is None
        return
    assert got == wanted


@pytest.mark.parametrize(
    "head",
    [b"\x78\x9d", b"\x79\x9c", b"\x88\x1c", b"\x78\xbb", b"PK"],
    ids=["check bits", "method", "window", "dictionary", "zip"],
)
def test_headers_that_are_none(head: bytes) -> None:
    """RFC 1950, section 2.2."""
    with pytest.raises(ImageReadError, match="its compressed image cannot be unpacked"):
        inflater(head + zlib.compress(b"abc")[2:])


def test_the_checksum_counts() -> None:
    packed = zlib.compress(b"abc" * 100)
    reader = inflater(packed[:-1] + bytes([packed[-1] ^ 1]))
    with pytest.raises(ImageReadError, match="cannot be unpacked"):
        reader.take(301)


def test_memory_is_a_strip_and_the_window_whatever_comes_out() -> None:
    """100 MB of zeros in strips of 1,000 bytes; what is taken reaches back through the window."""
    import tracemalloc

    packed = zlib.compress(bytes(100 << 20), 9)
    tracemalloc.start()
    reader = inflater(packed, 1000, 1000)
    for _ in range(3000):
        assert not any(reader.take(1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
    assert not reader.ended
