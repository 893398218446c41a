"""Each compiled function of lanes gives the bits of its interpreted twin."""
from __future__ import annotations

from typing import Any

import pytest

from linefinish.kernels import _lanes
from tests.linefinish.kernels.twins import compiled, interpreted

BYTES = ("min64", "max64", "add64", "sub64", "mean64", "xor64")
EXPRESSIONS = {
    "load64": "store64(out8, 3, load64(a, 70))",
    **{name: f"store64(out8, 0, {name}(load64(a, 0), load64(b, 0)))" for name in BYTES},
    "at_most64": "at_most64(load64(a, 0), load64(b, 0)) >> 1",  # 63 bits: what JSON and i64 hold
    "eights_at_most64": "eights_at_most64(load64(a, 64), load64(b, 64))",
    "where64": "store64(out8, 0, where64(at_most64(load64(a, 9), load64(b, 9)), load64(a, 0), load64(b, 0)))",
    "sum64": "sum64(load64(a, 100))",
    "fill64": "store64(out8, 0, fill64(-3)) + store64(out8, 64, fill64(515))",
    "across64": "store64(out8, 0, across64(a, 5, 17))",
    "bit64": "bit64(load64(a, 0), 3) >> 1",
    "load8 of i32": "store8(out_i, 1, load8(i, 3))",
    "load8 of f32": "store8(out_f, 1, load8(x, 3))",
    "signed8": "store8(out_i, 0, signed8(a, 11))",
    "bytes8": "store8(out_i, 0, bytes8(a, 11))",
    "store_bytes8": "store_bytes8(out8, 2, load8(i, 0)) + store_bytes8(out8, 10, load8(i, 8))",
    "words8": "store8(out_i, 0, words8(a, 60, shift8(load8(i, 0), 27)))",
    "byte8": "store8(out_i, 0, byte8(load8(i, 0), 3)) + store8(out_i, 8, byte8(load8(i, 0), 0))",
    "greatest8": "greatest8(load8(i, 0)) + greatest8(signed8(a, 11))",
    "steps8": "store8(out_i, 0, steps8(-7, 3)) + store8(out_i, 8, steps8(12345678901, -98765432101))",
    "shift8": "store8(out_i, 0, shift8(load8(i, 0), 5)) + store8(out_i, 8, shift8(load8(i, 0), 31))",
    "ints8": "store8(out_i, 0, ints8(-7)) + store8(out_i, 8, ints8(12345678901))",
    "floats8": "store8(out_f, 0, floats8(d[5])) + store8(out_f, 8, floats8(0.1))",
    "as_floats8": "store8(out_f, 0, as_floats8(load8(i, 0)))",
    **{f"{name} of i32": f"store8(out_i, 0, {name}(load8(i, 0), load8(j, 0)))" for name in ("add8", "sub8", "mul8")},
    **{f"{name} of f32": f"store8(out_f, 8, {name}(load8(x, 8), load8(y, 8)))" for name in ("add8", "sub8", "mul8")},
    "abs8": "store8(out_f, 0, abs8(load8(x, 0)))",
    "sqrt8": "store8(out_f, 0, sqrt8(abs8(load8(x, 0))))",
    "negative8": "negative8(load8(x, 0)) + 256 * negative8(load8(y, 8))",
    "at_most8": "at_most8(load8(x, 0), load8(y, 0)) + 256 * at_most8(load8(x, 8), load8(y, 8))",
}


@pytest.fixture(scope="module")
def by_numba() -> dict[str, list[Any]]:
    return compiled("_lanes", EXPRESSIONS)


def test_every_function_has_a_case() -> None:
    functions = {name for name in vars(_lanes) if name.endswith(("8", "64")) and not name.startswith("_")}
    cased = {name for name in functions if any(f"{name}(" in expression for expression in EXPRESSIONS.values())}
    assert functions - cased == set()
    assert len(functions) > 25


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_twins_agree(name: str, by_numba: dict[str, list[Any]]) -> None:
    assert by_numba[name] == interpreted(vars(_lanes), EXPRESSIONS[name])


def test_the_jit_checks_both_ends_of_what_is_loaded() -> None:
    with pytest.raises(AssertionError, match="IndexError"):
        compiled("_lanes", {"beyond": "store64(out8, 0, load64(a, 137))"})
