"""Fills and hard shadows: paper that is darker than the page's, up to a sharp edge.

A fill is *flat*: the sixteen pixels of a cell are alike. And it is clearly paler than the ink. What
is flat and as dark as the ink is a solid, and stays. Fills are found in cells of 4 × 4 px, but a
cell is too coarse for their edge, which mostly runs under a line of a few pixels. So near
each step from one paper to another every pixel takes the paper of the nearest pixel that surely is
paper (a Voronoi partition by breadth-first search): the border of two papers comes to lie in the
middle of the line, or in the middle of the step.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

# How far two neighbouring cells of paper may differ, in 256ths of the lighter, before pixels are
# looked at. Smaller: more of the page is; larger: the dip beside a hard edge passes for a pale line.
_STEP_OF_256 = 26
# Cells around a step that are looked at as pixels: half of a broad line and what blur adds.
_REACH_CELLS = 2
# Ink is darker than this part of the darkest paper near it, of 256. Larger: grain of dark fills is
# ink; smaller: strokes of grey ink are not seen.
_INK_OF_256 = 154
# The darkest pixel of a flat cell has at least so many 16ths of the lightest one's grey. Larger:
# cells of dark grained fills drop out; smaller: in a shadow cells that ink covers in part pass.
_ALIKE_16TH = 7
# Single dark pixels are grain: so many of nine make ink.
_INK_OF_NINE = 3
# Pixels so near to ink may hold a part of it and say nothing of the paper: edges are two pixels soft.
_NEAR_PX = 3
# What pixels near a step are: paper, near ink, near ink and given a paper. The others are 0.
PAPER, NEAR, GIVEN = 1, 2, 3


@kernel("i64(const u8*, i64, i64, const u8*, i64, i64, i64, i64, u8*, i64*)")
def flat_cells(gray, width, height, cells, columns, rows, floor, range_max, tones, bins):
    """The mean grey of each cell darker than `floor` whose pixels differ by at most `range_max` and by half,
    into `tones`, and how often each occurs into `bins`. → how many there are.

    gray u8 (height, width); cells and tones u8 (rows, columns), tones of zeros; bins i64 (256,) of
    zeros.
    """
    found = 0
    for r in range(rows):
        for c in range(columns):
            if i64(cells[r * columns + c]) >= floor:
                continue
            least, most, total, count = 255, 0, 0, 0
            for y in range(4 * r, min(4 * r + 4, height)):
                for x in range(4 * c, min(4 * c + 4, width)):
                    here = i64(gray[y * width + x])
                    least = min(least, here)
                    most = max(most, here)
                    total += here
                    count += 1
            if most - least <= range_max and 16 * least >= _ALIKE_16TH * most:
                tone = max(total // count, 1)
                tones[r * columns + c] = tone
                bins[tone] += 1
                found += 1
    return found


@kernel("i64(u8*, i64, i64, i64, i64, i32*, u8*)")
def keep_areas(tones, columns, rows, lightest_ink, cells_min, queue, marks):
    """Of `tones` only cells lighter than `lightest_ink` stay that hang together, over their eight
    neighbours, in at least `cells_min` cells; the others become 0. → how many stay.

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
            head += 1
            for row in range(max(r - 1, 0), min(r + 2, rows)):
                for column in range(max(c - 1, 0), min(c + 2, columns)):
                    at = row * columns + column
                    if marks[at] == 0 and i64(tones[at]) > lightest_ink:
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
def _ink_limit(cells, columns, rows, r, c):
    """The grey below which a pixel of a cell is ink under any of the papers near it."""
    darkest = 255
    for row in range(max(r - 2, 0), min(r + 3, rows)):
        for column in range(max(c - 2, 0), min(c + 3, columns)):
            darkest = min(darkest, i64(cells[row * columns + column]))
    return (darkest * _INK_OF_256) >> 8


@kernel("i64(const u8*, i64, i64, const u8*, const u8*, i64, i64, u8*)")
def find_ink(gray, width, height, cells, near, columns, rows, state):
    """Tell PAPER from NEAR (to ink) for each pixel of the cells marked in `near`: how many are NEAR.

    gray u8 (height, width); state the same, of zeros; cells, near u8 (rows, columns) as for
    `find_steps`.
    """
    for r in range(rows):
        for c in range(columns):
            if near[r * columns + c] != 0:
                for y in range(4 * r, min(4 * r + 4, height)):
                    for x in range(4 * c, min(4 * c + 4, width)):
                        state[y * width + x] = PAPER
    for r in range(rows):
        for c in range(columns):
            if near[r * columns + c] == 0:
                continue
            limit = _ink_limit(cells, columns, rows, r, c)
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
                            if state[v * width + u] == PAPER:
                                state[v * width + u] = NEAR
    count = 0
    for at in range(width * height):
        count += 1 if state[at] == NEAR else 0
    return count


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


@kernel("i64(u8*, u8*, i64, i64, i32*)")
def spread_paper(paper, state, width, height, queue):
    """Give every NEAR pixel the paper of the nearest one that is PAPER, in place: how many there
    were. What no paper reaches stays NEAR.

    paper, state u8 (height, width); queue i32 for as many pixels as are NEAR, plus four.
    """
    tail = 0
    for at in range(width * height):
        if state[at] == PAPER:
            tail = _give(paper, state, width, height, at, paper[at], queue, tail)
    head = 0
    while head < tail:
        at = i64(queue[head])
        tail = _give(paper, state, width, height, at, paper[at], queue, tail)
        head += 1
    return tail


@kernel("i64(const u8*, i64, const u8*, const u8*, i64, u8*)")
def divide_pixels(gray, count, paper, state, fill_below, out):
    """out = gray · 255 / paper, at most 255, of pixels whose state is PAPER or GIVEN; PAPER darker
    than `fill_below` is a fill or a shadow and becomes 255.

    gray, paper, state, out u8 (count,).
    """
    for at in range(count):
        if state[at] == PAPER and i64(paper[at]) < fill_below:
            out[at] = 255
        elif state[at] == PAPER or state[at] == GIVEN:
            out[at] = min(255, (510 * i64(gray[at]) + i64(paper[at])) // (2 * max(i64(paper[at]), 1)))
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, u8*)")
def hold_fills(tones, columns, rows, width, height, paper):
    """In fills the paper is at most a fifth lighter than the fill: a closing does not see narrow ones.

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
