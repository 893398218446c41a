"""Rows of bytes: numpy's packbits says the same."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import rows


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 200), st.integers(1, 5), st.integers(0, 1), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_rows_are_numpys_packed_bits(width: int, height: int, lead: int, ink: int, seed: int) -> None:
    flags = np.random.default_rng(seed).random((height, width)) < 0.5
    bitmap = Bitmap.from_array(flags)
    expected = np.packbits(flags if ink else ~flags, axis=1)
    out = bytearray(b"\xaa" * height * (lead + expected.shape[1]))
    assert rows.to_bytes(bitmap.words, width, height, bitmap.stride, lead, ink, out) == lead + expected.shape[1]
    found = np.frombuffer(out, np.uint8).reshape(height, -1)
    np.testing.assert_array_equal(found[:, lead:], expected)
    assert not found[:, :lead].any()


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 6), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_filter_up_is_the_difference_to_the_row_above(height: int, row_bytes: int, seed: int) -> None:
    plain = np.random.default_rng(seed).integers(0, 256, (height, row_bytes), np.uint8)
    plain[:, 0] = 0
    out = bytearray(plain.tobytes())
    rows.filter_up(out, height, row_bytes)
    found = np.frombuffer(out, np.uint8).reshape(height, row_bytes)
    assert found[:, 0].tolist() == [0] + [2] * (height - 1)
    np.testing.assert_array_equal(found[:, 1:].cumsum(axis=0, dtype=np.uint8), plain[:, 1:])


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    for width in (1, 64, 77):
        flags = np.random.default_rng(width).random((4, width)) < 0.5
        bitmap = Bitmap.from_array(flags)
        for lead, ink in ((1, 0), (0, 1)):
            out = bytearray(4 * (lead + (width + 7) // 8))
            yield rows.to_bytes, (bitmap.words, width, 4, bitmap.stride, lead, ink, out)
            yield rows.filter_up, (bytearray(out), 4, len(out) // 4)
