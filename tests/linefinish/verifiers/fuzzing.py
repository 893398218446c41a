"""A structure-aware fuzz target for `verify`: honest files of each format with words of its
language put in, and the outer order (cross-references, checksums) made right again.

    python -m tests.linefinish.verifiers.fuzzing SEED SECONDS

Whatever comes of it: a verdict within five seconds, no exception, and no OK where a renderer that
is not ours shows grey.
"""
from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

from linefinish.verifiers.verifying import verify

from .judges import who_sees_gray
from .lies import HONEST
from .lies.bitmaps import tiff
from .lies.dxf import LAYERS, LINE, dxf
from .lies.pdf import TYPE3
from .samples import chunk, pdf, png, realigned, resealed, stream

# Seconds that a verdict may take; a file of this size takes a millisecond.
SECONDS_MAX = 5.0

_FORM = stream(b"0 g 0 0 50 50 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<<>>")
_IMAGE = stream(b"\xf0\x0f" * 4, b"/Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 1/ColorSpace/DeviceGray")
_GLYPH = stream(b"100 0 d0 0 0 100 100 re f")
_RESOURCES = (
    b"/XObject<</F 7 0 R/I 8 0 R>>/ExtGState<</G<</ca 1/LW 3/Font[6 0 R 40]>>>>/Font<</T 6 0 R>>"
    b"/ColorSpace<</C[/Separation/Black/DeviceGray<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[0]>>]>>"
)
_CONTENT = (
    b"q 0 g 10 10 30 30 re f Q /G gs q 0 0 0 RG 9 w 50 10 m 90 90 l S Q q 30 0 0 30 60 60 cm /I Do Q /F Do /C cs 1 sc 5 5 10 10 re f "
    b"BI /W 8 /H 1 /IM true /F /AHx ID f0> EI BT /T 30 Tf 40 40 Td (a) Tj ET"
)
_EPS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n5 dict begin gsave\n/m {moveto} bind def /l {lineto} bind def /g {setgray} def\n"
    b"/b {0 setgray closepath fill} bind def\n0 g 10 10 m 90 10 l 90 90 l b 1 setgray 20 20 10 10 rectfill\ngrestore end showpage\n%%EOF\n"
)


def seeds() -> dict[str, tuple[str, bytes]]:
    """Name → format and honest file."""
    made = {name: ({"svg": "SVG", "pdf": "PDF"}[name[-3:]], data) for name, data in HONEST.items()}
    rows = b"".join(b"\0\xf0" for _ in range(8))
    made["all.pdf"] = "PDF", pdf(_CONTENT, _RESOURCES, (_GLYPH, TYPE3, _FORM, _IMAGE), b"/Annots[<</Subtype/Link/Border[0 0 0]>>]")
    made["a.eps"] = "EPS", _EPS
    line = LINE.format(layer="A", more="62\n7\n")
    made["a.dxf"] = "DXF", dxf(("HEADER", ""), ("TABLES", LAYERS.format(colour=7, more="")), ("ENTITIES", line + line)).encode()
    made["a.png"] = "PNG", png(8, 8, 1, 3, rows, chunk(b"PLTE", b"\0\0\0\xff\xff\xff") + chunk(b"gAMA", b"\0\0\xb1\x8f"))
    made["a.tif"] = "TIFF", tiff({})
    made["a.pbm"] = "PBM", b"P4\n16 16\n" + b"\xf0\x0f" * 16
    return made


# Words that mean something in each language, for better or worse.
WORDS: dict[str, tuple[bytes, ...]] = {
    "SVG": (
        b"gray", b"fill:gray", b' fill="gray"', b' style="fill:gray"', b"/*", b"*/", b"'", b"&quot;", b"\\", b";", b"{", b"}",
        b"<!--", b"-->", b"url(#a)", b"@media all{", b"<style>*{fill:gray}</style>", b"opacity:.5", b' opacity="0.5"',
        b"<![CDATA[", b"]]>", b"!important", b"#808080", b"black", b'<g fill="gray">', b"</g>", b"<metadata>", b"</metadata>",
        b' xmlns:s="http://www.w3.org/2000/svg"', b" s:", b' xmlns=""', b":", b",", b"inherit",
    ),
    "PDF": (
        b".5 g ", b".5 ", b"0 g ", b"q ", b"Q ", b"EI ", b"ID ", b"BI ", b"/Contents 5 0 R", b"/Kids[3 0 R]", b"null", b"true",
        b"%", b"(", b")", b"<<", b">>", b"[", b"]", b"/ca .5", b"/BitsPerComponent 8", b"/DeviceRGB", b"/Decode[.5 1]",
        b"endstream", b"endobj", b"/Type/Pages", b"4 0 R", b"8 0 R", b"sc ", b"/C cs .5 sc ", b"/SMask 8 0 R", b"\n", b"\r",
        b"\0", b"\x0c", b"/C0[.5]", b"/Filter/ASCIIHexDecode", b">", b"/Length 5", b"/I Do ", b"3 Tr ",
    ),
    "EPS": (
        b" .5 setgray ", b" 0.5 ", b" setgray ", b" {", b"} ", b" def ", b" exch ", b" dup ", b" pop ", b" /g ", b" g ", b" m ",
        b" bind ", b"%", b"\x0c", b"\r", b" save ", b" restore ", b" begin ", b" end ", b" 5 dict ", b" [", b"] ", b" cvx ",
        b" load ", b" if ", b" true ", b" roll ", b" sethsbcolor ", b" b ", b"/b ",
    ),
    "DXF": (
        b"62\n8\n", b"0\nSECTION\n", b"0\nENDSEC\n", b"0\nEOF\n", b"2\nENTITIES\n", b"2\nHEADER\n", b"0\nLINE\n",
        b"420\n8421504\n", b"8\nA\n", b"0\nLAYER\n", b"0\nENDTAB\n", b"0\nTABLE\n", b"999\n", b"\r", b" ", b"+",
        b"440\n33554559\n", b"2\nA\n", b"0\n", b"62\n", b"1001\nAcCmTransparency\n1071\n33554559\n",
    ),
    "PNG": (
        b"\0", b"\x80", b"\xff", b"\x01", b"\x03", b"\x08", chunk(b"PLTE", b"\x80\x80\x80\xff\xff\xff"), chunk(b"tRNS", b"\x80"),
        chunk(b"sBIT", b"\1\1\1"),
    ),
    "TIFF": (
        b"\0", b"\1", b"\2", b"\3", b"\x08", b"\xff", b"\x02\x01", b"\x40\x01", b"\x02\0",
    ),
    "PBM": (
        b"P5", b"P4", b" ", b"\n", b"#", b"8", b"255\n", b"\x80",
    ),
}  # fmt: skip


def mutant(data: bytes, form: str, rng: random.Random) -> bytes:
    """One to three changes: a word put in, a part left out, doubled, moved, or a byte changed."""
    made = data
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        borders = [match.start() for match in re.finditer(rb"(?<=[\s/<>\[\](){};:=\"'])|(?=[\s/<>\[\](){};:=\"'])", made)] or [0]
        at = rng.choice(borders) if form not in ("PNG", "TIFF", "PBM") else rng.randrange(len(made))
        end = min(len(made), at + rng.choice((1, 2, 4, 8, 16, 40)))
        kind = rng.randrange(6)
        word = rng.choice(WORDS[form])
        if kind < 2:
            made = made[:at] + word + made[at:]
        elif kind == 2:
            made = made[:at] + word + made[at + len(word) :]
        elif kind == 3:
            made = made[:at] + made[end:]
        elif kind == 4:
            made = made[:end] + made[at:]
        else:
            to = rng.choice(borders)
            made = made[:to] + made[at:end] + made[to:]
        made = made or data
    if form == "PDF":
        return _mended(made)
    return resealed(made) if form == "PNG" else made


def _mended(data: bytes) -> bytes:
    """A PDF with its lengths and its cross-reference made right, as far as they can be told."""
    made = re.sub(
        rb"<</Length \d+((?:(?!stream\n).)*)>>\nstream\n(.*?)\nendstream",
        lambda match: b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(match[2]), match[1], match[2]),
        data,
        flags=re.DOTALL,
    )
    try:
        return realigned(made)
    except ValueError:
        return made


def mutants(seed: int) -> Iterator[tuple[str, bytes]]:
    """Format and file, without end; the same for the same seed."""
    rng = random.Random(seed)
    files = list(seeds().values())
    while True:
        form, data = rng.choice(files)
        yield form, mutant(data, form, rng)


def run(
    seed: int, seconds: float, count_max: int | None = None, judge: Callable[[bytes, str], str] = who_sees_gray
) -> Counter[str]:
    """How many files got which answer, until the time or the count is used up. AssertionError for a
    file that breaks what is promised; its bytes are the second argument.
    """
    tally: Counter[str] = Counter()
    end = time.monotonic() + seconds
    for form, data in mutants(seed):
        if time.monotonic() > end or tally.total() == count_max:
            return tally
        begin = time.process_time()
        verdict = verify(data)
        spent = time.process_time() - begin
        tally[verdict.answer] += 1
        if spent > SECONDS_MAX or "could not be verified (" in verdict.problem:
            raise AssertionError(f"{form}: {verdict.problem} in {spent:.1f} s", data)
        if verdict.is_one_bit and (seen := judge(data, verdict.format)):
            raise AssertionError(f"{form}: {seen} shows grey", data)
    raise AssertionError


if __name__ == "__main__":
    print(run(int(sys.argv[1]), float(sys.argv[2])))
