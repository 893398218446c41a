"""The paper under the drawing: whether it is even, and what divides it out."""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.kernels import background as background_kernels
from linefinish.kernels import fills as fill_kernels
from linefinish.kernels import shadows as shadow_kernels
from linefinish.memory import buffers
from linefinish.records import record
from linefinish.thresholds.tones import Tones, counted, tones_of, within

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


# A shadow of more cells than one in so many of the page may be steep, and is looked at as pixels.
# Larger: time for shadows in a corner; smaller: the side of a deep gutter leaves crumbs.
_SHADOW_CELLS_ONE_IN = 25

# Where so little light falls on the paper, as a share of where it is light, a camera's noise is as
# deep as pale strokes once the paper is white. Larger: pale strokes in shadows go; smaller: the
# deepest part of a gutter is full of grain (noise of sigma 2 in 0.12 of the light has 18).
_DEEP_SHARE = 0.18


@record
class Paper:
    """The paper under everything, in cells of 4 × 4 px.

    cells  u8 (rows, columns)
    tones  the same: the grey of fills and hard shadows, 0 elsewhere; None where no paper has a hard
           edge
    grain  by how much the greys of a fill differ within a cell, as a share of its own, 0 to 2
    """

    columns: int
    rows: int
    cells: Any
    tones: Any = None
    grain: float = 0.0

    @property
    def fill_cells(self) -> int:
        """How many cells lie in fills and hard shadows."""
        return len(self.tones) - counted(self.tones, len(self.tones))[0] if self.tones else 0

    @property
    def deep(self) -> bytes | None:
        """1 for each cell with so little light that noise is as deep there as pale strokes; None
        where no cell has.
        """
        papers = counted(self.cells, self.columns * self.rows)
        dark = int(_DEEP_SHARE * _lit(papers))
        return bytes(self.cells).translate(bytes([1]) * dark + bytes(256 - dark)) if any(papers[:dark]) else None


def paper_of(gray: Gray, floor: int, *, fills: str = "ink", drawn: Tones | None = None) -> Paper:
    """The paper under everything. Darker than `floor` is ink, except in shadows, and in fills if
    these are to become paper, which they are not where fills is "ink". `drawn` are the tones of
    what is drawn, by default the page's.
    """
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    count = columns * rows
    pooled, cells = buffers.brief("paper.pooled", count, "B"), buffers.zeros(count, "B")
    background_kernels.pool(gray.data, gray.width, gray.height, columns, rows, pooled)
    background_kernels.drop_solids(pooled, columns, rows, floor, cells)
    radius = max(2, (max(gray.width, gray.height) * _CLOSING_CELLS_PER_1024 + 512) >> 10)
    padded = (columns + 2 * radius) * (rows + 2 * radius)
    scratch = buffers.brief("paper.padded", padded, "B"), buffers.brief("paper.other", padded, "B")
    shadows = shadow_kernels.dark_at_border(pooled, columns, rows, floor) * _DARK_BORDER_CELLS_ONE_IN > 2 * (columns + rows)
    tones, grain = None, 0.0
    if fills != "ink":
        closed = buffers.copied(cells)
        background_kernels.close_cells(closed, columns, rows, radius, *scratch)
        tones, grain = fill_tones(gray, pooled, closed, columns, rows, floor, drawn)
        if not tones and not shadows:
            cells = closed
    if shadows:
        found = _keep_shadows(pooled, tones, columns, rows, floor, radius, scratch, cells)
        if found * _SHADOW_CELLS_ONE_IN > count and not tones and fills != "ink":
            tones = buffers.zeros(count, "B")  # its edges are looked at as pixels
    if tones:
        fill_kernels.put(tones, count, cells)
    if tones or shadows or fills == "ink":
        background_kernels.close_cells(cells, columns, rows, radius, *scratch)
    if tones:  # the closing does not see narrow fills
        fill_kernels.put(tones, count, cells)
    if background_kernels.fill_unknown(cells, columns, rows, buffers.brief("paper.distance", count, "i")) == 0:
        cells[:] = bytes([255]) * count
    if fills != "ink" and not tones and _has_bare_steps(gray, cells, columns, rows, floor):
        tones = buffers.zeros(count, "B")
    return Paper(columns, rows, cells, tones, grain)


def _keep_shadows(
    pooled: Any, tones: Any, columns: int, rows: int, floor: int, radius: int, scratch: tuple[Any, Any], cells: Any
) -> int:
    """Put back into `cells` what was dropped as solid but lies in a shadow that falls on the page
    from its border: how many cells.
    """
    count = columns * rows
    closed, marks = buffers.copied(pooled), buffers.zeros(count, "B")
    background_kernels.close_cells(closed, columns, rows, radius, *scratch)
    seeds = tones if tones else buffers.zeros(count, "B")
    found = int(shadow_kernels.find_shadows(closed, seeds, columns, rows, floor, buffers.brief("fills.queue", count, "i"), marks))
    if found:
        shadow_kernels.keep_shadows(pooled, closed, marks, count, cells)
    return found


# --- fills and hard shadows
# ------------------------------------------------------------

# Cells at steps of the paper beside which is no ink, one in so many of the page: from here on its
# edges are looked at pixel by pixel. Larger: washes that end softly cost time; smaller: the edges
# of a highlighter stay as lines.
_BARE_STEPS_ONE_IN = 400


def _has_bare_steps(gray: Gray, cells: Any, columns: int, rows: int, floor: int) -> bool:
    """Whether the paper has hard edges that no line covers."""
    count = columns * rows
    papers = counted(cells, count)
    lightest = max(grey for grey in range(256) if papers[grey])
    if sum(papers[: lightest - lightest // 10]) * _BARE_STEPS_ONE_IN <= count:
        return False
    return fill_kernels.count_bare_steps(gray.data, gray.width, gray.height, cells, columns, rows, floor) * _BARE_STEPS_ONE_IN > count


# A cell is flat if its greys differ by at most so many. Larger: partly covered cells pass for
# fills; smaller: grained fills have holes (grain of sigma 9 with a weave of 7: 50 to 60).
_FLAT_GRAYS = 80
# The same for cells that are lighter than the floor. Larger: soft edges of strokes pass for fills.
_PALE_FLAT_GRAYS = 24
# Where the greys of most fills differ by little within a cell, a cell whose greys differ by more
# than so many times as much, and by more than so many 128ths of its own, lies on a stroke that is
# as wide as the cell. Larger: strokes of 3 to 5 px that run along the cells get holes; smaller:
# steep shadows are no fills.
_TIMES_MEDIAN_APART, _APART_MIN_128TH = 4, 40
# Pale flat cells matter if they are one in so many of the page. Larger: a few pale strokes that are
# broad pass for fills; smaller: the edges of a narrow highlighter stay as lines.
_PALE_CELLS_ONE_IN = 96
# So many flat cells that hang together make a fill. Larger: narrow and small fills turn black;
# smaller: where pale strokes cross there are fills.
_FILL_CELLS_MIN = 4
# And all fills together have more than one cell in so many of the page. Larger: blurred hatching,
# of which a few cells are flat by chance, costs time; smaller: a single small fill stays black.
_FILLS_ONE_IN = 1600
# Grain of fills is at most this share of their grey (0.23 to 0.30 on five filled pages), unless so
# much of them is of one tone (0.8 to 0.9 of grained fills). Blurred hairlines that lie close have
# 0.38, and 0.4 of them are alike. Larger and smaller: these pass for fills; the other way: dark
# grained fills stay black.
_GRAIN_MAX, _ALIKE_SHARE_MIN = 0.34, 0.6
# Half the width of what is a stroke and no fill, in cells, for each 1024 px of the long side:
# strokes of a grey pen are flat, too, on a large photograph. Larger: narrow fills without lines are
# black; smaller: a child's drawing is gone from a photograph with a hand's shadow on it.
_STROKE_CELLS_PER_1024 = 1.5
# A cell is dark below this share of the paper, if not below the floor. Larger: pale washes that end
# softly are looked at as pixels; smaller: grain of grey fills stays.
_DARK_FILL_SHARE = 0.66
# Where there are more of one tone than one in so many of the page, each by itself does: squares of
# a checkerboard of 5 px hold a whole cell now and then. Larger: pale crossings pass for fills.
_MANY_FILL_CELLS_ONE_IN = 32
# The darkest fill is paler than the ink by a share of the contrast: somewhere between these two,
# where fewest cells are. Greys of 70 on a page of 4 and 254 are at 0.26, a shadow that leaves 0.35
# of the light, over ink of 0.2, at 0.3.
_PALER_SHARE_MIN, _PALER_SHARE_MAX = 0.12, 0.35
# Between ink and fills there are so few cells, against the most of a tone on either side, that the
# two are told apart. Of 22 pages with fills and shadows none has a single cell there; photographs
# of drawings by a grey pen have 0.01 to 0.15. Larger: these drawings are gone with their shadows;
# smaller: a fill that is shaded here and there stays black.
_GAP_SHARE_MAX = 0.02
# Over so many greys on either side cells are counted.
_GAP_REACH_GRAYS = 5


def fill_tones(
    gray: Gray, pooled: Any, closed: Any, columns: int, rows: int, floor: int, drawn: Tones | None
) -> tuple[Any, float]:
    """The grey of each cell that lies in a fill or a hard shadow, 0 elsewhere, u8 (rows, columns);
    None where no cell does. And its grain, see `Paper`.

    Such a cell is flat, clearly paler than the darkest ink that lines are drawn with, and darker
    than `floor`, than two thirds of the paper, or than the paper around it, `closed`.
    """
    count = columns * rows
    size = (gray.width, gray.height)
    tones_drawn = (drawn or tones_of(gray)).of_darkest
    fill_tone_min = tones_drawn.ink + int(_PALER_SHARE_MIN * tones_drawn.contrast)
    floor_of_fills = max(floor, int(_DARK_FILL_SHARE * _lit(counted(closed, count))))
    limits = buffers.numbers("q", floor_of_fills, _FLAT_GRAYS, _PALE_FLAT_GRAYS, fill_tone_min, 255)
    # Fewer than there have to be in the end: solids of one ink, and edges.
    enough = max(_FILL_CELLS_MIN, count // _FILLS_ONE_IN + 1)
    asked = buffers.scratch("fills.asked", fill_kernels.ASKED, "i")
    if fill_kernels.count_flat(gray.data, *size, pooled, closed, limits, fill_tone_min, enough, asked) < enough:
        return None, 0.0
    tones, aparts, bins = buffers.zeros(count, "B"), buffers.brief("fills.aparts", count, "B"), buffers.zeros(512, "q")
    pale = fill_kernels.flat_cells(gray.data, *size, pooled, closed, limits, tones, aparts, bins)
    apart_max = max(_APART_MIN_128TH, _TIMES_MEDIAN_APART * _median(list(bins[256:])))
    few_pale = 0 < pale * _PALE_CELLS_ONE_IN < count
    if few_pale or any(bins[256 + apart_max + 1 :]):
        limits[fill_kernels.APART_MAX] = apart_max
        if few_pale:
            limits[fill_kernels.PALE_RANGE_MAX] = -1
        bins = buffers.zeros(512, "q")
        fill_kernels.keep_flat(pooled, count, limits, tones, aparts, bins)
    cells_of, ranges = list(bins[:256]), list(bins[256:])
    if sum(cells_of[fill_tone_min:]) < _FILL_CELLS_MIN:
        return None, 0.0
    limit = _lightest_ink(cells_of, tones_drawn)
    if limit is None or sum(cells_of[limit + 1 :]) * _FILLS_ONE_IN <= count:
        limit = _between_two_peaks(cells_of, fill_tone_min, floor, count // _FILLS_ONE_IN)
    grain = _median(ranges) / 128
    if limit is None:
        return None, 0.0
    if grain > _GRAIN_MAX and max(within(cells_of, _GAP_REACH_GRAYS)) < _ALIKE_SHARE_MIN * sum(cells_of):
        return None, 0.0
    dark = [0] * (limit + 1) + cells_of[limit + 1 : floor]
    many = max(within(dark + [0] * (256 - len(dark)), _GAP_REACH_GRAYS))
    together = 1 if many * _MANY_FILL_CELLS_ONE_IN > count and 2 * many > sum(cells_of[limit + 1 :]) else _FILL_CELLS_MIN
    queue, marks = buffers.brief("fills.queue", count, "i"), buffers.zeros(count, "B")
    kept = fill_kernels.keep_areas(tones, columns, rows, limit, together, queue, marks)
    if kept * _FILLS_ONE_IN > count:
        radius = max(1, round(_STROKE_CELLS_PER_1024 * max(size) / 1024))
        bits = [buffers.zeros((columns + 63 >> 6) * rows, "Q") for _ in range(2)]
        # Whatever is dark enough for a fill may be a stroke's: its pale part in a gutter is lighter
        # than the page's floor.
        kept = fill_kernels.drop_strokes(tones, gray.data, *size, limit, floor_of_fills, radius, *bits, queue)
    return (tones, grain) if kept * _FILLS_ONE_IN > count else (None, 0.0)


def _median(bins: list[int]) -> int:
    below, total = 0, sum(bins)
    for value, items in enumerate(bins):
        below += items
        if 2 * below >= total:
            return value
    return 0


def _lightest_ink(bins: list[int], tones: Tones) -> int | None:
    """The grey up to which flat cells are solids; None where solids and fills are not apart."""
    around = within(bins, _GAP_REACH_GRAYS)
    first, last = (tones.ink + int(share * tones.contrast) for share in (_PALER_SHARE_MIN, _PALER_SHARE_MAX))
    least = min(around[first : last + 1])
    if least > _GAP_SHARE_MAX * max(around):
        return None
    # The middle of the first stretch that is as empty: above it there may be fills, and then a
    # second.
    begin = next(tone for tone in range(first, last + 1) if around[tone] == least)
    end = next((tone for tone in range(begin, last + 1) if around[tone] > least), last + 1)
    return (begin + end) // 2


def _between_two_peaks(bins: list[int], first: int, floor: int, fill_cells: int) -> int | None:
    """The same where fills are so dark that ink and fills lie below all that may be told from them:
    the emptiest grey from `first` on that lies between a peak of ink and one of more than
    `fill_cells` fills; None where there are not two peaks.
    """
    around = within(bins, _GAP_REACH_GRAYS)
    peak = max(range(first, max(floor, first) + 1), key=around.__getitem__)
    least = min(around[first : peak + 1])
    if around[peak] <= fill_cells or least > _GAP_SHARE_MAX * min(max(around[: first + 1]), around[peak]):
        return None
    empty = [grey for grey in range(first, peak + 1) if around[grey] == least]
    return (empty[0] + empty[-1]) // 2


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
    papers = counted(cells, columns * rows)
    common = _peak(papers)
    even = sum(papers[max(common - _EVEN_GRAYS_MAX, 0) : common + _EVEN_GRAYS_MAX + 1])
    return (columns * rows - even) * _UNEVEN_CELLS_ONE_IN > columns * rows


def _peak(papers: list[int]) -> int:
    """The most common grey, within two."""
    near = within(papers, 2)
    most = max(near)
    return max((grey for grey in range(256) if near[grey] == most), key=papers.__getitem__)


def _lit(papers: list[int]) -> int:
    """The paper where light falls on it: a quarter of the page's cells are no darker. `papers` says
    how many there are of each grey.
    """
    wanted, lighter = sum(papers) // 4, 0
    for grey in range(255, -1, -1):
        lighter += papers[grey]
        if lighter >= wanted:
            return grey
    return 255


# Paper darker than this share of the page's is that of a fill or a shadow, where grain must not
# pass for pale strokes: what is nearly as light as the paper becomes white. Larger: pale strokes in
# weak shadows are lost; smaller: grain of weak shadows stays.
_DARK_PAPER_SHARE = 0.85
# Nearly as light: within so many times the grain, as the closing is as light as its lightest pixel,
# and the darkest of a fill is darker than a cell's; but within these shares of the paper; the last
# one beside ink.
_WHITE_PER_GRAIN = 1.7
_WHITE_SHARE_MIN, _WHITE_SHARE_MAX, _GIVEN_WHITE_SHARE_MIN = 0.5, 0.92, 0.75
# Half the width of a border that is drawn around a fill, at 1024 px.
_BORDER_RADIUS_PX_PER_1024 = 1.5


def divided(gray: Gray, paper: Paper, *, borders: bool = False) -> Gray:
    """The page with its paper made white: each pixel in proportion to the paper under it. With
    `borders` a line is drawn where a fill ends and no ink is.
    """
    columns, rows, width, height = paper.columns, paper.rows, gray.width, gray.height
    out = buffers.anything(width * height, "B")
    gains = buffers.zeros(256 + 2 * columns + 2 * width, "i")
    background_kernels.divide(gray.data, width, height, paper.cells, columns, rows, gains, out)
    if paper.tones:
        _divide_at_steps(gray, paper, out, borders)
    return Gray(width, height, out, gray.dpi)


def _divide_at_steps(gray: Gray, paper: Paper, out: Any, borders: bool) -> None:
    """Divide anew, pixel by pixel, near the edges of fills and hard shadows, and in them."""
    columns, rows, width, height = paper.columns, paper.rows, gray.width, gray.height
    near = buffers.zeros(columns * rows, "B")
    fill_kernels.find_steps(paper.cells, paper.tones, columns, rows, near)
    state = buffers.zeros(width * height, "B")
    ink_scratch = buffers.zeros(fill_kernels.INK_ROWS * (width + fill_kernels.INK_SPARE), "B")
    found = fill_kernels.find_ink(gray.data, width, height, paper.cells, near, columns, rows, state, ink_scratch)
    closed = buffers.anything(width * height, "B")
    closing_scratch = buffers.zeros(fill_kernels.CLOSING_ROWS * (width + fill_kernels.CLOSING_SPARE) + height + 4, "B")
    fill_kernels.close_near(gray.data, width, height, near, columns, rows, closing_scratch, closed)
    extremes = buffers.zeros(2 * columns + fill_kernels.EXTREMES_SPARE, "B")
    fill_kernels.recognise_paper(gray.data, width, height, paper.cells, near, state, extremes, closed)
    fill_kernels.spread_paper(closed, near, state, width, height, buffers.brief("fills.queue", found + 4, "i"))
    fill_kernels.hold_fills(paper.tones, columns, rows, width, height, closed)
    fill_below = int(_DARK_PAPER_SHARE * _lit(counted(paper.cells, columns * rows)))
    white = min(max(1.0 - _WHITE_PER_GRAIN * paper.grain, _WHITE_SHARE_MIN), _WHITE_SHARE_MAX)
    whites = buffers.numbers("q", fill_below, int(256 * white), int(256 * max(white, _GIVEN_WHITE_SHARE_MIN)))
    quotients = buffers.scratch("fills.quotients", fill_kernels.QUOTIENTS, "q")
    fill_kernels.divide_pixels(gray.data, width * height, closed, state, whites, quotients, out)
    if borders:
        radius = max(1, round(_BORDER_RADIUS_PX_PER_1024 * max(width, height) / 1024))
        fill_kernels.draw_borders(closed, state, width, height, fill_below, radius, buffers.zeros(width * height, "B"), out)
