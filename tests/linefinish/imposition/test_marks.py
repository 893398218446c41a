"""Bars outside the pages, and what is shown of a page."""
from __future__ import annotations

import re

from linefinish.imposition.layout import GRIDS, lay_out
from linefinish.imposition.marks import bars, room_of, shown_of

SHEET = lay_out((612.0, 792.0), GRIDS[2][:1], margin_pt=room_of(9.0))


def rectangles(operators: bytes) -> list[tuple[float, ...]]:
    return [tuple(map(float, line.split()[:4])) for line in re.findall(rb".* re", operators)]


def test_bars_lie_outside_of_the_bleed_and_inside_of_the_sheet() -> None:
    left, foot, right, top = SHEET.cells[0][0] - 9, SHEET.cells[0][1] - 9, SHEET.cells[1][2] + 9, SHEET.cells[0][3] + 9
    found = rectangles(bars(SHEET, 9.0, has_fold=True))
    assert len(found) == 4 + 4 + 6
    for x, y, width, height in found:
        assert x + width < left or x > right or y + height < foot or y > top
        assert 0 < x and x + width < SHEET.sheet_pt[0] and 0 < y and y + height < SHEET.sheet_pt[1]


def test_pages_to_cut_apart_have_one_line_between_them() -> None:
    assert len(rectangles(bars(SHEET, 9.0))) == 2 * 3 + 4
    apart = lay_out((612.0, 792.0), GRIDS[2][:1], margin_pt=60.0, gap_pt=18.0)
    assert len(rectangles(bars(apart, 9.0))) == 2 * 4 + 4


def test_nothing_is_shown_over_the_fold() -> None:
    fold = SHEET.sheet_pt[0] / 2
    left, right = SHEET.cells
    assert shown_of((left[0] + 3, *left[1:2], left[2] + 3, left[3]), SHEET, 9.0, fold, is_left=True)[2] == fold
    assert shown_of((right[0] - 3, right[1], right[2] - 3, right[3]), SHEET, 9.0, fold)[0] == fold
    assert shown_of(left, SHEET, 9.0)[2] == left[2] + 9
