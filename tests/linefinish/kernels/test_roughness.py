"""The wobble of an outline, against the paper's filter by scipy, and against wobble that was put
in.
"""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import roughness as kernel
from linefinish.memory import buffers


def measured(polygons: list[np.ndarray], step: int = 1, histogram: Any = None) -> float:
    points = np.concatenate([*polygons, np.zeros((0, 2))])
    offsets = np.cumsum([0, *map(len, polygons)])
    bins = buffers.zeros(kernel.BINS, "q") if histogram is None else histogram
    return float(kernel.roughness(array("d", points.ravel()), array("q", offsets.tolist()), len(polygons), step, bins))


def circle(count: int, radius: float, wobble: np.ndarray | float = 0.0) -> np.ndarray:
    angles = np.arange(count) * 2 * np.pi / count
    return ((radius + wobble) * np.array([np.cos(angles), np.sin(angles)])).T + 100


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: a rough ring, a smooth one, one that is too short, asked at several steps."""
    noise = np.random.default_rng(1).normal(0, 0.2, 90)
    points = np.concatenate([circle(90, 14, noise), circle(60, 9), circle(20, 3)])
    for step in (1, 3, 1000):
        yield kernel.roughness, (array("d", points.ravel()), array("q", [0, 90, 150, 170]), 3, step, buffers.zeros(kernel.BINS, "q"))


def by_scipy(polygon: np.ndarray, step: int) -> np.ndarray:
    """Distances across the way from a quadratic through 11 points, of every step-th point."""
    from scipy.signal import savgol_filter  # slow to import, and every test process reads this file

    smooth = savgol_filter(polygon, 2 * kernel.HALF + 1, 2, axis=0, mode="wrap")
    tangent = np.roll(polygon, -3, 0) - np.roll(polygon, 3, 0)
    off = polygon - smooth
    across = abs(off[:, 0] * tangent[:, 1] - off[:, 1] * tangent[:, 0]) / np.hypot(*tangent.T)
    return np.asarray(across[::step])


@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([1, 2, 7]))
def test_it_is_the_median_distance_from_the_smoothed_outline(seed: int, count: int, step: int) -> None:
    draw = np.random.default_rng(seed)
    polygons = []
    for _ in range(count):
        n = int(draw.integers(kernel.POINTS_MIN, 200))
        polygons.append(circle(n, n / 6, draw.normal(0, 0.15, n)))
    distances = np.concatenate([by_scipy(polygon, step) for polygon in polygons])
    bins = np.minimum((distances * kernel.BINS_PER_PX).astype(int), kernel.BINS - 1)
    middle = np.sort(bins)[(len(bins) - 1) // 2]
    # A distance on the border of two bins may fall into either.
    assert abs(measured(polygons, step) - (middle + 0.5) / kernel.BINS_PER_PX) <= 1.01 / kernel.BINS_PER_PX


def test_more_wobble_is_rougher() -> None:
    noise = np.random.default_rng(3).normal(0, 1, 600)
    found = [measured([circle(600, 95, sigma * noise)]) for sigma in (0, 0.02, 0.05, 0.1, 0.2)]
    assert found == sorted(found) and found[0] < 0.002 < found[1]
    # Of Gaussian noise, the median distance is 0.6745 sigma, less what the filter takes along.
    assert found[3] == pytest.approx(0.1 * 0.6745 * (1 - 89 / 429) ** 0.5, rel=0.15)


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.1])
def test_straight_edges_are_smooth_at_any_angle(turn: float) -> None:
    """But for the corners, which are few."""
    side = np.linspace(0, 80, 100, endpoint=False)
    near, far = np.zeros(100), np.full(100, 80.0)
    square = np.concatenate([np.array(one).T for one in ((side, near), (far, side), (80 - side, far), (near, 80 - side))])
    turned = square @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    assert measured([turned]) == 0.5 / kernel.BINS_PER_PX


def test_short_paths_tell_nothing() -> None:
    noise = np.random.default_rng(3).normal(0, 1, kernel.POINTS_MIN - 1)
    assert measured([circle(kernel.POINTS_MIN - 1, 6, noise)]) == 0.0
    assert measured([]) == 0.0
    assert measured([circle(kernel.POINTS_MIN, 6, np.append(noise, 0))]) > 0.1


def test_points_that_coincide_are_passed_over() -> None:
    assert measured([np.full((50, 2), 7.0)]) == 0.0


def test_further_calls_give_the_median_over_all_so_far() -> None:
    noise = np.random.default_rng(4).normal(0, 0.3, 300)
    rough, smooth = circle(300, 48, noise), circle(500, 80)
    bins = buffers.zeros(kernel.BINS, "q")
    assert measured([rough], 1, bins) == measured([rough])
    assert measured([smooth], 1, bins) == measured([rough, smooth]) < measured([rough])
