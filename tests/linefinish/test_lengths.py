"""Lengths and areas as people write them."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.errors import OptionsError
from linefinish.lengths import Length, parse_area, parse_length


@pytest.mark.parametrize(("text", "pixels_at_300"), [
    ("3", 3), ("3px", 3), ("0.75pt", 3.125), ("1in", 300), ("25.4mm", 300), ("2.54 cm", 300), ("1e1", 10), ("0", 0),
])  # fmt: skip
def test_lengths(text: str, pixels_at_300: float) -> None:
    assert parse_length(text).pixels(300) == pytest.approx(pixels_at_300)


@pytest.mark.parametrize(("text", "pixels_at_300"), [("9", 9), ("9px2", 9), ("1in2", 90_000), ("645.16mm²", 90_000), ("5184pt2", 90_000)])
def test_areas(text: str, pixels_at_300: float) -> None:
    assert parse_area(text).pixels(300) == pytest.approx(pixels_at_300)


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", "1 mile", "pt", "1e99", "1mm2", "1pt pt"])
def test_no_length(text: str) -> None:
    with pytest.raises(ValueError, match="it takes a length, as in"):
        parse_length(text)


@pytest.mark.parametrize("text", ["1mm", "-2mm2", "2in3"])
def test_no_area(text: str) -> None:
    with pytest.raises(ValueError, match="it takes an area, as in"):
        parse_area(text)


def test_pixels_need_no_scale_and_points_do() -> None:
    assert Length(4).pixels(None) == 4
    with pytest.raises(OptionsError, match=r"^0\.75pt needs the size of the drawing"):
        Length(0.75, "pt").pixels(None)


@given(st.floats(0, 1e6), st.sampled_from(["px", "pt", "mm", "cm", "in"]), st.floats(1, 10_000))
def test_an_area_is_a_length_squared(value: float, unit: str, px_per_inch: float) -> None:
    side = Length(value, unit).pixels(px_per_inch)
    assert Length(value**2, unit, 2).pixels(px_per_inch) == pytest.approx(side**2)
