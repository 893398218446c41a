"""Small components: kernel against flood fill, in numbers and pixel by pixel."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import buffers
from linefinish.kernels import components, runs
from linefinish.raster import Bitmap
from tests.linefinish.kernels.patterns import bitmaps, checkerboard, comb, spiral
from tests.oracles import components as oracle

INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF


def erase_small(flags: np.ndarray, colour: int, area_max: int) -> tuple[np.ndarray, int]:
    bitmap = Bitmap.from_array(flags)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    out = Bitmap.from_array(flags)
    queue = buffers.zeros(3 * (min(area_max, runs.count_runs(bitmap.words, *size, colour)) + 1), "i")
    large = buffers.zeros(len(bitmap.words), "Q")
    erased = components.erase_small(bitmap.words, *size, colour, area_max, 0, 0, out.words, large, queue, buffers.zeros(1, "q"))
    return np.asarray(out), erased


@settings(max_examples=150, deadline=None)
@given(bitmaps(), st.one_of(st.integers(1, 12), st.integers(1, 3000)))
def test_specks_and_pinholes_are_those_of_a_flood_fill(flags: np.ndarray, area_max: int) -> None:
    for colour, plain in ((INK, oracle.without_specks), (PAPER, oracle.without_pinholes)):
        expected, count = plain(flags, area_max)
        found, erased = erase_small(flags, colour, area_max)
        assert erased == count
        assert np.array_equal(found, expected)


@settings(max_examples=100, deadline=None)
@given(bitmaps())
def test_runs_are_counted_as_changes_along_a_row(flags: np.ndarray) -> None:
    bitmap = Bitmap.from_array(flags)
    for colour, of in ((INK, flags), (PAPER, ~flags)):
        expected = int((np.diff(np.pad(of, ((0, 0), (1, 0))).astype(int), axis=1) == 1).sum())
        assert runs.count_runs(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, colour) == expected


@pytest.mark.parametrize("flags", [comb(400, 2001), spiral(801), checkerboard(300, 1999)], ids=["comb", "spiral", "checkerboard"])
def test_each_run_of_a_large_component_is_walked_once(flags: np.ndarray) -> None:
    """All of it is one component; a limit just below its area keeps it, its own area erases it.

    Walking it anew from each of its tops (1000 in the comb) would take minutes here.
    """
    area = int(flags.sum())
    kept, none = erase_small(flags, INK, area - 1)
    gone, one = erase_small(flags, INK, area)
    assert (none, one) == (0, 1)
    assert np.array_equal(kept, flags)
    assert not gone.any()
