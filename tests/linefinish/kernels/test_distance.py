"""Erosion by a radius against all pairs of pixels."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import distance
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import erosion

INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF


def arguments(page: Bitmap, colour: int, first: int, last: int, radius: float) -> tuple[Any, ...]:
    """What deeper takes, with fresh scratch and an empty result."""
    whole = int(radius)
    half_widths = buffers.zeros(whole + 1, "i")
    for g in range(whole + 1):
        half_widths[g] = int((radius * radius - g * g) ** 0.5)
    nearest, rows = buffers.zeros(page.width, "i"), buffers.zeros((last - first) * page.width, "i")
    out = buffers.zeros(len(page.words), "Q")
    return (page.words, page.width, page.height, page.stride, colour, first, last, whole, half_widths, nearest, rows, out)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Both colours, the whole page and a strip of it."""
    for page in pages():
        yield distance.deeper, arguments(page, INK, 0, page.height, 1.5)
        yield distance.deeper, arguments(page, PAPER, page.height // 3, page.height, 2.9)


@given(bitmaps(), st.floats(0, 9), st.booleans(), st.integers(1, 40))
def test_a_pixel_is_deep_where_the_other_colour_is_nowhere_near(flags: np.ndarray, radius: float, paper: bool, strip: int) -> None:
    page = Bitmap.from_array(flags)
    out = Bitmap.blank(page.width, page.height)
    for first in range(0, page.height, strip):
        passed = arguments(page, PAPER if paper else INK, first, min(page.height, first + strip), radius)
        distance.deeper(*passed[:-1], out.words)
    assert np.array_equal(np.asarray(out), erosion.deeper(flags ^ paper, radius))
