"""Every kind of PNG, against pixels worked out one by one and against Pillow; and everything that
can be wrong with one.
"""
from __future__ import annotations

import io
import random
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish.data.raster import Gray
from linefinish.errors import ImageError, ImageReadError, ImageTooLargeError
from linefinish.readers.reading import read_gray
from linefinish.readers.stream import WHOLLY_TRANSPARENT
from tests.fuzzing.judging import cost_of_reading
from tests.oracles import grey as gray_oracle
from tests.oracles import png as oracle
from tests.oracles.png import KINDS, SIGNATURE, Pixel, chunk, header

PALETTE = bytes(range(0, 240, 5)) * 16


def picture(width: int, height: int, depth: int, colour: int, seed: int) -> list[list[Pixel]]:
    draw = random.Random(seed)
    highest = (1 << depth) - 1
    few = [tuple(draw.choice((0, highest, draw.randint(0, highest))) for _ in range(oracle.CHANNELS[colour])) for _ in range(5)]
    rows = []
    for _ in range(height):
        row: list[Pixel] = []
        while len(row) < width:
            row += [draw.choice(few)] * draw.choice((1, 2, 15))
        rows.append(row[:width])
    return rows


def expected(rows: list[list[Pixel]], depth: int, colour: int, clear: Pixel | None, palette: bytes, alphas: bytes) -> bytes:
    highest = (1 << depth) - 1
    if colour == 3:
        alphas = alphas.ljust(256, b"\xff")
        rows = [[(*palette[3 * i : 3 * i + 3], alphas[i]) if 3 * i < len(palette) else (0, 0, 0, 255) for (i,) in row] for row in rows]
        highest = 255
    if colour in (3, 4, 6) and all(pixel[-1] == 0 for row in rows for pixel in row):
        rows = [[(*pixel[:-1], highest) for pixel in row] for row in rows]  # wholly transparent: never meant
    return bytes(gray_oracle.gray(pixel, highest, clear) for row in rows for pixel in row)


@given(
    st.sampled_from(KINDS), st.integers(1, 34), st.integers(1, 20), st.booleans(), st.lists(st.integers(0, 4), min_size=1, max_size=5),
    st.booleans(), st.sampled_from((1, 7, 1 << 20)), st.integers(0, 2**32),
)  # fmt: skip
def test_every_kind_filter_and_interlacing(
    kind: tuple[int, int], width: int, height: int, interlaced: bool, filters: list[int], clear: bool, idat_bytes: int, seed: int
) -> None:
    colour, depth = kind
    rows = picture(width, height, depth, colour, seed)
    before, key, palette, alphas = b"", None, PALETTE[: 3 << depth], b""
    if colour == 3:
        before += chunk(b"PLTE", palette)
        alphas = random.Random(seed).randbytes(1 << depth) if clear else b""
        before += chunk(b"tRNS", alphas) if clear else b""
    elif clear and colour in (0, 2):
        key = rows[0][0]
        before += chunk(b"tRNS", b"".join(struct.pack(">H", value) for value in key))
    data = oracle.encode(rows, depth, colour, filters=filters, interlaced=interlaced, before=before, idat_bytes=idat_bytes)
    gray = read_gray(data)
    assert (gray.width, gray.height) == (width, height)
    assert bytes(gray.data) == expected(rows, depth, colour, key, palette, alphas)


@pytest.mark.parametrize(("colour", "depth"), KINDS)
@pytest.mark.parametrize("interlaced", [False, True])
def test_pillow_sees_the_same(colour: int, depth: int, interlaced: bool) -> None:
    rows = picture(53, 41, depth, colour, 7)
    before = chunk(b"PLTE", PALETTE[: 3 << depth]) if colour == 3 else b""
    data = oracle.encode(rows, depth, colour, filters=(0, 1, 2, 3, 4), interlaced=interlaced, before=before)
    ours = np.asarray(read_gray(data)).astype(int)
    image = Image.open(io.BytesIO(data))
    tolerance = 0
    if image.mode.startswith("I"):
        theirs = np.floor(np.asarray(image) / 257 + 0.5).astype(int)  # Pillow keeps the 16 bits; convert("L") would clip them
    elif colour in (4, 6):
        paper = Image.new("RGBA", image.size, "white")
        theirs = np.asarray(Image.alpha_composite(paper, image.convert("RGBA")).convert("L")).astype(int)
        tolerance = 2 if depth == 16 else 1  # it rounds each channel on white before the luma, and cuts 16 bits to 8 first
    else:
        theirs = np.asarray(image.convert("L")).astype(int)
        tolerance = 1 if depth == 16 else 0  # it cuts 16 bits to the upper 8; ours are rounded
    assert np.abs(ours - theirs).max() <= tolerance


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_large_enough_for_several_strips(mode: str) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (700, 900, 3), np.uint8)
    noise[:, 300:600] = 250
    image = Image.fromarray(noise).convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG")
    assert np.array_equal(np.asarray(read_gray(file.getvalue())), np.asarray(image.convert("L")))


def test_an_index_past_the_palette_is_black() -> None:
    data = oracle.encode([[(1,), (2,), (255,)]], 8, 3, before=chunk(b"PLTE", b"\xff" * 6))
    assert bytes(read_gray(data).data) == bytes([255, 0, 0])


@pytest.mark.parametrize(("per_metre", "dpi"), [(11811, 300.0), (2835, 72.0), (23622, 600.0), (3937, 100.0), (10000, 254.0), (3000, 76.2)])
def test_dpi(per_metre: int, dpi: float) -> None:
    data = oracle.encode([[(9,)]], 8, 0, before=chunk(b"pHYs", struct.pack(">IIB", per_metre, 2 * 11811, 1)))
    assert read_gray(data).dpi == (pytest.approx(dpi), 600.0)


@pytest.mark.parametrize("body", [struct.pack(">IIB", 2, 1, 0), b"", struct.pack(">IIB", 0, 0, 1), struct.pack(">IIB", 2**32 - 1, 9, 1)])
def test_no_dpi(body: bytes) -> None:
    assert read_gray(oracle.encode([[(9,)]], 8, 0, before=chunk(b"pHYs", body))).dpi is None


ROWS = [[(x * 9 + y,) for x in range(16)] for y in range(12)]
GOOD = oracle.encode(ROWS, 8, 0, filters=(4, 1, 3), idat_bytes=40)


def sentence(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        read_gray(data)
    assert isinstance(caught.value, (ImageReadError, ImageTooLargeError))
    words = str(caught.value)
    assert words.startswith("the given bytes: ")
    assert "\n" not in words
    return words


def test_cut_off_anywhere_is_truncated() -> None:
    assert read_gray(GOOD)
    for size in range(len(SIGNATURE), len(GOOD)):
        assert "truncated" in sentence(GOOD[:size])


def test_any_flipped_bit_in_what_is_used_is_found() -> None:
    for at in range(8, len(GOOD)):
        for bit in (0, 5):
            damaged = bytearray(GOOD)
            damaged[at] ^= 1 << bit
            sentence(bytes(damaged))


def whole(width: int, height: int, raw: bytes, depth: int = 8, colour: int = 0) -> bytes:
    return SIGNATURE + header(width, height, depth, colour) + chunk(b"IDAT", raw) + chunk(b"IEND")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (whole(0, 5, zlib.compress(b"")), "there is nothing in it"),
        (whole(5, 0, zlib.compress(b"")), "there is nothing in it"),
        (whole(3, 1, b"not zlib"), "cannot be unpacked"),
        (whole(3, 1, zlib.compress(b"\0ab")), "truncated"),
        (whole(3, 1, zlib.compress(b"\0abc")[:-3]), "truncated"),
        (whole(3, 1, zlib.compress(b"\0abc")[:-1] + b"\0"), "cannot be unpacked"),
        (whole(3, 1, zlib.compress(b"\5abc")), "a filter that PNG does not have"),
        (whole(3, 1, zlib.compress(b"\0abc"), 3), "a kind of image that PNG does not have"),
        (whole(3, 1, zlib.compress(b"\0abc"), 8, 5), "a kind of image that PNG does not have"),
        (whole(3, 1, zlib.compress(b"\0abc"), 8, 3), "palette"),
        (SIGNATURE + chunk(b"IDAT") + header(1, 1), "does not begin with its header"),
        (SIGNATURE + header(1, 1) + chunk(b"IEND"), "truncated"),
        (SIGNATURE + header(1, 1) + chunk(b"NEWX") + chunk(b"IEND"), "may not be ignored"),
        (SIGNATURE + header(1, 1) + b"\xff\xff\xff\xffIDAT", "impossible head"),
        (SIGNATURE + header(1, 1) + b"\x7f\xff\xff\xffPLTE", "claims 2,147,483,647 bytes"),
        (SIGNATURE + header(1, 1) + b"\x7f\xff\xff\xfftEXt abc", "truncated"),
        (SIGNATURE + header(1, 1) + b"\x7f\xff\xff\xffIDATx", "truncated"),
        (SIGNATURE + header(1, 1) + chunk(b"acTL", struct.pack(">II", 7, 0)), "animation of 7 frames"),
        (SIGNATURE + header(100_000, 100_000), "10,000 megapixels; the limit is 500"),
        (SIGNATURE + header(2**31 - 1, 2**31 - 1), "the limit is 500"),
        (SIGNATURE + header(1_000_001, 1), "a side may have 1,000,000"),
        (GOOD.replace(chunk(b"IEND"), chunk(b"tEXt") + chunk(b"IDAT", b"x")), "comes in two places"),
    ],
)
def test_bad_files_get_their_sentence(data: bytes, words: str) -> None:
    assert words in sentence(data)


def test_what_may_be_passed_over_is() -> None:
    notes = chunk(b"tEXt", b"a" * 200_000) + b"\0\0\0\3zTXtabcBAD!"  # a wrong checksum in what is not used
    still = chunk(b"acTL", struct.pack(">II", 1, 0))
    for before, after in ((notes, b""), (b"", notes), (still, b""), (chunk(b"IDAT"), chunk(b"IDAT"))):
        gray = read_gray(oracle.encode(ROWS, 8, 0, before=before, after=after))
        assert bytes(gray.data) == bytes(pixel[0] for row in ROWS for pixel in row)


def exif(orientation: int) -> bytes:
    made = Image.Exif()
    made[0x0112] = orientation
    return made.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("after", [False, True])
def test_orientation(orientation: int, after: bool) -> None:
    from PIL import ImageOps

    block = chunk(b"pHYs", struct.pack(">IIB", 11811, 2 * 11811, 1))
    block_exif = chunk(b"eXIf", exif(orientation))
    data = oracle.encode(ROWS, 8, 0, before=block + (b"" if after else block_exif), after=block_exif if after else b"")
    gray = read_gray(data)
    image = Image.open(io.BytesIO(data))
    image.load()
    assert np.array_equal(np.asarray(gray), np.asarray(ImageOps.exif_transpose(image)))
    assert gray.dpi == ((600.0, 300.0) if orientation >= 5 else (300.0, 600.0))


@settings(max_examples=2000)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_mutations_end_in_an_image_or_a_sentence(seed: int, changes: int) -> None:
    """The checksums are put right again, so that the damage gets past them."""
    draw = random.Random(seed)
    colour, depth = draw.choice(KINDS)
    rows = picture(9, 7, depth, colour, 1)
    raw = bytearray(zlib.compress(oracle.image_data(rows, depth, (0, 1, 2, 3, 4), False)))
    parts = [
        (b"IHDR", bytearray(struct.pack(">IIBBBBB", 9, 7, depth, colour, 0, 0, draw.randint(0, 1)))),
        (b"PLTE", bytearray(PALETTE[: 3 << depth])),
        (b"tRNS", bytearray(draw.randbytes(draw.choice((0, 1, 2, 6, 256, 300))))), (b"eXIf", bytearray(exif(6))), (b"pHYs", bytearray(9)),
        (b"IDAT", raw), (b"IEND", bytearray()),
    ]  # fmt: skip
    for _ in range(changes):
        _, body = draw.choice(parts)
        if body:
            body[draw.randrange(len(body))] = draw.choice((0, 1, 255, draw.randrange(256)))
    data = SIGNATURE + b"".join(chunk(kind, bytes(body)) for kind, body in parts)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            assert isinstance(read_gray(data, megapixels_max=1), Gray)
        except ImageError as error:
            assert str(error).startswith("the given bytes: ")


def test_more_image_than_the_header_says_is_warned_of() -> None:
    """As libpng, Pillow and OpenCV do; the rest is not even unpacked."""
    gray = read_gray(whole(3, 1, zlib.compress(b"\0abcd")))
    assert bytes(gray.data) == b"abc"
    assert gray.warnings == ("the file holds more image than its header says; the rest was left out",)
    assert read_gray(whole(3, 1, zlib.compress(b"\0abc"))).warnings == ()


TRANSPARENT = {
    "grey and alpha": (4, 8, bytes([40, 0, 200, 0])), "RGB and alpha": (6, 8, bytes([40, 40, 40, 0, 200, 200, 200, 0])),
    "deep grey and alpha": (4, 16, bytes([40, 40, 0, 0, 200, 200, 0, 0])),
}  # fmt: skip


@pytest.mark.parametrize("kind", TRANSPARENT)
@pytest.mark.parametrize("rows", [1, 40_000])
def test_a_picture_without_a_pixel_that_shows_is_taken_as_opaque(kind: str, rows: int) -> None:
    """Unless one does, at its very end: then all before it is white."""
    colour, depth, row = TRANSPARENT[kind]
    gray = read_gray(whole(2, rows, zlib.compress((b"\0" + row) * rows), depth, colour))
    assert bytes(gray.data) == bytes([40, 200]) * rows
    assert gray.warnings == (WHOLLY_TRANSPARENT,)
    shown = row[:-1] + b"\xff" if depth == 8 else row[:-2] + b"\xff\xff"
    gray = read_gray(whole(2, rows + 1, zlib.compress((b"\0" + row) * rows + b"\0" + shown), depth, colour))
    assert bytes(gray.data) == b"\xff" * (2 * rows + 1) + bytes([200])
    assert gray.warnings == ()


@pytest.mark.parametrize("used", [b"\0\1", b"\0\2"])
def test_a_palette_s_alpha_counts_where_it_is_used(used: bytes) -> None:
    """Colours 0 and 1 are transparent, 2 is not."""
    body = chunk(b"PLTE", bytes([10, 10, 10, 90, 90, 90, 200, 200, 200])) + chunk(b"tRNS", bytes(2))
    data = SIGNATURE + header(2, 1, 8, 3) + body + chunk(b"IDAT", zlib.compress(b"\0" + used)) + chunk(b"IEND")
    gray = read_gray(data)
    assert bytes(gray.data) == (bytes([10, 90]) if used == b"\0\1" else bytes([255, 200]))
    assert bool(gray.warnings) == (used == b"\0\1")


def test_an_interlaced_file_that_cannot_hold_its_passes_costs_nothing() -> None:
    """The first pass alone would touch the whole page."""
    first = zlib.compress(bytes(2500 * 2501), 9)[:-4]
    packed = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 1)
    data = SIGNATURE + chunk(b"IHDR", packed) + chunk(b"IDAT", first)
    told, peak_kb = cost_of_reading(data)
    assert "ends in the middle" in told and peak_kb < 100_000
