"""Checkerboards: resized, through JPEG, behind white drawings; and what only looks like one."""
from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from linefinish import Gray, separate
from linefinish.thresholds.boards import _edges, _spans, without_board
from linefinish.thresholds.tones import histogram_of
from tests.linefinish.test_field import SCENE, TRUTH, as_gray


def board(side: float, left: float, top: float, light: int = 255, dark: int = 204) -> np.ndarray:
    """Greys of squares of a side in pixels, those at their edges in proportion."""
    height, width = SCENE.shape
    columns, rows = ((np.floor((np.arange(8 * count) / 8 + shift) / side) % 2) for count, shift in ((width, left), (height, top)))
    odd = (columns[None, :] != rows[:, None]).reshape(height, 8, width, 8).mean((1, 3))
    return np.asarray(light - (light - dark) * odd)


def off(page: np.ndarray) -> float:
    """The share of the true ink by which the bitmap differs."""
    return float((np.asarray(separate(page).bitmap) != TRUTH).sum() / TRUTH.sum())


def removed(page: np.ndarray) -> Any:
    gray = Gray.from_array(page)
    return without_board(gray, histogram_of(gray))


@given(st.integers(1, 40).flatmap(lambda count: st.lists(st.text("ldmmmwx", min_size=count, max_size=count), min_size=1, max_size=4)))
def test_edges_are_those_that_a_search_letter_by_letter_finds(lines: list[str]) -> None:
    """From one square to the other over at most three pixels of both."""
    lettered = [line.encode() for line in lines]
    for line, marks in zip(lettered, _edges(lettered), strict=True):
        wanted = [(match.start() + 1, match.end()) for match in re.finditer(rb"lm{0,3}(?=d)|dm{0,3}(?=l)", line)]
        assert _spans(line, marks) == wanted
        assert [at for at, mark in enumerate(marks) if mark] == [begin - 1 for begin, _ in wanted]


@settings(max_examples=15)
@given(st.floats(4, 40), st.floats(0, 40), st.floats(0, 40), st.sampled_from([(255, 204), (255, 120), (204, 153), (153, 102)]))
def test_ink_over_a_resized_board_is_ink_over_paper(side: float, left: float, top: float, greys: tuple[int, int]) -> None:
    under = board(side, left, top, *greys)
    page = as_gray(under * (1 - SCENE) + 12 * SCENE)
    made = removed(page)
    assert made is not None
    # Where a pixel is of two squares and of ink, one of the three may be taken for another.
    wrong = np.abs(np.asarray(made).astype(float) - (greys[0] - (greys[0] - 12) * SCENE)) > 64
    assert wrong.mean() < 0.01
    assert off(page) < 0.05


@settings(max_examples=15)
@given(st.floats(34, 70), st.floats(0, 140), st.floats(0, 140), st.sampled_from([255, 204, 153]), st.floats(0, 0.5), st.data())
def test_large_squares_are_found_by_few(side: float, left: float, top: float, light: int, blur: float, data: st.DataObject) -> None:
    """Three to seven squares are seen down the page, sharp or as soft as resizing leaves them. Ink
    over darker squares, or softer, passes through both greys as often as squares do.
    """
    dark = data.draw(st.integers(90, light - 20))
    ink = data.draw(st.integers(0, dark - 30))
    page = as_gray(ndimage.gaussian_filter(board(side, left, top, light, dark) * (1 - SCENE) + ink * SCENE, blur))
    assert "checkerboard" in separate(page).reason
    assert off(page) < 0.06


@pytest.mark.parametrize("quality", [60, 80, 95])
@pytest.mark.parametrize("side", [8, 11, 16])
def test_a_board_is_found_through_jpeg(side: int, quality: int) -> None:
    file = io.BytesIO()
    Image.fromarray(as_gray(board(side, 3, 5) * (1 - SCENE) + 12 * SCENE)).save(file, "JPEG", quality=quality)
    page = np.asarray(Image.open(file))
    assert "checkerboard" in separate(page).reason
    assert off(page) < 0.06


@pytest.mark.parametrize("side", [5, 8, 16, 32])
def test_a_drawing_filled_with_white_keeps_its_lines(side: int) -> None:
    """As is saved of a picture that was cut out: the board is outside only."""
    under = board(side, 3, 5)
    under[22:128, 22:128] = 255
    under[28:122, 158:292] = 255
    page = as_gray(under * (1 - SCENE) + 12 * SCENE)
    assert off(page) < 0.05


def test_a_board_without_ink_is_left_to_others() -> None:
    assert removed(as_gray(board(16, 0, 0))) is None


def test_a_chessboard_that_is_the_darkest_is_drawn() -> None:
    page = as_gray(board(30, 0, 0, 255, 20))
    assert removed(page) is None
    assert np.asarray(separate(page).bitmap).mean() > 0.4


@pytest.mark.parametrize("pattern", ["stripes", "bricks", "one_fill", "grain", "two_fills", "flag", "cross", "windows", "tiles"])
def test_other_greys_are_no_board(pattern: str) -> None:
    ys, xs = np.mgrid[: SCENE.shape[0], : SCENE.shape[1]]
    across, down = xs % 60 < 48, ys % 60 < 48
    grey = {
        "stripes": (xs // 12) % 2, "bricks": ((xs + 10 * (ys // 12 % 2)) % 40 < 20) & (ys % 12 < 10), "one_fill": xs > 150,
        "grain": np.random.default_rng(1).integers(0, 2, SCENE.shape), "two_fills": (xs < 90) & (ys < 90) | (xs > 220) & (ys > 150),
        "flag": (xs < 140) != (ys > 100), "cross": (abs(xs - 120) < 30) | (abs(ys - 110) < 30),
        "windows": across & down & (xs < 120) & (ys < 120), "tiles": across & down,
    }[pattern]  # fmt: skip
    assert removed(as_gray(np.where(grey, 180, 255) * (1 - SCENE) + 12 * SCENE)) is None


@pytest.mark.parametrize("side", [12, 33, 60])
def test_a_floor_with_outlines_is_no_board(side: int) -> None:
    ys, xs = np.mgrid[: SCENE.shape[0], : SCENE.shape[1]]
    lines = (xs % side < 3) | (ys % side < 3)
    page = np.where(lines, 12, np.where((xs // side + ys // side) % 2, 180, 255))
    assert removed(as_gray(page)) is None


def test_a_page_of_a_pixel_or_a_row_is_no_board() -> None:
    for shape in ((1, 1), (1, 300), (300, 1), (5, 5)):
        page = np.where(np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 4 < 2, 200, 255).astype(np.uint8)
        page.flat[0] = 0
        assert removed(page) is None
