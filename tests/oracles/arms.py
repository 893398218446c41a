"""Arms that continue each other, and where they meet curves, arm by arm and piece by piece."""
from __future__ import annotations

from math import sqrt

import numpy as np

Point = tuple[float, float]


class Arm:
    """A row of `axes.find_arms`."""

    def __init__(self, row: list[float]) -> None:
        self.x, self.y, self.dx, self.dy, self.bend_x, self.bend_y, self.own, self.radius, self.cut = row

    def at(self, way: float) -> tuple[float, float]:
        """The place so far on."""
        half = 0.5 * way * way
        return self.x + way * self.dx + half * self.bend_x, self.y + way * self.dy + half * self.bend_y

    def direction(self, way: float) -> tuple[float, float]:
        """The unit direction there."""
        dx, dy = self.dx + way * self.bend_x, self.dy + way * self.bend_y
        norm = max(sqrt(dx * dx + dy * dy), 1e-9)
        return dx / norm, dy / norm

    def along(self, x: float, y: float) -> float:
        """How far on a place is."""
        return (x - self.x) * self.dx + (y - self.y) * self.dy


def fit(one: Arm, two: Arm) -> tuple[float, float]:
    """How well two arms continue each other: the cosine of the angle between them half way, and how
    far apart they are there.
    """
    half = 0.5 * sqrt((two.x - one.x) * (two.x - one.x) + (two.y - one.y) * (two.y - one.y))
    (ax, ay), (bx, by) = one.direction(half), two.direction(half)
    (px, py), (qx, qy) = one.at(half), two.at(half)
    return -(ax * bx + ay * by), sqrt((px - qx) * (px - qx) + (py - qy) * (py - qy))


def pairs(arms: list[Arm]) -> list[tuple[float, int, int]]:
    """Arms that continue each other: how well, and their numbers."""
    found = []
    for p, one in enumerate(arms):
        for q in range(p + 1, len(arms)):
            two = arms[q]
            cosine, off = fit(one, two)
            far = sqrt((two.x - one.x) * (two.x - one.x) + (two.y - one.y) * (two.y - one.y))
            ahead = one.along(two.x, two.y) / max(far, 1e-9)
            thick = max(one.own, two.own)
            if cosine > 0.9135 and ahead > 0.8 and off < 0.8 * thick + 0.5 + 0.1 * far:
                found.append((0.1 * off / max(one.own, 0.5) - cosine, p, q))
    return found


def onto(arm: Arm, curves: list[list[Point]], x: float, y: float, far: float) -> tuple[float, float]:
    """Where an arm meets one of the curves; if none, their point that is nearest to its cut."""
    best: tuple[float, float, float] | None = None
    for curve in curves:
        way = arm.along(x, y)
        hit: tuple[float, float, float] | None = None
        for _ in range(3):
            (px, py), (dx, dy) = arm.at(way), arm.direction(way)
            hit = None
            for (ax, ay), (bx, by) in zip(curve, curve[1:]):
                ux, uy = bx - ax, by - ay
                det = ux * dy - uy * dx
                if abs(det) < 1e-9:
                    continue
                share = ((px - ax) * dy - (py - ay) * dx) / det
                if -0.3 <= share <= 1.3:
                    to_x, to_y = ax + share * ux, ay + share * uy
                    more = (to_x - px) * dx + (to_y - py) * dy
                    if hit is None or abs(more) < abs(hit[0]):
                        hit = more, to_x, to_y
            if hit is None:
                break
            way += hit[0]
        if hit is not None and (best is None or abs(way) < abs(best[0])):
            best = way, hit[1], hit[2]
    if best is None or not -3.0 <= best[0] <= far:
        best = min(
            ((px - arm.x) * (px - arm.x) + (py - arm.y) * (py - arm.y), px, py) for curve in curves for px, py in curve
        )  # fmt: skip
    return best[1], best[2]


def foretold(atoms: np.ndarray, part: float) -> list[float]:
    """The arm that a chain's first atoms (n, 5) tell of, by numpy's polynomials."""
    x, y, radii, facing, along = atoms.T
    way = np.abs(along - along[0])
    n, length = len(atoms), way[-1]
    low = min(1.5 * radii[0] + 1.0, 0.5 * length)
    high = min(low + max(6.0, 8.0 * middle(radii)), min(part + 0.1, 0.95) * length)
    i = next((i for i in range(n - 1) if way[i] >= low), n - 1)
    j = next((j for j in range(i, n) if way[j] > high), n)
    base = own = middle(radii[i:j]) if j > i else middle(radii)
    taper = 0.0
    if j - i >= 6:
        taper, base = np.polyfit(way[i] - way[i:j], radii[i:j], 1)
        taper = float(np.clip(taper, -0.1, 0.1))
        if abs(base - own) > 0.3 * own:
            base, taper = own, 0.0
    top, least = part * length, min(0.6 * radii[0], 0.5 * length)
    wide = 1.006 * (base + taper * np.maximum(way[i] - way, -3.0 * own)) + 0.05
    k = next((k for k in range(n - 1) if way[k] >= least and radii[k] <= wide[k] and facing[k] >= 0.7), n - 1)
    if k >= n - 1 or way[k] > top:
        k = next((k for k in range(n - 1) if way[k] >= min(top, radii[0])), n - 1)
    target = min(way[k] + 0.5 * own, max(top, way[k]))
    while k < n - 2 and way[k] < target:
        k += 1
    fat = 1.006 * (base + taper * (way[i] - way[k])) + 0.05
    m = k
    while m < n - 1 and way[m] < way[k] + max(12.0, 3.0 * own) and way[m] <= 0.92 * length:
        m += 1
    if m - k < 2:
        m = min(n - 1, k + 2)
        k = max(0, m - 2)
    far = way[m] - way[k]
    degree = 1 if m - k < 7 or far < 6.0 else 2 if m - k < 9 or far < 9.0 else 3
    back = way[k] - way[k : m + 1]
    fits = [[*np.polyfit(back, values[k : m + 1], degree)[::-1], 0.0, 0.0][:4] for values in (x, y)]
    place, slope, bend, turn = np.array(fits).T * np.array([1.0, 1.0, 2.0, 6.0])[:, None]
    norm = max(float(np.hypot(*slope)), 1e-9)
    kept = min(max(1.0 + float(turn @ bend) / max(float(bend @ bend), 1e-18) * way[k] / (3.0 * norm), 0.0), 1.0)
    bend = bend * kept / norm**2
    bend /= max(float(np.hypot(*bend)) / 0.08, 1.0)
    return [*place, *(slope / norm), *bend, own, min(radii[k], fat), float(k)]


def middle(values: np.ndarray) -> float:
    """The middle one of values, of which every so many-th is looked at beyond 63."""
    some = values[:: (len(values) + 62) // 63]
    return float(np.sort(some)[len(some) // 2])
