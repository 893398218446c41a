"""Places as arithmetic: what follows from folding, and sheets of exact sizes."""
from __future__ import annotations

import re
from typing import Any

import pytest

from linefinish import OptionsError
from linefinish.imposition.layout import GRIDS, Side, folded, in_order, lay_out, signatures, turns_backs

LETTER = (612.0, 792.0)


def test_a_booklet_of_eight() -> None:
    assert list(folded(8)) == [Side((7, 0)), Side((1, 6)), Side((5, 2)), Side((3, 4))]


@pytest.mark.parametrize("most", [None, 4, 16])
def test_every_page_stands_once_and_no_paper_is_wasted(most: int | None) -> None:
    for count in range(1, 140):
        sides = list(folded(count, most))
        assert sorted(page for side in sides for page in side.pages if page is not None) == list(range(count))
        assert len(sides) == sum(signatures(count, most)) // 2 == -(-count // 4) * 2
        assert all(pages % 4 == 0 and pages <= (most or count + 3) for pages in signatures(count, most))


def test_creep_counts_sheets_from_the_outside_of_each_signature() -> None:
    assert [side.creep_pt for side in folded(20, 8, 0.5)] == [0, 0, 0.5, 0.5] * 2 + [0, 0]


def test_pages_in_order() -> None:
    assert list(in_order(5, 4)) == [Side((0, 1, 2, 3)), Side((4, None, None, None))]


def test_without_paper_the_sheet_is_as_large_as_the_pages() -> None:
    found = lay_out(LETTER, GRIDS[2][:1])
    assert (found.sheet_pt, found.scale) == ((1224.0, 792.0), 1.0)
    assert found.cells == ((0.0, 0.0, 612.0, 792.0), (612.0, 0.0, 1224.0, 792.0))


@pytest.mark.parametrize("n_up", GRIDS)
@pytest.mark.parametrize("page", [LETTER, (792.0, 612.0), (595.3, 595.3)])
def test_pages_lie_in_the_paper_apart_and_never_larger(n_up: int, page: tuple[float, float]) -> None:
    found = lay_out(page, GRIDS[n_up], (842.0, 595.0), margin_pt=18.0, gap_pt=18.0)
    assert len(found.cells) == n_up and found.scale < 1
    for at, (left, bottom, right, top) in enumerate(found.cells):
        assert min(left, bottom, found.sheet_pt[0] - right, found.sheet_pt[1] - top) >= 18 - 1e-9
        assert (right - left, top - bottom) == pytest.approx((page[0] * found.scale, page[1] * found.scale))
        for other in found.cells[:at]:
            apart = max(other[0] - right, left - other[2], other[1] - top, bottom - other[3])
            assert apart == pytest.approx(found.gap_pt) or apart > found.gap_pt
    assert lay_out((144.0, 144.0), GRIDS[n_up], (842.0, 1191.0)).scale == 1


@pytest.mark.parametrize(("page", "paper", "margin_pt", "words"), [
    (LETTER, LETTER, 306.0, "the margin leaves nothing of a sheet of 11 x 8.5 in"),
    (LETTER, (0.0, 0.0), 0.0, "a sheet of 0 x 0 in holds no page"),
    ((0.75, 0.75), LETTER, 0.0, "a page of 0.01042 x 0.01042 in is too small to print"),
    ((0.75, 0.75), None, 0.0, "is too small to print"),
    ((72000.0, 72.0), LETTER, 0.0, "a page of 1000 x 1 in would be thinner than a point"),
])  # fmt: skip
def test_what_leaves_no_page_to_see_is_named(page: Any, paper: Any, margin_pt: float, words: str) -> None:
    with pytest.raises(OptionsError, match=re.escape(words)):
        lay_out(page, GRIDS[4], paper, margin_pt)


def test_which_backs_are_turned() -> None:
    assert not turns_backs((792.0, 612.0), "short-edge") and turns_backs((792.0, 612.0), "long-edge")
    assert turns_backs((612.0, 792.0), "short-edge") and not turns_backs((612.0, 792.0), "long-edge")
