"""The area that each chain encloses, by Green's theorem on its lines and cubics: no chords."""
from __future__ import annotations

from linefinish.kernels._modes import helper, kernel


@helper
def _cross(ax, ay, bx, by):
    return ax * by - bx * ay


@kernel("f64(const f64*, const i64*, i64, f64*)")
def enclosed_areas(segments, offsets, chain_count, out):
    """The signed area of each chain into `out` f64 (chain_count,), in square pixels; returns their
    sum. Positive runs clockwise on the screen, y down.

    segments f64 (k, 3, 2), offsets i64 (chain_count + 1,) as in `Curves`. Half the integral of
    x dy - y dx over a cubic is a sum of cross products of its control points: 6, 3, 1, 3, 3, 6
    twentieths of half of P0×P1, P0×P2, P0×P3, P1×P2, P1×P3, P2×P3. A line, whose control points
    are its ends, gives P0×P3 / 2. Points are taken from the chain's first, so that nothing cancels
    far from the origin.
    """
    total = 0.0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        area = 0.0
        if begin < end:
            home_x = segments[6 * end - 2]
            home_y = segments[6 * end - 1]
            x0 = 0.0
            y0 = 0.0
            for k in range(begin, end):
                x1 = segments[6 * k] - home_x
                y1 = segments[6 * k + 1] - home_y
                x2 = segments[6 * k + 2] - home_x
                y2 = segments[6 * k + 3] - home_y
                x3 = segments[6 * k + 4] - home_x
                y3 = segments[6 * k + 5] - home_y
                outer = 6.0 * (_cross(x0, y0, x1, y1) + _cross(x2, y2, x3, y3))
                inner = 3.0 * (_cross(x0, y0, x2, y2) + _cross(x1, y1, x2, y2) + _cross(x1, y1, x3, y3))
                area += (outer + inner + _cross(x0, y0, x3, y3)) * 0.05
                x0 = x3
                y0 = y3
        out[chain] = area
        total += area
    return total
