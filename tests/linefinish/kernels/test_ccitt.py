"""Group 4: libtiff, through Pillow, decodes every bitmap to itself; the codes are as short as
libtiff's own.
"""
from __future__ import annotations

import io
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from linefinish.data.raster import Bitmap
from linefinish.kernels import ccitt
from linefinish.writers import encode

Image.MAX_IMAGE_PIXELS = None


def check(flags: np.ndarray) -> None:
    """Through a TIFF, there and back."""
    data = b"".join(map(bytes, encode(Bitmap.from_array(flags), "tiff")))
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(~np.asarray(image), flags)
        own = image.tag_v2[TiffImagePlugin.STRIPBYTECOUNTS][0]
    theirs = io.BytesIO()
    # Pillow writes its 1 as the fax's black; so the flags go in as they are.
    Image.fromarray(flags).save(theirs, "TIFF", compression="group4", strip_size=1 << 30)
    theirs.seek(0)
    with Image.open(theirs) as image:
        assert own <= sum(image.tag_v2[TiffImagePlugin.STRIPBYTECOUNTS]), "T.6 leaves an encoder no choice that is shorter"


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 300), st.integers(1, 12), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_random_rows_of_every_liveliness(width: int, height: int, ink: float, change: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    flags = np.empty((height, width), bool)
    flags[0] = random.random(width) < ink
    for y in range(1, height):  # a row like the one above, but for some pixels
        flags[y] = np.where(random.random(width) < change * change, random.random(width) < ink, flags[y - 1])
    check(flags)


@pytest.mark.parametrize("first", [False, True])
def test_every_run_length_of_both_colours(first: bool) -> None:
    """One run a row, between rows of stripes that keep vertical and pass modes away: all
    terminating and make-up codes.
    """
    width = 5400
    lengths = [*range(131), *range(131, width, 61), 2559, 2560, 2561, 2623, 2624, 5119, 5120, 5183, 5184, width]
    flags = np.zeros((2 * len(lengths), width), bool)
    for i, length in enumerate(lengths):
        flags[2 * i] = not first
        flags[2 * i, :length] = first
        flags[2 * i + 1, ::2] = True
    check(flags)


@pytest.mark.parametrize("width", [1, 7, 8, 63, 64, 65, 127, 128])
def test_all_white_all_black_and_stripes(width: int) -> None:
    for flags in (np.zeros((3, width), bool), np.ones((3, width), bool), np.indices((4, width)).sum(0) % 2 == 0):
        check(flags)


def test_a_row_beyond_sixteen_bits() -> None:
    flags = np.zeros((3, 140_000), bool)
    flags[1, 70_000:139_999] = True
    flags[2, 65_535:65_537] = True
    check(flags)


def test_the_room_suffices_for_the_worst_page() -> None:
    """Pairs of pixels that no row shares with the next: every mode at its longest."""
    flags = (np.indices((64, 512))[1] + 4 * np.indices((64, 512))[0]) % 9 < 4
    bitmap = Bitmap.from_array(np.indices((64, 512)).sum(0) % 2 == 0)
    for page in (bitmap, Bitmap.from_array(flags)):
        codes = sum(map(len, encode(page, "tiff")))
        assert codes < ccitt.bytes_max(page.width, page.height)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    codes = memoryview(array("i", bytes(4 * ccitt.CODE_COUNT)))
    ccitt.fill_codes(codes)
    for width, limit in ((90, 0.5), (200, 0.03), (3000, 0.001)):
        bitmap = Bitmap.from_array(np.random.default_rng(width).random((5, width)) < limit)
        changes, out = array("i", bytes(8 * (width + 8))), bytearray(ccitt.bytes_max(width, 5))
        yield ccitt.encode, (bitmap.words, width, 5, bitmap.stride, codes, changes, out)
