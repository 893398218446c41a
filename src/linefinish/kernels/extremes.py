"""The box that each chain fills, to the extremes of its cubics."""
from __future__ import annotations

import math

from linefinish.kernels._modes import helper, kernel


@helper
def _at(a, b, c, d, t):
    s = 1.0 - t
    return s * s * s * a + 3.0 * s * t * (s * b + t * c) + t * t * t * d


@helper
def _reach(a, b, c, d):
    """The least and the greatest value of a cubic polynomial in Bernstein form over 0 … 1."""
    low = min(a, d)
    high = max(a, d)
    if min(b, c) >= low and max(b, c) <= high:
        return low, high
    # A third of the derivative: p + 2 q t + r t². Its roots without cancellation, as in Press et
    # al., Numerical Recipes, section 5.6.
    p = b - a
    q = c - 2.0 * b + a
    r = d - 3.0 * c + 3.0 * b - a
    under = q * q - p * r
    if under >= 0.0:
        root = math.sqrt(under)
        w = -(q + root) if q >= 0.0 else root - q
        for side in range(2):
            over = w if side == 0 else p
            below = r if side == 0 else w
            if below != 0.0:
                t = over / below
                if 0.0 < t < 1.0:
                    value = _at(a, b, c, d, t)
                    low = min(low, value)
                    high = max(high, value)
    return low, high


@kernel("i64(const f64*, const i64*, i64, f64*)")
def bounding_boxes(segments, offsets, chain_count, out):
    """Left, top, right and bottom of each chain into `out` f64 (chain_count, 4), in pixels; returns
    the chains that have a segment.

    segments f64 (k, 3, 2), offsets i64 (chain_count + 1,) as in `Curves`. A cubic whose control
    points lie within its ends' span has no extreme between them (convex hull).
    """
    filled = 0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if begin == end:
            continue
        filled += 1
        x0 = segments[6 * end - 2]
        y0 = segments[6 * end - 1]
        left = x0
        right = x0
        top = y0
        bottom = y0
        for k in range(begin, end):
            x3 = segments[6 * k + 4]
            y3 = segments[6 * k + 5]
            low, high = _reach(x0, segments[6 * k], segments[6 * k + 2], x3)
            left = min(left, low)
            right = max(right, high)
            low, high = _reach(y0, segments[6 * k + 1], segments[6 * k + 3], y3)
            top = min(top, low)
            bottom = max(bottom, high)
            x0 = x3
            y0 = y3
        out[4 * chain] = left
        out[4 * chain + 1] = top
        out[4 * chain + 2] = right
        out[4 * chain + 3] = bottom
    return filled
