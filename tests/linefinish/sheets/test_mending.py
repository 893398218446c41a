"""Corners that a sheet lacks are paper; black that is drawn to the edge stays."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from linefinish import Gray, Sheet, flatten
from linefinish.sheets.mending import paint_corners

SQUARE = ((50.0, 60.0), (350.0, 52.0), (358.0, 440.0), (42.0, 448.0))


def page(radius: float, ground: int = 40, cut: float = 0.0) -> Any:
    """A sheet on a ground; its corners are rounded, and the last one is folded along a line."""
    y, x = np.mgrid[0:500, 0:400] + 0.5
    left, right, top, bottom = 46.0, 354.0, 56.0, 444.0
    dx = np.maximum(np.maximum(left + radius - x, x - (right - radius)), 0)
    dy = np.maximum(np.maximum(top + radius - y, y - (bottom - radius)), 0)
    sheet = (np.hypot(dx, dy) <= radius) if radius else (x > left) & (x < right) & (y > top) & (y < bottom)
    sheet &= (x - left) + (bottom - y) > cut
    return np.where(sheet, 220, ground).astype(np.uint8)


def flat_of(gray: Any) -> Any:
    corners = ((46.0, 56.0), (354.0, 56.0), (354.0, 444.0), (46.0, 444.01))
    # a little curled, so that it is looked up and not cut out
    bends = ((), (), (), (0.0, *(0.001,) * 7, 0.0))
    return np.asarray(flatten(gray, Sheet(corners, bends=bends, aspect=308 / 388)))


def test_round_and_folded_corners_are_paper() -> None:
    assert flat_of(page(24, cut=50)).min() > 200
    assert flat_of(page(0, cut=50)).min() > 200


@pytest.mark.parametrize("seed", range(3))
def test_a_fold_is_paper_on_carpet_whose_specks_are_as_light(seed: int) -> None:
    sheet = page(0, cut=50)
    grain = gaussian_filter(np.random.default_rng(seed).normal(0, 1, sheet.shape), 1.4)
    carpet = np.clip(80 + 45 * grain / grain.std(), 0, 255)
    flat = flat_of(np.where(sheet < 100, carpet, sheet).astype(np.uint8))
    assert (flat[3:-3, 3:-3] < 150).sum() == 0


def test_a_round_corner_in_the_shadow_beside_the_sheet_is_paper() -> None:
    y, x = np.mgrid[0:500, 0:400] + 0.5
    beside = np.hypot(np.maximum(abs(x - 200) - 154, 0), np.maximum(abs(y - 250) - 194, 0))
    sheet = page(12)
    assert flat_of(np.where(sheet < 100, 150 * (1 - 0.38 * np.exp(-beside / 6)), sheet).astype(np.uint8)).min() > 180


def test_black_that_goes_on_along_the_side_stays_black() -> None:
    gray = page(0)
    gray[56:200] = 40  # a night sky, as dark as the desk
    flat = flat_of(gray)
    assert (flat[:130, 4:-4] < 60).all() and flat[160:].min() > 200


def test_ink_in_a_corner_that_is_no_ground_stays() -> None:
    gray = page(0, ground=140)
    gray[58:78, 48:70] = 20
    assert (flat_of(gray) < 60).sum() > 300


@pytest.mark.parametrize("shape", [(3, 3), (20, 400)])
def test_a_flat_sheet_with_no_room_for_corners_is_left(shape: tuple[int, int]) -> None:
    out = bytearray(shape[0] * shape[1])
    assert paint_corners(out, shape[1], shape[0], Gray(400, 500, bytes(200000)), SQUARE) == 0
    assert not any(out)
