"""The middle between two outlines, the slow way: distances to all of them, sampled densely."""
from __future__ import annotations

import numpy as np

from linefinish.data.geometry import Curves


def from_segment(x: np.ndarray, y: np.ndarray, x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    """The distance of each pixel from a straight line between two points."""
    dx, dy = x1 - x0, y1 - y0
    share = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
    return np.hypot(x - x0 - share * dx, y - y0 - share * dy)


def sampled(curves: Curves, step: float) -> np.ndarray:
    """Points of all outlines, (n, 2), no farther apart than about `step`."""
    points = []
    for begin, end in zip(curves.offsets[:-1], curves.offsets[1:]):
        segments = curves.segments_array()[begin:end]
        start = segments[-1, 2]
        for first, second, last in segments:
            count = int(np.abs(np.diff([start, first, second, last], axis=0)).sum() / step) + 2
            t = np.linspace(0, 1, count)[:, None]
            points.append((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * last)
            start = last
    return np.vstack(points)


def two_sides(edges: np.ndarray, x: float, y: float) -> tuple[float, float]:
    """How far the nearest edge is, and the nearest one in the half plane opposite it."""
    away = edges - (x, y)
    far = np.hypot(*away.T)
    nearest = int(far.argmin())
    opposite = away @ away[nearest] < 0
    return float(far[nearest]), float(far[opposite].min())
