"""Casts and operations on words: as two's complement says, and the compiled twins alike."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import _casts
from linefinish.kernels._casts import bit_reverse, byte_swap, f64, i64, leading_zeros, popcount, trailing_zeros, u64
from tests.linefinish.kernels.twins import compiled, interpreted

words = st.one_of(st.sampled_from([0, 1, 2**63, 2**64 - 1]), st.integers(0, 2**64 - 1))
# As kernels write them: whatever can leave 64 bits is cast.
WORDS = (
    "u64(0)", "u64(1)", "u64(u64(i[0]) << u64(5))", "u64(~u64(0))", "u64(u64(a[3]) * u64(2654435761))", "u64(u64(1) << u64(63))",
    "u64(i[5])", "u64(u64(3) - u64(5))",
)  # fmt: skip


@given(st.integers(-(2**70), 2**70))
def test_integers_are_taken_modulo_two_to_the_64(value: int) -> None:
    assert u64(value) == value % 2**64
    assert i64(value) == (value + 2**63) % 2**64 - 2**63
    assert i64(u64(value)) == i64(value) and u64(i64(value)) == u64(value)


@given(st.floats(-(2.0**62), 2.0**62))
def test_floats_are_cut_towards_zero(value: float) -> None:
    assert i64(value) == int(value)
    assert f64(int(value)) == float(int(value)) and isinstance(f64(3), float)


@given(words)
def test_operations_on_words(word: int) -> None:
    bits = f"{word:064b}"
    assert popcount(word) == bits.count("1")
    assert leading_zeros(word) == len(bits) - len(bits.lstrip("0"))
    assert trailing_zeros(word) == len(bits) - len(bits.rstrip("0"))
    assert bit_reverse(word) == int(bits[::-1], 2)
    assert byte_swap(word) == int.from_bytes(word.to_bytes(8, "little"), "big")
    assert bit_reverse(bit_reverse(word)) == byte_swap(byte_swap(word)) == word


def test_the_word_nought() -> None:
    assert (popcount(0), leading_zeros(0), trailing_zeros(0)) == (0, 64, 64)


# Words leave as halves, since what a test's function returns is an i64.
BODIES = {f"{name} of {word}": f"{name}({word})" for word in WORDS for name in ("popcount", "leading_zeros", "trailing_zeros", "i64")}
for name in ("bit_reverse", "byte_swap", "u64"):
    for word in WORDS:
        BODIES[f"{name} of {word}"] = f"w = {name}({word}); out_i[0] = i64(w >> u64(33)); i64(w & u64(8589934591))"
BODIES |= {"i64 of floats": "i64(d[9]) * 1000 + i64(-d[10])", "f64": "f64(i64(7)) / f64(i64(2))"}


@pytest.fixture(scope="module")
def by_numba() -> dict[str, list[Any]]:
    return compiled("_casts", BODIES)


@pytest.mark.parametrize("name", BODIES)
def test_twins_agree(name: str, by_numba: dict[str, list[Any]]) -> None:
    assert by_numba[name] == interpreted(vars(_casts), BODIES[name])
