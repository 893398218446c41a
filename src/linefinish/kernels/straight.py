"""Long straight edges of a small colour picture: its gradient, and lines by Hough's transform.

The gradient is that of all three channels at once (Di Zenzo 1986), kept where it is largest along
its own direction (Canny 1986). Each kept pixel votes for lines across its gradient only (Ballard
1981), and its weight is capped: a faint edge of white on white counts as much as a black one, and
curved ink does not gather.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._lanes import add8, floats8, load8, mul8, sqrt8, store8, sub8
from linefinish.kernels._modes import helper, kernel

# A Gaussian of 1 px, cut at 4 px. Wider: corners of the sheet round off; narrower: paper's grain
# and JPEG's blocks have gradients.
_G0, _G1, _G2, _G3, _G4 = 0.39895, 0.24197, 0.05400, 0.00443, 0.00013
# Directions of lines, in half degrees: as fine as a line of 900 px within 4 px.
DIRECTIONS = 360
# How far a pixel's vote spreads, in half degrees: gradients of noisy edges stray by 2°.
_SPREAD = 5
# Gradients count whole up to this many greys a pixel, and this share of what is over, up to so
# many. Larger: drawn lines outvote faint edges of paper; smaller: grain outvotes paper's strong
# ones.
_WEIGHT_MAX, _OVER_SHARE, _OVER_MAX = 8.0, 0.25, 64.0
# Votes are counted in this part of a grey a pixel. Larger: a long line of strong pixels leaves 31
# bits; smaller: faint votes are rounded.
_COUNTS = 256
# A vote needs this gradient, and this many times the median of the picture.
_GRADIENT_MIN, _GRADIENT_OF_MEDIAN = 1.2, 1.5
# A smaller gradient has no direction: nothing asks for it. It is below all other bounds.
_TOLD_MIN = 0.9
# Pixels that may vote, the strongest first. Larger: carpets take time and say nothing.
_VOTERS_MAX = 90000
# Bins of the gradient's histogram, and how many a grey.
BINS = 32768
_BINS_PER_GRAY = 64.0
# Lines of nearly the same direction (10°): beyond so many, grain of wood takes all.
_PER_TEN_DEGREES = 18
SECTORS = 18
# Peaks looked at, of which those above a share of the strongest directions count.
_PEAKS_MAX = 400
_FLOOR_SHARE, _FLOOR_RANK = 0.04, 40


@helper
def _at(values, at):
    return f64(values[at])


@helper
def _blurred(values, here, a1, b1, a2, b2, a3, b3, a4, b4):
    """The Gaussian's sum over items of one row or column."""
    return (
        _G0 * _at(values, here)
        + _G1 * (_at(values, a1) + _at(values, b1))
        + _G2 * (_at(values, a2) + _at(values, b2))
        + _G3 * (_at(values, a3) + _at(values, b3))
        + _G4 * (_at(values, a4) + _at(values, b4))
    )


@helper
def _blurred8(values, here, a1, b1, a2, b2, a3, b3, a4, b4):
    """The same of eight items side by side, in f32."""
    near = add8(mul8(floats8(_G0), load8(values, here)), mul8(floats8(_G1), add8(load8(values, a1), load8(values, b1))))
    far = add8(
        mul8(floats8(_G3), add8(load8(values, a3), load8(values, b3))), mul8(floats8(_G4), add8(load8(values, a4), load8(values, b4)))
    )
    return add8(add8(near, mul8(floats8(_G2), add8(load8(values, a2), load8(values, b2)))), far)


# Rows kept while the picture is gone through once: as they are, blurred along, blurred both ways.
_ALONG_ROWS, _SMOOTH_ROWS = 9, 3
ROWS = 1 + _ALONG_ROWS + _SMOOTH_ROWS


@helper
def _blur_along(rgb, y, width, raw, scratch, to):
    """A row of the picture, its channels one after another, through the Gaussian."""
    at = 3 * y * width
    for x in range(width):
        for channel in range(3):
            scratch[raw + channel * width + x] = f64(rgb[at + 3 * x + channel])
    last = width - 1
    eights = (width - 1) >> 3 if width >= 16 else 0
    for channel in range(3):
        start, onto = raw + channel * width, to + channel * width
        for k in range(8 if eights > 0 else width):  # by eights only four at both ends are left
            x = k if eights == 0 or k < 4 else width - 8 + k
            scratch[onto + x] = _blurred(
                scratch, start + x, start + max(x - 1, 0), start + min(x + 1, last), start + max(x - 2, 0), start + min(x + 2, last),
                start + max(x - 3, 0), start + min(x + 3, last), start + max(x - 4, 0), start + min(x + 4, last),
            )  # fmt: skip
        for k in range(eights):
            x = min(4 + 8 * k, width - 12)
            at = start + x
            store8(scratch, onto + x, _blurred8(scratch, at, at - 1, at + 1, at - 2, at + 2, at - 3, at + 3, at - 4, at + 4))
    return 0


@helper
def _blur_down(scratch, stride, along, y, last, to):
    """A row of the picture blurred along, through the Gaussian across rows."""
    here = along + y % _ALONG_ROWS * stride
    a1, b1 = along + max(y - 1, 0) % _ALONG_ROWS * stride, along + min(y + 1, last) % _ALONG_ROWS * stride
    a2, b2 = along + max(y - 2, 0) % _ALONG_ROWS * stride, along + min(y + 2, last) % _ALONG_ROWS * stride
    a3, b3 = along + max(y - 3, 0) % _ALONG_ROWS * stride, along + min(y + 3, last) % _ALONG_ROWS * stride
    a4, b4 = along + max(y - 4, 0) % _ALONG_ROWS * stride, along + min(y + 4, last) % _ALONG_ROWS * stride
    eights = (stride + 7) >> 3 if stride >= 8 else 0
    for i in range(stride if eights == 0 else 0):
        scratch[to + i] = _blurred(scratch, here + i, a1 + i, b1 + i, a2 + i, b2 + i, a3 + i, b3 + i, a4 + i, b4 + i)
    for k in range(eights):
        i = min(8 * k, stride - 8)
        store8(scratch, to + i, _blurred8(scratch, here + i, a1 + i, b1 + i, a2 + i, b2 + i, a3 + i, b3 + i, a4 + i, b4 + i))
    return 0


@helper
def _slopes8(values, at, up, down, dy):
    gx = mul8(floats8(0.5), sub8(load8(values, at + 1), load8(values, at - 1)))
    return gx, mul8(floats8(dy), sub8(load8(values, down), load8(values, up)))


@kernel("i64(const u8*, i64, i64, f32*, f32*, f32*, f32*)")
def gradient(rgb, width, height, scratch, size, apart, product):
    """The gradient of three channels as one (Di Zenzo 1986), after a Gaussian of 1 px: its size in
    greys a pixel, and what its direction is told by, Σ gx² - Σ gy² and Σ gx gy. The picture goes
    on beyond its border as it ends there. rgb u8 (height, width, 3), scratch f32 (3 ROWS width,),
    the others f32 (height, width).
    """
    stride, last = 3 * width, height - 1
    along, smooth = stride, (1 + _ALONG_ROWS) * stride
    eights = (width + 5) >> 3 if width >= 10 else 0
    ready, blurred = 0, 0
    for y in range(height):
        while blurred <= min(y + 1, last):
            while ready <= min(blurred + 4, last):
                _blur_along(rgb, ready, width, 0, scratch, along + ready % _ALONG_ROWS * stride)
                ready += 1
            _blur_down(scratch, stride, along, blurred, last, smooth + blurred % _SMOOTH_ROWS * stride)
            blurred += 1
        row = y * width
        here = smooth + y % _SMOOTH_ROWS * stride
        up, down = smooth + max(y - 1, 0) % _SMOOTH_ROWS * stride, smooth + min(y + 1, last) % _SMOOTH_ROWS * stride
        dy = 1.0 if y == 0 or y == last else 0.5
        for k in range(2 if eights > 0 else width):  # by eights only both ends are left
            x = k if eights == 0 or k == 0 else width - 1
            dx = 1.0 if x == 0 or x == width - 1 else 0.5
            xx, xy, yy = 0.0, 0.0, 0.0
            for channel in range(3):
                at = channel * width
                gx1 = dx * (_at(scratch, here + at + min(x + 1, width - 1)) - _at(scratch, here + at + max(x - 1, 0)))
                gy1 = dy * (_at(scratch, down + at + x) - _at(scratch, up + at + x))
                xx += gx1 * gx1
                xy += gx1 * gy1
                yy += gy1 * gy1
            size[row + x] = math.sqrt(0.5 * (xx + yy + math.sqrt((xx - yy) * (xx - yy) + 4.0 * xy * xy)))
            apart[row + x] = xx - yy
            product[row + x] = xy
        for k in range(eights):
            x = min(1 + 8 * k, width - 9)
            gx, gy = _slopes8(scratch, here + x, up + x, down + x, dy)
            xx8, xy8, yy8 = mul8(gx, gx), mul8(gx, gy), mul8(gy, gy)
            for channel in range(1, 3):
                at = channel * width + x
                gx, gy = _slopes8(scratch, here + at, up + at, down + at, dy)
                xx8, xy8, yy8 = add8(xx8, mul8(gx, gx)), add8(xy8, mul8(gx, gy)), add8(yy8, mul8(gy, gy))
            less = sub8(xx8, yy8)
            root = sqrt8(add8(mul8(less, less), mul8(floats8(4.0), mul8(xy8, xy8))))
            store8(size, row + x, sqrt8(mul8(floats8(0.5), add8(add8(xx8, yy8), root))))
            store8(apart, row + x, less)
            store8(product, row + x, xy8)
    return 0


@helper
def _rounded(value):
    return i64(math.floor(value + 0.5))


@kernel("f64(const f32*, f32*, f32*, i64, i64, i64*, u8*)")
def crests(size, across_x, across_y, width, height, histogram, kept):
    """kept[i] = 1 where the gradient counts and is larger than at its neighbours along its own
    direction (Canny 1986). across_x and across_y are what `gradient` tells of the direction; where
    kept is 1 they become the unit vector along it with x ≥ 0. Returns the median of the size;
    histogram i64 (BINS,) is that of the sizes.
    """
    for b in range(BINS):
        histogram[b] = 0
    for at in range(width * height):
        kept[at] = 0
        histogram[min(i64(f64(size[at]) * _BINS_PER_GRAY), BINS - 1)] += 1
    for y in range(2, height - 2):
        for at in range(y * width + 2, (y + 1) * width - 2):
            here = f64(size[at])
            if here > _TOLD_MIN:
                apart, product = f64(across_x[at]), f64(across_y[at])
                # the neighbour in that direction: aside and below where cosine and sine are over
                # 1/2; without branches, as no two pixels of a grain go the same way
                slanted = 1 if 3.0 * apart * apart <= 4.0 * product * product else 0
                down = width if product >= 0.0 else -width
                step = max(slanted, 1 if apart >= 0.0 else 0) + down * max(slanted, 1 if apart < 0.0 else 0)
                before, after = f64(size[at - step]), f64(size[at + step])
                if max(after, before) <= here and here > before:
                    kept[at] = 1
                    root = math.sqrt(apart * apart + 4.0 * product * product)
                    double = apart / root if root > 0.0 else 1.0
                    s = math.sqrt(max(0.5 * (1.0 - double), 0.0))
                    across_x[at] = math.sqrt(max(0.5 * (1.0 + double), 0.0))
                    across_y[at] = s if product >= 0.0 else -s
    below, median = 0, 0.0
    for b in range(BINS):
        if 2 * below < width * height:
            median = (b + 0.5) / _BINS_PER_GRAY
        below += histogram[b]
    return median


@helper
def _half_degrees(c, s):
    """The direction of a unit vector with c ≥ 0, in half degrees, -180 to 180, within 0.01
    (Abramowitz and Stegun 4.4.47).
    """
    a = abs(s)
    t = min(a, c) / max(max(a, c), 1e-30)
    q = t * t
    angle = t * (0.9998660 + q * (-0.3302995 + q * (0.1801410 + q * (-0.0851330 + q * 0.0208351))))
    angle *= 114.59155902616465
    if a > c:
        angle = 180.0 - angle
    return -angle if s < 0.0 else angle


# What `votes` is told, by index: width, height, half the distances, the median gradient.
WIDTH, HEIGHT, REACH, MEDIAN = 0, 1, 2, 3
PICTURE = 4


@kernel("i64(const f32*, const f32*, const f32*, const u8*, const f64*, const f64*, i64*, i32*, f32*, f32*)")
def votes(size, across_x, across_y, kept, picture, turns, histogram, counts, scratch, out):
    """Hough's transform: out f32 (DIRECTIONS, 2 reach), by direction of the normal and distance
    from the picture's middle + reach, which is 4 or more beyond the furthest pixel's.

    picture f64 (PICTURE,); turns f64 (DIRECTIONS, 2) is cosine and sine of each direction; counts
    i32 and scratch are as out, and zeros before. Returns how many pixels voted.
    """
    width, height, reach = i64(picture[WIDTH]), i64(picture[HEIGHT]), i64(picture[REACH])
    least = max(_GRADIENT_MIN, _GRADIENT_OF_MEDIAN * picture[MEDIAN])
    for b in range(BINS):
        histogram[b] = 0
    for at in range(width * height):
        if kept[at] != 0:
            histogram[min(i64(f64(size[at]) * _BINS_PER_GRAY), BINS - 1)] += 1
    counted = 0
    for back in range(BINS):
        counted += histogram[BINS - 1 - back]
        if counted > _VOTERS_MAX:
            least = max(least, (BINS - back) / _BINS_PER_GRAY)
            break
    voters = 0
    columns = 2 * reach
    for y in range(height):
        for x in range(width):
            at = y * width + x
            if kept[at] == 0 or f64(size[at]) <= least:
                continue
            voters += 1
            weight = min(f64(size[at]), _WEIGHT_MAX)
            weight += _OVER_SHARE * min(max(f64(size[at]) - _WEIGHT_MAX, 0.0), _OVER_MAX)
            eighth = i64(weight * (0.125 * _COUNTS))
            base = _rounded(_half_degrees(f64(across_x[at]), f64(across_y[at])))
            for d in range(-_SPREAD, _SPREAD + 1):
                k = base + d
                k = k + DIRECTIONS if k < 0 else k
                k = k - DIRECTIONS if k >= DIRECTIONS else k
                r = _rounded((x - 0.5 * width) * turns[2 * k] + (y - 0.5 * height) * turns[2 * k + 1]) + reach
                if 0 <= r < columns:
                    counts[k * columns + r] = i64(counts[k * columns + r]) + eighth * (8 - abs(d))
    # Gaussians of 0.8 px along the distance and 0.35° along the direction; beyond 180° the distance
    # changes its sign.
    for k in range(DIRECTIONS):
        row = k * columns
        for r in range(2, columns - 2):
            scratch[row + r] = (
                0.4992 / _COUNTS * _at(counts, row + r)
                + 0.2285 / _COUNTS * (_at(counts, row + r - 1) + _at(counts, row + r + 1))
                + 0.0219 / _COUNTS * (_at(counts, row + r - 2) + _at(counts, row + r + 2))
            )
    for k in range(2, DIRECTIONS - 2):
        row, above, below = k * columns, (k - 1) * columns, (k + 1) * columns
        for r in range(2, columns - 2):
            out[row + r] = (
                0.5699 * _at(scratch, row + r)
                + 0.2054 * (_at(scratch, below + r) + _at(scratch, above + r))
                + 0.0096 * (_at(scratch, below + columns + r) + _at(scratch, above - columns + r))
            )
    for end in range(4):
        k = (end + DIRECTIONS - 2) % DIRECTIONS
        for r in range(2, columns - 2):
            total = 0.5699 * _at(scratch, k * columns + r)
            for d in range(1, 3):
                share = 0.2054 if d == 1 else 0.0096
                total += share * (_wrapped(scratch, columns, k + d, r) + _wrapped(scratch, columns, k - d, r))
            out[k * columns + r] = total
    return voters


@helper
def _wrapped(values, columns, k, r):
    if k < 0:
        return _at(values, (k + DIRECTIONS) * columns + min(columns - r, columns - 1))
    if k >= DIRECTIONS:
        return _at(values, (k - DIRECTIONS) * columns + min(columns - r, columns - 1))
    return _at(values, k * columns + r)


@helper
def _row_peak(values, columns, k, peaks, places):
    best, place = -1.0, 0
    for r in range(columns):
        here = f64(values[k * columns + r])
        if here > best:
            best, place = here, r
    peaks[k] = best
    places[k] = place
    return 0


@kernel("i64(f32*, i64, i64, f64*, i64*, f64*)")
def peaks(values, reach, lines_max, heights, places, lines):
    """The strongest lines of the votes, at most lines_max: how many. lines f64 (lines_max, 3) gets
    the direction in half degrees, the distance from the middle and the votes.

    values, the votes, are used up. heights f64 (DIRECTIONS,) and places i64
    (DIRECTIONS + SECTORS,) are scratch.
    """
    columns = 2 * reach
    for k in range(DIRECTIONS):
        _row_peak(values, columns, k, heights, places)
    for sector in range(SECTORS):
        places[DIRECTIONS + sector] = 0
    floor = 0.0
    for k in range(DIRECTIONS):  # the height that _FLOOR_RANK directions reach
        higher = 0
        for other in range(DIRECTIONS):
            higher += 1 if heights[other] >= heights[k] else 0
        if higher >= _FLOOR_RANK:
            floor = max(floor, heights[k])
    floor *= _FLOOR_SHARE
    found = 0
    for _ in range(_PEAKS_MAX):
        k = 0
        for other in range(1, DIRECTIONS):
            if heights[other] > heights[k]:
                k = other
        if found >= lines_max or heights[k] <= floor or heights[k] <= 0.0:
            break
        r = places[k]
        sector = DIRECTIONS + k // 20
        if places[sector] < _PER_TEN_DEGREES:
            lines[3 * found] = k
            lines[3 * found + 1] = r - reach
            lines[3 * found + 2] = heights[k]
            found += 1
        places[sector] += 1
        for d in range(-4, 5):
            row, place = k + d, r
            if row < 0:
                row, place = row + DIRECTIONS, columns - r
            elif row >= DIRECTIONS:
                row, place = row - DIRECTIONS, columns - r
            first, end = max(place - 3, 0), min(place + 4, columns)
            for clear in range(first, end):
                values[row * columns + clear] = 0.0
            if first <= places[row] < end:
                _row_peak(values, columns, row, heights, places)
    return found
