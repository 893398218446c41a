"""PBM, PGM, PPM and PAM, plain and binary (netpbm's pbm(5), pgm(5), ppm(5), pam(5)). The first
image of a file is read.
"""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.kernels import luma, plain
from linefinish.memory import buffers
from linefinish.readers.stream import PIECE_BYTES, WHOLLY_TRANSPARENT, Stream, allow, gray_levels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Bytes of a header with its comments; longer ones are no headers.
_HEADER_BYTES_MAX = 1 << 16
# Bytes of samples held before they become grey.
_STRIP_BYTES = 1 << 18
# Digits of a number in a header; a longer one is no size.
_DIGITS_MAX = 10
_NO_NUMBER = "its header has something else where a number belongs"
_BLANKS = b" \t\r\n\v\f"
# A bit of PBM is ink.
_INK_TABLE = bytes([luma.WHITE]).ljust(256, b"\0")


def read(stream: Stream, megapixels_max: float, colour: Any = None) -> Gray:
    """Decode a PNM; `stream` stands at its first byte."""
    header = _Header(stream)
    allow(stream.name, header.width, header.height, megapixels_max)
    out = buffers.zeros(header.width * header.height, "B")
    if header.channels == 1 and header.highest == 255 and not header.plain:
        stream.into(out)
        return Gray(header.width, header.height, out)
    row_bytes = header.row_bytes
    rows_a_strip = min(max(1, _STRIP_BYTES // row_bytes), header.height)
    strip = memoryview(bytearray(rows_a_strip * row_bytes))
    convert = _converter(header, colour)
    fill = _PlainSamples(stream, header).fill if header.plain else stream.into
    has_alpha = header.channels in (2, 4)
    shows = not has_alpha
    for y in range(0, header.height, rows_a_strip):
        rows = min(rows_a_strip, header.height - y)
        fill(strip[: rows * row_bytes])
        if not shows:  # so far no pixel does, and all were written as if they were opaque
            shows = _made_opaque(strip[: rows * row_bytes], header)
            if shows:
                out[: y * header.width] = b"\xff" * (y * header.width)
        convert(strip, 0, row_bytes, header.width, rows, out, y * header.width, 1, header.width)
    return Gray(header.width, header.height, out, warnings=() if shows else (WHOLLY_TRANSPARENT,))


def _made_opaque(strip: memoryview, header: _Header) -> bool:
    """Whether any pixel is not transparent; if none is, all of them are made opaque."""
    size, sample = header.channels * header.sample_bytes, header.sample_bytes
    pixels = bytes(strip)
    if any(pixels[byte::size].strip(b"\0") for byte in range(size - sample, size)):
        return True
    highest = header.highest.to_bytes(sample, "big")
    for at in range(sample):
        strip[size - sample + at :: size] = highest[at : at + 1] * (len(strip) // size)
    return False


class _Header:
    """The words before the raster."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = _HEADER_BYTES_MAX
        digit = stream.exactly(2)[1] - ord("0")
        self.plain = digit <= 3
        self.ink_bits = digit == 4
        self.ink = digit in (1, 4)
        if digit == 7:
            self._pam()
        else:
            self.channels = 3 if digit in (3, 6) else 1
            self.width = self._number()
            self.height = self._number()
            self.highest = 1 if self.ink else self._number()
        if not 1 <= self.highest <= 65535:
            raise stream.damaged(f"it gives {self.highest} as its highest value; that may be 1 to 65535")
        self.sample_bytes = 2 if self.highest > 255 else 1
        self.row_bytes = (self.width + 7) >> 3 if self.ink_bits else self.width * self.channels * self.sample_bytes

    def _byte(self) -> bytes:
        self._left -= 1
        byte = self._stream.read(1)
        if not byte:
            raise self._stream.truncated()
        if self._left < 0:
            raise self._stream.damaged("its header does not end")
        return byte

    def _text_byte(self) -> bytes:
        """The next byte, a comment counting as the end of line that closes it."""
        byte = self._byte()
        if byte == b"#":
            while byte not in b"\r\n":
                byte = self._byte()
        return byte

    def _number(self) -> int:
        """The next number and the one blank after it."""
        byte = self._text_byte()
        while byte in _BLANKS:
            byte = self._text_byte()
        digits = b""
        while byte.isdigit() and len(digits) < _DIGITS_MAX:
            digits += byte
            byte = self._text_byte()
        if not digits or byte not in _BLANKS:
            raise self._stream.damaged(_NO_NUMBER)
        return int(digits)

    def _pam(self) -> None:
        """pam(5): one `NAME value` a line, up to ENDHDR."""
        facts = {}
        line = b""
        while line != b"ENDHDR":
            line = b""
            while (byte := self._byte()) != b"\n":
                line += byte
            line = line.strip()
            name, _, value = line.partition(b" ")
            if name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL"):
                if not value.strip().isdigit() or len(value) > _DIGITS_MAX:
                    raise self._stream.damaged(_NO_NUMBER)
                facts[name] = int(value)
        if len(facts) != 4:
            raise self._stream.damaged("its header is not complete")
        self.width, self.height = facts[b"WIDTH"], facts[b"HEIGHT"]
        self.channels, self.highest = facts[b"DEPTH"], facts[b"MAXVAL"]
        if not 1 <= self.channels <= 4:
            raise self._stream.damaged(f"it has {self.channels} values a pixel; linefinish reads 1 to 4")


def _converter(header: _Header, colour: Any) -> Callable[..., int]:
    """From samples to grey: a call (rows, first, row_bytes, width, rows, out, start, step_x,
    step_y).
    """
    if header.ink:
        bits = 1 if header.ink_bits else 8
        return lambda *rows: luma.indexed(*rows[:5], bits, _INK_TABLE, *rows[5:])
    if colour is not None and header.highest == 255 and header.channels >= 3:
        colour[luma.BYTES] = header.channels
        return lambda *rows: luma.without_colour(*rows[:5], colour, *rows[5:])
    if header.highest == 255 and header.channels == 3:
        return luma.rgb8
    levels = gray_levels(header.highest)
    pixel = buffers.numbers("q", header.channels, header.sample_bytes, header.highest, -1, -1, -1)
    return lambda *rows: luma.samples(*rows[:5], pixel, levels, *rows[5:])


class _PlainSamples:
    """Samples written as decimal numbers."""

    def __init__(self, stream: Stream, header: _Header) -> None:
        self._stream = stream
        self._header = header
        self._text = b""
        self._at = 0
        self._ended = False
        self._state = buffers.zeros(plain.STATE_SIZE, "q")
        self._state[plain.NUMBER] = plain.NO_NUMBER

    def fill(self, view: memoryview) -> None:
        """Fill `view` with the next samples."""
        state, header = self._state, self._header
        wanted = len(view) // header.sample_bytes
        state[plain.DONE] = 0
        while state[plain.DONE] < wanted:
            if self._at == len(self._text):
                if self._ended:
                    raise self._stream.truncated()
                self._text = self._stream.read(PIECE_BYTES)
                self._ended = not self._text
                self._text = self._text or b" "  # closes the last number
                self._at = 0
            stopped = plain.parse_plain(self._text, self._at, len(self._text), header.ink, header.sample_bytes, wanted, view, state)
            if stopped == plain.BAD_CHARACTER:
                raise self._stream.damaged("it has something else where a number belongs")
            self._at = stopped
