"""Fitting: a closed polygon of edge points becomes few cubic Béziers and lines under one error
bound.

The way, per path: its corners are found (`corners.py`); between corners, segments are taken as long
as one line or cubic (`cubic.py`) stays within the bound (`_fit_interval`): each trial's error
foretells the length of the next. All points are checked before a segment is accepted.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.corners import PAD, SOFT_HALF, extend, find_corners, measure, soften, soften_stretch, unroll
from linefinish.kernels.cubic import KNOTS, TURNS_BACK, control_points, cubic_error, fit_one, fit_two

__all__ = ["KNOTS", "PAD", "append_offsets", "fit_paths", "path_starts", "raise_levels", "refit_paths", "replace_chains"]

LINE, CUBIC = 0, 1

# What `fit_paths` is bound by: f64 (BOUNDS,), its `bounds`. The first four are in pixels.
ERROR = 0  # the largest distance of a point from its segment
SPREAD = 1  # the largest root mean square distance of a segment's points: none may lie off all along
ARM_SPREAD = 2  # the same of the points of a corner's arm from its line
DEPTH = 3  # the least depth of a corner
MIDPOINTS = 4  # 1 if the points are middles of pixel edges: staircases, which are evened out first
WIDTH, HEIGHT = 5, 6  # of the page: no end and no handle lies outside
BOUNDS = 7

# What is known of a segment beside its curve, in one number, its *place*: where it begins, as the
# number of a point of its path (or that and the number of points, beyond the end), and in the
# lowest bits: its level, whether it is a cubic, whether it is to be fitted anew or has just been,
# which eighths of it are, and whether it may come near another segment (`crossings.py`).
START_SHIFT = 13
_LEVEL_BITS, _KIND_SHIFT, _EIGHTHS_SHIFT = 3, 2, 4
ANEW, NEAR = 8, 4096
# Levels. A segment that crosses another is fitted anew, closer to its points; one that still does
# once more, from one of them to another and not to an apex beyond; and in the end it becomes the
# polygon of its points, of which none crosses another.
_CLOSER, _FROM_POINTS, POLYGON = 1, 2, 3
# What is known of paths that are fitted anew: i64 (1 + REFIT · paths,), how many there are, and of
# each its first point, its number of points, its chain's first segment and number of segments, and
# how many segments it has afterwards.
REFIT = 5

# By how much closer. Less: more segments become polygons; more: more segments.
_CLOSER_BY = 2.0
# So many points on either side of the place are fitted closer as well; the rest as before.
_CLOSER_AROUND = 3
# Where two squares of pixels touch in a corner, so much of each is cut off, in pixels: the least
# that keeps them apart in units of 1/16 px.
_CHAMFER_PX = 0.0625
# Points of a path up to which it is asked whether its curve runs around it the right way: smoothing
# over seven points may turn one of four inside out.
_TINY_POINTS = 16
# How near a point of such a polygon may lie to the centre of a pixel, in pixels: so much that
# rounding to 1/16 px keeps the points of different paths apart.
_CENTRE_MARGIN_PX = 0.125

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
# How far the sides of a square of pixels may lie from a row or column, in pixels, as in
# `corners.py`.
_SQUARE_PX = 0.02
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
                        if error_near < TURNS_BACK:
                            kind = _keep_cubic(ends_near, handles_n, end_near, segments, at)
                        else:
                            kind = _keep_line(start, end_near, segments, at)
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
def _fit_interval(xs, ys, along, interval, limits, close, knots, segments, kinds, places, made):
    """Cover an interval with segments, each about as long as the bound allows. Returns the number
    of segments made so far.

    close     the positions from and to which it is fitted closer

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
        tolerance, spread2, stride, width, height = limits
        if i < close[0]:
            longest = min(longest, close[0] - i)
        elif i < close[1]:
            longest = min(longest, close[1] - i)
            tolerance = tolerance / _CLOSER_BY
            spread2 = spread2 / (_CLOSER_BY * _CLOSER_BY)
            stride = 1
        good, kind, joint = _longest_segment(
            xs, ys, along, i, joint, longest, guess, interval, (tolerance, spread2, stride, width, height), knots,
            segments, 6 * made
        )
        guess = max(good, _FIRST_TRIAL)
        kinds[made] = kind
        places[made] = ((i - PAD) << START_SHIFT) | (kind << _KIND_SHIFT)
        made += 1
        i += good
    return made


@helper
def _fit_path(points, begin, n, bounds, xs, ys, along, work, segments, kinds, places, made):
    """Fit one path of n points. Returns the number of segments made so far.

    Until the path's own are written, there is scratch for its n points behind the last of `kinds`.
    """
    midpoints = bounds[MIDPOINTS] != 0.0
    limits = (bounds[ERROR], bounds[SPREAD] * bounds[SPREAD], _STRIDE_SOFTENED if midpoints else _STRIDE, bounds[WIDTH], bounds[HEIGHT])
    unroll(points, begin, n, xs, ys)
    count = find_corners(xs, ys, n, bounds[ARM_SPREAD] * bounds[ARM_SPREAD], bounds[DEPTH], kinds, made, work, KNOTS)
    if midpoints:
        soften(xs, ys, n, kinds, made, along)
    if count == 0:
        measure(xs, ys, PAD, PAD + n, along)
        loop = (PAD, PAD + n, False, 0.0, 0.0, 0.0, 0.0)
        return _fit_interval(xs, ys, along, loop, limits, (PAD + n, PAD + n), work, segments, kinds, places, made)
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
        made = _fit_interval(xs, ys, along, interval, limits, (ends, ends), work, segments, kinds, places, made)
    return made


# Outlines of so few points are those of one or two pixels: a dot. No stretch of them has a
# direction.
_OVAL_POINTS_MAX = 6
# How far the handles of half an oval lead, in its half height: its top is then where it should be.
_OVAL_HANDLE = 4.0 / 3.0


@helper
def _is_dot(n, bounds):
    return n <= _OVAL_POINTS_MAX and bounds[MIDPOINTS] == 0.0


@helper
def _fit_oval(points, begin, n, segments, kinds, places, made):
    """An oval as wide and as high as n points, the same way round. Returns the number of segments
    made so far.

    Its halves begin and end at its leftmost and its rightmost point, each at its middle height.
    """
    leftmost = rightmost = 0
    left = right = points[2 * begin]
    top = bottom = points[2 * begin + 1]
    twice_area = 0.0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        x, y = points[2 * (begin + i)], points[2 * (begin + i) + 1]
        if x < left:
            left = x
            leftmost = i
        if x > right:
            right = x
            rightmost = i
        top, bottom = min(top, y), max(bottom, y)
        twice_area += x * points[2 * (begin + j) + 1] - points[2 * (begin + j)] * y
    middle = 0.5 * (top + bottom)
    rise = 0.5 * _OVAL_HANDLE * (bottom - top)
    rise = -rise if twice_area > 0.0 else rise
    start = leftmost
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
        places[made + half] = (start << START_SHIFT) | (CUBIC << _KIND_SHIFT)
        start = rightmost if rightmost > leftmost else rightmost + n
        rise = -rise
    return made + 2


@helper
def _keep_on_page(segments, begin, end, width, height):
    """Move what lies outside to the border: a corner's apex, a handle."""
    for k in range(begin, end):
        for i in range(3):
            segments[6 * k + 2 * i] = min(max(segments[6 * k + 2 * i], 0.0), width)
            segments[6 * k + 2 * i + 1] = min(max(segments[6 * k + 2 * i + 1], 0.0), height)


@helper
def _inwards(value):
    """A coordinate between the centres of two pixels, away from either."""
    centre = math.floor(value - 0.5) + 0.5
    return centre + min(max(value - centre, _CENTRE_MARGIN_PX), 1.0 - _CENTRE_MARGIN_PX)


@helper
def _vertex(points, begin, n, q):
    """Point q of a path, which lies on the line between two pixels' centres, not too near to
    either.
    """
    at = 2 * (begin + (q if q < n else q - n))
    x = points[at]
    y = points[at + 1]
    upright = math.floor(x) + 0.5 == x
    level = math.floor(y) + 0.5 == y
    if upright and not level:
        y = _inwards(y)
    elif level and not upright:
        x = _inwards(x)
    return x, y


@helper
def _keep_polygon(points, begin, n, segments, kinds, places, made):
    """A path as the polygon of its points. Returns the number of segments made so far."""
    for q in range(n):
        _keep_line(_vertex(points, begin, n, q), _vertex(points, begin, n, q + 1), segments, 6 * (made + q))
        kinds[made + q] = LINE
        places[made + q] = (q << START_SHIFT) | POLYGON
    return made + n


@helper
def _is_inside_out(points, begin, n, segments, first, last):
    """Whether the control polygons of a path's segments run around it the other way than its
    points.
    """
    area = 0.0
    for k in range(n):
        after = begin + (k + 1 if k + 1 < n else 0)
        area += points[2 * (begin + k)] * points[2 * after + 1] - points[2 * after] * points[2 * (begin + k) + 1]
    fitted = 0.0
    x = segments[6 * last - 2]
    y = segments[6 * last - 1]
    for k in range(3 * first, 3 * last):
        fitted += x * segments[2 * k + 1] - segments[2 * k] * y
        x = segments[2 * k]
        y = segments[2 * k + 1]
    return area * fitted <= 0.0


@kernel("i64(const f64*, const i64*, i64, const f64*, f64*, f64*, f64*, f64*, f64*, u8*, i64*, i64*)")
def fit_paths(points, offsets, path_count, bounds, xs, ys, along, work, segments, kinds, places, segment_offsets):
    """Fit paths that lie one after the other.

    points           as in Paths
    offsets          the part of those in Paths that begins with the first path, i64 (path_count +
                     1,) at least
    bounds           f64 (BOUNDS,), see there
    xs, ys, along    scratch f64, (2 n + 2 PAD,) each for the longest path of n points
    work             scratch f64, (KNOTS + 3 n,): the knots of a segment, and then a path's corners
    segments         out f64, (point count, 3, 2); kinds out u8, (point count,)
    places           out i64, (point count,): of each segment, see START_SHIFT
    segment_offsets  out i64, (paths + 1), starting at 0
    Returns the number of segments.
    """
    made = 0
    segment_offsets[0] = 0
    for path in range(path_count):
        begin = offsets[path]
        n = offsets[path + 1] - begin
        first = made
        if _is_dot(n, bounds):
            made = _fit_oval(points, begin, n, segments, kinds, places, made)
        else:
            made = _fit_path(points, begin, n, bounds, xs, ys, along, work, segments, kinds, places, made)
            if n <= _TINY_POINTS and _is_inside_out(points, begin, n, segments, first, made):
                made = _keep_polygon(points, begin, n, segments, kinds, places, first)
        _keep_on_page(segments, first, made, bounds[WIDTH], bounds[HEIGHT])
        segment_offsets[path + 1] = made
    return made


@helper
def _eighths(place):
    """The first and the last eighth of a segment that is to be fitted closer."""
    lowest = 0
    highest = 7
    marks = place >> _EIGHTHS_SHIFT
    while lowest < 7 and (marks >> lowest) & 1 == 0:
        lowest += 1
    while highest > lowest and (marks >> highest) & 1 == 0:
        highest -= 1
    return lowest, highest


@helper
def _are_square(segments, places, k, after, base, count):
    """Whether two segments, the second of which follows the first, are both to be fitted closer,
    and the sides of a square of pixels that meet in its corner.
    """
    if count < 4 or places[k] & (ANEW | _LEVEL_BITS) != ANEW | _CLOSER or places[after] & (ANEW | _LEVEL_BITS) != ANEW | _CLOSER:
        return False
    if (places[k] >> _KIND_SHIFT) & 1 != LINE or (places[after] >> _KIND_SHIFT) & 1 != LINE:
        return False
    before = k - 1 if k > base else base + count - 1
    x, y = segments[6 * k + 4], segments[6 * k + 5]
    ux, uy = x - segments[6 * before + 4], y - segments[6 * before + 5]
    vx, vy = segments[6 * after + 4] - x, segments[6 * after + 5] - y
    straight = (abs(ux) <= _SQUARE_PX and abs(vy) <= _SQUARE_PX) or (abs(uy) <= _SQUARE_PX and abs(vx) <= _SQUARE_PX)
    return straight and abs(x - math.floor(x + 0.5)) <= _SQUARE_PX and abs(y - math.floor(y + 0.5)) <= _SQUARE_PX


@helper
def _unroll_stretch(points, begin, n, start, stop, xs, ys):
    """The points start … stop of a path at positions from PAD on, and PAD of its points before and
    after.
    """
    q = (start - PAD) % n
    for k in range(stop - start + 1 + 2 * PAD):
        xs[k] = points[2 * (begin + q)]
        ys[k] = points[2 * (begin + q) + 1]
        q = q + 1 if q + 1 < n else 0


@helper
def _refit_path(points, path, bounds, xs, ys, along, work, segments, places, new_segments, new_kinds, new_places):
    """Fit those segments of a path anew whose place says so, and keep the others. Returns the
    number of new segments made so far.

    path  its first point, its number of points, the chain's first segment and their number, and how
          many new segments were made before

    Where two segments meet, both keep their end, unless one of them goes from point to point: then
    they meet in a point of the path.
    """
    begin, n, base, count, made = path
    if _is_dot(n, bounds):  # half an oval follows no points that could be followed closer
        begun = made
        made = _keep_polygon(points, begin, n, new_segments, new_kinds, new_places, made)
        for at in range(begun, made):
            new_places[at] |= ANEW
        _keep_on_page(new_segments, begun, made, bounds[WIDTH], bounds[HEIGHT])
        return made
    first = places[base] >> START_SHIFT
    stride = _STRIDE_SOFTENED if bounds[MIDPOINTS] != 0.0 else _STRIDE
    limits = (bounds[ERROR], bounds[SPREAD] * bounds[SPREAD], stride, bounds[WIDTH], bounds[HEIGHT])
    for k in range(count):
        before = base + (k - 1 if k > 0 else count - 1)
        after = base + (k + 1 if k + 1 < count else 0)
        here = base + k
        place = places[here]
        level = place & _LEVEL_BITS
        start = place >> START_SHIFT
        stop = first + n if after == base else places[after] >> START_SHIFT
        ax, ay = segments[6 * before + 4], segments[6 * before + 5]
        zx, zy = segments[6 * here + 4], segments[6 * here + 5]
        if max(level, places[before] & _LEVEL_BITS) >= _FROM_POINTS:
            ax, ay = _vertex(points, begin, n, start)
        if max(level, places[after] & _LEVEL_BITS) >= _FROM_POINTS:
            zx, zy = _vertex(points, begin, n, stop)
        anew = place & ANEW != 0
        # One of the ends has moved.
        anew = anew or (level < _FROM_POINTS and places[before] & ANEW != 0 and places[before] & _LEVEL_BITS >= _FROM_POINTS)
        anew = anew or (level < _FROM_POINTS and places[after] & ANEW != 0 and places[after] & _LEVEL_BITS >= _FROM_POINTS)
        if not anew:
            for i in range(6):
                new_segments[6 * made + i] = segments[6 * here + i]
            # One that was cut from a stretch between points met its neighbour beside these. Where
            # that is a polygon now it begins in another place, so it is looked at again.
            polygon_before = places[before] & (ANEW | _LEVEL_BITS) == ANEW | POLYGON
            new_places[made] = place | (ANEW if level == _FROM_POINTS and polygon_before else 0)
            made += 1
            continue
        begun = made
        if stop - start == 0:  # a corner that was cut off
            _keep_line((ax, ay), (zx, zy), new_segments, 6 * made)
            new_places[made] = (start << START_SHIFT) | level
            made += 1
        elif level == POLYGON or stop - start == 1:
            from_x, from_y = ax, ay
            for q in range(start + 1, stop + 1):
                to_x, to_y = zx, zy
                if q < stop:
                    to_x, to_y = _vertex(points, begin, n, q if q < 2 * n else q - n)
                _keep_line((from_x, from_y), (to_x, to_y), new_segments, 6 * made)
                new_places[made] = ((q - 1) << START_SHIFT) | level
                made += 1
                from_x, from_y = to_x, to_y
        elif _are_square(segments, places, before, here, base, count) or _are_square(segments, places, here, after, base, count):
            length = max(abs(zx - ax) + abs(zy - ay), 1e-9)
            ux, uy = _CHAMFER_PX * (zx - ax) / length, _CHAMFER_PX * (zy - ay) / length
            from_x, from_y = ax, ay
            if _are_square(segments, places, before, here, base, count):
                from_x, from_y = ax + ux, ay + uy
                _keep_line((ax, ay), (from_x, from_y), new_segments, 6 * made)
                new_places[made] = (start << START_SHIFT) | _CLOSER
                made += 1
            if _are_square(segments, places, here, after, base, count):
                zx, zy = zx - ux, zy - uy
            _keep_line((from_x, from_y), (zx, zy), new_segments, 6 * made)
            new_places[made] = (start << START_SHIFT) | _CLOSER
            made += 1
        else:
            lowest, highest = _eighths(place)
            per_eighth = (stop - start) / 8.0
            near = max(start, start + int(lowest * per_eighth) - _CLOSER_AROUND)
            far = min(stop, start + int((highest + 1) * per_eighth) + _CLOSER_AROUND)
            if (place >> _EIGHTHS_SHIFT) & 255 == 0:  # only an end of it has moved
                near, far = stop, stop
            if level == _FROM_POINTS:
                near, far = start, stop
            _unroll_stretch(points, begin, n, start, stop, xs, ys)
            if bounds[MIDPOINTS] != 0.0 and n > 2 * SOFT_HALF:
                soften_stretch(xs, ys, PAD, PAD + stop - start, new_kinds, made, along)
            measure(xs, ys, PAD, PAD + stop - start, along)
            interval = (PAD, PAD + stop - start, True, ax, ay, zx, zy)
            close = (PAD + near - start, PAD + far - start)
            made = _fit_interval(xs, ys, along, interval, limits, close, work, new_segments, new_kinds, new_places, made)
            for at in range(begun, made):
                new_places[at] += start << START_SHIFT
                if near <= new_places[at] >> START_SHIFT < far:
                    new_places[at] |= level
        for at in range(begun, made):
            new_places[at] |= ANEW
        _keep_on_page(new_segments, begun, made, bounds[WIDTH], bounds[HEIGHT])
    return made


@kernel("i64(const f64*, i64*, const f64*, f64*, f64*, f64*, f64*, const f64*, const i64*, f64*, u8*, i64*)")
def refit_paths(points, wanted, bounds, xs, ys, along, work, segments, places, new_segments, new_kinds, new_places):
    """Fit those segments of some paths anew whose places say so (`raise_levels`), and keep their
    others.

    points         of these paths and perhaps of others, f64 (…, 2); asked are those of segments
                   that are fitted anew, of their neighbours, and PAD on either side
    wanted         in and out, i64, see REFIT
    bounds, xs, ys, along, work  as for `fit_paths`
    segments, places  those of all paths, f64 (…, 3, 2) and i64
    new_segments   out, f64 (points of the paths, 3, 2) at most, one path after the other
    new_places     out, i64; new_kinds out, u8, and scratch for the points of a segment and 2 PAD
    Returns the number of segments.
    """
    made = 0
    for path in range(wanted[0]):
        at = 1 + REFIT * path
        begun = made
        shape = (wanted[at], wanted[at + 1], wanted[at + 2], wanted[at + 3], made)
        made = _refit_path(points, shape, bounds, xs, ys, along, work, segments, places, new_segments, new_kinds, new_places)
        wanted[at + 4] = made - begun
    return made


@kernel("i64(i64*, i64, const i64*, const f64*, const i64*, f64*, u8*, i64*)")
def replace_chains(offsets, chain_count, wanted, new_segments, new_places, segments, kinds, places):
    """Put chains that were fitted anew in the place of their former ones. Returns the number of
    segments.

    offsets, segments, kinds, places  of all, in and out, with room for what is more: no chain has
        fewer segments than before, so all can be moved up, from the last to the first
    wanted, new_segments, new_places  from `refit_paths`
    """
    path = wanted[0] - 1
    end = offsets[chain_count]
    to = end
    new = 0
    for k in range(wanted[0]):
        more = wanted[1 + REFIT * k + 4]
        to += more - wanted[1 + REFIT * k + 3]
        new += more
    total = to
    chain = chain_count - 1
    while chain >= 0 and path >= 0:
        at = 1 + REFIT * path
        begin = offsets[chain]
        offsets[chain + 1] = to
        if wanted[at + 2] == begin and end > begin:
            for _ in range(wanted[at + 4]):
                to -= 1
                new -= 1
                for i in range(6):
                    segments[6 * to + i] = new_segments[6 * new + i]
                places[to] = new_places[new]
                kinds[to] = (new_places[new] >> _KIND_SHIFT) & 1
            path -= 1
        else:
            for k in range(end - begin):
                to -= 1
                for i in range(6):
                    segments[6 * to + i] = segments[6 * (end - 1 - k) + i]
                places[to] = places[end - 1 - k]
                kinds[to] = kinds[end - 1 - k]
        end = begin
        chain -= 1
    return total


@kernel("i64(const i64*, i64, const u8*, i64*, u8*)")
def raise_levels(offsets, chain_count, marks, places, touched):
    """Ask for the marked segments to be fitted anew, one level closer. Returns how many there are.

    offsets  i64 (chain_count + 1,), as in Curves; marks u8, one a segment; places in and out i64
    touched  out, u8 (chain_count,): whether a chain has such a segment
    """
    raised = 0
    for chain in range(chain_count):
        touched[chain] = 0
        for k in range(offsets[chain], offsets[chain + 1]):
            places[k] &= ~ANEW
            if marks[k] != 0 and places[k] & _LEVEL_BITS < POLYGON:
                places[k] = (places[k] + 1) | ANEW | (marks[k] << _EIGHTHS_SHIFT)
                touched[chain] = 1
                raised += 1
    return raised


@kernel("i64(const f64*, const i64*, i64, i64*)")
def path_starts(points, offsets, path_count, starts):
    """Where each path's first crack is, by which it can be followed once more: its row times 2^32
    and its column, as bits of `boundary.crack_map`. Returns path_count.

    points, offsets  as in Paths; starts out, i64 (path_count,)
    """
    for path in range(path_count):
        at = 2 * offsets[path]
        # It is a vertical crack, whose point moves along its row by less than half a pixel.
        starts[path] = (i64(math.floor(points[at + 1] + 0.5)) << 32) + i64(math.floor(points[at] + 0.5)) + 1
    return path_count


@kernel("i64(const i64*, i64, i64, i64, i64*)")
def append_offsets(part, part_chains, chains, made, offsets):
    """Go on with the offsets of `chains` chains, which have `made` segments, by those of a part.
    Returns how many chains there are.

    part i64 (part_chains + 1,), from 0 on; offsets out i64, (chains + part_chains + 1,) at least
    """
    for i in range(part_chains + 1):
        offsets[chains + i] = made + part[i]
    return chains + part_chains
