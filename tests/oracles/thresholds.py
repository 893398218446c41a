"""Plain twins of the thresholding kernels, readable beside the papers. Arrays are
(height, width).
"""
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
    """Otsu 1979, eq. 18, exactly: what a split of a histogram into ≤ level and > level leaves
    between the classes.
    """
    dark, light = sum(bins[: level + 1]), sum(bins[level + 1 :])
    if not dark or not light:
        return Fraction(0)
    dark_mean = Fraction(sum(grey * bins[grey] for grey in range(level + 1)), dark)
    light_mean = Fraction(sum(grey * bins[grey] for grey in range(level + 1, len(bins))), light)
    return Fraction(dark * light, (dark + light) ** 2) * (dark_mean - light_mean) ** 2


def local_level(gray: np.ndarray, x: int, y: int, method: str, window: int, k: float) -> float:
    """The threshold at one pixel, from the pixels around it, as the papers write it. The window is
    cut off at the margin.
    """
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
    """Of the window around each pixel, cut off at the margin: whole sums from an integral image,
    then f64; e < 0 is 1 / n.
    """
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
    """Grey ≤ (a·m + b) + (c·m + d)·√v, compared as squares that keep their sign; black is ink,
    white is paper.
    """
    mean, variance = mean_and_variance(gray, radius, e)
    over, slope = gray - (a * mean + b), c * mean + d
    return ((over * np.abs(over) <= slope * np.abs(slope) * variance) | (gray == 0)) & (gray != 255)


def pool(gray: np.ndarray) -> np.ndarray:
    """Brightest rounded 2 × 2 mean in each 4 × 4 cell; the last row and column repeat to fill the
    last cells.
    """
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


# The eight neighbours of a pixel, one after the other.
ROUND = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))


def valleys(gray: np.ndarray, faint_level: int, core_min: int, depth: int, reach_max: int) -> np.ndarray:
    """Pixels in a thin grey stroke: paper at least `depth` lighter on both sides, and the stroke
    goes on along it.
    """
    height, width = gray.shape

    def at(x: int, y: int) -> int | None:
        return int(gray[y, x]) if 0 <= x < width and 0 <= y < height else None

    def crosses(x: int, y: int, dx: int, dy: int, before: int, after: int) -> bool:
        ends = at(x - dx * before, y - dy * before), at(x + dx * after, y + dy * after)
        if None in ends:
            return False
        paper = min(ends)  # type: ignore[type-var]
        if gray[y, x] > paper - depth:
            return False
        round_it = [at(x + ux, y + uy) for ux, uy in ROUND]
        may_bend = int(gray[y, x]) >= core_min and all(value is None or value >= core_min for value in round_it)
        for ux, uy in ((-dy, dx), (dy, -dx)):
            # Ahead: the neighbour in that direction, and the two beside it on the way round the
            # pixel.
            turn = ROUND.index((ux, uy))
            ahead = [round_it[k % 8] for k in ((turn - 1, turn, turn + 1) if may_bend else (turn,))]
            if all(value is None or value > paper - depth for value in ahead):
                return False
        core = min(int(gray[y + dy * step, x + dx * step]) for step in range(1 - before, after))
        return core >= core_min and 2 * int(gray[y, x]) <= paper + core

    def slanted(reach: int) -> int:
        return (3 * reach + 2) // 4

    reaches = [(1, 1), (1, 2), (2, 1), (2, 2), *((2**k, 2**k) for k in range(2, 10) if 2**k <= reach_max)]
    found = np.zeros(gray.shape, bool)
    for y, x in zip(*np.nonzero(gray <= faint_level), strict=True):
        for before, after in reaches:
            found[y, x] |= crosses(x, y, 1, 0, before, after) or crosses(x, y, 0, 1, before, after)
            found[y, x] |= any(crosses(x, y, 1, dy, slanted(before), slanted(after)) for dy in (1, -1))
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


def shadows(cells: np.ndarray, floor: int, tones: np.ndarray | None = None) -> np.ndarray:
    """Cells below the floor that paper reaches in gentle steps over gentle ground, if they hang
    together with the border of the page.
    """
    grey = cells.astype(int)
    lit = grey >= floor if tones is None else (grey >= floor) | (tones > 0)
    span = ndimage.maximum_filter(grey, 3, mode="nearest") - ndimage.minimum_filter(grey, 3, mode="nearest")
    grown = lit.copy()
    front = list(zip(*np.nonzero(grown), strict=True))
    while front:
        y, x = front.pop()
        for dx, dy in ROUND:
            v, u = y + dy, x + dx
            inside = 0 <= v < grey.shape[0] and 0 <= u < grey.shape[1]
            if not inside or grown[v, u] or 256 * grey[v, u] < 36 * floor or span[v, u] > 48:
                continue
            if grey[y, x] - grey[v, u] <= 24:
                grown[v, u] = True
                front.append((v, u))
    labels, _ = ndimage.label(grown & ~lit, np.ones((3, 3)))
    border = {*labels[0], *labels[-1], *labels[:, 0], *labels[:, -1]} - {0}
    return np.isin(labels, list(border))


# --- fills
# ------------------------------------------------------------


def as_cells(gray: np.ndarray) -> list[list[np.ndarray]]:
    """The pixels of each cell of 4 × 4."""
    return [[gray[y : y + 4, x : x + 4] for x in range(0, gray.shape[1], 4)] for y in range(0, gray.shape[0], 4)]


def flat_cells(
    gray: np.ndarray, pooled: np.ndarray, closed: np.ndarray, floor: int, range_max: int, pale_range_max: int,
    apart_from: int = 0, apart_max: int = 255,
) -> np.ndarray:  # fmt: skip
    """The mean of each cell whose pixels are alike and that is dark, or pale and darker than the
    paper around it; else 0. From the mean apart_from on, pixels differ by apart_max 128ths of it.
    """

    def tone(patch: np.ndarray, cell: int, paper: int) -> int:
        least, most = int(patch.min()), int(patch.max())
        allowed = range_max if cell < floor else pale_range_max
        asked = cell < floor or (pale_range_max >= 0 and 8 * cell < 7 * paper)
        flat = asked and most - least <= allowed and 16 * least >= 5 * most
        mean = max(int(patch.sum(dtype=int)) // patch.size, 1)
        alike = mean < apart_from or min((most - least) * 128 // mean, 255) <= apart_max
        return mean if flat and alike else 0

    rows = zip(as_cells(gray), pooled.astype(int), closed.astype(int), strict=True)
    return np.array([[tone(*cell) for cell in zip(*row, strict=True)] for row in rows], np.uint8)


def areas(tones: np.ndarray, lightest_ink: int, cells_min: int) -> np.ndarray:
    """Tones above a grey that hang together over neighbours of nearly their tone, in enough cells,
    else 0.
    """
    kept, seen = np.zeros_like(tones), tones <= lightest_ink
    for start in zip(*np.nonzero(~seen), strict=True):
        if seen[start]:
            continue
        seen[start], together = True, [start]
        for y, x in together:
            for dy, dx in ROUND:
                v, u = y + dy, x + dx
                inside = 0 <= v < tones.shape[0] and 0 <= u < tones.shape[1]
                if inside and not seen[v, u] and abs(int(tones[v, u]) - int(tones[y, x])) <= 14:
                    seen[v, u] = True
                    together.append((v, u))
        if len(together) >= cells_min:
            for place in together:
                kept[place] = tones[place]
    return kept


def without_strokes(tones: np.ndarray, gray: np.ndarray, lightest_ink: int, floor: int, radius: int) -> np.ndarray:
    """`tones` without dark pieces that an opening by a square removes, along at least half of whose
    edges, cell by cell, are neither ink nor what the opening leaves.
    """
    square, ring = np.ones((2 * radius + 1, 2 * radius + 1)), np.ones((3, 3), int)
    filled = tones > 0
    broad = ndimage.binary_dilation(ndimage.binary_erosion(filled, square), square)
    padded = np.full((4 * tones.shape[0], 4 * tones.shape[1]), 255)
    padded[: gray.shape[0], : gray.shape[1]] = gray
    inked = padded.reshape(tones.shape[0], 4, tones.shape[1], 4).min((1, 3)) <= lightest_ink
    labels, count = ndimage.label(filled & ~broad, ring)
    kept = tones.copy()
    for piece in (labels == label for label in range(1, count + 1)):
        beside, unmarked = (
            int((ndimage.convolve(cells.astype(int), ring, mode="constant") * piece).sum()) for cells in (broad | ~filled, ~filled & ~inked)
        )
        if tones[piece].sum() < floor * piece.sum() and 2 * unmarked >= beside:
            kept[piece] = 0
    return kept


def steps(cells: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """Cells within two of a fill or of papers that differ by a tenth."""
    most = ndimage.maximum_filter(cells, 3, mode="nearest").astype(int)
    least = ndimage.minimum_filter(cells, 3, mode="nearest").astype(int)
    return ndimage.binary_dilation((tones > 0) | (256 * (most - least) > 26 * most), np.ones((5, 5)))


def translated(gray: np.ndarray, marks: np.ndarray, table: np.ndarray, out: np.ndarray) -> np.ndarray:
    """By the table where the cell is marked, as it is elsewhere."""
    return np.where(enlarged(marks, gray.shape) > 0, table[gray], out)


def enlarged(cells: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Each cell as 4 × 4 pixels."""
    return np.kron(cells, np.ones((4, 4), cells.dtype))[: shape[0], : shape[1]]


def of_one_gray(gray: np.ndarray) -> np.ndarray:
    """Pixels in a square of 2 × 2 of one grey, give or take four of their own."""
    found = np.zeros(gray.shape, bool)
    for y, x in np.ndindex(gray.shape):
        for dy, dx in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            if 0 <= y + dy < gray.shape[0] and 0 <= x + dx < gray.shape[1]:
                others = (gray[y, x + dx], gray[y + dy, x], gray[y + dy, x + dx])
                found[y, x] |= all(abs(int(other) - int(gray[y, x])) <= 4 for other in others)
    return found


def near_ink(gray: np.ndarray, cells: np.ndarray, near: np.ndarray) -> np.ndarray:
    """1 for paper, 2 for what is within three pixels of ink, 0 where nobody looks."""
    limit = enlarged(ndimage.minimum_filter(cells, 5, mode="nearest").astype(int) * 154 >> 8, gray.shape)
    lit = enlarged(ndimage.maximum_filter(cells, 5, mode="nearest").astype(int) * 7 >> 3, gray.shape)
    looked_at = enlarged(near, gray.shape) > 0
    ink = np.zeros(gray.shape, bool)
    for y, x in zip(*np.nonzero(looked_at & (gray < limit)), strict=True):
        ink[y, x] = (gray[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] < limit[y, x]).sum() >= 3
    around = np.zeros(gray.shape, bool)
    for y, x in zip(*np.nonzero(ink), strict=True):
        patch = slice(max(y - 3, 0), y + 4), slice(max(x - 3, 0), x + 4)
        around[patch] |= gray[patch] < lit[y, x]
    return (looked_at * (1 + around)).astype(np.uint8)


def on_line(ink: np.ndarray, x: int, y: int, run: int) -> bool:
    """Whether ink goes on from (x, y) for `run` steps towards two points of a square's rim that
    face each other, give or take two.
    """
    span = range(-4, 4)
    rim = [(4, k) for k in span] + [(-k, 4) for k in span] + [(-4, -k) for k in span] + [(k, -4) for k in span]
    height, width = ink.shape

    def goes(dx: int, dy: int) -> bool:
        places = [(x + (dx * step + 2) // 4, y + (dy * step + 2) // 4) for step in range(1, run + 1)]
        return all(not (0 <= u < width and 0 <= v < height) or ink[v, u] for u, v in places)

    ways = [goes(*way) for way in rim]
    return any(ways[k] and ways[(k + 16 + bend) % 32] for k in range(32) for bend in range(-2, 3))


def without_fused(
    ink: np.ndarray, dots: list[tuple[int, int]], marked: list[bool], steps: list[int], tolerance: int, radius2: int, run: int,
    area_min: int,
) -> np.ndarray:
    """The ink without dots that touch lines: see remove_fused. Dots and steps in sixteenths of a
    pixel.
    """
    out = ink.copy()
    rows, columns = np.indices(ink.shape)
    for (dot_x, dot_y), mark in zip(dots, marked, strict=True):
        for dx, dy in ((steps[0], steps[1]), (-steps[0], -steps[1]), (steps[2], steps[3]), (-steps[2], -steps[3])) if mark else ():
            x, y = dot_x + dx, dot_y + dy
            if any((u - x) ** 2 + (v - y) ** 2 <= tolerance**2 for u, v in dots):
                continue
            disc = (columns - ((x + 8) >> 4)) ** 2 + (rows - ((y + 8) >> 4)) ** 2 <= radius2
            if (ink & disc).sum() >= area_min:
                for v, u in zip(*np.nonzero(ink & disc), strict=True):
                    if not on_line(ink, int(u), int(v), run):
                        out[v, u] = False
    return out
