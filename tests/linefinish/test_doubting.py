"""What is doubtful of a page, and what is not."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish import doubts, measure, separate
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
