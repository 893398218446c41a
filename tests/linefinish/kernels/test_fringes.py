"""Fringes of dithering: counted and averaged, against plain sums over neighbours."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from linefinish.data.raster import Bitmap
from linefinish.kernels import fringes
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, strokes
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps

NEIGHBOURS = np.ones((3, 3), bool)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for page in pages():
        size = page.width, page.height
        yield fringes.count_fringe, (page.words, *size, buffers.zeros(fringes.COUNTS, "q"))
        yield fringes.widen, (page.words, *size, buffers.zeros(len(page.words), "Q"))
    for width in (1, 31, 64, 90):
        gray = flat(strokes(40, width, width))
        yield fringes.soften, (gray, width, 40, buffers.zeros(width + 2, "i"), buffers.zeros(40 * width, "B"))
        yield fringes.find_changes, (gray, width, 40, buffers.zeros(width, "B"), buffers.zeros(40, "B"))
        yield fringes.enlarge, (gray, width, 40, buffers.zeros(2 * width * 71, "B"), 2 * width, 71)


@settings(max_examples=60, deadline=None)
@given(bitmaps())
def test_what_a_pen_does_not_make_is_counted(flags: np.ndarray) -> None:
    page, counts = Bitmap.from_array(flags), buffers.zeros(fringes.COUNTS, "q")
    fringes.count_fringe(page.words, page.width, page.height, counts)
    framed = np.pad(flags, 1)
    around = ndimage.convolve(framed.astype(int), np.ones((3, 3), int), mode="constant")[1:-1, 1:-1] - flags
    corners = [framed[i:, j:][: flags.shape[0], : flags.shape[1]] for i, j in ((1, 1), (1, 2), (2, 1), (2, 2))]
    here, right, below, corner = corners
    saddles = (here & corner & ~right & ~below) | (~here & ~corner & right & below)
    # Edges to the right border and the lower one are not asked for.
    cracks = (framed[1:-1, 1:-1] ^ framed[1:-1, :-2]).sum() + (framed[1:-1, 1:-1] ^ framed[:-2, 1:-1]).sum()
    assert counts[fringes.SINGLES] == (flags & (around == 0)).sum() + (~flags & (around == 8)).sum()
    assert counts[fringes.SADDLES] == saddles.sum()
    assert counts[fringes.CRACKS] == cracks


@settings(max_examples=40, deadline=None)
@given(bitmaps())
def test_ink_widens_by_a_pixel(flags: np.ndarray) -> None:
    page = Bitmap.from_array(flags)
    wide = Bitmap.blank(page.width, page.height)
    assert fringes.widen(page.words, page.width, page.height, wide.words) == np.asarray(wide).sum()
    assert np.array_equal(np.asarray(wide), ndimage.binary_dilation(flags, NEIGHBOURS))


@settings(max_examples=40, deadline=None)
@given(grays())
def test_a_pixel_becomes_the_mean_of_the_nine_around_it(gray: np.ndarray) -> None:
    height, width = gray.shape
    out = buffers.zeros(gray.size, "B")
    assert fringes.soften(flat(gray), width, height, buffers.zeros(width + 2, "i"), out) == gray.size
    weights = np.outer([1, 2, 1], [1, 2, 1])
    expected = (ndimage.convolve(gray.astype(int), weights, mode="nearest") + 8) >> 4
    assert np.array_equal(np.frombuffer(out, np.uint8).reshape(gray.shape), expected)


@settings(max_examples=40, deadline=None)
@given(grays())
def test_columns_and_rows_that_differ_are_marked(gray: np.ndarray) -> None:
    height, width = gray.shape
    columns, rows = buffers.zeros(width, "B"), buffers.zeros(height, "B")
    found = fringes.find_changes(flat(gray), width, height, columns, rows)
    assert columns.tolist() == [0, *(gray[:, 1:] != gray[:, :-1]).any(axis=0)]
    assert rows.tolist() == [0, *(gray[1:] != gray[:-1]).any(axis=1)]
    assert found == sum(columns) + sum(rows)


@settings(max_examples=40, deadline=None)
@given(grays(), st.floats(1, 3), st.floats(1, 3))
def test_enlarging_is_bilinear_between_centres(gray: np.ndarray, by_width: float, by_height: float) -> None:
    height, width = int(gray.shape[0] * by_height), int(gray.shape[1] * by_width)
    out = buffers.zeros(height * width, "B")
    fringes.enlarge(flat(gray), gray.shape[1], gray.shape[0], out, width, height)
    places = [(np.arange(large) + 0.5) * small / large - 0.5 for large, small in ((height, gray.shape[0]), (width, gray.shape[1]))]
    expected = ndimage.map_coordinates(gray.astype(float), np.meshgrid(*places, indexing="ij"), order=1, mode="nearest")
    assert np.abs(np.frombuffer(out, np.uint8).reshape(height, width) - expected).max() < 3  # places are in 256ths of a pixel
