"""Gradients against scipy's and numpy's, and lines where they were drawn."""
from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from linefinish.kernels import straight
from linefinish.memory import buffers
from tests.linefinish.kernels.edges import HEIGHT, WIDTH, gradient, lines_of_corners, sheet

DISTANCE = int(math.hypot(WIDTH, HEIGHT) / 2) + 4


def turns() -> Any:
    return buffers.numbers("d", *(f(math.radians(k / 2)) for k in range(straight.DIRECTIONS) for f in (math.cos, math.sin)))


def voted(rgb: np.ndarray) -> tuple[tuple[Any, ...], Any]:
    size, x, y, kept, median, histogram = gradient(rgb)
    counts, scratch, out = (buffers.zeros(straight.DIRECTIONS * 2 * DISTANCE, code) for code in "iff")
    told = buffers.numbers("d", WIDTH, HEIGHT, DISTANCE, median)
    return (size, x, y, kept, told, turns(), histogram, counts, scratch, out), out


def peaked(votes: Any) -> tuple[tuple[Any, ...], Any]:
    lines = buffers.zeros(3 * 12, "d")
    heights, places = buffers.zeros(straight.DIRECTIONS, "d"), buffers.zeros(straight.DIRECTIONS + straight.SECTORS, "q")
    return (votes, DISTANCE, 12, heights, places, lines), lines


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    rgb = sheet()
    n = WIDTH * HEIGHT
    told = [buffers.zeros(n, "f") for _ in range(3)]
    scratch = buffers.zeros(3 * straight.ROWS * WIDTH, "f")
    yield straight.gradient, (rgb.tobytes(), WIDTH, HEIGHT, scratch, *(buffers.zeros(n, "f") for _ in range(3)))
    straight.gradient(rgb.tobytes(), WIDTH, HEIGHT, scratch, *told)
    yield straight.crests, (*told, WIDTH, HEIGHT, buffers.zeros(straight.BINS, "q"), buffers.zeros(n, "B"))
    arguments, _ = voted(rgb)
    yield straight.votes, arguments
    again, out = voted(rgb)
    straight.votes(*again)
    yield straight.peaks, peaked(out)[0]


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(5, 30), st.integers(5, 30))
def test_the_gradient_is_that_of_three_channels_as_one(seed: int, width: int, height: int) -> None:
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    size, x, y, kept, median, _ = gradient(rgb)
    smooth = gaussian_filter(rgb.astype(float), (1, 1, 0), mode="nearest", radius=4)
    gy, gx = np.gradient(smooth, axis=(0, 1))
    tensor = np.array([[(gx * gx).sum(2), (gx * gy).sum(2)], [(gx * gy).sum(2), (gy * gy).sum(2)]]).transpose(2, 3, 0, 1)
    values, vectors = np.linalg.eigh(tensor)
    found = np.asarray(size).reshape(height, width)
    assert np.allclose(found, np.sqrt(np.maximum(values[..., 1], 0)), atol=0.02)
    along = np.stack([np.asarray(x), np.asarray(y)], -1).reshape(height, width, 2)
    clear = (values[..., 1] > 1.01 * values[..., 0] + 0.01) & (np.asarray(kept).reshape(height, width) > 0)
    assert (abs((along * vectors[..., 1]).sum(2))[clear] > 0.999).all()
    assert abs(median - np.median(found)) < 1 / 32 + np.ptp(np.sort(found.ravel())[[found.size // 2 - 1, found.size // 2]])
    # a crest is as high as its neighbours along the gradient
    for r, c in np.argwhere(np.asarray(kept).reshape(height, width)):
        dx, dy = (math.floor(v + 0.5) for v in along[r, c])
        assert found[r, c] >= found[r + dy, c + dx] and found[r, c] > found[r - dy, c - dx]


def test_the_four_longest_lines_are_the_sides() -> None:
    arguments, votes = voted(sheet())
    assert straight.votes(*arguments) > 100
    told, lines = peaked(votes)
    count = straight.peaks(*told)
    assert count >= 4
    strongest = [(lines[3 * k + 2], lines[3 * k] / 2, lines[3 * k + 1]) for k in range(count)]
    assert strongest == sorted(strongest, key=lambda line: -line[0])
    for a, b, c in lines_of_corners():
        angle, distance = math.degrees(math.atan2(b, a)), -c
        near = [
            abs(sign * distance - r) for _, t, r in strongest[:8] for sign, turned in ((1, angle), (-1, angle + 180))
            if abs((t - turned + 180) % 360 - 180) < 2.5
        ]  # fmt: skip
        assert min(near, default=99.0) < 2.5
