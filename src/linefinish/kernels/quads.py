"""Quadrilaterals of straight lines: which lines are drawn ones, and which four have an edge along
most of what they enclose.

Lines are a x + b y + c = 0 about the middle of the picture, with a² + b² = 1. The last four are the
picture's own borders: a sheet may run over them.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel

# What the kernels are told of the picture, by index: width, height, half the length of a line, the
# median gradient.
WIDTH, HEIGHT, REACH, MEDIAN = 0, 1, 2, 3
PICTURE = 4
# An edge lies along a line where its gradient is within 9° of the line's normal (the sine), within
# 2 px, and at least so large, in greys and in medians of the picture.
_SINE_MAX = 0.1593
_GRADIENT_MIN, _GRADIENT_OF_MEDIAN = 1.0, 1.2


@helper
def _rounded(value):
    return i64(math.floor(value + 0.5))


@kernel("i64(const f64*, i64, const f32*, const f32*, const f32*, const u8*, const f64*, i32*, i32*)")
def supports(lines, count, size, across_x, across_y, kept, picture, edges, inside):
    """Running sums along each line: of pixels with an edge, and of pixels inside the picture.

    lines f64 (count, 3); the gradient as `straight` gives it; edges and inside i32
    (count, 2 reach + 2), the first of a row 0.
    """
    width, height, reach = i64(picture[WIDTH]), i64(picture[HEIGHT]), i64(picture[REACH])
    least = max(_GRADIENT_MIN, _GRADIENT_OF_MEDIAN * picture[MEDIAN])
    row = 2 * reach + 2
    for i in range(count):
        a, b, c = lines[3 * i], lines[3 * i + 1], lines[3 * i + 2]
        hits, seen = 0, 0
        edges[i * row] = 0
        inside[i * row] = 0
        for k in range(2 * reach + 1):
            s = k - reach
            x, y = -c * a - s * b + 0.5 * width, -c * b + s * a + 0.5 * height
            if 0.0 <= x < width and 0.0 <= y < height:
                seen += 1
                hit = 0
                for d in range(-2, 3):
                    px = min(max(_rounded(x + d * a - 0.5), 0), width - 1)
                    py = min(max(_rounded(y + d * b - 0.5), 0), height - 1)
                    at = py * width + px
                    if kept[at] != 0 and f64(size[at]) > least and abs(f64(across_x[at]) * b - f64(across_y[at]) * a) < _SINE_MAX:
                        hit = 1
                hits += hit
            edges[i * row + k + 1] = hits
            inside[i * row + k + 1] = seen
    return 0


@helper
def cell_of(width, height, x, y):
    """The four pixels around a place, and its shares of the right and the lower ones; the picture
    goes on beyond its border as it ends there.
    """
    x = min(max(x, 0.0), width - 1.0)
    y = min(max(y, 0.0), height - 1.0)
    left, top = i64(x), i64(y)
    right, upper, lower = min(left + 1, width - 1), top * width, min(top + 1, height - 1) * width
    return upper + left, upper + right, lower + left, lower + right, x - left, y - top


@helper
def _light_at(rgb, at):
    return i64(rgb[3 * at]) + i64(rgb[3 * at + 1]) + i64(rgb[3 * at + 2])


@helper
def light(rgb, width, height, x, y):
    """The mean of the channels between pixels, bilinear."""
    a, b, c, d, u, v = cell_of(width, height, x, y)
    upper = (1.0 - u) * _light_at(rgb, a) + u * _light_at(rgb, b)
    lower = (1.0 - u) * _light_at(rgb, c) + u * _light_at(rgb, d)
    return ((1.0 - v) * upper + v * lower) * (1.0 / 3.0)


@helper
def ranked(values, start, count, rank):
    """The item of values[start : start + count] that so many are not above, from 0 on; those before
    it are no larger then, those after it no smaller (Hoare 1961).
    """
    low, high, place = start, start + count - 1, start + rank
    while low < high:
        pivot = values[(low + high) >> 1]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            low = high
    return values[place]


@helper
def median_of(values, start, count):
    """The median of values[start : start + count], which changes their order."""
    upper = ranked(values, start, count, count >> 1)
    if count & 1 == 1:
        return upper
    lower = values[start]
    for i in range(start + 1, start + (count >> 1)):
        lower = max(lower, values[i])
    return 0.5 * (lower + upper)


# A line is looked at across 18 px each way, at up to 48 places.
_ACROSS = 18
_PLACES = 48
# The flanks of a drawn line lie so near to each other, in pixels.
_FLANKS = 6
# A printed rule is darker than its paper by so many greys and less than this share of its light.
_RULE_MIN, _RULE_SHARE = 2.5, 0.12
# Paper on both sides of a drawn line is as light within this share. Larger: the shadow between
# toned paper and a light ground is a line; smaller: a line along a soft shadow is none.
_ALIKE = 0.16
# And is at least so light, in greys. Larger: frames on paper in deep shadow are no lines; smaller:
# where a black sky ends on a black desk, the shadow between them is one.
_PAPER_MIN = 40.0
# Second differences of noise are larger than its first ones by the root of 3.
_OF_SECOND = 0.57735
# Items of `drawn`'s scratch: the samples across at each place, and room to sort one column.
DRAWN_SCRATCH = (2 * _ACROSS + 1) * (_PLACES + 1) + _PLACES


@kernel("i64(const u8*, const f64*, i64, const i32*, const f64*, f64*, u8*, f64*)")
def drawn(rgb, lines, count, edges, picture, scratch, marks, rough):
    """marks[i] = 1 for lines that are drawn: dark, paper again on both sides, and both flanks
    equally sharp. (The shadow at the edge of a sheet has one sharp flank.) How many. rough f64
    (count,) is by how much the smoother side of each line varies along it, as a share of its light:
    paper's hardly does, cloth and carpet do on both sides.

    rgb u8 (height, width, 3); edges as `supports` gives them; scratch f64 (DRAWN_SCRATCH,).
    """
    width, height, reach = i64(picture[WIDTH]), i64(picture[HEIGHT]), i64(picture[REACH])
    row = 2 * reach + 2
    columns = 2 * _ACROSS + 1
    sorting = columns * _PLACES
    profile = sorting + _PLACES
    found = 0
    for i in range(count):
        marks[i] = 0
        rough[i] = 0.0
        a, b, c = lines[3 * i], lines[3 * i + 1], lines[3 * i + 2]
        total = i64(edges[i * row + row - 1])
        if total < 20:
            continue
        places, next_hit = 0, 0
        for k in range(row - 1):
            if edges[i * row + k + 1] > edges[i * row + k]:
                # the places lie evenly among the hits
                if places < _PLACES and next_hit * (_PLACES - 1) >= places * (total - 1):
                    s = k - reach
                    x, y = -c * a - s * b + 0.5 * width, -c * b + s * a + 0.5 * height
                    for d in range(columns):
                        scratch[d * _PLACES + places] = light(rgb, width, height, x + (d - _ACROSS) * a - 0.5, y + (d - _ACROSS) * b - 0.5)
                    places += 1
                next_hit += 1
        rough[i] = min(_varies(scratch, _ACROSS - 8, places, sorting), _varies(scratch, _ACROSS + 3, places, sorting))
        for d in range(columns):
            scratch[profile + d] = median_of(scratch, d * _PLACES, places)
        darkest = _ACROSS - 6
        for d in range(_ACROSS - 6, _ACROSS + 7):
            if scratch[profile + d] < scratch[profile + darkest]:
                darkest = d
        here = scratch[profile + darkest]
        left, right, up, down = 0.0, 0.0, 0.0, 0.0
        for d in range(max(darkest - 11, 0), darkest):
            left = max(left, scratch[profile + d])
        for d in range(darkest + 1, min(darkest + 12, columns)):
            right = max(right, scratch[profile + d])
        for d in range(darkest, min(darkest + 8, columns - 1)):
            up = max(up, scratch[profile + d + 1] - scratch[profile + d])
        for d in range(max(darkest - 8, 0), darkest):
            down = max(down, scratch[profile + d] - scratch[profile + d + 1])
        brighter = max(left, right)
        deep = min(left, right) > _PAPER_MIN and min(left, right) - here > 0.28 * brighter
        faint = _RULE_MIN < min(left, right) - here < _RULE_SHARE * brighter
        rule = faint and abs(left - right) < 0.3 * (brighter - here) and min(up, down) > 0.8 * max(up, down)
        if rule or (deep and abs(left - right) < _ALIKE * brighter and min(up, down) > 0.55 * max(up, down)):
            marks[i] = 1
            found += 1
    return found


@kernel("i64(const f64*, i64, const u8*, const f64*, u8*)")
def erase(lines, count, marks, picture, kept):
    """Takes the crests beside marked lines out of kept, u8 (height, width): how many. What drawn
    lines outvoted may be found then.
    """
    width, height, reach = i64(picture[WIDTH]), i64(picture[HEIGHT]), i64(picture[REACH])
    taken = 0
    for i in range(count):
        if marks[i] == 0:
            continue
        a, b, c = lines[3 * i], lines[3 * i + 1], lines[3 * i + 2]
        for k in range(2 * reach + 1):
            s = k - reach
            x, y = -c * a - s * b + 0.5 * width, -c * b + s * a + 0.5 * height
            if 0.0 <= x < width and 0.0 <= y < height:
                for d in range(-_FLANKS, _FLANKS + 1):
                    px = min(max(_rounded(x + d * a - 0.5), 0), width - 1)
                    py = min(max(_rounded(y + d * b - 0.5), 0), height - 1)
                    if kept[py * width + px] != 0:
                        kept[py * width + px] = 0
                        taken += 1
    return taken


@helper
def _varies(scratch, first, places, sorting):
    """By how much the light of a strip 6 px wide varies from one place to the next, as a share of
    it: the median. What light falls off by evenly, as into a soft shadow, is taken out: second
    differences.
    """
    before, earlier = 0.0, 0.0
    for place in range(places):
        here = 0.0
        for d in range(first, first + 6):
            here += scratch[d * _PLACES + place] / 6.0
        if place > 1:
            scratch[sorting + place - 2] = abs(here - 2.0 * before + earlier) / (before + 8.0)
        before, earlier = here, before
    return _OF_SECOND * median_of(scratch, sorting, places - 2)


# Opposite sides are within so many degrees of parallel (the cosine), neighbours at least so far
# apart (the cosine): a sheet tilted by 45° before a wide lens.
_PARALLEL_COSINE, _CROSSING_COSINE = 0.74314, 0.66913
# Opposite sides are this share of the picture's shorter side apart.
_APART_SHARE = 0.15
# A quadrilateral has this share of the picture's area, and corners within this many half pictures.
_AREA_MIN, _CORNER_MAX = 0.08, 1.35
# Items of a quadrilateral: score, share of supported length, then four lines.
SCORE, SUPPORT, SIDES = 0, 1, 2
QUAD = 6
# Corners that are so near, in pixels, belong to the same quadrilateral.
_SAME_PX = 4.0


@helper
def _crossing(lines, i, j, half_width, half_height, crossings, at):
    """Where two lines cross: x, y, whether it may be a corner; and how far along the first."""
    a, b, c = lines[3 * i], lines[3 * i + 1], lines[3 * i + 2]
    d, e, f = lines[3 * j], lines[3 * j + 1], lines[3 * j + 2]
    z = a * e - b * d
    crossings[at + 2] = 0.0
    if abs(z) < 1e-6:
        return 0
    x, y = (b * f - c * e) / z, (c * d - a * f) / z
    crossings[at] = x
    crossings[at + 1] = y
    crossings[at + 3] = a * y - b * x
    # neighbours cross at more than 48°
    if abs(x) < _CORNER_MAX * half_width and abs(y) < _CORNER_MAX * half_height and abs(a * d + b * e) < _CROSSING_COSINE:
        crossings[at + 2] = 1.0
    return 0


@helper
def _side(edges, inside, row, reach, line, count, begin, end):
    """How many pixels of a side have an edge, and how many there are in the picture."""
    if line >= count:
        return 0, 0
    low = min(max(_rounded(min(begin, end)), -reach), reach) + reach
    high = min(max(_rounded(max(begin, end)), -reach), reach) + reach
    at = line * row
    return i64(edges[at + high]) - i64(edges[at + low]), i64(inside[at + high]) - i64(inside[at + low])


@kernel("i64(const f64*, i64, const i32*, const i32*, const f64*, const f64*, f64*, i32*, i64, f64*)")
def best(lines, count, edges, inside, worth, picture, crossings, pairs, quads_max, quads):
    """The quadrilaterals whose sides have edges along most of their length, the best first: how
    many.

    lines f64 (count + 4, 3) with the picture's borders last, of which two at most are sides; edges
    and inside as `supports` gives them; worth f64 (count,) is what each line's edge counts, 0 to 1;
    crossings f64 ((count + 4)², 4) and pairs i32 ((count + 4)², 2) are scratch; quads f64
    (quads_max, QUAD).
    """
    width, height, reach = picture[WIDTH], picture[HEIGHT], i64(picture[REACH])
    row = 2 * reach + 2
    n = count + 4
    for i in range(n):
        for j in range(n):
            _crossing(lines, i, j, 0.5 * width, 0.5 * height, crossings, 4 * (i * n + j))
    pair_count = 0
    for i in range(n):
        for j in range(i + 1, n):
            dot = lines[3 * i] * lines[3 * j] + lines[3 * i + 1] * lines[3 * j + 1]
            if abs(dot) <= _PARALLEL_COSINE or (i >= count and j >= count):
                continue
            gap = lines[3 * i + 2] - lines[3 * j + 2] if dot > 0.0 else lines[3 * i + 2] + lines[3 * j + 2]
            if abs(gap) > _APART_SHARE * min(width, height):
                pairs[2 * pair_count] = i
                pairs[2 * pair_count + 1] = j
                pair_count += 1
    found = 0
    for p in range(pair_count):
        a0, a1 = i64(pairs[2 * p]), i64(pairs[2 * p + 1])
        for q in range(p + 1, pair_count):
            b0, b1 = i64(pairs[2 * q]), i64(pairs[2 * q + 1])
            at0, at1, at2, at3 = 4 * (b0 * n + a0), 4 * (a1 * n + b0), 4 * (b1 * n + a1), 4 * (a0 * n + b1)
            if crossings[at0 + 2] == 0.0 or crossings[at1 + 2] == 0.0 or crossings[at2 + 2] == 0.0 or crossings[at3 + 2] == 0.0:
                continue
            borders = (1 if a0 >= count else 0) + (1 if a1 >= count else 0) + (1 if b0 >= count else 0) + (1 if b1 >= count else 0)
            if borders > 2:
                continue
            x0, y0, x1, y1 = crossings[at0], crossings[at0 + 1], crossings[at1], crossings[at1 + 1]
            x2, y2, x3, y3 = crossings[at2], crossings[at2 + 1], crossings[at3], crossings[at3 + 1]
            turn0 = (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
            turn1 = (x2 - x1) * (y3 - y2) - (y2 - y1) * (x3 - x2)
            turn2 = (x3 - x2) * (y0 - y3) - (y3 - y2) * (x0 - x3)
            turn3 = (x0 - x3) * (y1 - y0) - (y0 - y3) * (x1 - x0)
            if not (
                (turn0 > 0.0 and turn1 > 0.0 and turn2 > 0.0 and turn3 > 0.0)
                or (turn0 < 0.0 and turn1 < 0.0 and turn2 < 0.0 and turn3 < 0.0)
            ):
                continue
            area = 0.5 * abs((x2 - x0) * (y3 - y1) - (y2 - y0) * (x3 - x1)) / (width * height)
            if area <= _AREA_MIN:
                continue
            total, supported, least = 0.0, 0.0, 1.0
            for side in range(4):
                if side == 0:
                    line, begin, end = b0, crossings[4 * (b0 * n + a0) + 3], crossings[4 * (b0 * n + a1) + 3]
                elif side == 1:
                    line, begin, end = a1, crossings[4 * (a1 * n + b0) + 3], crossings[4 * (a1 * n + b1) + 3]
                elif side == 2:
                    line, begin, end = b1, crossings[4 * (b1 * n + a1) + 3], crossings[4 * (b1 * n + a0) + 3]
                else:
                    line, begin, end = a0, crossings[4 * (a0 * n + b1) + 3], crossings[4 * (a0 * n + b0) + 3]
                length = abs(end - begin)
                total += length
                if line < count:
                    hits, seen = _side(edges, inside, row, reach, line, count, begin, end)
                    share = worth[line] * hits / max(seen, 1)
                    supported += share * length
                    least = min(least, share)
            support = supported / total
            score = support * (0.6 + 0.4 * math.sqrt(min(area, 1.0)))
            if least < 0.15:
                score *= 0.5
            if borders == 1:
                score *= 1.12
            elif borders == 2:
                score *= 1.15
            if found == quads_max and score <= quads[QUAD * (found - 1) + SCORE]:
                continue
            place = min(found, quads_max - 1)
            found = min(found + 1, quads_max)
            while place > 0 and quads[QUAD * (place - 1) + SCORE] < score:
                for item in range(QUAD):
                    quads[QUAD * place + item] = quads[QUAD * (place - 1) + item]
                place -= 1
            quads[QUAD * place + SCORE] = score
            quads[QUAD * place + SUPPORT] = support
            quads[QUAD * place + SIDES] = b0
            quads[QUAD * place + SIDES + 1] = a1
            quads[QUAD * place + SIDES + 2] = b1
            quads[QUAD * place + SIDES + 3] = a0
    return found


@kernel("i64(const f64*, i64, const f64*, i64, i64, f64*, i64*)")
def distinct(quads, quad_count, crossings, line_count, kept_max, corners, kept):
    """The first of each group of quadrilaterals whose corners lie together, at most kept_max: how
    many. line_count with the borders.

    corners f64 (kept_max, 8): x, y in pixels from the picture's middle, side k from corner k to the
    next. kept i64 (kept_max,): which of the quads.
    """
    n = line_count
    found = 0
    for q in range(quad_count):
        if found == kept_max:
            break
        at = QUAD * q + SIDES
        for k in range(4):
            line, before = i64(quads[at + k]), i64(quads[at + ((k + 3) & 3)])
            corners[8 * found + 2 * k] = crossings[4 * (line * n + before)]
            corners[8 * found + 2 * k + 1] = crossings[4 * (line * n + before) + 1]
        same = 0
        for other in range(found):
            apart = 0.0
            for k in range(8):
                apart = max(apart, abs(corners[8 * found + k] - corners[8 * other + k]))
            if apart < _SAME_PX:
                same = 1
        if same == 0:
            kept[found] = q
            found += 1
    return found
