"""Fills and hard shadows, each kernel against a plain twin."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from linefinish.kernels import fills as kernels
from linefinish.memory import buffers
from tests.linefinish.kernels.grays import flat, grays
from tests.oracles import thresholds as oracle


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for gray in (filled_box(), np.full((5, 6), 70, np.uint8), np.zeros((1, 1), np.uint8)):
        pooled = oracle.pool(gray)
        (rows, columns), (height, width) = pooled.shape, gray.shape
        tones = oracle.flat_cells(gray, pooled, np.full_like(pooled, 250), 130, 80, 24)
        papers = np.where(tones > 0, tones, 240).astype(np.uint8)
        near = oracle.steps(papers, tones).astype(np.uint8)
        state, enlarged = oracle.near_ink(gray, papers, near), oracle.enlarged(papers, gray.shape)
        yield kernels.flat_cells, (
            flat(gray), width, height, flat(pooled), flat(np.full_like(pooled, 250)), buffers.numbers("q", 130, 80, 24, 40, 30),
            buffers.zeros(pooled.size, "B"), buffers.zeros(pooled.size, "B"), buffers.zeros(512, "q"),
        )  # fmt: skip
        yield kernels.keep_flat, (
            flat(pooled), pooled.size, buffers.numbers("q", 130, 80, -1, 40, 30), flat(tones.copy()), flat(np.full_like(tones, 30)),
            buffers.zeros(512, "q"),
        )  # fmt: skip
        yield kernels.count_flat, (
            flat(gray), width, height, flat(pooled), flat(np.full_like(pooled, 250)), buffers.numbers("q", 130, 80, 24, 40, 30), 60, 9,
            buffers.zeros(kernels.ASKED, "i"),
        )  # fmt: skip
        yield kernels.keep_areas, (
            flat(tones.copy()), columns, rows, 30, 6, buffers.zeros(tones.size, "i"), buffers.zeros(tones.size, "B")
        )  # fmt: skip
        yield kernels.drop_strokes, (
            flat(tones.copy()), flat(gray), width, height, 30, 130, 1, *stroke_scratch(tones)
        )  # fmt: skip
        yield kernels.put, (flat(tones), tones.size, flat(papers.copy()))
        yield kernels.find_steps, (flat(papers), flat(tones), columns, rows, buffers.zeros(tones.size, "B"))
        yield kernels.translate_marked, (flat(gray), width, height, flat(near), bytes(range(255, -1, -1)), flat(np.full_like(gray, 7)))
        yield kernels.find_ink, (
            flat(gray), width, height, flat(papers), flat(near), columns, rows, buffers.zeros(gray.size, "B"), ink_scratch(width)
        )  # fmt: skip
        yield kernels.close_near, (flat(gray), width, height, flat(near), columns, rows, closing_scratch(gray), flat(np.zeros_like(gray)))
        yield kernels.recognise_paper, (
            flat(gray), width, height, flat(papers), flat(near), flat(state.copy()), extremes_scratch(width), flat(np.full_like(gray, 200))
        )  # fmt: skip
        yield kernels.count_bare_steps, (flat(gray), width, height, flat(papers), columns, rows, 60)
        yield kernels.spread_paper, (flat(gray.copy()), flat(near), flat(state.copy()), width, height, buffers.zeros(gray.size + 4, "i"))
        whites = buffers.numbers("q", 120, 140, 192)
        quotients = buffers.zeros(kernels.QUOTIENTS, "q")
        yield kernels.divide_pixels, (flat(gray), gray.size, flat(np.maximum(gray, 80)), flat(state), whites, quotients, flat(gray.copy()))
        white, scratch = np.full_like(gray, 255), buffers.zeros(gray.size, "B")
        yield kernels.draw_borders, (flat(enlarged), flat(np.ones_like(gray)), width, height, 200, 1, scratch, flat(white))
        yield kernels.hold_fills, (flat(tones), columns, rows, width, height, flat(np.full_like(gray, 200)))


def stroke_scratch(tones: np.ndarray) -> tuple[memoryview, memoryview, memoryview]:
    words = tones.shape[0] * ((tones.shape[1] + 63) >> 6)
    return buffers.zeros(words, "Q"), buffers.zeros(words, "Q"), buffers.zeros(tones.size, "i")


def ink_scratch(width: int) -> memoryview:
    return buffers.zeros(kernels.INK_ROWS * (width + kernels.INK_SPARE), "B")


def extremes_scratch(width: int) -> memoryview:
    return buffers.zeros(2 * ((width + 3) >> 2) + kernels.EXTREMES_SPARE, "B")


def closing_scratch(gray: np.ndarray) -> memoryview:
    return buffers.zeros(kernels.CLOSING_ROWS * (gray.shape[1] + kernels.CLOSING_SPARE) + gray.shape[0] + 4, "B")


def filled_box() -> np.ndarray:
    """A box of 4 px with a grained grey in it, on white."""
    gray = np.full((50, 67), 250, np.uint8)
    gray[8:44, 10:58] = 12
    gray[12:40, 14:54] = np.random.default_rng(3).integers(88, 112, (28, 40))
    return gray


@given(
    grays(40), st.integers(0, 255), st.integers(0, 255), st.integers(-1, 255), st.integers(0, 255), st.integers(0, 255),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_flat_cells_are_a_plain_search_s(
    gray: np.ndarray, floor: int, range_max: int, pale_range_max: int, grain_from: int, apart_max: int, seed: int
) -> None:
    pooled = oracle.pool(gray)
    closed = np.maximum(pooled, np.random.default_rng(seed).integers(0, 256, pooled.shape)).astype(np.uint8)
    tones, aparts, bins = np.zeros(pooled.shape, np.uint8), np.zeros(pooled.shape, np.uint8), np.zeros(512, np.int64)
    limits = buffers.numbers("q", floor, range_max, pale_range_max, grain_from, apart_max)
    page = flat(gray), gray.shape[1], gray.shape[0], flat(pooled), flat(closed)
    pale = kernels.flat_cells(*page, limits, flat(tones), flat(aparts), flat(bins))
    wanted = oracle.flat_cells(gray, pooled, closed, floor, range_max, pale_range_max, grain_from, apart_max)
    assert np.array_equal(tones, wanted)
    assert pale == ((wanted > 0) & (pooled >= floor)).sum()
    assert np.array_equal(bins[:256], np.bincount(wanted[wanted > 0], minlength=256))
    assert np.array_equal(bins[256:], np.bincount(aparts[(wanted > 0) & (wanted >= grain_from)], minlength=256))


@given(
    grays(40), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.booleans(), st.integers(0, 255), st.integers(0, 255),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_narrower_limits_keep_what_a_search_within_them_finds(
    gray: np.ndarray, floor: int, range_max: int, pale_range_max: int, dark_only: bool, grain_from: int, apart_max: int, seed: int
) -> None:
    pooled = oracle.pool(gray)
    closed = np.maximum(pooled, np.random.default_rng(seed).integers(0, 256, pooled.shape)).astype(np.uint8)
    tones, aparts, bins = np.zeros(pooled.shape, np.uint8), np.zeros(pooled.shape, np.uint8), np.zeros(512, np.int64)
    limits = buffers.numbers("q", floor, range_max, pale_range_max, grain_from, 255)
    page = flat(gray), gray.shape[1], gray.shape[0], flat(pooled), flat(closed)
    kernels.flat_cells(*page, limits, flat(tones), flat(aparts), flat(bins))
    limits[kernels.APART_MAX], bins[:] = apart_max, 0
    if dark_only:
        limits[kernels.PALE_RANGE_MAX] = -1
    kept = kernels.keep_flat(flat(pooled), pooled.size, limits, flat(tones), flat(aparts), flat(bins))
    wanted = oracle.flat_cells(gray, pooled, closed, floor, range_max, limits[kernels.PALE_RANGE_MAX], grain_from, apart_max)
    assert np.array_equal(tones, wanted)
    assert kept == (wanted > 0).sum() == bins[:256].sum()
    assert np.array_equal(bins[256:], np.bincount(aparts[(wanted > 0) & (wanted >= grain_from)], minlength=256))


@given(grays(40), st.integers(0, 255), st.integers(-1, 255), st.integers(0, 255), st.integers(1, 20))
def test_flat_cells_of_a_tone_are_counted_up_to_enough(
    gray: np.ndarray, floor: int, pale_range_max: int, tone_min: int, enough: int
) -> None:
    pooled = oracle.pool(gray)
    closed, limits = np.full_like(pooled, 250), buffers.numbers("q", floor, 80, pale_range_max, 0, 255)
    asked = buffers.zeros(kernels.ASKED, "i")
    found = kernels.count_flat(flat(gray), gray.shape[1], gray.shape[0], flat(pooled), flat(closed), limits, tone_min, enough, asked)
    tones = oracle.flat_cells(gray, pooled, closed, floor, 80, pale_range_max)
    assert found == min(((tones > 0) & (tones >= tone_min)).sum(), enough)


@given(grays(30), st.integers(0, 255), st.integers(1, 20))
def test_areas_are_a_plain_labelling_s(tones: np.ndarray, lightest_ink: int, cells_min: int) -> None:
    wanted, kept = oracle.areas(tones, lightest_ink, cells_min), tones.copy()
    scratch = buffers.zeros(tones.size, "i"), buffers.zeros(tones.size, "B")
    assert kernels.keep_areas(flat(kept), tones.shape[1], tones.shape[0], lightest_ink, cells_min, *scratch) == (wanted > 0).sum()
    assert np.array_equal(kept, wanted)


@given(
    st.integers(1, 40), st.integers(1, 560), st.integers(0, 255), st.integers(0, 255), st.integers(1, 2), st.floats(0.2, 0.95),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_strokes_are_what_an_opening_removes(
    height: int, width: int, lightest_ink: int, floor: int, radius: int, share: float, seed: int
) -> None:
    shape = (height + 3) // 4, (width + 3) // 4
    rng = np.random.default_rng(seed)
    gray = oracle.enlarged(rng.integers(0, 256, shape).astype(np.uint8), (height, width))
    tones = np.where(rng.random(shape) < share, rng.integers(1, 256, shape), 0).astype(np.uint8)
    wanted, kept = oracle.without_strokes(tones, gray, lightest_ink, floor, radius), tones.copy()
    left = kernels.drop_strokes(
        flat(kept), flat(gray), gray.shape[1], gray.shape[0], lightest_ink, floor, radius, *stroke_scratch(tones)
    )  # fmt: skip
    assert np.array_equal(kept, wanted)
    assert left == (wanted > 0).sum()


@given(grays(30), st.integers(0, 255))
def test_steps_are_where_papers_differ(cells: np.ndarray, tone: int) -> None:
    tones, near = np.where(cells == tone, cells, 0).astype(np.uint8), np.zeros(cells.shape, np.uint8)
    marked = kernels.find_steps(flat(cells), flat(tones), cells.shape[1], cells.shape[0], flat(near))
    assert np.array_equal(near > 0, oracle.steps(cells, tones))
    assert marked == near.sum()


@given(grays(40), st.integers(0, 2**32 - 1))
def test_marked_cells_are_translated_and_others_stay(gray: np.ndarray, seed: int) -> None:
    random = np.random.default_rng(seed)
    marks = random.integers(0, 3, oracle.pool(gray).shape).astype(np.uint8)
    table, out = random.integers(0, 256, 256).astype(np.uint8), random.integers(0, 256, gray.shape).astype(np.uint8)
    expected = oracle.translated(gray, marks, table, out)
    kernels.translate_marked(flat(gray), gray.shape[1], gray.shape[0], flat(marks), flat(table), flat(out))
    assert np.array_equal(out, expected)


@given(grays(40), st.integers(1, 255), st.integers(0, 2**32 - 1))
def test_what_is_near_ink_is_a_plain_dilation_s(gray: np.ndarray, lightest: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = oracle.pool(gray).shape
    cells = random.integers(1, lightest + 1, shape).astype(np.uint8)
    near = random.integers(0, 2, shape).astype(np.uint8)
    state = np.zeros(gray.shape, np.uint8)
    found = kernels.find_ink(
        flat(gray), gray.shape[1], gray.shape[0], flat(cells), flat(near), shape[1], shape[0], flat(state), ink_scratch(gray.shape[1])
    )  # fmt: skip
    assert np.array_equal(state, oracle.near_ink(gray, cells, near))
    assert found == (state == kernels.NEAR).sum()


@given(grays(40), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_closing_near_is_a_plain_closing_s(gray: np.ndarray, share: float, seed: int) -> None:
    shape = oracle.pool(gray).shape
    near = (np.random.default_rng(seed).random(shape) < share).astype(np.uint8)
    closed, side = np.zeros_like(gray), 2 * kernels.CLOSED_PX + 1
    made = kernels.close_near(flat(gray), gray.shape[1], gray.shape[0], flat(near), shape[1], shape[0], closing_scratch(gray), flat(closed))
    wanted = ndimage.minimum_filter(ndimage.maximum_filter(gray, side, mode="constant", cval=0), side, mode="constant", cval=255)
    looked_at = oracle.enlarged(near, gray.shape) > 0
    assert np.array_equal(closed[looked_at], wanted[looked_at])
    assert made == oracle.enlarged(near.any(axis=1, keepdims=True), (gray.shape[0], 1)).sum()


@given(grays(24), st.integers(0, 2**32 - 1))
def test_paper_is_known_by_its_grey(gray: np.ndarray, seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = oracle.pool(gray).shape
    cells = random.choice(gray.ravel(), shape)
    before = random.integers(0, 3, gray.shape).astype(np.uint8)
    state, paper = before.copy(), np.full_like(gray, 9)
    near = np.ones(shape, np.uint8)
    height, width = gray.shape
    found = kernels.recognise_paper(
        flat(gray), width, height, flat(cells), flat(near), flat(state), extremes_scratch(width), flat(paper)
    )  # fmt: skip
    wanted = (before == kernels.NEAR) & oracle.of_one_gray(gray)
    for y, x in zip(*np.nonzero(wanted), strict=True):
        near = cells[max(y // 4 - 2, 0) : y // 4 + 3, max(x // 4 - 2, 0) : x // 4 + 3].astype(int)
        wanted[y, x] = (abs(near - int(gray[y, x])) <= 4).any()
    assert np.array_equal(state, np.where(wanted, kernels.PAPER, before))
    assert np.array_equal(paper, np.where(wanted, np.maximum(gray, 1), 9))
    assert found == wanted.sum()


@given(grays(30), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_bare_steps_have_no_ink_around(gray: np.ndarray, level: int, seed: int) -> None:
    cells = np.random.default_rng(seed).choice(np.array([200, 215, 250], np.uint8), oracle.pool(gray).shape, p=[0.1, 0.2, 0.7])
    most = ndimage.maximum_filter(cells, 3, mode="nearest").astype(int)
    step = 256 * (most - ndimage.minimum_filter(cells, 3, mode="nearest")) > 26 * most
    wanted = sum(
        gray[max(4 * r - 4, 0) : 4 * r + 8, max(4 * c - 4, 0) : 4 * c + 8].min() > level for r, c in zip(*np.nonzero(step), strict=True)
    )
    got = kernels.count_bare_steps(flat(gray), gray.shape[1], gray.shape[0], flat(cells), cells.shape[1], cells.shape[0], level)
    assert got == wanted


@given(grays(30), st.integers(0, 2**32 - 1))
def test_every_pixel_takes_the_paper_of_a_nearest_one(paper: np.ndarray, seed: int) -> None:
    before = np.random.default_rng(seed).choice(np.array([0, 1, 2], np.uint8), paper.shape, p=[0.1, 0.2, 0.7])
    state, spread = before.copy(), paper.copy()
    near = np.ones(((paper.shape[0] + 3) // 4, (paper.shape[1] + 3) // 4), np.uint8)
    queue = buffers.zeros(int((before == kernels.NEAR).sum()) + 4, "i")
    kernels.spread_paper(flat(spread), flat(near), flat(state), paper.shape[1], paper.shape[0], queue)
    reached = ndimage.binary_propagation(before == kernels.PAPER, mask=before > 0)
    assert np.array_equal(state == kernels.GIVEN, reached & (before == kernels.NEAR))
    assert np.array_equal(spread[state != kernels.GIVEN], paper[state != kernels.GIVEN])
    # Layer by layer: what is reached after n steps has a paper from the layer before.
    layer = before == kernels.PAPER
    while True:
        grown = ndimage.binary_dilation(layer, mask=before > 0)
        new = grown & ~layer & (before == kernels.NEAR)
        if not new.any():
            break
        for y, x in zip(*np.nonzero(new), strict=True):
            beside = [(y, x + 1), (y, x - 1), (y + 1, x), (y - 1, x)]
            assert spread[y, x] in {spread[p] for p in beside if 0 <= p[0] < layer.shape[0] and 0 <= p[1] < layer.shape[1] and layer[p]}
        layer = layer | new


@given(grays(30), st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(0, 256), st.integers(0, 256))
def test_paper_becomes_white_and_what_lies_on_it_is_in_proportion(
    gray: np.ndarray, seed: int, fill_below: int, paper_white: int, given_white: int
) -> None:
    random = np.random.default_rng(seed)
    state, paper = random.integers(0, 4, gray.shape).astype(np.uint8), random.integers(1, 256, gray.shape).astype(np.uint8)
    out = gray.copy()
    whites = buffers.numbers("q", fill_below, paper_white, given_white)
    kernels.divide_pixels(flat(gray), gray.size, flat(paper), flat(state), whites, buffers.zeros(kernels.QUOTIENTS, "q"), flat(out))
    known = (state == kernels.PAPER) | (state == kernels.GIVEN)
    wanted = np.where(known, np.minimum(np.floor(gray * 255.0 / paper + 0.5), 255), gray)
    part = np.where(state == kernels.PAPER, paper_white, given_white)
    wanted[known & (paper < fill_below) & (256 * gray.astype(int) >= part * paper.astype(int))] = 255
    assert np.array_equal(out, wanted.astype(np.uint8))


def test_a_border_is_drawn_where_a_fill_ends_and_no_ink_is() -> None:
    paper = np.full((40, 50), 240, np.uint8)
    paper[10:30, 15:35] = 120
    out = np.full_like(paper, 255)
    out[8:32, 10:20] = 10  # ink over the left edge
    state, before = np.full_like(paper, kernels.PAPER), out.copy()
    drawn = kernels.draw_borders(flat(paper), flat(state), 50, 40, 200, 1, buffers.zeros(out.size, "B"), flat(out))
    new = (out == 0) & (before == 255)
    edge = ndimage.binary_dilation(paper == 120) & ~ndimage.binary_erosion(paper == 120)
    assert drawn >= new.sum() > 0
    assert not (new & ~ndimage.binary_dilation(edge, np.ones((3, 3)))).any()
    assert (out[edge & (np.arange(50) > 22)] == 0).mean() > 0.9
    assert (out[:, :18] == before[:, :18]).all()


def test_a_fill_is_white_in_the_end_and_its_line_is_whole() -> None:
    """All kernels in their order."""
    gray = filled_box()
    pooled = oracle.pool(gray)
    tones = oracle.areas(oracle.flat_cells(gray, pooled, np.full_like(pooled, 250), 130, 80, 24), 40, 4)
    papers = np.where(tones > 0, tones, 250).astype(np.uint8)
    near = oracle.steps(papers, tones).astype(np.uint8)
    state = oracle.near_ink(gray, papers, near)
    closed = ndimage.grey_closing(gray, 7).astype(np.uint8)
    (rows, columns), (height, width) = pooled.shape, gray.shape
    kernels.spread_paper(flat(closed), flat(near), flat(state), width, height, buffers.zeros(gray.size + 4, "i"))
    kernels.hold_fills(flat(tones), columns, rows, width, height, flat(closed))
    out = gray.copy()
    whites, quotients = buffers.numbers("q", 200, 140, 192), buffers.zeros(kernels.QUOTIENTS, "q")
    kernels.divide_pixels(flat(gray), gray.size, flat(closed), flat(state), whites, quotients, flat(out))
    line = gray == 12
    assert (out[line] < 60).all()
    assert (out[~line] > 190).mean() > 0.98  # some pixels in corners lie nearer to the other side
