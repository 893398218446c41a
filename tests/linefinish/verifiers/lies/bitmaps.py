"""One bit with another meaning, or more bits than it seems."""
from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.linefinish.verifiers.samples import chunk, pdf, png
from tests.linefinish.verifiers.test_icc import curve, profile


def tiff(entries: dict[int, tuple[int, tuple[int, ...]]], order: tuple[int, ...] = ()) -> bytes:
    """A TIFF of 16 × 16 pixels, plain, with entries changed or added: tag → (type, values)."""
    pixels = b"\xf0\x0f" * 16
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (3, (16,)),
        257: (3, (16,)),
        258: (3, (1,)),
        259: (3, (1,)),
        262: (3, (1,)),
        273: (4, (8,)),
        277: (3, (1,)),
        278: (3, (16,)),
        279: (4, (32,)),
    } | entries
    names = [*order, *sorted(set(tags) - set(order))]
    start = 8 + len(pixels)
    extra_at = start + 2 + 12 * len(names) + 4
    directory, extra = struct.pack("<H", len(names)), b""
    for tag in names:
        kind, values = tags[tag]
        packed = struct.pack(f"<{len(values)}{ {1: 'B', 3: 'H', 4: 'I', 7: 'B'}[kind] }", *values)
        if len(packed) > 4:
            packed, extra = struct.pack("<I", extra_at + len(extra)), extra + packed + b"\0" * (len(packed) % 2)
        directory += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", start) + pixels + directory + bytes(4) + extra


def bitmaps() -> Iterator[tuple[str, bytes]]:
    """PNG, TIFF and PNM."""

    rows = b"".join(b"\0\xf0" for _ in range(8))
    bent = profile(b"GRAY", {b"kTRC": curve(30000, 40000)})
    gray_palette = chunk(b"PLTE", b"\x80\x80\x80\xff\xff\xff")
    pure_palette = chunk(b"PLTE", b"\0\0\0\xff\xff\xff")
    yield "png-8", png(8, 8, 8, 0, (b"\0" + b"\x80" * 8) * 8)
    yield "png-2", png(8, 8, 2, 0, (b"\0\x55\x55") * 8)
    yield "png-palette", png(8, 8, 1, 3, rows, gray_palette)
    yield "png-two-palettes", png(8, 8, 1, 3, rows, pure_palette + gray_palette)
    yield "png-two-palettes-first", png(8, 8, 1, 3, rows, gray_palette + pure_palette)
    yield "png-transparent", png(8, 8, 1, 3, rows, pure_palette + chunk(b"tRNS", b"\x80"))
    yield "png-transparent-gray", png(8, 8, 1, 0, rows, chunk(b"tRNS", b"\0\0"))
    yield "png-icc", png(8, 8, 1, 0, rows, chunk(b"iCCP", b"a\0\0" + zlib.compress(bent)))
    yield "png-cicp", png(8, 8, 1, 0, rows, chunk(b"cICP", bytes((9, 16, 0, 1))))
    yield "png-animated", png(8, 8, 1, 0, rows, chunk(b"acTL", bytes(8)))
    yield "png-unknown", png(8, 8, 1, 0, rows, chunk(b"nEWc", b""))
    yield "png-pdf", png(8, 8, 1, 0, rows, chunk(b"tEXt", b"a\0" + pdf(b".5 g 10 10 80 80 re f")))
    for name, entries in {
        "palette": {262: (3, (3,)), 320: (3, (0x8000, 0xFFFF) * 3)},
        "extra": {338: (3, (2,))},
        "bits": {258: (3, (8,))},
        "map": {320: (3, (0x8000, 0xFFFF) * 3)},
        "transfer": {301: (3, (0x8000, 0xFFFF))},
        "response": {291: (3, (1000, 0))},
        "icc": {34675: (7, tuple(bent))},
        "float": {339: (3, (3,))},
        "maximum": {281: (3, (3,))},
        "layers": {37724: (7, (0,) * 8)},
        "wang": {32932: (1, (0,) * 8)},
        "jpeg": {513: (4, (8,)), 514: (4, (32,))},
        "private": {50000: (4, (8,))},
        "indexed": {346: (3, (1,)), 320: (3, (0x8000, 0xFFFF) * 3)},
        "mask": {262: (3, (4,))},
        "reference": {532: (3, (0, 1, 0, 1, 0, 1))},
        "depth": {32997: (4, (2,))},
        "imagej": {50838: (4, (8,)), 50839: (1, (0,) * 8)},
    }.items():
        yield f"tiff-{name}", tiff(entries)
    yield "tiff-unsorted", tiff({258: (3, (1,))}, order=(262, 256))
    yield "pgm", b"P5 8 8 255\n" + b"\x80" * 64
    yield "pbm-then-pgm", b"P4 8 1\n\xf0" + b"P5 8 8 255\n" + b"\x80" * 64
