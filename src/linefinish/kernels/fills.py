"""Fills and hard shadows: paper that is darker than the page's, up to a sharp edge.

A fill is *flat*: the sixteen pixels of a cell are alike. And it is clearly paler than the ink. What
is flat and as dark as the ink is a solid, and stays. Fills are found in cells of 4 × 4 px, but a
cell is too coarse for their edge, which mostly runs under a line of a few pixels. So near
each step from one paper to another every pixel takes the paper of the nearest pixel that surely is
paper (a Voronoi partition by breadth-first search): the border of two papers comes to lie in the
middle of the line, or in the middle of the step.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, trailing_zeros, u64
from linefinish.kernels._lanes import at_most64, fill64, load64, mean64, sub64
from linefinish.kernels._modes import helper, kernel

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
# greys of solid ink are so dark that they differ by as much as their own.
FLOOR, RANGE_MAX, PALE_RANGE_MAX, GRAIN_FROM = 0, 1, 2, 3
LIMITS = 4
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


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, const i64*, u8*, i64*)")
def flat_cells(gray, width, height, cells, paper, limits, tones, bins):
    """The mean grey of each flat cell into `tones`, and how often each occurs into `bins`: of dark
    cells, and of pale ones that are clearly darker than the paper around. → how many pale ones
    there are.

    gray u8 (height, width); cells, the page's, and paper, its closing, u8 (rows, columns); tones
    the same, of zeros; bins i64 (512,) of zeros, the second half for how far greys differ within a
    cell, in 128ths of its own; limits i64 (LIMITS,), see there.
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    size = columns * rows
    floor, pale_matters = limits[FLOOR], limits[PALE_RANGE_MAX] >= 0
    pale_cells = 0
    # Most cells are paper, and 64 of them are passed over at once.
    for start in range(0, size, 64):
        left = u64(0)
        if start + 64 <= size:
            left = _may_be_fills(cells, paper, start, floor, pale_matters)
        else:
            for at in range(start, size):
                if _may_be_fill(i64(cells[at]), i64(paper[at]), floor, pale_matters):
                    left |= u64(u64(1) << u64(at - start))
        while left != u64(0):
            at = start + trailing_zeros(left)
            left &= u64(left - u64(1))
            r = at // columns
            c = at - r * columns
            pale = i64(cells[at]) >= floor
            range_max = limits[PALE_RANGE_MAX if pale else RANGE_MAX]
            least, most, total, count = 255, 0, 0, 0
            y = 4 * r
            while y < min(4 * r + 4, height) and most - least <= range_max:
                for x in range(4 * c, min(4 * c + 4, width)):
                    here = i64(gray[y * width + x])
                    least = min(least, here)
                    most = max(most, here)
                    total += here
                    count += 1
                y += 1
            if most - least <= range_max and 16 * least >= _ALIKE_16TH * most:
                tone = max(total // count, 1)
                tones[at] = tone
                bins[tone] += 1
                if tone >= limits[GRAIN_FROM]:
                    bins[256 + min((most - least) * 128 // tone, 255)] += 1
                pale_cells += 1 if pale else 0
    return pale_cells


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
            r = i64(queue[head]) // columns
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


@kernel("i64(const u8*, i64, u8*)")
def put(tones, count, cells):
    """cells[i] = tones[i] where that is not 0."""
    for at in range(count):
        if tones[at] != 0:
            cells[at] = tones[at]
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


@kernel("i64(const u8*, const u8*, i64, i64, u8*)")
def find_steps(cells, tones, columns, rows, near):
    """Mark the cells within two of a fill or of a step of the paper: how many.

    cells u8 (rows, columns), the paper; tones, the same, not 0 in fills; near, the same, of zeros.
    """
    for r in range(rows):
        for c in range(columns):
            if tones[r * columns + c] != 0 or _is_step(cells, columns, rows, r, c):
                for row in range(max(r - _REACH_CELLS, 0), min(r + _REACH_CELLS + 1, rows)):
                    for column in range(max(c - _REACH_CELLS, 0), min(c + _REACH_CELLS + 1, columns)):
                        near[row * columns + column] = 1
    marked = 0
    for at in range(columns * rows):
        marked += 1 if near[at] != 0 else 0
    return marked


@helper
def _ink_and_lit(cells, columns, rows, r, c):
    """The grey below which a pixel of a cell is ink under any of the papers near it, and from which
    on it is the lightest of them.
    """
    darkest, lightest = 255, 0
    for row in range(max(r - 2, 0), min(r + 3, rows)):
        for column in range(max(c - 2, 0), min(c + 3, columns)):
            here = i64(cells[row * columns + column])
            darkest = min(darkest, here)
            lightest = max(lightest, here)
    return (darkest * _INK_OF_256) >> 8, (lightest * _LIT_EIGHTHS) >> 3


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, i64, i64, u8*)")
def find_ink(gray, width, height, cells, near, columns, rows, state):
    """Tell PAPER from NEAR (to ink) for each pixel of the cells marked in `near`: how many are
    NEAR.

    gray u8 (height, width); state the same, of zeros; cells, near u8 (rows, columns) as for
    `find_steps`.
    """
    for r in range(rows):
        for c in range(columns):
            if near[r * columns + c] != 0:
                for y in range(4 * r, min(4 * r + 4, height)):
                    for x in range(4 * c, min(4 * c + 4, width)):
                        state[y * width + x] = PAPER
    count = 0
    for r in range(rows):
        for c in range(columns):
            if near[r * columns + c] == 0:
                continue
            limit, lit = _ink_and_lit(cells, columns, rows, r, c)
            for y in range(4 * r, min(4 * r + 4, height)):
                for x in range(4 * c, min(4 * c + 4, width)):
                    if i64(gray[y * width + x]) >= limit:
                        continue
                    dark = 0
                    for v in range(max(y - 1, 0), min(y + 2, height)):
                        for u in range(max(x - 1, 0), min(x + 2, width)):
                            dark += 1 if i64(gray[v * width + u]) < limit else 0
                    if dark < _INK_OF_NINE:
                        continue
                    for v in range(max(y - _NEAR_PX, 0), min(y + _NEAR_PX + 1, height)):
                        for u in range(max(x - _NEAR_PX, 0), min(x + _NEAR_PX + 1, width)):
                            if state[v * width + u] == PAPER and i64(gray[v * width + u]) < lit:
                                state[v * width + u] = NEAR
                                count += 1
    return count


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
def _is_known(cells, columns, rows, r, c, gray):
    """Whether a paper within two cells of cell (r, c) is of this grey."""
    for row in range(max(r - 2, 0), min(r + 3, rows)):
        for column in range(max(c - 2, 0), min(c + 3, columns)):
            if abs(i64(cells[row * columns + column]) - gray) <= _ONE_GRAY:
                return True
    return False


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, u8*, u8*)")
def recognise_paper(gray, width, height, cells, near, state, paper):
    """NEAR pixels become PAPER if they are of one grey with their neighbours, and of the grey of a
    paper within two cells: how many.

    gray, state, paper u8 (height, width): the pixel's own grey becomes its paper. cells and near,
    which marks the cells that are looked at, u8 (rows, columns).
    """
    columns, rows = (width + 3) >> 2, (height + 3) >> 2
    found = 0
    for r in range(rows):
        for c in range(columns):
            if near[r * columns + c] == 0:
                continue
            for y in range(4 * r, min(4 * r + 4, height)):
                for x in range(4 * c, min(4 * c + 4, width)):
                    at = y * width + x
                    if state[at] != NEAR or not _is_alike(gray, width, height, x, y):
                        continue
                    if _is_known(cells, columns, rows, r, c, i64(gray[at])):
                        state[at] = PAPER
                        paper[at] = max(i64(gray[at]), 1)
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
def _give(paper, state, width, height, at, value, queue, tail):
    """Give the paper `value` to the NEAR pixels beside pixel `at`: the queue's new end."""
    y = at // width
    x = at - y * width
    for side in range(4):
        u = x + (1 if side == 0 else (-1 if side == 1 else 0))
        v = y + (1 if side == 2 else (-1 if side == 3 else 0))
        if u >= 0 and v >= 0 and u < width and v < height and state[v * width + u] == NEAR:
            state[v * width + u] = GIVEN
            paper[v * width + u] = value
            queue[tail] = v * width + u
            tail += 1
    return tail


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
            if near[r * columns + c] == 0:
                continue
            for y in range(4 * r, min(4 * r + 4, height)):
                for x in range(4 * c, min(4 * c + 4, width)):
                    if state[y * width + x] == PAPER:
                        tail = _give(paper, state, width, height, y * width + x, paper[y * width + x], queue, tail)
    head = 0
    while head < tail:
        at = i64(queue[head])
        tail = _give(paper, state, width, height, at, paper[at], queue, tail)
        head += 1
    return tail


@kernel("i64(const u8*, i64, const u8*, const u8*, const i64*, u8*)")
def divide_pixels(gray, count, paper, state, whites, out):
    """out = gray · 255 / paper, at most 255, of pixels whose state is PAPER or GIVEN; in fills and
    shadows what is nearly as light as the paper becomes 255.

    gray, paper, state, out u8 (count,); whites i64 (WHITES,), see there.
    """
    for at in range(count):
        if state[at] != PAPER and state[at] != GIVEN:
            continue
        here, under = i64(gray[at]), max(i64(paper[at]), 1)
        part = whites[PAPER_WHITE if state[at] == PAPER else GIVEN_WHITE]
        if under < whites[FILL_BELOW] and 256 * here >= part * under:
            out[at] = 255
        else:
            out[at] = min(255, (510 * here + under) // (2 * under))
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
        for c in range(columns):
            tone = i64(tones[r * columns + c])
            if tone != 0:
                for y in range(4 * r, min(4 * r + 4, height)):
                    for x in range(4 * c, min(4 * c + 4, width)):
                        paper[y * width + x] = min(i64(paper[y * width + x]), (6 * tone) // 5)
    return 0
