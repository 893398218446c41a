"""Growth into a limit: simple pixels only, against the topology counted by flood fill."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import growing
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import erosion

EDGES = (-1, 2, -1, 2, -1, 2)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """A layer of growth everywhere, and discs of three pixels where the ink is thin."""
    edges = buffers.zeros(6, "i")
    edges[:] = memoryview(np.array(EDGES, np.int32))
    for page in pages():
        size = (page.width, page.height, page.stride)
        ink, everywhere, scratch = (buffers.zeros(len(page.words), "Q") for _ in range(3))
        ink[:] = page.words
        everywhere[:] = Bitmap.from_array(np.ones((page.height, page.width), bool)).words
        yield growing.grow, (ink, everywhere, *size, scratch)
        yield growing.discs_where_thin, (page.words, page.words, *size, 2.75, 3, edges, -1, buffers.zeros(len(page.words), "Q"))


@given(bitmaps(side_max=20, width_max=70), st.integers(0, 2**32 - 1))
def test_a_layer_lies_beside_the_ink_and_keeps_the_topology(flags: np.ndarray, seed: int) -> None:
    allowed = np.random.default_rng(seed).random(flags.shape) < 0.8
    page, limit, front = Bitmap.from_array(flags), Bitmap.from_array(allowed), Bitmap.blank(flags.shape[1], flags.shape[0])
    added = growing.grow(page.words, limit.words, page.width, page.height, page.stride, front.words)
    grown = np.asarray(page)
    new = grown & ~flags
    ink = np.pad(flags, 1)
    beside = ink[:-2, 1:-1] | ink[2:, 1:-1] | ink[1:-1, :-2] | ink[1:-1, 2:]
    assert added == new.sum()
    assert (grown >= flags).all()
    assert not (new & ~(beside & allowed)).any()
    assert erosion.topology(grown) == erosion.topology(flags)


def test_discs_lie_only_where_the_ink_is_thin() -> None:
    flags = np.zeros((30, 60), bool)
    flags[5, 5:55] = flags[15:20, 5:55] = True
    lines = np.zeros_like(flags)
    lines[5, 10:50] = lines[17, 10:50] = True
    edges = buffers.zeros(6, "i")
    edges[:] = memoryview(np.array(EDGES, np.int32))
    out = Bitmap.blank(60, 30)
    page, along = Bitmap.from_array(flags), Bitmap.from_array(lines)
    assert growing.discs_where_thin(page.words, along.words, 60, 30, page.stride, 2.75, 3, edges, -1, out.words) == 40
    expected = np.zeros_like(flags)
    expected[4:7, 9:51] = True
    assert np.array_equal(np.asarray(out), expected)
