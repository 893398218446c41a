"""A page of any PDF as a form XObject (ISO 32000-1, section 8.10): its content as it stands, and
copies of the objects that it paints with. Nothing is interpreted, so nothing can change.

What goes along is what paints: content, resources, the page's transparency group. What does not
paint is left out: annotations, structure, metadata, scripts.
"""
from __future__ import annotations

import re
import zlib

from linefinish.preflight.opening import Opened, opened
from linefinish.records import record
from linefinish.verifiers.pdf_lexer import Name, Reference, Stream, name_of, number
from linefinish.verifiers.verdict import DamagedError
from linefinish.writers.pdf import number as written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from linefinish.writers.pdf import Objects

    Box = tuple[float, float, float, float]

# Resources that paint; others stay behind.
_PAINTS = (b"ExtGState", b"ColorSpace", b"Pattern", b"Shading", b"XObject", b"Font", b"Properties")
# What a stream says beside what it paints, and objects that are of the document and not of a page.
_BESIDE = frozenset((b"Length", b"PieceInfo", b"Metadata", b"StructParent", b"StructParents", b"AF", b"OPI", b"Ref"))
_DOCUMENT = frozenset((b"Page", b"Pages", b"Catalog", b"StructTreeRoot", b"StructElem"))
# Operators that paint; a word of a string may read like one, and the page then counts as painted.
_PAINTING = re.compile(rb"(?<![^\s\])>}])(?:f\*?|F|[Bb]\*?|[Ss]|sh|Do|T[jJ]|['\"]|EI)(?=\s|\Z)")
_PLAIN_NAME = re.compile(rb"[^!-~]|[#/%()<>\[\]{}]")
_DEPTH_MAX = 100


@record
class SourcePage:
    """A page to be placed.

    source    the file's name
    trim      the finished page, in the page's own units: its TrimBox, else what a viewer shows
    bleed     what may run over it
    rotation  by which a viewer turns it: 0, 90, 180 or 270 degrees clockwise
    unit_pt   points in one of its units
    notes     annotations, which are left out
    """

    source: str
    file: Opened
    entries: dict[bytes, Any]
    trim: Box
    bleed: Box
    rotation: int
    unit_pt: float
    notes: int

    @property
    def size_pt(self) -> tuple[float, float]:
        """Width and height of the finished page, as it is looked at."""
        width, height = self.trim[2] - self.trim[0], self.trim[3] - self.trim[1]
        return (height * self.unit_pt, width * self.unit_pt) if self.rotation % 180 else (width * self.unit_pt, height * self.unit_pt)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is painted on it."""
        return not _PAINTING.search(self.file.page_content(self.entries))

    @property
    def bleed_pt(self) -> float:
        """The widest bleed."""
        return max(0.0, *(self.unit_pt * (abs(b - t)) for b, t in zip(self.bleed, self.trim)))

    def matrix(self, corner: tuple[float, float], scale: float) -> tuple[float, ...]:
        """What places the finished page, upright, with its lower left corner there."""
        a, b, c, d = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))[self.rotation // 90]
        factor = scale * self.unit_pt
        x = min(a * p + c * q for p in (self.trim[0], self.trim[2]) for q in (self.trim[1], self.trim[3]))
        y = min(b * p + d * q for p in (self.trim[0], self.trim[2]) for q in (self.trim[1], self.trim[3]))
        return a * factor, b * factor, c * factor, d * factor, corner[0] - factor * x, corner[1] - factor * y


def pages_of(data: bytes, source: str = "") -> Iterator[SourcePage]:
    """The pages of a PDF, in order. DamagedError for a file or a page that cannot be read."""
    file = opened(data)
    if file.is_encrypted:
        raise DamagedError("it is encrypted; save it without a password")
    for entries in file.pages():
        file.clock.turn_page()
        media = file.box(entries, b"MediaBox")
        if media is None:
            raise DamagedError("a page without a MediaBox")
        shown = _within(file.box(entries, b"CropBox"), media)
        trim = _within(file.box(entries, b"TrimBox"), media) if b"TrimBox" in entries else shown
        bleed = _within(file.box(entries, b"BleedBox"), media) if b"BleedBox" in entries else shown
        bleed = min(bleed[0], trim[0]), min(bleed[1], trim[1]), max(bleed[2], trim[2]), max(bleed[3], trim[3])
        unit = float(number(file.get(entries.get(b"UserUnit", 1))) or 1)
        rotation = file.get(entries.get(b"Rotate", 0))
        if not (0 < (trim[2] - trim[0]) * unit < 1e5 and 0 < (trim[3] - trim[1]) * unit < 1e5):
            raise DamagedError("a page without a size")
        turned = (int(rotation) if type(rotation) is int else 0) % 360
        if turned % 90:
            raise DamagedError(f"a page turned by {turned} degrees")
        yield SourcePage(source, file, entries, trim, bleed, turned, unit, len(file.array(entries.get(b"Annots"), "Annots")))


def _within(box: Box | None, media: Box) -> Box:
    if box is None:
        return media
    inside = max(box[0], media[0]), max(box[1], media[1]), min(box[2], media[2]), min(box[3], media[3])
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else media


class Copier:
    """Copies what pages of one file paint with into another; every object once."""

    def __init__(self, file: Opened, objects: Objects) -> None:
        self.file, self.objects = file, objects
        self.serial = 0  # the next that is free; who writes other objects between says it anew
        self.known: dict[Reference, int] = {}
        self.waiting: list[tuple[int, Reference]] = []

    def form(self, page: SourcePage) -> Iterator[Any]:
        """The bytes of a page as a form, and of all that it needs; its number is `serial` as it was
        before.
        """
        file = self.file
        file.clock.resume()
        own, self.serial = self.serial, self.serial + 1
        resources = file.dictionary(page.entries.get(b"Resources"), "Resources")
        painting = {Name(key): resources[key] for key in _PAINTS if key in resources}
        keys = {b"Type": Name(b"XObject"), b"Subtype": Name(b"Form"), b"BBox": list(page.bleed), b"Resources": painting}
        if b"Group" in page.entries:
            keys[b"Group"] = page.entries[b"Group"]
        contents = file.get(page.entries.get(b"Contents"))
        parts = contents if isinstance(contents, list) else [contents]
        only = file.get(parts[0]) if len(parts) == 1 else None
        if isinstance(only, Stream):
            keys.update({key: only.entries[key] for key in (b"Filter", b"DecodeParms") if key in only.entries})
            content: Any = only.packed
        else:
            keys[b"Filter"] = Name(b"FlateDecode")
            content = zlib.compress(file.page_content(page.entries), 6)
        yield from self.objects.stream(own, self.entries(keys), content)
        yield from self.rest()
        file.clock.turn_page()

    def dictionary(self, value: Any) -> Iterator[Any]:
        """The bytes of any dictionary as an object of its own, and of all that it refers to."""
        own, self.serial = self.serial, self.serial + 1
        yield from self.objects.write(own, self.value(self.file.get(value)).encode("latin-1"))
        yield from self.rest()

    def rest(self) -> Iterator[Any]:
        """The objects that were referred to and are not written yet."""
        while self.waiting:
            self.file.clock.tick()
            serial, reference = self.waiting.pop()
            found = self.file.get(reference)
            if isinstance(found, Stream):
                keys = {key: value for key, value in found.entries.items() if key not in _BESIDE}
                yield from self.objects.stream(serial, self.entries(keys), found.packed)
            else:
                yield from self.objects.write(serial, self.value(found).encode("latin-1"))

    def entries(self, keys: dict[bytes, Any], depth: int = 0) -> str:
        """A dictionary's keys and values."""
        return " ".join(f"{_name(key)} {self.value(value, depth)}" for key, value in keys.items())

    def value(self, value: Any, depth: int = 0) -> str:
        """A value as it is written; what it refers to is copied, too."""
        if depth > _DEPTH_MAX:
            raise DamagedError(f"more than {_DEPTH_MAX} objects in one another")
        if isinstance(value, Reference):
            return f"{self.reference(value)} 0 R"
        if isinstance(value, dict):
            if name_of(value.get(b"Type")) in _DOCUMENT:
                return "null"
            return f"<< {self.entries(value, depth + 1)} >>"
        if isinstance(value, list):
            return f"[{' '.join(self.value(one, depth + 1) for one in value)}]"
        if isinstance(value, Name):
            return _name(value)
        if isinstance(value, bytes):
            return f"<{value.hex().upper()}>"
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, float):
            return written(value)
        return str(int(value))

    def reference(self, reference: Reference) -> int:
        """The number of the copy."""
        known = self.known.get(reference)
        if known is None:
            known, self.serial = self.serial, self.serial + 1
            self.known[reference] = known
            self.waiting.append((known, reference))
        return known


def _name(text: bytes) -> str:
    return "/" + _PLAIN_NAME.sub(lambda match: b"#%02X" % match[0][0], bytes(text)).decode("ascii")
