"""Colour spaces of a PDF (ISO 32000-2, section 8.6): what each calls black and white.

Known are the device spaces, and those that can be shown to keep black and white: an ICC profile of
curves, CalRGB whose white is white, Separation Black whose tint transform makes
white of 0 and black of 1. All others cannot be verified.
"""
from __future__ import annotations

from linefinish.verifiers import icc
from linefinish.verifiers.pdf_functions import end_of, numbers
from linefinish.verifiers.pdf_lexer import Name, Stream, known_keys, name_of
from linefinish.verifiers.verdict import DamagedError, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.verifiers.pdf_objects import File

# White and black in each. CMYK is black by its black plate alone: rich black prints four screens.
PURE: dict[bytes, tuple[list[float], ...]] = {
    b"DeviceGray": ([0], [1]),
    b"DeviceRGB": ([0, 0, 0], [1, 1, 1]),
    b"DeviceCMYK": ([0, 0, 0, 0], [0, 0, 0, 1]),
    b"Separation": ([0], [1]),
}
_BLACK = {b"DeviceGray": [0], b"DeviceRGB": [0, 0, 0], b"DeviceCMYK": [0, 0, 0, 1]}
_WHITE = {b"DeviceGray": [1], b"DeviceRGB": [1, 1, 1], b"DeviceCMYK": [0, 0, 0, 0]}
DEVICES = frozenset((b"DeviceGray", b"DeviceRGB", b"DeviceCMYK"))
# By the absolute intent, white is as grey as the medium that a profile or a white point tells of.
INTENTS = frozenset((b"RelativeColorimetric", b"Perceptual", b"Saturation"))
_BY_COUNT = {1: b"DeviceGray", 3: b"DeviceRGB"}
# How inline images may write them.
_SHORT = {b"G": b"DeviceGray", b"RGB": b"DeviceRGB", b"CMYK": b"DeviceCMYK"}
# Spaces within spaces.
_DEPTH_MAX = 5
# X and Z, against Y = 1, of D65 and D50: the whites of screens and of prints.
_WHITES = ((0.9505, 1.089), (0.9642, 0.8249))
_WHITE_TOLERANCE = 0.01
_PROFILE_KEYS = frozenset((b"N", b"Alternate", b"Range", b"Metadata", b"Length", b"Filter", b"DecodeParms", b"DL", b"Type"))


class Spaces:
    """The colour spaces of a file; each is looked at once."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.known: dict[int, tuple[Any, bytes]] = {}

    def plain(self, value: Any, named: dict[bytes, Any], *, is_inline: bool = False, depth: int = 0) -> bytes:
        """The plain space that one amounts to, by its value, or by its name among the resources.
        Its initial colour is pure.
        """
        name = name_of(value)
        if name in DEVICES and name not in named:
            return name
        if is_inline and name in _SHORT and name not in named:
            return _SHORT[name]
        found = self.file.get(named.get(name, value))
        if name in named and name in DEVICES and name_of(found) != name:
            raise self.unverified(f"{shown(name)} by another meaning")
        if isinstance(found, list):
            held = self.known.get(id(found))
            if held is None:
                held = self.known[id(found)] = found, self.plain_array(found, depth)
            return held[1]
        if name_of(found) in DEVICES:
            return name_of(found)
        raise self.unverified(f"the colour space {shown(name_of(found) or name or b'?')}")

    def unverified(self, what: str) -> DamagedError:
        """That nothing is known of a space."""
        return DamagedError(f"cannot be verified: {what}")

    def plain_array(self, parts: list[Any], depth: int) -> bytes:
        """A space with parameters."""
        family = name_of(self.file.get(parts[0])) if parts else b""
        if depth < _DEPTH_MAX:
            if family in DEVICES and len(parts) == 1:
                return family
            if family == b"ICCBased" and len(parts) == 2:
                return self.profile(parts[1], depth)
            if family == b"CalRGB" and len(parts) == 2:  # not CalGray, whose white poppler tints
                return self.calibrated(self.file.dictionary(parts[1], "a colour space"))
            if family == b"Separation" and len(parts) == 4:
                return self.separation(parts, depth)
        raise self.unverified(f"the colour space {shown(family or b'?')}")

    def profile(self, value: Any, depth: int) -> bytes:
        """A profile, or where a viewer cannot use it, what it names instead."""
        stream = self.file.get(value)
        count = self.file.get(stream.entries.get(b"N")) if isinstance(stream, Stream) else None
        if not isinstance(stream, Stream) or type(count) is not int or count not in _BY_COUNT:
            raise self.unverified("a colour profile that is neither of grey nor of RGB")
        known_keys(stream.entries, _PROFILE_KEYS, "a colour profile")
        limits = stream.entries.get(b"Range")
        if limits is not None and numbers(self.file, limits) != [0, 1] * count:
            raise self.unverified("the range of a colour profile")
        instead = self.file.get(stream.entries.get(b"Alternate"))
        if instead is not None and self.plain(instead, {}, depth=depth + 1) != _BY_COUNT[count]:
            raise self.unverified("what a colour profile names instead of itself")
        if not icc.keeps_black_and_white(self.file.content(stream), count):
            raise self.unverified("a colour profile that may not keep black and white")
        return _BY_COUNT[count]

    def intent(self, stream: Stream) -> None:
        """The profile of an output intent, by which some viewers show the colours of devices."""
        if self.file.get(stream.entries.get(b"N")) != 4:
            self.profile(stream, 0)
        elif not icc.prints_black_on_white(self.file.content(stream)):
            raise self.unverified("an output intent whose black ink may not be black")

    def calibrated(self, entries: dict[bytes, Any]) -> bytes:
        """CalRGB whose white is that of prints or screens, and whose matrix makes it."""
        white, matrix = numbers(self.file, entries.get(b"WhitePoint")), numbers(self.file, entries.get(b"Matrix"))
        gammas = numbers(self.file, entries[b"Gamma"]) if b"Gamma" in entries else [1.0]
        fine = (
            white is not None and len(white) == 3 and white[1] == 1
            and any(abs(white[0] - x) < _WHITE_TOLERANCE and abs(white[2] - z) < _WHITE_TOLERANCE for x, z in _WHITES)
            and matrix is not None and len(matrix) == 9 and min(matrix) >= 0
            and all(abs(sum(matrix[i::3]) - white[i]) < _WHITE_TOLERANCE for i in range(3))
            and gammas is not None and all(0.1 <= one <= 10 for one in gammas)
            and (b"BlackPoint" not in entries or numbers(self.file, entries[b"BlackPoint"]) == [0, 0, 0])
        )  # fmt: skip
        if not fine:
            raise self.unverified("the colour space CalRGB")
        return b"DeviceRGB"

    def separation(self, parts: list[Any], depth: int) -> bytes:
        """The black ink; where there is none, its tint transform says what is painted."""
        name = name_of(self.file.get(parts[1]))
        alternate = self.plain(parts[2], {}, depth=depth + 1)
        ends = [end_of(self.file, parts[3], end) for end in (0, 1)]
        if name != b"Black" or alternate not in DEVICES or None in ends:
            raise self.unverified(f"the colour space Separation {shown(name or b'?')}")
        for end, wanted in zip(ends, (_WHITE[alternate], _BLACK[alternate]), strict=True):
            if end is None or len(end) != len(wanted) or any(abs(one - other) > 1e-6 for one, other in zip(end, wanted, strict=True)):
                raise GrayError("the colour space Separation Black, whose tint transform makes another colour of it")
        return b"Separation"

    def palette(self, parts: list[Any], named: dict[bytes, Any], *, is_inline: bool) -> bool:
        """Whether an Indexed space has two colours, each black or white."""
        base = self.plain(parts[1], named, is_inline=is_inline)
        table = self.file.get(parts[3])
        table = self.file.content(table) if isinstance(table, Stream) else table
        highest = self.file.get(parts[2])
        if not isinstance(table, bytes) or isinstance(table, Name) or type(highest) is not int or highest != 1:
            return False
        count = len(PURE[base][0])
        colours = [[byte / 255 for byte in table[i : i + count]] for i in range(0, 2 * count, count)]
        return all(colour in PURE[base] for colour in colours)
