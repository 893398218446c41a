"""Dot screens: fields of small dots on a lattice that print a grey. They are no drawing and go as a
whole.

One dot alone may be a freckle, and many close together may be stipple, hatching or small print.
What tells a screen is that its dots repeat: the offsets between neighbours, taken together over the
page, peak at the two steps of a lattice (the autocorrelation of a periodic texture, Lin, Wang and
Yang 1997), and nearly every dot has another one step away. Measured share of crowded small
components with three of those four neighbours: 0.80 to 0.90 on screens, at most 0.004 on
engravings.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.components import explore

# Bins along the reach of the offset histogram, which is twice as wide.
OFFSET_BINS = 64
# What is known of a lattice, in numbers: i64 (LATTICE,), the `lattice` of the kernels below.
DOTS = 0  # how many dots there are
WIDTH, HEIGHT = 1, 2  # of the page, in pixels
CELL_SHIFT = 3  # the dots are sorted into cells of 2^CELL_SHIFT pixels
TOLERANCE = 4  # how far from its place a dot may be, in sixteenths of a pixel
STEPS = 5  # dx, dy of one step and of the other, in sixteenths of a pixel
LATTICE = 9
# Half side of the square whose rim gives the directions in which a line may leave a pixel: 8 · 4 =
# 32 of them.
_RIM = 4
# How far the two ways of a line may be out of a straight line, in 32nds of a turn. Smaller: corners
# and bends of lines under dots are eaten (0: xor_ink 6.3 % in place of 3.3 on seven screened
# drawings); larger: dots stay where they touch two lines.
_BEND_32 = 2


@helper
def _centre(queue, runs, area, axis):
    """Mean of x (axis 0) or y (1) over the pixels of a component's runs, in
    sixteenths of a pixel.
    """
    twice = 0
    for i in range(runs):
        y, start, end = i64(queue[3 * i]), i64(queue[3 * i + 1]), i64(queue[3 * i + 2])
        twice += (end - start) * (2 * y if axis == 1 else start + end - 1)
    return (16 * (twice >> 1) + (area >> 1)) // area


@kernel("i64(const u64*, i64, i64, i64, i64, u64*, u64*, i32*, i64*, i64*, i32*, i64)")
def find_dots(words, width, height, row_step, area_max, walked, large, queue, none, dots, centres, dots_max):
    """Components of ink of at most area_max pixels that begin in one of every row_step rows (a
    power of 2): how many, and where.

    Their first pixels y · width + x go into dots i64 (dots_max), in order, their centres x, y, in
    sixteenths of a pixel, into centres i32 (2 · dots_max). Looked at are only pixels that have no
    ink to the left and above, 64 at a time: the tops of components. From there one is walked until
    it is too large, and no run of it twice (see `components.explore`).

    words u64 (height, stride). Scratch: walked, a copy of words, which loses the small ones;
    large, of zeros; queue i32 (3 · (area_max + 1)); none i64 (2,).
    """
    stride = (width >> 6) + 1
    size = (width, height, stride)
    limits = (area_max, 0, 0)
    found = 0
    for y in range(height):
        # The row that is looked at changes its place within the step, else a screen of the same
        # period could slip through.
        block = y // row_step
        if y - block * row_step != ((block ^ (block >> 2)) & (row_step - 1)):
            continue
        for k in range(stride):
            at = y * stride + k
            ink = words[at]
            if ink == u64(0):
                continue
            before = words[at - 1] >> u64(63) if k > 0 else u64(0)
            covered = u64(ink << u64(1)) | before | large[at] | (ink ^ walked[at])
            if y > 0:
                above = words[at - stride]
                covered |= above | u64(above << u64(1)) | (above >> u64(1))
                if k > 0:
                    covered |= words[at - stride - 1] >> u64(63)
                if k + 1 < stride:
                    covered |= u64(words[at - stride + 1] << u64(63))
            tops = ink & u64(~covered)
            while tops != u64(0) and found < dots_max:
                bit = tops & u64(u64(~tops) + u64(1))
                tops ^= bit
                if ((ink ^ walked[at]) | large[at]) & bit != u64(0):
                    continue
                x = 64 * k + trailing_zeros(bit)
                runs = explore(words, size, u64(0), 1, limits, walked, large, queue, none, y, x)
                first = y * width + x
                area = 0
                for i in range(runs):
                    first = min(first, i64(queue[3 * i]) * width + i64(queue[3 * i + 1]))
                    area += i64(queue[3 * i + 2]) - i64(queue[3 * i + 1])
                # A component with two tops is counted at its first.
                if runs > 0 and first == y * width + x:
                    dots[found] = first
                    centres[2 * found] = _centre(queue, runs, area, 0)
                    centres[2 * found + 1] = _centre(queue, runs, area, 1)
                    found += 1
    return found


@helper
def _crowding(dot, width, cell_shift, counts):
    """Dots in the 3 × 3 cells around a dot."""
    columns = (width >> cell_shift) + 3
    r = (dot // width) >> cell_shift
    c = (dot - dot // width * width) >> cell_shift
    total = 0
    for row in range(r, r + 3):
        for column in range(c, c + 3):
            total += counts[row * columns + column]
    return total


@kernel("i64(i64, i64, i64, const i64*, i64, i32*)")
def count_crowded(width, cell_shift, crowding_min, dots, dot_count, counts):
    """How many dots have at least crowding_min dots (themselves too) in the 3 × 3 cells of
    2^cell_shift pixels around them.

    dots i64 (dot_count) from find_dots. counts i32 (columns + 2) × (rows + 2), cells and a margin
    of one, come in as zeros and go out as dots a cell.
    """
    columns = (width >> cell_shift) + 3
    for i in range(dot_count):
        y = dots[i] // width
        x = dots[i] - y * width
        counts[((y >> cell_shift) + 1) * columns + (x >> cell_shift) + 1] += 1
    crowded = 0
    for i in range(dot_count):
        if _crowding(dots[i], width, cell_shift, counts) >= crowding_min:
            crowded += 1
    return crowded


@kernel("i64(const i32*, i64, i64, i64, i64*)")
def count_offsets(centres, dot_count, every, bin_shift, bins):
    """Histogram of the offsets from every `every`-th dot to the later ones near it: bins i64 (64 +
    2) × (128 + 2), of zeros.

    One bin is 2^bin_shift sixteenths of a pixel; bin (r, c) holds offsets of r − 1 bins down and c
    − 65 to the right.
    """
    reach = OFFSET_BINS << bin_shift
    i = 0
    while i < dot_count:
        x, y = i64(centres[2 * i]), i64(centres[2 * i + 1])
        j = i + 1
        # Dots come by their tops, which lie less than a reach above their centres.
        while j < dot_count and i64(centres[2 * j + 1]) - y < 2 * reach:
            dx, dy = i64(centres[2 * j]) - x, i64(centres[2 * j + 1]) - y
            if dy < 0:
                dx, dy = -dx, -dy
            if dy < reach and -reach <= dx < reach:
                bins[((dy >> bin_shift) + 1) * (2 * OFFSET_BINS + 2) + (dx >> bin_shift) + OFFSET_BINS + 1] += 1
            j += 1
        i += every
    return 0


@kernel("i64(const i64*, i64, i64*)")
def lattice_step(bins, bin_shift, steps):
    """The commonest offset of count_offsets, in sixteenths of a pixel: dx, dy into steps[0:2], or
    if that is known, the one across it, into steps[2:4]. Returns how many dots it joins, 0 if none.

    The sum over 3 × 3 bins over the offset's length decides, as the multiples of a step are nearly
    as common as itself; the mean within the bins is the step.
    """
    wide = 2 * OFFSET_BINS + 2
    ux, uy = steps[0] + 0, steps[1] + 0
    square = ux * ux + uy * uy
    at = 2 if square > 0 else 0
    best = 0.0
    joined = 0
    for r in range(1, OFFSET_BINS + 1):
        for c in range(1, 2 * OFFSET_BINS + 1):
            count = 0
            for k in range(-1, 2):
                count += bins[(r + k) * wide + c - 1] + bins[(r + k) * wide + c] + bins[(r + k) * wide + c + 1]
            if count > joined >> 1:
                sx = 0
                sy = 0
                for k in range(-1, 2):
                    here = (r + k) * wide + c
                    sx += bins[here + 1] - bins[here - 1]
                    sy += k * (bins[here - 1] + bins[here] + bins[here + 1])
                half = (1 << bin_shift) >> 1
                vx = ((c - OFFSET_BINS - 1) << bin_shift) + half + (sx << bin_shift) // count
                vy = ((r - 1) << bin_shift) + half + (sy << bin_shift) // count
                length = vx * vx + vy * vy
                dot = ux * vx + uy * vy
                # Across: 57° to 123°, and 0.6 to 1.6 times as long.
                across = square == 0 or (10 * dot * dot < 3 * length * square and 3 * square < 8 * length and 2 * length < 5 * square)
                score = f64(count) / math.sqrt(f64(max(length, 1)))
                if across and score > best:
                    best = score
                    joined = count
                    steps[at] = vx
                    steps[at + 1] = vy
    return joined


@kernel("i64(const i32*, i64, i64, i64, i64, i32*, i32*)")
def sort_into_cells(centres, dot_count, width, height, cell_shift, starts, order):
    """The dots by cells of 2^cell_shift pixels: those of cell k are order[starts[k]] to
    order[starts[k + 1]] (exclusive).

    starts i32 (columns · rows + 2) of zeros, columns = (width >> cell_shift) + 1, rows likewise;
    order i32 (dot_count).
    """
    columns = (width >> cell_shift) + 1
    cells = columns * ((height >> cell_shift) + 1)
    shift = cell_shift + 4
    for i in range(dot_count):
        starts[(i64(centres[2 * i + 1]) >> shift) * columns + (i64(centres[2 * i]) >> shift) + 2] += 1
    for k in range(cells):
        starts[k + 2] += starts[k + 1]
    for i in range(dot_count):
        k = (i64(centres[2 * i + 1]) >> shift) * columns + (i64(centres[2 * i]) >> shift) + 1
        order[starts[k]] = i
        starts[k] += 1
    return cells


@helper
def _dot_near(centres, columns, rows, shift, starts, order, marks, mark_min, x, y, tolerance):
    """Whether a dot of at least this mark lies within the tolerance of (x, y), all in sixteenths of
    a pixel.
    """
    for r in range(max((y - tolerance) >> shift, 0), min((y + tolerance) >> shift, rows - 1) + 1):
        for c in range(max((x - tolerance) >> shift, 0), min((x + tolerance) >> shift, columns - 1) + 1):
            for k in range(i64(starts[r * columns + c]), i64(starts[r * columns + c + 1])):
                i = i64(order[k])
                dx, dy = i64(centres[2 * i]) - x, i64(centres[2 * i + 1]) - y
                if dx * dx + dy * dy <= tolerance * tolerance and marks[i] >= mark_min:
                    return True
    return False


@kernel("i64(const i64*, const i32*, const i32*, const i32*, i64, i64, i64, u8*)")
def mark_lattice(lattice, centres, starts, order, known, mark, need, marks):
    """Give `mark` to dots marked lower with at least `need` dots of mark `known` or more a step
    away: how many got it.

    A step is ± each of the two of STEPS; from the second round on (known > 0) any up to two of one
    and two of the other, for lines drawn over a screen interrupt it. marks u8 (DOTS,); centres,
    starts and order as sort_into_cells leaves them.
    """
    columns = (lattice[WIDTH] >> lattice[CELL_SHIFT]) + 1
    rows = (lattice[HEIGHT] >> lattice[CELL_SHIFT]) + 1
    shift = lattice[CELL_SHIFT] + 4
    tolerance = lattice[TOLERANCE]
    ux, uy, vx, vy = lattice[STEPS], lattice[STEPS + 1], lattice[STEPS + 2], lattice[STEPS + 3]
    reach = 1 if known == 0 else 2
    marked = 0
    for i in range(lattice[DOTS]):
        if marks[i] != 0:
            continue
        near = 0
        for a in range(-reach, reach + 1):
            for b in range(-reach, reach + 1):
                if (a == 0 and b == 0) or near >= need or (known == 0 and a != 0 and b != 0):
                    continue
                x = i64(centres[2 * i]) + a * ux + b * vx
                y = i64(centres[2 * i + 1]) + a * uy + b * vy
                near += 1 if _dot_near(centres, columns, rows, shift, starts, order, marks, known, x, y, tolerance) else 0
        if near >= need:
            marks[i] = mark
            marked += 1
    return marked


@kernel("i64(const u64*, i64, i64, i64, i64, u64*, u64*, i32*, i64*, const i64*, i64, const u8*)")
def remove_marked(words, width, height, stride, area_max, out, large, queue, none, dots, dot_count, marks):
    """Remove the dots that have a mark from `out`, a copy of words; returns how many went. Scratch
    as for find_dots.
    """
    size = (width, height, stride)
    limits = (area_max, 0, 0)
    removed = 0
    for i in range(dot_count):
        if marks[i] != 0:
            y = dots[i] // width
            explore(words, size, u64(0), 1, limits, out, large, queue, none, y, dots[i] - y * width)
            removed += 1
    return removed


@helper
def _ways(words, width, height, stride, x, y, run):
    """Bit k is set where the first `run` pixels from (x, y) in direction k of 32 are ink; beyond
    the page everything is.
    """
    ways = 0
    for k in range(8 * _RIM):
        along = (k & (2 * _RIM - 1)) - _RIM
        side = k // (2 * _RIM)
        dx = _RIM if side == 0 else (-_RIM if side == 2 else (-along if side == 1 else along))
        dy = along if side == 0 else (-along if side == 2 else (_RIM if side == 1 else -_RIM))
        open_way = 1
        for step in range(1, run + 1):
            u = x + (dx * step + _RIM // 2) // _RIM
            v = y + (dy * step + _RIM // 2) // _RIM
            inside = min(u, v) >= 0 and u < width and v < height
            if inside and (words[v * stride + (u >> 6)] >> u64(u & 63)) & u64(1) == u64(0):
                open_way = 0
                break
        ways |= open_way << k
    return ways


@helper
def _is_on_line(words, width, height, stride, x, y, run):
    """Does a line go through ink pixel (x, y): ink for `run` pixels both ways, straight or a little
    bent?
    """
    ways = _ways(words, width, height, stride, x, y, run)
    for bend in range(-_BEND_32, _BEND_32 + 1):
        turn = 16 + bend
        if ways & ((ways << turn) | (ways >> (32 - turn))) & 0xFFFFFFFF != 0:
            return True
    return False


@kernel("i64(const u64*, const i64*, const i32*, const i32*, const i32*, const u8*, i64, i64, i64, u64*)")
def remove_fused(source, lattice, centres, starts, order, marks, radius2, run, area_min, out):
    """Remove dots that touch a line: where a marked dot's neighbour on the lattice is missing, what
    is ink around its place and no line.

    A line goes on both ways for longer than a dot is wide, so it stays, and what sticks out of it
    goes. Places with less ink than a dot has are left alone: there was none.

    source    u64 (height, stride), the bitmap without the dots that stand alone; out the same, in
              place
    radius2   square of the distance from a dot's place within which ink may go, in pixels; run,
              area_min: see above, in pixels
    The others as sort_into_cells and mark_lattice leave them. Returns how many places were cleaned;
    a place counts once for each of its neighbours.
    """
    width, height, tolerance = lattice[WIDTH], lattice[HEIGHT], lattice[TOLERANCE]
    stride = (width >> 6) + 1
    columns = (width >> lattice[CELL_SHIFT]) + 1
    rows = (height >> lattice[CELL_SHIFT]) + 1
    shift = lattice[CELL_SHIFT] + 4
    reach = 0
    while reach * reach <= radius2:
        reach += 1
    cleaned = 0
    for i in range(lattice[DOTS]):
        if marks[i] == 0:
            continue
        for side in range(4):
            sign = 1 - 2 * (side & 1)
            x = i64(centres[2 * i]) + sign * lattice[STEPS + (side & 2)]
            y = i64(centres[2 * i + 1]) + sign * lattice[STEPS + (side & 2) + 1]
            if _dot_near(centres, columns, rows, shift, starts, order, marks, 0, x, y, tolerance):
                continue
            px = (x + 8) >> 4
            py = (y + 8) >> 4
            area = 0
            for v in range(max(py - reach, 0), min(py + reach + 1, height)):
                for u in range(max(px - reach, 0), min(px + reach + 1, width)):
                    if (u - px) * (u - px) + (v - py) * (v - py) <= radius2:
                        area += i64((source[v * stride + (u >> 6)] >> u64(u & 63)) & u64(1))
            if area < area_min:
                continue
            cleaned += 1
            for v in range(max(py - reach, 0), min(py + reach + 1, height)):
                for u in range(max(px - reach, 0), min(px + reach + 1, width)):
                    bit = u64(u64(1) << u64(u & 63))
                    word = v * stride + (u >> 6)
                    near = (u - px) * (u - px) + (v - py) * (v - py) <= radius2
                    if near and source[word] & bit != u64(0) and not _is_on_line(source, width, height, stride, u, v, run):
                        out[word] &= u64(~bit)
    return cleaned
