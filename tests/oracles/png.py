"""A PNG encoder that can write every kind of PNG there is, as the specification says it (ISO 15948,
sections 7 to 9).
"""
from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterable, Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]

Pixel = tuple[int, ...]


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int, depth: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def packed(row: Sequence[Pixel], depth: int) -> bytes:
    """The samples of a row, leftmost in the high bits, the last byte filled with zeros."""
    bits = "".join(f"{sample:0{depth}b}" for pixel in row for sample in pixel)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def paeth(a: int, b: int, c: int) -> int:
    """Section 9.4, word for word."""
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    if pa <= pb and pa <= pc:
        return a
    if pb <= pc:
        return b
    return c


def filtered(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    """Section 9.2: Filt(x) = Orig(x) - guess, modulo 256."""
    out = []
    for x, value in enumerate(row):
        a = row[x - step] if x >= step else 0
        b = above[x]
        c = above[x - step] if x >= step else 0
        guess = (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]
        out.append((value - guess) % 256)
    return bytes([kind, *out])


def scanlines(rows: Sequence[Sequence[Pixel]], depth: int, step: int, filters: Iterable[int]) -> bytes:
    """One image or one pass, filtered."""
    out = b""
    above = b""
    for row, kind in zip(rows, filters, strict=False):
        plain = packed(row, depth)
        out += filtered(kind, plain, above or bytes(len(plain)), step)
        above = plain
    return out


def image_data(rows: Sequence[Sequence[Pixel]], depth: int, filters: Sequence[int], interlaced: bool) -> bytes:
    """The bytes that go into zlib."""
    step = max(1, len(rows[0][0]) * depth // 8)
    endless = itertools.cycle(filters)
    if not interlaced:
        return scanlines(rows, depth, step, endless)
    passes = ([row[x::dx] for row in rows[y::dy]] for x, y, dx, dy in ADAM7)
    return b"".join(scanlines(one, depth, step, endless) for one in passes if one and one[0])


def encode(
    rows: Sequence[Sequence[Pixel]], depth: int, colour: int, *,
    filters: Sequence[int] = (0,), interlaced: bool = False, before: bytes = b"", after: bytes = b"", idat_bytes: int = 1 << 30,
) -> bytes:  # fmt: skip
    """A whole file; `before` and `after` are chunks around the image data, which is cut into IDATs
    of `idat_bytes`.
    """
    body = zlib.compress(image_data(rows, depth, filters, interlaced))
    idats = b"".join(chunk(b"IDAT", body[at : at + idat_bytes]) for at in range(0, len(body), idat_bytes))
    return SIGNATURE + header(len(rows[0]), len(rows), depth, colour, interlaced) + before + idats + after + chunk(b"IEND")
