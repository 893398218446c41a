"""Drawings on paper, and the ink that is truly there."""
from __future__ import annotations

import numpy as np


def page(height: int = 260, width: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Ink coverage 0 … 1 of a ring, a bar and a slanted line with soft edges, and a large solid;
    and where it is over a half.
    """
    ys, xs = np.mgrid[:height, :width] + 0.5
    ring = 4 - abs(np.hypot(xs - 100, ys - 110) - 60)
    line = 3 - abs(xs * 0.6 + ys * 0.8 - 180)
    solid = np.minimum(np.minimum(xs - 210.3, 285.7 - xs), np.minimum(ys - 30.4, 150.2 - ys))
    coverage = np.clip(np.maximum(np.maximum(ring, line), solid) + 0.5, 0, 1)
    return coverage, coverage > 0.5


def as_gray(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
