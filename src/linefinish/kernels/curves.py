"""Fitting: a closed polygon of edge points becomes few cubic Béziers and lines under one error
bound.

The way, per path: its corners are found (`corners.py`); between corners, segments are taken as long
as one line or cubic (`cubic.py`) stays within the bound (`_fit_interval`): each trial's error
foretells the length of the next. All points are checked before a segment is accepted.
"""
from __future__ import annotations

import math

from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.corners import PAD, extend, find_corners, measure, soften, unroll
from linefinish.kernels.cubic import KNOTS, control_points, cubic_error, fit_one, fit_two

__all__ = ["KNOTS", "PAD", "append_offsets", "fit_paths"]

LINE, CUBIC = 0, 1

# What `fit_paths` is bound by: f64 (BOUNDS,), its `bounds`. The first four are in pixels.
ERROR = 0  # the largest distance of a point from its segment
SPREAD = 1  # the largest root mean square distance of a segment's points: none may lie off all along
ARM_SPREAD = 2  # the same of the points of a corner's arm from its line
DEPTH = 3  # the least depth of a corner
MIDPOINTS = 4  # 1 if the points are middles of pixel edges: staircases, which are evened out first
BOUNDS = 5

# Half width, in points, of the window that gives the tangent of a smooth joint. 3 and 6: 1 % more
# segments; wider blurs small drawing.
_TANGENT_HALF = 5
# Length of the first trial of a path, in points; from then on the last segment's length is the
# guess, and not less than this.
_FIRST_TRIAL = 32
# How far the second of two first trials lies beyond the first, and each pair beyond the last while
# nothing has failed. A leap finds long segments beyond a length that fails because the path happens
# to be rough where it ends. Three pages at 2048 px, 1-bit: 3 takes 30 ns a crack, 2 takes 28, with
# 2 % fewer segments and edges 0.002 px truer.
_LEAP = 2
# Pairs of trials of one segment, once one has succeeded; and the most where much can still be won:
# that was a line, which costs little to try and should be one piece, or twice its length has not
# failed. One pair more for all: 4 ns a crack of a page of 2048 px, 0.93 times the segments, and
# edges 0.003 px farther off.
_ROUNDS_MAX, _LONG_ROUNDS_MAX = 2, 5
# After a failure the next two trials lie so far below and above the length foretold for this
# multiple of the bound.
_AIM, _AROUND = 1.2, 0.1
# Every how many points are asked whether a curve is accepted, beyond its samples: points from
# greys, and softened midpoints, which hold nothing that is only two points long. All by 3: 2 ns a
# crack less, and straight hairlines off by more than the bound.
_STRIDE, _STRIDE_SOFTENED = 2, 3
# The sine of the angle (3.4°) by which a line may miss a smooth joint's tangent.
_KINK_MAX = 0.06


@helper
def _tangent(xs, ys, i, half):
    """Unit direction of the path at a position: the slope of a least-squares parabola over ± half
    points.
    """
    dx = 0.0
    dy = 0.0
    for k in range(1, half + 1):
        dx += k * (xs[i + k] - xs[i - k])
        dy += k * (ys[i + k] - ys[i - k])
    norm = math.sqrt(dx * dx + dy * dy)
    if norm < 1e-9:
        dx = xs[i + 1] - xs[i - 1]
        dy = ys[i + 1] - ys[i - 1]
        norm = max(math.sqrt(dx * dx + dy * dy), 1e-9)
    return dx / norm, dy / norm


@helper
def _smoothed(way, i, half):
    """One coordinate of the path at a position: Savitzky–Golay, quadratic over ± half points (1964,
    table I).
    """
    if half >= 3:
        near = 6.0 * (way[i - 1] + way[i + 1]) + 3.0 * (way[i - 2] + way[i + 2])
        return (7.0 * way[i] + near - 2.0 * (way[i - 3] + way[i + 3])) / 21.0
    if half == 2:
        return (17.0 * way[i] + 12.0 * (way[i - 1] + way[i + 1]) - 3.0 * (way[i - 2] + way[i + 2])) / 35.0
    return way[i]


@helper
def _line_error(xs, ys, i, j, ax, ay, bx, by, skip0, skip1, tolerance):
    """The largest distance of the points strictly between i and j from the straight line a–b; above
    the tolerance it stops early.
    """
    dx = bx - ax
    dy = by - ay
    norm = math.sqrt(dx * dx + dy * dy)
    if norm < 1e-9:
        return 1e9
    limit = tolerance * norm
    middle = (i + j) >> 1
    worst = abs((xs[middle] - ax) * dy - (ys[middle] - ay) * dx)
    q = i + 1 + skip0
    while q < j - skip1 and worst <= limit:
        worst = max(worst, abs((xs[q] - ax) * dy - (ys[q] - ay) * dx))
        q += 1
    return worst / norm


@helper
def _joint(xs, ys, i, interval):
    """A joint at position i of the interval: (x, y, tangent x, y, whether it is a corner)."""
    first, last, is_open, first_x, first_y, last_x, last_y = interval
    if is_open and (i == first or i == last):
        # A corner: its tangent points towards the path a few points on, or from a few points
        # before.
        reach = min(_TANGENT_HALF + 1, last - first)
        dx = xs[i + reach] - first_x if i == first else last_x - xs[i - reach]
        dy = ys[i + reach] - first_y if i == first else last_y - ys[i - reach]
        norm = max(math.sqrt(dx * dx + dy * dy), 1e-9)
        return first_x if i == first else last_x, first_y if i == first else last_y, dx / norm, dy / norm, 1
    half = _TANGENT_HALF
    if is_open:
        half = max(min(half, min(i - first, last - i)), 1)
    tx, ty = _tangent(xs, ys, i, half)
    return _smoothed(xs, i, half), _smoothed(ys, i, half), tx, ty, 0


@helper
def _as_line(xs, ys, i, j, start, end, tolerance):
    """The largest distance of the positions i … j from the straight line between two joints; above
    the tolerance if it is none.

    A line meets its neighbours without a kink when both tangents agree with it.
    """
    ax, ay, t0x, t0y, free0 = start
    bx, by, t1x, t1y, free1 = end
    error = _line_error(xs, ys, i, j, ax, ay, bx, by, free0, free1, tolerance)
    if error <= tolerance and j - i > 2:
        dx = bx - ax
        dy = by - ay
        norm = _KINK_MAX * math.sqrt(dx * dx + dy * dy)
        if (free0 == 0 and abs(dx * t0y - dy * t0x) >= norm) or (free1 == 0 and abs(dx * t1y - dy * t1x) >= norm):
            return 2.0 * tolerance
    return error


@helper
def _keep_line(start, end, segment, at):
    segment[at] = start[0]
    segment[at + 1] = start[1]
    segment[at + 2] = end[0]
    segment[at + 3] = end[1]
    segment[at + 4] = end[0]
    segment[at + 5] = end[1]
    return LINE


@helper
def _keep_cubic(ends, handles, end, segment, at):
    p1x, p1y, p2x, p2y = control_points(ends, handles)
    segment[at] = p1x
    segment[at + 1] = p1y
    segment[at + 2] = p2x
    segment[at + 3] = p2y
    segment[at + 4] = end[0]
    segment[at + 5] = end[1]
    return CUBIC


@helper
def _longest_segment(xs, ys, along, i, start, longest, guess, interval, limits, knots, segments, at):
    """About the longest segment from position i that keeps the bound, left in segments[at …]:
    (points, kind, its end).

    Two lengths are tried at a time, or one where no two are left. They leap ahead until one fails;
    the error of that one tells how long the next should be, within the bracket: it grows with a
    high power of the length (the sixth for free ends and tangents, de Boor, Höllig and Sabin 1987;
    ours are given: about the fourth).
    """
    tolerance = limits[0]
    good = 0
    bad = longest + 1
    bad_error = 1.0
    kind = LINE
    best_end = start
    near = min(guess, longest)
    far = min(_LEAP * near, longest)
    if 4 * far >= 3 * longest:
        far = longest  # what is left beyond must be worth a segment of its own
    rounds = 0
    while good == 0 or rounds < _ROUNDS_MAX or (rounds < _LONG_ROUNDS_MAX and (kind == LINE or bad >= 2 * good)):
        rounds += 1
        end_far = _joint(xs, ys, i + far, interval)
        end_near = _joint(xs, ys, i + near, interval)
        error_far = _as_line(xs, ys, i, i + far, start, end_far, tolerance)
        if error_far <= tolerance:
            good = far
            best_end = end_far
            kind = _keep_line(start, end_far, segments, at)
        else:
            ends_near = (start[0], start[1], start[2], start[3], end_near[2], end_near[3], end_near[0], end_near[1])
            ends_far = (start[0], start[1], start[2], start[3], end_far[2], end_far[3], end_far[0], end_far[1])
            if near == far:
                samples_f, handles_f, feet_f, fit_f = fit_one(xs, ys, along, i, i + far, ends_far, start[4], end_far[4], tolerance)
                samples_n, handles_n, feet_n, fit_n = samples_f, handles_f, feet_f, fit_f
            else:
                samples_n, handles_n, feet_n, fit_n, samples_f, handles_f, feet_f, fit_f = fit_two(
                    xs, ys, along, i, i + near, i + far, ends_near, ends_far, start[4], end_near[4], end_far[4], tolerance
                )
            error_far = cubic_error(
                xs, ys, along, i, i + far, ends_far, (samples_f, handles_f, feet_f, fit_f), start[4], end_far[4], knots, limits
            )
            if error_far <= tolerance:
                good = far
                best_end = end_far
                kind = _keep_cubic(ends_far, handles_f, end_far, segments, at)
            else:
                bad = far
                bad_error = error_far
                error_near = error_far
                if near < far:
                    error_near = _as_line(xs, ys, i, i + near, start, end_near, tolerance)
                if error_near <= tolerance:
                    good = near
                    best_end = end_near
                    kind = _keep_line(start, end_near, segments, at)
                else:
                    if near < far:
                        error_near = cubic_error(
                            xs, ys, along, i, i + near, ends_near, (samples_n, handles_n, feet_n, fit_n), start[4], end_near[4], knots,
                            limits,
                        )
                    if error_near <= tolerance or near <= 2:
                        good = near
                        best_end = end_near
                        kind = _keep_cubic(ends_near, handles_n, end_near, segments, at)
                    else:
                        bad = near
                        bad_error = error_near
        if good == longest:
            break
        if bad > longest:
            near = _LEAP * good
            far = _LEAP * near
            if 4 * near >= 3 * longest:
                near = longest
            if 4 * far >= 3 * longest:
                far = longest
        else:
            room = bad - good - 1
            if room <= good >> 4:
                break
            reach = bad * max(math.sqrt(math.sqrt(_AIM * tolerance / max(bad_error, 0.01 * tolerance))), 0.4)
            near = int(reach * (1.0 - _AROUND))
            far = int(reach * (1.0 + _AROUND))
            if far <= good:
                # Foretold too little: what fails is not the stretch's bend but something at its
                # end.
                near = good + 1 + room // 3
                far = good + 1 + 2 * room // 3
            margin = room >> 3
            near = min(max(near, good + 1 + margin), bad - 1 - margin)
            far = min(max(far, near), bad - 1 - margin)
    return good, kind, best_end


@helper
def _fit_interval(xs, ys, along, interval, limits, knots, segments, kinds, made):
    """Cover an interval with segments, each about as long as the bound allows. Returns the number
    of segments made so far.

    interval  first and last position, whether it lies between corners (else it is a closed loop),
    the places of these corners
    """
    first, last, is_open, _, _, _, _ = interval
    i = first
    guess = _FIRST_TRIAL
    joint = _joint(xs, ys, i, interval)
    while i < last:
        longest = last - i
        if not is_open:
            longest = min(longest, (last - first + 1) // 2)  # a closed smooth loop needs two segments at least
        good, kind, joint = _longest_segment(
            xs, ys, along, i, joint, longest, guess, interval, limits, knots, segments, 6 * made
        )
        guess = max(good, _FIRST_TRIAL)
        kinds[made] = kind
        made += 1
        i += good
    return made


@helper
def _fit_path(points, begin, n, bounds, xs, ys, along, turns, work, segments, kinds, made):
    """Fit one path of n points. Returns the number of segments made so far."""
    midpoints = bounds[MIDPOINTS] != 0.0
    limits = (bounds[ERROR], bounds[SPREAD] * bounds[SPREAD], _STRIDE_SOFTENED if midpoints else _STRIDE)
    unroll(points, begin, n, xs, ys)
    count = find_corners(xs, ys, n, bounds[ARM_SPREAD] * bounds[ARM_SPREAD], bounds[DEPTH], turns, work, KNOTS)
    if midpoints:
        soften(xs, ys, n, turns, along)
    if count == 0:
        measure(xs, ys, PAD, PAD + n, along)
        loop = (PAD, PAD + n, False, 0.0, 0.0, 0.0, 0.0)
        return _fit_interval(xs, ys, along, loop, limits, work, segments, kinds, made)
    # The last interval ends in the first corner once more, one round later.
    first = int(work[KNOTS])
    extend(xs, ys, n, first)
    measure(xs, ys, first, first + n, along)
    for c in range(count):
        after = c + 1 if c + 1 < count else 0
        here = KNOTS + 3 * c
        there = KNOTS + 3 * after
        begins = int(work[here])
        ends = int(work[there]) + (0 if after > c else n)
        interval = (begins, ends, True, work[here + 1], work[here + 2], work[there + 1], work[there + 2])
        made = _fit_interval(xs, ys, along, interval, limits, work, segments, kinds, made)
    return made


# Outlines of so few points are those of one or two pixels: a dot. No stretch of them has a
# direction.
_OVAL_POINTS_MAX = 6
# How far the handles of half an oval lead, in its half height: its top is then where it should be.
_OVAL_HANDLE = 4.0 / 3.0


@helper
def _fit_oval(points, begin, n, segments, kinds, made):
    """An oval as wide and as high as n points, the same way round. Returns the number of segments
    made so far.
    """
    left = right = points[2 * begin]
    top = bottom = points[2 * begin + 1]
    twice_area = 0.0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        x, y = points[2 * (begin + i)], points[2 * (begin + i) + 1]
        left, right = min(left, x), max(right, x)
        top, bottom = min(top, y), max(bottom, y)
        twice_area += x * points[2 * (begin + j) + 1] - points[2 * (begin + j)] * y
    middle = 0.5 * (top + bottom)
    rise = 0.5 * _OVAL_HANDLE * (bottom - top)
    rise = -rise if twice_area > 0.0 else rise
    for half in range(2):
        here, there = (left, right) if half == 0 else (right, left)
        at = 6 * (made + half)
        segments[at] = here
        segments[at + 1] = middle + rise
        segments[at + 2] = there
        segments[at + 3] = middle + rise
        segments[at + 4] = there
        segments[at + 5] = middle
        kinds[made + half] = CUBIC
        rise = -rise
    return made + 2


@kernel("i64(const f64*, const i64*, i64, const f64*, f64*, f64*, f64*, u8*, f64*, f64*, u8*, i64*)")
def fit_paths(points, offsets, path_count, bounds, xs, ys, along, turns, work, segments, kinds, segment_offsets):
    """Fit paths that lie one after the other.

    points           as in Paths
    offsets          the part of those in Paths that begins with the first path, i64 (path_count +
                     1,) at least
    bounds           f64 (BOUNDS,), see there
    xs, ys, along    scratch f64, (2 n + 2 PAD,) each for the longest path of n points
    turns            scratch u8, (n,)
    work             scratch f64, (KNOTS + 3 n,): the knots of a segment, and then a path's corners
    segments         out f64, (point count, 3, 2); kinds out u8; segment_offsets out i64, (paths +
                     1), starting at 0
    Returns the number of segments.
    """
    made = 0
    segment_offsets[0] = 0
    for path in range(path_count):
        begin = offsets[path]
        n = offsets[path + 1] - begin
        if n <= _OVAL_POINTS_MAX and bounds[MIDPOINTS] == 0.0:
            made = _fit_oval(points, begin, n, segments, kinds, made)
        else:
            made = _fit_path(points, begin, n, bounds, xs, ys, along, turns, work, segments, kinds, made)
        segment_offsets[path + 1] = made
    return made


@kernel("i64(const i64*, i64, i64, i64, i64*)")
def append_offsets(part, part_chains, chains, made, offsets):
    """Go on with the offsets of `chains` chains, which have `made` segments, by those of a part.
    Returns how many chains there are.

    part i64 (part_chains + 1,), from 0 on; offsets out i64, (chains + part_chains + 1,) at least
    """
    for i in range(part_chains + 1):
        offsets[chains + i] = made + part[i]
    return chains + part_chains
