"""`compose`: Curves, and a Page if wanted → `Document`, the only thing a writer sees.

Coordinates are rounded here, once, to 1/16 pixel; every format then shows those integers, so all
outputs of a run are one drawing.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.data.geometry import CUBIC, LINE, Curves
from linefinish.errors import ImageError, ImageShapeError, OptionsError
from linefinish.kernels import quantise
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from linefinish.data.strokes import Strokes

# Integer units in a pixel.
UNITS_PER_PX = quantise.UNITS_PER_PX

POINTS_PER_INCH = 72.0
# What a pixel measures where nobody says: CSS's reference pixel (CSS Values 4, section 6.2), which
# is what browsers assume of an SVG.
DPI_ASSUMED = 96.0
# Bitmaps of a drawing whose physical size was asked for: the resolution that print shops ask for
# line art at least.
DPI_PRINT = 300.0

POINTS_PER_UNIT = {"in": 72.0, "mm": 72.0 / 25.4, "cm": 72.0 / 2.54, "pt": 1.0, "px": 72.0 / DPI_ASSUMED}
PAGES = {
    "letter": (612.0, 792.0), "legal": (612.0, 1008.0), "tabloid": (792.0, 1224.0), "a3": (297 * 72.0 / 25.4, 420 * 72.0 / 25.4),
    "a4": (210 * 72.0 / 25.4, 297 * 72.0 / 25.4), "a5": (148 * 72.0 / 25.4, 210 * 72.0 / 25.4),
}  # fmt: skip
FITS = ("contain", "width", "height", "none")

# Sides of a page, of a drawing and of its frame, in points: below and above, none can be drawn.
_SIDE_PT_MIN, _SIDE_PT_MAX = 1e-3, 1e7
# Longest side of a page: PDF's own limit of 14,400 units (ISO 32000-1, annex C), 200 inches.
PAGE_POINTS_MAX = 14400.0


def parse_length(text: str) -> float:
    """A length such as "8.5in", "210mm", "21cm", "36pt", "100px" (1/96 in) in points; 0 needs no
    unit. OptionsError otherwise.
    """
    text = _text(text)
    unit = text[-2:]
    try:
        value = float(text if unit not in POINTS_PER_UNIT else text[:-2])
    except ValueError:
        value = -1.0
    if unit not in POINTS_PER_UNIT and value != 0 or not 0 <= value < 1e6:
        raise OptionsError(f"{checks.shown(text)} is not a length; write a number and in, mm, cm, pt or px, such as 8.5in")
    return value * POINTS_PER_UNIT.get(unit, 1.0)


def _text(value: Any) -> str:
    """What somebody wrote, in small letters; what is no text is shown as an error shows it."""
    return (value if isinstance(value, str) else checks.shown(value)).strip().lower()


def parse_page(text: str) -> tuple[float, float]:
    """"letter", "legal", "tabloid", "a3", "a4", "a5" or "WxH" with a unit ("6x9in",
    "210mmx297mm") as width and height in points. OptionsError otherwise.
    """
    text = _text(text)
    if text in PAGES:
        return PAGES[text]
    width, separator, height = text.replace("×", "x").replace("px", "p#").partition("x")
    width, height = width.replace("p#", "px").strip(), height.replace("p#", "px").strip()
    if width[-1:].isdigit() and height[-2:] in POINTS_PER_UNIT:
        width += height[-2:]
    if not separator:
        raise OptionsError(f"{checks.shown(text)} is not a page; it may be {', '.join(PAGES)}, or width x height such as 6x9in")
    return parse_length(width), parse_length(height)


def parse_sides(text: str) -> tuple[float, float, float, float]:
    """One to four lengths as top, right, bottom, left in points, filled up as in CSS: "0.5in",
    "0.125in,0.125in,0.125in,0".
    """
    sides = [parse_length(word) for word in _text(text).replace(",", " ").split()]
    if not 1 <= len(sides) <= 4:
        raise OptionsError(f"{checks.shown(text)} is not a margin; write one length for all sides, or four: top, right, bottom, left")
    top = sides[0]
    right = sides[1] if len(sides) > 1 else top
    return top, right, sides[2] if len(sides) > 2 else top, sides[3] if len(sides) > 3 else right


@record(eq=True)
class Page:
    """The sheet that a drawing is put on.

    page    a name of PAGES or "WxH" with a unit. Upright as named, however the drawing lies: pages
            of one book have one shape.
    margin  one to four lengths (top, right, bottom, left) kept free inside the trim
    trim    "WxH": the sheet is larger than the finished page, which is cut out of its middle.
            Without it the page is the finished page.
    bleed   one to four lengths that the picture runs over the trim on each side. Without `trim` the
            sheet grows by it. KDP's letter
            page with bleed, 0.125 in at the top, bottom and outer edge and none at the spine, is
            "0.125in 0.125in 0.125in 0".
    fit     "contain": as large as fits, centred; "width", "height": that side fits, the other may
            run over; "none": the drawing's own
            physical size. What it fits is the trim without the margin; with a bleed and no margin,
            the trim with the bleed.
    """

    page: str = "letter"
    margin: str = "0"
    trim: str | None = None
    bleed: str = "0"
    fit: Literal["contain", "width", "height", "none"] = "contain"

    def __post_init__(self) -> None:
        if not isinstance(self.fit, str) or self.fit not in FITS:
            raise OptionsError(f"fit is {checks.shown(self.fit)}; it may be one of {', '.join(FITS)}")
        self.boxes()

    def boxes(self) -> tuple[Box, Box, Box]:
        """The sheet, the bleed and the trim as (left, top, right, bottom) in points from the
        sheet's upper left corner.
        """
        width, height = parse_page(self.page)
        above, right, below, left = parse_sides(self.bleed)
        if self.trim is None:
            trim = (left, above, left + width, above + height)
            width, height = left + width + right, above + height + below
        else:
            trim_width, trim_height = parse_page(self.trim)
            if trim_width > width or trim_height > height:
                raise OptionsError(f"the trim {self.trim} is larger than the page {self.page}")
            x, y = (width - trim_width) / 2, (height - trim_height) / 2
            trim = (x, y, x + trim_width, y + trim_height)
        if not 0 < width <= PAGE_POINTS_MAX or not 0 < height <= PAGE_POINTS_MAX or trim[2] <= trim[0] or trim[3] <= trim[1]:
            raise OptionsError(f"the page {self.page} has no size that can be printed; a side may be up to 200 inches")
        bleed = (max(trim[0] - left, 0.0), max(trim[1] - above, 0.0), min(trim[2] + right, width), min(trim[3] + below, height))
        return (0.0, 0.0, width, height), bleed, trim

    def live_area(self) -> Box:
        """Where the drawing is fitted."""
        _, bleed, trim = self.boxes()
        above, right, below, left = parse_sides(self.margin)
        area = (trim[0] + left, trim[1] + above, trim[2] - right, trim[3] - below)
        if area[2] <= area[0] or area[3] <= area[1]:
            raise OptionsError(f"the margin {self.margin} leaves nothing of the page {self.page}")
        return area if any((above, right, below, left)) else bleed


@record
class Document:
    """A drawing in integers, and where it lies on its page.

    width, height   of the drawing, in pixels; UNITS_PER_PX integer units each
    segments        i32, (k, 3, 2) flat; kinds u8, (k,); offsets i64, (m + 1,): as in `Curves`, in
                    units
    page_pt         width and height of the page, in points (1/72 in)
    drawing_pt      the drawing's frame on the page: left, top, width, height, in points, y down
    physical        whether that size is known (from the image's dpi, or asked for) and not merely
                    assumed
    dpi             resolution of bitmaps, horizontal and vertical; None draws one pixel for each
                    pixel of the drawing
    trim_pt, bleed_pt  (left, top, right, bottom) in points, or None where they are the page
    strokes         of a drawing of centre lines these, in pixels; the segments above are then its
                    fills. None for a drawing of outlines
    """

    width: int
    height: int
    segments: memoryview
    kinds: memoryview
    offsets: memoryview
    page_pt: tuple[float, float]
    drawing_pt: tuple[float, float, float, float]
    physical: bool = False
    dpi: tuple[float, float] | None = None
    trim_pt: Box | None = None
    bleed_pt: Box | None = None
    strokes: Strokes | None = None

    def __post_init__(self) -> None:
        offsets, count = checks.counts(self.offsets, "Document.offsets")
        segments = checks.flat(self.segments, 6 * count, checks.INTEGERS, "Document.segments")
        kinds = checks.flat(self.kinds, count, checks.OCTETS, "Document.kinds")
        checks.sides(self.__dict__)
        checks.at_most(segments, quantise.COORDINATE_UNITS_MAX, "Document.segments")
        checks.only(kinds, bytes((LINE, CUBIC)), "Document.kinds")
        for name, length in (("page_pt", 2), ("drawing_pt", 4), ("trim_pt", 4), ("bleed_pt", 4)):
            value = getattr(self, name)
            if value is None and name in ("trim_pt", "bleed_pt"):
                continue
            if not isinstance(value, (tuple, list)) or len(value) != length or not all(map(checks.number, value)):
                raise ImageShapeError(f"Document.{name} is {checks.shown(value)}; it takes {length} numbers")
        if not all(_SIDE_PT_MIN <= side <= _SIDE_PT_MAX for side in (*self.page_pt, *self.drawing_pt[2:])):
            raise ImageShapeError(f"a page of {self.page_pt} points with a drawing at {self.drawing_pt} cannot be made")
        if not all(abs(side) <= _SIDE_PT_MAX for side in self.drawing_pt):
            raise ImageShapeError(f"a drawing at {self.drawing_pt} points cannot be made")
        if self.strokes is not None:
            from linefinish.data.strokes import Strokes

            checks.instance(self.strokes, Strokes, "Document.strokes")
        dpi = resolution_pair(self.dpi)
        self.__dict__.update(segments=segments, kinds=kinds, offsets=offsets, dpi=dpi, physical=bool(self.physical))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def segment_count(self) -> int:
        """Lines and cubics in all chains."""
        return int(self.offsets[-1])

    @property
    def fills_page(self) -> bool:
        """Whether page and drawing are the same rectangle."""
        return self.drawing_pt == (0.0, 0.0, *self.page_pt)

    @property
    def unit_pt(self) -> tuple[float, float]:
        """Points that one integer unit measures, horizontally and vertically."""
        return self.drawing_pt[2] / (self.width * UNITS_PER_PX), self.drawing_pt[3] / (self.height * UNITS_PER_PX)


@checks.keywords
def compose(
    curves: Curves | Strokes,
    page: Page | None = None,
    *,
    dpi: float | tuple[float, float] | None = None,
    image_dpi: tuple[float, float] | None = None,
    width_pt: float | None = None,
    height_pt: float | None = None,
) -> Document:
    """Put curves, or strokes, on a page.

    Physical size: fitted to `page`; else `width_pt` and `height_pt` (one alone keeps the
    proportions, both centre the drawing in them); else pixels / `image_dpi`, what the image itself
    states; else pixels / `dpi`; else pixels / 96, which counts as assumed. Bitmaps are drawn at
    `dpi`; without it at 300 if a size was asked for, else one pixel for each pixel.

    Raises OptionsError for a size that cannot be, ImageError for what is neither and if a
    coordinate is not a number.
    """
    strokes = None
    if not isinstance(curves, Curves):
        strokes, curves = _strokes_and_fills(curves)
    if page is not None and not isinstance(page, Page):
        raise OptionsError(f"page is {checks.shown(page)}; it takes a Page")
    width_pt, height_pt = _side("width_pt", width_pt), _side("height_pt", height_pt)
    both = resolution_pair(dpi)
    if image_dpi is not None:
        _two(image_dpi, "image_dpi")
    own = image_dpi if image_dpi and min(image_dpi) > 0 else both or (DPI_ASSUMED, DPI_ASSUMED)
    own_pt = (curves.width * POINTS_PER_INCH / own[0], curves.height * POINTS_PER_INCH / own[1])
    trim = bleed = None
    if page is None and width_pt and height_pt:
        page = Page(f"{width_pt!r}ptx{height_pt!r}pt")
    if page is not None:
        sheet, bleed, trim = page.boxes()
        page_pt = sheet[2:]
        drawing_pt = _fitted(own_pt, page.live_area(), page.fit)
    else:
        scale = width_pt / own_pt[0] if width_pt else height_pt / own_pt[1] if height_pt else 1.0
        page_pt = (width_pt or own_pt[0] * scale, height_pt or own_pt[1] * scale)
        drawing_pt = (0.0, 0.0, *page_pt)
    asked = page is not None or bool(width_pt or height_pt)
    if not all(_SIDE_PT_MIN <= side <= _SIDE_PT_MAX for side in (*page_pt, *drawing_pt[2:])):
        raise OptionsError(f"a drawing of {page_pt[0]:g} × {page_pt[1]:g} points cannot be made")
    if both is None and asked:
        both = (DPI_PRINT, DPI_PRINT)
    segments, kinds, offsets = _rounded(curves)
    return trusted(
        Document, curves.width, curves.height, segments, kinds, offsets, page_pt, drawing_pt,
        asked or both is not None or image_dpi is not None, both,
        trim if trim != (0.0, 0.0, *page_pt) else None, bleed if bleed != (0.0, 0.0, *page_pt) else None, strokes,
    )  # fmt: skip


def _strokes_and_fills(drawing: Any) -> tuple[Strokes, Curves]:
    """Strokes, and what of them is filled; ImageShapeError for what is no drawing."""
    if type(drawing).__name__ != "Strokes":  # whose module a drawing of outlines does without
        checks.instance(drawing, Curves, "curves")
    from linefinish.data.strokes import Strokes

    strokes = checks.instance(drawing, Strokes, "curves")
    return strokes, Curves.empty(strokes.width, strokes.height) if strokes.fills is None else strokes.fills


def resolution_pair(dpi: float | tuple[float, float] | None) -> tuple[float, float] | None:
    """One or two numbers as dots per inch, horizontal and vertical; None stays None. OptionsError
    if absurd.
    """
    if dpi is None:
        return None
    pair: Any = (dpi, dpi) if checks.number(dpi) else _two(dpi, "dpi")
    if not all(1 <= value <= 100_000 for value in pair):
        raise OptionsError(f"dpi is {checks.shown(dpi)}; it may be 1 to 100000")
    return float(pair[0]), float(pair[1])


def _two(value: Any, name: str) -> Any:
    """Two finite numbers, or OptionsError."""
    if not isinstance(value, (tuple, list)) or len(value) != 2 or not all(map(checks.number, value)):
        raise OptionsError(f"{name} is {checks.shown(value)}; it takes a number, or two: horizontal and vertical")
    return value


def _side(name: str, value: Any) -> Any:
    """A side in points, or None; OptionsError for what is no number or below 0."""
    if value is None or checks.number(value) and value >= 0:
        return value
    raise OptionsError(f"{name} is {checks.shown(value)}; it takes a number of points, above 0")


def _fitted(size: tuple[float, float], area: Box, fit: str) -> tuple[float, float, float, float]:
    """A drawing's frame, centred in an area."""
    room = (area[2] - area[0], area[3] - area[1])
    by_width, by_height = room[0] / size[0], room[1] / size[1]
    scale = {"contain": min(by_width, by_height), "width": by_width, "height": by_height, "none": 1.0}[fit]
    width = room[0] if scale == by_width else size[0] * scale
    height = room[1] if scale == by_height else size[1] * scale
    return area[0] + (room[0] - width) / 2, area[1] + (room[1] - height) / 2, width, height


def _rounded(curves: Curves) -> tuple[memoryview, memoryview, memoryview]:
    count = curves.segment_count
    segments, kinds, offsets = buffers.zeros(6 * count, "i"), buffers.zeros(count, "B"), buffers.zeros(len(curves) + 1, "q")
    chains = quantise.quantise(
        curves.segments, curves.kinds, curves.offsets, len(curves), segments, kinds, offsets
    )
    if chains == quantise.NOT_A_NUMBER:
        raise ImageError("a coordinate of the curves is not a finite number")
    kept = offsets[chains]
    return buffers.trimmed(segments, 6 * kept), buffers.trimmed(kinds, kept), buffers.trimmed(offsets, chains + 1)


if TYPE_CHECKING:
    Box = tuple[float, float, float, float]
