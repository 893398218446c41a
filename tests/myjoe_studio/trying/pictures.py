"""Pictures as strangers send them: good ones, and those made to harm."""
from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from tests.linefinish.sheets.photographs import corners_of, photograph
from tests.support import bombs

ORIENTATION, EXIF_IFD, FOCAL_35MM = 0x0112, 0x8769, 0xA405
# Turned by a camera that was held sideways, to the left.
SIDEWAYS = 6


def drawing(width: int = 600, height: int = 400) -> Image.Image:
    """Two closed outlines in dark grey on light grey."""
    image = Image.new("L", (width, height), 231)
    pen = ImageDraw.Draw(image)
    pen.ellipse((0.1 * width, 0.2 * height, 0.4 * width, 0.8 * height), outline=38, width=9)
    pen.rectangle((0.55 * width, 0.2 * height, 0.9 * width, 0.8 * height), outline=38, width=9)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def sideways(width: int, height: int) -> bytes:
    """A JPEG that says in its EXIF that it lies on its side."""
    exif = Image.Exif()
    exif[ORIENTATION] = SIDEWAYS
    return encoded(drawing(width, height), "JPEG", exif=exif)


def photographed(seed: int = 9, *, times: int = 1, hidden: bool = False) -> Image.Image:
    """A sheet of paper on a desk, 600 × 800 px or so many times that; with a thing on one of its
    corners.
    """
    rgb = photograph(seed)
    if hidden:
        y, x = np.mgrid[0:800, 0:600]
        corner = corners_of(seed)[2]
        rgb[np.hypot(x - corner[0], y - corner[1]) < 90] = (150, 105, 66)
    image = Image.fromarray(rgb)
    return image.resize((times * image.width, times * image.height), Image.Resampling.BICUBIC) if times > 1 else image


def with_lens(image: Image.Image, focal_mm: int) -> bytes:
    """A JPEG that states its lens's focal length as of 35 mm film."""
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[FOCAL_35MM] = focal_mm
    return encoded(image, "JPEG", exif=exif)


def png_of(width: int, height: int, data: bytes) -> bytes:
    """A grey PNG of a size that it states, whatever its data."""
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def noise(side: int) -> bytes:
    """A picture of nothing but specks: as many shapes as there can be."""
    return encoded(Image.fromarray(np.random.default_rng(3).integers(0, 2, (side, side), np.uint8) * 255))


def frames(kind: str) -> bytes:
    """An animation of two frames."""
    return encoded(drawing(), kind, save_all=True, append_images=[drawing().rotate(90)], duration=100)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
NO_PICTURES = {
    "nothing": b"",
    "text": b"What a picture!",
    "SVG": SVG,
    "GIF": encoded(drawing(), "GIF"),
    "animated GIF": frames("GIF"),
    "animated WebP": frames("WEBP"),
    "TIFF": encoded(drawing(), "TIFF"),
    "PDF": encoded(drawing().convert("RGB"), "PDF"),
    "a truncated PNG": encoded(drawing())[:400],
    "a truncated JPEG": encoded(drawing(), "JPEG")[:900],
    "a PNG of 100,000 × 100,000": png_of(100_000, 100_000, zlib.compress(b"")),
    "a bomb: 1 GB of zeros in 1 MB": png_of(30_000, 30_000, bombs.flate(1000)),
    "a PNG whose size is 0": png_of(0, 10, b""),
    "5 megapixels": encoded(Image.new("L", (2500, 2000), 255)),
    "a JPEG of 5 megapixels": encoded(Image.new("L", (2500, 2000), 255), "JPEG"),
    "a WebP of 5 megapixels": encoded(Image.new("L", (2500, 2000), 255), "WEBP"),
    "a PNG's first bytes and then text": b"\x89PNG\r\n\x1a\n" + b"What a picture!" * 20,
    "a RIFF that is a film": b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(64),
}
