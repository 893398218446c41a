"""What is too wide for a stroke is a fill, and strokes end at it."""
from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from linefinish import Bitmap, Strokes
from linefinish.filling import without_wide
from tests.linefinish.drawings import strokes

# A line of 4 px into a block of 40 × 30, a dot beside them, and a loop around the block.
LINE = ([(5.0, 50.0), (80.0, 50.0)], [4.0, 4.0])
BLOCK = ([(80.0, 50.0), (100.0, 50.0)], [30.0, 30.0])
DOT = ([(20.0, 20.0), (20.0, 20.0)], [14.0, 14.0])
LOOP = ([(50.0, 20.0), (130.0, 20.0), (130.0, 80.0), (50.0, 80.0), (50.0, 20.0)], [4.0] * 5)


@pytest.fixture(scope="module")
def ink() -> Bitmap:
    image = Image.new("1", (150, 100))
    draw = ImageDraw.Draw(image)
    draw.rectangle((3, 48, 80, 51), fill=1)
    draw.rectangle((70, 35, 109, 64), fill=1)
    draw.ellipse((13, 13, 26, 26), fill=1)
    draw.line((50, 20, 130, 20, 130, 80, 50, 80, 50, 20), fill=1, width=4)
    return Bitmap.from_array(np.asarray(image))


def found(ink: Bitmap, width_max: float | None = None) -> Strokes:
    return without_wide(strokes(150, 100, [LINE, BLOCK, DOT, LOOP], junctions=[(80, 50), (50, 50)]), ink, width_max)


def test_a_block_is_an_outline_and_the_line_ends_there(ink: Bitmap) -> None:
    made = found(ink)
    assert made.fills is not None
    left, top, right, bottom = made.fills.bounds or (0, 0, 0, 0)
    assert (top, right, bottom) == pytest.approx((35, 110, 65), abs=0.5) and 60 < left < 70  # with a stub of the line
    assert made.fills.area == pytest.approx(40 * 30, rel=0.05)
    line, dot, loop = made
    assert (line.start, dot.is_dot, loop.closed) == ((5.0, 50.0), True, True)
    assert left <= line.end[0] <= left + 3
    assert made.junctions.tolist() == [50, 50]


def test_the_limit_is_the_person_s(ink: Bitmap) -> None:
    assert found(ink, 60).fills is None
    made = found(ink, 6)  # the dot is too wide, too
    assert made.fills is not None and len(made.fills) == 2 and [stroke.is_dot for stroke in made] == [False, False]


def test_a_loop_that_a_fill_cuts_is_open_and_whole(ink: Bitmap) -> None:
    black = np.asarray(ink).copy()
    black[70:90, 80:110] = True
    made = found(Bitmap.from_array(black))
    loop = made.stroke(2)
    assert not loop.closed and loop.length == pytest.approx(280 - 30 - 2 * 8, abs=3)  # with a stub of 7 px either side
    assert abs(loop.start[0] - loop.end[0]) > 20 and loop.start[1] == loop.end[1] == 80


def test_a_page_of_one_silhouette_is_a_fill() -> None:
    page = np.zeros((100, 100), bool)
    page[20:80, 30:70] = True
    made = without_wide(strokes(100, 100, [([(50.0, 35.0), (50.0, 65.0)], [40.0, 40.0])]), Bitmap.from_array(page))
    assert made.fills is not None and made.fills.area == pytest.approx(2400, rel=0.01) and len(made) == 0
