"""Corners of centre lines.

In a corner the middle between two outlines lies inside the corner that the pen drew: the inner
outline is sharp, the outer one round. But it is the stroke's own middle again from where the inner
corner no longer is the nearest place on. There two straight lines are laid through the points on
either side; the corner is where they meet, if the points bend towards it as they do in a corner and
not as on an arc.
"""
from __future__ import annotations

from math import sqrt

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

# A point of a stroke: x, y, its radius, and 1 where it is kept as it is: an end or a corner.
POINT = 4
# A corner: its stroke, the first and the last point that it stands for, x, y and radius.
BEND = 6

# Steps towards a corner: its sides begin where its turn says, and its turn is that of its sides.
_STEPS = 3
# Cosine of the least turn of a corner: 28°. Larger: arcs that are looked at for nothing; smaller:
# blunt corners are rounded.
_TURN_COSINE = 0.883
# Points of a straight side that are looked at, in radii, and at least in pixels.
_SIDE, _SIDE_PX = 2.5, 5.0
# Largest root mean square distance of them from a line, in pixels.
_STRAIGHT_PX = 0.15
# How far from the points the corner may lie, beyond what its turn says: in pixels, and as a factor.
# Larger: small arcs become corners; smaller: corners that pixels round off are lost.
_NEAR_PX, _NEAR = 0.35, 1.4


@helper
def _next(i, step, first, last, closed):
    """The point beside point i; -1 beyond the end of an open stroke."""
    i += step
    if first <= i < last:
        return i
    if closed == 0:
        return -1
    return last - 1 if i < first else first


@helper
def _ahead(points, i, step, way, first, last, closed):
    """The point so far from point i; -1 if the stroke ends or a kept point lies before."""
    gone = 0.0
    count = 0
    while gone < way:
        j = _next(i, step, first, last, closed)
        count += 1
        if j < 0 or points[POINT * j + 3] != 0.0 or count > last - first:
            return -1
        dx = points[POINT * j] - points[POINT * i]
        dy = points[POINT * j + 1] - points[POINT * i + 1]
        gone += sqrt(dx * dx + dy * dy)
        i = j
    return i


@helper
def _turn(points, i, first, last, closed):
    """The cosine between a stroke's directions a little before and after point i; 1 for no turn."""
    radius = points[POINT * i + 2]
    gap = radius + 1.0
    side = max(4.0, 2.0 * radius)
    a = _ahead(points, i, -1, gap, first, last, closed)
    b = _ahead(points, i, 1, gap, first, last, closed)
    if a < 0 or b < 0:
        return 1.0
    c = _ahead(points, a, -1, side, first, last, closed)
    d = _ahead(points, b, 1, side, first, last, closed)
    if c < 0 or d < 0:
        return 1.0
    ux, uy = points[POINT * a] - points[POINT * c], points[POINT * a + 1] - points[POINT * c + 1]
    vx, vy = points[POINT * d] - points[POINT * b], points[POINT * d + 1] - points[POINT * b + 1]
    return (ux * vx + uy * vy) / max(sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy)), 1e-9)


@helper
def _side(points, i, step, skip, way, first, last, closed):
    """The line through the points of a side, from so far on: whether there is one, its middle, its
    unit direction away from point i, and the points' middle radius.
    """
    i = _ahead(points, i, step, skip, first, last, closed)
    n = 0.0
    sx = 0.0
    sy = 0.0
    sxx = 0.0
    sxy = 0.0
    syy = 0.0
    radii = 0.0
    gone = 0.0
    if i >= 0:
        ox = points[POINT * i]
        oy = points[POINT * i + 1]
        x = 0.0
        y = 0.0
        while i >= 0 and gone < way:
            x = points[POINT * i] - ox
            y = points[POINT * i + 1] - oy
            n += 1.0
            sx += x
            sy += y
            sxx += x * x
            sxy += x * y
            syy += y * y
            radii += points[POINT * i + 2]
            j = _next(i, step, first, last, closed)
            if j >= 0:
                dx = points[POINT * j] - points[POINT * i]
                dy = points[POINT * j + 1] - points[POINT * i + 1]
                gone += sqrt(dx * dx + dy * dy)
                j = -1 if points[POINT * j + 3] != 0.0 or n > last - first else j
            i = j
        if n >= 4.0:
            mx = sx / n
            my = sy / n
            vxx = sxx / n - mx * mx
            vxy = sxy / n - mx * my
            vyy = syy / n - my * my
            root = sqrt((vxx - vyy) * (vxx - vyy) + 4.0 * vxy * vxy)
            dx = 0.5 * (vxx - vyy + root) if vxx > vyy else vxy
            dy = vxy if vxx > vyy else 0.5 * (vyy - vxx + root)
            norm = sqrt(dx * dx + dy * dy)
            if norm > 1e-12 and 0.5 * (vxx + vyy - root) <= _STRAIGHT_PX * _STRAIGHT_PX:
                norm = -norm if dx * x + dy * y < 0.0 else norm
                return True, ox + mx, oy + my, dx / norm, dy / norm, radii / n
    return False, 0.0, 0.0, 0.0, 0.0, 0.0


@helper
def _nearest(points, i, x, y, first, last, closed):
    """The point nearest to (x, y), walking on from point i as long as it gets nearer."""
    for step in range(-1, 2, 2):
        j = i
        while j >= 0:
            i = j
            here_x, here_y = points[POINT * i] - x, points[POINT * i + 1] - y
            j = _next(i, step, first, last, closed)
            if j >= 0:
                there_x, there_y = points[POINT * j] - x, points[POINT * j + 1] - y
                if there_x * there_x + there_y * there_y >= here_x * here_x + here_y * here_y:
                    j = -1
    return i


@helper
def _bend(points, i, cosine, first, last, closed):
    """The corner about point i: its x, y and radius, how far it reaches, and the point nearest to
    it; radius 0 for none.
    """
    radius = points[POINT * i + 2]
    reach = 0.0
    x = 0.0
    y = 0.0
    for _ in range(_STEPS):
        # The tangent of half the turn.
        reach = radius * sqrt(max(1.0 - cosine, 0.0) / max(1.0 + cosine, 0.02))
        way = max(_SIDE_PX, _SIDE * radius)
        found, ax, ay, adx, ady, ar = _side(points, i, -1, reach + 1.0, way, first, last, closed)
        if not found:
            return 0.0, 0.0, 0.0, 0.0, i
        found, bx, by, bdx, bdy, br = _side(points, i, 1, reach + 1.0, way, first, last, closed)
        det = adx * bdy - ady * bdx
        if not found or abs(det) < 0.1:
            return 0.0, 0.0, 0.0, 0.0, i
        cosine = -(adx * bdx + ady * bdy)
        radius = 0.5 * (ar + br)
        far = ((bx - ax) * bdy - (by - ay) * bdx) / det
        x = ax + far * adx
        y = ay + far * ady
        i = _nearest(points, i, x, y, first, last, closed)
    if cosine > _TURN_COSINE:
        return 0.0, 0.0, 0.0, 0.0, i
    # In a corner the middle is off by half of what the inner corner is farther away.
    off = 0.5 * radius * (1.0 / sqrt(max(0.5 * (1.0 + cosine), 0.01)) - 1.0)
    near = _NEAR_PX + _NEAR * off
    dx = x - points[POINT * i]
    dy = y - points[POINT * i + 1]
    if dx * dx + dy * dy > near * near:
        return 0.0, 0.0, 0.0, 0.0, i
    return x, y, radius, reach, i


@kernel("i64(const f64*, const i64*, const u8*, i64, f64*, f64*)")
def find_bends(points, offsets, closed, count, turns, bends):
    """Corners of strokes. → how many.

    points   f64 (…, POINT), of one stroke after the other; offsets i64 (count + 1,), closed u8
             (count,)
    turns    scratch f64, one for each point
    bends    out, f64 (points / 4 + 1, BEND)
    """
    made = 0
    for stroke in range(count):
        first = offsets[stroke]
        last = offsets[stroke + 1]
        for i in range(first, last):
            turns[i] = _turn(points, i, first, last, i64(closed[stroke]))
        taken = -1  # the last point of the corner before
        for i in range(first, last):
            if turns[i] > _TURN_COSINE or i <= taken:
                continue
            # The sharpest of its neighbours.
            around = i64(points[POINT * i + 2]) + 2
            sharpest = True
            for k in range(max(i - around, first), min(i + around + 1, last)):
                sharpest = sharpest and (turns[k] > turns[i] or (turns[k] == turns[i] and k >= i))
            if not sharpest:
                continue
            x, y, radius, reach, middle = _bend(points, i, turns[i], first, last, i64(closed[stroke]))
            if radius <= 0.0 or middle <= taken or points[POINT * middle + 3] != 0.0:
                continue
            # What lies within its reach is the corner's.
            low = middle
            while low - 1 > max(taken, first) and _near(points, low - 1, x, y, reach + 0.5):
                low -= 1
            high = middle
            while high + 1 < last - 1 and _near(points, high + 1, x, y, reach + 0.5):
                high += 1
            at = BEND * made
            bends[at] = stroke
            bends[at + 1] = low
            bends[at + 2] = high
            bends[at + 3] = x
            bends[at + 4] = y
            bends[at + 5] = radius
            made += 1
            taken = high + 2
    return made


@helper
def _near(points, i, x, y, reach):
    dx = points[POINT * i] - x
    dy = points[POINT * i + 1] - y
    return dx * dx + dy * dy < reach * reach and points[POINT * i + 3] == 0.0
