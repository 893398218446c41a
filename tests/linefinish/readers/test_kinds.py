"""What a file is, by its first bytes; and what to do with what is none of ours. (The sentences for
each are told in test_reading.py, through the front door.)
"""
from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linefinish.readers.kinds import kind_of
from PIL import Image

from linefinish.errors import ImageReadError
from linefinish.readers.stream import Stream


def kind(data: bytes) -> str:
    return kind_of(Stream(io.BytesIO(data), "it"))


@pytest.mark.parametrize(
    ("form", "wanted"),
    [("PNG", "PNG"), ("JPEG", "JPEG"), ("TIFF", "TIFF"), ("BMP", "BMP"), ("GIF", "GIF"), ("WEBP", "WEBP"), ("PPM", "PNM")],
)
def test_files_of_pillow(form: str, wanted: str) -> None:
    file = io.BytesIO()
    Image.new("L", (3, 2)).save(file, form)
    assert kind(file.getvalue()) == wanted


@pytest.mark.parametrize("head", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_both_orders_of_tiff_and_big_tiff(head: bytes) -> None:
    assert kind(head + bytes(20)) == "TIFF"


@given(st.sampled_from(b"1234567"), st.sampled_from([b" ", b"\t", b"\r", b"\n", b"\v", b"\f", b"#"]), st.binary(max_size=9))
def test_a_portable_map_needs_white_space_after_its_number(digit: int, space: bytes, rest: bytes) -> None:
    assert kind(b"P" + bytes([digit]) + space + rest) == "PNM"
    with pytest.raises(ImageReadError):
        kind(b"P" + bytes([digit]) + b"x" + space + rest)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.4", "this is a PDF, which linefinish does not read; make a PNG of the page first, for example with: pdftoppm"),
        (b"%!PS", "this is PostScript"), (b"\xc5\xd0\xd3\xc6", "this is EPS"), (b"8BPS", "a Photoshop file"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000"), (b"\xffO\xffQ", "JPEG 2000"), (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL \r\n", "JPEG XL"),
        (b"\0\0\1\0", "an icon"), (b"AT&TFORM", "DjVu"), (b"gimp xcf v1", "a GIMP file"), (b"PF\n", "a PFM picture"),
        (b"Pf\n", "a PFM picture"), (b"PK\3\4", "a zip archive, which linefinish does not read; unpack it first"),
        (b"\x1f\x8b\x08", "compressed with gzip"), (b"v/1\1", "OpenEXR"), (b"#?RADIANCE", "a Radiance picture"),
        (b"\0\0\0\x20ftypheic", "HEIC, AVIF or a film"), (b"\0\0\0\x20ftypmp42", "HEIC, AVIF or a film"),
        (b"<svg>", "this is SVG"), (b"\xef\xbb\xbf \n<?xml?><!-- a --><SVG>", "this is SVG"),
        (b"<html>", "not an image that linefinish reads"), (b"svg", "not an image"), (b"RIFF\0\0\0\0WAVE", "not an image"),
        (b"", "the file is empty"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(head: bytes, words: str) -> None:
    with pytest.raises(ImageReadError) as caught:
        kind(head)
    assert str(caught.value).startswith("it: ") and words in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_kind_or_a_sentence(data: bytes) -> None:
    try:
        assert kind(data) in ("PNG", "PNM", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
    except ImageReadError as error:
        assert str(error).startswith("it: ")
