"""Corners, sizes and angles as people write them."""
from __future__ import annotations

from typing import Any

import pytest

from linefinish import FinishOptions, OptionsError
from linefinish.asking import parsed_corners, size_mm_of


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sheet", "1,2 3,4 5,6"), ("sheet", "1,2 3,4 5,6 nan,8"), ("sheet", "1,2 3,4 5,6 inf,8"), ("sheet", "auto,off"), ("sheet", 7),
        ("sheet", "1,2,3 3,4 5,6 7,8"), ("sheet", None), ("sheet_size", "b99"), ("sheet_size", "0x10mm"), ("sheet_size", "nanx10mm"),
        ("sheet_size", "1x900mm"), ("sheet_size", 4), ("deskew", "left"), ("deskew", 46), ("deskew", float("nan")), ("deskew", True),
        ("sheet_focal", 2), ("sheet_focal", float("nan")), ("sheet_keep", "yes"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_sentence(name: str, value: Any) -> None:
    with pytest.raises(OptionsError, match=name) as caught:
        FinishOptions(**{name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("sheet", " AUTO ", "auto"), ("sheet", [(1, 2), (3, 4.5), (5, 6), (7, 8)], "1,2 3,4.5 5,6 7,8"), ("sheet_size", "A4", "a4"),
        ("sheet_size", "8.5x11in", "8.5x11in"), ("deskew", "Auto", "auto"), ("deskew", "2.5", 2.5), ("deskew", -45, -45.0),
        ("sheet_focal", 26, 26.0),
    ],
)  # fmt: skip
def test_what_makes_sense_is_read(name: str, value: Any, read: Any) -> None:
    assert getattr(FinishOptions(**{name: value}), name) == read
    assert FinishOptions(**{name: value}).straightens is (name in ("sheet", "deskew"))


def test_sizes_are_in_millimetres() -> None:
    assert size_mm_of("letter") == (215.9, 279.4)
    assert size_mm_of("210x297mm") == (210.0, 297.0)
    assert size_mm_of("8.5inx11in") == pytest.approx((215.9, 279.4))
    assert size_mm_of("auto") is None and size_mm_of("210x297") is None


def test_corners_are_pixels_or_shares() -> None:
    assert parsed_corners("sheet", "1,2 50%,3; 4px,5 6,100%")[1] == ((50.0, True), (3.0, False))
