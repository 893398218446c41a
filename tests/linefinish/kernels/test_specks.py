"""Hard and soft specks: kernels against plain sums over the pixels around each part."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import specks
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle

PAPER, INK, GAP = 240, 190, 3


def _small(flags: np.ndarray, area_max: int, hole: bool) -> np.ndarray:
    """Small components of ink, or small holes."""
    if hole:
        return oracle.without_pinholes(flags, area_max)[0] & ~flags
    return flags & ~oracle.without_specks(flags, area_max)[0]


def keep_drawn_call(
    flags: np.ndarray, gray: np.ndarray, area_max: int, share_max: float, core: int = 0, varied: int = 256, hole: bool = False,
    whole: int = 0,
) -> tuple[Any, ...]:
    """The arguments for specks up to an area; `out` and `alone` are the 9th and the last."""
    small = _small(flags, area_max, hole)
    around = ~flags if hole else flags
    words, without, left = Bitmap.from_array(around), Bitmap.from_array(around & ~small), Bitmap.from_array(small)
    count = len(words.words)
    out = Bitmap.from_array(flags ^ small)
    queue, alone = buffers.zeros(3 * (area_max + 1), "i"), buffers.zeros(2, "q")
    page = buffers.numbers("q", words.width, words.height, INK if hole else PAPER, -1 if hole else 1, core, varied, GAP, whole)
    return (
        words.words, without.words, Bitmap.from_array(small).words, flat(gray), page, share_max, left.words, buffers.zeros(count, "Q"),
        out.words, queue, alone,
    )  # fmt: skip


def measure_call(flags: np.ndarray, area_max: int, smallest: int, hole: bool) -> tuple[Any, ...]:
    """The arguments for specks up to an area; what is told is the last."""
    small = Bitmap.from_array(_small(flags, area_max, hole))
    left, large = buffers.copied(small.words), buffers.zeros(len(small.words), "Q")
    queue, sizes = buffers.zeros(3 * (area_max + 1), "i"), buffers.zeros(specks.SIZES, "q")
    return small.words, small.width, small.height, 0 if hole else 1, smallest, left, large, queue, sizes


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: hard patterns over greys that fall to one side."""
    for page in pages():
        gray = np.fromfunction(lambda y, x: 255 - (3 * x + 5 * y) % 60, (page.height, page.width)).astype(np.uint8)
        for hole in (False, True):
            yield specks.keep_drawn, keep_drawn_call(np.asarray(page), gray, 9, 0.9, 20, 40, hole, 30)
            yield specks.measure_specks, measure_call(np.asarray(page), 9, 2, hole)


def rim_of(flags: np.ndarray, part: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The paper pixels beside a part, once for each side that touches it from above or below, and
    each end of a row.
    """
    height, width = flags.shape
    beside = [(y + dy, x + dx) for y, x in part for dy, dx in ((0, -1), (0, 1), (-1, 0), (1, 0))]
    return [(y, x) for y, x in beside if 0 <= y < height and 0 <= x < width and not flags[y, x]]


@settings(max_examples=80, deadline=None)
@given(bitmaps(), st.integers(1, 9), st.sampled_from([0.25, 0.75, 1.0, 1.5]), st.integers(0, 60), st.integers(20, 99), st.booleans(),
       st.integers(0, 70), st.integers(0, 2**32 - 1))  # fmt: skip
def test_specks_stay_that_are_dark_and_whose_rim_is(
    flags: np.ndarray, area_max: int, share_max: float, core: int, varied: int, hole: bool, whole: int, seed: int
) -> None:
    gray = np.random.default_rng(seed).integers(180, 256, flags.shape).astype(np.uint8)
    call = keep_drawn_call(flags, gray, area_max, share_max, core, varied, hole, whole)
    expected = flags ^ _small(flags, area_max, hole)
    around = ~flags if hole else flags
    without = around & ~_small(flags, area_max, hole)
    others = alone = 0
    for part in oracle.components(_small(flags, area_max, hole), eight=not hole):
        y, x = np.array(part).T
        rim, inside = ([_depth(int(gray[at]), hole) for at in pixels] for pixels in (rim_of(around, part), part))
        most = max(0, *inside)
        soft = sum(rim) * len(inside) > share_max * (sum(inside) * len(rim)) or most - min(inside) >= varied or most < whole
        if most >= core and soft:
            expected[y, x] = not hole
        else:
            others += 1
            alone += not without[max(0, y.min() - GAP) : y.max() + GAP + 1, max(0, x.min() - GAP) : x.max() + GAP + 1].any()
    assert specks.keep_drawn(*call) == others
    assert np.array_equal(np.asarray(Bitmap(flags.shape[1], flags.shape[0], call[8])), expected)
    assert list(call[-1]) == [alone, others - alone]


def _depth(gray: int, hole: bool) -> int:
    return gray - INK if hole else PAPER - gray


@given(bitmaps(), st.integers(1, 9), st.integers(0, 4), st.booleans())
def test_specks_are_counted_and_measured(flags: np.ndarray, area_max: int, smallest: int, hole: bool) -> None:
    call = measure_call(flags, area_max, smallest, hole)
    areas = [len(part) for part in oracle.components(_small(flags, area_max, hole), eight=not hole)]
    assert specks.measure_specks(*call) == len(areas)
    assert list(call[-1]) == [len(areas), sum(areas), max(areas, default=0), sum(area <= smallest for area in areas)]
