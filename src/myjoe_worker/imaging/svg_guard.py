"""The SVG guard: what an SVG may contain before anything draws it. A security border: providers'
files are hostile until they have passed `check_svg`.

An SVG can load files, run scripts, define entities that multiply, and nest without bounds. The
guard takes the short list of what line drawings are made of (an allow list, so that a new element
is refused until somebody has thought about it), and walks through the whole document once, with a
parser that resolves nothing. All of its limits stand here.
"""
from __future__ import annotations

import re
from xml.parsers import expat

from myjoe.errors import ImageRefusedError

NAMESPACE = "http://www.w3.org/2000/svg"
# What a drawing of lines and areas is made of. Not here, because it can load, run, multiply itself
# or cost without bounds: script, image, foreignObject, use, symbol, pattern, marker, mask, filter,
# animations, text (whose fonts we have not).
ELEMENTS = frozenset((
    "g", "defs", "switch", "title", "desc", "metadata", "style", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "clipPath", "linearGradient", "radialGradient", "stop",
))  # fmt: skip
# Most elements, and how deep they may lie in each other. Traced drawings have thousands of paths,
# all at one level. Larger: more time and memory for a hostile file; smaller: honest drawings are
# refused.
ELEMENTS_MAX = 100_000
DEPTH_MAX = 40
# Width and height lie below this, in whatever unit. Larger numbers are no sizes of drawings, and
# lose the digits of what lies between.
SIDE_MAX = 1e6
# Fragments of this document may be referred to, and nothing else; CSS may not import, nor compute.
OUTSIDE = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import|expression\s*\(|javascript:|\bdata:", re.IGNORECASE)


def check_svg(content: bytes) -> tuple[str, float, float]:
    """The document as text, and its width and height in any unit, each greater than 0 and below
    SIDE_MAX. ImageRefusedError for whatever no drawing needs.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImageRefusedError("the SVG is not in UTF-8") from None
    walker = _Walker()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = walker.doctype
    parser.ProcessingInstructionHandler = walker.instruction
    parser.StartElementHandler = walker.start
    parser.EndElementHandler = walker.end
    parser.CharacterDataHandler = walker.text
    try:
        parser.Parse(text.encode(), True)  # pyexpat takes the text's own encoding for granted, whatever the declaration says
    except expat.ExpatError as error:
        raise ImageRefusedError(f"the SVG is damaged: {error}") from error
    if walker.size is None:
        raise ImageRefusedError("the SVG does not say how large it is")
    return text, *walker.size


class _Walker:
    """Sees every element once, in order, before anything is drawn."""

    def __init__(self) -> None:
        self.size: tuple[float, float] | None = None
        self._elements = 0
        self._open: list[str] = []

    def doctype(self, *_: object) -> None:
        raise ImageRefusedError("the SVG has a DOCTYPE, which can define entities")

    def instruction(self, target: str, _data: str) -> None:
        raise ImageRefusedError(f"the SVG has a processing instruction ({target[:40]})")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        self._elements += 1
        if self._elements > ELEMENTS_MAX:
            raise ImageRefusedError(f"the SVG has more than {ELEMENTS_MAX:,} elements")
        if len(self._open) >= DEPTH_MAX:
            raise ImageRefusedError(f"the SVG's elements lie more than {DEPTH_MAX} deep in each other")
        if not self._open:
            if name != f"{NAMESPACE} svg":
                raise ImageRefusedError("the document is no SVG")
            self.size = _size(attributes)
        elif namespace == NAMESPACE and local not in ELEMENTS:  # what editors add in namespaces of their own is not drawn
            raise ImageRefusedError(f"the SVG has a <{local[:40]}>, which no line drawing needs")
        self._open.append(local)
        for key, value in attributes.items():
            attribute = key.rpartition(" ")[2].lower()
            if attribute.startswith("on") or attribute == "href" and not value.strip().startswith("#") or OUTSIDE.search(value):
                raise ImageRefusedError(f"the SVG refers to something outside itself, or runs it ({attribute[:40]})")

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        if self._open and self._open[-1] == "style" and ("\\" in text or "@" in text or OUTSIDE.search(text)):
            raise ImageRefusedError("the SVG's style sheet refers to something outside itself")


def _size(attributes: dict[str, str]) -> tuple[float, float]:
    """Width and height from the view box, or from the attributes of those names."""
    numbers = attributes.get("viewBox", "").replace(",", " ").split()[2:] or [
        re.sub(r"(px|pt|mm|cm|in|pc)$", "", attributes.get(side, "").strip()) for side in ("width", "height")
    ]
    try:
        width, height = map(float, numbers)
    except ValueError:
        raise ImageRefusedError("the SVG does not say how large it is") from None
    if not (0 < width < SIDE_MAX and 0 < height < SIDE_MAX):
        raise ImageRefusedError(f"the SVG is {width:g} × {height:g} large, which is no page")
    return width, height
