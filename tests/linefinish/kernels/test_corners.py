"""A path laid out for the fitter, and its corners: helpers of the fitter's kernel, here run as they
are written.
"""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import corners
from linefinish.kernels.corners import PAD, extend, find_corners, measure, soften, unroll

SPREAD2, DEPTH = 0.09**2, 0.81  # those of an error bound of 0.18 px, and a sharpness of 1


def unrolled(polygon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = len(polygon)
    xs, ys = np.zeros(2 * n + 2 * PAD), np.zeros(2 * n + 2 * PAD)
    unroll(np.concatenate([np.zeros(6), polygon.ravel()]), 3, n, xs, ys)
    return xs, ys


def along_polygon(vertices: list[tuple[float, float]], pace: float = 0.8, turn: float = 0.0) -> np.ndarray:
    """Points along the sides, `pace` pixels apart; none at a vertex, where pixels have none."""
    corners_ = np.array(vertices) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = []
    for a, b in zip(corners_, np.roll(corners_, -1, 0), strict=True):
        count = int(np.hypot(*(b - a)) / pace)
        points.append(a + (b - a) * ((np.arange(count) + 0.5) / count)[:, None])
    return np.concatenate(points)


def corners_of(polygon: np.ndarray, depth: float = DEPTH) -> np.ndarray:
    """Apexes, (count, 2)."""
    xs, ys = unrolled(polygon)
    out = np.zeros(5 + 3 * len(polygon))
    count = find_corners(xs, ys, len(polygon), SPREAD2, depth, np.zeros(len(polygon), np.uint8), 0, out, 5)
    assert not out[:5].any()
    found = out[5 : 5 + 3 * count].reshape(-1, 3)
    assert (np.diff(found[:, 0]) > 0).all()
    return found[:, 1:]


@given(st.integers(1, 60), st.integers(0, 99))
def test_unrolled_and_extended_a_path_goes_round(n: int, seed: int) -> None:
    polygon = np.random.default_rng(seed).normal(0, 9, (n, 2))
    xs, ys = unrolled(polygon)
    for k in range(-PAD if n >= PAD else -n, n + min(n, PAD)):
        assert (xs[PAD + k], ys[PAD + k]) == tuple(polygon[k % n])
    extend(xs, ys, n, n)
    for k in range(2 * n):
        assert (xs[PAD + k], ys[PAD + k]) == tuple(polygon[k % n])


@given(st.integers(2, 60), st.integers(0, 99))
def test_measured_it_is_as_long_as_its_sides(n: int, seed: int) -> None:
    polygon = np.random.default_rng(seed).normal(0, 9, (n, 2))
    xs, ys = unrolled(polygon)
    along = np.full(len(xs), np.nan)
    measure(xs, ys, PAD, PAD + n, along)
    sides = np.hypot(*(np.roll(polygon, -1, 0) - polygon).T)
    assert along[PAD : PAD + n + 1] == pytest.approx(np.concatenate([[0], np.cumsum(sides)]))
    assert np.isnan(along[PAD - 1]) and np.isnan(along[PAD + n + 1])


# --- evening midpoints out
# ------------------------------------------------------------


def softened(polygon: np.ndarray) -> np.ndarray:
    xs, ys = unrolled(polygon)
    n = len(polygon)
    soften(xs, ys, n, np.zeros(n, np.uint8), 0, np.zeros(2 * n))
    assert (xs[PAD + n : 2 * PAD + n] == xs[PAD : 2 * PAD]).all() or n < PAD
    return np.array([xs[PAD : PAD + n], ys[PAD : PAD + n]]).T


def test_a_staircase_becomes_nearly_a_line() -> None:
    """The midpoints of a slanted edge's pixels, 1 in 3: up to 0.33 px off, then a tenth."""
    k = np.arange(120)
    edge = np.array([k, np.round(k / 3)], float).T
    there_and_back = np.concatenate([edge, edge[::-1] + np.array([0, 60])])
    middle = softened(there_and_back)[20:100]
    off = middle[:, 1] - middle[:, 0] / 3
    assert np.ptp(edge[20:100, 1] - k[20:100] / 3) > 0.6
    assert np.ptp(off) < 0.12


def test_straight_sides_and_sharp_turns_are_left_alone() -> None:
    square = along_polygon([(0, 0), (40, 0), (40, 40), (0, 40)], 1.0)
    np.testing.assert_allclose(softened(square), square, atol=1e-9)
    short = square[:10]
    np.testing.assert_array_equal(softened(short), short)


def test_a_circle_shrinks_by_little() -> None:
    """A window of 11 points over a radius of 20 px."""
    angles = np.arange(140) * 2 * np.pi / 140
    circle = 20 * np.array([np.cos(angles), np.sin(angles)]).T
    radius = np.hypot(*softened(circle).T)
    assert np.ptp(radius) < 1e-9
    assert 19.9 < radius[0] < 20


# --- corners
# ------------------------------------------------------------


@pytest.mark.parametrize("turn", [0.0, 0.2, 0.7, 1.3])
@pytest.mark.parametrize(
    "vertices",
    [
        [(0, 0), (30, 0), (30, 30), (0, 30)],
        [(0, 0), (40, 5), (12, 33)],
        [(0, 0), (30, 0), (30, 12), (12, 12), (12, 30), (0, 30)],
        [(0, 0), (50, 9), (0, 18)],
    ],
    ids=["square", "triangle", "L", "wedge of 20 degrees"],
)
def test_the_corners_of_a_polygon_are_its_vertices(vertices: list[tuple[float, float]], turn: float) -> None:
    found = corners_of(along_polygon(vertices, turn=turn))
    truth = np.array(vertices) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    assert len(found) == len(truth)
    for vertex in truth:
        assert np.hypot(*(found - vertex).T).min() < 0.05


@pytest.mark.parametrize("radius", [3.0, 5.0, 9.0, 20.0, 80.0])
@pytest.mark.parametrize("phase", [0.0, 0.31])
def test_a_circle_has_none_at_any_radius(radius: float, phase: float) -> None:
    count = int(2 * np.pi * radius / 0.8)
    angles = phase + np.arange(count) * 2 * np.pi / count
    assert len(corners_of(radius * np.array([np.cos(angles), np.sin(angles)]).T)) == 0


def test_less_depth_finds_fainter_corners() -> None:
    """A polygon of twelve sides: turns of 30 degrees."""
    angles = np.arange(12) * np.pi / 6
    sides = along_polygon([(30 * np.cos(a), 30 * np.sin(a)) for a in angles])
    counts = [len(corners_of(sides, depth)) for depth in (3.0, DEPTH, DEPTH / 2)]
    assert counts[0] == 0 and counts == sorted(counts) and counts[2] == 12


def test_a_corner_at_the_paths_seam_is_found_once() -> None:
    square = along_polygon([(0, 0), (30, 0), (30, 30), (0, 30)])
    for shift in range(-4, 5):
        assert len(corners_of(np.roll(square, shift, 0))) == 4


@given(st.integers(0, 200))
def test_noise_below_the_arms_spread_makes_no_corners(seed: int) -> None:
    count = 300
    angles = np.arange(count) * 2 * np.pi / count
    noise = np.random.default_rng(seed).normal(0, 0.03, count)
    assert len(corners_of(((38 + noise) * np.array([np.cos(angles), np.sin(angles)])).T)) == 0


def test_the_least_turn_grows_with_the_depth() -> None:
    """And is at least the tangent of 24 degrees: a gate for speed, not the decision."""
    turns = [corners._least_turn(depth) for depth in (0.01, 0.5, 1.0, 2.0, 4.0, 5.0)]
    assert turns == sorted(turns) and turns[0] == 0.45 and turns[-1] == 1e9
