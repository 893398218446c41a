"""The cover: one page of PDF, back, spine and front, from the interior's real count."""
from __future__ import annotations

import zlib

from linefinish.book.artwork import Picture, read_picture
from linefinish.book.drawings import Drawing
from linefinish.book.drawn import Layer, Pen, broken, content_bytes, fitted_size
from linefinish.book.geometry import fitted
from linefinish.book.interior import Intent, ending
from linefinish.book.pages import SMALL_PT_MIN, title_lines
from linefinish.checks import shown
from linefinish.data.document import POINTS_PER_INCH
from linefinish.errors import OptionsError
from linefinish.preflight.findings import FAIL, NOTE, Finding
from linefinish.records import record
from linefinish.writers.pdf import Objects, number, page_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from linefinish.book.faces import Face
    from linefinish.book.geometry import Box, CoverGeometry
    from linefinish.preflight.rules import Printer

# A cover's inks in percent: cyan, magenta, yellow, black. Light, so that black words stand out.
COLOUR_DEFAULT = (12.0, 0.0, 18.0, 0.0)
# Sum of the darkness of a ground from which on words on it are white: 0 to 1.
_DARK = 0.5
_AUTHOR_PT, _BACK_PT, _SPINE_PT_MAX = 20.0, 13.0, 24.0
# Between the front's drawing and its white panel, and between the parts of the front, in points.
_PANEL_PT, _GAP_PT = 18.0, 24.0


@record(eq=True)
class CoverOrder:
    """How the cover is to be.

    colour      inks behind it in percent: cyan, magenta, yellow, black
    image       a picture before it, as a file: over the whole cover, or over the front alone where
                it has the front's shape
    drawing     which drawing stands on the front, from 1; 0 has none
    back        words on the back
    spine_text  instead of "TITLE · AUTHOR"; "" has none
    size, spine what a printer's template says, in inches; None computes both
    template    write the guides, too, as a file of their own
    """

    colour: tuple[float, float, float, float] = COLOUR_DEFAULT
    image: str | None = None
    drawing: int = 1
    back: str = ""
    spine_text: str | None = None
    size: tuple[float, float] | None = None
    spine: float | None = None
    template: bool = False


@record
class Cover:
    """A cover, composed: the ground, white boxes, and black or white words and curves."""

    geometry: CoverGeometry
    colour: tuple[float, float, float, float]
    picture: Picture | None
    white: tuple[Box, ...]
    black_layers: tuple[Layer, ...]
    words: Layer
    words_white: bool


def parse_colour(text: str) -> tuple[float, float, float, float]:
    """"12,0,18,0": percent of cyan, magenta, yellow and black."""
    try:
        values = [float(word) for word in text.split(",")]
    except ValueError:
        values = []
    if len(values) != 4 or not all(0 <= value <= 100 for value in values):
        raise OptionsError(f"the cover's colour is {shown(text)}; it takes cyan, magenta, yellow and black in percent, as in 12,0,18,0")
    return values[0], values[1], values[2], values[3]


def compose_cover(
    geometry: CoverGeometry, printer: Printer, order: CoverOrder, title: str, author: str, count: int, drawing: Drawing | None, face: Face
) -> tuple[Cover, list[Finding]]:
    """The cover, and what is to be said of it."""
    findings: list[Finding] = []
    picture = None
    if order.image:
        picture, findings = read_picture(order.image, geometry, rgb(order.colour), printer)
    pen = Pen(geometry.page_pt, face)
    white = [geometry.barcode_pt] if printer.value("barcode") else []
    layers: list[Layer] = []
    safe = max(geometry.safe_pt, 0.25 * POINTS_PER_INCH)  # words stand further off than they must
    left, top, right, bottom = geometry.front_pt
    left, top, right, bottom = left + 2 * safe, top + 2 * safe, right - 2 * safe, bottom - 2 * safe
    middle = (left + right) / 2
    panels: list[Box] = []  # white behind words, where a picture is
    if title:
        lines, size = title_lines(face, title, right - left, 0.09 * (bottom - top), 0.4 * (bottom - top))
        y = top + size
        panels.append(_panel(face, lines, size, middle, y))
        for line in lines:
            pen.line(line, middle, y, size, "centre")
            y += 1.15 * size
        top = y - 1.15 * size + _GAP_PT
    if author:
        size = fitted_size(face, [author], right - left, _AUTHOR_PT)
        pen.line(author, middle, bottom - 0.25 * size, size, "centre")
        panels.append(_panel(face, [author], size, middle, bottom - 0.25 * size))
        bottom -= size + _GAP_PT
    if drawing is not None and bottom - top > POINTS_PER_INCH:
        panel = (left + _PANEL_PT, top + _PANEL_PT, right - _PANEL_PT, bottom - _PANEL_PT)
        x, y, width, height = fitted(drawing.size_pt, panel)
        white.append((x - _PANEL_PT, y - _PANEL_PT, x + width + _PANEL_PT, y + height + _PANEL_PT))
        layers.append(Layer(drawing.placed(panel, geometry.page_pt)))
    if order.back:
        x0, y0, x1, _ = geometry.back_pt
        box = (x0 + 3 * safe, y0 + 4 * safe, x1 - 3 * safe, geometry.barcode_pt[1] - safe)
        end = pen.block(order.back, box, _BACK_PT)
        wide = max(map(face.width, broken(face, order.back, (box[2] - box[0]) / _BACK_PT))) * _BACK_PT
        panels.append((box[0] - _BACK_PT, box[1] - _BACK_PT, box[0] + wide + _BACK_PT, end + _BACK_PT))
        if end > box[3]:
            findings.append(Finding(FAIL, "back-text", "the words on the back run into the barcode's box; say less there"))
    findings += _spine(pen, geometry, printer, order, " · ".join(filter(None, (title, author))), count, panels)
    dark = _darkness(order.colour) > _DARK
    if picture is not None:  # some words may stand on it and some on the ground: black on white all
        white += [panel for panel in panels if dark or panel[2] > picture.box_pt[0]]
        dark = False
    return Cover(geometry, order.colour, picture, tuple(white), tuple(layers), pen.layer(), dark), findings


def _spine(
    pen: Pen, geometry: CoverGeometry, printer: Printer, order: CoverOrder, usual: str, count: int, panels: list[Box]
) -> list[Finding]:
    """The words on the spine, running down, clear of both folds; or why there are none."""
    asked = order.spine_text
    text = usual if asked is None else asked
    if not text:
        return []
    level = NOTE if asked is None else FAIL
    fewest = int(printer.value("spine_text_pages_min", 0))
    if count < fewest:
        told = f"no words on the spine: {printer.title} takes them from {fewest} pages on, the book has {count}"
        return [Finding(level, "spine-text", told)]
    left, top, right, bottom = geometry.spine_pt
    face = pen.face
    room = right - left - 2 * geometry.spine_margin_pt
    letters = (face.ascent - face.descent) / face.units
    size = fitted_size(face, [text], bottom - top - 4 * max(geometry.safe_pt, 18.0), min(_SPINE_PT_MAX, room / letters))
    if size < SMALL_PT_MIN:
        told = f"the words would be {size:.1f} pt high, and printers ask for {SMALL_PT_MIN:g}"
        return [Finding(level, "spine-text", f"no words on the spine: {told}")]
    baseline = (left + right) / 2 - (face.ascent + face.descent) / face.units * size / 2
    pen.line(text, baseline, (top + bottom) / 2, size, "centre", turn=True)
    half, free = face.width(text) * size / 2 + size / 2, geometry.spine_margin_pt / 2
    panels.append((left + free, (top + bottom) / 2 - half, right - free, (top + bottom) / 2 + half))
    return []


def _panel(face: Face, lines: list[str], size: float, middle: float, baseline: float) -> Box:
    """What is white behind centred lines of words, the first of which stands on a baseline."""
    half = max(map(face.width, lines)) * size / 2 + 0.35 * size
    return middle - half, baseline - 1.1 * size, middle + half, baseline + 1.15 * size * (len(lines) - 1) + 0.45 * size


def _darkness(colour: tuple[float, float, float, float]) -> float:
    red, green, blue = rgb(colour)
    return 1 - (0.3 * red + 0.59 * green + 0.11 * blue) / 255


def rgb(colour: tuple[float, float, float, float]) -> tuple[int, int, int]:
    """Inks in percent as a screen shows them, roughly."""
    c, m, y, k = (value / 100 for value in colour)
    red, green, blue = (round(255 * (1 - ink) * (1 - k)) for ink in (c, m, y))
    return red, green, blue


def cover_pieces(cover: Cover, intent: Intent | None = None) -> Iterator[Any]:
    """The file's bytes."""
    width, height = cover.geometry.page_pt
    parts: list[bytes] = []
    whole = (0.0, 0.0, width, height)
    if cover.picture is None or cover.picture.box_pt != whole:
        parts.append(f"{' '.join(number(ink / 100) for ink in cover.colour)} k {_rectangle(whole, height)} re f\n".encode())
    if cover.picture is not None:
        left, bottom, across, down = _rectangle(cover.picture.box_pt, height).split(" ")
        parts.append(f"q {across} 0 0 {down} {left} {bottom} cm /I Do Q\n".encode())
    parts += [f"1 g {_rectangle(box, height)} re f\n".encode() for box in cover.white]
    parts.append(content_bytes(cover.black_layers, height))
    words = content_bytes([cover.words], height)
    parts.append(words.replace(b"q\n0 g ", b"q\n1 g ", 1) if cover.words_white else words)
    objects = Objects("1.3" if intent else "1.4")
    yield from objects.begin()
    yield from objects.write(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    boxes = {"BleedBox": (0.0, 0.0, width, height), "TrimBox": cover.geometry.trim_pt}
    resources = "/XObject << /I 5 0 R >>" if cover.picture is not None else ""
    yield from objects.write(3, page_object((width, height), boxes, "4 0 R", resources))
    yield from objects.stream(4, "/Filter /FlateDecode", zlib.compress(b"".join(parts), 6))
    if cover.picture is not None:
        yield from objects.stream(5, cover.picture.described, cover.picture.data)
    yield from ending(objects, 6 if cover.picture is not None else 5, intent)


def template_pieces(geometry: CoverGeometry, face: Face) -> Iterator[Any]:
    """The guides alone: trim, folds, what stays free, the barcode's box, each named."""
    width, height = geometry.page_pt
    pen = Pen(geometry.page_pt, face)
    safe = geometry.safe_pt
    folds = (geometry.spine_pt[0], geometry.spine_pt[2])
    for name, box in (("back", geometry.back_pt), ("front", geometry.front_pt)):
        pen.line(name, (box[0] + box[2]) / 2, box[1] + 60, 18, "centre")
        size = f"{(box[2] - box[0]) / 72:.4f} × {(box[3] - box[1]) / 72:.4f} in"
        pen.line(size, (box[0] + box[2]) / 2, box[1] + 80, 10, "centre")
    pen.line(f"spine {(folds[1] - folds[0]) / 72:.4f} in", folds[1] + safe + 6, geometry.spine_pt[1] + 110, 8)
    pen.line(f"page {width / 72:.4f} × {height / 72:.4f} in", geometry.front_pt[2] - 12, geometry.front_pt[3] - 24, 8, "right")
    x, y = (geometry.barcode_pt[0] + geometry.barcode_pt[2]) / 2, (geometry.barcode_pt[1] + geometry.barcode_pt[3]) / 2
    pen.line("barcode", x, y, 10, "centre")
    lines = ["0.5 w 0 0 0 1 K", *(f"{_rectangle(box, height)} re S" for box in (geometry.trim_pt, geometry.barcode_pt)), "[6 3] 0 d"]
    lines += [f"{number(fold)} 0 m {number(fold)} {number(height)} l S" for fold in folds]
    lines += ["[2 2] 0 d"]
    for box in (geometry.back_pt, geometry.front_pt):
        lines.append(f"{_rectangle((box[0] + safe, box[1] + safe, box[2] - safe, box[3] - safe), height)} re S")
    content = "\n".join(lines).encode() + b"\n" + content_bytes([pen.layer()], height)
    objects = Objects()
    yield from objects.begin()
    yield from objects.write(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    boxes = {"BleedBox": (0.0, 0.0, width, height), "TrimBox": geometry.trim_pt}
    yield from objects.write(3, page_object((width, height), boxes, "4 0 R"))
    yield from objects.stream(4, "/Filter /FlateDecode", zlib.compress(content, 6))
    yield from ending(objects, 5, None)


def _rectangle(box: Box, height: float) -> str:
    return " ".join(number(value) for value in (box[0], height - box[3], box[2] - box[0], box[3] - box[1]))


