"""The judge of sheets: the true corners, others', none."""
from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import bench_sheet

TRUE = np.array([[10.0, 10.0], [110.0, 10.0], [110.0, 160.0], [10.0, 160.0]])


def test_corners_are_the_same_whichever_comes_first_and_which_way_round() -> None:
    assert bench_sheet.corner_error(np.roll(TRUE, 1, 0), TRUE) == 0
    assert bench_sheet.corner_error(TRUE[::-1], TRUE) == 0
    assert bench_sheet.corner_error(TRUE + np.array([3.0, 4.0]), TRUE) == pytest.approx(100 * 5 / np.hypot(100, 150))
    assert bench_sheet.corner_error(None, TRUE) == math.inf


def test_half_a_sheet_is_wrong_and_none_is_not() -> None:
    half = TRUE * [1.0, 0.5] + [0.0, 5.0]
    assert bench_sheet.is_wrong(half, TRUE, (200, 120, 3))
    assert not bench_sheet.is_wrong(TRUE + 1.0, TRUE, (200, 120, 3))
    assert not bench_sheet.is_wrong(None, TRUE, (200, 120, 3))
