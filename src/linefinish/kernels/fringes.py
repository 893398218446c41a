"""Fringes of single pixels, which error diffusion leaves along every soft edge, and softening,
which makes greys of them again.

Error diffusion (Floyd and Steinberg 1976) keeps the mean grey of every few pixels. So a small
average gives back what was there before, a little softer (inverse halftoning, Kite et al. 2000).
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, popcount, u64
from linefinish.kernels._modes import helper, kernel

# What `count_fringe` tells.
SINGLES = 0  # pixels of ink with none around them, and of paper with none around them
SADDLES = 1  # places where two pixels of ink touch at a corner only
CRACKS = 2  # edges between ink and paper
COUNTS = 3


@helper
def _row_bits(words, width, height, y, k):
    """Word k of row y, paper beyond the page."""
    return words[y * ((width >> 6) + 1) + k] if 0 <= y and y < height else u64(0)


@helper
def _aside(words, width, height, y, k, way):
    """The pixels to the left (−1) or right (1) of those of word k of row y, in their places."""
    here = _row_bits(words, width, height, y, k)
    if way < 0:
        more = _row_bits(words, width, height, y, k - 1) >> u64(63) if k > 0 else u64(0)
        return u64(here << u64(1)) | more
    more = u64(_row_bits(words, width, height, y, k + 1) << u64(63)) if k < width >> 6 else u64(0)
    return (here >> u64(1)) | more


@kernel("i64(const u64*, i64, i64, i64*)")
def count_fringe(words, width, height, counts):
    """Count what error diffusion makes and a pen does not: counts i64 (COUNTS,), see there.

    words u64 (height, stride).
    """
    for i in range(COUNTS):
        counts[i] = 0
    stride = (width >> 6) + 1
    for y in range(height):
        for k in range(stride):
            valid = u64(0xFFFF_FFFF_FFFF_FFFF)
            if k == width >> 6:
                valid = u64(u64(u64(1) << u64(width & 63)) - u64(1))
            here = words[y * stride + k]
            left, right = _aside(words, width, height, y, k, -1), _aside(words, width, height, y, k, 1)
            above, below = _row_bits(words, width, height, y - 1, k), _row_bits(words, width, height, y + 1, k)
            corners_or = _aside(words, width, height, y - 1, k, -1) | _aside(words, width, height, y - 1, k, 1)
            corners_or |= _aside(words, width, height, y + 1, k, -1) | _aside(words, width, height, y + 1, k, 1)
            corners_and = _aside(words, width, height, y - 1, k, -1) & _aside(words, width, height, y - 1, k, 1)
            corner = _aside(words, width, height, y + 1, k, 1)
            corners_and &= _aside(words, width, height, y + 1, k, -1) & corner
            counts[SINGLES] += popcount(here & u64(~(left | right | above | below | corners_or)))
            counts[SINGLES] += popcount(u64(~here) & valid & left & right & above & below & corners_and)
            saddles = (here & corner & u64(~right) & u64(~below)) | (u64(~here) & u64(~corner) & right & below)
            counts[SADDLES] += popcount(saddles & valid)
            counts[CRACKS] += popcount((here ^ left) & valid) + popcount((here ^ above) & valid)
    return counts[CRACKS]


@kernel("i64(const u64*, i64, i64, u64*)")
def widen(words, width, height, wide):
    """All that is ink, or touches some, 8-connected, into `wide`: how many pixels. Both u64
    (height, stride).
    """
    stride = (width >> 6) + 1
    total = 0
    for y in range(height):
        for k in range(stride):
            bits = u64(0)
            for row in range(y - 1, y + 2):
                bits |= _row_bits(words, width, height, row, k)
                bits |= _aside(words, width, height, row, k, -1) | _aside(words, width, height, row, k, 1)
            if k == width >> 6:
                bits &= u64(u64(u64(1) << u64(width & 63)) - u64(1))
            wide[y * stride + k] = bits
            total += popcount(bits)
    return total


@kernel("i64(const u8*, i64, i64, i32*, u8*)")
def soften(gray, width, height, sums, out):
    """Each pixel the mean of the nine around it, by weights 1 2 1 both ways: blur of σ = 0.71 px.
    What lies beyond the page is as its border.

    gray, out u8 (height, width), not the same; sums i32 (width + 2,), scratch. Returns the pixels.
    """
    for y in range(height):
        above, below = max(y - 1, 0) * width, min(y + 1, height - 1) * width
        for x in range(width):
            sums[x + 1] = i64(gray[above + x]) + 2 * i64(gray[y * width + x]) + i64(gray[below + x])
        sums[0] = sums[1]
        sums[width + 1] = sums[width]
        for x in range(width):
            out[y * width + x] = (i64(sums[x]) + 2 * i64(sums[x + 1]) + i64(sums[x + 2]) + 8) >> 4
    return width * height

@kernel("i64(const u8*, i64, i64, u8*, u8*)")
def find_changes(gray, width, height, columns, rows):
    """Mark the columns and rows that differ from the one before them: how many there are.

    gray u8 (height, width); columns u8 (width,) and rows u8 (height,), of zeros, receive 1 there.
    """
    for y in range(height):
        row = y * width
        same = 0
        for x in range(1, width):
            columns[x] |= 1 if gray[row + x] != gray[row + x - 1] else 0
        if y > 0:
            for x in range(width):
                same += 1 if gray[row + x] == gray[row - width + x] else 0
            rows[y] = 1 if same < width else 0
    found = 0
    for x in range(width):
        found += i64(columns[x])
    for y in range(height):
        found += i64(rows[y])
    return found


@helper
def _place(i, small, large):
    """Where the centre of pixel i of a side of `large` lies on one of `small`: the pixel before it,
    and 256ths of the way to the next, both on it.
    """
    at = ((2 * i + 1) * small * 128) // large - 128
    at = min(max(at, 0), 256 * (small - 1))
    return at >> 8, at & 255


@kernel("i64(const u8*, i64, i64, u8*, i64, i64)")
def enlarge(small, small_width, small_height, out, width, height):
    """Enlarge a page, bilinear between the centres of its pixels: u8 (small_height, small_width) to
    u8 (height, width). Returns the pixels.
    """
    for y in range(height):
        v, t = _place(y, small_height, height)
        upper = v * small_width
        lower = min(v + 1, small_height - 1) * small_width
        for x in range(width):
            u, s = _place(x, small_width, width)
            right = min(u + 1, small_width - 1)
            above = i64(small[upper + u]) * (256 - s) + i64(small[upper + right]) * s
            below = i64(small[lower + u]) * (256 - s) + i64(small[lower + right]) * s
            out[y * width + x] = (above * (256 - t) + below * t + 32768) >> 16
    return width * height
