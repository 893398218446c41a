"""SVG: judged by what it may paint, wherever a colour is declared, whether or not it comes to be
used.

So nothing depends on a cascade, an inheritance or a renderer: where every declared colour is pure
and nothing mixes colours, every element is painted pure (black is the initial fill). What could
paint otherwise is refused by name: elements and properties that are not known here are refused, not
ignored.
"""
from __future__ import annotations

import re
from xml.parsers import expat

from linefinish.verifiers.colours import is_all_or_nothing, is_pure
from linefinish.verifiers.unpack import GZIP, inflated
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes of text. A drawing of a 600 dpi page has 2 to 10 MB; expat keeps the longest attribute three
# times.
TEXT_BYTES_MAX = 1 << 27
# Elements within elements; browsers stop at 512, drawings have ten.
_DEPTH_MAX = 200
# Elements in all: 4 million take about ten seconds.
_ELEMENTS_MAX = 4_000_000
# Characters of one style sheet.
_SHEET_CHARS_MAX = 1 << 20

_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_XLINK_HREF = "http://www.w3.org/1999/xlink href"

_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_GROUPS = {"svg", "g", "defs", "symbol", "use", "clipPath"}
_SILENT = {"title", "desc", "metadata"}  # and what is inside of them

_COLOUR_NAMES = {"fill", "stroke", "color", "background", "background-color", "outline-color"}
_OPACITY_NAMES = {"opacity", "fill-opacity", "stroke-opacity"}
_ONLY = {  # properties that mix, fade or call in what is painted elsewhere, with the values at which they do not
    "mix-blend-mode": {"normal"}, "isolation": {"auto", "isolate"}, "filter": {"none"}, "backdrop-filter": {"none"}, "mask": {"none"},
    "mask-image": {"none"}, "marker": {"none"}, "marker-start": {"none"}, "marker-mid": {"none"}, "marker-end": {"none"},
    "background-image": {"none"}, "box-shadow": {"none"}, "outline": {"none"}, "border": {"none"}, "animation": {"none"},
    "transition": {"none"}, "content": {"none", "normal"}, "enable-background": {"accumulate", "new"},
}  # fmt: skip
_GEOMETRY = {
    "fill-rule", "clip-rule", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray",
    "stroke-dashoffset", "display", "visibility", "overflow", "clip", "transform", "transform-origin", "transform-box", "vector-effect",
    "paint-order", "shape-rendering", "text-rendering", "image-rendering", "color-rendering", "color-interpolation", "d", "x", "y", "width",
    "height", "cx", "cy", "r", "rx", "ry", "position", "margin", "padding", "max-width", "max-height", "pointer-events", "cursor",
    "line-height", "letter-spacing", "word-spacing", "writing-mode", "direction", "white-space", "baseline-shift", "dominant-baseline",
    "color-interpolation-filters",
}  # fmt: skip
# Properties of elements that are refused themselves: editors write them on every path.
_IDLE_PREFIXES = ("font", "text", "-inkscape-", "stop-", "flood-", "lighting-", "solid-", "inline-size", "shape-")

_LOCAL_URL = re.compile(r"url\(\s*(['\"]?)#[^'\"()\\]+\1\s*\)")
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})(px|pt|pc|mm|cm|in|)")
_RULE = re.compile(r"[^{}@]*\{([^{}]*)\}")


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if nothing in the drawing can paint another colour than black and white."""
    facts.detail = "vector"
    text = _text(data)
    reader = _Reader(facts)
    try:
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise DamagedError(f"{expat.ErrorString(error.code)} in line {error.lineno}") from None
    except (UnicodeError, LookupError, ValueError):
        raise DamagedError("the text is not in an encoding that can be read") from None
    facts.detail = f"vector, {reader.shape_count} shape{'' if reader.shape_count == 1 else 's'}" + reader.size


def _text(data: memoryview) -> bytes | memoryview:
    """The XML, unpacked if it is an svgz."""
    if bytes(data[:2]) != b"\x1f\x8b":
        if len(data) > TEXT_BYTES_MAX:
            raise DamagedError(f"more than {TEXT_BYTES_MAX >> 20} MiB of text")
        return data
    text = bytearray()
    for part in inflated([data], GZIP):
        text += part
        if len(text) > TEXT_BYTES_MAX:
            raise DamagedError(f"more than {TEXT_BYTES_MAX >> 20} MiB of text")
    return bytes(text)


class _Reader:
    """expat's events, judged one by one."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.shape_count = 0
        self.size = ""
        self.element_count = 0
        self.depth = 0
        self.silent_depth = 0  # depth of the outermost element whose content is not painted; 0: none
        self.sheet: list[str] | None = None
        self.sheet_chars = 0
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.entity
        parser.ProcessingInstructionHandler = self.instruction
        parser.CharacterDataHandler = self.text

    def refuse(self, problem: str, element: str) -> None:
        """End the reading here."""
        line = self.parser.CurrentLineNumber
        raise GrayError(f"{problem} in <{shown(element)}>, line {line}", (shown(element), line))

    def doctype(self, _name: str, _system: str | None, public: str | None, has_subset: int) -> None:
        """The well-known declaration is let pass (potrace writes it; nothing is fetched); one that
        declares anything is not.
        """
        if has_subset or not (public or "").startswith("-//W3C//DTD SVG"):
            raise DamagedError(f"a document type that may declare anything, line {self.parser.CurrentLineNumber}")

    def entity(self, *_: Any) -> None:
        raise DamagedError(f"an entity is declared, line {self.parser.CurrentLineNumber}")

    def instruction(self, target: str, _data: str) -> None:
        raise DamagedError(f"a processing instruction ({shown(target)}), line {self.parser.CurrentLineNumber}")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self.depth += 1
        self.element_count += 1
        if self.depth > _DEPTH_MAX or self.element_count > _ELEMENTS_MAX:
            raise DamagedError(f"more than {_DEPTH_MAX} elements in one another" if self.depth > _DEPTH_MAX
                               else f"more than {_ELEMENTS_MAX:,} elements")  # fmt: skip
        if self.depth == 1 and (space, local) != (_SVG, "svg"):
            raise DamagedError(f"the outermost element is {shown(local)}, not svg in the SVG namespace")
        if self.sheet is not None or space == _XHTML or (self.silent_depth and space == _SVG):
            self.refuse("an element that has no place there", local)
        for attribute in attributes:
            if attribute[:2].lower() == "on":
                self.refuse(f"the event handler {shown(attribute)}", local)
        if self.silent_depth:
            return
        if space != _SVG or local in _SILENT:
            self.silent_depth = self.depth  # elements of other vocabularies are not rendered (SVG 2, section 5.11)
        elif local == "style":
            self.sheet = []
        elif local in _SHAPES or local in _GROUPS:
            self.shape_count += local in _SHAPES
            self.judge(local, attributes)
            if self.depth == 1:
                self.size = _page_size(attributes)
        else:
            self.refuse("an element whose painting is not verified" if local != "text" else
                        "text, which is drawn as the viewer's font has it,", local)  # fmt: skip

    def end(self, _name: str) -> None:
        if self.depth == self.silent_depth:
            self.silent_depth = 0
        self.depth -= 1
        if self.sheet is not None:
            sheet, self.sheet = "".join(self.sheet), None
            self.judge_sheet(sheet)

    def text(self, text: str) -> None:
        if self.sheet is None:
            return
        self.sheet_chars += len(text)
        if self.sheet_chars > _SHEET_CHARS_MAX:
            raise DamagedError("the style sheets are too long")
        self.sheet.append(text)

    def judge(self, element: str, attributes: dict[str, str]) -> None:
        """The attributes of an element that is painted."""
        for name, value in attributes.items():
            if name == "style":
                self.judge_style(value, element)
            elif name in ("href", _XLINK_HREF):
                if element != "use" or not value.startswith("#"):
                    self.refuse(f"a reference to {shown(value)}", element)
            elif name in _COLOUR_NAMES or name in _OPACITY_NAMES or name in _ONLY or name == "clip-path":
                self.judge_property(name, value, element)

    def judge_style(self, style: str, element: str) -> None:
        """Declarations, from an attribute or a rule."""
        style = _without_comments(style)
        if "\\" in style or "/*" in style or "{" in style:
            self.refuse("a style that is not plain", element)
        for declaration in style.split(";"):
            name, colon, value = declaration.partition(":")
            name = name.strip().lower()
            if colon:
                self.judge_property(name, _without_importance(value), element)
            elif name:
                self.refuse(f"the style {shown(name)}, which is no declaration", element)

    def judge_sheet(self, sheet: str) -> None:
        """A style sheet of plain rules; whatever they select, their declarations must be pure."""
        sheet = _without_comments(sheet)
        at = 0
        while rule := _RULE.match(sheet, at):
            self.judge_style(rule[1], "style")
            at = rule.end()
        if sheet[at:].strip():
            self.refuse(f"the style rule {shown(sheet[at:].strip())}", "style")

    def judge_property(self, name: str, value: str, element: str) -> None:
        """One declaration."""
        plain = value.strip().lower()
        if name in _COLOUR_NAMES:
            fine = is_pure(plain)
        elif name in _OPACITY_NAMES:
            fine = is_all_or_nothing(plain)
        elif name == "clip-path":
            fine = plain == "none" or _LOCAL_URL.fullmatch(value.strip()) is not None  # a clip has an outline and no greys
        elif name in _ONLY:
            fine = plain in _ONLY[name] or plain in ("inherit", "initial", "unset")
        else:
            fine = (name in _GEOMETRY or name.startswith(_IDLE_PREFIXES)) and "url(" not in plain and "var(" not in plain
        if not fine:
            self.refuse(f"{shown(name)} {shown(value.strip())}", element)


def _without_comments(style: str) -> str:
    """A style without its comments; one that does not end stays, and is refused."""
    first, *rest = style.split("/*")
    kept = [first]
    for part in rest:
        _, end, after = part.partition("*/")
        kept.append(f" {after}" if end else f"/*{part}")
    return "".join(kept)


def _without_importance(value: str) -> str:
    """A value without its `!important`."""
    value = value.rstrip()
    if value.lower().endswith("important"):
        mark = value[: -len("important")].rstrip()
        return mark[:-1] if mark.endswith("!") else value
    return value


def _page_size(attributes: dict[str, str]) -> str:
    """Width and height as the file states them, in words."""
    sides = [_LENGTH.fullmatch(attributes.get(side, "").strip()) for side in ("width", "height")]
    if not all(sides):
        return ""
    across, down = (f"{float(side[1]):g}{side[2]}" for side in sides if side)
    return f", {across} × {down}"
