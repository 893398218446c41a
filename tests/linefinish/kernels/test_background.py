"""Paper under ink: each step against numpy or scipy."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import background
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays, ramp, strokes
from tests.oracles import thresholds as oracle


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for gray in (ramp(21, 34), strokes(40, 70, 1), np.zeros((1, 1), np.uint8)):
        height, width = gray.shape
        columns, rows = (width + 3) // 4, (height + 3) // 4
        cells = buffers.zeros(columns * rows, "B")
        yield background.pool, (flat(gray), width, height, columns, rows, cells)
        yield background.drop_solids, (flat(gray), width, height, 100, buffers.zeros(gray.size, "B"))
        for radius in (1, 4):
            padded = (columns + 2 * radius) * (rows + 2 * radius)
            yield background.close_cells, (
                flat(oracle.pool(gray)), columns, rows, radius, buffers.zeros(padded, "B"), buffers.zeros(padded, "B")
            )  # fmt: skip
        holes = np.where(gray < 100, 0, gray)
        yield background.fill_unknown, (flat(holes), width, height, buffers.zeros(gray.size, "i"))
        gains = buffers.zeros(256 + 2 * columns + 2 * width, "i")
        yield background.divide, (flat(gray), width, height, flat(oracle.pool(gray)), columns, rows, gains, buffers.zeros(gray.size, "B"))


def closed(cells: np.ndarray, radius: int) -> np.ndarray:
    out = np.ascontiguousarray(cells).copy()
    padded = (cells.shape[0] + 2 * radius) * (cells.shape[1] + 2 * radius)
    background.close_cells(flat(out), cells.shape[1], cells.shape[0], radius, buffers.zeros(padded, "B"), buffers.zeros(padded, "B"))
    return out


@given(grays())
def test_cells_hold_their_brightest_mean(gray: np.ndarray) -> None:
    height, width = gray.shape
    expected = oracle.pool(gray)
    cells = np.zeros(expected.shape, np.uint8)
    background.pool(flat(gray), width, height, expected.shape[1], expected.shape[0], flat(cells))
    assert np.array_equal(cells, expected)


@given(grays(), st.integers(1, 9))
def test_closing_is_scipys(gray: np.ndarray, radius: int) -> None:
    assert np.array_equal(closed(gray, radius), oracle.closing(gray, radius))


@given(grays(), st.integers(1, 9))
def test_closing_never_darkens_and_changes_nothing_twice(gray: np.ndarray, radius: int) -> None:
    once = closed(gray, radius)
    assert (once >= gray).all()
    assert np.array_equal(closed(once, radius), once)


@given(grays(24), st.integers(1, 255))
def test_unknown_cells_take_a_nearest_known_one(gray: np.ndarray, floor: int) -> None:
    cells = np.where(gray < floor, 0, gray).astype(np.uint8)
    known = cells != 0
    filled = cells.copy()
    count = background.fill_unknown(flat(filled), cells.shape[1], cells.shape[0], buffers.zeros(cells.size, "i"))
    assert count == known.sum()
    assert np.array_equal(filled[known], cells[known])
    if not known.any():
        return
    ys, xs = np.nonzero(known)
    for y, x in zip(*np.nonzero(~known), strict=True):
        down, across = abs(ys - y), abs(xs - x)
        chamfer = 3 * np.maximum(down, across) + np.minimum(down, across)
        assert filled[y, x] in cells[ys, xs][chamfer == chamfer.min()]


def test_a_solid_and_its_rim_are_dropped_and_a_wash_beside_it_stays() -> None:
    cells = np.full((12, 16), 250, np.uint8)
    cells[:, 8:] = 180  # a wash
    cells[3:9, 4:8] = 10  # a solid that touches it
    cells[3:9, 3] = 140  # its rim, half black
    kept = np.zeros_like(cells)
    background.drop_solids(flat(cells), 16, 12, 127, flat(kept))
    assert (kept[3:9, 3:8] == 0).all()
    assert (kept[:, 8:] == 180).all()
    assert (kept[:, :3] == 250).all()


@given(grays(), st.integers(40, 255))
def test_division_makes_paper_white_within_a_grey(gray: np.ndarray, floor: int) -> None:
    height, width = gray.shape
    cells = np.maximum(oracle.pool(gray), floor).astype(np.uint8)
    out = np.zeros_like(gray)
    gains = buffers.zeros(256 + 2 * cells.shape[1] + 2 * gray.shape[1], "i")
    background.divide(flat(gray), width, height, flat(cells), cells.shape[1], cells.shape[0], gains, flat(out))
    # A gain in 1/256, cut off, is at most 1/256 too small: one grey of 255, and half a grey from
    # rounding.
    assert (np.abs(out - oracle.divided(gray, cells)) <= 1.5).all()
    if floor == 255:
        assert np.array_equal(out, gray)
