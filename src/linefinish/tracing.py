"""trace(): the boundary of a bitmap as closed polygons, with sub-pixel vertices from the greys."""
from __future__ import annotations

from linefinish import buffers
from linefinish.errors import ImageShapeError, InternalError, OptionsError
from linefinish.geometry import Paths
from linefinish.kernels import boundary
from linefinish.options import TURN_POLICIES
from linefinish.raster import Bitmap, Gray, Levels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The level of a grey image when none is given: half way between black and white.
_LEVEL_DEFAULT = 127


def trace(bitmap: Bitmap | Any, gray: Gray | Any = None, levels: Levels | int | None = None, *, turn_policy: str = "grey") -> Paths:
    """The outlines of the ink: one vertex for each unit edge between an ink pixel and a paper pixel.

    The bitmap decides what is ink and what hangs together, the greys decide where between two pixel centres the edge runs
    (linear interpolation to the level, as in marching squares). Without greys each vertex is the middle of its pixel edge.

    bitmap       Bitmap, or a bool array (height, width), True is ink
    gray         the image that the bitmap was cut from, of the same size, or None for 1-bit input
    levels       where paper turns to ink: Levels, a number 0–255, or None for 127
    turn_policy  one of options.TURN_POLICIES; "grey" falls back to "minority" without greys

    Raises ImageShapeError when the sizes differ, OptionsError for an unknown policy.
    """
    if not isinstance(bitmap, Bitmap):
        bitmap = Bitmap.from_array(bitmap)
    if turn_policy not in TURN_POLICIES:
        raise OptionsError(f"turn_policy is {turn_policy!r}; it may be one of {', '.join(TURN_POLICIES)}")
    if gray is None:
        turn_policy = "minority" if turn_policy == "grey" else turn_policy
        data: Any = b""
        levels = Levels(0, 0, 0, b"")
    else:
        if not isinstance(gray, Gray):
            gray = Gray.from_array(gray)
        if (gray.width, gray.height) != (bitmap.width, bitmap.height):
            raise ImageShapeError(
                f"the bitmap has {bitmap.width} × {bitmap.height} pixels and its greys {gray.width} × {gray.height}; they must agree"
            )
        data = gray.data
        if not isinstance(levels, Levels):
            levels = Levels.constant(_LEVEL_DEFAULT if levels is None else int(levels))

    padded_stride = ((bitmap.width + 2) >> 6) + 1
    padded = buffers.scratch("trace.padded", (bitmap.height + 2) * padded_stride, "Q")
    cracks = buffers.scratch("trace.cracks", (bitmap.height + 2) * padded_stride, "Q")
    crack_count = boundary.crack_map(
        bitmap.words, bitmap.width, bitmap.height, bitmap.stride, padded, padded_stride, cracks
    )
    # The smallest boundary, a single pixel, has four cracks.
    path_count_max = crack_count >> 2
    points = buffers.zeros(2 * crack_count, "d", written_whole=True)
    offsets = buffers.zeros(path_count_max + 1, "q")
    signs = buffers.zeros(path_count_max, "i")
    grid = levels.data, levels.cell_px, levels.columns, levels.rows
    where = buffers.scratch("trace.where", crack_count if gray is not None else 1, "q")
    path_count = boundary.follow(
        padded, padded_stride, bitmap.width, bitmap.height, cracks, data, *grid, TURN_POLICIES.index(turn_policy), points, where,
        int(gray is not None), offsets, signs,
    )  # fmt: skip
    if gray is not None:
        lanes = buffers.zeros(6 * boundary.LANES, "B"), buffers.zeros(boundary.LANES, "d"), buffers.zeros(boundary.LANES, "d")
        boundary.place(data, bitmap.width, bitmap.height, *grid, where, points, crack_count, *lanes)
    if path_count > path_count_max or offsets[path_count] != crack_count:
        raise InternalError(f"following {crack_count} cracks ended with {offsets[path_count]} points in {path_count} paths")
    return Paths(
        bitmap.width, bitmap.height, points, buffers.trimmed(offsets, path_count + 1), buffers.trimmed(signs, path_count),
        gray is not None,
    )  # fmt: skip
