"""TIFF's directories: pages, and strips and tiles that are not there, or cannot hold their
pixels.
"""
from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from linefinish.errors import ImageReadError
from linefinish.readers import tiff_directory
from linefinish.readers.pillow import page_count
from linefinish.readers.reading import read_gray
from linefinish.readers.stream import Stream
from tests.fuzzing.judging import cost_of_reading
from tests.fuzzing.tiff import tiff

PEAK_KB_MAX = 100_000
PACKED = ["tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg", "lzma", "zstd", "group3", "group4", "tiff_ccitt", "raw"]


def saved(mode: str, compression: str, **how: Any) -> bytes:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 64, 3), np.uint8))
    file = io.BytesIO()
    noise.convert(mode).save(file, "TIFF", compression=compression, **how)
    return file.getvalue()


def directory(data: bytes) -> tiff_directory.Directory:
    return tiff_directory.directories(io.BytesIO(data), Stream(io.BytesIO(data), "it"))[0]


def with_tags(data: bytes, tags: dict[int, int]) -> bytes:
    """The same file, with other numbers in some tags of its directory."""
    made = bytearray(data)
    at = struct.unpack_from("<I", made, 4)[0]
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", made, at)[0], 12):
        tag = struct.unpack_from("<H", made, entry)[0]
        if tag in tags:
            struct.pack_into("<HHII", made, entry, tag, 4, 1, tags[tag])
    return bytes(made)


def test_the_first_of_a_hundred_strips_alone() -> None:
    """The case it began with: 8 of 800 rows are there, and the directory has one strip."""
    for strips in (1, 50, 99):
        data = tiff(64, 800, 8, bytes(64 * 8 * strips), rows_per_strip=8, strips=strips)
        with pytest.raises(ImageReadError, match="ends in the middle"):
            read_gray(data)
    assert read_gray(tiff(64, 800, 8, bytes(64 * 800), rows_per_strip=8, strips=100)).height == 800


@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
def test_both_byte_orders_and_both_sizes(order: str, big: bool) -> None:
    data = tiff(16, 16, 8, bytes(range(256)), rows_per_strip=4, strips=4, order=order, big=big)
    assert bytes(read_gray(data).data) == bytes(range(256))
    for cut in (1, 9, 60, 128, len(data) // 2, len(data) - 9):
        with pytest.raises(ImageReadError, match="ends in the middle"):
            read_gray(data[:-cut])


@pytest.mark.parametrize("compression", PACKED)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_every_compression_cut_off_anywhere(mode: str, compression: str) -> None:
    if (mode != "1" and compression.startswith(("group", "tiff_ccitt"))) or (mode == "1" and compression == "jpeg"):
        return
    assert features.check("libtiff")
    data = saved(mode, compression)
    assert read_gray(data).width == 64
    for share in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        with pytest.raises(ImageReadError, match="ends in the middle"):
            read_gray(data[: int(share * len(data))])


@pytest.mark.parametrize("compression", PACKED)
def test_a_strip_that_cannot_hold_its_pixels_costs_nothing(compression: str) -> None:
    mode = "1" if compression.startswith(("group", "tiff_ccitt")) else "L"
    file = io.BytesIO()
    Image.new(mode, (64, 64), "white").save(file, "TIFF", compression=compression, tiffinfo={278: 64})
    data = with_tags(file.getvalue(), {256: 18_000, 257: 18_000, 278: 18_000})
    told, peak_kb = cost_of_reading(data)
    assert told.endswith("the file ends in the middle of the image (it is truncated)"), told
    assert peak_kb < PEAK_KB_MAX


@pytest.mark.parametrize(("tags", "says"), [
    ({322: 20_000, 323: 20_000}, "its tiles have 20000 × 20000 pixels"),
    ({322: 0}, "its tiles have 0 × 16"),
    ({324: 10**8}, "ends in the middle"),
])  # fmt: skip
def test_tiles(tags: dict[int, int], says: str) -> None:
    data = tiff(16, 16, 8, bytes(256), tile=(16, 16))
    assert read_gray(data).width == 16
    told, peak_kb = cost_of_reading(with_tags(data, tags))
    assert says in told and peak_kb < PEAK_KB_MAX


def test_strips_that_lie_on_each_other_are_no_large_page() -> None:
    rows = bytes(20_000)
    data = tiff(20_000, 20_000, 8, rows, rows_per_strip=1, strips=20_000, on_each_other=True)
    told, peak_kb = cost_of_reading(data)
    assert "damaged: its strips lie on each other" in told and peak_kb < PEAK_KB_MAX


def test_a_directory_of_more_than_the_file_is_refused() -> None:
    body = struct.pack("<H", 5000) + b"".join(struct.pack("<HHII", 300 + i, 7, 60_000, 8) for i in range(5000))
    told, peak_kb = cost_of_reading((b"II*\0\x08\0\0\0" + body).ljust(64_000, b"\0"))
    assert "its directory holds more than the file" in told and peak_kb < PEAK_KB_MAX


def test_pages_and_thumbnails(tmp_path: Path) -> None:
    pages = [Image.new("L", (20, 20), level) for level in (10, 90, 170)]
    pages[0].save(tmp_path / "three.tif", save_all=True, append_images=pages[1:])
    data = (tmp_path / "three.tif").read_bytes()
    assert page_count(str(tmp_path / "three.tif")) == 3
    with pytest.raises(ImageReadError, match="this TIFF has 3 pages; choose one with --frame 1 to 3"):
        read_gray(data)
    assert [read_gray(data, frame=number).data[0] for number in (1, 2, 3)] == [10, 90, 170]
    with pytest.raises(ImageReadError, match="there is no page 4; this TIFF has 3"):
        read_gray(data, frame=4)
    found = tiff_directory.directories(io.BytesIO(data), Stream(io.BytesIO(data), "it"))
    found[1].numbers[254] = [1]
    assert tiff_directory.pages(found) == [0, 2]
    for damaged in (data[: len(data) // 2], b"II*\0\xff\xff\xff\x7f", b"II*\0"):
        (tmp_path / "short.tif").write_bytes(damaged)
        assert page_count(str(tmp_path / "short.tif")) == 1


def test_the_second_page_may_be_the_one_that_is_cut_off() -> None:
    first, second = (tiff(16, 16, 8, bytes(256), rows_per_strip=16, strips=1) for _ in range(2))
    assert directory(first).following == 0
    at = struct.unpack_from("<I", first, 4)[0]
    count = struct.unpack_from("<H", first, at)[0]
    moved = with_tags(second, {273: 10**6})
    start = struct.unpack_from("<I", moved, 4)[0]
    both = bytearray(first + moved[start:])
    struct.pack_into("<I", both, at + 2 + 12 * count, len(first))
    assert read_gray(bytes(both), frame=1).width == 16
    with pytest.raises(ImageReadError, match="ends in the middle"):
        read_gray(bytes(both), frame=2)
