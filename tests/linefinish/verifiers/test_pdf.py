"""PDF: what the pages paint, wherever it stands, in files of many writers."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import pytest
from PIL import Image

from linefinish.verifiers.verifying import verify

from .samples import bilevel, pdf, saved, stream

IMAGE = b"/Type/XObject/Subtype/Image/Width 8/Height 2"


@pytest.mark.parametrize(
    "content",
    [
        b"0 g 0 0 m 9 9 l f",
        b"0 0 0 rg",
        b"1 1 1 RG",
        b"0 0 0 1 k",
        b"0 0 0 0 K",
        b"1 G",
        b"/DeviceGray cs 0 sc",
        b"/DeviceCMYK CS 0 0 0 1 SCN",
        b"q /DeviceRGB cs Q 1 sc",
        b"BI /W 8 /H 1 /IM true ID \xff EI",
        b"BI /W 8 /H 1 /BPC 1 /CS /G ID \xff EI",
        b"% 1 0 0 rg\n0 g",
        b"/Span <</A (1 0 0 rg)>> BDC EMC",
        b"BT (a) Tj ET",
        b"",
    ],
)
def test_pure_content(content: bytes) -> None:
    verdict = verify(pdf(content))
    assert verdict.problem == "" and verdict.detail.startswith("1 page, 100 × 100 pt")


@pytest.mark.parametrize(
    ("content", "operator"),
    [
        (b"0 0 m 1 1 l S .5 g", "g"),
        (b"1 0 0 RG", "RG"),
        (b"1 1 1 1 k", "k"),
        (b"0.1 0.1 0.1 1 k", "k"),
        (b"/DeviceRGB cs 1 0 0 sc", "sc"),
        (b"/Pattern cs", "cs"),
        (b"/Lab cs", "cs"),
        (b"/P scn", "scn"),
        (b"/S sh", "sh"),
        (b"foo", "foo"),
        (b"q /DeviceRGB cs Q 1 1 1 sc", "sc"),
        (b"BI /W 8 /H 1 /BPC 8 /CS /G ID 12345678 EI", "Do"),
        (b"BI /W 8 /H 1 /BPC 1 /CS /G /I true ID 1 EI", "Do"),
        (b"0 0 0 g", "g"),
    ],
)
def test_other_content(content: bytes, operator: str) -> None:
    verdict = verify(pdf(content))
    assert not verdict.is_one_bit and not verdict.is_damaged and verdict.where and verdict.where[0] == operator and verdict.page == 1


@pytest.mark.parametrize(
    ("state", "fine"),
    [
        (b"/ca 1/CA 1/BM/Normal/SMask/None/LW 2", True),
        (b"/ca .5", False),
        (b"/CA 0.99", False),
        (b"/BM/Multiply", False),
        (b"/BM[/Screen]", False),
        (b"/SMask<</S/Alpha>>", False),
        (b"/TR 5 0 R", False),
        (b"/Odd 1", False),
    ],
)
def test_graphics_states(state: bytes, fine: bool) -> None:
    assert verify(pdf(b"/A gs", b"/ExtGState<</A<<" + state + b">>>>")).is_one_bit is fine


@pytest.mark.parametrize(
    ("entries", "body", "words"),
    [
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray", b"\xff\x00", ""),
        (b"/ImageMask true", b"\xff\x00", ""),
        (b"/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1<000000ffffff>]", b"\xff\x00", ""),
        (b"/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1(\\000\\000\\000\\377\\377\\377)]", b"\xff\x00", ""),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Decode[1 0]", b"\xff\x00", ""),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/FlateDecode", zlib.compress(b"\xff\x00"), ""),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Decode[0 .5]", b"\xff\x00", "Decode"),
        (b"/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1<000000fffffe>]", b"\xff\x00", "palette"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceRGB", b"\xff" * 6, "colour"),
        (b"/BitsPerComponent 8/ColorSpace/DeviceGray", b"\xff" * 16, "8 bits"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Interpolate true", b"\xff\x00", "smooth"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/SMask 5 0 R", b"\xff\x00", "soft mask"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray", b"\xff", "truncated"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/FlateDecode", zlib.compress(b"\xff"), "truncated"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/DCTDecode", b"\xff", "never 1-bit"),
    ],
)
def test_images(entries: bytes, body: bytes, words: str) -> None:
    verdict = verify(pdf(b"/I Do", b"/XObject<</I 5 0 R>>", (stream(body, IMAGE + entries),)))
    assert words in verdict.problem and verdict.is_one_bit is (words == "")


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
        (pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (stream(zlib.compress(bytes(1 << 28)), b"/Subtype/Form/Filter/FlateDecode"),)), "MiB"),
    ],
)
def test_hostile_files(data: bytes, words: str) -> None:
    verdict = verify(data)
    assert words in verdict.problem and verdict.is_damaged
