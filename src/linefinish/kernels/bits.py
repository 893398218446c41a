"""Packing pixels into words and back. A word holds 64 pixels, lowest bit leftmost, 1 is ink."""
from __future__ import annotations

from linefinish.kernels._casts import popcount, u64
from linefinish.kernels._modes import kernel


@kernel("i64(const u8*, i64, i64, i64, u64*)")
def pack(flags, width, height, stride, words):
    """Flags (height × width, non-zero is ink) → words (height × stride). Spare bits become 0."""
    for y in range(height):
        row = y * width
        for k in range(stride):
            word = u64(0)
            for b in range(min(64, width - 64 * k)):
                if flags[row + 64 * k + b] != 0:
                    word |= u64(u64(1) << u64(b))
            words[y * stride + k] = word
    return 0


@kernel("i64(const u64*, i64, i64, i64, u8*)")
def unpack(words, width, height, stride, flags):
    """Words (height × stride) → flags (height × width), 1 is ink."""
    for y in range(height):
        for x in range(width):
            flags[y * width + x] = (words[y * stride + (x >> 6)] >> u64(x & 63)) & u64(1)
    return 0


@kernel("i64(const u64*, i64)")
def count(words, word_count):
    """How many bits are set."""
    total = 0
    for i in range(word_count):
        total += popcount(words[i])
    return total


@kernel("i64(const u8*, i64)")
def is_bilevel(pixels, pixel_count):
    """1 if all pixels are 0 or 255, else 0. Blocks of 4096 are summed without a branch, so a grey
    page is told at once.
    """
    for start in range(0, pixel_count, 4096):
        between = 0
        for i in range(start, min(start + 4096, pixel_count)):
            if pixels[i] != 0 and pixels[i] != 255:
                between += 1
        if between > 0:
            return 0
    return 1
