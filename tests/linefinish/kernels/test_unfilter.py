"""Unfiltering undoes the specification's filters, for every kind, pixel size and place in the
image.
"""
from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import unfilter
from tests.oracles import png as oracle

PIXEL_BYTES = (1, 2, 3, 4, 6, 8)


def image(width: int, height: int, pixel_bytes: int, seed: int) -> list[bytes]:
    """Rows with paper, flat runs and noise, so that all of the shortcuts are taken and left."""
    draw = random.Random(seed)
    rows = []
    for _ in range(height):
        row = bytearray()
        while len(row) < width * pixel_bytes:
            pixel = bytes(draw.choice((0, 3, 128, 250, 255)) for _ in range(pixel_bytes))
            row += pixel * draw.choice((1, 2, 9, 20))
        rows.append(bytes(row[: width * pixel_bytes]))
        if draw.random() < 0.4:
            rows[-1] = rows[0]
    return rows


def filtered(rows: list[bytes], pixel_bytes: int, kinds: list[int]) -> bytes:
    above = [bytes(len(rows[0])), *rows]
    return b"".join(oracle.filtered(kind, row, up, pixel_bytes) for kind, row, up in zip(kinds, rows, above, strict=False))


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes."""
    for seed, pixel_bytes in enumerate(PIXEL_BYTES):
        rows = image(37, 11, pixel_bytes, seed)
        raw = filtered(rows, pixel_bytes, [4, 3, 2, 1, 0, 4, 3, 2, 1, 4, 4])
        yield unfilter.unfilter, (raw, 11, len(rows[0]), pixel_bytes, bytearray(b"".join(rows)), 0)
    yield unfilter.unfilter, (bytes([0, 7, 5, 7]), 2, 1, 1, bytearray(2), 0)


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize("pixel_bytes", PIXEL_BYTES)
@pytest.mark.parametrize("width", [1, 2, 5, 8, 40])
def test_every_filter_is_undone(kind: int, pixel_bytes: int, width: int) -> None:
    rows = image(width, 6, pixel_bytes, width)
    out = bytearray(b"\xaa" * sum(map(len, rows)))
    assert unfilter.unfilter(filtered(rows, pixel_bytes, [kind] * 6), 6, len(rows[0]), pixel_bytes, out, 0) == 0
    assert bytes(out) == b"".join(rows)


@given(st.integers(1, 70), st.integers(1, 9), st.sampled_from(PIXEL_BYTES), st.integers(0, 2**32), st.data())
def test_mixed_filters_are_undone_in_strips(width: int, height: int, pixel_bytes: int, seed: int, data: st.DataObject) -> None:
    rows = image(width, height, pixel_bytes, seed)
    kinds = data.draw(st.lists(st.integers(0, 4), min_size=height, max_size=height))
    cut = data.draw(st.integers(0, height))
    raw = filtered(rows, pixel_bytes, kinds)
    size = len(rows[0])
    out = bytearray(height * size)
    at = cut * (size + 1)
    assert unfilter.unfilter(raw[:at], cut, size, pixel_bytes, out, 0) == 0
    assert unfilter.unfilter(raw[at:], height - cut, size, pixel_bytes, out, cut * size) == 0
    assert bytes(out) == b"".join(rows)


@given(st.binary(min_size=3 * 17, max_size=3 * 17), st.sampled_from((1, 3, 4)))
def test_any_bytes_give_pixels_or_a_status(raw: bytes, pixel_bytes: int) -> None:
    status = unfilter.unfilter(raw, 3, 16, pixel_bytes, bytearray(48), 0)
    assert (status == 0) == (max(raw[::17]) <= 4)


def test_a_filter_that_does_not_exist_is_a_status() -> None:
    assert unfilter.unfilter(bytes([0, 7, 5, 7]), 2, 1, 1, bytearray(2), 0) == unfilter.BAD_FILTER


def test_paeth_is_the_specification_s_for_every_triple() -> None:
    """One pixel below and right of each (corner, above, left): 256 images of 256 × 256 pixels, two
    bytes of each pixel used.
    """
    for corner in range(256):
        lefts = np.repeat(np.arange(256), 256)
        aboves = np.tile(np.arange(256), 256)
        # Pixels of 2 rows and 2 columns, side by side in samples of 65536 bytes: one "pixel" is so
        # wide that each byte is a case.
        top = np.concatenate([np.full(65536, corner), aboves]).astype(np.uint8).tobytes()
        bottom = np.concatenate([(lefts - corner) % 256, np.zeros(65536, int)]).astype(np.uint8).tobytes()
        out = bytearray(4 * 65536)
        assert unfilter.unfilter(b"\0" + top + b"\4" + bottom, 2, 2 * 65536, 65536, out, 0) == 0
        estimate = lefts + aboves - corner
        distances = np.stack([np.abs(estimate - lefts), np.abs(estimate - aboves), np.abs(estimate - corner)])
        nearest = np.choose(distances.argmin(axis=0), [lefts, aboves, np.full(65536, corner)])  # argmin takes the first of equals
        assert np.array_equal(np.frombuffer(out, np.uint8)[3 * 65536 :], nearest)
