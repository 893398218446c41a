"""One cubic through a stretch of an outline: helpers of the fitter's kernel, here run as they are
written, on points of curves that are known.
"""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels.cubic import KNOTS, TURNS_BACK, control_points, cubic_error, fit_one, fit_two

LIMITS = (0.2, 0.2**2, 1, 1e9, 1e9)  # tolerance, mean of the squared distances, every point, a boundless page


def bezier(points: np.ndarray, t: np.ndarray) -> np.ndarray:
    t = t[:, None]
    return np.asarray((1 - t) ** 3 * points[0] + 3 * (1 - t) ** 2 * t * points[1] + 3 * (1 - t) * t**2 * points[2] + t**3 * points[3])


def laid_out(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and the length along the path, as the fitter's workspace has them."""
    sides = np.hypot(*np.diff(points, axis=0).T)
    return points[:, 0].copy(), points[:, 1].copy(), np.concatenate([[0.0], np.cumsum(sides)])


def outline_of(control: np.ndarray, pace: float = 0.8) -> np.ndarray:
    """Points of a cubic some `pace` pixels apart."""
    fine = bezier(control, np.linspace(0, 1, 4000))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    count = max(int(along[-1] / pace), 12)
    places = np.linspace(0, along[-1], count)
    return np.array([np.interp(places, along, fine[:, 0]), np.interp(places, along, fine[:, 1])]).T


def ends_of(control: np.ndarray) -> tuple[float, ...]:
    """Start, tangent there, tangent at the end, end; both tangents point forward along the path."""
    first, last = control[1] - control[0], control[3] - control[2]
    first, last = first / np.hypot(*first), last / np.hypot(*last)
    return (*control[0].tolist(), *first.tolist(), *last.tolist(), *control[3].tolist())


@st.composite
def gentle_cubics(draw: st.DrawFn) -> np.ndarray:
    """Bends of up to 50 degrees at either end, with handles of about a third of the way: what three
    steps from there come near to.
    """
    chord = draw(st.floats(15, 80))
    out, back = draw(st.floats(-0.9, 0.9)), draw(st.floats(-0.9, 0.9))
    h0, h1 = draw(st.floats(0.28, 0.4)) * chord, draw(st.floats(0.28, 0.4)) * chord
    turn = draw(st.floats(0, 2 * math.pi))
    points = np.array([[0, 0], [h0 * math.cos(out), h0 * math.sin(out)], [chord - h1 * math.cos(back), -h1 * math.sin(back)], [chord, 0]])
    return points @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) + 100


@settings(max_examples=60)
@given(gentle_cubics())
def test_the_points_of_a_cubic_are_fitted_by_that_cubic(control: np.ndarray) -> None:
    points = outline_of(control)
    xs, ys, along = laid_out(points)
    samples, handles, feet, error = fit_one(xs, ys, along, 0, len(points) - 1, ends_of(control), 0, 0, 0.2)
    p1x, p1y, p2x, p2y = control_points(ends_of(control), handles)
    made = np.array([control[0], [p1x, p1y], [p2x, p2y], control[3]])
    fine = bezier(made, np.linspace(0, 1, 4000))
    off = np.sqrt(((points[:, None] - fine[None]) ** 2).sum(2)).min(1)
    assert off.max() < 0.1
    knots = np.zeros(KNOTS)
    checked = cubic_error(xs, ys, along, 0, len(points) - 1, ends_of(control), (samples, handles, feet, error), 0, 0, knots, LIMITS)
    assert checked < 0.1
    assert abs(checked - off.max()) < 0.03  # 1/4000 of the curve's length


@given(gentle_cubics(), st.floats(0.3, 0.9), st.integers(0, 1), st.integers(0, 1))
def test_two_at_once_are_each_as_alone(control: np.ndarray, share: float, free0: int, free1: int) -> None:
    """Bit for bit; and where the ends are corners, too."""
    points = outline_of(control)
    xs, ys, along = laid_out(points)
    far, near = len(points) - 1, max(9, int(share * (len(points) - 1)))
    ends_far = ends_of(control)
    ends_near = (*ends_far[:6], xs[near], ys[near])
    both = fit_two(xs, ys, along, 0, near, far, ends_near, ends_far, free0, 0, free1, 1e9)
    near_alone = fit_one(xs, ys, along, 0, near, ends_near, free0, 0, 1e9)
    far_alone = fit_one(xs, ys, along, 0, far, ends_far, free0, free1, 1e9)
    for ours, alone in ((both[:4], near_alone), (both[4:], far_alone)):
        assert ours[1] == alone[1]  # handles
        assert [v.lanes for v in (*ours[0], *ours[2])] == [v.lanes for v in (*alone[0], *alone[2])]
        assert ours[3] == alone[3]


def test_a_hopeless_fit_is_given_up_early() -> None:
    """A zigzag: after the first steps it is far from the bound, and no more are made."""
    k = np.arange(60.0)
    points = np.array([k, 8 * np.sin(k)]).T
    xs, ys, along = laid_out(points)
    ends = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, xs[59], ys[59])
    early = fit_one(xs, ys, along, 0, 59, ends, 0, 0, 0.05)
    late = fit_one(xs, ys, along, 0, 59, ends, 0, 0, 1e9)
    assert early[3] > 5 * 0.05
    assert early[1] != late[1]


@given(gentle_cubics(), st.floats(0.5, 4))
def test_a_point_off_the_curve_is_seen_and_ends_may_be_left_out(control: np.ndarray, off: float) -> None:
    points = outline_of(control)
    last = len(points) - 1
    xs, ys, along = laid_out(points)
    ends = ends_of(control)
    samples, handles, feet, error = fit_one(xs, ys, along, 0, last, ends, 0, 0, 0.2)

    def checked(at: int, skip: int) -> float:
        """With one point moved across the way, after the fit."""
        moved_x, moved_y = xs.copy(), ys.copy()
        across = np.array([-(ys[at + 1] - ys[at - 1]), xs[at + 1] - xs[at - 1]])
        moved_x[at], moved_y[at] = np.array([xs[at], ys[at]]) + off * across / np.hypot(*across)
        return float(
            cubic_error(moved_x, moved_y, along, 0, last, ends, (samples, handles, feet, error), skip, skip, np.zeros(KNOTS), LIMITS)
        )

    assert checked(last // 2, 0) > LIMITS[0]
    assert checked(1, 2) < LIMITS[0] and checked(last - 1, 2) < LIMITS[0]
    assert checked(2, 0) > LIMITS[0]


def test_few_points_are_near_any_curve_and_far_fits_are_not_asked() -> None:
    control = np.array([[0, 0], [5, 0], [10, 5], [10, 10]], float)
    points = outline_of(control)
    xs, ys, along = laid_out(points)
    ends = ends_of(control)
    samples, handles, feet, _ = fit_one(xs, ys, along, 0, len(points) - 1, ends, 0, 0, 0.2)
    arguments = (xs, ys, along, 0, len(points) - 1, ends, (samples, handles, feet, 7.5))
    assert cubic_error(*arguments, 0, 0, np.zeros(KNOTS), LIMITS) == 7.5
    assert cubic_error(*arguments, 99, 0, np.zeros(KNOTS), LIMITS) == 0.0


def test_a_mean_above_its_limit_is_an_error_in_proportion() -> None:
    """All points a little off, none too far: the curve lies beside the path."""
    control = np.array([[0, 0], [10, 0], [20, 0], [30, 0]], float)
    points = outline_of(control)
    xs, ys, along = laid_out(points)
    ends = ends_of(control)
    samples, handles, feet, error = fit_one(xs, ys, along, 0, len(points) - 1, ends, 0, 0, 0.2)
    beside = ys + 0.15
    limits = (0.2, 0.05**2, 1, 1e9, 1e9)
    found = cubic_error(xs, beside, along, 0, len(points) - 1, ends, (samples, handles, feet, error), 0, 0, np.zeros(KNOTS), limits)
    assert found == pytest.approx(0.2 * 0.15 / 0.05, rel=0.01)


def test_a_curve_that_runs_off_between_two_points_is_refused() -> None:
    """Points on a line, and handles so long that the curve loops beyond its ends."""
    k = np.linspace(0, 30, 40)
    points = np.array([k, 0 * k]).T
    xs, ys, along = laid_out(points)
    ends = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 30.0, 0.0)
    samples, handles, feet, error = fit_one(xs, ys, along, 0, 39, ends, 0, 0, 0.2)
    fine = cubic_error(xs, ys, along, 0, 39, ends, (samples, handles, feet, error), 0, 0, np.zeros(KNOTS), LIMITS)
    assert fine < 1e-6
    looped = cubic_error(xs, ys, along, 0, 39, ends, (samples, (200.0, 0.0, 200.0, 0.0), feet, error), 0, 0, np.zeros(KNOTS), LIMITS)
    assert looped == TURNS_BACK
