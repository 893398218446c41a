"""Files that paint grey and could seem not to: a few lines make each, and each stands for a cause.

`LIES` are names and bytes. The lies that were reported lie in files/lies.
"""

from __future__ import annotations

import base64
import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from .samples import chunk, pdf, png, realigned, stream

FILES = Path(__file__).parent / "files"
GRAY = b".5 g 10 10 80 80 re f"


# --- SVG
# ------------------------------------------------------------

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100" viewBox="0 0 100 100">'
RECT = '<rect x="10" y="10" width="80" height="80"'


def svgs() -> Iterator[tuple[str, bytes]]:
    """Styles, attributes, namespaces, encodings."""
    styles = {
        "string": 'a:"/*";fill:gray;b:"*/"', "string-single": "a:'/*';fill:gray;b:'*/'", "string-semicolon": "font-family:'a;';fill:gray",
        "escape": "f\\69 ll:gray", "escape-value": "fill:gr\\61y", "escape-string": "font-family:'\\'';fill:gray;a:'/*\\''", "case": "FILL:GRAY",
        "comment": "/* fill:black */fill:gray", "comment-inside": "fill/**/:gray", "comment-value": "fill:/**/gray", "twice": "fill:gray;fill:gray",
        "important": "fill:gray!important;fill:black", "block": "a:{;b};fill:gray", "cdo": "<!--;fill:gray", "url": "a:url(/*);fill:gray;b:url(*/)",
        "hash": "fill:#808080", "short": "fill:#888", "rgb": "fill:rgb(128,128,128)", "percent": "fill:rgb(50%,50%,50%)", "hsl": "fill:hsl(0,0%,50%)",
        "name": "fill:silver", "opacity": "opacity:.5", "fill-opacity": "fill-opacity:50%", "alpha": "fill:rgba(0,0,0,.5)", "tab": "fill\t:\tgray",
        "newline": "fill\n:\ngray", "form-feed": "\x0bfill:gray".replace("\x0b", "\n"), "brackets": "a:[;];fill:gray", "parens": "a:(;);fill:gray",
        "stroke": "fill:none;stroke:gray;stroke-width:40", "current": "color:gray;fill:currentColor", "trailing": "fill:gray;}",
    }  # fmt: skip
    for name, style in styles.items():
        escaped = style.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("\n", "&#10;")
        yield f"svg-style-{name}", f'{SVG}{RECT} style="{escaped}"/></svg>'.encode()
        sheet = style.replace("&", "&amp;").replace("<", "&lt;")
        yield f"svg-sheet-{name}", f"{SVG}<style>rect{{{sheet}}}</style>{RECT}/></svg>".encode()
        root = SVG.replace("<svg ", f'<svg style="{escaped}" ')
        yield f"svg-root-{name}", f"{root}{RECT}/></svg>".encode()
    sheets = {
        "media": "@media all{rect{fill:gray}}", "import": "@import url('data:text/css,rect{fill:gray}');", "charset": '@charset "/*";rect{fill:gray}/**/',
        "attribute": 'a[b="{"]{}rect{fill:gray}', "cdo": "<!-- rect{fill:gray} -->", "comment": "/* a{ */rect{fill:gray}/* } */",
        "string": 'a{b:"}"}rect{fill:gray}', "supports": "@supports (fill:red){rect{fill:gray}}", "page": "@page{}rect{fill:gray}",
        "nested": "svg{rect{fill:gray}}", "namespace": "@namespace 'http://www.w3.org/2000/svg';rect{fill:gray}", "star": "*{fill:gray}",
        "not": "rect:not(.a){fill:gray}", "unclosed": "rect{fill:gray", "var": ":root{--a:gray}rect{fill:var(--a)}",
    }  # fmt: skip
    for name, sheet in sheets.items():
        for form in (
            "<style>{}</style>",
            "<style><![CDATA[{}]]></style>",
            '<style type="text/css">{}</style>',
            "<defs><style>{}</style></defs>",
        ):
            text = form.format(sheet if "CDATA" in form else sheet.replace("&", "&amp;").replace("<", "&lt;"))
            yield f"svg-sheet-{name}-{len(form)}", f"{SVG}{text}{RECT}/></svg>".encode()
    yield "svg-sheet-cut", f"{SVG}<style>/<!-- -->*rect{{fill:black}}/*<!-- -->*/ rect{{fill:gray}}</style>{RECT}/></svg>".encode()
    yield "svg-sheet-two-sections", f"{SVG}<style><![CDATA[rect{{]]><![CDATA[fill:gray}}]]></style>{RECT}/></svg>".encode()
    bodies = {
        "attribute": f'{RECT} fill="gray"/>', "group": f'<g fill="gray">{RECT}/></g>', "prefix": f'{RECT} xmlns:s="http://www.w3.org/2000/svg" s:fill="gray"/>',
        "prefix-style": f'{RECT} xmlns:s="http://www.w3.org/2000/svg" s:style="fill:gray"/>', "entity": f'{RECT} fill="&#103;ray"/>',
        "prefix-element": f'<s:g xmlns:s="http://www.w3.org/2000/svg" fill="gray">{RECT}/></s:g>', "symbol": f'<symbol id="a">{RECT} fill="gray"/></symbol><use href="#a"/>',
        "use": f'<defs>{RECT} id="a"/></defs><use xlink:href="#a" fill="gray"/>', "switch": f'<switch>{RECT} fill="gray"/></switch>',
        "gradient": f'<linearGradient id="a"><stop stop-color="gray"/></linearGradient>{RECT} fill="url(#a)"/>',
        "pattern": f'<pattern id="a" width="9" height="9"><rect width="9" height="9" fill="gray"/></pattern>{RECT} fill="url(#a)"/>',
        "mask": f'<mask id="a"><rect width="99" height="99" fill="gray"/></mask>{RECT} mask="url(#a)"/>', "opacity": f'<g opacity="0.5">{RECT}/></g>',
        "filter": f'<filter id="a"><feFlood flood-color="gray"/></filter>{RECT} filter="url(#a)"/>', "set": f'{RECT}><set attributeName="fill" to="gray"/></rect>',
        "animate": f'{RECT}><animate attributeName="fill" values="gray;gray" dur="9s"/></rect>', "image": '<image width="99" height="99" href="data:image/svg+xml,%3Csvg/%3E"/>',
        "text": '<text y="90" font-size="99" fill="gray">&#9608;</text>', "marker": '<marker id="a" overflow="visible"><circle r="30" fill="gray"/></marker><path d="M50 50h1" marker-start="url(#a)"/>',
        "foreign": '<foreignObject width="99" height="99"><p xmlns="http://www.w3.org/1999/xhtml" style="background:gray">a</p></foreignObject>',
        "html-style": f'<h:style xmlns:h="http://www.w3.org/1999/xhtml">rect{{fill:gray}}</h:style>{RECT}/>', "unnamed": '<g xmlns=""><rect width="90" height="90" fill="gray"/></g>',
        "hidden-style": f'<metadata><style xmlns="http://www.w3.org/2000/svg">rect{{fill:gray}}</style></metadata>{RECT}/>',
        "base": f'<use xml:base="other.svg" href="#a"/>{RECT} id="a" fill="gray"/>', "nested": f'<svg fill="gray">{RECT}/></svg>', "color": f'<g color="gray">{RECT} fill="currentColor"/></g>',
        "script": f"<script>document.querySelector('rect').setAttribute('fill','gray')</script>{RECT}/>", "onload": f"{RECT} onload=\"this.style.fill='gray'\"/>",
        "css-class": f'<style>.a{{fill:gray}}</style>{RECT} class="a"/>', "blend": f'{RECT}/><rect width="99" height="99" fill="#fff" style="mix-blend-mode:difference" opacity=".5"/>',
        "hex-alpha": f'{RECT} fill="#00000080"/>', "hex-alpha-short": f'{RECT} fill="#0008"/>', "alpha-of-gray": f'{RECT} fill="#8880"/>',
    }  # fmt: skip
    for name, body in bodies.items():
        yield f"svg-{name}", f"{SVG}{body}</svg>".encode()
        yield f"svgz-{name}", gzip.compress(f"{SVG}{body}</svg>".encode(), mtime=0)
        yield f"svg-utf16-{name}", ('<?xml version="1.0" encoding="utf-16"?>' + f"{SVG}{body}</svg>").encode("utf-16")
    for name, subset in {
        "attlist": '<!ATTLIST rect fill CDATA "gray">', "entity": '<!ENTITY g "gray">', "parameter": '<!ENTITY % a "<!ENTITY g \'gray\'>">%a;',
        "external": '<!ENTITY g SYSTEM "g.txt">',
    }.items():  # fmt: skip
        fill = ' fill="&g;"' if name != "attlist" else ""
        yield f"svg-doctype-{name}", f"<!DOCTYPE svg [{subset}]>{SVG}{RECT}{fill}/></svg>".encode()
    yield "svg-stylesheet", f'<?xml-stylesheet href="data:text/css,rect{{fill:gray}}"?>{SVG}{RECT}/></svg>'.encode()


# --- PDF
# ------------------------------------------------------------

GRAY_STREAM = stream(GRAY)
TINT = b"<</FunctionType 2/Domain[0 1]/N 1/C0[.5 .5 .5]/C1[.6 .2 .2]>>"
TYPE3 = b"<</Type/Font/Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FontBBox[0 0 100 100]/CharProcs<</a 5 0 R>>/Encoding<</Type/Encoding/Differences" \
        b"[97/a]>>/FirstChar 97/LastChar 97/Widths[100]/Resources<<>>>>"  # fmt: skip
IMAGE8 = stream(b"\x80", b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray")
PAINT = b"80 0 0 80 10 10 cm /I Do"


def image(entries: bytes, body: bytes = b"\xaa") -> bytes:
    return stream(body, b"/Type/XObject/Subtype/Image/Width 8/Height 1" + entries)


def pdfs() -> Iterator[tuple[str, bytes]]:
    """Ways to grey: content, resources, pages, annotations, objects."""
    for name, content in {
        "g": GRAY, "rg": b".5 .5 .5 rg 10 10 80 80 re f", "k": b"0 0 0 .5 k 10 10 80 80 re f", "sc": b"/DeviceGray cs .5 sc 10 10 80 80 re f",
        "comment": b"% \n.5 g 10 10 80 80 re f", "comment-cr": b"%\r.5 g 10 10 80 80 re f", "string": b"(%) pop\n.5 g 10 10 80 80 re f", "nul": b".5\0g\00010 10 80 80 re f",
        "string-nested": b"/A<</B((%)>>BDC .5 g 10 10 80 80 re f EMC", "ei-hex": b"q BI /W 1 /H 1 /IM true /F /AHx ID 80>xEI .5 g 10 10 80 80 re f Q\n EI",
        "ei-raw": b"q BI /W 8 /H 1 /IM true ID \x80 EI .5 g 10 10 80 80 re f Q\n EI", "stroke": b"40 w .5 G 10 50 m 90 50 l S", "concat": b"0 g .5 g 10 10 80 80 re f 0 g",
        "ei-a85": b"q BI /W 8 /H 1 /IM true /F /A85 ID J,~>EI .5 g 10 10 80 80 re f Q\n EI", "ei-a85-space": b"q BI /W 8 /H 1 /IM true /F /A85 ID J,~> EI .5 g 10 10 80 80 re f Q\n EI",
        "ei-flate": b"q BI /W 8 /H 1 /IM true /F /Fl ID " + zlib.compress(b"\xff") + b"xEI .5 g 10 10 80 80 re f Q\n EI",
        "ei-run": b"q BI /W 8 /H 1 /IM true /F /RL ID \0\xff\x80 xEI .5 g 10 10 80 80 re f Q\n EI", "ei-twice": b"q BI /W 8 /W 800 /H 1 /IM true ID \xff EI .5 g 10 10 80 80 re f Q\n EI",
        "inline-8": b"q 80 0 0 80 10 10 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q", "sh": b"/S sh", "initial": b"/C cs 10 10 80 80 re f",
    }.items():  # fmt: skip
        yield f"pdf-content-{name}", pdf(content, b"/ColorSpace<</C[/Separation/Spot/DeviceRGB" + TINT + b"]>>")
    spaces = {
        "separation": b"[/Separation/Black/DeviceRGB" + TINT + b"]", "all": b"[/Separation/All/DeviceRGB" + TINT + b"]", "lab": b"[/Lab<</WhitePoint[.95 1 1.09]>>]",
        "icc-junk": b"[/ICCBased 5 0 R]", "calrgb": b"[/CalRGB<</WhitePoint[.95 1 1.09]/Matrix[.2 .2 .2 .2 .2 .2 .1 .1 .1]>>]", "indexed": b"[/Indexed/DeviceGray 1<8080>]",
        "devicen": b"[/DeviceN[/Black]/DeviceRGB" + TINT + b"]", "calgray": b"[/CalGray<</WhitePoint[.95 1 1.09]/BlackPoint[.5 .5 .5]/Gamma .001>>]",
        "separation-string": b"[/Separation(Black)/DeviceRGB" + TINT + b"]", "separation-stitched": b"[/Separation/Black/DeviceRGB<</FunctionType 3/Domain[0 1]/Bounds[]/Encode[0 1]/Functions[" + TINT + b"]>>]",
        "separation-range": b"[/Separation/Black/DeviceGray<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[0]/Range[.5 .6]>>]", "default": b"/DeviceGray",
    }  # fmt: skip
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
    for name, state in {"ca": b"/ca .5", "CA": b"/CA .5", "font": b"/Font[6 0 R 80]", "smask": b"/SMask<</S/Luminosity/G 5 0 R>>", "bm": b"/BM/Difference/ca .5",
                        "twice": b"/ca 1/ca .5", "escaped": b"/c#61 .5", "tr": b"/TR<</FunctionType 2/Domain[0 1]/N 1/C0[.5]/C1[.5]>>"}.items():  # fmt: skip
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
    yield "pdf-form", pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (form,))
    for name, entries in {
        "alternates": b"/BitsPerComponent 1/ColorSpace/DeviceGray/Alternates[<</Image 6 0 R/DefaultForPrinting true>>]", "smask": b"/BitsPerComponent 1/ColorSpace/DeviceGray/SMask 6 0 R",
        "decode": b"/BitsPerComponent 1/ColorSpace/DeviceGray/Decode[.5 .6]", "true": b"/BitsPerComponent true/ColorSpace/DeviceGray", "mask": b"/BitsPerComponent 1/ColorSpace/DeviceGray/Mask 6 0 R",
        "bits-twice": b"/BitsPerComponent 1/BitsPerComponent 8/ColorSpace/DeviceGray", "palette": b"/BitsPerComponent 1/ColorSpace[/Indexed/DeviceGray 1<80a0>]",
        "bits-8": b"/BitsPerComponent 8/ColorSpace/DeviceGray", "opi": b"/BitsPerComponent 1/ColorSpace/DeviceGray/OPI<</2.0<<>>>>", "stream": b"/BitsPerComponent 8/Filter[]/ColorSpace/DeviceGray",
        "decode-indexed": b"/BitsPerComponent 1/Decode[.5 1]/ColorSpace[/Indexed/DeviceGray 1<00ff>]",
    }.items():  # fmt: skip
        yield f"pdf-image-{name}", pdf(PAINT, b"/XObject<</I 5 0 R>>", (image(entries, b"\x80" * 8), IMAGE8))
    for name, annotation in {
        "square": b"<</Subtype/Square/Rect[10 10 90 90]/C[.5]/IC[.5]>>", "highlight": b"<</Subtype/Highlight/Rect[10 10 90 90]/QuadPoints[10 90 90 90 10 10 90 10]/C[.5 .5 .5]>>",
        "appearance": b"<</Subtype/Stamp/Rect[0 0 100 100]/AP<</N 5 0 R>>>>", "link": b"<</Subtype/Link/Rect[10 10 90 90]/Border[0 0 40]/C[.5]>>", "state": b"<</Subtype/Widget/FT/Btn/Rect[0 0 100 100]/AS/A/AP<</N<</A 5 0 R>>>>>>",
        "background": b"<</Subtype/Widget/FT/Tx/Rect[10 10 90 90]/MK<</BG[.5]>>>>", "popup": b"<</Subtype/Popup/Open true/Rect[10 10 90 90]/C[.5]>>", "three": b"<</Subtype/3D/Rect[0 0 100 100]>>",
        "style": b"<</Subtype/Link/Rect[10 10 90 90]/Border[0 0 0]/BS<</W 40>>/C[.5]>>", "down-only": b"<</Subtype/Square/C[.5]/IC[.5]/Rect[10 10 90 90]/AP<</D 6 0 R>>>>",
        "without-kind": b"<</Rect[0 0 100 100]/AP<</N 5 0 R>>>>",
    }.items():  # fmt: skip
        plain = stream(b"0 g", b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]")
        yield f"pdf-annotation-{name}", pdf(b"", b"", (form, plain), b"/Annots[" + annotation + b"]")
    yield from _pdf_structures()


def _pdf_structures() -> Iterator[tuple[str, bytes]]:
    """Pages and objects that viewers find in different ways."""
    base = pdf(b"0 g", b"", (GRAY_STREAM,))
    page = b"/Contents 4 0 R"
    changes = {
        "contents-twice": (page, b"/Contents 4 0 R/Contents 5 0 R"), "contents-twice-first": (page, b"/Contents 5 0 R/Contents 4 0 R"),
        "escaped-twice": (page, b"/Contents 4 0 R/Cont#65nts 5 0 R"), "kids": (page, b"/Contents 5 0 R/Kids[]"), "kids-null": (page, b"/Contents 5 0 R/Kids null"),
        "generation": (page, b"/Contents 5 1 R"), "array": (page, b"/Contents[4 0 R 5 0 R]"), "template": (b"/Type/Catalog", b"/Type/Catalog/OpenAction<</S/JavaScript/JS(a)>>"),
        "direct-kid": (b"/Kids[3 0 R]/Count 1", b"/Kids[<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 5 0 R>> 3 0 R]/Count 2"),
        "type-pages": (b"/Type/Page/Parent 2 0 R/Contents 4 0 R", b"/Type/Pages/Parent 2 0 R/Contents 5 0 R"),
        "no-type": (b"/Type/Page/Parent 2 0 R/Contents 4 0 R", b"/Parent 2 0 R/Contents 5 0 R"), "count": (b"/Count 1", b"/Count 0"),
        "xfa": (b"/Type/Catalog", b"/Type/Catalog/AcroForm<</XFA 5 0 R>>"), "needs": (b"/Type/Catalog", b"/Type/Catalog/AcroForm<</NeedAppearances true>>"),
    }  # fmt: skip
    for name, (old, new) in changes.items():
        assert base.count(old) >= 1, name
        yield f"pdf-structure-{name}", realigned(base.replace(old, new, 1))
    catalog = b"9 0 obj\n<</Type/Catalog/Pages 10 0 R>>\nendobj\n10 0 obj\n<</Type/Pages/Kids[11 0 R]/Count 1>>\nendobj\n11 0 obj\n" \
              b"<</Type/Page/Parent 10 0 R/MediaBox[0 0 100 100]/Contents 5 0 R>>\nendobj\n"  # fmt: skip
    hidden = base.replace(b"xref\n0", catalog + b"xref\n0")
    hidden = hidden.replace(b"startxref\n%d" % base.index(b"xref\n0"), b"startxref\n%d" % hidden.index(b"xref\n0"))
    yield "pdf-hidden-catalog", hidden
    yield "pdf-hidden-trailer", base.replace(b"%PDF-1.7\n", b"%PDF-1.7\n", 1).replace(b"startxref", b"trailer\n<</Root 9 0 R>>\nstartxref")
    shadow = base.replace(b"xref\n0", b"4 0 obj\n" + GRAY_STREAM + b"\nendobj\nxref\n0")
    yield "pdf-shadow", shadow.replace(b"startxref\n%d" % base.index(b"xref\n0"), b"startxref\n%d" % shadow.index(b"xref\n0"))
    for name, body in {
        "hex": stream(GRAY.hex().encode() + b">", b"/Filter/ASCIIHexDecode"), "85": stream(base64.a85encode(GRAY) + b"~>", b"/Filter/ASCII85Decode"),
        "flate": stream(zlib.compress(GRAY), b"/Filter/FlateDecode"), "short": stream(GRAY.hex().encode() + b">", b"/Filter/AHx"),
        "length": GRAY_STREAM.replace(b"/Length 21", b"/Length 2"), "after-hex": stream(b"30 67>" + GRAY, b"/Filter/ASCIIHexDecode"),
    }.items():  # fmt: skip
        yield f"pdf-filter-{name}", realigned(pdf(b"", b"", (body,)).replace(page, b"/Contents 5 0 R"))


# --- EPS
# ------------------------------------------------------------

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n"
FILL = b" 10 10 80 80 rectfill\nshowpage\n%%EOF\n"


def epss() -> Iterator[tuple[str, bytes]]:
    """Programs whose operators are reached by other names, or whose comments end elsewhere."""
    bodies = {
        "setgray": b"0.5 setgray", "form-feed": b"% x\x0c0.5 setgray", "cr": b"% x\r0.5 setgray", "literal": b"/setcolor pop [/DeviceGray] setcolorspace 0.5 setcolor",
        "literal-space": b"/setcolor pop /setcolorspace pop /DeviceGray pop [/DeviceGray] setcolorspace 0.5 setcolor", "sethsb": b"/sethsbcolor pop 0 0 .5 sethsbcolor",
        "dictionary": b"5 dict begin /sethsbcolor {pop} def end 0 0 .5 sethsbcolor", "restore": b"save /sethsbcolor {pop} def restore 0 0 .5 sethsbcolor",
        "bind": b"/p {sethsbcolor} bind def /sethsbcolor {pop pop pop} def 0 0 .5 p", "load": b"/g /setgray load def .5 g", "exec": b".5 /setgray cvx exec",
        "alias": b"/g {setgray} bind def .5 g", "computed": b"1 2 div setgray", "index": b"0 .5 1 index pop setgray", "exch": b".5 0 exch setgray", "dup": b".5 dup setgray",
        "roll": b".5 0 2 1 roll setgray", "variable": b"/x .5 def x setgray", "if": b"true {.5 setgray} if", "ifelse": b"false {0 setgray}{.5 setgray} ifelse",
        "condition-binds": b"false {/sethsbcolor {pop} def} if 0 0 .5 sethsbcolor", "transfer": b"/settransfer pop {pop .5} settransfer 0 setgray",
        "put": b"userdict /g {0.5 setgray} put g", "store": b"/g {0.5 setgray} store g", "array": b"[.5 /setgray cvx] cvx exec", "string": b"(.5 setgray) cvx exec", "token": b"(.5 setgray) token pop exch pop exec",
        "currentfile": b"currentfile cvx exec .5 setgray", "repeat": b"1 {.5 setgray} repeat", "for": b"1 1 1 {pop .5 setgray} for", "stopped": b"{.5 setgray} stopped pop", "forall": b"[.5] {setgray} forall",
        "immediate": b".5 //setgray exec", "radix": b"/x 16#1 def .5 setgray", "swap": b"/a {.5} def /b {0} def a setgray", "shadow": b"/d {exch def} def /g {.5 setgray} /x exch def x g",
        "loose": b"/x {.5 setgray} def /y 0 x", "late": b"/a {b} def /b {0 setgray} def a /b {.5 setgray} def a", "late-settled": b"/b {0 setgray} def /a {b fill} def a a /b {.5 setgray} def a",
        "in-dictionary": b"/d 5 dict def d begin /c {.5 setgray} def end /c {0 setgray} def d begin c end", "known": b"systemdict /setgray known {.5 setgray} if", "where": b"/setgray where {pop .5 setgray} if",
        "image": b"80 80 scale 1 1 8 [1 0 0 1 0 0] {<80>} image", "pattern": b"/x 1 def .5 .5 .5 setrgbcolor", "cmyk": b"0 0 0 .5 setcmykcolor", "pipe": b"(%pipe%x) run .5 setgray",
        "choice-swaps": b"0 .5 1 2 lt {exch} if pop setgray", "brace-comment": b"{%}\n} pop .5 setgray", "string-comment": b"(%) pop .5 setgray", "ctrl-d": b"0 setgray\x04 .5 setgray",
        "save-loose": b"save /b {0 setgray} def restore .5 setgray", "twice": b"0 setgray 0 0 1 1 rectfill .5 setgray", "undefined": b"/b 1 dict def b begin /b {.5 setgray} def b",
    }  # fmt: skip
    for name, body in bodies.items():
        yield f"eps-{name}", EPS + body + FILL


# --- DXF
# ------------------------------------------------------------


def dxf(*sections: tuple[str, str]) -> str:
    made = "".join(f"0\nSECTION\n2\n{name}\n{body}0\nENDSEC\n" for name, body in sections)
    return made + "0\nEOF\n"


LINE = "0\nLINE\n8\n{layer}\n{more}10\n0\n20\n0\n11\n9\n21\n9\n"
LAYERS = "0\nTABLE\n2\nLAYER\n70\n1\n0\nLAYER\n2\nA\n70\n0\n62\n{colour}\n6\nCONTINUOUS\n{more}0\nENDTAB\n"


def dxfs() -> Iterator[tuple[str, bytes]]:
    """Colours of shapes and layers, where a reader that recovers finds them."""
    plain = ("ENTITIES", LINE.format(layer="0", more=""))
    gray = ("ENTITIES", LINE.format(layer="0", more="62\n8\n"))
    on_layer = ("ENTITIES", LINE.format(layer="A", more=""))
    files = {
        "colour": dxf(gray), "layer": dxf(("TABLES", LAYERS.format(colour=8, more="")), on_layer), "true": dxf(("ENTITIES", LINE.format(layer="0", more="420\n8421504\n"))),
        "open-header": "0\nSECTION\n2\nHEADER\n" + dxf(gray), "open-tables": "0\nSECTION\n2\nTABLES\n" + dxf(gray), "open-objects": "0\nSECTION\n2\nOBJECTS\n" + dxf(gray),
        "open-classes": "0\nSECTION\n2\nCLASSES\n" + dxf(gray), "no-eof": dxf(gray)[:-6], "case": dxf(gray).replace("LINE", "line"), "section-case": dxf(gray).replace("ENTITIES", "entities"),
        "layer-case": dxf(("TABLES", LAYERS.format(colour=8, more="").replace("0\nLAYER\n2\nA", "0\nlayer\n2\nA")), on_layer), "after-end": dxf(plain) + dxf(gray), "after-blanks": dxf(plain) + " " * 5000 + dxf(gray),
        "outside": dxf(plain).replace("0\nEOF", LINE.format(layer="0", more="62\n8\n") + "0\nEOF"), "in-header": dxf(("HEADER", LINE.format(layer="0", more="62\n8\n")), plain),
        "in-objects": dxf(("OBJECTS", LINE.format(layer="0", more="62\n8\n")), plain), "layer-outside-table": dxf(("TABLES", "0\nLAYER\n2\nA\n70\n0\n62\n8\n6\nCONTINUOUS\n"), on_layer),
        "twice": dxf(("ENTITIES", LINE.format(layer="0", more="62\n7\n62\n8\n"))), "plus": dxf(("ENTITIES", LINE.format(layer="0", more="62\n+8\n"))), "zero": dxf(("ENTITIES", LINE.format(layer="0", more="062\n8\n"))),
        "real": dxf(("ENTITIES", LINE.format(layer="0", more="62\n8.0\n"))), "blank": dxf(("ENTITIES", LINE.format(layer="0", more="  62 \n  8 \n"))), "crlf": dxf(gray).replace("\n", "\r\n"),
        "layer-true": dxf(("TABLES", LAYERS.format(colour=7, more="420\n8421504\n")), on_layer), "book": dxf(("ENTITIES", LINE.format(layer="0", more="62\n7\n430\nRAL$9006\n420\n8421504\n"))),
        "endsec-in-table": dxf(("TABLES", "0\nTABLE\n2\nLAYER\n0\nENDSEC\n0\nSECTION\n2\nTABLES\n" + LAYERS.format(colour=8, more="")), on_layer),
        "block": dxf(("BLOCKS", "0\nBLOCK\n2\nB\n10\n0\n20\n0\n" + LINE.format(layer="0", more="62\n8\n") + "0\nENDBLK\n"), ("ENTITIES", "0\nINSERT\n8\n0\n2\nB\n10\n0\n20\n0\n")),
        "transparency": dxf(("ENTITIES", LINE.format(layer="0", more="440\n33554559\n"))), "layer-transparency": dxf(("TABLES", LAYERS.format(colour=7, more="1001\nAcCmTransparency\n1071\n33554559\n")), on_layer),
        "hatch": dxf(("ENTITIES", "0\nHATCH\n8\n0\n62\n8\n")), "plot-style": dxf(plain, ("OBJECTS", "0\nPLOTSETTINGS\n7\nScreening 50%.ctb\n")), "mesh": dxf(("ENTITIES", "0\nPOLYLINE\n8\n0\n66\n1\n70\n64\n0\nSEQEND\n")),
    }  # fmt: skip
    for name, text in files.items():
        yield f"dxf-{name}", text.encode()


# --- bitmaps
# ------------------------------------------------------------


def tiff(entries: dict[int, tuple[int, tuple[int, ...]]], order: tuple[int, ...] = ()) -> bytes:
    """A TIFF of 16 × 16 pixels, plain, with entries changed or added: tag → (type, values)."""
    pixels = b"\xf0\x0f" * 16
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (3, (16,)), 257: (3, (16,)), 258: (3, (1,)), 259: (3, (1,)), 262: (3, (1,)), 273: (4, (8,)), 277: (3, (1,)), 278: (3, (16,)), 279: (4, (32,)),
    } | entries  # fmt: skip
    names = [*order, *sorted(set(tags) - set(order))]
    start = 8 + len(pixels)
    extra_at = start + 2 + 12 * len(names) + 4
    directory, extra = struct.pack("<H", len(names)), b""
    for tag in names:
        kind, values = tags[tag]
        packed = struct.pack(f"<{len(values)}{ {1: 'B', 3: 'H', 4: 'I', 7: 'B'}[kind] }", *values)
        if len(packed) > 4:
            packed, extra = struct.pack("<I", extra_at + len(extra)), extra + packed + b"\0" * (len(packed) % 2)
        directory += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", start) + pixels + directory + bytes(4) + extra


def bitmaps() -> Iterator[tuple[str, bytes]]:
    """PNG, TIFF and PNM whose pixels have one bit and another meaning, or more bits than it seems."""
    from .test_icc import curve, profile

    rows = b"".join(b"\0\xf0" for _ in range(8))
    bent = profile(b"GRAY", {b"kTRC": curve(30000, 40000)})
    gray_palette = chunk(b"PLTE", b"\x80\x80\x80\xff\xff\xff")
    pure_palette = chunk(b"PLTE", b"\0\0\0\xff\xff\xff")
    yield "png-8", png(8, 8, 8, 0, (b"\0" + b"\x80" * 8) * 8)
    yield "png-2", png(8, 8, 2, 0, (b"\0\x55\x55") * 8)
    yield "png-palette", png(8, 8, 1, 3, rows, gray_palette)
    yield "png-two-palettes", png(8, 8, 1, 3, rows, pure_palette + gray_palette)
    yield "png-two-palettes-first", png(8, 8, 1, 3, rows, gray_palette + pure_palette)
    yield "png-transparent", png(8, 8, 1, 3, rows, pure_palette + chunk(b"tRNS", b"\x80"))
    yield "png-transparent-gray", png(8, 8, 1, 0, rows, chunk(b"tRNS", b"\0\0"))
    yield "png-icc", png(8, 8, 1, 0, rows, chunk(b"iCCP", b"a\0\0" + zlib.compress(bent)))
    yield "png-cicp", png(8, 8, 1, 0, rows, chunk(b"cICP", bytes((9, 16, 0, 1))))
    yield "png-animated", png(8, 8, 1, 0, rows, chunk(b"acTL", bytes(8)))
    yield "png-unknown", png(8, 8, 1, 0, rows, chunk(b"nEWc", b""))
    yield "png-pdf", png(8, 8, 1, 0, rows, chunk(b"tEXt", b"a\0" + pdf(GRAY)))
    for name, entries in {
        "palette": {262: (3, (3,)), 320: (3, (0x8000, 0xFFFF) * 3)}, "extra": {338: (3, (2,))}, "bits": {258: (3, (8,))}, "map": {320: (3, (0x8000, 0xFFFF) * 3)},
        "transfer": {301: (3, (0x8000, 0xFFFF))}, "response": {291: (3, (1000, 0))}, "icc": {34675: (7, tuple(bent))}, "float": {339: (3, (3,))}, "maximum": {281: (3, (3,))},
        "layers": {37724: (7, (0,) * 8)}, "wang": {32932: (1, (0,) * 8)}, "jpeg": {513: (4, (8,)), 514: (4, (32,))}, "private": {50000: (4, (8,))}, "indexed": {346: (3, (1,)), 320: (3, (0x8000, 0xFFFF) * 3)},
        "mask": {262: (3, (4,))}, "reference": {532: (3, (0, 1, 0, 1, 0, 1))}, "depth": {32997: (4, (2,))}, "imagej": {50838: (4, (8,)), 50839: (1, (0,) * 8)},
    }.items():  # fmt: skip
        yield f"tiff-{name}", tiff(entries)
    yield "tiff-unsorted", tiff({258: (3, (1,))}, order=(262, 256))
    yield "pgm", b"P5 8 8 255\n" + b"\x80" * 64
    yield "pbm-then-pgm", b"P4 8 1\n\xf0" + b"P5 8 8 255\n" + b"\x80" * 64


LIES: dict[str, bytes] = dict((*svgs(), *pdfs(), *epss(), *dxfs(), *bitmaps()))
REPORTED = {path.name: path.read_bytes() for path in sorted((FILES / "lies").iterdir())}
HONEST = {path.name: path.read_bytes() for path in sorted((FILES / "honest").iterdir())}
