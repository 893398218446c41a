"""JPEG, WebP, TIFF, BMP and GIF, decoded by Pillow; and images that somebody opened with Pillow.

The plugin for the file's kind is called by itself, not through `Image.open`: that one judges sizes
by a global limit, which cannot be lifted for one call without lifting it for other threads. The
header's size is held against our own limit.
"""
from __future__ import annotations

import struct

from linefinish.data.raster import Gray
from linefinish.errors import ImageError, ImageReadError, ImageTooLargeError
from linefinish.kernels import luma
from linefinish.memory import buffers
from linefinish.readers.orientation import oriented
from linefinish.readers.stream import Stream, allow, gray_levels, plausible_dpi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLUGINS = {
    "JPEG": ("JpegImagePlugin", "JpegImageFile"), "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"), "BMP": ("BmpImagePlugin", "BmpImageFile"), "GIF": ("GifImagePlugin", "GifImageFile"),
}  # fmt: skip
# Pixels converted at a time: the colour image is in memory, its grey only as the output.
_STRIP_PX = 1 << 20
# TIFF tags (TIFF 6.0): of a page, "reduced image of another page" in bit 0; bits a sample; 0 is
# white.
_NEW_SUBFILE_TYPE, _BITS_PER_SAMPLE, _PHOTOMETRIC = 254, 258, 262
# Pages looked at. More are not counted: a directory may point back to an earlier one.
_PAGES_MAX = 1000
_ORIENTATION_TAG = 0x0112
_SIDEWAYS = (5, 6, 7, 8)


def read(stream: Stream, kind: str, megapixels_max: float, colour: Any = None) -> Gray:
    """Decode a file of one of the kinds in `_PLUGINS`."""
    if kind == "WEBP":
        _allow_webp(stream, megapixels_max)
    try:
        image = _open(stream, kind)
        allow(stream.name, image.width, image.height, megapixels_max)
        _refuse_frames(image, kind, stream.name)
        if kind == "JPEG" and image.mode == "RGB" and colour is None:
            # The file's luma itself, without the way there and back through RGB: a third of the
            # memory, half the time.
            image.draft("L", None)
        if kind == "TIFF":
            _take_memory(image)
        return read_image(image, stream.name, megapixels_max, colour)
    except ImageError:
        raise
    except Exception as error:  # a decoder of others on hostile bytes: it raises whatever it comes upon
        raise _explained(error, stream, kind) from error


def _open(stream: Stream, kind: str) -> Any:
    import importlib

    module, name = _PLUGINS[kind]
    return getattr(importlib.import_module(f"PIL.{module}"), name)(stream.whole())


def _take_memory(image: Any) -> None:
    """Give a TIFF its pixels' memory, as its own loading would after looking at Pillow's global
    limit (a 600 dpi A2 sheet exceeds it).
    """
    from PIL import Image

    image.im = Image.core.new(image.mode, image._tile_size)  # type: ignore[attr-defined]


def _allow_webp(stream: Stream, megapixels_max: float) -> None:
    """The size in the header (RFC 9649, section 2.5 and following): libwebp takes memory for the
    canvas as soon as it is opened.
    """
    head = stream.head
    if head[12:16] == b"VP8X" and len(head) >= 30:
        size = int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    elif head[12:16] == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif head[12:16] == b"VP8 " and len(head) >= 30:
        width, height = struct.unpack_from("<HH", head, 26)
        size = width & 0x3FFF, height & 0x3FFF
    else:
        raise stream.truncated() if len(head) < 30 else stream.damaged("it does not begin with a WebP header")
    allow(stream.name, *size, megapixels_max)


def _refuse_frames(image: Any, kind: str, name: str) -> None:
    """An animation or a document of several pages is more than one drawing."""
    if kind in ("GIF", "WEBP") and getattr(image, "is_animated", False):
        raise ImageReadError(f"{name}: this is an animation of {image.n_frames} frames; save the one you want as an image of its own")
    if kind == "TIFF":
        pages = _page_count(image)
        if pages > 1:
            raise ImageReadError(f"{name}: this TIFF has {pages} pages; split it first, for example with: tiffsplit")


def _page_count(image: Any) -> int:
    """Pages of a TIFF without the thumbnails that scanners and cameras add."""
    pages = 0
    try:
        for number in range(_PAGES_MAX):
            image.seek(number)
            pages += not int(image.tag_v2.get(_NEW_SUBFILE_TYPE, 0)) & 1
    except EOFError:
        pass
    image.seek(0)
    return pages


def read_image(image: Any, name: str, megapixels_max: float, colour: Any = None) -> Gray:
    """Convert a PIL image, its present frame."""
    allow(name, image.width, image.height, megapixels_max)
    inverted = image.mode == "I;16" and _tiff_tag(image, _PHOTOMETRIC) == 0
    highest = 4095 if image.mode == "I;16" and _tiff_tag(image, _BITS_PER_SAMPLE) == (12,) else 65535
    stated = image.getexif().get(_ORIENTATION_TAG, 1)
    image.load()
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    if image.mode in ("I", "F"):
        made = _wide(image, name, megapixels_max)
    else:
        data, coloured = _narrow(image, highest, inverted, colour)
        made = Gray(image.width, image.height, data, None, coloured)
    dpi = _dpi(image)
    if dpi and stated != orientation and stated in _SIDEWAYS:  # a TIFF, which Pillow turned as it loaded it, but not its dpi
        dpi = dpi[::-1]
    return oriented(Gray(made.width, made.height, made.data, dpi, made.coloured), orientation)


def _dpi(image: Any) -> tuple[float, float] | None:
    pair = image.info.get("dpi")
    return plausible_dpi(*pair) if isinstance(pair, tuple) and len(pair) == 2 else None


def _tiff_tag(image: Any, tag: int) -> Any:
    return getattr(image, "tag_v2", {}).get(tag)


def _narrow(image: Any, highest: int, inverted: bool, colour: Any) -> tuple[memoryview, float]:
    """Modes of 8 bits a channel or less, and of 16 bits of grey; and the share of strongly coloured
    pixels. (A JPEG's is not known: its colour is not decoded.)
    """
    width, height = image.size
    out = buffers.zeros(width * height, "B")
    alpha = image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info
    deep = image.mode.startswith("I;16")
    levels = gray_levels(highest) if deep else bytearray()
    pixel = buffers.numbers("q", 1, 2, highest, -1, -1, -1)
    if inverted:
        levels.reverse()
    rows_a_strip = max(1, _STRIP_PX // width)
    coloured = 0
    for y in range(0, height, rows_a_strip):
        rows = min(rows_a_strip, height - y)
        strip = image.crop((0, y, width, y + rows))
        place = (out, y * width, 1, width)
        if deep:
            luma.samples(_high_byte_first(strip), 0, 2 * width, width, rows, pixel, levels, *place)
        elif colour is not None and image.mode not in ("1", "L", "LA", "La"):
            colour[luma.BYTES] = 4
            luma.without_colour(strip.convert("RGBA").tobytes(), 0, 4 * width, width, rows, colour, *place)
        elif alpha:
            luma.rgba8(strip.convert("RGBA").tobytes(), 0, 4 * width, width, rows, *place)
        else:
            # LAB has no way to grey but through RGB.
            gray = strip.convert("RGB").convert("L") if strip.mode == "LAB" else strip.convert("L")
            out[y * width : (y + rows) * width] = gray.tobytes()
        if image.mode in ("RGB", "RGBA", "P", "CMYK"):
            coloured += 4 * luma.count_coloured(strip.convert("RGB").tobytes(), 0, 3 * width, width, rows, 3)
    return out, coloured / (width * height)


def _high_byte_first(image: Any) -> bytes:
    """The samples of a 16-bit image as PNG has them."""
    from array import array

    samples = array("H", image.tobytes())
    if image.mode != "I;16B":
        samples.byteswap()
    return samples.tobytes()


def _wide(image: Any, name: str, megapixels_max: float) -> Gray:
    """32 bits a pixel: whole numbers that are 16 bits in truth, or floats from 0 to 1."""
    import numpy as np

    from linefinish.readers import arrays

    values = np.asarray(image)
    if image.mode == "I":
        low, high = int(values.min()), int(values.max())
        if low < 0 or high > 65535:
            raise ImageReadError(f"{name}: its pixels are whole numbers from {low} to {high}; save it with 8 or 16 bits")
        values = values.astype(np.uint16)
    return arrays.read(values, megapixels_max, name)


def _explained(error: Exception, stream: Stream, kind: str) -> ImageError:
    """One sentence for what a decoder raised."""
    if type(error).__name__ == "DecompressionBombError":
        return ImageTooLargeError(f"{stream.name}: {kind} of this size is not decoded; save it as PNG")
    if isinstance(error, MemoryError):
        return ImageTooLargeError(f"{stream.name}: there is not enough memory to decode this image")
    words = str(error).lower()
    if "truncated" in words or isinstance(error, EOFError):
        return stream.truncated()
    return stream.damaged(f"its {kind} data cannot be decoded")
