"""What a picture file says of itself, before a decoder of others is called: its size, its frames,
and whether its bytes can be as many pixels as it claims.

Decoders take memory for what a header claims, and fill what is missing with zeros. Here a file that
ends in the middle, or cannot hold what it claims, is refused for the cost of its header. The bounds
are those of the codes: what no encoder can fall below. TIFF has its own file, `tiff_directory`.
"""
from __future__ import annotations

import os

from linefinish.errors import ImageReadError
from linefinish.readers.stream import PIECE_BYTES, Stream, allow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

# Segments, blocks or boxes of a header; more are no header. Honest ones have below 100, and a long
# GIF some thousand.
_PARTS_MAX = 100_000
# Pixels up to which a file may claim what it likes: four bytes each are 64 MB at most.
_FREE_PX = 16_000_000
# Lossy WebP: a macroblock of 16 × 16 pixels takes a bit at least, as the probabilities of its mode
# are fixed (RFC 6386, section 11.2).
_VP8_PX_PER_BYTE = 256 * 8
# Lossless WebP: a copy reaches 4,096 pixels and takes a bit at least, unless the page is all one
# colour (RFC 9649, section 5).
_VP8L_PX_PER_BYTE = 4096 * 8
# GIF's and TIFF's LZW: a code of at least 9 bits stands for at most 4,096 bytes.
LZW_BYTES_PER_BYTE = 4096 * 8 // 9
# JPEG: a block of 8 × 8 samples takes a bit for its first coefficient, and one more for the end of
# the others where these are not in scans of their own (ITU T.81, annexes F and G).
_BITS_PER_BLOCK, _BITS_PER_PROGRESSIVE_BLOCK = 2, 1
_PROGRESSIVE, _HUFFMAN = 0xC2, (0xC0, 0xC1, 0xC2)
_NO_FRAME_HEADERS = (0xC4, 0xC8, 0xCC)


def check(file: BinaryIO, kind: str, stream: Stream, megapixels_max: float) -> None:
    """Refuse a file whose header, or whose number of bytes, says that it cannot be read; `file`
    stands at its beginning, and does again afterwards.
    """
    of_kind = _CHECKS.get(kind)
    if of_kind is not None:
        of_kind(file, stream, megapixels_max)
        file.seek(0)


def size_of(file: BinaryIO) -> int:
    """Bytes of a file."""
    return file.seek(0, os.SEEK_END)


def _at(file: BinaryIO, place: int, count: int, stream: Stream) -> bytes:
    """Some bytes of the file; it is truncated where they are not there."""
    file.seek(place)
    found = file.read(count)
    if len(found) < count:
        raise stream.truncated()
    return found


# --- JPEG
# ------------------------------------------------------------

def _jpeg(file: BinaryIO, stream: Stream, megapixels_max: float) -> None:
    """The segments up to the first scan (ITU T.81, annex B), and what the scans hold."""
    frame, at = _jpeg_frame(file, stream)
    if frame is None:
        raise stream.damaged("it begins a scan before it has a size")
    marker, height, width, samplings = frame
    allow(stream.name, width, height, megapixels_max)
    file.seek(at)
    before, left, ends = b"", size_of(file) - at, False
    file.seek(at)
    while not ends and (piece := file.read(16 * PIECE_BYTES)):
        ends = b"\xff\xd9" in before + piece[:1] or b"\xff\xd9" in piece
        before = piece[-1:]
    if not ends:
        raise stream.truncated()
    if marker in _HUFFMAN and samplings:
        across, down = max(h for h, _ in samplings), max(v for _, v in samplings)
        blocks = sum(-(-width * h // (8 * across)) * -(-height * v // (8 * down)) for h, v in samplings)
        if blocks * (_BITS_PER_PROGRESSIVE_BLOCK if marker == _PROGRESSIVE else _BITS_PER_BLOCK) > 8 * left:
            raise stream.truncated()


def _jpeg_frame(file: BinaryIO, stream: Stream) -> tuple[tuple[int, int, int, list[tuple[int, int]]] | None, int]:
    """The frame header's marker, height, width and sampling factors, and where the first scan's
    data begin.
    """
    frame, at = None, 2
    for _ in range(_PARTS_MAX):
        head = _at(file, at, 2, stream)
        if head[0] != 0xFF or head[1] in (0x00, 0xFF):  # fill bytes, or what does not belong here
            at += 1
            continue
        marker = head[1]
        at += 2
        if marker == 0xD9:
            raise stream.truncated()
        if marker in (0x01, 0xD8) or 0xD0 <= marker <= 0xD7:
            continue
        length = int.from_bytes(_at(file, at, 2, stream), "big")
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME_HEADERS:
            body = _at(file, at + 2, max(length - 2, 6), stream)
            factors = [(byte >> 4 or 1, byte & 15 or 1) for byte in body[7 : 6 + 3 * body[5] : 3]]
            frame = marker, int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big"), factors
        at += length
        if marker == 0xDA:
            return frame, at
    raise stream.damaged("its header does not end")


# --- WebP
# ------------------------------------------------------------

def _webp(file: BinaryIO, stream: Stream, megapixels_max: float) -> None:
    """The chunks of the file (RFC 9649, section 2): libwebp takes memory for the canvas as soon as
    it is opened.
    """
    end = 8 + int.from_bytes(_at(file, 4, 4, stream), "little")
    canvas: tuple[int, int] | None = None
    images: list[tuple[int, int]] = []
    frames = moving = 0
    for kind, at, length in _chunks(file, 12, end, stream):
        if kind == b"VP8X":
            body = _at(file, at, 10, stream)
            canvas = int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
            allow(stream.name, *canvas, megapixels_max)
            moving = body[0] & 2
        elif kind == b"ANMF":
            frames += 1
            for inner, place, inner_length in _chunks(file, at + 16, at + length, stream):
                if inner in (b"VP8 ", b"VP8L"):
                    images.append(_webp_image(file, inner, place, inner_length, stream, megapixels_max))
        elif kind in (b"VP8 ", b"VP8L"):
            images.append(_webp_image(file, kind, at, length, stream, megapixels_max))
    if frames > 1 or moving and images and images[0] != canvas:
        raise ImageReadError(f"{stream.name}: this is an animation of {frames} frames; save the one you want as an image of its own")
    if not images:
        raise stream.truncated() if size_of(file) < 30 or canvas else stream.damaged("it does not begin with a WebP header")
    if canvas is not None and images[0] != canvas:
        raise stream.damaged(f"its canvas has {canvas[0]} × {canvas[1]} pixels and its picture {images[0][0]} × {images[0][1]}")


def _chunks(file: BinaryIO, at: int, end: int, stream: Stream) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of the chunks between two places; all of them must be there."""
    size = size_of(file)
    for _ in range(_PARTS_MAX):
        if at + 8 > end:
            return
        head = _at(file, at, 8, stream)
        length = int.from_bytes(head[4:], "little")
        if at + 8 + length > size:
            raise stream.truncated()
        yield head[:4], at + 8, length
        at += 8 + length + (length & 1)
    raise stream.damaged("it has more chunks than an image")


def _webp_image(file: BinaryIO, kind: bytes, at: int, length: int, stream: Stream, megapixels_max: float) -> tuple[int, int]:
    """Width and height of a bitstream, which can hold that many pixels."""
    if kind == b"VP8L":
        body = _at(file, at, 5, stream)
        bits = int.from_bytes(body[1:5], "little")
        width, height, per_byte, is_one = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, _VP8L_PX_PER_BYTE, body[0] == 0x2F
    else:
        body = _at(file, at, 10, stream)
        width, height = int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
        per_byte, is_one = _VP8_PX_PER_BYTE, body[3:6] == b"\x9d\x01\x2a" and body[0] & 1 == 0
    if not is_one:
        raise stream.damaged("its picture does not begin as one of WebP does")
    allow(stream.name, width, height, megapixels_max)
    if width * height > max(per_byte * length, _FREE_PX if kind == b"VP8L" else 0):
        raise stream.truncated()
    return width, height


# --- BMP
# ------------------------------------------------------------

def _bmp(file: BinaryIO, stream: Stream, megapixels_max: float) -> None:
    """The two headers, and the rows of pictures that are not compressed."""
    head = _at(file, 0, 26, stream)
    first, header = int.from_bytes(head[10:14], "little"), int.from_bytes(head[14:18], "little")
    if header == 12:  # OS/2 1.x
        width, height, bits, packed = int.from_bytes(head[18:20], "little"), int.from_bytes(head[20:22], "little"), head[24], 0
    else:
        more = _at(file, 26, 8, stream)
        width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (18, 22))
        height, bits, packed = abs(height), int.from_bytes(more[2:4], "little"), int.from_bytes(more[4:8], "little")
    allow(stream.name, width, height, megapixels_max)
    size = size_of(file)
    if packed in (0, 3, 6) and bits in (1, 2, 4, 8, 16, 24, 32):
        if first + height * ((width * bits + 31) // 32 * 4) > size + 3:  # the last row's filling may be missing
            raise stream.truncated()
    elif packed in (1, 2) and 2 * (height - 1) > size - first:  # each row has an end of two bytes
        raise stream.truncated()


# --- GIF
# ------------------------------------------------------------

def _gif(file: BinaryIO, stream: Stream, megapixels_max: float) -> None:
    """The blocks of the first picture (GIF89a, sections 18 to 22)."""
    head = _at(file, 0, 13, stream)
    screen = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    allow(stream.name, *screen, megapixels_max)
    at = 13 + (3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0)
    for _ in range(_PARTS_MAX):
        block = _at(file, at, 1, stream)
        if block == b"!":
            at, _ = _blocks_end(file, at + 2, stream)
        elif block == b",":
            box = _at(file, at + 1, 9, stream)
            left, top, width, height = (int.from_bytes(box[i : i + 2], "little") for i in (0, 2, 4, 6))
            allow(stream.name, max(left + width, screen[0]), max(top + height, screen[1]), megapixels_max)
            _, count = _blocks_end(file, at + 11 + (3 << (box[8] & 7) + 1 if box[8] & 0x80 else 0), stream)
            pixels = screen[0] * screen[1]
            if width * height > LZW_BYTES_PER_BYTE * count:
                raise stream.truncated()
            if pixels > max(_FREE_PX, 4 * width * height):
                raise stream.damaged(f"its picture has {width} × {height} of {screen[0]} × {screen[1]} pixels")
            return
        elif block == b";":
            raise stream.truncated()
        else:
            at += 1
    raise stream.damaged("its header does not end")


def _blocks_end(file: BinaryIO, at: int, stream: Stream) -> tuple[int, int]:
    """Where a run of sub-blocks ends, and how many bytes they hold."""
    count = 0
    file.seek(at)
    while True:
        length = file.read(1)
        if not length:
            raise stream.truncated()
        if length == b"\0":
            return file.tell(), count
        if len(file.read(length[0])) < length[0]:
            raise stream.truncated()
        count += length[0]


# --- AVIF
# ------------------------------------------------------------

def _avif(file: BinaryIO, stream: Stream, megapixels_max: float) -> None:
    """The boxes (ISO/IEC 14496-12, 23008-12): all of them must be there, and the picture must be as
    large as its item says, or the decoder enlarges it.
    """
    at, size, meta, data = 0, size_of(file), b"", b""
    for _ in range(_PARTS_MAX):
        if at >= size:
            break
        kind, start, end = _box(_at(file, at, 8, stream), at, size, file, stream)
        if kind == b"meta":
            if end - start > 1 << 20:
                raise stream.damaged("its header is larger than one")
            meta = _at(file, start, end - start, stream)
        if kind == b"mdat" and not data:
            file.seek(start)
            data = file.read(min(end - start, 64))
        at = end
    if not meta:
        raise stream.truncated()
    sizes = [(int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big")) for body in _found(meta, b"ispe")]
    for width, height in sizes:
        allow(stream.name, width, height, megapixels_max)
    told = [_av1_size(body[4:]) for body in _found(meta, b"av1C")]
    if told == [None]:
        told = [_av1_size(data.removeprefix(b"\x12\0"))]  # after a temporal delimiter
    coded = [pair for pair in told if pair]
    if b"grid" in meta or len(coded) < len(told) or not coded or not sizes:
        return  # tiles that are put together, or a sequence header that says more than a still's
    largest = max(width * height for width, height in coded)
    if any(width * height > largest for width, height in sizes):
        raise stream.damaged("its picture is smaller than its header says")


def _box(head: bytes, at: int, size: int, file: BinaryIO, stream: Stream) -> tuple[bytes, int, int]:
    """Kind of a box, and where its body begins and ends."""
    length, start = int.from_bytes(head[:4], "big"), at + 8
    if length == 1:
        length, start = int.from_bytes(_at(file, at + 8, 8, stream), "big"), at + 16
    end = size if length == 0 else at + length
    if end > size:
        raise stream.truncated()
    if end < start:
        raise stream.damaged("a box of its header has an impossible size")
    return head[4:8], start, end


def _found(meta: bytes, kind: bytes) -> list[bytes]:
    """Bodies of the boxes of a kind, wherever they are in `meta`."""
    found, at = [], meta.find(kind)
    while at >= 4:
        length = int.from_bytes(meta[at - 4 : at], "big")
        if 8 < length <= len(meta) - at + 4:
            found.append(meta[at + 4 : at + length - 4])
        at = meta.find(kind, at + 4)
    return found


def _av1_size(units: bytes) -> tuple[int, int] | None:
    """Width and height of a sequence header (AV1, section 5.5.1), the first of some OBUs; None
    where it has what still pictures do not.
    """
    if len(units) < 6 or units[0] >> 3 & 15 != 1:
        return None
    at = 2 if units[0] & 2 else 1  # with a size of one byte, or none
    bits = int.from_bytes(units[at : at + 16].ljust(16, b"\0"), "big")
    left = 128

    def take(count: int) -> int:
        nonlocal left
        left -= count
        return bits >> left & (1 << count) - 1

    take(4)
    if take(1):  # reduced_still_picture_header
        take(5)
    else:
        if take(1):  # timing_info_present_flag
            return None
        delayed = take(1)
        if take(5):  # more than one operating point
            return None
        take(12)
        if take(5) > 7:
            take(1)
        if delayed and take(1):
            take(4)
    across, down = take(4) + 1, take(4) + 1
    return take(across) + 1, take(down) + 1


_CHECKS: dict[str, Callable[[BinaryIO, Stream, float], None]] = {"JPEG": _jpeg, "WEBP": _webp, "BMP": _bmp, "GIF": _gif, "AVIF": _avif}
