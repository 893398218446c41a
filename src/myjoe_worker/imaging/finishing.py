"""What is done to a picture between provider and storage: `examine` it, `finish_page`. Pure
functions on bytes, for the image processes.

A picture is hostile until it was decoded here: its kind is told by its first bytes, its size is
limited before memory is taken, SVG is held to a short list of what drawings need (`_check_svg`).
Whatever does not pass is ImageRefusedError, with a sentence for a person.
"""
from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import numpy as np
import resvg_py
from PIL import Image

import linefinish
from myjoe.errors import ImageRefusedError, JobArgsError
from myjoe.ordering.page_order import PageOrder

# Longest file taken, in bytes. The largest honest ones are PNGs of 16 megapixels with noise, 30 MB.
CONTENT_BYTES_MAX = 48 << 20
# Largest picture taken. Providers draw 1 to 4 megapixels, upscalers 16. Larger: more memory than a
# child has; smaller: upscaled pages.
MEGAPIXELS_MAX = 40.0
# A picture with a shorter side than this is something else: an icon, a counting pixel, a
# placeholder.
_SIDE_PX_MIN = 128
# Most times the longer side of a picture may be the shorter one; what is longer fills no page.
_ASPECT_MAX = 4.0
# Longest side of the small copy for judges: what vision models look at in one tile.
SMALL_SIDE_PX = 768
# Longest side of the thumbnail, enough for a card in a list on a dense screen.
THUMBNAIL_SIDE_PX = 512
# The least width of a printed line, in inches: 0.75 pt, which print shops ask for. Thinner strokes
# are thickened to it.
LINE_IN_MIN = 0.75 / 72
# Side in mm of the largest mark that is a speck on a page to be coloured: generators leave dots of
# half a millimetre, and where there are few of them the finisher alone would take them for drawn.
# The smallest thing that is meant, a freckle, has a millimetre.
SPECK_MM_MAX = 0.7

# Between which shares of the way from the page's ink to its paper a pixel is neither. Wider: grain
# of paper and uneven ink count as grey; narrower: pale washes (a tenth of the way down from paper)
# do not.
_GREY_SHARES = (0.25, 0.9)
# Longest side of the copy on which greys are counted. Larger: seconds of numpy for 16 megapixels;
# smaller: fine lines become greys.
_GREYS_SIDE_PX = 2400
# A grey pixel counts as shade where all pixels this near to it are grey, too: the soft edge of a
# stroke is 2 px wide, at 1024 px.
_SHADE_REACH_PX_PER_1024 = 3.0
# The grid on which large blacks are looked for has so many cells along the longer side: 1.1 mm on
# letter paper.
_BLACKS_GRID = 256
# Side of the square that must fit into a black for it to count as solid: so many strokes' widths,
# as broad strokes are no blacks, but at least and at most so many cells (3.3 and 6.6 mm on letter
# paper), as a silhouette is no stroke.
_BLACKS_SQUARE_STROKES, _BLACKS_SQUARE_CELLS = 1.5, (3, 6)
# Side in mm of the smallest region that can be coloured comfortably, by audience; 2 mm for kids is
# print practice, the others follow it.
REGION_SIDE_MM_MIN = {"toddlers": 3.0, "kids": 2.0, "teens": 1.25, "adults": 1.0}


@dataclass(frozen=True)
class Examination:
    """A drawn page in numbers, before it is finished. Shares are 0 … 1; what is *printed* is at the
    size the page will have on its paper.

    kind                       "png", "jpeg", "webp" or "svg", as the content is
    width_px, height_px        of the picture; of an SVG as it was rasterised
    grey_share                 pixels that are neither ink nor paper
    shade_share                those of them that are no soft edge: shading
    ink_coverage               pixels that are ink
    stroke_width_*_pt          half of all stroke length is thinner than the median, 5 % thinner
                               than the least; printed, 0 without ink
    regions, tiny_regions      enclosed pieces of paper, and those of them that are too small to be
                               coloured by the page's audience
    black_share                the largest solid black, as a share of the page
    thumbnail_png              a grey copy, longest side 768 px at most
    """

    kind: str
    width_px: int
    height_px: int
    grey_share: float
    shade_share: float
    ink_coverage: float
    stroke_width_median_pt: float
    stroke_width_min_pt: float
    regions: int
    tiny_regions: int
    black_share: float
    thumbnail_png: bytes

    def to_mapping(self) -> dict[str, Any]:
        """The numbers, ready for JSON."""
        numbers = {name: value for name, value in vars(self).items() if name != "thumbnail_png"}
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in numbers.items()}


@dataclass(frozen=True)
class FinishedPage:
    """A page's files, each of them proved, and what the finisher says of it.

    files  "png": 1 bit a pixel at the order's dpi, the whole paper with its margins; "svg", "pdf":
    the same curves on the same paper;
           "thumbnail": a small grey PNG for screens, the only one with greys in it
    width_px, height_px, dpi, bit_depth   of the PNG
    qc     the finisher's report, ready for JSON
    """

    files: Mapping[str, bytes]
    width_px: int
    height_px: int
    dpi: int
    bit_depth: int
    qc: Mapping[str, Any]


def warm_up() -> None:
    """Load what the first page would wait for: kernels, decoders, writers."""
    square = Image.new("L", (_SIDE_PX_MIN, _SIDE_PX_MIN), 255)
    square.paste(0, (32, 32, 64, 96))
    finish_page(_png(square), "image/png", PageOrder(page=1, operations=("raster",), prompt="warm-up", paper="square", dpi=72))


def examine(content: bytes, media_type: str, order: PageOrder) -> Examination:
    """Look at a drawing and measure it. ImageRefusedError if it cannot be read, or must not."""
    kind, gray = _decoded(content, media_type, order)
    separation = linefinish.separate(gray)
    bitmap = linefinish.despeckle(separation.bitmap)
    measures = linefinish.measure(bitmap)
    px_per_in = _px_per_in(gray, order)
    tiny_area_px = (REGION_SIDE_MM_MIN[order.audience] / 25.4 * px_per_in) ** 2
    without_tiny = linefinish.despeckle(bitmap, speckle_area_px_max=0, pinhole_area_px_max=tiny_area_px)
    whole = Image.fromarray(np.asarray(gray))  # and not `separation.gray`, from which washes were divided out
    levels = np.asarray(whole.reduce(math.ceil(max(whole.size) / _GREYS_SIDE_PX)))
    paper = int(np.bincount(levels.ravel(), minlength=256).argmax())
    darkest, lightest = (separation.ink + share * (paper - separation.ink) for share in _GREY_SHARES)
    grey = (levels > darkest) & (levels < lightest)
    reach = max(1, round(_SHADE_REACH_PX_PER_1024 * max(levels.shape) / 1024))
    return Examination(
        kind=kind, width_px=gray.width, height_px=gray.height,
        grey_share=float(grey.mean()), shade_share=float(_eroded(grey, 2 * reach + 1).sum() / grey.size),
        ink_coverage=measures.ink_coverage,
        stroke_width_median_pt=measures.stroke_width_median_px * 72 / px_per_in,
        stroke_width_min_pt=measures.stroke_width_min_px * 72 / px_per_in,
        regions=measures.regions,
        tiny_regions=measures.regions - linefinish.measure(without_tiny).regions,
        black_share=_largest_black(np.asarray(bitmap), measures.stroke_width_median_px),
        thumbnail_png=_small_copy(whole, SMALL_SIDE_PX),
    )  # fmt: skip


def finish_page(content: bytes, media_type: str, order: PageOrder) -> FinishedPage:
    """Finish a drawing on its paper. ImageRefusedError for what cannot be drawn, JobArgsError for
    options that cannot be.
    """
    _, gray = _decoded(content, media_type, order)
    try:
        finished = linefinish.finish(gray, _options(order, gray))
        width_in, height_in = order.paper_in
        paper = linefinish.Page(f"{width_in:.6f}inx{height_in:.6f}in", margin=f"{order.margin_in:.6f}in")
        document = linefinish.compose(finished.curves, paper, dpi=order.dpi)
    except linefinish.OptionsError as error:
        raise JobArgsError(f"the page cannot be finished as ordered: {error}") from error
    files = {format: _written(document, format) for format in ("png", "svg", "pdf")}
    files["thumbnail"] = _thumbnail(document, max(order.paper_in))
    width_px, height_px = struct.unpack_from(">II", files["png"], 16)  # the file's own word
    return FinishedPage(files, width_px, height_px, order.dpi, 1, {"finisher": finished.report.to_mapping()})


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def _decoded(content: bytes, media_type: str, order: PageOrder) -> tuple[str, linefinish.Gray]:
    """The kind of picture, and its greys."""
    if len(content) > CONTENT_BYTES_MAX:
        raise ImageRefusedError(f"the picture is {len(content) >> 20} MiB large, more than the {CONTENT_BYTES_MAX >> 20} that are taken")
    kind = _kind(content)
    if kind is None:
        raise ImageRefusedError(f"the picture is none of PNG, JPEG, WEBP and SVG, though it came as {media_type[:100] or 'nothing'!r}")
    try:
        gray = linefinish.read_gray(_rasterised(content, order) if kind == "svg" else content, megapixels_max=MEGAPIXELS_MAX)
    except linefinish.ImageError as error:
        raise ImageRefusedError(f"the picture cannot be read: {str(error).removeprefix('the given bytes: ')}") from error
    if min(gray.width, gray.height) < _SIDE_PX_MIN:
        raise ImageRefusedError(f"the picture is {gray.width} × {gray.height} px, too small for a page")
    if max(gray.width, gray.height) > _ASPECT_MAX * min(gray.width, gray.height):
        raise ImageRefusedError(f"the picture is {gray.width} × {gray.height} px, too long and narrow for a page")
    return kind, gray


def _kind(content: bytes) -> str | None:
    """What the content is; names and media types lie."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "svg" if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" and b"<svg" in content[:65536] else None


# ── measuring ─────────────────────────────────────────────────────────────────────────────────────


def _px_per_in(gray: linefinish.Gray, order: PageOrder) -> float:
    """Pixels of the picture in an inch of the paper, on which it is as large as its
    margins let it.
    """
    width_in, height_in = order.live_in
    return max(gray.width / width_in, gray.height / height_in)


def _eroded(mask: np.ndarray, side: int) -> np.ndarray:
    """Where a square of side × side lies in the mask, one value for each place it can have."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return inside == side * side


def _largest_black(ink: np.ndarray, stroke_px: float) -> float:
    """The share of the page that the largest solid black takes: on a grid of cells, the largest of
    all connected squares of ink.
    """
    cell = max(1, math.ceil(max(ink.shape) / _BLACKS_GRID))
    side_min, side_max = _BLACKS_SQUARE_CELLS
    side = min(max(side_min, math.ceil(_BLACKS_SQUARE_STROKES * stroke_px / cell)), side_max)
    rows, columns = ink.shape[0] // cell, ink.shape[1] // cell
    if min(rows, columns) <= side:
        return float(ink.mean())
    solid: np.ndarray = ink[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).min(axis=(1, 3))
    return _largest_part(_eroded(solid, side), side) * cell * cell / ink.size


def _largest_part(squares: np.ndarray, side: int) -> int:
    """Cells in the largest 4-connected part, where each True stands for a square of side × side
    cells with that corner.
    """
    ahead = {(int(y), int(x)) for y, x in np.argwhere(squares)}
    largest = 0
    while ahead:
        part, edge = set(), [ahead.pop()]
        while edge:
            y, x = edge.pop()
            part.add((y, x))
            for neighbour in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if neighbour in ahead:
                    ahead.remove(neighbour)
                    edge.append(neighbour)
        largest = max(largest, len({(y + down, x + right) for y, x in part for down in range(side) for right in range(side)}))
    return largest


# ── writing ───────────────────────────────────────────────────────────────────────────────────────


def _options(order: PageOrder, gray: linefinish.Gray) -> linefinish.FinishOptions:
    """The order's options; what the order leaves open about strokes and specks follows from the
    size of the print.
    """
    given, px_per_in = order.options.to_mapping(), _px_per_in(gray, order)
    if not given["stroke_width_px_min"]:
        given["stroke_width_px_min"] = LINE_IN_MIN * px_per_in
    if given["speckle_area_px_max"] is None:
        given["speckle_area_px_max"] = (SPECK_MM_MAX / 25.4 * px_per_in) ** 2
    return linefinish.FinishOptions.from_mapping(given)


def _written(document: linefinish.Document, format: str, **options: Any) -> bytes:
    """The file's bytes, proved to be 1-bit."""
    stream = io.BytesIO()
    linefinish.write(document, stream, format, **options)
    content = stream.getvalue()
    verdict = linefinish.verify(content)
    if not verdict.is_one_bit:
        raise linefinish.InternalError(f"the {format} of the page is not 1-bit: {verdict.problem}")
    return content


def _thumbnail(document: linefinish.Document, longest_in: float) -> bytes:
    """The page as a small grey PNG: drawn four times as large as needed from the same curves, and
    each 4 × 4 pixels become a grey.
    """
    with Image.open(io.BytesIO(_written(document, "png", dpi=4 * THUMBNAIL_SIDE_PX / longest_in))) as page:
        return _small_copy(page.convert("L"), THUMBNAIL_SIDE_PX)


def _small_copy(image: Image.Image, side_px: int) -> bytes:
    """A grey PNG of which no side is longer."""
    image.thumbnail((side_px, side_px), Image.Resampling.BOX if max(image.size) >= 4 * side_px else Image.Resampling.LANCZOS)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


# ── SVG ───────────────────────────────────────────────────────────────────────────────────────────

# Longest side in pixels at which an SVG is drawn for the finisher, which finds edges to a twentieth
# of a pixel: 400 dpi on letter paper.
_SVG_SIDE_PX_MAX = 4096
# What a drawing of lines and areas is made of. Not here, because it can load, run, multiply itself
# or cost without bounds: script, image, foreignObject, use, symbol, pattern, marker, mask, filter,
# animations, text (whose fonts we have not).
_SVG_ELEMENTS = frozenset((
    "g", "defs", "switch", "title", "desc", "metadata", "style", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "clipPath", "linearGradient", "radialGradient", "stop",
))  # fmt: skip
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
# Most elements, and how deep they may lie in each other. Traced drawings have thousands of paths,
# all at one level.
_SVG_ELEMENTS_MAX = 100_000
_SVG_DEPTH_MAX = 40
# Fragments of this document may be referred to, and nothing else; CSS may not import, nor compute.
_SVG_OUTSIDE = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import|expression\s*\(|javascript:|\bdata:", re.IGNORECASE)


def _rasterised(content: bytes, order: PageOrder) -> bytes:
    """The SVG as a PNG on white, about as large as the page will be."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImageRefusedError("the SVG is not in UTF-8") from None
    width, height = _check_svg(text)
    live = [side * order.dpi for side in order.live_in]
    scale = min(live[0] / width, live[1] / height, _SVG_SIDE_PX_MAX / max(width, height))
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=text, width=round(width * scale), height=round(height * scale), background="#ffffff",
                skip_system_fonts=True,
            )
        )  # fmt: skip
    except ValueError as error:
        raise ImageRefusedError(f"the SVG cannot be drawn: {error}") from error


def _check_svg(text: str) -> tuple[float, float]:
    """Walk through the document and refuse what no drawing needs. Gives its width and height, in
    any unit.
    """
    walker = _SvgWalker()
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
    return walker.size


class _SvgWalker:
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
        if self._elements > _SVG_ELEMENTS_MAX:
            raise ImageRefusedError(f"the SVG has more than {_SVG_ELEMENTS_MAX:,} elements")
        if len(self._open) >= _SVG_DEPTH_MAX:
            raise ImageRefusedError(f"the SVG's elements lie more than {_SVG_DEPTH_MAX} deep in each other")
        if not self._open:
            if name != f"{_SVG_NAMESPACE} svg":
                raise ImageRefusedError("the document is no SVG")
            self.size = _svg_size(attributes)
        elif namespace == _SVG_NAMESPACE and local not in _SVG_ELEMENTS:  # what editors add in namespaces of their own is not drawn
            raise ImageRefusedError(f"the SVG has a <{local[:40]}>, which no line drawing needs")
        self._open.append(local)
        for key, value in attributes.items():
            attribute = key.rpartition(" ")[2].lower()
            if attribute.startswith("on") or attribute == "href" and not value.strip().startswith("#") or _SVG_OUTSIDE.search(value):
                raise ImageRefusedError(f"the SVG refers to something outside itself, or runs it ({attribute[:40]})")

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        if self._open and self._open[-1] == "style" and ("\\" in text or "@" in text or _SVG_OUTSIDE.search(text)):
            raise ImageRefusedError("the SVG's style sheet refers to something outside itself")


def _svg_size(attributes: dict[str, str]) -> tuple[float, float]:
    """Width and height from the view box, or from the attributes of those names."""
    numbers = attributes.get("viewBox", "").replace(",", " ").split()[2:] or [
        re.sub(r"(px|pt|mm|cm|in|pc)$", "", attributes.get(side, "").strip()) for side in ("width", "height")
    ]
    try:
        width, height = map(float, numbers)
    except ValueError:
        raise ImageRefusedError("the SVG does not say how large it is") from None
    if not (0 < width < 1e6 and 0 < height < 1e6) or max(width, height) > _ASPECT_MAX * min(width, height):
        raise ImageRefusedError(f"the SVG is {width:g} × {height:g} large, which is no page")
    return width, height
