"""The width along a stroke: whether one will do, pieces of one width each, and the swept shape."""
from __future__ import annotations

import math

from linefinish.toolpaths.pieces import Piece, split

# A stroke has one width if it varies by less than this share of the median, or by less than this
# many pixels. Larger: a pen's pressure is lost; smaller: what the pixel grid does to a width is
# kept. (15 per cent is what an eye tells of two lines side by side; 0.4 px what thresholding does.)
VARYING_SHARE, VARYING_PX = 0.15, 0.4
# How far the polygon of a swept shape may lie from its round edge, in pixels.
_TOLERANCE_PX = 0.05


def is_even(widths: list[float], median: float) -> bool:
    """Whether one width stands for all of a stroke."""
    spread = max(widths) - min(widths)
    return spread < VARYING_PX or spread < VARYING_SHARE * median


def even_pieces(piece: Piece) -> list[tuple[Piece, float]]:
    """A stroke in pieces of nearly one width, and each piece's width."""
    segments, kinds, widths = [], [], [piece.widths[0]]
    for points, kind, begin, end in zip(piece.segments, piece.kinds, piece.widths, piece.widths[1:]):
        steps = int(abs(end - begin) / max(VARYING_PX, VARYING_SHARE * min(begin, end))) + 1
        for step in range(steps):
            rest = points
            if step < steps - 1:
                points, rest = split(points, kind, 1 / (steps - step))
            segments.append(points)
            kinds.append(kind)
            widths.append(begin + (step + 1) / steps * (end - begin))
            points = rest
    made = []
    first = 0
    for last in range(1, len(segments) + 1):
        then = widths[first : last + 2]
        if last == len(segments) or not is_even(then, sum(then) / len(then)):
            own = widths[first : last + 1]
            made.append((Piece(segments[first:last], kinds[first:last], own), (min(own) + max(own)) / 2))
            first = last
    return made


def swept(line: list[tuple[float, float]], widths: list[float], closed: bool) -> list[list[tuple[float, float]]]:
    """The rings of what a round pen of changing width covers along a polyline, for the non-zero
    rule: there along its left side and back along the other. On the inside of a bend the ring goes
    through the bend's own vertex, so that it never runs backwards over ink.
    """
    line, widths = _without_repeats(line, widths)
    if len(line) == 1:
        return [_arc(line[0], widths[0] / 2, 0.0, 2 * math.pi)[:-1]]
    if closed:
        there = _side(line, widths, True)
        back = _side(line[::-1], widths[::-1], True)
        return [there, back]
    ring = _side(line, widths, False)
    ring += _cap(line[-2], line[-1], widths[-1] / 2)
    ring += _side(line[::-1], widths[::-1], False)
    return [ring + _cap(line[1], line[0], widths[0] / 2)]


def _without_repeats(line: list[tuple[float, float]], widths: list[float]) -> tuple[list[tuple[float, float]], list[float]]:
    kept = [0, *(k for k in range(1, len(line)) if line[k] != line[k - 1])]
    return [line[k] for k in kept], [widths[k] for k in kept]


def _side(line: list[tuple[float, float]], widths: list[float], closed: bool) -> list[tuple[float, float]]:
    """The edge to the left of a way, as one sees it who goes along."""
    made: list[tuple[float, float]] = []
    angles = [math.atan2(y1 - y0, x1 - x0) for (x0, y0), (x1, y1) in zip(line, line[1:])]
    for k, angle in enumerate(angles):
        first, last = widths[k] / 2, widths[k + 1] / 2
        made.append(_off(line[k], first, angle))
        made.append(_off(line[k + 1], last, angle))
        if k + 1 < len(angles) or closed:
            turn = math.remainder(angles[(k + 1) % len(angles)] - angle, 2 * math.pi)
            if turn > 0:  # the left side is the outer one
                made += _arc(line[k + 1], last, angle - math.pi / 2, turn)[1:-1]
            elif turn < 0:
                made.append(line[k + 1])
    return made


def _cap(before: tuple[float, float], end: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    angle = math.atan2(end[1] - before[1], end[0] - before[0])
    return _arc(end, radius, angle - math.pi / 2, math.pi)[1:-1]


def _off(place: tuple[float, float], radius: float, angle: float) -> tuple[float, float]:
    return place[0] + radius * math.sin(angle), place[1] - radius * math.cos(angle)


def _arc(centre: tuple[float, float], radius: float, begin: float, turn: float) -> list[tuple[float, float]]:
    """Places on a circle, whose chords keep to the tolerance."""
    step = 2 * math.acos(1 - min(_TOLERANCE_PX / radius, 0.5))
    count = max(math.ceil(abs(turn) / step), 1)
    angles = [begin + turn * k / count for k in range(count + 1)]
    return [(centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)) for angle in angles]
