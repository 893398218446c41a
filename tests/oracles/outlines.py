"""Plain, slow twins for outlines: what a polygon holds, how far a point is from a curve."""
from __future__ import annotations

import numpy as np


def filled(polygons: list[np.ndarray], width: int, height: int) -> np.ndarray:
    """Even-odd fill at pixel centres, bool (height, width): a crossing to the left of a centre
    flips it.
    """
    ink = np.zeros((height, width), bool)
    centres = np.arange(width) + 0.5
    for polygon in polygons:
        for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            for row in range(height):
                y = row + 0.5
                if (y0 <= y) != (y1 <= y):
                    ink[row] ^= centres > x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    return ink


def signed_area(polygon: np.ndarray) -> float:
    """Shoelace sum; positive for clockwise on the screen (y down)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def sampled_chain(segments: np.ndarray, steps: int = 32) -> np.ndarray:
    """Points along a closed chain of segments (k, 3, 2), lines being cubics whose control points
    repeat their ends.
    """
    starts = np.roll(segments[:, 2], 1, axis=0)
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    pieces = [
        (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end
        for start, (first, second, end) in zip(starts, segments, strict=True)
    ]
    return np.concatenate(pieces)


def distances(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Distance of each point from a closed polygon."""
    start = polygon
    edge = np.roll(polygon, -1, axis=0) - start
    length2 = np.maximum((edge**2).sum(axis=1), 1e-18)
    to_point = points[:, None, :] - start[None]
    t = np.clip((to_point * edge[None]).sum(axis=2) / length2, 0.0, 1.0)
    return np.sqrt(((to_point - t[..., None] * edge[None]) ** 2).sum(axis=2)).min(axis=1)
