"""`Strokes`: centre lines, open or closed, with the width of the ink along them."""
from __future__ import annotations

import math

from linefinish import checks
from linefinish.data.geometry import COORDINATE_PX_MAX, CUBIC, LINE, Curves
from linefinish.errors import ImageError, ImageShapeError, OptionsError
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np
    from numpy.typing import ArrayLike

    from linefinish.data.geometry import Box, Matrix

# How far a segment may begin from where the one before it ends, in pixels, for `from_arrays` to
# join both. Larger hides a mistake; smaller refuses what was rounded to six decimals.
_GAP_PX_MAX = 1e-3


@record
class Strokes:
    """Centre lines over a page of width × height pixels.

    segments   f64, (n, 8) flat: x, y of the four control points of each segment, in pixels. A
               line's inner two repeat its start and its end. Within a stroke each segment starts
               exactly where the one before it ends
    kinds      u8, (n,): LINE or CUBIC
    offsets    i64, (m + 1,): stroke i has the segments offsets[i] … offsets[i + 1] - 1. A dot is a
               stroke of one LINE of length zero
    widths     f64, (n + m,): the ink's width in pixels at each joint. Stroke i has k segments and
               k + 1 widths, from offsets[i] + i on; between joints the width changes evenly
    closed     i32, (m,): 1 where the last point is the first
    junctions  f64, (j, 2) flat: x, y of each place where strokes meet or cross
    fills      what is too wide to be a stroke, as outlines; or None
    """

    width: int
    height: int
    segments: memoryview[float]
    kinds: memoryview[int]
    offsets: memoryview[int]
    widths: memoryview[float]
    closed: memoryview[int]
    junctions: memoryview[float]
    fills: Curves | None = None

    def __post_init__(self) -> None:
        offsets, count = checks.counts(self.offsets, "Strokes.offsets")
        segments = checks.flat(self.segments, 8 * count, checks.NUMBERS, "Strokes.segments")
        kinds = checks.flat(self.kinds, count, checks.OCTETS, "Strokes.kinds")
        widths = checks.flat(self.widths, count + len(offsets) - 1, checks.NUMBERS, "Strokes.widths")
        closed = checks.flat(self.closed, len(offsets) - 1, checks.INTEGERS, "Strokes.closed")
        junctions = checks.flat(self.junctions, 2 * _pairs(self.junctions), checks.NUMBERS, "Strokes.junctions")
        checks.sides(self.__dict__)
        checks.only(kinds, bytes((LINE, CUBIC)), "Strokes.kinds")
        for values, name in ((segments, "segments"), (widths, "widths"), (junctions, "junctions")):
            checks.at_most(values, COORDINATE_PX_MAX, f"Strokes.{name}")
        if any(width <= 0 for width in widths):
            raise ImageShapeError("Strokes.widths holds a width that is not above 0")
        if any(flag not in (0, 1) for flag in closed):
            raise ImageShapeError("Strokes.closed may hold 0 and 1 alone")
        if self.fills is not None:
            checks.instance(self.fills, Curves, "Strokes.fills")
            if (self.fills.width, self.fills.height) != (self.width, self.height):
                raise ImageShapeError("Strokes.fills lie on a page of another size than the strokes")
        _check_joints(segments, kinds, offsets, closed)
        self.__dict__.update(
            segments=segments, kinds=kinds, offsets=offsets, widths=widths, closed=closed, junctions=junctions
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def empty(cls, width: int, height: int) -> Strokes:
        """A page without ink."""
        checks.size(width, height)
        none = buffers.zeros(0, "d")
        return trusted(cls, width, height, none, buffers.zeros(0, "B"), buffers.zeros(1, "q"), none, buffers.zeros(0, "i"), none, None)

    @classmethod
    def from_arrays(
        cls, width: int, height: int, segments: ArrayLike, kinds: ArrayLike, offsets: ArrayLike, widths: ArrayLike,
        closed: ArrayLike | None = None, junctions: ArrayLike = (), fills: Curves | None = None,
    ) -> Strokes:  # fmt: skip
        """From array-likes of the shapes (n, 4, 2) or (n, 8), (n,), (m + 1,), (n + m,), (m,) and
        (j, 2), which are copied. Of a line only the ends are read. What begins within 0.001 px of
        where the segment before it ends is joined to it. Without `closed`, strokes are closed that
        end where they begin, dots not.

        Raises ImageShapeError.
        """
        from linefinish.data import arrays

        shaped = checks.array(segments, "segments")
        if shaped.ndim == 3 and shaped.shape[1:] == (4, 2):
            shaped = shaped.reshape(-1, 8)
        flat = arrays.flat(shaped, "d", (-1, 8), "segments")
        kind, starts = arrays.flat(kinds, "B", (-1,), "kinds"), arrays.flat(offsets, "q", (-1,), "offsets")
        _, count = checks.counts(starts, "offsets")
        checks.flat(flat, 8 * count, checks.NUMBERS, "segments")
        checks.flat(kind, count, checks.OCTETS, "kinds")
        flags = _joined(flat, kind, starts, None if closed is None else arrays.flat(closed, "i", (-1,), "closed"))
        return cls(
            width, height, flat, kind, starts, arrays.flat(widths, "d", (-1,), "widths"), flags,
            arrays.flat(junctions, "d", (-1, 2), "junctions"), fills,
        )  # fmt: skip

    @property
    def segment_count(self) -> int:
        """Lines and cubics in all strokes."""
        return int(self.offsets[-1])

    @property
    def dot_count(self) -> int:
        """Strokes of no length."""
        return sum(self.is_dot(index) for index in range(len(self)))

    def is_dot(self, index: int) -> bool:
        """Whether a stroke is a single line without length."""
        begin = self.offsets[index]
        line = self.segments[8 * begin : 8 * begin + 8]
        return self.offsets[index + 1] == begin + 1 and self.kinds[begin] == LINE and line[0] == line[6] and line[1] == line[7]

    def __iter__(self) -> Iterator[Stroke]:
        return map(self.stroke, range(len(self)))

    def stroke(self, index: int) -> Stroke:
        """One stroke; ImageShapeError where there is none of that number."""
        index = checks.whole(index, "index", 0, len(self) - 1)
        begin, end = self.offsets[index], self.offsets[index + 1]
        return trusted(
            Stroke, index, self.segments[8 * begin : 8 * end], self.kinds[begin:end],
            self.widths[begin + index : end + index + 1], self.closed[index] == 1,
        )  # fmt: skip

    @property
    def length(self) -> float:
        """Pixels that a pen draws in all: the lengths of all strokes, to about a ten-thousandth."""
        return math.fsum(stroke.length for stroke in self)

    @property
    def bounds(self) -> Box | None:
        """Left, top, right, bottom of the centre lines in pixels, to the curves' own extremes; None
        where there are none. Ink reaches half a width beyond.
        """
        return self._as_chains().bounds

    def transform(self, matrix: Matrix, *, width: int | None = None, height: int | None = None) -> Strokes:
        """`Curves.transform`, for strokes. Widths grow by the root of the map's determinant, which
        is exact where it keeps shapes, and their geometric mean where it stretches.
        """
        from linefinish.data import affine

        six = affine.matrix_of(matrix)
        size = affine.page_of(self.width, self.height, six, (width, height))
        scale = math.sqrt(abs(six[0] * six[3] - six[1] * six[2]))
        fills = None if self.fills is None else self.fills.transform(six, width=size[0], height=size[1])
        return trusted(
            Strokes, *size, affine.moved(self.segments, 4 * self.segment_count, six), self.kinds, self.offsets,
            buffers.numbers("d", *(scale * own for own in self.widths)), self.closed,
            affine.moved(self.junctions, len(self.junctions) // 2, six), fills,
        )  # fmt: skip

    def to_polylines(self, tolerance: float = 0.05) -> list[list[tuple[float, float]]]:
        """The vertices of each stroke, whose chords lie no farther from it than `tolerance` pixels.
        A closed one ends where it begins; a dot has one vertex. Raises OptionsError, ImageError.
        """
        return [line for line, _ in self.to_vertices(tolerance)]

    def to_vertices(self, tolerance: float = 0.05) -> list[tuple[list[tuple[float, float]], list[float]]]:
        """`to_polylines`, each with the width at its vertices."""
        from linefinish.data.polygons import polygons

        points, offsets, _ = polygons(self._as_chains(), tolerance)
        made = []
        for stroke, begin, end in zip(self, offsets[:-1], offsets[1:]):
            flat: Any = points[2 * begin : 2 * end].tolist()
            line = list(zip(flat[::2], flat[1::2]))
            if stroke.is_dot:
                made.append((line[:1], [stroke.width_median]))
            else:
                made.append((line, _widths_at(line, stroke)))
        return made

    def to_svg_path(self, *, decimals: int = 2) -> str:
        """What stands in an SVG's d="…": absolute commands, in pixels rounded to 0 to 9 decimals,
        to be stroked. Raises OptionsError.
        """
        if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 9:
            raise OptionsError(f"decimals is {checks.shown(decimals)}; it takes a whole number from 0 to 9")
        return "".join(stroke.to_svg_path(decimals) for stroke in self)

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """A MultiLineString in pixels, y down, of `to_polylines()`; a dot is a line of two equal
        points.
        """
        return {"type": "MultiLineString", "coordinates": [tuple(line if len(line) > 1 else 2 * line) for line in self.to_polylines()]}

    def segments_array(self) -> np.ndarray:
        """Control points as float64 (n, 4, 2), read-only."""
        from linefinish.data.geometry import _array

        return _array(self.segments, "f8", (-1, 4, 2))

    def widths_array(self) -> np.ndarray:
        """Widths as float64 (n + m,), read-only."""
        from linefinish.data.geometry import _array

        return _array(self.widths, "f8", (-1,))

    def junctions_array(self) -> np.ndarray:
        """Junctions as float64 (j, 2), read-only."""
        from linefinish.data.geometry import _array

        return _array(self.junctions, "f8", (-1, 2))

    def _as_chains(self) -> Curves:
        """The strokes as closed chains, each behind a line from its end back to its start: what is
        measured and flattened is then the stroke itself, its start the first vertex.
        """
        count, strokes = self.segment_count, len(self)
        segments, kinds = buffers.zeros(6 * (count + strokes), "d"), buffers.zeros(count + strokes, "B")
        bare = buffers.zeros(6 * count, "d")
        for at in range(6):
            bare[at::6] = self.segments[at + 2 :: 8]
        for index, (begin, end) in enumerate(zip(self.offsets[:-1], self.offsets[1:])):
            spot = 6 * (begin + index)
            start = self.segments[8 * begin : 8 * begin + 2]
            segments[spot : spot + 2] = self.segments[8 * end - 2 : 8 * end]
            segments[spot + 2 : spot + 4] = segments[spot + 4 : spot + 6] = start
            segments[spot + 6 : spot + 6 + 6 * (end - begin)] = bare[6 * begin : 6 * end]
            kinds[begin + index + 1 : end + index + 1] = self.kinds[begin:end]
        offsets = buffers.numbers("q", *(offset + index for index, offset in enumerate(self.offsets)))
        return trusted(Curves, self.width, self.height, segments, kinds, offsets)


@record
class Stroke:
    """One stroke of a drawing.

    index     its number in the drawing, from 0
    segments  f64, (k, 8) flat; kinds u8, (k,); widths f64, (k + 1,): as in `Strokes`
    closed    whether its last point is its first
    """

    index: int
    segments: memoryview[float]
    kinds: memoryview[int]
    widths: memoryview[float]
    closed: bool

    @property
    def start(self) -> tuple[float, float]:
        """Where it begins."""
        return self.segments[0], self.segments[1]

    @property
    def end(self) -> tuple[float, float]:
        """Where it ends."""
        return self.segments[-2], self.segments[-1]

    @property
    def is_dot(self) -> bool:
        """Whether it is a single line without length."""
        return len(self.kinds) == 1 and self.kinds[0] == LINE and self.start == self.end

    @property
    def lengths(self) -> list[float]:
        """The length of each segment in pixels."""
        return [
            math.dist(points[:2], points[6:]) if kind == LINE else _cubic_length(points)
            for kind, points in zip(self.kinds, self._points())
        ]  # fmt: skip

    @property
    def length(self) -> float:
        """Its length in pixels."""
        return math.fsum(self.lengths)

    @property
    def width_median(self) -> float:
        """The width that half of its way is not wider than, in pixels."""
        widths = self.widths.tolist()
        if len(widths) == 2 or min(widths) == max(widths):
            return (widths[0] + widths[-1]) / 2
        pieces = sorted(((here + there) / 2, length) for here, there, length in zip(widths, widths[1:], self.lengths))
        half, way = math.fsum(length for _, length in pieces) / 2, 0.0
        for width, length in pieces:
            way += length
            if way >= half:
                return width
        return pieces[-1][0]

    def to_svg_path(self, decimals: int = 2) -> str:
        """Its path data, as `Strokes.to_svg_path` has it."""
        text = f"M{_pair(self.segments[0], self.segments[1], decimals)}"
        last = len(self.kinds) - 1
        for index, (kind, points) in enumerate(zip(self.kinds, self._points())):
            if kind == LINE and index == last and self.closed:
                break  # Z draws it
            if kind == LINE:
                text += f"L{_pair(points[6], points[7], decimals)}"
            else:
                text += "C" + " ".join(_pair(points[at], points[at + 1], decimals) for at in (2, 4, 6))
        return text + "Z" * self.closed

    def _points(self) -> list[list[float]]:
        flat: Any = self.segments.tolist()
        return [flat[at : at + 8] for at in range(0, len(flat), 8)]


def _widths_at(line: list[tuple[float, float]], stroke: Stroke) -> list[float]:
    """The width at each vertex of a stroke's polyline: between joints it changes evenly by the
    cubic's parameter, of which the chords are equal steps.
    """
    widths = [stroke.widths[0]]
    at = 0
    for k, (x, y) in enumerate(zip(stroke.segments[6::8], stroke.segments[7::8])):
        last = k == len(stroke.kinds) - 1
        steps = len(line) - 1 - at if last else 1
        if not last and stroke.kinds[k] != LINE:
            while line[at + steps] != (x, y):
                steps += 1
        here, there = stroke.widths[k], stroke.widths[k + 1]
        widths += [here + step / steps * (there - here) for step in range(1, steps + 1)]
        at += steps
    return widths


def _pairs(data: Any) -> int:
    """Pairs of numbers in a buffer; ImageShapeError for what is none."""
    try:
        return memoryview(data).nbytes >> 4
    except TypeError:
        raise ImageShapeError(f"Strokes.junctions is {checks.shown(data)}; it takes a buffer") from None


def _check_joints(segments: memoryview[float], kinds: memoryview[int], offsets: memoryview[int], closed: memoryview[int]) -> None:
    """Refuse a stroke that is torn, a loop that does not close, and a line that is bent."""
    flat = segments.tolist()
    starts = set(offsets.tolist())
    for k, kind in enumerate(kinds):
        at = 8 * k
        if k not in starts and flat[at : at + 2] != flat[at - 2 : at]:
            raise ImageShapeError(f"Strokes.segments: segment {k} does not start where the one before it ends")
        if kind == LINE and (flat[at : at + 2] != flat[at + 2 : at + 4] or flat[at + 4 : at + 6] != flat[at + 6 : at + 8]):
            raise ImageShapeError(f"Strokes.segments: the inner points of line {k} are not its start and its end")
    for index, flag in enumerate(closed):
        begin, end = 8 * offsets[index], 8 * offsets[index + 1]
        if flag and flat[begin : begin + 2] != flat[end - 2 : end]:
            raise ImageShapeError(f"Strokes.closed: stroke {index} does not end where it begins")


def _joined(segments: Any, kinds: Any, offsets: Any, closed: Any) -> Any:
    """Have segments start exactly where those before them end, and lines be straight; returns which
    strokes are closed.
    """
    flags = buffers.zeros(len(offsets) - 1, "i")
    if closed is not None:
        closed = checks.flat(closed, len(flags), checks.INTEGERS, "closed")
    for index, (begin, end) in enumerate(zip(offsets[:-1], offsets[1:])):
        for k in range(begin + 1, end):
            if math.dist(segments[8 * k : 8 * k + 2], segments[8 * k - 2 : 8 * k]) <= _GAP_PX_MAX:
                segments[8 * k : 8 * k + 2] = segments[8 * k - 2 : 8 * k]
        near = math.dist(segments[8 * begin : 8 * begin + 2], segments[8 * end - 2 : 8 * end]) <= _GAP_PX_MAX
        flags[index] = closed[index] if closed is not None else int(near and (end - begin > 1 or kinds[begin] == CUBIC))
        if flags[index] and near:
            segments[8 * end - 2 : 8 * end] = segments[8 * begin : 8 * begin + 2]
        for k in range(begin, end):
            if kinds[k] == LINE:
                segments[8 * k + 2 : 8 * k + 4] = segments[8 * k : 8 * k + 2]
                segments[8 * k + 4 : 8 * k + 6] = segments[8 * k + 6 : 8 * k + 8]
    return flags


# Nodes and weights of Gauss and Legendre's rule of eight points on 0 … 1 (Abramowitz and Stegun,
# table 25.4), each with the weights of the three edges of the control polygon there.
_GAUSS = tuple(
    (weight / 2, 3 * (1 - t) ** 2, 6 * (1 - t) * t, 3 * t * t)
    for node, weight in (
        (0.1834346424956498, 0.3626837833783620), (0.5255324099163290, 0.3137066458778873),
        (0.7966664774136267, 0.2223810344533745), (0.9602898564975363, 0.1012285362903763),
    )
    for t in ((1 - node) / 2, (1 + node) / 2)
)  # fmt: skip


def _cubic_length(points: list[float]) -> float:
    """The length of a cubic by Gauss's rule."""
    x0, y0, x1, y1, x2, y2, x3, y3 = points
    ax, ay, bx, by, cx, cy = x1 - x0, y1 - y0, x2 - x1, y2 - y1, x3 - x2, y3 - y2
    total = 0.0
    for weight, a, b, c in _GAUSS:
        total += weight * math.hypot(a * ax + b * bx + c * cx, a * ay + b * by + c * cy)
    if total * 0 != 0:
        raise ImageError("a coordinate of the strokes is not a finite number")
    return total


def _pair(x: float, y: float, decimals: int) -> str:
    return f"{_decimal(x, decimals)} {_decimal(y, decimals)}"


def _decimal(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
