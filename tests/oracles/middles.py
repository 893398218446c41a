"""The middle between two outlines, the slow way: distances to all of them, sampled densely."""
from __future__ import annotations

import math

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


def feet(pieces: np.ndarray, x: float, y: float, tx: float, ty: float) -> tuple[int, int]:
    """The pieces that face (x, y) whose places are nearest to it, left and right of a direction,
    of all pieces; -1 for none.
    """
    ax, ay, px, py, reach = pieces[:, 0] - x, pieces[:, 1] - y, pieces[:, 2], pieces[:, 3], 1.05 * pieces[:, 4]
    behind = ax * py - ay * px
    faces = (behind > 0) & (behind * behind > 0.2 * 0.2 * (ax * ax + ay * ay))
    along = np.clip(-(ax * px + ay * py), -reach, reach)
    ax, ay = ax + along * px, ay + along * py
    far2, is_left = ax * ax + ay * ay, tx * ay - ty * ax < 0
    sides = [np.where(faces & side, far2, np.inf) for side in (is_left, ~is_left)]
    left, right = (int(side.argmin()) if side.min() < np.inf else -1 for side in sides)
    return left, right


def foot(piece: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """From (x, y) to the place on a piece that is nearest to it, and its distance."""
    ax, ay, px, py, reach = float(piece[0]) - x, float(piece[1]) - y, float(piece[2]), float(piece[3]), 1.05 * float(piece[4])
    along = min(max(-(ax * px + ay * py), -reach), reach)
    ax, ay = ax + along * px, ay + along * py
    return ax, ay, max(math.sqrt(ax * ax + ay * ay), 1e-9)


def atoms(pieces: np.ndarray, track: list[list[int]], closed: bool) -> list[tuple[float, float, float, float]]:
    """x, y, radius and facing of a chain's atoms, each from all pieces."""
    n, made = len(track), []
    for i in range(n):
        half = min(3, (n - 1) // 2) if closed else min(3, i, n - 1 - i)
        around = [track[k % n] for k in range(i - half, i + half + 1)]
        share = 1.0 / len(around)
        x, y = sum(px for px, _ in around) * share + 0.5, sum(py for _, py in around) * share + 0.5
        a, b = (i - 3, i + 3) if not closed or n <= 3 else ((i - 3) % n, (i + 3) % n)
        (ax, ay), (bx, by) = track[max(a, 0)], track[min(b, n - 1)]
        norm = math.sqrt((bx - ax) ** 2 + (by - ay) ** 2)
        tx, ty = ((bx - ax) / norm, (by - ay) / norm) if norm else (1.0, 0.0)
        radius, facing = 0.5, -1.0
        for _ in range(4):
            left, right = feet(pieces, x, y, tx, ty)
            if left < 0 or right < 0:
                facing = -1.0
                break
            (lx, ly, to_left), (rx, ry, to_right) = foot(pieces[left], x, y), foot(pieces[right], x, y)
            radius = 0.5 * (to_left + to_right)
            facing = -(lx * rx + ly * ry) / (to_left * to_right)
            ux, uy = lx / to_left - rx / to_right, ly / to_left - ry / to_right
            norm = math.sqrt(ux * ux + uy * uy)
            if norm < 0.3:
                break
            way = min(max((to_left - to_right) / max(norm, 0.5), -0.75 * radius), 0.75 * radius)
            ux, uy = ux / norm, uy / norm
            x, y = x + way * ux, y + way * uy
            turned = 1.0 if ux * ty - uy * tx > 0.0 else -1.0
            tx, ty = -turned * uy, turned * ux
            if abs(way) < 0.002:
                break
        made.append((x, y, radius, facing))
    return made
