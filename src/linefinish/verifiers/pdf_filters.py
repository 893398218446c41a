"""The streams of a PDF, unpacked (ISO 32000-2, section 7.4)."""
from __future__ import annotations

from abc import ABC, abstractmethod

from linefinish.verifiers.pdf_lexer import Name, Stream
from linefinish.verifiers.unpack import inflated, unlzw, unrun
from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes that all streams of a file may unpack to. Drawings of 100 pages have some 50 MB.
_UNPACKED_BYTES_MAX = 1 << 27
_WHITE = b" \t\r\n\f\0"


class Filters(ABC):
    """What opens streams; `get` finds what a value refers to."""

    def __init__(self) -> None:
        self.unpacked_bytes = 0

    @abstractmethod
    def get(self, value: Any) -> Any:
        """The object that a value is or refers to."""

    @abstractmethod
    def dictionary(self, value: Any, what: str) -> dict[bytes, Any]:
        """The dictionary that a value is or refers to."""

    def content(self, stream: Stream) -> bytes:
        """A stream, unpacked; DamagedError if one of its filters is not for text, or if its
        parameters go with a filter for some viewers alone: poppler wants an array beside an array.
        """
        data: bytes | memoryview = stream.packed
        names, options = (self.get(stream.entries.get(key)) for key in (b"Filter", b"DecodeParms"))
        says_something = any(self.get(one) for one in options) if isinstance(options, list) else options
        if says_something and names is not None and isinstance(names, list) != isinstance(options, list):
            raise DamagedError("cannot be verified: parameters that may not be those of a filter")
        for filter_name, options in self.filters(stream.entries):
            data = self._unpack(data, filter_name, options)
        self._count(len(data) if data is stream.packed else 0)
        return bytes(data)

    def unpacked(self, stream: Stream, count: int) -> bytes:
        """A stream of which so many filters, the outermost ones, are undone."""
        data: bytes | memoryview = stream.packed
        for filter_name, options in self.filters(stream.entries)[:count]:
            data = self._unpack(data, filter_name, options)
        return bytes(data)

    def filters(self, entries: dict[bytes, Any]) -> list[tuple[bytes, dict[bytes, Any]]]:
        """The filters of a stream and their parameters, outermost first."""
        names = self.get(entries.get(b"Filter"))
        options = self.get(entries.get(b"DecodeParms"))
        names = [] if names is None else names if isinstance(names, list) else [names]
        options = options if isinstance(options, list) else [options]
        if len(names) > 8:
            raise DamagedError(f"a stream with {len(names)} filters")
        options += [None] * (len(names) - len(options))
        return [(_long(self.get(one)), self.dictionary(option, "DecodeParms")) for one, option in zip(names, options, strict=False)]

    def _count(self, more: int) -> None:
        self.unpacked_bytes += more
        if self.unpacked_bytes > _UNPACKED_BYTES_MAX:
            raise DamagedError(f"its streams unpack to more than {_UNPACKED_BYTES_MAX >> 20} MiB")

    def _unpack(self, data: bytes | memoryview, filter_name: bytes, options: dict[bytes, Any]) -> bytes:
        out = bytearray()
        if filter_name == b"FlateDecode":
            for part in inflated([memoryview(data)], tail=b"\r\n"):  # writers count the line end before `endstream`
                self._count(len(part))
                out += part
            return self._unpredict(out, options)
        if filter_name == b"ASCIIHexDecode":
            digits = self._before(data, b">").translate(None, _WHITE)
            if digits.translate(None, b"0123456789abcdefABCDEF"):
                raise DamagedError("a hexadecimal stream is damaged")
            self._count(len(digits))
            return bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode())
        if filter_name == b"ASCII85Decode":
            import base64

            self._count(4 * len(data))
            try:
                return base64.a85decode(self._before(data, b"~>"), ignorechars=_WHITE)
            except ValueError:
                raise DamagedError("an ASCII85 stream is damaged") from None
        if filter_name == b"RunLengthDecode":
            for part in unrun(data):
                self._count(len(part))
                out += part
            return bytes(out)
        if filter_name == b"LZWDecode":
            early = self.get(options.get(b"EarlyChange", 1))
            if type(early) is not int or early not in (0, 1):
                raise DamagedError("an LZW stream with an odd EarlyChange")
            for part in unlzw(data, early, is_strict=True):
                self._count(len(part))
                out += part
            return self._unpredict(out, options)
        raise DamagedError(f"a stream in {shown(filter_name)}")

    @staticmethod
    def _before(data: bytes | memoryview, end: bytes) -> bytes:
        """What stands before the mark that ends a text filter's data."""
        content, mark, after = bytes(data).partition(end)
        if not mark or after.strip(_WHITE):
            raise DamagedError("an ASCII stream has no end, or something after it")
        return content

    def _unpredict(self, data: bytearray, options: dict[bytes, Any]) -> bytes:
        predictor = self.get(options.get(b"Predictor", 1))
        if type(predictor) is int and predictor == 1:
            return bytes(data)
        defaults = ((b"Colors", 1), (b"BitsPerComponent", 8), (b"Columns", 1))
        colours, bits, columns = (self.get(options.get(key, default)) for key, default in defaults)
        is_png = type(predictor) is int and predictor in range(10, 16)
        if not is_png or not all(type(value) is int and 0 < value <= 1_000_000 for value in (colours, bits, columns)):
            raise DamagedError(f"a stream with predictor {predictor!r:.20}")
        from linefinish.kernels.unfilter import unfilter

        row_bytes = (colours * bits * columns + 7) // 8 + 1
        if len(data) % row_bytes or row_bytes > _UNPACKED_BYTES_MAX:
            raise DamagedError("a predicted stream ends within a row")
        rows = len(data) // row_bytes
        lines = bytearray(rows * (row_bytes - 1))
        if rows and unfilter(data, rows, row_bytes - 1, max(1, colours * bits // 8), lines, 0):
            raise DamagedError("a predicted stream is damaged")
        return bytes(lines)



def _long(short: Any) -> bytes:
    """A filter's full name; inline images may shorten it."""
    names = {b"AHx": b"ASCIIHexDecode", b"A85": b"ASCII85Decode", b"LZW": b"LZWDecode", b"Fl": b"FlateDecode",
             b"RL": b"RunLengthDecode", b"CCF": b"CCITTFaxDecode", b"DCT": b"DCTDecode"}  # fmt: skip
    if not isinstance(short, Name):
        raise DamagedError("a filter without a name")
    return names.get(short, short)
