"""TIFF, PBM and EPS."""

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

from linefinish.verifying import verify

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


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"P1 3 2 101 0 1 1", ""),
        (b"P1\n# c\n3 2\n101011\n", ""),
        (b"P4 9 2\n\xff\x80\xff\x80", ""),
        (b"P4 8 1 \xffP4 8 1 \x00", None),
        (b"P4 8 1\n\xff\n", ""),
        (b"P1 3 2 10101", "truncated"),
        (b"P1 3 2 10121 1", "neither 0 nor 1"),
        (b"P4 9 2\n\xff\x80\xff", "truncated"),
        (b"P4 0 2\n", "states 0"),
        (b"P4 x", "header"),
        (b"P1 1 1 1 xyz", "no image"),
        (b"P5 3 1 255\n\0\xff\x57", "(2, 0), value 87"),
        (b"P5 2 1 255\n\0\xff", "two values"),
        (b"P2 2 2 9 0 9 9 8", "(1, 1), value 8"),
        (b"P2 2 1 9 0", "truncated"),
        (b"P6 2 1 255\n\0\0\0\xff\xff\xfe", "(1, 0), value (255, 255, 254)"),
        (b"P3 1 1 9 9 9 9", "two values"),
        (b"P6 1 1 7\n\7\7\7", "two values"),
        (b"P5 2 1 1000\n\0\0\3\xe8", "two values"),
        (b"P5 2 1 65535\n\0\0\0\xff", "(1, 0), value 255"),
        (b"P5 1 1 0\n\0", "maximum of 0"),
    ],
)
def test_pnm(data: bytes, problem: str | None) -> None:
    verdict = verify(data)
    if problem is None:
        assert verdict.is_one_bit or "no image" in verdict.problem
    elif not problem:
        assert verdict.is_one_bit, verdict
    else:
        assert problem in verdict.problem and not verdict.is_one_bit


def test_two_bitmaps_in_a_file() -> None:
    assert verify(b"P4 8 1\n\xffP4 8 1\n\x00").is_one_bit
    assert not verify(b"P4 8 1\n\xffP5 1 1 255\n\x57").is_one_bit


HEAD = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 50\n"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"0 setgray 1 2 moveto 3 4 lineto fill", ""),
        (b"/m {moveto} bind def 1 2 m 0 0 0 1 setcmykcolor", ""),
        (b"0.5 setgray", ".5 setgray"),
        (b"1 0 0 setrgbcolor", "setrgbcolor"),
        (b"/x 0 def x setgray", "computed"),
        (b"1 1 1 1 setcmykcolor", "setcmykcolor"),
        (b"/setgray {pop 0.5 setgray} def", "another meaning"),
        (b"8 8 1 [] {} image", "the operator image"),
        (b"(a) show", "verified"),
        (b"{", "braces"),
    ],
)
def test_eps(body: bytes, problem: str) -> None:
    verdict = verify(HEAD + body + b"\n%%EOF\n")
    assert problem in verdict.problem and verdict.is_one_bit is (not problem)
    assert verdict.detail == "vector, 100 × 50 pt"
    assert "truncated" in verify(HEAD + body).problem


def test_potrace_eps() -> None:
    for options, fine in ((["-c"], True), (["-c", "-C", "#123456"], False), ([], False)):
        run = subprocess.run(["potrace", "-e", *options, "-", "-o", "-"], input=saved(bilevel(), "PPM"), capture_output=True, check=True)
        assert verify(run.stdout).is_one_bit is fine
