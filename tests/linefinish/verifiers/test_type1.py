"""Type 1 font programs: outlines, and nothing that a PostScript interpreter would paint."""
from __future__ import annotations

import pytest

from linefinish.verifiers.type1 import judge
from linefinish.verifiers.verdict import DamagedError
from linefinish.verifiers.verifying import verify

from .samples import pdf, stream

CLEAR = b"""%!PS-AdobeFont-1.0: A
% made by hand
11 dict begin
/FontInfo 2 dict dup begin /Notice (a \\( text \\) of (pairs)) readonly def end readonly def
/FontName /A def /PaintType 0 def /FontType 1 def /FontMatrix [.001 0 0 .001 0 0] readonly def
/Encoding 256 array dup 97 /a put readonly def
currentdict end
"""
PRIVATE = b"""dup /Private 9 dict dup begin
/RD {string currentfile exch readstring pop} executeonly def
/ND {noaccess def} executeonly def
/NP {noaccess put} executeonly def
/password 5839 def
2 index /CharStrings 1 dict dup begin
/a 6 RD (g}]%x ND
end end readonly put noaccess put dup /FontName get exch definefont pop
mark currentfile closefile
"""
ZEROS = (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"


def encrypted(plain: bytes) -> bytes:
    """As section 7.1 of Adobe's book has it, behind four bytes of no matter."""
    key, made = 55665, bytearray()
    for byte in bytes(4) + plain:
        made.append(byte ^ key >> 8)
        key = (made[-1] + key) * 52845 + 22719 & 0xFFFF
    return bytes(made)


def font(clear: bytes = CLEAR, private: bytes = PRIVATE, after: bytes = ZEROS) -> bytes:
    return clear + b"currentfile eexec\n" + encrypted(private) + b"\n" + after


def segmented(parts: list[tuple[int, bytes]]) -> bytes:
    """A PFB."""
    return b"".join(b"\x80" + bytes((kind,)) + len(part).to_bytes(4, "little") + part for kind, part in parts) + b"\x80\3"


CLEAR_AND_CALL = CLEAR + b"currentfile eexec\n"


@pytest.mark.parametrize(
    "program",
    [
        font(), font(after=b""), CLEAR, CLEAR_AND_CALL + encrypted(PRIVATE).hex().encode() + b"\n" + ZEROS,
        segmented([(1, CLEAR_AND_CALL), (2, encrypted(PRIVATE)), (1, ZEROS)]), font(after=ZEROS + b"{restore}if\n"),
        font(private=PRIVATE.replace(b"/password", b"systemdict /internaldict known pop /password")),
    ],
)  # fmt: skip
def test_outlines_are_let_pass(program: bytes) -> None:
    judge(program)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (font(CLEAR + b".5 setgray 0 0 9 9 rectfill "), "the operator setgray"),
        (font(private=b".5 setgray " + PRIVATE), "the operator setgray"),
        (font(after=ZEROS + b".5 setgray 0 0 9 9 rectfill"), "behind its end"),
        (font(CLEAR.replace(b"/FontType 1", b"/FontType 3")), "that is none"),
        (font(CLEAR.replace(b"/PaintType", b"/BuildGlyph")), "another meaning"),
        (font(CLEAR.replace(b"/PaintType", b"/dict")), "another meaning"),
        (font(private=PRIVATE.replace(b"/password", b"systemdict /setgray get exec /password")), "asks the system for more"),
        (font(private=PRIVATE.replace(b"/password 5839", b"/password get exec")), "a computed procedure"),
        (font(private=PRIVATE.replace(b"5839", b"(setgray)")), "a text where its glyphs are"),
        (CLEAR.replace(b"(pairs))", b"(pairs)"), "a text without end"),
        # What is not read is carried out.
        (font(private=PRIVATE.replace(b"string currentfile exch readstring pop", b"pop")), "in a way of its own"),
        (font(private=PRIVATE.replace(b"exch readstring", b"exch pop 1 string readstring")), "in a way of its own"),
        (font(private=PRIVATE.replace(b"noaccess put}", b"string currentfile exch readstring pop}")), "the operator readstring"),
        (font(private=PRIVATE.replace(b"/a 6 RD", b"/a 6 dup pop RD")), "computed lengths"),
        (font(private=PRIVATE.replace(b"{noaccess def}", b"{6 RD (g}]%x}")), "computed lengths"),
        (font(CLEAR + b"<00> "), "with '<00>'"),
        (bytes(1 << 22), "bytes"),
    ],
)  # fmt: skip
def test_what_does_more_cannot_be_verified(program: bytes, words: str) -> None:
    with pytest.raises(DamagedError, match="cannot be verified: a Type 1 font .*" + words):
        judge(program)


def test_the_fonts_of_a_pdf_are_judged() -> None:
    shown = b"<</Type/Font/Subtype/Type1/BaseFont/A+Any/FontDescriptor<</FontFile 6 0 R>>>>"
    for program, fine in ((font(), True), (font(CLEAR + b".5 setgray "), False)):
        assert verify(pdf(b"BT /T 9 Tf (a) Tj ET", b"/Font<</T 5 0 R>>", (shown, stream(program)))).is_one_bit is fine
