"""Conversion to grey equals exact fractions pixel by pixel, in place and scattered; and equals
Pillow where that is exact.
"""
from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish.kernels import luma
from linefinish.memory import buffers
from tests.oracles import grey as oracle
from tests.oracles import png as png_oracle

NO_KEY = (-1, -1, -1)


def levels(highest: int) -> bytearray:
    table = bytearray(highest + 1)
    luma.scale_table(highest, table)
    return table


def pixels(count: int, channels: int, highest: int, seed: int) -> list[tuple[int, ...]]:
    draw = random.Random(seed)
    ends = (0, 1, highest // 2, highest - 1, highest)
    return [tuple(draw.choice((draw.randint(0, highest), draw.choice(ends))) for _ in range(channels)) for _ in range(count)]


def stored(values: list[tuple[int, ...]], sample_bytes: int) -> bytes:
    return b"".join(sample.to_bytes(sample_bytes, "big") for pixel in values for sample in pixel)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes."""
    data = random.Random(5).randbytes(2000)
    table = random.Random(6).randbytes(256)
    for bits in (1, 2, 4, 8):
        yield luma.indexed, (data, 3, 60, 55, 4, bits, table, bytearray(500), 2, 2, 111)
    yield luma.rgb8, (data, 3, 120, 37, 4, bytearray(148), 0, 1, 37)
    yield luma.rgba8, (data, 3, 150, 37, 4, bytearray(148), 0, 1, 37)
    for size in (3, 4):
        for hue, reach in ((0, 768), (1024, 150), (90, 260)):
            colour = buffers.numbers("q", size, hue, reach)
            yield luma.without_colour, (data, 3, 150, 37, 4, colour, bytearray(148), 0, 1, 37)
        yield luma.count_coloured, (data, 3, 150, 37, 6, size)
    for highest in (1, 3, 255, 1000, 65535):
        yield luma.scale_table, (highest, bytearray(highest + 1))
        for channels in (1, 2, 3, 4):
            size = 2 if highest > 255 else 1
            pixel = buffers.numbers("q", channels, size, highest, *NO_KEY)
            yield luma.samples, (data, 1, 100 * size, 25, 3, pixel, levels(highest), bytearray(75), 0, 1, 25)
    for start, step_x, step_y, out_width in ((39, -1, 40, 40), (1559, -1, -40, 40), (0, 40, 1, 39), (1559, -40, -1, 39)):
        yield luma.turn, (data, 40, 39, start, step_x, step_y, out_width, bytearray(40 * 39))


@given(st.lists(st.tuples(*4 * [st.integers(0, 255)]), min_size=1, max_size=40), st.integers(0, 1535), st.integers(0, 768))
def test_a_dropped_hue_leaves_what_is_black_in_it(values: list[tuple[int, ...]], middle: int, reach: int) -> None:
    out = bytearray(len(values))
    luma.without_colour(stored(values, 1), 0, 0, len(values), 1, buffers.numbers("q", 4, middle, reach), out, 0, 1, 0)
    for (*channels, alpha), got in zip(values, out, strict=True):
        red, green, blue = (255 - ((255 - channel) * alpha + 127) // 255 for channel in channels)
        gray = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
        chroma = max(red, green, blue) - min(red, green, blue)
        if chroma > 10:
            if red == max(red, green, blue):
                hue = 256 * (green - blue) // chroma % 1536
            else:
                hue = 512 + 256 * (blue - red) // chroma if green == max(green, blue) else 1024 + 256 * (red - green) // chroma
            if min(abs(hue - middle), 1536 - abs(hue - middle)) <= reach:
                light = min(255, max(red, green, blue) + (3 * chroma >> 2))
                gray += (light - gray) * (min(chroma, 26) - 10) // 16
        assert got == gray


@given(st.lists(st.tuples(*3 * [st.integers(0, 255)]), min_size=1, max_size=60))
def test_strong_colours_are_counted_in_one_row_of_four(values: list[tuple[int, ...]]) -> None:
    wanted = sum(max(pixel) - min(pixel) > 64 for pixel in values[::4])
    assert luma.count_coloured(stored(values, 1), 0, 3, 1, len(values), 3) == wanted


@given(st.sampled_from((1, 2, 4, 8)), st.integers(1, 40), st.integers(1, 4), st.integers(0, 2**32))
def test_indexed_samples_go_through_the_table(bits: int, width: int, rows: int, seed: int) -> None:
    draw = random.Random(seed)
    table = draw.randbytes(256)
    values = [[(draw.randrange(1 << bits),) for _ in range(width)] for _ in range(rows)]
    lines = b"".join(png_oracle.packed(row, bits) for row in values)
    out = bytearray(width * rows)
    luma.indexed(lines, 0, len(lines) // rows, width, rows, bits, table, out, 0, 1, width)
    assert list(out) == [table[pixel[0]] for row in values for pixel in row]


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_colour_of_8_bits(width: int, seed: int) -> None:
    for channels, kernel in ((3, luma.rgb8), (4, luma.rgba8)):
        values = pixels(2 * width, channels, 255, seed)
        out = bytearray(2 * width)
        kernel(stored(values, 1), 0, channels * width, width, 2, out, 0, 1, width)
        assert list(out) == [oracle.gray(pixel, 255) for pixel in values]


@given(st.integers(1, 4), st.sampled_from((1, 2, 100, 255, 256, 999, 65534, 65535)), st.integers(0, 2**32), st.booleans())
def test_samples_of_any_range(channels: int, highest: int, seed: int, keyed: bool) -> None:
    values = pixels(30, channels, highest, seed)
    colour = values[3][: 1 if channels < 3 else 3]
    keyed = keyed and channels in (1, 3)
    key = [*colour, *colour, *colour][:3] if keyed else NO_KEY
    size = 2 if highest > 255 else 1
    out = bytearray(30)
    pixel = buffers.numbers("q", channels, size, highest, *key)
    luma.samples(stored(values, size), 0, 10 * channels * size, 10, 3, pixel, levels(highest), out, 0, 1, 10)
    assert list(out) == [oracle.gray(pixel, highest, colour if keyed else None) for pixel in values]


def test_a_sample_above_the_range_counts_as_its_end() -> None:
    out = bytearray(2)
    luma.samples(bytes([200, 7]), 0, 2, 2, 1, buffers.numbers("q", 1, 1, 9, *NO_KEY), levels(9), out, 0, 1, 2)
    assert list(out) == [255, 198]


def test_luma_is_pillow_s_on_every_colour_of_a_fine_lattice() -> None:
    axis = np.array([*range(0, 256, 5), 1, 127, 128, 254], np.uint8)
    colours = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(1, -1, 3)
    width = colours.shape[1]
    out = bytearray(width)
    luma.rgb8(memoryview(colours.reshape(-1)), 0, 3 * width, width, 1, out, 0, 1, width)
    assert np.array_equal(np.frombuffer(out, np.uint8), np.asarray(Image.fromarray(colours).convert("L"))[0])


@pytest.mark.parametrize("highest", [1, 3, 15, 255, 256, 4095, 65535])
def test_the_range_ends_at_black_and_white_and_never_turns_back(highest: int) -> None:
    table = levels(highest)
    assert (table[0], table[-1]) == (0, 255)
    assert all(a <= b for a, b in itertools.pairwise(table))
    assert table == bytes(oracle.nearest(255 * value, highest) for value in range(highest + 1))


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32))
def test_turning_moves_every_pixel_to_its_place(width: int, height: int, seed: int) -> None:
    image = np.frombuffer(random.Random(seed).randbytes(width * height), np.uint8).reshape(height, width)
    last = width * height - 1
    turns = ((image[::-1, ::-1], last, -1, -width), (image.T, 0, width, 1), (image.T[::-1, ::-1], last, -width, -1))
    for turned, start, step_x, step_y in turns:
        out = bytearray(width * height)
        luma.turn(image.tobytes(), width, height, start, step_x, step_y, turned.shape[1], out)
        assert bytes(out) == turned.tobytes()
