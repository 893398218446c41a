"""PDF (ISO 32000-2), judged by what its pages may paint: every content stream, form, annotation and
image that is reached.

As with SVG, no graphics state is followed but the colour spaces: every colour that is set must be
pure, whether or not something is painted with it, and what mixes colours is refused. Black is the
initial colour.
"""
from __future__ import annotations

import re

from linefinish.verifiers.pdf_objects import File, Lexer, Name, Reference, Stream, Word
from linefinish.verifiers.unpack import inflated
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PAGES_MAX = 100_000
# Forms within forms; real files have five.
_FORMS_DEPTH_MAX = 30
# Annotations of a file.
_ANNOTATIONS_MAX = 1_000_000
# Operands before an operator; scn takes 32 components, TJ one array.
_OPERANDS_MAX = 64
# Bytes that the images of one file may unpack to while they are counted.
_IMAGE_BYTES_MAX = 1 << 30

# Runs of path operators, which cannot set a colour, are stepped over at the speed of `re`: 40 times
# the pace of the lexer. The bound keeps numbers without an operator from being walked again for
# each of them.
_PATHS = re.compile(rb"(?:[\s\d.+-]{0,200}+(?:re|[mlcvyhfnFBbSsW]\*?|[wJjMi])(?=[\s]|$))*+")

_GEOMETRY = {
    b"m", b"l", b"c", b"v", b"y", b"h", b"re", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"n", b"W", b"W*", b"w", b"J", b"j",
    b"M", b"d", b"i", b"cm", b"ri",
    b"BT", b"ET", b"Tc", b"Tw", b"Tz", b"TL", b"Tr", b"Ts", b"Td", b"TD", b"Tm", b"T*", b"Tj", b"TJ", b"'", b'"', b"d0", b"d1",
    b"MP", b"DP", b"BMC", b"BDC", b"EMC", b"BX", b"EX",
}  # fmt: skip
_PLAIN_COLOURS = {b"g": b"DeviceGray", b"G": b"DeviceGray", b"rg": b"DeviceRGB", b"RG": b"DeviceRGB", b"k": b"DeviceCMYK",
                  b"K": b"DeviceCMYK"}  # fmt: skip

# What each colour space calls black and white. CMYK is black by its black plate alone: rich black
# prints four screens.
_PURE: dict[bytes, tuple[list[float], ...]] = {
    b"DeviceGray": ([0], [1]),
    b"DeviceRGB": ([0, 0, 0], [1, 1, 1]),
    b"DeviceCMYK": ([0, 0, 0, 0], [0, 0, 0, 1]),
    b"Separation": ([0], [1]),
}
_SHORT_SPACES = {b"G": b"DeviceGray", b"RGB": b"DeviceRGB", b"CMYK": b"DeviceCMYK", b"I": b"Indexed",
                 b"CalGray": b"DeviceGray", b"CalRGB": b"DeviceRGB"}  # fmt: skip
_SHORT_KEYS = {b"BPC": b"BitsPerComponent", b"CS": b"ColorSpace", b"D": b"Decode", b"DP": b"DecodeParms", b"F": b"Filter", b"H": b"Height",
               b"IM": b"ImageMask", b"I": b"Interpolate", b"W": b"Width", b"L": b"Length"}  # fmt: skip

_STATE_KEYS_FREE = {b"Type", b"LW", b"LC", b"LJ", b"ML", b"D", b"RI", b"OP", b"op", b"OPM", b"Font", b"FL", b"SM", b"SA", b"AIS", b"TK"}
_STATE_KEYS_ONLY: dict[bytes, tuple[Any, ...]] = {
    b"CA": (1,), b"ca": (1,), b"BM": (b"Normal", b"Compatible"), b"SMask": (b"None",), b"TR": (b"Identity", b"Default"),
    b"TR2": (b"Default", b"Identity"), b"HT": (b"Default",), b"BG2": (b"Default",), b"UCR2": (b"Default",),
    b"UseBlackPtComp": (b"OFF", b"Default"),
}  # fmt: skip


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if nothing on any page can paint another colour than black and white."""
    if bytes(data[:5]) != b"%PDF-":
        raise DamagedError("it does not begin with %PDF-")
    file = File(data)
    if b"Encrypt" in file.trailer:
        raise DamagedError("encrypted: what it paints cannot be read")
    catalog = file.dictionary(file.trailer.get(b"Root"), "the catalog")
    forms = file.dictionary(catalog.get(b"AcroForm"), "AcroForm")
    if forms.get(b"XFA") is not None or file.get(forms.get(b"NeedAppearances")):
        raise GrayError("form fields that the viewer draws")
    painter = _Painter(file)
    number = 0
    for number, page in enumerate(_pages(file, catalog.get(b"Pages")), 1):
        facts.page = number
        painter.page(number, page)
        if number == 1:
            size = _size(file, page)
    if not number:
        raise DamagedError("there are no pages")
    facts.page = None
    facts.detail = f"{number} page{'' if number == 1 else 's'}{size}" + (", with images" if painter.image_count else "")


def _pages(file: File, root: Any) -> Any:
    """The pages in order, with what they inherit."""
    seen: set[Any] = set()
    passed: dict[bytes, Any]
    waiting: list[tuple[Any, dict[bytes, Any]]] = [(root, {})]
    while waiting:
        value, inherited = waiting.pop()
        if isinstance(value, Reference):
            if value in seen:
                raise DamagedError("the page tree runs in a circle")
            seen.add(value)
        if len(seen) > 2 * _PAGES_MAX:
            raise DamagedError(f"more than {_PAGES_MAX:,} pages")
        node = file.dictionary(value, "a page")
        if not node:
            raise DamagedError("a page is missing")
        node = {**inherited, **node}
        if b"Kids" not in node:
            yield node
            continue
        kids = file.array(node.pop(b"Kids"), "Kids")
        passed = {key: node[key] for key in (b"Resources", b"MediaBox", b"CropBox") if key in node}
        waiting += [(kid, passed) for kid in reversed(kids) if isinstance(kid, Reference)]


def _size(file: File, page: dict[bytes, Any]) -> str:
    """The page's size in words."""
    box = [file.get(side) for side in file.array(page.get(b"CropBox", page.get(b"MediaBox")), "MediaBox")]
    if len(box) != 4 or not all(type(side) in (int, float) for side in box):
        raise DamagedError("a page without a MediaBox")
    return f", {abs(box[2] - box[0]):.6g} × {abs(box[3] - box[1]):.6g} pt"


class _Painter:
    """What the pages paint, judged operator by operator."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.judged: dict[Any, Any] = {}
        self.page_number = 0
        self.annotation_count = 0
        self.image_count = 0
        self.image_bytes = 0
        self.depth = 0

    def page(self, number: int, page: dict[bytes, Any]) -> None:
        """A page and its annotations."""
        file = self.file
        self.page_number = number
        contents = file.get(page.get(b"Contents"))
        parts = contents if isinstance(contents, list) else [] if contents is None else [contents]
        streams = [file.get(part) for part in parts]
        if not all(isinstance(stream, Stream) for stream in streams):
            raise DamagedError(f"the content of page {number} is missing")
        resources = file.dictionary(page.get(b"Resources"), "Resources")
        self.content(b"\n".join(map(file.content, streams)), resources)
        for value in file.array(page.get(b"Annots"), "Annots"):
            self.annotation(file.dictionary(value, "an annotation"))

    def annotation(self, entries: dict[bytes, Any]) -> None:
        """An annotation paints by its appearances; without one, the viewer invents it. A link's
        border is black unless it says more.
        """
        file = self.file
        self.annotation_count += 1
        if self.annotation_count > _ANNOTATIONS_MAX:
            raise DamagedError(f"more than {_ANNOTATIONS_MAX:,} annotations")
        appearances = file.dictionary(entries.get(b"AP"), "AP")
        for appearance in appearances.values():
            found = file.get(appearance)
            for one in found.values() if isinstance(found, dict) else [found]:
                stream = file.get(one)
                if not isinstance(stream, Stream):
                    raise DamagedError(f"an annotation of page {self.page_number} has no appearance")
                self.form(one if isinstance(one, Reference) else appearance, stream, {})
        if not appearances and file.get(entries.get(b"Subtype")) != b"Link":
            raise GrayError(f"an annotation that the viewer draws ({shown(bytes(file.get(entries.get(b'Subtype')) or b''))})")
        colour = [file.get(value) for value in file.array(entries.get(b"C"), "C")]
        if colour and not any(colour in pure for pure in _PURE.values()):
            raise GrayError("an annotation in colour")

    def is_new(self, key: Any, held: Any) -> bool:
        """Whether this is judged for the first time. What a key names by its id is held, so that
        nothing else can get that id.
        """
        if key in self.judged:
            return False
        self.judged[key] = held
        return True

    def form(self, key: Any, stream: Stream, inherited: dict[bytes, Any]) -> None:
        """A form XObject, an appearance or a glyph: once for each set of resources that
        it may use.
        """
        own = stream.entries.get(b"Resources")
        resources = inherited if own is None else self.file.dictionary(own, "Resources")
        if not self.is_new((key, id(resources) if own is None else 0), resources):
            return
        if self.depth > _FORMS_DEPTH_MAX:
            raise DamagedError(f"more than {_FORMS_DEPTH_MAX} forms in one another")
        self.depth += 1
        self.content(self.file.content(stream), resources)
        self.depth -= 1

    def content(self, text: bytes, resources: dict[bytes, Any]) -> None:
        """A content stream."""
        given = resources
        kinds = (b"ColorSpace", b"ExtGState", b"Font", b"XObject")
        resources = {kind: self.file.dictionary(resources[kind], "Resources") for kind in kinds if kind in resources}
        for default in (b"DefaultGray", b"DefaultRGB", b"DefaultCMYK"):
            if default in resources.get(b"ColorSpace", {}):
                self.space(resources[b"ColorSpace"][default], {})  # refuses what is not known
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
            if item in (b"null", b"]", b">>"):
                operands.append(None)
            elif item == b"q":
                stack.append(dict(spaces))
                if len(stack) > 10_000:
                    raise DamagedError(f"page {self.page_number}: more than 10,000 states saved")
                operands.clear()
            elif item == b"Q":
                spaces = stack.pop() if stack else spaces
                operands.clear()
            elif item == b"BI":
                lexer.at = self.inline_image(lexer, resources)
                operands.clear()
            else:
                self.operator(item, operands, spaces, resources, given, lexer.at)
                operands.clear()

    def refuse(self, problem: str, operator: bytes, at: int) -> None:
        """End the reading here."""
        raise GrayError(f"page {self.page_number}: {problem}", (shown(operator), at))

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
            spaces[kind] = self.space(operands[-1] if operands else None, resources.get(b"ColorSpace", {}), at)
        elif operator in (b"sc", b"scn", b"SC", b"SCN"):
            if operands and isinstance(operands[-1], Name):
                self.refuse(f"the pattern {shown(operands[-1])}", operator, at)
            self.colour(spaces[kind], operands, operator, at)
        elif operator == b"gs":
            self.state(self.named(resources, b"ExtGState", operands, operator), at)
        elif operator == b"Do":
            self.external(resources, given, operands, at)
        elif operator == b"Tf":
            self.font(resources, given, operands)
        elif operator == b"sh":
            self.refuse("a shading", operator, at)
        else:
            self.refuse(f"the operator {shown(operator)}, which is not known", operator, at)

    def colour(self, space: bytes | None, operands: list[Any], operator: bytes, at: int) -> None:
        """A colour that is set."""
        if space is None:
            self.refuse("a colour in a space that is set elsewhere", operator, at)
        elif operands not in _PURE[space]:
            told = " ".join(f"{value:g}" if type(value) in (int, float) else shown(repr(value)) for value in operands[-4:])
            self.refuse(f"{told} {operator.decode()}", operator, at)

    def named(self, resources: dict[bytes, Any], group: bytes, operands: list[Any], operator: bytes) -> Any:
        """The resource that the operand names, unresolved."""
        key = operands[0] if operands else None
        entry = resources.get(group, {}).get(key) if isinstance(key, Name) else None
        if entry is None:
            raise DamagedError(f"page {self.page_number}: {operator.decode()} names a resource that is not there")
        return entry

    def space(self, value: Any, named: dict[bytes, Any], at: int = 0) -> bytes:
        """The plain colour space that one amounts to; its initial colour is pure in each that is
        let pass.
        """
        file = self.file
        found = file.get(named[value] if isinstance(value, Name) and value in named else value)
        parts = found if isinstance(found, list) else [found]
        family = file.get(parts[0]) if parts else None
        family = _SHORT_SPACES.get(family, family) if isinstance(family, Name) else b""
        if family in (b"DeviceGray", b"DeviceRGB", b"DeviceCMYK"):
            return bytes(family)
        if family == b"ICCBased" and len(parts) > 1:
            profile = file.get(parts[1])
            count = file.get(profile.entries.get(b"N")) if isinstance(profile, Stream) else None
            if count in (1, 3, 4):
                return {1: b"DeviceGray", 3: b"DeviceRGB", 4: b"DeviceCMYK"}[count]
        if family == b"Separation" and len(parts) == 4 and file.get(parts[1]) == b"Black":
            return b"Separation"
        self.refuse(f"the colour space {shown(bytes(family or b'?'))}", b"cs", at)
        raise AssertionError

    def state(self, value: Any, at: int) -> None:
        """A graphics state dictionary."""
        entries = self.file.dictionary(value, "ExtGState")
        if not self.is_new(("state", id(entries)), entries):
            return
        for key, given in entries.items():
            if key in _STATE_KEYS_FREE:
                continue
            found = self.file.get(given)
            choices = found if key == b"BM" and isinstance(found, list) else [found]
            if key not in _STATE_KEYS_ONLY or not choices or any(one not in _STATE_KEYS_ONLY[key] for one in choices):
                self.refuse(f"the graphics state sets {shown(key)} to {_told(found)}", b"gs", at)

    def font(self, resources: dict[bytes, Any], given: dict[bytes, Any], operands: list[Any]) -> None:
        """Glyphs are outlines filled in the current colour; only those of a Type 3 font are content
        of their own.
        """
        reference = self.named(resources, b"Font", operands, b"Tf")
        entries = self.file.dictionary(reference, "a font")
        if self.file.get(entries.get(b"Subtype")) != b"Type3" or not self.is_new(("font", id(entries)), entries):
            return
        own = entries.get(b"Resources")
        inherited = given if own is None else self.file.dictionary(own, "Resources")
        for glyph in self.file.dictionary(entries.get(b"CharProcs"), "CharProcs").values():
            stream = self.file.get(glyph)
            if not isinstance(stream, Stream):
                raise DamagedError("a glyph of a Type 3 font is missing")
            self.form((glyph, "glyph"), stream, inherited)

    def external(self, resources: dict[bytes, Any], given: dict[bytes, Any], operands: list[Any], at: int) -> None:
        """What `Do` paints."""
        value = self.named(resources, b"XObject", operands, b"Do")
        stream = self.file.get(value)
        if not isinstance(stream, Stream):
            raise DamagedError(f"page {self.page_number}: Do names no stream")
        kind = self.file.get(stream.entries.get(b"Subtype"))
        if kind == b"Form":
            self.form(value, stream, given)
        elif kind == b"Image":
            if self.is_new((value, "image"), None):
                self.image(stream.entries, resources, at)
                self.pixels(stream)
        else:
            self.refuse("an XObject that is neither form nor image", b"Do", at)

    def image(self, entries: dict[bytes, Any], resources: dict[bytes, Any], at: int) -> None:
        """An image's dictionary: one bit, black and white, nothing invented between the pixels."""
        get = self.file.get
        self.image_count += 1
        filters = [name for name, _ in self.file.filters(entries)]
        if b"DCTDecode" in filters or b"JPXDecode" in filters:
            self.refuse(f"an image in {filters[-1].decode()}, which is never 1-bit", b"Do", at)
        bits, is_mask = get(entries.get(b"BitsPerComponent")), get(entries.get(b"ImageMask")) is True
        if bits != 1 and not (is_mask and bits is None):
            self.refuse(f"an image of {_told(bits)} bits a component", b"Do", at)
        if get(entries.get(b"Interpolate")) is True:
            self.refuse("an image that the viewer shall smooth (Interpolate)", b"Do", at)
        if get(entries.get(b"SMask")) is not None or get(entries.get(b"SMaskInData")) not in (None, 0):
            self.refuse("an image with a soft mask", b"Do", at)
        mask = get(entries.get(b"Mask"))
        if isinstance(mask, Stream):
            if get(mask.entries.get(b"ImageMask")) is not True:
                self.refuse("an image whose mask is not 1-bit", b"Do", at)
            self.image({key: value for key, value in mask.entries.items() if key != b"Mask"}, resources, at)
            self.pixels(mask)
        decode = [get(value) for value in self.file.array(entries.get(b"Decode"), "Decode")]
        if decode and (len(decode) != 2 or any(value not in (0, 1) for value in decode)):
            self.refuse("an image whose Decode makes greys", b"Do", at)
        if not is_mask:
            self.image_space(entries.get(b"ColorSpace"), resources, at)

    def image_space(self, value: Any, resources: dict[bytes, Any], at: int) -> None:
        """One component: grey, or a palette of pure black and white."""
        named = resources.get(b"ColorSpace", {})
        found = self.file.get(named[value] if isinstance(value, Name) and value in named else value)
        if isinstance(found, list) and len(found) == 4 and self.file.get(found[0]) in (b"Indexed", b"I"):
            base = self.space(found[1], named, at)
            table = self.file.get(found[3])
            table = self.file.content(table) if isinstance(table, Stream) else table
            components = len(_PURE[base][0])
            colours = [[byte / 255 for byte in table[i : i + components]] for i in range(0, 2 * components, components)] if table else []
            if len(colours) != 2 or any(colour not in _PURE[base] for colour in colours):
                self.refuse("an image with a palette of other colours than black and white", b"Do", at)
        elif self.space(value, named, at) not in (b"DeviceGray", b"Separation"):
            self.refuse("an image in colour", b"Do", at)

    def pixels(self, stream: Stream) -> None:
        """Is the image complete? Counted where it is only deflated or plain; fax and JBIG2 data is
        1-bit whatever it holds.
        """
        width, height = (self.file.get(stream.entries.get(key)) for key in (b"Width", b"Height"))
        if not all(type(side) is int and 0 < side < 1 << 24 for side in (width, height)):
            raise DamagedError("an image without a size")
        filters = self.file.filters(stream.entries)
        needed = (width + 7) // 8 * height
        if not filters:
            held = len(stream.packed)
        elif [name for name, _ in filters] == [b"FlateDecode"]:
            held = 0
            for part in inflated([stream.packed], tail=b"\r\n"):
                held += len(part)
                self.image_bytes += len(part)
                if self.image_bytes > _IMAGE_BYTES_MAX:
                    raise DamagedError("images larger than are verified")
            predictor = self.file.get(filters[0][1].get(b"Predictor", 1))
            needed += height if type(predictor) is int and predictor >= 10 else 0
        else:
            return
        if held < needed:
            raise DamagedError(f"truncated: an image holds {held} of {needed} bytes")

    def inline_image(self, lexer: Lexer, resources: dict[bytes, Any]) -> int:
        """BI … ID … EI; returns where it ends."""
        entries: dict[bytes, Any] = {}
        begin = lexer.at
        while True:
            key = lexer.next(references=False)
            if key == b"ID" and isinstance(key, Word):
                break
            value = lexer.next(references=False)
            if not isinstance(key, Name) or value is None:
                raise DamagedError(f"page {self.page_number}: the inline image at byte {begin} is damaged")
            entries[_SHORT_KEYS.get(key, key)] = value
        self.image(entries, resources, begin)
        text, start = bytes(lexer.data), lexer.at + 1
        width, height = entries.get(b"Width"), entries.get(b"Height")
        if b"Filter" not in entries and type(width) is int and type(height) is int and width > 0 and height > 0:
            start += (width + 7) // 8 * height
        if b"Filter" in entries:
            end = re.compile(rb"[\s>]EI(?=\s|$)").search(text, start)
        else:
            end = re.compile(rb"\s*+EI(?=\s|$)").match(text, start)
        if not end:
            raise DamagedError(f"truncated: the inline image at byte {begin} has no end")
        return end.end()


def _told(value: Any) -> str:
    """A value in a message."""
    return shown(value) if isinstance(value, bytes) else f"{value:g}" if type(value) in (int, float) else "something else"


