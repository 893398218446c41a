"""What is a shadow and what is a solid black, against a plain flood."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from linefinish.kernels import shadows as kernels
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, ramp
from tests.oracles import thresholds as oracle

NEIGHBOURS = np.ones((3, 3), bool)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for cells in (ramp(21, 34), corner_shadow(), np.zeros((1, 1), np.uint8)):
        rows, columns = cells.shape
        yield kernels.dark_at_border, (flat(cells), columns, rows, 150)
        tones = np.where(cells == 90, cells, 0).astype(np.uint8)
        scratch = buffers.zeros(cells.size, "i"), buffers.zeros(cells.size, "B")
        yield kernels.find_shadows, (flat(cells), flat(tones), columns, rows, 150, *scratch)
        marks = np.where(cells > 90, 3, 1).astype(np.uint8)
        yield kernels.keep_shadows, (flat(cells), flat(cells), flat(marks), cells.size, buffers.zeros(cells.size, "B"))


def corner_shadow() -> np.ndarray:
    """Paper of 230 that falls to 90 in the lower left corner; a black shape at the right border and
    one in the shadow.
    """
    y, x = np.mgrid[0:48, 0:64]
    cells = np.clip(90 + 2.5 * np.hypot(x, 47 - y), 0, 230).astype(np.uint8)
    cells[10:20, 50:] = 25
    cells[38:44, 4:9] = 20
    return cells


def shadows(cells: np.ndarray, floor: int, tones: np.ndarray | None = None) -> np.ndarray:
    marks, seeds = np.zeros(cells.shape, np.uint8), np.zeros(cells.shape, np.uint8) if tones is None else tones
    queue = buffers.zeros(cells.size, "i")
    count = kernels.find_shadows(flat(cells), flat(seeds), cells.shape[1], cells.shape[0], floor, queue, flat(marks))
    assert count == (marks == kernels.SHADOW).sum()
    return marks == kernels.SHADOW


@given(grays(40), st.integers(1, 255))
def test_shadows_are_a_plain_floods(cells: np.ndarray, floor: int) -> None:
    assert np.array_equal(shadows(cells, floor), oracle.shadows(cells, floor))


@given(grays(40), st.integers(1, 255), st.integers(0, 255))
def test_shadows_begin_at_fills_as_well(cells: np.ndarray, floor: int, tone: int) -> None:
    tones = np.where(cells == tone, cells, 0).astype(np.uint8)
    assert np.array_equal(shadows(cells, floor, tones), oracle.shadows(cells, floor, tones))


@given(grays(30), st.integers(0, 255))
def test_the_border_is_counted_once(cells: np.ndarray, floor: int) -> None:
    border = np.ones(cells.shape, bool)
    border[1:-1, 1:-1] = False
    if min(cells.shape) > 1:
        assert kernels.dark_at_border(flat(cells), cells.shape[1], cells.shape[0], floor) == (border & (cells < floor)).sum()


def test_a_corner_in_shadow_is_paper_and_solids_are_not() -> None:
    cells = corner_shadow()
    found = shadows(cells, 150)
    solid = cells < 50
    beside = ndimage.binary_dilation(solid, NEIGHBOURS)  # not gentle: left to the closing
    assert np.array_equal(found, (cells < 150) & ~beside)


def test_a_dark_place_away_from_the_border_is_drawn() -> None:
    y, x = np.mgrid[0:60, 0:60]
    cells = np.clip(100 + 5 * np.hypot(x - 30, y - 30), 0, 230).astype(np.uint8)
    assert not shadows(cells, 150).any()
    assert ndimage.label(cells < 150, NEIGHBOURS)[1] == 1


def test_kept_is_what_is_marked() -> None:
    cells = corner_shadow()
    marks, kept = np.full(cells.shape, 2, np.uint8), np.zeros(cells.shape, np.uint8)
    marks[40:] = kernels.SHADOW
    closed = np.where(cells == 20, 100, cells).astype(np.uint8)
    kernels.keep_shadows(flat(cells), flat(closed), flat(marks), cells.size, flat(kept))
    assert np.array_equal(kept[40:], np.where(cells == 20, 0, cells)[40:])  # a stroke in the shadow is no paper
    assert not kept[:40].any()
