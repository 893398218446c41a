"""Packed words, lowest bit leftmost → rows of bytes, highest bit leftmost, as the bitmap formats
want them.
"""
from __future__ import annotations

from linefinish.kernels._casts import bit_reverse, i64, u64
from linefinish.kernels._modes import kernel


@kernel("i64(const u64*, i64, i64, i64, i64, i64, u8*)")
def to_bytes(words, width, height, stride, lead, ink, out):
    """Each row becomes `lead` zero bytes (PNG's filter type) and ⌈width / 8⌉ bytes. ink 1: ink is 1
    (PBM); ink 0: ink is 0 (PNG).

    Bits after the last pixel are 0 either way, so that the same picture gives the same file.
    """
    row_bytes = (width + 7) >> 3
    flip = u64(0)
    if ink == 0:
        flip = u64(0xFFFFFFFFFFFFFFFF)
    for y in range(height):
        at = y * (lead + row_bytes)
        for i in range(lead):
            out[at + i] = 0
        at += lead
        for k in range((row_bytes + 7) >> 3):
            word = bit_reverse(words[y * stride + k] ^ flip)
            for b in range(min(8, row_bytes - 8 * k)):
                out[at + 8 * k + b] = i64(word >> u64(56 - 8 * b)) & 255
        if ink == 0 and (width & 7) != 0:
            last = at + row_bytes - 1
            out[last] = (out[last] >> (8 - (width & 7))) << (8 - (width & 7))
    return row_bytes + lead


@kernel("i64(u8*, i64, i64)")
def filter_up(rows, height, row_bytes):
    """PNG's filter Up (ISO/IEC 15948, section 9.2), in place: each byte less the one above it, from
    the last row upwards.

    rows u8 (height, row_bytes), the first byte of each row its filter type, 0 before and 2 after;
    the first row keeps 0.
    """
    for y in range(height - 1, 0, -1):
        at = y * row_bytes
        rows[at] = 2
        for i in range(1, row_bytes):
            rows[at + i] = (rows[at + i] - rows[at - row_bytes + i]) & 255
    return 0
