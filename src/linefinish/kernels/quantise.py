"""Curves in pixels → the integers that every output shows."""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel

# Coordinates beyond ± this many units are cut to it: 2^28 units are 16 million pixels, 16 times the
# longest side allowed. Twice as large, differences of control points would leave an i32 in the
# readers of our files.
COORDINATE_UNITS_MAX = 1 << 28

NOT_A_NUMBER = -1


@helper
def _to_units(value, units_per_px):
    """The nearest integer, halves up: the same rounding on both sides of zero, so that a shift by
    whole pixels shifts the result.
    """
    bound = f64(COORDINATE_UNITS_MAX)
    return i64(math.floor(max(min(value * units_per_px, bound), -bound) + 0.5))


@kernel("i64(const f64*, const u8*, const i64*, i64, f64, i32*, u8*, i64*)")
def quantise(segments, kinds, offsets, chain_count, units_per_px, out_segments, out_kinds, out_offsets):
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
        x = _to_units(segments[6 * end - 2], units_per_px)
        y = _to_units(segments[6 * end - 1], units_per_px)
        for k in range(begin, end):
            sum_of_six = 0.0
            for i in range(6):
                sum_of_six += segments[6 * k + i] * 0.0
            if sum_of_six != 0.0:  # only infinity and NaN times zero are not zero
                return NOT_A_NUMBER
            to_x = _to_units(segments[6 * k + 4], units_per_px)
            to_y = _to_units(segments[6 * k + 5], units_per_px)
            x1, y1, x2, y2 = x, y, to_x, to_y
            if kinds[k] != 0:
                x1 = _to_units(segments[6 * k], units_per_px)
                y1 = _to_units(segments[6 * k + 1], units_per_px)
                x2 = _to_units(segments[6 * k + 2], units_per_px)
                y2 = _to_units(segments[6 * k + 3], units_per_px)
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
