"""Packed data, opened piece by piece: the same content whatever the pieces, and broken data said
so.
"""
from __future__ import annotations

import gzip
import io
import itertools
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish.verifiers.unpack import GZIP, ZLIB, inflated, unlzw, unrun
from linefinish.verifiers.verdict import DamagedError

from .samples import saved

contents = st.one_of(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 255), st.integers(1, 300)), max_size=12).map(
    lambda runs: b"".join(bytes([value]) * count for value, count in runs)))  # fmt: skip


def pieces(data: bytes, cuts: list[int]) -> list[memoryview]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [memoryview(data)[a:b] for a, b in itertools.pairwise(places)]


# --- deflate
# ------------------------------------------------------------


@given(contents, st.lists(st.integers(0, 1000), max_size=5), st.sampled_from([ZLIB, GZIP]))
def test_inflated_in_any_parts(content: bytes, cuts: list[int], window: int) -> None:
    packed = zlib.compress(content) if window == ZLIB else gzip.compress(content, mtime=0)
    assert b"".join(inflated(pieces(packed, cuts), window)) == content
    with pytest.raises(DamagedError, match="ends early"):
        list(inflated(pieces(packed[:-1], cuts), window))
    with pytest.raises(DamagedError, match="more after the end"):
        list(inflated(pieces(packed + b"x", cuts), window))


def test_inflated_lets_its_tail_pass_and_nothing_else() -> None:
    packed = memoryview(zlib.compress(b"abc") + b"\r\n")
    assert b"".join(inflated([packed], tail=b"\r\n")) == b"abc"
    with pytest.raises(DamagedError):
        list(inflated([packed], tail=b"\r"))


def test_inflated_says_what_is_wrong() -> None:
    packed = bytearray(zlib.compress(bytes(range(256))))
    packed[-1] ^= 1
    with pytest.raises(DamagedError, match=r"damaged \(incorrect data check\)"):
        list(inflated([memoryview(packed)]))
    with pytest.raises(DamagedError, match="ends early"):
        list(inflated([]))


def test_a_bomb_comes_out_in_pieces() -> None:
    packed = zlib.compress(bytes(1 << 26), 9)
    sizes = [len(piece) for piece in inflated([memoryview(packed)])]
    assert sum(sizes) == 1 << 26
    assert max(sizes) <= 1 << 18


# --- runs
# ------------------------------------------------------------


def runs(content: bytes) -> bytes:
    """RunLengthDecode's coding (ISO 32000-2, 7.4.5): runs of two and more, and what lies between
    literally.
    """
    out, literal = b"", b""
    for value, group in itertools.groupby(content):
        count = len(list(group))
        while count:
            part = min(count, 128)
            if part > 1:
                out += (bytes([len(literal) - 1]) + literal if literal else b"") + bytes([257 - part, value])
                literal = b""
            else:
                literal += bytes([value])
                if len(literal) == 128:
                    out, literal = out + b"\x7f" + literal, b""
            count -= part
    return out + (bytes([len(literal) - 1]) + literal if literal else b"") + b"\x80"


@given(contents)
def test_unrun(content: bytes) -> None:
    assert b"".join(unrun(runs(content))) == content
    assert b"".join(unrun(memoryview(runs(content) + b"never read"))) == content


@pytest.mark.parametrize("data", [b"\2ab", b"\xff", b"\0"])
def test_unrun_of_a_stream_cut_short(data: bytes) -> None:
    with pytest.raises(DamagedError, match="truncated"):
        list(unrun(data))


# --- LZW
# ------------------------------------------------------------


def lzw(content: bytes, early: bool) -> bytes:
    """LZW as TIFF 6.0 has it (section 13): the table is cleared at 4094 entries."""
    bits, table, width = "", {bytes([i]): i for i in range(256)}, 9

    def put(code: int) -> None:
        nonlocal bits
        bits += f"{code:0{width}b}"

    put(256)
    before = b""
    for value in content:
        here = before + bytes([value])
        if here in table:
            before = here
            continue
        put(table[before])
        table[here] = len(table) + 2  # 256 and 257 are no strings
        if len(table) + 2 >= 4094:
            put(256)
            table, width = {bytes([i]): i for i in range(256)}, 9
        else:
            width = min(12, max(9, (len(table) + 1 + early).bit_length()))
        before = bytes([value])
    if before:
        put(table[before])
        width = min(12, max(9, (len(table) + 2 + early).bit_length()))
    put(257)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


@given(contents, st.booleans())
def test_unlzw(content: bytes, early: bool) -> None:
    assert b"".join(unlzw(lzw(content, early), early)) == content


@pytest.mark.parametrize("early", [True, False])
def test_unlzw_through_all_widths_of_its_codes(early: bool) -> None:
    content = bytes(np.random.default_rng(7).integers(0, 256, 20_000, np.uint8))
    assert b"".join(unlzw(lzw(content, early), early)) == content


def test_unlzw_of_libtiffs_strips() -> None:
    grays = np.random.default_rng(3).integers(0, 40, (60, 90), np.uint8)
    data = saved(Image.fromarray(grays), "TIFF", compression="tiff_lzw", strip_size=1 << 20)
    page = tifffile.TiffFile(io.BytesIO(data)).pages[0]
    (at,), (size,) = page.tags["StripOffsets"].value, page.tags["StripByteCounts"].value
    assert b"".join(unlzw(memoryview(data)[at : at + size])) == grays.tobytes()


def test_unlzw_of_damage() -> None:
    whole = lzw(b"abcabcabcabc", True)
    with pytest.raises(DamagedError, match="truncated"):
        list(unlzw(whole[:-2]))
    with pytest.raises(DamagedError, match="damaged"):
        list(unlzw(bytes([0x80, 0x7F, 0xFF, 0xFF])))  # clear, then a code that no entry has


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_end(data: bytes, early: bool) -> None:
    for opened in (unlzw(data, early), unrun(data), inflated([memoryview(data)])):
        try:
            for _ in opened:
                pass
        except DamagedError as error:
            assert str(error)
