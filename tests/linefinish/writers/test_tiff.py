"""TIFF: bilevel, Group 4, and the tags that libtiff asks for."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish import Bitmap, Document, compose, rasterize, write
from tests.linefinish.drawings import flower
from tests.linefinish.writers.documents import each_document, same_again, whole
from tests.linefinish.writers.tools import run


@each_document
def test_libtiff_takes_it(document: Document, tmp_path: Path) -> None:
    write(document, tmp_path / "a.tif")
    told = run("tiffinfo", "-D", tmp_path / "a.tif")
    assert "warning" not in told.lower()
    for words in ("Bits/Sample: 1", "CCITT Group 4", "min-is-white", "Samples/Pixel: 1"):
        assert words in told
    assert "warning" not in run("tiffcp", "-c", "none", tmp_path / "a.tif", tmp_path / "b.tif").lower()
    with Image.open(tmp_path / "b.tif") as image:
        np.testing.assert_array_equal(~np.asarray(image), np.asarray(rasterize(document)))
    assert same_again(document, "tiff")


def test_resolution(tmp_path: Path) -> None:
    write(compose(flower(), dpi=300), tmp_path / "a.tif")
    assert "Resolution: 300, 300 pixels/inch" in run("tiffinfo", tmp_path / "a.tif")
    write(compose(flower(), image_dpi=(204, 97.79)), tmp_path / "b.tif")
    assert "Resolution: 204, 97.79 pixels/inch" in run("tiffinfo", tmp_path / "b.tif")
    write(compose(flower()), tmp_path / "c.tif")
    assert "unitless" in run("tiffinfo", tmp_path / "c.tif")


@given(st.integers(1, 140), st.integers(1, 12), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.02, 0.5, 1.0]))
def test_any_pixels_come_back(width: int, height: int, seed: int, share: float) -> None:
    flags = np.random.default_rng(seed).random((height, width)) < share
    data = whole(Bitmap.from_array(flags), "tiff")
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "1"
        np.testing.assert_array_equal(~np.asarray(image), flags)


@pytest.mark.parametrize("dpi", [None, 300, (203.5, 97.79)])
def test_the_directory_is_in_order_and_on_word_boundaries(dpi: Any) -> None:
    """TIFF 6.0, section 2: entries ascend, and every offset is even."""
    for width in range(1, 40):
        data = whole(Bitmap.from_array(np.eye(width, dtype=bool)), "tiff", dpi=dpi)
        page = tifffile.TiffFile(io.BytesIO(data)).pages[0]
        codes = [tag.code for tag in page.tags]
        assert codes == sorted(codes) and len(codes) == 14
        assert page.offset % 2 == 0 and page.tags["XResolution"].valueoffset % 2 == 0
        across = page.tags["XResolution"].value
        assert across[0] / across[1] == (dpi[0] if isinstance(dpi, tuple) else dpi or 1)
        assert page.tags["ResolutionUnit"].value == (2 if dpi else 1)
