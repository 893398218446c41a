"""JPEG, WebP, TIFF, BMP and GIF in every mode they have, against Pillow's own pixels; turned,
paged, animated, too large.
"""
from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps, features

from linefinish.errors import ImageError, ImageReadError, ImageShapeError, ImageTooLargeError
from linefinish.readers.pillow import page_count
from linefinish.readers.reading import read_gray
from linefinish.readers.stream import WHOLLY_TRANSPARENT

WIDTH, HEIGHT = 61, 47


def picture(mode: str) -> Image.Image:
    """Soft colours, a line, a black patch, and alpha from clear to opaque."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rgb = np.stack([x * 4, y * 5, 255 - x * 2 - y * 2], -1).astype(np.uint8)
    rgb[10:30, 20] = 40
    rgb[35:45, 5:15] = 0
    alpha = np.clip(x * 6, 0, 255).astype(np.uint8)
    image = Image.fromarray(rgb)
    if mode in ("RGBA", "LA", "PA"):
        image.putalpha(Image.fromarray(alpha))
    if mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        return ImageCms.applyTransform(image, to_lab)  # type: ignore[return-value]
    if mode.startswith("I;16"):
        return Image.frombytes(mode, image.size, (x * 1000 + y).astype(">u2" if mode == "I;16B" else "<u2").tobytes())
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def reference(image: Image.Image) -> np.ndarray:
    """Pillow's own way: on white, then luma."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("L"))
    return np.asarray((image.convert("RGB") if image.mode == "LAB" else image).convert("L"))


CASES = [
    *(("BMP", mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
    *(("GIF", mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
    ("GIF", "P", {"transparency": 3}), ("PNG", "P", {"transparency": 3}),
    *(("WEBP", mode, {"lossless": lossless}) for mode in ("L", "RGB", "RGBA") for lossless in (False, True)),
    *(("TIFF", mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB")),
    *(("TIFF", "1", {"compression": name}) for name in ("group3", "group4", "packbits", "tiff_lzw", "tiff_adobe_deflate")),
    *(("TIFF", "RGB", {"compression": name}) for name in ("packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")),
    ("JPEG", "L", {}), ("JPEG", "1", {}), ("JPEG", "CMYK", {"quality": 95}), ("JPEG", "RGB", {"keep_rgb": True}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "mode", "how"), CASES)
def test_pillow_sees_the_same(kind: str, mode: str, how: dict[str, Any]) -> None:
    data = saved(picture(mode), kind, **how)
    theirs = Image.open(io.BytesIO(data))
    ours = read_gray(data)
    # On white, Pillow rounds each channel before the luma, we the luma; without alpha the two are
    # the same, bit for bit.
    tolerance = 1 if theirs.mode in ("RGBA", "LA", "PA") or "transparency" in theirs.info else 0
    assert np.abs(np.asarray(ours).astype(int) - reference(theirs)).max() <= tolerance


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}])
def test_jpeg_colour_gives_the_luma_that_the_file_holds(how: dict[str, Any]) -> None:
    image = Image.open(io.BytesIO(data := saved(picture("RGB"), "JPEG", **how)))
    luma = np.asarray(image.convert("YCbCr"))[..., 0] if image.draft("YCbCr", None) else None
    assert luma is not None and image.mode == "YCbCr"
    assert np.array_equal(np.asarray(read_gray(data)), luma)


def test_cmyk_white_is_white_and_black_is_black_either_way_up() -> None:
    image = Image.new("CMYK", (16, 16), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 8, 16))
    for data in (saved(image, "TIFF"), saved(image, "JPEG", quality=95)):  # Pillow writes the JPEG inverted, as Adobe does
        pixels = np.asarray(read_gray(data))
        assert pixels[:, :7].max() <= 2
        assert pixels[:, 9:].min() >= 253


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_sixteen_bits(mode: str) -> None:
    image = picture(mode)
    expected = np.floor(np.asarray(image) / 257 + 0.5)
    assert np.array_equal(np.asarray(read_gray(saved(image, "TIFF"))), expected)
    assert np.array_equal(np.asarray(read_gray(image)), expected)


def tiff(array: np.ndarray, **how: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **how)
    return file.getvalue()


def test_tiff_of_other_hands() -> None:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    deep = (x * 1000 + y).astype(np.uint16)
    eight = np.floor(deep / 257 + 0.5)
    assert np.array_equal(np.asarray(read_gray(tiff(deep, photometric="minisblack", byteorder=">"))), eight)
    assert np.array_equal(np.asarray(read_gray(tiff(deep, photometric="minisblack", bigtiff=True, tile=(16, 16)))), eight)
    assert np.array_equal(np.asarray(read_gray(tiff(deep, photometric="miniswhite"))), 255 - eight)
    small = (x * 4).astype(np.uint8)
    assert np.array_equal(np.asarray(read_gray(tiff(small, photometric="miniswhite"))), 255 - small)
    ramp = (x / (WIDTH - 1)).astype(np.float32)
    assert np.abs(np.asarray(read_gray(tiff(ramp, photometric="minisblack"))) - ramp * 255.0).max() <= 0.5 + 1e-3
    assert np.array_equal(np.asarray(read_gray(tiff(deep.astype(np.int32), photometric="minisblack"))), eight)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ImageShapeError, match="floats from 0 to 7"):
        read_gray(tiff(np.array([[0, 7.0]], np.float32), photometric="minisblack"))
    with pytest.raises(ImageReadError, match="whole numbers from -1 to 70000"):
        read_gray(tiff(np.array([[-1, 70000]], np.int32), photometric="minisblack"))


def test_twelve_bits_reach_white() -> None:
    """12 bits a sample, packed: Pillow hands them over as 16 bits that end at 4095."""
    values = [0, 4095, 2048, 1]
    packed = bytes.fromhex("".join(f"{value:03x}" for value in values))
    entries = [(256, 4), (257, 1), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, len(packed))]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in entries) + bytes(4)
    data = struct.pack("<2sHI", b"II", 42, 8 + len(packed)) + packed + directory
    assert list(read_gray(data).data) == [0, 255, 128, 0]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = picture("L")
    data = saved(image, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    gray = read_gray(data)
    assert (gray.width, gray.height) == upright.size == ((HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT))
    assert np.array_equal(np.asarray(gray), np.asarray(upright.convert("L")))
    opened = read_gray(Image.open(io.BytesIO(data)))
    assert np.array_equal(np.asarray(opened), np.asarray(gray))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "BMP"])
def test_dpi(kind: str) -> None:
    gray = read_gray(saved(picture("L"), kind, dpi=(300, 150)))
    assert gray.dpi == pytest.approx((300, 150), abs=0.02)
    assert read_gray(saved(picture("L"), "GIF")).dpi is None


def test_dpi_turns_with_the_image() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_gray(saved(picture("L"), "JPEG", exif=exif, dpi=(300, 150))).dpi == (150, 300)
    assert read_gray(saved(picture("L"), "TIFF", exif=exif, dpi=(300, 150))).dpi == (150, 300)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_are_refused(kind: str) -> None:
    frames = [picture("RGB"), ImageOps.invert(picture("RGB")), picture("RGB").rotate(90)]
    with pytest.raises(ImageReadError, match="this is an animation of 3 frames"):
        read_gray(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert read_gray(saved(frames[0], kind, save_all=True)).width == WIDTH


def test_a_page_is_chosen_by_its_number_and_a_thumbnail_is_none(tmp_path: Path) -> None:
    pages = io.BytesIO()
    each = [Image.new("L", (WIDTH, HEIGHT), 50 * number) for number in range(1, 6)]
    each[0].save(pages, "TIFF", save_all=True, append_images=each[1:])
    with pytest.raises(ImageReadError, match="this TIFF has 5 pages; choose one with --frame 1 to 5"):
        read_gray(pages.getvalue())
    for number in range(1, 6):
        assert set(read_gray(pages.getvalue(), frame=number).data) == {50 * number}
    with pytest.raises(ImageReadError, match="there is no page 6; this TIFF has 5"):
        read_gray(pages.getvalue(), frame=6)
    with pytest.raises(ImageReadError, match="there is no page 2; a file of this kind has one"):
        read_gray(saved(picture("L"), "PNG"), frame=2)
    assert read_gray(saved(picture("L"), "BMP"), frame=1).width == WIDTH
    (tmp_path / "pages.tif").write_bytes(pages.getvalue())
    (tmp_path / "none.tif").write_bytes(b"II*\0")
    assert (page_count(str(tmp_path / "pages.tif")), page_count(str(tmp_path / "none.tif"))) == (5, 1)
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.asarray(picture("L")), photometric="minisblack", metadata=None)
        writer.write(np.zeros((5, 5), np.uint8), photometric="minisblack", subfiletype=1, metadata=None)
    assert np.array_equal(np.asarray(read_gray(file.getvalue())), np.asarray(picture("L")))


def test_a_phone_s_jpeg_with_a_second_picture_is_one_image() -> None:
    data = saved(picture("RGB"), "MPO", save_all=True, append_images=[picture("RGB")])
    assert read_gray(data).width == WIDTH


def enlarged(kind: str) -> bytes:
    """A small file whose header claims 30,000 × 30,000 pixels (WebP: its most)."""
    data = bytearray(saved(picture("L"), kind, **({"lossless": True} if kind == "WEBP" else {})))
    side = 30_000
    if kind == "BMP":
        struct.pack_into("<ii", data, 18, side, side)
    elif kind == "GIF":
        struct.pack_into("<HH", data, 6, side, side)
    elif kind == "JPEG":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, side, side)
    elif kind == "WEBP":
        struct.pack_into("<I", data, 21, 16383 - 1 | (16383 - 1) << 14)
    else:
        made = Image.open(io.BytesIO(bytes(data)))
        made.tag_v2[256] = made.tag_v2[257] = side  # type: ignore[attr-defined]
        start = struct.unpack_from("<I", data, 4)[0]
        for at in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", data, start)[0], 12):
            if struct.unpack_from("<H", data, at)[0] in (256, 257):
                struct.pack_into("<HII", data, at + 2, 4, 1, side)
    return bytes(data)


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "TIFF", "WEBP"])
def test_the_header_is_believed(kind: str) -> None:
    with pytest.raises(ImageTooLargeError) as caught:
        read_gray(enlarged(kind), megapixels_max=200)
    assert caught.value.megapixels_max == 200
    assert caught.value.megapixels == pytest.approx(268 if kind == "WEBP" else 900, rel=0.01)


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "TIFF", "WEBP"])
def test_cut_off_anywhere_is_an_error(kind: str) -> None:
    data = saved(picture("L"), kind, **({"lossless": True} if kind == "WEBP" else {}))
    # A JPEG that lacks only its last few bytes still has all of its pixels, a GIF its end mark.
    for size in range(1, len(data) - {"JPEG": 3, "GIF": 3}.get(kind, 1), 7):
        with pytest.raises(ImageError, match="the given bytes: "):
            read_gray(data[:size])


def test_pillow_s_own_limit_neither_stops_us_nor_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for kind in ("BMP", "JPEG", "TIFF"):
        assert read_gray(saved(picture("L"), kind)).width == WIDTH
    assert Image.MAX_IMAGE_PIXELS == 100


def test_a_pil_image_of_every_mode() -> None:
    for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I;16"):
        if mode != "PA":
            image = picture(mode) if mode != "RGBX" else picture("RGB").convert("RGBX")
        else:
            image = picture("LA").convert("PA")
        made = np.asarray(read_gray(image)).astype(int)
        theirs = np.floor(np.asarray(image) / 257 + 0.5) if mode == "I;16" else reference(image)
        assert np.abs(made - theirs).max() <= (1 if mode in ("LA", "PA", "RGBA") else 0), mode


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "BMP"])
def test_a_picture_without_a_pixel_that_shows_is_taken_as_opaque(kind: str) -> None:
    image = picture("RGB").convert("RGBA")
    image.putalpha(0)
    how: dict[str, Any] = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    data = saved(image, kind, **how)
    if kind == "BMP":  # Pillow writes 32 bits without saying that the last eight are alpha; a header of version 4 says it
        plain = data[54:]
        head = struct.pack("<2sIHHI", b"BM", 138 + len(plain), 0, 0, 138)
        head += struct.pack("<IiiHHIIiiII", 124, image.width, image.height, 1, 32, 3, len(plain), 0, 0, 0, 0)
        data = head + struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + bytes(68) + plain
    gray = read_gray(data)
    assert np.array_equal(np.asarray(gray), np.asarray(picture("RGB").convert("L")))
    assert gray.warnings == (WHOLLY_TRANSPARENT,)
    image.putpixel((0, 0), (0, 0, 0, 255))
    assert read_gray(saved(image, "TIFF")).warnings == ()


def test_a_tiff_that_ends_in_the_middle_is_truncated() -> None:
    """Of its strips, tiles or bytes some are missing."""
    array = np.full((800, 64), 90, np.uint8)
    whole = tiff(array, photometric="minisblack", rowsperstrip=8, metadata=None)
    assert read_gray(whole).height == 800
    cut = bytearray(whole)
    entry = cut.index(struct.pack("<HH", 273, 4)) if struct.pack("<HH", 273, 4) in cut else cut.index(struct.pack("<HH", 273, 3))
    struct.pack_into("<I", cut, entry + 4, 1)  # a strip of a hundred
    for data in (bytes(cut), tiff(array, photometric="minisblack", compression="zlib", metadata=None)[:-60]):
        with pytest.raises(ImageReadError):
            read_gray(data)
    with pytest.raises(ImageReadError, match="truncated"):
        read_gray(bytes(cut))


def test_sixteen_bits_white_is_zero_highest_byte_first() -> None:
    deep = (np.mgrid[0:HEIGHT, 0:WIDTH][1] * 1000).astype(np.uint16)
    data = tiff(deep, photometric="miniswhite", byteorder=">")
    assert np.array_equal(np.asarray(read_gray(data)), 255 - np.floor(deep / 257 + 0.5))


def test_avif_is_read_where_pillow_reads_it() -> None:
    if not features.check("avif"):
        with pytest.raises(ImageReadError, match="which the installed Pillow does not read"):
            read_gray(b"\0\0\0\x20ftypavif" + bytes(40))
        return
    data = saved(picture("L"), "AVIF", quality=100)
    assert np.abs(np.asarray(read_gray(data)).astype(int) - np.asarray(picture("L"))).max() <= 8
