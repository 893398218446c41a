"""PDF: boxes, streams and words by ISO 32000, and what qpdf and Poppler say to them."""
from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish import Bitmap, Curves, Document, Page, compose, rasterize, write
from linefinish.writers.pdf import number
from tests.linefinish.drawings import chains_of, curves, drawings, flower
from tests.linefinish.writers.documents import LETTER, each_document, same_again, whole
from tests.linefinish.writers.tools import run
from tests.oracles.paths import read_postfix


def content_of(data: bytes) -> bytes:
    stream = re.search(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    assert stream is not None
    return zlib.decompress(stream[1])


@each_document
@pytest.mark.parametrize("image", [False, True], ids=["curves", "image"])
def test_strict_readers_take_it(document: Document, image: bool, tmp_path: Path) -> None:
    write(document, tmp_path / "a.pdf", pdf_image=image)
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", tmp_path / "a.pdf")
    assert "rror" not in run("pdftoppm", "-mono", "-r", "30", tmp_path / "a.pdf", tmp_path / "a")
    assert same_again(document, "pdf")


def test_boxes_are_exact() -> None:
    data = whole(LETTER, "pdf").decode("latin-1")
    assert "/MediaBox [0 0 621 810]" in data
    assert "/TrimBox [0 9 612 801]" in data
    sheet = whole(compose(flower(), Page("9x12in", trim="letter", bleed="0.125in")), "pdf").decode("latin-1")
    assert "/MediaBox [0 0 648 864]" in sheet
    assert "/TrimBox [18 36 630 828]" in sheet
    assert "/BleedBox [9 27 639 837]" in sheet
    assert "Box" not in whole(compose(flower()), "pdf").decode("latin-1").replace("MediaBox", "")


def test_it_paints_grey_zero_and_nothing_else() -> None:
    data = whole(compose(flower()), "pdf")
    words = content_of(data).split()
    assert words[:2] == [b"0", b"g"]
    assert {word for word in words if word.isalpha()} == {b"g", b"cm", b"m", b"l", b"c", b"v", b"y", b"h", b"f"} & set(words)
    assert words[-1] == b"f"
    assert not re.search(rb"Date|Producer|Creator", data)


@given(drawings())
def test_its_path_is_the_document(drawing: Curves) -> None:
    document = compose(drawing)
    content = content_of(whole(document, "pdf")).decode()
    if not len(document):
        assert content == ""
        return
    head, _, path = content.partition(" cm\n")
    assert head == f"0 g 0.046875 0 0 -0.046875 0 {number(document.page_pt[1])}"  # 72/96 pt a pixel, 16 units each
    assert path.endswith("\nf\n")
    assert read_postfix(path.removesuffix("f\n"), relative=False) == chains_of(document)


def test_a_page_longer_than_pdf_allows_takes_larger_units(tmp_path: Path) -> None:
    document = compose(curves(100, 100_000, []))
    data = whole(document, "pdf")
    assert data.startswith(b"%PDF-1.6") and b"/UserUnit 6" in data and b"/MediaBox [0 0 12.5 12500]" in data
    (tmp_path / "a.pdf").write_bytes(data)
    run("qpdf", "--check", tmp_path / "a.pdf")


def test_the_identifier_is_of_the_content() -> None:
    """No date and no random number: another drawing, another identifier."""
    identifiers = [re.search(rb"/ID \[<(\w{32})> <(\w{32})>\]", whole(document, "pdf")) for document in (LETTER, LETTER, compose(flower()))]
    one, again, other = (match.groups() for match in identifiers if match)
    assert one == again != other
    assert one[0] == one[1]


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"), (-2.50, "-2.5"), (1e-11, "0"), (1e5, "100000")]
)
def test_numbers_are_plain(value: float, written: str) -> None:
    assert number(value) == written


@given(st.floats(-1e6, 1e6))
def test_any_number_is_within_its_ten_decimals(value: float) -> None:
    written = number(value)
    assert re.fullmatch(r"-?\d+(\.\d{1,10})?", written)
    assert abs(float(written) - value) <= 0.5e-10 + 2**-52 * abs(value)


@pytest.mark.parametrize("dpi", [None, 300, (204.0, 98.0)])
def test_a_bitmap_is_one_image_on_a_page_of_its_size(dpi: Any, tmp_path: Path) -> None:
    bitmap = Bitmap.from_array(np.random.default_rng(1).random((37, 91)) < 0.4)
    write(bitmap, tmp_path / "a.pdf", dpi=dpi)
    across, down = dpi if isinstance(dpi, tuple) else (dpi or 96, dpi or 96)
    data = (tmp_path / "a.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box and (float(box[1]), float(box[2])) == pytest.approx((91 * 72 / across, 37 * 72 / down), abs=1e-9)
    run("pdfimages", tmp_path / "a.pdf", tmp_path / "image")
    with Image.open(tmp_path / "image-000.pbm") as image:
        np.testing.assert_array_equal(~np.asarray(image), np.asarray(bitmap))


def test_an_image_of_a_drawing_keeps_its_page_and_boxes() -> None:
    document = compose(flower(), Page("3x2in", trim="2x1in", bleed="0.1in"), dpi=60)
    data = whole(document, "pdf", pdf_image=True).decode("latin-1")
    assert "/MediaBox [0 0 216 144]" in data and "/TrimBox [36 36 180 108]" in data
    bitmap = rasterize(document)
    assert f"/Width {bitmap.width} /Height {bitmap.height}" in data and (bitmap.width, bitmap.height) == (180, 120)
