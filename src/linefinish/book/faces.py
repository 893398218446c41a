"""Typefaces as outlines: the bundled one, and any font file through fontTools. No font ever gets
into a file: words are drawn as curves.

The bundled face is made of Lato Medium by Łukasz Dziedzic, under the SIL Open Font License 1.1
(OFL.txt); `docs/make_face.py` wrote face.z of it, which is deflated text: a line of metrics, a
line of kerning pairs, then a line a character.
"""
from __future__ import annotations

import os
import zlib

from linefinish.errors import OptionsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    # A closed outline: its start, then segments of 2 (line), 4 (quadratic) or 6 (cubic) numbers.
    Contour = list[tuple[float, ...]]


# Pairs of characters from here on are not kerned in face.z: it would be half as large again.
_KERNED_BEFORE = "\u0100"


class Face:
    """Outlines of a typeface in its own units, y up.

    units           of the em
    ascent, descent, cap_height  of a line of it; the descent is below 0
    """

    def __init__(self, units: int, ascent: int, descent: int, cap_height: int, glyphs: Any, kerning: dict[str, int]) -> None:
        self.units, self.ascent, self.descent, self.cap_height = units, ascent, descent, cap_height
        self._glyphs = glyphs
        self._kerning = kerning
        self._read: dict[str, tuple[float, list[Contour]]] = {}

    def lacks(self, text: str) -> list[str]:
        """The characters of a text that the face has no outline for, each once."""
        return [c for c in dict.fromkeys(text) if c not in self._glyphs and c != "\n"]

    def glyph(self, character: str) -> tuple[float, list[Contour]]:
        """A character's advance and outlines."""
        found = self._read.get(character)
        if found is None:
            found = self._read[character] = _parsed(self._glyphs[character])
        return found

    def kerning(self, pair: str) -> int:
        """What moves the second of two characters, in units."""
        return self._kerning.get(pair, 0)

    def width(self, text: str) -> float:
        """Of a line, in ems."""
        units = sum(self.glyph(c)[0] for c in text) + sum(self.kerning(text[i : i + 2]) for i in range(len(text) - 1))
        return units / self.units

    def packed(self, characters: Iterable[str]) -> bytes:
        """The face as `bundled` reads it, with these characters of it."""
        kept = [c for c in characters if c in self._glyphs]
        pairs = " ".join(
            f"{ord(pair[0]):x},{ord(pair[1]):x},{value}"
            for pair, value in sorted(self._kerning.items())
            if max(pair) < _KERNED_BEFORE and pair[0] in kept and pair[1] in kept
        )
        lines = [f"{self.units} {self.ascent} {self.descent} {self.cap_height}", pairs]
        lines += [f"{ord(c):x} {self._glyphs[c]}" for c in kept]
        return zlib.compress("\n".join(lines).encode(), 9)


_bundled: Face | None = None


def bundled() -> Face:
    """The bundled face: Latin, Greek and Cyrillic."""
    global _bundled
    if _bundled is None:
        with open(os.path.join(os.path.dirname(__file__), "face.z"), "rb") as file:
            lines = zlib.decompress(file.read()).decode().split("\n")
        metrics = [int(word) for word in lines[0].split()]
        kerning: dict[str, int] = {}
        for entry in lines[1].split():
            first, second, value = entry.split(",")
            kerning[chr(int(first, 16)) + chr(int(second, 16))] = int(value)
        glyphs = {}
        for line in lines[2:]:
            code, _, outline = line.partition(" ")
            glyphs[chr(int(code, 16))] = outline
        _bundled = Face(metrics[0], metrics[1], metrics[2], metrics[3], glyphs, kerning)
    return _bundled


def face_of(path: str | os.PathLike[str] | None) -> Face:
    """The face of a TrueType or OpenType file, or the bundled one. OptionsError if it cannot be
    read, or fontTools is not installed.
    """
    if path is None:
        return bundled()
    try:
        from fontTools.pens.basePen import BasePen
        from fontTools.ttLib import TTFont, TTLibError
    except ImportError as error:
        raise OptionsError("another face needs fontTools: pip install 'linefinish[fonts]'") from error

    class Pen(BasePen):  # type: ignore[misc]
        """Writes an outline as the line of face.z."""

        def __init__(self, glyph_set: Any) -> None:
            super().__init__(glyph_set)
            self.words: list[str] = []

        def _write(self, letter: str, *points: Any) -> None:
            self.words.append(letter + " ".join(f"{round(value)}" for point in points for value in point))

        def _moveTo(self, point: Any) -> None:  # noqa: N802
            self._write("m", point)

        def _lineTo(self, point: Any) -> None:  # noqa: N802
            self._write("l", point)

        def _qCurveToOne(self, control: Any, point: Any) -> None:  # noqa: N802
            self._write("q", control, point)

        def _curveToOne(self, one: Any, two: Any, point: Any) -> None:  # noqa: N802
            self._write("c", one, two, point)

    try:
        font = TTFont(os.fspath(path), fontNumber=0)
        glyph_set = font.getGlyphSet()
        glyphs = _Glyphs(font.getBestCmap() or {}, glyph_set, Pen)
        head, hhea = font["head"], font["hhea"]
        cap_height = getattr(font["OS/2"], "sCapHeight", 0) if "OS/2" in font else 0
        names = {name: chr(code) for code, name in (font.getBestCmap() or {}).items()}
        table = font["kern"].kernTables[0].kernTable if "kern" in font else {}
        kerning = {names[a] + names[b]: value for (a, b), value in table.items() if a in names and b in names}
        return Face(head.unitsPerEm, hhea.ascent, hhea.descent, cap_height or round(0.7 * head.unitsPerEm), glyphs, kerning)
    except (TTLibError, OSError, KeyError, AttributeError, IndexError, ValueError, AssertionError) as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "it is no TrueType or OpenType font"
        raise OptionsError(f"{os.fspath(path)}: the font cannot be read: {reason}") from error


class _Glyphs:
    """The characters of a font file; an outline is read when it is asked for."""

    def __init__(self, names: dict[int, str], glyph_set: Any, pen: Any) -> None:
        self._names, self._glyph_set, self._pen = names, glyph_set, pen

    def __contains__(self, character: str) -> bool:
        return ord(character) in self._names

    def __getitem__(self, character: str) -> str:
        name = self._names[ord(character)]
        pen = self._pen(self._glyph_set)
        self._glyph_set[name].draw(pen)
        return f"{round(self._glyph_set[name].width)} {''.join(pen.words)}"


def _parsed(line: str) -> tuple[float, list[Contour]]:
    advance, _, path = line.partition(" ")
    contours: list[Contour] = []
    for letter in "lqc":
        path = path.replace(letter, f"\n{letter}")
    for word in path.replace("m", "\nm").split("\n")[1:]:
        numbers = tuple(float(value) for value in word[1:].split())
        if word[0] == "m":
            contours.append([])
        contours[-1].append(numbers)
    return float(advance), contours
