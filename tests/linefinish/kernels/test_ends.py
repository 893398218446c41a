"""Ends of strokes: where they are, how they point, what lies ahead, and the lines
drawn from them.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import ends
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.oracles import erosion


def arguments(page: Bitmap, lines: Any) -> tuple[Any, ...]:
    """What find_ends takes, looking 20 pixels ahead."""
    rows = buffers.zeros(ends.FIELDS * 64, "d")
    return (page.words, lines, page.width, page.height, page.stride, 12, 20.0, buffers.zeros(24, "i"), rows, 64)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Ends of all pages and of two strokes, and lines at several slants, also off the page."""
    strokes = np.zeros((40, 90), bool)
    strokes[18:22, 5:40] = strokes[19:21, 50:85] = True
    for page in (*pages(), Bitmap.from_array(strokes)):
        size = (page.width, page.height, page.stride)
        yield ends.find_ends, arguments(page, Bitmap.from_array(erosion.thinned(np.asarray(page))).words)
        yield ends.paper_share, (page.words, *size, -2.5, 3.0, 30.25, 9.5)
        for line in ((-3.0, 2.0, 20.5, 9.25, 3.5), (4.5, 4.5, 4.5, 4.5, 2.0)):
            yield ends.draw_line, (buffers.zeros(len(page.words), "Q"), *size, *line)
        yield ends.draw_onto, (page.words, *size, 2.5, 4.5, 0.8, 0.6, 1.0, 12.0, 3.0, buffers.zeros(len(page.words), "Q"))


def test_a_bar_has_two_ends_that_point_away_from_each_other() -> None:
    flags = np.zeros((40, 120), bool)
    flags[18:22, 20:80] = flags[5:35, 90:94] = True
    page = Bitmap.from_array(flags)
    passed = arguments(page, Bitmap.from_array(erosion.thinned(flags)).words)
    count = ends.find_ends(*passed)
    found = sorted(np.array(passed[-2]).reshape(-1, ends.FIELDS)[:count].tolist())
    assert count == 4  # two of the level bar, two of the upright one
    left, right = found[0], next(end for end in found if 75 < end[0] < 85)
    assert abs(left[0] - 20) < 1.5 and abs(left[1] - 20) < 1.5 and left[2] < -0.98 and left[4] == 4 and left[7] == -1
    assert abs(right[0] - 80) < 1.5 and right[2] > 0.98 and abs(right[7] - 10) <= 1.5


@given(*[st.floats(5, 55)] * 4, st.floats(1, 9))
def test_a_line_is_what_lies_within_half_its_width(x0: float, y0: float, x1: float, y1: float, width: float) -> None:
    out = Bitmap.blank(60, 50)
    ends.draw_line(out.words, 60, 50, out.stride, x0, y0, x1, y1, width)
    y, x = np.mgrid[0:50, 0:60] + 0.5
    squared = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared, 0, 1) if squared else np.zeros_like(x)
    distance = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
    drawn = np.asarray(out)
    assert not (drawn & (distance > width / 2 + 1e-9)).any()
    assert not (~drawn & (distance < width / 2 - 1e-9)).any()
