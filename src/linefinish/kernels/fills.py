"""Fills and hard shadows: paper that is darker than the page's, up to a sharp edge.

A fill is *flat*: the sixteen pixels of a cell are alike. And it is clearly paler than the ink. What
is flat and as dark as the ink is a solid, and stays. Fills are found in cells of 4 × 4 px, but a
cell is too coarse for their edge, which mostly runs under a line of a few pixels. So near
each step from one paper to another every pixel takes the paper of the nearest pixel that surely is
paper (a Voronoi partition by breadth-first search): the border of two papers comes to lie in the
middle of the line, or in the middle of the step.
"""
from __future__ import annotations

from linefinish.kernels._casts import f64, i64, popcount, trailing_zeros, u64
from linefinish.kernels._lanes import add64, at_most64, fill64, load64, max64, mean64, min64, store64, sub64, where64
from linefinish.kernels._modes import helper, inlined, kernel

# How far two neighbouring cells of paper may differ, in 256ths of the lighter, before pixels are
# looked at. Smaller: more of the page is; larger: the dip beside a hard edge passes for a pale
# line.
_STEP_OF_256 = 26
# Cells around a step that are looked at as pixels: half of a broad line and what blur adds.
_REACH_CELLS = 2
# Ink is darker than this part of the darkest paper near it, of 256. Larger: grain of dark fills is
# ink; smaller: strokes of grey ink are not seen.
_INK_OF_256 = 154
# The darkest pixel of a flat cell has at least so many 16ths of the lightest one's grey. Larger:
# cells of dark grained fills drop out; smaller: in a shadow cells that ink covers in part pass.
_ALIKE_16TH = 5
# Single dark pixels are grain: so many of nine make ink.
_INK_OF_NINE = 3
# Pixels so near to ink may hold a part of it and say nothing of the paper: edges are two pixels
# soft.
_NEAR_PX = 3
# A pixel near ink that has at least so many eighths of the lightest paper near it is paper all the
# same: else narrow paper between lines takes that of a fill behind them.
_LIT_EIGHTHS = 7
# Greys by which pixels of one fill without grain may differ. Larger: soft edges of strokes pass for
# a fill; smaller: what JPEG adds hides it.
_ONE_GRAY = 4
# Greys by which neighbouring cells of one fill may differ. Larger: blurred hatching, flat here and
# there, passes for a fill; smaller: steep shadows and coarse grain fall into pieces.
_TONES_APART_MAX = 14
# What `divide_pixels` is told, in numbers: i64 (WHITES,). Paper darker than FILL_BELOW is that of a
# fill or a shadow. There white is what has this part of its grey, of 256, by state. Larger: grain
# stays and passes for pale strokes; smaller: pale strokes are lost, and beside ink lines get thin.
FILL_BELOW, PAPER_WHITE, GIVEN_WHITE = 0, 1, 2
WHITES = 3
# What `flat_cells` is told, in numbers: i64 (LIMITS,). Dark cells are those below FLOOR; the greys
# of a cell differ by at most RANGE_MAX, of a pale one by at most PALE_RANGE_MAX, which is negative
# where pale ones do not matter. How far greys differ is counted of cells from GRAIN_FROM on: the
# greys of solid ink are so dark that they differ by as much as their own. From there on they differ
# by at most APART_MAX, too, in 128ths of their own.
FLOOR, RANGE_MAX, PALE_RANGE_MAX, GRAIN_FROM, APART_MAX = 0, 1, 2, 3, 4
LIMITS = 5
# Rows of the scratch of `find_ink`, each with room to spare at both ends: what is asked across a
# row of cells, a row of pixels, and the last seven rows.
_LIMIT, _LIT, _LOOKED_AT, _DARKEST, _LIGHTEST, _OWN, _RING = 0, 1, 2, 3, 4, 5, 6
INK_ROWS, INK_SPARE, _MARGIN = 13, 192, 64
# The closing of pixels that lets thin strokes vanish has a square of twice this and one. Larger:
# narrow fills are closed; smaller: strokes of a few pixels are taken for paper.
CLOSED_PX = 3
# Rows of the scratch of `close_near`: one of the page, one of what is widened, two rings of seven.
_PLAIN, _WIDENED, _LARGEST, _SMALLEST = 0, 1, 2, 9
CLOSING_ROWS, CLOSING_SPARE = 16, 192
# What pixels near a step are: paper, near ink, near ink and given a paper. The others are 0.
PAPER, NEAR, GIVEN = 1, 2, 3


@helper
def _may_be_fill(cell, paper, floor, pale_matters):
    return cell < floor or (pale_matters and 8 * cell < 7 * paper)


@helper
def _may_be_fills(cells, paper, at, floor, pale_matters):
    """A bit for each of 64 cells from `at` on: what `_may_be_fill` says of it."""
    here = load64(cells, at)
    bits = u64(~at_most64(fill64(floor), here))
    if pale_matters:
        around, none = load64(paper, at), fill64(0)
        eighth = mean64(mean64(mean64(around, none), none), none)
        bits |= u64(~at_most64(sub64(around, eighth), here))
    return bits


@helper
def _not_zero(cells, at, count, size):
    """A bit for each of `count` cells from `at` on, of `size` in all, that is not 0."""
    if at + 64 <= size:
        return u64(~at_most64(load64(cells, at), fill64(0))) & (u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - count))
    bits = u64(0)
    for i in range(count):
        if cells[at + i] != 0:
            bits |= u64(u64(1) << u64(i))
    return bits


@helper
def _run_from(bits, first):
    """How many bits from `first` on are set, which is."""
    return trailing_zeros(u64(~u64(bits >> u64(first))))


@helper
def _without_below(bits, end):
    """The bits from `end` on."""
    return u64(0) if end >= 64 else u64(u64(bits >> u64(end)) << u64(end))


@helper
def _four(gray, at):
    """Four bytes as one word, the first lowest."""
    return u64(
        u64(gray[at]) | u64(u64(gray[at + 1]) << u64(8)) | u64(u64(gray[at + 2]) << u64(16)) | u64(u64(gray[at + 3]) << u64(24))
    )


@helper
def _is_one_gray(gray, at, width):
    """Whether the 4 × 4 pixels from `at` on are all of one grey."""
    first = _four(gray, at)
    others = (first ^ _four(gray, at + width)) | (first ^ _four(gray, at + 2 * width)) | (first ^ _four(gray, at + 3 * width))
    return others | (first ^ u64((first & u64(255)) * u64(0x01010101))) == u64(0)


@inlined
def _flat(gray, width, height, r, c, range_max):
    """The mean grey of a cell that is flat, and how far its greys differ, in 128ths of that; 0 and
    0 of one that is not.
    """
    corner = 4 * r * width + 4 * c
    if range_max >= 0 and 4 * r + 4 <= height and 4 * c + 4 <= width and _is_one_gray(gray, corner, width):
        return max(i64(gray[corner]), 1), 0
    least, most, total, count = 255, 0, 0, 0
    if 4 * r + 4 <= height and 4 * c + 4 <= width:
        for row in range(4):
            for column in range(4):
                here = i64(gray[corner + row * width + column])
                least, most = min(least, here), max(most, here)
                total += here
        if most - least > range_max or 16 * least < _ALIKE_16TH * most:
            return 0, 0
        tone = max(total >> 4, 1)
        return tone, min((most - least) * 128 // tone, 255)
    y = 4 * r
    while y < min(4 * r + 4, height) and most - least <= range_max:
        for x in range(4 * c, min(4 * c + 4, width)):
            here = i64(gray[y * width + x])
            least = min(least, here)
            most = max(most, here)
            total += here
            count += 1
        y += 1
    if most - least > range_max or 16 * least < _ALIKE_16TH * most:
        return 0, 0
    tone = max(total // count, 1)
    return tone, min((most - least) * 128 // tone, 255)


@helper
def _candidates(cells, paper, start, count, size, floor, pale_matters):
    """A bit for each of `count` cells from `start` on: what `_may_be_fill` says of it."""
    if start + 64 <= size:
        return _may_be_fills(cells, paper, start, floor, pale_matters) & (u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - count))
    bits = u64(0)
    for at in range(start, start + count):
        if _may_be_fill(i64(cells[at]), i64(paper[at]), floor, pale_matters):
            bits |= u64(u64(1) << u64(at - start))
    return bits


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, const i64*, u8*, u8*, i64*)")
def flat_cells(gray, width, height, cells, paper, limits, tones, aparts, bins):
    """The mean grey of each flat cell into `tones`, how far its greys differ into `aparts`, and how
    often each occurs into `bins`: of dark cells, and of pale ones that are clearly darker than the
    paper around. → how many pale ones there are.

    gray u8 (height, width); cells, the page's, and paper, its closing, u8 (rows, columns); tones
    the same, of zeros; aparts the same, written where a cell is flat, in 128ths of its grey; bins
    i64 (512,) of zeros, the second half for what is in aparts; limits i64 (LIMITS,), see there.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    floor, pale_matters = limits[FLOOR], limits[PALE_RANGE_MAX] >= 0
    pale_cells = 0
    for r in range(rows):
        # Most cells are paper, and 64 of them are passed over at once.
        for first in range(0, columns, 64):
            start = r * columns + first
            left = _candidates(cells, paper, start, min(64, columns - first), columns * rows, floor, pale_matters)
            while left != u64(0):
                at = start + trailing_zeros(left)
                left &= u64(left - u64(1))
                pale = i64(cells[at]) >= floor
                tone, apart = _flat(gray, width, height, r, at - r * columns, limits[PALE_RANGE_MAX if pale else RANGE_MAX])
                if tone != 0 and (tone < limits[GRAIN_FROM] or apart <= limits[APART_MAX]):
                    tones[at] = tone
                    aparts[at] = apart
                    bins[tone] += 1
                    if tone >= limits[GRAIN_FROM]:
                        bins[256 + apart] += 1
                    pale_cells += 1 if pale else 0
    return pale_cells


@kernel("i64(const u8*, i64, const i64*, u8*, const u8*, i64*)")
def keep_flat(cells, count, limits, tones, aparts, bins):
    """Of what `flat_cells` found only those cells stay that it would find within narrower limits,
    and the others become 0: a lower APART_MAX, and no pale ones if PALE_RANGE_MAX is negative. →
    how many stay.

    cells u8 (count,), the page's; limits i64 (LIMITS,); tones, in place, and aparts as there; bins
    i64 (512,) of zeros, as there.
    """
    kept = 0
    dark_only = limits[PALE_RANGE_MAX] < 0
    for start in range(0, count, 64):
        left = _not_zero(tones, start, min(64, count - start), count)
        while left != u64(0):
            at = start + trailing_zeros(left)
            left &= u64(left - u64(1))
            tone, apart = i64(tones[at]), i64(aparts[at])
            grainy = tone >= limits[GRAIN_FROM]
            if (dark_only and i64(cells[at]) >= limits[FLOOR]) or (grainy and apart > limits[APART_MAX]):
                tones[at] = 0
                continue
            bins[tone] += 1
            if grainy:
                bins[256 + apart] += 1
            kept += 1
    return kept


@helper
def _still_flat(gray, width, height, columns, cells, limits, asked, count):
    """Of `count` cells in `asked` those that their first and last row do not say are uneven come
    first: how many. The brightest four pixels' mean lies between a cell's greys, too.

    Nothing here is guessed by a branch, so that the lines of memory come side by side.
    """
    floor = limits[FLOOR]
    left = 0
    for i in range(count):
        place = i64(asked[i])
        r = i64(f64(place) / f64(columns))
        c = place - r * columns
        cell = i64(cells[place])
        range_max = limits[PALE_RANGE_MAX] if cell >= floor else limits[RANGE_MAX]
        at = 4 * r * width + 4 * c
        # A cell at the border may have one column only, or one row.
        step = 1 if 4 * c + 4 <= width else 0
        below = at + (3 * width if 4 * r + 4 <= height else 0)
        least, most = cell, cell
        for i4 in range(4):
            one, other = i64(gray[at + i4 * step]), i64(gray[below + i4 * step])
            least, most = min(least, min(one, other)), max(most, max(one, other))
        asked[left] = place
        left += 1 if most - least <= range_max else 0
    return left


# Cells that `count_flat` asks at once: its scratch.
ASKED = 256


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, const i64*, i64, i64, i32*)")
def count_flat(gray, width, height, cells, paper, limits, tone_min, enough, asked):
    """How many of the cells that `flat_cells` finds have a mean grey of at least tone_min; `enough`
    where there are as many or more. asked i32 (ASKED,) is scratch.

    The brightest 2 × 2 pixels of a cell, which `cells` are, are no darker than its mean, so solids
    of ink are passed over without a look at their pixels: on large pages each costs a line of
    memory. So does each edge, and these are asked many at a time for their first row.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    size = columns * rows
    floor, pale_matters = limits[FLOOR], limits[PALE_RANGE_MAX] >= 0
    found = 0
    waiting = 0
    for r in range(rows):
        for first in range(0, columns, 64):
            start = r * columns + first
            left = _candidates(cells, paper, start, min(64, columns - first), size, floor, pale_matters)
            if left != u64(0) and tone_min > 1 and start + 64 <= size:
                left &= at_most64(fill64(tone_min), load64(cells, start))
            while left != u64(0):
                asked[waiting] = start + trailing_zeros(left)
                left &= u64(left - u64(1))
                waiting += 1
            if waiting > ASKED - 64 or (r == rows - 1 and first + 64 >= columns):
                waiting = _still_flat(gray, width, height, columns, cells, limits, asked, waiting)
                for i in range(waiting):
                    if found < enough:
                        at = i64(asked[i])
                        row = i64(f64(at) / f64(columns))
                        range_max = limits[PALE_RANGE_MAX] if i64(cells[at]) >= floor else limits[RANGE_MAX]
                        tone, _ = _flat(gray, width, height, row, at - row * columns, range_max)
                        found += 1 if tone != 0 and tone >= tone_min else 0
                waiting = 0
                if found >= enough:
                    return found
    return found


@kernel("i64(u8*, i64, i64, i64, i64, i32*, u8*)")
def keep_areas(tones, columns, rows, lightest_ink, cells_min, queue, marks):
    """Of `tones` only cells lighter than `lightest_ink` stay that hang together, over neighbours of
    nearly their tone, in at least `cells_min` cells; the others become 0. → how many stay.

    tones u8 (rows, columns), in place. Scratch: queue i32 and marks u8 of zeros, of the same shape.
    """
    kept = 0
    for start in range(columns * rows):
        if i64(tones[start]) <= lightest_ink:
            tones[start] = 0
            continue
        if marks[start] != 0:
            continue
        marks[start] = 1
        queue[0] = start
        head, tail = 0, 1
        while head < tail:
            r = i64(f64(queue[head]) / f64(columns))
            c = i64(queue[head]) - r * columns
            tone = i64(tones[queue[head]])
            head += 1
            for row in range(max(r - 1, 0), min(r + 2, rows)):
                for column in range(max(c - 1, 0), min(c + 2, columns)):
                    at = row * columns + column
                    apart = abs(i64(tones[at]) - tone)
                    if marks[at] == 0 and i64(tones[at]) > lightest_ink and apart <= _TONES_APART_MAX:
                        marks[at] = 1
                        queue[tail] = at
                        tail += 1
        if tail >= cells_min:
            kept += tail
        else:
            for i in range(tail):
                tones[i64(queue[i])] = 0
    return kept


# A narrow piece of fills is a stroke if at least so many of eight of the cells around it, edge by
# edge, are neither broad fill nor ink. Larger: strokes of a grey pen that meet are fills, and gone;
# smaller: pieces of fills between the lines of a drawing are black.
_OPEN_OF_EIGHT = 4


@helper
def _eroded(words, rows, stride, beyond):
    """Of the bits of rows of words only those stay that have all eight neighbours, in place. What
    lies beyond is all set, or nothing is, as the bits of `beyond`.
    """
    for r in range(rows):
        before = beyond
        for at in range(r * stride, r * stride + stride):
            here = words[at]
            after = words[at + 1] if at + 1 < r * stride + stride else beyond
            words[at] = here & (u64(here << u64(1)) | (before >> u64(63))) & ((here >> u64(1)) | u64(after << u64(63)))
            before = here
    for k in range(stride):
        above = beyond
        for r in range(rows):
            at = r * stride + k
            here = words[at]
            below = words[at + stride] if r + 1 < rows else beyond
            words[at] = above & here & below
            above = here


@helper
def _is_set(words, stride, r, c):
    return u64(words[r * stride + (c >> 6)] >> u64(c & 63)) & u64(1) != u64(0)


@helper
def _holds_ink(gray, width, height, r, c, lightest_ink):
    """Whether a pixel of a cell is as dark as ink."""
    for y in range(4 * r, min(4 * r + 4, height)):
        for x in range(4 * c, min(4 * c + 4, width)):
            if i64(gray[y * width + x]) <= lightest_ink:
                return True
    return False


@helper
def _lies_open(tones, gray, width, height, lightest_ink, strokes, stride, queue, count):
    """Whether so many of the cells around the `count` ones in the queue, edge by edge, are neither
    broad fill nor ink as strokes have around them. As soon as it is known no other cell is asked
    for ink: that costs a line of memory a row.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    beside, bare = 0, 0
    for i in range(count):
        r = i64(f64(queue[i]) / f64(columns))
        c = i64(queue[i]) - r * columns
        for row in range(max(r - 1, 0), min(r + 2, rows)):
            for column in range(max(c - 1, 0), min(c + 2, columns)):
                if not _is_set(strokes, stride, row, column):
                    beside += 1
                    bare += 1 if tones[row * columns + column] == 0 else 0
    wanted = (_OPEN_OF_EIGHT * beside + 7) >> 3
    unmarked = 0
    i = 0
    while i < count and unmarked < wanted and unmarked + bare >= wanted:
        r = i64(f64(queue[i]) / f64(columns))
        c = i64(queue[i]) - r * columns
        i += 1
        for row in range(max(r - 1, 0), min(r + 2, rows)):
            for column in range(max(c - 1, 0), min(c + 2, columns)):
                if tones[row * columns + column] == 0:
                    bare -= 1
                    unmarked += 0 if _holds_ink(gray, width, height, row, column, lightest_ink) else 1
    return unmarked >= wanted


@kernel("i64(u8*, const u8*, i64, i64, i64, i64, i64, u64*, u64*, i32*)")
def drop_strokes(tones, gray, width, height, lightest_ink, floor, radius, strokes, left, queue):
    """Take strokes out of `tones`: pieces darker than `floor` that are nowhere 2 · radius + 1 cells
    broad, an opening by that square (Serra 1982) says, with neither ink nor broad fills along them.
    → how many cells are left.

    tones u8 (rows, columns), in place; gray u8 (height, width). Scratch: strokes and left u64, a
    bit for each cell, each row in words of its own; queue i32, of the shape of tones.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    stride = (columns + 63) >> 6
    for r in range(rows):
        for k in range(stride):
            bits = _not_zero(tones, r * columns + 64 * k, min(64, columns - 64 * k), columns * rows)
            left[r * stride + k] = bits
            strokes[r * stride + k] = bits
    for _ in range(radius):
        _eroded(strokes, rows, stride, u64(0))
    for at in range(rows * stride):
        strokes[at] = u64(~strokes[at])
    for _ in range(radius):
        _eroded(strokes, rows, stride, u64(0xFFFF_FFFF_FFFF_FFFF))
    # What is eroded now is all that is not broad: the complement of a dilation.
    kept = 0
    for at in range(rows * stride):
        kept += popcount(left[at] & u64(~strokes[at]))
        strokes[at] &= left[at]
        left[at] = strokes[at]
    for at in range(rows * stride):
        while left[at] != u64(0):
            r = i64(f64(at) / f64(stride))
            queue[0] = r * columns + 64 * (at - r * stride) + trailing_zeros(left[at])
            left[at] &= u64(left[at] - u64(1))
            head, tail, total = 0, 1, 0
            while head < tail:
                r = i64(f64(queue[head]) / f64(columns))
                c = i64(queue[head]) - r * columns
                total += i64(tones[queue[head]])
                head += 1
                for row in range(max(r - 1, 0), min(r + 2, rows)):
                    for column in range(max(c - 1, 0), min(c + 2, columns)):
                        if _is_set(left, stride, row, column):
                            left[row * stride + (column >> 6)] ^= u64(u64(1) << u64(column & 63))
                            queue[tail] = row * columns + column
                            tail += 1
            if total < floor * tail and _lies_open(tones, gray, width, height, lightest_ink, strokes, stride, queue, tail):
                for i in range(tail):
                    tones[i64(queue[i])] = 0
            else:
                kept += tail
    return kept


@kernel("i64(const u8*, i64, u8*)")
def put(tones, count, cells):
    """cells[i] = tones[i] where that is not 0."""
    for at in range(count):
        cells[at] = tones[at] if tones[at] != 0 else cells[at]
    return 0


@helper
def _is_step(cells, columns, rows, r, c):
    """Whether the papers of a cell and its eight neighbours differ by a step."""
    least, most = 255, 0
    for row in range(max(r - 1, 0), min(r + 2, rows)):
        for column in range(max(c - 1, 0), min(c + 2, columns)):
            here = i64(cells[row * columns + column])
            least = min(least, here)
            most = max(most, here)
    return 256 * (most - least) > _STEP_OF_256 * most


@helper
def _may_be_steps(cells, tones, columns, rows, r, first):
    """A bit for each of 64 cells of a row from column `first` on: whether it may lie in a fill or
    at a step of the paper. All may that have no cells around them.
    """
    bits = u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - min(64, columns - first))
    at = r * columns + first
    if at - columns < 1 or at + columns + 65 > columns * rows:
        return bits
    darkest, lightest = load64(cells, at), load64(cells, at)
    for row in range(-1, 2):
        for column in range(-1, 2):
            other = load64(cells, at + row * columns + column)
            darkest = min64(darkest, other)
            lightest = max64(lightest, other)
    # A step is more than these three 32nds.
    none = fill64(0)
    sixteenth = mean64(mean64(mean64(mean64(lightest, none), none), none), none)
    part = add64(sixteenth, mean64(sixteenth, none))
    even = at_most64(sub64(lightest, darkest), part) & at_most64(load64(tones, at), none)
    return bits & u64(~even)


@helper
def _mark_rows(near, columns, rows, r, begin, end):
    """Mark columns begin … end - 1 of the rows within two of one."""
    for row in range(max(r - _REACH_CELLS, 0), min(r + _REACH_CELLS + 1, rows)):
        for column in range(begin, end):
            near[row * columns + column] = 1


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, u8*)")
def translate_marked(gray, width, height, marks, table, out):
    """out = table[grey] for the pixels of marked cells; the others stay as they are.

    gray and out u8 (height, width); marks u8 (rows, columns), not 0 where marked; table u8 (256,).
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    for r in range(rows):
        for first in range(0, columns, 64):
            left = _not_zero(marks, r * columns + first, min(64, columns - first), columns * rows)
            while left != u64(0):
                begin = trailing_zeros(left)
                end = begin + _run_from(left, begin)
                left = _without_below(left, end)
                for y in range(4 * r, min(4 * r + 4, height)):
                    for at in range(y * width + 4 * (first + begin), y * width + min(4 * (first + end), width)):
                        out[at] = table[gray[at]]
    return 0


@kernel("i64(const u8*, const u8*, i64, i64, u8*)")
def find_steps(cells, tones, columns, rows, near):
    """Mark the cells within two of a fill or of a step of the paper: how many.

    cells u8 (rows, columns), the paper; tones, the same, not 0 in fills; near, the same, of zeros.
    """
    for r in range(rows):
        begin, end = 0, 0  # of what is marked as soon as it is known how far it goes
        for first in range(0, columns, 64):
            left = _not_zero(tones, r * columns + first, min(64, columns - first), columns * rows)
            asked = _may_be_steps(cells, tones, columns, rows, r, first) & u64(~left)
            while asked != u64(0):
                c = trailing_zeros(asked)
                asked &= u64(asked - u64(1))
                if _is_step(cells, columns, rows, r, first + c):
                    left |= u64(u64(1) << u64(c))
            while left != u64(0):
                c = trailing_zeros(left)
                behind = c + _run_from(left, c)
                left = _without_below(left, behind)
                if first + c - _REACH_CELLS > end:
                    _mark_rows(near, columns, rows, r, begin, end)
                    begin = first + c - _REACH_CELLS
                end = min(first + behind + _REACH_CELLS, columns)
        _mark_rows(near, columns, rows, r, begin, end)
    marked = 0
    for at in range(columns * rows):
        marked += 1 if near[at] != 0 else 0
    return marked


@helper
def _lay_out_extremes(cells, columns, rows, r, scratch, darkest, lightest):
    """For each column the darkest and the lightest of the cells within two rows of row r, to
    scratch from `darkest` and from `lightest` on, and up to 63 bytes more.
    """
    for first in range(0, columns, 64):
        if min(r + 2, rows - 1) * columns + first + 64 <= columns * rows:
            least, most = fill64(255), fill64(0)
            for step in range(-2, 3):
                here = load64(cells, min(max(r + step, 0), rows - 1) * columns + first)
                least, most = min64(least, here), max64(most, here)
            store64(scratch, darkest + first, least)
            store64(scratch, lightest + first, most)
        else:
            for c in range(first, min(first + 64, columns)):
                low, high = 255, 0
                for step in range(-2, 3):
                    one = i64(cells[min(max(r + step, 0), rows - 1) * columns + c])
                    low, high = min(low, one), max(high, one)
                scratch[darkest + c] = low
                scratch[lightest + c] = high


@helper
def _lay_out(cells, near, columns, rows, r, width, span, scratch):
    """For each pixel across the cells of row r: the grey below which it is ink under any of the
    papers near it, from which on it is the lightest of them, and whether it is looked at. Returns
    whether any is.
    """
    limit, lit, looked_at = _LIMIT * span + _MARGIN, _LIT * span + _MARGIN, _LOOKED_AT * span + _MARGIN
    darkest, lightest = _DARKEST * span + _MARGIN, _LIGHTEST * span + _MARGIN
    for x in range(width):
        scratch[limit + x] = 0
        scratch[lit + x] = 0
        scratch[looked_at + x] = 0
    found = False
    for c in range(columns):
        found = found or near[r * columns + c] != 0
    if not found:
        return False
    # The extremes of five cells down, then of five across.
    _lay_out_extremes(cells, columns, rows, r, scratch, darkest, lightest)
    for c in range(columns):
        if near[r * columns + c] != 0:
            low, high = 255, 0
            for column in range(max(c - 2, 0), min(c + 3, columns)):
                low, high = min(low, i64(scratch[darkest + column])), max(high, i64(scratch[lightest + column]))
            for x in range(4 * c, min(4 * c + 4, width)):
                scratch[limit + x] = (low * _INK_OF_256) >> 8
                scratch[lit + x] = (high * _LIT_EIGHTHS) >> 3
                scratch[looked_at + x] = 1
    return True


@helper
def _ink_of(gray, width, height, x, y, count, limits):
    """A bit for each of `count` pixels from (x, y) on: is it darker than its limit, as two of its
    eight neighbours are? `limits` are 64 of them.
    """
    at = y * width + x
    dark = u64(~at_most64(limits, load64(gray, at))) & (u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - count))
    if dark == u64(0):
        return dark
    # Rows go on in each other, and nothing lies beyond their ends.
    before = u64(0xFFFF_FFFF_FFFF_FFFF) if x > 0 else u64(0xFFFF_FFFF_FFFF_FFFE)
    behind = u64(0xFFFF_FFFF_FFFF_FFFF) if x + count < width else u64(u64(u64(1) << u64(count - 1)) - u64(1))
    one = u64(0)
    two = u64(0)
    for row in range(-1, 2):
        for column in range(-1, 2):
            if row != 0 or column != 0:
                other = u64(~at_most64(limits, load64(gray, at + row * width + column)))
                other &= before if column < 0 else (behind if column > 0 else u64(0xFFFF_FFFF_FFFF_FFFF))
                two |= one & other
                one |= other
    return dark & two


@helper
def _ink_at_border(gray, width, height, x, y, count, scratch, limit):
    """The same, pixel by pixel, at the page's border; the limits lie in scratch."""
    bits = u64(0)
    for i in range(count):
        wanted = i64(scratch[limit + x + i])
        dark = 0
        if i64(gray[y * width + x + i]) < wanted:
            for v in range(max(y - 1, 0), min(y + 2, height)):
                for u in range(max(x + i - 1, 0), min(x + i + 2, width)):
                    dark += 1 if i64(gray[v * width + u]) < wanted else 0
        if dark >= _INK_OF_NINE:
            bits |= u64(u64(1) << u64(i))
    return bits


@helper
def _spread_lit(gray, width, height, y, span, scratch):
    """How light pixels of row y have to be that lie within three columns of ink, 0 for others, into
    the ring's row for it. Returns whether there is ink.
    """
    limit, lit, own = _LIMIT * span + _MARGIN, _LIT * span + _MARGIN, _OWN * span + _MARGIN
    size = width * height
    found = u64(0)
    for x in range(0, width, 64):
        at = y * width + x
        count = min(64, width - x)
        if at - width - 1 >= 0 and at + width + 65 <= size:
            ink = _ink_of(gray, width, height, x, y, count, load64(scratch, limit + x))
        else:
            ink = _ink_at_border(gray, width, height, x, y, count, scratch, limit)
        found |= ink
        store64(scratch, own + x, where64(ink, load64(scratch, lit + x), fill64(0)))
    ring = (_RING + y % (2 * _NEAR_PX + 1)) * span + _MARGIN
    for x in range(0, width, 64):
        around = fill64(0)
        if found != u64(0):
            for step in range(-_NEAR_PX, _NEAR_PX + 1):
                around = max64(around, load64(scratch, own + x + step))
        store64(scratch, ring + x, around)
    return found != u64(0)


@helper
def _mark_near(gray, width, height, y, span, scratch, state):
    """Make NEAR of what is PAPER in row y and darker than the ring says: how many."""
    size = width * height
    marked = 0
    for x in range(0, width, 64):
        wanted = fill64(0)
        for row in range(2 * _NEAR_PX + 1):
            wanted = max64(wanted, load64(scratch, (_RING + row) * span + _MARGIN + x))
        at = y * width + x
        count = min(64, width - x)
        if at + 64 <= size:
            here = load64(state, at)
            bits = u64(~at_most64(wanted, load64(gray, at))) & at_most64(fill64(PAPER), here)
            bits &= u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - count)
            store64(state, at, where64(bits, fill64(NEAR), here))
            marked += popcount(bits)
        else:
            store64(scratch, _OWN * span + _MARGIN + x, wanted)
            for i in range(count):
                if state[at + i] == PAPER and gray[at + i] < scratch[_OWN * span + _MARGIN + x + i]:
                    state[at + i] = NEAR
                    marked += 1
    return marked


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, i64, i64, u8*, u8*)")
def find_ink(gray, width, height, cells, near, columns, rows, state, scratch):
    """Tell PAPER from NEAR (to ink) for each pixel of the cells marked in `near`: how many are
    NEAR.

    gray u8 (height, width); state the same, of zeros; cells, near u8 (rows, columns) as for
    `find_steps`; scratch u8 (INK_ROWS · (width + INK_SPARE),). A row at a time, 64 pixels at once;
    a ring of the last seven rows tells what is near the ink of any.
    """
    span = width + INK_SPARE
    for i in range(INK_ROWS * span):
        scratch[i] = 0
    count = 0
    inked = 0  # a bit for each row of the ring: whether it has ink
    looked_at = False
    for y in range(height + _NEAR_PX):
        inked = (inked << 1) & 127
        if y < height:
            if y & 3 == 0:
                looked_at = _lay_out(cells, near, columns, rows, y >> 2, width, span, scratch)
            if looked_at:
                for x in range(width):
                    state[y * width + x] = scratch[_LOOKED_AT * span + _MARGIN + x]
                inked |= 1 if _spread_lit(gray, width, height, y, span, scratch) else 0
        if inked & 1 == 0:
            for x in range(width):
                scratch[(_RING + y % (2 * _NEAR_PX + 1)) * span + _MARGIN + x] = 0
        if y >= _NEAR_PX and inked != 0:
            count += _mark_near(gray, width, height, y - _NEAR_PX, span, scratch, state)
    return count


@helper
def _extreme(buffer, at, step, largest):
    """The largest of each of 64 bytes and of those up to three steps before and behind, or the
    smallest.
    """
    found = load64(buffer, at)
    for k in range(1, CLOSED_PX + 1):
        before, behind = load64(buffer, at - k * step), load64(buffer, at + k * step)
        found = max64(found, max64(before, behind)) if largest else min64(found, min64(before, behind))
    return found


@helper
def _extreme_of_ring(scratch, first, span, x, largest):
    """The same of the seven rows of a ring."""
    found = load64(scratch, first * span + x)
    for row in range(first + 1, first + 2 * CLOSED_PX + 1):
        other = load64(scratch, row * span + x)
        found = max64(found, other) if largest else min64(found, other)
    return found


@kernel("i64(const u8*, i64, i64, const u8*, i64, i64, u8*, u8*)")
def close_near(gray, width, height, near, columns, rows, scratch, closed):
    """Grey closing by a square of 2 · CLOSED_PX + 1 pixels, of the cells marked in `near`: how many
    rows there are. What lies beyond the page does not count.

    gray u8 (height, width); near u8 (rows, columns); closed u8 (height, width): other pixels may
    receive anything. scratch u8 (CLOSING_ROWS · (width + CLOSING_SPARE) + height + 4,). The rows go
    through two rings, of the largest within three columns, and of the smallest of these.
    """
    span = width + CLOSING_SPARE
    wanted = CLOSING_ROWS * span  # a flag for each row of cells
    left, right = columns, 0
    for r in range(rows):
        scratch[wanted + r] = 0
        for c in range(columns):
            if near[r * columns + c] != 0:
                scratch[wanted + r] = 1
                left, right = min(left, c), max(right, c)
    # So many columns and rows beyond what is asked are looked at on the way.
    far = 2 * CLOSED_PX
    begin = max(4 * left - far, 0) & ~63
    end = min(4 * right + 4 + far, width)
    for x in range(span):
        scratch[_PLAIN * span + x] = 0
        scratch[_WIDENED * span + x] = 255
        for row in range(2 * CLOSED_PX + 1):
            scratch[(_LARGEST + row) * span + x] = 0
            scratch[(_SMALLEST + row) * span + x] = 255
    made = 0
    for y in range(height + far):
        asked = 0
        for r in range(max(y - 2 * far, 0) >> 2, min((y + far) >> 2, rows - 1) + 1):
            asked |= i64(scratch[wanted + r])
        if asked == 0:
            continue
        ring = (_LARGEST + y % (2 * CLOSED_PX + 1)) * span + _MARGIN
        if y < height:
            for x in range(begin, min(end + 64, width)):
                scratch[_PLAIN * span + _MARGIN + x] = gray[y * width + x]
            for x in range(max(begin - CLOSED_PX, 0), begin):
                scratch[_PLAIN * span + _MARGIN + x] = gray[y * width + x]
            for x in range(begin, end, 64):
                store64(scratch, ring + x, _extreme(scratch, _PLAIN * span + _MARGIN + x, 1, True))
        else:
            for x in range(begin, end):
                scratch[ring + x] = 0
        v = y - CLOSED_PX
        if v < 0:
            continue
        ring = (_SMALLEST + v % (2 * CLOSED_PX + 1)) * span + _MARGIN
        if v < height:
            for x in range(begin, end, 64):
                store64(scratch, _WIDENED * span + _MARGIN + x, _extreme_of_ring(scratch, _LARGEST, span, _MARGIN + x, True))
            for x in range(width, width + CLOSED_PX):
                scratch[_WIDENED * span + _MARGIN + x] = 255
            for x in range(begin, end, 64):
                store64(scratch, ring + x, _extreme(scratch, _WIDENED * span + _MARGIN + x, 1, False))
        else:
            for x in range(begin, end):
                scratch[ring + x] = 255
        v -= CLOSED_PX
        if v < 0 or scratch[wanted + (v >> 2)] == 0:
            continue
        made += 1
        for x in range(begin, end, 64):
            smallest = _extreme_of_ring(scratch, _SMALLEST, span, _MARGIN + x, False)
            if x + 64 <= width:
                store64(closed, v * width + x, smallest)
            else:
                store64(scratch, _PLAIN * span + _MARGIN + x, smallest)
                for u in range(x, width):
                    closed[v * width + u] = scratch[_PLAIN * span + _MARGIN + u]
                for u in range(width, x + 64):
                    scratch[_PLAIN * span + _MARGIN + u] = 0
    return made


@helper
def _is_alike(gray, width, height, x, y):
    """Whether a pixel lies in a square of 2 × 2 that is all of one grey."""
    here = i64(gray[y * width + x])
    for dy in (-1, 1):
        for dx in (-1, 1):
            u, v = x + dx, y + dy
            if u >= 0 and v >= 0 and u < width and v < height:
                aside, along, across = i64(gray[y * width + u]), i64(gray[v * width + x]), i64(gray[v * width + u])
                if abs(aside - here) <= _ONE_GRAY and abs(along - here) <= _ONE_GRAY and abs(across - here) <= _ONE_GRAY:
                    return True
    return False


@helper
def _any_near(state, width, height, left, top, margin):
    """Whether a pixel of the cell whose first one is (left, top) may be NEAR, or one of `margin` (0
    or 1) pixels around it. All may at the page's border.
    """
    if left < margin or top < margin or left + 8 > width or top + 4 + margin > height:
        return True
    marks = u64(0)
    for y in range(top - margin, top + 4 + margin):
        at = y * width + left
        if margin > 0:
            marks |= (_four(state, at - 1) | _four(state, at + 1)) & u64(0x02020202)
        else:
            marks |= _four(state, at) & u64(0x02020202)  # NEAR and GIVEN have that bit
    return marks != u64(0)


@helper
def _is_known(cells, columns, rows, r, c, gray):
    """Whether a paper within two cells of cell (r, c) is of this grey."""
    for row in range(max(r - 2, 0), min(r + 3, rows)):
        for column in range(max(c - 2, 0), min(c + 3, columns)):
            if abs(i64(cells[row * columns + column]) - gray) <= _ONE_GRAY:
                return True
    return False


# Scratch of `recognise_paper`, beyond two rows of cells.
EXTREMES_SPARE = 128


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, u8*, u8*, u8*)")
def recognise_paper(gray, width, height, cells, near, state, extremes, paper):
    """NEAR pixels become PAPER if they are of one grey with their neighbours, and of the grey of a
    paper within two cells: how many.

    gray, state, paper u8 (height, width): the pixel's own grey becomes its paper. cells and near,
    which marks the cells that are looked at, u8 (rows, columns). extremes u8 (2 · columns +
    EXTREMES_SPARE,) is scratch.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    lightest_at = columns + (EXTREMES_SPARE >> 1)
    found = 0
    for r in range(rows):
        laid_out = False
        for c in range(columns):
            if near[r * columns + c] == 0 or not _any_near(state, width, height, 4 * c, 4 * r, 0):
                continue
            if not laid_out:
                _lay_out_extremes(cells, columns, rows, r, extremes, 0, lightest_at)
                laid_out = True
            darkest, lightest = 255, 0
            for column in range(max(c - 2, 0), min(c + 3, columns)):
                darkest, lightest = min(darkest, i64(extremes[column])), max(lightest, i64(extremes[lightest_at + column]))
            for y in range(4 * r, min(4 * r + 4, height)):
                for x in range(4 * c, min(4 * c + 4, width)):
                    at = y * width + x
                    here = i64(gray[at])
                    if state[at] != NEAR or here < darkest - _ONE_GRAY or here > lightest + _ONE_GRAY:
                        continue
                    if _is_alike(gray, width, height, x, y) and _is_known(cells, columns, rows, r, c, here):
                        state[at] = PAPER
                        paper[at] = max(here, 1)
                        found += 1
    return found


@kernel("i64(const u8*, i64, i64, const u8*, i64, i64, i64)")
def count_bare_steps(gray, width, height, cells, columns, rows, level):
    """How many cells lie at a step of the paper with nothing as dark as `level` in them and around
    them: what darkens beside such a step is no ink.

    gray u8 (height, width); cells u8 (rows, columns), the paper.
    """
    found = 0
    for r in range(rows):
        for c in range(columns):
            if _is_step(cells, columns, rows, r, c):
                darkest = 255
                for y in range(max(4 * r - 4, 0), min(4 * r + 8, height)):
                    for x in range(max(4 * c - 4, 0), min(4 * c + 8, width)):
                        darkest = min(darkest, i64(gray[y * width + x]))
                found += 1 if darkest > level else 0
    return found


@helper
def _give(paper, state, width, height, x, y, queue, tail):
    """Give the paper of pixel (x, y) to the NEAR pixels beside it: the queue's new end. No
    processor guesses which are NEAR, so nothing here is a branch.
    """
    at = y * width + x
    value = i64(paper[at])
    for side in range(4):
        # Right, left, down, up; itself, which is not NEAR, where the page ends.
        step = 1 if side == 0 else (-1 if side == 1 else (width if side == 2 else -width))
        inside = x + 1 < width if side == 0 else (x > 0 if side == 1 else (y + 1 < height if side == 2 else y > 0))
        other = at + (step if inside else 0)
        known, own = i64(state[other]), i64(paper[other])
        near = known == NEAR
        state[other] = GIVEN if near else known
        paper[other] = value if near else own
        queue[tail] = other
        tail += 1 if near else 0
    return tail


@helper
def _are_near(state, at):
    """The lowest bit of each of four bytes whose pixel is NEAR."""
    four = _four(state, at)
    return u64(four >> u64(1)) & u64(~four) & u64(0x01010101)


@helper
def _givers(state, width, at):
    """The lowest bit of each of four bytes whose pixel is PAPER beside a NEAR one. All have
    neighbours.
    """
    four = _four(state, at)
    paper = four & u64(~u64(four >> u64(1))) & u64(0x01010101)
    around = _are_near(state, at - 1) | _are_near(state, at + 1) | _are_near(state, at - width) | _are_near(state, at + width)
    return paper & around


@kernel("i64(u8*, const u8*, u8*, i64, i64, i32*)")
def spread_paper(paper, near, state, width, height, queue):
    """Give every NEAR pixel the paper of the nearest one that is PAPER, in place: how many there
    were. What no paper reaches stays NEAR.

    paper, state u8 (height, width); near u8 (rows, columns) marks the cells that are looked at;
    queue i32 for as many pixels as are NEAR, plus four.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    tail = 0
    for r in range(rows):
        for c in range(columns):
            if near[r * columns + c] == 0 or not _any_near(state, width, height, 4 * c, 4 * r, 1):
                continue
            inside = r > 0 and c > 0 and 4 * r + 5 <= height and 4 * c + 5 <= width
            for y in range(4 * r, min(4 * r + 4, height)):
                if inside:
                    left = _givers(state, width, y * width + 4 * c)
                    while left != u64(0):
                        x = 4 * c + (trailing_zeros(left) >> 3)
                        left &= u64(left - u64(1))
                        tail = _give(paper, state, width, height, x, y, queue, tail)
                    continue
                for x in range(4 * c, min(4 * c + 4, width)):
                    if state[y * width + x] == PAPER:
                        tail = _give(paper, state, width, height, x, y, queue, tail)
    head = 0
    while head < tail:
        y = i64(f64(queue[head]) / f64(width))  # to a whole number, as it is below 2^31, and in half the time
        tail = _give(paper, state, width, height, i64(queue[head]) - y * width, y, queue, tail)
        head += 1
    return tail


# What `divide_pixels` has for scratch: a number for each paper. And by how many bits the products
# are shifted: rounding up adds less than 2^-15 to a quotient, which lies 1/510 below the next whole
# number at least.
QUOTIENTS, _SHIFT = 256, 32


@kernel("i64(const u8*, i64, const u8*, const u8*, const i64*, i64*, u8*)")
def divide_pixels(gray, count, paper, state, whites, quotients, out):
    """out = gray · 255 / paper, at most 255, of pixels whose state is PAPER or GIVEN; in fills and
    shadows what is nearly as light as the paper becomes 255.

    gray, paper, state, out u8 (count,); whites i64 (WHITES,), see there; quotients i64 (QUOTIENTS,)
    is scratch: one over twice each paper, rounded up, so that a product takes a division's place
    (Granlund and Montgomery 1994).
    """
    for under in range(QUOTIENTS):
        twice = 2 * max(under, 1)
        quotients[under] = ((1 << _SHIFT) + twice - 1) // twice
    fill_below, paper_white, given_white = whites[FILL_BELOW], whites[PAPER_WHITE], whites[GIVEN_WHITE]
    nearly = max(paper_white, given_white) <= 240
    for start in range(0, count, 64):
        if start + 64 <= count:
            known = load64(state, start)
            # Most of a page is not looked at.
            left = u64(~at_most64(known, fill64(0))) & (at_most64(known, fill64(PAPER)) | at_most64(fill64(GIVEN), known))
            if left == u64(0):
                continue
            if nearly:
                # And most of what is has fifteen 16ths of its paper at least, which is white.
                grays, papers, none = load64(gray, start), load64(paper, start), fill64(0)
                sixteenths = mean64(mean64(mean64(mean64(papers, none), none), none), none)
                lightest = max64(sub64(papers, sixteenths), fill64(1))
                white = left & u64(~at_most64(fill64(fill_below), papers)) & at_most64(lightest, grays)
                store64(out, start, where64(white, fill64(255), load64(out, start)))
                left &= u64(~white)
        else:
            left = u64(0)
            for at in range(start, count):
                if state[at] == PAPER or state[at] == GIVEN:
                    left |= u64(u64(1) << u64(at - start))
        while left != u64(0):
            at = start + trailing_zeros(left)
            left &= u64(left - u64(1))
            here, under = i64(gray[at]), max(i64(paper[at]), 1)
            part = paper_white if state[at] == PAPER else given_white
            if under < fill_below and 256 * here >= part * under:
                out[at] = 255
            else:
                out[at] = min(255, ((510 * here + under) * quotients[under]) >> _SHIFT)
    return 0


@helper
def _is_border(paper, state, out, at, other, fill_below):
    """Whether two neighbouring pixels have papers that differ by an eighth, the darker one a
    fill's, and no ink.
    """
    known = (state[at] == PAPER or state[at] == GIVEN) and (state[other] == PAPER or state[other] == GIVEN)
    if not known or out[at] < 160 or out[other] < 160:
        return False
    darker, lighter = min(i64(paper[at]), i64(paper[other])), max(i64(paper[at]), i64(paper[other]))
    return darker < fill_below and 8 * (lighter - darker) > lighter


@kernel("i64(const u8*, const u8*, i64, i64, i64, i64, u8*, u8*)")
def draw_borders(paper, state, width, height, fill_below, radius, marks, out):
    """Draw a line of ink where a fill ends and no ink is: how many pixels.

    paper, state, out u8 (height, width): what `divide_pixels` had and made. The line is a disc of
    `radius` px around every place where papers darker than `fill_below` differ from those beside
    them. marks, the same, of zeros, is scratch.
    """
    for y in range(height - 1):
        for x in range(width - 1):
            at = y * width + x
            aside = _is_border(paper, state, out, at, at + 1, fill_below)
            below = _is_border(paper, state, out, at, at + width, fill_below)
            if aside or below:
                for v in range(max(y - radius, 0), min(y + radius + 1, height)):
                    for u in range(max(x - radius, 0), min(x + radius + 1, width)):
                        if (u - x) * (u - x) + (v - y) * (v - y) <= radius * radius:
                            marks[v * width + u] = 1
    drawn = 0
    for at in range(width * height):
        if marks[at] != 0:
            out[at] = 0
            drawn += 1
    return drawn


@kernel("i64(const u8*, i64, i64, i64, i64, u8*)")
def hold_fills(tones, columns, rows, width, height, paper):
    """In fills the paper is at most a fifth lighter than the fill: a closing does not see narrow
    ones.

    tones u8 (rows, columns); paper u8 (height, width), in place.
    """
    for r in range(rows):
        for first in range(0, columns, 64):
            left = _not_zero(tones, r * columns + first, min(64, columns - first), columns * rows)
            while left != u64(0):
                c = first + trailing_zeros(left)
                left &= u64(left - u64(1))
                most = min((6 * i64(tones[r * columns + c])) // 5, 255)
                if 4 * c + 4 <= width:
                    for y in range(4 * r, min(4 * r + 4, height)):
                        for x in range(4):
                            at = y * width + 4 * c + x
                            paper[at] = min(i64(paper[at]), most)
                else:
                    for y in range(4 * r, min(4 * r + 4, height)):
                        for at in range(y * width + 4 * c, y * width + width):
                            paper[at] = min(i64(paper[at]), most)
    return 0
