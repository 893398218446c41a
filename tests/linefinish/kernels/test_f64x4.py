"""Four numbers side by side, as they are interpreted, lane by lane."""
from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels._f64x4 import greater, lane, largest, lesser, pack, splat, total

numbers = st.floats(-1e150, 1e150)
fours = st.tuples(numbers, numbers, numbers, numbers)
OPERATIONS = (operator.add, operator.sub, operator.mul, operator.truediv)


def values(v: Any) -> list[float]:
    return [lane(v, 0), lane(v, 1), lane(v, 2), lane(v, 3)]


@given(fours, fours)
def test_between_two_of_them(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    nonzero = [y or 1.0 for y in b]
    for operation in OPERATIONS:
        assert values(operation(pack(*a), pack(*nonzero))) == [operation(x, y) for x, y in zip(a, nonzero, strict=True)]
    assert values(lesser(pack(*a), pack(*b))) == np.minimum(a, b).tolist()
    assert values(greater(pack(*a), pack(*b))) == np.maximum(a, b).tolist()


@given(fours, numbers)
def test_between_one_of_them_and_a_number(a: tuple[float, ...], number: float) -> None:
    divisors = [x or 1.0 for x in a]
    for operation in OPERATIONS:
        assert values(operation(number, pack(*divisors))) == [operation(number, x) for x in divisors]
        assert values(operation(pack(*a), number or 1.0)) == [operation(x, number or 1.0) for x in a]
    assert values(splat(number)) == [number] * 4


@given(fours)
def test_lanes_are_added_in_one_fixed_order(a: tuple[float, ...]) -> None:
    assert total(pack(*a)) == (a[0] + a[2]) + (a[1] + a[3])
    assert largest(pack(*a)) == max(a)


def test_the_order_shows() -> None:
    """Of numbers that rounding tells apart."""
    assert total(pack(1.0, 1e16, -1.0, -1e16)) == 0.0
    assert total(pack(1e16, 1.0, -1e16, 1.0)) == 2.0


@pytest.mark.parametrize(("chosen", "wanted"), [(lesser, [2.0, 1.0]), (greater, [2.0, 3.0])])
def test_where_neither_is_less_the_second_counts(chosen: Any, wanted: list[float]) -> None:
    made = chosen(pack(float("nan"), 1.0, 0.0, -0.0), pack(2.0, 3.0, -0.0, 0.0))
    assert values(made)[:2] == wanted
    assert [np.signbit(value) for value in values(made)[2:]] == [True, False]
