"""`read_gray`: any picture from anywhere → `Gray`. The only step that decodes images.

PNG and PNM are decoded here with the standard library and our kernels; every other kind by Pillow,
which is imported only then.
"""
from __future__ import annotations

import os
import sys

from linefinish.checks import keywords, shown
from linefinish.data.raster import Gray
from linefinish.errors import ImageError, ImageReadError, OptionsError
from linefinish.readers.stream import Stream, refuse_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@keywords
def read_gray(
    source: Any, *, megapixels_max: float = 500.0, frame: int | None = None, drop_colour: str | None = None
) -> Gray:
    """Read an image as 8 bits of grey: 0 is black, alpha lies on white, the right way up, with the
    dpi that the file states.

    `source` is a path, "-" for standard input, bytes, a binary file object, a numpy array, a PIL
    image, or a `Gray`, which is returned as it is. Arrays are (h, w) or (h, w, 1…4) for grey, grey
    and alpha, RGB, RGB and alpha; of uint8, uint16, bool (True is white), or floats from 0 to 1.
    Colour becomes luma by Rec. 601. Files may be PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF, PBM, PGM,
    PPM or PAM. A picture that is wholly transparent is taken as opaque, with a warning.

    `frame` chooses the page of a TIFF of several, from 1 on.

    `drop_colour` is red, green, blue or #rrggbb: what is drawn in that colour becomes as light as
    through a filter of it. `megapixels_max` is held against the size in the header, before memory
    is taken for the pixels. Raises `ImageReadError`, `ImageTooLargeError`, `ImageShapeError`, all
    of them `ImageError`: one sentence that begins with the file's name.
    """
    if isinstance(megapixels_max, bool) or not isinstance(megapixels_max, (int, float)) or not megapixels_max > 0:
        raise OptionsError(f"megapixels_max is {shown(megapixels_max)}; it must be a number above 0")
    if frame is not None and (isinstance(frame, bool) or not isinstance(frame, int) or frame < 1):
        raise OptionsError(f"frame is {shown(frame)}; it must be a whole number, 1 or more")
    if isinstance(source, Gray):
        return source
    colour = None
    if drop_colour is not None:
        from linefinish.readers.colours import dropped  # 0.1 ms that only who asks for it pays

        colour = dropped(drop_colour)
    if isinstance(source, str) and source == "-":
        return _read_file(sys.stdin.buffer, "standard input", megapixels_max, frame, colour)
    if isinstance(source, (str, os.PathLike)):
        return _read_path(source, megapixels_max, frame, colour)
    if _is_pillow_image(source):
        from linefinish.readers import pillow

        return pillow.read_image(source, "the image", megapixels_max, colour)
    if hasattr(source, "__array_interface__"):
        from linefinish.readers import arrays

        return arrays.read(source, megapixels_max, colour=colour)
    if isinstance(source, (bytes, bytearray, memoryview)):
        import io

        return _read_file(io.BytesIO(source), "the given bytes", megapixels_max, frame, colour)
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        return _read_file(source, name if isinstance(name, str) else "the given file", megapixels_max, frame, colour)
    raise ImageError(f"an image is a path, bytes, a binary file, an array or a PIL image; this is {type(source).__name__}")


_NEGATIVE = bytes(range(255, -1, -1))


def negative(gray: Gray) -> Gray:
    """White for black and black for white."""
    return Gray(gray.width, gray.height, memoryview(bytes(gray.data).translate(_NEGATIVE)), gray.dpi)


def _is_pillow_image(source: Any) -> bool:
    """Whoever holds a PIL image has imported Pillow; so there is no need to import it for the
    question.
    """
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(source, module.Image)


def _read_path(path: Any, megapixels_max: float, frame: int | None, colour: Any) -> Gray:
    name = os.fsdecode(path)
    try:
        # Unbuffered for PNG and PNM would save a copy, but Pillow reads TIFF directories a few
        # bytes at a time.
        file = open(path, "rb")  # noqa: SIM115 (the sentences below belong to opening alone)
    except FileNotFoundError:
        raise ImageReadError(f"{name}: there is no such file") from None
    except IsADirectoryError:
        raise ImageReadError(f"{name}: this is a folder, not an image; for all drawings in it: linefinish batch {name} -o FOLDER") from None
    except PermissionError:
        raise ImageReadError(f"{name}: no permission to read it") from None
    except (OSError, ValueError) as error:
        raise ImageReadError(f"{name}: cannot be opened ({getattr(error, 'strerror', None) or error})") from error
    with file:
        return _read_file(file, name, megapixels_max, frame, colour)


def _read_file(file: Any, name: str, megapixels_max: float, frame: int | None, colour: Any) -> Gray:
    stream = Stream(file, name)
    kind = _kind_of(stream)
    if kind in ("PNG", "PNM"):
        refuse_frame(name, frame)
    if kind == "PNG":
        from linefinish.readers import png

        return png.read(stream, megapixels_max, colour)
    if kind == "PNM":
        from linefinish.readers import pnm

        return pnm.read(stream, megapixels_max, colour)
    from linefinish.readers import pillow

    return pillow.read(stream, kind, megapixels_max, frame, colour)


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


def _kind_of(stream: Stream) -> str:
    """What kind of file this is, by its first bytes alone: PNG, PNM, JPEG, WEBP, TIFF, BMP,
    GIF or AVIF. An error says what it is instead.
    """
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
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4], "big"), 256), 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
            raise ImageReadError(
                f"{stream.name}: this is HEIC, a phone's photo, which linefinish does not read; save it as JPEG or PNG first "
                "(or let the phone take JPEG: on an iPhone, Settings, Camera, Formats, Most Compatible)"
            )
        raise ImageReadError(f"{stream.name}: this is a film, which linefinish does not read; save the picture you want as a PNG first")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text and text.startswith(b"<"):
        raise ImageReadError(f"{stream.name}: this is SVG, which linefinish does not read; {_VECTOR}")
    raise ImageReadError(
        f"{stream.name}: this is not an image that linefinish reads (PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF, PBM, PGM, PPM)"
    )
