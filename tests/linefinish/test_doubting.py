"""What is doubtful of a page, and what is not."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish import FinishOptions, doubts, finish, measure, separate
from linefinish.data.raster import Bitmap


def told(page: np.ndarray) -> tuple[str, ...]:
    separation = separate(page)
    return doubts(separation, separation.bitmap, measure(separation.bitmap))


def test_an_empty_page_and_a_black_one_are_told_of() -> None:
    assert told(np.full((60, 80), 255, np.uint8)) == ("the page has no ink: the drawing is empty",)
    assert told(np.zeros((60, 80), np.uint8)) == ("the page is all ink: the drawing is one black area",)


@pytest.mark.parametrize(("rows", "asked"), [(30, False), (45, True), (100, True)])
def test_one_black_is_asked_about_from_a_third_of_the_page_on(rows: int, asked: bool) -> None:
    page = np.full((120, 160), 255, np.uint8)
    page[:rows] = 0
    assert bool(told(page)) is asked


def test_many_blacks_apart_are_drawn() -> None:
    page = np.full((120, 160), 255, np.uint8)
    page[(np.arange(120) % 8 < 6)[:, None] & np.ones(160, bool)] = 0
    ink = Bitmap.from_array(page == 0)
    assert not [word for word in doubts(None, ink, measure(ink)) if "connected" in word]


def test_a_negative_is_told_from_a_solid() -> None:
    page = np.zeros((120, 160), np.uint8)
    page[20:100:20, 10:150] = 255
    page[20:100, 10:150:35] = 255
    assert "--invert" in told(page)[0]
    page[20:100, 10:150] = 255
    assert "--invert" not in told(page)[0]


def bordered(top: int = 0, right: int = 0, bottom: int = 0, left: int = 0) -> np.ndarray:
    """A ring in the middle of a page of 160 × 120, and black along some sides of it."""
    y, x = np.mgrid[0:120, 0:160]
    page = np.where(abs(np.hypot(x - 80, y - 60) - 30) < 2, 0, 255).astype(np.uint8)
    page[:top] = page[120 - bottom :] = 0
    page[:, :left] = page[:, 160 - right :] = 0
    return page


@pytest.mark.parametrize(("sides", "corners"), [
    ({"top": 6, "left": 8}, "8,6 160,6 160,120 8,120"),
    ({"right": 5, "bottom": 4}, "0,0 155,0 155,116 0,116"),
    ({"top": 6, "right": 8, "bottom": 7, "left": 9}, "9,6 152,6 152,113 9,113"),
])  # fmt: skip
def test_a_black_border_is_told_of_with_what_leaves_it_out(sides: dict[str, int], corners: str) -> None:
    page = bordered(**sides)
    [said] = told(page)
    assert f"{len(sides)} sides" in said and f'--sheet "{corners}"' in said
    inside = finish(page, FinishOptions(sheet=corners)).report
    assert inside.ink_coverage < 0.08 and not [word for word in inside.warnings if "border" in word]


@pytest.mark.parametrize("sides", [{}, {"top": 6}, {"top": 1, "right": 1, "bottom": 1, "left": 1}, {"top": 30, "left": 40}])
def test_one_side_a_thin_frame_and_deep_blacks_are_drawn(sides: dict[str, int]) -> None:
    assert not [word for word in told(bordered(**sides)) if "border" in word]


def test_solid_blacks_of_a_coloured_picture_are_told_of_with_what_hollows_them() -> None:
    page = np.full((120, 160, 3), 255, np.uint8)
    page[20:40, 20:140] = (250, 200, 40)
    page[60:100, 40:90] = 0
    page[:, 150:152] = 0
    [said] = finish(page).report.warnings
    assert "solid blacks cover 10 % of the page" in said and "--hollow-area-min 40 " in said
    assert finish(page, FinishOptions(hollow_area_px_min=40)).report.warnings == ()
    gray = np.where((page == 0).all(2), 0, 255).astype(np.uint8)
    assert finish(gray).report.warnings == ()
