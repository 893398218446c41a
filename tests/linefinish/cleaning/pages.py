"""Drawings to be cleaned, as bool arrays, True is ink."""
from __future__ import annotations

import math

import numpy as np


def stroke(page: np.ndarray, x0: float, y0: float, x1: float, y1: float, width: float) -> None:
    """Draw a straight stroke with round ends."""
    left, right = (int(side) for side in np.clip([min(x0, x1) - width, max(x0, x1) + width + 1], 0, page.shape[1]))
    top, bottom = (int(side) for side in np.clip([min(y0, y1) - width, max(y0, y1) + width + 1], 0, page.shape[0]))
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
    page[top:bottom, left:right] |= (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2 <= width * width / 4


def drawing(width: float = 5) -> np.ndarray:
    """A ring, a cross and a hatching of one stroke width."""
    page = np.zeros((300, 300), bool)
    points = [(150 + 120 * math.cos(i * math.pi / 18), 150 + 120 * math.sin(i * math.pi / 18)) for i in range(37)]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        stroke(page, x0, y0, x1, y1, width)
    stroke(page, 80, 150, 220, 150, width)
    stroke(page, 150, 80, 150, 220, width)
    for i in range(4):
        stroke(page, 180 + 4 * width * i / 2, 180, 180 + 4 * width * i / 2, 210, width)
    return page
