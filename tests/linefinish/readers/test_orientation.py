"""EXIF orientation: read from any block of it, and turned as Pillow turns."""
from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from linefinish import Gray
from linefinish.readers.orientation import orientation_of, oriented

TAG, SHORT, LONG = 0x0112, 3, 4


def exif(value: int, order: str = "<", before: int = 0, kind: int = SHORT, prefix: bytes = b"Exif\0\0") -> bytes:
    """A block with so many other entries before the orientation (TIFF 6.0, section 2)."""
    entries = [struct.pack(f"{order}HHIHH", 256 + i, SHORT, 1, 7, 0) for i in range(before)]
    entries.append(struct.pack(f"{order}HHIHH", TAG, kind, 1, value, 0))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return prefix + head + struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)


@given(st.integers(0, 20), st.sampled_from("<>"), st.integers(0, 5), st.booleans())
def test_it_is_read_in_both_byte_orders(value: int, order: str, before: int, bare: bool) -> None:
    made = exif(value, order, before, prefix=b"" if bare else b"Exif\0\0")
    assert orientation_of(made) == (value if 1 <= value <= 8 else 1)


@pytest.mark.parametrize("block", [b"", b"Exif\0\0", b"II*\0", b"XX*\0" + bytes(30), b"II*\0\xff\xff\xff\xff", exif(6, kind=LONG)])
def test_what_makes_no_sense_is_upright(block: bytes) -> None:
    assert orientation_of(block) == 1


@given(st.binary(max_size=60), st.integers(0, 60))
def test_damaged_blocks_are_some_orientation(junk: bytes, cut: int) -> None:
    assert 1 <= orientation_of(b"II*\0" + junk) <= 8
    assert orientation_of(exif(6, before=2)[:cut]) in (1, 6)


def test_pillow_reads_the_same() -> None:
    for value in range(1, 9):
        image = Image.new("L", (1, 1))
        image.getexif()[TAG] = value
        assert orientation_of(image.getexif().tobytes()) == value


@pytest.mark.parametrize("orientation", range(1, 9))
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_turned_as_pillow_turns(orientation: int, width: int, height: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    image = Image.fromarray(pixels)
    image.getexif()[TAG] = orientation
    wanted = np.asarray(ImageOps.exif_transpose(image))
    found = oriented(Gray.from_array(pixels, dpi=(300.0, 150.0)), orientation)
    np.testing.assert_array_equal(np.asarray(found), wanted)
    assert found.dpi == ((150.0, 300.0) if orientation >= 5 else (300.0, 150.0))


def test_upright_images_are_handed_through() -> None:
    gray = Gray(2, 1, b"ab")
    for orientation in (0, 1, 9, -3):
        assert oriented(gray, orientation) is gray
    assert oriented(gray, 3).dpi is None
