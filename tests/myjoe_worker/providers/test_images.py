"""What a file is, by its first bytes."""
from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from myjoe.errors import ImageRefusedError
from myjoe_worker.providers.images import media_type, picture, size_px
from tests.support.peers import pictures

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


@pytest.mark.parametrize("size", [(1, 1), (37, 19), (832, 1216)])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {"lossless": True}), ("WEBP", {"quality": 50})],
)
@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_raster_images_are_known_and_state_their_size(kind: str, options: dict[str, object], mode: str, size: tuple[int, int]) -> None:
    stream = io.BytesIO()
    Image.new("RGB" if kind == "JPEG" and mode == "RGBA" else mode, size, 200).save(stream, kind, **options)
    assert (media_type(stream.getvalue()), size_px(stream.getvalue())) == (MEDIA_TYPES[kind], size)


@pytest.mark.parametrize(
    "content",
    [
        pictures.SVG, b"<svg/>", b"<svg xmlns='x'>", b"\xef\xbb\xbf  <?xml version='1.0'?>\n<!-- a <svg> --><svg>",
        b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg>', pictures.SVG_WITH_SCRIPT,
    ],
)  # fmt: skip
def test_svg_is_known_by_its_root(content: bytes) -> None:
    assert media_type(content) == "image/svg+xml" and size_px(content) is None


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html><svg></svg></html>", b"<svgx>", b"%PDF-1.7", b"\0" * 100, b"<!-- <svg> -->"])
def test_everything_else_is_refused(content: bytes) -> None:
    assert media_type(content) is None
    with pytest.raises(ImageRefusedError):
        picture(content, "recraft", "m", "r")


def test_a_jpeg_may_have_its_tables_before_its_size() -> None:
    content = pictures.jpeg(37, 19)
    at = content.index(b"\xff\xc4")
    table = content[at : at + 2 + int.from_bytes(content[at + 2 : at + 4])]
    assert size_px(content[:2] + table + content[2:]) == (37, 19)


@given(st.binary(max_size=64), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF....WEBPVP8 ", b"RIFF....WEBPVP8X", b""]))
def test_damaged_files_have_no_size_and_break_nothing(tail: bytes, head: bytes) -> None:
    size = size_px(head + tail)
    assert size is None or len(size) == 2
