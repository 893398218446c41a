"""Shadows: paper so dark that a level would take it for ink. What tells them from solid blacks is
how they begin.

Light falls off gently over many cells, ink begins within one or two. So paper grows from the lit
cells into the dark ones, a cell at a time, while neighbours differ little (seeded region growing,
Adams and Bischof 1994, with the step to the neighbour in place of the mean of the region): a shadow
is reached, a solid is not. Only what hangs together with the page's border counts: books fall into
their gutter, hands and cameras stand beside the page, but a dark place in the middle of a drawing
is drawn.
"""
from __future__ import annotations

from linefinish.kernels._casts import f64, i64, trailing_zeros, u64
from linefinish.kernels._lanes import at_most64, fill64, load64, max64, min64
from linefinish.kernels._modes import helper, kernel

# The largest step from a cell of paper to a darker one, in greys. Larger: blurred solids are
# reached; smaller: steeper light stays ink (a gutter that falls to 0.3 of the light within 50 px
# has 10, to 0.1 within 40 px 20).
_STEP_GRAYS = 24
# Around a cell of a shadow the greys differ by at most so many, over three cells both ways. Beside
# ink they always differ by more, however its edge lies among the cells: that stops the growth from
# creeping over partly covered cells into a solid.
_RANGE_GRAYS = 2 * _STEP_GRAYS
# Paper in a shadow gives back at least this part of the floor, of 256. Larger: deep gutters turn
# black; smaller: nothing can be told from the ink in it.
_LIGHT_OF_256 = 36
# What has less than this part of the closed paper around it is a stroke in a shadow, of 256.
_PAPER_OF_256 = 192

LIT, REACHED, SHADOW = 1, 2, 3


@helper
def _falls_gently(lighter, darker):
    return darker >= lighter - _STEP_GRAYS


@helper
def _is_gentle(cells, columns, rows, r, c):
    """Whether the greys of a cell and its eight neighbours are within _RANGE_GRAYS."""
    least, most = 255, 0
    for row in range(max(r - 1, 0), min(r + 2, rows)):
        for column in range(max(c - 1, 0), min(c + 2, columns)):
            here = i64(cells[row * columns + column])
            least = min(least, here)
            most = max(most, here)
    return most - least <= _RANGE_GRAYS


@kernel("i64(const u8*, i64, i64, i64)")
def dark_at_border(cells, columns, rows, floor):
    """How many of the cells at the page's border are darker than `floor`. cells u8
    (rows, columns).
    """
    dark = 0
    for c in range(columns):
        dark += 1 if cells[c] < floor else 0
        dark += 1 if cells[(rows - 1) * columns + c] < floor else 0
    for r in range(1, rows - 1):
        dark += 1 if cells[r * columns] < floor else 0
        dark += 1 if cells[r * columns + columns - 1] < floor else 0
    return dark


@helper
def _lit_beside_unmarked(marks, columns, rows, r, first):
    """A bit for each of 64 cells of a row from column `first` on that is LIT and may have an
    unmarked neighbour.
    """
    count = min(64, columns - first)
    at = r * columns + first
    bits = u64(0)
    if at - columns >= 1 and at + columns + 65 <= columns * rows:
        # As if rows went on in each other.
        least = fill64(255)
        for row in range(-1, 2):
            for column in range(-1, 2):
                least = min64(least, load64(marks, at + row * columns + column))
        here = load64(marks, at)
        bits = at_most64(least, fill64(0)) & at_most64(max64(here, fill64(LIT)), min64(here, fill64(LIT)))
        return bits & (u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - count))
    for i in range(count):
        if marks[at + i] == LIT:
            bits |= u64(u64(1) << u64(i))
    return bits


@kernel("i64(const u8*, const u8*, i64, i64, i64, i32*, u8*)")
def find_shadows(cells, tones, columns, rows, floor, queue, marks):
    """Mark as SHADOW the cells below `floor` that paper reaches in gentle steps and that hang
    together with the border: how many.

    cells u8 (rows, columns), without strokes (closed). tones, the same: where it is not 0 there is
    paper, however dark. marks u8 of the same shape, of zeros. queue i32 of the same shape is
    scratch.
    """
    tail = 0
    for at in range(columns * rows):
        if cells[at] >= floor or tones[at] != 0:
            marks[at] = LIT
    # From the rim of what is lit only: every cell enters the queue once.
    for r in range(rows):
        for first in range(0, columns, 64):
            left = _lit_beside_unmarked(marks, columns, rows, r, first)
            while left != u64(0):
                c = first + trailing_zeros(left)
                left &= u64(left - u64(1))
                tail = _grow(cells, columns, rows, floor, r, c, 1, queue, tail, marks)
    head = 0
    while head < tail:
        r = i64(f64(queue[head]) / f64(columns))
        tail = _grow(cells, columns, rows, floor, r, i64(queue[head]) - r * columns, 1, queue, tail, marks)
        head += 1
    # The same once more from the border, over what was reached.
    tail = 0
    for r in range(rows):
        for c in range(columns):
            at = r * columns + c
            if marks[at] == REACHED and (r == 0 or c == 0 or r == rows - 1 or c == columns - 1):
                marks[at] = SHADOW
                queue[tail] = at
                tail += 1
    head = 0
    while head < tail:
        r = i64(f64(queue[head]) / f64(columns))
        tail = _grow(cells, columns, rows, floor, r, i64(queue[head]) - r * columns, 0, queue, tail, marks)
        head += 1
    return tail


@helper
def _grow(cells, columns, rows, floor, r, c, by_grays, queue, tail, marks):
    """Mark the neighbours of a cell that belong to what grows and put them into the queue: its new
    end.

    by_grays 1: unmarked cells that are little darker become REACHED; 0: REACHED cells become
    SHADOW.
    """
    here = i64(cells[r * columns + c])
    for row in range(max(r - 1, 0), min(r + 2, rows)):
        for column in range(max(c - 1, 0), min(c + 2, columns)):
            at = row * columns + column
            if by_grays == 1:
                grows = (
                    marks[at] == 0
                    and 256 * i64(cells[at]) >= _LIGHT_OF_256 * floor
                    and _falls_gently(here, i64(cells[at]))
                    and _is_gentle(cells, columns, rows, row, column)
                )
            else:
                grows = marks[at] == REACHED
            if grows:
                marks[at] = REACHED if by_grays == 1 else SHADOW
                queue[tail] = at
                tail += 1
    return tail


@kernel("i64(const u8*, const u8*, const u8*, i64, u8*)")
def keep_shadows(cells, closed, marks, count, kept):
    """kept[i] = cells[i] where the mark is SHADOW, strokes in it aside: they are darker than what
    is left where they are closed.
    """
    for at in range(count):
        if marks[at] == SHADOW and 256 * i64(cells[at]) >= _PAPER_OF_256 * i64(closed[at]):
            kept[at] = cells[at]
    return 0
