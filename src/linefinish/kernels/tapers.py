"""Widths of strokes: segments are cut where the width does not change evenly along them."""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.bends import POINT

LINE = 0

# A segment: its begin, its two control points and its end, x and y each.
SEGMENT = 8
# What is kept of a stretch of a segment that is still to be looked at: the segment, and the numbers
# of the points that it begins and ends in.
STRETCH = SEGMENT + 2

# Largest difference of a width from one that changes evenly between joints, in pixels. Larger:
# fewer joints; smaller: pressure that is followed more closely.
_ERROR_PX = 0.15
# Points on either side over which a joint's width is the mean. Larger: pressure that is evened out;
# smaller: joints for the grain of the page.
_HALF = 3
# A stroke is at least so wide, in pixels: half of the thinnest line that is drawn by greys.
_PX_MIN = 0.1
# Places on a cubic that are looked at for the nearest one, and the steps that follow.
_LOOKED_AT, _STEPS = 32, 3
# A segment is cut no nearer to its ends than this part of its parameter.
_INNER = 0.02


@helper
def _smooth_widths(points, first, last, closed, widths):
    """The width around each point of a stroke; that of an end or a corner is its own."""
    count = last - first
    for at in range(count):
        half = _HALF if closed else min(_HALF, at, count - 1 - at)
        if points[POINT * (first + at) + 3] != 0.0 or count == 1:
            half = 0
        total = 0.0
        for i in range(at - half, at + half + 1):
            j = i + (count if i < 0 else 0) - (count if i >= count else 0)
            total += points[POINT * (first + j) + 2]
        widths[at] = max(2.0 * total / (2 * half + 1), _PX_MIN)


@helper
def _weights(t):
    u = 1.0 - t
    return u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t


@helper
def _nearest(segment, at, x, y):
    """The parameter of the place on a cubic that is nearest to a point near it: the best of some,
    then Newton's method.
    """
    x0, y0, x1, y1 = segment[at], segment[at + 1], segment[at + 2], segment[at + 3]
    x2, y2, x3, y3 = segment[at + 4], segment[at + 5], segment[at + 6], segment[at + 7]
    best = 1e300
    near = 0.5
    for i in range(1, _LOOKED_AT):
        t = i / float(_LOOKED_AT)
        a, b, c, d = _weights(t)
        off_x = a * x0 + b * x1 + c * x2 + d * x3 - x
        off_y = a * y0 + b * y1 + c * y2 + d * y3 - y
        if off_x * off_x + off_y * off_y < best:
            best = off_x * off_x + off_y * off_y
            near = t
    for _ in range(_STEPS):
        t = near
        u = 1.0 - t
        a, b, c, d = _weights(t)
        off_x = a * x0 + b * x1 + c * x2 + d * x3 - x
        off_y = a * y0 + b * y1 + c * y2 + d * y3 - y
        dx = 3.0 * (u * u * (x1 - x0) + 2.0 * u * t * (x2 - x1) + t * t * (x3 - x2))
        dy = 3.0 * (u * u * (y1 - y0) + 2.0 * u * t * (y2 - y1) + t * t * (y3 - y2))
        near = min(max(t - (off_x * dx + off_y * dy) / max(dx * dx + dy * dy, 1e-12), _INNER), 1.0 - _INNER)
    return near


@helper
def _cut(stack, at, kind, px, py):
    """Cut the segment at `at` where it is nearest to a point (de Casteljau). The second half stays
    there, the first one goes to the stretch behind it.
    """
    x0, y0, x1, y1 = stack[at], stack[at + 1], stack[at + 2], stack[at + 3]
    x2, y2, x3, y3 = stack[at + 4], stack[at + 5], stack[at + 6], stack[at + 7]
    if kind == LINE:
        dx = x3 - x0
        dy = y3 - y0
        t = ((px - x0) * dx + (py - y0) * dy) / max(dx * dx + dy * dy, 1e-12)
        t = min(max(t, _INNER), 1.0 - _INNER)
        x = x0 + t * dx
        y = y0 + t * dy
        ax, ay, bx, by = x0, y0, x, y
        cx, cy, dx, dy = x, y, x3, y3
    else:
        t = _nearest(stack, at, px, py)
        u = 1.0 - t
        ax, ay = u * x0 + t * x1, u * y0 + t * y1
        mx, my = u * x1 + t * x2, u * y1 + t * y2
        dx, dy = u * x2 + t * x3, u * y2 + t * y3
        bx, by = u * ax + t * mx, u * ay + t * my
        cx, cy = u * mx + t * dx, u * my + t * dy
        x, y = u * bx + t * cx, u * by + t * cy
    behind = at + STRETCH
    stack[behind], stack[behind + 1], stack[behind + 2], stack[behind + 3] = x0, y0, ax, ay
    stack[behind + 4], stack[behind + 5], stack[behind + 6], stack[behind + 7] = bx, by, x, y
    stack[at], stack[at + 1], stack[at + 2], stack[at + 3] = x, y, cx, cy
    stack[at + 4], stack[at + 5] = dx, dy


@helper
def _worst(widths, count, first, last):
    """The point of a stretch where the width differs most from one that changes evenly; 0 if none
    differs by more than is allowed.
    """
    here = widths[first - (count if first >= count else 0)]
    there = widths[last - (count if last >= count else 0)]
    worst = _ERROR_PX
    at = 0
    for i in range(first + 2, last - 1):
        off = abs(widths[i - (count if i >= count else 0)] - here - (there - here) * (i - first) / (last - first))
        if off > worst:
            worst = off
            at = i
    return at


@kernel("i64(const f64*, const i64*, const u8*, i64, const f64*, const i64*, const i64*, f64*, f64*, i64*, f64*)")
def taper(points, offsets, closed, strokes, segments, segment_offsets, ends, scratch, made, made_kinds, joints):
    """Strokes' segments, cut where the width does not change evenly, with the widths at their
    joints. → how many.

    points           f64 (…, POINT), of one stroke after the other; offsets i64 (strokes + 1,),
                     closed u8 (strokes,). A closed stroke has four points or more.
    segments         f64 (…, SEGMENT); segment_offsets i64 (strokes + 1,). Each stroke has one
    ends             i64 (…, 2): each one's kind, and the number of the point in its stroke that it
                     ends in, which rises; that of a closed stroke's last one is beyond its points
    scratch          f64 (n + STRETCH · (n + 1),) for the n points of the longest stroke
    made             out, f64 (segments + points, SEGMENT)
    made_kinds       out, i64 (segments + points, 2): the kind, and the stroke
    joints           out, f64 (segments + points + strokes,): a stroke's first, then its others
    """
    count = 0
    for stroke in range(strokes):
        n = offsets[stroke + 1] - offsets[stroke]
        is_closed = closed[stroke] != 0
        _smooth_widths(points, offsets[stroke], offsets[stroke + 1], is_closed, scratch)
        begin = ends[2 * segment_offsets[stroke + 1] - 1] - n if is_closed else 0
        joints[count + stroke] = scratch[begin - (n if begin >= n else 0)]
        for segment in range(segment_offsets[stroke], segment_offsets[stroke + 1]):
            kind = ends[2 * segment]
            for k in range(SEGMENT):
                scratch[n + k] = segments[SEGMENT * segment + k]
            scratch[n + SEGMENT] = begin
            scratch[n + SEGMENT + 1] = ends[2 * segment + 1]
            top = n
            while top >= n:
                first = i64(scratch[top + SEGMENT])
                last = i64(scratch[top + SEGMENT + 1])
                at = _worst(scratch, n, first, last)
                if at != 0:
                    point = POINT * (offsets[stroke] + at - (n if at >= n else 0))
                    _cut(scratch, top, kind, points[point], points[point + 1])
                    scratch[top + SEGMENT] = at
                    top += STRETCH
                    scratch[top + SEGMENT] = first
                    scratch[top + SEGMENT + 1] = at
                    continue
                for k in range(SEGMENT):
                    made[SEGMENT * count + k] = scratch[top + k]
                made_kinds[2 * count] = kind
                made_kinds[2 * count + 1] = stroke
                joints[count + stroke + 1] = scratch[last - (n if last >= n else 0)]
                count += 1
                top -= STRETCH
            begin = ends[2 * segment + 1]
    return count
