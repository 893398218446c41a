"""Gray, Bitmap, Levels: what they take, what they refuse, and numpy both ways."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap, Gray, Levels, stride_of
from linefinish.errors import ImageShapeError


@given(st.integers(1, 200), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_bitmap_is_the_array_it_was_made_of(width: int, height: int, seed: int) -> None:
    flags = np.random.default_rng(seed).random((height, width)) < 0.3
    bitmap = Bitmap.from_array(flags)
    assert np.array_equal(np.asarray(bitmap), flags)
    assert bitmap.ink_count() == flags.sum()
    assert bitmap.stride == stride_of(width) and 64 * bitmap.stride > width  # a spare bit at least


def test_a_gray_is_the_array_it_was_made_of_and_shares_it() -> None:
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    gray = Gray.from_array(array, (300, 300))
    array[0, 0] = 99
    assert np.array_equal(np.asarray(gray), array)
    assert not np.asarray(gray).flags.writeable
    assert np.array(gray, copy=True).flags.writeable


def test_a_bool_array_is_white_where_true() -> None:
    assert np.asarray(Gray.from_array(np.array([[True, False]]))).tolist() == [[255, 0]]


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 2)), np.zeros((2, 2), np.uint16), np.zeros((2, 2, 3), np.uint8), np.zeros(4, np.uint8), np.zeros((0, 5), np.uint8),
     np.full((2, 2), np.nan)],
    ids=["float", "16 bit", "colour", "one row of nothing", "empty", "nan"],
)  # fmt: skip
def test_other_arrays_are_refused_with_what_was_found(array: np.ndarray) -> None:
    with pytest.raises(ImageShapeError, match=r"\d|dtype|holds|shape|pixels"):
        Gray.from_array(array)


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.uint8), np.zeros(4, bool), np.zeros((0, 1), bool)])
def test_a_bitmap_is_made_of_bools_alone(array: np.ndarray) -> None:
    with pytest.raises(ImageShapeError):
        Bitmap.from_array(array)


def test_buffers_of_the_wrong_size_are_refused() -> None:
    with pytest.raises(ImageShapeError, match="12 bytes"):
        Gray(4, 3, bytes(11))
    with pytest.raises(ImageShapeError):
        Bitmap(64, 1, memoryview(bytearray(8)))  # 64 pixels and the spare bit need two words
    with pytest.raises(ImageShapeError):
        Gray(0, 3, b"")
    with pytest.raises(ImageShapeError):
        Gray(2_000_000, 1, bytes(2_000_000))


def test_levels_of_a_whole_page() -> None:
    levels = Levels.constant(127)
    assert (levels.columns, levels.rows, bytes(levels.data)) == (1, 1, b"\x7f")
