"""A light sheet on a dark ground, small, and what the kernels that find sheets make of it."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from linefinish.kernels import quads, straight
from linefinish.memory import buffers

WIDTH, HEIGHT = 72, 60
REACH = int(math.hypot(WIDTH, HEIGHT) / 2) + 1
# Corners in pixels, clockwise from the upper left.
CORNERS = ((14.3, 10.2), (60.6, 13.1), (57.4, 50.7), (11.2, 47.9))


def sheet(light: float = 220.0, dark: float = 60.0) -> np.ndarray:
    """u8 (HEIGHT, WIDTH, 3), each pixel by the share of it that lies within the corners."""
    y, x = (np.mgrid[0 : 8 * HEIGHT, 0 : 8 * WIDTH] + 0.5) / 8
    inside = np.ones(x.shape, bool)
    for (ax, ay), (bx, by) in zip(CORNERS, (*CORNERS[1:], CORNERS[0]), strict=True):
        inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
    share = inside.reshape(HEIGHT, 8, WIDTH, 8).mean((1, 3))
    rgb = dark + (light - dark) * share[..., None] * [1.0, 0.98, 0.95]
    return np.asarray(np.clip(rgb + 0.5, 0, 255).astype(np.uint8))


def gradient(rgb: np.ndarray) -> tuple[Any, ...]:
    """Size, x, y, crests and median of the gradient, and the histogram."""
    height, width = rgb.shape[:2]
    n = width * height
    size, x, y = (buffers.zeros(n, "f") for _ in range(3))
    kept, histogram = buffers.zeros(n, "B"), buffers.zeros(straight.BINS, "q")
    straight.gradient(rgb.tobytes(), width, height, buffers.zeros(3 * straight.ROWS * width, "f"), size, x, y)
    median = straight.crests(size, x, y, width, height, histogram, kept)
    return size, x, y, kept, median, histogram


def lines_of_corners() -> list[tuple[float, float, float]]:
    """The four sides as a x + b y + c = 0 about the picture's middle."""
    found = []
    for (ax, ay), (bx, by) in zip(CORNERS, (*CORNERS[1:], CORNERS[0]), strict=True):
        length = math.hypot(bx - ax, by - ay)
        a, b = (by - ay) / length, -(bx - ax) / length
        found.append((a, b, -(a * (ax - WIDTH / 2) + b * (ay - HEIGHT / 2))))
    return found


BORDERS = [(1.0, 0.0, WIDTH / 2), (1.0, 0.0, -WIDTH / 2), (0.0, 1.0, HEIGHT / 2), (0.0, 1.0, -HEIGHT / 2)]


def supported(rgb: np.ndarray, lines: list[tuple[float, float, float]]) -> tuple[Any, ...]:
    """Lines, running sums of edges and of what is inside, and what is told of the picture."""
    size, x, y, kept, median, _ = gradient(rgb)
    flat = buffers.numbers("d", *(number for line in lines for number in line))
    picture = buffers.numbers("d", WIDTH, HEIGHT, REACH, median)
    edges, inside = (buffers.zeros((2 * REACH + 2) * len(lines), "i") for _ in range(2))
    quads.supports(flat, len(lines), size, x, y, kept, picture, edges, inside)
    return flat, edges, inside, picture
