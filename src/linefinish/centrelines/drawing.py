"""From strokes of points to few lines and cubics with widths, and fills where they are too wide."""
from __future__ import annotations

from linefinish.data.geometry import LINE
from linefinish.data.strokes import Strokes
from linefinish.kernels import bends
from linefinish.kernels import curves as kernel
from linefinish.memory import buffers
from linefinish.outlines.fitting import bounds_for
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.centrelines.finding import Axis
    from linefinish.centrelines.joining import Line, Point

    # Segments of eight numbers with their kinds, the number of the point that each ends in, and
    # whether that is a line's first or the last of a closed one.
    Segment = tuple[list[float], int, int]

# Largest distance of a stroke's points from its curve, in pixels. Larger: fewer segments; smaller:
# truer.
_ERROR_PX = 0.15
# Largest difference of a width from one that changes evenly between joints, in pixels. Larger:
# fewer joints; smaller: pressure that is followed more closely.
_WIDTH_ERROR_PX = 0.15
# Points on either side over which a joint's width is the mean.
_WIDTH_HALF = 3
# What is this many times as wide as the middle stroke is a fill.
_FILL_WIDTHS = 3.0
# A stroke is at least so wide, in pixels: half of the thinnest line that is drawn by greys.
_WIDTH_PX_MIN = 0.1


def drawn(axis: Axis, lines: list[Line], junctions: list[tuple[float, float]], width_max: float | None) -> Strokes:
    """The strokes of a page."""
    shaped = [_tidied(points, closed) for points, closed in _with_corners(lines) if points]
    fitted = _fitted(axis, shaped)
    segments: list[float] = []
    kinds: list[int] = []
    widths: list[float] = []
    offsets = [0]
    for (points, closed), line in zip(shaped, fitted):
        parts, joints = _with_widths(points, closed, line)
        for numbers, kind, _ in parts:
            segments += numbers
            kinds.append(kind)
        widths += joints
        offsets.append(len(kinds))
    return trusted(
        Strokes, axis.width, axis.height, buffers.numbers("d", *segments), buffers.numbers("B", *kinds), buffers.numbers("q", *offsets),
        buffers.numbers("d", *widths), buffers.numbers("i", *(int(closed) for _, closed in shaped)),
        buffers.numbers("d", *(number for place in junctions for number in place)), None,
    )  # fmt: skip


def _with_corners(lines: list[Line]) -> list[Line]:
    """The strokes with the points around each corner replaced by the corner itself."""
    flat: list[float] = []
    offsets = [0]
    for points, _ in lines:
        for point in points:
            flat += point
        offsets.append(len(flat) // bends.POINT)
    count = len(flat) // bends.POINT
    found = buffers.zeros(bends.BEND * (count // 4 + 1), "d")
    made = bends.find_bends(
        buffers.numbers("d", *flat), buffers.numbers("q", *offsets), buffers.numbers("B", *(int(closed) for _, closed in lines)),
        len(lines), buffers.scratch("strokes.turns", count, "d"), found,
    )  # fmt: skip
    for at in range(bends.BEND * (made - 1), -1, -bends.BEND):  # from the last on, so that numbers stay
        stroke, low, high = (int(number) for number in found[at : at + 3])
        x, y, radius = found[at + 3 : at + 6]
        begin = offsets[stroke]
        lines[stroke][0][low - begin : high - begin + 1] = [(x, y, radius, True)]
    return lines


def _tidied(points: list[Point], closed: bool) -> Line:
    """Without points that fall together; those that are kept as they are stay."""
    made = points[:1]
    for point in points[1:]:
        x, y, _, kept = point
        dx, dy = x - made[-1][0], y - made[-1][1]
        if dx * dx + dy * dy > 0.04:
            made.append(point)
        elif kept and not made[-1][3]:
            made[-1] = point
    if closed and len(made) > 1:
        dx, dy = made[0][0] - made[-1][0], made[0][1] - made[-1][1]
        if dx * dx + dy * dy <= 0.04:
            made.pop(0 if made[-1][3] else -1)
    if closed and len(made) < 4:
        closed = False
    return made, closed


def _fitted(axis: Axis, lines: list[Line]) -> list[list[Segment]]:
    """Each stroke as segments."""
    bounds = bounds_for(_ERROR_PX, 0.0, (axis.width, axis.height), has_grays=True)
    flat: list[float] = []
    paths: list[int] = []
    segments: list[float] = []
    places: list[int] = []
    loops: list[int] = []
    opened: list[int] = []
    made: list[list[Segment]] = [[] for _ in lines]
    longest = 0
    for number, (points, closed) in enumerate(lines):
        if len(points) == 1:
            x, y = points[0][:2]
            made[number] = [([x, y, x, y, x, y, x, y], LINE, 0)]
            continue
        corners = [i for i, point in enumerate(points) if point[3]]
        if closed and not corners:
            loops.append(number)
            continue
        opened.append(number)
        longest = max(longest, len(points))
        if closed:  # begin in a corner
            points[:] = points[corners[0] :] + points[: corners[0]]
            corners = [corner - corners[0] for corner in corners]
        else:
            corners = sorted({0, *corners} - {len(points) - 1})
        paths += [len(flat) // 2, len(points), len(places), len(corners) + (not closed), 0]
        for corner, after in zip(corners, [*corners[1:], 0 if closed else len(points) - 1]):
            x, y = points[after][:2]
            segments += [x, y, x, y, x, y]
            places.append((corner << kernel.START_SHIFT) | kernel.ANEW | 4)
        if not closed:  # a line back to the start, which stays as it is
            x, y = points[0][:2]
            segments += [x, y, x, y, x, y]
            places.append((len(points) - 1) << kernel.START_SHIFT)
        for x, y, _, _ in points:
            flat += [x, y]
    if opened:
        _refit(buffers.numbers("d", *flat), [len(opened), *paths], bounds, segments, places, longest, lines, opened, made)
    for number in loops:
        made[number] = _loop(lines[number][0], bounds)
    return made


def _refit(
    points: memoryview, wanted: list[int], bounds: memoryview, segments: list[float], places: list[int], longest: int, lines: list[Line],
    opened: list[int], made: list[list[Segment]],
) -> None:  # fmt: skip
    """Fit open strokes, and closed ones with corners: to the fitter, paths of which all but the
    line back are fitted anew.
    """
    room, count = longest + 2 * kernel.PAD + 2, len(points) // 2
    xs, ys, along = (buffers.scratch(f"strokes.{name}", 2 * room, "d") for name in ("xs", "ys", "along"))
    work = buffers.scratch("strokes.work", kernel.KNOTS + 3 * room, "d")
    asked = buffers.numbers("q", *wanted)
    new_segments, new_kinds, new_places = buffers.zeros(6 * count, "d"), buffers.zeros(count + room, "B"), buffers.zeros(count, "q")
    kernel.refit_paths(
        points, asked, bounds, xs, ys, along, work, buffers.numbers("d", *segments), buffers.numbers("q", *places),
        new_segments, new_kinds, new_places,
    )  # fmt: skip
    at = 0
    for path, number in enumerate(opened):
        its, closed = lines[number]
        count = asked[1 + kernel.REFIT * path + 4]
        made[number] = _segments(
            list(new_segments[6 * at : 6 * (at + count)]), [place >> 2 & 1 for place in new_places[at : at + count]],
            [place >> kernel.START_SHIFT for place in new_places[at : at + count]], its[0], len(its), closed,
        )  # fmt: skip
        at += count


def _loop(points: list[Point], bounds: memoryview) -> list[Segment]:
    """Fit a closed stroke without corners."""
    count = len(points)
    room = 2 * count + 2 * kernel.PAD
    flat = buffers.numbers("d", *(number for point in points for number in point[:2]))
    xs, ys, along = (buffers.scratch(f"strokes.{name}", room, "d") for name in ("xs", "ys", "along"))
    work = buffers.scratch("strokes.work", kernel.KNOTS + 3 * count, "d")
    segments, kinds, places = buffers.zeros(6 * count, "d"), buffers.zeros(count, "B"), buffers.zeros(count, "q")
    offsets = buffers.zeros(2, "q")
    made = kernel.fit_paths(flat, buffers.numbers("q", 0, count), 1, bounds, xs, ys, along, work, segments, kinds, places, offsets)
    starts = [place >> kernel.START_SHIFT for place in places[:made]]
    start = segments[6 * made - 2], segments[6 * made - 1], 0.0, False
    return _segments(list(segments[: 6 * made]), kinds[:made].tolist(), starts, start, count, closed=True)


def _segments(flat: list[float], kinds: list[int], starts: list[int], start: Point, count: int, closed: bool) -> list[Segment]:
    """Segments of six numbers as those of eight, without the line back of an open stroke."""
    made: list[Segment] = []
    x, y = start[0], start[1]
    last = len(kinds) - (not closed)
    for k in range(last):
        x1, y1, x2, y2, x3, y3 = flat[6 * k : 6 * k + 6]
        if kinds[k] == LINE:
            x1, y1, x2, y2 = x, y, x3, y3
        end = starts[k + 1] if k + 1 < len(starts) else starts[0] + count
        made.append(([x, y, x1, y1, x2, y2, x3, y3], kinds[k], end))
        x, y = x3, y3
    return made


def _with_widths(points: list[Point], closed: bool, line: list[Segment]) -> tuple[list[Segment], list[float]]:
    """Segments, cut where the width does not change evenly along them, and the widths at their
    joints.
    """
    count = len(points)
    begin = (line[-1][2] - count if closed else 0) if count > 1 else 0
    parts: list[Segment] = []
    widths = [_width(points, closed, begin)]
    for numbers, kind, end in line:
        stack = [(numbers, begin, end)]
        while stack:
            numbers, first, last = stack.pop()
            here, there = _width(points, closed, first), _width(points, closed, last)
            worst, at = _WIDTH_ERROR_PX, 0
            for i in range(first + 2, last - 1):
                off = abs(_width(points, closed, i) - here - (there - here) * (i - first) / (last - first))
                if off > worst:
                    worst, at = off, i
            if at:
                one, two = _halves(numbers, kind, points[at % count])
                stack += [(two, at, last), (one, first, at)]
            else:
                parts.append((numbers, kind, last))
                widths.append(there)
        begin = end
    return parts, widths


def _width(points: list[Point], closed: bool, at: int) -> float:
    """The width around a point; that of an end or a corner is its own."""
    count = len(points)
    if closed:
        at %= count
    if points[at][3] or count == 1:
        return max(2.0 * points[at][2], _WIDTH_PX_MIN)
    half = _WIDTH_HALF if closed else min(_WIDTH_HALF, at, count - 1 - at)
    total = 0.0
    for i in range(at - half, at + half + 1):
        total += points[i % count][2]
    return max(2.0 * total / (2 * half + 1), _WIDTH_PX_MIN)


def _halves(numbers: list[float], kind: int, point: Point) -> tuple[list[float], list[float]]:
    """A segment cut where it is nearest to a point (de Casteljau)."""
    x0, y0, x1, y1, x2, y2, x3, y3 = numbers
    if kind == LINE:
        dx, dy = x3 - x0, y3 - y0
        t = ((point[0] - x0) * dx + (point[1] - y0) * dy) / max(dx * dx + dy * dy, 1e-12)
        t = min(max(t, 0.02), 0.98)
        x, y = x0 + t * dx, y0 + t * dy
        return [x0, y0, x0, y0, x, y, x, y], [x, y, x, y, x3, y3, x3, y3]
    t = _nearest(numbers, point)
    u = 1.0 - t
    ax, ay, bx, by, cx, cy = u * x0 + t * x1, u * y0 + t * y1, u * x1 + t * x2, u * y1 + t * y2, u * x2 + t * x3, u * y2 + t * y3
    dx, dy, ex, ey = u * ax + t * bx, u * ay + t * by, u * bx + t * cx, u * by + t * cy
    x, y = u * dx + t * ex, u * dy + t * ey
    return [x0, y0, ax, ay, dx, dy, x, y], [x, y, ex, ey, cx, cy, x3, y3]


def _nearest(numbers: list[float], point: Point) -> float:
    """The parameter of the place on a cubic that is nearest to a point near it: the best of 32,
    then Newton's method.
    """
    x0, y0, x1, y1, x2, y2, x3, y3 = numbers
    best, at = 1e300, 0.5
    for i in range(1, 32):
        t = i / 32
        u = 1.0 - t
        x = u * u * u * x0 + 3.0 * u * u * t * x1 + 3.0 * u * t * t * x2 + t * t * t * x3 - point[0]
        y = u * u * u * y0 + 3.0 * u * u * t * y1 + 3.0 * u * t * t * y2 + t * t * t * y3 - point[1]
        if x * x + y * y < best:
            best, at = x * x + y * y, t
    for _ in range(3):
        t = at
        u = 1.0 - t
        x = u * u * u * x0 + 3.0 * u * u * t * x1 + 3.0 * u * t * t * x2 + t * t * t * x3 - point[0]
        y = u * u * u * y0 + 3.0 * u * u * t * y1 + 3.0 * u * t * t * y2 + t * t * t * y3 - point[1]
        dx = 3.0 * (u * u * (x1 - x0) + 2.0 * u * t * (x2 - x1) + t * t * (x3 - x2))
        dy = 3.0 * (u * u * (y1 - y0) + 2.0 * u * t * (y2 - y1) + t * t * (y3 - y2))
        at = min(max(t - (x * dx + y * dy) / max(dx * dx + dy * dy, 1e-12), 0.02), 0.98)
    return at
