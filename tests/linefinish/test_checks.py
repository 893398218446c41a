"""What comes in: sizes, buffers and arrays, each refused in a sentence that says what was found."""
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from linefinish import ImageShapeError, checks
from linefinish.checks import SIDE_PX_MAX, bitmap_array, buffer, gray_array, same_size, size


@given(st.integers(-3, SIDE_PX_MAX + 3), st.integers(-3, SIDE_PX_MAX + 3))
def test_a_side_has_one_to_a_million_pixels(width: int, height: int) -> None:
    if 1 <= width <= SIDE_PX_MAX and 1 <= height <= SIDE_PX_MAX:
        size(width, height)
        return
    with pytest.raises(ImageShapeError, match=f"the image is {width} × {height} pixels; "):
        size(width, height)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (SIDE_PX_MAX, 1), (1, SIDE_PX_MAX)])
def test_the_borders_of_a_size(width: int, height: int) -> None:
    size(width, height)
    with pytest.raises(ImageShapeError, match="a side may have 1,000,000 at most"):
        size(width + SIDE_PX_MAX, height)
    with pytest.raises(ImageShapeError, match="it needs at least one"):
        size(0, height)


@pytest.mark.parametrize("make", [bytes, bytearray, lambda n: memoryview(bytes(n)), lambda n: np.zeros(n, np.uint8)])
def test_a_buffer_of_the_size_that_is_needed(make: Any) -> None:
    buffer(make(24), 24, "it")
    buffer(make(0), 0, "it")
    for wrong in (23, 25, 0):
        with pytest.raises(ImageShapeError, match=f"it must be one contiguous block of 24 bytes; it has {wrong}"):
            buffer(make(wrong), 24, "it")


def test_bytes_are_counted_and_not_items_and_gaps_are_refused() -> None:
    buffer(np.zeros(3, np.float64), 24, "it")
    with pytest.raises(ImageShapeError, match="contiguous"):
        buffer(np.zeros(48, np.uint8)[::2], 24, "it")
    with pytest.raises(TypeError):
        buffer([1, 2, 3], 3, "it")


@given(hnp.arrays(st.sampled_from([np.uint8, np.bool_]), hnp.array_shapes(min_dims=2, max_dims=2)))
def test_grey_arrays_are_handed_through(array: np.ndarray) -> None:
    assert gray_array(array) is array


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2)))
def test_bitmap_arrays_are_handed_through(array: np.ndarray) -> None:
    assert bitmap_array(array) is array


@pytest.mark.parametrize("check", [gray_array, bitmap_array])
@pytest.mark.parametrize("shape", [(), (4,), (4, 4, 1), (4, 4, 3)])
def test_other_shapes_are_refused(check: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageShapeError) as caught:
        check(np.zeros(shape, bool))
    assert str(caught.value).endswith(f"has the shape (height, width); this one has {shape}")


@pytest.mark.parametrize("kind", ["uint16", "int8", "int64", "float32", "complex128", "object"])
def test_other_types_are_refused(kind: str) -> None:
    with pytest.raises(ImageShapeError, match=rf"holds uint8 or bool; this one holds {kind} \(read_gray\(\) converts others\)"):
        gray_array(np.zeros((2, 2), kind))
    for other in (kind, "uint8"):
        with pytest.raises(ImageShapeError, match=f"holds bool, True for ink; this one holds {other}"):
            bitmap_array(np.zeros((2, 2), other))


@pytest.mark.parametrize("check", [gray_array, bitmap_array])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, SIDE_PX_MAX + 1)])
def test_empty_and_absurd_arrays_are_refused(check: Any, shape: tuple[int, int]) -> None:
    with pytest.raises(ImageShapeError, match=f"the image is {shape[1]} × {shape[0]} pixels"):
        check(np.zeros(shape, bool))


def test_greys_have_the_size_of_their_bitmap() -> None:
    page = SimpleNamespace(width=3, height=4)
    same_size(page, SimpleNamespace(width=3, height=4))
    with pytest.raises(ImageShapeError, match="the bitmap has 3 × 4 pixels and its greys 4 × 3; they must agree"):
        same_size(SimpleNamespace(width=4, height=3), page)


def test_flat_buffers_take_their_type_or_plain_bytes() -> None:
    for made in (np.arange(3, dtype=np.int64), np.arange(3, dtype=np.int64).tobytes(), memoryview(bytes(24)).cast("q")):
        view = checks.flat(made, 3, checks.OFFSETS, "it")
        assert (view.format, len(view)) == ("q", 3)
    assert len(checks.flat(b"", 0, checks.NUMBERS, "it")) == 0
    for wrong in (np.zeros(3), np.zeros(6, np.int32), np.zeros(3, ">i8")):
        with pytest.raises(ImageShapeError, match=r"it holds items of the type .*; it takes int64"):
            checks.flat(wrong, 3, checks.OFFSETS, "it")
    with pytest.raises(ImageShapeError, match="it is a list; it takes a buffer"):
        checks.flat([1, 2, 3], 3, checks.OFFSETS, "it")


@given(st.lists(st.integers(-3, 9), min_size=1, max_size=6))
def test_offsets_begin_at_0_and_rise(values: list[int]) -> None:
    if values[0] == 0 and values == sorted(set(values)):
        view, last = checks.counts(np.array(values), "it")
        assert view.tolist() == values and last == values[-1]
        return
    with pytest.raises(ImageShapeError, match="it must begin at 0 and rise"):
        checks.counts(np.array(values), "it")


def test_spare_bits_are_0() -> None:
    words = memoryview(bytearray(32)).cast("Q")
    checks.spare_bits(words, 70, 2, "it")
    words[3] = 1 << 5
    checks.spare_bits(words, 70, 2, "it")
    words[1] = 1 << 6
    with pytest.raises(ImageShapeError, match="it has bits set beyond the last pixel of a row"):
        checks.spare_bits(words, 70, 2, "it")


@given(st.lists(st.floats(), max_size=5))
def test_numbers_are_finite_and_bounded(values: list[float]) -> None:
    if all(abs(value) <= 1e6 for value in values):
        checks.at_most(values, 1e6, "it")
        return
    with pytest.raises(ImageShapeError, match="not finite, or beyond ±1,000,000"):
        checks.at_most(values, 1e6, "it")


def test_what_is_shown_is_short_and_on_one_line() -> None:
    assert checks.shown(3) == "3"
    assert checks.shown("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert len(checks.shown("x" * 999)) == 81
    assert "\n" not in checks.shown(np.zeros((9, 9)))
    assert checks.shown(10**5000) == "an int that cannot be shown"
