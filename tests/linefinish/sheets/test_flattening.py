"""The flat sheet against the drawing that the photograph was made of."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Gray, OptionsError, Sheet, flatten
from linefinish.records import replace
from linefinish.sheets.flattening import homography_of, is_level, size_px
from tests.linefinish.sheets.photographs import corners_of, drawing, homography, photograph


def sheet_of(corners: np.ndarray, **more: object) -> Sheet:
    points = [(float(x), float(y)) for x, y in corners]
    return Sheet((points[0], points[1], points[2], points[3]), aspect=0.71, **more)  # type: ignore[arg-type]


@given(st.integers(0, 10**6))
def test_the_homography_is_that_of_the_eight_equations(seed: int) -> None:
    corners = corners_of(seed)
    assert np.allclose(np.array(homography_of(sheet_of(corners))).reshape(3, 3), homography(corners), rtol=1e-9, atol=1e-9)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_the_drawing_lies_where_it_was_drawn(seed: int) -> None:
    corners = corners_of(seed)
    flat = flatten(photograph(seed)[..., 1], sheet_of(corners))
    y, x = np.mgrid[0 : flat.height, 0 : flat.width]
    ink = drawing((x + 0.5) / flat.width, (y + 0.5) / flat.height) > 0.5
    dark = np.asarray(flat) < 128
    assert (ink & dark).sum() > 0.8 * ink.sum() and (dark & ~ink).sum() < 0.15 * ink.sum()
    rim = np.concatenate([np.asarray(flat)[0], np.asarray(flat)[-1], np.asarray(flat)[:, 0], np.asarray(flat)[:, -1]])
    assert rim.min() > 150  # nothing of the desk


def test_the_middle_keeps_its_pixels_and_the_shape_is_the_sheet_s() -> None:
    gray = Gray(600, 800, bytes(480000))
    corners = np.array([[100, 100], [400, 100], [400, 520], [100, 520]], float)
    assert size_px(gray, replace(sheet_of(corners), aspect=300 / 420)) == (300, 420)
    width, height = size_px(gray, sheet_of(corners_of(1)))
    assert width / height == pytest.approx(0.71, rel=0.01)


def test_a_straight_sheet_is_cut_out_as_it_is() -> None:
    page = np.random.default_rng(2).integers(0, 256, (120, 90)).astype(np.uint8)
    sheet = replace(sheet_of(np.array([[10.0, 20], [80, 20], [80, 110], [10, 110]])), aspect=70 / 90, aspect_from="exif")
    flat = np.asarray(flatten(Gray.from_array(page, (150.0, 150.0)), sheet))
    assert np.array_equal(flat, page[22:108, 12:78])
    assert is_level(sheet)


def test_dpi_comes_from_the_size_or_stays_where_the_scanner_stated_it() -> None:
    corners = np.array([[10.0, 20], [210, 20], [210, 220], [10, 220]])
    gray = Gray(300, 300, bytes(90000), (150.0, 150.0))
    assert flatten(gray, replace(sheet_of(corners), aspect=1.0, aspect_from="exif")).dpi == (150.0, 150.0)
    known = flatten(gray, replace(sheet_of(corners), aspect=1.0, size_mm=(50.8, 50.8)))
    assert known.dpi == pytest.approx((100, 100), rel=0.03)
    slanted = corners + np.array([[0, 0], [0, 30], [0, -30], [0, 0]])
    assert flatten(gray, replace(sheet_of(slanted), aspect=1.0)).dpi is None


def test_a_bent_side_is_followed() -> None:
    """A dark ground beyond a side that bulges inwards by 6 px is not drawn."""
    y, x = np.mgrid[0:400, 0:300]
    t = (y - 50) / 300
    left = 50 + 24 * t * (1 - t)
    page = np.where((x > left) & (x < 250) & (y > 50) & (y < 350), 230, 20).astype(np.uint8)
    straight = replace(sheet_of(np.array([[50.0, 50], [250, 50], [250, 350], [50, 350]])), aspect=2 / 3)
    # the left side runs upwards, clockwise; outwards is positive
    bent = replace(straight, bends=((), (), (), tuple(-24 * k / 8 * (1 - k / 8) for k in range(9))))
    assert (np.asarray(flatten(page, straight)) < 128).sum() > 500
    assert (np.asarray(flatten(page, bent)) < 128).sum() < 60


def test_what_lies_around_is_kept_where_that_is_asked_for() -> None:
    flat = flatten(photograph(4)[..., 0], replace(sheet_of(corners_of(4)), crop=False))
    width, height = size_px(Gray(600, 800, bytes(480000)), sheet_of(corners_of(4)))
    assert flat.width > width + 20 and flat.height > height + 20


def test_beyond_the_picture_there_is_paper() -> None:
    page = np.full((100, 100), 200, np.uint8)
    flat = np.asarray(flatten(page, sheet_of(np.array([[-20.0, 1], [80, 0], [82, 90], [-20, 92]]))))
    assert flat.min() == flat.max() == 200


@pytest.mark.parametrize("corners", [[[0, 0], [9, 9], [20, 20], [5, 5]], [[0, 0], [100, 0], [20, 20], [0, 100]]])
def test_no_camera_sees_a_sheet_so(corners: list[list[float]]) -> None:
    with pytest.raises(OptionsError, match="corners"):
        flatten(np.zeros((100, 100), np.uint8), sheet_of(np.array(corners, float)))
