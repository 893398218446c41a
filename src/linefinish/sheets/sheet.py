"""`Sheet`: where a sheet of paper lies in a picture."""
from __future__ import annotations

from linefinish.records import fields, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Point = tuple[float, float]


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
