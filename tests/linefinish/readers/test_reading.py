"""`read_gray` by its sources: what it takes, what it says of what it cannot take, what it costs."""
from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish.data.raster import Gray
from linefinish.errors import ImageError, ImageReadError, ImageTooLargeError, OptionsError
from linefinish.readers.reading import _kind_of, read_gray
from linefinish.readers.stream import Stream
from tests.oracles import png as oracle

PIXELS = np.random.default_rng(4).integers(0, 256, (40, 50), np.uint8)


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, kind)
    return file.getvalue()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


class Dribble(io.RawIOBase):
    """A pipe: cannot seek, and hands out a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece, self.left = self.left[: min(size % 8, 7)] or self.left[:1], self.left[min(size % 8, 7) or 1 :]
        return piece


@pytest.mark.parametrize("kind", ["PNG", "PPM", "TIFF", "BMP", "GIF"])
def test_every_source_gives_the_same(kind: str, tmp_path: Path) -> None:
    data = encoded(kind)
    path = tmp_path / "page with a misleading suffix.jpg"
    path.write_bytes(data)
    after = io.BytesIO(b"something else" + data)
    after.seek(14)
    named = tmp_path / "after"
    named.write_bytes(after.getvalue())
    opened = named.open("rb")
    opened.seek(14)
    unbuffered = open(path, "rb", buffering=0)  # noqa: SIM115 (closed below)
    with opened, unbuffered:
        sources: list[Any] = [
            path, str(path), data, bytearray(data), memoryview(data), io.BytesIO(data), after, opened, unbuffered, Dribble(data),
            Image.open(io.BytesIO(data)),
        ]  # fmt: skip
        for source in sources:
            assert np.array_equal(np.asarray(read_gray(source)), PIXELS), source


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_standard_input(kind: str) -> None:
    code = "from linefinish.readers.reading import read_gray; print(sum(read_gray('-').data))"
    done = subprocess.run([sys.executable, "-c", code], input=encoded(kind), capture_output=True, env=environment(), check=True)
    assert int(done.stdout) == PIXELS.sum(dtype=int)


def test_one_pixel_is_an_image() -> None:
    for kind in ("PNG", "PPM", "TIFF", "BMP", "GIF", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.new("L", (1, 1), 255).save(file, kind)
        gray = read_gray(file.getvalue())
        assert (gray.width, gray.height, gray.data[0]) == (1, 1, 255)


def test_missing_folder_empty_and_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    for source, words in (
        (tmp_path / "no.png", "there is no such file"), (tmp_path, "this is a folder"), (empty, "the file is empty"),
        ("a\0b", "cannot be opened"), (tmp_path / ("n" * 300), "cannot be opened"), (empty / "page.png", "cannot be opened"),
    ):  # fmt: skip
        with pytest.raises(ImageReadError) as caught:
            read_gray(source)
        assert str(caught.value).startswith(f"{source}: ")
        assert words in str(caught.value)

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")  # as root, no file refuses itself

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ImageReadError, match="no permission to read it"):
        read_gray(empty)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"hello, this is no image", "not an image that linefinish reads"),
        (b"\0" * 5000, "not an image that linefinish reads"),
        (b"P", "not an image that linefinish reads"),
        (b"P5", "not an image that linefinish reads"),
        (b"P9 3 3 255\n", "not an image that linefinish reads"),
        (b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg width="3"/>', "this is SVG"),
        (b"\xef\xbb\xbf<SVG>", "this is SVG"),
        (b"<html><body>Not found</body></html>", "not an image that linefinish reads"),
        (b"%PDF-1.7\n", "this is a PDF, which linefinish does not read; make a PNG of the page first"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "this is PostScript"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC, a phone's photo"), (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a film"),
        (b"PK\3\4xxxx", "zip archive"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "truncated"),
        (b"RIFF\x10\0\0\0WEBPNONE" + bytes(30), "damaged"),
        (b"\xff\xd8\xff", "truncated"),
        (b"II*\0", "truncated"), (b"II*\0" + bytes(9), "it has no directory"),
    ],
)
def test_what_is_no_image_is_named(data: bytes, words: str) -> None:
    with pytest.raises(ImageReadError, match=words):
        read_gray(data)


def test_sources_that_are_none() -> None:
    for source in (None, 7, object(), ["page.png"]):
        with pytest.raises(ImageError, match=f"this is {type(source).__name__}"):
            read_gray(source)
    with pytest.raises(ImageReadError, match='open as text; open it with the mode "rb"'):
        read_gray(io.StringIO("P1 1 1 0"))
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(ImageReadError, match="cannot be read"):
        read_gray(closed)


@pytest.mark.parametrize("limit", [0, -1, float("nan"), "5"])
def test_a_limit_is_a_number_above_zero(limit: Any) -> None:
    with pytest.raises(OptionsError, match="megapixels_max"):
        read_gray(b"", megapixels_max=limit)


def test_the_limit_holds_for_every_source(tmp_path: Path) -> None:
    image = Image.fromarray(PIXELS)
    sources = [encoded(kind) for kind in ("PNG", "PPM", "TIFF", "BMP", "GIF", "JPEG", "WEBP")] + [image, PIXELS]
    for source in sources:
        assert read_gray(source, megapixels_max=0.002).width == 50
        with pytest.raises(ImageTooLargeError, match=r"the limit is 0\.0019") as caught:
            read_gray(source, megapixels_max=0.0019)
        assert (caught.value.megapixels, caught.value.megapixels_max) == (0.002, 0.0019)


def test_threads_read_at_once() -> None:
    kinds = ("PNG", "TIFF", "PPM", "BMP") * 5
    start = threading.Barrier(4)

    def read(kind: str) -> bool:
        start.wait(timeout=60)  # the kinds come in fours, and so do the threads: four reads begin together
        return bool(np.array_equal(np.asarray(read_gray(encoded(kind))), PIXELS))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, kinds))


@pytest.mark.parametrize("kind", ["PNG", "PPM"])
def test_the_fast_path_loads_neither_numpy_nor_pillow(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_bytes(encoded(kind))
    code = (
        "import sys; from linefinish.readers.reading import read_gray; read_gray(sys.argv[1]);"
        "heavy = 'numpy numba PIL dataclasses typing json pathlib re hashlib argparse logging enum array struct'.split();"
        "print([name for name in heavy if name in sys.modules])"
    )
    plain = {key: value for key, value in environment().items() if key != "LINEFINISH_KERNELS"}
    done = subprocess.run([sys.executable, "-S", "-c", code, str(path)], capture_output=True, text=True, env=plain, check=True)
    assert done.stdout.strip() in ("[]", "['struct']")  # ctypes, which calls the kernels, loads struct


# --- what a bomb costs
# ------------------------------------------------------------

# MB that a process may take in all; a bare one that reads a small PNG takes about 20.
REFUSED_MB_MAX = 100
OVERHEAD_MB_MAX = 50


def repeated_zeros(count_mb: int) -> bytes:
    """A zlib stream of so many MiB of zeros, put together from one flushed block."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(bytes(1 << 20))
    low, high = checksum & 0xFFFF, checksum >> 16
    total = zlib.adler32(bytes(0))
    for _ in range(count_mb):  # adler32 of zeros: the low half stays 1, the high half counts the bytes
        total = (((total >> 16) + (1 << 20)) % 65521) << 16 | low
    assert high == (1 << 20) % 65521
    return b"\x78\xda" + block * count_mb + b"\3\0" + struct.pack(">I", total)


def bomb(width: int, height: int, stream: bytes) -> bytes:
    return oracle.SIGNATURE + oracle.header(width, height) + oracle.chunk(b"IDAT", stream) + oracle.chunk(b"IEND")


def peak_mb(path: Path, megapixels_max: float) -> tuple[float, str]:
    """Peak memory of a process of its own that reads the file, and what came of it."""
    code = (
        "import resource, sys\n"
        "from linefinish.errors import LinefinishError\n"
        "from linefinish.readers.reading import read_gray\n"
        "try: gray = read_gray(sys.argv[1], megapixels_max=float(sys.argv[2])); said = f'{gray.width} x {gray.height}'\n"
        "except LinefinishError as error: said = f'{type(error).__name__}: {error}'\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, said)"
    )
    # The peak of a forked child begins at its parent's: start from a fresh, small shell instead.
    command = ["/bin/sh", "-c", '"$0" -c "$1" "$2" "$3"; true', sys.executable, code, str(path), str(megapixels_max)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    peak, _, said = done.stdout.strip().partition(" ")
    return float(peak), said


def test_bombs_are_refused_before_they_cost_anything(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(30_000, 30_000, repeated_zeros(1000)))
    assert path.stat().st_size < 2_000_000
    peak, said = peak_mb(path, 500)
    assert said.startswith("ImageTooLargeError")
    assert peak < REFUSED_MB_MAX
    path.write_bytes(bomb(100, 100, repeated_zeros(1000)))
    peak, said = peak_mb(path, 500)
    assert said == "100 x 100"  # with a warning, and without unpacking the rest
    assert peak < REFUSED_MB_MAX
    path.write_bytes(bomb(22_000, 22_000, zlib.compress(bytes(1000))))
    peak, said = peak_mb(path, 500)
    assert "truncated" in said
    assert peak < REFUSED_MB_MAX


def test_an_allowed_large_image_costs_its_own_pixels(tmp_path: Path) -> None:
    side = 8191  # with its filter byte a row has 8192 bytes: 128 rows a MiB
    path = tmp_path / "large.png"
    path.write_bytes(bomb(side, 64 * 128, repeated_zeros(64)))
    peak, said = peak_mb(path, 500)
    assert said == f"{side} x {64 * 128}"
    assert peak < 64 + OVERHEAD_MB_MAX


def test_gray_is_handed_through() -> None:
    gray = Gray(1, 1, b"\0")
    assert read_gray(gray) is gray


# --- the kind, by the first bytes
# ------------------------------------------------------------


def kind_of(data: bytes) -> str:
    return _kind_of(Stream(io.BytesIO(data), "it"))


@pytest.mark.parametrize("head", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_both_orders_of_tiff_and_big_tiff(head: bytes) -> None:
    assert kind_of(head + bytes(20)) == "TIFF"


@given(st.sampled_from(b"1234567"), st.sampled_from([b" ", b"\t", b"\r", b"\n", b"\v", b"\f", b"#"]), st.binary(max_size=9))
def test_a_portable_map_needs_white_space_after_its_number(digit: int, space: bytes, rest: bytes) -> None:
    assert kind_of(b"P" + bytes([digit]) + space + rest) == "PNM"
    with pytest.raises(ImageReadError):
        kind_of(b"P" + bytes([digit]) + b"x" + space + rest)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_kind_or_a_sentence(data: bytes) -> None:
    try:
        assert kind_of(data) in ("PNG", "PNM", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
    except ImageReadError as error:
        assert str(error).startswith("it: ")
