"""Comparing and packing, eight pixels a step, against numpy."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap, stride_of
from linefinish.kernels import threshold
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, ramp, strokes


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for gray in (ramp(5, 31), strokes(20, 64, 1), strokes(9, 133, 2)):
        height, width = gray.shape
        for level in (0, 127, 128, 255):
            stride = stride_of(width)
            yield threshold.pack_level, (flat(gray), width, height, level, stride, buffers.zeros(stride * height, "Q"))


def packed(gray: np.ndarray, level: int) -> Bitmap:
    bitmap = Bitmap.blank(gray.shape[1], gray.shape[0])
    np.frombuffer(bitmap.words, np.uint64)[:] = 0xAAAA_AAAA_AAAA_AAAA  # what was there before must not show
    threshold.pack_level(flat(gray), bitmap.width, bitmap.height, level, bitmap.stride, bitmap.words)
    return bitmap


@given(grays(), st.integers(0, 255))
def test_ink_is_at_or_below_the_level(gray: np.ndarray, level: int) -> None:
    assert np.array_equal(np.asarray(packed(gray, level)), gray <= level)


@given(grays())
def test_spare_bits_are_cleared(gray: np.ndarray) -> None:
    bitmap = packed(gray, 255)
    assert bitmap.ink_count() == gray.size


@pytest.mark.parametrize("level", range(256))
def test_every_grey_against_every_level(level: int) -> None:
    gray = np.arange(256, dtype=np.uint8)[None, :]
    assert np.array_equal(np.asarray(packed(gray, level)), gray <= level)
