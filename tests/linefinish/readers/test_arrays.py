"""numpy arrays of every usual dtype, shape and layout, against exact fractions; and those that are
no images.
"""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Gray
from linefinish.errors import ImageShapeError, ImageTooLargeError
from linefinish.readers.reading import read_gray
from tests.oracles import grey as oracle

DTYPES = ("u1", "<u2", ">u2", "f2", "f4", "f8", "?")


@given(st.sampled_from((None, 1, 2, 3, 4)), st.sampled_from(DTYPES), st.integers(0, 2**32), st.booleans())
def test_every_dtype_and_shape(channels: int | None, dtype: str, seed: int, strided: bool) -> None:
    draw = np.random.default_rng(seed)
    shape = (9, 14) if channels is None else (9, 14, channels)
    highest = 255 if dtype in ("u1", "?") else 65535
    whole = draw.integers(0, highest + 1, shape)
    if dtype == "?":
        whole = (whole > 127) * 255
    array = (whole / highest if dtype[0] == "f" else whole > 0 if dtype == "?" else whole).astype(dtype)
    if dtype[0] == "f":
        whole = np.floor(array.astype(np.float64) * highest + 0.5).astype(int)
    if strided:
        array, whole = array[::2, ::-1], whole[::2, ::-1]
    gray = read_gray(array)
    pixels = whole.reshape(-1, channels or 1)
    assert (gray.height, gray.width) == array.shape[:2]
    assert list(memoryview(gray.data)) == [oracle.gray([int(value) for value in pixel], highest) for pixel in pixels]


def test_uint8_is_not_copied_and_not_changed() -> None:
    array = np.arange(20, dtype=np.uint8).reshape(4, 5)
    gray = read_gray(array)
    array[2, 3] = 200
    assert np.asarray(gray)[2, 3] == 200
    assert read_gray(gray) is gray


def test_several_strips() -> None:
    array = np.random.default_rng(2).random((1500, 900, 3)).astype(np.float32)
    levels = array.astype(np.float64) @ [19595 / 65536, 38470 / 65536, 7471 / 65536] * 255
    assert np.abs(np.asarray(read_gray(array)) - levels).max() <= 0.51


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((2, 2, 5), np.uint8), r"shape \(2, 2, 5\)"),
        (np.zeros(4, np.uint8), r"shape \(4,\)"),
        (np.zeros((0, 3), np.uint8), "there is nothing in it"),
        (np.zeros((3, 0, 3)), "there is nothing in it"),
        (np.zeros((3, 3), np.int64), "holds int64"),
        (np.zeros((3, 3), np.complex64), "holds complex64"),
        (np.array([["a", "b"]]), "holds <U1"),
        (np.array([[object()]]), "holds object"),
        (np.array([[0.5, np.nan]]), "NaN or infinite"),
        (np.array([[0.5, -np.inf]], np.float32), "NaN or infinite"),
        (np.array([[0.0, 255.0]]), "floats from 0 to 255"),
        (np.array([[-0.25, 1.0]]), "floats from -0.25 to 1"),
    ],
)
def test_what_is_no_image_is_refused(array: Any, words: str) -> None:
    with pytest.raises(ImageShapeError, match=words):
        read_gray(array)


def test_the_size_is_looked_at_before_memory_is_taken() -> None:
    with pytest.raises(ImageTooLargeError, match="900 megapixels; the limit is 500"):
        read_gray(np.broadcast_to(np.float32(1), (30_000, 30_000)))


def test_anything_with_numpy_s_interface() -> None:
    class Like:
        __array_interface__ = np.full((3, 4), 9, np.uint8).__array_interface__
        kept = np.full((3, 4), 9, np.uint8)

    Like.__array_interface__ = Like.kept.__array_interface__
    assert isinstance(read_gray(Like()), Gray)
