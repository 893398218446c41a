"""DXF, AutoCAD 2000 (AC1015) or R12 (AC1009), millimetres: one closed polyline a chain, on one
layer or on one for each depth of nesting.

Polylines and not splines: cutters and CAD readers disagree about the knots of splines (some ignore
them), about polylines nobody does. 2000 unless R12 is asked for: $INSUNITS, so that a drawing
arrives in its size, does not exist before; and LWPOLYLINE takes a third of the bytes. R12 is for
old plotters, cutters and engravers, which read nothing else.
"""
from __future__ import annotations

from linefinish.data.document import POINTS_PER_INCH, Document
from linefinish.errors import OptionsError
from linefinish.kernels import flatten, text
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSIONS, LAYERS = ("2000", "r12"), ("one", "depth")
# How far a polyline may stray from its curve, in integer units. Two curves that are no neighbours
# keep a quarter of a unit apart (kernels/crossings.py), so two polylines do not meet either. Half a
# unit, as much as rounding moves a point, takes half as many vertices, and lets hairlines cross.
_FLATNESS_UNITS = 0.1
# Decimals of a millimetre: 0.1 µm. A unit is 5 to 20 µm on usual pages, a plotter's step 10 µm.
_DECIMALS = 4
_MM_PER_POINT = 25.4 / POINTS_PER_INCH

_LAYER = "INK"
# Handles of what every file has (hexadecimal); polylines count up from _FIRST_HANDLE.
_MODEL, _PAPER, _FIRST_HANDLE = "1A", "1E", 0x100


def encode(document: Document, dpi: Any = None, dxf: str = "2000", layers: str = "one") -> list[Any]:
    """The file; the page's lower left corner is the origin. The same drawing gives the same
    handles.

    dxf     the version of the format, one of VERSIONS
    layers  "one", INK; or "depth": DEPTH0 for outlines that lie in no other, DEPTH1 for what lies
            in those, and so on. Strokes have layers of their own: STROKES, and FILLS for outlines
            of what is too wide
    """
    if layers not in LAYERS:
        raise OptionsError(f"layers is {layers!r}; it may be one of {', '.join(LAYERS)}")
    if dxf not in VERSIONS:
        raise OptionsError(f"dxf is {dxf!r}; it may be one of {', '.join(VERSIONS)}")
    count = len(document)
    offsets = buffers.zeros(count + 1, "q")
    shape = (document.segments, document.kinds, document.offsets, count, _FLATNESS_UNITS, offsets)
    points = buffers.zeros(2 * flatten.flatten(*shape, buffers.zeros(0, "d"), 0), "d")
    flatten.flatten(*shape, points, 1)

    across, down = document.unit_pt
    left, top = document.drawing_pt[:2]
    to_mm = 10**_DECIMALS * _MM_PER_POINT
    affine = (across * to_mm, left * to_mm, -down * to_mm, (document.page_pt[1] - top) * to_mm)  # y is turned here
    longest = max((offsets[i + 1] - offsets[i] for i in range(count)), default=0)
    room = buffers.zeros(longest * text.VERTEX_BYTES_MAX, "B")

    old = dxf == "r12"
    if document.strokes is not None:
        return _strokes(document, old, points, offsets, affine)
    of_chain, names = _layers_of(document) if layers == "depth" else ([0] * count, [_LAYER])
    pieces: list[Any] = [_head_r12(document, names) if old else _head(document, _FIRST_HANDLE + count, names)]
    for i in range(count):
        begin, end = offsets[i], offsets[i + 1]
        used = text.dxf_vertices(points, begin, end, *affine, _DECIMALS, room)
        vertices = bytes(room[:used])
        if old:  # each vertex is a record of its own; numbers have a point, so " 10" is only ever the code
            layer = names[of_chain[i]]
            begun, vertex, ended = _polyline_r12(layer)
            pieces += [begun, vertices.replace(b" 10\n", vertex), ended]
        else:
            pieces += [_polyline(_FIRST_HANDLE + i, end - begin, names[of_chain[i]]), vertices]
    return [*pieces, _groups(0, "ENDSEC", *(() if old else _OBJECTS), 0, "EOF")]


def _strokes(document: Document, old: bool, points: Any, offsets: Any, affine: tuple[float, ...]) -> list[Any]:
    """Strokes as polylines, open or closed, whose vertices carry the width (group 40 where they
    begin, 41 where the next one does); dots as points; fills as closed polylines.
    """
    from linefinish.writers._strokes import strokes_in_mm

    lines, count = strokes_in_mm(document), len(document)
    names = ["STROKES"] + ["FILLS"] * (count > 0)
    pieces: list[Any] = [_head_r12(document, names) if old else _head(document, _FIRST_HANDLE + len(lines) + count, names)]
    for index, (line, widths, closed) in enumerate(lines):
        handle = f"{_FIRST_HANDLE + index:X}"
        ends = [*widths[1:], widths[0]]
        if closed:  # the last vertex is the first
            line, ends = line[:-1], ends[:-1]
        numbers = [[f"{value:.{_DECIMALS}f}" for value in (x, y, begin, end)] for (x, y), begin, end in zip(line, widths, ends)]
        if len(line) == 1:
            own = () if old else (5, handle, 330, _MODEL, 100, "AcDbEntity")
            more = () if old else (100, "AcDbPoint")
            pieces.append(_groups(0, "POINT", *own, 8, "STROKES", *more, 10, numbers[0][0], 20, numbers[0][1], 30, "0.0"))
        elif old:
            begun = (0, "POLYLINE", 8, "STROKES", 66, 1, 70, int(closed), 10, "0.0", 20, "0.0", 30, "0.0")
            vertices = [group for x, y, begin, end in numbers
                        for group in (0, "VERTEX", 8, "STROKES", 10, x, 20, y, 30, "0.0", 40, begin, 41, end)]  # fmt: skip
            pieces.append(_groups(*begun, *vertices, 0, "SEQEND", 8, "STROKES"))
        else:
            vertices = [group for x, y, begin, end in numbers for group in (10, x, 20, y, 40, begin, 41, end)]
            pieces += [_polyline(_FIRST_HANDLE + index, len(line), "STROKES", int(closed)), _groups(*vertices)]
    for i in range(count):
        room = buffers.zeros((offsets[i + 1] - offsets[i]) * text.VERTEX_BYTES_MAX, "B")
        ring = bytes(room[: text.dxf_vertices(points, offsets[i], offsets[i + 1], *affine, _DECIMALS, room)])
        if old:
            before, vertex, after = _polyline_r12("FILLS")
            pieces += [before, ring.replace(b" 10\n", vertex), after]
        else:
            pieces += [_polyline(_FIRST_HANDLE + len(lines) + i, offsets[i + 1] - offsets[i], "FILLS"), ring]
    return [*pieces, _groups(0, "ENDSEC", *(() if old else _OBJECTS), 0, "EOF")]


def _layers_of(document: Document) -> tuple[list[int], list[str]]:
    """Of each chain the number of its layer, and the layers' names."""
    from linefinish.writers._depths import depths_of, polygons_of

    depths = depths_of(document, *polygons_of(document)).depths
    return depths, [f"DEPTH{depth}" for depth in range(max(depths, default=0) + 1)]


def _groups(*pairs: Any) -> bytes:
    """Group codes and values, each on its line; codes are right-aligned in three
    columns by custom.
    """
    return "".join(f"{code:3}\n{value}\n" for code, value in zip(pairs[::2], pairs[1::2], strict=True)).encode("ascii")


def _polyline(handle: int, vertices: int, layer: str, closed: int = 1) -> bytes:
    return _groups(
        0, "LWPOLYLINE", 5, f"{handle:X}", 330, _MODEL, 100, "AcDbEntity", 8, layer, 100, "AcDbPolyline", 90, vertices, 70, closed
    )


def _head(document: Document, next_handle: int, names: list[str]) -> bytes:
    """Header, tables and blocks: the least that AutoCAD asks of a file of its 2000 version. The
    first layer has a handle below the polylines', the others one above.
    """
    handles = ["11", *(f"{next_handle + i:X}" for i in range(len(names) - 1))]
    next_handle += len(names) - 1
    width, height = (f"{side * _MM_PER_POINT:.{_DECIMALS}f}" for side in document.page_pt)
    header = (
        0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, "AC1015", 9, "$HANDSEED", 5, f"{next_handle:X}", 9, "$INSUNITS", 70, 4,
        9, "$MEASUREMENT", 70, 1, 9, "$EXTMIN", 10, "0.0", 20, "0.0", 30, "0.0", 9, "$EXTMAX", 10, width, 20, height, 30, "0.0",
        0, "ENDSEC", 0, "SECTION", 2, "CLASSES", 0, "ENDSEC",
    )  # fmt: skip
    layers = _table("LAYER", "3", _layer("10", "0"), *map(_layer, handles, names))
    return _groups(*header, *_TABLES_BEFORE, *layers, *_TABLES_AFTER, *_BLOCKS, 0, "SECTION", 2, "ENTITIES")


# R12 has neither handles nor owners; a polyline's own point is a dummy, and 66 announces vertices.
def _polyline_r12(layer: str) -> tuple[bytes, bytes, bytes]:
    """How a polyline begins, what stands before each vertex's coordinates, and how it ends."""
    begun = _groups(0, "POLYLINE", 8, layer, 66, 1, 70, 1, 10, "0.0", 20, "0.0", 30, "0.0")
    return begun, _groups(0, "VERTEX", 8, layer) + b" 10\n", _groups(0, "SEQEND", 8, layer)


def _head_r12(document: Document, names: list[str]) -> bytes:
    """Header and tables of R12."""
    layers = (value for name in names for value in (0, "LAYER", 2, name, 70, 0, 62, 7, 6, "CONTINUOUS"))
    width, height = (f"{side * _MM_PER_POINT:.{_DECIMALS}f}" for side in document.page_pt)
    return _groups(
        0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, "AC1009",
        9, "$EXTMIN", 10, "0.0", 20, "0.0", 30, "0.0", 9, "$EXTMAX", 10, width, 20, height, 30, "0.0", 0, "ENDSEC",
        0, "SECTION", 2, "TABLES",
        0, "TABLE", 2, "LTYPE", 70, 1, 0, "LTYPE", 2, "CONTINUOUS", 70, 0, 3, "", 72, 65, 73, 0, 40, "0.0", 0, "ENDTAB",
        0, "TABLE", 2, "LAYER", 70, len(names), *layers, 0, "ENDTAB",
        0, "ENDSEC", 0, "SECTION", 2, "ENTITIES",
    )  # fmt: skip


def _table(name: str, handle: str, *entries: tuple[Any, ...]) -> tuple[Any, ...]:
    style = (100, "AcDbDimStyleTable", 71, 0) if name == "DIMSTYLE" else ()
    head = (0, "TABLE", 2, name, 5, handle, 330, "0", 100, "AcDbSymbolTable", 70, len(entries), *style)
    return (*head, *(value for entry in entries for value in entry), 0, "ENDTAB")


def _entry(table: str, handle: str, owner: str, subclass: str, name: str, *values: Any) -> tuple[Any, ...]:
    return (0, table, 5, handle, 330, owner, 100, "AcDbSymbolTableRecord", 100, subclass, 2, name, *values)


def _linetype(handle: str, name: str) -> tuple[Any, ...]:
    return _entry("LTYPE", handle, "2", "AcDbLinetypeTableRecord", name, 70, 0, 3, "", 72, 65, 73, 0, 40, "0.0")


def _layer(handle: str, name: str) -> tuple[Any, ...]:
    return _entry("LAYER", handle, "3", "AcDbLayerTableRecord", name, 70, 0, 62, 7, 6, "CONTINUOUS", 390, "F")


def _block(name: str, owner: str, begin: str, end: str, *paper: Any) -> tuple[Any, ...]:
    entity = (330, owner, 100, "AcDbEntity", *paper, 8, "0")
    head = (0, "BLOCK", 5, begin, *entity, 100, "AcDbBlockBegin", 2, name, 70, 0, 10, "0.0", 20, "0.0", 30, "0.0", 3, name, 1, "")
    return (*head, 0, "ENDBLK", 5, end, *entity, 100, "AcDbBlockEnd")


_TABLES_BEFORE = (
    0, "SECTION", 2, "TABLES",
    *_table("VPORT", "1"),
    *_table("LTYPE", "2", _linetype("14", "BYBLOCK"), _linetype("15", "BYLAYER"), _linetype("16", "CONTINUOUS")),
)  # fmt: skip
_TABLES_AFTER = (
    *_table("STYLE", "4", _entry("STYLE", "12", "4", "AcDbTextStyleTableRecord", "STANDARD", 70, 0, 40, "0.0", 41, "1.0", 50, "0.0",
                                 71, 0, 42, "1.0", 3, "txt", 4, "")),
    *_table("VIEW", "5"),
    *_table("UCS", "6"),
    *_table("APPID", "7", _entry("APPID", "13", "7", "AcDbRegAppTableRecord", "ACAD", 70, 0)),
    *_table("DIMSTYLE", "8"),
    *_table("BLOCK_RECORD", "9", _entry("BLOCK_RECORD", _MODEL, "9", "AcDbBlockTableRecord", "*MODEL_SPACE"),
            _entry("BLOCK_RECORD", _PAPER, "9", "AcDbBlockTableRecord", "*PAPER_SPACE")),
    0, "ENDSEC",
)  # fmt: skip
_BLOCKS = (
    0, "SECTION", 2, "BLOCKS",
    *_block("*MODEL_SPACE", _MODEL, "1B", "1C"),
    *_block("*PAPER_SPACE", _PAPER, "1F", "20", 67, 1),
    0, "ENDSEC",
)  # fmt: skip
# The root dictionary, the groups' and the plot style that layers name (390).
_OBJECTS = (
    0, "SECTION", 2, "OBJECTS",
    0, "DICTIONARY", 5, "C", 330, "0", 100, "AcDbDictionary", 281, 1, 3, "ACAD_GROUP", 350, "D", 3, "ACAD_PLOTSTYLENAME", 350, "E",
    0, "DICTIONARY", 5, "D", 330, "C", 100, "AcDbDictionary", 281, 1,
    0, "ACDBDICTIONARYWDFLT", 5, "E", 330, "C", 100, "AcDbDictionary", 281, 1, 3, "Normal", 350, "F",
    100, "AcDbDictionaryWithDefault", 340, "F",
    0, "ACDBPLACEHOLDER", 5, "F", 330, "E",
    0, "ENDSEC",
)  # fmt: skip
