"""Fitting: a closed polygon of edge points becomes few cubic Béziers and lines under one error bound.

The way, per path:

1. Corners (`_find_corners`). From a candidate point two straight *arms* are grown, each as long as its points lie on a line. The
   corner's depth is the distance from its apex to the chord between the middles of its arms. On a smooth arc the arms stop where
   the arc leaves the line, and the depth is the same small number for every radius (about 4 times the arm's tolerance), so one
   threshold tells corners from curves at all scales: the idea of Potrace's alpha (Selinger 2003, section 2.3.3), on sub-pixel
   points. The apex is where the arms meet: pixels round corners off, the arms do not know of it.
2. Between corners, segments are taken as long as one cubic stays within the bound (`_fit_interval`): each trial's error foretells the
   length of the next.
3. One cubic (`_fit_cubic`) has its ends on the smoothed path and, at smooth joints, its tangents there; the lengths of its handles
   minimise the squared distances along the normal at a few samples (Gauss–Newton; Schneider 1990 solves for fixed parameters and
   then moves them, here both move together). At corners the handles may turn as well. All points are checked before it is accepted.
"""
from __future__ import annotations

import math

from linefinish.kernels._kernel import helper, kernel

LINE, CUBIC = 0, 1

# Points kept before and after a path's own in the workspace, so that windows never wrap. At least the widest window below.
PAD = 16
# Samples of one trial fit. Measured at 1024 px, segments against potrace's and time: 16: 0.81, 142 ns a point; 12: 0.81, 126;
# 10: 0.80, 123. Fewer lets more curves through to the check of the points, which then refuses them.
_SAMPLES_MAX = 10
# Gauss–Newton steps of one trial fit. 2: 4 % more segments and 9 % less time.
_STEPS = 3
# Multiple of the bound from which a trial is given up after its first step.
_HOPELESS = 5.0
# Half width, in points, of the window that gives the tangent of a smooth joint. 3 and 6: 1 % more segments; wider blurs small drawing.
_TANGENT_HALF = 5
# Longest arm of a corner, in points (a point is 0.7 to 1 px). Longer: bent sides pull the apex away.
_ARM_POINTS_MAX = 10
# How far a corner's apex may lie from the path: _APEX_PX for the distance between points and noise, and what a rounding of
# radius _ROUNDING_PX cuts off (1 / sin of half the inner angle - 1). Larger: small arcs grow tips; smaller: corners are
# lost at some sub-pixel places (0.5: 6 of 240, up to 1 px; 0.7: none).
_APEX_PX, _ROUNDING_PX, _REACH_PX_MAX = 0.7, 0.7, 3.0
# Length of the first trial of a path, in points; from then on the last segment's length is the guess, and not less than this.
_FIRST_TRIAL = 32
# How far the next trial leaps while nothing has failed. A leap finds long segments beyond a length that fails because the path
# happens to be rough where it ends: against potrace's segments, by foretold length 0.88, ×2 0.69, ×3 0.68, and no slower.
_LEAP = 3
# Trials of one segment, once one has succeeded. 7: 3 % fewer segments and 13 % more time.
_TRIALS_MAX = 5
# After a failure the next trial aims at this multiple of the bound.
_AIM = 1.2
# Points below which their spread says nothing.
_SPREAD_POINTS_MIN = 6.0
# Every how many points are asked whether a curve is accepted, beyond its samples.
_CHECK_STRIDE = 2
# How far the feet of two neighbouring points may lie apart on a curve, in pixels, beyond twice the error bound. Two points are at most
# 1.5 px apart; larger lets hooks through, smaller refuses honest sharp bends.
_STEP_PX_MAX = 3.0
# Turning over ±3 points from which a point is looked at as a corner: the tangent of 24°.
_TURN_TANGENT_MIN = 0.45


# Places in the scratch array `small`: the curve under trial and the best so far (4 points each), the interval, the
# square of the spread allowed, the samples.
CURVE, BEST, FIRST, LAST, OPEN, FIRST_X, FIRST_Y, LAST_X, LAST_Y, SPREAD2, SAMPLE = 0, 8, 16, 17, 18, 19, 20, 21, 22, 23, 24
SMALL = SAMPLE + 3 * _SAMPLES_MAX


@helper
def _arm(way, start, step, limit, spread2_max):
    """Grow a straight arm of at most `limit` points from a point: (points in it, its length, direction x, y, centre x, y).

    The least-squares line through the points, while their mean squared distance from it stays below spread2_max.
    """
    ox = way[3 * start]
    oy = way[3 * start + 1]
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
    at = 3 * start
    for m in range(1, limit + 1):
        x = way[at] - ox
        y = way[at + 1] - oy
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
        syy += y * y
        at += 3 * step
        if m >= 3:
            share = 1.0 / m
            mx = sx * share
            my = sy * share
            vxx = sxx * share - mx * mx
            vxy = sxy * share - mx * my
            vyy = syy * share - my * my
            # The smaller eigenvalue of the covariance exceeds the bound: without a root, λ > b as (vxx - b)(vyy - b) > vxy².
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
    # Eigenvector of the larger eigenvalue, from the better conditioned row, pointing away from the start.
    root = math.sqrt((good_xx - good_yy) * (good_xx - good_yy) + 4.0 * good_xy * good_xy)
    if good_xx > good_yy:
        dx = 0.5 * (good_xx - good_yy + root)
        dy = good_xy
    else:
        dx = good_xy
        dy = 0.5 * (good_yy - good_xx + root)
    last = 3 * (start + step * max(good - 1, 0))
    ex = way[last] - ox
    ey = way[last + 1] - oy
    norm = math.sqrt(dx * dx + dy * dy)
    if dx * ex + dy * ey < 0.0:
        norm = -norm
    if norm != 0.0:
        dx /= norm
        dy /= norm
    return good, math.sqrt(ex * ex + ey * ey), dx, dy, ox + centre_x, oy + centre_y


@helper
def _find_corners(way, n, spread2_max, depth_min, corners):
    """Corners of the path at workspace positions PAD … PAD + n - 1, in order: how many.

    corners  out, (count, 3): position in way, apex x, apex y
    """
    count = 0
    last_at = -PAD
    last_depth = 0.0
    for i in range(PAD, PAD + n):
        ax = way[3 * i] - way[3 * (i - 3)]
        ay = way[3 * i + 1] - way[3 * (i - 3) + 1]
        bx = way[3 * (i + 3)] - way[3 * i]
        by = way[3 * (i + 3) + 1] - way[3 * i + 1]
        dot = ax * bx + ay * by
        cross = ax * by - ay * bx
        if dot > 0.0 and abs(cross) < _TURN_TANGENT_MIN * dot:
            continue
        ahead, ahead_length, fx, fy, fcx, fcy = _arm(way, i + 1, 1, _ARM_POINTS_MAX, spread2_max)
        behind, behind_length, gx, gy, gcx, gcy = _arm(way, i - 1, -1, _ARM_POINTS_MAX, spread2_max)
        if ahead < 3 or behind < 3:
            continue
        # Half the angle of the turn: the way in is (-gx, -gy), the way out (fx, fy); both arms point away from the apex.
        cosine = -(fx * gx + fy * gy)
        half_sine = math.sqrt(max(0.0, 0.5 * (1.0 - cosine)))
        here = 0.5 * min(ahead_length, behind_length) * half_sine
        if here < depth_min:
            continue
        x = way[3 * i]
        y = way[3 * i + 1]
        det = fx * gy - fy * gx
        if abs(det) > 0.05:
            along = ((gcx - fcx) * gy - (gcy - fcy) * gx) / det
            x = fcx + along * fx
            y = fcy + along * fy
            # Pixels round a corner by a fixed radius, so its apex lies near the path; a small arc that passes for a corner
            # throws its apex far out, and is none.
            half_cosine = math.sqrt(max(0.0, 0.5 * (1.0 + cosine)))
            reach = min(_APEX_PX + _ROUNDING_PX * (1.0 / max(half_cosine, 0.05) - 1.0), _REACH_PX_MAX)
            out_x = x - way[3 * i]
            out_y = y - way[3 * i + 1]
            if out_x * out_x + out_y * out_y > reach * reach:
                continue
        if i - last_at <= 3 and count > 0:
            if here > last_depth:
                count -= 1
            else:
                continue
        corners[3 * count] = i
        corners[3 * count + 1] = x
        corners[3 * count + 2] = y
        count += 1
        last_at = i
        last_depth = here
    # The path is closed: its last corner may be its first once more.
    if count > 1 and corners[0] + n - corners[3 * count - 3] <= 3:
        count -= 1
    return count


@helper
def _tangent(way, i, half):
    """Unit direction of the path at a position: the slope of a least-squares parabola over ± half points."""
    dx = 0.0
    dy = 0.0
    for k in range(1, half + 1):
        dx += k * (way[3 * (i + k)] - way[3 * (i - k)])
        dy += k * (way[3 * (i + k) + 1] - way[3 * (i - k) + 1])
    norm = math.sqrt(dx * dx + dy * dy)
    if norm < 1e-9:
        dx = way[3 * (i + 1)] - way[3 * (i - 1)]
        dy = way[3 * (i + 1) + 1] - way[3 * (i - 1) + 1]
        norm = max(math.sqrt(dx * dx + dy * dy), 1e-9)
    return dx / norm, dy / norm


@helper
def _smoothed(way, i, axis, half):
    """The path's place at a position: Savitzky–Golay, quadratic over ± half points (1964, table I)."""
    c = 3 * i + axis
    if half >= 3:
        near = 6.0 * (way[c - 3] + way[c + 3]) + 3.0 * (way[c - 6] + way[c + 6])
        return (7.0 * way[c] + near - 2.0 * (way[c - 9] + way[c + 9])) / 21.0
    if half == 2:
        return (17.0 * way[c] + 12.0 * (way[c - 3] + way[c + 3]) - 3.0 * (way[c - 6] + way[c + 6])) / 35.0
    return way[c]


@helper
def _fit_cubic(way, i, j, free0, free1, small, tolerance):
    """Fit one cubic to the positions i … j. curve[0:8] holds its ends on entry (0, 1 and 6, 7) and its tangents (2, 3 and 4, 5, unit,
    both forward); on return its control points. Returns the largest distance of a point, or a number above the tolerance.
    """
    ax = small[CURVE + 0]
    ay = small[CURVE + 1]
    bx = small[CURVE + 6]
    by = small[CURVE + 7]
    t0x = small[CURVE + 2]
    t0y = small[CURVE + 3]
    t1x = small[CURVE + 4]
    t1y = small[CURVE + 5]
    span = way[3 * j + 2] - way[3 * i + 2]
    chord = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
    handle = max(min(span, 1.6 * chord) / 3.0, 1e-3)
    p1x = ax + handle * t0x
    p1y = ay + handle * t0y
    p2x = bx - handle * t1x
    p2y = by - handle * t1y
    inner = j - i - 1
    if inner < 1 or span <= 0.0:
        small[CURVE + 2] = p1x
        small[CURVE + 3] = p1y
        small[CURVE + 4] = p2x
        small[CURVE + 5] = p2y
        return 0.0
    samples = min(inner, _SAMPLES_MAX)
    # Their places are looked up once: a division for each in every step took a quarter of the whole fit.
    pace = (inner + 1.0) / (samples + 1.0)
    for s in range(samples):
        q = 3 * (i + int((s + 1) * pace))
        small[SAMPLE + 3 * s] = way[q]
        small[SAMPLE + 3 * s + 1] = way[q + 1]
        small[SAMPLE + 3 * s + 2] = (way[q + 2] - way[3 * i + 2]) / span
    shortest = 0.08 * span
    longest = 1.2 * span
    worst = 0.0
    for step in range(_STEPS + 1):
        # Normal equations for the moves of the handles: along their tangents (0, 2), across them (1, 3; at corners only).
        m00 = 1e-4
        m02 = 0.0
        m22 = 1e-4
        m01 = 0.0
        m03 = 0.0
        m12 = 0.0
        m23 = 0.0
        m11 = 0.02
        m33 = 0.02
        m13 = 0.0
        v0 = 0.0
        v1 = 0.0
        v2 = 0.0
        v3 = 0.0
        worst = 0.0
        # The cubic in powers of t.
        k1x = 3.0 * (p1x - ax)
        k1y = 3.0 * (p1y - ay)
        k2x = 3.0 * (p2x - p1x) - k1x
        k2y = 3.0 * (p2y - p1y) - k1y
        k3x = bx - ax - k1x - k2x
        k3y = by - ay - k1y - k2y
        for s in range(samples):
            t = small[SAMPLE + 3 * s + 2]
            rx = small[SAMPLE + 3 * s] - (((k3x * t + k2x) * t + k1x) * t + ax)
            ry = small[SAMPLE + 3 * s + 1] - (((k3y * t + k2y) * t + k1y) * t + ay)
            dx = (3.0 * k3x * t + 2.0 * k2x) * t + k1x
            dy = (3.0 * k3y * t + 2.0 * k2y) * t + k1y
            # The normal is left at the speed's length, and its square divided out at once: one division a sample, no root.
            weight = 1.0 / (dx * dx + dy * dy + 1e-12)
            small[SAMPLE + 3 * s + 2] = min(max(t + (rx * dx + ry * dy) * weight, 0.0), 1.0)
            r = ry * dx - rx * dy
            worst = max(worst, r * r * weight)
            u = 1.0 - t
            b1 = 3.0 * u * u * t
            b2 = 3.0 * u * t * t
            c0 = b1 * (t0y * dx - t0x * dy)
            c2 = b2 * (t1x * dy - t1y * dx)
            w0 = c0 * weight
            w2 = c2 * weight
            m00 += c0 * w0
            m02 += c0 * w2
            m22 += c2 * w2
            v0 += r * w0
            v2 += r * w2
            if free0 != 0:
                c1 = b1 * (t0x * dx + t0y * dy)
                m01 += c1 * w0
                m11 += c1 * c1 * weight
                m12 += c1 * w2
                v1 += c1 * r * weight
                if free1 != 0:
                    m13 += c1 * b2 * (t1x * dx + t1y * dy) * weight
            if free1 != 0:
                c3 = b2 * (t1x * dx + t1y * dy)
                m03 += c3 * w0
                m23 += c3 * w2
                m33 += c3 * c3 * weight
                v3 += c3 * r * weight
        worst = math.sqrt(worst)
        # The second step halves the error at best: from a hopeless one none will bring it home.
        if step == _STEPS or (step == 1 and worst > _HOPELESS * tolerance):
            break
        if free0 == 0 and free1 == 0:
            h0 = m02 / m00
            e2 = (v2 - h0 * v0) / (m22 - h0 * m02)
            e0 = (v0 - m02 * e2) / m00
            e1 = 0.0
            e3 = 0.0
        else:
            # Solve the symmetric 4 × 4 system by elimination, in the order 1, 3, 0, 2 (1 and 3 are alone when not free).
            f = m01 / m11
            m00 -= f * m01
            m03 -= f * m13
            m02 -= f * m12
            v0 -= f * v1
            g = m13 / m11
            m33 -= g * m13
            m23 -= g * m12
            v3 -= g * v1
            h = m12 / m11
            m22 -= h * m12
            v2 -= h * v1
            f3 = m03 / m33
            m00 -= f3 * m03
            m02 -= f3 * m23
            v0 -= f3 * v3
            h3 = m23 / m33
            m22 -= h3 * m23
            v2 -= h3 * v3
            h0 = m02 / m00
            m22 -= h0 * m02
            v2 -= h0 * v0
            e2 = v2 / m22
            e0 = (v0 - m02 * e2) / m00
            e3 = (v3 - m03 * e0 - m23 * e2) / m33
            e1 = (v1 - m01 * e0 - m12 * e2 - m13 * e3) / m11
        p1x += e0 * t0x - e1 * t0y
        p1y += e0 * t0y + e1 * t0x
        p2x += -e2 * t1x - e3 * t1y
        p2y += -e2 * t1y + e3 * t1x
        # Handles stay forward and within reason: cusps and loops are no part of a drawing's edge.
        along = (p1x - ax) * t0x + (p1y - ay) * t0y
        kept = min(max(along, shortest), longest)
        p1x += (kept - along) * t0x
        p1y += (kept - along) * t0y
        along = (bx - p2x) * t1x + (by - p2y) * t1y
        kept = min(max(along, shortest), longest)
        p2x -= (kept - along) * t1x
        p2y -= (kept - along) * t1y
    small[CURVE + 2] = p1x
    small[CURVE + 3] = p1y
    small[CURVE + 4] = p2x
    small[CURVE + 5] = p2y
    return worst


@helper
def _cubic_error(way, i, j, small, skip0, skip1, tolerance):
    """The largest distance of the points strictly between i and j from the cubic; above the tolerance it stops early.

    The points' feet on the curve must follow one another closely: between two neighbours the curve may not run off (a loop, a
    hook), though every point were near it. skip0, skip1: points at either end that are not asked (pixels round corners off).
    """
    step_max = _STEP_PX_MAX + (_CHECK_STRIDE - 1) * 1.5 + 2.0 * tolerance
    # The cubic in powers of t: one evaluation takes 12 multiplications instead of 26.
    ax = small[CURVE]
    ay = small[CURVE + 1]
    bx = 3.0 * (small[CURVE + 2] - ax)
    by = 3.0 * (small[CURVE + 3] - ay)
    cx = 3.0 * (small[CURVE + 4] - small[CURVE + 2]) - bx
    cy = 3.0 * (small[CURVE + 5] - small[CURVE + 3]) - by
    ex = small[CURVE + 6] - ax - bx - cx
    ey = small[CURVE + 7] - ay - by - cy
    start = way[3 * i + 2]
    span = way[3 * j + 2] - start
    before = 0.0
    speed = 0.0
    worst = 0.0
    total2 = 0.0
    asked = 0.0
    shift = 0.0
    q = i + 1 + skip0
    while q < j - skip1:
        along = (way[3 * q + 2] - start) / span
        t = min(max(along + shift, 0.0), 1.0)
        dx = (3.0 * ex * t + 2.0 * cx) * t + bx
        dy = (3.0 * ey * t + 2.0 * cy) * t + by
        rx = way[3 * q] - (((ex * t + cx) * t + bx) * t + ax)
        ry = way[3 * q + 1] - (((ey * t + cy) * t + by) * t + ay)
        speed2 = dx * dx + dy * dy + 1e-12
        move = (rx * dx + ry * dy) / speed2
        speed = math.sqrt(speed2)
        r = abs(rx * dy - ry * dx) / speed
        t = min(max(t + move, 0.0), 1.0)
        shift = t - along
        worst = max(worst, r)
        total2 += r * r
        asked += 1.0
        stride = (t - before) * speed
        if stride > step_max + skip0 or stride < -step_max:
            return tolerance + 1.0
        before = t
        if worst > tolerance:
            return worst
        q += _CHECK_STRIDE
    if (1.0 - before) * speed > step_max + skip1:
        return tolerance + 1.0
    if asked >= _SPREAD_POINTS_MIN and total2 > small[SPREAD2] * asked:
        return tolerance * math.sqrt(total2 / (small[SPREAD2] * asked))
    return worst


@helper
def _line_error(way, i, j, ax, ay, bx, by, skip0, skip1, tolerance):
    """The largest distance of the points strictly between i and j from the straight line a–b; above the tolerance it stops early."""
    dx = bx - ax
    dy = by - ay
    norm = math.sqrt(dx * dx + dy * dy)
    if norm < 1e-9:
        return 1e9
    limit = tolerance * norm
    middle = 3 * ((i + j) >> 1)
    worst = abs((way[middle] - ax) * dy - (way[middle + 1] - ay) * dx)
    q = i + 1 + skip0
    while q < j - skip1 and worst <= limit:
        worst = max(worst, abs((way[3 * q] - ax) * dy - (way[3 * q + 1] - ay) * dx))
        q += 1
    return worst / norm


@helper
def _end_of(way, i, small):
    """Place, tangent and freedom of a joint at position i of the interval: (x, y, tangent x, y, free)."""
    first = int(small[FIRST])
    last = int(small[LAST])
    is_open = small[OPEN] != 0.0
    if is_open and i == first:
        at = 3 * (i + min(_TANGENT_HALF + 1, last - first))
        dx = way[at] - small[FIRST_X]
        dy = way[at + 1] - small[FIRST_Y]
        norm = max(math.sqrt(dx * dx + dy * dy), 1e-9)
        return small[FIRST_X], small[FIRST_Y], dx / norm, dy / norm, 1
    if is_open and i == last:
        at = 3 * (i - min(_TANGENT_HALF + 1, last - first))
        dx = small[LAST_X] - way[at]
        dy = small[LAST_Y] - way[at + 1]
        norm = max(math.sqrt(dx * dx + dy * dy), 1e-9)
        return small[LAST_X], small[LAST_Y], dx / norm, dy / norm, 1
    half = _TANGENT_HALF
    if is_open:
        half = max(min(half, min(i - first, last - i)), 1)
    tx, ty = _tangent(way, i, half)
    return _smoothed(way, i, 0, half), _smoothed(way, i, 1, half), tx, ty, 0


@helper
def _try_segment(way, i, j, small, tolerance):
    """Fit the positions i … j of an interval; small[CURVE …] gets the control points. Returns (error, kind)."""
    ax, ay, t0x, t0y, free0 = _end_of(way, i, small)
    bx, by, t1x, t1y, free1 = _end_of(way, j, small)
    small[CURVE + 0] = ax
    small[CURVE + 1] = ay
    small[CURVE + 6] = bx
    small[CURVE + 7] = by
    skip0 = 1 if free0 != 0 else 0
    skip1 = 1 if free1 != 0 else 0
    line = _line_error(way, i, j, ax, ay, bx, by, skip0, skip1, tolerance)
    if line <= tolerance:
        dx = bx - ax
        dy = by - ay
        norm = math.sqrt(dx * dx + dy * dy)
        # A line meets its neighbours without a kink when both tangents agree with it: 0.06 is the sine of 3.4°.
        kink0 = 0.0 if free0 != 0 else abs(dx * t0y - dy * t0x) / norm
        kink1 = 0.0 if free1 != 0 else abs(dx * t1y - dy * t1x) / norm
        if (kink0 < 0.06 and kink1 < 0.06) or j - i <= 2:
            small[CURVE + 2] = ax
            small[CURVE + 3] = ay
            small[CURVE + 4] = bx
            small[CURVE + 5] = by
            return line, LINE
    small[CURVE + 2] = t0x
    small[CURVE + 3] = t0y
    small[CURVE + 4] = t1x
    small[CURVE + 5] = t1y
    error = _fit_cubic(way, i, j, free0, free1, small, tolerance)
    if error <= tolerance and j - i > 2:
        error = max(error, _cubic_error(way, i, j, small, skip0, skip1, tolerance))
    return error, CUBIC


@helper
def _longest_segment(way, i, longest, guess, small, tolerance):
    """About the longest segment from position i that keeps the bound, in small[BEST …]: (points, kind).

    Trials leap ahead until one fails; the error of that one tells how long the next should be, within the bracket: it grows with a
    high power of the length (the sixth for free ends and tangents, de Boor, Höllig and Sabin 1987; ours are given: about the fourth).
    """
    good = 0
    bad = longest + 1
    kind = LINE
    trial = min(guess, longest)
    tries = 0
    while good == 0 or tries < _TRIALS_MAX:
        tries += 1
        error, trial_kind = _try_segment(way, i, i + trial, small, tolerance)
        reach = trial * math.sqrt(math.sqrt(_AIM * tolerance / max(error, 0.01 * tolerance)))
        if error <= tolerance or trial <= 2:
            good = trial
            kind = trial_kind
            for c in range(8):
                small[BEST + c] = small[CURVE + c]
            if good == longest:
                break
            following = _LEAP * trial
        else:
            bad = trial
            following = int(max(reach, 0.4 * trial))
        room = bad - good - 1
        if bad <= longest:
            if room <= good >> 4:
                break
            following = min(max(following, good + 1 + (room >> 2)), bad - 1 - (room >> 2))
        elif 4 * following >= 3 * longest:
            following = longest  # what is left beyond must be worth a segment of its own
        trial = following
    return good, kind


@helper
def _fit_interval(way, small, tolerance, segments, kinds, made):
    """Cover an interval with segments, each about as long as the bound allows. Returns the number of segments made so far."""
    first = int(small[FIRST])
    last = int(small[LAST])
    i = first
    guess = _FIRST_TRIAL
    while i < last:
        longest = last - i
        if small[OPEN] == 0.0:
            longest = min(longest, (last - first + 1) // 2)  # a closed smooth loop needs two segments at least
        good, kind = _longest_segment(way, i, longest, guess, small, tolerance)
        guess = max(good, _FIRST_TRIAL)
        at = 6 * made
        for c in range(6):
            segments[at + c] = small[BEST + 2 + c]
        kinds[made] = kind
        made += 1
        i += good
    return made


@helper
def _fit_path(points, begin, n, tolerance, arm_spread, depth_min, way, corners, small, segments, kinds, made):
    """Fit one path of n points. Returns the number of segments made so far."""
    _unroll(points, begin, n, way)
    count = _find_corners(way, n, arm_spread * arm_spread, depth_min, corners)
    if count == 0:
        small[FIRST] = PAD
        small[LAST] = PAD + n
        small[OPEN] = 0.0
        return _fit_interval(way, small, tolerance, segments, kinds, made)
    for c in range(count):
        after = c + 1 if c + 1 < count else 0
        small[FIRST] = corners[3 * c]
        small[FIRST_X] = corners[3 * c + 1]
        small[FIRST_Y] = corners[3 * c + 2]
        small[LAST] = corners[3 * after] + (0 if after > c else n)
        small[LAST_X] = corners[3 * after + 1]
        small[LAST_Y] = corners[3 * after + 2]
        small[OPEN] = 1.0
        made = _fit_interval(way, small, tolerance, segments, kinds, made)
    return made


@helper
def _unroll(points, begin, n, way):
    """The path twice over, with PAD points before and after, and the arc length along it: no window ever wraps."""
    at = n - 1 - (PAD - 1) % n
    length = 0.0
    for k in range(n + PAD):
        x = points[2 * (begin + at)]
        y = points[2 * (begin + at) + 1]
        if k > 0:
            dx = x - way[3 * k - 3]
            dy = y - way[3 * k - 2]
            length += math.sqrt(dx * dx + dy * dy)
        way[3 * k] = x
        way[3 * k + 1] = y
        way[3 * k + 2] = length
        at += 1
        if at == n:
            at = 0
    # Once round from the first point: its length is what the second time round adds.
    dx = way[3 * PAD] - way[3 * (n + PAD) - 3]
    dy = way[3 * PAD + 1] - way[3 * (n + PAD) - 2]
    length += math.sqrt(dx * dx + dy * dy) - way[3 * PAD + 2]
    for k in range(n + PAD, 2 * n + 2 * PAD):
        way[3 * k] = way[3 * (k - n)]
        way[3 * k + 1] = way[3 * (k - n) + 1]
        way[3 * k + 2] = way[3 * (k - n) + 2] + length


@kernel("i64(const f64*, const i64*, i64, i64, f64, f64, f64, f64, f64*, f64*, f64*, f64*, u8*, i64*)")
def fit_paths(
    points, offsets, path_first, path_last, tolerance, spread, arm_spread, depth_min, way, corners, small, segments, kinds, segment_offsets
):
    """Fit the paths path_first … path_last - 1.

    points, offsets  as in Paths
    tolerance        px, largest distance of a point from its segment
    spread           px, largest root mean square distance of a segment's points: a curve may not lie off all along
    arm_spread       px, root mean square distance of an arm's points from its line
    depth_min        px, least depth of a corner
    way              scratch f64, (2 n + 2 PAD, 3) for the longest path of n points
    corners          scratch f64, (n, 3)
    small            scratch f64, (SMALL,)
    segments         out f64, (point count, 3, 2); kinds out u8; segment_offsets out i64, (paths + 1), starting at 0
    Returns the number of segments.
    """
    made = 0
    segment_offsets[0] = 0
    small[SPREAD2] = spread * spread
    for path in range(path_first, path_last):
        begin = offsets[path]
        n = offsets[path + 1] - begin
        made = _fit_path(points, begin, n, tolerance, arm_spread, depth_min, way, corners, small, segments, kinds, made)
        segment_offsets[path - path_first + 1] = made
    return made
