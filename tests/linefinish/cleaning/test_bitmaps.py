"""Lines, openings and erosions of whole bitmaps, against their definitions."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Bitmap
from linefinish.cleaning.bitmaps import deeper, opened, thinned
from linefinish.cleaning.specks import INK, PAPER
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import erosion

radii = st.one_of(st.integers(0, 5).map(float), st.floats(0, 6))


@settings(max_examples=40)
@given(bitmaps(side_max=20, width_max=80))
def test_lines_are_those_of_the_paper_and_the_bitmap_stays(flags: np.ndarray) -> None:
    """Guo and Hall 1989."""
    bitmap = Bitmap.from_array(flags)
    lines = np.asarray(Bitmap(bitmap.width, bitmap.height, thinned(bitmap)))
    assert np.array_equal(lines, erosion.thinned(flags))
    assert np.array_equal(np.asarray(bitmap), flags)


@settings(max_examples=60)
@given(bitmaps(side_max=20, width_max=80), radii)
def test_deeper_than_a_radius(flags: np.ndarray, radius: float) -> None:
    """Beyond the page's border nothing of the other colour is looked for."""
    bitmap = Bitmap.from_array(flags)
    assert np.array_equal(np.asarray(deeper(bitmap, INK, radius)), erosion.deeper(flags, radius))
    assert np.array_equal(np.asarray(deeper(bitmap, PAPER, radius)), erosion.deeper(~flags, radius))


def test_strips_do_not_show() -> None:
    """A page higher than one strip of 64 rows, whose cut a disc lies on."""
    y, x = np.indices((300, 90))
    flags = np.hypot(y - 128, x - 45) < 40
    for radius in (3.0, 20.0, 30.5):
        made = np.asarray(deeper(Bitmap.from_array(flags), INK, radius))
        assert np.array_equal(made, erosion.deeper(flags, radius))


@settings(max_examples=60)
@given(bitmaps(side_max=16, width_max=70), radii)
def test_opened_is_all_that_a_disc_reaches_inside(flags: np.ndarray, radius: float) -> None:
    core = np.argwhere(erosion.deeper(flags, radius))
    wanted = np.zeros_like(flags)
    for y, x in np.argwhere(flags):
        wanted[y, x] = len(core) > 0 and ((core - (y, x)) ** 2).sum(1).min() <= radius * radius
    bitmap = Bitmap.from_array(flags)
    made = opened(bitmap, radius)
    assert np.array_equal(np.asarray(made), wanted)
    assert made.ink_count() == wanted.sum()  # spare bits are clear
    assert np.array_equal(np.asarray(opened(made, radius)), wanted), "what was opened stays"


@pytest.mark.parametrize(("width", "stays"), [(4, False), (5, True), (9, True)])
def test_a_bar_stays_if_the_disc_fits_in(width: int, stays: bool) -> None:
    flags = np.zeros((40, 60), bool)
    flags[10 : 10 + width, 5:55] = True
    assert np.asarray(opened(Bitmap.from_array(flags), 2.0)).any() == stays
