"""How the finder of sheets looks at a picture."""
from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish import Gray
from linefinish.sheets.views import SMALL_PX, view_of
from tests.linefinish.sheets.photographs import photograph


def jpeg(rgb: np.ndarray, **exif: Any) -> bytes:
    made = Image.Exif()
    if "focal" in exif:
        made.get_ifd(0x8769)[0xA405] = exif["focal"]
    if "orientation" in exif:
        made[0x0112] = exif["orientation"]
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=95, exif=made)
    return file.getvalue()


@pytest.mark.parametrize("source_of", [np.asarray, jpeg, Image.fromarray], ids=["array", "file", "image"])
def test_it_is_small_and_in_colour(source_of: Callable[[np.ndarray], Any]) -> None:
    rgb = photograph(1)
    view = view_of(source_of(rgb))
    assert (view.width, view.height) == (600, 800) and max(view.width, view.height) <= SMALL_PX
    assert np.abs(np.asarray(view.rgb).reshape(800, 600, 3).astype(int) - rgb).mean() < 4


def test_a_large_picture_is_reduced_by_means() -> None:
    page = np.random.default_rng(0).integers(0, 256, (1900, 1001)).astype(np.uint8)
    view = view_of(Gray.from_array(page))
    assert (view.width, view.height) == (334, 633)
    small = np.asarray(view.rgb).reshape(633, 334, 3)
    assert (small == small[..., :1]).all()
    assert small.mean() == pytest.approx(page.mean(), abs=1)


def test_the_lens_is_read_and_what_no_lens_has_is_not() -> None:
    assert view_of(jpeg(photograph(1), focal=28)).focal_mm == 28
    assert view_of(jpeg(photograph(1), focal=0)).focal_mm is None
    assert view_of(jpeg(photograph(1), focal=60000)).focal_mm is None


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_it_is_the_right_way_up(orientation: int) -> None:
    view = view_of(jpeg(photograph(2), orientation=orientation))
    small = np.asarray(view.rgb).reshape(view.height, view.width, 3)
    luma = np.asarray(Image.fromarray(small).convert("L")).astype(int)
    assert np.abs(luma - np.asarray(view.gray)).mean() < 3
