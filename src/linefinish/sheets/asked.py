"""What may be asked of sheets, as people write it: corners, sizes, angles.

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

    from linefinish.sheets.sheet import Point

# A corner may lie outside the picture by this share of its sides.
OUTSIDE_SHARE_MAX = 0.35
# A sheet has at least this share of the picture's area.
AREA_SHARE_MIN = 0.01
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
    _parsed(name, text)
    return " ".join(text.split())


def _parsed(name: str, text: str) -> list[tuple[tuple[float, bool], tuple[float, bool]]]:
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


def corners_in(text: str, width: int, height: int) -> tuple[Point, Point, Point, Point]:
    """The four corners in pixels of a picture, clockwise from the upper left; OptionsError for what
    is no sheet.
    """
    from linefinish.sheets.shaping import upright

    points = [
        (x / 100 * width if x_share else x, y / 100 * height if y_share else y) for (x, x_share), (y, y_share) in _parsed("sheet", text)
    ]
    for x, y in points:
        if not (-OUTSIDE_SHARE_MAX * width <= x <= (1 + OUTSIDE_SHARE_MAX) * width) or not (
            -OUTSIDE_SHARE_MAX * height <= y <= (1 + OUTSIDE_SHARE_MAX) * height
        ):
            raise OptionsError(f"sheet has a corner at {x:g},{y:g}; it may lie outside the picture of {width} × {height} px by 35 % at most")
    corners, _ = upright(points)
    turns = []
    for k in range(4):
        (ax, ay), (bx, by), (cx, cy) = corners[k], corners[(k + 1) & 3], corners[(k + 2) & 3]
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    area = abs(sum(corners[k][0] * corners[(k + 1) & 3][1] - corners[k][1] * corners[(k + 1) & 3][0] for k in range(4))) / 2
    if area < AREA_SHARE_MIN * width * height:
        raise OptionsError("sheet's corners enclose less than 1 % of the picture; four corners of the sheet enclose more")
    if min(turns) <= 0:
        raise OptionsError("sheet's corners make no convex quadrilateral; a sheet's corners turn the same way all round")
    return corners


def checked_size(name: str, value: Any) -> str:
    """auto, or a size of paper; OptionsError for anything else."""
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    if not isinstance(value, str):
        raise OptionsError(f"{name} is {shown(value)}; it may be auto, a4, letter or WxH as in 210x297mm")
    from linefinish.data.document import parse_page

    try:
        width, height = parse_page(value)
    except OptionsError:
        raise OptionsError(f"{name} is {shown(value)}; it may be auto, a4, letter or WxH as in 210x297mm") from None
    if min(width, height) <= 0 or max(width, height) > 50 * min(width, height):
        raise OptionsError(f"{name} is {shown(value)}; a sheet has two sides, the longer at most 50 times the shorter")
    return value.strip().lower()


def size_mm_of(text: str) -> tuple[float, float] | None:
    """The size asked for in millimetres, or None for auto."""
    if text == "auto":
        return None
    from linefinish.data.document import parse_page

    width, height = parse_page(text)
    return width / 72 * 25.4, height / 72 * 25.4


def checked_turn(name: str, value: Any) -> str | float:
    """auto, off, or degrees clockwise by which the page is turned; OptionsError for anything else."""
    if isinstance(value, str) and value.strip().lower() in ("auto", "off"):
        return value.strip().lower()
    try:
        if isinstance(value, bool):
            raise ValueError
        degrees = float(value)
    except (TypeError, ValueError):
        raise OptionsError(f"{name} is {shown(value)}; it may be auto, off, or degrees from -45 to 45") from None
    if not -DEGREES_MAX <= degrees <= DEGREES_MAX:
        raise OptionsError(f"{name} is {degrees:g}; it may be -45 to 45")
    return degrees


CHECKS: dict[str, Callable[[str, Any], Any]] = {"sheet": checked_sheet, "paper": checked_size, "turn": checked_turn}
