"""JPEG, WebP, TIFF, BMP, GIF and AVIF, decoded by Pillow; and images that somebody opened with
Pillow.

The plugin for the file's kind is called by itself, not through `Image.open`: that one judges sizes
by a global limit, which cannot be lifted for one call without lifting it for other threads. The
header's size is held against our own limit.
"""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.errors import ImageError, ImageReadError, ImageTooLargeError
from linefinish.kernels import luma
from linefinish.memory import buffers
from linefinish.readers import headers, tiff_directory
from linefinish.readers.orientation import oriented
from linefinish.readers.stream import WHOLLY_TRANSPARENT, Stream, allow, gray_levels, plausible_dpi, refuse_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

_PLUGINS = {
    "JPEG": ("JpegImagePlugin", "JpegImageFile"), "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"), "BMP": ("BmpImagePlugin", "BmpImageFile"), "GIF": ("GifImagePlugin", "GifImageFile"),
    "AVIF": ("AvifImagePlugin", "AvifImageFile"),
}  # fmt: skip
# Pixels converted at a time: the colour image is in memory, its grey only as the output.
_STRIP_PX = 1 << 20
# TIFF tags (TIFF 6.0): bits a sample; 0 is white.
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262
_WHITE_IS_ZERO = 0
_ORIENTATION_TAG = 0x0112
_SIDEWAYS = (5, 6, 7, 8)


def read(stream: Stream, kind: str, megapixels_max: float, frame: int | None = None, colour: Any = None) -> Gray:
    """Decode a file of one of the kinds in `_PLUGINS`; of a TIFF of several pages the frame-th,
    from 1 on.
    """
    file = stream.whole()
    try:
        page = 0
        if kind == "TIFF":
            found = tiff_directory.directories(file, stream)
            page = tiff_directory.chosen(found, stream.name, frame)
            tiff_directory.check_page(found[page], headers.size_of(file), stream, megapixels_max)
            file.seek(0)
        else:
            headers.check(file, kind, stream, megapixels_max)
        image = _open(file, stream.name, kind)
        if page:
            image.seek(page)
        allow(stream.name, image.width, image.height, megapixels_max)
        if kind != "TIFF":
            _refuse_frames(image, kind, stream.name, frame)
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


def _open(file: BinaryIO, name: str, kind: str) -> Any:
    import importlib

    module, plugin = _PLUGINS[kind]
    if kind == "AVIF":
        from PIL import features

        if not features.check("avif"):
            raise ImageReadError(f"{name}: this is AVIF, which the installed Pillow does not read; save it as PNG or TIFF first")
    if kind == "TIFF":
        from PIL import TiffImagePlugin

        # What Pillow has no name for, though it reads its twin: 16 bits, highest byte first, 0 is
        # white; `read_image` turns it over.
        TiffImagePlugin.OPEN_INFO.setdefault((TiffImagePlugin.MM, _WHITE_IS_ZERO, (1,), 1, (16,), ()), ("I;16B", "I;16B"))
    return getattr(importlib.import_module(f"PIL.{module}"), plugin)(file)


def _take_memory(image: Any) -> None:
    """Give a TIFF its pixels' memory, as its own loading would after looking at Pillow's global
    limit (a 600 dpi A2 sheet exceeds it).
    """
    from PIL import Image

    image.im = Image.core.new(image.mode, image._tile_size)  # type: ignore[attr-defined]


def _refuse_frames(image: Any, kind: str, name: str, frame: int | None) -> None:
    """An animation is more than one drawing, and what is no TIFF has one page."""
    if kind in ("GIF", "WEBP", "AVIF") and getattr(image, "is_animated", False):
        raise ImageReadError(f"{name}: this is an animation of {image.n_frames} frames; save the one you want as an image of its own")
    refuse_frame(name, frame)


def page_count(path: str) -> int:
    """Pages of a TIFF without its thumbnails; 1 where the file is none, or cannot be read: who
    reads the page says what is wrong.
    """
    try:
        with open(path, "rb") as file:
            stream = Stream(file, path)
            if not stream.head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
                return 1
            return max(len(tiff_directory.pages(tiff_directory.directories(file, stream))), 1)
    except (OSError, ImageError):
        return 1


def read_image(image: Any, name: str, megapixels_max: float, colour: Any = None) -> Gray:
    """Convert a PIL image, its present frame."""
    allow(name, image.width, image.height, megapixels_max)
    inverted = image.mode in ("I;16", "I;16B") and _tiff_tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO
    highest = 4095 if image.mode == "I;16" and _tiff_tag(image, _BITS_PER_SAMPLE) == (12,) else 65535
    stated = image.getexif().get(_ORIENTATION_TAG, 1)
    image.load()
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    warnings: tuple[str, ...] = ()
    if image.mode in ("I", "F"):
        made = _wide(image, name, megapixels_max)
    else:
        opaque = _is_wholly_transparent(image)
        warnings = (WHOLLY_TRANSPARENT,) if opaque else ()
        data, coloured = _narrow(image, highest, inverted, opaque, colour)
        made = Gray(image.width, image.height, data, coloured=coloured)
    dpi = _dpi(image)
    if dpi and stated != orientation and stated in _SIDEWAYS:  # a TIFF, which Pillow turned as it loaded it, but not its dpi
        dpi = dpi[::-1]
    return oriented(Gray(made.width, made.height, made.data, dpi, warnings, made.coloured), orientation)


def _dpi(image: Any) -> tuple[float, float] | None:
    pair = image.info.get("dpi")
    return plausible_dpi(*pair) if isinstance(pair, tuple) and len(pair) == 2 else None


def _tiff_tag(image: Any, tag: int) -> Any:
    return getattr(image, "tag_v2", {}).get(tag)


def _has_alpha(image: Any) -> bool:
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def _is_wholly_transparent(image: Any) -> bool:
    """Whether no pixel of a picture with an alpha channel shows. (A colour that counts as
    transparent is another matter: a page of nothing else is empty.)
    """
    if not _has_alpha(image) or image.mode in ("L", "RGB", "1", "I;16"):
        return False
    rows = max(1, _STRIP_PX // image.width)
    return all(
        image.crop((0, y, image.width, min(y + rows, image.height))).convert("RGBA").getchannel("A").getextrema() == (0, 0)
        for y in range(0, image.height, rows)
    )


def _narrow(image: Any, highest: int, inverted: bool, opaque: bool, colour: Any) -> tuple[memoryview, float]:
    """Modes of 8 bits a channel or less, and of 16 bits of grey; and the share of strongly coloured
    pixels. (A JPEG's is not known: its colour is not decoded.) `opaque`: as if nothing were
    transparent.
    """
    width, height = image.size
    out = buffers.zeros(width * height, "B")
    alpha = _has_alpha(image)
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
            strip = strip.convert("RGBA")
            if opaque:
                strip.putalpha(255)
            luma.rgba8(strip.tobytes(), 0, 4 * width, width, rows, *place)
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
    if "truncated" in words or "not enough" in words or isinstance(error, EOFError):
        return stream.truncated()
    return stream.damaged(f"its {kind} data cannot be decoded")
