"""Grey against a level, packed to bits in the same pass: 64 pixels a word, lowest bit leftmost, 1
is ink.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, u64
from linefinish.kernels._lanes import at_most64, fill64, load64
from linefinish.kernels._modes import helper, kernel


@helper
def row_word(gray, start, count, end, level):
    """The ink bits (grey ≤ level) of `count` ≤ 64 pixels from `start` on, of a buffer of `end`
    pixels; the other bits are 0.

    Pixels of the next row are looked at and masked away; only at the buffer's end is it one by one.
    """
    if start + 64 <= end:
        word = at_most64(load64(gray, start), fill64(level))
        return word if count == 64 else word & u64(u64(u64(1) << u64(count)) - u64(1))
    word = u64(0)
    for at in range(count):
        if i64(gray[start + at]) <= level:
            word |= u64(u64(1) << u64(at))
    return word


@kernel("i64(const u8*, i64, i64, i64, i64, u64*)")
def pack_level(gray, width, height, level, stride, words):
    """Ink where grey ≤ level (0 to 255). gray u8 (height, width) → words u64 (height, stride);
    spare bits become 0.
    """
    full = width >> 6
    for y in range(height):
        row = y * width
        for k in range(full):
            words[y * stride + k] = at_most64(load64(gray, row + 64 * k), fill64(level))
        words[y * stride + full] = row_word(gray, row + 64 * full, width - 64 * full, height * width, level)
    return 0
