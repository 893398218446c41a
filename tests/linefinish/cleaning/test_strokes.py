"""Thickening and hollowing: what grows, what is emptied, and what both keep."""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.cleaning.strokes import hollow, thicken
from tests.linefinish.cleaning.pages import drawing, stroke
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle
from tests.oracles import erosion


@pytest.mark.parametrize("before", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("wanted", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("upright", [False, True])
def test_a_thin_bar_grows_to_the_width_and_a_thick_one_stays(before: int, wanted: int, upright: bool) -> None:
    page = np.zeros((60, 160), bool)
    page[30 : 30 + before, 20:140] = True
    page = page.T.copy() if upright else page
    out = np.asarray(thicken(page, stroke_width_px_min=wanted))
    middle = out[80] if upright else out[:, 80]
    assert middle.sum() == max(before, wanted)
    if before >= wanted:
        assert np.array_equal(out, page)


@pytest.mark.parametrize("angle", [10, 27, 45, 63])
@pytest.mark.parametrize("wanted", [3, 5, 8])
def test_slanted_hairlines_grow_to_the_width(angle: float, wanted: int) -> None:
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    page = np.zeros((260, 260), bool)
    stroke(page, 130 - 100 * c, 130 - 100 * s, 130 + 100 * c, 130 + 100 * s, 1.5)
    out = np.asarray(thicken(page, stroke_width_px_min=wanted))
    y, x = np.mgrid[0:260, 0:260] + 0.5
    inner = abs((x - 130) * c + (y - 130) * s) < 60
    assert (out & inner).sum() / 120 == pytest.approx(wanted, abs=0.8)


def test_strokes_that_lie_close_keep_paper_between() -> None:
    page = np.zeros((60, 200), bool)
    page[20, 10:190] = page[23, 10:190] = True
    out = np.asarray(thicken(page, stroke_width_px_min=7))
    assert erosion.topology(out) == erosion.topology(page)
    assert (out[18:26, 50:150].sum(0) == 7).all()  # two rows of paper shrank to one


@given(bitmaps(side_max=30, width_max=80), st.floats(0, 9))
def test_thickening_only_adds_ink_and_keeps_the_topology(flags: np.ndarray, wanted: float) -> None:
    out = np.asarray(thicken(flags, stroke_width_px_min=wanted))
    assert not (flags & ~out).any()
    assert erosion.topology(out) == erosion.topology(flags)


def test_a_disc_becomes_a_ring_and_strokes_stay() -> None:
    page = drawing()
    y, x = np.mgrid[0:300, 0:300] + 0.5
    disc = (y - 100) ** 2 + (x - 100) ** 2 <= 25**2
    page = page & ~((y - 100) ** 2 + (x - 100) ** 2 <= 32**2) | disc
    out = np.asarray(hollow(page, hollow_area_px_min=500, hollow_line_px=4))
    gone = page & ~out
    assert not (gone & ~disc).any()
    assert np.array_equal(gone, (y - 100) ** 2 + (x - 100) ** 2 <= 21**2) or abs(int(gone.sum()) - math.pi * 21**2) < 60
    thickness = out[100, 70:101].sum()
    assert thickness in (4, 5)


def test_small_blacks_stay_and_the_page_sets_the_line() -> None:
    page = np.zeros((300, 300), bool)
    for y in (20, 40, 60):
        stroke(page, 20, y + 0.5, 280, y + 0.5, 5)
    page[100:200, 50:250] = True
    page[240:260, 100:120] = True
    out = np.asarray(hollow(page, hollow_area_px_min=1000))
    assert np.array_equal(out[210:], page[210:])
    assert np.array_equal(out[:90], page[:90])
    assert out[150, 50:250].sum() == pytest.approx(10, abs=1)
    assert len(oracle.enclosed(out)) == 1


@given(bitmaps(), st.floats(0, 200), st.one_of(st.none(), st.floats(1, 8)))
def test_hollowing_only_takes_ink_away_and_never_breaks_the_outline(flags: np.ndarray, area: float, line: float | None) -> None:
    out = np.asarray(hollow(flags, hollow_area_px_min=area, hollow_line_px=line))
    assert not (out & ~flags).any()
    # What went had ink all round, so it opened towards no paper that was there before.
    gone = np.pad(flags & ~out, 1)
    beside = gone[:-2, 1:-1] | gone[2:, 1:-1] | gone[1:-1, :-2] | gone[1:-1, 2:]
    assert not (beside & ~flags).any()
