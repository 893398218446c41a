"""SVG: judged by what it may paint, wherever a colour is declared, whether or not it comes to be
used.

So nothing depends on a cascade, an inheritance or a renderer: where every declared colour is pure
and nothing mixes colours, every element is painted pure (black is the initial fill). Elements,
attributes, properties and declarations that are not known here cannot be verified; they are not
ignored.
"""
from __future__ import annotations

import re
from xml.parsers import expat

from linefinish.verifiers import svg_properties
from linefinish.verifiers.unpack import GZIP, inflated
from linefinish.verifiers.verdict import DamagedError, Facts, shown

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
# Characters of all style sheets.
_SHEETS_CHARS_MAX = 1 << 20
# Different styles of attributes that are remembered as judged.
_STYLES_MAX = 10_000
_STYLE_CHARS_MAX = 4000

_SVG = "http://www.w3.org/2000/svg"
# The W3C's vocabularies, which viewers draw, run or include within a drawing (XHTML, MathML,
# XInclude, events), but those of metadata; and elements without one, which some take for SVG.
_W3C_SPACES = "http://www.w3.org/"
_METADATA_SPACES = frozenset(("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"))

_SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"))
_GROUPS = frozenset(("svg", "g", "defs", "symbol", "use", "clipPath", "switch"))
_SILENT = frozenset(("title", "desc", "metadata"))  # and what is inside of them
# Names that no element of another vocabulary has in a drawing as editors write them. Readers that
# forget namespaces take them for SVG: as what a `use` names, or as a style sheet.
_KNOWN = (_SHAPES | _GROUPS | {"style", "text", "tspan", "image", "pattern", "mask", "filter", "marker", "foreignObject", "script", "stop",
                               "linearGradient", "radialGradient", "animate"})  # fmt: skip
# Of them those that metadata may have, where they say nothing but their text: Adobe's thumbnails
# are called image.
_BARE = frozenset(("image", "text"))
_STYLE_ATTRIBUTES = frozenset(("type", "media", "id", "title", "lang", "http://www.w3.org/XML/1998/namespace space"))

# Encodings that every viewer reads alike.
_ENCODINGS = frozenset(("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "utf-16"))
# Compiled only for files that declare a document type.
_W3C = r"https?://www\.w3\.org/[\w./-]*"
_ADDRESS = r"http[\w:/.#?=,+~-]{1,200}"
_ENTITY = rb"&(?!#|amp;|lt;|gt;|quot;|apos;)([^;<&\s]{1,100})"

_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})(px|pt|pc|mm|cm|in|)")


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
    if reader.has_doctype:  # expat drops names that a declaration elsewhere might have; others may not
        undeclared = {match[1].decode("latin-1") for match in re.finditer(_ENTITY, text)} - reader.entities
        if undeclared:
            raise DamagedError(f"cannot be verified: the entity {shown(min(undeclared))}")
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
        self.has_doctype = False
        self.in_doctype = False
        self.entities: set[str] = set()
        self.judged_styles: set[str] = set()
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.doctype
        parser.ProcessingInstructionHandler = self.instruction
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text

    # --- the XML around the drawing
    # ------------------------------------------------------------

    def unverified(self, problem: str) -> DamagedError:
        """That it cannot be told what viewers draw, and in which line."""
        return DamagedError(f"cannot be verified: {problem}, line {self.parser.CurrentLineNumber}")

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() not in _ENCODINGS:
            raise self.unverified(f"XML {shown(version)} in {shown(encoding or '')}")

    def doctype(self, _name: str, system: str | None, public: str | None, _has_subset: int) -> None:
        """W3C's own declaration is let pass (potrace writes it; nothing is fetched), and one
        without an address; what is declared inside of it comes to `entity` and `odd_declaration`.
        """
        self.has_doctype = self.in_doctype = True
        self.parser.EndDoctypeDeclHandler = self.end_doctype
        # MuPDF takes the first `>` for the end of it, and draws what stands in such a comment.
        self.parser.CommentHandler = self.odd_declaration
        self.parser.EntityDeclHandler = self.entity
        self.parser.SkippedEntityHandler = self.parser.AttlistDeclHandler = self.odd_declaration
        self.parser.ElementDeclHandler = self.parser.NotationDeclHandler = self.odd_declaration
        ours = system is None or ((public or "").startswith("-//W3C//DTD SVG") and re.fullmatch(_W3C, system) is not None)
        if not ours:
            raise self.unverified("a document type that may declare anything")

    def end_doctype(self) -> None:
        self.in_doctype = False
        self.parser.CommentHandler = None

    def entity(self, name: str, is_parameter: int, value: str | None, _base: Any, system: str | None, _public: Any, notation: Any) -> None:
        """Illustrator declares addresses as entities; more than that none may be."""
        self.entities.add(name)
        if is_parameter or value is None or system or notation or len(self.entities) > 100 or not re.fullmatch(_ADDRESS, value):
            raise self.unverified(f"the entity {shown(name)}")

    def odd_declaration(self, *_: Any) -> None:
        raise self.unverified("a document type that may declare anything")

    def instruction(self, target: str, _data: str) -> None:
        if target != "xpacket" or self.in_doctype:  # Adobe's mark around metadata
            raise self.unverified(f"a processing instruction ({shown(target)})")

    # --- the drawing
    # ------------------------------------------------------------

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self.depth += 1
        self.element_count += 1
        if self.depth > _DEPTH_MAX or self.element_count > _ELEMENTS_MAX:
            raise DamagedError(f"more than {_DEPTH_MAX} elements in one another" if self.depth > _DEPTH_MAX
                               else f"more than {_ELEMENTS_MAX:,} elements")  # fmt: skip
        if self.depth == 1 and (space, local) != (_SVG, "svg"):
            raise DamagedError(f"the outermost element is {shown(local)}, not svg in the SVG namespace")
        if space == _SVG:
            is_misplaced = self.sheet is not None or self.silent_depth > 0
        else:
            is_misplaced = self.sheet is not None or not space or (space.startswith(_W3C_SPACES) and space not in _METADATA_SPACES)
        if is_misplaced:
            raise self.unverified(f"an element that has no place there in <{shown(local)}>")
        if space != _SVG and local in _KNOWN and not (self.silent_depth and local in _BARE and not attributes):
            raise self.unverified(f"<{shown(local)}> of another vocabulary")
        if self.silent_depth:
            return
        if space != _SVG or local in _SILENT:
            self.silent_depth = self.depth  # elements of other vocabularies are not rendered (SVG 2, section 5.11)
        elif local == "style":
            self.sheet = []
            odd = [attribute for attribute in attributes if attribute not in _STYLE_ATTRIBUTES]
            if odd or attributes.get("type", "text/css").strip().lower() not in ("", "text/css"):
                raise self.unverified(f"a style sheet with {shown(odd[0] if odd else 'another type')}")
            self.parser.CommentHandler = self.parser.StartCdataSectionHandler = self.sheet_is_cut
        elif local in _SHAPES or local in _GROUPS:
            self.shape_count += local in _SHAPES
            self.judge(local, attributes)
            if self.depth == 1:
                self.size = _page_size(attributes)
        else:
            raise self.unverified(f"an element whose painting is not verified in <{shown(local)}>" if local != "text" else
                                  "text, which is drawn as the viewer's font has it, in <text>")  # fmt: skip

    def end(self, _name: str) -> None:
        if self.depth == self.silent_depth:
            self.silent_depth = 0
        self.depth -= 1
        if self.sheet is not None:
            sheet, self.sheet = "".join(self.sheet), None
            self.parser.CommentHandler = self.parser.StartCdataSectionHandler = None
            line = self.parser.CurrentLineNumber
            from linefinish.verifiers import css

            for name, value in css.rules(sheet):
                svg_properties.judge_tokens(name, value, css.text_of(value), "style", line)

    def text(self, text: str) -> None:
        if self.sheet is None:
            return
        self.sheet_chars += len(text)
        if self.sheet_chars > _SHEETS_CHARS_MAX:
            raise DamagedError("the style sheets are too long")
        self.sheet.append(text)

    def sheet_is_cut(self, *_: Any) -> None:
        """A comment of XML, or a second section, cuts a sheet into pieces of which some viewers
        read the first alone. One section with nothing before it is how sheets are written.
        """
        if _ or "".join(self.sheet or ["x"]).strip():
            raise self.unverified("a style sheet in pieces")

    def judge(self, element: str, attributes: dict[str, str]) -> None:
        """The attributes of an element that is painted."""
        for name, value in attributes.items():
            kind = svg_properties.kind_of(name)
            if kind == svg_properties.FREE:
                continue
            if kind == svg_properties.PAINTING:
                svg_properties.judge(name, value, element, self.parser.CurrentLineNumber)
            elif kind == svg_properties.STYLE:
                self.judge_style(value, element)
            elif kind != svg_properties.HREF:
                raise self.unverified(f"the {'event handler' if name[:2].lower() == 'on' else 'attribute'} {shown(name)} in <{element}>")
            elif element != "use" or value[:1] != "#":
                raise self.unverified(f"a reference to {shown(value)} in <{element}>")

    def judge_style(self, style: str, element: str) -> None:
        """The declarations of an attribute; editors write the same ones again and again."""
        if style in self.judged_styles:
            return
        from linefinish.verifiers import css

        line = self.parser.CurrentLineNumber
        for name, value in css.declarations(style):
            svg_properties.judge_tokens(name, value, css.text_of(value), element, line)
        if len(self.judged_styles) < _STYLES_MAX and len(style) < _STYLE_CHARS_MAX:
            self.judged_styles.add(style)


def _page_size(attributes: dict[str, str]) -> str:
    """Width and height as the file states them, in words."""
    sides = [_LENGTH.fullmatch(attributes.get(side, "").strip()) for side in ("width", "height")]
    if not all(sides):
        return ""
    across, down = (f"{float(side[1]):g}{side[2]}" for side in sides if side)
    return f", {across} × {down}"
