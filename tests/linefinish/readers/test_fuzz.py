"""Thousands of damaged files of each format end in an image or in one sentence, never in a crash,
another error, or a large bill.

Hypothesis mutates PNG and PNM by their grammar in their own files; here the damage is blind, and
the same on every run.
"""
from __future__ import annotations

import io
import random
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish.data.raster import Gray
from linefinish.errors import ImageError
from linefinish.readers.reading import read_gray

MUTATIONS = 4000
SEEDS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "PNG": [("PNG", "L", {}), ("PNG", "RGBA", {}), ("PNG", "P", {}), ("PNG", "1", {})],
    "PNM": [("PPM", "L", {}), ("PPM", "RGB", {}), ("PPM", "1", {})],
    "JPEG": [("JPEG", "RGB", {}), ("JPEG", "L", {"progressive": True}), ("JPEG", "CMYK", {})],
    "WEBP": [("WEBP", "RGB", {}), ("WEBP", "RGBA", {"lossless": True})],
    "TIFF": [
        ("TIFF", "1", {"compression": "group4"}), ("TIFF", "L", {}), ("TIFF", "RGB", {"compression": "tiff_lzw"}), ("TIFF", "P", {}),
        ("TIFF", "RGB", {"compression": "jpeg"}), ("TIFF", "CMYK", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", "RGBA", {"compression": "packbits"}),
    ],
    "BMP": [("BMP", "1", {}), ("BMP", "P", {}), ("BMP", "RGB", {}), ("BMP", "RGBA", {})],
    "GIF": [("GIF", "P", {}), ("GIF", "1", {"transparency": 1})],
}  # fmt: skip


def originals(kind: str) -> list[bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (23, 31, 3), np.uint8)
    noise[5:20] = 250
    image = Image.fromarray(noise)
    image.putalpha(Image.fromarray(noise[..., 0]))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = []
    for writer, mode, how in SEEDS[kind]:
        file = io.BytesIO()
        more = {"exif": exif} if kind in ("PNG", "JPEG", "WEBP") else {}
        image.convert("RGB" if mode == "CMYK" else "RGBA").convert(mode).save(file, writer, **how, **more)
        made.append(file.getvalue())
    return made


def damaged(data: bytes, draw: random.Random) -> bytes:
    """One to eight changes: a byte, a bit, a cut, a doubled stretch; most of them near the front,
    where the headers are.
    """
    body = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        at = min(int(draw.choice((60, 300, len(body))) * draw.random()), len(body) - 1)
        change = draw.randrange(5)
        if change == 0:
            body[at] = draw.choice((0, 1, 127, 128, 255, draw.randrange(256)))
        elif change == 1:
            body[at] ^= 1 << draw.randrange(8)
        elif change == 2:
            body[at : at + 4] = draw.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\1\0"))
        elif change == 3:
            del body[at : at + draw.randint(1, 20)]
        else:
            body[at:at] = body[at : at + draw.randint(1, 20)]
        if not body:
            body = bytearray(data)
    return bytes(body) if draw.random() < 0.9 else bytes(body[: draw.randrange(len(body)) + 1])


@pytest.mark.parametrize("kind", SEEDS)
def test_damaged_files_end_in_an_image_or_a_sentence(kind: str) -> None:
    draw = random.Random(kind)
    seeds = originals(kind)
    assert all(isinstance(read_gray(data), Gray) for data in seeds)
    read = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on damaged TIFFs
        for number in range(MUTATIONS):
            data = damaged(seeds[number % len(seeds)], draw)
            try:
                gray = read_gray(data, megapixels_max=0.2)
                assert gray.width * gray.height <= 200_000
                read += 1
            except ImageError as error:
                message = str(error)
                assert message.startswith("the given bytes: ")
                assert "\n" not in message
    assert 0 < read < MUTATIONS
