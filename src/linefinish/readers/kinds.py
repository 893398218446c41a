"""What kind of file this is, by its first bytes; names and suffixes are not looked at."""
from __future__ import annotations

from linefinish.errors import ImageReadError
from linefinish.readers.stream import Stream

# What is read: first bytes → kind.
_READ = (
    (b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"), (b"BM", "BMP"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"),
)  # fmt: skip
# What is not, though people try it: first bytes → its name, and what to do.
_VECTOR = "it is a drawing of lines already; to trace it anyway, save it as PNG first"
_CONVERT = "save it as PNG or TIFF first"
_NOT_READ = (
    (b"%PDF-", "a PDF", "make a PNG of the page first, for example with: pdftoppm -r 600 -gray -png"),
    (b"%!PS", "PostScript", _VECTOR), (b"\xc5\xd0\xd3\xc6", "EPS", _VECTOR), (b"8BPS", "a Photoshop file", _CONVERT),
    (b"\0\0\0\x0cjP  ", "JPEG 2000", _CONVERT), (b"\xffO\xffQ", "JPEG 2000", _CONVERT), (b"\xff\x0a", "JPEG XL", _CONVERT),
    (b"\0\0\0\x0cJXL ", "JPEG XL", _CONVERT), (b"\0\0\1\0", "an icon", _CONVERT), (b"AT&TFORM", "DjVu", _CONVERT),
    (b"gimp xcf", "a GIMP file", _CONVERT), (b"PF\n", "a PFM picture", _CONVERT), (b"Pf\n", "a PFM picture", _CONVERT),
    (b"PK\3\4", "a zip archive", "unpack it first"), (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    (b"v/1\1", "OpenEXR", _CONVERT), (b"#?RADIANCE", "a Radiance picture", _CONVERT),
)  # fmt: skip


def kind_of(stream: Stream) -> str:
    """PNG, PNM, JPEG, WEBP, TIFF, BMP or GIF, or an error that says what the file is instead."""
    head = stream.head
    if not head:
        raise ImageReadError(f"{stream.name}: the file is empty")
    for magic, kind in _READ:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3] in b" \t\r\n\v\f#" and len(head) > 2:
        return "PNM"
    for magic, name, advice in _NOT_READ:
        if head.startswith(magic):
            raise ImageReadError(f"{stream.name}: this is {name}, which linefinish does not read; {advice}")
    if head[4:8] == b"ftyp":
        raise ImageReadError(f"{stream.name}: this is HEIC, AVIF or a film, which linefinish does not read; {_CONVERT}")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text and text.startswith(b"<"):
        raise ImageReadError(f"{stream.name}: this is SVG, which linefinish does not read; {_VECTOR}")
    raise ImageReadError(f"{stream.name}: this is not an image that linefinish reads (PNG, JPEG, WebP, TIFF, BMP, GIF, PBM, PGM, PPM)")
