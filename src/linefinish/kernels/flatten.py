"""Cubics → chords, by one bound for all who need it."""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel

# Bound on chords a cubic, in case a drawing is blown up absurdly: 2^20 chords hold 0.002 px for
# control polygons that bend by 10^9 px.
_CHORDS_MAX = 1 << 20


@helper
def chord_count(x0, y0, x1, y1, x2, y2, x3, y3, flatness):
    """Chords of equal parameter steps that keep within `flatness` of a cubic: Wang's bound, n² =
    6/8 · bend / flatness.

    The bend is the larger of the control polygon's two second differences. (G. Wang, The
    subdivision method for finding the intersection between two Bézier curves or surfaces, 1984.)
    """
    bend_x = max(math.fabs(x0 - 2.0 * x1 + x2), math.fabs(x1 - 2.0 * x2 + x3))
    bend_y = max(math.fabs(y0 - 2.0 * y1 + y2), math.fabs(y1 - 2.0 * y2 + y3))
    wanted = math.sqrt(0.75 * math.sqrt(bend_x * bend_x + bend_y * bend_y) / flatness)
    return i64(math.ceil(max(min(wanted, f64(_CHORDS_MAX)), 1.0)))


@helper
def _flattened(segments, kinds, offsets, chain_count, flatness, out_offsets, out_points, writing):
    count = 0
    out_offsets[0] = 0
    for chain in range(chain_count):
        end = offsets[chain + 1]
        x3 = 0.0
        y3 = 0.0
        if offsets[chain] < end:
            x3 = f64(segments[6 * end - 2])
            y3 = f64(segments[6 * end - 1])
        for k in range(offsets[chain], end):
            x0 = x3
            y0 = y3
            x1 = f64(segments[6 * k])
            y1 = f64(segments[6 * k + 1])
            x2 = f64(segments[6 * k + 2])
            y2 = f64(segments[6 * k + 3])
            x3 = f64(segments[6 * k + 4])
            y3 = f64(segments[6 * k + 5])
            chords = 1
            if kinds[k] != 0:
                chords = chord_count(x0, y0, x1, y1, x2, y2, x3, y3, flatness)
            if writing != 0:
                for i in range(1, chords):
                    t = f64(i) / f64(chords)
                    s = 1.0 - t
                    out_points[2 * (count + i - 1)] = s * s * s * x0 + 3.0 * s * t * (s * x1 + t * x2) + t * t * t * x3
                    out_points[2 * (count + i - 1) + 1] = s * s * s * y0 + 3.0 * s * t * (s * y1 + t * y2) + t * t * t * y3
                out_points[2 * (count + chords - 1)] = x3
                out_points[2 * (count + chords - 1) + 1] = y3
            count += chords
        out_offsets[chain + 1] = count
    return count


@kernel("i64(const i32*, const u8*, const i64*, i64, f64, i64*, f64*, i64)")
def flatten(segments, kinds, offsets, chain_count, flatness, out_offsets, out_points, writing):
    """Chains → closed polygons; returns their vertices. With writing 0 only out_offsets i64
    (chain_count + 1,) is filled.

    segments i32 (k, 3, 2), kinds u8 (k,), offsets i64 (chain_count + 1,) as in `Document`;
    out_points f64 (n, 2), in units.
    """
    return _flattened(segments, kinds, offsets, chain_count, flatness, out_offsets, out_points, writing)


@kernel("i64(const f64*, const u8*, const i64*, i64, f64, i64*, f64*, i64)")
def flatten_px(segments, kinds, offsets, chain_count, flatness, out_offsets, out_points, writing):
    """`flatten` for segments f64 (k, 3, 2) as in `Curves`: flatness and out_points in pixels."""
    return _flattened(segments, kinds, offsets, chain_count, flatness, out_offsets, out_points, writing)
