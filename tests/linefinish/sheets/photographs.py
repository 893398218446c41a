"""Small photographs of a sheet of paper whose corners are known, and pictures with no sheet in
them.
"""
from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter


def homography(corners: np.ndarray) -> np.ndarray:
    """From the unit square to four corners, by the eight linear equations themselves."""
    rows, right = [], []
    for (u, v), (x, y) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(right, float)), 1).reshape(3, 3)


def drawing(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """1 where there is ink: rings and a bar, in a sheet's own coordinates, 0 to 1."""
    r = np.hypot(u - 0.5, v - 0.45)
    return ((abs(r - 0.2) < 0.012) | (abs(r - 0.1) < 0.02) | ((abs(v - 0.82) < 0.01) & (abs(u - 0.5) < 0.3))).astype(float)


def corners_of(seed: int, width: int = 600, height: int = 800) -> np.ndarray:
    """Four corners as a tilted camera sees a sheet, turned by up to 8°."""
    draw = np.random.default_rng([seed, 1])
    half = np.array([0.36 * width, 0.38 * height])
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    square = square * (1 + draw.uniform(-0.12, 0.12) * square[:, 1:] / half[1])
    a = np.radians(draw.uniform(-8, 8))
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return np.asarray(square @ turn.T + [width / 2, height / 2] + draw.uniform(-12, 12, 2))


def photograph(seed: int, corners: np.ndarray | None = None, *, width: int = 600, height: int = 800, paper: float = 236.0,
               grain: float = 0.05) -> np.ndarray:  # fmt: skip
    """u8 (height, width, 3): a sheet on a brown desk with grain, uneven light, blur and noise."""
    draw = np.random.default_rng([seed, 2])
    corners = corners_of(seed, width, height) if corners is None else corners
    times = 2
    y, x = np.mgrid[0 : height * times, 0 : width * times]
    back = np.linalg.inv(homography(corners))
    px, py = (x + 0.5) / times, (y + 0.5) / times
    depth = back[2, 0] * px + back[2, 1] * py + back[2, 2]
    u, v = ((back[i, 0] * px + back[i, 1] * py + back[i, 2]) / depth for i in range(2))
    streaks = gaussian_filter(draw.standard_normal((len(u), width * times // 20 + 1)), (2, 2)).repeat(20, 1)[:, : width * times]
    ground = np.array([150.0, 105.0, 66.0]) * (1 + grain * streaks / streaks.std())[..., None]
    ink = drawing(u, v)[..., None]
    sheet = np.array([1.0, 0.99, 0.97]) * (paper * (1 - ink) + 30 * ink)
    rgb = np.where(((u >= 0) & (u <= 1) & (v >= 0) & (v <= 1))[..., None], sheet, ground)
    rgb = rgb.reshape(height, times, width, times, 3).mean((1, 3))
    light = 1 - 0.25 * np.linspace(0, 1, width)[None, :, None] * draw.uniform(0, 1)
    rgb = gaussian_filter(rgb * light, (0.6, 0.6, 0)) + draw.normal(0, 1.5, rgb.shape)
    return np.clip(rgb + 0.5, 0, 255).astype(np.uint8)


def generated(seed: int, width: int = 600, height: int = 800, *, frame: bool = False, panel: bool = False) -> np.ndarray:
    """u8 (height, width, 3): a drawing as a page of its own, with a double frame, or as a white
    panel in black.
    """
    y, x = np.mgrid[0:height, 0:width]
    gray = 255 * (1 - drawing((x + 0.5) / width, (y + 0.5) / height))
    inset = 20 + seed % 30
    edge = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    if frame:
        gray[(abs(edge - inset) < 4) | (abs(edge - inset - 14) < 2)] = 0
    if panel:
        gray[edge < inset] = 0
    return np.repeat(gray[..., None], 3, 2).astype(np.uint8)


def corner_error(found: object, corners: np.ndarray) -> float:
    """Mean distance of four corners from the true ones, as a share of the sheet's diagonal."""
    off = np.linalg.norm(np.array(found) - corners, axis=1).mean()
    return float(off / np.linalg.norm(corners[0] - corners[2]))


def scanned(paper: float, lid: float, *, frame: bool = False, width: int = 1100, height: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """u8 (height, width): a sheet turned by 10° under a scanner's lid, whose shadow is narrow at
    two sides; with a double frame near its edge. And its corners.
    """
    half = np.array([0.36 * width, 0.37 * height])
    turn = np.radians(10.0)
    y, x = (np.mgrid[0 : 2 * height, 0 : 2 * width] + 0.5) / 2 - np.array([height / 2, width / 2])[:, None, None]
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    beside = np.hypot(np.maximum(abs(u - 1.8) - half[0], 0), np.maximum(abs(v - 2.4) - half[1], 0))
    far = np.maximum(abs(u) - half[0], abs(v) - half[1])
    page = np.where(far <= 0, paper, lid * (1 - 0.22 * np.exp(-beside / 4.1)))
    if frame:
        page[(abs(far + 28) < 3.5) | (abs(far + 43) < 1.5)] = 32
    page = gaussian_filter(page.reshape(height, 2, width, 2).mean((1, 3)), 0.5)
    page += np.random.default_rng(1).normal(0, 1, page.shape)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ back.T + [width / 2, height / 2]
    return np.clip(page + 0.5, 0, 255).astype(np.uint8), corners
