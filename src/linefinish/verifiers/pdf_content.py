"""What the content of a PDF paints (ISO 32000-2, section 8), operator by operator.

As with SVG, no graphics state is followed but the colour spaces: every colour that is set must be
pure, whether or not something is painted with it, and what mixes colours is refused. Black is the
initial colour.
"""
from __future__ import annotations

import re

from linefinish.verifiers.pdf_fonts import type3_glyphs
from linefinish.verifiers.pdf_images import Images
from linefinish.verifiers.pdf_lexer import Lexer, Name, Reference, Stream, Word, known_keys, name_of, number
from linefinish.verifiers.pdf_spaces import INTENTS, PURE, Spaces
from linefinish.verifiers.verdict import DamagedError, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.verifiers.pdf_objects import File

# Forms within forms; real files have five.
_FORMS_DEPTH_MAX = 30
# Operands before an operator; scn takes 32 components, TJ one array.
_OPERANDS_MAX = 64

# Runs of path operators, which cannot set a colour, are stepped over at the speed of `re`: 40 times
# the pace of the lexer. The bound keeps numbers without an operator from being walked again for
# each of them.
_PATHS = re.compile(rb"(?:[\0\t\n\f\r \d.+-]{0,200}+(?:re|[mlcvyhfnFBbSsW]\*?|[wJjMi])(?=[\0\t\n\f\r ]|\Z))*+")

_GEOMETRY = frozenset((
    b"m", b"l", b"c", b"v", b"y", b"h", b"re", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"n", b"W", b"W*", b"w", b"J", b"j",
    b"M", b"d", b"i", b"cm",
    b"BT", b"ET", b"Tc", b"Tw", b"Tz", b"TL", b"Tr", b"Ts", b"Td", b"TD", b"Tm", b"T*", b"Tj", b"TJ", b"'", b'"', b"d0", b"d1",
    b"MP", b"DP", b"BMC", b"BDC", b"EMC", b"BX", b"EX",
))  # fmt: skip
_PLAIN_COLOURS = {b"g": b"DeviceGray", b"G": b"DeviceGray", b"rg": b"DeviceRGB", b"RG": b"DeviceRGB", b"k": b"DeviceCMYK",
                  b"K": b"DeviceCMYK"}  # fmt: skip
_KINDS = (b"ColorSpace", b"ExtGState", b"Font", b"XObject")

_STATE_KEYS_FREE = frozenset((b"Type", b"LW", b"LC", b"LJ", b"ML", b"D", b"OP", b"op", b"OPM", b"FL", b"SM", b"SA", b"AIS", b"TK",
                              b"AAPL:AA"))  # fmt: skip
_STATE_KEYS_ONLY: dict[bytes, tuple[Any, ...]] = {
    b"CA": (1,), b"ca": (1,), b"BM": (b"Normal", b"Compatible"), b"SMask": (b"None",), b"TR": (b"Identity", b"Default"),
    b"TR2": (b"Default", b"Identity"), b"HT": (b"Default",), b"BG2": (b"Default",), b"UCR2": (b"Default",),
    b"UseBlackPtComp": (b"OFF", b"Default"),
}  # fmt: skip
_FORM_KEYS = frozenset((b"Type", b"Subtype", b"FormType", b"BBox", b"Matrix", b"Resources", b"Group", b"Metadata", b"PieceInfo",
                        b"LastModified", b"StructParent", b"StructParents", b"OC", b"Name", b"Length", b"Filter", b"DecodeParms", b"DL",
                        b"AF"))  # fmt: skip
_GROUP_KEYS = frozenset((b"Type", b"S", b"CS", b"I", b"K"))


class Painter:
    """What is painted, judged operator by operator."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.spaces = Spaces(file)
        self.images = Images(file, self.spaces)
        self.judged: dict[Any, Any] = {}
        self.page_number = 0
        self.depth = 0

    def refuse(self, problem: str, operator: bytes, at: int) -> None:
        """End the reading here: it paints another colour."""
        raise GrayError(f"page {self.page_number}: {problem}", (shown(operator), at))

    def unverified(self, what: str, at: int | None = None) -> DamagedError:
        """That it cannot be told what it paints."""
        return DamagedError(f"cannot be verified: page {self.page_number}: {what}" + (f", byte {at}" if at is not None else ""))

    def page(self, page: dict[bytes, Any]) -> None:
        """The content of a page."""
        file = self.file
        contents = file.get(page.get(b"Contents"))
        parts = contents if isinstance(contents, list) else [] if contents is None else [contents]
        streams = [file.get(part) for part in parts]
        if not all(isinstance(stream, Stream) for stream in streams):
            raise DamagedError(f"the content of page {self.page_number} is missing")
        texts = [file.content(stream) for stream in streams]
        for text, following in zip(texts, texts[1:], strict=False):
            if text[-1:] not in b"\0\t\n\f\r >])" and following[:1] not in b"\0\t\n\f\r </[(%":
                raise self.unverified("two parts of the content meet within a word")
        self.group(page)
        self.content(b"\n".join(texts), file.dictionary(page.get(b"Resources"), "Resources"))

    def group(self, entries: dict[bytes, Any]) -> None:
        """The colour space in which a page or a form is put together."""
        group = self.file.dictionary(entries.get(b"Group"), "Group")
        known_keys(group, _GROUP_KEYS, "a transparency group")
        if group.get(b"CS") is not None:
            self.spaces.plain(group[b"CS"], {})

    def is_new(self, key: Any, held: Any) -> bool:
        """Whether this is judged for the first time. What a key names by its id is held, so that
        nothing else can get that id.
        """
        if key in self.judged:
            return False
        self.judged[key] = held
        return True

    def form(self, key: Any, stream: Stream, inherited: dict[bytes, Any], keys: frozenset[bytes] = _FORM_KEYS) -> None:
        """A form XObject, an appearance or a glyph: once for each set of resources that
        it may use.
        """
        own = stream.entries.get(b"Resources")
        resources = inherited if own is None else self.file.dictionary(own, "Resources")
        if not self.is_new((key, id(resources) if own is None else 0), resources):
            return
        if self.depth > _FORMS_DEPTH_MAX:
            raise DamagedError(f"more than {_FORMS_DEPTH_MAX} forms in one another")
        known_keys(stream.entries, keys, "a form")
        self.group(stream.entries)
        self.depth += 1
        self.content(self.file.content(stream), resources)
        self.depth -= 1

    def content(self, text: bytes, given: dict[bytes, Any]) -> None:
        """A content stream; `given` are its resources."""
        resources = {kind: self.file.dictionary(given[kind], "Resources") for kind in _KINDS if kind in given}
        named = resources.get(b"ColorSpace", {})
        for default in (b"DefaultGray", b"DefaultRGB", b"DefaultCMYK"):
            if default in named:
                self.spaces.plain(named[default], {})  # refuses what is not known
        lexer = Lexer(text)
        operands: list[Any] = []
        spaces: dict[bytes, bytes | None] = {b"fill": b"DeviceGray" if not self.depth else None}
        spaces[b"stroke"] = spaces[b"fill"]
        stack: list[dict[bytes, bytes | None]] = []
        while True:
            if not operands:
                lexer.at = _PATHS.match(text, lexer.at).end()  # type: ignore[union-attr]
            item = lexer.next(references=False)
            if item is None:
                break
            if not isinstance(item, Word):
                operands.append(item)
                if len(operands) > _OPERANDS_MAX:
                    raise DamagedError(f"page {self.page_number}: {_OPERANDS_MAX} operands without an operator")
                continue
            if item == b"null":
                operands.append(None)
                continue
            if item == b"q":
                stack.append(dict(spaces))
                if len(stack) > 10_000:
                    raise DamagedError(f"page {self.page_number}: more than 10,000 states saved")
            elif item == b"Q":
                spaces = stack.pop() if stack else spaces
            elif item == b"BI":
                lexer.at = self.images.inline(lexer, named)
            else:
                self.operator(item, operands, spaces, resources, given, lexer.at)
            operands.clear()

    def operator(
        self, operator: bytes, operands: list[Any], spaces: dict[bytes, Any], resources: dict[bytes, Any], given: dict[bytes, Any], at: int
    ) -> None:
        """One operator with its operands; `resources` are resolved by kind, `given` is what they
        stand in, for forms without their own.
        """
        if operator in _GEOMETRY:
            return
        kind = b"stroke" if operator[:1].isupper() else b"fill"
        if operator in _PLAIN_COLOURS:
            spaces[kind] = _PLAIN_COLOURS[operator]
            self.colour(spaces[kind], operands, operator, at)
        elif operator in (b"cs", b"CS"):
            if len(operands) != 1 or not isinstance(operands[0], Name):
                raise self.unverified("a colour space without a name", at)
            spaces[kind] = self.spaces.plain(operands[0], resources.get(b"ColorSpace", {}))
        elif operator in (b"sc", b"scn", b"SC", b"SCN"):
            if operands and isinstance(operands[-1], Name):
                raise self.unverified(f"the pattern {shown(operands[-1])}", at)
            self.colour(spaces[kind], operands, operator, at)
        elif operator == b"gs":
            self.state(self.named(resources, b"ExtGState", operands, operator), given, at)
        elif operator == b"Do":
            self.external(resources, given, operands, at)
        elif operator == b"Tf":
            self.font(self.named(resources, b"Font", operands, b"Tf"), given)
        elif operator == b"ri":
            self.intent(operands[0] if len(operands) == 1 else None, at)
        elif operator == b"sh":
            raise self.unverified("a shading", at)
        else:
            raise self.unverified(f"the operator {shown(operator)}, which is not known", at)

    def colour(self, space: bytes | None, operands: list[Any], operator: bytes, at: int) -> None:
        """A colour that is set."""
        if space is None:
            raise self.unverified("a colour in a space that is set elsewhere", at)
        if operands not in PURE[space] or any(number(value) is None for value in operands):
            told = " ".join(f"{value:g}" if type(value) in (int, float) else shown(repr(value)) for value in operands[-4:])
            self.refuse(f"{told} {operator.decode()}", operator, at)

    def intent(self, value: Any, at: int) -> None:
        """A rendering intent, under which white stays white."""
        if name_of(value) not in INTENTS:
            raise self.unverified(f"the rendering intent {shown(name_of(value) or b'?')}", at)

    def named(self, resources: dict[bytes, Any], group: bytes, operands: list[Any], operator: bytes) -> Any:
        """The resource that the operand names, unresolved."""
        key = operands[0] if operands else None
        entry = resources.get(group, {}).get(key) if isinstance(key, Name) else None
        if entry is None or len(operands) != (2 if operator == b"Tf" else 1):
            raise DamagedError(f"page {self.page_number}: {operator.decode()} names a resource that is not there")
        return entry

    def state(self, value: Any, given: dict[bytes, Any], at: int) -> None:
        """A graphics state dictionary."""
        entries = self.file.dictionary(value, "ExtGState")
        if not self.is_new(("state", id(entries), id(given)), (entries, given)):
            return
        for key, one in entries.items():
            if key in _STATE_KEYS_FREE:
                continue
            found = self.file.get(one)
            if key == b"Font":
                if not isinstance(found, list) or len(found) != 2:
                    raise self.unverified("the font of a graphics state", at)
                self.font(found[0], given)
                continue
            if key == b"RI":
                self.intent(found, at)
                continue
            choices = [self.file.get(choice) for choice in found] if key == b"BM" and isinstance(found, list) else [found]
            known = _STATE_KEYS_ONLY.get(key)
            if known is None:
                raise self.unverified(f"the graphics state sets {shown(key)}", at)
            if not choices or any(type(choice) not in (int, float, Name) or choice not in known for choice in choices):
                self.refuse(f"the graphics state sets {shown(key)} to {_told(found)}", b"gs", at)

    def font(self, value: Any, given: dict[bytes, Any]) -> None:
        """A font, and the glyphs of a Type 3 font, which are content of their own."""
        entries = self.file.dictionary(value, "a font")
        if not self.is_new(("font", id(entries), id(given)), (entries, given)):
            return
        own = entries.get(b"Resources")
        inherited = given if own is None else self.file.dictionary(own, "Resources")
        for glyph in type3_glyphs(self.file, entries):
            stream = self.file.get(glyph)
            if not isinstance(stream, Stream):
                raise DamagedError("a glyph of a Type 3 font is missing")
            if b"Resources" in stream.entries:  # pdfium takes these, MuPDF and poppler those of the font
                raise DamagedError("cannot be verified: a glyph of a Type 3 font with resources of its own")
            self.form((glyph if isinstance(glyph, Reference) else id(stream), "glyph"), stream, inherited)

    def external(self, resources: dict[bytes, Any], given: dict[bytes, Any], operands: list[Any], at: int) -> None:
        """What `Do` paints."""
        value = self.named(resources, b"XObject", operands, b"Do")
        stream = self.file.get(value)
        if not isinstance(stream, Stream):
            raise DamagedError(f"page {self.page_number}: Do names no stream")
        kind = name_of(self.file.get(stream.entries.get(b"Subtype")))
        if kind == b"Form":
            self.form(value, stream, given)
        elif kind == b"Image":
            if self.is_new((value, "image", id(resources.get(b"ColorSpace"))), resources.get(b"ColorSpace")):
                self.images.judge(stream, resources.get(b"ColorSpace", {}), ("Do", at))
        else:
            raise self.unverified("an XObject that is neither form nor image", at)


def _told(value: Any) -> str:
    """A value in a message."""
    return shown(value) if isinstance(value, bytes) else f"{value:g}" if type(value) in (int, float) else "something else"
