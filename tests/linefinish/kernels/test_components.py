"""Small components: kernel against flood fill, in numbers and pixel by pixel."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import components, runs
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps, checkerboard, comb, spiral
from tests.oracles import components as oracle

INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Both colours, with and without the question whether a speck stands alone."""
    for page in pages():
        for colour, area, lone in ((INK, 3, 0), (INK, 1, 9), (PAPER, 6, 0)):
            out, large = buffers.zeros(len(page.words), "Q"), buffers.zeros(len(page.words), "Q")
            out[:] = page.words
            queue, alone = buffers.zeros(3 * 12, "i"), buffers.zeros(2, "q")
            size = (page.width, page.height, page.stride)
            yield components.erase_small, (page.words, *size, colour, area, lone, 3, out, large, queue, alone)
        yield components.share_near_ink, (page.words, *size, 4)


def erase_small(flags: np.ndarray, colour: int, area_max: int) -> tuple[np.ndarray, int]:
    bitmap = Bitmap.from_array(flags)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    out = Bitmap.from_array(flags)
    queue = buffers.zeros(3 * (min(area_max, runs.count_runs(bitmap.words, *size, colour)) + 1), "i")
    large = buffers.zeros(len(bitmap.words), "Q")
    erased = components.erase_small(bitmap.words, *size, colour, area_max, 0, 0, out.words, large, queue, buffers.zeros(2, "q"))
    return np.asarray(out), erased


@settings(max_examples=150, deadline=None)
@given(bitmaps(), st.one_of(st.integers(1, 12), st.integers(1, 3000)))
def test_specks_and_pinholes_are_those_of_a_flood_fill(flags: np.ndarray, area_max: int) -> None:
    for colour, plain in ((INK, oracle.without_specks), (PAPER, oracle.without_pinholes)):
        expected, count = plain(flags, area_max)
        found, erased = erase_small(flags, colour, area_max)
        assert erased == count
        assert np.array_equal(found, expected)


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


@given(bitmaps(), st.integers(1, 6), st.integers(1, 5))
def test_a_lone_speck_has_no_ink_near_its_box_that_is_still_there(flags: np.ndarray, lone_max: int, gap: int) -> None:
    bitmap, out = Bitmap.from_array(flags), Bitmap.from_array(flags)
    queue, large, alone = buffers.zeros(3 * 7, "i"), buffers.zeros(len(bitmap.words), "Q"), buffers.zeros(2, "q")
    erased = components.erase_small(
        bitmap.words, bitmap.width, bitmap.height, bitmap.stride, INK, 0, lone_max, gap, out.words, large, queue, alone
    )
    left = flags.copy()
    count = 0
    # The kernel meets specks by their first pixel after the end of their first row's run, row by
    # row.
    specks = [part for part in oracle.components(flags, eight=True) if len(part) <= lone_max]
    for part in sorted(specks, key=first_top):
        y, x = np.array(part).T
        left[y, x] = False
        if left[max(0, y.min() - gap) : y.max() + gap + 1, max(0, x.min() - gap) : x.max() + gap + 1].any():
            left[y, x] = True
        else:
            count += 1
    assert np.array_equal(np.asarray(out), left)
    assert erased == alone[0] == count


def first_top(part: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the kernel meets a component: row and end of its first run."""
    y, x = min(part)
    while (y, x + 1) in part:
        x += 1
    return y, x


@given(bitmaps(), st.integers(1, 9))
def test_near_ink_is_a_square_around_points_of_a_grid(flags: np.ndarray, gap: int) -> None:
    bitmap = Bitmap.from_array(flags)
    near = [
        flags[max(y - gap, 0) : y + gap + 1, max(x - gap, 0) : x + gap + 1].any()
        for y in range(0, bitmap.height, 2 * gap)
        for x in range(0, bitmap.width, 2 * gap)
    ]
    assert components.share_near_ink(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, gap) == np.mean(near)
