"""How many rows fax codes hold: against libtiff's encoders, in every way that TIFF stores them."""
from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish.verifiers.fax import row_count

from .samples import bilevel, saved

T4, T6 = 3, 4
WAYS = {
    # arguments of tiffcp → compression, T4Options, fill order
    "group 4": (["-c", "g4"], T6, 0, 1),
    "group 4, low bits first": (["-c", "g4", "-f", "lsb2msb"], T6, 0, 2),
    "group 3, one-dimensional": (["-c", "g3:1d"], T4, 0, 1),
    "group 3, two-dimensional": (["-c", "g3:2d"], T4, 1, 1),
    "group 3, whole bytes": (["-c", "g3:1d:fill"], T4, 4, 1),
}


def codes(image: Image.Image, arguments: list[str], folder: Path) -> memoryview:
    """The one strip that libtiff makes of an image."""
    (folder / "a.tif").write_bytes(saved(image, "TIFF", compression="raw"))
    subprocess.run(["tiffcp", *arguments, "-r", str(image.height), "a.tif", "b.tif"], cwd=folder, check=True)
    page = tifffile.TiffFile(io.BytesIO((folder / "b.tif").read_bytes())).pages[0]
    (at,), (size,) = page.tags["StripOffsets"].value, page.tags["StripByteCounts"].value
    return memoryview((folder / "b.tif").read_bytes())[at : at + size]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [(1, 1), (61, 40), (64, 9), (2561, 3), (5300, 4)])
def test_all_rows_are_there_and_not_those_that_were_cut_off(way: str, size: tuple[int, int], tmp_path: Path) -> None:
    arguments, compression, options, order = WAYS[way]
    width, height = size
    data = codes(bilevel(width, height), arguments, tmp_path)
    assert row_count(data, width, height, compression, options, order) == height
    counts = [row_count(data[:cut], width, height, compression, options, order) for cut in range(len(data))]
    assert counts == sorted(counts) and counts[0] == 0
    # Only the end-of-block codes, at most six of T.4's, may be missed without missing a row.
    assert all(count < height for count in counts[: len(data) - 12])


@pytest.mark.parametrize("way", WAYS)
def test_white_and_black_pages(way: str, tmp_path: Path) -> None:
    arguments, compression, options, order = WAYS[way]
    for image in (Image.new("1", (3000, 5), 1), Image.new("1", (3000, 5), 0)):
        data = codes(image, arguments, tmp_path)
        assert row_count(data, 3000, 5, compression, options, order) == 5


def test_rows_without_end_of_line_codes() -> None:
    """TIFF's compression 2, as Pillow's libtiff writes it: each row from a whole byte on."""
    data = saved(bilevel(61, 40), "TIFF", compression="tiff_ccitt", strip_size=1 << 20)
    page = tifffile.TiffFile(io.BytesIO(data)).pages[0]
    (at,), (size,) = page.tags["StripOffsets"].value, page.tags["StripByteCounts"].value
    assert page.tags["Compression"].value == 2
    assert row_count(memoryview(data)[at : at + size], 61, 40, 2, 0, 1) == 40
    assert row_count(memoryview(data)[at : at + size - 8], 61, 40, 2, 0, 1) < 40


@settings(max_examples=60)
@given(st.integers(1, 130), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_group_4_of_any_pixels_by_our_own_encoder(width: int, height: int, seed: int) -> None:
    from linefinish import Bitmap, write

    file = io.BytesIO()
    write(Bitmap.from_array(np.random.default_rng(seed).random((height, width)) < 0.5), file, "tiff")
    page = tifffile.TiffFile(io.BytesIO(file.getvalue())).pages[0]
    (at,), (size,) = page.tags["StripOffsets"].value, page.tags["StripByteCounts"].value
    data = memoryview(file.getvalue())[at : at + size]
    assert row_count(data, width, height, T6, 0, 1) == height
    assert row_count(data, width, height + 3, T6, 0, 1) == height  # what follows is the end of the block


@given(st.binary(max_size=60), st.integers(1, 3000), st.sampled_from([2, 3, 4]), st.integers(0, 7), st.sampled_from([1, 2]))
def test_any_bytes_give_a_number(data: bytes, width: int, compression: int, options: int, order: int) -> None:
    assert 0 <= row_count(memoryview(data), width, 10, compression, options, order) <= 10
