"""Images of a PDF: one bit, and where those within the content end."""
from __future__ import annotations

import base64
import zlib

import pytest

from linefinish.verifiers.verifying import verify

from .samples import bilevel, pdf, saved, stream

IMAGE = b"/Type/XObject/Subtype/Image/Width 8/Height 2"


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


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (b"/Alternates[]", "Alternates"),
        (b"/OPI<<>>", "OPI"),
        (b"/Mask[0 0]", ""),
        (b"/Intent/Perceptual", ""),
        (b"/Intent/AbsoluteColorimetric", "the rendering intent"),
        (b"/Mask/None", "the mask"),
        (b"/Filter/Odd", "unknown filter"),
        (b"/BitsPerComponent true", "twice"),
    ],
)
def test_what_else_an_image_says(entries: bytes, words: str) -> None:
    image = stream(b"\xff\x00", IMAGE + b"/BitsPerComponent 1/ColorSpace/DeviceGray" + entries)
    verdict = verify(pdf(b"/I Do", b"/XObject<</I 5 0 R>>", (image,)))
    assert words in verdict.problem and verdict.is_one_bit is (words == "")


def test_a_truth_value_is_no_number_of_bits() -> None:
    image = stream(b"\xff" * 16, IMAGE + b"/BitsPerComponent true/ColorSpace/DeviceGray")
    assert "unknown bits" in verify(pdf(b"/I Do", b"/XObject<</I 5 0 R>>", (image,))).problem


ROWS = b"\xf0\x0f" * 8


def lzw(content: bytes) -> bytes:
    """Codes of 9 bits, with a clearing before each byte: the longest spelling there is."""
    bits = "".join(f"{256:09b}{byte:09b}" for byte in content) + f"{257:09b}"
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def g4() -> bytes:
    """Group 4 data of 8 × 16 pixels, out of a TIFF."""
    import io

    from PIL import Image

    data = saved(Image.frombytes("1", (8, 16), ROWS), "TIFF", compression="group4")
    tags = Image.open(io.BytesIO(data)).tag_v2  # type: ignore[attr-defined]
    return data[tags[273][0] :][: tags[279][0]]


PACKED = {
    b"": ROWS,
    b"/F/AHx": ROWS.hex().encode() + b">",
    b"/F/A85": base64.a85encode(ROWS) + b"~>",
    b"/F/RL": b"\x0f" + ROWS + b"\x80",
    b"/F/Fl": zlib.compress(ROWS),
    b"/F/LZW": lzw(ROWS),
    b"/F[/A85/Fl]": base64.a85encode(zlib.compress(ROWS)) + b"~>",
    b"/F/CCF/DP<</K -1/Columns 8>>": g4(),
}


FAX = b"/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns %d%s>>"


@pytest.mark.parametrize(
    ("entries", "body", "words"),
    [
        (b"/Filter/ASCIIHexDecode", ROWS.hex().encode() + b">", ""),
        (b"/Filter/ASCIIHexDecode", ROWS[1:].hex().encode() + b">", "holds 15 of 16 bytes"),
        (b"/Filter/RunLengthDecode", b"\x0f" + ROWS + b"\x80", ""),
        (b"/Filter/RunLengthDecode", b"\x0e" + ROWS[1:] + b"\x80", "holds 15 of 16 bytes"),
        (b"/Filter/LZWDecode", lzw(ROWS[1:]), "holds 15 of 16 bytes"),
        (b"/Filter[/ASCII85Decode/FlateDecode]", base64.a85encode(zlib.compress(ROWS[1:])) + b"~>", "holds 15 of 16 bytes"),
        (FAX % (8, b""), g4(), ""),
        (FAX % (8, b""), b"\x00\x10\x01", "holds 0 of 16 rows"),
        (FAX % (16, b""), g4(), "of another width"),
        (FAX % (8, b"/EncodedByteAlign true"), g4(), "begins with a byte"),
        (b"/Filter[/ASCIIHexDecode/CCITTFaxDecode]/DecodeParms[null<</K -1/Columns 8>>]", g4().hex().encode() + b">", ""),
        (b"/Filter[/ASCIIHexDecode/CCITTFaxDecode]/DecodeParms[null<</K -1/Columns 8>>]", b"001001>", "holds 0 of 16 rows"),
    ],
)
def test_all_rows_are_there_however_they_are_packed(entries: bytes, body: bytes, words: str) -> None:
    image = stream(body, b"/Type/XObject/Subtype/Image/Width 8/Height 16/BitsPerComponent 1/ColorSpace/DeviceGray" + entries)
    verdict = verify(pdf(b"/I Do", b"/XObject<</I 5 0 R>>", (image,)))
    assert words in verdict.problem and verdict.is_one_bit is (words == "")


@pytest.mark.parametrize("entries", PACKED)
def test_images_within_the_content_end_where_their_data_ends(entries: bytes) -> None:
    data = PACKED[entries]
    head = b"q BI /W 8 /H 16 /IM true" + entries + b" ID "
    assert verify(pdf(head + data + b"\nEI Q 0 g")).problem == ""
    for tail in (b"xEI .5 g Q\nEI Q", b"\nEI .5 g Q", b" EI .5 g EI", b""):
        assert not verify(pdf(head + data + tail)).is_one_bit, tail
    assert not verify(pdf(head + data[:-1])).is_one_bit
    named = b"q BI /W 8 /H 16 /IM true /L %d" % len(data) + entries + b" ID "
    assert verify(pdf(named + data + b"\nEI Q")).problem == ""
    assert not verify(pdf(named.replace(b"/L ", b"/L 1") + data + b"\nEI Q")).is_one_bit


def test_data_that_seems_to_end_twice_and_keys_that_stand_twice() -> None:
    assert "seems to end" in verify(pdf(b"BI /W 80 /H 1 /IM true ID \n EI .5 g \nEI")).problem
    assert "twice" in verify(pdf(b"BI /W 8 /Width 8 /H 1 /IM true ID \xff EI")).problem
    assert "of an image" in verify(pdf(b"BI /W 8 /H 1 /IM true /SMask 1 ID \xff EI")).problem


def test_a_picture_of_pillow() -> None:
    assert verify(saved(bilevel(), "PDF")).is_one_bit
