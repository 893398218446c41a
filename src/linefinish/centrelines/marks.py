"""Dots and dashes: ink that is too short for a thinned line to tell where it ends.

Their outline tells: how long and how wide it is along its own axes.
"""
from __future__ import annotations

from bisect import bisect_left
from math import pi, sqrt

from linefinish.kernels import axes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.centrelines.finding import Axis
    from linefinish.centrelines.joining import Graph, Line

# A mark's thinned line is no longer than this many times its radius, and so many pixels.
_MARK_RADII, _MARK_PX = 4.0, 2.0
# What is longer than wide by less than this part of its width is a dot.
_DOT_SHARE = 0.3
# Ink of a straight dash differs from that of its outline's width and length by no more than this
# part: what differs more is bent or no stroke.
_DASH_SHARE = 0.1


def marks_of(graph: Graph, axis: Axis) -> list[Line]:
    """The page's dots, and its shortest dashes. Their chains are taken from the graph."""
    lone = []
    for members in graph.nodes.values():
        chain, last = members[0]
        # A single pixel has both of its ends in one place.
        alone = len(members) == 2 and members[1][0] == chain
        if last == 0 and (alone or (len(members) == 1 and graph.is_free((chain, 1)))):
            lone.append(chain)
    made: list[Line] = []
    pieces, _, _, _ = axis.outlines
    owners = pieces[axes.PIECE_OUTLINE :: axes.PIECE] if lone else pieces
    for chain in lone:
        radius = axis.radii[chain]
        if graph.length(chain) > _MARK_RADII * radius + _MARK_PX:
            continue
        middle = axes.ATOM * ((graph.offsets[chain] + graph.offsets[chain + 1]) // 2)
        owner = axes.outline_at(*axis.outlines, axis.atoms[middle], axis.atoms[middle + 1])
        if owner < 0:
            continue
        first, last = bisect_left(owners, owner), bisect_left(owners, owner + 1)
        line = _mark(list(pieces[axes.PIECE * first : axes.PIECE * last]))
        if line is not None:
            made.append(line)
            graph.remove(chain)
    return made


def _mark(flat: list[float]) -> Line | None:
    """A dot or a straight dash with that outline; None if it is neither."""
    xs, ys, halves = (flat[field :: axes.PIECE] for field in (axes.PIECE_X, axes.PIECE_Y, axes.PIECE_HALF))
    count = len(xs)
    if count < 3:
        return None
    area = mean_x = mean_y = whole = 0.0
    for i in range(count):
        area += 0.5 * (xs[i - 1] * ys[i] - xs[i] * ys[i - 1])
        mean_x += halves[i] * xs[i]
        mean_y += halves[i] * ys[i]
        whole += halves[i]
    area, mean_x, mean_y = abs(area), mean_x / whole, mean_y / whole
    vxx = vxy = vyy = 0.0
    for x, y, half in zip(xs, ys, halves):
        vxx += half * (x - mean_x) * (x - mean_x)
        vxy += half * (x - mean_x) * (y - mean_y)
        vyy += half * (y - mean_y) * (y - mean_y)
    root = sqrt((vxx - vyy) * (vxx - vyy) + 4.0 * vxy * vxy)
    ux, uy = (0.5 * (vxx - vyy + root), vxy) if vxx > vyy else (vxy, 0.5 * (vyy - vxx + root))
    norm = sqrt(ux * ux + uy * uy)
    ux, uy = (ux / norm, uy / norm) if norm > 1e-9 else (1.0, 0.0)
    along = [(x - mean_x) * ux + (y - mean_y) * uy for x, y in zip(xs, ys)]
    across = [(y - mean_y) * ux - (x - mean_x) * uy for x, y in zip(xs, ys)]
    low, high, left, right = min(along), max(along), min(across), max(across)
    length, width = high - low, right - left
    a, b = 0.5 * (low + high), 0.5 * (left + right)
    x, y = mean_x + a * ux - b * uy, mean_y + a * uy + b * ux
    if length - width < _DOT_SHARE * width:
        return [(x, y, max(sqrt(area / pi), 0.1), True)], False
    if abs(area - (0.25 * pi * width + length - width) * width) > _DASH_SHARE * area:
        return None
    half = 0.5 * (length - width)
    return [(x - half * ux, y - half * uy, 0.5 * width, True), (x + half * ux, y + half * uy, 0.5 * width, True)], False
