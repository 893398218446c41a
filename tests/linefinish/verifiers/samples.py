"""Small files made by tools that are not ours, and a writer of odd PNGs."""
from __future__ import annotations

import io
import itertools
import random
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

SVG_HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20">'

# Colours that paint pure black, pure white or nothing, in all their spellings; and others.
PURE_COLOURS = (
    "#000", "#000000", "black", "BLACK", "rgb(0,0,0)", "rgb(0%,0%,0%)", "rgb(0 0 0)", "rgba(0,0,0,1)", "white", "#fff", "#FFFFFF",
    "none", "rgb(255, 255, 255)", "rgb(100%,100%,100%)", "currentColor", "inherit", "#000f", "#ffffffff", "transparent", "hsl(0,0%,0%)",
    "rgba(0,0,0,0)",
)  # fmt: skip
OTHER_COLOURS = (
    "#010101", "#fffffe", "gray", "red", "rgb(0,0,1)", "rgb(99.9%,100%,100%)", "rgb(255,255,254)", "rgba(0,0,0,.5)", "#00000080",
    "#0008", "url(#a)", "url(#a) black", "var(--x)", "color(srgb 0 0 0)", "#000 icc-color(x)", "canvastext", "hsl(0,0%,50%)",
    "rgb(1,1,1)", "", "rgb(100%,255,255)", "rgb(calc(0),0,0)", "rgb(255/255/255)", "rgb(,0,0,0)", "rgb(0,0,0/)", "rgb(255,255 255)",
    "rgb(0/0/0)", "rgb(0 0 / 0)",
)  # fmt: skip

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """An image as Pillow writes it."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def bilevel(width: int = 61, height: int = 40, seed: int = 1) -> Image.Image:
    """Strokes and dots."""
    rng = np.random.default_rng(seed)
    flags = rng.random((height, width)) > 0.2
    flags[height // 3 : height // 3 + 3] = False
    return Image.fromarray(flags)


def chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int, colour: int, raw: bytes, extra: bytes = b"", interlace: int = 0) -> bytes:
    """A PNG of raw rows (each with its filter byte)."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def interlaced(array: np.ndarray) -> bytes:
    """The raw rows of the seven passes, unfiltered."""
    rows = b""
    for x0, y0, dx, dy in ADAM7:
        part = array[y0::dy, x0::dx]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return rows


def pdf(content: bytes, resources: bytes = b"", objects: tuple[bytes, ...] = (), page: bytes = b"", root: bytes = b"") -> bytes:
    """A PDF of one page; `objects` are numbered from 5."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R" + root + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 100 100]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<" + resources + b">>" + page + b">>",
        stream(content),
        *objects,
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1) + b"".join(b"%010d 00000 n \n" % at for at in places)
    return bytes(out) + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)


def realigned(data: bytes) -> bytes:
    """A PDF of `pdf` that was changed, with the places in its cross-reference made right."""
    start = data.rindex(b"xref\n0 ")
    body = data[:start]
    places = {int(match[1]): match.start() for match in re.finditer(rb"(?<![\d.])(\d+) 0 obj\n", body)}
    count = max(places) + 1
    table = b"".join(b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, count))
    trailer = re.sub(rb"/Size \d+", b"/Size %d" % count, data[data.rindex(b"trailer") : data.rindex(b"startxref")])
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object's body."""
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def resealed(data: bytes) -> bytes:
    """A PNG with its checksums made right as far as its chunks can be followed, so that damage gets
    past them.
    """
    made, at = bytearray(data), 8
    while at + 12 <= len(made):
        (size,) = struct.unpack_from(">I", made, at)
        if at + 12 + size > len(made):
            break
        struct.pack_into(">I", made, at + 8 + size, zlib.crc32(made[at + 4 : at + 8 + size]))
        at += 12 + size
    return bytes(made)


def mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Flipped bytes, cuts, splices, and numbers that are too large: the same for the same seed."""
    rng = random.Random(seed)
    for index in itertools.islice(itertools.count(), count):
        made = bytearray(data)
        kind = index % 5
        if kind == 0:
            for _ in range(rng.choice((1, 1, 2, 8))):
                made[rng.randrange(len(made))] = rng.randrange(256)
        elif kind == 1:
            del made[rng.randrange(len(made)) :]
        elif kind == 2:
            a, b, c = (rng.randrange(len(made)) for _ in range(3))
            made[a:a] = data[min(b, c) : max(b, c)]
        elif kind == 3:
            a, b = sorted(rng.randrange(len(made)) for _ in range(2))
            del made[a : min(b, a + 40)]
        else:
            at = rng.randrange(len(made))
            word = rng.choice((b"\xff" * 4, b"\0" * 4, b"999999999", b"<<", b">", b"0 0 R", b"\x80\0\0\0", b"(", b"-1", b"&a;"))
            made[at : at + len(word)] = word
        yield bytes(made)
