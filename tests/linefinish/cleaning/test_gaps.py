"""Closing gaps: which ends are joined, and which never."""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.cleaning.gaps import close_gaps_counted
from tests.linefinish.cleaning.pages import drawing, stroke
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle


@pytest.mark.parametrize("angle", [0, 17, 45, 72, 90, 133])
@pytest.mark.parametrize("width", [2, 4, 7])
def test_facing_ends_are_joined_up_to_the_length_and_not_beyond(angle: float, width: float) -> None:
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    page = np.zeros((200, 200), bool)
    for near, far in ((5 + width / 2, 80), (-5 - width / 2, -80)):
        stroke(page, 100 + c * near, 100 + s * near, 100 + c * far, 100 + s * far, width)
    assert len(oracle.components(page, eight=True)) == 2
    done = close_gaps_counted(page, gap_length_px_max=13)
    assert done.gaps_closed == 1
    joined = np.asarray(done.bitmap)
    assert len(oracle.components(joined, eight=True)) == 1
    bridge = joined & ~page
    assert 0.5 * 10 * width <= bridge.sum() <= 1.5 * 10 * width + 2 * width * width
    assert close_gaps_counted(page, gap_length_px_max=7).gaps_closed == 0


def test_an_open_ring_becomes_a_region() -> None:
    page = drawing()
    page[100:110, 15:60] = False
    assert not oracle.enclosed(page)
    closed = close_gaps_counted(page, gap_length_px_max=15)
    assert closed.gaps_closed == 1
    assert len(oracle.enclosed(np.asarray(closed.bitmap))) == 1


@pytest.mark.parametrize("slant", [0, 30])
def test_an_end_reaches_the_stroke_ahead_and_does_not_run_through_it(slant: float) -> None:
    page = np.zeros((120, 120), bool)
    stroke(page, 60 - slant, 10, 60 + slant, 110, 3)
    stroke(page, 10, 60, 50, 60, 6)
    done = close_gaps_counted(page, gap_length_px_max=15)
    joined = np.asarray(done.bitmap)
    assert done.gaps_closed == 1
    assert len(oracle.components(joined, eight=True)) == 1
    y, x = np.argwhere(joined & ~page).T
    assert (x + 0.5 < 60 + slant * (y + 0.5 - 60) / 50).all()


def test_a_hatching_stays_open() -> None:
    page = np.zeros((150, 150), bool)
    for i in range(8):
        stroke(page, 30 + 9 * i, 40, 45 + 9 * i, 100, 3)
    assert close_gaps_counted(page, gap_length_px_max=30).gaps_closed == 0


@given(bitmaps(), st.floats(0, 20))
def test_gaps_only_add_ink(flags: np.ndarray, length: float) -> None:
    done = close_gaps_counted(flags, gap_length_px_max=length)
    added = np.asarray(done.bitmap) & ~flags
    assert (flags & ~np.asarray(done.bitmap)).sum() == 0
    assert done.gaps_closed > 0 or not added.any()
