"""The Euler number: components less holes, from local counts only.

For ink as a union of closed unit squares (8-connected), components - holes = vertices - edges +
faces (Gray, "Local properties of binary images in two dimensions", IEEE Trans. Computers C-20(5),
1971). All three are popcounts of shifted rows.
"""
from __future__ import annotations

from linefinish.kernels._casts import popcount, u64
from linefinish.kernels._modes import kernel


@kernel("i64(const u64*, i64, i64)")
def euler_number(words, height, stride):
    """8-connected components of ink less the 4-connected holes in them. Bitmap: height × stride
    words, spare bits 0.
    """
    number = 0
    for y in range(height + 1):
        carry_here = u64(0)
        carry_both = u64(0)
        for k in range(stride):
            here = words[y * stride + k] if y < height else u64(0)
            both = here | (words[(y - 1) * stride + k] if y > 0 else u64(0))
            upright_edges = here | u64(here << u64(1)) | carry_here
            vertices = both | u64(both << u64(1)) | carry_both
            number += popcount(vertices) + popcount(here) - popcount(both) - popcount(upright_edges)
            carry_here = here >> u64(63)
            carry_both = both >> u64(63)
    return number
