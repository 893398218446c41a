"""What may be asked of a sheet of paper, as people write it: corners, a size, an angle.

A corner is "X,Y" in pixels of the picture, or in per cent of its sides; four of them, in any order,
are a sheet.
"""
from __future__ import annotations

import math

from linefinish.checks import shown
from linefinish.errors import OptionsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_NAMED_MM = {"a3": (297.0, 420.0), "a4": (210.0, 297.0), "a5": (148.0, 210.0), "letter": (215.9, 279.4), "legal": (215.9, 355.6)}
_MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72}
# A sheet is so long on each side at most, in mm, and its longer side so many times the shorter.
_SIDE_MM_MAX, _RATIO_MAX = 5000.0, 50.0
# A page is set straight by at most so many degrees; further round it would lie on its side.
DEGREES_MAX = 45.0

_CORNERS = 'it may be auto, off, or four corners as in "120,80 1900,95 1880,2700 90,2650" (pixels, or per cent as in 5%,4%)'


def checked_sheet(name: str, value: Any) -> str:
    """off, auto, or four corners as text; OptionsError for anything else."""
    if isinstance(value, str):
        if value.strip().lower() in ("auto", "off"):
            return value.strip().lower()
        text = value
    else:
        try:
            text = " ".join(f"{float(x):.12g},{float(y):.12g}" for x, y in value)
        except (TypeError, ValueError):
            raise OptionsError(f"{name} is {shown(value)}; {_CORNERS}") from None
    parsed_corners(name, text)
    return " ".join(text.split())


def parsed_corners(name: str, text: str) -> list[tuple[tuple[float, bool], tuple[float, bool]]]:
    """Four corners as written, x and y each with whether it is per cent; OptionsError otherwise."""
    words = text.replace(";", " ").split()
    corners = [word.split(",") for word in words]
    if len(corners) != 4 or any(len(corner) != 2 for corner in corners):
        raise OptionsError(f"{name} is {shown(text)}; {_CORNERS}")
    found = []
    for corner in corners:
        numbers = []
        for number in corner:
            share = number.endswith("%")
            try:
                value = float(number.removesuffix("%").removesuffix("px"))
            except ValueError:
                raise OptionsError(f"{name} is {shown(text)}; {_CORNERS}") from None
            if not math.isfinite(value):
                raise OptionsError(f"{name} has a corner at {number}; corners are finite numbers")
            numbers.append((value, share))
        found.append((numbers[0], numbers[1]))
    return found


_SIZES = "it may be auto, a4, letter or WxH as in 210x297mm"


def checked_size(name: str, value: Any) -> str:
    """auto, or a size of paper; OptionsError for anything else."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if text != "auto":
        size = size_mm_of(text)
        if size is None or not 0 < min(size) or max(size) > _SIDE_MM_MAX or max(size) > _RATIO_MAX * min(size):
            raise OptionsError(f"{name} is {shown(value)}; {_SIZES}")
    return text


def size_mm_of(text: str) -> tuple[float, float] | None:
    """Width and height of a size of paper in millimetres; None for what is none, auto among it."""
    if text in _NAMED_MM:
        return _NAMED_MM[text]
    width, _, height = text.replace("×", "x").partition("x")
    unit = _MM_PER_UNIT.get(height[-2:])
    if unit is None:
        return None
    try:
        return float(width.strip().removesuffix(height[-2:])) * unit, float(height[:-2]) * unit
    except ValueError:
        return None


def checked_turn(name: str, value: Any) -> str | float:
    """auto, off, or degrees clockwise by which the page is turned; OptionsError for anything
    else.
    """
    if isinstance(value, str) and value.strip().lower() in ("auto", "off"):
        return value.strip().lower()
    number: Any = value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not -DEGREES_MAX <= number <= DEGREES_MAX:
        raise OptionsError(f"{name} is {shown(value)}; it may be auto, off, or degrees from -{DEGREES_MAX:g} to {DEGREES_MAX:g}")
    return float(number)


CHECKS: dict[str, Callable[[str, Any], Any]] = {"sheet": checked_sheet, "paper": checked_size, "turn": checked_turn}
