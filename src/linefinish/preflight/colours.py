"""What the colours of a PDF come to in print: black, white, grey or colour (ISO 32000-2, section
8.6). A press has inks: black alone is black, black with another ink is colour.
"""
from __future__ import annotations

from linefinish.preflight.marks import BLACK, COLOUR, GRAY, WHITE
from linefinish.verifiers.pdf_lexer import Stream, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.preflight.opening import Opened

    # Of each component of a space of inks: whether it is black; None where it prints nothing.
    Inks = tuple[bool | None, ...]

# How far a tone may be from black, white or grey to count as such: 8-bit rounding.
_TONE = 0.004
# How far a colour of Lab may be from grey: half a step of what an eye tells apart.
_LAB = 1.0
# Spaces within spaces: a palette of a named ink has two.
_DEPTH_MAX = 5
_CMYK: Inks = (False, False, False, True)
_PLAIN = {b"DeviceGray": b"DeviceGray", b"CalGray": b"DeviceGray", b"G": b"DeviceGray", b"DeviceRGB": b"DeviceRGB", b"CalRGB": b"DeviceRGB",
          b"RGB": b"DeviceRGB", b"DeviceCMYK": b"DeviceCMYK", b"CMYK": b"DeviceCMYK"}  # fmt: skip
_BY_COUNT = {1: b"DeviceGray", 3: b"DeviceRGB", 4: b"DeviceCMYK"}
_COUNTS = {space: count for count, space in _BY_COUNT.items()}


class Colours:
    """The colour spaces of a file."""

    def __init__(self, file: Opened) -> None:
        self.file = file

    def family(self, space: Any) -> tuple[bytes, list[Any]]:
        """The name of a space's family, that of a device where it is like one, and its parts."""
        found = self.file.get(space)
        parts = found if isinstance(found, list) else []
        name = name_of(found) or (name_of(self.file.get(parts[0])) if parts else b"")
        if name == b"ICCBased" and len(parts) == 2:
            profile = self.file.get(parts[1])
            count = self.file.get(profile.entries.get(b"N")) if isinstance(profile, Stream) else None
            return _BY_COUNT.get(count if type(count) is int else 0, b"ICCBased"), parts
        return _PLAIN.get(name, b"Indexed" if name == b"I" else name), parts

    def inks(self, space: Any) -> Inks | None:
        """The inks of a space that has some."""
        family, parts = self.family(space)
        if family == b"DeviceCMYK":
            return _CMYK
        if family == b"Separation" and len(parts) > 1:
            return (self._ink(parts[1]),)
        if family == b"DeviceN" and len(parts) > 1:
            return tuple(map(self._ink, self.file.array(parts[1], "DeviceN")))
        return None

    def _ink(self, name: Any) -> bool | None:
        word = name_of(self.file.get(name))
        return None if word == b"None" else word in (b"Black", b"All")

    def count(self, space: Any) -> int:
        """Components of a colour, 0 where the space is not known."""
        family, _ = self.family(space)
        inks = self.inks(space)
        return len(inks) if inks else _COUNTS.get(family, {b"Lab": 3, b"Indexed": 1}.get(family, 0))

    def tone(self, space: Any, values: list[float], depth: int = 0) -> str:
        """BLACK, WHITE, GRAY or COLOUR; what is not known is COLOUR."""
        family, parts = self.family(space)
        if family in _COUNTS or family == b"ICCBased":
            return tone_of(family if family in _COUNTS else _BY_COUNT.get(len(values), b""), values)
        inks = self.inks(space)
        if inks is not None:
            return _tone_of_inks(inks, values)
        if family == b"Lab" and len(values) == 3:
            return tone_of(b"DeviceGray", [values[0] / 100]) if max(map(abs, values[1:])) <= _LAB else COLOUR
        if family == b"Indexed" and len(parts) == 4 and len(values) == 1 and depth < _DEPTH_MAX:
            palette = self.palette(parts)
            at = int(values[0])
            return self.tone(parts[1], palette[at], depth + 1) if palette and 0 <= at < len(palette) else COLOUR
        return COLOUR

    def initial(self, space: Any) -> str:
        """The tone that a space has before a colour is told."""
        family, _ = self.family(space)
        if family == b"Pattern":
            return BLACK
        count = self.count(space)
        if family in (b"Separation", b"DeviceN"):
            return self.tone(space, [1.0] * count)
        is_cmyk = name_of(self.file.get(space)) in (b"DeviceCMYK", b"CMYK")
        return BLACK if is_cmyk else self.tone(space, [0.0] * count)

    def palette(self, parts: list[Any]) -> list[list[float]]:
        """The colours of an indexed space in its base, or none where they are not known."""
        count = self.count(parts[1])
        table = self.file.get(parts[3])
        table = self.file.content(table) if isinstance(table, Stream) else table
        if not isinstance(table, bytes) or not count:
            return []
        scales = [(0.0, 1.0)] * count
        family, base = self.family(parts[1])
        if family == b"Lab":
            limits = self.file.numbers(self.file.dictionary(base[1], "Lab").get(b"Range")) if len(base) > 1 else []
            low_a, high_a, low_b, high_b = limits if len(limits) == 4 else (-100.0, 100.0, -100.0, 100.0)
            scales = [(0.0, 100.0), (low_a, high_a), (low_b, high_b)]
        rows = [table[at : at + count] for at in range(0, min(len(table), 256 * count) // count * count, count)]
        return [[low + byte / 255 * (high - low) for byte, (low, high) in zip(row, scales)] for row in rows]


def tone_of(space: bytes, values: list[float]) -> str:
    """The tone of a colour of a device. Ink beside black is colour: a press prints it in
    screens.
    """
    if space == b"DeviceCMYK" and len(values) == len(_CMYK):
        return _tone_of_inks(_CMYK, values)
    if len(values) == 3 and max(values) - min(values) > _TONE:
        return COLOUR
    if len(values) not in (1, 3):
        return COLOUR
    level = sum(values) / len(values)
    return BLACK if level <= _TONE else WHITE if level >= 1 - _TONE else GRAY


def _tone_of_inks(inks: Inks, values: list[float]) -> str:
    if len(values) != len(inks) or any(ink is False and value > _TONE for ink, value in zip(inks, values)):
        return COLOUR
    return tone_of(b"DeviceGray", [1 - max((value for ink, value in zip(inks, values) if ink), default=0.0)])
