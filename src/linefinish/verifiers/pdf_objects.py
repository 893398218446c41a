"""The objects of a PDF (ISO 32000-2, section 7), read strictly.

Strictly, because a viewer that repairs a broken file may paint something else than the one that
checked it: objects are found by the cross-reference alone, lengths must be right, and nothing is
searched for. What is broken is reported, not guessed.
"""
from __future__ import annotations

import re

from linefinish.verifiers.unpack import inflated, unlzw, unrun
from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes that all streams of a file may unpack to. Drawings of 100 pages have some 50 MB.
_UNPACKED_BYTES_MAX = 1 << 27
# Arrays and dictionaries within one another, and references to references; real files have ten.
_DEPTH_MAX = 60
# Objects of a file, sections of its cross-reference.
_OBJECTS_MAX = 2_000_000
_SECTIONS_MAX = 1000

_SPACE = rb"(?:[\s\0]++|%[^\r\n]*+)*+"
TOKEN = re.compile(
    _SPACE + rb"(?:(?P<number>[+-]?(?:\d++\.?\d*+|\.\d++))(?=[\s\0\[\]<>()/%{}]|$)|/(?P<name>[^\s\0\[\]<>()/%{}]*+)|(?P<mark><<|>>|\[|\])"
    rb"|<(?P<hex>[0-9A-Fa-f\s\0]*+)>|(?P<string>\()|(?P<word>[^\s\0\[\]<>()/%{}]++))"
)
_STRING_PART = re.compile(rb"(?:[^()\\]++|\\.)*+", re.DOTALL)
_REFERENCE = re.compile(rb"[\s\0]++(\d{1,10})[\s\0]++R(?=[\s\0\[\]<>()/%{}]|$)")
_HEADER = re.compile(_SPACE + rb"(\d{1,10})[\s\0]++(\d{1,10})[\s\0]++obj(?=[\s\0\[\]<>()/%{}])")
_STREAM = re.compile(_SPACE + rb"stream(?:\r\n|\n)")
_STREAM_END = re.compile(rb"[\r\n\s]*+endstream")
_SECTION = re.compile(rb"[\s\0]*+(\d{1,10})[ ]++(\d{1,10})[ ]*+(?:\r\n|\n|\r)[\s\0]*+")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])[ \r\n]{1,2}")


class Name(bytes):
    """/Name, without the slash and with #xx resolved."""


class Word(bytes):
    """A keyword or an operator."""


class Reference(tuple[int, int]):
    """`7 0 R`"""

    __slots__ = ()


class Stream:
    """A dictionary and the bytes after it, still packed."""

    __slots__ = ("entries", "packed")

    def __init__(self, entries: dict[bytes, Any], packed: memoryview) -> None:
        self.entries = entries
        self.packed = packed


class Lexer:
    """Reads objects from a place in a buffer on."""

    def __init__(self, data: bytes | memoryview, at: int = 0) -> None:
        self.data = data
        self.at = at

    def next(self, *, references: bool = True) -> Any:
        """The next object, `Word` for what is none, None at the end of the buffer."""
        return self._object(0, references)

    def _object(self, depth: int, references: bool) -> Any:
        if depth > _DEPTH_MAX:
            raise DamagedError(f"more than {_DEPTH_MAX} arrays in one another at byte {self.at}")
        match = TOKEN.match(self.data, self.at)
        if not match:
            rest = re.compile(_SPACE).match(self.data, self.at)
            if rest and rest.end() < len(self.data):
                raise DamagedError(f"no object at byte {rest.end()}")
            return None
        self.at = match.end()
        kind = match.lastgroup
        if kind == "number":
            return self._number(match["number"], references)
        if kind == "name":
            return name(match["name"])
        if kind == "hex":
            digits = match["hex"].translate(None, b" \t\r\n\f\v\0")
            return bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode())
        if kind == "string":
            return self._string()
        if kind == "mark":
            return self._collection(bytes(match["mark"]), depth, references)
        word = Word(match["word"])
        return {b"true": True, b"false": False}.get(word, word)

    def _number(self, text: bytes, references: bool) -> Any:
        if len(text) > 40:
            raise DamagedError(f"a number of {len(text)} digits at byte {self.at}")
        if references and text.isdigit() and (tail := _REFERENCE.match(self.data, self.at)):
            self.at = tail.end()
            return Reference((int(text), int(tail[1])))
        return float(text) if b"." in text else int(text)

    def _string(self) -> bytes:
        """A literal string as it stands, its escapes unresolved: nothing here needs them but an
        Indexed palette.
        """
        start, depth = self.at, 1
        while depth:
            self.at = _STRING_PART.match(self.data, self.at).end()  # type: ignore[union-attr]
            if self.at >= len(self.data):
                raise DamagedError(f"truncated: the string at byte {start} has no end")
            depth += 1 if self.data[self.at : self.at + 1] == b"(" else -1
            if self.data[self.at : self.at + 1] == b"\\":
                raise DamagedError(f"truncated: the string at byte {start} has no end")
            self.at += 1
        return unescaped(bytes(self.data[start : self.at - 1]))

    def _collection(self, mark: bytes, depth: int, references: bool) -> Any:
        if mark in (b">>", b"]"):
            return Word(mark)
        end = b"]" if mark == b"[" else b">>"
        items: list[Any] = []
        start = self.at
        while True:
            item = self._object(depth + 1, references)
            if item is None:
                raise DamagedError(f"truncated: what begins at byte {start} has no end")
            if isinstance(item, Word):
                if item == end:
                    break
                if item != b"null":
                    raise DamagedError(f"{shown(item)} has no place at byte {self.at}")
                item = None
            items.append(item)
        if mark == b"[":
            return items
        keys = items[::2]
        if len(items) % 2 or not all(isinstance(key, Name) for key in keys):
            raise DamagedError(f"the dictionary at byte {start} is damaged")
        return dict(zip(keys, items[1::2], strict=True))


def name(text: bytes) -> Name:
    """A name with its #xx resolved."""
    return Name(re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text) if b"#" in text else text)


def unescaped(text: bytes) -> bytes:
    """A literal string's bytes."""
    if b"\\" not in text:
        return text
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def resolve(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if code[:1].isdigit() and code[:1] < b"8":
            return bytes([int(code, 8) & 255])
        return b"" if code in (b"\r\n", b"\n", b"\r") else plain.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|\r\n|.)", resolve, text, flags=re.DOTALL)


class File:
    """Objects by number, found through the cross-reference."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.unpacked_bytes = 0
        self._places: dict[int, tuple[int, int, int]] = {}  # number → (1, offset, generation) or (2, object stream, index) or (0, 0, 0)
        self._objects: dict[int, Any] = {}
        self._reading: set[int] = set()
        self._packs: dict[int, tuple[bytes, list[tuple[int, int]]]] = {}
        self.trailer: dict[bytes, Any] = {}
        self._read_cross_reference()

    def get(self, value: Any) -> Any:
        """The object that a value is or refers to; None for one that does not exist."""
        for _ in range(_DEPTH_MAX):
            if not isinstance(value, Reference):
                return value
            value = self._object(value)
        raise DamagedError("references run in a circle")

    def dictionary(self, value: Any, what: str) -> dict[bytes, Any]:
        """The dictionary that a value is or refers to, empty where there is none."""
        found = self.get(value)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise DamagedError(f"{what} is no dictionary")
        return found

    def array(self, value: Any, what: str) -> list[Any]:
        """The array that a value is or refers to, empty where there is none."""
        found = self.get(value)
        if found is None:
            return []
        if not isinstance(found, list):
            raise DamagedError(f"{what} is no array")
        return found

    def content(self, stream: Stream) -> bytes:
        """A stream, unpacked; DamagedError if one of its filters is not for text."""
        data: bytes | memoryview = stream.packed
        for filter_name, options in self.filters(stream.entries):
            data = self._unpack(data, filter_name, options)
        self._count(len(data) if data is stream.packed else 0)
        return bytes(data)

    def filters(self, entries: dict[bytes, Any]) -> list[tuple[bytes, dict[bytes, Any]]]:
        """The filters of a stream and their parameters, outermost first."""
        names = self.get(entries.get(b"Filter", entries.get(b"F")))
        options = self.get(entries.get(b"DecodeParms", entries.get(b"DP")))
        names = [] if names is None else names if isinstance(names, list) else [names]
        options = options if isinstance(options, list) else [options]
        if b"F" in entries and b"Length" in entries:
            raise DamagedError("a stream lies in another file")
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
            digits = bytes(data).partition(b">")[0].translate(None, b" \t\r\n\f\v\0")
            if digits.translate(None, b"0123456789abcdefABCDEF"):
                raise DamagedError("a hexadecimal stream is damaged")
            self._count(len(digits))
            return bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode())
        if filter_name == b"ASCII85Decode":
            import base64

            self._count(4 * len(data))
            try:
                return base64.a85decode(bytes(data).partition(b"~>")[0], ignorechars=b" \t\r\n\f\v\0")
            except ValueError:
                raise DamagedError("an ASCII85 stream is damaged") from None
        if filter_name == b"RunLengthDecode":
            for part in unrun(data):
                self._count(len(part))
                out += part
            return bytes(out)
        if filter_name == b"LZWDecode":
            early = self.get(options.get(b"EarlyChange", 1)) != 0
            for part in unlzw(data, early):
                self._count(len(part))
                out += part
            return self._unpredict(out, options)
        raise DamagedError(f"a stream in {shown(filter_name)}")

    def _unpredict(self, data: bytearray, options: dict[bytes, Any]) -> bytes:
        predictor = self.get(options.get(b"Predictor", 1))
        if predictor == 1:
            return bytes(data)
        defaults = ((b"Colors", 1), (b"BitsPerComponent", 8), (b"Columns", 1))
        colours, bits, columns = (self.get(options.get(key, default)) for key, default in defaults)
        if not all(type(value) is int and 0 < value <= 1_000_000 for value in (colours, bits, columns)) or predictor not in range(10, 16):
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

    # --- the cross-reference
    # ------------------------------------------------------------

    def _read_cross_reference(self) -> None:
        tail = bytes(self.data[-2048:])
        start = re.search(rb".*startxref[\s\0]+(\d{1,15})[\s\0]+%%EOF[\s\0]*$", tail, re.DOTALL)
        if not start:
            raise DamagedError("truncated: no startxref and %%EOF at its end")
        at: Any = int(start[1])
        seen: set[int] = set()
        while at is not None:
            if type(at) is not int or not 0 < at < len(self.data):
                raise DamagedError("the cross-reference is not where it should be")
            if at in seen or len(seen) > _SECTIONS_MAX:
                raise DamagedError("the cross-reference runs in a circle")
            seen.add(at)
            is_table = bytes(self.data[at : at + 4]) == b"xref"
            trailer = self._read_table(at + 4) if is_table else self._read_stream_section(at)
            self.trailer = self.trailer or trailer
            if is_table and b"XRefStm" in trailer:
                hybrid = trailer[b"XRefStm"]
                if type(hybrid) is not int or not 0 < hybrid < len(self.data):
                    raise DamagedError("the cross-reference is not where it should be")
                self._read_stream_section(hybrid)
            at = trailer.get(b"Prev")

    def _read_table(self, at: int) -> dict[bytes, Any]:
        hidden: list[int] = []
        while section := _SECTION.match(self.data, at):
            first, count = int(section[1]), int(section[2])
            at = section.end()
            if first + count > _OBJECTS_MAX:
                raise DamagedError(f"a cross-reference of {first + count:,} objects")
            for number in range(first, first + count):
                entry = _ENTRY.match(self.data, at)
                if not entry:
                    raise DamagedError(f"the cross-reference is damaged at byte {at}")
                at = entry.end()
                if entry[3] == b"n":
                    self._places.setdefault(number, (1, int(entry[1]), int(entry[2])))
                elif number not in self._places:
                    hidden.append(number)
        lexer = Lexer(self.data, at)
        word, trailer = lexer.next(), None
        if word == b"trailer":
            trailer = lexer.next()
        if not isinstance(trailer, dict):
            raise DamagedError(f"no trailer after the cross-reference at byte {at}")
        if b"XRefStm" not in trailer:  # else the stream may still name them
            for number in hidden:
                self._places.setdefault(number, (0, 0, 0))
        return trailer

    def _read_stream_section(self, at: int) -> dict[bytes, Any]:
        _, _, stream = self._read_at(at)
        if not isinstance(stream, Stream) or stream.entries.get(b"Type") != b"XRef":
            raise DamagedError(f"no cross-reference at byte {at}")
        widths, size = stream.entries.get(b"W"), stream.entries.get(b"Size")
        index = stream.entries.get(b"Index", [0, size])
        if not (isinstance(widths, list) and len(widths) == 3 and all(type(w) is int and 0 <= w <= 8 for w in widths) and sum(widths)):
            raise DamagedError("the cross-reference stream is damaged")
        if not isinstance(index, list) or len(index) % 2 or not all(type(i) is int and 0 <= i <= _OBJECTS_MAX for i in index):
            raise DamagedError("the cross-reference stream is damaged")
        data, row = self.content(stream), sum(widths)
        kind_bytes, second = widths[0], widths[0] + widths[1]
        at = 0
        for first, count in zip(index[::2], index[1::2], strict=True):
            if at + count * row > len(data):
                raise DamagedError("truncated: the cross-reference stream is too short")
            for number in range(first, first + count):
                entry = data[at : at + row]
                at += row
                kind = int.from_bytes(entry[:kind_bytes], "big") if kind_bytes else 1
                place = int.from_bytes(entry[kind_bytes:second], "big"), int.from_bytes(entry[second:], "big")
                self._places.setdefault(number, (kind, *place))
        return stream.entries

    # --- objects
    # ------------------------------------------------------------

    def _object(self, reference: Reference) -> Any:
        number, generation = reference
        kind, place, third = self._places.get(number, (0, 0, 0))
        if kind == 0 or generation != (third if kind == 1 else 0):  # an object in a stream is of generation 0
            return None  # the standard's meaning of an undefined object
        if number in self._objects:
            return self._objects[number]
        if kind > 2:
            raise DamagedError(f"object {number} is of a kind that does not exist")
        if number in self._reading or len(self._reading) > _DEPTH_MAX:
            raise DamagedError(f"object {number} is needed to read itself")
        self._reading.add(number)
        if kind == 2:
            found = self._packed_object(number, place, third)
        else:
            found_number, found_generation, found = self._read_at(place)
            if (found_number, found_generation) != (number, generation):
                raise DamagedError(f"object {number} {generation} is not where the cross-reference says")
        self._reading.discard(number)
        self._objects[number] = found
        return found

    def _read_at(self, at: int) -> tuple[int, int, Any]:
        """Number, generation and object at an offset."""
        header = _HEADER.match(self.data, at)
        if not header:
            raise DamagedError(f"no object at byte {at}")
        lexer = Lexer(self.data, header.end())
        found = lexer.next()
        if found is None:
            raise DamagedError(f"truncated: the object at byte {at} has no end")
        number, generation = int(header[1]), int(header[2])
        begin = _STREAM.match(self.data, lexer.at) if isinstance(found, dict) else None
        if begin:
            length = self.get(found.get(b"Length"))
            if type(length) is not int or length < 0 or begin.end() + length > len(self.data):
                raise DamagedError(f"truncated: the stream of object {number}")
            if not _STREAM_END.match(self.data, begin.end() + length):
                raise DamagedError(f"the stream of object {number} is not as long as it says")
            return number, generation, Stream(found, self.data[begin.end() : begin.end() + length])
        if isinstance(found, Word):
            if found != b"null":
                raise DamagedError(f"{shown(found)} is no object, byte {at}")
            found = None
        if lexer.next() != b"endobj":
            raise DamagedError(f"object {number} has no end")
        return number, generation, found

    def _packed_object(self, number: int, pack: int, index: int) -> Any:
        if pack not in self._packs:
            if self._places.get(pack, (0,))[0] != 1:
                raise DamagedError(f"object stream {pack} is not in the file")
            stream = self.get(Reference((pack, self._places[pack][2])))
            if not isinstance(stream, Stream):
                raise DamagedError(f"object {pack} is no object stream")
            count, first = self.get(stream.entries.get(b"N")), self.get(stream.entries.get(b"First"))
            content = self.content(stream)
            if type(count) is not int or type(first) is not int or not 0 <= count <= len(content) or not 0 <= first <= len(content):
                raise DamagedError(f"object stream {pack} is damaged")
            words = content[:first].split()
            if len(words) < 2 * count or not all(word.isdigit() and len(word) < 12 for word in words[: 2 * count]):
                raise DamagedError(f"object stream {pack} is damaged")
            places = [(int(words[2 * i]), first + int(words[2 * i + 1])) for i in range(count)]
            self._packs[pack] = content, places
        content, places = self._packs[pack]
        if index >= len(places) or places[index][0] != number:
            raise DamagedError(f"object {number} is not in object stream {pack}")
        found = Lexer(content, places[index][1]).next()
        return None if found == b"null" and isinstance(found, Word) else found


def _long(short: Any) -> bytes:
    """A filter's full name; inline images may shorten it."""
    names = {b"AHx": b"ASCIIHexDecode", b"A85": b"ASCII85Decode", b"LZW": b"LZWDecode", b"Fl": b"FlateDecode",
             b"RL": b"RunLengthDecode", b"CCF": b"CCITTFaxDecode", b"DCT": b"DCTDecode"}  # fmt: skip
    if not isinstance(short, Name):
        raise DamagedError("a filter without a name")
    return names.get(short, short)
