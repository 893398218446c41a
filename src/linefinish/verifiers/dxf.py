"""DXF (Autodesk's DXF reference, AutoCAD 2000 and later): plain shapes, all in the one colour that
is black on paper.

A DXF holds geometry, and the program that opens it draws the lines. What can be told is whether
everything in it is an outline or a plain fill, and whether each has colour 7 ("black or white",
whichever the ground is not), black, or white, by itself or by its layer. Text, hatches, pictures,
inserted blocks and proxies are not looked into: they cannot be verified.

Programs that recover broken files read on where a section, a table or a record does not end. So the
structure must be whole, every record must have its place, and every group of a shape its meaning.
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
# Most of the rest are groups that say nothing of a colour whatever their value is: names and
# handles of a shape and its numbers, and everything where nothing is drawn.
_LINE = rb"[^\r\n]*+\r?\n"
_NAMES = re.compile(rb"(?:[ \t]*+(?:(?:5|6|8|100|102|105|330|360|370|390)\r?\n" + _LINE
                    + rb"|(?:[1-3][01]|4[0-3])\r?\n" + _NUMBER_LINE + rb")){1,1000}+")  # fmt: skip
_NOTHING = re.compile(rb"(?:[ \t]*+[1-9]\d{0,3}\r?\n" + _LINE + rb"){1,10000}+")
# Characters that end a line, or the file, for some readers.
_CONTROLS = re.compile(rb"[\0\x0b\x0c\x1a\x1c-\x1e]")
_END = re.compile(rb"[ \t\r\n\x1a\0]*+\Z")
_INTEGER = re.compile(rb"[+-]?\d{1,10}")
_REAL = re.compile(rb"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?")

_SHAPES = frozenset((b"LWPOLYLINE", b"POLYLINE", b"LINE", b"ARC", b"CIRCLE", b"ELLIPSE", b"SPLINE", b"POINT", b"SOLID", b"TRACE"))
# What may stand in each section, besides the comments that have group code 999.
_RECORDS: dict[bytes, frozenset[bytes]] = {
    b"HEADER": frozenset(),
    b"CLASSES": frozenset((b"CLASS",)),
    b"TABLES": frozenset((b"TABLE", b"ENDTAB", b"VPORT", b"LTYPE", b"LAYER", b"STYLE", b"VIEW", b"UCS", b"APPID", b"DIMSTYLE",
                          b"BLOCK_RECORD")),
    b"BLOCKS": _SHAPES | {b"VERTEX", b"SEQEND", b"BLOCK", b"ENDBLK"},
    b"ENTITIES": _SHAPES | {b"VERTEX", b"SEQEND"},
    b"OBJECTS": frozenset((b"DICTIONARY", b"ACDBDICTIONARYWDFLT", b"DICTIONARYVAR", b"ACDBPLACEHOLDER", b"LAYOUT", b"PLOTSETTINGS",
                           b"MLINESTYLE", b"MLEADERSTYLE", b"TABLESTYLE", b"CELLSTYLEMAP", b"MATERIAL", b"VISUALSTYLE", b"SCALE", b"GROUP",
                           b"XRECORD", b"SORTENTSTABLE", b"ACDBDETAILVIEWSTYLE", b"ACDBSECTIONVIEWSTYLE", b"RASTERVARIABLES",
                           b"WIPEOUTVARIABLES", b"FIELDLIST", b"LAYER_FILTER", b"LAYER_INDEX", b"IDBUFFER", b"DIMASSOC")),
    b"THUMBNAILIMAGE": frozenset(),
    b"ACDSDATA": frozenset((b"ACDSSCHEMA", b"ACDSRECORD")),  # of solids, which are refused
}  # fmt: skip
# Group codes of a colour: its number (0 by block, 7 black or white, 256 by layer; negative: the
# layer is switched off), its 24 bits, its name in a colour book, and transparency.
_NUMBER, _BITS, _BOOK, _TRANSPARENCY = 62, 420, 430, 440
_OPAQUE = (0, 0x020000FF)
_PURE = {_NUMBER: (0, 7, -7, 256), _BITS: (0, 0xFFFFFF), _BOOK: (), _TRANSPARENCY: _OPAQUE}
_COLOUR_WORDS = {_NUMBER: "colour", _BITS: "true colour", _BOOK: "the book colour", _TRANSPARENCY: "transparency"}
# Group codes of shapes that say nothing of a colour: names, handles, geometry, flags, line weights,
# plot styles' handles, extrusion. Not among them: 92, 160 and 310, a picture for programs that do
# not know the record.
_PLAIN = frozenset((1, 2, 3, 4, 5, 6, 7, 8, *range(10, 60), 60, *range(66, 80), 90, 91, 100, 102, 105, *range(210, 240), 330, 340, 347, 360,
                    370, 390, 999))  # fmt: skip
# A layer's: its plot flag, descriptions and handles besides.
_PLAIN_OF_LAYERS = _PLAIN | {290, 348}
# A polyline's flags: a mesh or a surface is shaded.
_MESH = 16 | 64
# Names under which records carry data of others ("XDATA"): hyperlinks, descriptions, the
# writer's own handles.
_DATA_NAMES = frozenset((b"PE_URL", b"AcAecLayerStandard", b"EZDXF"))
_LAYER_TRANSPARENCY = b"ACCMTRANSPARENCY"
# Plot styles that print what is on the screen; others screen or recolour it.
_PLOT_STYLES = (b"", b"acad.ctb", b"acad.stb", b"monochrome.ctb", b"monochrome.stb")
# Records of which a group matters that says nothing elsewhere.
_LOOKED_INTO = frozenset((b"LAYOUT", b"PLOTSETTINGS", b"LAYER"))


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if the file is whole, and holds nothing but plain shapes in black or white."""
    reader = _Reader()
    at = line = 0
    while group := _GROUP.match(data, at):
        at = group.end()
        line += 2
        code, value = int(group[1]), group[2].rstrip(b" \t")
        if code == 0:
            if value == b"EOF" and not reader.section:
                reader.record = value
                break
            reader.begin(value, line)
            skipped = (_NAMES if reader.is_judged else _NOTHING).match(data, at) if reader.may_skip else None
            if skipped:
                at = skipped.end()
                line += skipped[0].count(b"\n")
        elif reader.is_judged:
            reader.judge(code, value, line)
            while code < 60 and reader.record == b"LWPOLYLINE" and (vertices := _VERTICES.match(data, at)):
                at = vertices.end()
                line += vertices[0].count(b"\n")
        elif code != 999:
            reader.pass_over(code, value, line)
    facts.detail = f"vector, {reader.shape_count:,} shape{'s' * (reader.shape_count != 1)}"
    if reader.record != b"EOF":
        raise DamagedError(f"the file is truncated or damaged at line {line + 1}")
    if control := _CONTROLS.search(data, 0, at):
        raise DamagedError(f"cannot be verified: the character {control[0][0]}, byte {control.start()}")
    if not _END.match(data, at):
        raise DamagedError(f"something follows the end, line {line + 1}")


class _Reader:
    """Where the reading is: in which section and record."""

    def __init__(self) -> None:
        self.section = b""
        self.record = b""
        self.is_named = False  # whether the section has its name yet
        self.is_judged = False  # whether the record's groups may say something of colours
        self.may_skip = False  # whether the groups that follow may be taken together
        self.table = b""
        self.data_name = b""  # whose data follows, inside of a record
        self.shape_count = 0

    def begin(self, record: bytes, line: int) -> None:
        """A record, or the begin or end of a section."""
        if record == b"SECTION":
            if self.section:
                raise DamagedError(f"cannot be verified: a section within {shown(self.section)}, which has no end, line {line}")
            self.section, self.is_named = b"?", False
        elif record == b"ENDSEC":
            if not self.is_named or self.table:
                raise DamagedError(f"cannot be verified: the end of a section out of its place, line {line}")
            self.section, self.is_named = b"", False
        elif record not in _RECORDS.get(self.section, ()):
            raise DamagedError(f"cannot be verified: {shown(record)}, line {line}")
        elif record == b"TABLE":
            if self.table:
                raise DamagedError(f"cannot be verified: a table within another, line {line}")
            self.table = b"?"
        elif record == b"ENDTAB":
            self.table = b""
        elif self.section == b"TABLES" and not self.table:
            raise DamagedError(f"cannot be verified: {shown(record)} outside of a table, line {line}")
        self.record = record
        self.data_name = b""
        self.is_judged = self.section in (b"ENTITIES", b"BLOCKS") or record == b"LAYER"
        self.may_skip = self.is_named and record not in _LOOKED_INTO
        self.shape_count += self.section == b"ENTITIES" and record in _SHAPES

    def pass_over(self, code: int, value: bytes, line: int) -> None:
        """A group that says nothing of a drawn colour, if it is in its place."""
        if self.record == b"SECTION" and not self.is_named:
            if code != 2 or value not in _RECORDS:
                raise DamagedError(f"cannot be verified: the section {shown(value)}, line {line}")
            self.section, self.is_named = value, True
        elif not self.section:
            raise DamagedError(f"cannot be verified: a group outside of the sections, line {line}")
        elif self.record in (b"LAYOUT", b"PLOTSETTINGS") and code == 7 and value.lower() not in _PLOT_STYLES:
            raise DamagedError(f"cannot be verified: the plot style {shown(value)}, line {line}")

    def judge(self, code: int, value: bytes, line: int) -> None:
        """A group of a shape, a block or a layer."""
        if code in _PURE:
            if code == _BOOK or _integer(value, line) not in _PURE[code]:
                told = f"{_COLOUR_WORDS[code]} {shown(value)} of {shown(self.record)}"
                raise GrayError(f"{told}, line {line}", (shown(self.record), line))
        elif 1000 <= code <= 1071:
            self.judge_data(code, value, line)
        elif code not in (_PLAIN_OF_LAYERS if self.record == b"LAYER" else _PLAIN):
            raise DamagedError(f"cannot be verified: the group {code} of {shown(self.record)}, line {line}")
        elif 10 <= code < 60 and not _REAL.fullmatch(value):
            raise DamagedError(f"{shown(value)!r} is no number, line {line}")
        elif code == 70 and self.record == b"POLYLINE" and _integer(value, line) & _MESH:
            raise DamagedError(f"cannot be verified: a mesh, line {line}")
        elif code == 1 and self.record == b"BLOCK" and value:
            raise DamagedError(f"cannot be verified: a drawing elsewhere, {shown(value)}, line {line}")

    def judge_data(self, code: int, value: bytes, line: int) -> None:
        """Data of a program inside of a record; a layer's transparency is kept there."""
        if code == 1001:
            self.data_name = value
        name = self.data_name
        if name.upper() == _LAYER_TRANSPARENCY:
            if code == 1071 and _integer(value, line) not in _OPAQUE:
                raise GrayError(f"transparency {shown(value)} of {shown(self.record)}, line {line}", (shown(self.record), line))
        elif name not in _DATA_NAMES:
            raise DamagedError(f"cannot be verified: the data of {shown(name)} in {shown(self.record)}, line {line}")


def _integer(value: bytes, line: int) -> int:
    if not _INTEGER.fullmatch(value):
        raise DamagedError(f"{shown(value)!r} is no number, line {line}")
    return int(value)
