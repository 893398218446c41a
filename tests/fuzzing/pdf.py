"""PDFs for the preflight, `linefinish book --check`: honest books of everything that its reader
knows, and damage to their objects, contents and streams. What is packed is unpacked, damaged and
packed again; lengths and the cross-reference are put right.
"""
from __future__ import annotations

import io
import os
import random
import re
import zlib
from collections.abc import Callable
from contextlib import suppress

import pikepdf
from PIL import Image

from linefinish.preflight.checking import UnreadableError, check
from tests.fuzzing.mutating import NUMBERS, damaged
from tests.linefinish.verifiers.samples import realigned, stream

_OBJECT = re.compile(rb"(?<![\d.])(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
_STREAM = re.compile(rb"<</Length \d+(.*?)>>\nstream\n(.*)\nendstream", re.DOTALL)
_NUMBER = re.compile(rb"(?<![\w.#-])-?\d+(?:\.\d+)?(?![\w.])")
_NAME = re.compile(rb"/[A-Za-z0-9]+")

# What may stand where anything may stand.
_VALUES = (
    b"null", b"true", b"-1", b"0", b"1", b"65536", b"9999999999", b"0.000001", b"-.5", b"()", b"(\\000\\377)", b"<00ff>", b"/Name",
    b"/DeviceRGB", b"[]", b"[0 0 0]", b"[[[[1]]]]", b"<<>>", b"<</A/B>>", b"99 0 R", b"1 0 R", b"3 0 R", b"[3 0 R 3 0 R]", b"/Indexed",
    b"/Pattern", b"[/Indexed/DeviceRGB 1(abcdef)]", b"[/ICCBased 8 0 R]", b"[/Separation/Black/DeviceGray 9 0 R]", b"9" * 400, b"." * 9,
    b"1" + b"0" * 38 + b".5",
)  # fmt: skip
# Operators, with operands that they take and some that they do not.
_OPERATORS = (
    b"q ", b"Q ", b"0 0 0 0 0 0 cm ", b"1e9 0 0 1 0 0 cm ", b"99999999999 0 0 99999999999 0 0 cm ", b"1 0 0 1 72 72 cm ", b"f ", b"f* ",
    b"B ", b"S ", b"s ", b"n ", b"W n ", b"W* n ", b"h ", b"10 20 m ", b"90 90 l ", b"1 2 3 4 5 6 c ", b"1 2 3 4 v ", b"1 2 3 4 y ",
    b"0 0 99 99 re ", b"-1 w ", b"0 w ", b"[3 2] 0 d ", b"[] -1 d ", b"9 i ", b"3 J ", b".5 g ", b"1 0 0 rg ", b"0 0 0 1 k ", b"/C cs ",
    b".5 sc ", b"/P scn ", b"scn ", b"/Pattern cs ", b"/F Do ", b"/I Do ", b"/J Do ", b"/X Do ", b"/S sh ", b"/G gs ", b"BT ", b"ET ",
    b"/T 12 Tf ", b"/T 0 Tf ", b"/W -9 Tf ", b"1 0 0 1 9 9 Tm ", b"0 0 0 0 0 0 Tm ", b"9 TL T* ", b"(abc) Tj ",
    b"[(a) -9999999 (b)] TJ ", b"1 2 (c) \" ", b"(d) ' ", b"200 Tz ", b"3 Tr ", b"7 Tr ", b"BI /W 8 /H 1 /IM true ID \xf0 EI ",
    b"BI /W 8 /H 1 /BPC 8 /CS /G /F /AHx ID 00ff00ff00ff00ff> EI ", b"BI ID EI ", b"EI ", b"/OC /A BDC ", b"EMC ", b"MP ", b"100 0 d0 ",
    b"100 0 0 0 9 9 d1 ", b"BX ", b"EX ", b"( ", b"<< ", b"] ", b"% ", b"\0", b"q " * 300, b"1 " * 200, b"1 1 1 1 re " * 50,
)  # fmt: skip


def _packed(content: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(content, 1), b"/Filter/FlateDecode" + entries)


def _lzw(count: int) -> bytes:
    """So many zeros in LZW: a clearing code before each hundred, and no code but theirs."""
    codes = [code for start in range(0, count, 100) for code in (256, *[0] * min(100, count - start))] + [257]
    bits = "".join(f"{code:09b}" for code in codes)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def _document(objects: dict[int, bytes], root: bytes = b"", more: bytes = b"") -> bytes:
    """A PDF of these objects and a catalog with its cross-reference to be put right."""
    bodies = {1: b"<</Type/Catalog/Pages 2 0 R" + root + b">>", **objects}
    text = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, body) for number, body in sorted(bodies.items()))
    return realigned(b"%PDF-1.7\n" + text + b"xref\n0 1\ntrailer\n<</Size 1/Root 1 0 R" + more + b">>\nstartxref\n0\n%%EOF\n")


def _image(entries: bytes, content: bytes, size: tuple[int, int] = (16, 8)) -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Image/Width %d/Height %d" % size + entries)


def _as(form: str, mode: str) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((16, 8)).convert(mode).save(file, form)
    return file.getvalue()


def seeds() -> list[bytes]:
    """Books of a page or two, which together use all that the reader knows."""
    content = (
        b"q 2 w 100 100 m 200 300 l 300 100 300 200 100 100 c h B* Q 72 72 300 500 re W n 0 g 80 80 50 50 re f "
        b"/C cs .3 sc 9 9 99 99 re f /Pattern cs /P scn 99 99 50 50 re f /S sh /G gs q 200 0 0 100 200 400 cm /I Do Q "
        b"q 50 0 0 50 9 9 cm /J Do Q /F Do [4 2] 1 d 0 0 1 RG 300 300 m 400 400 l S "
        b"BI /W 8 /H 2 /BPC 1 /CS /G /F /AHx ID f00f> EI BT /T 20 Tf 1 0 0 1 100 600 Tm (words) Tj 3 Tr [(in) -200 (parts)] TJ "
        b"14 TL T* (next) ' /U 9 Tf (glyphs) Tj /W 10 Tf <00410042> Tj ET"
    )
    resources = (
        b"<</XObject<</I 5 0 R/J 6 0 R/F 7 0 R>>/ColorSpace<</C[/Separation/Black/DeviceGray 9 0 R]/N[/ICCBased 8 0 R]>>"
        b"/Pattern<</P 10 0 R>>/Shading<</S<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 9 9]/Function 9 0 R>>>>"
        b"/ExtGState<</G<</ca .5/SMask/None/LW 2/BM/Multiply>>>>/Font<</T<</Type/Font/Subtype/Type1/BaseFont/Helvetica"
        b"/FirstChar 97/LastChar 99/Widths[500 600 700]>>/U 11 0 R/W 12 0 R>>>>"
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources %s/TrimBox[9 9 603 783]/Rotate 90/Annots[<</Subtype/Link/Rect[0 0 9 9]>>]>>"
        % resources
    )
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Matrix[1 0 0 1 5 5]/Resources<<>>/Group<</S/Transparency>>"
    tile = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9/Resources<<>>"
    common = {
        2: b"<</Type/Pages/Kids[3 0 R 14 0 R]/Count 2/MediaBox[0 0 612 792]/CropBox[0 0 612 792]>>", 3: page, 4: _packed(content),
        5: _image(b"/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode", zlib.compress(bytes(range(128)))),
        6: _image(b"/BitsPerComponent 1/ImageMask true/Decode[1 0]", b"\xf0\x0f" * 8), 7: _packed(b"0 g 0 0 50 50 re f", form),
        8: stream(b"profile", b"/N 3"), 9: b"<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[0]>>", 10: stream(b"0 g 0 0 5 5 re f", tile),
        11: b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<</g 13 0 R>>"
            b"/Encoding<</Differences[103/g]>>/FirstChar 103/LastChar 103/Widths[500]>>",
        12: b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2/DW 900"
            b"/W[65[500 600]70 80 300]/FontDescriptor<</FontFile2 8 0 R>>>>]>>",
        13: stream(b"500 0 d0 0 0 300 700 re f"), 14: page.replace(b"/Rotate 90", b"/UserUnit 2"),
    }  # fmt: skip
    images = (
        (b"/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode", _as("JPEG", "RGB")),
        (b"/BitsPerComponent 8/ColorSpace/DeviceGray/Filter[/FlateDecode/DCTDecode]", zlib.compress(_as("JPEG", "L"))),
        (b"/BitsPerComponent 8/ColorSpace/DeviceCMYK/Filter/ASCIIHexDecode", b"00ff7f00" * 128 + b">"),
        (b"/BitsPerComponent 4/ColorSpace[/Indexed/DeviceRGB 3(abcdefghijkl)]", b"\x01\x23" * 32),
        (b"/BitsPerComponent 16/ColorSpace[/ICCBased 8 0 R]/Filter/RunLengthDecode", b"\x81\x7f" * 6 + b"\x80"),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 16/Rows 8>>",
         b"\x26\xa0\x9a\x00\x10\x01"),
        (b"/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 16>>/SMask 6 0 R",
         zlib.compress(b"".join(bytes([row % 5]) + bytes(16) for row in range(8)))),
        (b"/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/LZWDecode", _lzw(128)),
        (b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode", b"\0" * 9),
    )  # fmt: skip
    books = [_document(common, b"/Outlines<</First 3 0 R>>/Names<</JavaScript 3 0 R>>/AcroForm<</Fields[3 0 R]>>", b"/Info<</Title(t)>>")]
    books += [_document({**common, 5: _image(*image)}) for image in images]
    return [*books, _with_object_streams(books[0])]


def _with_object_streams(book: bytes) -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(book)) as opened:
        opened.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return file.getvalue()


def damage(data: bytes, rng: random.Random) -> bytes:
    """One to three changes within objects; now and then one that keeps nothing in order."""
    if rng.random() < 0.1 or b"trailer" not in data:
        return damaged(data, rng)
    objects = {int(match[1]): match[2] for match in _OBJECT.finditer(data)}
    for _ in range(rng.choice((1, 1, 2, 3))):
        number = rng.choice(sorted(objects))
        found = _STREAM.fullmatch(objects[number])
        if found and rng.random() < 0.7:
            objects[number] = _damaged_stream(found[1], found[2], rng)
        elif found:
            objects[number] = stream(found[2], _damaged_entries(found[1], rng))
        else:
            objects[number] = _damaged_entries(objects[number], rng)
        if rng.random() < 0.05:
            objects[rng.choice(sorted(objects))] = objects[number]
    text = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, body) for number, body in sorted(objects.items()))
    trailer = data[data.rindex(b"trailer") :]
    trailer = _damaged_entries(trailer, rng) if rng.random() < 0.02 else trailer
    try:
        return realigned(b"%PDF-1.7\n" + text + b"xref\n0 1\n" + trailer)
    except ValueError:  # its end is gone
        return b"%PDF-1.7\n" + text + trailer


def _damaged_stream(entries: bytes, packed: bytes, rng: random.Random) -> bytes:
    """With other content, packed as before where it can be."""
    if entries.startswith(b"/Filter/FlateDecode") and rng.random() < 0.9:
        with suppress(zlib.error):  # it was damaged before
            return _packed(_damaged_content(zlib.decompress(packed), rng), entries.removeprefix(b"/Filter/FlateDecode"))
    return stream(_damaged_content(packed, rng) if rng.random() < 0.5 else damaged(packed, rng), entries)


def _damaged_content(content: bytes, rng: random.Random) -> bytes:
    """Operators put in, left out, doubled or moved; operands that are others."""
    change = rng.randrange(5)
    at, to = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    if change == 0:
        return content[:at] + b" " + b"".join(rng.choice(_OPERATORS) for _ in range(rng.choice((1, 2, 8)))) + content[at:]
    if change == 1:
        return content[:at] + content[to:]
    if change == 2:
        return content[:to] + b" " + content[at:to] * rng.choice((1, 2, 20)) + content[to:]
    if change == 3:
        numbers = (b"%d" % rng.choice(NUMBERS), b"-%d" % rng.choice(NUMBERS), b".5", b"1" * 60)
        return _with_other(content, _NUMBER, rng, lambda: rng.choice(numbers))
    return damaged(content, rng, _OPERATORS)


def _damaged_entries(entries: bytes, rng: random.Random) -> bytes:
    """Numbers, names and values that are others; a key left out or twice."""
    change = rng.randrange(5)
    if change == 0:
        return _with_other(entries, _NUMBER, rng, lambda: b"%d" % rng.choice(NUMBERS))
    if change == 1:
        return _with_other(entries, _NUMBER, rng, lambda: rng.choice(_VALUES))
    if change == 2:
        return _with_other(entries, _NAME, rng, lambda: b"/Lost")
    if change == 3:
        names = _NAME.findall(entries) or [b"/A"]
        return _with_other(entries, _NAME, rng, lambda: rng.choice((rng.choice(names), rng.choice(_VALUES))))
    key = rng.choice(_NAME.findall(entries) or [b"/A"])
    return entries.replace(key, key + b" " + rng.choice(_VALUES) + b" " + key, 1)


def _with_other(text: bytes, what: re.Pattern[bytes], rng: random.Random, other: Callable[[], bytes]) -> bytes:
    found = list(what.finditer(text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.start()] + b" " + other() + b" " + text[one.end() :]


def checked(data: bytes, rng: random.Random) -> str:
    """What the preflight makes of it, as an interior or as a cover."""
    handle = os.memfd_create("book")
    try:
        os.write(handle, data)
        path = f"/dev/fd/{handle}"
        if rng.random() < 0.7:
            check(path)
        else:
            check(None, path, trim="8.5x11", pages=40)
        return "read"
    except UnreadableError as error:
        message = str(error)
        if not message.startswith(f"{path}: ") or "\n" in message:
            raise AssertionError(message) from error
        return "refused"
    finally:
        os.close(handle)
