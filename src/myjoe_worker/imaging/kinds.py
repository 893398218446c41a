"""What a file from outside is, told by its first bytes and by nothing else: names and media types
lie, and nothing is decoded. Whether it is a *sound* image is found out where it is decoded.
"""
from __future__ import annotations

import re

# The kinds that are taken, with their media types.
MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
# An SVG begins with its root, after whatever XML allows in front of it. What was read once is not
# read in another way (atomic groups): a file of many comments would take for ever.
_SVG = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*+(?:(?><\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(?:\[.*?\]\s*)?>)\s*+)*+<svg[\s/>]", re.DOTALL
)
_SVG_HEAD_BYTES = 4096


def kind_of(content: bytes) -> str | None:
    """The file's kind, one of MEDIA_TYPES, or None."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "svg" if _SVG.match(content[:_SVG_HEAD_BYTES]) else None
