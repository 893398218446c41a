"""Images of a PDF (ISO 32000-2, section 8.9): one bit, black and white, nothing invented between
the pixels; and where an image that stands within the content ends.
"""
from __future__ import annotations

import re
import zlib

from linefinish.verifiers.pdf_lexer import Lexer, Name, Stream, Word, known_keys, name_of
from linefinish.verifiers.pdf_spaces import INTENTS, Spaces
from linefinish.verifiers.unpack import inflated, unlzw
from linefinish.verifiers.verdict import DamagedError, GrayError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from linefinish.verifiers.pdf_objects import File

# Bytes that the images of one file may unpack to while they are counted.
_BYTES_MAX = 1 << 30
_SIDE_PX_MAX = 1 << 24
_GRAY_FILTERS = frozenset((b"DCTDecode", b"JPXDecode"))
_FILTERS = frozenset((
    b"FlateDecode", b"LZWDecode", b"ASCIIHexDecode", b"ASCII85Decode", b"RunLengthDecode", b"CCITTFaxDecode", b"JBIG2Decode",
))  # fmt: skip
_KEYS = frozenset((
    b"Type", b"Subtype", b"Width", b"Height", b"ColorSpace", b"BitsPerComponent", b"Intent", b"ImageMask", b"Mask", b"Decode",
    b"Interpolate", b"Name", b"StructParent", b"ID", b"Metadata", b"OC", b"Length", b"Filter", b"DecodeParms", b"DL", b"SMask",
    b"SMaskInData",
))  # fmt: skip
_INLINE_KEYS = frozenset((b"Width", b"Height", b"ColorSpace", b"BitsPerComponent", b"Intent", b"ImageMask", b"Decode", b"Interpolate",
                          b"Length", b"Filter", b"DecodeParms"))  # fmt: skip
_SHORT_KEYS = {b"BPC": b"BitsPerComponent", b"CS": b"ColorSpace", b"D": b"Decode", b"DP": b"DecodeParms", b"F": b"Filter", b"H": b"Height",
               b"IM": b"ImageMask", b"I": b"Interpolate", b"W": b"Width", b"L": b"Length"}  # fmt: skip
_END = re.compile(rb"[\0\t\n\f\r ]*+EI(?=[\0\t\n\f\r ]|\Z)")
# What a viewer that searches may take for the end of an image.
_LOOKS_LIKE_END = re.compile(rb"EI[\0\t\n\f\r ]")


class Images:
    """The images of a file, each looked at once by its caller."""

    def __init__(self, file: File, spaces: Spaces) -> None:
        self.file = file
        self.spaces = spaces
        self.count = 0
        self.unpacked_bytes = 0

    def judge(self, stream: Stream, named: dict[bytes, Any], where: tuple[str, int]) -> None:
        """An image XObject."""
        self.dictionary(stream.entries, named, where, _KEYS)
        self.is_complete(stream)

    def dictionary(self, entries: dict[bytes, Any], named: dict[bytes, Any], where: tuple[str, int], keys: frozenset[bytes]) -> None:
        """What an image says of itself; `named` are the colour spaces of the resources."""
        get = self.file.get
        self.count += 1
        filters = [name for name, _ in self.file.filters(entries)]
        for name in filters:
            if name in _GRAY_FILTERS:
                raise GrayError(f"an image in {name.decode()}, which is never 1-bit", where)
        known_keys(entries, keys, "an image")
        if not _FILTERS.issuperset(filters):
            raise DamagedError("cannot be verified: an image in an unknown filter")
        bits, is_mask = get(entries.get(b"BitsPerComponent")), get(entries.get(b"ImageMask"))
        if is_mask not in (None, True, False) or type(is_mask) is int:
            raise DamagedError("cannot be verified: an image that may be a mask")
        if not (type(bits) is int and bits == 1) and not (is_mask and bits is None):
            raise GrayError(f"an image of {bits if type(bits) is int else 'unknown'} bits a component", where)
        if get(entries.get(b"Interpolate")) not in (None, False):
            raise GrayError("an image that the viewer shall smooth (Interpolate)", where)
        if get(entries.get(b"SMask")) is not None or get(entries.get(b"SMaskInData")) not in (None, 0):
            raise GrayError("an image with a soft mask", where)
        self.mask(get(entries.get(b"Mask")), named, where)
        decode = [get(value) for value in self.file.array(entries.get(b"Decode"), "Decode")]
        if decode and (len(decode) != 2 or any(type(value) not in (int, float) or value not in (0, 1) for value in decode)):
            raise GrayError("an image whose Decode makes greys", where)
        if entries.get(b"Intent") is not None and name_of(get(entries[b"Intent"])) not in INTENTS:
            raise DamagedError("cannot be verified: the rendering intent of an image")
        if is_mask and get(entries.get(b"ColorSpace")) is not None:
            raise DamagedError("cannot be verified: a mask with a colour space")
        if not is_mask:
            self.space(entries.get(b"ColorSpace"), named, where, is_inline=keys is _INLINE_KEYS)

    def mask(self, mask: Any, named: dict[bytes, Any], where: tuple[str, int]) -> None:
        """Another image that cuts this one out, or a range of its values."""
        if isinstance(mask, Stream):
            if self.file.get(mask.entries.get(b"ImageMask")) is not True or b"Mask" in mask.entries:
                raise GrayError("an image whose mask is not 1-bit", where)
            self.judge(mask, named, where)
        elif mask is not None and not isinstance(mask, list):
            raise DamagedError("cannot be verified: the mask of an image")

    def space(self, value: Any, named: dict[bytes, Any], where: tuple[str, int], *, is_inline: bool) -> None:
        """One component: grey, or a palette of pure black and white."""
        found = self.file.get(named[value] if isinstance(value, Name) and value in named else value)
        family = name_of(self.file.get(found[0])) if isinstance(found, list) and found else b""
        if family == b"Indexed" or (is_inline and family == b"I"):
            if len(found) != 4 or not self.spaces.palette(found, named, is_inline=is_inline):
                raise GrayError("an image with a palette of other colours than black and white", where)
        elif self.spaces.plain(value, named, is_inline=is_inline) not in (b"DeviceGray", b"Separation"):
            raise GrayError("an image in colour", where)

    def is_complete(self, stream: Stream) -> None:
        """Are all rows there? Where they are not, some viewers leave white, and pdfium grey. JBIG2
        data is 1-bit whatever it holds, and says itself how many rows that are.
        """
        row_bytes, height = self.row_bytes_and_height(stream.entries)
        filters = self.file.filters(stream.entries)
        needed, unit = row_bytes * height, "bytes"
        names = [name for name, _ in filters]
        if not filters:
            held = len(stream.packed)
        elif names == [b"FlateDecode"]:
            held = 0
            for part in inflated([stream.packed], tail=b"\r\n"):
                held += len(part)
                self.unpacked_bytes += len(part)
                if self.unpacked_bytes > _BYTES_MAX:
                    raise DamagedError("images larger than are verified")
            predictor = self.file.get(filters[0][1].get(b"Predictor", 1))
            needed += height if type(predictor) is int and predictor >= 10 else 0
        elif names[-1] == b"JBIG2Decode":
            return
        elif names[-1] == b"CCITTFaxDecode":
            packed = self.file.unpacked(stream, len(filters) - 1)
            held, needed, unit = self.fax_rows(packed, filters[-1][1], stream.entries), height, "rows"
        else:
            held = len(self.file.unpacked(stream, len(filters)))
        if held < needed:
            raise DamagedError(f"truncated: an image holds {held} of {needed} {unit}")

    def fax_rows(self, packed: bytes, options: dict[bytes, Any], entries: dict[bytes, Any]) -> int:
        """How many rows of an image in fax codes are there, by its parameters."""
        from linefinish.verifiers import fax

        names = ((b"K", 0), (b"Columns", 1728), (b"EncodedByteAlign", False))
        k, columns, is_aligned = (self.file.get(options.get(name, default)) for name, default in names)
        if type(k) is not int or columns != self.file.get(entries.get(b"Width")) or type(is_aligned) is not bool:
            raise DamagedError("cannot be verified: an image whose fax codes are of another width")
        if k < 0 and is_aligned:
            raise DamagedError("cannot be verified: fax codes of which each row begins with a byte")
        group_3, group_4, by_bytes = 3, 4, 2  # as TIFF has them
        kind = group_4 if k < 0 else by_bytes if is_aligned and not k else group_3
        return fax.row_count(memoryview(packed), columns, self.file.get(entries[b"Height"]), kind, int(k > 0), 1)

    def row_bytes_and_height(self, entries: dict[bytes, Any]) -> tuple[int, int]:
        """Of 1-bit pixels."""
        width, height = self.file.get(entries.get(b"Width")), self.file.get(entries.get(b"Height"))
        if type(width) is not int or type(height) is not int or not (0 < width < _SIDE_PX_MAX and 0 < height < _SIDE_PX_MAX):
            raise DamagedError("an image without a size")
        return (width + 7) // 8, height

    # --- an image within the content: BI … ID … EI
    # ------------------------------------------------------------

    def inline(self, lexer: Lexer, named: dict[bytes, Any]) -> int:
        """Judges an image that begins at the lexer's place; returns where it ends."""
        begin = lexer.at
        entries: dict[bytes, Any] = {}
        for key, value in inline_entries(lexer):
            if key in entries:
                raise DamagedError(f"cannot be verified: the inline image at byte {begin} says something twice")
            entries[key] = value
        self.dictionary(entries, named, ("Do", begin), _INLINE_KEYS)
        text, start = bytes(lexer.data), lexer.at + 1
        if text[start - 1 : start] not in (b" ", b"\n", b"\r", b"\t"):
            raise DamagedError(f"the inline image at byte {begin} is damaged")
        after = self.inline_end(text, start, entries, begin)
        end = _END.match(text, after)
        if not end:
            raise DamagedError(f"cannot be verified: the inline image at byte {begin} goes on after its data")
        if _LOOKS_LIKE_END.search(text, start, after):
            raise DamagedError(f"cannot be verified: the inline image at byte {begin} seems to end twice")
        length = entries.get(b"Length")
        if length is not None and (type(length) is not int or length != after - start):
            raise DamagedError(f"cannot be verified: the inline image at byte {begin} is not as long as it says")
        return end.end()

    def inline_end(self, text: bytes, start: int, entries: dict[bytes, Any], begin: int) -> int:
        """Where the data ends, by its own reckoning: its size, or the end that its filter marks."""
        row_bytes, height = self.row_bytes_and_height(entries)
        filters = self.file.filters(entries)
        name, options = filters[0] if filters else (b"", {})
        end = -1
        if not name:
            end = start + row_bytes * height
        elif name == b"ASCIIHexDecode":
            end = text.find(b">", start) + 1
        elif name == b"ASCII85Decode":
            end = text.find(b"~>", start) + 2 if text.find(b"~>", start) >= 0 else -1
        elif name == b"RunLengthDecode":
            end = _run_length_end(text, start)
        elif name == b"FlateDecode":
            end = _deflate_end(text, start)
        elif name == b"LZWDecode":
            end = _lzw_end(text, start, options.get(b"EarlyChange", 1))
        elif name == b"CCITTFaxDecode" and len(filters) == 1:
            end = _fax_end(text, start, options, entries)
        if not start < end <= len(text):
            raise DamagedError(f"cannot be verified: where the inline image at byte {begin} ends")
        return end


def _run_length_end(text: bytes, at: int) -> int:
    while at < len(text):
        code = text[at]
        if code == 128:
            return at + 1
        at += code + 2 if code < 128 else 2
    return -1


def _deflate_end(text: bytes, start: int) -> int:
    """After the checksum, opened a piece at a time."""
    opener, waiting, at = zlib.decompressobj(), b"", start
    try:
        while not opener.eof:
            if not waiting:
                waiting, at = text[at : at + 4096], at + 4096
                if not waiting:
                    return -1
            opener.decompress(waiting, 1 << 18)
            waiting = opener.unconsumed_tail
    except zlib.error:
        return -1
    return min(at, len(text)) - len(opener.unused_data)


def _lzw_end(text: bytes, start: int, early: Any) -> int:
    """After the byte that holds the last bit of the code 257."""
    at = start

    def read() -> Iterator[int]:
        nonlocal at
        for at in range(start, len(text)):
            yield text[at]

    for _ in unlzw(read(), bool(early), is_strict=True):
        pass
    return at + 1


def _fax_end(text: bytes, start: int, options: dict[bytes, Any], entries: dict[bytes, Any]) -> int:
    """Before the first mark of an end, if all rows stand before it. Group 4 alone: its rows need no
    marks of their own.
    """
    width, height = entries[b"Width"], entries[b"Height"]
    if options.get(b"K") != -1 or options.get(b"Columns", 1728) != width or options.get(b"EncodedByteAlign", False) is not False:
        return -1
    mark = re.compile(rb"[\0\t\n\f\r ]EI(?=[\0\t\n\f\r ]|\Z)").search(text, start)
    if not mark:
        return -1
    from linefinish.verifiers import fax

    t6 = 4
    done = fax.row_count(memoryview(text)[start : mark.start()], width, height, t6, 0, 1)
    return mark.start() if done == height else -1


def inline_entries(lexer: Lexer) -> Iterator[tuple[bytes, Any]]:
    """What an image within the content says before its data, by the keys that a stream would have.
    The lexer stands behind `ID` then.
    """
    begin = lexer.at
    while True:
        key = lexer.next(references=False)
        if key == b"ID" and isinstance(key, Word):
            return
        value = lexer.next(references=False)
        if not isinstance(key, Name) or value is None or isinstance(value, Word):
            raise DamagedError(f"the inline image at byte {begin} is damaged")
        yield _SHORT_KEYS.get(key, bytes(key)), value
