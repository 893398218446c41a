"""Dot screens: small parts against scipy's labels, and what goes and what stays."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import screens
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import grays
from tests.oracles import thresholds as oracle


def dotted(height: int, width: int, pitch: int) -> np.ndarray:
    """Dots of 2 × 2 px, `pitch` apart both ways."""
    ys, xs = np.indices((height, width))
    return (ys % pitch < 2) & (xs % pitch < 2)


def scratch(bitmap: Bitmap, area_max: int) -> tuple[Any, Any, Any, Any]:
    """A copy of the words, and what find_dots and remove_marked take besides."""
    copy, count = memoryview(bytearray(bitmap.words)).cast("Q"), len(bitmap.words)
    return copy, buffers.zeros(count, "Q"), buffers.zeros(3 * (area_max + 1), "i"), buffers.zeros(2, "q")


def with_line(ink: np.ndarray) -> np.ndarray:
    """The same with a level line and a slanted one over it."""
    ink = ink.copy()
    ys, xs = np.indices(ink.shape)
    ink[21:23, 4:70] = True
    ink[abs(2 * ys - xs) < 2] = True
    return ink


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    bitmap = Bitmap.from_array(dotted(40, 90, 5))
    size = (bitmap.width, bitmap.height, bitmap.stride)
    for step in (4, 1):
        dots, centres, counts = buffers.zeros(400, "q"), buffers.zeros(800, "i"), buffers.zeros(14 * 8, "i")
        find = (bitmap.words, *size[:2], step, 6, *scratch(bitmap, 6), dots, centres, 400)
        yield screens.find_dots, find
        found = screens.find_dots(*find)
        yield screens.count_crowded, (bitmap.width, 3, 9, dots, found, counts)
    bins, starts = buffers.zeros(66 * 130, "q"), buffers.zeros(12 * 6 + 2, "i")
    lattice = buffers.numbers("q", found, bitmap.width, bitmap.height, 3, 10, 0, 0, 0, 0)
    steps = lattice[screens.STEPS :]
    order, marks = buffers.zeros(found, "i"), buffers.zeros(found, "B")
    calls = [
        (screens.count_offsets, (centres, found, 2, 1, bins)),
        (screens.lattice_step, (bins, 1, steps)),
        (screens.lattice_step, (bins, 1, steps)),
        (screens.sort_into_cells, (centres, found, bitmap.width, bitmap.height, 3, starts, order)),
        *((screens.mark_lattice, (lattice, centres, starts, order, known, 2 - known, 3, marks)) for known in (0, 1)),
        (screens.remove_marked, (bitmap.words, *size, 6, *scratch(bitmap, 6), dots, found, marks)),
        (screens.remove_fused, (Bitmap.from_array(with_line(dotted(40, 90, 5))).words, lattice, centres, starts, order, marks, 4, 4, 3,
                                bitmap.words)),
    ]  # fmt: skip
    for function, arguments in calls:
        # Each call starts from what the ones before left: who runs the case must not change that.
        yield function, tuple(memoryview(bytearray(a)).cast(a.format) if isinstance(a, memoryview) else a for a in arguments)
        function(*arguments)


def screened(ink: np.ndarray, *, cell_shift: int = 4, area_max: int = 14) -> tuple[Bitmap, int, list[int], int]:
    """The bitmap without its dots on a lattice; how many dots there were, the lattice's steps in px
    / 16, how many dots went.
    """
    bitmap = Bitmap.from_array(ink)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    dots, centres = buffers.zeros(ink.size, "q"), buffers.zeros(2 * ink.size, "i")
    found = screens.find_dots(bitmap.words, *size[:2], 1, area_max, *scratch(bitmap, area_max), dots, centres, ink.size)
    bins, steps = buffers.zeros(66 * 130, "q"), buffers.zeros(4, "q")
    screens.count_offsets(centres, found, 1, cell_shift - 2, bins)
    for _ in range(2):
        screens.lattice_step(bins, cell_shift - 2, steps)
    cells = ((bitmap.width >> cell_shift) + 1) * ((bitmap.height >> cell_shift) + 1)
    starts, order, marks = buffers.zeros(cells + 2, "i"), buffers.zeros(found, "i"), buffers.zeros(found, "B")
    grid = (centres, found, bitmap.width, bitmap.height, cell_shift)
    screens.sort_into_cells(*grid, starts, order)
    for tolerance, known, mark, need in ((10, 0, 2, 3), (20, 2, 1, 1)):
        lattice = buffers.numbers("q", found, bitmap.width, bitmap.height, cell_shift, tolerance, *steps)
        screens.mark_lattice(lattice, centres, starts, order, known, mark, need, marks)
    out, *more = scratch(bitmap, area_max)
    removed = screens.remove_marked(bitmap.words, *size, area_max, out, *more, dots, found, marks)
    return Bitmap(bitmap.width, bitmap.height, out), found, list(steps), removed


@given(grays(30), st.integers(1, 12), st.sampled_from([1, 2, 4]))
def test_dots_are_the_small_parts(gray: np.ndarray, area_max: int, row_step: int) -> None:
    ink = gray < 60
    bitmap = Bitmap.from_array(ink)
    dots, centres = buffers.zeros(gray.size, "q"), buffers.zeros(2 * gray.size, "i")
    size = (bitmap.width, bitmap.height, bitmap.stride)
    found = screens.find_dots(bitmap.words, *size[:2], row_step, area_max, *scratch(bitmap, area_max), dots, centres, gray.size)
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
    bitmap, found, steps, removed = screened(ink | freckles)
    assert removed == found - 2
    assert np.array_equal(np.asarray(bitmap), freckles)
    # The two steps span a lattice of 5 by 5 px.
    assert abs(steps[0] * steps[3] - steps[1] * steps[2]) == pytest.approx(80 * 80, rel=0.06)


@pytest.mark.parametrize("degrees", [0, 15, 45, 74])
def test_a_screen_at_any_angle_goes(degrees: float) -> None:
    ys, xs = np.indices((200, 200))
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    u, v = (cos * xs + sin * ys) / 5.4, (cos * ys - sin * xs) / 5.4
    dots = np.hypot(u - np.rint(u), v - np.rint(v)) < 0.3
    _, found, _, removed = screened(dots)
    assert removed > 0.97 * found


def test_stipple_as_dense_as_a_screen_stays() -> None:
    ink = np.zeros((256, 256), bool)
    for x, y in np.random.default_rng(5).integers(1, 253, (2000, 2)):
        if not ink[y - 1 : y + 3, x - 1 : x + 3].any():
            ink[y : y + 2, x : x + 2] = True
    _, found, _, removed = screened(ink)
    assert found > 1000
    assert removed < 0.1 * found


@given(
    grays(24), st.lists(st.tuples(st.integers(0, 383), st.integers(0, 383), st.booleans()), max_size=12),
    st.lists(st.integers(-90, 90), min_size=4, max_size=4), st.integers(0, 20), st.integers(1, 12), st.integers(2, 7), st.integers(1, 9),
)  # fmt: skip
def test_what_is_fused_goes_as_a_plain_reading_of_the_rule_says(
    gray: np.ndarray, found: list[tuple[int, int, bool]], steps: list[int], tolerance: int, radius2: int, run: int, area_min: int
) -> None:
    height, width = gray.shape
    found = [(x % (16 * width), y % (16 * height), mark) for x, y, mark in found]
    source, out = Bitmap.from_array(gray < 150), Bitmap.from_array(gray < 150)
    centres = buffers.zeros(2 * len(found), "i")
    for i, (x, y, _) in enumerate(found):
        centres[2 * i], centres[2 * i + 1] = x, y
    shift = 3
    cells = ((width >> shift) + 1) * ((height >> shift) + 1)
    starts, order = buffers.zeros(cells + 2, "i"), buffers.zeros(len(found), "i")
    screens.sort_into_cells(centres, len(found), width, height, shift, starts, order)
    marks = memoryview(bytearray(mark for _, _, mark in found))
    lattice = buffers.numbers("q", len(found), width, height, shift, tolerance, *steps)
    screens.remove_fused(source.words, lattice, centres, starts, order, marks, radius2, run, area_min, out.words)
    places = [(x, y) for x, y, _ in found]
    expected = oracle.without_fused(
        np.asarray(source), places, [mark for _, _, mark in found], steps, tolerance, radius2, run, area_min
    )  # fmt: skip
    assert np.array_equal(np.asarray(out), expected)
