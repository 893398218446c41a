"""EPS (EPSF 3.0, PostScript level 2): the curves as relative integers, filled in grey 0, clipped to
the page.
"""
from __future__ import annotations

import math

from linefinish.data.document import Document
from linefinish.kernels import text
from linefinish.memory import buffers
from linefinish.writers.pdf import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def encode(document: Document, dpi: Any = None) -> list[Any]:
    """The file; no date and no name in it. It leaves graphics state and dictionaries as it found
    them.
    """
    width, height = document.page_pt
    across, down = document.unit_pt
    left, top = document.drawing_pt[:2]
    head = f"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 {math.ceil(width)} {math.ceil(height)}
%%HiResBoundingBox: 0 0 {number(width)} {number(height)}
%%LanguageLevel: 2
%%Pages: 1
%%EndComments
%%Page: 1 1
5 dict begin gsave
/m{{rmoveto}}bind def/l{{rlineto}}bind def/c{{rcurveto}}bind def/h{{closepath}}bind def
0 0 {number(width)} {number(height)} rectclip
{number(left)} {number(height - top)} translate {number(across)} {number(-down)} scale
0 setgray newpath 0 0 moveto
"""
    room = document.segment_count * text.SEGMENT_BYTES_MAX + len(document) * text.CHAIN_BYTES_MAX
    path = buffers.zeros(room, "B")
    used = text.postfix_path(document.segments, document.kinds, document.offsets, len(document), 1, path)
    return [head.encode(), path[:used], b"fill grestore end\nshowpage\n%%EOF\n"]
