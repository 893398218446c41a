"""Where to cut and where to fold: short black bars outside the pages."""
from __future__ import annotations

from linefinish.writers.pdf import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from linefinish.imposition.layout import Box, Layout

# Points: how wide a mark is, how long, and how far from the page or its bleed. Thinner is lost on
# home printers, wider does not say where to cut; nearer, a cut that is off leaves them on the page.
MARK_PT, LENGTH_PT, FREE_PT = 0.5, 12.0, 4.0


def bars(layout: Layout, bleed_pt: float, has_fold: bool = False) -> bytes:
    """Operators for bars at both ends of every line along which the pages are cut, outside of all
    of them; with a fold, dashed ones where the middle line ends.
    """
    away = bleed_pt + FREE_PT
    left, foot = min(cell[0] for cell in layout.cells), min(cell[1] for cell in layout.cells)
    right, top = max(cell[2] for cell in layout.cells), max(cell[3] for cell in layout.cells)
    fold = (left + right) / 2
    upright = _apart(x for cell in layout.cells for x in (cell[0], cell[2]) if not (has_fold and abs(x - fold) < MARK_PT))
    level = _apart(y for cell in layout.cells for y in (cell[1], cell[3]))
    ends = ((foot - away - LENGTH_PT, LENGTH_PT), (top + away, LENGTH_PT))
    found = [(x - MARK_PT / 2, y, MARK_PT, length) for x in upright for y, length in ends]
    found += [(x, y - MARK_PT / 2, LENGTH_PT, MARK_PT) for y in level for x in (left - away - LENGTH_PT, right + away)]
    if has_fold:
        dash = LENGTH_PT / 5
        found += [(fold - MARK_PT / 2, y + at * dash, MARK_PT, dash) for y, _ in ends for at in (0, 2, 4)]
    return b"0 g\n" + b"".join(f"{' '.join(map(number, bar))} re\n".encode() for bar in found) + b"f\n"


def room_of(bleed_pt: float) -> float:
    """Points at a sheet's edge that the marks take."""
    return bleed_pt + FREE_PT + LENGTH_PT + FREE_PT


def _apart(values: Iterable[float]) -> list[float]:
    """Without those that are one but for rounding."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > MARK_PT:
            kept.append(value)
    return kept


def shown_of(page: Box, layout: Layout, bleed_pt: float, fold: float | None = None, is_left: bool = False) -> Box:
    """What is shown of a page that stands there: all of it and the bleed around it, but nothing
    over the fold.
    """
    left, bottom, right, top = page[0] - bleed_pt, page[1] - bleed_pt, page[2] + bleed_pt, page[3] + bleed_pt
    if fold is not None:
        left, right = (left, min(right, fold)) if is_left else (max(left, fold), right)
    return max(left, 0.0), max(bottom, 0.0), min(right, layout.sheet_pt[0]), min(top, layout.sheet_pt[1])
