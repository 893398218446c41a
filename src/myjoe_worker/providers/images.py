"""A provider's file as a picture, and the size that it states: nothing is decoded, and no header of
HTTP is believed.
"""
from __future__ import annotations

import struct

from myjoe.errors import ImageRefusedError
from myjoe_worker.imaging.kinds import MEDIA_TYPES, kind_of
from myjoe_worker.providers.protocol import Picture


def picture(content: bytes, provider: str, model: str, request_id: str) -> Picture:
    """The file as a picture; ImageRefusedError if it is none."""
    found = media_type(content)
    if found is None:
        raise ImageRefusedError(f"{provider} sent {len(content)} bytes that are no PNG, JPEG, WEBP or SVG")
    return Picture(content, found, provider, model, request_id)


def media_type(content: bytes) -> str | None:
    """image/png, image/jpeg, image/webp, image/svg+xml, or None."""
    kind = kind_of(content)
    return MEDIA_TYPES[kind] if kind else None


def size_px(content: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG, JPEG or WEBP states; None where it states none."""
    kind = media_type(content)
    try:
        if kind == "image/png":
            width, height = struct.unpack(">II", content[16:24])
            return width, height
        if kind == "image/jpeg":
            return _jpeg_size(content)
        if kind == "image/webp":
            return _webp_size(content)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # the frame headers; those three are tables
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
