"""`flatten`: the sheet cut out of the picture, made flat and straight.

The picture is looked up once, before anything else is done with it. At the sheet's middle one pixel
stays one pixel: what is larger would make up detail, what is smaller would lose some.
"""
from __future__ import annotations

import math

from linefinish.data.raster import Gray, as_gray
from linefinish.errors import OptionsError
from linefinish.kernels import warp
from linefinish.memory import buffers
from linefinish.sheets.mending import paint_corners
from linefinish.sheets.sheet import Sheet, checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Where one end of the sheet has this many times the pixels a length of the other, the densest
# counts and not the middle.
_DENSITY_RATIO_MAX = 1.5
# A flat sheet has at most so many times the picture's pixels.
_GROWTH_MAX = 2.0
# A sheet turned by less, in degrees, is cut out and not looked up between pixels.
_STRAIGHT_DEGREES = 0.03
# How far within its border the flat sheet is looked up, in pixels: the edge's own blur, and the
# shadow beside it, stay outside. Larger: a drawing's last pixels are lost.
_INSET_PX = 2.5
# With the ground kept, how many sheets of it on each side at most: the horizon is far.
_KEPT_SHEETS = 1.0
# A sheet's perspective is none where its density varies by less than this share.
_LEVEL_SHARE = 0.004

Homography = tuple[float, float, float, float, float, float, float, float, float]


def flatten(gray: Any, sheet: Sheet) -> Gray:
    """The sheet of a picture as an upright rectangle: `Gray`, with dpi where the size is known.

    `gray` is a `Gray` or an array u8 (height, width). Pixels outside the picture are paper. Raises
    OptionsError for what is no sheet, and for one that no camera can see so.
    """
    gray, sheet = as_gray(gray), checked(sheet)
    return _cut(gray, sheet) or _looked_up(gray, sheet)


def homography_of(sheet: Sheet) -> Homography:
    """From the unit square, (0, 0) the upper left corner, to the picture, row by row (Heckbert
    1989, section 2.2.3).
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = sheet.corners
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    det = dx1 * dy2 - dx2 * dy1
    if abs(det) < 1e-9:
        raise OptionsError("the sheet's corners lie on one line; four corners of a quadrilateral make a sheet")
    g, h = (sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det
    if min(1.0, 1 + g, 1 + h, 1 + g + h) <= 1e-6:
        raise OptionsError("the sheet's corners are those of no rectangle before a camera; they go round it without crossing or turning in")
    return x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0


def _determinant(m: Homography) -> float:
    a, b, c, d, e, f, g, h, i = m
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def size_px(gray: Gray, sheet: Sheet) -> tuple[int, int]:
    """Width and height of the flat sheet."""
    plane = homography_of(sheet)
    g, h = plane[6], plane[7]
    depths = (1.0, 1 + g, 1 + h, 1 + g + h)
    depth = 1 + (g + h) / 2
    if (max(depths) / min(depths)) ** 1.5 > _DENSITY_RATIO_MAX:
        depth = min(depths)
    area = min(abs(_determinant(plane)) / depth**3, _GROWTH_MAX * gray.width * gray.height)
    height = math.sqrt(area / sheet.aspect)
    return max(1, round(height * sheet.aspect)), max(1, round(height))


def is_level(sheet: Sheet) -> bool:
    """Whether the picture shows the sheet without perspective, as a scanner does."""
    _, _, _, _, _, _, g, h, _ = homography_of(sheet)
    return max(abs(g), abs(h), abs(g + h)) < _LEVEL_SHARE


def _dpi(gray: Gray, sheet: Sheet, width: int, height: int) -> tuple[float, float] | None:
    if sheet.size_mm:
        return width / sheet.size_mm[0] * 25.4, height / sheet.size_mm[1] * 25.4
    return gray.dpi if is_level(sheet) else None


def _cut(gray: Gray, sheet: Sheet) -> Gray | None:
    """The sheet as whole rows of pixels, where it is straight already; else None."""
    if not sheet.crop or sheet.curl_px > 0:
        return None
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = sheet.corners
    for across, along in ((y1 - y0, x1 - x0), (y2 - y3, x2 - x3), (x3 - x0, y3 - y0), (x2 - x1, y2 - y1)):
        if along <= 0 or abs(across) > along * math.tan(math.radians(_STRAIGHT_DEGREES)):
            return None
    left, right = math.ceil(max(x0, x3, 0) + 1.5), math.floor(min(x1, x2, gray.width) - 1.5)
    top, bottom = math.ceil(max(y0, y1, 0) + 1.5), math.floor(min(y2, y3, gray.height) - 1.5)
    # sides on the picture's border lose nothing
    left, top = 0 if max(x0, x3) <= 0.5 else left, 0 if max(y0, y1) <= 0.5 else top
    right = gray.width if min(x1, x2) >= gray.width - 0.5 else right
    bottom = gray.height if min(y2, y3) >= gray.height - 0.5 else bottom
    if right <= left or bottom <= top or (sheet.aspect_from == "given" and abs((right - left) / (bottom - top) / sheet.aspect - 1) > 0.01):
        return None
    if min(x0, x3, y0, y1) < -1 or max(x1, x2) > gray.width + 1 or max(y2, y3) > gray.height + 1:
        return None
    width, height = right - left, bottom - top
    data = buffers.zeros(width * height, "B", written_whole=True)
    view = memoryview(gray.data)
    for y in range(height):
        data[y * width : (y + 1) * width] = view[(top + y) * gray.width + left : (top + y) * gray.width + right]
    return Gray(width, height, data, _dpi(gray, sheet, width, height), gray.warnings, gray.coloured)


def _looked_up(gray: Gray, sheet: Sheet) -> Gray:
    unit = homography_of(sheet)
    width, height = size_px(gray, sheet)
    dpi = _dpi(gray, sheet, width, height)
    plane = [value / (width, height, 1)[k % 3] for k, value in enumerate(unit)]
    bends, bent, inset = buffers.zeros(4, "d"), 0, _INSET_PX
    if sheet.crop:
        if sheet.curl_px > 0:
            bends, bent = _bends(sheet, unit, width, height), 1
    else:
        inset = 0.0
        left, top, right, bottom = _reach(gray, plane, width, height)
        for row in (0, 3, 6):
            plane[row + 2] += plane[row] * left + plane[row + 1] * top
        width, height = right - left, bottom - top
    out = buffers.zeros(width * height, "B", written_whole=True)
    told = buffers.numbers("d", *plane, inset, 1 / width, 1 / height)
    warp.flatten(gray.data, gray.width, gray.height, told, bent, bends, width, height, _paper(gray, unit), out)
    if sheet.crop:
        paint_corners(out, width, height, gray, sheet.corners)
    return Gray(width, height, out, dpi, gray.warnings, gray.coloured)


def _bends(sheet: Sheet, unit: Homography, width: int, height: int) -> memoryview[Any]:
    """What the bent sides add, at each column and row, as `warp.flatten` takes it."""
    bends = buffers.zeros(4 * (width + height), "d")
    for side, (count, start, first, last, backwards) in enumerate((
        (width, 0, 0, 1, False), (height, 4 * width + 2, 1, 2, False), (width, 2, 3, 2, True), (height, 4 * width, 0, 3, True),
    )):  # fmt: skip
        offsets = sheet.bends[side][::-1] if backwards else sheet.bends[side]
        if not offsets:
            continue
        (ax, ay), (bx, by) = sheet.corners[first], sheet.corners[last]
        length = math.hypot(bx - ax, by - ay)
        # outwards: the corners go round clockwise, and so does this side unless it is taken
        # backwards
        turn = -1 if backwards else 1
        depths = (1.0, 1 + unit[6], 1 + unit[6] + unit[7], 1 + unit[7])
        told = buffers.numbers("d", turn * (by - ay) / length, -turn * (bx - ax) / length, depths[first], depths[last], *offsets)
        warp.bend(told, len(offsets) - 1, count, start, bends)
    return bends


def _reach(gray: Gray, plane: list[float], width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the whole picture as the flat sheet's plane has it, in its
    pixels; the horizon is not reached.
    """
    a, b, c, d, e, f, g, h, i = plane
    inverse = (
        e * i - f * h, c * h - b * i, b * f - c * e,
        f * g - d * i, a * i - c * g, c * d - a * f,
        d * h - e * g, b * g - a * h, a * e - b * d,
    )  # fmt: skip
    xs, ys = [0.0, float(width)], [0.0, float(height)]
    for x, y in ((0, 0), (gray.width, 0), (gray.width, gray.height), (0, gray.height)):
        depth = inverse[6] * x + inverse[7] * y + inverse[8]
        if depth * inverse[8] > 0 or depth > 0:
            xs.append((inverse[0] * x + inverse[1] * y + inverse[2]) / depth)
            ys.append((inverse[3] * x + inverse[4] * y + inverse[5]) / depth)
    return (
        math.floor(max(min(xs), -_KEPT_SHEETS * width)), math.floor(max(min(ys), -_KEPT_SHEETS * height)),
        math.ceil(min(max(xs), (1 + _KEPT_SHEETS) * width)), math.ceil(min(max(ys), (1 + _KEPT_SHEETS) * height)),
    )  # fmt: skip


# The paper's grey is that which this share of a grid over the sheet is darker than.
_PAPER_SHARE, _GRID = 0.8, 32


def _paper(gray: Gray, unit: Homography) -> int:
    values = []
    data = memoryview(gray.data)
    for row in range(_GRID):
        for column in range(_GRID):
            u, v = (column + 0.5) / _GRID, (row + 0.5) / _GRID
            depth = unit[6] * u + unit[7] * v + 1
            x, y = int((unit[0] * u + unit[1] * v + unit[2]) / depth), int((unit[3] * u + unit[4] * v + unit[5]) / depth)
            if 0 <= x < gray.width and 0 <= y < gray.height:
                values.append(data[y * gray.width + x])
    values.sort()
    return values[int(len(values) * _PAPER_SHARE)] if values else 255
