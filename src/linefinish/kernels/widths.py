"""How wide the strokes are, from run lengths alone.

A straight stroke of width t at any angle is cut by a row over h and by a column over v pixels with
t = h·v / √(h² + v²). Sampled are the middles of horizontal runs where the stroke is steep (h ≤ v)
and of vertical runs where it is flat, so the sample lies near the stroke's centre line and its
weight, the length of stroke between two sampled rows, stays within 1 and √2. What is not long for
its width (specks, dots, solid blacks, ends, crossings) is left out. The whole page is read once;
nothing larger than a row of counters is kept.
"""
from __future__ import annotations

from math import sqrt

from linefinish.kernels._casts import i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.runs import next_pixel, run_end, run_start

# A stroke is what is at least this many times as long as wide, plus ELONGATION_PX. A straight
# stroke's longest chord among rows, columns, diagonals and knight's moves is at least 1 / sin 13.3°
# = 4.3 widths; a square's is 2.0, a disc's 1.4. Larger loses slanted strokes, smaller lets blots
# in. The pixels added keep specks of 3 × 3 out (chord 4.2, wanted 2.4 · 2.1 + 2).
_ELONGATION = 2.4
_ELONGATION_PX = 2.0

# Beyond this ratio of the two cuts the stroke is upright or level, and the longer cut matters no
# more (t changes by 1 / 128).
_STEEP = 8

# A sample must lie near the centre line, not in the corner of a slanted end: the width by the part
# of the longer cut that is even on both sides must come to this share of the width. 1 refuses
# slanted strokes for their staircase, 0 takes corners for thin strokes.
_CENTRED = 0.85
_SQRT2 = 1.4142135623730951
_SQRT5 = 2.23606797749979


@helper
def ink_at(words, width, height, stride, x, y):
    """Whether pixel (x, y) lies on the page and is ink."""
    if x < 0 or y < 0 or x >= width or y >= height:
        return False
    return (words[y * stride + (x >> 6)] >> u64(x & 63)) & u64(1) != u64(0)


@helper
def arm(words, width, height, stride, x, y, dx, dy, length_max):
    """Ink steps from (x, y) along (dx, dy), at most length_max. A knight's move needs one of the
    two pixels between as well.
    """
    half_x = (dx + (1 if dx < 0 else 0)) >> 1
    half_y = (dy + (1 if dy < 0 else 0)) >> 1
    length = 0
    while length < length_max and ink_at(words, width, height, stride, x + dx, y + dy):
        straight = ink_at(words, width, height, stride, x + half_x, y + half_y)
        if not straight and not ink_at(words, width, height, stride, x + dx - half_x, y + dy - half_y):
            break
        x += dx
        y += dy
        length += 1
    return length


@helper
def _upright_arm(words, height, stride, x, y, dy, length_max):
    """`arm` along (0, dy), dy being 1 or -1."""
    bit = u64(u64(1) << u64(x & 63))
    k = x >> 6
    length = 0
    y += dy
    while length < length_max and 0 <= y and y < height and words[y * stride + k] & bit != u64(0):
        y += dy
        length += 1
    return length


@helper
def is_long(words, width, height, stride, x, y, least):
    """Whether a chord through (x, y), slanted by 27°, 45° or 63° either way, is at least `least`
    pixels long.
    """
    reach = i64(least)
    for direction in range(6):
        dx = 2 if direction < 2 else 1
        dy = 2 if direction > 3 else 1
        step = _SQRT5 if dx != dy else _SQRT2
        if direction & 1 == 1:
            dy = -dy
        length = arm(words, width, height, stride, x, y, dx, dy, reach) + arm(words, width, height, stride, x, y, -dx, -dy, reach)
        if (length + 1) * step >= least:
            return True
    return False


@helper
def sample(words, width, height, stride, x, y, across, before, after, histogram, bins, bins_per_px):
    """Enter the width of the stroke around (x, y), the middle of a cut of `across` pixels. → 1 if
    it is a stroke.

    `before` and `after` are the pixels on both sides of it in the other direction, at least
    `across` together with it.
    """
    along = before + after + 1
    diagonal = sqrt(float(across * across + along * along))
    stroke = across * along / diagonal
    even = 2 * min(before, after) + 2
    if across * even < _CENTRED * stroke * sqrt(float(across * across + even * even)):
        return 0
    least = _ELONGATION * stroke + _ELONGATION_PX
    if along < least and not is_long(words, width, height, stride, x, y, least):
        return 0
    histogram[min(i64(stroke * bins_per_px + 0.5), bins - 1)] += diagonal / along
    return 1


@kernel("i64(const u64*, i64, i64, i64, i64, f64*, i64, i64, i32*)")
def stroke_widths(words, width, height, stride, step, histogram, bins, bins_per_px, begun):
    """Length of stroke by width of stroke, sampled in every `step`-th row and column (a power of 2,
    at most 64). → samples.

    histogram  f64, (bins,), zeros at first: bin i receives the length (in steps) of stroke of about
    i / bins_per_px pixels
               width; the last bin all that is wider
    begun      i32, (64 · stride,): scratch, where the vertical run of each column began
    """
    samples = 0
    y = min(step >> 1, height - 1)
    while y < height:
        row = y * stride
        x = next_pixel(words, width, row, 0, width, u64(0))
        while x < width:
            end = run_end(words, width, row, x, u64(0))
            middle = (x + end - 1) >> 1
            across = end - x
            up = _upright_arm(words, height, stride, middle, y, -1, _STEEP * across)
            down = _upright_arm(words, height, stride, middle, y, 1, _STEEP * across)
            if across <= up + down + 1:
                samples += sample(words, width, height, stride, middle, y, across, up, down, histogram, bins, bins_per_px)
            x = next_pixel(words, width, row, end, width, u64(0))
        y += step
    columns = u64(0)
    bit = min(step >> 1, width - 1)
    while bit < 64:
        columns |= u64(u64(1) << u64(bit))
        bit += step
    for y in range(height + 1):
        row = y * stride
        for k in range(stride):
            above = words[row - stride + k] if y > 0 else u64(0)
            here = words[row + k] if y < height else u64(0)
            changed = (above ^ here) & columns
            while changed != u64(0):
                x = 64 * k + trailing_zeros(changed)
                changed &= u64(changed - u64(1))
                if ink_at(words, width, height, stride, x, y):
                    begun[x] = y
                    continue
                across = y - begun[x]
                middle = (begun[x] + y - 1) >> 1
                left = x - run_start(words, width, middle * stride, x, u64(0))
                right = run_end(words, width, middle * stride, x, u64(0)) - x - 1
                if across < left + right + 1:
                    samples += sample(words, width, height, stride, x, middle, across, left, right, histogram, bins, bins_per_px)
    return samples


@kernel("f64(const f64*, i64, f64)")
def quantile(histogram, bins, share):
    """The bin below which `share` (0 … 1) of the histogram's weight lies, with the share inside it;
    -1 where all is empty.

    Bin i stands for the values i - 0.5 … i + 0.5.
    """
    total = 0.0
    for i in range(bins):
        total += histogram[i]
    if total <= 0.0:
        return -1.0
    below = 0.0
    for i in range(bins):
        weight = histogram[i]
        if weight > 0.0 and below + weight >= share * total:
            return i - 0.5 + (share * total - below) / weight
        below += weight
    return float(bins - 1)
