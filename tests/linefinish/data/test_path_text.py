"""`to_svg_path`: read back by others, and what cannot be written."""
from __future__ import annotations

from typing import Any

import pytest
from fontTools.pens.areaPen import AreaPen
from fontTools.svgLib.path import parse_path

from linefinish import Curves, ImageError, OptionsError
from tests.linefinish.drawings import curves, flower, polygon


@pytest.mark.parametrize("decimals", [1, 2, 6])
def test_fonttools_reads_the_same_area(decimals: int) -> None:
    pen = AreaPen()
    parse_path(flower().to_svg_path(decimals=decimals), pen)
    assert abs(pen.value) == pytest.approx(flower().area, abs=1000 * 10**-decimals)


def test_it_reads_back() -> None:
    text = flower().to_svg_path(decimals=9)
    assert Curves.from_svg(text, width=64, height=48).to_svg_path(decimals=6) == flower().to_svg_path(decimals=6)
    assert flower().to_polygons(0.5).to_svg_path(decimals=0).startswith("m")
    assert Curves.empty(3, 3).to_svg_path() == ""


@pytest.mark.parametrize("decimals", [-1, 10, 1.5, "2", None, True])
def test_decimals_that_cannot_be(decimals: Any) -> None:
    with pytest.raises(OptionsError, match=r"^decimals is "):
        flower().to_svg_path(decimals=decimals)


def test_coordinates_that_cannot_be_written() -> None:
    with pytest.raises(ImageError, match="not a finite number"):
        curves(9, 9, [polygon((0, 0), (1, float("nan")), (3, 3))]).to_svg_path()
    with pytest.raises(ImageError, match="too large to be written with 9 decimals"):
        curves(9, 9, [polygon((0, 0), (1, 1e7), (3, 3))]).to_svg_path(decimals=9)
