"""Fonts of a PDF: outlines, in the file or known everywhere."""
from __future__ import annotations

import struct

import pytest

from linefinish.verifiers.verifying import verify

from .samples import pdf, realigned, stream


def opentype(*tables: bytes) -> bytes:
    """The directory of a font."""
    return b"\0\1\0\0" + struct.pack(">4H", len(tables), 0, 0, 0) + b"".join(struct.pack(">4s3I", name, 0, 0, 0) for name in tables)


DESCRIPTOR = b"/FontDescriptor<</FontFile2 6 0 R>>"


@pytest.mark.parametrize(
    ("font", "program", "words"),
    [
        (b"/Subtype/Type1/BaseFont/Helvetica", b"", ""),
        (b"/Subtype/TrueType/BaseFont/Arial,Bold", b"", ""),
        (b"/Subtype/TrueType/BaseFont/TimesNewRomanPS-BoldMT", b"", ""),
        (b"/Subtype/TrueType/BaseFont/AppleColorEmoji", b"", "not in the file"),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, opentype(b"glyf", b"loca"), ""),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, opentype(b"glyf", b"COLR"), "in colour"),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, b"ttcf", "collection"),
        (b"/Subtype/Type0/DescendantFonts[<</Subtype/CIDFontType2" + DESCRIPTOR + b">>]", opentype(b"sbix"), "in colour"),
        (b"/Subtype/Type0/DescendantFonts[<</Subtype/CIDFontType2" + DESCRIPTOR + b">>]", opentype(b"glyf"), ""),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, opentype(b"glyf", b"EBDT", b"EBLC"), "as pictures"),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, opentype(b"bhed", b"bdat"), "as pictures"),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, opentype(b"glyf", b"Zzzz"), "the table 'Zzzz'"),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, b"wOFF" + bytes(40), "begins with 'wOFF'"),
        (b"/Subtype/TrueType/BaseFont/A+Any" + DESCRIPTOR, b"\1fcp", "begins with '?fcp'"),
        (b"/Subtype/Type1/BaseFont/A+Any" + DESCRIPTOR, b"STARTFONT 2.1", "begins with 'STAR'"),
        (b"/Subtype/Type1/BaseFont/A+Any" + DESCRIPTOR, b"%!FontType1-1.0: A", ""),
        (b"/Subtype/Type1/BaseFont/A+Any" + DESCRIPTOR, b"\1\0\4\1", ""),
        (b"/Subtype/Type0/DescendantFonts[<</Subtype/Type3>>]", b"", "of type Type3"),
        (b"/Subtype/Odd", b"", "of type Odd"),
    ],
)
def test_fonts(font: bytes, program: bytes, words: str) -> None:
    data = pdf(b"BT /T 9 Tf (a) Tj ET", b"/Font<</T 5 0 R>>", (b"<</Type/Font" + font + b">>", stream(program)))
    verdict = verify(data)
    assert words in verdict.problem and verdict.is_one_bit is (words == "")


def test_glyphs_that_use_what_their_page_has() -> None:
    """One font on two pages: its glyph is another picture on each."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>"
    objects = (
        stream(b"9 0 d0 /X Do"),
        b"<</Type/Font/Subtype/Type3/CharProcs<</a 5 0 R>>>>",
        stream(b"0 g", form),
        stream(b".5 g", form),
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</T 6 0 R>>/XObject<</X %d 0 R>>>>>>",
    )
    for number, fine in ((7, True), (8, False)):
        data = pdf(b"/T 9 Tf", b"/Font<</T 6 0 R>>/XObject<</X 7 0 R>>", (*objects[:4], objects[4] % number))
        assert verify(realigned(data.replace(b"/Kids[3 0 R]/Count 1", b"/Kids[3 0 R 9 0 R]/Count 2"))).is_one_bit is fine


def test_glyphs_that_are_content_are_judged_however_they_are_reached() -> None:
    type3 = b"<</Type/Font/Subtype/Type3/CharProcs<</a 5 0 R>>>>"
    for content, resources in ((b"/T 9 Tf", b"/Font<</T 6 0 R>>"), (b"/G gs", b"/ExtGState<</G<</Font[6 0 R 9]>>>>")):
        for glyph, fine in ((b"9 0 d0 .3 g", False), (b"9 0 d0 0 g", True)):
            assert verify(pdf(content, resources, (stream(glyph), type3))).is_one_bit is fine
    field = pdf(b"", b"", (stream(b"9 0 d0 .3 g"), type3), root=b"/AcroForm<</DR<</Font<</T 6 0 R>>>>>>")
    assert not verify(field).is_one_bit
