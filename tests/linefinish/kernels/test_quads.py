"""Sums along lines, drawn lines, and the four that enclose a sheet."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from linefinish.kernels import quads
from linefinish.memory import buffers
from tests.linefinish.kernels.edges import BORDERS, CORNERS, HEIGHT, REACH, WIDTH, gradient, lines_of_corners, sheet, supported

# One line more than the sides: across the sheet, where nothing is.
LINES = [*lines_of_corners(), (0.6, 0.8, 3.0)]


def best_of(count_max: int = 6, worth: tuple[float, ...] = (1.0,) * 5) -> tuple[tuple[Any, ...], Any, Any]:
    _, edges, inside, picture = supported(sheet(), LINES)
    flat = buffers.numbers("d", *(number for line in (*LINES, *BORDERS) for number in line))
    n = len(LINES) + 4
    crossings, found = buffers.zeros(4 * n * n, "d"), buffers.zeros(count_max * quads.QUAD, "d")
    worths, pairs = buffers.numbers("d", *worth), buffers.zeros(2 * n * n, "i")
    return (flat, len(LINES), edges, inside, worths, picture, crossings, pairs, count_max, found), crossings, found


def ruled(light: float, dark: float, width: int, sides: tuple[float, float] = (0, 0)) -> np.ndarray:
    """A page with one upright line at the middle; `sides` are added to the greys left and right."""
    page = np.full((HEIGHT, WIDTH, 3), light)
    page[:, : WIDTH // 2] += sides[0]
    page[:, WIDTH // 2 :] += sides[1]
    page[:, WIDTH // 2 - width // 2 : WIDTH // 2 - width // 2 + width] = dark
    return page.astype(np.uint8)


def marked() -> tuple[tuple[Any, ...], Any]:
    """The crests of a sheet, of whose four sides two are marked."""
    _, _, _, kept, _, _ = gradient(sheet())
    flat = buffers.numbers("d", *(number for line in LINES for number in line))
    return (flat, len(LINES), b"\1\0\1\0\0", buffers.numbers("d", WIDTH, HEIGHT, REACH, 0), kept), kept


def is_drawn(rgb: np.ndarray) -> tuple[bool, float]:
    """Whether the line at the middle is drawn, and how rough its smoother side is."""
    flat, edges, _, picture = supported(rgb, [(1.0, 0.0, 0.0)])
    marks, rough = buffers.zeros(1, "B"), buffers.zeros(1, "d")
    count = quads.drawn(rgb.tobytes(), flat, 1, edges, picture, buffers.zeros(quads.DRAWN_SCRATCH, "d"), marks, rough)
    assert count == marks[0]
    return bool(marks[0]), rough[0]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for rgb in (sheet(), ruled(230, 60, 4)):
        size, x, y, kept, _, _ = gradient(rgb)
        flat, edges, _, picture = supported(rgb, LINES)
        sums = [buffers.zeros(len(edges), "i") for _ in range(2)]
        yield quads.supports, (flat, len(LINES), size, x, y, kept, picture, *sums)
        scratch = buffers.zeros(quads.DRAWN_SCRATCH, "d")
        marks, rough = buffers.zeros(len(LINES), "B"), buffers.zeros(len(LINES), "d")
        yield quads.erase, marked()[0]
        yield quads.drawn, (rgb.tobytes(), flat, len(LINES), edges, picture, scratch, marks, rough)
    arguments, crossings, found = best_of()
    yield quads.best, arguments
    again, crossings, found = best_of()
    count = quads.best(*again)
    yield quads.distinct, (found, count, crossings, len(LINES) + 4, 4, buffers.zeros(32, "d"), buffers.zeros(4, "q"))


def test_a_side_is_supported_along_its_length_and_nothing_else_is() -> None:
    _, edges, inside, _ = supported(sheet(), LINES)
    row = 2 * REACH + 2
    corners = np.array(CORNERS)
    for k in range(4):
        length = np.linalg.norm(corners[k] - corners[(k + 1) % 4])
        assert edges[k * row + row - 1] == pytest.approx(length, abs=7)
    assert edges[4 * row + row - 1] < 12
    for k in range(5):
        sums = np.asarray(inside)[k * row : (k + 1) * row]
        assert sums[0] == 0 and set(np.diff(sums)) <= {0, 1} and sums[-1] > 55


@pytest.mark.parametrize(
    ("page", "drawn"),
    [
        (ruled(230, 60, 3), True), (ruled(230, 215, 3), True), (ruled(230, 60, 3, (0, -80)), False), (ruled(230, 60, 36), False),
        (ruled(230, 229, 3), False), (ruled(24, 12, 3), False),
    ],
    ids=["ink", "a faint rule", "an edge with a gap", "a dark half", "nothing", "a gap between black and black"],
)  # fmt: skip
def test_drawn_is_what_is_dark_with_paper_on_both_sides(page: np.ndarray, drawn: bool) -> None:
    assert is_drawn(page)[0] is drawn


def test_a_line_is_as_rough_as_its_smoother_side() -> None:
    page = ruled(230, 60, 3).astype(float)
    assert is_drawn(page.astype(np.uint8))[1] == 0
    stripes = np.random.default_rng(1).uniform(0, 40, HEIGHT)[:, None, None]
    one_side = np.broadcast_to(np.arange(WIDTH)[None, :, None] < WIDTH // 2 - 2, page.shape)
    assert is_drawn(np.where(one_side, page - stripes, page).astype(np.uint8))[1] == 0
    assert is_drawn((page - stripes * 0.9).astype(np.uint8))[1] > 0.01


def test_light_that_falls_off_evenly_is_not_rough() -> None:
    page = ruled(230, 60, 3) * np.linspace(1, 0.3, HEIGHT)[:, None, None]
    assert is_drawn((page + 0.5).astype(np.uint8))[1] < 0.004


def test_the_best_four_are_the_sheet_s() -> None:
    arguments, crossings, found = best_of()
    count = quads.best(*arguments)
    scores = [found[quads.QUAD * k + quads.SCORE] for k in range(count)]
    assert scores == sorted(scores, reverse=True)
    assert sorted(found[quads.SIDES : quads.SIDES + 4]) == [0, 1, 2, 3]
    assert found[quads.SUPPORT] > 0.85
    corners, kept = buffers.zeros(8 * 4, "d"), buffers.zeros(4, "q")
    assert quads.distinct(found, count, crossings, len(LINES) + 4, 4, corners, kept) >= 1
    assert kept[0] == 0
    first = np.asarray(corners)[:8].reshape(4, 2) + np.array([WIDTH / 2, HEIGHT / 2])
    assert all(np.abs(first - corner).sum(1).min() < 1e-6 for corner in np.array(CORNERS))


def test_crests_beside_marked_lines_go_and_others_stay() -> None:
    arguments, kept = marked()
    before = np.asarray(kept).reshape(HEIGHT, WIDTH).copy()
    taken = quads.erase(*arguments)
    after = np.asarray(kept).reshape(HEIGHT, WIDTH)
    assert taken == before.sum() - after.sum() > 60
    y, x = np.nonzero(before & ~after)
    off = [abs(a * (x + 0.5 - WIDTH / 2) + b * (y + 0.5 - HEIGHT / 2) + c) for a, b, c in (LINES[0], LINES[2])]
    assert np.minimum(*off).max() < 8
    assert after.sum() > 40


def test_what_a_line_is_worth_counts_for_its_side() -> None:
    (whole, _, best), (less, _, lower) = best_of(), best_of(worth=(1.0, 0.5, 1.0, 1.0, 1.0))
    quads.best(*whole)
    quads.best(*less)
    assert lower[quads.SUPPORT] == pytest.approx(best[quads.SUPPORT] * 0.88, abs=0.04)


def test_no_more_are_kept_than_there_is_room_for() -> None:
    (one, _, best), (many, _, all_of_them) = best_of(1), best_of(6)
    assert quads.best(*one) == 1
    quads.best(*many)
    assert list(best) == list(all_of_them)[: quads.QUAD]
