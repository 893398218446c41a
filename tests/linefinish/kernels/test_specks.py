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

PAPER, GAP = 240, 3


def keep_soft_call(flags: np.ndarray, gray: np.ndarray, area_max: int, share_max: float) -> tuple[Any, ...]:
    """The arguments for specks up to an area; `out` and `alone` are the 9th and the last."""
    small = flags & ~oracle.without_specks(flags, area_max)[0]
    words, without, left = Bitmap.from_array(flags), Bitmap.from_array(flags & ~small), Bitmap.from_array(small)
    count = len(words.words)
    out = Bitmap.from_array(flags & ~small)
    queue, alone = buffers.zeros(3 * (area_max + 1), "i"), buffers.zeros(2, "q")
    return (
        words.words, without.words, Bitmap.from_array(small).words, flat(gray), buffers.numbers("q", words.width, words.height, PAPER, GAP),
        share_max, left.words, buffers.zeros(count, "Q"), out.words, queue, alone,
    )  # fmt: skip


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: hard patterns over greys that fall to one side."""
    for page in pages():
        gray = np.fromfunction(lambda y, x: 255 - (3 * x + 5 * y) % 60, (page.height, page.width)).astype(np.uint8)
        yield specks.rim_depth, (page.words, flat(gray), page.width, page.height, page.stride, PAPER, 2)
        yield specks.keep_soft, keep_soft_call(np.asarray(page), gray, 9, 0.9)


def rim_of(flags: np.ndarray, part: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The paper pixels beside a part, once for each side that touches it from above or below, and
    each end of a row.
    """
    height, width = flags.shape
    beside = [(y + dy, x + dx) for y, x in part for dy, dx in ((0, -1), (0, 1), (-1, 0), (1, 0))]
    return [(y, x) for y, x in beside if 0 <= y < height and 0 <= x < width and not flags[y, x]]


@settings(max_examples=80, deadline=None)
@given(bitmaps(), st.integers(1, 9), st.sampled_from([0.25, 0.75, 1.0, 1.5]), st.integers(0, 2**32 - 1))
def test_specks_stay_whose_rim_is_dark_against_their_inside(flags: np.ndarray, area_max: int, share_max: float, seed: int) -> None:
    gray = np.random.default_rng(seed).integers(180, 256, flags.shape).astype(np.uint8)
    call = keep_soft_call(flags, gray, area_max, share_max)
    expected = oracle.without_specks(flags, area_max)[0]
    without = expected.copy()
    hard = alone = 0
    for part in oracle.components(flags, eight=True):
        if len(part) > area_max:
            continue
        y, x = np.array(part).T
        rim, inside = ([PAPER - int(gray[at]) for at in pixels] for pixels in (rim_of(flags, part), part))
        if sum(rim) * len(inside) > share_max * (sum(inside) * len(rim)):
            expected[y, x] = True
        else:
            hard += 1
            alone += not without[max(0, y.min() - GAP) : y.max() + GAP + 1, max(0, x.min() - GAP) : x.max() + GAP + 1].any()
    assert specks.keep_soft(*call) == hard
    assert np.array_equal(np.asarray(Bitmap(flags.shape[1], flags.shape[0], call[8])), expected)
    assert list(call[-1]) == [alone, hard - alone]


@given(bitmaps(), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_rim_of_all_ink_is_a_mean_over_some_rows(flags: np.ndarray, every: int, seed: int) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, flags.shape).astype(np.uint8)
    padded = np.pad(flags, 1)
    rim = (padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]) & ~flags
    depths = PAPER - gray[::every][rim[::every]].astype(int)
    bitmap = Bitmap.from_array(flags)
    found = specks.rim_depth(bitmap.words, flat(gray), bitmap.width, bitmap.height, bitmap.stride, PAPER, every)
    assert found == (depths.mean() if depths.size else 0.0)
