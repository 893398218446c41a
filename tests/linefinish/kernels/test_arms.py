"""Arms of a branch against the plain way: pair by pair, and piece by piece of the curves."""
from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels import arms, axes
from linefinish.memory import buffers
from tests.oracles import arms as oracle

# Two strokes that cross at about (20, 20), a branch beside them, and the curves of the strokes.
ROWS = [
    [16.0, 20.0, 1.0, 0.0, 0.0, 0.01, 2.0, 2.1, 6.0],
    [20.0, 16.0, 0.0, 1.0, 0.0, 0.0, 1.5, 1.6, 5.0],
    [24.0, 20.5, -1.0, 0.0, 0.0, 0.0, 2.0, 2.0, 4.0],
    [20.5, 24.0, 0.0, -1.0, 0.02, 0.0, 1.5, 1.5, 7.0],
    [26.0, 26.0, -math.sqrt(0.5), -math.sqrt(0.5), 0.0, 0.0, 1.0, 1.0, 3.0],
]
CURVES = [[(16.0, 20.0), (18.0, 20.1), (20.0, 20.2), (24.0, 20.5)], [(20.0, 16.0), (20.2, 20.0), (20.5, 24.0)]]

PLACES = st.floats(0, 40) | st.integers(0, 8).map(float)
ANGLES = st.floats(-4, 4) | st.sampled_from([0.0, math.pi / 2, math.pi])
BENDS = st.floats(-0.05, 0.05) | st.just(0.0)


@st.composite
def rows(draw: Any) -> list[float]:
    """An arm anywhere."""
    angle = draw(ANGLES)
    own = draw(st.floats(0.2, 6))
    return [draw(PLACES), draw(PLACES), math.cos(angle), math.sin(angle), draw(BENDS), draw(BENDS), own, own, 3.0]


def given_arms(made: list[list[float]]) -> tuple[memoryview, int]:
    return buffers.numbers("d", *(number for row in made for number in row)), len(made)


def given_curves(curves: list[list[tuple[float, float]]]) -> tuple[memoryview, memoryview, int]:
    offsets = [0]
    for curve in curves:
        offsets.append(offsets[-1] + len(curve))
    points = buffers.numbers("d", *(number for curve in curves for point in curve for number in point))
    return points, buffers.numbers("q", *offsets), len(curves)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield arms.find_pairs, (*given_arms(ROWS), buffers.zeros(arms.PAIR * 10, "d"), 10)
    yield arms.find_pairs, (*given_arms(ROWS), buffers.zeros(arms.PAIR, "d"), 1)
    met = buffers.zeros(arms.MEETING * len(ROWS), "d")
    yield arms.meet_curves, (*given_curves(CURVES), *given_arms(ROWS), 20.0, 20.0, 16.0, met)
    yield arms.meet_curves, (*given_curves(CURVES), *given_arms(ROWS), 20.0, 20.0, 1.0, met)


def test_an_arm_is_what_axes_tell_of_one() -> None:
    assert all(len(row) == axes.ARM for row in ROWS)


def test_strokes_that_cross_continue_and_a_branch_meets_the_first_of_them() -> None:
    pairs = buffers.zeros(arms.PAIR * 10, "d")
    count = arms.find_pairs(*given_arms(ROWS), pairs, 10)
    assert {(int(pairs[at + 1]), int(pairs[at + 2])) for at in range(0, arms.PAIR * count, arms.PAIR)} == {(0, 2), (1, 3)}
    met = buffers.zeros(arms.MEETING, "d")
    arms.meet_curves(*given_curves(CURVES[:1]), *given_arms(ROWS[4:]), 20.0, 20.0, 16.0, met)
    assert math.dist(met, (20.2, 20.2)) < 0.1


@settings(max_examples=60, deadline=None)
@given(st.lists(rows(), max_size=6), st.integers(0, 4))
def test_pairs_are_those_of_the_plain_way(made: list[list[float]], capacity: int) -> None:
    pairs = buffers.zeros(arms.PAIR * capacity, "d")
    expected = oracle.pairs([oracle.Arm(row) for row in made])
    assert arms.find_pairs(*given_arms(made), pairs, capacity) == len(expected)
    assert pairs.tolist()[: arms.PAIR * len(expected)] == [number for pair in expected[:capacity] for number in pair]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(rows(), max_size=4), st.lists(st.lists(st.tuples(PLACES, PLACES), min_size=2, max_size=6), min_size=1, max_size=3),
    PLACES, PLACES, st.floats(1, 40),
)  # fmt: skip
def test_meetings_are_those_of_the_plain_way(
    made: list[list[float]], curves: list[list[tuple[float, float]]], x: float, y: float, far: float,
) -> None:  # fmt: skip
    met = buffers.zeros(arms.MEETING * len(made), "d")
    assert arms.meet_curves(*given_curves(curves), *given_arms(made), x, y, far, met) == len(made)
    expected = [oracle.onto(oracle.Arm(row), curves, x, y, far) for row in made]
    assert met.tolist() == [number for place in expected for number in place]
