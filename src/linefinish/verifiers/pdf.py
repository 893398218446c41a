"""PDF (ISO 32000-2), judged by what its pages may paint: every content stream, form, annotation and
image that is reached, by whichever way a viewer may reach it.

A whitelist: keys, subtypes and actions that are not known here cannot be verified. `pdf_objects`
finds the objects, `pdf_content` judges what they paint; here is the document: catalog, pages,
annotations.
"""
from __future__ import annotations

from linefinish.verifiers.pdf_content import Painter
from linefinish.verifiers.pdf_lexer import Lexer, Name, Reference, Stream, Word, known_keys, name_of, number
from linefinish.verifiers.pdf_objects import File
from linefinish.verifiers.pdf_spaces import PURE
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_PAGES_MAX = 100_000
# Annotations of a file.
_ANNOTATIONS_MAX = 1_000_000

_CATALOG_KEYS = frozenset((
    b"Type", b"Version", b"Extensions", b"Pages", b"PageLabels", b"Names", b"Dests", b"ViewerPreferences", b"PageLayout", b"PageMode",
    b"Outlines", b"Threads", b"OpenAction", b"URI", b"AcroForm", b"Metadata", b"StructTreeRoot", b"MarkInfo", b"Lang", b"SpiderInfo",
    b"OutputIntents", b"PieceInfo", b"OCProperties", b"Perms", b"Legal", b"DSS", b"AF", b"DPartRoot",
))  # fmt: skip
_NAMES_KEYS = frozenset((b"Dests", b"EmbeddedFiles", b"IDS", b"URLS"))  # not JavaScript
_PAGE_KEYS = frozenset((
    b"Type", b"Parent", b"LastModified", b"Resources", b"MediaBox", b"CropBox", b"BleedBox", b"TrimBox", b"ArtBox",
    b"BoxColorInfo", b"Contents", b"Rotate", b"Group", b"Thumb", b"B", b"Dur", b"Trans", b"Annots", b"Metadata", b"PieceInfo",
    b"StructParents", b"ID", b"PZ", b"SeparationInfo", b"Tabs", b"TemplateInstantiated", b"UserUnit", b"VP", b"AF",
    b"OutputIntents", b"DPart",
))  # fmt: skip
_INHERITED = (b"Resources", b"MediaBox", b"CropBox", b"Rotate")

# Annotations that are their appearance and nothing else; not those that play or hold another file.
_SUBTYPES = frozenset((
    b"Link", b"Popup", b"Widget", b"Stamp", b"Text", b"FreeText", b"Line", b"Square", b"Circle", b"Polygon", b"PolyLine", b"Highlight",
    b"Underline", b"Squiggly", b"StrikeOut", b"Caret", b"Ink", b"Watermark", b"PrinterMark",
))  # fmt: skip
_ACTIONS = frozenset((b"GoTo", b"GoToR", b"URI", b"Named", b"Launch", b"Thread"))


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if nothing on any page can paint another colour than black and white."""
    if bytes(data[:5]) != b"%PDF-":
        raise DamagedError("it does not begin with %PDF-")
    file = File(data)
    if b"Encrypt" in file.trailer:
        raise DamagedError("encrypted: what it paints cannot be read")
    catalog = file.dictionary(file.trailer.get(b"Root"), "the catalog")
    painter = Painter(file)
    document = _Document(file, painter)
    number_ = 0
    first: Any = None
    size = ""
    for number_, (reference, page) in enumerate(document.pages(catalog.get(b"Pages")), 1):
        facts.page = painter.page_number = number_
        known_keys(page, _PAGE_KEYS, f"page {number_}")
        painter.page(page)
        document.intents(page)
        for value in file.array(page.get(b"Annots"), "Annots"):
            document.annotation(file.dictionary(value, "an annotation"))
        if number_ == 1:
            size, first = _size(file, page), reference
    if not number_:
        raise DamagedError("there are no pages")
    facts.page = None
    document.catalog(catalog)
    document.first_page(first)
    facts.detail = f"{number_} page{'' if number_ == 1 else 's'}{size}" + (", with images" if painter.images.count else "")


def _size(file: File, page: dict[bytes, Any]) -> str:
    """The page's size in words."""
    box = [number(file.get(side)) for side in file.array(page.get(b"CropBox", page.get(b"MediaBox")), "MediaBox")]
    if len(box) != 4 or None in box:
        raise DamagedError("a page without a MediaBox")
    left, bottom, right, top = (side or 0 for side in box)
    return f", {abs(right - left):.6g} × {abs(top - bottom):.6g} pt"


class _Document:
    """What stands around the content."""

    def __init__(self, file: File, painter: Painter) -> None:
        self.file = file
        self.painter = painter
        self.annotation_count = 0

    # --- pages
    # ------------------------------------------------------------

    def pages(self, root: Any) -> Iterator[tuple[Reference, dict[bytes, Any]]]:
        """The pages in order, with what they inherit. Viewers go down from the root by Kids, up by
        Parent, and across by Count: all must say the same.
        """
        file = self.file
        seen: set[Any] = set()
        left: dict[Any, int] = {}  # pages that are still to come below each node
        waiting: list[tuple[Any, Any, dict[bytes, Any]]] = [(root, None, {})]
        while waiting:
            value, parent, inherited = waiting.pop()
            if not isinstance(value, Reference):
                raise DamagedError("cannot be verified: a page that is no object of its own")
            if value in seen:
                raise DamagedError("the page tree runs in a circle")
            seen.add(value)
            if len(seen) > 2 * _PAGES_MAX:
                raise DamagedError(f"more than {_PAGES_MAX:,} pages")
            node = file.dictionary(value, "a page")
            kind = name_of(file.get(node.get(b"Type")))
            if not node:
                raise DamagedError("a page is missing")
            if kind not in (b"Page", b"Pages") or (kind == b"Pages") != (b"Kids" in node) or (kind == b"Page" and parent is None):
                raise DamagedError("cannot be verified: a page that is a node of the page tree, or none of both")
            if node.get(b"Parent") != parent:
                raise DamagedError("cannot be verified: a page of another parent")
            if kind == b"Page":
                left[parent] -= 1
                yield value, {**inherited, **node}
                continue
            kids = file.array(node[b"Kids"], "Kids")
            self.count(node, kids)
            left[value] = len(kids)
            passed = {**inherited, **{key: node[key] for key in _INHERITED if key in node}}
            waiting += [(kid, value, passed) for kid in reversed(kids)]

    def count(self, node: dict[bytes, Any], kids: list[Any]) -> None:
        """Count must be the sum of the counts below."""
        total = 0
        for kid in kids:
            below = self.file.dictionary(kid, "a page")
            count = self.file.get(below.get(b"Count")) if b"Kids" in below else 1
            total += count if type(count) is int else 0
        if self.file.get(node.get(b"Count")) != total:
            raise DamagedError("cannot be verified: a page tree that counts its pages wrongly")

    def first_page(self, first: Reference) -> None:
        """Viewers open a linearized file by what its first object says (ISO 32000-2, annex F)."""
        lexer = Lexer(self.file.data)
        items = [lexer.next(references=index == 3) for index in range(4)]
        if items[2] == b"obj" and isinstance(items[3], dict) and b"Linearized" in items[3]:
            if items[3].get(b"P", 0) != 0 or items[3].get(b"O") != first[0]:
                raise DamagedError("cannot be verified: a linearized file with another first page")

    # --- the catalog
    # ------------------------------------------------------------

    def catalog(self, entries: dict[bytes, Any]) -> None:
        """Scripts, forms that the viewer fills in, and intents that say how colours are meant."""
        file = self.file
        if name_of(file.get(entries.get(b"Type"))) != b"Catalog":
            raise DamagedError("cannot be verified: a catalog that is none")
        known_keys(entries, _CATALOG_KEYS, "the catalog")
        known_keys(file.dictionary(entries.get(b"Names"), "Names"), _NAMES_KEYS, "the names")
        self.action(entries.get(b"OpenAction"))
        self.intents(entries)
        forms = file.dictionary(entries.get(b"AcroForm"), "AcroForm")
        if forms.get(b"XFA") is not None or file.get(forms.get(b"NeedAppearances")):
            raise DamagedError("cannot be verified: form fields that the viewer draws")
        resources = file.dictionary(forms.get(b"DR"), "DR")
        for font in file.dictionary(resources.get(b"Font"), "DR").values():
            self.painter.font(font, resources)
        self.text_appearance(forms.get(b"DA"))

    def intents(self, entries: dict[bytes, Any]) -> None:
        """How colours are meant, by the file or, since PDF 2.0, by a page."""
        file = self.file
        for value in file.array(entries.get(b"OutputIntents"), "OutputIntents"):
            profile = file.get(file.dictionary(value, "an output intent").get(b"DestOutputProfile"))
            if isinstance(profile, Stream):
                self.painter.spaces.intent(profile)

    def action(self, value: Any) -> None:
        """A place to go to, or an action that changes nothing on a page."""
        found = self.file.get(value)
        waiting = [found] if isinstance(found, dict) else []
        for _ in range(100):
            if not waiting:
                return
            action = waiting.pop()
            kind = name_of(self.file.get(action.get(b"S")))
            following = self.file.get(action.get(b"Next"))
            if kind not in _ACTIONS:
                break
            following = following if isinstance(following, list) else [following]
            waiting += [self.file.dictionary(one, "an action") for one in following if one is not None]
        raise DamagedError("cannot be verified: an action that may change what is shown")

    def text_appearance(self, value: Any) -> None:
        """The colour in which a viewer writes into a field (DA)."""
        found = self.file.get(value)
        if found is None:
            return
        if not isinstance(found, bytes) or isinstance(found, Name):
            raise DamagedError("cannot be verified: the default appearance of a field")
        lexer = Lexer(found)
        operands: list[Any] = []
        spaces = {b"g": b"DeviceGray", b"rg": b"DeviceRGB", b"k": b"DeviceCMYK"}
        while (item := lexer.next(references=False)) is not None:
            if not isinstance(item, Word):
                operands.append(item)
                continue
            if item in spaces and operands not in PURE[spaces[item]]:
                raise GrayError("a form field in another colour")
            if item not in spaces and item not in (b"Tf", b"Tr", b"Tz", b"Tc", b"Tw", b"TL", b"Ts", b"Td", b"Tm", b"G", b"RG", b"K"):
                raise DamagedError("cannot be verified: the default appearance of a field")
            operands.clear()

    # --- annotations
    # ------------------------------------------------------------

    def annotation(self, entries: dict[bytes, Any]) -> None:
        """An annotation paints by its appearances; without one, the viewer invents it. A link's
        border is black unless it says more, and may have no width; a popup that is closed is not
        there.
        """
        get = self.file.get
        self.annotation_count += 1
        if self.annotation_count > _ANNOTATIONS_MAX:
            raise DamagedError(f"more than {_ANNOTATIONS_MAX:,} annotations")
        kind = name_of(get(entries.get(b"Subtype")))
        if kind not in _SUBTYPES or get(entries.get(b"AA")) is not None:
            raise DamagedError(f"cannot be verified: an annotation of the kind {shown(kind or b'?')}")
        self.action(entries.get(b"A"))
        appearances = self.file.dictionary(entries.get(b"AP"), "AP")
        for appearance in appearances.values():
            found = get(appearance)
            for one in found.values() if isinstance(found, dict) else [found]:
                stream = get(one)
                if not isinstance(stream, Stream):
                    raise DamagedError(f"an annotation of page {self.painter.page_number} has no appearance")
                self.painter.form(one if isinstance(one, Reference) else appearance, stream, {})
        if kind == b"Popup":
            if get(entries.get(b"Open")) not in (None, False):
                raise DamagedError("cannot be verified: an open popup, which the viewer draws")
            return
        if kind == b"Link" and b"N" not in appearances:
            if not self.has_border(entries):
                return
        elif b"N" not in appearances and not (kind == b"Widget" and self.has_no_size(entries)):
            raise DamagedError(f"cannot be verified: an annotation that the viewer draws ({shown(kind)})")
        self.pure(entries, (b"C", b"IC"))
        self.pure(self.file.dictionary(entries.get(b"MK"), "MK"), (b"BC", b"BG"))
        self.text_appearance(entries.get(b"DA"))
        if any(get(entries.get(key)) not in (None, 1) for key in (b"CA", b"ca")) or get(entries.get(b"BM")) not in (None, b"Normal"):
            raise GrayError("an annotation that is mixed with what is below it")

    def has_border(self, entries: dict[bytes, Any]) -> bool:
        """Whether a link is framed: by BS, or by Border, whose default is a width of 1."""
        border = [number(self.file.get(value)) for value in self.file.array(entries.get(b"Border"), "Border")[:3]]
        style = self.file.dictionary(entries.get(b"BS"), "BS")
        widths = [border[2]] if len(border) == 3 else []
        widths += [number(self.file.get(style.get(b"W", 1)))] if style else []
        return not widths or any(width != 0 for width in widths)

    def has_no_size(self, entries: dict[bytes, Any]) -> bool:
        """As the field of a signature that is not shown."""
        box = [number(self.file.get(side)) for side in self.file.array(entries.get(b"Rect"), "Rect")]
        return len(box) == 4 and (box[0] == box[2] and box[1] == box[3])

    def pure(self, entries: dict[bytes, Any], keys: tuple[bytes, ...]) -> None:
        """Arrays of 0, 1, 3 or 4 numbers that are a colour."""
        for key in keys:
            colour = [self.file.get(value) for value in self.file.array(entries.get(key), shown(key))]
            spaces = {1: b"DeviceGray", 3: b"DeviceRGB", 4: b"DeviceCMYK"}
            if colour and colour not in PURE.get(spaces.get(len(colour), b""), ()):
                raise GrayError("an annotation in colour")
