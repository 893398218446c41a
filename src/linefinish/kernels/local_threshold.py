"""Local thresholds from mean and deviation in a window around each pixel: Sauvola, Wolf, NICK and
Bradley in one form.

All four are T = (A·m + B) + (C·m + D)·√(q − E·m²), with m the mean and q the mean square of the
window:

    Sauvola–Pietikäinen 2000, eq. 5   A = 1 − k   B = 0      C = k / 128    D = 0              E = 1
    Wolf–Jolion 2004, eq. 5           A = 1 − k   B = k·M    C = k / R      D = −k·M / R       E = 1
    NICK 2009, eq. 5                  A = 1       B = 0      C = 0          D = k              E = 1
                                      / n
    Bradley–Roth 2007                 A = 1 − k   B = 0      C = 0          D = 0              any

Window sums take constant time a pixel whatever the window (Shafait, Keysers and Breuel 2008), yet
from no integral image over the page: one row of column sums moves down a line at a time, so memory
grows with the width only. At the page's margin the window is cut off and the mean taken over what
is left.

A running sum along a row waits for itself, so eight run at once: a row is cut into eight
*stretches* of `stretch` pixels, one a lane, and what is kept for a row lies turned, eight stretches
side by side. A stretch brings its own margin of a window. What is beyond the page is 0 and counts
for nothing: greys are kept as grey − 128.

The comparison is made in f32, eight pixels at a time, and where it is closer than f32 can tell,
once more in f64, pixel by pixel. So the answer is that of f64 everywhere.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64, trailing_zeros, u64
from linefinish.kernels._lanes import (
    abs8,
    across64,
    add8,
    as_floats8,
    at_most8,
    bit64,
    fill64,
    floats8,
    ints8,
    load8,
    load64,
    mul8,
    negative8,
    signed8,
    store8,
    store64,
    sub8,
    xor64,
)
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.threshold import row_word

# Widest window. The sum of n squares of −128 … 127, less n · 8192, takes an i32: 511² · 8192 <
# 2^31. Without a deviation (Bradley) only greys are summed, and the window may be larger.
WINDOW_PX_MAX = 511
MEAN_WINDOW_PX_MAX = 725
# One level in so many pixels, both ways, is handed on to the tracer: a level over a window changes
# no faster.
GRID_PX = 16

_ROUNDING = 2.0**-24  # of f32, relative
# How far a variance in f32 may be from the true one, in squared greys: 4.5e5 roundings, as squares
# up to 65025 are scaled and subtracted.
_VARIANCE_ERROR = 0.03


def stretch_of(width: int) -> int:
    """Pixels of a row that each of the eight lanes takes, in eights."""
    return (width + 63) // 64 * 8


def scratch_sizes(width: int, radius: int) -> tuple[tuple[int, str], ...]:
    """Items and struct codes of the scratch buffers ring, line, columns, shares and sums, which
    come in as zeros.
    """
    stretch = stretch_of(width)
    columns = (stretch + 2 * radius + 8) & ~7
    return (
        (8 * columns * (2 * radius + 1), "B"), (10 * stretch + 2 * radius + 144, "B"), (16 * columns, "i"), (16 * stretch, "f"),
        (16 * stretch, "i"),
    )  # fmt: skip


@helper
def _count(width, x, radius):
    """Columns of the window around column x."""
    return min(x + radius, width - 1) - max(x - radius, 0) + 1


@helper
def _stretch(width):
    return ((width + 63) >> 6) << 3


@helper
def _columns(stretch, radius):
    """Columns that a stretch sums over, its margins too, as eights."""
    return (stretch + 2 * radius + 8) & ~7


@helper
def _down(height, y, radius):
    """Rows of the window around row y."""
    return min(y + radius, height - 1) - max(y - radius, 0) + 1


@helper
def _invert_counts(width, stretch, radius, shares):
    """shares[0:8 · stretch], turned: 1 / the columns of each window."""
    for x in range(width):
        lane = x // stretch
        shares[8 * (x - lane * stretch) + lane] = 1.0 / f64(_count(width, x, radius))


@helper
def _share(stretch, y, height, radius, shares):
    """shares[8 · stretch:], turned: 1 / the pixels of each window around row y, made anew where the
    row above has others.
    """
    down = _down(height, y, radius)
    if y == 0 or down != _down(height, y - 1, radius):
        inverse = floats8(1.0 / f64(down))
        for at in range(0, 8 * stretch, 8):
            store8(shares, 8 * stretch + at, mul8(load8(shares, at), inverse))


@helper
def _enter(gray, width, height, y, radius, stretch, squared, ring, line, columns):
    """Row y enters the column sums, and the row 2 · radius + 1 above leaves them; rows beyond the
    page are nothing.
    """
    count = _columns(stretch, radius)
    half = 8 * count
    fresh = 8 * stretch + 2 * radius + 16
    slot = (y - y // (2 * radius + 1) * (2 * radius + 1)) * half
    if y < height:
        middle = radius + 1
        x = 0
        while x + 64 <= width:
            store64(line, middle + x, xor64(load64(gray, y * width + x), fill64(128)))
            x += 64
        for i in range(x, width):
            line[middle + i] = i64(gray[y * width + i]) ^ 128
    for group in range(0, half, 64):
        turned = across64(line, group >> 3, stretch) if y < height else fill64(0)
        store64(line, fresh, turned)
        for i in range(0, 64, 8):
            at = group + i
            new = signed8(line, fresh + i)
            old = signed8(ring, slot + at)
            change = sub8(new, old)
            store8(columns, at, add8(load8(columns, at), change))
            if squared:
                store8(columns, half + at, add8(load8(columns, half + at), mul8(change, add8(new, old))))
        store64(ring, slot + group, turned)


@helper
def _before(columns, start, radius):
    """The sums over the windows one pixel before the stretches: 2 · radius + 1 of the columns from
    `start` on.
    """
    total = ints8(0)
    for i in range(2 * radius + 1):
        total = add8(total, load8(columns, start + 8 * i))
    return total


@helper
def _moved(total, columns, at, radius):
    """The sums over the windows a pixel further, with the column sums from `at` on."""
    return add8(total, sub8(load8(columns, at + 8 * (2 * radius + 1)), load8(columns, at)))


@helper
def _mean_and_variance(sums, width, stretch, x, radius, down, offset, e):
    """Of the window around pixel x, in f64; negative variances of rounding are 0."""
    lane = x // stretch
    at = 8 * (x - lane * stretch) + lane
    pixels = _count(width, x, radius) * down
    share = 1.0 / f64(pixels)
    low = i64(sums[at])
    square = (i64(sums[8 * stretch + at]) + offset) & 0xFFFF_FFFF
    mean = f64(low + 128 * pixels) * share
    variance = f64(square + 256 * low + 16384 * pixels) * share - (share if e < 0.0 else e) * mean * mean
    return mean, variance if variance > 0.0 else 0.0


@helper
def _is_ink(gray, mean, variance, a, b, c, d):
    """grey ≤ T without a root: x ≤ y·√v is x·|x| ≤ y·|y|·v, as squaring with the sign kept is
    monotonic.
    """
    over = f64(gray) - (a * mean + b)
    slope = c * mean + d
    return over * math.fabs(over) <= slope * math.fabs(slope) * variance


@helper
def _doubt(a, b, c, d, centred):
    """By how much x·|x| less y·|y|·v of `_is_ink` may be off in f32 wherever it is small; where c
    and d are 0, by how much x may be off.

    Twice that for certainty. (x comes from four, y from three, v from seven operations, each within
    _ROUNDING of its largest operand.)
    """
    variance_max = 16384.0 if centred else 65025.0
    over = 4.0 * _ROUNDING * (510.0 * math.fabs(a) + math.fabs(b) + 255.0)
    if c == 0.0 and d == 0.0:
        return 2.0 * over
    slope = 4.0 * _ROUNDING * (510.0 * math.fabs(c) + math.fabs(d))
    slope_max = max(math.fabs(d), math.fabs(255.0 * c + d))
    reach = slope_max * math.sqrt(variance_max)
    squares = 16.0 * over * over + 4.0 * reach * over + 7.0 * _ROUNDING * reach * reach
    return 2.0 * (squares + 2.0 * slope_max * slope * variance_max + slope_max * slope_max * _VARIANCE_ERROR)


@kernel("f64(const u8*, i64, i64, i64, u8*, u8*, i32*, f32*, i32*)")
def deviation_max(gray, width, height, radius, ring, line, columns, shares, sums):
    """The largest standard deviation in any window, Wolf's R. gray u8 (height, width). Scratch:
    `scratch_sizes`.
    """
    stretch = _stretch(width)
    half = 8 * _columns(stretch, radius)
    offset = 8192 * min(2 * radius + 1, width) * min(2 * radius + 1, height)
    _invert_counts(width, stretch, radius, shares)
    for y in range(min(radius, height)):
        _enter(gray, width, height, y, radius, stretch, True, ring, line, columns)
    largest = 0.0
    nearly = floats8(-2.0 * _VARIANCE_ERROR)
    for y in range(height):
        _enter(gray, width, height, y + radius, radius, stretch, True, ring, line, columns)
        _share(stretch, y, height, radius, shares)
        down = _down(height, y, radius)
        low = _before(columns, 0, radius)
        square = sub8(_before(columns, half, radius), ints8(offset))
        for i in range(stretch):
            at = 8 * i
            low = _moved(low, columns, at, radius)
            square = _moved(square, columns, half + at, radius)
            share = load8(shares, 8 * stretch + at)
            mean = mul8(as_floats8(low), share)
            mean_square = mul8(add8(as_floats8(square), floats8(f64(offset))), share)
            asked = at_most8(nearly, sub8(mean_square, mul8(mean, mean)))
            if asked != 0:
                store8(sums, at, low)
                store8(sums, 8 * stretch + at, square)
                for lane in range(8):
                    x = lane * stretch + i
                    if (asked >> lane) & 1 == 1 and x < width:
                        _, variance = _mean_and_variance(sums, width, stretch, x, radius, down, offset, 1.0)
                        largest = max(largest, variance)
                nearly = floats8(largest - 2.0 * _VARIANCE_ERROR)
    return math.sqrt(largest)


@helper
def _compare(stretch, radius, form, kind, offset, grays, ring, columns, shares, sums, line, flags):
    """`_is_ink` of a row in f32, turned: eight answers a byte from line[flags] on, and in as many
    further bytes whether it is in doubt.

    The windows go to sums: of grey − 128, and of its square less `offset` from sums[8 · stretch]
    on. form: a, b, c, d. kind: whether c or d is not 0, and whether e is 1 and not 1 / n; constants
    where this is called, so that each gets a loop of its own.
    """
    a, b, c, d = form
    squared, centred = kind
    doubt = floats8(_doubt(a, b, c, d, centred))
    # Means are of grey − 128, too.
    factor, constant = floats8(a), floats8(b + 128.0 * a - 128.0)
    rise, base = floats8(c), floats8(d + 128.0 * c)
    squares_offset = floats8(f64(offset))
    half = 8 * _columns(stretch, radius)
    low = _before(columns, 0, radius)
    square = ints8(-offset)
    if squared:
        square = add8(square, _before(columns, half, radius))
    for i in range(stretch):
        at = 8 * i
        low = _moved(low, columns, at, radius)
        store8(sums, at, low)
        share = load8(shares, 8 * stretch + at)
        mean = mul8(as_floats8(low), share)
        beyond = sub8(as_floats8(signed8(ring, grays + at)), add8(mul8(factor, mean), constant))
        if squared:
            square = _moved(square, columns, half + at, radius)
            store8(sums, 8 * stretch + at, square)
            slope = add8(mul8(rise, mean), base)
            variance = mul8(add8(as_floats8(square), squares_offset), share)
            if centred:
                variance = sub8(variance, mul8(mean, mean))
            else:
                true_mean = add8(mean, floats8(128.0))
                variance = add8(variance, add8(mul8(mean, floats8(256.0)), floats8(16384.0)))
                variance = sub8(variance, mul8(share, mul8(true_mean, true_mean)))
            beyond = sub8(mul8(beyond, abs8(beyond)), mul8(mul8(slope, abs8(slope)), variance))
        line[flags + i] = negative8(beyond)
        line[flags + stretch + i] = at_most8(abs8(beyond), doubt)


@kernel("i64(const u8*, i64, i64, i64, const f64*, u8*, u8*, i32*, f32*, i32*, u64*, u8*)")
def pack_local(gray, width, height, radius, form, ring, line, columns, shares, sums, words, grid):
    """Ink where grey ≤ T (see above) of the window of 2 · radius + 1 px; black is ink, white is
    paper.

    gray u8 (height, width) → words u64 (height, width // 64 + 1), which come in as zeros. form f64
    (5,): A, B, C, D and E, which is 1, or negative for 1 / n. Where C or D is not 0, the window has
    at most WINDOW_PX_MAX. Scratch: `scratch_sizes`. grid u8 (⌈height / 16⌉, ⌈width / 16⌉) takes T,
    within 0 … 254, in the middle of each cell of 16 px.
    """
    a, b, c, d, e = form[0], form[1], form[2], form[3], form[4]
    stride = (width >> 6) + 1
    stretch = _stretch(width)
    flags = 8 * stretch + 2 * radius + 80
    squared = c != 0.0 or d != 0.0
    offset = 8192 * min(2 * radius + 1, width) * min(2 * radius + 1, height) if squared else 0
    _invert_counts(width, stretch, radius, shares)
    for y in range(min(radius, height)):
        _enter(gray, width, height, y, radius, stretch, squared, ring, line, columns)
    for y in range(height):
        _enter(gray, width, height, y + radius, radius, stretch, squared, ring, line, columns)
        down = _down(height, y, radius)
        slot = y - y // (2 * radius + 1) * (2 * radius + 1)
        grays = 8 * (slot * _columns(stretch, radius) + radius + 1)
        _share(stretch, y, height, radius, shares)
        if not squared:
            _compare(stretch, radius, (a, b, c, d), (False, True), offset, grays, ring, columns, shares, sums, line, flags)
        elif e < 0.0:
            _compare(stretch, radius, (a, b, c, d), (True, False), offset, grays, ring, columns, shares, sums, line, flags)
        else:
            _compare(stretch, radius, (a, b, c, d), (True, True), offset, grays, ring, columns, shares, sums, line, flags)
        for i in range(0, stretch, 64):
            ink, doubtful = load64(line, flags + i), load64(line, flags + stretch + i)
            for lane in range(8):
                left = lane * stretch + i
                count = min(min(64, stretch - i), width - left)
                if count > 0:
                    # Black and white are known, and nobody need look closer.
                    darker = row_word(gray, y * width + left, count, width * height, 254)
                    black = row_word(gray, y * width + left, count, width * height, 0)
                    asked = bit64(doubtful, lane) & darker & u64(~black)
                    word = black | (bit64(ink, lane) & darker & u64(~asked))
                    while asked != u64(0):
                        bit = asked & u64(u64(~asked) + u64(1))
                        asked ^= bit
                        x = left + trailing_zeros(bit)
                        mean, variance = _mean_and_variance(sums, width, stretch, x, radius, down, offset, e)
                        if _is_ink(gray[y * width + x], mean, variance, a, b, c, d):
                            word |= bit
                    at = y * stride + (left >> 6)
                    shift = left & 63
                    words[at] |= u64(word << u64(shift))
                    if shift + count > 64:
                        words[at + 1] |= word >> u64(64 - shift)
        if y & 15 == min(8, height - 1 - (y & ~15)):
            cells = (width + GRID_PX - 1) >> 4
            for cell in range(cells):
                x = min(GRID_PX * cell + 8, width - 1)
                mean, variance = _mean_and_variance(sums, width, stretch, x, radius, down, offset, e)
                level = a * mean + b + (c * mean + d) * math.sqrt(variance)
                grid[(y >> 4) * cells + cell] = i64(min(max(level, 0.0), 254.0))
    return 0
