"""Pages of ours are read back as the curves they hold; others are not read."""
from __future__ import annotations

import zlib
from pathlib import Path

import pytest

import linefinish
from linefinish import ImageReadError, Page
from linefinish.book.finished import document_of, read_pdf, read_svg
from linefinish.data.document import compose


@pytest.mark.parametrize("page", [None, Page("letter", "0.5in")])
@pytest.mark.parametrize("paths", ["one", "each"])
def test_svg_and_pdf_hold_the_same_curves(images: Path, tmp_path: Path, page: Page | None, paths: str) -> None:
    finished = linefinish.finish(images / "page-3.png")
    finished.write(tmp_path / "a.svg", page=page, svg_paths=paths)
    finished.write(tmp_path / "a.pdf", page=page)
    size, stream = read_pdf((tmp_path / "a.pdf").read_bytes(), "a.pdf")
    from_pdf, from_svg = document_of(stream, size, "a.pdf"), read_svg((tmp_path / "a.svg").read_bytes(), "a.svg")
    wanted = compose(finished.curves, page, image_dpi=finished.report.dpi)
    assert bytes(from_pdf.segments) == _normal(wanted)
    assert from_pdf.page_pt == pytest.approx(wanted.page_pt, abs=1e-3)
    assert from_svg.page_pt == pytest.approx(wanted.page_pt, abs=1e-3)
    assert from_pdf.drawing_pt[:2] == pytest.approx(wanted.drawing_pt[:2], abs=1e-2)
    assert from_svg.drawing_pt[:2] == pytest.approx(wanted.drawing_pt[:2], abs=1e-2)
    assert len(from_svg) == len(wanted)
    if paths == "one":
        assert bytes(from_svg.segments) == bytes(from_pdf.segments)


def _normal(document: linefinish.Document) -> bytes:
    """Segments whose lines have no control points, as files do not tell them."""
    values = list(document.segments)
    for at, kind in enumerate(document.kinds):
        if kind == 0:
            values[6 * at : 6 * at + 4] = [0, 0, 0, 0]
    return memoryview(__import__("array").array("i", values)).tobytes()


def test_an_empty_page(tmp_path: Path) -> None:
    empty = linefinish.Curves.empty(100, 140)
    for name in ("e.pdf", "e.svg"):
        linefinish.write(compose(empty), tmp_path / name)
    size, stream = read_pdf((tmp_path / "e.pdf").read_bytes(), "e")
    assert len(document_of(stream, size, "e")) == 0
    assert len(read_svg((tmp_path / "e.svg").read_bytes(), "e")) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"1 g 1 0 0 -1 0 9 cm\nf\n", b"0 g 1 0 0 -1 0 9 cm\n0 0 m\n9 9 l\nh\nf\n1 0 0 rg\n", b"0 g 1 0 0 -1 0 9 cm\n/I Do\nf\n",
        b"0 g 0 0 0 0 0 0 cm\nf\n",
    ],
)  # fmt: skip
def test_content_of_other_hands(content: bytes) -> None:
    with pytest.raises(ImageReadError, match="something else than curves"):
        document_of(zlib.compress(content), (9, 9), "it.pdf")


def test_damaged_and_foreign_files() -> None:
    with pytest.raises(ImageReadError, match=r"x\.pdf: only a page"):
        read_pdf(b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n", "x.pdf")
    with pytest.raises(ImageReadError, match="damaged"):
        document_of(b"no deflate", (9, 9), "x.pdf")
    with pytest.raises(ImageReadError, match=r"x\.svg: only an SVG"):
        read_svg(b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', "x.svg")
    head = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9"><path transform="scale(.0625)" fill="#000" d="'
    for path in (b"M0 0", b"m0 0 5", b"l1 1", b"m0 0q1 1 2 2z"):
        with pytest.raises(ImageReadError, match="not of linefinish"):
            read_svg(head + path + b'"/></svg>\n', "x.svg")
