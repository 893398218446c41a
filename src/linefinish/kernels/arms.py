"""Arms at a branch: which of them continue each other, and where the others meet what continues.

An arm is a row of `axes.find_arms`: a bent line from where a chain was cut on towards its branch.
"""
from __future__ import annotations

from math import sqrt

from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.axes import ARM, ARM_BEND_X, ARM_BEND_Y, ARM_DX, ARM_DY, ARM_OWN, ARM_X, ARM_Y

# Two arms that continue each other: how well, the smaller the better, and their numbers.
PAIR = 3
# Where an arm meets a curve: x, y.
MEETING = 2

# Cosine of the largest angle by which two arms may part that continue each other: 24°. Larger:
# strokes that turn at a branch break; smaller: strokes that meet in a corner become one.
_CONTINUES = 0.9135
# Cosine of the largest angle between an arm and the way to the one that continues it: 37°.
_AHEAD = 0.8
# Steps towards where a bent arm meets a curve.
_STEPS = 3
# So far beyond its ends a piece of a curve is met, as a part of its length.
_BEYOND = 0.3
# What is met lies no farther back than this from where the arm was cut, in pixels.
_BACK_PX = 3.0


@helper
def at_way(arms, at, way):
    """The place so far on along an arm, and the unit direction there."""
    half = 0.5 * way * way
    x = arms[at + ARM_X] + way * arms[at + ARM_DX] + half * arms[at + ARM_BEND_X]
    y = arms[at + ARM_Y] + way * arms[at + ARM_DY] + half * arms[at + ARM_BEND_Y]
    dx = arms[at + ARM_DX] + way * arms[at + ARM_BEND_X]
    dy = arms[at + ARM_DY] + way * arms[at + ARM_BEND_Y]
    norm = max(sqrt(dx * dx + dy * dy), 1e-9)
    return x, y, dx / norm, dy / norm


@kernel("i64(const f64*, i64, f64*, i64)")
def find_pairs(arms, count, pairs, capacity):
    """Arms of a branch that continue each other. → how many pairs there are; only the first
    `capacity` are written.

    arms   f64 (count, ARM), as `find_arms` gives them
    pairs  out, f64 (capacity, PAIR): how well, and the two arms' numbers, the lower one first

    Half way between their cuts they run the same way, and not far apart.
    """
    made = 0
    for p in range(count):
        one = ARM * p
        for q in range(p + 1, count):
            two = ARM * q
            to_x = arms[two + ARM_X] - arms[one + ARM_X]
            to_y = arms[two + ARM_Y] - arms[one + ARM_Y]
            far = sqrt(to_x * to_x + to_y * to_y)
            px, py, ax, ay = at_way(arms, one, 0.5 * far)
            qx, qy, bx, by = at_way(arms, two, 0.5 * far)
            cosine = -(ax * bx + ay * by)
            off = sqrt((px - qx) * (px - qx) + (py - qy) * (py - qy))
            ahead = (to_x * arms[one + ARM_DX] + to_y * arms[one + ARM_DY]) / max(far, 1e-9)
            thick = max(arms[one + ARM_OWN], arms[two + ARM_OWN])
            if cosine > _CONTINUES and ahead > _AHEAD and off < 0.8 * thick + 0.5 + 0.1 * far:
                if made < capacity:
                    pairs[PAIR * made] = 0.1 * off / max(arms[one + ARM_OWN], 0.5) - cosine
                    pairs[PAIR * made + 1] = p
                    pairs[PAIR * made + 2] = q
                made += 1
    return made


@helper
def _hit(points, first, last, px, py, dx, dy):
    """Where a straight line meets a polyline, of several places the nearest: whether it does, how
    far on, x and y.
    """
    hit = False
    more = 0.0
    x = 0.0
    y = 0.0
    for i in range(first, last - 1):
        ax = points[2 * i]
        ay = points[2 * i + 1]
        ux = points[2 * i + 2] - ax
        uy = points[2 * i + 3] - ay
        det = ux * dy - uy * dx
        if abs(det) < 1e-9:
            continue
        share = ((px - ax) * dy - (py - ay) * dx) / det
        if -_BEYOND <= share <= 1.0 + _BEYOND:
            to_x = ax + share * ux
            to_y = ay + share * uy
            way = (to_x - px) * dx + (to_y - py) * dy
            if not hit or abs(way) < abs(more):
                hit = True
                more = way
                x = to_x
                y = to_y
    return hit, more, x, y


@kernel("i64(const f64*, const i64*, i64, const f64*, i64, f64, f64, f64, f64*)")
def meet_curves(points, offsets, curves, arms, count, x, y, far, meetings):
    """Where arms meet one of the curves through their branch, which is at about (x, y). → count

    far       no meeting lies farther on along an arm, in pixels
    points    f64 (…, 2), of one polyline after the other; offsets i64 (curves + 1,)
    arms      f64 (count, ARM)
    meetings  out, f64 (count, MEETING): the nearest such place; if there is none, the curves' point
              that is nearest to the arm's cut
    """
    for number in range(count):
        at = ARM * number
        begin_x = arms[at + ARM_X]
        begin_y = arms[at + ARM_Y]
        met = False
        best = 0.0
        met_x = 0.0
        met_y = 0.0
        for curve in range(curves):
            way = (x - begin_x) * arms[at + ARM_DX] + (y - begin_y) * arms[at + ARM_DY]
            hit = False
            hit_x = 0.0
            hit_y = 0.0
            for _ in range(_STEPS):
                px, py, dx, dy = at_way(arms, at, way)
                hit, more, hit_x, hit_y = _hit(points, offsets[curve], offsets[curve + 1], px, py, dx, dy)
                if not hit:
                    break
                way += more
            if hit and (not met or abs(way) < abs(best)):
                met = True
                best = way
                met_x = hit_x
                met_y = hit_y
        if not met or best < -_BACK_PX or best > far:
            nearest2 = 1e300
            for i in range(offsets[0], offsets[curves]):
                px = points[2 * i]
                py = points[2 * i + 1]
                away2 = (px - begin_x) * (px - begin_x) + (py - begin_y) * (py - begin_y)
                if away2 < nearest2 or (away2 == nearest2 and (px < met_x or (px == met_x and py < met_y))):
                    nearest2 = away2
                    met_x = px
                    met_y = py
        meetings[MEETING * number] = met_x
        meetings[MEETING * number + 1] = met_y
    return count
