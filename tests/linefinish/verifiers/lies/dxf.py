"""Colours of shapes and layers, where a reader that recovers finds them."""
from __future__ import annotations

from collections.abc import Iterator


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
        "colour": dxf(gray),
        "layer": dxf(("TABLES", LAYERS.format(colour=8, more="")), on_layer),
        "true": dxf(("ENTITIES", LINE.format(layer="0", more="420\n8421504\n"))),
        "open-header": "0\nSECTION\n2\nHEADER\n" + dxf(gray),
        "open-tables": "0\nSECTION\n2\nTABLES\n" + dxf(gray),
        "open-objects": "0\nSECTION\n2\nOBJECTS\n" + dxf(gray),
        "open-classes": "0\nSECTION\n2\nCLASSES\n" + dxf(gray),
        "no-eof": dxf(gray)[:-6],
        "case": dxf(gray).replace("LINE", "line"),
        "section-case": dxf(gray).replace("ENTITIES", "entities"),
        "layer-case": dxf(("TABLES", LAYERS.format(colour=8, more="").replace("0\nLAYER\n2\nA", "0\nlayer\n2\nA")), on_layer),
        "after-end": dxf(plain) + dxf(gray),
        "after-blanks": dxf(plain) + " " * 5000 + dxf(gray),
        "outside": dxf(plain).replace("0\nEOF", LINE.format(layer="0", more="62\n8\n") + "0\nEOF"),
        "in-header": dxf(("HEADER", LINE.format(layer="0", more="62\n8\n")), plain),
        "in-objects": dxf(("OBJECTS", LINE.format(layer="0", more="62\n8\n")), plain),
        "layer-outside-table": dxf(("TABLES", "0\nLAYER\n2\nA\n70\n0\n62\n8\n6\nCONTINUOUS\n"), on_layer),
        "twice": dxf(("ENTITIES", LINE.format(layer="0", more="62\n7\n62\n8\n"))),
        "plus": dxf(("ENTITIES", LINE.format(layer="0", more="62\n+8\n"))),
        "zero": dxf(("ENTITIES", LINE.format(layer="0", more="062\n8\n"))),
        "real": dxf(("ENTITIES", LINE.format(layer="0", more="62\n8.0\n"))),
        "blank": dxf(("ENTITIES", LINE.format(layer="0", more="  62 \n  8 \n"))),
        "crlf": dxf(gray).replace("\n", "\r\n"),
        "layer-true": dxf(("TABLES", LAYERS.format(colour=7, more="420\n8421504\n")), on_layer),
        "book": dxf(("ENTITIES", LINE.format(layer="0", more="62\n7\n430\nRAL$9006\n420\n8421504\n"))),
        "endsec-in-table": dxf(
            ("TABLES", "0\nTABLE\n2\nLAYER\n0\nENDSEC\n0\nSECTION\n2\nTABLES\n" + LAYERS.format(colour=8, more="")), on_layer
        ),
        "block": dxf(
            ("BLOCKS", "0\nBLOCK\n2\nB\n10\n0\n20\n0\n" + LINE.format(layer="0", more="62\n8\n") + "0\nENDBLK\n"),
            ("ENTITIES", "0\nINSERT\n8\n0\n2\nB\n10\n0\n20\n0\n"),
        ),
        "transparency": dxf(("ENTITIES", LINE.format(layer="0", more="440\n33554559\n"))),
        "layer-transparency": dxf(("TABLES", LAYERS.format(colour=7, more="1001\nAcCmTransparency\n1071\n33554559\n")), on_layer),
        "hatch": dxf(("ENTITIES", "0\nHATCH\n8\n0\n62\n8\n")),
        "plot-style": dxf(plain, ("OBJECTS", "0\nPLOTSETTINGS\n7\nScreening 50%.ctb\n")),
        "mesh": dxf(("ENTITIES", "0\nPOLYLINE\n8\n0\n66\n1\n70\n64\n0\nSEQEND\n")),
    }
    for name, text in files.items():
        yield f"dxf-{name}", text.encode()
