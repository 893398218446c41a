"""PDF: pages, annotations and catalog, in files of many writers."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path

import pytest
from PIL import Image

from linefinish.verifiers.verifying import verify
from tests.support import bombs

from .samples import bilevel, pdf, saved, stream

IMAGE = b"/Type/XObject/Subtype/Image/Width 8/Height 2"


def test_what_stands_elsewhere_is_found() -> None:
    form = stream(b"1 0 0 rg", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    assert verify(pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (form,))).where == ("rg", 8)
    assert verify(pdf(b"", b"/XObject<</F 5 0 R>>", (form,))).is_one_bit  # it is there, and never painted
    assert not verify(pdf(b"", b"", (form,), b"/Annots[<</Subtype/Stamp/AP<</N 5 0 R>>>>]")).is_one_bit
    assert not verify(pdf(b"", b"", (), b"/Annots[<</Subtype/Highlight>>]")).is_one_bit
    assert verify(pdf(b"", b"", (), b"/Annots[<</Subtype/Link/C[0]>>]")).is_one_bit
    type3 = b"<</Type/Font/Subtype/Type3/CharProcs<</a 5 0 R>>>>"
    assert not verify(pdf(b"/T 9 Tf", b"/Font<</T 6 0 R>>", (stream(b"9 0 d0 .3 g"), type3))).is_one_bit
    own = stream(b"/G Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</G 5 0 R>>>>")
    assert verify(pdf(b"/G Do", b"/XObject<</G 5 0 R>>", (own,))).is_one_bit  # a form that paints itself ends
    bare = stream(b"/I Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")  # and one without resources has its page's
    gray = stream(b"\x57", IMAGE + b"/BitsPerComponent 8/ColorSpace/DeviceGray")
    assert not verify(pdf(b"/F Do", b"/XObject<</F 5 0 R/I 6 0 R>>", (bare, gray))).is_one_bit


@pytest.mark.parametrize("colour", ["#000000", "#123456"])
def test_other_writers(tmp_path: Path, colour: str) -> None:
    fine = colour == "#000000"
    drawn = tmp_path / "a.pdf"
    subprocess.run(["potrace", "-b", "pdf", "-C", colour, "-", "-o", str(drawn)], input=saved(bilevel(), "PPM"), check=True)
    assert verify(drawn).is_one_bit is fine
    for command in (
        ["qpdf", "--object-streams=generate", "a.pdf", "b.pdf"],
        ["qpdf", "--linearize", "a.pdf", "b.pdf"],
        ["qpdf", "--qdf", "a.pdf", "b.pdf"],
        ["pdftocairo", "-pdf", "a.pdf", "b.pdf"],
        ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-sOutputFile=b.pdf", "a.pdf"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        assert verify(tmp_path / "b.pdf").is_one_bit is fine, command
    subprocess.run(["qpdf", "--encrypt", "a", "b", "256", "--", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    assert "encrypted" in verify(tmp_path / "b.pdf").problem


def test_reportlab_and_pikepdf(tmp_path: Path) -> None:
    import pikepdf
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(200, 200))
    for _ in range(2):
        canvas.drawString(10, 100, "Black")
        canvas.line(0, 0, 100, 100)
        canvas.rect(20, 20, 50, 50, fill=1)
        canvas.linkURL("http://example.com", (10, 10, 50, 50), Border="[0 0 0]")
        canvas.bookmarkPage("here")
        canvas.addOutlineEntry("Here", "here")
        canvas.showPage()
    canvas.save()
    with pikepdf.open(tmp_path / "a.pdf") as document:
        document.save(tmp_path / "b.pdf", linearize=True)
        document.save(tmp_path / "c.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        assert verify(tmp_path / name).problem == "", name


def test_a_linearized_file_names_its_first_page(tmp_path: Path) -> None:
    """pdfium shows the page that the first object names, wherever the tree begins."""
    (tmp_path / "a.pdf").write_bytes(pdf(b"0 g"))
    subprocess.run(["qpdf", "--linearize", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    data = (tmp_path / "b.pdf").read_bytes()
    assert verify(data).problem == ""
    number = re.search(rb"/O (\d+)", data)
    assert number
    other = data.replace(number[0], b"/O %0*d" % (len(number[1]), (int(number[1]) + 1) % 10))
    assert "first page" in verify(other).problem


ANNOTATIONS = {
    b"<</Subtype/Link/Border[0 0 0]/C[1 0 0]>>": "OK",
    b"<</Subtype/Link/BS<</W 0>>/C[1 0 0]>>": "OK",
    b"<</Subtype/Link/Border[0 0 0]/BS<</W 1>>/C[1 0 0]>>": "GREY",
    b"<</Subtype/Link/C[1 0 0]>>": "GREY",
    b"<</Subtype/Link/C[0]>>": "OK",
    b"<</Subtype/Link/A<</S/URI/URI(a)>>>>": "OK",
    b"<</Subtype/Link/A<</S/JavaScript/JS(a)>>>>": "BAD",
    b"<</Subtype/Popup/C[1 1 0]/Parent 3 0 R>>": "OK",
    b"<</Subtype/Popup/Open true>>": "BAD",
    b"<</Subtype/Widget/FT/Sig/Rect[0 0 0 0]>>": "OK",
    b"<</Subtype/Widget/FT/Sig/Rect[0 0 9 9]>>": "BAD",
    b"<</Subtype/Widget/AP<</N 5 0 R>>/MK<</BG[.5]>>>>": "GREY",
    b"<</Subtype/Widget/AP<</N 5 0 R>>/DA(/F 0 Tf .5 g)>>": "GREY",
    b"<</Subtype/Widget/AP<</N 5 0 R>>/DA(/F 0 Tf 0 g)>>": "OK",
    b"<</Subtype/Stamp/AP<</N 5 0 R>>>>": "OK",
    b"<</Subtype/Stamp/AP<</D 5 0 R>>>>": "BAD",
    b"<</Subtype/Stamp/AP<</N 5 0 R>>/CA .5>>": "GREY",
    b"<</Subtype/Movie/AP<</N 5 0 R>>>>": "BAD",
}


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_annotations(annotation: bytes) -> None:
    form = stream(b"0 g", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    assert verify(pdf(b"", b"", (form,), b"/Annots[" + annotation + b"]")).word == ANNOTATIONS[annotation]


def test_pillow() -> None:
    assert verify(saved(bilevel(), "PDF")).is_one_bit
    assert "DCTDecode" in verify(saved(Image.new("L", (9, 9), 87), "PDF")).problem


@pytest.mark.parametrize("name", ["ASCIIHexDecode", "ASCII85Decode", "RunLengthDecode", "FlateDecode"])
def test_packed_content_is_opened(name: str) -> None:
    import base64

    content = b"0 0 1 rg"
    packed = {
        "ASCIIHexDecode": content.hex().encode() + b">",
        "ASCII85Decode": base64.a85encode(content) + b"~>",
        "RunLengthDecode": bytes([len(content) - 1]) + content + b"\x80",
        "FlateDecode": zlib.compress(content),
    }[name]
    form = stream(packed, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/" + name.encode())
    assert verify(pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (form,))).where == ("rg", 8)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf(b"")[:-20], "startxref"),
        (pdf(b"").replace(b"startxref\n", b"startxref\n9"), "not where it should be"),
        (pdf(b"", b"/XObject 5 0 R", (b"6 0 R", b"5 0 R")), "circle"),
        (pdf(b"", b"", (), b"/Annots " + b"[" * 100 + b"]" * 100), "in one another"),
        (pdf(b"").replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"), "circle"),
        (pdf(b"0 g").replace(b"/Length 3", b"/Length 2"), "not as long"),
        (pdf(b"/X Do"), "not there"),
        (pdf(b"1 " * 100), "operands"),
        (pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (stream(bombs.flate(256), b"/Subtype/Form/Filter/FlateDecode"),)), "MiB"),
    ],
)
def test_hostile_files(data: bytes, words: str) -> None:
    verdict = verify(data)
    assert words in verdict.problem and verdict.is_damaged
