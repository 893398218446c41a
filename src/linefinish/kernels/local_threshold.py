"""Local thresholds from mean and deviation in a window around each pixel: Sauvola, Wolf, NICK and Bradley in one form.

All four are T = (A·m + B) + (C·m + D)·√(q − E·m²), with m the mean and q the mean square of the window:

    Sauvola–Pietikäinen 2000, eq. 5   A = 1 − k   B = 0      C = k / 128    D = 0              E = 1
    Wolf–Jolion 2004, eq. 5           A = 1 − k   B = k·M    C = k / R      D = −k·M / R       E = 1
    NICK 2009, eq. 5                  A = 1       B = 0      C = 0          D = k              E = 1 / n
    Bradley–Roth 2007                 A = 1 − k   B = 0      C = 0          D = 0              any

Window sums take constant time a pixel whatever the window (Shafait, Keysers and Breuel 2008), yet from no integral image over
the page: one row of column sums moves down a line at a time, so memory grows with the width only. Grey sum and square sum
share a word: SQUARE_BITS for the squares, the rest for the greys, and one addition moves both. At the page's margin the
window is cut off and the mean taken over what is left.
"""
from __future__ import annotations

import math

from linefinish.kernels._kernel import f64, helper, i64, kernel, u64
from linefinish.kernels._lanes import at_most64, fill64, load64

# Bits for the sum of squares; the rest holds the sum of greys. Both hold a window of WINDOW_PX_MAX: 725² · 255² < 2^37, 725² · 255 < 2^27.
SQUARE_BITS = 37
WINDOW_PX_MAX = 725
_SQUARES = (1 << SQUARE_BITS) - 1
# One level in so many pixels, both ways, is handed on to the tracer: a level over a window changes no faster.
GRID_PX = 16


@helper
def _packed(grey):
    value = u64(grey)
    return u64(u64(value << u64(SQUARE_BITS)) + u64(value * value))


@helper
def _move_down(gray, width, height, y, radius, columns):
    """Column sums over rows y − radius … y + radius, from those of the row before (from nothing at y = 0)."""
    if y == 0:
        for x in range(width):
            columns[x] = u64(0)
        for row in range(min(radius, height)):
            for x in range(width):
                columns[x] = u64(columns[x] + _packed(gray[row * width + x]))
    enter = (y + radius) * width
    leave = (y - radius - 1) * width
    if y + radius < height and y > radius:
        for x in range(width):
            columns[x] = u64(columns[x] + u64(_packed(gray[enter + x]) - _packed(gray[leave + x])))
    elif y + radius < height:
        for x in range(width):
            columns[x] = u64(columns[x] + _packed(gray[enter + x]))
    elif y > radius:
        for x in range(width):
            columns[x] = u64(columns[x] - _packed(gray[leave + x]))


@helper
def _sum_windows(width, radius, columns, windows):
    """windows[x] = the sum of columns x − radius … x + radius, cut off at the ends."""
    total = u64(0)
    for x in range(min(radius, width)):
        total = u64(total + columns[x])
    # In three stretches, so that the long middle one asks nothing.
    left = min(radius + 1, width)
    for x in range(left):
        if x + radius < width:
            total = u64(total + columns[x + radius])
        windows[x] = total
    middle = max(width - radius, left)
    for x in range(left, middle):
        total = u64(total + u64(columns[x + radius] - columns[x - radius - 1]))
        windows[x] = total
    for x in range(middle, width):
        total = u64(total - columns[x - radius - 1])
        windows[x] = total


@helper
def _share(width, x, radius, down):
    """One over the number of pixels in the window around column x, `down` rows high."""
    return 1.0 / f64((min(x + radius, width - 1) - max(x - radius, 0) + 1) * down)


@helper
def _is_ink(grey, window, share, a, b, c, d, e):
    """grey ≤ T without a root: x ≤ y·√v is x·|x| ≤ y·|y|·v, as squaring with the sign kept is monotonic. Black is ink, white is paper."""
    mean = f64(window >> u64(SQUARE_BITS)) * share
    variance = f64(window & u64(_SQUARES)) * share - e * mean * mean
    variance = variance if variance > 0.0 else 0.0
    over = f64(grey) - (a * mean + b)
    slope = c * mean + d
    # & and |, not and and or: without a branch the compiler takes four pixels at a time.
    return ((over * math.fabs(over) <= slope * math.fabs(slope) * variance) | (grey == 0)) & (grey != 255)


@kernel("f64(const u8*, i64, i64, i64, u64*, u64*)")
def deviation_max(gray, width, height, radius, columns, windows):
    """The largest standard deviation in any window, Wolf's R. gray u8 (height, width); columns, windows u64 (width) are scratch."""
    largest = 0.0
    for y in range(height):
        _move_down(gray, width, height, y, radius, columns)
        _sum_windows(width, radius, columns, windows)
        down = min(y + radius, height - 1) - max(y - radius, 0) + 1
        for x in range(width):
            share = _share(width, x, radius, down)
            mean = f64(windows[x] >> u64(SQUARE_BITS)) * share
            largest = max(largest, f64(windows[x] & u64(_SQUARES)) * share - mean * mean)
    return math.sqrt(largest)


@kernel("i64(const u8*, i64, i64, i64, f64, f64, f64, f64, f64, u64*, u64*, u8*, u64*, u8*)")
def pack_local(gray, width, height, radius, a, b, c, d, e, columns, windows, flags, words, grid):
    """Ink where grey ≤ T (see above) of the window of 2 · radius + 1 px. gray u8 (height, width) → words u64 (height, width // 64 + 1).

    e < 0 stands for 1 / n. Scratch: columns, windows u64 (width), flags u8 (64 · words a row). grid u8 (⌈height / 16⌉, ⌈width / 16⌉)
    takes T, within 0 … 254, in the middle of each cell of 16 px.
    """
    stride = (width >> 6) + 1
    cells = (width + GRID_PX - 1) >> 4
    for y in range(height):
        _move_down(gray, width, height, y, radius, columns)
        _sum_windows(width, radius, columns, windows)
        down = min(y + radius, height - 1) - max(y - radius, 0) + 1
        row = y * width
        left = min(radius, width)
        middle = max(width - radius, left)
        for x in range(left):
            share = _share(width, x, radius, down)
            flags[x] = 0 if _is_ink(gray[row + x], windows[x], share, a, b, c, d, share if e < 0.0 else e) else 1
        share = 1.0 / f64((2 * radius + 1) * down)
        factor = share if e < 0.0 else e
        for x in range(left, middle):
            flags[x] = 0 if _is_ink(gray[row + x], windows[x], share, a, b, c, d, factor) else 1
        for x in range(middle, width):
            share = _share(width, x, radius, down)
            flags[x] = 0 if _is_ink(gray[row + x], windows[x], share, a, b, c, d, share if e < 0.0 else e) else 1
        for k in range(stride):
            words[y * stride + k] = at_most64(load64(flags, 64 * k), fill64(0))
        words[y * stride + stride - 1] &= u64(u64(u64(1) << u64(width & 63)) - u64(1))
        if y & 15 == min(8, height - 1 - (y & ~15)):
            for cell in range(cells):
                x = min(GRID_PX * cell + 8, width - 1)
                share = _share(width, x, radius, down)
                mean = f64(windows[x] >> u64(SQUARE_BITS)) * share
                variance = f64(windows[x] & u64(_SQUARES)) * share - (share if e < 0.0 else e) * mean * mean
                level = a * mean + b + (c * mean + d) * math.sqrt(max(variance, 0.0))
                grid[(y >> 4) * cells + cell] = i64(min(max(level, 0.0), 254.0))
    return 0
