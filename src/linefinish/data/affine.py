"""Curves and polygons through an affine map: exact, and with the ink on the right of the way again
where the map mirrors.
"""
from __future__ import annotations

import math

from linefinish import checks
from linefinish.errors import ImageError, OptionsError
from linefinish.kernels import affine
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.geometry import Curves

    Matrix = tuple[float, float, float, float, float, float]

# How far a moved page's side may lie beyond a whole pixel and still be taken for it: what rounding
# does to a page's corner.
_SIDE_SLACK_PX = 1e-6


def matrix_of(value: Any) -> Matrix:
    """Six numbers a b c d e f, as SVG's matrix() has them: x' = a x + c y + e, y' = b x + d y + f.

    Of 2 rows of 3 (as OpenCV has them), 3 rows of 3 of which the last is 0 0 1, or the six numbers
    themselves. OptionsError for anything else, and for a map that has no way back.
    """
    if type(value) is tuple and len(value) == 6 and {*map(type, value)} <= {float, int}:
        a, b, c, d, e, f = map(float, value)
        if math.isfinite(a * d - b * c + e + f) and a * d - b * c != 0:
            return a, b, c, d, e, f  # at once: what follows takes as long as moving a page
    rows = value.tolist() if hasattr(value, "tolist") else value
    try:
        rows = [list(row) if hasattr(row, "__len__") and not isinstance(row, str) else _number(row) for row in rows]
        if len(rows) in (2, 3) and all(isinstance(row, list) and len(row) == 3 for row in rows):
            (a, c, e), (b, d, f) = ([_number(value) for value in row] for row in rows[:2])
            if len(rows) == 3 and [_number(value) for value in rows[2]] != [0.0, 0.0, 1.0]:
                raise OptionsError("the matrix has a last row other than 0 0 1; a perspective makes no cubics of cubics")
        elif len(rows) == 6:
            a, b, c, d, e, f = (_number(value) for value in rows)
        else:
            raise TypeError
    except TypeError:
        raise OptionsError(f"the matrix is {checks.shown(value)}; it takes 2 × 3 or 3 × 3 numbers in rows, or six: a b c d e f") from None
    if a * d - b * c == 0 or not all(map(math.isfinite, (a * d - b * c, e, f))):
        raise OptionsError(f"the matrix {checks.shown(value)} has no way back; its determinant must be another number than 0")
    return a, b, c, d, e, f


def _number(value: Any) -> float:
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float)) and not hasattr(value, "__float__"):
        raise TypeError
    value = float(value)
    if not math.isfinite(value):
        raise TypeError
    return value


def page_of(width: int, height: int, matrix: Matrix, asked: tuple[int | None, int | None]) -> tuple[int, int]:
    """The size of a moved page: as asked for, else from the corner (0, 0) to where the page's
    farthest corner comes to lie, at least one pixel. ImageShapeError for a size that cannot be.
    """
    a, b, c, d, e, f = matrix
    right = max(e, e + a * width, e + c * height, e + a * width + c * height)
    bottom = max(f, f + b * width, f + d * height, f + b * width + d * height)
    if asked == (None, None) and right < checks.SIDE_PX_MAX and bottom < checks.SIDE_PX_MAX:
        return max(1, math.ceil(right - _SIDE_SLACK_PX)), max(1, math.ceil(bottom - _SIDE_SLACK_PX))
    sides = [
        max(1, math.ceil(min(own, 1e12) - _SIDE_SLACK_PX)) if side is None else side for side, own in zip(asked, (right, bottom))
    ]
    named = dict(zip(("width", "height"), sides))
    checks.sides(named)
    return named["width"], named["height"]


def moved(points: memoryview[float], count: int, matrix: Matrix) -> memoryview[float]:
    """`count` points, moved. ImageError for what is too large, or no number."""
    out = buffers.anything(2 * count, "d")
    if affine.move(points, count, buffers.numbers("d", *matrix), out) == affine.NOT_FINITE:
        raise ImageError("a coordinate is not a finite number, or comes to be none")
    return out


def mirrors(matrix: Matrix) -> bool:
    """Whether a map turns right into left."""
    return matrix[0] * matrix[3] - matrix[1] * matrix[2] < 0


def turned(curves: Curves, which: bytes) -> tuple[memoryview[float], memoryview[int]]:
    """Segments and kinds with those chains turned round that have a 1 in `which`."""
    segments, kinds = buffers.zeros(len(curves.segments), "d"), buffers.zeros(len(curves.kinds), "B")
    affine.turn_round(curves.segments, curves.kinds, curves.offsets, len(curves), which, segments, kinds)
    return segments, kinds
