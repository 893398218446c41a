"""Thinning: strokes reduced to connected lines of one pixel.

Guo and Hall, "Parallel thinning with two-subiteration algorithms", Comm. ACM 32(3), 1989, algorithm
A1. Its conditions are boolean, so they are evaluated for 64 pixels at once on the packed words.
"""
from __future__ import annotations

from linefinish.kernels._casts import popcount, u64
from linefinish.kernels._modes import helper, kernel


@helper
def west(words, at, k):
    """The left neighbours of the pixels of word k, words[at]."""
    return u64(words[at] << u64(1)) | (words[at - 1] >> u64(63) if k > 0 else u64(0))


@helper
def east(words, at, k, stride):
    """The right neighbours of the pixels of word k, words[at]."""
    return (words[at] >> u64(1)) | (u64(words[at + 1] << u64(63)) if k + 1 < stride else u64(0))


@helper
def one_of(a, b, c, d):
    """Where exactly one of four is set."""
    return ((a ^ b) & u64(~(c | d))) | ((c ^ d) & u64(~(a | b)))


@helper
def two_of(a, b, c, d):
    """Where at least two of four are set."""
    return (a & b) | (c & d) | ((a | b) & (c | d))


@helper
def removable(words, at, k, y, height, stride, second):
    """The pixels of a word that this subiteration takes away."""
    none = u64(0)
    p2 = words[at - stride] if y > 0 else none
    p9 = west(words, at - stride, k) if y > 0 else none
    p3 = east(words, at - stride, k, stride) if y > 0 else none
    p6 = words[at + stride] if y + 1 < height else none
    p7 = west(words, at + stride, k) if y + 1 < height else none
    p5 = east(words, at + stride, k, stride) if y + 1 < height else none
    p8 = west(words, at, k)
    p4 = east(words, at, k, stride)
    one_way = one_of(u64(~p2) & (p3 | p4), u64(~p4) & (p5 | p6), u64(~p6) & (p7 | p8), u64(~p8) & (p9 | p2))
    a = p9 | p2
    b = p3 | p4
    c = p5 | p6
    d = p7 | p8
    e = p2 | p3
    f = p4 | p5
    g = p6 | p7
    h = p8 | p9
    two_or_three = two_of(a, b, c, d) & two_of(e, f, g, h) & u64(~(a & b & c & d & e & f & g & h))
    kept_side = (p2 | p3 | u64(~p5)) & p4 if second else (p6 | p7 | u64(~p9)) & p8
    return words[at] & one_way & two_or_three & u64(~kept_side)


@kernel("i64(u64*, u64*, i64, i64, u8*)")
def thin(words, other, height, stride, active):
    """Thin the bitmap in `words` (height × stride, spare bits 0). → rounds.

    other   a copy of words; scratch
    active  u8, (height,): all 1; scratch: rows near which something still changes (the rest need no
    look)

    Invariant: the number of 8-connected components and of holes stays.
    """
    rounds = 0
    changed = 1
    while changed != 0:
        changed = 0
        rounds += 1
        for y in range(height):
            row = y * stride
            if active[y] == 0:
                continue
            for k in range(stride):
                other[row + k] = words[row + k]
                if words[row + k] != u64(0):
                    gone = removable(words, row + k, k, y, height, stride, False)
                    other[row + k] ^= gone
                    changed += popcount(gone)
                    active[y] |= 2 if gone != u64(0) else 0
        for y in range(height):
            row = y * stride
            if active[y] == 0:
                continue
            for k in range(stride):
                words[row + k] = other[row + k]
                if other[row + k] != u64(0):
                    gone = removable(other, row + k, k, y, height, stride, True)
                    words[row + k] ^= gone
                    changed += popcount(gone)
                    active[y] |= 2 if gone != u64(0) else 0
        previous = 0
        for y in range(height):
            here = active[y] & 2
            after = active[y + 1] & 2 if y + 1 < height else 0
            active[y] = 1 | here if previous | here | after != 0 else 0
            previous = here
        for y in range(height):
            active[y] &= 1
    return rounds
