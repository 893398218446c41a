"""PNG: the verdict equals the truth, and `where` is the first grey exactly."""
from __future__ import annotations

import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish.verifiers.verifying import verify

from .samples import ADAM7, bilevel, chunk, interlaced, png, saved


def first_gray(array: np.ndarray) -> tuple[int, int] | None:
    """The oracle: the first pixel in reading order that is neither 0 nor 255 in all
    its channels.
    """
    flat = array.reshape(array.shape[0], array.shape[1], -1)
    pure = (flat == 0).all(2) | (flat == 255).all(2)
    hits = np.argwhere(~pure)
    return (int(hits[0][1]), int(hits[0][0])) if len(hits) else None


def test_pillow_and_opencv_write_1_bit() -> None:
    verdict = verify(saved(bilevel(), "PNG", dpi=(300, 300)))
    assert verdict.line() == "OK   -  PNG 1-bit, 61 × 40, 300 dpi"
    array = np.asarray(bilevel().convert("L"))
    ok, encoded = cv2.imencode(".png", array, [cv2.IMWRITE_PNG_BILEVEL, 1])
    assert ok and verify(encoded.tobytes()).is_one_bit
    ok, encoded = cv2.imencode(".png", array)
    verdict = verify(encoded.tobytes())
    assert not verdict.is_one_bit and verdict.where is None
    assert verdict.problem == "two values only, but stored 8-bit grey"


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["L", "RGB", "RGBA", "LA", "P"]), st.booleans())
def test_where_is_the_first_grey(data: st.DataObject, mode: str, everywhere: bool) -> None:
    width, height = data.draw(st.integers(1, 70)), data.draw(st.integers(1, 20))
    array = np.asarray(bilevel(width, height, data.draw(st.integers(0, 99))).convert("L")).copy()
    for _ in range(data.draw(st.integers(0, 3))):
        array[data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))] = data.draw(st.integers(0, 255))
    image = Image.fromarray(array)
    verdict = verify(saved(image.convert(mode), "PNG", optimize=everywhere))
    truth = first_gray(array)
    assert verdict.where == truth
    assert not verdict.is_one_bit and not verdict.is_damaged
    if truth and mode == "L":
        assert verdict.problem.endswith(f"value {array[truth[1], truth[0]]}")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=3))
def test_interlaced(width: int, height: int, spots: list[tuple[int, int]]) -> None:
    array = np.asarray(bilevel(width, height).convert("L")).copy()
    for x, y in spots:
        array[y % height, x % width] = 99
    verdict = verify(png(width, height, 8, 0, interlaced(array), interlace=1))
    assert verdict.where == first_gray(array)


def test_interlaced_1_bit() -> None:
    flags = np.asarray(bilevel(21, 13))
    raw = b"".join(
        b"\0" + np.packbits(row).tobytes() for x0, y0, dx, dy in ADAM7 for row in flags[y0::dy, x0::dx] if flags[y0::dy, x0::dx].size
    )
    assert verify(png(21, 13, 1, 0, raw, interlace=1)).is_one_bit
    assert "truncated" in verify(png(21, 13, 1, 0, raw[:-1], interlace=1)).problem


@pytest.mark.parametrize("depth", [2, 4])
def test_small_depths(depth: int) -> None:
    top = (1 << depth) - 1
    row = np.array([0, top, 0, 1, top, 0, 0, 0], np.uint8)
    bits = np.unpackbits(row[:, None], axis=1)[:, -depth:].ravel()
    verdict = verify(png(8, 1, depth, 0, b"\0" + np.packbits(bits).tobytes()))
    assert verdict.where == (3, 0) and verdict.problem.endswith("value 1")


def test_16_bits() -> None:
    raw = b"\0" + struct.pack(">4H", 0, 65535, 0x00FF, 0)
    verdict = verify(png(4, 1, 16, 0, raw))
    assert verdict.where == (2, 0) and "value 255" in verdict.problem


@pytest.mark.parametrize(
    ("palette", "one_bit", "words"),
    [
        (b"\0\0\0\xff\xff\xff", True, ""),
        (b"\xff\xff\xff\0\0\0", True, ""),
        (b"\0\0\0\xff\xff\xfe", False, "first grey at (1, 0), colour #fffffe"),
        (b"\0\0\0", False, "first grey at (1, 0), index 1, which the palette does not have"),
    ],
)
def test_palettes(palette: bytes, one_bit: bool, words: str) -> None:
    verdict = verify(png(8, 1, 1, 3, b"\0\x7f", chunk(b"PLTE", palette)))
    assert verdict.is_one_bit is one_bit and verdict.problem == words


def test_a_palette_whose_odd_colour_is_not_used() -> None:
    verdict = verify(png(8, 1, 1, 3, b"\0\0", chunk(b"PLTE", b"\0\0\0\xfe\xff\xff")))
    assert not verdict.is_one_bit and "#feffff" in verdict.problem


def test_transparency_and_animation() -> None:
    assert "transparency" in verify(png(8, 1, 1, 0, b"\0\xff", chunk(b"tRNS", b"\0\0"))).problem
    assert "animated" in verify(png(8, 1, 1, 0, b"\0\xff", chunk(b"acTL", bytes(8)))).problem
    palette = chunk(b"PLTE", b"\0\0\0\xff\xff\xff")
    assert not verify(png(8, 1, 1, 3, b"\0\xff", palette + chunk(b"tRNS", b"\x80"))).is_one_bit
    assert verify(png(8, 1, 1, 3, b"\0\xff", palette + chunk(b"tRNS", b"\xff"))).is_one_bit


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(8, 2, 1, 0, b"\0\xff"), "truncated: the image data ends in row 1 of 2"),
        (png(8, 1, 1, 0, b"\0\xff\0"), "more image data"),
        (png(8, 1, 1, 0, b"\5\xff"), "filter"),
        (png(0, 1, 1, 0, b"\0"), "states 0 × 1"),
        (png(8, 1, 3, 0, b"\0\xff"), "depth 3"),
        (png(8, 1, 1, 3, b"\0\xff"), "without a palette"),
        (png(8, 1, 1, 0, b"\0\xff", chunk(b"ABCD", b"")), "critical chunk ABCD"),
        (png(8, 1, 1, 0, b"\0\xff") + b"x", "follow the IEND"),
        (png(8, 1, 1, 0, b"\0\xff")[:-12], "no IEND"),
        (png(8, 1, 1, 0, b"\0\xff").replace(b"IDAT", b"IDAU"), "checksum"),
        (b"\x89PNG\n\x1a\n" + bytes(40), "text conversion"),
    ],
)
def test_damage(data: bytes, words: str) -> None:
    verdict = verify(data)
    assert words in verdict.problem and verdict.is_damaged and not verdict.is_one_bit


def test_a_bomb_costs_a_piece() -> None:
    """1 GB of zeros in 1 MB, in a header that claims to hold them and in one that does not."""
    packer = zlib.compressobj(1)
    block = bytes(1 << 22)
    body = b"".join(packer.compress(block) for _ in range(250)) + packer.flush()
    for side, words in ((90_000, "truncated"), (100, "more image data")):
        head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
        tracemalloc.start()
        verdict = verify(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert words in verdict.problem or (side == 90_000 and "more" in verdict.problem)
        assert peak < 8 << 20
