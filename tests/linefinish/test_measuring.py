"""Measures of pages whose figures are known."""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from linefinish.data.raster import Bitmap
from linefinish.measuring import Measures, inked_corners, measure
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle


def bar(width_px: float, angle_deg: float, side: int = 400) -> np.ndarray:
    """A straight bar of 300 px with square ends, off the pixel grid."""
    y, x = np.mgrid[0:side, 0:side] - side / 2 + 0.5
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return (abs(c * y - s * x + 0.137) < width_px / 2) & (abs(c * x + s * y) < 150)


@pytest.mark.parametrize("width_px", [2, 3, 5, 8, 20])
@pytest.mark.parametrize("angle_deg", [0, 5, 22.5, 30, 45, 60, 77, 90])
def test_a_bar_is_as_wide_as_it_was_drawn(width_px: float, angle_deg: float) -> None:
    found = measure(bar(width_px, angle_deg))
    # A bar's pixels at these angles are themselves up to a third of a pixel wider or thinner: area
    # over length says so.
    tolerance = 0.3 if angle_deg in (0, 90) else 0.6
    assert found.stroke_width_median_px == pytest.approx(width_px, abs=tolerance)
    # A tenth more for the square ends: their corners are no thin strokes.
    assert found.stroke_width_min_px > width_px - tolerance - 0.1 * width_px


def test_half_of_the_stroke_length_decides_and_not_of_the_ink() -> None:
    """Three thin lines of 300 px against one thick one: the thin ones are most of the length, the
    thick one most of the ink.
    """
    page = np.zeros((400, 400), bool)
    for y in (50, 100, 150):
        page[y : y + 3, 50:350] = True
    page[200:230, 50:350] = True
    assert measure(page).stroke_width_median_px == pytest.approx(3, abs=0.1)
    assert measure(page.T).stroke_width_median_px == pytest.approx(3, abs=0.1)


def test_specks_dots_and_blots_are_no_strokes() -> None:
    page = np.zeros((300, 300), bool)
    page[20:24, 20:280] = True
    page[100:103, 50:53] = page[120, 60] = page[140:142, 80] = True
    y, x = np.mgrid[0:300, 0:300]
    page |= (y - 200) ** 2 + (x - 200) ** 2 < 60**2
    found = measure(page)
    assert (found.stroke_width_median_px, found.stroke_width_min_px) == (pytest.approx(4, abs=0.1), pytest.approx(4, abs=0.1))


@given(bitmaps())
def test_parts_and_regions_are_those_of_a_flood_fill(flags: np.ndarray) -> None:
    found = measure(flags)
    regions = oracle.enclosed(flags)
    assert found.parts == len(oracle.components(flags, eight=True))
    assert found.regions == len(regions)
    assert found.region_area_min_px == min((len(region) for region in regions), default=0)
    assert found.ink_coverage == flags.mean()


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (63, 64)])
def test_empty_and_full_pages(shape: tuple[int, int]) -> None:
    assert measure(Bitmap.blank(shape[1], shape[0])) == Measures(0.0, 0.0, 0.0, 0, 0, 0.0)
    full = measure(np.ones(shape, bool))
    assert (full.ink_coverage, full.parts, full.regions) == (1.0, 1, 0)


@pytest.mark.parametrize("width", [3, 63, 64, 65, 130])
def test_corners_of_ink_are_counted_whatever_the_width(width: int) -> None:
    page = np.zeros((5, width), bool)
    for number, (y, x) in enumerate([(0, 0), (0, width - 1), (4, 0), (4, width - 1)]):
        assert inked_corners(Bitmap.from_array(page)) == number
        page[y, x] = True
    assert inked_corners(Bitmap.from_array(page)) == 4
