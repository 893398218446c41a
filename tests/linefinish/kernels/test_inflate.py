"""Inflating gives what zlib gives: for every way to compress, cut anywhere, and for damaged streams
the same verdict.
"""
from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels import inflate
from linefinish.memory import buffers

STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED)


def deflated(data: bytes, level: int, strategy: int, memory: int = 8, flush_every: int = 0) -> bytes:
    """A raw deflate stream."""
    squeezer = zlib.compressobj(level, zlib.DEFLATED, -15, memory, strategy)
    if not flush_every:
        return squeezer.compress(data) + squeezer.flush()
    pieces = [squeezer.compress(data[at : at + flush_every]) + squeezer.flush(zlib.Z_FULL_FLUSH) for at in range(0, len(data), flush_every)]
    return b"".join(pieces) + squeezer.flush()


def content(seed: int, size: int) -> bytes:
    """Paper, runs of every short period, repeats from near and far, and noise."""
    draw = random.Random(seed)
    made = bytearray()
    while len(made) < size:
        kind = draw.randrange(4)
        if kind == 0:
            made += bytes(draw.randrange(1, 900))
        elif kind == 1:
            made += draw.randbytes(draw.randrange(1, 40)) * draw.randrange(1, 30)
        elif kind == 2 and made:
            at = draw.randrange(len(made))
            made += made[at : at + draw.randrange(1, 300)]
        else:
            made += bytes(draw.choice(b"abcdefgh\x00\xff") for _ in range(draw.randrange(1, 200)))
    return bytes(made[:size])


def arguments(stream: bytes, room: int, last: int) -> tuple[Any, ...]:
    """A call's, for a stream given whole and an output of `room` bytes."""
    return (
        stream + bytes(inflate.SOURCE_SLACK), len(stream), last, memoryview(bytearray(room + inflate.OUT_SLACK)), room,
        memoryview(bytearray(8 * inflate.STATE)).cast("q"), memoryview(bytearray(4 * inflate.TABLE)).cast("I"),
        memoryview(bytearray(8 * inflate.SCRATCH)).cast("q"),
    )  # fmt: skip


def unpacked(stream: bytes, piece: int, strip: int) -> tuple[int, bytes]:
    """The last status and all bytes, where the stream comes in pieces and strips are taken, with no
    more kept than there must be.
    """
    *_, state, table, lengths = arguments(b"", 0, 0)
    out = memoryview(bytearray(inflate.WINDOW + strip + 2 * inflate.OUT_SLACK))
    source, end, given, last = bytes(inflate.SOURCE_SLACK), 0, 0, 0
    taken, made = 0, bytearray()
    while True:
        want = taken + strip
        status = inflate.inflate(source, end, last, out, want, state, table, lengths)
        assert state[inflate.TO] <= want + inflate.OUT_SLACK and state[inflate.AT] <= end or status < 0
        if status == inflate.WANTS_INPUT:
            assert not last and end - state[inflate.AT] < 1024
            rest = source[state[inflate.AT] : end] + stream[given : given + piece]
            last, given = int(given >= len(stream)), given + piece
            source, end = rest + bytes(inflate.SOURCE_SLACK), len(rest)
            state[inflate.AT] = 0
            continue
        now = state[inflate.TO]
        if status != inflate.WANTS_OUTPUT:
            return status, bytes(made + out[taken:now])
        made += out[taken:want]
        taken = want
        behind = max(0, taken - inflate.WINDOW)
        out[: now - behind] = out[behind:now]
        state[inflate.TO] = now - behind
        taken -= behind


def verdict_of_zlib(stream: bytes) -> tuple[int, bytes]:
    """The same by zlib. What it had before an error it does not tell."""
    unpacker = zlib.decompressobj(-15)
    try:
        made = unpacker.decompress(stream)
    except zlib.error:
        return inflate.DAMAGED, b""
    return (inflate.ENDED, made) if unpacker.eof else (inflate.TRUNCATED, b"")


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes."""
    data = content(1, 3000)
    for level, strategy in ((0, 0), (1, 0), (9, 0), (6, zlib.Z_FIXED), (6, zlib.Z_HUFFMAN_ONLY)):
        stream = deflated(data, level, strategy)
        yield inflate.inflate, arguments(stream, 3500, 1)
        yield inflate.inflate, arguments(stream, 1000, 0)
        yield inflate.inflate, arguments(stream[: len(stream) // 2], 3500, 1)
    yield inflate.inflate, arguments(longest_codes(), 400, 1)
    yield inflate.adler32, (data, 3, 2999, 1, columns())
    yield inflate.adler32, (b"\xff" * 400, 0, 400, 0xFFF0FFF0, columns())


def columns() -> memoryview:
    """Scratch of `adler32`."""
    return buffers.zeros(inflate.COLUMNS, "i")


def longest_codes() -> bytes:
    """Bytes as often as Fibonacci's numbers have codes of up to 15 bits, which go through further
    tables.
    """
    counts = [1, 1]
    while len(counts) < 18:
        counts.append(counts[-1] + counts[-2])
    letters = bytearray(b"".join(bytes([65 + i]) * count for i, count in enumerate(counts)))
    random.Random(5).shuffle(letters)
    return deflated(bytes(letters), 9, zlib.Z_HUFFMAN_ONLY, memory=9)


@settings(deadline=None)
@given(
    st.integers(0, 2**32), st.integers(0, 90_000), st.integers(0, 9), st.sampled_from(STRATEGIES), st.integers(1, 9),
    st.sampled_from((0, 1000, 40_000)), st.sampled_from((1, 7, 700, 1 << 16)), st.sampled_from((1, 100, 5000, 1 << 17)),
)  # fmt: skip
def test_what_was_compressed_comes_out(
    seed: int, size: int, level: int, strategy: int, memory: int, flush_every: int, piece: int, strip: int
) -> None:
    data = content(seed, size if strip > 1 else size % 3000)
    stream = deflated(data, level, strategy, memory, flush_every)
    assert unpacked(stream, piece, strip) == (inflate.ENDED, data)


def test_the_longest_codes_go_through_further_tables() -> None:
    stream = longest_codes()
    assert unpacked(stream, 1 << 16, 1 << 17) == (inflate.ENDED, zlib.decompress(stream, -15))


@settings(deadline=None, max_examples=400)
@given(
    st.integers(0, 2**32), st.integers(0, 4000), st.integers(0, 9), st.sampled_from(STRATEGIES), st.sampled_from((3, 1 << 16)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4), st.floats(0, 1),
)  # fmt: skip
def test_damage_gets_zlibs_verdict(
    seed: int, size: int, level: int, strategy: int, piece: int, changes: list[tuple[float, int]], kept: float
) -> None:
    stream = bytearray(deflated(content(seed, size), level, strategy))
    stream = stream[: max(1, round(kept * len(stream)))]
    for place, value in changes:
        stream[int(place * place * len(stream))] = value  # most of them near the front, where the codes are described
    expected, data = verdict_of_zlib(bytes(stream))
    status, made = unpacked(bytes(stream), piece, 1 << 12)
    assert status == expected
    assert made == data or status < 0


# A described block whose code lengths have no codes: it is damage only after all of its lengths
# have been read.
@pytest.mark.parametrize("zeros", [1, 3, 5, 20, 34, 60])
def test_a_block_without_codes_gets_zlibs_verdict(zeros: int) -> None:
    stream = b"\x05" + bytes(zeros)
    assert unpacked(stream, 1 << 16, 1 << 12)[0] == verdict_of_zlib(stream)[0]


@settings(max_examples=1500)
@given(st.binary(min_size=1, max_size=80))
def test_any_bytes_get_zlibs_verdict(stream: bytes) -> None:
    expected, data = verdict_of_zlib(stream)
    status, made = unpacked(stream, 1 << 16, 1 << 12)
    assert status == expected
    assert made == data or status < 0


@pytest.mark.parametrize("cut", range(60))
def test_a_stream_cut_anywhere_is_truncated(cut: int) -> None:
    stream = deflated(content(7, 5000), 9, 0)
    assert unpacked(stream[: len(stream) * cut // 60], 1 << 16, 1 << 12)[0] == inflate.TRUNCATED


@given(st.binary(max_size=1000), st.integers(0, 20), st.integers(1, 400))
def test_adler_32_is_zlibs(data: bytes, first: int, times: int) -> None:
    data *= times
    begin = min(first, len(data))
    assert inflate.adler32(data, begin, len(data), 1, columns()) == zlib.adler32(data[begin:])
    before = zlib.adler32(b"before")
    assert inflate.adler32(data, begin, len(data), before, columns()) == zlib.adler32(data[begin:], before)


def test_the_largest_sums_do_not_overflow() -> None:
    data = b"\xff" * 100_000
    assert inflate.adler32(data, 0, len(data), 0xFFF0FFF0, columns()) == zlib.adler32(data, 0xFFF0FFF0)
