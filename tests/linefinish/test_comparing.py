"""The picture of before, after and difference."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from linefinish import Curves, Gray, compare, finish, read_gray
from linefinish.comparing import _GONE, _NEW, _coverage, _difference, _places, draw


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (240, 180), (900, 30), (30, 2500), (2500, 1800)])
def test_any_size_becomes_a_picture_for_a_screen(size: tuple[int, int]) -> None:
    pixels = np.full(size[::-1], 250, np.uint8)
    pixels[size[1] // 3 : size[1] // 3 + 5, size[0] // 4 : size[0] // 2] = 20
    gray = Gray.from_array(pixels)
    picture = draw(gray, finish(gray), "page.png")
    assert picture.mode == "RGB"
    assert picture.width <= 2100
    assert picture.height <= 2300


def test_the_curves_are_drawn_where_they_are(page_bytes: bytes) -> None:
    gray = read_gray(page_bytes)
    curves = finish(gray).curves
    whole = _coverage(curves, (0, 0, 240, 180), (240, 180))
    box = (60, 40, 157, 121)
    assert np.array_equal(_coverage(curves, box, (97, 81)), whole[40:121, 60:157])
    assert _coverage(Curves.empty(50, 40), (10, 10, 30, 30), (40, 40)).sum() == 0


def test_colours_of_the_difference() -> None:
    before, after = np.array([[0.0, 1.0, 0.0, 1.0]], np.float32), np.array([[0.0, 0.0, 1.0, 1.0]], np.float32)
    shown = np.asarray(_difference(before, after))[0].tolist()
    assert shown[:3] == [[255, 255, 255], list(_GONE), list(_NEW)]
    assert len(set(shown[3])) == 1  # what both have is grey


def test_the_places_are_where_it_differs_and_apart() -> None:
    """Washes that the threshold removes, of three sizes: the largest first."""
    pixels = np.full((1200, 1600), 255, np.uint8)
    pixels[100:1100:200] = 0
    spots = {(300, 250): 60, (1200, 700): 50, (700, 1050): 40}
    for (x, y), side in spots.items():
        pixels[y : y + side, x : x + side] = 170
    gray = Gray.from_array(pixels)
    found = _places(gray, finish(gray), (0.0, 255.0), 640)
    assert len(found) == 3
    for box, ((x, y), side) in zip(found, spots.items(), strict=True):
        assert box[0] <= x and box[2] >= x + side, (box, x)
        assert box[1] <= y + 1 and box[3] >= y + side - 1, (box, y)


def test_the_name_of_a_path_of_any_kind_is_shown(page_bytes: bytes, page: Path, tmp_path: Path) -> None:
    pictures = []
    for source in (str(page), page, page_bytes):
        compare(source, tmp_path / "a.png")
        pictures.append((tmp_path / "a.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]
