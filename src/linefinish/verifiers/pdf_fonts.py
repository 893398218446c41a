"""Fonts of a PDF (ISO 32000-2, section 9): glyphs are outlines, filled in the current colour.

Not so the glyphs of a Type 3 font, which are content of their own; those of a font with a table of
colours or pictures, which some viewers paint (pictures may have 2, 4 or 8 bits a pixel); and those
of a font that is not in the file, for which a viewer may have such a one.

A whitelist here too: a font must be of a kind that is known, and each table of an OpenType font one
that draws outlines, or nothing.
"""
from __future__ import annotations

import re

from linefinish.verifiers.pdf_lexer import Stream, name_of
from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.verifiers.pdf_objects import File

_SIMPLE = frozenset((b"Type1", b"MMType1", b"TrueType"))
# Tables of OpenType (ISO/IEC 14496-22), of Apple's TrueType, and of tools' own, that hold outlines,
# measures, names, or ways to choose and place glyphs.
_TABLES = frozenset((
    b"BASE", b"CFF ", b"CFF2", b"DSIG", b"GDEF", b"GPOS", b"GSUB", b"HVAR", b"JSTF", b"LTSH", b"MATH", b"MERG", b"MVAR", b"OS/2",
    b"PCLT", b"STAT", b"VDMX", b"VORG", b"VVAR", b"avar", b"cmap", b"cvar", b"cvt ", b"fpgm", b"fvar", b"gasp", b"glyf", b"gvar",
    b"hdmx", b"head", b"hhea", b"hmtx", b"kern", b"loca", b"maxp", b"meta", b"name", b"post", b"prep", b"vhea", b"vmtx",
    b"acnt", b"ankr", b"bsln", b"fdsc", b"feat", b"fmtx", b"fond", b"gcid", b"just", b"kerx", b"lcar", b"ltag", b"mort", b"morx",
    b"opbd", b"prop", b"trak", b"Zapf", b"xref",
    b"FFTM", b"PfEd", b"TeX ", b"webf", b"TTFA", b"Silf", b"Sill", b"Feat", b"Glat", b"Gloc", b"TSI0", b"TSI1", b"TSI2", b"TSI3", b"TSI5",
    b"TSIV", b"VTTX", b"ttfa",
))  # fmt: skip
_COLOUR_TABLES = frozenset((b"COLR", b"CPAL", b"CBDT", b"CBLC", b"sbix", b"SVG "))
_PICTURE_TABLES = frozenset((b"EBDT", b"EBLC", b"EBSC", b"bdat", b"bhed"))
# How programs begin that are no OpenType: Type 1 as text, as the segments of a PFB, and bare CFF.
# FreeType, which most viewers have, also opens bitmap fonts (PCF, BDF, FNT) and packed ones (WOFF).
_PLAIN_PROGRAMS = (b"%!", b"\x80\x01", b"\1\0")
# The fonts that every viewer has, by the names that writers use for them.
_STANDARD = re.compile(rb"(?:Helvetica|Times|Courier|Symbol|ZapfDingbats|Arial|TimesNewRoman|CourierNew)"
                       rb"(?:PS|MT|PSMT|Roman|Bold|Italic|Oblique|BoldItalic|BoldOblique|[-,])*")  # fmt: skip


def type3_glyphs(file: File, entries: dict[bytes, Any]) -> list[Any]:
    """The glyphs that are content, for the caller to judge; none for a font of outlines.
    DamagedError for a font whose glyphs may be painted otherwise.
    """
    kind = name_of(file.get(entries.get(b"Subtype")))
    if kind == b"Type3":
        return list(file.dictionary(entries.get(b"CharProcs"), "CharProcs").values())
    if kind == b"Type0":
        parts = file.array(entries.get(b"DescendantFonts"), "DescendantFonts")
        entries = file.dictionary(parts[0] if len(parts) == 1 else None, "a font")
        kind = name_of(file.get(entries.get(b"Subtype")))
        if kind not in (b"CIDFontType0", b"CIDFontType2"):
            raise DamagedError(f"cannot be verified: a font of type {shown(kind or b'?')}")
    elif kind not in _SIMPLE:
        raise DamagedError(f"cannot be verified: a font of type {shown(kind or b'?')}")
    descriptor = file.dictionary(entries.get(b"FontDescriptor"), "FontDescriptor")
    programs = [file.get(descriptor[key]) for key in (b"FontFile", b"FontFile2", b"FontFile3") if key in descriptor]
    if not programs:
        name = name_of(file.get(entries.get(b"BaseFont")))
        if not _STANDARD.fullmatch(name):
            raise DamagedError(f"cannot be verified: the font {shown(name or b'?')}, which is not in the file")
    for program in programs:
        if not isinstance(program, Stream):
            raise DamagedError("a font is missing")
        if id(program) not in file.programs_judged:
            _judge_tables(file.content(program))
            file.programs_judged[id(program)] = program  # held, so that nothing else gets its id
    return []


def _judge_tables(program: bytes) -> None:
    """OpenType keeps its tables in a directory (ISO/IEC 14496-22)."""
    if program[:4] == b"ttcf":
        raise DamagedError("cannot be verified: a collection of fonts")
    if program[:4] not in (b"\0\1\0\0", b"OTTO", b"true"):
        if not program.startswith(_PLAIN_PROGRAMS):
            raise DamagedError(f"cannot be verified: a font program that begins with {shown(program[:4])!r}")
        if not program.startswith(b"\1\0"):
            from linefinish.verifiers import type1

            type1.judge(program)
        return
    count = int.from_bytes(program[4:6], "big")
    tables = [program[12 + 16 * i : 16 + 16 * i] for i in range(count)]
    if _COLOUR_TABLES.intersection(tables):
        raise DamagedError("cannot be verified: a font with glyphs in colour")
    if _PICTURE_TABLES.intersection(tables):
        raise DamagedError("cannot be verified: a font with glyphs as pictures")
    if odd := [table for table in tables if table not in _TABLES]:
        raise DamagedError(f"cannot be verified: a font with the table {shown(odd[0])!r}")
