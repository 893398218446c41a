"""Page and cover in points: where the trim, the bleed and the live area lie.

All boxes are (left, top, right, bottom) in points (1/72 in) from the upper left corner of the
page, y down. A recto has its spine at the left, a verso at the right.
"""
from __future__ import annotations

from linefinish.checks import shown
from linefinish.data.document import PAGES, POINTS_PER_INCH, parse_page
from linefinish.errors import OptionsError
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.preflight.rules import Printer

    Box = tuple[float, float, float, float]

RECTO, VERSO = "recto", "verso"


@record(eq=True)
class PageGeometry:
    """A page of the interior.

    page_pt  width and height of the file's page, which is its MediaBox and its BleedBox
    trim_pt  what is left when the book is cut
    live_pt  where a drawing may stand: the trim without the margins, the gutter at the spine;
             with bleed up to the page's edge at the three outer sides
    safe_pt  where words stand: never in the bleed
    """

    side: str
    page_pt: tuple[float, float]
    trim_pt: Box
    live_pt: Box
    safe_pt: Box


@record(eq=True)
class CoverGeometry:
    """The cover as one page: back, spine, front.

    back_pt, spine_pt, front_pt  the three parts, up to the trim
    barcode_pt  the box on the back that stays white
    safe_in     what stays free inside the trim and at the folds
    """

    page_pt: tuple[float, float]
    trim_pt: Box
    back_pt: Box
    spine_pt: Box
    front_pt: Box
    barcode_pt: Box
    safe_pt: float
    spine_margin_pt: float


def parse_trim(text: str) -> tuple[float, float]:
    """A finished size in inches: "8.5x11", "210mmx297mm", "a4", "letter". A bare number is inches.
    OptionsError otherwise.
    """
    if not isinstance(text, str):
        raise OptionsError(f"trim is {shown(text)}; it takes a size such as 8.5x11")
    word = text.strip().lower()
    if word not in PAGES and word[-1:].isdigit():
        word += "in"
    try:
        width, height = parse_page(word)
    except OptionsError:
        raise OptionsError(f"trim is {shown(text)}; it takes a size such as 8.5x11 (inches), 210mmx297mm, a4 or letter") from None
    if not 1 <= width / POINTS_PER_INCH <= 100 or not 1 <= height / POINTS_PER_INCH <= 100:
        raise OptionsError(f"trim is {shown(text)}; a book's side is 1 to 100 inches")
    return width / POINTS_PER_INCH, height / POINTS_PER_INCH


def page_geometry(printer: Printer, trim: tuple[float, float], count: int, side: str, bleed: bool = False) -> PageGeometry:
    """A page of a book of `count` pages; `trim` in inches. OptionsError where the margins leave
    nothing.
    """
    width, height = trim[0] * POINTS_PER_INCH, trim[1] * POINTS_PER_INCH
    above, outside, below, inside = (POINTS_PER_INCH * inches if bleed else 0.0 for inches in printer.bleed())
    gutter = POINTS_PER_INCH * printer.margin_inside(count)
    edge = POINTS_PER_INCH * printer.margin_outside(bleed)
    left, right = (inside, outside) if side == RECTO else (outside, inside)
    page = (left + width + right, above + height + below)
    trim_box = (left, above, left + width, above + height)
    near, far = (gutter, edge) if side == RECTO else (edge, gutter)
    safe = (trim_box[0] + near, trim_box[1] + edge, trim_box[2] - far, trim_box[3] - edge)
    if safe[2] - safe[0] < POINTS_PER_INCH / 2 or safe[3] - safe[1] < POINTS_PER_INCH / 2:
        raise OptionsError(f"the margins of {printer.title} leave nothing of a page of {trim[0]:g} × {trim[1]:g} inches")
    live = safe
    if bleed:
        live = (safe[0] if side == RECTO else 0.0, 0.0, page[0] if side == RECTO else safe[2], page[1])
    return PageGeometry(side, page, trim_box, live, safe)


def cover_geometry(
    printer: Printer, trim: tuple[float, float], spine: float, size: tuple[float, float] | None = None
) -> CoverGeometry:
    """The cover of a book with a spine of so many inches: 2 × width + spine + twice the bleed, by
    height + twice the bleed; or of the `size` in inches that a printer's template says, in whose
    middle the spine then stands.
    """
    width, height, thick = (POINTS_PER_INCH * inches for inches in (*trim, spine))
    around = POINTS_PER_INCH * float(printer.value("cover_bleed", 0.125))
    page = (2 * width + thick + 2 * around, height + 2 * around)
    if size is not None:
        page = (POINTS_PER_INCH * size[0], POINTS_PER_INCH * size[1])
        if page[0] < 2 * width + thick - 1e-6 or page[1] < height - 1e-6:
            raise OptionsError(
                f"a cover of {size[0]:g} × {size[1]:g} inches is smaller than the book: {2 * trim[0] + spine:g} × {trim[1]:g} inches"
            )
    top, middle = (page[1] - height) / 2, page[0] / 2
    bottom = top + height
    spine_box = (middle - thick / 2, top, middle + thick / 2, bottom)
    back = (spine_box[0] - width, top, spine_box[0], bottom)
    front = (spine_box[2], top, spine_box[2] + width, bottom)
    wide, high, from_spine, from_foot = (POINTS_PER_INCH * inches for inches in printer.value("barcode", (2, 1.2, 0.25, 0.25)))
    barcode = (back[2] - from_spine - wide, bottom - from_foot - high, back[2] - from_spine, bottom - from_foot)
    return CoverGeometry(
        page, (back[0], top, front[2], bottom), back, spine_box, front, barcode,
        POINTS_PER_INCH * float(printer.value("cover_safe", 0.125)), POINTS_PER_INCH * float(printer.value("spine_text_margin", 0.0625)),
    )  # fmt: skip


def fitted(size: tuple[float, float], area: Box, fill: float = 0.0) -> tuple[float, float, float, float]:
    """Where a drawing of a size goes: left, top, width, height, centred in the area; as large as
    fits in it, or with a `fill` so many times as large as just fills it.
    """
    across, down = (area[2] - area[0]) / size[0], (area[3] - area[1]) / size[1]
    scale = max(across, down) * fill if fill else min(across, down)
    width, height = size[0] * scale, size[1] * scale
    return (area[0] + area[2] - width) / 2, (area[1] + area[3] - height) / 2, width, height
