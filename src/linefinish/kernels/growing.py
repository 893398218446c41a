"""Growing ink into a given area without ever joining what is apart: homotopic thickening.

Discs around centre lines say how far ink may grow. It grows layer by layer, and only over pixels
whose change alters no topology (simple points: Kong and Rosenfeld, "Digital topology: introduction
and survey", CVGIP 48, 1989): between two strokes at least one pixel of paper stays, no hole closes
and none opens.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.widths import arm, ink_at

_SQRT2 = 1.4142135623730951


@helper
def is_simple(words, width, height, stride, x, y):
    """Whether turning pixel (x, y) keeps the number of 8-connected components of ink and of
    4-connected components of paper.

    It does where exactly one 4-connected stretch of paper among the eight neighbours touches the
    pixel's sides (Yokoi number 1).
    """
    n = not ink_at(words, width, height, stride, x, y - 1)
    e = not ink_at(words, width, height, stride, x + 1, y)
    s = not ink_at(words, width, height, stride, x, y + 1)
    w = not ink_at(words, width, height, stride, x - 1, y)
    ne = not ink_at(words, width, height, stride, x + 1, y - 1)
    se = not ink_at(words, width, height, stride, x + 1, y + 1)
    sw = not ink_at(words, width, height, stride, x - 1, y + 1)
    nw = not ink_at(words, width, height, stride, x - 1, y - 1)
    stretches = i64(n and not (ne and e)) + i64(e and not (se and s)) + i64(s and not (sw and w)) + i64(w and not (nw and n))
    return stretches == 1


@helper
def cut_along(words, width, height, stride, x, y, dx, dy, length_max):
    """Ink pixels in a line through ink pixel (x, y) along ±(dx, dy), up to length_max to either
    side.
    """
    before = arm(words, width, height, stride, x, y, -dx, -dy, length_max)
    return 1 + before + arm(words, width, height, stride, x, y, dx, dy, length_max)


@helper
def narrowest_cut(words, width, height, stride, x, y, length_max):
    """The shortest of the row, the column and, where these are alike, the diagonals through ink
    pixel (x, y), in pixels.

    On an upright or level stroke no diagonal is the shortest cut but at its ends, where it cuts a
    corner off.
    """
    row = cut_along(words, width, height, stride, x, y, 1, 0, length_max)
    column = cut_along(words, width, height, stride, x, y, 0, 1, length_max)
    least = float(min(row, column))
    if max(row, column) < 2.5 * least:
        falling = cut_along(words, width, height, stride, x, y, 1, 1, length_max)
        rising = cut_along(words, width, height, stride, x, y, 1, -1, length_max)
        # k pixels on a diagonal span k · √2 less what their corners stick out.
        least = min(least, min(falling, rising) * _SQRT2 - 0.4)
    return least


@kernel("i64(const u64*, const u64*, i64, i64, i64, f64, i64, const i32*, i64, u64*)")
def discs_where_thin(words, lines, width, height, stride, thin_below, span, edges, top, out):
    """Draw a disc around each pixel of `lines` where the ink in `words` is cut shorter than
    thin_below. → how many.

    edges  i32, (2 · rows,): first and end offset of each row of the disc; row i lies top + i rows
    below its centre; rows = span
    out    height × stride words; the discs are added
    """
    discs = 0
    for y in range(height):
        for k in range(stride):
            left = lines[y * stride + k]
            while left != u64(0):
                x = 64 * k + trailing_zeros(left)
                left &= u64(left - u64(1))
                if narrowest_cut(words, width, height, stride, x, y, i64(2.5 * thin_below) + 2) >= thin_below:
                    continue
                discs += 1
                for i in range(span):
                    beside = y + top + i
                    if beside < 0 or beside >= height:
                        continue
                    for at in range(max(0, x + edges[2 * i]), min(width, x + edges[2 * i + 1])):
                        out[beside * stride + (at >> 6)] |= u64(u64(1) << u64(at & 63))
    return discs


@kernel("i64(u64*, const u64*, i64, i64, i64, u64*)")
def grow(words, limit, width, height, stride, front):
    """Add one layer to the ink in `words`: simple pixels of `limit` beside it. → how many were
    added.

    limit  height × stride words: where ink may be
    front  height × stride words; scratch
    """
    for y in range(height):
        for k in range(stride):
            at = y * stride + k
            here = words[at]
            around = u64(here << u64(1)) | (here >> u64(1))
            around |= words[at - 1] >> u64(63) if k > 0 else u64(0)
            around |= u64(words[at + 1] << u64(63)) if k + 1 < stride else u64(0)
            around |= words[at - stride] if y > 0 else u64(0)
            around |= words[at + stride] if y + 1 < height else u64(0)
            front[at] = around & limit[at] & u64(~here)
    added = 0
    for y in range(height):
        for k in range(stride):
            left = front[y * stride + k]
            while left != u64(0):
                x = 64 * k + trailing_zeros(left)
                bit = left & u64(~u64(left - u64(1)))
                left ^= bit
                if is_simple(words, width, height, stride, x, y):
                    words[y * stride + k] |= bit
                    added += 1
    return added
