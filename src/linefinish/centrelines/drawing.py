"""From strokes of points to few lines and cubics with widths, and fills where they are too wide."""
from __future__ import annotations

from itertools import accumulate

from linefinish.data.geometry import LINE
from linefinish.data.strokes import Strokes
from linefinish.kernels import bends, tapers
from linefinish.kernels import curves as kernel
from linefinish.memory import buffers
from linefinish.outlines.fitting import bounds_for
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.centrelines.finding import Axis
    from linefinish.centrelines.joining import Line, Point

    # Segments of eight numbers with their kinds, the number of the point that each ends in, and
    # whether that is a line's first or the last of a closed one.
    Segment = tuple[list[float], int, int]

# Largest distance of a stroke's points from its curve, in pixels. Larger: fewer segments; smaller:
# truer.
_ERROR_PX = 0.15


def drawn(axis: Axis, lines: list[Line], junctions: list[tuple[float, float]], width_max: float | None) -> Strokes:
    """The strokes of a page."""
    shaped = [_tidied(points, closed) for points, closed in _with_corners(lines) if points]
    segments, kinds, offsets, widths = _with_widths(shaped, _fitted(axis, shaped))
    return trusted(
        Strokes, axis.width, axis.height, segments, kinds, offsets, widths, buffers.numbers("i", *(int(closed) for _, closed in shaped)),
        buffers.numbers("d", *(number for place in junctions for number in place)), None,
    )  # fmt: skip


def _with_corners(lines: list[Line]) -> list[Line]:
    """The strokes with the points around each corner replaced by the corner itself."""
    flat, offsets, closed = _laid_out(lines)
    count = offsets[-1]
    found = buffers.zeros(bends.BEND * (count // 4 + 1), "d")
    made = bends.find_bends(flat, offsets, closed, len(lines), buffers.scratch("strokes.turns", count, "d"), found)
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


def _with_widths(lines: list[Line], fitted: list[list[Segment]]) -> tuple[memoryview, ...]:
    """Segments, cut where the width does not change evenly along them, their kinds, the strokes'
    offsets, and the widths at the joints.
    """
    points, offsets, closed = _laid_out(lines)
    segment_offsets = buffers.numbers("q", *_offsets(fitted))
    ends = buffers.numbers("q", *(number for line in fitted for _, kind, end in line for number in (kind, end)))
    given = buffers.numbers("d", *(number for line in fitted for numbers, _, _ in line for number in numbers))
    longest = max((len(own) for own, _ in lines), default=0)
    scratch = buffers.scratch("strokes.stack", longest + tapers.STRETCH * (longest + 1), "d")
    most = segment_offsets[-1] + offsets[-1]
    made, made_kinds = buffers.zeros(tapers.SEGMENT * most, "d"), buffers.zeros(2 * most, "q")
    joints = buffers.zeros(most + len(lines), "d")
    count = tapers.taper(points, offsets, closed, len(lines), given, segment_offsets, ends, scratch, made, made_kinds, joints)
    counts = [0] * len(lines)
    for owner in made_kinds[1 : 2 * count : 2]:
        counts[owner] += 1
    return (
        buffers.settled(made, tapers.SEGMENT * count), buffers.numbers("B", *made_kinds[: 2 * count : 2]),
        buffers.numbers("q", 0, *accumulate(counts)), buffers.settled(joints, count + len(lines)),
    )  # fmt: skip


def _laid_out(lines: list[Line]) -> tuple[memoryview, memoryview, memoryview]:
    """The points of all strokes, one after the other, their offsets, and which are closed."""
    flat: list[float] = []
    for points, _ in lines:
        for point in points:
            flat += point
    offsets = buffers.numbers("q", *_offsets([points for points, _ in lines]))
    return buffers.numbers("d", *flat), offsets, buffers.numbers("B", *(int(closed) for _, closed in lines))


def _offsets(parts: list[list[Any]]) -> list[int]:
    return [0, *accumulate(map(len, parts))]
