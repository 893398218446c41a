"""Dot screens: small parts against scipy's labels, and what goes and what stays."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish import buffers
from linefinish.kernels import screens
from linefinish.raster import Bitmap
from tests.linefinish.kernels.greys import greys
from tests.oracles import thresholds as oracle


def dotted(height: int, width: int, pitch: int) -> np.ndarray:
    """Dots of 2 × 2 px, `pitch` apart both ways."""
    ys, xs = np.indices((height, width))
    return (ys % pitch < 2) & (xs % pitch < 2)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    bitmap = Bitmap.from_array(dotted(40, 90, 5))
    size = (bitmap.width, bitmap.height, bitmap.stride)
    for step in (1, 4):
        dots, counts = buffers.zeros(400, "q"), buffers.zeros(14 * 8, "i")
        yield screens.find_dots, (bitmap.words, *size, step, 6, buffers.zeros(7, "q"), dots, 400)
        found = screens.find_dots(bitmap.words, *size, step, 6, buffers.zeros(7, "q"), dots, 400)
        yield screens.count_crowded, (bitmap.width, 3, 9, dots, found, counts)
        yield screens.remove_crowded, (bitmap.words, *size, 6, 3, 9, buffers.zeros(7, "q"), dots, found, counts)


@given(greys(30), st.integers(1, 12), st.sampled_from([1, 2, 4]))
def test_dots_are_the_small_parts(gray: np.ndarray, area_max: int, row_step: int) -> None:
    ink = gray < 60
    bitmap = Bitmap.from_array(ink)
    dots = buffers.zeros(gray.size, "q")
    found = screens.find_dots(
        bitmap.words, bitmap.width, bitmap.height, bitmap.stride, row_step, area_max, buffers.zeros(area_max + 1, "q"), dots, len(dots)
    )
    parts = oracle.small_parts(ink, area_max)
    expected = [y * bitmap.width + x for x, y in parts if y % row_step == (y // row_step ^ y // row_step >> 2) % row_step]
    assert dots[:found].tolist() == expected
    assert np.array_equal(np.asarray(bitmap), ink)


def test_a_screen_goes_and_freckles_and_strokes_stay() -> None:
    ink = np.zeros((128, 200), bool)
    ink[:64, :96] = dotted(64, 96, 5)
    freckles = np.zeros_like(ink)
    freckles[100:102, 20:22] = freckles[90:92, 120:122] = True
    freckles[:, 150:153] = True
    bitmap = Bitmap.from_array(ink | freckles)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    dots, queue = buffers.zeros(1000, "q"), buffers.zeros(9, "q")
    found = screens.find_dots(bitmap.words, *size, 1, 8, queue, dots, 1000)
    counts = buffers.zeros(((200 >> 4) + 3) * ((128 >> 4) + 3), "i")
    crowded = screens.count_crowded(200, 4, 20, dots, found, counts)
    assert crowded == screens.remove_crowded(bitmap.words, *size, 8, 4, 20, queue, dots, found, counts) == found - 2
    assert np.array_equal(np.asarray(bitmap), freckles)
