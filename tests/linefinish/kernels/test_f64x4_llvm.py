"""Each compiled function of four numbers gives the bits of its interpreted twin."""
from __future__ import annotations

from typing import Any

import pytest

from linefinish.kernels import _f64x4
from tests.linefinish.kernels.twins import compiled, interpreted

A, B = "pack(d[0], d[1], d[2], d[3])", "pack(e[0], e[1], e[2], e[3])"  # noughts, equals, what overflows
C, D = "pack(d[8], d[9], d[10], d[11])", "pack(e[8], e[9], e[10], e[11])"
VALUES = {
    "pack": C, "splat": "splat(d[5])",
    "+": f"{C} + {D}", "-": f"{C} - {D}", "*": f"{C} * {D}", "/": f"{C} / {D}", "* that overflows": f"{A} * {A}",
    "number +": f"d[6] + {C}", "number -": f"d[6] - {C}", "number *": f"d[6] * {C}", "number /": f"d[6] / {C}",
    "+ number": f"{C} + d[6]", "- number": f"{C} - d[6]", "* number": f"{C} * d[6]", "/ number": f"{C} / d[6]",
    "lesser": f"lesser({C}, {D})", "greater": f"greater({C}, {D})", "lesser of equals": f"lesser({A}, {B})",
    "greater of equals": f"greater({A}, {B})",
}  # fmt: skip
BODIES = {
    **{name: "; ".join([f"v = {value}", *(f"out_d[{k}] = lane(v, {k})" for k in range(4)), "0"]) for name, value in VALUES.items()},
    "total": f"total({C})",
    "largest": f"largest({D})",
    "in one expression": f"total(lesser(greater(({C} - {D}) / {D}, splat(-2.0)), 2.0 * {C} + 1.0))",
}


@pytest.fixture(scope="module")
def by_numba() -> dict[str, list[Any]]:
    return compiled("_f64x4", {**BODIES, "/ 0": f"v = {A} / {B}; out_d[0] = lane(v, 0); 0"})


@pytest.mark.parametrize("name", BODIES)
def test_twins_agree(name: str, by_numba: dict[str, list[Any]]) -> None:
    assert by_numba[name] == interpreted(vars(_f64x4), BODIES[name])


def test_machine_code_divides_by_nought_as_ieee_754_says(by_numba: dict[str, list[Any]]) -> None:
    """0 / −0 is no number; the interpreter raises, and kernels do not divide by 0."""
    bits = by_numba["/ 0"][4][0]
    assert bits & 0x7FF0_0000_0000_0000 == 0x7FF0_0000_0000_0000 and bits & 0xF_FFFF_FFFF_FFFF
    with pytest.raises(ZeroDivisionError):
        interpreted(vars(_f64x4), f"total({A} / {B})")
