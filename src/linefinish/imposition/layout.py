"""Which page stands where on which side of which sheet: arithmetic alone.

Lengths are points; places on a sheet count from its lower left corner, y up, as in PDF. Pages count
from 0; None is a blank.
"""
from __future__ import annotations

from linefinish.data.document import POINTS_PER_INCH
from linefinish.errors import OptionsError
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Box = tuple[float, float, float, float]

# Pages on a side → columns and rows that are tried, for pages that are taller than wide first.
GRIDS = {2: ((2, 1), (1, 2)), 4: ((2, 2),), 8: ((4, 2), (2, 4)), 9: ((3, 3),)}
# Pages of a sheet that is folded once.
FOLDED = 4
# Pages that come out thinner, in points, are refused: nothing on them could be seen.
_PAGE_PT_MIN = 1.0


@record(eq=True)
class Layout:
    """A sheet and the places on it.

    sheet_pt  width and height
    cells     left, bottom, right, top of each place, in the order in which pages are read
    scale     by which pages are made smaller, 1 or less
    gap_pt    between places, which bleed may run into
    """

    sheet_pt: tuple[float, float]
    cells: tuple[Box, ...]
    scale: float
    gap_pt: float


@record(eq=True)
class Side:
    """One side of a sheet: a page, or None, for each cell of the layout; how far each is moved to
    the fold, in points; and whether all of it is turned by 180 degrees.
    """

    pages: tuple[int | None, ...]
    creep_pt: float = 0.0
    is_turned: bool = False


def signatures(count: int, pages_max: int | None = None) -> list[int]:
    """Pages of each signature of a booklet, every one a multiple of 4: as many as asked for, the
    last as few as it needs. Without a maximum all are one.
    """
    whole = -(-count // FOLDED) * FOLDED
    most = pages_max or whole
    return [most] * (whole // most) + ([whole % most] if whole % most else [])


def folded(count: int, pages_max: int | None = None, creep_pt: float = 0.0, turned_backs: bool = False) -> Iterator[Side]:
    """The sides in the order of printing: the front and the back of the outermost sheet, then of
    the next one within. Each sheet is folded once; the sheets of a signature lie in one another.

    The sheet that is n sheets within the outermost moves its pages n times the creep to the fold.
    """

    def page(number: int) -> int | None:
        return number if number < count else None

    first = 0
    for pages in signatures(count, pages_max):
        last = first + pages - 1
        for within in range(pages // FOLDED):
            low, high = first + 2 * within, last - 2 * within
            yield Side((page(high), page(low)), within * creep_pt)
            yield Side((page(low + 1), page(high - 1)), within * creep_pt, turned_backs)
        first += pages


def in_order(count: int, cells: int) -> Iterator[Side]:
    """Sides with the pages one after the other, as they are read."""
    for first in range(0, count, cells):
        yield Side(tuple(first + cell if first + cell < count else None for cell in range(cells)))


def lay_out(
    page_pt: tuple[float, float],
    grids: tuple[tuple[int, int], ...],
    paper_pt: tuple[float, float] | None = None,
    margin_pt: float = 0.0,
    gap_pt: float = 0.0,
) -> Layout:
    """The sheet on which pages of a size are largest, but never larger than they are: of the grids
    (columns, rows), and of the paper upright or lying. Without paper the sheet is as large as the
    pages and the margin.

    margin_pt  what stays free at the sheet's edges
    gap_pt     between pages, at their own size

    OptionsError where nothing is left for the pages.
    """
    width, height = page_pt
    if paper_pt is None:
        columns, rows = grids[0] if width <= height else grids[-1]
        block = columns * width + (columns - 1) * gap_pt, rows * height + (rows - 1) * gap_pt
        sheet, scale = (block[0] + 2 * margin_pt, block[1] + 2 * margin_pt), 1.0
    else:
        short, long = sorted(paper_pt)
        choices = []
        for columns, rows in grids:
            for across, down in ((long, short), (short, long)):
                room = across - 2 * margin_pt, down - 2 * margin_pt
                block = columns * width + (columns - 1) * gap_pt, rows * height + (rows - 1) * gap_pt
                choices.append((min(1.0, room[0] / block[0], room[1] / block[1]), (across, down), columns, rows))
        scale, sheet, columns, rows = max(choices, key=lambda choice: choice[0])
    if scale * min(page_pt) < _PAGE_PT_MIN:
        raise OptionsError(_why_none_fits(page_pt, sheet, margin_pt))
    across, down, gap = scale * width, scale * height, scale * gap_pt
    left = (sheet[0] - columns * across - (columns - 1) * gap) / 2
    top = (sheet[1] + rows * down + (rows - 1) * gap) / 2
    corners = [(left + column * (across + gap), top - row * (down + gap)) for row in range(rows) for column in range(columns)]
    return Layout(sheet, tuple((x, y - down, x + across, y) for x, y in corners), scale, gap)


def _why_none_fits(page_pt: tuple[float, float], sheet_pt: tuple[float, float], margin_pt: float) -> str:
    page, sheet = inches(page_pt), inches(sheet_pt)
    if min(page_pt) < _PAGE_PT_MIN:
        return f"a page of {page} is too small to print"
    if min(sheet_pt) <= 2 * margin_pt:
        return f"the margin leaves nothing of a sheet of {sheet}" if min(sheet_pt) > 0 else f"a sheet of {sheet} holds no page"
    return f"a page of {page} would be thinner than a point on a sheet of {sheet}"


def turns_backs(sheet_pt: tuple[float, float], duplex: str) -> bool:
    """Whether the backs of a booklet stand upside down: the fold runs from top to foot, so a sheet
    that is flipped about an edge at its side ("long-edge" or "short-edge") has them upright.
    """
    is_long_edge_at_the_side = sheet_pt[1] > sheet_pt[0]
    return (duplex == "long-edge") != is_long_edge_at_the_side


def inches(size_pt: tuple[float, float]) -> str:
    """Width and height in words."""
    return " x ".join(f"{side / POINTS_PER_INCH:.4g}" for side in size_pt) + " in"
