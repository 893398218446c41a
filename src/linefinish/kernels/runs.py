"""Runs: the unbroken stretches of equal pixels in a row, found 64 pixels at a time.

`flip` chooses the colour everywhere: 0 looks at ink, all ones at paper. The spare bits of a row are
never part of a run.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, leading_zeros, popcount, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel


@helper
def word_at(words, width, row, k, flip):
    """Word k of the row that begins at words[row]: 1 where the pixel has the chosen colour, spare
    bits 0.
    """
    valid = u64(0xFFFF_FFFF_FFFF_FFFF)
    if k == width >> 6:
        valid = u64(u64(u64(1) << u64(width & 63)) - u64(1))
    return (words[row + k] ^ flip) & valid


@helper
def run_start(words, width, row, x, flip):
    """First pixel of the run that pixel x belongs to."""
    k = x >> 6
    upto = u64(u64(u64(2) << u64(x & 63)) - u64(1))
    outside = u64(~word_at(words, width, row, k, flip)) & upto
    while outside == u64(0) and k > 0:
        k -= 1
        outside = u64(~word_at(words, width, row, k, flip))
    return 64 * k + 64 - leading_zeros(outside)


@helper
def run_end(words, width, row, x, flip):
    """First pixel after the run that pixel x belongs to. The spare bit of every row ends the
    search.
    """
    k = x >> 6
    outside = u64(~word_at(words, width, row, k, flip)) & u64(u64(0xFFFF_FFFF_FFFF_FFFF) << u64(x & 63))
    while outside == u64(0):
        k += 1
        outside = u64(~word_at(words, width, row, k, flip))
    return 64 * k + trailing_zeros(outside)


@helper
def next_pixel(words, width, row, x, end, flip):
    """First pixel from x on that has the chosen colour, or `end` if there is none before it."""
    k = x >> 6
    if x >= end:
        return end
    found = word_at(words, width, row, k, flip) & u64(u64(0xFFFF_FFFF_FFFF_FFFF) << u64(x & 63))
    while found == u64(0) and 64 * (k + 1) < end:
        k += 1
        found = word_at(words, width, row, k, flip)
    if found == u64(0):
        return end
    return min(end, 64 * k + trailing_zeros(found))


@helper
def toggle(words, row, start, end):
    """Turn over the pixels start … end - 1 of the row that begins at words[row]."""
    first = start >> 6
    last = (end - 1) >> 6
    for k in range(first, last + 1):
        bits = u64(0xFFFF_FFFF_FFFF_FFFF)
        if k == first:
            bits = u64(bits << u64(start & 63))
        if k == last:
            bits &= u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(63 - ((end - 1) & 63))
        words[row + k] ^= bits
    return i64(0)


@kernel("i64(const u64*, i64, i64, i64, u64)")
def count_runs(words, width, height, stride, flip):
    """How many runs of the chosen colour the bitmap (height × stride words) has."""
    total = 0
    for y in range(height):
        carry = u64(0)
        for k in range(stride):
            word = word_at(words, width, y * stride, k, flip)
            total += popcount(word & u64(~(u64(word << u64(1)) | carry)))
            carry = word >> u64(63)
    return total
