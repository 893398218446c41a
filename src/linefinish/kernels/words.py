"""Set operations on whole bitmaps, word by word."""
from __future__ import annotations

from linefinish.kernels._casts import u64
from linefinish.kernels._modes import helper, kernel


@kernel("i64(u64*, const u64*, i64)")
def keep(words, others, count):
    """Keep in `words` what is in `others` too."""
    for i in range(count):
        words[i] &= others[i]
    return 0


@kernel("i64(u64*, const u64*, i64)")
def remove(words, others, count):
    """Remove from `words` what is in `others`."""
    for i in range(count):
        words[i] &= u64(~others[i])
    return 0


@kernel("i64(u64*, const u64*, i64)")
def add(words, others, count):
    """Add to `words` what is in `others`."""
    for i in range(count):
        words[i] |= others[i]
    return 0


@kernel("i64(u64*, i64, i64, i64)")
def invert(words, width, height, stride):
    """Turn ink to paper and paper to ink; the spare bits stay 0."""
    for y in range(height):
        for k in range(stride):
            words[y * stride + k] = u64(~words[y * stride + k])
        words[y * stride + (width >> 6)] &= u64(u64(u64(1) << u64(width & 63)) - u64(1))
    return 0


@kernel("i64(u64*, i64)")
def clear(words, count):
    """Turn everything to paper."""
    for i in range(count):
        words[i] = u64(0)
    return 0


@helper
def _are_same(words, others, at):
    """Whether 32 words from `at` on are the same."""
    differ = u64(0)
    for i in range(32):
        differ |= words[at + i] ^ others[at + i]
    return differ == u64(0)


@kernel("i64(const u64*, const u64*, i64, i64*)")
def differing(words, others, count, span):
    """Where two bitmaps differ: span (2,) is the first word that does and the one after the last.
    Returns how many words that are; 0, and a span of 0, where none does.
    """
    first = 0
    while first + 32 <= count and _are_same(words, others, first):
        first += 32
    while first < count and words[first] == others[first]:
        first += 1
    end = count
    while end - 32 >= first and _are_same(words, others, end - 32):
        end -= 32
    while end > first and words[end - 1] == others[end - 1]:
        end -= 1
    span[0] = first if first < end else 0
    span[1] = end if first < end else 0
    return end - first
