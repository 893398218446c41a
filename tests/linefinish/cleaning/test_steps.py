"""What all clean-up steps promise."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from linefinish.cleaning.gaps import close_gaps
from linefinish.cleaning.specks import despeckle
from linefinish.cleaning.strokes import hollow, thicken
from linefinish.data.raster import Bitmap
from linefinish.errors import OptionsError

STEPS: list[Callable[[Any], Bitmap]] = [
    despeckle,
    lambda bitmap: close_gaps(bitmap, gap_length_px_max=9),
    lambda bitmap: thicken(bitmap, stroke_width_px_min=3),
    lambda bitmap: hollow(bitmap, hollow_area_px_min=50),
]


@pytest.mark.parametrize("step", STEPS, ids=["despeckle", "close_gaps", "thicken", "hollow"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (65, 64), (40, 127)])
def test_steps_take_pages_of_any_size_empty_or_full_and_do_not_touch_them(step: Callable[[Any], Bitmap], shape: tuple[int, int]) -> None:
    assert step(np.zeros(shape, bool)).ink_count() == 0
    for full in (np.ones(shape, bool), (np.indices(shape).sum(0) & 1).astype(bool)):
        bitmap = Bitmap.from_array(full)
        words = bytes(bitmap.words)
        made = step(bitmap)
        assert (made.width, made.height) == (bitmap.width, bitmap.height)
        assert bytes(bitmap.words) == words


@pytest.mark.parametrize("value", [-1, math.nan, "9", True])
def test_values_that_make_no_sense_are_refused(value: Any) -> None:
    page = np.zeros((4, 4), bool)
    for call in (
        lambda: despeckle(page, speckle_area_px_max=value),
        lambda: close_gaps(page, gap_length_px_max=value),
        lambda: thicken(page, stroke_width_px_min=value),
        lambda: hollow(page, hollow_area_px_min=value),
    ):
        with pytest.raises(OptionsError):
            call()
