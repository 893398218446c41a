"""How much larger a drawing is to be made so that it bleeds as printers want it: what crosses the
trim runs to the page's edge, and what stops before the edge stops inside of the trim.
"""
from __future__ import annotations

from linefinish.book.geometry import fitted
from linefinish.data.document import POINTS_PER_INCH
from linefinish.rasterizing import rasterize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.book.geometry import Box
    from linefinish.data.document import Document

# Pixels in an inch of print at which ink is looked for. More: slower; fewer: a hair is missed.
_INK_DPI = 144.0
# Points: ink that comes so near to the page's edge is there; ink is carried so far beyond it, which
# is less than the thinnest stroke has.
_AT_EDGE_PT, _BEYOND_PT = 0.4, 0.25
# A printer's cut drifts by 1/16 inch (IngramSpark): ink that stops so near inside the trim may end
# beyond it.
DRIFT_PT = POINTS_PER_INCH / 16
# The most that a drawing is made larger. More: too much of its outer parts is lost; less: more
# drawings stand inside of the margins. What stops at the inner end of the bleed takes 6 %.
_FILL_MAX = 1.15


def fill_of(document: Document, area: Box, page_pt: tuple[float, float], bleed_pt: float) -> float:
    """By how much a drawing that fills an area (1.0) is to run over it, so that at each side of the
    area that is the page's edge its ink reaches the edge, or stops inside of the trim, which is
    `bleed_pt` from it. 0.0 where at most 15 % do not bring that about.
    """
    wide, high = area[2] - area[0], area[3] - area[1]
    scale = fitted(document.page_pt, area, 1.0)[2] / document.page_pt[0]
    ink = rasterized(document, scale)
    open_sides = (area[0] <= 0, area[1] <= 0, area[2] >= page_pt[0] - 1e-6, area[3] >= page_pt[1] - 1e-6)
    fill = 1.0
    while fill <= _FILL_MAX:
        more = 1.0
        for distance, is_open, side in zip(distances(ink, wide, high, fill), open_sides, (wide, high, wide, high)):
            if is_open and _AT_EDGE_PT < distance < bleed_pt + DRIFT_PT:
                more = max(more, (side / 2 + _BEYOND_PT) / (side / 2 - distance))
        if more == 1.0:
            return fill
        fill *= more
    return 0.0


def rasterized(document: Document, scale: float) -> Any:
    """A drawing's page as a bool array (height, width) of 144 pixels an inch of print."""
    import numpy as np

    width, height = (max(1, round(side * scale * _INK_DPI / POINTS_PER_INCH)) for side in document.page_pt)
    return np.asarray(rasterize(document, width=width, height=height))


def distances(ink: Any, wide: float, high: float, fill: float) -> tuple[float, float, float, float]:
    """How far from the left, top, right and lower edge of an area the outermost ink of it lies, in
    points; the drawing is centred there. Infinite where there is none.
    """
    import numpy as np

    pixel = fill * POINTS_PER_INCH / _INK_DPI
    spans = []
    for count, side in ((ink.shape[1], wide), (ink.shape[0], high)):
        over = max(0.0, (count * pixel - side) / 2)  # what is cut off at either end
        spans.append((int(over / pixel + 0.5), count - int(over / pixel + 0.5)))
    (left, right), (top, bottom) = spans
    seen = ink[top:bottom, left:right]
    found = []
    for axis, (side, first, count) in enumerate(((wide, left, ink.shape[1]), (high, top, ink.shape[0]))):
        places = np.flatnonzero(seen.any(axis=axis))
        if not places.size:
            return (float("inf"),) * 4
        begin = (side - count * pixel) / 2
        found.append((begin + (first + int(places[0])) * pixel, side - begin - (first + int(places[-1]) + 1) * pixel))
    return found[0][0], found[1][0], found[0][1], found[1][1]
