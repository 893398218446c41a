"""Each format by its own rules: what stands in the files, and what strict readers say to them."""
from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish.document import Page, compose
from linefinish.raster import Bitmap
from linefinish.rasterizing import rasterize
from linefinish.writers import encode, write
from tests.linefinish.drawings import curves, flower
from tests.linefinish.writers.tools import run


def whole(drawing: Any, format: str, **options: Any) -> bytes:
    return b"".join(map(bytes, encode(drawing, format, **options)))


EMPTY = compose(curves(30, 20, []))
ONE_PIXEL = compose(curves(1, 1, []))
LETTER = compose(flower(), Page("letter", bleed="0.125in 0.125in 0.125in 0", margin="0.375in"), dpi=50)


@pytest.mark.parametrize("document", [EMPTY, ONE_PIXEL, LETTER, compose(flower())], ids=["empty", "pixel", "letter", "flower"])
class TestStrictReaders:
    def test_png(self, document: Any, tmp_path: Path) -> None:
        write(document, tmp_path / "a.png")
        assert "No errors detected" in run("pngcheck", "-v", tmp_path / "a.png")
        assert "1-bit grayscale" in run("pngcheck", tmp_path / "a.png")

    def test_tiff(self, document: Any, tmp_path: Path) -> None:
        write(document, tmp_path / "a.tif")
        told = run("tiffinfo", "-D", tmp_path / "a.tif")
        assert "warning" not in told.lower()
        for words in ("Bits/Sample: 1", "CCITT Group 4", "min-is-white", "Samples/Pixel: 1"):
            assert words in told
        assert "warning" not in run("tiffcp", "-c", "none", tmp_path / "a.tif", tmp_path / "b.tif").lower()
        with Image.open(tmp_path / "b.tif") as image:
            np.testing.assert_array_equal(~np.asarray(image), np.asarray(rasterize(document)))

    def test_pdf(self, document: Any, tmp_path: Path) -> None:
        for image in (False, True):
            write(document, tmp_path / "a.pdf", pdf_image=image)
            assert "No syntax or stream encoding errors" in run("qpdf", "--check", tmp_path / "a.pdf")
            assert "rror" not in run("pdftoppm", "-mono", "-r", "30", tmp_path / "a.pdf", tmp_path / "a")

    def test_eps(self, document: Any, tmp_path: Path) -> None:
        write(document, tmp_path / "a.eps")
        assert run("gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=nullpage", tmp_path / "a.eps") == ""

    def test_svg(self, document: Any, tmp_path: Path) -> None:
        root = ET.fromstring(whole(document, "svg"))
        assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path"}
        assert {name for element in root.iter() for name in element.attrib} <= {
            "width", "height", "viewBox", "d", "transform", "fill", "preserveAspectRatio"
        }  # fmt: skip
        assert {element.get("fill") for element in root if element.tag.endswith("path")} <= {"#000"}

    def test_dxf(self, document: Any, tmp_path: Path) -> None:
        import ezdxf

        write(document, tmp_path / "a.dxf")
        audit = ezdxf.readfile(tmp_path / "a.dxf").audit()
        assert (audit.errors, audit.fixes) == ([], [])

    @pytest.mark.parametrize("format", ["svg", "png", "tiff", "pbm", "pdf", "eps", "dxf"])
    def test_the_same_again(self, document: Any, format: str, tmp_path: Path) -> None:
        assert whole(document, format) == whole(document, format)


def test_png_says_depth_one_and_its_resolution() -> None:
    data = whole(compose(flower(), dpi=300), "png")
    assert data[16:29] == struct.pack(">IIBBBBB", 64, 48, 1, 0, 0, 0, 0)
    assert struct.pack(">4sIIB", b"pHYs", 11811, 11811, 1) in data
    assert b"pHYs" not in whole(compose(flower()), "png")


def test_png_bits_after_the_last_pixel_are_zero() -> None:
    data = whole(rasterize(flower(61, 5)), "png")
    at = data.index(b"IDAT")
    rows = zlib.decompress(data[at + 4 : at + 4 + struct.unpack(">I", data[at - 4 : at])[0]])
    assert list(rows[::9]) == [0, 2, 2, 2, 2], "filter types: none, then Up"
    assert all(sum(rows[8 : 9 * y + 9 : 9]) & 7 == 0 for y in range(5))


def test_tiff_resolution(tmp_path: Path) -> None:
    write(compose(flower(), dpi=300), tmp_path / "a.tif")
    assert "Resolution: 300, 300 pixels/inch" in run("tiffinfo", tmp_path / "a.tif")
    write(compose(flower(), image_dpi=(204, 97.79)), tmp_path / "b.tif")
    assert "Resolution: 204, 97.79 pixels/inch" in run("tiffinfo", tmp_path / "b.tif")
    write(compose(flower()), tmp_path / "c.tif")
    assert "unitless" in run("tiffinfo", tmp_path / "c.tif")


def test_pdf_boxes_are_exact() -> None:
    data = whole(LETTER, "pdf").decode("latin-1")
    assert "/MediaBox [0 0 621 810]" in data
    assert "/TrimBox [0 9 612 801]" in data
    sheet = whole(compose(flower(), Page("9x12in", trim="letter", bleed="0.125in")), "pdf").decode("latin-1")
    assert "/MediaBox [0 0 648 864]" in sheet
    assert "/TrimBox [18 36 630 828]" in sheet
    assert "/BleedBox [9 27 639 837]" in sheet


def test_pdf_paints_grey_zero_and_nothing_else() -> None:
    data = whole(compose(flower()), "pdf")
    stream = re.search(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    assert stream is not None
    words = zlib.decompress(stream[1]).split()
    assert words[:2] == [b"0", b"g"]
    assert {word for word in words if word.isalpha()} == {b"g", b"cm", b"m", b"l", b"c", b"v", b"y", b"h", b"f"} & set(words)
    assert words[-1] == b"f"
    assert not re.search(rb"Date|Producer|Creator", data)


def test_a_page_longer_than_pdf_allows_takes_larger_units(tmp_path: Path) -> None:
    document = compose(curves(100, 100_000, []))
    data = whole(document, "pdf")
    assert data.startswith(b"%PDF-1.6") and b"/UserUnit 6" in data and b"/MediaBox [0 0 12.5 12500]" in data
    (tmp_path / "a.pdf").write_bytes(data)
    run("qpdf", "--check", tmp_path / "a.pdf")


def test_eps_boxes() -> None:
    text = whole(compose(flower(), width_pt=100.5), "eps").decode()
    assert "%%BoundingBox: 0 0 101 76\n" in text
    assert "%%HiResBoundingBox: 0 0 100.5 75.375\n" in text


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (compose(flower()), ("64", "48")),
        (compose(flower(), image_dpi=(128, 128)), ("0.5in", "0.375in")),
        (compose(flower(), Page("a4")), ("210mm", "297mm")),
        (compose(flower(), Page("letter")), ("8.5in", "11in")),
        (compose(flower(), width_pt=100), ("100pt", "75pt")),
    ],
)
def test_svg_size_in_the_unit_that_fits(made: Any, size: tuple[str, str]) -> None:
    root = ET.fromstring(whole(made, "svg"))
    assert (root.get("width"), root.get("height")) == size


def test_svg_of_unequal_resolutions_stretches() -> None:
    root = ET.fromstring(whole(compose(flower(), image_dpi=(200, 100)), "svg"))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("0.32in", "0.48in", "0 0 64 48")
    assert root.get("preserveAspectRatio") == "none"


@pytest.mark.parametrize("format", ["png", "tiff", "pbm", "pdf"])
def test_a_bitmap_alone(format: str, tmp_path: Path) -> None:
    bitmap = Bitmap.from_array(np.random.default_rng(1).random((37, 91)) < 0.4)
    write(bitmap, tmp_path / f"a.{format}", dpi=300)
    path = tmp_path / f"a.{format}"
    if format == "pdf":
        assert b"/MediaBox [0 0 21.84 8.88]" in path.read_bytes()
        run("pdfimages", path, tmp_path / "image")
        path = tmp_path / "image-000.pbm"
    with Image.open(path) as image:
        np.testing.assert_array_equal(~np.asarray(image), np.asarray(bitmap))
        if format in ("png", "tiff"):
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
