"""TIFF: every compression, strips and tiles, and where the first grey is."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish.verifiers.verifying import verify

from .samples import bilevel, saved


@pytest.mark.parametrize("compression", ["group4", "group3", "tiff_lzw", "packbits", "tiff_deflate", "raw"])
@pytest.mark.parametrize("size", [(61, 40), (1, 1), (300, 200), (64, 3)])
def test_1_bit_tiff(compression: str, size: tuple[int, int]) -> None:
    verdict = verify(saved(bilevel(*size), "TIFF", compression=compression, dpi=(300, 300)))
    assert verdict.problem == "" and verdict.is_one_bit and verdict.dpi == (300, 300) and (verdict.width, verdict.height) == size


@pytest.mark.parametrize("compression", ["group4", "group3", "tiff_lzw", "packbits", "tiff_deflate", "raw"])
def test_a_strip_cut_short(compression: str) -> None:
    data = bytearray(saved(bilevel(300, 200), "TIFF", compression=compression, strip_size=1 << 20))
    tag = tifffile.TiffFile(io.BytesIO(bytes(data))).pages[0].tags["StripByteCounts"]
    assert len(tag.value) == 1
    struct.pack_into("<H" if int(tag.dtype) == 3 else "<I", data, tag.valueoffset, tag.value[0] // 2)
    verdict = verify(bytes(data))
    assert verdict.is_damaged and not verdict.is_one_bit


def test_libtiff_layouts(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(saved(bilevel(300, 200), "TIFF", compression="raw"))
    for options in (
        ["-c", "g4", "-t"],
        ["-c", "lzw", "-B", "-r", "3"],
        ["-8", "-c", "zip"],
        ["-c", "g4", "-r", "7"],
        ["-c", "g3:2d"],
        ["-f", "lsb2msb", "-c", "g4"],
    ):
        subprocess.run(["tiffcp", *options, "a.tif", "b.tif"], cwd=tmp_path, check=True)
        verdict = verify(tmp_path / "b.tif")
        assert verdict.problem == "", options


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(["L", "RGB", "RGBA", "I;16"]), st.sampled_from(["tiff_lzw", "raw", "tiff_deflate"]))
def test_where_is_the_first_grey(data: st.DataObject, mode: str, compression: str) -> None:
    width, height = data.draw(st.integers(1, 70)), data.draw(st.integers(1, 20))
    array = np.asarray(bilevel(width, height, data.draw(st.integers(0, 99))).convert("L")).copy()
    for _ in range(data.draw(st.integers(0, 3))):
        array[data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))] = data.draw(st.integers(0, 255))
    hits = np.argwhere((array > 0) & (array < 255))
    image = Image.fromarray(array.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(array).convert(mode)
    verdict = verify(saved(image, "TIFF", compression=compression))
    assert verdict.where == ((int(hits[0][1]), int(hits[0][0])) if len(hits) else None)
    assert not verdict.is_one_bit and not verdict.is_damaged


def test_every_page_counts() -> None:
    line = bilevel()
    assert verify(saved(line, "TIFF", save_all=True, append_images=[line, line])).detail == "1-bit, 3 pages"
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(np.asarray(line))
        writer.write(np.full((9, 9), 87, np.uint8))
    verdict = verify(out.getvalue())
    assert verdict.page == 2 and verdict.where == (0, 0) and verdict.problem == "first grey at (0, 0), value 87"


def test_a_circle_of_pages() -> None:
    data = bytearray(saved(bilevel(), "TIFF", compression="raw"))
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    assert "circle" in verify(bytes(data)).problem
