"""Grey against a level, packed to bits in the same pass: eight pixels a step, 64 a word, lowest bit leftmost, 1 is ink."""
from __future__ import annotations

from linefinish.kernels._kernel import helper, kernel, u64
from linefinish.kernels.histogram import load8

_HIGH = 0x8080808080808080  # the top bit of each byte
_LOW = 0x7F7F7F7F7F7F7F7F  # all other bits
_ONES = 0x0101010101010101
_GATHER = 0x0102040810204080  # times bits at 0, 8, … 56: brings them side by side into the top byte


@helper
def gather(flags):
    """Eight bits from eight bytes of 0 or 1, the first byte in bit 0."""
    return u64(u64(flags * u64(_GATHER)) >> u64(56))


@helper
def not_above(word, levels):
    """Eight bits: byte of `word` ≤ byte of `levels`, the first byte in bit 0.

    Below the top bit a borrow-free subtraction compares ((b | 128) − a keeps its top bit where a ≤ b); the top bits decide
    where they differ.
    """
    low = u64((levels | u64(_HIGH)) - (word & u64(_LOW)))
    below = (u64(~word) & levels) | (u64(~(word ^ levels)) & low)
    return gather((below & u64(_HIGH)) >> u64(7))


@helper
def row_word(gray, start, count, levels):
    """The ink bits of `count` ≤ 64 pixels from `start` on: grey ≤ the level that fills the bytes of `levels`."""
    word = u64(0)
    whole = count & ~7
    for at in range(0, whole, 8):
        word |= u64(not_above(load8(gray, start + at), levels) << u64(at))
    for at in range(whole, count):
        if u64(gray[start + at]) <= (levels & u64(255)):
            word |= u64(u64(1) << u64(at))
    return word


@kernel("i64(const u8*, i64, i64, i64, i64, u64*)")
def pack_level(gray, width, height, level, stride, words):
    """Ink where grey ≤ level (0 to 255). gray u8 (height, width) → words u64 (height, stride); spare bits become 0."""
    levels = u64(u64(level) * u64(_ONES))
    full = width >> 6
    for y in range(height):
        row = y * width
        out = y * stride
        for k in range(full):
            word = u64(0)
            for at in range(0, 64, 8):
                word |= u64(not_above(load8(gray, row + 64 * k + at), levels) << u64(at))
            words[out + k] = word
        words[out + full] = row_word(gray, row + 64 * full, width - 64 * full, levels)
    return 0
