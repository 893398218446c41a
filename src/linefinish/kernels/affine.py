"""Points moved by an affine map, and chains turned round, which a mirror asks for."""
from __future__ import annotations

from linefinish.kernels._modes import kernel

NOT_FINITE = -1


@kernel("i64(const f64*, i64, const f64*, f64*)")
def move(points, count, matrix, out):
    """`count` points x, y through x' = a x + c y + e, y' = b x + d y + f into `out`, of the same
    shape; returns their number, or NOT_FINITE.

    matrix f64 (6,): a b c d e f, as SVG's matrix() has them. A cubic's image is the cubic of its
    control points' images, so nothing is approximated.
    """
    a = matrix[0]
    b = matrix[1]
    c = matrix[2]
    d = matrix[3]
    e = matrix[4]
    f = matrix[5]
    nothing = 0.0
    for i in range(count):
        x = points[2 * i]
        y = points[2 * i + 1]
        to_x = a * x + c * y + e
        to_y = b * x + d * y + f
        nothing += to_x * 0.0 + to_y * 0.0  # only infinity and NaN times zero are not zero
        out[2 * i] = to_x
        out[2 * i + 1] = to_y
    return count if nothing == 0.0 else NOT_FINITE


@kernel("i64(const f64*, const u8*, const i64*, i64, const u8*, f64*, u8*)")
def turn_round(segments, kinds, offsets, chain_count, turned, out_segments, out_kinds):
    """Chains of which those with a 1 in `turned` u8 (chain_count,) run the other way, from the same
    start; returns how many.

    segments f64 (k, 3, 2), kinds u8 (k,), offsets i64 (chain_count + 1,) as in `Curves`, and the
    outputs likewise.
    """
    count = 0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if turned[chain] == 0:
            for i in range(6 * begin, 6 * end):
                out_segments[i] = segments[i]
            for k in range(begin, end):
                out_kinds[k] = kinds[k]
            continue
        count += 1
        for k in range(begin, end):
            to = 6 * (begin + end - 1 - k)
            before = 6 * k - 2 if k > begin else 6 * end - 2
            out_segments[to] = segments[6 * k + 2]
            out_segments[to + 1] = segments[6 * k + 3]
            out_segments[to + 2] = segments[6 * k]
            out_segments[to + 3] = segments[6 * k + 1]
            out_segments[to + 4] = segments[before]
            out_segments[to + 5] = segments[before + 1]
            out_kinds[begin + end - 1 - k] = kinds[k]
    return count
