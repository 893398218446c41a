"""Solid areas against what they are by definition, and the largest of a page."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe_worker.imaging.solid_areas import GRID_CELLS, SQUARE_CELLS, largest_black_share, squares_within

masks = st.builds(
    lambda seed, height, width, share: np.random.default_rng(seed).random((height, width)) < share,
    st.integers(0, 2**32), st.integers(5, 20), st.integers(5, 20), st.floats(0.3, 1.0),
)  # fmt: skip


@given(masks, st.integers(1, 5))
def test_a_square_is_within_the_mask_where_all_of_its_cells_are(mask: np.ndarray, side: int) -> None:
    within = squares_within(mask, side)
    assert within.shape == (mask.shape[0] - side + 1, mask.shape[1] - side + 1)
    for y, x in np.ndindex(within.shape):
        assert within[y, x] == mask[y : y + side, x : x + side].all()


def page() -> np.ndarray:
    return np.zeros((256, 200), bool)  # one pixel a cell


def test_the_largest_black_is_what_the_square_can_be_moved_over() -> None:
    ink = page()
    ink[10:30, 10:40] = True  # 600
    ink[100:110, 100:110] = True
    assert largest_black_share(ink, 1.0) == 600 / ink.size
    ink[19:21, 40:100] = True  # a stroke that hangs on it is none of it
    assert largest_black_share(ink, 1.0) == 600 / ink.size
    ink[10:30, 60:90] = True  # nor is a black that it leads to
    ink[10:30, 90:95] = True  # which is larger: 700
    assert largest_black_share(ink, 1.0) == 700 / ink.size


def test_blacks_that_touch_only_at_a_corner_are_two() -> None:
    ink = page()
    ink[10:20, 10:20] = ink[20:30, 20:30] = True
    assert largest_black_share(ink, 1.0) == 100 / ink.size


def test_what_counts_as_solid_grows_with_the_strokes_up_to_a_bound() -> None:
    least, most = SQUARE_CELLS
    ink = page()
    ink[10 : 10 + least, 10:100] = True  # as broad as the least square
    assert largest_black_share(ink, 0.1) == least * 90 / ink.size
    assert largest_black_share(ink, least) == 0
    ink[100 : 100 + most, 10:20] = True
    assert largest_black_share(ink, 1000.0) == most * 10 / ink.size


def test_on_a_large_page_cells_that_are_ink_throughout_are_counted() -> None:
    ink = np.zeros((4 * GRID_CELLS, 4 * 100), bool)
    ink[1:41, 1:41] = True  # 9 × 9 whole cells of 4 × 4 px
    assert largest_black_share(ink, 1.0) == 81 * 16 / ink.size


@pytest.mark.parametrize(("filled", "share"), [(False, 0.0), (True, 1.0)])
def test_a_page_of_one_colour(filled: bool, share: float) -> None:
    assert largest_black_share(np.full((256, 200), filled), 0.0) == share


def test_a_page_smaller_than_the_square_is_black_as_far_as_it_is_ink() -> None:
    ink = np.zeros((3, 50), bool)
    ink[:, :25] = True
    assert largest_black_share(ink, 0.0) == 0.5
