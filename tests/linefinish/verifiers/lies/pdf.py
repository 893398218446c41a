"""Content, resources, pages, annotations, objects."""
from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from itertools import accumulate, pairwise

from tests.linefinish.verifiers.samples import pdf, realigned, stream
from tests.linefinish.verifiers.test_icc import curve, profile

GRAY = b".5 g 10 10 80 80 re f"

GRAY_STREAM = stream(GRAY)
TINT = b"<</FunctionType 2/Domain[0 1]/N 1/C0[.5 .5 .5]/C1[.6 .2 .2]>>"
TYPE3 = (
    b"<</Type/Font/Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FontBBox[0 0 100 100]/CharProcs<</a 5 0 R>>/Encoding<</Type/Encoding/Diff"
    b"erences"
    b"[97/a]>>/FirstChar 97/LastChar 97/Widths[100]/Resources<<>>>>"
)
IMAGE8 = stream(b"\x80", b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray")
PAINT = b"80 0 0 80 10 10 cm /I Do"


def image(entries: bytes, body: bytes = b"\xaa") -> bytes:
    return stream(body, b"/Type/XObject/Subtype/Image/Width 8/Height 1" + entries)


def pdfs() -> Iterator[tuple[str, bytes]]:
    """Ways to grey: content, resources, pages, annotations, objects."""
    for name, content in {
        "g": GRAY,
        "rg": b".5 .5 .5 rg 10 10 80 80 re f",
        "k": b"0 0 0 .5 k 10 10 80 80 re f",
        "sc": b"/DeviceGray cs .5 sc 10 10 80 80 re f",
        "comment": b"% \n.5 g 10 10 80 80 re f",
        "comment-cr": b"%\r.5 g 10 10 80 80 re f",
        "string": b"(%) pop\n.5 g 10 10 80 80 re f",
        "nul": b".5\0g\00010 10 80 80 re f",
        "string-nested": b"/A<</B((%)>>BDC .5 g 10 10 80 80 re f EMC",
        "ei-hex": b"q BI /W 1 /H 1 /IM true /F /AHx ID 80>xEI .5 g 10 10 80 80 re f Q\n EI",
        "ei-raw": b"q BI /W 8 /H 1 /IM true ID \x80 EI .5 g 10 10 80 80 re f Q\n EI",
        "stroke": b"40 w .5 G 10 50 m 90 50 l S",
        "concat": b"0 g .5 g 10 10 80 80 re f 0 g",
        "ei-a85": b"q BI /W 8 /H 1 /IM true /F /A85 ID J,~>EI .5 g 10 10 80 80 re f Q\n EI",
        "ei-a85-space": b"q BI /W 8 /H 1 /IM true /F /A85 ID J,~> EI .5 g 10 10 80 80 re f Q\n EI",
        "ei-flate": b"q BI /W 8 /H 1 /IM true /F /Fl ID " + zlib.compress(b"\xff") + b"xEI .5 g 10 10 80 80 re f Q\n EI",
        "ei-run": b"q BI /W 8 /H 1 /IM true /F /RL ID \0\xff\x80 xEI .5 g 10 10 80 80 re f Q\n EI",
        "ei-twice": b"q BI /W 8 /W 800 /H 1 /IM true ID \xff EI .5 g 10 10 80 80 re f Q\n EI",
        "inline-8": b"q 80 0 0 80 10 10 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q",
        "sh": b"/S sh",
        "initial": b"/C cs 10 10 80 80 re f",
    }.items():
        yield f"pdf-content-{name}", pdf(content, b"/ColorSpace<</C[/Separation/Spot/DeviceRGB" + TINT + b"]>>")
    spaces = {
        "separation": b"[/Separation/Black/DeviceRGB" + TINT + b"]",
        "all": b"[/Separation/All/DeviceRGB" + TINT + b"]",
        "lab": b"[/Lab<</WhitePoint[.95 1 1.09]>>]",
        "icc-junk": b"[/ICCBased 5 0 R]",
        "calrgb": b"[/CalRGB<</WhitePoint[.95 1 1.09]/Matrix[.2 .2 .2 .2 .2 .2 .1 .1 .1]>>]",
        "indexed": b"[/Indexed/DeviceGray 1<8080>]",
        "devicen": b"[/DeviceN[/Black]/DeviceRGB" + TINT + b"]",
        "calgray": b"[/CalGray<</WhitePoint[.95 1 1.09]/BlackPoint[.5 .5 .5]/Gamma .001>>]",
        "separation-string": b"[/Separation(Black)/DeviceRGB" + TINT + b"]",
        "separation-stitched": b"[/Separation/Black/DeviceRGB<</FunctionType 3/Domain[0 1]/Bounds[]/Encode[0 1]/Functions["
        + TINT
        + b"]>>]",
        "separation-range": b"[/Separation/Black/DeviceGray<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[0]/Range[.5 .6]>>]",
        "default": b"/DeviceGray",
    }
    junk = stream(b"junk", b"/N 1/Alternate[/Separation/Spot/DeviceRGB" + TINT + b"]")
    for name, space in spaces.items():
        resources = (
            b"/ColorSpace<</C" + space + (b"/DefaultGray[/Separation/Spot/DeviceRGB" + TINT + b"]" if name == "default" else b"") + b">>"
        )
        for value in (b"0", b"1"):
            yield f"pdf-space-{name}-{value.decode()}", pdf(b"/C cs " + value + b" sc 10 10 80 80 re f", resources, (junk,))
        yield f"pdf-image-space-{name}", pdf(PAINT, b"/XObject<</I 6 0 R>>" + resources, (junk, image(b"/BitsPerComponent 1/ColorSpace/C")))
        if name != "default":
            yield (
                f"pdf-palette-{name}",
                pdf(PAINT, b"/XObject<</I 6 0 R>>", (junk, image(b"/BitsPerComponent 1/ColorSpace[/Indexed" + space + b" 1<00ff>]"))),
            )
    for name, state in {
        "ca": b"/ca .5",
        "CA": b"/CA .5",
        "font": b"/Font[6 0 R 80]",
        "smask": b"/SMask<</S/Luminosity/G 5 0 R>>",
        "bm": b"/BM/Difference/ca .5",
        "twice": b"/ca 1/ca .5",
        "escaped": b"/c#61 .5",
        "tr": b"/TR<</FunctionType 2/Domain[0 1]/N 1/C0[.5]/C1[.5]>>",
    }.items():
        glyph = stream(b"100 0 d0 .5 g 0 0 100 100 re f")
        yield (
            f"pdf-state-{name}",
            pdf(
                b"/G gs 10 10 80 80 re f 40 w 0 50 m 99 50 l S BT 10 10 Td (a) Tj ET", b"/ExtGState<</G<<" + state + b">>>>", (glyph, TYPE3)
            ),
        )
    glyph = stream(b"100 0 d0 .5 g 0 0 100 100 re f")
    yield "pdf-type3", pdf(b"BT /F 80 Tf 10 10 Td (a) Tj ET", b"/Font<</F 6 0 R>>", (glyph, TYPE3))
    form = stream(GRAY, b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]")
    black = form.replace(b".5 g", b" 0 g")
    twofold = stream(b"100 0 d0 /F Do", b"/Resources<</XObject<</F 7 0 R>>>>")  # viewers take these resources, or those of the font
    font = TYPE3.replace(b"/Resources<<>>", b"/Resources<</XObject<</F 8 0 R>>>>")
    yield "pdf-type3-resources", pdf(b"BT /F 80 Tf 10 10 Td (a) Tj ET", b"/Font<</F 6 0 R>>", (twofold, font, black, form))
    bent = stream(profile(b"GRAY", {b"kTRC": curve(30000, 40000)}), b"/N 1")
    intent = b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFX/DestOutputProfile 5 0 R>>]"
    yield "pdf-intent", pdf(b"10 10 80 80 re f", b"", (bent,), root=intent)
    yield "pdf-intent-of-page", pdf(b"10 10 80 80 re f", b"", (bent,), page=intent)
    yield "pdf-form", pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (form,))
    for name, entries in {
        "alternates": b"/BitsPerComponent 1/ColorSpace/DeviceGray/Alternates[<</Image 6 0 R/DefaultForPrinting true>>]",
        "smask": b"/BitsPerComponent 1/ColorSpace/DeviceGray/SMask 6 0 R",
        "decode": b"/BitsPerComponent 1/ColorSpace/DeviceGray/Decode[.5 .6]",
        "true": b"/BitsPerComponent true/ColorSpace/DeviceGray",
        "mask": b"/BitsPerComponent 1/ColorSpace/DeviceGray/Mask 6 0 R",
        "bits-twice": b"/BitsPerComponent 1/BitsPerComponent 8/ColorSpace/DeviceGray",
        "palette": b"/BitsPerComponent 1/ColorSpace[/Indexed/DeviceGray 1<80a0>]",
        "bits-8": b"/BitsPerComponent 8/ColorSpace/DeviceGray",
        "opi": b"/BitsPerComponent 1/ColorSpace/DeviceGray/OPI<</2.0<<>>>>",
        "stream": b"/BitsPerComponent 8/Filter[]/ColorSpace/DeviceGray",
        "decode-indexed": b"/BitsPerComponent 1/Decode[.5 1]/ColorSpace[/Indexed/DeviceGray 1<00ff>]",
    }.items():
        yield f"pdf-image-{name}", pdf(PAINT, b"/XObject<</I 5 0 R>>", (image(entries, b"\x80" * 8), IMAGE8))
    for name, annotation in {
        "square": b"<</Subtype/Square/Rect[10 10 90 90]/C[.5]/IC[.5]>>",
        "highlight": b"<</Subtype/Highlight/Rect[10 10 90 90]/QuadPoints[10 90 90 90 10 10 90 10]/C[.5 .5 .5]>>",
        "appearance": b"<</Subtype/Stamp/Rect[0 0 100 100]/AP<</N 5 0 R>>>>",
        "link": b"<</Subtype/Link/Rect[10 10 90 90]/Border[0 0 40]/C[.5]>>",
        "state": b"<</Subtype/Widget/FT/Btn/Rect[0 0 100 100]/AS/A/AP<</N<</A 5 0 R>>>>>>",
        "background": b"<</Subtype/Widget/FT/Tx/Rect[10 10 90 90]/MK<</BG[.5]>>>>",
        "popup": b"<</Subtype/Popup/Open true/Rect[10 10 90 90]/C[.5]>>",
        "three": b"<</Subtype/3D/Rect[0 0 100 100]>>",
        "style": b"<</Subtype/Link/Rect[10 10 90 90]/Border[0 0 0]/BS<</W 40>>/C[.5]>>",
        "down-only": b"<</Subtype/Square/C[.5]/IC[.5]/Rect[10 10 90 90]/AP<</D 6 0 R>>>>",
        "without-kind": b"<</Rect[0 0 100 100]/AP<</N 5 0 R>>>>",
    }.items():
        plain = stream(b"0 g", b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]")
        yield f"pdf-annotation-{name}", pdf(b"", b"", (form, plain), b"/Annots[" + annotation + b"]")
    yield from _pdf_structures()


def predicted() -> Iterator[tuple[bytes, int]]:
    """Contents with the columns of a PNG's predictor: one is grey with it, the other without it."""
    yield b"".join(b"\0" + part for part in (b".5 s", b"c 10", b" 10 ", b" 80 ", b" 80 ", b"re f")), 4
    shown = b" \x08 .5 g 10 10 80 80 re f %"  # the sums of its bytes begin with " (", a string that a path's operator ends
    end = bytes((after - before) & 255 for before, after in pairwise((sum(shown) & 255, *b") n ")))
    assert not set(accumulate(shown[2:], lambda a, b: (a + b) & 255, initial=ord("("))) & set(b")\\") and not set(end) & set(b"\r\n")
    yield b"\1" + shown + end, len(shown + end)


def _pdf_structures() -> Iterator[tuple[str, bytes]]:
    """Pages and objects that viewers find in different ways."""
    base = pdf(b"0 g", b"", (GRAY_STREAM,))
    page = b"/Contents 4 0 R"
    changes = {
        "contents-twice": (page, b"/Contents 4 0 R/Contents 5 0 R"),
        "contents-twice-first": (page, b"/Contents 5 0 R/Contents 4 0 R"),
        "escaped-twice": (page, b"/Contents 4 0 R/Cont#65nts 5 0 R"),
        "kids": (page, b"/Contents 5 0 R/Kids[]"),
        "kids-null": (page, b"/Contents 5 0 R/Kids null"),
        "generation": (page, b"/Contents 5 1 R"),
        "array": (page, b"/Contents[4 0 R 5 0 R]"),
        "template": (b"/Type/Catalog", b"/Type/Catalog/OpenAction<</S/JavaScript/JS(a)>>"),
        "direct-kid": (b"/Kids[3 0 R]/Count 1", b"/Kids[<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 5 0 R>> 3 0 R]/Count 2"),
        "type-pages": (b"/Type/Page/Parent 2 0 R/Contents 4 0 R", b"/Type/Pages/Parent 2 0 R/Contents 5 0 R"),
        "no-type": (b"/Type/Page/Parent 2 0 R/Contents 4 0 R", b"/Parent 2 0 R/Contents 5 0 R"),
        "count": (b"/Count 1", b"/Count 0"),
        "xfa": (b"/Type/Catalog", b"/Type/Catalog/AcroForm<</XFA 5 0 R>>"),
        "needs": (b"/Type/Catalog", b"/Type/Catalog/AcroForm<</NeedAppearances true>>"),
    }
    for name, (old, new) in changes.items():
        assert base.count(old) >= 1, name
        yield f"pdf-structure-{name}", realigned(base.replace(old, new, 1))
    catalog = (
        b"9 0 obj\n<</Type/Catalog/Pages 10 0 R>>\nendobj\n10 0 obj\n<</Type/Pages/Kids[11 0 R]/Count 1>>\nendobj\n11 0 obj\n"
        b"<</Type/Page/Parent 10 0 R/MediaBox[0 0 100 100]/Contents 5 0 R>>\nendobj\n"
    )
    hidden = base.replace(b"xref\n0", catalog + b"xref\n0")
    hidden = hidden.replace(b"startxref\n%d" % base.index(b"xref\n0"), b"startxref\n%d" % hidden.index(b"xref\n0"))
    yield "pdf-hidden-catalog", hidden
    yield "pdf-hidden-trailer", base.replace(b"%PDF-1.7\n", b"%PDF-1.7\n", 1).replace(b"startxref", b"trailer\n<</Root 9 0 R>>\nstartxref")
    shadow = base.replace(b"xref\n0", b"4 0 obj\n" + GRAY_STREAM + b"\nendobj\nxref\n0")
    yield "pdf-shadow", shadow.replace(b"startxref\n%d" % base.index(b"xref\n0"), b"startxref\n%d" % shadow.index(b"xref\n0"))
    (with_it, few), (without, many) = predicted()
    for name, body in {
        "short-options": stream(zlib.compress(with_it), b"/Filter/FlateDecode/DP<</Predictor 12/Columns %d>>" % few),
        "no-array": stream(zlib.compress(without), b"/Filter[/FlateDecode]/DecodeParms<</Predictor 12/Columns %d>>" % many),
        "array-alone": stream(zlib.compress(without), b"/Filter/FlateDecode/DecodeParms[<</Predictor 12/Columns %d>>]" % many),
        "hex": stream(GRAY.hex().encode() + b">", b"/Filter/ASCIIHexDecode"),
        "85": stream(base64.a85encode(GRAY) + b"~>", b"/Filter/ASCII85Decode"),
        "flate": stream(zlib.compress(GRAY), b"/Filter/FlateDecode"),
        "short": stream(GRAY.hex().encode() + b">", b"/Filter/AHx"),
        "length": GRAY_STREAM.replace(b"/Length 21", b"/Length 2"),
        "after-hex": stream(b"30 67>" + GRAY, b"/Filter/ASCIIHexDecode"),
    }.items():
        yield f"pdf-filter-{name}", realigned(pdf(b"", b"", (body,)).replace(page, b"/Contents 5 0 R"))
