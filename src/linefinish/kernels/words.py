"""Set operations on whole bitmaps, word by word."""
from __future__ import annotations

from linefinish.kernels._kernel import kernel, u64


@kernel("i64(u64*, const u64*, i64)")
def keep(words, others, count):
    """words ← words and others."""
    for i in range(count):
        words[i] &= others[i]
    return 0


@kernel("i64(u64*, const u64*, i64)")
def remove(words, others, count):
    """words ← words without others."""
    for i in range(count):
        words[i] &= u64(~others[i])
    return 0


@kernel("i64(u64*, const u64*, i64)")
def add(words, others, count):
    """words ← words or others."""
    for i in range(count):
        words[i] |= others[i]
    return 0


@kernel("i64(u64*, i64, i64, i64)")
def invert(words, width, height, stride):
    """words ← not words; the spare bits stay 0."""
    for y in range(height):
        for k in range(stride):
            words[y * stride + k] = u64(~words[y * stride + k])
        words[y * stride + (width >> 6)] &= u64(u64(u64(1) << u64(width & 63)) - u64(1))
    return 0
