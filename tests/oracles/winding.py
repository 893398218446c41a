"""The winding number of a pixel centre, plainly: cross every segment of the drawing with the
centre's row.

Lines are crossed in rational arithmetic, so the half-open rule is exact. Cubics are cut into many
chords first, so a pixel within `MARGIN_PX` of a cubic may come out either way; `edge_distance`
tells how close one is.
"""
from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np

from linefinish.data.document import UNITS_PER_PX, Document

CHORDS = 400


def polylines(document: Document) -> list[list[tuple[float, float, float, float]]]:
    """Each chain as its lines and chords (x0, y0, x1, y1), in units."""
    segments = np.asarray(document.segments, "f8").reshape(-1, 3, 2) if document.segment_count else np.zeros((0, 3, 2))
    chains = []
    for begin, end in zip(document.offsets[:-1], document.offsets[1:], strict=True):
        start, lines = segments[end - 1, 2], []
        for k in range(begin, end):
            c1, c2, stop = segments[k]
            t = np.linspace(0, 1, CHORDS + 1 if document.kinds[k] else 2)[:, None]
            if document.kinds[k]:
                points = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * c1 + 3 * (1 - t) * t * t * c2 + t**3 * stop
            else:
                points = np.array([start, stop])
            points[0], points[-1] = start, stop
            lines += [(*a, *b) for a, b in zip(points[:-1].tolist(), points[1:].tolist(), strict=True)]
            start = stop
        chains.append(lines)
    return chains


def windings(document: Document, width: int, height: int, exact: bool) -> np.ndarray:
    """Winding number at each pixel centre of a bitmap onto which the page is stretched, i64
    (height, width).
    """
    cast = Fraction if exact else float
    across, down = cast(width) / document.width / UNITS_PER_PX, cast(height) / document.height / UNITS_PER_PX
    found = np.zeros((height, width + 1), "i8")
    half = cast(1) / 2
    for chain in polylines(document):
        for x0, y0, x1, y1 in chain:
            ax, ay, bx, by = cast(x0) * across, cast(y0) * down, cast(x1) * across, cast(y1) * down
            turn = 1 if ay <= by else -1
            if turn < 0:
                ax, ay, bx, by = bx, by, ax, ay
            for row in range(max(0, ceil(ay - half)), min(height, ceil(by - half))):
                x = ax + (row + half - ay) * (bx - ax) / (by - ay)
                column = max(0, ceil(x - half))
                if column < width:
                    found[row, column] += turn
    return found[:, :width].cumsum(axis=1)


def edge_distance(document: Document, width: int, height: int, pixels: np.ndarray) -> np.ndarray:
    """How far the centres of pixels (n, 2: row, column) lie from the nearest edge, in pixels of the
    bitmap.
    """
    across, down = width / document.width / UNITS_PER_PX, height / document.height / UNITS_PER_PX
    lines = np.array([line for chain in polylines(document) for line in chain]).reshape(-1, 4) * [across, down, across, down]
    distances = np.full(len(pixels), np.inf)
    for i, (row, column) in enumerate(pixels):
        point = np.array([column + 0.5, row + 0.5])
        a, b = lines[:, :2], lines[:, 2:]
        along = b - a
        length = np.maximum((along**2).sum(1), 1e-30)
        t = np.clip(((point - a) * along).sum(1) / length, 0, 1)[:, None]
        if len(lines):
            distances[i] = np.sqrt(((a + t * along - point) ** 2).sum(1).min())
    return distances
