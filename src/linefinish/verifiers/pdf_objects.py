"""The objects of a PDF (ISO 32000-2, section 7), read strictly.

Strictly, because a viewer that repairs a broken file may paint something else than the one that
checked it: objects are found by the cross-reference alone, lengths must be right, and nothing is
searched for. What is broken is reported, not guessed; and so that a viewer which does search finds
nothing else, no object may stand in the file that the cross-reference does not name.
"""
from __future__ import annotations

import re

from linefinish.verifiers.pdf_filters import Filters
from linefinish.verifiers.pdf_lexer import DEPTH_MAX, SPACE, WHITE, Lexer, Reference, Stream, Word
from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Objects of a file, sections of its cross-reference.
_OBJECTS_MAX = 2_000_000
_SECTIONS_MAX = 1000
# Places where "obj" stands and no object begins; real files have some in their pictures.
_WORDS_MAX = 100_000

_HEADER = re.compile(WHITE + rb"*+(\d{1,10})" + WHITE + rb"++(\d{1,10})" + WHITE + rb"++obj(?=[\0\t\n\f\r \[\]<>()/%{}])")
_HEADER_END = re.compile(rb"(\d{1,10})" + WHITE + rb"++(\d{1,10})" + WHITE + rb"++\Z")
_STREAM = re.compile(WHITE + rb"*+stream(?:\r\n|\n)")
_STREAM_END = re.compile(WHITE + rb"*+endstream" + SPACE + rb"endobj")
_SECTION = re.compile(WHITE + rb"*+(\d{1,10})[ ]++(\d{1,10})[ ]*+(?:\r\n|\n|\r)" + WHITE + rb"*+")
_TRAILER = re.compile(rb"trailer" + SPACE + rb"<<")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])[ \r\n]{1,2}")


class File(Filters):
    """Objects by number, found through the cross-reference."""

    def __init__(self, data: memoryview) -> None:
        super().__init__()
        self.data = data
        self._places: dict[int, tuple[int, int, int]] = {}  # number → (1, offset, generation) or (2, object stream, index) or (0, 0, 0)
        self._objects: dict[int, Any] = {}
        self._reading: set[int] = set()
        self._packs: dict[int, tuple[bytes, list[tuple[int, int]]]] = {}
        self.programs_judged: dict[int, Stream] = {}  # of fonts, which several may share
        self.trailer: dict[bytes, Any] = {}
        self.sections: set[int] = set()  # where the parts of the cross-reference begin
        self._tables = 0
        self._table: set[int] = set()  # objects that the table at hand says are in use
        self._read_cross_reference()
        self._check_that_nothing_hides()

    def lexer(self, data: bytes | memoryview, at: int = 0) -> Lexer:
        """What reads objects of the file."""
        return Lexer(data, at)

    def get(self, value: Any) -> Any:
        """The object that a value is or refers to; None for one that does not exist."""
        for _ in range(DEPTH_MAX):
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

    # --- the cross-reference
    # ------------------------------------------------------------

    def _read_cross_reference(self) -> None:
        tail = bytes(self.data[-2048:])
        start = re.search(rb".*startxref[\s\0]+(\d{1,15})[\s\0]+%%EOF[\s\0]*$", tail, re.DOTALL)
        if not start:
            raise DamagedError("truncated: no startxref and %%EOF at its end")
        at: Any = int(start[1])
        seen = self.sections
        while at is not None:
            if type(at) is not int or not 0 < at < len(self.data):
                raise DamagedError("the cross-reference is not where it should be")
            if at in seen or len(seen) > _SECTIONS_MAX:
                raise DamagedError("the cross-reference runs in a circle")
            seen.add(at)
            is_table = bytes(self.data[at : at + 4]) == b"xref"
            trailer = self._read_table(at + 4) if is_table else self._read_stream_section(at)
            self.trailer = self.trailer or trailer
            self._tables += is_table
            if trailer.get(b"Root", self.trailer.get(b"Root")) != self.trailer.get(b"Root"):
                raise DamagedError("cannot be verified: two catalogs")
            if is_table and b"XRefStm" in trailer:
                hybrid = trailer[b"XRefStm"]
                if type(hybrid) is not int or not 0 < hybrid < len(self.data):
                    raise DamagedError("the cross-reference is not where it should be")
                self.sections.add(hybrid)
                self._read_stream_section(hybrid, is_hybrid=True)
            at = trailer.get(b"Prev")

    def _read_table(self, at: int) -> dict[bytes, Any]:
        self._table = set()
        hidden: list[int] = []
        named: set[int] = set()
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
                if number in named:
                    raise DamagedError(f"cannot be verified: object {number} stands twice in the cross-reference")
                named.add(number)
                if entry[3] == b"n":
                    self._table.add(number)
                    self._places.setdefault(number, (1, int(entry[1]), int(entry[2])))
                elif number not in self._places:
                    hidden.append(number)
        lexer = self.lexer(self.data, at)
        word, trailer = lexer.next(), None
        if word == b"trailer":
            trailer = lexer.next()
        if not isinstance(trailer, dict):
            raise DamagedError(f"no trailer after the cross-reference at byte {at}")
        if b"XRefStm" not in trailer:  # else the stream may still name them
            for number in hidden:
                self._places.setdefault(number, (0, 0, 0))
        return trailer

    def _read_stream_section(self, at: int, *, is_hybrid: bool = False) -> dict[bytes, Any]:
        """A cross-reference stream, or one that names what the table before it leaves out."""
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
        named: set[int] = set()
        for first, count in zip(index[::2], index[1::2], strict=True):
            if at + count * row > len(data):
                raise DamagedError("truncated: the cross-reference stream is too short")
            for number in range(first, first + count):
                entry = data[at : at + row]
                at += row
                if number in named:
                    raise DamagedError(f"cannot be verified: object {number} stands twice in the cross-reference")
                named.add(number)
                kind = int.from_bytes(entry[:kind_bytes], "big") if kind_bytes else 1
                place = int.from_bytes(entry[kind_bytes:second], "big"), int.from_bytes(entry[second:], "big")
                if is_hybrid and kind and number in self._table:
                    raise DamagedError(f"cannot be verified: object {number} stands twice in the cross-reference")
                self._places.setdefault(number, (kind, *place))
        return stream.entries

    def _check_that_nothing_hides(self) -> None:
        """A viewer that mends a file looks for all that reads like an object, and takes the last of
        each number. So each must be where the cross-reference says, or be older.
        """
        size = self.trailer.get(b"Size")
        if type(size) is not int or not 0 < size <= _OBJECTS_MAX:
            raise DamagedError("the trailer has no Size")
        self.size = size
        data, found = self.data, set()
        others = 0
        for match in re.finditer(rb"(?<=[\0\t\n\f\r ])obj", data):
            header = _HEADER_END.search(bytes(data[max(0, match.start() - 40) : match.start()]))
            if not header:
                others += 1
                if others > _WORDS_MAX:
                    raise DamagedError("cannot be verified: it is full of what almost reads like objects")
                continue
            number, at = int(header[1]), match.start() - len(header[0])
            found.add(at)
            kind, place, _ = self._places.get(number, (0, 0, 0))
            where = self._places.get(place, (0, 0, 0))[1] if kind == 2 else place
            is_older = bool(kind) and (at <= where or not bytes(data[where : min(at, where + 40)]).strip(b"\0\t\n\f\r "))
            if not is_older and at not in self.sections:
                raise DamagedError(f"cannot be verified: object {number} at byte {at} is not in the cross-reference")
        for number, (kind, place, _) in self._places.items():
            if kind == 1 and place not in found and number < size:
                header = _HEADER.match(data, place)
                if not header or int(header[1]) != number:
                    raise DamagedError(f"object {number} is not where the cross-reference says")
        if sum(1 for _ in _TRAILER.finditer(data)) != self._tables:
            raise DamagedError("cannot be verified: a trailer that the cross-reference does not lead to")

    # --- objects
    # ------------------------------------------------------------

    def _object(self, reference: Reference) -> Any:
        number, generation = reference
        kind, place, third = self._places.get(number, (0, 0, 0))
        if kind == 0:
            return None  # the standard's meaning of an undefined object
        if generation != (third if kind == 1 else 0):  # an object in a stream is of generation 0
            raise DamagedError(f"cannot be verified: generation {generation} of object {number}, which viewers find or do not")
        if number >= self.size:
            raise DamagedError(f"cannot be verified: object {number} of {self.size}")
        if number in self._objects:
            return self._objects[number]
        if kind > 2:
            raise DamagedError(f"object {number} is of a kind that does not exist")
        if number in self._reading or len(self._reading) > DEPTH_MAX:
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
        lexer = self.lexer(self.data, header.end())
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
            if any(key in found for key in (b"F", b"FFilter", b"FDecodeParms")):
                raise DamagedError("a stream lies in another file")
            if b"DP" in found:  # the short name that images in the content have; poppler takes it here, others do not
                raise DamagedError(f"cannot be verified: /DP of the stream of object {number}")
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
            if len(set(words[: 2 * count : 2])) < count:
                raise DamagedError(f"cannot be verified: object stream {pack} names an object twice")
            places = [(int(words[2 * i]), first + int(words[2 * i + 1])) for i in range(count)]
            self._packs[pack] = content, places
        content, places = self._packs[pack]
        if index >= len(places) or places[index][0] != number:
            raise DamagedError(f"object {number} is not in object stream {pack}")
        found = self.lexer(content, places[index][1]).next()
        return None if found == b"null" and isinstance(found, Word) else found


