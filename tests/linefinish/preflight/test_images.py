"""Images are looked into: white margins of a scan are no ink, and grey is grey."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from linefinish.preflight import images
from linefinish.preflight.checking import check, looks
from linefinish.preflight.opening import opened
from linefinish.verifiers.verdict import DamagedError
from tests.linefinish.preflight.makers import stream
from tests.linefinish.preflight.test_colours import LAB, indexed, separation
from tests.linefinish.preflight.test_painting import codes, named


def scan(path: Path, level: int, side: int, left: int) -> Path:
    """24 pages, each an 8-bit image over the whole page with a square of its own."""
    file = pikepdf.new()
    width, height = 85 * side, 110 * side
    for i in range(24):
        file.add_blank_page(page_size=(612, 792))
        rows = bytearray(b"\xff" * (width * height))
        for row in range(height // 4, height // 4 + (i + 4) * side):
            rows[row * width + left : row * width + left + (i + 4) * side] = bytes([level]) * ((i + 4) * side)
        image = file.make_stream(bytes(rows), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
                                 ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8)  # fmt: skip
        file.pages[i].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        file.pages[i].Contents = file.make_stream(b"q 612 0 0 792 0 0 cm /I Do Q")
    file.save(path)
    return path


@pytest.mark.parametrize(("level", "side", "left", "codes"), [
    (0, 10, 200, {"image-dpi"}), (128, 10, 200, {"image-dpi", "grey"}), (0, 10, 5, {"image-dpi", "gutter", "margin"}),
])  # fmt: skip
def test_pixels(tmp_path: Path, level: int, side: int, left: int, codes: set[str]) -> None:
    found = {one.code for one in check(scan(tmp_path / "a.pdf", level, side, left))}
    assert found - {"twice"} == codes  # squares that grow by a step are nearly the same drawing


@pytest.mark.parametrize("kind", ["rgb", "jpeg", "jpeg in scans", "jpeg 2000", "one bit", "palette"])
def test_large_images_are_looked_at_in_strips_two_by_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(images, "_STRIP_PIXELS", 9_000)
    side = (301, 203)
    drawn = Image.new("RGB", side, "white")
    drawn.paste((0, 0, 0), (40, 60, 90, 130))
    file = pikepdf.new()
    file.add_blank_page(page_size=(612, 792))
    given: dict[str, Any] = {"ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8}
    data = drawn.tobytes()
    if kind.startswith("jpeg"):
        held = io.BytesIO()
        if kind == "jpeg 2000":
            drawn.save(held, "JPEG2000")
        else:
            drawn.save(held, "JPEG", quality=95, progressive=kind == "jpeg in scans")
        data, given["Filter"] = held.getvalue(), Name.JPXDecode if kind == "jpeg 2000" else Name.DCTDecode
    elif kind == "one bit":
        data, given = drawn.convert("1").tobytes(), {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 1}
    elif kind == "palette":
        data, given["ColorSpace"] = drawn.convert("L").tobytes(), Array([Name.Indexed, Name.DeviceGray, 255, bytes(range(256))])
    image = pikepdf.Stream(file, data)
    for name, value in {"Type": Name.XObject, "Subtype": Name.Image, "Width": side[0], "Height": side[1], **given}.items():
        image[f"/{name}"] = value
    file.pages[0].Resources = Dictionary(XObject=Dictionary(I=image))
    file.pages[0].Contents = file.make_stream(b"q 612 0 0 792 0 0 cm /I Do Q")
    whole = io.BytesIO()
    file.save(whole)
    for most, by in ((40_000_000, 1), (10_000, 2)):
        monkeypatch.setattr(images, "_FINE_PIXELS_MAX", most)
        (look,) = looks(opened(whole.getvalue()))
        (mark,) = look.marks
        assert mark.tone == "black"
        rows, columns = np.nonzero(mark.ink)
        edges = np.array([rows.min(), rows.max() + 1, columns.min(), columns.max() + 1]) * by
        assert np.abs(edges - [60, 130, 40, 90]).max() <= by
        assert mark.ink.shape == (-(-side[1] // by), -(-side[0] // by))


@pytest.mark.parametrize(("tile", "most", "tiles", "halved", "told"), [
    (None, 1 << 20, 9, False, ""), (None, 20_000, 9, True, ""), (None, 9_000, 9, None, "in one piece; a JPEG 2000 in tiles is read"),
    ((32, 32), 9_000, 9, False, ""), ((32, 32), 9_000, 8, None, "an image of 9 tiles"),
])  # fmt: skip
def test_a_jpeg_2000_takes_no_more_memory_than_a_page_needs(
    monkeypatch: pytest.MonkeyPatch, tile: tuple[int, int] | None, most: int, tiles: int, halved: bool | None, told: str
) -> None:
    """A tile is held whole: 96 × 96 pixels of one component take 36,864 bytes, and in quarters
    9,216.
    """
    held = io.BytesIO()
    Image.new("L", (96, 96), "white").save(held, "JPEG2000", **({"tile_size": tile} if tile else {}))
    monkeypatch.setattr(images, "_COEFFICIENT_BYTES_MAX", most)
    monkeypatch.setattr(images, "_TILES_MAX", tiles)
    for packed in (held.getvalue(), held.getvalue()[held.getvalue().index(b"\xff\x4f\xff\x51") :]):
        if halved is None:
            with pytest.raises(DamagedError, match=told):
                images._check_tiles(packed)
        else:
            assert images._check_tiles(packed) is halved
        assert images._is_jpeg_2000(packed)


def disc(mode: str, ink: Any, ground: Any) -> Image.Image:
    made = Image.new(mode, (304, 304), ground)
    ImageDraw.Draw(made).ellipse((40, 40, 264, 264), fill=ink)
    return made


def stored(space: Any, made: Image.Image, **entries: Any) -> Any:
    """An image as its samples, or as a JPEG where it says so."""
    def make(pdf: pikepdf.Pdf) -> Any:
        data, size = io.BytesIO(), {"Width": made.width, "Height": made.height, "BitsPerComponent": 8}
        if "Filter" in entries:
            made.save(data, "JPEG", quality=95)
        return stream(pdf, data.getvalue() or made.tobytes(), Type=Name.XObject, Subtype=Name.Image, ColorSpace=space, **size, **entries)

    return named(make)


INK, GOLD = separation("/Black"), separation("/Gold")
# Pillow stores four inks reversed, as Photoshop does, which Decode tells.
PHOTOSHOP = {"Filter": Name.DCTDecode, "Decode": [1, 0] * 4}


@pytest.mark.parametrize(("make", "found"), [
    (stored(INK, disc("L", 255, 0)), set()), (stored(INK, disc("L", 128, 0)), {"grey"}), (stored(GOLD, disc("L", 255, 0)), {"colour"}),
    (stored(INK, disc("L", 255, 0), Filter=Name.DCTDecode), set()), (stored(INK, disc("L", 0, 255), Decode=[1, 0]), set()),
    (stored(Name.DeviceCMYK, disc("CMYK", (0, 0, 0, 255), 0), **PHOTOSHOP), set()),
    (stored(Name.DeviceCMYK, disc("CMYK", (200, 180, 180, 255), 0), **PHOTOSHOP), {"colour"}),  # black of four inks
    (stored(Name.DeviceCMYK, disc("CMYK", (0, 200, 0, 0), 0)), {"colour"}),
    (stored(Name.DeviceCMYK, disc("CMYK", (0, 0, 0, 255), 0)), set()),
    (stored(indexed(Name.DeviceCMYK, b"\0\0\0\xff\0\0\0\0"), disc("L", 0, 1)), set()),
    (stored(indexed(INK, b"\xff\0"), disc("L", 0, 1)), set()), (stored(indexed(GOLD, b"\xff\0"), disc("L", 0, 1)), {"colour"}),
    (stored(LAB, disc("RGB", (0, 128, 128), (255, 128, 128))), set()),
    (stored(LAB, disc("RGB", (90, 200, 128), (255, 128, 128))), {"colour"}),
])  # fmt: skip
def test_inks_of_images(tmp_path: Path, make: Any, found: set[str]) -> None:
    assert codes(tmp_path, "36 0 0 36 300 300 cm /I Do", make) == found
    # White is no ink, though it covers the page.
    assert "gutter" not in codes(tmp_path, "612 0 0 792 0 0 cm /I Do", make)
