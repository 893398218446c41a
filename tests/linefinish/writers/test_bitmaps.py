"""What the bitmap writers share: whose pixels, at which resolution, and their Group 4 codes."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Bitmap, OptionsError, Page, compose, rasterize
from linefinish.verifiers.fax import row_count
from linefinish.writers._bitmaps import bitmap_of, group4
from tests.linefinish.drawings import flower

BITMAP = Bitmap.from_array(np.eye(20, 30, dtype=bool))


def test_a_bitmap_is_taken_as_it_is() -> None:
    assert bitmap_of(BITMAP) == (BITMAP, None)
    assert bitmap_of(BITMAP, 300) == (BITMAP, (300.0, 300.0))
    assert bitmap_of(BITMAP, (204, 98)) == (BITMAP, (204.0, 98.0))
    for absurd in (0, -3, 1e9, float("nan")):
        with pytest.raises(OptionsError, match="dpi"):
            bitmap_of(BITMAP, absurd)


def test_a_drawing_of_no_known_size_has_no_resolution() -> None:
    bitmap, resolution = bitmap_of(compose(flower()))
    assert (bitmap.width, bitmap.height, resolution) == (64, 48, None)


def test_a_drawing_whose_size_is_known_is_drawn_pixel_by_pixel_and_says_its_resolution() -> None:
    bitmap, resolution = bitmap_of(compose(flower(), image_dpi=(200.0, 100.0)))
    assert (bitmap.width, bitmap.height) == (64, 48)
    assert resolution == pytest.approx((200.0, 100.0))


@pytest.mark.parametrize("dpi", [None, 72, 300, (204.0, 98.0)])
def test_a_page_is_drawn_at_its_own_resolution_or_the_one_asked_for(dpi: float | tuple[float, float] | None) -> None:
    document = compose(flower(), Page("2x1in"), dpi=150)
    across, down = dpi if isinstance(dpi, tuple) else (dpi or 150, dpi or 150)
    bitmap, resolution = bitmap_of(document, dpi)
    assert resolution == (across, down)
    assert (bitmap.width, bitmap.height) == (2 * across, down)
    np.testing.assert_array_equal(np.asarray(bitmap), np.asarray(rasterize(document, width=int(2 * across), height=int(down))))


@given(st.integers(1, 3000), st.integers(1, 6), st.sampled_from([0.0, 0.001, 0.5, 1.0]), st.integers(0, 2**32 - 1))
def test_group_4_codes_hold_all_rows_and_no_more(width: int, height: int, share: float, seed: int) -> None:
    """Read by the verifier; that the pixels are right is what libtiff says in test_tiff.py."""
    bitmap = Bitmap.from_array(np.random.default_rng(seed).random((height, width)) < share)
    codes = group4(bitmap)
    assert row_count(codes, width, height, 4, 0, 1) == height
    assert row_count(codes, width, height + 1, 4, 0, 1) == height
    # A white row is one bit, "as above" (V0); the block ends with 24 (T.6, sections 2.2 and 2.4).
    assert len(group4(Bitmap.blank(width, height))) == (height + 24 + 7) // 8
