"""Exact Euclidean erosion: which pixels lie deeper than a radius inside their colour.

Separable as the distance transforms of Meijster, Roerdink and Hesselink, "A general algorithm for
computing distance transforms in linear time" (2000), and Felzenszwalb and Huttenlocher (2012):
columns first, then rows. Since only "nearer than the radius" is asked, the lower envelope of the
row pass shrinks to intervals: a pixel g rows away from the other colour makes everything within
√(r² - g²) of its column shallow. Two running extremes a row answer that.
"""
from __future__ import annotations

from linefinish.kernels._casts import u64
from linefinish.kernels._modes import kernel


@kernel("i64(const u64*, i64, i64, i64, u64, i64, i64, i64, const i32*, i32*, i32*, u64*)")
def deeper(words, width, height, stride, flip, first, last, radius, half_widths, nearest, rows, out):
    """Rows first … last - 1 of the pixels of a colour that have the other colour nowhere within the
    radius. → 0

    flip         0: ink, all ones: paper. Outside the page there is neither.
    radius       its whole part
    half_widths  i32, (radius + 1,): ⌊√(r² - g²)⌋ for g = 0 … radius
    nearest      i32, (width,): scratch
    rows         i32, ((last - first) · width,): scratch, distance to the other colour along the
                 column
    out          height × stride words, zeros in these rows; receives the result
    """
    far = radius + 1
    for x in range(width):
        nearest[x] = far
    for y in range(max(0, first - radius), last):
        for x in range(width):
            other = ((words[y * stride + (x >> 6)] ^ flip) >> u64(x & 63)) & u64(1) == u64(0)
            nearest[x] = 0 if other else min(nearest[x] + 1, far)
            if y >= first:
                rows[(y - first) * width + x] = nearest[x]
    for x in range(width):
        nearest[x] = far
    for y in range(min(height, last + radius) - 1, first - 1, -1):
        for x in range(width):
            other = ((words[y * stride + (x >> 6)] ^ flip) >> u64(x & 63)) & u64(1) == u64(0)
            nearest[x] = 0 if other else min(nearest[x] + 1, far)
            if y < last:
                at = (y - first) * width + x
                rows[at] = min(rows[at], nearest[x])
    for y in range(first, last):
        row = (y - first) * width
        reach = -1
        for x in range(width):
            nearest[x] = 0
            distance = rows[row + x]
            if distance <= radius:
                reach = max(reach, x + half_widths[distance])
            if reach >= x:
                nearest[x] = 1
        reach = width
        for x in range(width - 1, -1, -1):
            distance = rows[row + x]
            if distance <= radius:
                reach = min(reach, x - half_widths[distance])
            if reach > x and nearest[x] == 0:
                out[y * stride + (x >> 6)] |= u64(u64(1) << u64(x & 63))
    return 0
