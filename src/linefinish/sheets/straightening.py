"""`straightened`: the sheet of a picture as the options ask for it, and what the report says of
it.
"""
from __future__ import annotations

import math

from linefinish.asking import parsed_corners, size_mm_of
from linefinish.errors import OptionsError
from linefinish.kernels import bits
from linefinish.records import record, replace
from linefinish.sheets.flattening import flatten, homography_of
from linefinish.sheets.shaping import angle_of, aspect_of, upright
from linefinish.sheets.sheet import Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Gray
    from linefinish.options import FinishOptions
    from linefinish.sheets.sheet import Point
    from linefinish.sheets.views import View

# A picture whose shorter side has fewer pixels is not searched.
_SIDE_PX_MIN = 200
# A page turned by less, in degrees, stays as it is.
_TURN_DEGREES_MIN = 0.03
# A line of a pen needs this many pixels a millimetre.
_PX_PER_MM_MIN = 4.0


@record
class Straightened:
    """The picture after it was made flat and straight; the report's facts; warnings."""

    gray: Gray
    facts: dict[str, Any]
    warnings: tuple[str, ...]


def straightened(source: Any, gray: Gray, options: FinishOptions, seen: Gray | None = None) -> Straightened:
    """The sheet found or given, cut out and made flat; else the picture set straight, if that is
    asked for; else the picture.

    `gray` is what was read of `source`, whose colour helps to find the sheet; where colours were
    dropped from it, `seen` is the same picture with them, in which the sheet is looked for. Of the
    options it takes those for the sheet and `megapixels_max`; it is what `finish` does before all
    else, for who wants the flat page as well. Raises OptionsError for corners that are none of a
    sheet.
    """
    if options.sheet not in ("off", "auto"):
        return _flattened(gray, _given(gray, options), "given", options)
    degrees = options.deskew if isinstance(options.deskew, float) else None
    if degrees is not None and options.sheet == "off":
        return _turned(gray, degrees, "given")
    skipped = _skipped(gray)
    if skipped:
        untouched = Straightened(gray, _facts(False, skipped), ()) if degrees is None else _turned(gray, degrees, skipped)
        return replace(untouched, warnings=(f"the sheet was not looked for: {skipped}; the whole picture is drawn",))
    from linefinish.sheets.finding import search
    from linefinish.sheets.views import view_of

    view = view_of(source, seen or gray, options.megapixels_max)
    found = search(view, options.sheet_focal)
    if found.sheet and options.sheet == "auto":
        return _flattened(gray, found.sheet, found.reason, options)
    warnings = () if options.sheet == "off" else (f"no sheet was found ({found.reason}); the whole picture is drawn",)
    if degrees is not None:
        return replace(_turned(gray, degrees, found.reason), warnings=warnings)
    if options.deskew == "auto":
        angle, why = _skew(view, found.sheet)
        made = _turned(gray, -angle, why)
        return Straightened(made.gray, made.facts, warnings)
    return Straightened(gray, _facts(False, found.reason), warnings)


def _skipped(gray: Gray) -> str:
    if min(gray.width, gray.height) < _SIDE_PX_MIN:
        return f"the picture is smaller than {_SIDE_PX_MIN} px"
    if bits.is_bilevel(gray.data, gray.width * gray.height) == 1:
        return "the picture is black and white already"
    return ""


# A corner may lie outside the picture by this share of its sides.
OUTSIDE_SHARE_MAX = 0.35
# A sheet has at least this share of the picture's area.
AREA_SHARE_MIN = 0.01


def corners_in(text: str, width: int, height: int) -> tuple[Point, Point, Point, Point]:
    """The four corners in pixels of a picture, clockwise from the upper left; OptionsError for what
    is no sheet.
    """
    written = parsed_corners("sheet", text)
    points = [(x / 100 * width if x_share else x, y / 100 * height if y_share else y) for (x, x_share), (y, y_share) in written]
    for x, y in points:
        if max(abs(x / width - 0.5), abs(y / height - 0.5)) > 0.5 + OUTSIDE_SHARE_MAX:
            raise OptionsError(
                f"sheet has a corner at {x:g},{y:g}; it may lie outside the picture of {width} × {height} px by "
                f"{100 * OUTSIDE_SHARE_MAX:g} % of a side"
            )
    corners, _, _ = upright(points)
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


def _given(gray: Gray, options: FinishOptions) -> Sheet:
    corners = corners_in(options.sheet, gray.width, gray.height)
    aspect, known = aspect_of(corners, gray.width, gray.height, options.sheet_focal)
    return Sheet(corners, aspect=aspect, aspect_from=known, angle=angle_of(corners))


def _flattened(gray: Gray, sheet: Sheet, reason: str, options: FinishOptions) -> Straightened:
    size = size_mm_of(options.sheet_size)
    warnings = sheet.warnings
    if size:
        if (size[0] > size[1]) != (sheet.aspect > 1):  # a4 on its side is a4
            size = size[::-1]
        sheet = replace(sheet, size_mm=size, aspect=size[0] / size[1], aspect_from="given")
        warnings = tuple(warning for warning in warnings if "proportions" not in warning)
    sheet = replace(sheet, crop=not options.sheet_keep)
    flat = flatten(gray, sheet)
    if sheet.size_mm and flat.dpi and min(flat.dpi) < _PX_PER_MM_MIN * 25.4:
        warnings += (f"the sheet has {min(flat.dpi) / 25.4:.1f} pixels a millimetre; fine lines need {_PX_PER_MM_MIN:g} or more",)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = sheet.corners
    area = abs((x2 - x0) * (y3 - y1) - (y2 - y0) * (x3 - x1)) / 2
    facts = _facts(True, reason) | sheet.to_mapping() | {
        "homography": [round(value, 9) for value in homography_of(sheet)], "curl_px": round(sheet.curl_px, 3),
        "cropped_share": round(max(0.0, 1 - area / (gray.width * gray.height)), 4) if sheet.crop else 0.0,
    }  # fmt: skip
    return Straightened(flat, facts, warnings)


def _facts(found: bool, reason: str) -> dict[str, Any]:
    return {"found": found, "reason": reason, "angle": 0.0}


def _skew(view: View, sheet: Sheet | None) -> tuple[float, str]:
    """By how many degrees the page is turned, clockwise, and by what that was told."""
    from linefinish.sheets.flattening import is_level

    if sheet is not None and is_level(sheet) and abs(sheet.angle) <= 45:
        return sheet.angle, "set straight by the sheet's edges"
    from linefinish.sheets.deskewing import line_angle

    angle = line_angle(view)
    return (0.0, "no long parallel or square lines") if angle is None else (angle, "set straight by its lines")


def _turned(gray: Gray, degrees: float, reason: str) -> Straightened:
    """The whole picture turned clockwise, on a ground large enough for it."""
    facts = _facts(False, reason) | {"angle": round(-degrees, 4)}
    if abs(degrees) < _TURN_DEGREES_MIN:
        return Straightened(gray, facts, ())
    turn = math.radians(degrees)
    c, s = math.cos(turn), math.sin(turn)
    w, h = gray.width, gray.height
    width, height = abs(w * c) + abs(h * s), abs(w * s) + abs(h * c)
    corners = []
    for x, y in ((-width, -height), (width, -height), (width, height), (-width, height)):
        corners.append((w / 2 + (c * x + s * y) / 2, h / 2 + (c * y - s * x) / 2))
    sheet = Sheet((corners[0], corners[1], corners[2], corners[3]), aspect=width / height)
    return Straightened(flatten(gray, sheet), facts, ())
