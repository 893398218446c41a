"""The calls of pypotrace and potracer, answered by linefinish: a pipeline changes one import.

    from linefinish.compat import potrace

    path = potrace.Bitmap(data).trace(turdsize=2, alphamax=1.0)
    for curve in path:
        print(curve.start_point, [segment.end_point for segment in curve])

Classes, attributes, defaults and the frame (x right, y down as the rows of the array) are those of
their documentation. The outlines are linefinish's own: other points, fewer segments, and nearer to
the edge. Points are tuples, as in pypotrace, and have x and y, as in potracer.

An array's non-zero values are ink, as in pypotrace. An image, and any data given with `blacklevel`,
is ink where it is darker than that share of white, as in potracer.
"""
from __future__ import annotations

from collections import namedtuple

from linefinish import __version__ as _version
from linefinish import checks
from linefinish.cleaning.specks import despeckle
from linefinish.data.nesting import outlines_of
from linefinish.data.raster import Bitmap as _Bitmap
from linefinish.errors import ImageShapeError, OptionsError
from linefinish.options import corner_sharpness_of
from linefinish.outlines.fitting import MIDPOINTS_ERROR_PX
from linefinish.outlines.outlining import outline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NamedTuple

    import numpy as np

    from linefinish.data.geometry import Curves
    from linefinish.data.nesting import Outline

    class Point(NamedTuple):
        """A place, in pixels."""

        x: float
        y: float

else:
    Point = namedtuple("Point", ("x", "y"))

TURNPOLICY_BLACK, TURNPOLICY_WHITE, TURNPOLICY_LEFT, TURNPOLICY_RIGHT = 0, 1, 2, 3
TURNPOLICY_MINORITY, TURNPOLICY_MAJORITY, TURNPOLICY_RANDOM = 4, 5, 6
POTRACE_TURNPOLICY_BLACK, POTRACE_TURNPOLICY_WHITE, POTRACE_TURNPOLICY_LEFT, POTRACE_TURNPOLICY_RIGHT = 0, 1, 2, 3
POTRACE_TURNPOLICY_MINORITY, POTRACE_TURNPOLICY_MAJORITY, POTRACE_TURNPOLICY_RANDOM = 4, 5, 6
POTRACE_CURVETO, POTRACE_CORNER = 1, 2
# Chance would give other bits in each run; the sixth is read as the fourth.
_POLICIES = ("black", "white", "left", "right", "minority", "majority", "minority")

# Potrace's default.
_OPTTOLERANCE = 0.2
# How far the chords of `tesselate` lie from their curve at a resolution of 1, in pixels: a circle
# of 25 px has about as many points as in pypotrace. Larger: fewer points.
_ADAPTIVE_PX = 0.1
# How far the polygon of alphamax 0 may lie from the curves, in pixels: about half a step of a
# staircase. Larger: fewer vertices.
_POLYGON_PX = 0.4


class NoBitmapError(ImageShapeError, TypeError):
    """The data is no array of two dimensions."""


class Bitmap:
    """Pixels to trace.

    data        an array (height, width) of any numbers, non-zero is ink; or an image of Pillow
    blacklevel  0 to 1: darker than this share of white is ink, in an image, or in an array if it is
                given (0 to 255, bool, or 0 to 1 of floats)

    `data` afterwards is a bool array (height, width), True is ink. Raises TypeError for what is no
    array of two dimensions.
    """

    def __init__(self, data: Any, blacklevel: float | None = None) -> None:
        import numpy as np

        is_image = hasattr(data, "convert") and hasattr(data, "getbands")
        if blacklevel is not None and not (checks.number(blacklevel) and 0 <= blacklevel <= 1):
            raise OptionsError(f"blacklevel is {checks.shown(blacklevel)}; it may be 0 to 1")
        array = np.asarray(data.convert("L") if is_image else data)
        if array.ndim != 2 or array.dtype.kind not in "buif" or not array.size:
            raise NoBitmapError(f"the bitmap is {checks.shown(data)}; it takes an array of two dimensions, non-zero for ink, or an image")
        if is_image or blacklevel is not None:
            white = 1 if array.dtype.kind in "bf" else 255
            self.data = array < white * (0.5 if blacklevel is None else blacklevel)
        else:
            self.data = array != 0

    def invert(self) -> None:
        """Make ink of paper and paper of ink."""
        self.data = ~self.data

    def trace(
        self, turdsize: float = 2, turnpolicy: int | str = TURNPOLICY_MINORITY, alphamax: float = 1.0, opticurve: bool | int = True,
        opttolerance: float = 0.2, progress_func: Callable[[float], Any] | None = None,
    ) -> Path:  # fmt: skip
        """Trace the outlines.

        turdsize      specks and holes up to this area, in pixels, are left out
        turnpolicy    one of TURNPOLICY_…, or its name; RANDOM is taken for MINORITY
        alphamax      0 gives polygons, up to 1.3333, which rounds every corner
        opticurve     0 gives shorter curves, half as far from the pixels
        opttolerance  larger gives fewer segments; 0.2 is what linefinish takes by itself
        progress_func is told 0.0 and 1.0

        Raises OptionsError.
        """
        if progress_func is not None:
            progress_func(0.0)
        if not checks.number(turdsize) or not checks.number(alphamax) or not checks.number(opttolerance):
            raise OptionsError("turdsize, alphamax and opttolerance take numbers")
        bitmap = despeckle(
            _Bitmap.from_array(self.data), speckle_area_px_max=max(turdsize, 0), pinhole_area_px_max=max(turdsize, 0)
        )
        curves = outline(
            bitmap, turn_policy=_policy(turnpolicy), corner_sharpness=corner_sharpness_of(min(max(alphamax, 0), 4 / 3)),
            error_px_max=_error_px(max(opttolerance, 0.0), bool(opticurve)),
        )  # fmt: skip
        if alphamax <= 0:
            curves = curves.to_polygons(_POLYGON_PX).to_curves()
        path = Path(curves)
        if progress_func is not None:
            progress_func(1.0)
        return path


def _policy(turnpolicy: Any) -> Any:
    if isinstance(turnpolicy, str):
        return "minority" if turnpolicy == "random" else turnpolicy
    if isinstance(turnpolicy, bool) or not hasattr(turnpolicy, "__index__") or not 0 <= turnpolicy < len(_POLICIES):
        raise OptionsError(f"turnpolicy is {checks.shown(turnpolicy)}; it takes one of the TURNPOLICY constants, 0 to {len(_POLICIES) - 1}")
    return _POLICIES[turnpolicy]


def _error_px(opttolerance: float, opticurve: bool) -> float:
    """How far a curve may lie from the midpoints of pixel edges: what linefinish takes by itself
    for Potrace's own default, in proportion for others, and half of it without opticurve.
    """
    share = opttolerance / _OPTTOLERANCE if opticurve else 0.5
    return min(max(share * MIDPOINTS_ERROR_PX, 0.01), 100.0)


class BezierSegment:
    """A cubic: control points c1 and c2, and end_point; it starts where the one before ends."""

    is_corner = False
    __slots__ = ("c1", "c2", "end_point")

    def __init__(self, c1: Point, c2: Point, end_point: Point) -> None:
        self.c1, self.c2, self.end_point = c1, c2, end_point

    def __repr__(self) -> str:
        return f"BezierSegment(c1={tuple(self.c1)}, c2={tuple(self.c2)}, end_point={tuple(self.end_point)})"


class CornerSegment:
    """Two lines, to the corner c and on to end_point."""

    is_corner = True
    __slots__ = ("c", "end_point")

    def __init__(self, c: Point, end_point: Point) -> None:
        self.c, self.end_point = c, end_point

    def __repr__(self) -> str:
        return f"CornerSegment(c={tuple(self.c)}, end_point={tuple(self.end_point)})"


class Curve(list):  # type: ignore[type-arg]
    """A closed outline: a list of segments.

    start_point  where the first segment starts and the last one ends
    segments     the list itself
    children     the curves that lie in it directly
    sign         +1 an outer outline, -1 a hole
    area         what it encloses, in square pixels
    """

    regular, adaptive = 0, 1

    def __init__(self, start_point: Point, segments: Iterable[BezierSegment | CornerSegment], sign: int, area: float) -> None:
        super().__init__(segments)
        self.start_point, self.sign, self.area = start_point, sign, area
        self.children: list[Curve] = []

    @property
    def segments(self) -> list[BezierSegment | CornerSegment]:
        """The segments, in order."""
        return self

    def tesselate(self, method: int = adaptive, res: float | None = None) -> np.ndarray:
        """Points along the curve as float64 (n, 2), from the start point home again.

        method  `adaptive`: as many as keep near the curve, `res` times as near at a larger `res` (1
                by default); `regular`: `res` steps a cubic, 30 by default
        """
        import numpy as np

        if method not in (self.regular, self.adaptive) or res is not None and not (checks.number(res) and res > 0):
            raise OptionsError(f"tesselate takes regular or adaptive, and a resolution above 0, not {checks.shown((method, res))}")
        parts, at = [], np.array([self.start_point])
        for segment in self:
            if segment.is_corner:
                part = np.array([segment.c, segment.end_point])
            else:
                steps = max(int(30 if res is None else res), 1) if method == self.regular else _steps(at[-1], segment, res or 1.0)
                t = np.linspace(0, 1, steps + 1)[:, None]
                s = 1 - t
                part = s**3 * at[-1] + 3 * s * s * t * segment.c1 + 3 * s * t * t * segment.c2 + t**3 * segment.end_point
            parts.append(part)
            at = part
        return np.concatenate(parts) if parts else at


def _steps(start: Any, segment: BezierSegment, res: float) -> int:
    """Chords of a cubic by Wang's bound (kernels/flatten.py)."""
    xs, ys = zip(start, segment.c1, segment.c2, segment.end_point)
    bend = max((v[i] - 2 * v[i + 1] + v[i + 2]) ** 2 for v in (xs, ys) for i in range(2))
    return int(min((0.75 * (2 * bend) ** 0.5 * res / _ADAPTIVE_PX) ** 0.5, 1e4)) + 1


class Path(list):  # type: ignore[type-arg]
    """All curves of a bitmap, as a list; `curves` is the list itself, `curves_tree` those that lie
    in no other. `linefinish` has the same outlines as `Curves`, with all of their verbs.
    """

    def __init__(self, linefinish: Curves) -> None:
        super().__init__()
        self.linefinish = linefinish
        self.curves_tree: list[Curve] = []
        outlines = outlines_of(linefinish)
        self.extend(map(_curve, outlines))
        for own in outlines:
            (self.curves_tree if own.holder is None else self[own.holder.index].children).append(self[own.index])

    @property
    def curves(self) -> list[Curve]:
        """The curves, in order."""
        return self


def _curve(own: Outline) -> Curve:
    """An outline in segments of theirs: cubics, and pairs of lines over a corner."""
    flat, kinds = own.curves.segments.tolist(), own.curves.kinds.tolist()
    count = len(kinds)
    ends = [Point(flat[6 * k + 4], flat[6 * k + 5]) for k in range(count)]
    # Begin behind the topmost point, so that the corner over it is the first, or behind it at the
    # next cubic.
    top = min(range(count), key=lambda k: (ends[k].y, ends[k].x))
    first = next((k for k in range(top + 1, top + 1 + count) if kinds[k % count]), None)
    if first is None:
        corners = [(top + i) % count for i in range(count)]
        middles = [_middle(ends[k], ends[(k + 1) % count]) for k in corners]
        made: list[BezierSegment | CornerSegment] = [CornerSegment(ends[k], middle) for k, middle in zip(corners, middles)]
        return Curve(middles[-1], made, own.sign, own.area)
    made = []
    start = at = ends[(first - 1) % count]
    for i in range(first, first + count):
        k = i % count
        if kinds[k]:
            made.append(BezierSegment(Point(*flat[6 * k : 6 * k + 2]), Point(*flat[6 * k + 2 : 6 * k + 4]), ends[k]))
            at = ends[k]
        elif i + 1 < first + count and not kinds[(k + 1) % count]:  # a line after it: its end is a corner
            after = ends[(k + 1) % count]
            is_last = i + 2 >= first + count or bool(kinds[(k + 2) % count])
            at = after if is_last else _middle(ends[k], after)
            made.append(CornerSegment(ends[k], at))
        elif at != ends[k]:  # a line alone
            made.append(CornerSegment(_middle(at, ends[k]), ends[k]))
            at = ends[k]
    return Curve(start, made, own.sign, own.area)


def _middle(a: Point, b: Point) -> Point:
    return Point((a.x + b.x) / 2, (a.y + b.y) / 2)


def potracelib_version() -> str:
    """What traces here."""
    return f"linefinish {_version}"
