"""Segments of strokes cut where their width does not change evenly, stroke by stroke."""
from __future__ import annotations

LINE = 0
ERROR_PX, HALF, PX_MIN = 0.15, 3, 0.1

# x, y, radius, and whether the point is kept as it is.
Point = tuple[float, float, float, bool]
# Eight numbers, the kind, and the number of the point that the segment ends in.
Segment = tuple[list[float], int, int]


def with_widths(points: list[Point], closed: bool, line: list[Segment]) -> tuple[list[Segment], list[float]]:
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
            worst, at = ERROR_PX, 0
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
        return max(2.0 * points[at][2], PX_MIN)
    half = HALF if closed else min(HALF, at, count - 1 - at)
    total = 0.0
    for i in range(at - half, at + half + 1):
        total += points[i % count][2]
    return max(2.0 * total / (2 * half + 1), PX_MIN)


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
