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


def best_of(count_max: int = 6) -> tuple[tuple[Any, ...], Any, Any]:
    _, edges, inside, picture = supported(sheet(), LINES)
    flat = buffers.numbers("d", *(number for line in (*LINES, *BORDERS) for number in line))
    n = len(LINES) + 4
    crossings, found = buffers.zeros(4 * n * n, "d"), buffers.zeros(count_max * quads.QUAD, "d")
    return (flat, len(LINES), edges, inside, picture, crossings, buffers.zeros(2 * n * n, "i"), count_max, found), crossings, found


def ruled(light: float, dark: float, width: int, sides: tuple[float, float] = (0, 0)) -> np.ndarray:
    """A page with one upright line at the middle; `sides` are added to the greys left and right."""
    page = np.full((HEIGHT, WIDTH, 3), light)
    page[:, : WIDTH // 2] += sides[0]
    page[:, WIDTH // 2 :] += sides[1]
    page[:, WIDTH // 2 - width // 2 : WIDTH // 2 - width // 2 + width] = dark
    return page.astype(np.uint8)


def is_drawn(rgb: np.ndarray) -> bool:
    flat, edges, _, picture = supported(rgb, [(1.0, 0.0, 0.0)])
    marks = buffers.zeros(1, "B")
    count = quads.drawn(rgb.tobytes(), flat, 1, edges, picture, buffers.zeros(quads.DRAWN_SCRATCH, "d"), marks)
    assert count == marks[0]
    return bool(marks[0])


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for rgb in (sheet(), ruled(230, 60, 4)):
        _, size, x, y, kept, _, _ = gradient(rgb)
        flat, edges, _, picture = supported(rgb, LINES)
        sums = [buffers.zeros(len(edges), "i") for _ in range(2)]
        yield quads.supports, (flat, len(LINES), size, x, y, kept, picture, *sums)
        scratch = buffers.zeros(quads.DRAWN_SCRATCH, "d")
        yield quads.drawn, (rgb.tobytes(), flat, len(LINES), edges, picture, scratch, buffers.zeros(len(LINES), "B"))
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
        (ruled(230, 229, 3), False),
    ],
    ids=["ink", "a faint rule", "an edge with a gap", "a dark half", "nothing"],
)  # fmt: skip
def test_drawn_is_what_is_dark_with_paper_on_both_sides(page: np.ndarray, drawn: bool) -> None:
    assert is_drawn(page) is drawn


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


def test_no_more_are_kept_than_there_is_room_for() -> None:
    (one, _, best), (many, _, all_of_them) = best_of(1), best_of(6)
    assert quads.best(*one) == 1
    quads.best(*many)
    assert list(best) == list(all_of_them)[: quads.QUAD]
