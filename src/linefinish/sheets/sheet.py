"""`Sheet`: where a sheet of paper lies in a picture."""
from __future__ import annotations

from linefinish.checks import shown
from linefinish.errors import OptionsError
from linefinish.records import fields, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Point = tuple[float, float]
# How far from the picture's corner a sheet may reach, in pixels: a hundred times what we read. More
# would be numbers that arithmetic in pixels does not bear.
_REACH_PX_MAX = 1e7
# Width over height, and its inverse, of the longest strip that is a sheet.
_ASPECT_MAX = 1000.0
_SIZE_MM_MAX = 1e6
# Offsets of a side that is no straight line.
_OFFSETS = 9


@record(eq=True)
class Sheet:
    """A sheet of paper in a picture, in pixels of the picture: (0, 0) is its upper left corner, the
    middle of the first pixel (0.5, 0.5).

    corners      upper left, upper right, lower right, lower left; they may lie outside
    bends        how far the upper, right, lower and left side lie outwards of the straight line
                 between their corners, in pixels, at 0, 1/8 … 1 of it clockwise: a lens's
                 distortion, or a curl. An empty one is straight
    aspect       width over height of the sheet as it is
    aspect_from  where that is known from: given, paper (a known format), exif (the lens), solved
                 (from the perspective), assumed (a common lens)
    size_mm      width and height, or None where they are not known
    score        0 to 1: how much the four sides look like those of a sheet; 1 where given
    angle        by how many degrees the upper side is turned, clockwise
    crop         whether the picture is cut to the sheet; False: only made straight
    warnings     what was doubtful, in sentences
    """

    corners: tuple[Point, Point, Point, Point]
    bends: tuple[tuple[float, ...], ...] = ((), (), (), ())
    aspect: float = 1.0
    aspect_from: str = "given"
    size_mm: tuple[float, float] | None = None
    score: float = 1.0
    angle: float = 0.0
    crop: bool = True
    warnings: tuple[str, ...] = ()

    @property
    def curl_px(self) -> float:
        """How far the most bent side leaves the straight line."""
        return max((abs(offset) for bend in self.bends for offset in bend), default=0.0)

    def to_mapping(self) -> dict[str, Any]:
        """Names and values, ready for JSON."""
        mapping = {name: getattr(self, name) for name in fields(self) if name not in ("warnings", "bends", "crop")}
        mapping["corners"] = [list(corner) for corner in self.corners]
        mapping["size_mm"] = list(self.size_mm) if self.size_mm else None
        return mapping


def checked(sheet: Any) -> Sheet:
    """The sheet, made by whomever; OptionsError for what is none, or has numbers that none has."""
    if not isinstance(sheet, Sheet):
        raise OptionsError(f"sheet is {shown(sheet)}; it takes a Sheet, as find_sheet gives it")
    try:
        corners = len(sheet.corners) == 4 and all(len(corner) == 2 and _all_within(corner, _REACH_PX_MAX) for corner in sheet.corners)
        bends = len(sheet.bends) == 4 and all(len(bend) in (0, _OFFSETS) and _all_within(bend, _REACH_PX_MAX) for bend in sheet.bends)
        size = sheet.size_mm is None or len(sheet.size_mm) == 2 and _all_within(sheet.size_mm, _SIZE_MM_MAX) and min(sheet.size_mm) > 0
    except TypeError:
        raise OptionsError("the sheet is made of something else than numbers") from None
    for name, fine in (("corners", corners), ("bends", bends), ("size_mm", size), ("aspect", _is_aspect(sheet.aspect))):
        if not fine:
            raise OptionsError(f"the sheet's {name}, {shown(getattr(sheet, name))}, are not those of a sheet")
    return sheet


def _all_within(values: Any, most: float) -> bool:
    """Whether all are finite numbers, none farther from 0; TypeError for what is no list."""
    return all(_is_number(value) and abs(value) <= most for value in values)


def _is_aspect(value: Any) -> bool:
    return _is_number(value) and bool(1 / _ASPECT_MAX <= value <= _ASPECT_MAX)


def _is_number(value: Any) -> bool:
    # numpy's numbers have a dtype, and arrays a length as well.
    return isinstance(value, float | int) and not isinstance(value, bool) or hasattr(value, "dtype") and not hasattr(value, "__len__")
