"""Files whose header claims what they do not hold: refused in one sentence, and for the cost of
their header.
"""
from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from linefinish.errors import ImageReadError, ImageTooLargeError
from linefinish.readers import headers
from linefinish.readers.reading import read_gray
from tests.fuzzing.judging import cost_of_reading

# kB that whatever is refused may cost above what the process has.
PEAK_KB_MAX = 100_000


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def noise(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 64, 3), np.uint8)).convert(mode)


def small(kind: str, **how: Any) -> bytes:
    return saved(Image.new("RGB", (64, 64), "white"), kind, **how)


def put(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) & 1) for kind, part in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    return b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def bmp(width: int, height: int, bits: int, packed: int, rows: bytes, palette: bytes = b"") -> bytes:
    first = 54 + len(palette)
    head = b"BM" + struct.pack("<IHHI", first + len(rows), 0, 0, first)
    return head + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packed, 0, 0, 0, 0, 0) + palette + rows


def jpeg_of(width: int, height: int, **how: Any) -> bytes:
    data = small("JPEG", **how)
    at = data.find(b"\xff\xc2" if how.get("progressive") else b"\xff\xc0")
    return put(data, at + 5, struct.pack(">HH", height, width))


def gif_of(screen: int, picture: int) -> bytes:
    data = saved(Image.new("P", (64, 64)), "GIF")
    data = put(data, 6, struct.pack("<HH", screen, screen))
    return put(data, data.find(b",\0\0\0\0@\0@\0") + 5, struct.pack("<HH", picture, picture))


def avif_of(side: int) -> bytes:
    data = small("AVIF")
    return put(data, data.find(b"ispe") + 8, struct.pack(">II", side, side))


LOSSY, LOSSLESS = small("WEBP")[20:], small("WEBP", lossless=True)[20:]
FRAME = bytes(16) + b"VP8L" + struct.pack("<I", len(LOSSLESS)) + LOSSLESS
CLAIMS: dict[str, Callable[[], bytes]] = {
    "WebP of 11000² with a small lossy picture": lambda: riff(vp8x(11000, 11000), (b"VP8 ", LOSSY)),
    "WebP of 11000² with a small lossless picture": lambda: riff(vp8x(11000, 11000), (b"VP8L", LOSSLESS)),
    "WebP of 11000² with one small frame": lambda: riff(vp8x(11000, 11000, 2), (b"ANIM", bytes(6)), (b"ANMF", FRAME)),
    "WebP of 11000² without a picture": lambda: riff(vp8x(11000, 11000)),
    "lossless WebP of 11000² in 100 bytes": lambda: riff((b"VP8L", b"\x2f" + struct.pack("<I", 10999 | 10999 << 14) + bytes(95))),
    "lossy WebP of 11000²": lambda: riff((b"VP8 ", put(LOSSY, 6, struct.pack("<HH", 11000, 11000)))),
    "JPEG of 20000²": lambda: jpeg_of(20000, 20000),
    "progressive JPEG of 20000²": lambda: jpeg_of(20000, 20000, progressive=True),
    "BMP of 20000²": lambda: bmp(20000, 20000, 24, 0, bytes(50)),
    "BMP of 20000² with a palette": lambda: bmp(20000, 20000, 8, 0, bytes(50), bytes(1024)),
    "BMP of 20000², run lengths": lambda: bmp(20000, 20000, 8, 1, bytes(50), bytes(1024)),
    "GIF of 20000², its picture too": lambda: gif_of(20000, 20000),
    "GIF of 20000² with a small picture": lambda: gif_of(20000, 64),
    "AVIF of 16000² with a small picture": lambda: avif_of(16000),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_what_a_header_claims_costs_nothing(name: str) -> None:
    told, peak_kb = cost_of_reading(CLAIMS[name]())
    assert told.startswith("ImageReadError: the given bytes: "), told
    assert peak_kb < PEAK_KB_MAX


MADE: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(noise(), "JPEG"), "grey JPEG": lambda: saved(noise("L"), "JPEG"),
    "progressive JPEG": lambda: saved(noise(), "JPEG", progressive=True), "CMYK JPEG": lambda: saved(noise("CMYK"), "JPEG"),
    "WebP": lambda: saved(noise(), "WEBP"), "lossless WebP": lambda: saved(noise(), "WEBP", lossless=True),
    "WebP with EXIF": lambda: saved(noise(), "WEBP", exif=Image.Exif()), "GIF": lambda: saved(noise("P"), "GIF"),
    "BMP": lambda: saved(noise(), "BMP"), "1-bit BMP": lambda: saved(noise("1"), "BMP"), "AVIF": lambda: saved(noise(), "AVIF"),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_a_file_that_ends_in_the_middle_says_so(name: str) -> None:
    whole = MADE[name]()
    assert read_gray(whole).width == 64
    for share in (0.02, 0.1, 0.25, 0.5, 0.75, 0.95):
        with pytest.raises(ImageReadError, match="ends in the middle"):
            read_gray(whole[: int(share * len(whole))])
    if name != "AVIF":  # whose last bytes may be of something else
        with pytest.raises(ImageReadError, match="ends in the middle"):
            read_gray(whole[:-2] if name != "GIF" else whole[:-3])


def test_animations_are_told_by_their_header() -> None:
    frames = [Image.new("L", (20, 20), level) for level in (0, 90, 180)]
    for kind in ("GIF", "WEBP", "AVIF"):
        with pytest.raises(ImageReadError, match="an animation of 3 frames"):
            read_gray(saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))


@pytest.mark.parametrize(("name", "how"), [
    ("JPEG", {"quality": 1, "optimize": True}), ("JPEG", {"quality": 1, "progressive": True}), ("WEBP", {"quality": 0}),
    ("WEBP", {"lossless": True}), ("GIF", {}), ("BMP", {}),
])  # fmt: skip
@pytest.mark.parametrize("drawn", [False, True], ids=["blank", "a line"])
def test_no_encoder_falls_below_the_bounds(name: str, how: dict[str, Any], drawn: bool) -> None:
    page = Image.new("L", (1600, 1200), "white")
    if drawn:
        ImageDraw.Draw(page).line((9, 9, 1500, 1100), 0, 5)
    assert read_gray(saved(page, name, **how)).width == 1600


def test_sizes_in_headers_are_held_against_the_limit() -> None:
    for data in (jpeg_of(30000, 30000), riff(vp8x(30000, 30000), (b"VP8 ", LOSSY)), bmp(30000, 30000, 1, 0, b""), gif_of(30000, 9)):
        with pytest.raises(ImageTooLargeError, match="30000 × 30000"):
            read_gray(data)


def test_a_check_leaves_the_file_at_its_beginning() -> None:
    file = io.BytesIO(small("JPEG"))
    headers.check(file, "JPEG", headers.Stream(io.BytesIO(b"x"), "it"), 1.0)
    assert file.tell() == 0 and headers.size_of(file) == len(file.getvalue()) and os.SEEK_END == 2
