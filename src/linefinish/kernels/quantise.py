"""Curves in pixels → the integers that every output shows."""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel

# Integer units in a pixel. More: finer than any tracer knows its edges (0.05 px at best) and a
# digit more a coordinate, 10 % more bytes for 10× finer; fewer: edges move by up to half a unit,
# 1/32 px here, rms 0.018 px a coordinate, which at 8 would begin to show beside 0.05 px of tracing
# error. A power of two, so that pixel corners, edge midpoints and the scale itself are exact in
# binary.
UNITS_PER_PX = 16

# Coordinates beyond ± this many units are cut to it: 2^28 units are 16 million pixels, 16 times the
# longest side allowed. Twice as large, differences of control points would leave an i32 in the
# readers of our files.
COORDINATE_UNITS_MAX = 1 << 28

NOT_A_NUMBER = -1


@helper
def to_units(value):
    """The nearest integer, halves up: the same rounding on both sides of zero, so that a shift by
    whole pixels shifts the result.
    """
    bound = f64(COORDINATE_UNITS_MAX)
    return i64(math.floor(max(min(value * UNITS_PER_PX, bound), -bound) + 0.5))


@kernel("i64(const f64*, const u8*, const i64*, i64, i32*, u8*, i64*)")
def quantise(segments, kinds, offsets, chain_count, out_segments, out_kinds, out_offsets):
    """Round every coordinate once; drop segments that vanish and chains that enclose nothing.
    Returns the chains kept, or NOT_A_NUMBER.

    segments f64 (k, 3, 2), kinds u8 (k,), offsets i64 (chain_count + 1,) as in `Curves`; the
    outputs have the same shapes with i32 coordinates. A line's control points are its ends; a cubic
    whose control points fall on its ends becomes a line.
    """
    kept_chains = 0
    kept = 0
    out_offsets[0] = 0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if begin == end:
            continue
        first = kept
        cubics = 0
        x = to_units(segments[6 * end - 2])
        y = to_units(segments[6 * end - 1])
        for k in range(begin, end):
            sum_of_six = 0.0
            for i in range(6):
                sum_of_six += segments[6 * k + i] * 0.0
            if sum_of_six != 0.0:  # only infinity and NaN times zero are not zero
                return NOT_A_NUMBER
            to_x = to_units(segments[6 * k + 4])
            to_y = to_units(segments[6 * k + 5])
            x1, y1, x2, y2 = x, y, to_x, to_y
            if kinds[k] != 0:
                x1 = to_units(segments[6 * k])
                y1 = to_units(segments[6 * k + 1])
                x2 = to_units(segments[6 * k + 2])
                y2 = to_units(segments[6 * k + 3])
            straight = x1 == x and y1 == y and x2 == to_x and y2 == to_y
            if straight and x == to_x and y == to_y:
                continue
            out_segments[6 * kept] = x1
            out_segments[6 * kept + 1] = y1
            out_segments[6 * kept + 2] = x2
            out_segments[6 * kept + 3] = y2
            out_segments[6 * kept + 4] = to_x
            out_segments[6 * kept + 5] = to_y
            if straight:
                out_kinds[kept] = 0
            else:
                out_kinds[kept] = 1
                cubics += 1
            kept += 1
            x = to_x
            y = to_y
        if cubics == 0 and kept - first < 3:  # there and back
            kept = first
            continue
        kept_chains += 1
        out_offsets[kept_chains] = kept
    return kept_chains
