"""DXF (Autodesk's DXF reference, AutoCAD 2000 and later): plain shapes, all in the one colour that
is black on paper.

A DXF holds geometry, and the program that opens it draws the lines. What can be told is whether
everything in it is an outline or a plain fill, and whether each has colour 7 ("black or white",
whichever the ground is not), black, or white, by itself or by its layer. Text, hatches, pictures,
inserted blocks and proxies are not looked into: they cannot be verified.
"""
from __future__ import annotations

import re

from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

# A group code and its value, each on its line.
_GROUP = re.compile(rb"[ \t]*+(\d{1,4})[ \t]*+\r?\n[ \t]*+([^\r\n]*+)\r?\n")
# Most of a file are the vertices of polylines; taken together they cost a tenth of what they do one
# by one.
_NUMBER_LINE = rb"[ \t]*+-?\d++(?:\.\d*+)?[ \t]*+\r?\n"
_VERTICES = re.compile(rb"(?:[ \t]*+10\r?\n" + _NUMBER_LINE + rb"[ \t]*+20\r?\n" + _NUMBER_LINE + rb"){1,10000}+")

_SHAPES = frozenset((b"LWPOLYLINE", b"POLYLINE", b"LINE", b"ARC", b"CIRCLE", b"ELLIPSE", b"SPLINE", b"POINT", b"SOLID", b"TRACE"))
_PARTS = frozenset((b"VERTEX", b"SEQEND", b"BLOCK", b"ENDBLK", b"ENDSEC"))
_SECTIONS = frozenset((b"HEADER", b"CLASSES", b"TABLES", b"BLOCKS", b"ENTITIES", b"OBJECTS", b"THUMBNAILIMAGE"))
# Group codes of a colour: its number (0 by block, 7 black or white, 256 by layer; negative: the
# layer is switched off), its 24 bits, its name in a colour book, and transparency.
_NUMBER, _BITS, _BOOK, _TRANSPARENCY = 62, 420, 430, 440
_PURE = {_NUMBER: (0, 7, -7, 256), _BITS: (0, 0xFFFFFF), _BOOK: (), _TRANSPARENCY: (0,)}
_COLOUR_WORDS = {_NUMBER: "colour", _BITS: "true colour", _BOOK: "the book colour", _TRANSPARENCY: "transparency"}


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if the file is complete, and holds nothing but plain shapes in black or white."""
    section = record = b""
    shapes = at = line = 0
    while group := _GROUP.match(data, at):
        at = group.end()
        line += 2
        code, value = int(group[1]), group[2].rstrip()
        if code == 0:
            record = value
            if record == b"EOF":
                break
            if section in (b"ENTITIES", b"BLOCKS"):
                if record in _SHAPES:
                    shapes += section == b"ENTITIES"
                elif record not in _PARTS:
                    raise DamagedError(f"cannot be verified: {shown(record)}, line {line}")
            if record == b"ENDSEC":
                section = b""
        elif record == b"SECTION" and code == 2 and not section:
            section = value
            if section not in _SECTIONS:
                raise DamagedError(f"cannot be verified: the section {shown(section)}, line {line}")
        elif section in (b"ENTITIES", b"BLOCKS") or record == b"LAYER":
            if code in _PURE:
                _judge(record, code, value, line)
            elif 10 <= code < 60:
                _number(value, line)
                while record == b"LWPOLYLINE" and (vertices := _VERTICES.match(data, at)):
                    at = vertices.end()
                    line += vertices[0].count(b"\n")
    facts.detail = f"vector, {shapes:,} shape{'s' * (shapes != 1)}"
    if record != b"EOF" or section:
        raise DamagedError(f"the file is truncated or damaged at line {line + 1}")
    if bytes(data[at : at + 4096]).strip(b" \t\r\n\x1a"):
        raise DamagedError(f"something follows the end, line {line + 1}")


def _judge(record: bytes, code: int, value: bytes, line: int) -> None:
    if code == _BOOK or _number(value, line) not in _PURE[code]:
        told = f"{_COLOUR_WORDS[code]} {shown(value)} of {shown(record)}"
        raise GrayError(f"{told}, line {line}", (shown(record), line))


def _number(value: bytes, line: int) -> float:
    try:
        return float(value)
    except ValueError:
        raise DamagedError(f"{shown(value)!r} is no number, line {line}") from None
