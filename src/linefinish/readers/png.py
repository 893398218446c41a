"""PNG without any library but zlib, for its CRC: inflated strip by strip, unfiltered and turned
grey on the way into the output.

Memory: the output, and a strip. All colour types and depths, with and without interlacing, PNG 3rd
edition (ISO 15948). Gamma, colour profiles and background colour are not applied: thresholds look
for ink, and every peer does the same.
"""
from __future__ import annotations

import zlib

from linefinish.data.raster import Gray
from linefinish.kernels import luma, unfilter
from linefinish.memory import buffers
from linefinish.readers.inflating import Inflater
from linefinish.readers.stream import PIECE_BYTES, WHOLLY_TRANSPARENT, Stream, allow, gray_levels, plausible_dpi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Bytes inflated before they are unfiltered. Larger: falls out of the second-level cache; smaller:
# more calls (2 µs each).
_STRIP_BYTES = 1 << 17
# Bytes that a byte of deflate can become at most: 258 in two bits (RFC 1951, section 3.2.5).
_BYTES_PER_BYTE_MAX = 1032
# Bytes of a chunk that is read whole (palette, transparency, EXIF). Larger ones are claims or
# ballast.
_CHUNK_BYTES_MAX = 1 << 20

_GRAY, _RGB, _PALETTE, _GRAY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_CHANNELS = {_GRAY: 1, _RGB: 3, _PALETTE: 1, _GRAY_ALPHA: 2, _RGB_ALPHA: 4}
_DEPTHS = {_GRAY: (1, 2, 4, 8, 16), _RGB: (8, 16), _PALETTE: (1, 2, 4, 8), _GRAY_ALPHA: (8, 16), _RGB_ALPHA: (8, 16)}
# Adam7 (section 8.2): first column, first row, columns apart, rows apart.
_WHOLE = ((0, 0, 1, 1),)
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def read(stream: Stream, megapixels_max: float, colour: Any = None) -> Gray:
    """Decode a PNG; `stream` stands at its signature."""
    stream.exactly(len(SIGNATURE))
    chunks = _Chunks(stream)
    header = _Header(chunks)
    allow(stream.name, header.width, header.height, megapixels_max)
    left = stream.bytes_left()
    if left is not None and header.height * header.row_bytes(header.width) > _BYTES_PER_BYTE_MAX * left:
        raise stream.truncated()
    facts = _facts_before_image(chunks, header)
    out = buffers.anything(header.width * header.height, "B")
    row_bytes = header.row_bytes(header.width) + 1
    data = _ImageData(chunks, max(row_bytes, min(header.height * row_bytes, _STRIP_BYTES)))
    convert = _converter(header, facts, colour)
    if header.channels in (2, 4) or header.colour == _PALETTE and facts.transparency:
        assert convert is not None  # only plain grey is a mere copy
        convert = _Composite(header, facts, convert, out, colour)
    for x, y, step_x, step_y in _ADAM7 if header.interlaced else _WHOLE:
        width = (header.width - x + step_x - 1) // step_x
        height = (header.height - y + step_y - 1) // step_y
        if width > 0 and height > 0:
            start = y * header.width + x
            _decode_pass(data, header, width, height, convert, out, (start, step_x, step_y * header.width))
    warnings = data.finish()
    if isinstance(convert, _Composite) and convert.wholly_transparent:
        warnings += (WHOLLY_TRANSPARENT,)
    _facts_after_image(chunks, facts)
    coloured = 4 * facts.coloured / (header.width * header.height)
    gray = Gray(header.width, header.height, out, facts.dpi, warnings, coloured)
    if not facts.exif:
        return gray
    from linefinish.readers.orientation import orientation_of, oriented

    return oriented(gray, orientation_of(facts.exif))


class _Chunks:
    """The chunks one after the other (section 5.3): `kind` and `left`, the bytes of the present one
    not yet read.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.kind = b""
        self.left = 0
        self._crc = 0

    def next(self) -> bytes:
        """Go to the next chunk; its kind."""
        head = self.stream.exactly(8)
        self.left = int.from_bytes(head[:4], "big")
        self.kind = head[4:]
        self._crc = zlib.crc32(self.kind)
        if self.left > 0x7FFF_FFFF or not self.kind.isalpha():
            raise self.stream.damaged("a chunk has an impossible head")
        return self.kind

    def piece(self) -> bytes:
        """The next bytes of the chunk; b"" when it has been read, and its checksum has been found
        right.
        """
        if self.left == 0:
            return b""
        piece = self.stream.read(min(self.left, PIECE_BYTES))
        if not piece:
            raise self.stream.truncated()
        self.left -= len(piece)
        self._crc = zlib.crc32(piece, self._crc)
        if self.left == 0:
            self.close()
        return piece

    def close(self) -> None:
        """Read and compare the checksum."""
        if int.from_bytes(self.stream.exactly(4), "big") != self._crc:
            raise self.stream.damaged(f"the checksum of its {self.kind.decode('ascii')} chunk is wrong")

    def body(self) -> bytes:
        """The whole chunk."""
        if self.left > _CHUNK_BYTES_MAX:
            raise self.stream.damaged(f"its {self.kind.decode('ascii')} chunk claims {self.left:,} bytes")
        if self.left == 0:
            self.close()
        pieces = []
        while piece := self.piece():
            pieces.append(piece)
        return b"".join(pieces)

    def skip(self) -> None:
        """Pass over the chunk; a wrong checksum does not matter in what is not used."""
        left = self.left + 4
        while left:
            piece = self.stream.read(min(left, PIECE_BYTES))
            if not piece:
                raise self.stream.truncated()
            left -= len(piece)


class _Header:
    """IHDR (section 11.2.1)."""

    def __init__(self, chunks: _Chunks) -> None:
        kind = chunks.next()
        if kind != b"IHDR" or chunks.left != 13:
            raise chunks.stream.damaged("it does not begin with its header")
        body = chunks.body()
        self.width = int.from_bytes(body[0:4], "big")
        self.height = int.from_bytes(body[4:8], "big")
        self.depth, self.colour, compression, filtering, interlace = body[8:13]
        if self.depth not in _DEPTHS.get(self.colour, ()) or compression or filtering or interlace > 1:
            raise chunks.stream.damaged("its header names a kind of image that PNG does not have")
        self.interlaced = interlace == 1
        self.channels = _CHANNELS[self.colour]
        self.pixel_bytes = max(1, self.channels * self.depth // 8)

    def row_bytes(self, width: int) -> int:
        """Bytes of a row of `width` pixels, without its filter byte."""
        return (width * self.channels * self.depth + 7) >> 3


class _Facts:
    """What the other chunks say."""

    def __init__(self) -> None:
        self.palette = b""
        self.transparency: bytes | None = None
        self.dpi: tuple[float, float] | None = None
        self.exif = b""
        self.coloured = 0  # pixels, in one row of four


def _facts_before_image(chunks: _Chunks, header: _Header) -> _Facts:
    """Read up to the first IDAT."""
    facts = _Facts()
    while (kind := chunks.next()) != b"IDAT":
        if kind == b"IEND":
            raise chunks.stream.truncated()
        if kind == b"PLTE":
            facts.palette = chunks.body()
        elif kind == b"tRNS":
            facts.transparency = chunks.body()
        elif kind == b"pHYs":
            facts.dpi = _dpi(chunks.body())
        elif kind == b"eXIf":
            facts.exif = chunks.body()
        elif kind == b"acTL":
            frames = int.from_bytes(chunks.body()[:4], "big")
            if frames > 1:
                raise _animated(chunks.stream, frames)
        else:
            _skip_unknown(chunks)
    if header.colour == _PALETTE and not 3 <= len(facts.palette) <= 768:
        raise chunks.stream.damaged("its palette is missing or has an impossible size")
    return facts


def _facts_after_image(chunks: _Chunks, facts: _Facts) -> None:
    """Read from the chunk after the last IDAT, at which `chunks` stands, up to IEND."""
    while chunks.kind != b"IEND":
        if chunks.kind == b"eXIf":
            facts.exif = chunks.body()
        elif chunks.kind == b"IDAT":
            raise chunks.stream.damaged("its image data comes in two places")
        else:
            _skip_unknown(chunks)
        chunks.next()
    chunks.body()


def _skip_unknown(chunks: _Chunks) -> None:
    """Pass over a chunk that is not needed; a capital first letter says that the image means
    nothing without it (section 5.4).
    """
    if chunks.kind[:1].isupper() and chunks.kind != b"PLTE":
        raise chunks.stream.damaged(f"it has an unknown chunk {chunks.kind.decode('ascii')} that may not be ignored")
    chunks.skip()


def _animated(stream: Stream, frames: int) -> Exception:
    from linefinish.errors import ImageReadError

    return ImageReadError(f"{stream.name}: this is an animation of {frames} frames; save the one you want as an image of its own")


def _dpi(body: bytes) -> tuple[float, float] | None:
    """Of pHYs (section 11.3.4.3), pixels a metre. Whole dpi where the file's whole numbers mean
    them (11811 is 300).
    """
    if len(body) != 9 or body[8] != 1:
        return None
    found = []
    for at in (0, 4):
        per_metre = int.from_bytes(body[at : at + 4], "big")
        dpi = per_metre * 0.0254
        found.append(float(round(dpi)) if round(round(dpi) / 0.0254) == per_metre else dpi)
    return plausible_dpi(*found)


def _next_piece(chunks: _Chunks) -> bytes:
    """The next compressed bytes; b"" when the chunk after the last IDAT has been reached."""
    while chunks.kind == b"IDAT":
        empty = chunks.left == 0
        piece = chunks.piece()
        if empty:
            chunks.close()
        if chunks.left == 0:
            chunks.next()
        if piece:
            return piece
    return b""


class _ImageData:
    """The zlib stream that the IDAT chunks hold, inflated no further than asked for."""

    def __init__(self, chunks: _Chunks, strip_bytes: int) -> None:
        self._chunks = chunks
        # No method of this object: the two would hold each other, and their memory, until garbage
        # is collected.
        self._inflater = Inflater(chunks.stream, lambda: _next_piece(chunks), strip_bytes)

    def take(self, size: int) -> memoryview:
        """Exactly `size` bytes, good until the next call."""
        part = self._inflater.take(size)
        if len(part) < size:
            raise self._chunks.stream.truncated()
        return part

    def finish(self) -> tuple[str, ...]:
        """The image is complete: the stream should end here, with the right checksum. Go to the
        chunk after the last IDAT. A stream that goes on is warned of and not looked at further, as
        libpng does.
        """
        goes_on = len(self._inflater.take(1)) > 0
        while _next_piece(self._chunks):
            pass
        return ("the file holds more image than its header says; the rest was left out",) if goes_on else ()


def _decode_pass(
    data: _ImageData, header: _Header, width: int, height: int,
    convert: Callable[..., int] | None, out: memoryview, place: tuple[int, int, int],
) -> None:  # fmt: skip
    """Decode the rows of one pass. `place`: where in `out` its first pixel goes, and its steps to
    the right and down.

    Eight-bit grey (`convert` is None) is unfiltered in the output itself; the rest in a strip that
    begins with the row above.
    """
    row_bytes = header.row_bytes(width)
    rows_a_strip = max(1, _STRIP_BYTES // (row_bytes + 1))
    strip = out if convert is None else memoryview(bytearray((min(rows_a_strip, height) + 1) * row_bytes))
    start, step_x, step_y = place
    for y in range(0, height, rows_a_strip):
        rows = min(rows_a_strip, height - y)
        raw = data.take(rows * (row_bytes + 1))
        first = y * row_bytes if convert is None else row_bytes
        if unfilter.unfilter(raw, rows, row_bytes, header.pixel_bytes, strip, first) != 0:
            raise data._chunks.stream.damaged("a row names a filter that PNG does not have")
        if convert is not None:
            convert(strip, row_bytes, row_bytes, width, rows, out, start + y * step_y, step_x, step_y)
            strip[:row_bytes] = strip[rows * row_bytes : (rows + 1) * row_bytes]


def _converter(header: _Header, facts: _Facts, colour: Any) -> Callable[..., int] | None:
    """From plain rows to grey: a call (rows, first, row_bytes, width, rows, out, start, step_x,
    step_y), None for a mere copy.
    """
    if colour is not None and header.colour in (_RGB, _RGB_ALPHA):
        return _colour_dropper(header, colour)
    key = _transparent_colour(header, facts)
    opaque = key[0] < 0
    if header.depth <= 8 and header.channels == 1:
        if header.colour == _GRAY and header.depth == 8 and opaque and not header.interlaced:
            return None
        table = _palette_table(facts, colour) if header.colour == _PALETTE else _gray_table(header.depth, key[0])
        return lambda *rows: luma.indexed(*rows[:5], header.depth, table, *rows[5:])
    if header.depth == 8 and header.colour == _RGB and opaque:
        return _counting(luma.rgb8, 3, facts)
    if header.depth == 8 and header.colour == _RGB_ALPHA:
        return _counting(luma.rgba8, 4, facts)
    highest = (1 << header.depth) - 1
    levels = gray_levels(highest)
    pixel = buffers.numbers("q", header.channels, header.depth >> 3, highest, *key)
    return lambda *rows: luma.samples(*rows[:5], pixel, levels, *rows[5:])


def _counting(convert: Callable[..., int], size: int, facts: _Facts) -> Callable[..., int]:
    """The converter of rows, which also counts what is strongly coloured."""

    def counted(*rows: Any) -> int:
        facts.coloured += luma.count_coloured(*rows[:5], size)
        return convert(*rows)

    return counted


def _colour_dropper(header: _Header, colour: Any) -> Callable[..., int]:
    """The converter of colour rows that drops one; of 16 bits the higher eight."""
    colour[luma.BYTES] = header.channels

    def convert(rows: memoryview, first: int, row_bytes: int, width: int, count: int, *place: Any) -> int:
        if header.depth == 16:
            rows, first, row_bytes = memoryview(bytes(rows[first : first + count * row_bytes : 2])), 0, row_bytes >> 1
        return int(luma.without_colour(rows, first, row_bytes, width, count, colour, *place))

    return convert


class _Composite:
    """A converter that lays the picture on white, unless no pixel of it shows: then its colours are
    meant. As long as all pixels were transparent they are written as if they were opaque; the first
    one that is not makes all before it white.
    """

    def __init__(self, header: _Header, facts: _Facts, convert: Callable[..., int], out: memoryview, colour: Any) -> None:
        self._convert = convert
        self._header = header
        self._out = out
        self.wholly_transparent = True
        self._opaque = convert
        if header.colour == _PALETTE:
            alphas = (facts.transparency or b"")[:256].ljust(256, b"\xff")
            self._alphas = bytes(alphas)
            plain = _Facts()
            plain.palette = facts.palette
            table = _palette_table(plain, colour)
            self._opaque = lambda *rows: luma.indexed(*rows[:5], header.depth, table, *rows[5:])

    def __call__(self, strip: Any, first: int, row_bytes: int, width: int, rows: int, *place: Any) -> int:
        """As the converters of `_converter`."""
        if self.wholly_transparent and self._shows(strip, first, row_bytes, width, rows):
            self.wholly_transparent = False
            # Row by row, nothing lies behind the strip yet.
            end = len(self._out) if self._header.interlaced else place[1]
            self._out[:end] = b"\xff" * end
        if not self.wholly_transparent:
            return self._convert(strip, first, row_bytes, width, rows, *place)
        if self._header.colour == _PALETTE:
            return self._opaque(strip, first, row_bytes, width, rows, *place)
        opaque = bytearray(strip[first : first + rows * row_bytes])
        size, sample = self._header.pixel_bytes, self._header.depth >> 3
        for byte in range(size - sample, size):
            opaque[byte::size] = b"\xff" * (len(opaque) // size)
        return self._convert(opaque, 0, row_bytes, width, rows, *place)

    def _shows(self, strip: Any, first: int, row_bytes: int, width: int, rows: int) -> bool:
        """Whether any pixel is not transparent."""
        if self._header.colour == _PALETTE:
            alphas = bytearray(width * rows)
            luma.indexed(strip, first, row_bytes, width, rows, self._header.depth, self._alphas, alphas, 0, 1, width)
            return any(alphas)
        pixels = bytes(strip[first : first + rows * row_bytes])
        size, sample = self._header.pixel_bytes, self._header.depth >> 3
        return any(pixels[byte::size].strip(b"\0") for byte in range(size - sample, size))


def _transparent_colour(header: _Header, facts: _Facts) -> tuple[int, int, int]:
    """The colour that tRNS names (section 11.3.1.1), -1 for none."""
    body = facts.transparency
    size = {_GRAY: 2, _RGB: 6}.get(header.colour)
    if body is None or size is None or len(body) != size:
        return -1, -1, -1
    mask = (1 << header.depth) - 1
    values = [int.from_bytes(body[at : at + 2], "big") & mask for at in range(0, size, 2)]
    return values[0], values[-1] if size == 2 else values[1], values[-1]


def _gray_table(depth: int, clear: int) -> bytes:
    """The grey of each sample of 1, 2, 4 or 8 bits."""
    highest = (1 << depth) - 1
    table = bytearray(value * 255 // highest for value in range(highest + 1))
    if clear >= 0:
        table[clear] = luma.WHITE
    return bytes(table).ljust(256, b"\0")


def _palette_table(facts: _Facts, colour: Any) -> bytearray:
    """The grey of each index. Indexes past the palette's end are opaque black, as in the decoders
    that people look with.
    """
    colours = facts.palette[: len(facts.palette) // 3 * 3]
    alphas = (facts.transparency or b"")[:256].ljust(256, b"\xff")
    pixels = bytearray(4 * 256)
    for channel in range(3):
        values = colours[channel::3]
        pixels[channel : 4 * len(values) : 4] = values
    pixels[3::4] = alphas
    table = bytearray(256)
    if colour is None:
        luma.rgba8(pixels, 0, 1024, 256, 1, table, 0, 1, 0)
    else:
        colour[luma.BYTES] = 4
        luma.without_colour(pixels, 0, 1024, 256, 1, colour, table, 0, 1, 0)
    return table
