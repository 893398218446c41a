"""Damage that keeps a file's outer order: parts are changed, and lengths, checksums and offsets are
put right again, so that the damage gets past them.
"""
from __future__ import annotations

import random
import struct

from tests.linefinish.verifiers.samples import resealed

# Numbers at which arithmetic turns over.
NUMBERS = (0, 1, 2, 3, 7, 8, 9, 127, 128, 255, 256, 257, 4095, 4096, 32767, 32768, 65535, 65536, 10**6, 2**24, 2**31 - 1, 2**31, 2**32 - 1)


def damaged(data: bytes, rng: random.Random, words: tuple[bytes, ...] = ()) -> bytes:
    """One to four changes: a byte, a number, a cut, a doubled stretch, a word; most of them near
    the front.
    """
    body = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if not body:
            return data
        at = min(int(rng.choice((40, 300, len(body), len(body))) * rng.random()), len(body) - 1)
        change = rng.randrange(7)
        if change == 0:
            body[at] = rng.randrange(256)
        elif change == 1:
            body[at] ^= 1 << rng.randrange(8)
        elif change == 2:
            number = rng.choice(NUMBERS).to_bytes(4, rng.choice(("little", "big")))  # type: ignore[arg-type]
            body[at : at + 4] = number if rng.random() < 0.5 else number[: rng.choice((1, 2, 4))]
        elif change == 3:
            del body[at : at + rng.randint(1, 40)]
        elif change == 4:
            body[at:at] = body[at : at + rng.randint(1, 40)]
        elif change == 5 and words:
            word = rng.choice(words)
            body[at : at + (len(word) if rng.random() < 0.5 else 0)] = word
        elif rng.random() < 0.3:
            del body[rng.randrange(len(body)) :]
    return bytes(body) or data


def png(data: bytes, rng: random.Random) -> bytes:
    """A PNG whose chunks have right checksums, mostly."""
    made = damaged(data, rng)
    return resealed(made) if rng.random() < 0.9 else made


def _in_one(parts: list[bytes], rng: random.Random) -> list[bytes]:
    """The parts with one of them damaged, doubled, left out, or in another's place."""
    at, change = rng.randrange(len(parts)), rng.randrange(8)
    if change == 0:
        return parts[:at] + parts[at + 1 :] or parts
    if change == 1:
        return [*parts[: at + 1], *parts[at:]]
    if change == 2:
        parts[at], parts[-1] = parts[-1], parts[at]
        return parts
    return [*parts[:at], damaged(parts[at], rng) if parts[at] else b"\0", *parts[at + 1 :]]


def webp(data: bytes, rng: random.Random) -> bytes:
    """A WebP whose chunks' lengths are right."""
    chunks, at = [], 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        chunks.append(data[at : at + 4] + data[at + 8 : at + 8 + length])
        at += 8 + length + (length & 1)
    whole = [part for part in _in_one(chunks, rng) if len(part) >= 4]
    made = [part[:4] + struct.pack("<I", len(part) - 4) + part[4:] + b"\0" * (len(part) & 1) for part in whole]
    body = b"WEBP" + b"".join(made)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg(data: bytes, rng: random.Random) -> bytes:
    """A JPEG whose segments' lengths are right, and which has an end."""
    segments, at = [], 2
    while at + 4 <= len(data) and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        segments.append(data[at + 1 : at + 2] + data[at + 4 : at + 2 + length])
        at += 2 + length
    segments = _in_one(segments, rng) if rng.random() < 0.7 else segments
    scan = damaged(data[at:-2], rng) if rng.random() < 0.5 else data[at:-2]
    made = b"".join(b"\xff" + part[:1] + struct.pack(">H", min(len(part) + 1, 65535)) + part[1:65534] for part in segments if part)
    return b"\xff\xd8" + made + scan + (b"\xff\xd9" if rng.random() < 0.9 else b"")


_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_STRIPS, _STRIP_BYTES = (273, 324), (279, 325)


def tiff(data: bytes, rng: random.Random) -> bytes:
    """A TIFF with other tags or other strips, and its offsets right."""
    order = "<" if data[:2] == b"II" else ">"
    start = struct.unpack_from(order + "I", data, 4)[0]
    tags: dict[int, tuple[int, int, bytes]] = {}
    for entry in range(start + 2, start + 2 + 12 * struct.unpack_from(order + "H", data, start)[0], 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
        size = _TIFF_SIZES[kind] * count
        place = entry + 8 if size <= 4 else struct.unpack_from(order + "I", data, entry + 8)[0]
        tags[tag] = kind, count, data[place : place + size]
    strips = _strips(data, tags, order)
    if rng.random() < 0.5 and strips:
        at = rng.randrange(len(strips))
        strips[at] = damaged(strips[at], rng) if strips[at] else b"\0"
    for _ in range(rng.choice((0, 1, 1, 2))):
        tag = rng.choice(sorted(tags))
        kind, count, value = tags[tag]
        change = rng.randrange(5)
        if change == 0:
            del tags[tag]
        elif change == 1:
            tags[tag] = rng.choice((1, 3, 4, 5, 7, 12, 13)), rng.choice((count, *NUMBERS[:6])), value
        elif change == 2:
            tags[tag] = kind, rng.choice((count + 1, 2 * count, *NUMBERS)), value
        else:
            tags[tag] = 4, 1, struct.pack(order + "I", rng.choice(NUMBERS))
    return _tiff_of(tags, strips, order, rng)


def _numbers(value: tuple[int, int, bytes], order: str) -> list[int]:
    kind, count, body = value
    if kind not in (3, 4):
        return []
    return list(struct.unpack(f"{order}{count}{'H' if kind == 3 else 'I'}", body))


def _strips(data: bytes, tags: dict[int, tuple[int, int, bytes]], order: str) -> list[bytes]:
    """The strips' or tiles' bytes."""
    offsets = next((_numbers(tags[tag], order) for tag in _STRIPS if tag in tags), [])
    sizes = next((_numbers(tags[tag], order) for tag in _STRIP_BYTES if tag in tags), [])
    return [data[at : at + size] for at, size in zip(offsets, sizes)]


def _tiff_of(tags: dict[int, tuple[int, int, bytes]], strips: list[bytes], order: str, rng: random.Random) -> bytes:
    body = bytearray(8)
    places = []
    for strip in strips:
        places.append(len(body))
        body += strip
    right = rng.random() < 0.9
    for names, numbers in ((_STRIPS, places), (_STRIP_BYTES, [len(strip) for strip in strips])):
        for tag in names:
            if tag in tags and right:
                tags[tag] = 4, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers)
    entries = b""
    for tag, (kind, count, value) in sorted(tags.items()):
        if len(value) > 4:
            body += b"\0" * (len(body) & 1)
            at, body = len(body), body + value
            value = struct.pack(order + "I", at)
        entries += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")[:4]
    body += b"\0" * (len(body) & 1)
    body[:8] = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, len(body))
    return bytes(body) + struct.pack(order + "H", len(tags)) + entries + bytes(4)
