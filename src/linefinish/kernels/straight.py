"""Long straight edges of a small colour picture: its gradient, and lines by Hough's transform.

The gradient is that of all three channels at once (Di Zenzo 1986), kept where it is largest along
its own direction (Canny 1986). Each kept pixel votes for lines across its gradient only (Ballard
1981), and its weight is capped: a faint edge of white on white counts as much as a black one, and
curved ink does not gather.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
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
def _blurred(c, a1, b1, a2, b2, a3, b3, a4, b4):
    return _G0 * f64(c) + _G1 * f64(a1 + b1) + _G2 * f64(a2 + b2) + _G3 * f64(a3 + b3) + _G4 * f64(a4 + b4)


@helper
def _row_blur(rgb, row, width, x, channel):
    """A pixel of a row blurred along it; the row goes on beyond its ends as it ends."""
    last = width - 1
    return _blurred(
        i64(rgb[row + 3 * x + channel]),
        i64(rgb[row + 3 * max(x - 1, 0) + channel]), i64(rgb[row + 3 * min(x + 1, last) + channel]),
        i64(rgb[row + 3 * max(x - 2, 0) + channel]), i64(rgb[row + 3 * min(x + 2, last) + channel]),
        i64(rgb[row + 3 * max(x - 3, 0) + channel]), i64(rgb[row + 3 * min(x + 3, last) + channel]),
        i64(rgb[row + 3 * max(x - 4, 0) + channel]), i64(rgb[row + 3 * min(x + 4, last) + channel]),
    )  # fmt: skip


@helper
def _at(values, at):
    return f64(values[at])


@kernel("i64(const u8*, i64, i64, f32*, f32*)")
def blur(rgb, width, height, scratch, out):
    """Each channel through a Gaussian of 1 px. rgb u8 (height, width, 3); scratch and out f32 of
    the same shape.
    """
    stride = 3 * width
    for y in range(height):
        for end in range(8):
            x = min(end, width - 1) if end < 4 else max(width - 1 - (end - 4), 0)
            for channel in range(3):
                scratch[y * stride + 3 * x + channel] = _row_blur(rgb, y * stride, width, x, channel)
        for i in range(y * stride + 12, (y + 1) * stride - 12):
            scratch[i] = (
                _G0 * i64(rgb[i])
                + _G1 * (i64(rgb[i - 3]) + i64(rgb[i + 3]))
                + _G2 * (i64(rgb[i - 6]) + i64(rgb[i + 6]))
                + _G3 * (i64(rgb[i - 9]) + i64(rgb[i + 9]))
                + _G4 * (i64(rgb[i - 12]) + i64(rgb[i + 12]))
            )
    last = height - 1
    for y in range(height):
        a1, b1 = max(y - 1, 0) * stride, min(y + 1, last) * stride
        a2, b2 = max(y - 2, 0) * stride, min(y + 2, last) * stride
        a3, b3 = max(y - 3, 0) * stride, min(y + 3, last) * stride
        a4, b4 = max(y - 4, 0) * stride, min(y + 4, last) * stride
        for i in range(stride):
            out[y * stride + i] = (
                _G0 * _at(scratch, y * stride + i)
                + _G1 * (_at(scratch, a1 + i) + _at(scratch, b1 + i))
                + _G2 * (_at(scratch, a2 + i) + _at(scratch, b2 + i))
                + _G3 * (_at(scratch, a3 + i) + _at(scratch, b3 + i))
                + _G4 * (_at(scratch, a4 + i) + _at(scratch, b4 + i))
            )
    return 0


@kernel("i64(const f32*, i64, i64, f32*, f32*, f32*)")
def gradient(blurred, width, height, size, across_x, across_y):
    """The gradient of three channels as one (Di Zenzo 1986): its size in greys a pixel, and the
    unit vector along it with x ≥ 0, (1, 0) where it is too small to count. blurred f32
    (height, width, 3), the others f32 (height, width).
    """
    stride = 3 * width
    for y in range(height):
        up, down = max(y - 1, 0) * stride, min(y + 1, height - 1) * stride
        dy = 1.0 if y == 0 or y == height - 1 else 0.5
        for x in range(width):
            left, right = 3 * max(x - 1, 0), 3 * min(x + 1, width - 1)
            dx = 1.0 if x == 0 or x == width - 1 else 0.5
            xx, xy, yy = 0.0, 0.0, 0.0
            for channel in range(3):
                gx = dx * (_at(blurred, y * stride + right + channel) - _at(blurred, y * stride + left + channel))
                gy = dy * (_at(blurred, down + 3 * x + channel) - _at(blurred, up + 3 * x + channel))
                xx += gx * gx
                xy += gx * gy
                yy += gy * gy
            root = math.sqrt((xx - yy) * (xx - yy) + 4.0 * xy * xy)
            squared = 0.5 * (xx + yy + root)
            size[y * width + x] = math.sqrt(max(squared, 0.0))
            c, s = 1.0, 0.0
            if root > 0.0 and squared > _TOLD_MIN * _TOLD_MIN:
                double = (xx - yy) / root
                c = math.sqrt(max(0.5 * (1.0 + double), 0.0))
                s = math.sqrt(max(0.5 * (1.0 - double), 0.0))
                if xy < 0.0:
                    s = -s
            across_x[y * width + x] = c
            across_y[y * width + x] = s
    return 0


@helper
def _rounded(value):
    return i64(math.floor(value + 0.5))


@kernel("f64(const f32*, const f32*, const f32*, i64, i64, i64*, u8*)")
def crests(size, across_x, across_y, width, height, histogram, kept):
    """kept[i] = 1 where the gradient counts and is larger than at its neighbours along its own
    direction (Canny 1986). Returns the median of its size; histogram i64 (BINS,) is that of the
    sizes.
    """
    for b in range(BINS):
        histogram[b] = 0
    for y in range(height):
        for x in range(width):
            at = y * width + x
            kept[at] = 0
            here = f64(size[at])
            histogram[min(i64(here * _BINS_PER_GRAY), BINS - 1)] += 1
            if here > _TOLD_MIN and 2 <= x < width - 2 and 2 <= y < height - 2:
                step = _rounded(f64(across_y[at])) * width + _rounded(f64(across_x[at]))
                if here >= f64(size[at + step]) and here > f64(size[at - step]):
                    kept[at] = 1
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


@kernel("i64(const f32*, const f32*, const f32*, const u8*, const f64*, const f64*, i64*, f32*, f32*)")
def votes(size, across_x, across_y, kept, picture, turns, histogram, scratch, out):
    """Hough's transform: out f32 (DIRECTIONS, 2 reach), by direction of the normal and distance
    from the picture's middle + reach.

    picture f64 (PICTURE,); turns f64 (DIRECTIONS, 2) is cosine and sine of each direction; scratch
    is as out. Both are zeros before. Returns how many pixels voted.
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
            base = _rounded(_half_degrees(f64(across_x[at]), f64(across_y[at])))
            for d in range(-_SPREAD, _SPREAD + 1):
                k = base + d
                k = k + DIRECTIONS if k < 0 else k
                k = k - DIRECTIONS if k >= DIRECTIONS else k
                r = _rounded((x - 0.5 * width) * turns[2 * k] + (y - 0.5 * height) * turns[2 * k + 1]) + reach
                if 0 <= r < columns:
                    scratch[k * columns + r] = f64(scratch[k * columns + r]) + weight * (1.0 - abs(d) / 8.0)
    # Gaussians of 0.8 px along the distance and 0.35° along the direction; beyond 180° the distance
    # changes its sign.
    for k in range(DIRECTIONS):
        row = k * columns
        for r in range(2, columns - 2):
            out[row + r] = (
                0.4992 * _at(scratch, row + r)
                + 0.2285 * (_at(scratch, row + r - 1) + _at(scratch, row + r + 1))
                + 0.0219 * (_at(scratch, row + r - 2) + _at(scratch, row + r + 2))
            )
    for k in range(DIRECTIONS):
        for r in range(2, columns - 2):
            total = 0.5699 * _at(out, k * columns + r)
            for d in range(1, 3):
                share = 0.2054 if d == 1 else 0.0096
                total += share * (_wrapped(out, columns, k + d, r) + _wrapped(out, columns, k - d, r))
            scratch[k * columns + r] = total
    for at in range(DIRECTIONS * columns):
        out[at] = scratch[at]
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
            for clear in range(max(place - 3, 0), min(place + 4, columns)):
                values[row * columns + clear] = 0.0
            _row_peak(values, columns, row, heights, places)
    return found
