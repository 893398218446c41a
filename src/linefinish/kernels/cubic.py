"""One cubic Bézier through a stretch of the outline, and how far the stretch lies from it.

The ends of the cubic are given, and at smooth joints its tangents; the lengths of its handles
minimise the squared distances along the normal at eight samples (Gauss–Newton; Schneider 1990
solves for fixed parameters and then moves them, here both move together). At corners the handles
may turn as well.

The samples lie side by side in two vectors of four lanes (`_f64x4.py`). A step of one fit is a long
chain of operations that wait for each other, so two fits run in turn, step by step, and each fills
the other's waits (`fit_two`).

Tuples that the functions here hand on:

    ends     ax, ay, the tangent there (unit, forward) x, y; the same at the other end: tangent x, y
             and zx, zy
    samples  x, y and length along the path, two vectors each handles  of the first end, then of the
    second: its length along the tangent, and how far it turns across
    feet     the samples' parameters on the curve, two vectors
"""
from __future__ import annotations

import math

from linefinish.kernels._f64x4 import greater, lane, largest, lesser, pack, splat, total
from linefinish.kernels._modes import helper, inlined

# Samples of one trial fit: two vectors. With 10, one after the other, a trial took twice as long.
_SAMPLES = 8
# Gauss–Newton steps of one trial fit. 2: 4 % more segments, and no time won, as more trials fail.
_STEPS = 3
# Multiple of the bound from which a trial is given up after its first step: the second halves the
# error at best.
_HOPELESS = 5.0
# Multiple of the bound up to which a curve's points are asked; the error is that before the last
# step.
_WORTH_ASKING = 2.0
# How far the feet of two neighbouring points may lie apart on a curve, in pixels, beyond twice the
# error bound. Two points are at most
# 1.5 px apart; larger lets hooks through, smaller refuses honest sharp bends.
_STEP_PX_MAX = 3.0
# A handle's least and greatest length, as parts of the stretch: cusps and loops are no part of a
# drawing's edge.
_HANDLE_MIN, _HANDLE_MAX = 0.08, 1.2

# How near to standing still a cubic may come that goes on along its chord: 1 is a cusp.
_ON_MARGIN = 0.9
# How near to its ends a loop may begin that lies beyond them, and how near a curve may come to a
# cusp, in the parameter.
_LOOP_MARGIN = 0.05
# The error of a cubic that may cross itself: above any that a distance is.
TURNS_BACK = 1e9

# Places in scratch: what a fit's samples tell the check. The length along the path where they are,
# the parameter of their feet, and how it grows with the length up to the next; the stretch's ends
# are included.
_KNOT_ALONG, _KNOT_T, _KNOT_PACE = 0, _SAMPLES + 2, 2 * (_SAMPLES + 2)
KNOTS = 3 * (_SAMPLES + 2)


@helper
def _four(way, i, first, pace):
    """Four of the eight samples of a coordinate, `pace` points apart from position i, from the
    first-th on.
    """
    return pack(
        way[i + int(first * pace)], way[i + int((first + 1.0) * pace)],
        way[i + int((first + 2.0) * pace)], way[i + int((first + 3.0) * pace)],
    )  # fmt: skip


@helper
def _at(t, ax, bx, cx, ex):
    """a + b·t + c·t² + e·t³."""
    return ((ex * t + cx) * t + bx) * t + ax


@helper
def _slope(t, bx, cx, ex):
    """The derivative of `_at`."""
    return (3.0 * ex * t + 2.0 * cx) * t + bx


@helper
def _between(v, low, high):
    return lesser(greater(v, splat(low)), splat(high))


@inlined
def _start(xs, ys, along, i, j, ends):
    """A fit's samples, its first handles (a third of the way each) and feet (by the length along
    the path).
    """
    ax, ay, _, _, _, _, zx, zy = ends
    pace = (j - i) / (_SAMPLES + 1.0)
    samples = (
        _four(xs, i, 1.0, pace), _four(xs, i, 5.0, pace), _four(ys, i, 1.0, pace), _four(ys, i, 5.0, pace),
        _four(along, i, 1.0, pace), _four(along, i, 5.0, pace),
    )  # fmt: skip
    span = max(along[j] - along[i], 1e-3)
    chord = math.sqrt((zx - ax) * (zx - ax) + (zy - ay) * (zy - ay))
    handle = max(min(span, 1.6 * chord) / 3.0, 1e-3)
    handles = (handle, 0.0, handle, 0.0)
    per_px = 1.0 / span
    return samples, handles, ((samples[4] - along[i]) * per_px, (samples[5] - along[i]) * per_px), span


@helper
def control_points(ends, handles):
    """The two inner control points: x, y of the first, x, y of the second."""
    ax, ay, t0x, t0y, t1x, t1y, zx, zy = ends
    along0, across0, along1, across1 = handles
    return (
        ax + along0 * t0x - across0 * t0y, ay + along0 * t0y + across0 * t0x,
        zx - along1 * t1x - across1 * t1y, zy - along1 * t1y + across1 * t1x,
    )  # fmt: skip


@helper
def turns_back(ax, ay, bx, by, cx, cy):
    """Whether a cubic may have a loop or a cusp, by the three sides of its control polygon.

    It has none if it goes on in one direction: along its chord, where the derivative, a quadratic
    of which the sides are the Bernstein coefficients, is found by its discriminant; or in any
    direction in which all three sides go on, as where they turn by less than a half circle. Else
    the two parameters are looked for that have the same point: with s + t = u and s·t = v, the
    cubic a·t³ + b·t² + c·t gives a·(u² - v) + b·u + c = 0, whose part across a has only u.
    """
    zx = ax + bx + cx
    zy = ay + by + cy
    first = ax * zx + ay * zy
    middle = bx * zx + by * zy
    last = cx * zx + cy * zy
    if first > 0.0 and last > 0.0 and (middle >= 0.0 or middle * middle < _ON_MARGIN * first * last):
        return False
    if _all_to_one_side(ax, ay, bx, by, cx, cy) or _all_to_one_side(bx, by, cx, cy, ax, ay) or _all_to_one_side(cx, cy, ax, ay, bx, by):
        return False
    if max(abs(ax * by - ay * bx), abs(bx * cy - by * cx)) < 1e-9 * (zx * zx + zy * zy + 1e-9):
        return True  # there and back on one line
    x3, y3 = ax - 2.0 * bx + cx, ay - 2.0 * by + cy
    x2, y2 = 3.0 * (bx - ax), 3.0 * (by - ay)
    x1, y1 = 3.0 * ax, 3.0 * ay
    across = x2 * y3 - y2 * x3
    size2 = x3 * x3 + y3 * y3
    if abs(across) < 1e-12 or size2 < 1e-12:
        return False
    u = -(x1 * y3 - y1 * x3) / across
    v = u * u + ((x2 * u + x1) * x3 + (y2 * u + y1) * y3) / size2
    parted = u * u - 4.0 * v
    apart = math.sqrt(max(parted, 0.0))
    return parted > -_LOOP_MARGIN and u - apart > -_LOOP_MARGIN and u + apart < 2.0 + _LOOP_MARGIN


@helper
def _all_to_one_side(ax, ay, bx, by, cx, cy):
    """Whether two vectors lie to the left of a first one, or along it; one without length does."""
    if ax == 0.0 and ay == 0.0:
        return False
    to_b = ax * by - ay * bx
    to_c = ax * cy - ay * cx
    b_lies = to_b > 0.0 or (to_b == 0.0 and ax * bx + ay * by >= 0.0)
    return b_lies and (to_c > 0.0 or (to_c == 0.0 and ax * cx + ay * cy >= 0.0))


@inlined
def _improved(ends, samples, handles, feet, span, free0, free1):
    """One Gauss–Newton step: handles and feet after it, and the largest distance of a sample before
    it.

    Called and not inlined, fitting a page of many small curves took 6 % longer.
    """
    ax, ay, t0x, t0y, t1x, t1y, zx, zy = ends
    xf, xg, yf, yg, _, _ = samples
    along0, across0, along1, across1 = handles
    p1x, p1y, p2x, p2y = control_points(ends, handles)
    tf, tg = feet
    # The cubic in powers of t.
    bx = 3.0 * (p1x - ax)
    by = 3.0 * (p1y - ay)
    cx = 3.0 * (p2x - p1x) - bx
    cy = 3.0 * (p2y - p1y) - by
    ex = zx - ax - bx - cx
    ey = zy - ay - by - cy
    # The way from the curve to the sample, and the curve's derivative there. The normal is left at
    # the derivative's length, and its square divided out at once: one division a sample, no root.
    rxf, rxg = xf - _at(tf, ax, bx, cx, ex), xg - _at(tg, ax, bx, cx, ex)
    ryf, ryg = yf - _at(tf, ay, by, cy, ey), yg - _at(tg, ay, by, cy, ey)
    dxf, dxg = _slope(tf, bx, cx, ex), _slope(tg, bx, cx, ex)
    dyf, dyg = _slope(tf, by, cy, ey), _slope(tg, by, cy, ey)
    wf, wg = 1.0 / (dxf * dxf + dyf * dyf + 1e-12), 1.0 / (dxg * dxg + dyg * dyg + 1e-12)
    off_f, off_g = ryf * dxf - rxf * dyf, ryg * dxg - rxg * dyg
    worst2 = largest(greater(off_f * off_f * wf, off_g * off_g * wg))
    foot_f = _between(tf + (rxf * dxf + ryf * dyf) * wf, 0.0, 1.0)
    foot_g = _between(tg + (rxg * dxg + ryg * dyg) * wg, 0.0, 1.0)

    # Normal equations for the moves of the handles: along their tangents (0, 2), across them (1, 3;
    # at corners only).
    uf, ug = 1.0 - tf, 1.0 - tg
    b1f, b1g = 3.0 * uf * uf * tf, 3.0 * ug * ug * tg
    b2f, b2g = 3.0 * uf * tf * tf, 3.0 * ug * tg * tg
    c0f, c0g = b1f * (t0y * dxf - t0x * dyf), b1g * (t0y * dxg - t0x * dyg)
    c2f, c2g = b2f * (t1x * dyf - t1y * dxf), b2g * (t1x * dyg - t1y * dxg)
    w0f, w0g = c0f * wf, c0g * wg
    w2f, w2g = c2f * wf, c2g * wg
    m00 = 1e-4 + total(c0f * w0f + c0g * w0g)
    m02 = total(c0f * w2f + c0g * w2g)
    m22 = 1e-4 + total(c2f * w2f + c2g * w2g)
    v0 = total(off_f * w0f + off_g * w0g)
    v2 = total(off_f * w2f + off_g * w2g)
    e1 = 0.0
    e3 = 0.0
    if free0 == 0 and free1 == 0:
        scale = 1.0 / (m00 * m22 - m02 * m02)
        e0 = (v0 * m22 - m02 * v2) * scale
        e2 = (m00 * v2 - m02 * v0) * scale
    else:
        c1f, c1g = free0 * b1f * (t0x * dxf + t0y * dyf), free0 * b1g * (t0x * dxg + t0y * dyg)
        c3f, c3g = free1 * b2f * (t1x * dxf + t1y * dyf), free1 * b2g * (t1x * dxg + t1y * dyg)
        w1f, w1g = c1f * wf, c1g * wg
        w3f, w3g = c3f * wf, c3g * wg
        m01 = total(c0f * w1f + c0g * w1g)
        m11 = 0.02 + total(c1f * w1f + c1g * w1g)
        m12 = total(c2f * w1f + c2g * w1g)
        v1 = total(off_f * w1f + off_g * w1g)
        m13 = total(c1f * w3f + c1g * w3g)
        m03 = total(c0f * w3f + c0g * w3g)
        m23 = total(c2f * w3f + c2g * w3g)
        m33 = 0.02 + total(c3f * w3f + c3g * w3g)
        v3 = total(off_f * w3f + off_g * w3g)
        # Solve the symmetric 4 × 4 system by elimination, in the order 1, 3, 0, 2 (1 and 3 are
        # alone when not free).
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
    # Handles stay forward and within reason.
    shortest = _HANDLE_MIN * span
    longest = _HANDLE_MAX * span
    moved0 = min(max(along0 + e0, shortest), longest)
    moved1 = min(max(along1 + e2, shortest), longest)
    return (moved0, across0 + e1, moved1, across1 + e3), (foot_f, foot_g), worst2


@helper
def fit_one(xs, ys, along, i, j, ends, free0, free1, tolerance):
    """Fit a cubic to the positions i … j: as one of `fit_two`, where both would be the same (a
    quarter to a third of them).
    """
    samples, handles, feet, span = _start(xs, ys, along, i, j, ends)
    hopeless2 = (_HOPELESS * tolerance) * (_HOPELESS * tolerance)
    worst2 = 0.0
    for step in range(_STEPS):
        handles, feet, worst2 = _improved(ends, samples, handles, feet, span, free0, free1)
        if step == 1 and worst2 > hopeless2:
            break
    return samples, handles, feet, math.sqrt(worst2)


@helper
def fit_two(xs, ys, along, i, near, far, ends_near, ends_far, free0, free_near, free_far, tolerance):
    """Fit a cubic to the positions i … near, and another to i … far: (samples, handles, feet,
    error) of either.

    free0, free_near, free_far say (1) at which ends the handle may turn. The error is a sample's
    largest distance before the last step.
    """
    samples_n, handles_n, feet_n, span_n = _start(xs, ys, along, i, near, ends_near)
    samples_f, handles_f, feet_f, span_f = _start(xs, ys, along, i, far, ends_far)
    hopeless2 = (_HOPELESS * tolerance) * (_HOPELESS * tolerance)
    worst2_n = 0.0
    worst2_f = 0.0
    for step in range(_STEPS):
        handles_n, feet_n, worst2_n = _improved(ends_near, samples_n, handles_n, feet_n, span_n, free0, free_near)
        handles_f, feet_f, worst2_f = _improved(ends_far, samples_f, handles_f, feet_f, span_f, free0, free_far)
        if step == 1 and worst2_n > hopeless2 and worst2_f > hopeless2:
            break
    return samples_n, handles_n, feet_n, math.sqrt(worst2_n), samples_f, handles_f, feet_f, math.sqrt(worst2_f)


@helper
def _keep(knots, at, v):
    knots[at] = lane(v, 0)
    knots[at + 1] = lane(v, 1)
    knots[at + 2] = lane(v, 2)
    knots[at + 3] = lane(v, 3)


@helper
def _foot_of(knots, along, q, i, knots_per_point):
    """The parameter of the point at position q: between the feet of the samples around it."""
    knot = int((q - i) * knots_per_point)
    return knots[_KNOT_T + knot] + (along[q] - knots[_KNOT_ALONG + knot]) * knots[_KNOT_PACE + knot]


@helper
def cubic_error(xs, ys, along, i, j, ends, fit, skip0, skip1, knots, limits):
    """The largest distance of the points strictly between i and j from a fitted cubic; above the
    tolerance it stops early.

    Where a point's foot is, the fit's samples tell. The points' feet must follow one another
    closely: between two neighbours the curve may not run off (a loop, a hook), though every point
    were near it.

    fit           samples, handles, feet and error, from `fit_one`; an error far above the tolerance
                  is the answer
    limits        the tolerance, the largest mean of the squared distances, every how many points
                  are asked; width and height of the page, on which the handles have to lie, or
                  nearly so
    skip0, skip1  points at either end that are not asked (pixels round corners off)
    knots         scratch, f64 (KNOTS,)
    """
    samples, handles, feet, error = fit
    tolerance, spread2, stride, width, height = limits
    first = i + 1 + skip0
    count = j - skip1 - first
    if count >= 1 and error > _WORTH_ASKING * tolerance:
        return error
    ax, ay, _, _, _, _, zx, zy = ends
    p1x, p1y, p2x, p2y = control_points(ends, handles)
    if turns_back(p1x - ax, p1y - ay, p2x - p1x, p2y - p1y, zx - p2x, zy - p2y):
        return TURNS_BACK
    if count < 1:
        return 0.0
    outside = max(max(-min(p1x, p2x), max(p1x, p2x) - width), max(-min(p1y, p2y), max(p1y, p2y) - height))
    if outside > tolerance:
        return tolerance + outside
    bx = 3.0 * (p1x - ax)
    by = 3.0 * (p1y - ay)
    cx = 3.0 * (p2x - p1x) - bx
    cy = 3.0 * (p2y - p1y) - by
    ex = zx - ax - bx - cx
    ey = zy - ay - by - cy
    knots[_KNOT_ALONG] = along[i]
    _keep(knots, _KNOT_ALONG + 1, samples[4])
    _keep(knots, _KNOT_ALONG + 5, samples[5])
    knots[_KNOT_ALONG + _SAMPLES + 1] = along[j]
    knots[_KNOT_T] = 0.0
    _keep(knots, _KNOT_T + 1, feet[0])
    _keep(knots, _KNOT_T + 5, feet[1])
    knots[_KNOT_T + _SAMPLES + 1] = 1.0
    for k in range(_SAMPLES + 1):
        # Of a stretch of few points two samples may be the same.
        stretch = max(knots[_KNOT_ALONG + k + 1] - knots[_KNOT_ALONG + k], 0.1)
        knots[_KNOT_PACE + k] = (knots[_KNOT_T + k + 1] - knots[_KNOT_T + k]) / stretch

    # So many points, evenly spread, that all vectors are full.
    rounds = (count + 4 * stride - 1) // (4 * stride)
    pace = (count - 1.0) / (4.0 * rounds - 1.0)
    knots_per_point = (_SAMPLES + 1.0) / (j - i)
    step_max = _STEP_PX_MAX + 1.5 * (stride - 1) + 2.0 * tolerance
    step_last_max = step_max + skip1
    step2_max = splat(step_max * step_max)
    # Of the first step, from the end of the curve, the corner's own pixels are no part.
    step2_allowed = pack((step_max + skip0) * (step_max + skip0), step_max * step_max, step_max * step_max, step_max * step_max)
    before = 0.0
    speed2 = 0.0
    worst2 = 0.0
    totals2 = splat(0.0)
    number = 1e-9  # a whole number times the pace may come out a hair too low
    for _ in range(rounds):
        q0 = first + int(number * pace)
        q1 = first + int((number + 1.0) * pace)
        q2 = first + int((number + 2.0) * pace)
        q3 = first + int((number + 3.0) * pace)
        number += 4.0
        x, y = pack(xs[q0], xs[q1], xs[q2], xs[q3]), pack(ys[q0], ys[q1], ys[q2], ys[q3])
        t = pack(
            _foot_of(knots, along, q0, i, knots_per_point), _foot_of(knots, along, q1, i, knots_per_point),
            _foot_of(knots, along, q2, i, knots_per_point), _foot_of(knots, along, q3, i, knots_per_point),
        )  # fmt: skip
        t = _between(t, 0.0, 1.0)
        rx, ry = x - _at(t, ax, bx, cx, ex), y - _at(t, ay, by, cy, ey)
        dx, dy = _slope(t, bx, cx, ex), _slope(t, by, cy, ey)
        speeds2 = dx * dx + dy * dy + 1e-12
        weight = 1.0 / speeds2
        off = ry * dx - rx * dy
        distances2 = off * off * weight
        worst2 = max(worst2, largest(distances2))
        if worst2 > tolerance * tolerance:
            return math.sqrt(worst2)
        totals2 = totals2 + distances2
        foot = _between(t + (rx * dx + ry * dy) * weight, 0.0, 1.0)
        # From foot to foot, with the speed at the latter.
        step = foot - pack(before, lane(foot, 0), lane(foot, 1), lane(foot, 2))
        if largest(step * step * speeds2 - step2_allowed) > 0.0:
            return tolerance + 1.0
        step2_allowed = step2_max
        before = lane(foot, 3)
        speed2 = lane(speeds2, 3)
    if (1.0 - before) * (1.0 - before) * speed2 > step_last_max * step_last_max:
        return tolerance + 1.0
    mean2 = total(totals2) / (4.0 * rounds)
    if mean2 > spread2:
        return tolerance * math.sqrt(mean2 / spread2)
    return math.sqrt(worst2)
