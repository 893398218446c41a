"""PNG: depth 1, its resolution, and rows that any reader takes."""
from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish import Bitmap, Document, compose, rasterize, write
from tests.linefinish.drawings import flower
from tests.linefinish.writers.documents import each_document, same_again, whole
from tests.linefinish.writers.tools import run


def chunks(data: bytes) -> dict[bytes, bytes]:
    """Name → body, the checksums right."""
    found, at = {}, 8
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size) == (zlib.crc32(name + body),)
        assert name not in found
        found[name] = body
        at += 12 + size
    return found


@each_document
def test_pngcheck_takes_it(document: Document, tmp_path: Path) -> None:
    write(document, tmp_path / "a.png")
    assert "No errors detected" in run("pngcheck", "-v", tmp_path / "a.png")
    assert "1-bit grayscale" in run("pngcheck", tmp_path / "a.png")
    assert same_again(document, "png")


def test_it_says_depth_one_and_its_resolution() -> None:
    data = whole(compose(flower(), dpi=300), "png")
    assert data[16:29] == struct.pack(">IIBBBBB", 64, 48, 1, 0, 0, 0, 0)
    assert struct.pack(">4sIIB", b"pHYs", 11811, 11811, 1) in data
    assert b"pHYs" not in whole(compose(flower()), "png")


def test_unequal_resolutions() -> None:
    data = whole(compose(flower(), image_dpi=(204, 98)), "png")
    assert chunks(data)[b"pHYs"] == struct.pack(">IIB", 8031, 3858, 1)


def test_bits_after_the_last_pixel_are_zero_and_rows_repeat_by_filter_up() -> None:
    rows = zlib.decompress(chunks(whole(rasterize(flower(61, 5)), "png"))[b"IDAT"])
    assert list(rows[::9]) == [0, 2, 2, 2, 2], "filter types: none, then Up"
    assert all(sum(rows[8 : 9 * y + 9 : 9]) & 7 == 0 for y in range(5))


@given(st.integers(1, 140), st.integers(1, 12), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.02, 0.5, 1.0]))
def test_any_pixels_come_back(width: int, height: int, seed: int, share: float) -> None:
    flags = np.random.default_rng(seed).random((height, width)) < share
    data = whole(Bitmap.from_array(flags), "png")
    assert list(chunks(data)) == [b"IHDR", b"IDAT", b"IEND"]
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "1"
        np.testing.assert_array_equal(~np.asarray(image), flags)


def test_a_bitmap_alone_takes_a_resolution() -> None:
    bitmap = Bitmap.from_array(np.eye(9, dtype=bool))
    with Image.open(io.BytesIO(whole(bitmap, "png", dpi=300))) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    with Image.open(io.BytesIO(whole(bitmap, "png"))) as image:
        assert "dpi" not in image.info
