"""Styles, attributes, namespaces, encodings."""
from __future__ import annotations

import gzip
from collections.abc import Iterator

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100" viewBox="0 0 100 100">'
RECT = '<rect x="10" y="10" width="80" height="80"'


def svgs() -> Iterator[tuple[str, bytes]]:
    """Styles, attributes, namespaces, encodings."""
    styles = {
        "string": 'a:"/*";fill:gray;b:"*/"',
        "ends-fill": "-inkscape-fill:gray",  # MuPDF looks for the words "fill:" and "stroke:"
        "ends-stroke": "-inkscape-stroke:gray;stroke-width:9",
        "ends-font": "font-fill:gray",
        "string-single": "a:'/*';fill:gray;b:'*/'",
        "string-semicolon": "font-family:'a;';fill:gray",
        "escape": "f\\69 ll:gray",
        "escape-value": "fill:gr\\61y",
        "escape-string": "font-family:'\\'';fill:gray;a:'/*\\''",
        "case": "FILL:GRAY",
        "comment": "/* fill:black */fill:gray",
        "comment-inside": "fill/**/:gray",
        "comment-value": "fill:/**/gray",
        "twice": "fill:gray;fill:gray",
        "important": "fill:gray!important;fill:black",
        "block": "a:{;b};fill:gray",
        "cdo": "<!--;fill:gray",
        "url": "a:url(/*);fill:gray;b:url(*/)",
        "hash": "fill:#808080",
        "short": "fill:#888",
        "rgb": "fill:rgb(128,128,128)",
        "percent": "fill:rgb(50%,50%,50%)",
        "hsl": "fill:hsl(0,0%,50%)",
        "name": "fill:silver",
        "opacity": "opacity:.5",
        "fill-opacity": "fill-opacity:50%",
        "alpha": "fill:rgba(0,0,0,.5)",
        "tab": "fill\t:\tgray",
        "newline": "fill\n:\ngray",
        "form-feed": "\x0bfill:gray".replace("\x0b", "\n"),
        "brackets": "a:[;];fill:gray",
        "parens": "a:(;);fill:gray",
        "stroke": "fill:none;stroke:gray;stroke-width:40",
        "current": "color:gray;fill:currentColor",
        "trailing": "fill:gray;}",
    }
    for name, style in styles.items():
        escaped = style.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("\n", "&#10;")
        yield f"svg-style-{name}", f'{SVG}{RECT} style="{escaped}"/></svg>'.encode()
        sheet = style.replace("&", "&amp;").replace("<", "&lt;")
        yield f"svg-sheet-{name}", f"{SVG}<style>rect{{{sheet}}}</style>{RECT}/></svg>".encode()
        root = SVG.replace("<svg ", f'<svg style="{escaped}" ')
        yield f"svg-root-{name}", f"{root}{RECT}/></svg>".encode()
    sheets = {
        "media": "@media all{rect{fill:gray}}",
        "import": "@import url('data:text/css,rect{fill:gray}');",
        "charset": '@charset "/*";rect{fill:gray}/**/',
        "attribute": 'a[b="{"]{}rect{fill:gray}',
        "cdo": "<!-- rect{fill:gray} -->",
        "comment": "/* a{ */rect{fill:gray}/* } */",
        "string": 'a{b:"}"}rect{fill:gray}',
        "supports": "@supports (fill:red){rect{fill:gray}}",
        "page": "@page{}rect{fill:gray}",
        "nested": "svg{rect{fill:gray}}",
        "namespace": "@namespace 'http://www.w3.org/2000/svg';rect{fill:gray}",
        "star": "*{fill:gray}",
        "not": "rect:not(.a){fill:gray}",
        "unclosed": "rect{fill:gray",
        "var": ":root{--a:gray}rect{fill:var(--a)}",
    }
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
        "attribute": f'{RECT} fill="gray"/>',
        "group": f'<g fill="gray">{RECT}/></g>',
        "prefix": f'{RECT} xmlns:s="http://www.w3.org/2000/svg" s:fill="gray"/>',
        "prefix-style": f'{RECT} xmlns:s="http://www.w3.org/2000/svg" s:style="fill:gray"/>',
        "entity": f'{RECT} fill="&#103;ray"/>',
        "prefix-element": f'<s:g xmlns:s="http://www.w3.org/2000/svg" fill="gray">{RECT}/></s:g>',
        "symbol": f'<symbol id="a">{RECT} fill="gray"/></symbol><use href="#a"/>',
        "use": f'<defs>{RECT} id="a"/></defs><use xlink:href="#a" fill="gray"/>',
        "switch": f'<switch>{RECT} fill="gray"/></switch>',
        "gradient": f'<linearGradient id="a"><stop stop-color="gray"/></linearGradient>{RECT} fill="url(#a)"/>',
        "pattern": f'<pattern id="a" width="9" height="9"><rect width="9" height="9" fill="gray"/></pattern>{RECT} fill="url(#a)"/>',
        "mask": f'<mask id="a"><rect width="99" height="99" fill="gray"/></mask>{RECT} mask="url(#a)"/>',
        "opacity": f'<g opacity="0.5">{RECT}/></g>',
        "filter": f'<filter id="a"><feFlood flood-color="gray"/></filter>{RECT} filter="url(#a)"/>',
        "set": f'{RECT}><set attributeName="fill" to="gray"/></rect>',
        "animate": f'{RECT}><animate attributeName="fill" values="gray;gray" dur="9s"/></rect>',
        "image": '<image width="99" height="99" href="data:image/svg+xml,%3Csvg/%3E"/>',
        "text": '<text y="90" font-size="99" fill="gray">&#9608;</text>',
        "marker": '<marker id="a" overflow="visible"><circle r="30" fill="gray"/></marker><path d="M50 50h1" marker-start="url(#a)"/>',
        "foreign": '<foreignObject width="99" height="99"><p xmlns="http://www.w3.org/1999/xhtml" style="background:gray">a</p>'
        "</foreignObject>",
        "html-style": f'<h:style xmlns:h="http://www.w3.org/1999/xhtml">rect{{fill:gray}}</h:style>{RECT}/>',
        "unnamed": '<g xmlns=""><rect width="90" height="90" fill="gray"/></g>',
        "hidden-style": f'<metadata><style xmlns="http://www.w3.org/2000/svg">rect{{fill:gray}}</style></metadata>{RECT}/>',
        "base": f'<use xml:base="other.svg" href="#a"/>{RECT} id="a" fill="gray"/>',
        "nested": f'<svg fill="gray">{RECT}/></svg>',
        "color": f'<g color="gray">{RECT} fill="currentColor"/></g>',
        "script": f"<script>document.querySelector('rect').setAttribute('fill','gray')</script>{RECT}/>",
        "onload": f"{RECT} onload=\"this.style.fill='gray'\"/>",
        "css-class": f'<style>.a{{fill:gray}}</style>{RECT} class="a"/>',
        "blend": f'{RECT}/><rect width="99" height="99" fill="#fff" style="mix-blend-mode:difference" opacity=".5"/>',
        "hex-alpha": f'{RECT} fill="#00000080"/>',
        "hex-alpha-short": f'{RECT} fill="#0008"/>',
        "alpha-of-gray": f'{RECT} fill="#8880"/>',
        "slashes": f'{RECT} fill="rgb(255/255/255)"/>',
        # MuPDF finds by its id what a reader of namespaces does not draw; resvg takes a sheet.
        "used-metadata": f'<metadata><x:rect xmlns:x="urn:x" id="a" {RECT[6:]} fill="gray"/></metadata><use href="#a" xlink:href="#a"/>',
        "used-foreign": f'<x:a xmlns:x="urn:x"><x:g id="a" fill="gray"><x:rect {RECT[6:]}/></x:g></x:a><use xlink:href="#a"/>',
        "used-rdf": '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:path id="a" d="M9 9h80v80z" fill="gray"/>'
        '</r:RDF></metadata><use xlink:href="#a"/>',
        "foreign-style": f'<metadata><x:style xmlns:x="urn:x">rect{{fill:gray}}</x:style></metadata>{RECT}/>',
    }
    for name, body in bodies.items():
        yield f"svg-{name}", f"{SVG}{body}</svg>".encode()
        yield f"svgz-{name}", gzip.compress(f"{SVG}{body}</svg>".encode(), mtime=0)
        yield f"svg-utf16-{name}", ('<?xml version="1.0" encoding="utf-16"?>' + f"{SVG}{body}</svg>").encode("utf-16")
    for name, subset in {
        "attlist": '<!ATTLIST rect fill CDATA "gray">',
        "entity": '<!ENTITY g "gray">',
        "parameter": "<!ENTITY % a \"<!ENTITY g 'gray'>\">%a;",
        "external": '<!ENTITY g SYSTEM "g.txt">',
        # MuPDF reads on behind the first ">".
        "comment": f'<!-- > {SVG}{RECT} fill="gray"/></svg> -->',
        "instruction": f'<?xpacket > {SVG}{RECT} fill="gray"/></svg> ?>',
    }.items():
        fill = ' fill="&g;"' if "!ENTITY" in subset else ""
        yield f"svg-doctype-{name}", f"<!DOCTYPE svg [{subset}]>{SVG}{RECT}{fill}/></svg>".encode()
    yield "svg-stylesheet", f'<?xml-stylesheet href="data:text/css,rect{{fill:gray}}"?>{SVG}{RECT}/></svg>'.encode()
