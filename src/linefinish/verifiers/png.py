"""PNG (W3C PNG, third edition): every chunk and checksum, then every row to the last one."""
from __future__ import annotations

import struct
import zlib

from linefinish import checks
from linefinish.verifiers.unpack import inflated
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_GRAY, _RGB, _PALETTE, _GRAY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_NAMES = {_GRAY: "grey", _RGB: "RGB", _PALETTE: "palette", _GRAY_ALPHA: "grey with alpha", _RGBA: "RGB with alpha"}
_CHANNELS = {_GRAY: 1, _RGB: 3, _PALETTE: 1, _GRAY_ALPHA: 2, _RGBA: 4}
_DEPTHS = {_GRAY: (1, 2, 4, 8, 16), _RGB: (8, 16), _PALETTE: (1, 2, 4, 8), _GRAY_ALPHA: (8, 16), _RGBA: (8, 16)}

# Decoded bytes that are walked: 8.6 gigapixels of 1 bit, 1 of 8 bits; two seconds. More takes
# longer and finds no more: an image that is not 1-bit by its header loses only the place of its
# first grey.
DECODED_BYTES_MAX = 1 << 30

# x0, y0, dx, dy of the seven passes of Adam7
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

_BLACK, _WHITE = b"\x00\x00\x00", b"\xff\xff\xff"


# Ancillary chunks that do not change what black and white are, and those that only their maker
# reads (the second letter is small) besides. gAMA, cHRM and sRGB bend what lies between.
_KNOWN_CHUNKS = frozenset((b"gAMA", b"cHRM", b"sRGB", b"bKGD", b"hIST", b"sPLT", b"tIME", b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"oFFs",
                           b"pCAL", b"sCAL", b"sTER", b"dSIG", b"gIFg", b"gIFt", b"gIFx"))  # fmt: skip
_SRGB = bytes((1, 13, 0, 1))  # as a cICP chunk says it
# Bytes of a colour profile, unpacked; those of grey and RGB have 0.5 to 10 kB.
_PROFILE_BYTES_MAX = 1 << 20


class _Image:
    """The header, the palette, what is transparent, and the compressed rows."""

    def __init__(self, header: memoryview) -> None:
        self.width, self.height, self.depth, self.colour, packing, filtering, interlace = struct.unpack(">IIBBBBB", header)
        if self.width < 1 or self.height < 1 or max(self.width, self.height) > checks.SIDE_PX_MAX:
            raise DamagedError(f"the header states {self.width} × {self.height} pixels")
        if self.depth not in _DEPTHS.get(self.colour, ()) or packing or filtering or interlace > 1:
            raise DamagedError(f"the header states depth {self.depth}, colour type {self.colour}, methods "
                               f"{packing}, {filtering}, {interlace}, which do not go together")  # fmt: skip
        self.pixel_bits = self.depth * _CHANNELS[self.colour]
        self.passes = [(0, 0, 1, 1)] if not interlace else list(_ADAM7)
        self.palette: list[bytes] = []
        self.transparent: bytes | None = None
        self.parts: list[memoryview] = []

    @property
    def detail(self) -> str:
        return "1-bit" if self.depth == 1 and self.colour == _GRAY else f"{self.depth}-bit {_NAMES[self.colour]}"

    def sizes(self) -> Iterator[tuple[tuple[int, int, int, int], int, int, int]]:
        """Each pass that has pixels, its columns and rows, and the bytes of a row with its filter
        byte.
        """
        for x0, y0, dx, dy in self.passes:
            columns, rows = (self.width - x0 + dx - 1) // dx, (self.height - y0 + dy - 1) // dy
            if columns > 0 and rows > 0:
                yield (x0, y0, dx, dy), columns, rows, (columns * self.pixel_bits + 7) // 8 + 1


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if 1-bit: grey of depth 1, or a palette of depth 1 that holds pure black and white,
    complete and opaque.
    """
    image = _chunks(data, facts)
    decoded = sum(rows * row_bytes for _, _, rows, row_bytes in image.sizes())
    one_bit = image.depth == 1 and image.transparent is None and (image.colour == _GRAY or _is_black_and_white(image.palette))
    if decoded > DECODED_BYTES_MAX:
        if one_bit:
            raise DamagedError(f"{image.width} × {image.height} pixels are more than are verified")
        raise GrayError("too large to look for the first grey")
    if one_bit:
        for _ in _bands(image):
            pass
        return
    found = _first_gray(image)
    if found:
        raise GrayError(f"first grey at ({found[0]}, {found[1]}), {found[2]}", found[:2])
    if image.transparent is not None or image.colour in (_GRAY_ALPHA, _RGBA):
        raise GrayError("black, white and transparency only, but transparency is not 1-bit")
    if image.depth > 1:
        raise GrayError(f"two values only, but stored {image.detail}")
    raise GrayError(f"only black or white is used, but the palette also holds {_odd_entry(image.palette)}")


def _chunks(data: memoryview, facts: Facts) -> _Image:
    """The image's parts, once the order, lengths and checksums of all chunks are found right."""
    at = len(SIGNATURE)
    image: _Image | None = None
    before = b""
    while True:
        if at + 12 > len(data):
            raise DamagedError(f"truncated: no IEND after byte {at}")
        size, name = struct.unpack_from(">I4s", data, at)
        if not name.isalpha() or not name.isascii():
            raise DamagedError(f"no chunk at byte {at}")
        if at + 12 + size > len(data):
            raise DamagedError(f"truncated inside the chunk {name.decode()} at byte {at}")
        body = data[at + 8 : at + 8 + size]
        if zlib.crc32(data[at + 4 : at + 8 + size]) != struct.unpack_from(">I", data, at + 8 + size)[0]:
            raise DamagedError(f"the checksum of the chunk {name.decode()} at byte {at} is wrong")
        at += 12 + size
        if image is None:
            if name != b"IHDR" or size != 13:
                raise DamagedError("the first chunk is not an IHDR")
            image = _Image(body)
            facts.detail, facts.width, facts.height = image.detail, image.width, image.height
        elif name == b"IEND":
            break
        else:
            _take(image, name, body, before, facts)
        before = name
    if size or at != len(data):
        raise DamagedError(f"{size + len(data) - at} bytes follow the IEND")
    if not image.parts:
        raise DamagedError("there is no image data")
    if image.colour == _PALETTE and not image.palette:
        raise DamagedError("a palette image without a palette")
    return image


def _take(image: _Image, name: bytes, body: memoryview, before: bytes, facts: Facts) -> None:
    """One chunk after the header."""
    if name == b"IDAT":
        if image.parts and before != b"IDAT":
            raise DamagedError("the image data is interrupted by another chunk")
        image.parts.append(body)
    elif name == b"PLTE":
        if image.palette or image.parts or image.colour in (_GRAY, _GRAY_ALPHA):
            raise DamagedError("the palette is out of place")
        entries = len(body) // 3
        if len(body) % 3 or not entries or entries > (1 << image.depth if image.colour == _PALETTE else 256):
            raise DamagedError(f"the palette has {len(body)} bytes")
        image.palette = [bytes(body[3 * i : 3 * i + 3]) for i in range(entries)]
    elif name == b"tRNS":
        if image.parts or image.colour in (_GRAY_ALPHA, _RGBA) or (image.colour == _PALETTE and not image.palette):
            raise DamagedError("the transparency is out of place")
        sizes = {_GRAY: (2,), _RGB: (6,), _PALETTE: range(1, len(image.palette) + 1)}[image.colour]
        if len(body) not in sizes:
            raise DamagedError(f"the transparency has {len(body)} bytes")
        if image.colour != _PALETTE or any(alpha != 255 for alpha in body):  # all opaque says nothing
            image.transparent = bytes(body)
    elif name == b"pHYs":
        if len(body) != 9:
            raise DamagedError("the pixel size (pHYs) is damaged")
        across, down, unit = struct.unpack(">IIB", body)
        if unit == 1 and across and down:
            facts.dpi = (round(across * 0.0254, 2), round(down * 0.0254, 2))
    elif name in (b"acTL", b"fcTL", b"fdAT"):
        raise GrayError("animated (APNG), not one picture")
    elif name == b"iCCP":
        _judge_profile(body)
    elif name == b"sBIT":
        if not body or max(body) > (8 if image.colour == _PALETTE else image.depth) or min(body) < 1:
            raise DamagedError("the significant bits (sBIT) are damaged")
    elif name == b"cICP":
        if bytes(body) != _SRGB:
            raise DamagedError("cannot be verified: the colours of a video signal (cICP)")
    elif name[0] & 32 and not name[1] & 32 and name not in _KNOWN_CHUNKS:
        raise DamagedError(f"cannot be verified: the chunk {shown(name)}")
    elif not name[0] & 32:
        raise DamagedError(f"the critical chunk {shown(name)} is not known" if name != b"IHDR" else "a second header")


def _judge_profile(body: memoryview) -> None:
    """A colour profile could make greys of black and white."""
    name, end, packed = bytes(body).partition(b"\0")
    if not name or not end or packed[:1] != b"\0":
        raise DamagedError("the colour profile is damaged")
    profile = bytearray()
    for part in inflated([memoryview(packed)[1:]]):
        profile += part
        if len(profile) > _PROFILE_BYTES_MAX:
            raise DamagedError("cannot be verified: a colour profile of more than 1 MiB")
    from linefinish.verifiers import icc

    if not any(icc.keeps_black_and_white(bytes(profile), components) for components in (1, 3)):  # writers put sRGB beside grey
        raise DamagedError("cannot be verified: a colour profile that may not keep black and white")


def _bands(image: _Image) -> Iterator[tuple[tuple[int, int, int, int], int, int, int, bytearray]]:
    """(pass, columns, first row, row bytes, rows as they are filtered), all of them to the very
    last byte.
    """
    chunks = inflated(image.parts)
    waiting = bytearray()
    for adam, columns, rows, row_bytes in image.sizes():
        done = 0
        while done < rows:
            ready = min(len(waiting) // row_bytes, rows - done)
            if not ready:
                chunk = next(chunks, None)
                if chunk is None:
                    raise DamagedError(f"truncated: the image data ends in row {adam[1] + done * adam[3]} of {image.height}")
                waiting += chunk
                continue
            band = waiting[: ready * row_bytes]
            del waiting[: ready * row_bytes]
            if band[::row_bytes].translate(None, b"\0\1\2\3\4"):
                raise DamagedError("a row names a filter that does not exist")
            yield adam, columns, done, row_bytes, band
            done += ready
    if waiting or next(chunks, None):
        raise DamagedError(f"there is more image data than {image.height} rows")


def _first_gray(image: _Image) -> tuple[int, int, str] | None:
    """x, y and value of the first pixel in reading order that is not pure; all passes are looked
    at, each to its own first.
    """
    from linefinish.kernels import first_gray
    from linefinish.kernels.unfilter import unfilter

    is_pure = _pure_samples(image)
    alpha_bytes = image.depth // 8 if image.colour in (_GRAY_ALPHA, _RGBA) else 0
    colour_bytes = image.pixel_bits // 8 - alpha_bytes
    first: tuple[int, int, str] | None = None
    finished: tuple[int, int, int, int] | None = None
    above = bytearray()
    for adam, columns, row, row_bytes, band in _bands(image):
        if adam == finished:
            continue
        plain_bytes = row_bytes - 1
        count = len(band) // row_bytes
        lines = (above if row else bytearray()) + bytearray(count * plain_bytes)
        begin = plain_bytes if row else 0
        unfilter(band, count, plain_bytes, max(1, image.pixel_bits // 8), lines, begin)
        above = lines[-plain_bytes:]
        rows = memoryview(lines)[begin:]
        if is_pure:
            found = first_gray.first_gray_sample(rows, count, plain_bytes, columns, image.depth, is_pure)
        else:
            found = first_gray.first_gray_pixel(rows, count, plain_bytes, columns, colour_bytes, alpha_bytes)
        if found < 0:
            continue
        y, x = divmod(found, columns)
        place = adam[0] + x * adam[2], adam[1] + (row + y) * adam[3]
        if first is None or place[::-1] < first[1::-1]:
            first = *place, _value(image, rows, y * plain_bytes, x)
        if len(image.passes) == 1:
            return first
        finished = adam
    return first


def _pure_samples(image: _Image) -> bytes:
    """256 flags: which sample values of an image of one channel are pure; empty for an image of
    several channels or 16 bits.
    """
    if image.colour == _PALETTE:
        alphas = image.transparent or b""
        flags = [
            (colour in (_BLACK, _WHITE) and (i >= len(alphas) or alphas[i] == 255)) or (i < len(alphas) and alphas[i] == 0)
            for i, colour in enumerate(image.palette)
        ]
        return bytes(flags) + bytes(256 - len(flags))
    if image.colour != _GRAY or image.depth == 16:
        return b""
    pure = {0, (1 << image.depth) - 1}
    if image.transparent:
        pure.add(struct.unpack(">H", image.transparent)[0])
    return bytes(value in pure for value in range(256))


def _value(image: _Image, band: memoryview, start: int, x: int) -> str:
    """The value of one pixel, in words."""
    if image.depth < 8:
        bit = x * image.depth
        value = band[start + (bit >> 3)] >> (8 - image.depth - (bit & 7)) & ((1 << image.depth) - 1)
        samples = [value]
    else:
        at = start + x * image.pixel_bits // 8
        step = image.depth // 8
        samples = [int.from_bytes(band[i : i + step], "big") for i in range(at, at + image.pixel_bits // 8, step)]
    if image.colour == _PALETTE:
        if samples[0] >= len(image.palette):
            return f"index {samples[0]}, which the palette does not have"
        alphas = image.transparent or b""
        alpha = f", alpha {alphas[samples[0]]}" if samples[0] < len(alphas) else ""
        return f"colour #{image.palette[samples[0]].hex()}{alpha}"
    told = ", ".join(map(str, samples))
    return f"value {told}" if len(samples) == 1 else f"value ({told})"


def _is_black_and_white(palette: list[bytes]) -> bool:
    """Two entries, each pure. With one entry alone the rows could name the other, so they must be
    looked at.
    """
    return len(palette) == 2 and all(entry in (_BLACK, _WHITE) for entry in palette)


def _odd_entry(palette: Iterable[bytes]) -> str:
    """The first colour of a palette that is not pure."""
    return next((f"#{entry.hex()}" for entry in palette if entry not in (_BLACK, _WHITE)), "one colour only")
