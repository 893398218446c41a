"""Where the first grey is, against numpy, in samples and pixels of every width."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import first_gray

PURE = bytes(value in (0, 255) for value in range(256))


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: a grey in each place of a small page, and none."""
    page = bytes([0, 255, 0, 0, 255, 255, 7, 0, 255, 255, 0, 0])
    for depth in (1, 2, 4, 8):
        yield first_gray.first_gray_sample, (page, 3, 4, 32 // depth, depth, PURE)
    for colour, alpha in ((1, 0), (3, 0), (3, 1), (2, 2)):
        yield first_gray.first_gray_pixel, (page, 1, 12, 12 // (colour + alpha), colour, alpha)


def first(flags: np.ndarray) -> int:
    """The index of the first True, row by row, or -1."""
    found = np.flatnonzero(flags)
    return int(found[0]) if len(found) else -1


@given(st.sampled_from([1, 2, 4, 8]), st.integers(1, 20), st.integers(1, 6), st.integers(0, 3), st.data())
def test_samples_of_any_depth(depth: int, width: int, height: int, spare: int, data: st.DataObject) -> None:
    """Packed with the leftmost highest; what lies beyond the width is not looked at."""
    top = (1 << depth) - 1
    sample, count = st.one_of(st.sampled_from([0, top]), st.integers(0, top)), width * height
    samples = np.array(data.draw(st.lists(sample, min_size=count, max_size=count)), np.uint8).reshape(height, width)
    row_bytes = (width * depth + 7) // 8 + spare
    bits = np.unpackbits(samples[..., None], axis=2)[..., -depth:].reshape(height, -1)
    filled = np.pad(bits, ((0, 0), (0, 8 * row_bytes - bits.shape[1])), constant_values=1)
    rows = np.packbits(filled, axis=1).tobytes()
    is_pure = bytes(value in (0, top) for value in range(256))
    assert first_gray.first_gray_sample(rows, height, row_bytes, width, depth, is_pure) == first((samples != 0) & (samples != top))


@given(st.integers(1, 9), st.integers(1, 5), st.sampled_from([1, 2, 3, 6]), st.sampled_from([0, 1, 2]), st.integers(0, 2), st.data())
def test_pixels_with_and_without_alpha(width: int, height: int, colour: int, alpha: int, spare: int, data: st.DataObject) -> None:
    step = colour + alpha
    pure = [(0,) * colour + (255,) * alpha, (255,) * step]
    clear = [(7,) * colour + (0,) * alpha] if alpha else []
    pixel, count = st.one_of(st.sampled_from(pure + clear), st.tuples(*[st.sampled_from([0, 1, 254, 255])] * step)), width * height
    pixels = np.array(data.draw(st.lists(pixel, min_size=count, max_size=count)), np.uint8).reshape(height, width, step)
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (0, spare)), constant_values=9).tobytes()
    colours, alphas = pixels[..., :colour], pixels[..., colour:]
    fine = ((colours == 0).all(2) | (colours == 255).all(2)) & (alphas == 255).all(2)
    if alpha:
        fine |= (alphas == 0).all(2)
    assert first_gray.first_gray_pixel(rows, height, width * step + spare, width, colour, alpha) == first(~fine)


@pytest.mark.parametrize("place", [0, 1, 63, 64, 299])
def test_one_grey_anywhere(place: int) -> None:
    page = np.full(300, 255, np.uint8)
    page[::7] = 0
    page[place] = 128
    assert first_gray.first_gray_sample(page.tobytes(), 3, 100, 100, 8, PURE) == place
    assert first_gray.first_gray_pixel(page.tobytes(), 3, 100, 100, 1, 0) == place


def test_no_rows_hold_no_grey() -> None:
    assert first_gray.first_gray_sample(b"", 0, 4, 4, 8, PURE) == -1
    assert first_gray.first_gray_pixel(b"", 0, 4, 1, 4, 0) == -1
