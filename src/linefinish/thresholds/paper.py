"""The paper under the drawing: whether it is even, and what divides it out."""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.kernels import background as background_kernels
from linefinish.kernels import fills as fill_kernels
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import shadows as shadow_kernels
from linefinish.memory import buffers
from linefinish.records import record
from linefinish.thresholds.tones import Tones, darkest_tones

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Half side of the closing in cells of 4 px, for each 1024 px of the long side. Larger: narrow
# washes stay; smaller: broad grey strokes are taken for a wash. A guess that held: strokes of 28 px
# at 1024.
_CLOSING_CELLS_PER_1024 = 3
# A shadow may lie on the page if one cell in so many at its border is dark. Larger: more pages,
# with strokes that run off the border, are asked in vain; smaller: narrow shadows stay ink. A
# shadow over half a short side is 1 in 10, a gutter of 30 px on 800 × 600 px 1 in 47.
_DARK_BORDER_CELLS_ONE_IN = 96


@record
class Paper:
    """The paper under everything, in cells of 4 × 4 px.

    cells  u8 (rows, columns)
    tones  the same: the grey of fills and hard shadows, 0 elsewhere; None where there are none
    """

    columns: int
    rows: int
    cells: Any
    tones: Any = None


def paper_of(gray: Gray, floor: int, *, fills: str = "off") -> Paper:
    """The paper under everything. Darker than `floor` is ink, except in shadows, and in fills if
    these are to become paper: fills "paper".
    """
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    count = columns * rows
    pooled, cells = buffers.zeros(count, "B"), buffers.zeros(count, "B")
    background_kernels.pool(gray.data, gray.width, gray.height, columns, rows, pooled)
    background_kernels.drop_solids(pooled, columns, rows, floor, cells)
    tones = None
    if fills == "paper":
        tones = fill_tones(gray, pooled, columns, rows, floor)
    radius = max(2, (max(gray.width, gray.height) * _CLOSING_CELLS_PER_1024 + 512) >> 10)
    padded = (columns + 2 * radius) * (rows + 2 * radius)
    scratch = buffers.zeros(padded, "B"), buffers.zeros(padded, "B")
    if shadow_kernels.dark_at_border(pooled, columns, rows, floor) * _DARK_BORDER_CELLS_ONE_IN > 2 * (columns + rows):
        _keep_shadows(pooled, tones, columns, rows, floor, radius, scratch, cells)
    if tones:
        fill_kernels.put(tones, count, cells)
    background_kernels.close_cells(cells, columns, rows, radius, *scratch)
    if tones:  # the closing does not see narrow fills
        fill_kernels.put(tones, count, cells)
    if background_kernels.fill_unknown(cells, columns, rows, buffers.zeros(count, "i")) == 0:
        cells[:] = bytes([255]) * count
    return Paper(columns, rows, cells, tones)


def _keep_shadows(
    pooled: Any, tones: Any, columns: int, rows: int, floor: int, radius: int, scratch: tuple[Any, Any], cells: Any
) -> None:
    """Put back into `cells` what was dropped as solid but lies in a shadow that falls on the page
    from its border.
    """
    count = columns * rows
    closed, marks = buffers.zeros(count, "B"), buffers.zeros(count, "B")
    closed[:] = pooled
    background_kernels.close_cells(closed, columns, rows, radius, *scratch)
    seeds = tones if tones else buffers.zeros(count, "B")
    if shadow_kernels.find_shadows(closed, seeds, columns, rows, floor, buffers.zeros(count, "i"), marks):
        shadow_kernels.keep_shadows(pooled, closed, marks, count, cells)


# --- fills and hard shadows
# ------------------------------------------------------------

# A cell is flat if its greys differ by at most so many. Larger: partly covered cells pass for
# fills; smaller: grained fills have holes (grain of sigma 9 with a weave of 7: 50 to 60).
_FLAT_GRAYS = 80
# So many flat cells that hang together make a fill. Larger: narrow and small fills turn black;
# smaller: where pale strokes cross there are fills.
_FILL_CELLS_MIN = 6
# The darkest fill is paler than the ink by a share of the contrast: somewhere between these two,
# where fewest cells are. Greys of 70 on a page of 4 and 254 are at 0.26, a shadow that leaves 0.35
# of the light, over ink of 0.2, at 0.3.
_PALER_SHARE_MIN, _PALER_SHARE_MAX = 0.12, 0.35
# Between ink and fills there are so few cells, against the most of a tone on either side, that the
# two are told apart. Larger: the paler parts of an uneven ink, a pencil's, fall out; smaller: a
# fill that is shaded here and there stays black.
_GAP_SHARE_MAX = 0.15
# Over so many greys on either side cells are counted.
_GAP_REACH_GRAYS = 5


def fill_tones(gray: Gray, pooled: Any, columns: int, rows: int, floor: int) -> Any:
    """The grey of each cell that lies in a fill or a hard shadow, 0 elsewhere; None where no cell
    does. u8 (rows, columns).

    Such a cell is darker than `floor`, flat, and clearly paler than the darkest ink that lines are
    drawn with.
    """
    count = columns * rows
    tones, bins = buffers.zeros(count, "B"), buffers.zeros(256, "q")
    size = (gray.width, gray.height)
    if fill_kernels.flat_cells(gray.data, *size, pooled, columns, rows, floor, _FLAT_GRAYS, tones, bins) < _FILL_CELLS_MIN:
        return None
    limit = _lightest_ink(bins.tolist(), darkest_tones(gray))
    if limit is None:
        return None
    kept = fill_kernels.keep_areas(tones, columns, rows, limit, _FILL_CELLS_MIN, buffers.zeros(count, "i"), buffers.zeros(count, "B"))
    return tones if kept else None


def _lightest_ink(bins: list[int], tones: Tones) -> int | None:
    """The grey up to which flat cells are solids; None where solids and fills are not apart."""
    around = [sum(bins[max(tone - _GAP_REACH_GRAYS, 0) : tone + _GAP_REACH_GRAYS + 1]) for tone in range(256)]
    first, last = (tones.ink + int(share * tones.contrast) for share in (_PALER_SHARE_MIN, _PALER_SHARE_MAX))
    least = min(around[first : last + 1])
    emptiest = [tone for tone in range(first, last + 1) if around[tone] == least]
    limit = emptiest[len(emptiest) // 2]
    return limit if least <= _GAP_SHARE_MAX * max(around) else None


# Greys by which paper may differ from the page's most common one and still count as even. Smaller:
# sensor noise (sigma 12) makes pages uneven; larger: washes of 240 stay, which move an edge by a
# twentieth of a pixel.
_EVEN_GRAYS_MAX = 14
# The page is uneven if one cell in so many is. Measured share of such cells: 0 to 1.2 % on even
# pages (the latter with noise), 4 to 50 % on toned paper, 9 to 25 % with washes. Larger: dust and
# noise make a page uneven, which costs time only.
_UNEVEN_CELLS_ONE_IN = 64


def is_uneven(cells: Any, columns: int, rows: int) -> bool:
    """Whether more of the page's paper than noise explains differs from its most common grey."""
    papers = _histogram(cells, columns * rows)
    common = _peak(papers)
    even = sum(papers[max(common - _EVEN_GRAYS_MAX, 0) : common + _EVEN_GRAYS_MAX + 1])
    return (columns * rows - even) * _UNEVEN_CELLS_ONE_IN > columns * rows


def _histogram(cells: Any, count: int) -> list[int]:
    bins = buffers.zeros(1024, "i")
    histogram_kernels.count_levels(cells, count, bins)
    return list(bins[:256])


def _peak(papers: list[int]) -> int:
    """The most common grey, within two."""
    return max(range(256), key=lambda gray: (sum(papers[max(gray - 2, 0) : gray + 3]), papers[gray]))


def _lit(cells: Any, count: int) -> int:
    """The paper where light falls on it: a quarter of the page is no darker."""
    wanted, lighter = count // 4, 0
    for grey, papers in reversed(list(enumerate(_histogram(cells, count)))):
        lighter += papers
        if lighter >= wanted:
            return grey
    return 255


# A pixel whose paper is darker than this share of the page's is in a fill or a shadow, and becomes
# white if no ink is near: grain must not pass for pale strokes. Larger: pale strokes in weak
# shadows are lost; smaller: grain of weak shadows stays.
_DARK_PAPER_SHARE = 0.85
# The closing of pixels that lets thin strokes vanish has half this side less half a pixel. Larger:
# narrow fills are closed; smaller: strokes of a few pixels are taken for paper.
_CLOSING_RADIUS_PX = 3


def divided(gray: Gray, paper: Paper) -> Gray:
    """The page with its paper made white: each pixel in proportion to the paper under it."""
    columns, rows, width, height = paper.columns, paper.rows, gray.width, gray.height
    out = buffers.zeros(width * height, "B")
    gains = buffers.zeros(256 + 2 * columns + 2 * width, "i")
    background_kernels.divide(gray.data, width, height, paper.cells, columns, rows, gains, out)
    if paper.tones:
        _divide_at_steps(gray, paper, out)
    return Gray(width, height, out, gray.dpi)


def _divide_at_steps(gray: Gray, paper: Paper, out: Any) -> None:
    """Divide anew, pixel by pixel, near the edges of fills and hard shadows, and in them."""
    columns, rows, width, height = paper.columns, paper.rows, gray.width, gray.height
    near = buffers.zeros(columns * rows, "B")
    fill_kernels.find_steps(paper.cells, paper.tones, columns, rows, near)
    state = buffers.zeros(width * height, "B")
    found = fill_kernels.find_ink(gray.data, width, height, paper.cells, near, columns, rows, state)
    closed = buffers.zeros(width * height, "B")
    closed[:] = gray.data
    padded = (width + 2 * _CLOSING_RADIUS_PX) * (height + 2 * _CLOSING_RADIUS_PX)
    scratch = buffers.zeros(padded, "B"), buffers.zeros(padded, "B")
    background_kernels.close_cells(closed, width, height, _CLOSING_RADIUS_PX, *scratch)
    fill_kernels.spread_paper(closed, state, width, height, buffers.zeros(found + 4, "i"))
    fill_kernels.hold_fills(paper.tones, columns, rows, width, height, closed)
    common = _lit(paper.cells, columns * rows)
    fill_kernels.divide_pixels(gray.data, width * height, closed, state, int(_DARK_PAPER_SHARE * common), out)
