"""The outline of one path laid out for the fitter, and its corners.

A closed path is *unrolled*: x, y and the length along it in three arrays, with points of the other
end before and after, so that no window ever wraps and each loop over points runs over neighbours in
memory.

Corners (`find_corners`). Where the path turns sharply, two straight *arms* are grown, each as long
as its points lie on a line. The corner's depth is the distance from its apex to the chord between
the middles of its arms. On a smooth arc the arms stop where the arc leaves the line, and the depth
is the same small number for every radius (about 4 times the arm's tolerance), so one threshold
tells corners from curves at all scales: the idea of Potrace's alpha (Selinger 2003, section 2.3.3),
on sub-pixel points. The apex is where the arms meet: pixels round corners off, the arms do not know
of it.
"""
from __future__ import annotations

import math

from linefinish.kernels._modes import helper

# Points kept before and after a path's own in the workspace, so that windows never wrap. At least
# the widest window of the fitter.
PAD = 16
# Longest arm of a corner, in points (a point is 0.7 to 1 px). Longer: bent sides pull the apex
# away.
_ARM_POINTS_MAX = 10
# How far a corner's apex may lie from the path: _APEX_PX for the distance between points and noise,
# and what a rounding of radius _ROUNDING_PX cuts off (1 / sin of half the inner angle - 1). Larger:
# small arcs grow tips; smaller: corners are lost at some sub-pixel places (0.5: 6 of 240, up to 1
# px; 0.7: none).
_APEX_PX, _ROUNDING_PX, _REACH_PX_MAX = 0.7, 0.7, 3.0
# Nor may it lie farther from the path than this and a share of the shorter arm: what short arms say
# of a place far away is a guess. Larger: lobes of 2 px radius grow tips of 1.5 px.
_REACH_ARM_PX, _REACH_PER_ARM = 0.4, 0.25
# Where the path turns back, by more than a right angle, arms begin so many points from the corner,
# or as near as gives one: the points of a tip are pulled inwards by the pixels of its other side.
# Of 1200 random corners of 30 to 120 degrees, half of them blurred by 0.5 px, off by more than 0.3
# px: from 1 point 34, from 2 or else 1 point 8, from 3, 2 or else 1 point 4. Larger: tips of short
# strokes are lost.
_TIP_SKIP = 3
# Points on either side over which the turn of the path is looked at.
_TURN_HALF = 3
# Turning over ±_TURN_HALF points from which a point is looked at as a corner: the tangent of 24°.
_TURN_TANGENT_MIN = 0.45
# A corner deep enough has a least turn, as arms have a greatest length. This share of that turn
# must show over ±_TURN_HALF points, which pixels round off: a right angle between midpoints shows
# 79° of 90°. Larger loses corners; smaller grows arms at each step of a staircase.
_TURN_SHARE = 0.6

# The corner of a square: how far three points on either side may lie from one row or column, in
# pixels, and the least product of the step across the corner, half a pixel either way where nothing
# is blurred. Larger: rounded corners pass for sharp ones.
_SQUARE_PX, _SQUARE_STEP_PX2 = 0.02, 0.1
# A depth that no corner reaches, which asks for none; and that of a square's.
_NO_CORNER = 1e8

# Half of the window that evens midpoints out, in points, and the turn over as many on either side
# from which they are left alone: the tangent of 39°. Larger rounds small drawing, smaller leaves
# stairs.
SOFT_HALF = 5
_SOFT_TURN_TANGENT_MAX = 0.8


@helper
def unroll(points, begin, n, xs, ys):
    """The path at positions PAD … PAD + n - 1, and PAD points of it before and after."""
    for k in range(n):
        xs[PAD + k] = points[2 * (begin + k)]
        ys[PAD + k] = points[2 * (begin + k) + 1]
    _wrap(xs, ys, n)


@helper
def _wrap(xs, ys, n):
    for k in range(PAD):
        xs[PAD - 1 - k] = xs[PAD - 1 - k + n]
        ys[PAD - 1 - k] = ys[PAD - 1 - k + n]
    extend(xs, ys, n, PAD)


@helper
def extend(xs, ys, n, count):
    """Go on with the path beyond its end for so many points."""
    for k in range(PAD, PAD + count):
        xs[k + n] = xs[k]
        ys[k + n] = ys[k]


@helper
def measure(xs, ys, first, last, along):
    """The length along the path at the positions first … last, in pixels, from 0."""
    for k in range(first, last):
        dx = xs[k + 1] - xs[k]
        dy = ys[k + 1] - ys[k]
        along[k + 1] = math.sqrt(dx * dx + dy * dy)
    length = 0.0
    along[first] = 0.0
    for k in range(first + 1, last + 1):
        length += along[k]
        along[k] = length


@helper
def _softened(way, i):
    """A raised cosine over 11 points: (1 + cos(π k / 6)) / 12."""
    total = way[i]
    total += 0.9330127018922193 * (way[i - 1] + way[i + 1]) + 0.75 * (way[i - 2] + way[i + 2])
    total += 0.5 * (way[i - 3] + way[i + 3]) + 0.25 * (way[i - 4] + way[i + 4])
    return (total + 0.0669872981077807 * (way[i - 5] + way[i + 5])) * (1.0 / 6.0)


@helper
def soften(xs, ys, n, turns, base, spare):
    """Even the staircase of a path of midpoints out, where it does not turn sharply: then a bound
    well below half a pixel holds.

    turns  scratch u8, (n,) from `base` on; spare scratch f64, (2 n,)

    Geometric means over seven drawings at 1024 px, edge and segments: midpoints as they are, bound
    0.65 px, 0.134 px and 543; binomial over 5 points, 0.45 px: 0.114 and 607; this, 0.45 px: 0.113
    and 552. Savitzky–Golay over 9 to 13 points, which spares curvature, is 0.007 px behind. Sharp
    turns would shrink, so they are left alone.
    """
    if n <= 2 * SOFT_HALF:
        return
    for k in range(n):
        i = PAD + k
        ax = xs[i] - xs[i - SOFT_HALF]
        ay = ys[i] - ys[i - SOFT_HALF]
        bx = xs[i + SOFT_HALF] - xs[i]
        by = ys[i + SOFT_HALF] - ys[i]
        turns[base + k] = 1 if abs(ax * by - ay * bx) > _SOFT_TURN_TANGENT_MAX * (ax * bx + ay * by) else 0
        spare[k] = _softened(xs, i)
        spare[n + k] = _softened(ys, i)
    # The last sharp turn up to half a window ahead; the path is closed.
    last_turn = -2 * SOFT_HALF - 1
    for k in range(n - SOFT_HALF, n + SOFT_HALF):
        if turns[base + (k if k < n else k - n)] != 0:
            last_turn = k - n
    for k in range(n):
        ahead = k + SOFT_HALF
        if turns[base + (ahead if ahead < n else ahead - n)] != 0:
            last_turn = ahead
        if ahead - last_turn > 2 * SOFT_HALF:
            xs[PAD + k] = spare[k]
            ys[PAD + k] = spare[n + k]
    _wrap(xs, ys, n)


@helper
def soften_stretch(xs, ys, first, last, turns, base, spare):
    """`soften` for the positions first … last of a path of more than 2 SOFT_HALF points, of which
    as many are there on either side.

    turns  scratch u8, (last - first + 1 + 2 SOFT_HALF,) from `base` on; spare scratch f64, two for
           each position
    """
    for k in range(last - first + 1 + 2 * SOFT_HALF):
        i = first - SOFT_HALF + k
        ax = xs[i] - xs[i - SOFT_HALF]
        ay = ys[i] - ys[i - SOFT_HALF]
        bx = xs[i + SOFT_HALF] - xs[i]
        by = ys[i + SOFT_HALF] - ys[i]
        turns[base + k] = 1 if abs(ax * by - ay * bx) > _SOFT_TURN_TANGENT_MAX * (ax * bx + ay * by) else 0
    for i in range(first, last + 1):
        spare[2 * (i - first)] = _softened(xs, i)
        spare[2 * (i - first) + 1] = _softened(ys, i)
    last_turn = -2 * SOFT_HALF - 1
    for k in range(last - first + 1 + 2 * SOFT_HALF):
        if turns[base + k] != 0:
            last_turn = k
        if k >= 2 * SOFT_HALF and k - last_turn > 2 * SOFT_HALF:
            xs[first + k - 2 * SOFT_HALF] = spare[2 * (k - 2 * SOFT_HALF)]
            ys[first + k - 2 * SOFT_HALF] = spare[2 * (k - 2 * SOFT_HALF) + 1]


@helper
def _arm(xs, ys, start, step, limit, spread2_max):
    """Grow a straight arm of at most `limit` points from a point: (points in it, its length,
    direction x, y, centre x, y).

    The least-squares line through the points, while their mean squared distance from it stays below
    spread2_max.
    """
    ox = xs[start]
    oy = ys[start]
    sx = 0.0
    sy = 0.0
    sxx = 0.0
    sxy = 0.0
    syy = 0.0
    good = 0
    centre_x = 0.0
    centre_y = 0.0
    good_xx = 0.0
    good_xy = 0.0
    good_yy = 0.0
    at = start
    for m in range(1, limit + 1):
        x = xs[at] - ox
        y = ys[at] - oy
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
        syy += y * y
        at += step
        if m >= 3:
            share = 1.0 / m
            mx = sx * share
            my = sy * share
            vxx = sxx * share - mx * mx
            vxy = sxy * share - mx * my
            vyy = syy * share - my * my
            # The smaller eigenvalue of the covariance exceeds the bound: without a root, λ > b as
            # (vxx - b)(vyy - b) > vxy².
            px = vxx - spread2_max
            py = vyy - spread2_max
            if px > 0.0 and py > 0.0 and px * py > vxy * vxy:
                break
            good = m
            centre_x = mx
            centre_y = my
            good_xx = vxx
            good_xy = vxy
            good_yy = vyy
    # Eigenvector of the larger eigenvalue, from the better conditioned row, pointing away from the
    # start.
    root = math.sqrt((good_xx - good_yy) * (good_xx - good_yy) + 4.0 * good_xy * good_xy)
    if good_xx > good_yy:
        dx = 0.5 * (good_xx - good_yy + root)
        dy = good_xy
    else:
        dx = good_xy
        dy = 0.5 * (good_yy - good_xx + root)
    last = start + step * max(good - 1, 0)
    ex = xs[last] - ox
    ey = ys[last] - oy
    norm = math.sqrt(dx * dx + dy * dy)
    if dx * ex + dy * ey < 0.0:
        norm = -norm
    if norm != 0.0:
        dx /= norm
        dy /= norm
    return good, math.sqrt(ex * ex + ey * ey), dx, dy, ox + centre_x, oy + centre_y


@helper
def _least_turn(depth_min):
    """The tangent of the turn over ±_TURN_HALF points from which a corner of that depth is
    possible.
    """
    # depth = half the shorter arm times the sine of half the turn, and neighbouring points are no
    # more than 1 px apart.
    half_sine = min(2.0 * depth_min / _ARM_POINTS_MAX, 0.999)
    # The tangent of half of a share s of the turn, by tan(s·a) ≈ s·tan(a): a little more than the
    # truth, and only a gate.
    half_tangent = _TURN_SHARE * half_sine / math.sqrt(1.0 - half_sine * half_sine)
    if half_tangent >= 0.999:
        return 1e9  # a quarter turn or more: only points where the path turns back
    return max(2.0 * half_tangent / (1.0 - half_tangent * half_tangent), _TURN_TANGENT_MIN)


@helper
def _apex(xs, ys, i, skip, spread2_max, depth_min):
    """The corner at a position whose arms begin `skip` points from it: (its depth, apex x, y);
    depth 0 if there is none.
    """
    ahead, ahead_length, fx, fy, fcx, fcy = _arm(xs, ys, i + skip, 1, _ARM_POINTS_MAX, spread2_max)
    behind, behind_length, gx, gy, gcx, gcy = _arm(xs, ys, i - skip, -1, _ARM_POINTS_MAX, spread2_max)
    if ahead < 3 or behind < 3:
        return 0.0, 0.0, 0.0
    # Half the angle of the turn: the way in is (-gx, -gy), the way out (fx, fy); both arms point
    # away from the apex.
    cosine = -(fx * gx + fy * gy)
    half_sine = math.sqrt(max(0.0, 0.5 * (1.0 - cosine)))
    depth = 0.5 * min(ahead_length, behind_length) * half_sine
    if depth < depth_min:
        return 0.0, 0.0, 0.0
    x = xs[i]
    y = ys[i]
    det = fx * gy - fy * gx
    if abs(det) > 0.05:
        distance = ((gcx - fcx) * gy - (gcy - fcy) * gx) / det
        x = fcx + distance * fx
        y = fcy + distance * fy
        # Pixels round a corner by a fixed radius, so its apex lies near the path; a small arc that
        # passes for a corner throws its apex far out, and is none.
        half_cosine = math.sqrt(max(0.0, 0.5 * (1.0 + cosine)))
        reach = min(_APEX_PX + _ROUNDING_PX * (1.0 / max(half_cosine, 0.05) - 1.0), _REACH_PX_MAX)
        reach = min(reach, _REACH_ARM_PX + _REACH_PER_ARM * min(ahead_length, behind_length))
        out_x = x - xs[i]
        out_y = y - ys[i]
        if out_x * out_x + out_y * out_y > reach * reach:
            return 0.0, 0.0, 0.0
    return depth, x, y


@helper
def _level_side(xs, ys, i, step):
    """Whether three points from i on lie on one row of cracks, in the middle of the pixels' sides
    all along or off it by as much.
    """
    j = i + step
    k = j + step
    return (
        abs(xs[j] - xs[i]) == 1.0 and abs(xs[k] - xs[j]) == 1.0
        and abs(ys[j] - ys[i]) <= _SQUARE_PX and abs(ys[k] - ys[i]) <= _SQUARE_PX
    )  # fmt: skip


@helper
def _is_square(xs, ys, i):
    """Whether the path turns from a row of cracks into a column of them, or back, between points i
    and i + 1, with three of them in a straight line on either side: the corner of a square of
    pixels.

    An outline of something drawn goes on, beside a side of three pixels, with steps of one: digital
    straight lines and arcs have no two neighbouring runs that are both longer than two (Rosenfeld
    1974).
    """
    if abs((xs[i + 1] - xs[i]) * (ys[i + 1] - ys[i])) < _SQUARE_STEP_PX2:
        return False
    if _level_side(xs, ys, i, -1):
        return _level_side(ys, xs, i + 1, 1)
    return _level_side(ys, xs, i, -1) and _level_side(xs, ys, i + 1, 1)


@helper
def find_corners(xs, ys, n, spread2_max, depth_min, turns, turns_base, corners, base):
    """Corners of the path at workspace positions PAD … PAD + n - 1, in order: how many.

    turns    scratch u8, (n,) from `turns_base` on
    corners  out, from `base` on, (count, 3): position, apex x, apex y
    """
    count = 0
    last_at = -PAD
    last_depth = 0.0
    turn_min = _least_turn(depth_min)
    for k in range(n):
        i = PAD + k
        ax = xs[i] - xs[i - _TURN_HALF]
        ay = ys[i] - ys[i - _TURN_HALF]
        bx = xs[i + _TURN_HALF] - xs[i]
        by = ys[i + _TURN_HALF] - ys[i]
        dot = ax * bx + ay * by
        cross = ax * by - ay * bx
        # A square's corner goes on for two pixels on either side, along a row and along a column.
        level = abs((xs[i] - xs[i - 2]) * (ys[i + 3] - ys[i + 1]))
        upright = abs((ys[i] - ys[i - 2]) * (xs[i + 3] - xs[i + 1]))
        turn = (2 if dot < 0.0 else 1) if abs(cross) >= turn_min * dot else 0
        turns[turns_base + k] = turn | (4 if level == 4.0 or upright == 4.0 else 0)
    for i in range(PAD, PAD + n):
        marks = turns[turns_base + i - PAD]
        if marks == 0:
            continue
        if marks & 4 != 0 and depth_min < _NO_CORNER and _is_square(xs, ys, i):
            # It stands for itself, whatever else is near.
            if count > 0 and last_depth < _NO_CORNER and i - last_at <= 3:
                count -= 1
            corners[base + 3 * count] = i
            row_first = abs(xs[i] - xs[i - 1]) > 0.5  # a row of cracks comes first, then a column
            corners[base + 3 * count + 1] = xs[i + 1] if row_first else xs[i]
            corners[base + 3 * count + 2] = ys[i] if row_first else ys[i + 1]
            count += 1
            last_at = i
            last_depth = _NO_CORNER
            continue
        if marks & 3 == 0:
            continue
        skip = _TIP_SKIP if marks & 3 == 2 else 1
        here, x, y = _apex(xs, ys, i, skip, spread2_max, depth_min)
        while here == 0.0 and skip > 1:
            skip -= 1
            here, x, y = _apex(xs, ys, i, skip, spread2_max, depth_min)
        if here == 0.0:
            continue
        if i - last_at <= 3 and count > 0:
            if here > last_depth:
                count -= 1
            else:
                continue
        corners[base + 3 * count] = i
        corners[base + 3 * count + 1] = x
        corners[base + 3 * count + 2] = y
        count += 1
        last_at = i
        last_depth = here
    # The path is closed: its last corner may be its first once more.
    if (
        count > 1 and corners[base] + n - corners[base + 3 * count - 3] <= 3
        and not (last_depth == _NO_CORNER and _is_square(xs, ys, int(corners[base])))
    ):  # fmt: skip
        count -= 1
    return count
