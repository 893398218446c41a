"""Plain twins of the thresholding kernels, readable beside the papers. Arrays are (height, width)."""
from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy import ndimage


def otsu_level(gray: np.ndarray) -> int:
    """Otsu 1979: try all levels, take the first with the least variance within both classes."""
    best, best_within = 0, math.inf
    for level in range(256):
        dark, light = gray[gray <= level].astype(float), gray[gray > level].astype(float)
        if dark.size and light.size:
            within = dark.size * dark.var() + light.size * light.var()
            if within < best_within - 1e-6 * max(best_within if best_within < math.inf else 0.0, 1.0):
                best, best_within = level, within
    return best


def variance_between(bins: list[int], level: int) -> Fraction:
    """Otsu 1979, eq. 18, exactly: what a split of a histogram into ≤ level and > level leaves between the classes."""
    dark, light = sum(bins[: level + 1]), sum(bins[level + 1 :])
    if not dark or not light:
        return Fraction(0)
    dark_mean = Fraction(sum(grey * bins[grey] for grey in range(level + 1)), dark)
    light_mean = Fraction(sum(grey * bins[grey] for grey in range(level + 1, len(bins))), light)
    return Fraction(dark * light, (dark + light) ** 2) * (dark_mean - light_mean) ** 2


def local_level(gray: np.ndarray, x: int, y: int, method: str, window: int, k: float) -> float:
    """The threshold at one pixel, from the pixels around it, as the papers write it. The window is cut off at the margin."""
    radius = window // 2
    patch = gray[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1].astype(float)
    mean, deviation = patch.mean(), patch.std()
    if method == "sauvola":
        return mean * (1 + k * (deviation / 128 - 1))
    if method == "wolf":
        darkest, largest = float(gray.min()), deviation_max(gray, window) or 1.0
        return (1 - k) * mean + k * darkest + k * deviation / largest * (mean - darkest)
    if method == "nick":
        return mean + k * math.sqrt(max(((patch**2).sum() - mean**2) / patch.size, 0.0))
    return mean * (1 - k)


def deviation_max(gray: np.ndarray, window: int) -> float:
    radius = window // 2
    height, width = gray.shape
    return max(
        gray[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1].astype(float).std()
        for y in range(height)
        for x in range(width)
    )


def mean_and_variance(gray: np.ndarray, radius: int, e: float) -> tuple[np.ndarray, np.ndarray]:
    """Of the window around each pixel, cut off at the margin: whole sums from an integral image, then f64; e < 0 is 1 / n."""
    height, width = gray.shape
    y0, y1 = np.maximum(np.arange(height) - radius, 0), np.minimum(np.arange(height) + radius + 1, height)
    x0, x1 = np.maximum(np.arange(width) - radius, 0), np.minimum(np.arange(width) + radius + 1, width)

    def windows(values: np.ndarray) -> np.ndarray:
        whole = np.zeros((height + 1, width + 1), np.int64)
        whole[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1)
        return whole[y1][:, x1] - whole[y0][:, x1] - whole[y1][:, x0] + whole[y0][:, x0]

    share = 1.0 / ((y1 - y0)[:, None] * (x1 - x0)[None, :])
    mean = windows(gray.astype(np.int64)) * share
    factor = share if e < 0 else e
    return mean, np.maximum(windows(gray.astype(np.int64) ** 2) * share - factor * mean * mean, 0.0)


def local_ink(gray: np.ndarray, radius: int, a: float, b: float, c: float, d: float, e: float) -> np.ndarray:
    """Grey ≤ (a·m + b) + (c·m + d)·√v, compared as squares that keep their sign; black is ink, white is paper."""
    mean, variance = mean_and_variance(gray, radius, e)
    over, slope = gray - (a * mean + b), c * mean + d
    return ((over * np.abs(over) <= slope * np.abs(slope) * variance) | (gray == 0)) & (gray != 255)


def pool(gray: np.ndarray) -> np.ndarray:
    """Brightest rounded 2 × 2 mean in each 4 × 4 cell; the last row and column repeat to fill the last cells."""
    height, width = gray.shape
    padded = np.pad(gray, ((0, -height % 4), (0, -width % 4)), mode="edge").astype(int)
    means = (padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2] + 2) >> 2
    return np.maximum.reduce([means[::2, ::2], means[1::2, ::2], means[::2, 1::2], means[1::2, 1::2]]).astype(np.uint8)


def closing(cells: np.ndarray, radius: int) -> np.ndarray:
    """Grey closing by a square; what lies beyond the margin does not count."""
    size = 2 * radius + 1
    dilated = ndimage.maximum_filter(cells, size, mode="constant", cval=0)
    return ndimage.minimum_filter(dilated, size, mode="constant", cval=255)


def divided(gray: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """255 · grey / paper, the reciprocal of the paper bilinear between the centres of cells."""
    height, width = gray.shape
    gain = 255.0 / np.maximum(cells, 1)
    rows = np.clip((np.arange(height) + 0.5) / 4 - 0.5, 0, cells.shape[0] - 1)
    columns = np.clip((np.arange(width) + 0.5) / 4 - 0.5, 0, cells.shape[1] - 1)
    r0, c0 = np.floor(rows).astype(int), np.floor(columns).astype(int)
    r1, c1 = np.minimum(r0 + 1, cells.shape[0] - 1), np.minimum(c0 + 1, cells.shape[1] - 1)
    v, u = (rows - r0)[:, None], (columns - c0)[None, :]
    upper = gain[r0][:, c0] * (1 - u) + gain[r0][:, c1] * u
    lower = gain[r1][:, c0] * (1 - u) + gain[r1][:, c1] * u
    return np.minimum(gray * (upper * (1 - v) + lower * v), 255)


def valleys(gray: np.ndarray, faint_level: int, core_min: int, depth: int, reach_max: int) -> np.ndarray:
    """Pixels in a thin grey stroke: paper at least `depth` lighter on both sides, and the stroke goes on along it."""
    height, width = gray.shape

    def at(x: int, y: int) -> int | None:
        return int(gray[y, x]) if 0 <= x < width and 0 <= y < height else None

    def crosses(x: int, y: int, dx: int, dy: int, reach: int) -> bool:
        ends = at(x - dx * reach, y - dy * reach), at(x + dx * reach, y + dy * reach)
        along = at(x - dy, y + dx), at(x + dy, y - dx)
        if None in ends:
            return False
        paper = min(ends)  # type: ignore[type-var]
        if gray[y, x] > paper - depth or any(value is None or value > paper - depth for value in along):
            return False
        core = min(int(gray[y + dy * step, x + dx * step]) for step in range(1 - reach, reach))
        return core >= core_min and 2 * int(gray[y, x]) <= paper + core

    found = np.zeros(gray.shape, bool)
    for y, x in zip(*np.nonzero(gray <= faint_level), strict=True):
        reach = 2
        while reach <= reach_max:
            slant = (3 * reach + 2) // 4
            found[y, x] |= any(
                crosses(x, y, dx, dy, along) for dx, dy, along in ((1, 0, reach), (0, 1, reach), (1, 1, slant), (1, -1, slant))
            )
            reach *= 2
    return found


def small_parts(ink: np.ndarray, area_max: int) -> list[tuple[int, int]]:
    """First pixels (x, y) in reading order of the 8-connected parts of at most area_max pixels."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    firsts = []
    for label in range(1, count + 1):
        ys, xs = np.nonzero(labels == label)
        if len(ys) <= area_max:
            firsts.append((int(xs[0]), int(ys[0])))
    return sorted(firsts, key=lambda first: (first[1], first[0]))
