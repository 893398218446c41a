"""The four sides of a sheet: what lies on both sides of them, and where exactly they run.

A side is looked at by profiles: samples of the picture along lines across it. Medians over them
leave out fingers, folds and what is drawn up to the edge.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.quads import cell_of, median_of, ranked

# --- judged in the small picture
# ------------------------------------------------------------

# So many profiles a side, not within 4 % of its ends, reaching 26 px out and in.
_PROFILES, _MARGIN, _REACH = 36, 0.04, 26
_COLUMNS = 2 * _REACH + 1
_THIRD = _PROFILES // 3
# What is found of a side, by index: 0 if too little of it lies in the picture; the share of it with
# the same step of colour; the step in greys; how light the sheet is along it; 1 where the sheet is
# lighter than the ground; 1 where it is a drawn line, FAINT where it may be a pale one; how much
# the ground varies along it; how rough the sheet is along it; its colour (two of three shares); 1
# where those three are known; the share of its first and of its last third with the same step; the
# share of it where paper goes on beyond.
SEEN, SHARE, STEP, LIGHT, LIGHTER, INK, GRAIN, ROUGH, RED, GREEN, RIMMED = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
FIRST, LAST, PAPER = 11, 12, 13
SIDE = 14
FAINT = 0.5
# A profile agrees where its step is this share of the side's.
_STEP_MIN, _STEP_SHARE = 1.5, 0.3
# Where there is no step, the sheet has this share of the side's light, and no channel differs by
# more than the second share of it, paper goes on. Larger: a white check of a cloth is paper.
_PAPER_SHARE, _PAPER_APART = 0.8, 0.03
# A printed rule is darker than its paper by so many greys and less than this share of its light.
# Smaller: noise is a rule; larger: the shadow of a sheet is one.
_RULE_MIN, _RULE_SHARE = 2.5, 0.12
# Beyond a drawn line the paper is no lighter than this many times what it is within. Larger: the
# shadow of toned paper on a light ground is a line.
_ALIKE = 1.18
# A median of so many profiles along the side is what a rim without drawing looks like.
_RIM_WINDOW = 9
# Items of scratch: the samples, medians inside and outside, steps, and room to sort.
JUDGE_SCRATCH = 3 * _PROFILES * _COLUMNS + 16 * _PROFILES + 512


@helper
def _channels(rgb, width, height, x, y, scratch, at):
    """The three channels between pixels, bilinear: scratch[at : at + 3]."""
    a, b, c, d, u, v = cell_of(width, height, x, y)
    for channel in range(3):
        upper = (1.0 - u) * i64(rgb[3 * a + channel]) + u * i64(rgb[3 * b + channel])
        lower = (1.0 - u) * i64(rgb[3 * c + channel]) + u * i64(rgb[3 * d + channel])
        scratch[at + channel] = (1.0 - v) * upper + v * lower
    return 0


@helper
def _chord(corners, k):
    """The ends of a side, and the middle of all corners."""
    j = (k + 1) & 3
    cx = 0.25 * (corners[0] + corners[2] + corners[4] + corners[6])
    cy = 0.25 * (corners[1] + corners[3] + corners[5] + corners[7])
    return corners[2 * k], corners[2 * k + 1], corners[2 * j], corners[2 * j + 1], cx, cy


@helper
def _outwards(ax, ay, bx, by, cx, cy):
    """The unit vector across a side, away from the middle; and the side's length."""
    length = max(math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay)), 1e-9)
    ox, oy = (by - ay) / length, -(bx - ax) / length
    if ox * (ax - cx) + oy * (ay - cy) < 0.0:
        ox, oy = -ox, -oy
    return ox, oy, length


@helper
def _bow(c2, c3, t):
    """How far a curve lies outwards of the chord between its ends."""
    return -t * (1.0 - t) * (c2 + c3 * (1.0 + t))


@helper
def _judge_side(rgb, width, height, corners, bows, k, real, scratch, facts):
    ax, ay, bx, by, cx, cy = _chord(corners, k)
    at = SIDE * k
    ox, oy, _ = _outwards(ax, ay, bx, by, cx, cy)
    inner = 3 * _PROFILES * _COLUMNS  # per profile: inside 3, outside 3, light, marks
    sorting = inner + 12 * _PROFILES
    for item in range(SIDE):
        facts[at + item] = 0.0
    rows, rim_rows, early, late = 0, 0, 0, 0
    for i in range(_PROFILES):
        t = _MARGIN + (1.0 - 2.0 * _MARGIN) * i / (_PROFILES - 1)
        bow = _bow(bows[2 * k], bows[2 * k + 1], t)
        x, y = ax + (bx - ax) * t + bow * ox, ay + (by - ay) * t + bow * oy
        whole, near = 1, 0
        for d in range(38):
            px, py = x + (d - _REACH) * ox, y + (d - _REACH) * oy
            if not (0.5 <= px <= width - 0.5 and 0.5 <= py <= height - 0.5):
                whole = 0
            elif 14 <= d <= 23:
                near += 1
        # the rim is 3 to 12 px inside; it is sampled alone where the side leaves the picture
        row = 3 * rows * _COLUMNS
        for d in range(_COLUMNS if whole == 1 else 24 if near > 6 else 0):
            if whole == 1 or d >= 14:
                _channels(rgb, width, height, x + (d - _REACH) * ox - 0.5, y + (d - _REACH) * oy - 0.5, scratch, row + 3 * d)
        if whole == 1 or near > 6:
            for channel in range(3):
                for d in range(10):
                    scratch[sorting + d] = scratch[row + 3 * (14 + d) + channel]
                inside = median_of(scratch, sorting, 10)
                if near > 6:
                    scratch[inner + 8 * _PROFILES + 3 * rim_rows + channel] = inside
                if whole == 1:
                    for d in range(4):
                        scratch[sorting + d] = scratch[row + 3 * (_REACH + 2 + d) + channel]
                    scratch[inner + 3 * rows + channel] = inside - median_of(scratch, sorting, 4)
                    scratch[inner + 3 * _PROFILES + rows] = inside / 3.0 + (scratch[inner + 3 * _PROFILES + rows] if channel > 0 else 0.0)
            rows += whole
            early += whole if i < _THIRD else 0
            late += whole if i >= _PROFILES - _THIRD else 0
            rim_rows += 1 if near > 6 else 0
    if rim_rows >= 4:
        _judge_rim(scratch, inner + 8 * _PROFILES, rim_rows, sorting, facts, at)
    if real == 0 or rows < 5:
        return 0
    facts[at + SEEN] = 1.0
    step_x, step_y, step_z = 0.0, 0.0, 0.0
    for channel in range(3):
        for i in range(rows):
            scratch[sorting + i] = scratch[inner + 3 * i + channel]
        middle = median_of(scratch, sorting, rows)
        if channel == 0:
            step_x = middle
        elif channel == 1:
            step_y = middle
        else:
            step_z = middle
    step = math.sqrt(step_x * step_x + step_y * step_y + step_z * step_z) + 1e-6
    agree, at_first, at_last, goes_on = 0, 0, 0, 0
    for i in range(rows):
        scratch[sorting + i] = scratch[inner + 3 * _PROFILES + i]
    lightness = median_of(scratch, sorting, rows)
    for i in range(rows):
        along = (
            scratch[inner + 3 * i] * step_x + scratch[inner + 3 * i + 1] * step_y + scratch[inner + 3 * i + 2] * step_z
        ) / step
        same = 1 if along > max(_STEP_MIN, _STEP_SHARE * step) else 0
        agree += same
        at_first += same if i < early else 0
        at_last += same if i >= rows - late else 0
        here = scratch[inner + 3 * _PROFILES + i]
        apart = max(max(abs(scratch[inner + 3 * i]), abs(scratch[inner + 3 * i + 1])), abs(scratch[inner + 3 * i + 2]))
        goes_on += 1 if same == 0 and here > _PAPER_SHARE * lightness and apart < _PAPER_APART * lightness else 0
    facts[at + SHARE] = agree / rows
    facts[at + FIRST] = at_first / early if early > 0 else 1.0
    facts[at + LAST] = at_last / late if late > 0 else 1.0
    facts[at + PAPER] = goes_on / rows
    facts[at + STEP] = step
    facts[at + LIGHT] = lightness
    facts[at + LIGHTER] = 1.0 if step_x + step_y + step_z > 0.0 else 0.0
    # the profile of light, median over the side; and how much the ground varies along it
    profile = sorting + 128
    varying = profile + _COLUMNS
    columns = 0
    for d in range(_REACH - 16, _COLUMNS):
        mean = 0.0
        for i in range(rows):
            base = 3 * (i * _COLUMNS + d)
            here = (scratch[base] + scratch[base + 1] + scratch[base + 2]) * (1.0 / 3.0)
            scratch[sorting + i] = here
            mean += here
        mean /= rows
        if d >= _REACH + 10:
            spread = 0.0
            for i in range(rows):
                spread += (scratch[sorting + i] - mean) * (scratch[sorting + i] - mean)
            scratch[varying + columns] = math.sqrt(spread / rows)
            columns += 1
        scratch[profile + d] = median_of(scratch, sorting, rows)
    facts[at + GRAIN] = median_of(scratch, varying, columns)
    facts[at + INK] = _is_ink(scratch, profile, lightness, step_x + step_y + step_z)
    return 1


@helper
def _judge_rim(scratch, rim, rows, sorting, facts, at):
    """How rough the inside is along the side, and its colour."""
    rough = 0.0
    for i in range(rows):
        off, whole = 0.0, 0.0
        for channel in range(3):
            for k in range(_RIM_WINDOW):
                j = min(max(i + k - _RIM_WINDOW // 2, 0), rows - 1)
                scratch[sorting + k] = scratch[rim + 3 * j + channel]
            trend = median_of(scratch, sorting, _RIM_WINDOW)
            off += abs(scratch[rim + 3 * i + channel] - trend) / 3.0
            whole += trend / 3.0
        rough += off / (whole + 8.0)
    facts[at + ROUGH] = rough / rows
    for channel in range(2):
        for i in range(rows):
            whole = scratch[rim + 3 * i] + scratch[rim + 3 * i + 1] + scratch[rim + 3 * i + 2] + 1e-6
            scratch[sorting + i] = scratch[rim + 3 * i + channel] / whole
        facts[at + RED + channel] = median_of(scratch, sorting, rows)
    facts[at + RIMMED] = 1.0
    return 0


@helper
def _is_ink(scratch, profile, lightness, step):
    """Whether the side is a drawn line, seen from within it or from without: dark, and light again
    as sharply.
    """
    middle = profile + _REACH
    darkest = middle
    for d in range(15):
        if scratch[middle + d] < scratch[darkest]:
            darkest = middle + d
    dark = scratch[darkest]
    after, rise = 0.0, 0.0
    for d in range(darkest, middle + _REACH + 1):
        after = max(after, scratch[d])
        if d > darkest:
            rise = max(rise, scratch[d] - scratch[d - 1])
    fall = 0.0
    for d in range(middle - 4, middle + 14):
        fall = max(fall, scratch[d] - scratch[d + 1])
    depth = lightness - dark
    alike = after < _ALIKE * lightness
    if alike and depth > 0.22 * lightness and after - dark > 0.6 * depth and rise > 0.55 * fall:
        return 1.0
    # a faint rule, as of graph paper: narrow, and as light on its other side
    beyond = 0.0
    for d in range(darkest, min(darkest + 7, middle + _REACH + 1)):
        beyond = max(beyond, scratch[d])
    faint = _RULE_MIN < depth < _RULE_SHARE * lightness
    if faint and beyond - dark > 0.75 * depth and rise > 0.75 * fall and abs(after - lightness) < 0.5 * depth:
        return FAINT
    # from without: light, a dark line just inside, light again
    darkest = middle - 1
    for d in range(1, 17):
        if scratch[middle - d] < scratch[darkest]:
            darkest = middle - d
    dark = scratch[darkest]
    outer = 0.5 * (scratch[middle + 5] + scratch[middle + 6])
    after, rise, fall = 0.0, 0.0, 1e-6
    for d in range(middle - 16, darkest + 1):
        after = max(after, scratch[d])
        if d < darkest:
            rise = max(rise, scratch[d] - scratch[d + 1])
    for d in range(darkest, middle - 1):
        fall = max(fall, scratch[d + 1] - scratch[d])
    if step < 0.0 and darkest > middle - 16 and outer - dark > 0.22 * outer and after - dark > 0.6 * (outer - dark) and rise > 0.25 * fall:
        return 1.0
    return 0.0


@kernel("i64(const u8*, i64, i64, const f64*, const f64*, i64, f64*, f64*)")
def judge(rgb, width, height, corners, bows, real, scratch, facts):
    """What lies along the four sides of a quadrilateral. rgb u8 (height, width, 3), corners f64
    (4, 2) in pixels, side k from corner k to the next, bent by bows f64 (4, 2), c2 and c3 of its
    curve; bit k of `real` is 1 where side k is no border of the picture. scratch f64
    (JUDGE_SCRATCH,), facts f64 (4, SIDE).
    """
    for k in range(4):
        _judge_side(rgb, width, height, corners, bows, k, (real >> k) & 1, scratch, facts)
    return 0


# --- placed in the full picture
# ------------------------------------------------------------

# So many profiles a side, not within 3 % of its ends, sampled every half pixel.
_FINE, _FINE_MARGIN = 200, 0.03
# A Gaussian's derivative of 0.8 px, at half pixels 1 to 6: exp(-k² / 5.12) k, scaled. Narrower:
# noise; wider: the contact shadow draws the edge outwards.
_D1, _D2, _D3, _D4, _D5, _D6 = 0.08012, 0.08919, 0.05038, 0.01712, 0.00369, 0.00052
# Profiles are sampled so many pixels further than an edge is looked for, for those weights.
_TAPS_PX = 4
# What is found of a side, by index: offsets outwards from its chord, c0 + c1 t + c2 t² + c3 t³, t
# from 0 to 1; the share of profiles that agree; the sagitta; by how much neighbouring profiles
# stray from each other, in pixels; the share of the side inside the picture; how steep the edge is,
# in greys for each half pixel.
C0, C1, C2, C3, USED, SAGITTA, DEVIATION, VISIBLE, STEEP = 0, 1, 2, 3, 4, 5, 6, 7, 8
# Then how far the side lies outwards of that curve at t = 0, 1/8 … 1: the curl that no cubic has.
KNOT = 9
KNOTS = 9
FIT = KNOT + KNOTS
# A knot is told by profiles that agree with each other to this, mean deviation in pixels, and are
# no further from the curve.
_KNOT_SPREAD, _KNOT_REACH = 0.5, 8.0
# A steepest place counts from this share of how steep the 70th of 100 profiles is.
_STEEP_SHARE = 0.25
# Pairs of profiles tried for the line that most agree with, then threes for the parabola, and
# within how many pixels they do. A parabola needs this many times the line's agreement, and a
# sagitta of at most this share of the side: paper curls no further.
_TRIALS, _AGREE_PX = 120, 1.5
_PARABOLA_GAIN, _PARABOLA_SHARE = 1.1, 0.04
# A line that has this share of the agreement there can be is not bettered by more trials.
_NEARLY_ALL = 0.98
# Where in the scratch the profiles that count lie side by side: offsets, how steep, where along.
_OFFSETS, _STEEP, _TIMES = 3 * _FINE, 4 * _FINE, 5 * _FINE
# A side is straight where its curve lies nowhere further off its chord, in pixels.
_SAGITTA_MIN = 0.3
# A cubic follows a side of which this share agrees, from within this share of both ends on.
# Smaller: what is hidden is made up.
_CUBIC_USED, _CUBIC_ENDS = 0.6, 0.12
# Where neighbouring profiles stray by more, in pixels, it may be the shadow beside the paper that
# was followed: an edge that rises where this one falls is tried, and taken if it strays by less
# than this share.
_STRAYS_PX, _STRAYS_SHARE = 0.25, 0.7
# A shadow's inner edge is this many times as steep as its outer one, and its places stray less than
# this from each other, in pixels. Smaller: the noise of a dark sheet is an edge.
_SHARPER, _SHADOW_STRAYS_PX = 1.2, 0.25


def fit_scratch(reach: int) -> int:
    """Items of `refine`'s scratch for profiles that reach so many pixels."""
    return _FINE * 6 + 8 * (reach + _TAPS_PX) + 98


@helper
def _gray_at(gray, width, height, x, y):
    x = min(max(x, 0.0), width - 1.0)
    y = min(max(y, 0.0), height - 1.0)
    left, top = i64(x), i64(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    u, v = x - left, y - top
    upper = (1.0 - u) * i64(gray[top * width + left]) + u * i64(gray[top * width + right])
    lower = (1.0 - u) * i64(gray[bottom * width + left]) + u * i64(gray[bottom * width + right])
    return (1.0 - v) * upper + v * lower


@helper
def _time(i):
    return _FINE_MARGIN + (1.0 - 2.0 * _FINE_MARGIN) * i / (_FINE - 1)


@helper
def _profile(gray, width, height, x, y, ox, oy, reach, scratch, at):
    """Greys every half pixel across a side, and how steeply they fall, outwards positive, which
    stands behind them; `reach` with the taps.
    """
    columns = 4 * reach + 1
    far_x, far_y = abs(reach * ox), abs(reach * oy)
    if far_x <= x - 0.5 and x + far_x < width - 0.5 and far_y <= y - 0.5 and y + far_y < height - 0.5:
        for k in range(columns):  # all within: none is at the border
            d = 0.5 * (k - 2 * reach)
            px, py = max(x + d * ox - 0.5, 0.0), max(y + d * oy - 0.5, 0.0)
            left, top = min(i64(px), width - 2), min(i64(py), height - 2)
            u, v = px - left, py - top
            here = top * width + left
            upper = (1.0 - u) * i64(gray[here]) + u * i64(gray[here + 1])
            lower = (1.0 - u) * i64(gray[here + width]) + u * i64(gray[here + width + 1])
            scratch[at + k] = (1.0 - v) * upper + v * lower
    else:
        for k in range(columns):
            d = 0.5 * (k - 2 * reach)
            scratch[at + k] = _gray_at(gray, width, height, x + d * ox - 0.5, y + d * oy - 0.5)
    for k in range(6, columns - 6):
        scratch[at + columns + k] = _slope(scratch, at, k)
    return 0


@helper
def _slope(scratch, at, k):
    """How steeply a profile falls at k, outwards positive."""
    return (
        _D1 * (scratch[at + k - 1] - scratch[at + k + 1]) + _D2 * (scratch[at + k - 2] - scratch[at + k + 2])
        + _D3 * (scratch[at + k - 3] - scratch[at + k + 3]) + _D4 * (scratch[at + k - 4] - scratch[at + k + 4])
        + _D5 * (scratch[at + k - 5] - scratch[at + k + 5]) + _D6 * (scratch[at + k - 6] - scratch[at + k + 6])
    )  # fmt: skip


@helper
def _fit_side(gray, width, height, corners, side, reach, scratch, fits):
    """1 where the side was found: its curve in its part of fits."""
    at = FIT * side
    c2, c3 = fits[at + C2], fits[at + C3]
    sign = _falls(gray, width, height, corners, side, reach, scratch, fits)
    saved = 6 * _FINE + 8 * (reach + _TAPS_PX) + 34
    if sign < 0.0 and _fit_sign(gray, width, height, corners, side, reach, 1.0, scratch, fits) == 1:
        # the ground is lighter than the sheet: there may be a shadow between them, whose inner
        # edge is the sheet's; it is the sharper one
        for item in range(FIT):
            scratch[saved + item] = fits[at + item]
        fits[at + C2], fits[at + C3] = c2, c3
        found = _fit_sign(gray, width, height, corners, side, reach, sign, scratch, fits)
        sharper = scratch[saved + STEEP] > _SHARPER * fits[at + STEEP] and scratch[saved + DEVIATION] < _SHADOW_STRAYS_PX
        if found == 0 or (sharper and scratch[saved + USED] > 0.8 * fits[at + USED]):
            for item in range(FIT):
                fits[at + item] = scratch[saved + item]
            return 1
        fits[at + C2], fits[at + C3] = c2, c3
    if _fit_sign(gray, width, height, corners, side, reach, sign, scratch, fits) == 0:
        if _fit_sign(gray, width, height, corners, side, reach, -sign, scratch, fits) == 0:
            for item in range(FIT):
                fits[at + item] = 0.0
            return 0
        return 1
    if fits[at + DEVIATION] > _STRAYS_PX:
        for item in range(FIT):
            scratch[saved + item] = fits[at + item]
        fits[at + C2], fits[at + C3] = c2, c3
        found = _fit_sign(gray, width, height, corners, side, reach, -sign, scratch, fits)
        less = fits[at + DEVIATION] < _STRAYS_SHARE * scratch[saved + DEVIATION]
        if found == 0 or not less or fits[at + USED] < 0.8 * scratch[saved + USED]:
            for item in range(FIT):
                fits[at + item] = scratch[saved + item]
    return 1


@helper
def _falls(gray, width, height, corners, side, reach, scratch, fits):
    """1 where the picture is darker outside the side than inside, or nearly as light; else -1."""
    ax, ay, bx, by, cx, cy = _chord(corners, side)
    ox, oy, _ = _outwards(ax, ay, bx, by, cx, cy)
    sorting = 4 * _FINE
    falls = 0.0
    for part in range(2):
        count = 0
        for i in range(0, _FINE, 4):
            t = _time(i)
            for k in range(4):
                d = _bow(fits[FIT * side + C2], fits[FIT * side + C3], t) + (0.35 + 0.15 * k) * reach * (1.0 if part == 1 else -1.0)
                x, y = ax + (bx - ax) * t + d * ox, ay + (by - ay) * t + d * oy
                scratch[sorting + count] = _gray_at(gray, width, height, x - 0.5, y - 0.5)
                count += 1
        middle = median_of(scratch, sorting, count)
        falls = middle if part == 0 else falls - middle
    return -1.0 if falls < -4.0 else 1.0


@helper
def _places(gray, width, height, corners, side, reach, sign, scratch, fits):
    """The steepest place of each profile, how steep it is, and whether it counts: how many do; and
    the share of the side that lies in the picture; and how steep most are.
    """
    ax, ay, bx, by, cx, cy = _chord(corners, side)
    ox, oy, _ = _outwards(ax, ay, bx, by, cx, cy)
    off, steep, good, sorting = 0, _FINE, 2 * _FINE, 4 * _FINE
    profile = 6 * _FINE
    far = reach + _TAPS_PX
    columns = 4 * far + 1
    slopes = profile + columns
    visible = 0
    for i in range(_FINE):
        t = _time(i)
        bow = _bow(fits[FIT * side + C2], fits[FIT * side + C3], t)
        x, y = ax + (bx - ax) * t + bow * ox, ay + (by - ay) * t + bow * oy
        scratch[off + i], scratch[steep + i], scratch[good + i] = 0.0, 0.0, 0.0
        if not (0.5 <= x <= width - 0.5 and 0.5 <= y <= height - 0.5):
            continue
        visible += 1
        _profile(gray, width, height, x, y, ox, oy, far, scratch, profile)
        place, steepest = -1, 0.0
        for k in range(8, columns - 8):
            here = sign * scratch[slopes + k]
            if here > steepest:
                d = 0.5 * (k - 2 * far)
                px, py = x + d * ox, y + d * oy
                if 0.5 <= px <= width - 0.5 and 0.5 <= py <= height - 0.5:
                    place, steepest = k, here
        if place < 0:
            continue
        before, after = sign * scratch[slopes + place - 1], sign * scratch[slopes + place + 1]
        bend = before - 2.0 * steepest + after
        shift = 0.25 * (before - after) / bend if bend < -1e-9 else 0.0
        scratch[off + i] = bow + 0.5 * (place - 2 * far) + min(max(shift, -0.5), 0.5)
        scratch[steep + i] = steepest
        scratch[good + i] = 1.0
    for i in range(_FINE):
        scratch[sorting + i] = scratch[steep + i]
    typical = ranked(scratch, sorting, _FINE, (7 * _FINE) // 10) + 1e-6
    count = 0
    for i in range(_FINE):
        if scratch[steep + i] <= _STEEP_SHARE * typical:
            scratch[good + i] = 0.0
        count += 1 if scratch[good + i] > 0.0 else 0
        scratch[steep + i] = min(scratch[steep + i], typical)
    return count, visible / _FINE, typical


@helper
def _agrees(scratch, i, c0, c1, c2):
    t = scratch[_TIMES + i]
    return scratch[_STEEP + i] if abs(scratch[_OFFSETS + i] - c0 - t * (c1 + t * c2)) < _AGREE_PX else 0.0


@helper
def _agreeing(scratch, fours, c0, c1, c2):
    """How steep the profiles are that lie on a curve, by fours."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for k in range(fours):
        a += _agrees(scratch, 4 * k, c0, c1, c2)
        b += _agrees(scratch, 4 * k + 1, c0, c1, c2)
        c += _agrees(scratch, 4 * k + 2, c0, c1, c2)
        d += _agrees(scratch, 4 * k + 3, c0, c1, c2)
    return a + b + (c + d)


@helper
def _consensus(scratch, length):
    """The line, or the parabola, that most profiles agree with (Fischler and Bolles 1981), and by
    how much; negative where there is none.
    """
    off, good = 0, 2 * _FINE
    # those that count, side by side
    count, whole = 0, 0.0
    for i in range(_FINE):
        if scratch[good + i] > 0.0:
            scratch[_OFFSETS + count] = scratch[off + i]
            scratch[_STEEP + count] = scratch[_FINE + i]
            scratch[_TIMES + count] = _time(i)
            whole += scratch[_FINE + i]
            count += 1
    fours = (count + 3) >> 2
    for i in range(count, 4 * fours):
        scratch[_OFFSETS + i], scratch[_STEEP + i], scratch[_TIMES + i] = 0.0, 0.0, 0.0
    state = 12345
    best, c0, c1, c2 = -1.0, 0.0, 0.0, 0.0
    for _ in range(_TRIALS):
        if best > _NEARLY_ALL * whole:
            break
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        p = ((state >> 8) * _FINE) >> 23
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        q = ((state >> 8) * _FINE) >> 23
        if scratch[good + p] == 0.0 or scratch[good + q] == 0.0 or abs(_time(p) - _time(q)) < 0.15:
            continue
        m = (scratch[off + q] - scratch[off + p]) / (_time(q) - _time(p))
        agree = _agreeing(scratch, fours, scratch[off + p] - m * _time(p), m, 0.0)
        if agree > best:
            best, c0, c1 = agree, scratch[off + p] - m * _time(p), m
    straight = best
    for _ in range(_TRIALS if _PARABOLA_GAIN * straight < whole else 0):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        p = ((state >> 8) * _FINE) >> 23
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        q = ((state >> 8) * _FINE) >> 23
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        r = ((state >> 8) * _FINE) >> 23
        tp, tq, tr = _time(p), _time(q), _time(r)
        if scratch[good + p] == 0.0 or scratch[good + q] == 0.0 or scratch[good + r] == 0.0:
            continue
        if min(abs(tp - tq), abs(tq - tr), abs(tr - tp)) < 0.15:
            continue
        m = (scratch[off + q] - scratch[off + p]) / (tq - tp)
        a2 = ((scratch[off + r] - scratch[off + p]) / (tr - tp) - m) / (tr - tq)
        if abs(0.25 * a2) > _PARABOLA_SHARE * length:
            continue
        a1 = m - a2 * (tp + tq)
        a0 = scratch[off + p] - tp * (a1 + tp * a2)
        agree = _agreeing(scratch, fours, a0, a1, a2)
        if agree > max(best, _PARABOLA_GAIN * straight):
            best, c0, c1, c2 = agree, a0, a1, a2
    return best, c0, c1, c2


@helper
def _fit_sign(gray, width, height, corners, side, reach, sign, scratch, fits):
    """1 where an edge that falls outwards (sign 1) or rises was found."""
    ax, ay, bx, by, cx, cy = _chord(corners, side)
    _, _, length = _outwards(ax, ay, bx, by, cx, cy)
    at = FIT * side
    off, steep, good, weight, sorting = 0, _FINE, 2 * _FINE, 3 * _FINE, 4 * _FINE
    solving = 6 * _FINE + 8 * (reach + _TAPS_PX) + 2
    count, visible, steepness = _places(gray, width, height, corners, side, reach, sign, scratch, fits)
    if count < 0.15 * _FINE:
        return 0
    best, c0, c1, c2 = _consensus(scratch, length)
    if best < 0.0:
        return 0
    c3 = 0.0
    first = 2 if c2 != 0.0 else 1
    # Reweighted least squares (Beaton and Tukey 1974): a line, a parabola, a cubic.
    tolerance = 3.0
    used = 0
    low, high = 1.0, 0.0
    for turn in range(8):
        count = 0
        for i in range(_FINE):
            t = _time(i)
            residual = abs(scratch[off + i] - (c0 + t * (c1 + t * (c2 + t * c3))))
            if scratch[good + i] > 0.0 and residual < tolerance:
                scratch[sorting + count] = residual
                count += 1
        scale = 1.0
        if count > 10:
            scale = max(0.12, 1.48 * median_of(scratch, sorting, count))
        used, low, high = 0, 1.0, 0.0
        for i in range(_FINE):
            t = _time(i)
            residual = abs(scratch[off + i] - (c0 + t * (c1 + t * (c2 + t * c3))))
            scratch[weight + i] = 0.0
            if scratch[good + i] > 0.0 and residual < 4.0 * scale:
                share = 1.0 - (residual / (4.0 * scale)) * (residual / (4.0 * scale))
                scratch[weight + i] = scratch[steep + i] * share * share
                used += 1
                low, high = min(low, t), max(high, t)
        if used < 0.12 * _FINE:
            return 0
        tolerance = 2.0
        degree = first if turn < 3 else 2
        if turn >= 5 and used > _CUBIC_USED * _FINE and low < _CUBIC_ENDS and high > 1.0 - _CUBIC_ENDS:
            degree = 3
        c0, c1, c2, c3 = _least_squares(scratch, off, weight, degree, solving)
    furthest = 0.0
    for k in range(1, KNOTS - 1):
        t = k / (KNOTS - 1.0)
        furthest = max(furthest, abs(t * (1.0 - t) * (c2 + c3 * (1.0 + t))))
    if furthest < _SAGITTA_MIN or high - low < 0.5:
        c0, c1, c2, c3 = _least_squares(scratch, off, weight, 1, solving)
    total, squares = 1e-9, 0.0
    for i in range(1, _FINE):
        t, u = _time(i), _time(i - 1)
        apart = scratch[off + i] - t * (c1 + t * (c2 + t * c3)) - scratch[off + i - 1] + u * (c1 + u * (c2 + u * c3))
        both = min(scratch[weight + i], scratch[weight + i - 1])
        total += both
        squares += 0.5 * both * apart * apart
    fits[at + C0], fits[at + C1], fits[at + C2], fits[at + C3] = c0, c1, c2, c3
    fits[at + USED] = used / _FINE
    fits[at + SAGITTA] = 0.25 * c2 + 0.375 * c3
    fits[at + DEVIATION] = math.sqrt(squares / total)
    fits[at + VISIBLE] = visible
    fits[at + STEEP] = steepness
    for knot in range(KNOTS):
        fits[at + KNOT + knot] = _knot(scratch, off, good, sorting, knot, c0, c1, c2, c3)
    return 1


@helper
def _knot(scratch, off, good, sorting, knot, c0, c1, c2, c3):
    """How far the profiles around a knot lie outwards of the curve; 0 where they do not agree."""
    count = 0
    for i in range(_FINE):
        t = _time(i)
        residual = scratch[off + i] - (c0 + t * (c1 + t * (c2 + t * c3)))
        if abs(t - knot / (KNOTS - 1.0)) <= 0.0625 and scratch[good + i] > 0.0 and abs(residual) < _KNOT_REACH:
            scratch[sorting + count] = residual
            count += 1
    if count < 8:
        return 0.0
    middle = median_of(scratch, sorting, count)
    spread = 0.0
    for i in range(count):
        spread += abs(scratch[sorting + i] - middle) / count
    return middle if spread < _KNOT_SPREAD else 0.0


@helper
def _least_squares(scratch, off, weight, degree, solving):
    """The polynomial of a degree up to 3 through weighted offsets, in t: the normal equations about
    t = 1/2, by elimination. scratch[solving :] has room for them, 20 items.
    """
    n = degree + 1
    for item in range(20):
        scratch[solving + item] = 0.0
    for i in range(_FINE):
        w = scratch[weight + i]
        if w > 0.0:
            u = 2.0 * _time(i) - 1.0
            left = w
            for row in range(n):
                value = left
                for column in range(n):
                    scratch[solving + 5 * row + column] += value
                    value *= u
                scratch[solving + 5 * row + 4] += left * scratch[off + i]
                left *= u
    for k in range(n):
        pivot = scratch[solving + 6 * k]
        if pivot < 1e-12:
            pivot = 1e-12
        for row in range(k + 1, n):
            times = scratch[solving + 5 * row + k] / pivot
            for column in range(k, 5):
                scratch[solving + 5 * row + column] -= times * scratch[solving + 5 * k + column]
    for back in range(n):
        k = n - 1 - back
        value = scratch[solving + 5 * k + 4]
        for column in range(k + 1, n):
            value -= scratch[solving + 5 * k + column] * scratch[solving + 5 * column + 4]
        scratch[solving + 5 * k + 4] = value / max(scratch[solving + 6 * k], 1e-12)
    a0, a1 = scratch[solving + 4], scratch[solving + 9]
    a2 = scratch[solving + 14] if degree > 1 else 0.0
    a3 = scratch[solving + 19] if degree > 2 else 0.0
    return a0 - a1 + a2 - a3, 2.0 * a1 - 4.0 * a2 + 6.0 * a3, 4.0 * a2 - 12.0 * a3, 8.0 * a3


@helper
def _end(corners, fits, k, t):
    """The point at t of side k's curve, and its direction there."""
    ax, ay, bx, by, cx, cy = _chord(corners, k)
    ox, oy, _ = _outwards(ax, ay, bx, by, cx, cy)
    at = FIT * k
    d = fits[at + C0] + t * (fits[at + C1] + t * (fits[at + C2] + t * fits[at + C3]))
    e = fits[at + C1] + t * (2.0 * fits[at + C2] + t * 3.0 * fits[at + C3])
    return ax + (bx - ax) * t + ox * d, ay + (by - ay) * t + oy * d, bx - ax + ox * e, by - ay + oy * e


@helper
def _meet(corners, fits, k, placed, at):
    """1 where side k - 1 ends on the beginning of side k (Newton): placed[at], placed[at + 1]."""
    before = (k + 3) & 3
    t, u = 1.0, 0.0
    for _ in range(12):
        x, y, dx, dy = _end(corners, fits, before, t)
        p, q, ex, ey = _end(corners, fits, k, u)
        det = dy * ex - dx * ey
        if abs(det) < 1e-9:
            return 0
        fx, fy = x - p, y - q
        t -= min(max((fy * ex - fx * ey) / det, -0.3), 0.3)
        u -= min(max((dx * fy - dy * fx) / det, -0.3), 0.3)
    x, y, dx, dy = _end(corners, fits, before, t)
    placed[at] = x
    placed[at + 1] = y
    return 1


@kernel("i64(const u8*, i64, i64, const f64*, i64, i64, f64*, f64*, f64*)")
def refine(gray, width, height, corners, real, reach, scratch, fits, placed):
    """The sides of a quadrilateral to a fraction of a pixel, and its corners where their curves
    meet: 1, or 0 where a side is not to be found.

    gray u8 (height, width); corners f64 (4, 2), side k from corner k to the next, and bit k of
    `real` is 1 where it is no border of the picture; profiles reach `reach` px out and in, about
    the curves that fits has before: 0 is the chord. scratch f64 (fit_scratch(reach),), fits f64
    (4, FIT), placed f64 (4, 2).
    """
    for k in range(4):
        if (real >> k) & 1 == 1:
            _fit_side(gray, width, height, corners, k, reach, scratch, fits)
        else:
            for item in range(FIT):
                fits[FIT * k + item] = 0.0
    for k in range(4):
        if _meet(corners, fits, k, placed, 2 * k) == 0:
            return 0
    return 1


@kernel("i64(const f64*, const f64*, f64*)")
def meet(corners, fits, placed):
    """Where the curves of the sides meet, as `refine` places them: 1, or 0 where two do not."""
    for k in range(4):
        if _meet(corners, fits, k, placed, 2 * k) == 0:
            return 0
    return 1


# What `tint` is told, by index: the weights of three channels; how much of their mean, as a share
# of the light, is one grey; and which is the middle grey.
WEIGHTS, GAIN, MIDDLE = 0, 3, 4
TINT = 5


@kernel("i64(const u8*, i64, const f64*, u8*)")
def tint(rgb, pixels, told, out):
    """Colour without light: out u8 (pixels,) of rgb u8 (pixels, 3). A shadow has none, an edge of
    toned paper has. told f64 (TINT,).
    """
    for i in range(pixels):
        r, g, b = i64(rgb[3 * i]), i64(rgb[3 * i + 1]), i64(rgb[3 * i + 2])
        share = (told[WEIGHTS] * r + told[WEIGHTS + 1] * g + told[WEIGHTS + 2] * b) / (r + g + b + 24.0)
        out[i] = i64(min(max(128.5 + told[GAIN] * (share - told[MIDDLE]), 0.0), 255.0))
    return 0
