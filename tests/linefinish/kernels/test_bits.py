"""Packing is the inverse of unpacking, at every width around a word's end, and
spare bits stay 0.
"""
from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import stride_of
from linefinish.kernels import bits
from linefinish.memory import buffers

WIDTHS = (1, 2, 63, 64, 65, 127, 128, 130)


def random_flags(width: int, height: int, seed: int) -> bytes:
    draw = random.Random(seed)
    return bytes(draw.choice((0, 0, 1, 255)) for _ in range(width * height))


def packed(flags: bytes, width: int, height: int) -> memoryview:
    words = buffers.zeros(stride_of(width) * height, "Q")
    for i in range(len(words)):
        words[i] = 0xFFFF_FFFF_FFFF_FFFF  # what was there before must not shine through
    bits.pack(flags, width, height, stride_of(width), words)
    return words


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: one call of each kernel per width."""
    for width in WIDTHS:
        flags = random_flags(width, 3, width)
        words = buffers.zeros(stride_of(width) * 3, "Q")
        yield bits.pack, (flags, width, 3, stride_of(width), words)
        yield bits.unpack, (words, width, 3, stride_of(width), bytearray(width * 3))
        yield bits.count, (words, len(words))


@given(st.sampled_from(WIDTHS), st.integers(1, 4), st.integers(0, 2**32))
def test_unpack_gives_back_what_pack_took(width: int, height: int, seed: int) -> None:
    flags = random_flags(width, height, seed)
    words = packed(flags, width, height)
    out = bytearray(width * height)
    bits.unpack(words, width, height, stride_of(width), out)
    assert [bool(value) for value in out] == [bool(value) for value in flags]
    assert bits.count(words, len(words)) == sum(map(bool, flags))


@given(st.sampled_from(WIDTHS), st.integers(0, 2**32))
def test_spare_bits_are_zero_and_the_lowest_bit_is_leftmost(width: int, seed: int) -> None:
    flags = random_flags(width, 1, seed)
    row = sum(word << (64 * i) for i, word in enumerate(packed(flags, width, 1)))
    assert row == sum(1 << x for x, value in enumerate(flags) if value)
