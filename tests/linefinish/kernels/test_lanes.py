"""64 bytes or eight numbers at once, as they are interpreted, against numpy."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from linefinish.kernels import _lanes as lanes

bytes64 = hnp.arrays(np.uint8, 64)
ints8 = hnp.arrays(np.int32, 8)
floats8 = hnp.arrays(np.float32, 8, elements=st.floats(-(2.0**60), 2.0**60, width=32))


def as_bits(flags: Any) -> int:
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def of(values: np.ndarray) -> Any:
    """A buffer's items as a value."""
    return (lanes.load64 if values.dtype == np.uint8 else lanes.load8)([0, *values.tolist()], 1)


@given(bytes64, st.integers(0, 9))
def test_bytes_are_loaded_and_stored(a: np.ndarray, at: int) -> None:
    room = bytearray(80)
    assert lanes.store64(room, at, of(a)) == 0
    assert room == bytes(at) + a.tobytes() + bytes(16 - at)


@given(bytes64, bytes64, st.integers(-(2**40), 2**40), st.integers(0, 2**64 - 1), st.integers(0, 7))
def test_bytes(a: np.ndarray, b: np.ndarray, number: int, bits: int, bit: int) -> None:
    wide_a, wide_b = a.astype(int), b.astype(int)
    assert lanes.fill64(number) == (number % 256,) * 64
    assert np.array_equal(lanes.min64(of(a), of(b)), np.minimum(a, b))
    assert np.array_equal(lanes.max64(of(a), of(b)), np.maximum(a, b))
    assert np.array_equal(lanes.add64(of(a), of(b)), np.clip(wide_a + wide_b, 0, 255))
    assert np.array_equal(lanes.sub64(of(a), of(b)), np.clip(wide_a - wide_b, 0, 255))
    assert np.array_equal(lanes.mean64(of(a), of(b)), (wide_a + wide_b) // 2)
    assert np.array_equal(lanes.xor64(of(a), of(b)), a ^ b)
    assert lanes.at_most64(of(a), of(b)) == as_bits(a <= b)
    assert lanes.eights_at_most64(of(a), of(b)) == as_bits((a <= b).reshape(8, 8).any(axis=1))
    chosen = np.array([bits >> i & 1 for i in range(64)], bool)
    assert np.array_equal(lanes.where64(bits, of(a), of(b)), np.where(chosen, a, b))
    assert lanes.sum64(of(a)) == wide_a.sum()
    assert lanes.bit64(of(a), bit) == as_bits(a >> bit & 1)


@given(st.integers(8, 30), st.integers(0, 20), st.data())
def test_eight_rows_of_eight_bytes_are_transposed(step: int, at: int, data: st.DataObject) -> None:
    buffer = data.draw(hnp.arrays(np.uint8, at + 7 * step + 8))
    rows = np.array([buffer[at + step * row : at + step * row + 8] for row in range(8)])
    assert np.array_equal(lanes.across64(buffer.tolist(), at, step), rows.T.ravel())


@given(ints8, ints8, st.integers(-(2**40), 2**40), st.integers(0, 31))
def test_whole_numbers(a: np.ndarray, b: np.ndarray, number: int, bits: int) -> None:
    with np.errstate(over="ignore"):
        assert np.array_equal(lanes.add8(of(a), of(b)), a + b)
        assert np.array_equal(lanes.sub8(of(a), of(b)), a - b)
        assert np.array_equal(lanes.mul8(of(a), of(b)), a * b)
    assert np.array_equal(lanes.shift8(of(a), bits), a >> bits)
    assert np.array_equal(lanes.ints8(number), np.full(8, number).astype(np.int32))
    assert np.array_equal(lanes.as_floats8(of(a)), a.astype(np.float32))
    assert np.array_equal(lanes.byte8(of(a), bits >> 3), a.view(np.uint8).reshape(8, 4)[:, bits >> 3])
    assert lanes.greatest8(of(a)) == a.max()
    assert np.array_equal(lanes.steps8(number, bits), (number + bits * np.arange(8)).astype(np.int32))
    room = [0] * 10
    assert lanes.store8(room, 2, of(a)) == 0
    assert room == [0, 0, *a.tolist()]
    narrow = bytearray(8)
    assert lanes.store_bytes8(narrow, 0, of(a)) == 0
    assert np.array_equal(narrow, np.clip(a, 0, 255))


@given(bytes64)
def test_bytes_as_whole_numbers(a: np.ndarray) -> None:
    assert np.array_equal(lanes.signed8(a.tolist(), 5), a[5:13].view(np.int8))
    assert np.array_equal(lanes.bytes8(a.tolist(), 5), a[5:13])


@given(bytes64, hnp.arrays(np.int32, 8, elements=st.integers(-20, 35)))
def test_four_bytes_at_each_of_eight_places(a: np.ndarray, places: np.ndarray) -> None:
    words = np.lib.stride_tricks.sliding_window_view(a, 4)[25 + places]
    assert np.array_equal(lanes.words8(a.tolist(), 25, of(places)), np.ascontiguousarray(words).view("<i4").ravel())


@given(floats8, floats8, st.floats(-1e30, 1e30))
def test_floats_are_rounded_after_each_operation(a: np.ndarray, b: np.ndarray, number: float) -> None:
    with np.errstate(all="ignore"):
        for ours, theirs in ((lanes.add8, a + b), (lanes.sub8, a - b)):
            assert np.array_equal(ours(of(a), of(b)), theirs)
        assert np.array_equal(lanes.mul8(of(a / 2**32), of(b / 2**32)), (a / 2**32) * (b / 2**32))
    assert np.array_equal(lanes.floats8(number), np.full(8, number, np.float32))
    assert np.array_equal(lanes.abs8(of(a)), abs(a))
    assert np.array_equal(lanes.sqrt8(of(abs(a))), np.sqrt(abs(a)))
    assert lanes.negative8(of(a)) == as_bits(np.signbit(a))
    assert lanes.at_most8(of(a), of(b)) == as_bits(a <= b)


@pytest.mark.parametrize("value", [0.0, -0.0])
def test_a_zero_has_a_sign(value: float) -> None:
    assert lanes.negative8((value,) * 8) == (255 if np.signbit(value) else 0)
