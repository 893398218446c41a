"""`threshold()` and `separate()`: Gray → Bitmap. One `auto` that decides from the image, and the
classics by name.
"""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray, Levels, Separation
from linefinish.errors import OptionsError
from linefinish.kernels import background as background_kernels
from linefinish.kernels import components as component_kernels
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import runs as run_kernels
from linefinish.kernels import screens as screen_kernels
from linefinish.kernels import shadows as shadow_kernels
from linefinish.kernels import strokes as stroke_kernels
from linefinish.kernels import threshold as threshold_kernels
from linefinish.kernels import words as word_kernels
from linefinish.memory import buffers
from linefinish.options import BACKGROUND_MODES, THRESHOLD_METHODS
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Greys by which paper may differ from the page's most common one and still count as even. Smaller:
# sensor noise (sigma 12) makes pages uneven; larger: washes of 240 stay, which move an edge by a
# twentieth of a pixel.
_EVEN_GREYS_MAX = 14
# The page is uneven if one cell in so many is. Measured share of such cells: 0 to 1.2 % on even
# pages (the latter with noise), 4 to 50 % on toned paper, 9 to 25 % with washes. Larger: dust and
# noise make a page uneven, which costs time only.
_UNEVEN_CELLS_ONE_IN = 64
# Half side of the closing in cells of 4 px, for each 1024 px of the long side. Larger: narrow
# washes stay; smaller: broad grey strokes are taken for a wash. A guess that held: strokes of 28 px
# at 1024.
_CLOSING_CELLS_PER_1024 = 3
# A shadow may lie on the page if one cell in so many at its border is dark. Larger: narrow shadows
# stay ink; smaller: more pages, with strokes that run off the border, are asked in vain. A guess: a
# shadow over half a short side is 1 in 10.
_DARK_BORDER_CELLS_ONE_IN = 32

# Greys by which the pixels around one inside a broad stroke may differ from it. Larger: thin
# strokes, mixed with paper, get in (24 put the ink of a blurred hairline page at 116, not 45);
# smaller: grainy strokes drop out.
_PLATEAU_GREYS_MAX = 16
# Share of dark pixels inside broad strokes from which on these give the ink's grey; below, it is
# the darkest pixels'.
_PLATEAU_SHARE_MIN = 0.05
# How dark the darkest are: this quantile of the dark pixels. Smaller: single noisy pixels decide.
_DARKEST_QUANTILE = 0.02

# Contrast in greys below which the page is faint: it may be blank, too.
_CONTRAST_GREYS_MIN = 30
# A faint page is blank below this contrast, or if more than this share of it is dark. Larger
# contrasts lose pale pencil, smaller ones take the grain of paper for strokes.
_FAINT_CONTRAST_GREYS_MIN = 8
_FAINT_INK_SHARE_MAX = 0.25

# What thin strokes have to be deeper than their paper to be joined, in shares of the page's
# contrast and in greys. Larger: pale hairlines break (0.2: 37 parts lost on 20 generated pages in
# place of 27); smaller: construction lines (28 greys deep) come in.
_FAINT_DEPTH_SHARE = 0.16
_FAINT_DEPTH_GREYS_MIN = 30
# What they have to be deeper than to stand without ink beside them. Larger: pale pencil falls out;
# smaller: washes leave marks and the other side of the sheet shines through (0.25: twice as many
# false parts under washes). The first is for narrow strokes, whose greys are mixed with paper (0.3:
# four times as many parts lost on generated pages).
_NARROW_HELD_DEPTH_SHARE = 0.2
_HELD_DEPTH_SHARE = 0.3
_HELD_DEPTH_GREYS_MIN = 36
# A stroke whose core is darker than the level by more than this share of the contrast has its edge
# where the level puts it; a lighter one has it at half its own depth. Larger: blurred strokes
# swell; smaller: thin grey strokes get ragged.
_CORE_BELOW_LEVEL_SHARE = 0.2
# On pages clearly larger than 1024 px a stroke that is pale all along is a crumb if it has at most
# this area and no other ink within that gap of its box, in reaches (the next constant). Of what
# shows through a notebook's page 39 of 70 crumbs go, of five stippled drawings of 2048 px nothing.
# A gap that does not count other crumbs takes 55 of the 70. At 1024 px it would take 5 parts more
# of 1966 on generated pages.
_CRUMB_AREA_PER_REACH2, _CRUMB_GAP_PER_REACH = 2, 2
# How far paper is looked for on either side of a thin stroke, at 1024 px: at least its own width.
# Doubled as the page is, so that a pencil's stroke is as thin on a page scanned larger. 8 at 1024
# px: strokes swell on soft and faint pages (xor_ink +0.15 %).
_FAINT_REACH_PX = 4

# A dot of a screen at 1024 px: no larger than this (tone 0.38 at 190 dots a side gives 11 px).
_DOT_AREA_PX_MAX = 14
# Times 1024 px above which dots are no larger on larger pages: those are larger sheets, not finer
# scans. Larger: more parts are walked to be told from dots, at 419 megapixels 1.0 ms a megapixel
# with 20 and 0.6 with 8.
_DOT_SCALE_MAX = 8
# Dots within 48 × 48 px at 1024 px from which on there may be a screen (a full one has 79) ...
_SCREEN_COMPANY = 24
# ... if there are so many of those dots on the page ...
_SCREEN_DOTS_MIN = 200
# ... and this share of them has three of its four neighbours on the lattice (screens: 0.80 to 0.90;
# engravings: up to 0.004).
_SCREEN_LATTICE_SHARE = 0.1
# How far from its place on the lattice a dot may be, in shares of the step, but at least in
# sixteenths of a pixel.
_LATTICE_TOLERANCE_SHARE = 0.15
_LATTICE_TOLERANCE_16TH_PX = 10
# How often the margin is widened by two steps of the lattice, across lines and into narrow places.
# Larger: freckles nearby may go.
_MARGIN_ROUNDS = 6
# Within this share of the step from its place lies all of a dot. Larger: corners of lines go too;
# smaller: rims of dots stay.
_FUSED_REACH_SHARE = 0.46
# A line goes on both ways for this share of the step. Larger: bends and short strokes are eaten;
# smaller: dots in a row pass for lines.
_LINE_RUN_SHARE = 0.75
# A dot that touches a line is there if there is as much ink as this share of a dot that does not.
# Smaller: hairlines are thinned where there is no dot; larger: small dots stay.
_FUSED_AREA_SHARE = 0.8
# Dots whose neighbours are asked for the lattice. Larger: slower, and the steps no truer.
_LATTICE_SAMPLES = 1000

# Otsu's method counts the greys up to so many above the mean, which it guesses from one block of 64
# pixels in so many. Larger: paper is counted for nothing (2 % more pixels a grey on soft pages);
# smaller: the guess fails, and all greys are counted after all.
_OTSU_CUT_ABOVE_MEAN = 3
# An odd number goes through all columns of pages whose width is a multiple of 64. Larger: the guess
# fails more often; smaller: it costs more (one in 5: 0.011 ms a megapixel, one in 17: 0.004).
_OTSU_SAMPLE_ONE_IN = 17

# k where none is given: Sauvola has 0.5, Shafait 2008 found 0.2 to 0.34 better; the others as
# published.
_K = {"sauvola": 0.34, "wolf": 0.5, "nick": -0.2, "bradley": 0.15}


@record
class _Tones:
    """The typical greys of ink and paper, and the level half way: half a pixel's area inked."""

    ink: int
    paper: int

    @property
    def level(self) -> int:
        return (self.ink + self.paper) // 2

    @property
    def contrast(self) -> int:
        return self.paper - self.ink


@record
class _Lattice:
    """The dots of a screen: sorted as the kernels want them, and marked where they belong to it.
    Tolerance in sixteenths of a pixel.
    """

    grid: tuple[Any, ...]
    marks: Any
    step_px: float
    tolerance: int


def threshold(
    gray: Any, method: str = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None, background: str = "auto"
) -> Bitmap:
    """The 1-bit image of a grey one: `separate(…).bitmap`, see there."""
    gray = gray if isinstance(gray, Gray) else Gray.from_array(gray)
    _check(method, level, window_px, k, background)
    if method == "auto":
        return _auto(gray, background).bitmap
    # Without the tones, which a Separation states and which take longer than Otsu's level and the
    # bitmap.
    return _classic(gray, method, level, window_px, k, background)[1]


def separate(
    gray: Any, method: str = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None, background: str = "auto"
) -> Separation:
    """Tell ink from paper, and where the edge between them lies.

    gray        a Gray, or a uint8 or bool array (height, width), 0 is black
    method      auto: decide from the image. otsu (1979), sauvola (Sauvola–Pietikäinen 2000), wolf
                (Wolf–Jolion 2004), nick (Khurshid
                and others 2009), bradley (Bradley–Roth 2007): as published. fixed: darker than
                `level` is ink
    level       of the fixed method, 0 to 256
    window_px   window side of the local methods, 3 or more (odd; beyond 511 px as 511, by bradley
                725); by default from the image's size
    k           sensitivity of the local methods, −2 to 2; by default as published
    background  divide out uneven paper first: on, off, or auto: where it is uneven and the method
    is auto

    Raises OptionsError for an unknown method or a number out of range, ImageShapeError for an array
    of another shape or dtype.
    """
    gray = gray if isinstance(gray, Gray) else Gray.from_array(gray)
    _check(method, level, window_px, k, background)
    if method == "auto":
        return _auto(gray, background)
    gray, bitmap, levels, reason = _classic(gray, method, level, window_px, k, background)
    tones = _tones(gray)
    return Separation(bitmap, gray, levels, method, reason, tones.ink, tones.paper)


def _check(method: str, level: int, window_px: int | None, k: float | None, background: str) -> None:
    if method not in THRESHOLD_METHODS:
        raise OptionsError(f"threshold is {method!r}; it may be one of {', '.join(THRESHOLD_METHODS)}")
    if background not in BACKGROUND_MODES:
        raise OptionsError(f"background is {background!r}; it may be one of {', '.join(BACKGROUND_MODES)}")
    if not 0 <= level <= 256:
        raise OptionsError(f"the threshold level is {level}; it may be 0 to 256")
    if window_px is not None and window_px < 3:
        raise OptionsError(f"the threshold window is {window_px} px; it takes at least 3")
    if k is not None and not -2 <= k <= 2:
        raise OptionsError(f"threshold k is {k}; it may be -2 to 2")


# --- auto
# ------------------------------------------------------------


def _auto(gray: Gray, background: str) -> Separation:
    """Paper made white where it is uneven, a level half way between the tones, screens out, thin
    strokes joined.
    """
    tones = _tones(gray)
    uneven = False
    if tones.contrast < _CONTRAST_GREYS_MIN:
        # Either nothing is drawn, or so faintly that two papers side by side differ by as much.
        if background != "off":
            even = _divided(gray, *_paper_cells(gray, tones.paper >> 1))
            even_tones = _tones(even)
            uneven = even_tones.contrast > tones.contrast
            gray, tones = (even, even_tones) if uneven else (gray, tones)
        if tones.contrast < _CONTRAST_GREYS_MIN and not _is_faint_drawing(gray, tones):
            return _one_tone(gray, tones)
    elif background != "off":
        cells = _paper_cells(gray, tones.level)
        uneven = background == "on" or _is_uneven(cells)
        if uneven:
            gray = _divided(gray, *cells)
            tones = _tones(gray)
    bitmap = _packed(gray, tones.level)
    screen_dots = _remove_screens(bitmap)
    # Between the dots of a screen there are valleys of grey without end, and none is a stroke.
    joined = 0 if screen_dots else _join_faint(gray, tones, bitmap)
    reason = f"level {tones.level + 1}, half way between ink {tones.ink} and paper {tones.paper}"
    reason += ", after dividing out uneven paper" if uneven else ""
    reason += f"; {screen_dots} dots of a screen removed" if screen_dots else ""
    reason += "; thin pale strokes joined" if joined else ""
    return Separation(bitmap, gray, Levels.constant(tones.level), "auto", reason, tones.ink, tones.paper)


def _is_faint_drawing(gray: Gray, tones: _Tones) -> bool:
    """Whether what little is darker than the paper is a drawing: noise and grain make half of the
    pixels darker than the other half.
    """
    darker = sum(_histogram(gray)[: tones.level + 1])
    return tones.contrast >= _FAINT_CONTRAST_GREYS_MIN and darker < _FAINT_INK_SHARE_MAX * gray.width * gray.height


def _one_tone(gray: Gray, tones: _Tones) -> Separation:
    """A page without contrast is all paper, or all ink if it is dark."""
    name = "ink" if tones.paper < 128 else "paper"
    level = 255 if tones.paper < 128 else 0
    bitmap = _packed(gray, level) if level else Bitmap.blank(gray.width, gray.height)
    return Separation(bitmap, gray, Levels.constant(level), "auto", f"one tone only ({tones.paper}): all {name}", tones.ink, tones.paper)


def _tones(gray: Gray) -> _Tones:
    """Paper: the median of what Otsu's level calls light. Ink: the median grey inside broad
    strokes, else the darkest there is.
    """
    histogram = _histogram(gray)
    split = otsu_level(histogram)
    dark, light = histogram[: split + 1], histogram[split + 1 :]
    if not any(light) or not any(dark):
        only = _quantile(histogram, 0.5)
        return _Tones(only, only)
    bins = buffers.zeros(256, "q")
    histogram_kernels.count_plateaus(gray.data, gray.width, gray.height, split, _PLATEAU_GREYS_MAX, bins)
    plateau = bins.tolist()
    # One row in four was looked at.
    if 4 * sum(plateau) > _PLATEAU_SHARE_MIN * sum(dark):
        ink = _quantile(plateau, 0.5)
    else:
        ink = _quantile(dark, _DARKEST_QUANTILE)
    return _Tones(ink, split + 1 + _quantile(light, 0.5))


def _quantile(histogram: list[int], share: float) -> int:
    wanted = share * sum(histogram)
    below = 0
    for grey, count in enumerate(histogram):
        below += count
        if count and below >= wanted:
            return grey
    return 0


def _paper_cells(gray: Gray, floor: int) -> tuple[Any, int, int]:
    """The paper under everything: (u8 cells, columns, rows), one for each 4 × 4 px. Darker than
    `floor` is ink, except in shadows.
    """
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    pooled, cells = buffers.zeros(columns * rows, "B"), buffers.zeros(columns * rows, "B")
    background_kernels.pool(gray.data, gray.width, gray.height, columns, rows, pooled)
    background_kernels.drop_solids(pooled, columns, rows, floor, cells)
    radius = max(2, (max(gray.width, gray.height) * _CLOSING_CELLS_PER_1024 + 512) >> 10)
    padded = (columns + 2 * radius) * (rows + 2 * radius)
    scratch = buffers.zeros(padded, "B"), buffers.zeros(padded, "B")
    if shadow_kernels.dark_at_border(pooled, columns, rows, floor) * _DARK_BORDER_CELLS_ONE_IN > 2 * (columns + rows):
        _keep_shadows(pooled, columns, rows, floor, radius, scratch, cells)
    background_kernels.close_cells(cells, columns, rows, radius, *scratch)
    if background_kernels.fill_unknown(cells, columns, rows, buffers.zeros(columns * rows, "i")) == 0:
        cells[:] = bytes([255]) * (columns * rows)
    return cells, columns, rows


def _keep_shadows(pooled: Any, columns: int, rows: int, floor: int, radius: int, scratch: tuple[Any, Any], cells: Any) -> None:
    """Put back into `cells` what was dropped as solid but lies in a shadow that falls on the page
    from its border.
    """
    closed, marks = buffers.zeros(columns * rows, "B"), buffers.zeros(columns * rows, "B")
    closed[:] = pooled
    background_kernels.close_cells(closed, columns, rows, radius, *scratch)
    if shadow_kernels.find_shadows(closed, columns, rows, floor, buffers.zeros(columns * rows, "i"), marks):
        shadow_kernels.keep_shadows(pooled, marks, columns * rows, cells)


def _is_uneven(paper_cells: tuple[Any, int, int]) -> bool:
    cells, columns, rows = paper_cells
    bins = buffers.zeros(1024, "i")
    histogram_kernels.count_levels(cells, columns * rows, bins)
    papers = bins[:256].tolist()
    common = max(range(256), key=lambda grey: (sum(papers[max(grey - 2, 0) : grey + 3]), papers[grey]))
    even = sum(papers[max(common - _EVEN_GREYS_MAX, 0) : common + _EVEN_GREYS_MAX + 1])
    return (columns * rows - even) * _UNEVEN_CELLS_ONE_IN > columns * rows


def _divided(gray: Gray, cells: Any, columns: int, rows: int) -> Gray:
    out = buffers.zeros(gray.width * gray.height, "B")
    gains = buffers.zeros(256 + 2 * columns + 2 * gray.width, "i")
    background_kernels.divide(gray.data, gray.width, gray.height, cells, columns, rows, gains, out)
    return Gray(gray.width, gray.height, out, gray.dpi)


def _remove_screens(bitmap: Bitmap) -> int:
    """Take dot screens out of the bitmap, in place; returns how many dots went."""
    width, height, words = bitmap.width, bitmap.height, bitmap.words
    scale = min(max(width, height) / 1024, _DOT_SCALE_MAX)
    area_max = max(4, int(_DOT_AREA_PX_MAX * scale * scale))
    cell_shift = max(3, int(16 * scale).bit_length() - 1)
    walked, large = buffers.zeros(len(words), "Q", written_whole=True), buffers.zeros(len(words), "Q")
    scratch = (walked, large, buffers.zeros(3 * (area_max + 1), "i"), buffers.zeros(2, "q"))
    dots_max = width * height // 16 + 1
    dots, centres = buffers.zeros(dots_max, "q"), buffers.zeros(2 * dots_max, "i")
    cells = ((width >> cell_shift) + 3) * ((height >> cell_shift) + 3)
    # One row in four first: on most pages that is enough to know that there is no screen.
    for row_step in (4, 1):
        walked[:] = words
        word_kernels.clear(large, len(words))
        found = screen_kernels.find_dots(words, width, height, bitmap.stride, row_step, area_max, *scratch, dots, centres, dots_max)
        counts = buffers.zeros(cells, "i")
        crowded = screen_kernels.count_crowded(width, cell_shift, _SCREEN_COMPANY // row_step, dots, found, counts)
        if crowded * row_step < _SCREEN_DOTS_MIN:
            return 0
    lattice = _lattice(centres, found, width, height, cell_shift, crowded)
    if lattice is None:
        return 0
    walked[:] = words
    before = bitmap.ink_count()
    removed = int(screen_kernels.remove_marked(words, width, height, bitmap.stride, area_max, *scratch, dots, found, lattice.marks))
    words[:] = walked
    _remove_fused(bitmap, lattice, (before - bitmap.ink_count()) / removed)
    return removed


def _remove_fused(bitmap: Bitmap, lattice: _Lattice, dot_area_px: float) -> None:
    """Take dots that touch lines off the bitmap, in place."""
    source = buffers.zeros(len(bitmap.words), "Q")
    source[:] = bitmap.words
    radius2 = max(2, int((_FUSED_REACH_SHARE * lattice.step_px) ** 2))
    run = max(3, round(_LINE_RUN_SHARE * lattice.step_px))
    screen_kernels.remove_fused(
        source, bitmap.width, bitmap.height, bitmap.stride, *lattice.grid, lattice.marks, lattice.tolerance, radius2, run,
        max(1, int(_FUSED_AREA_SHARE * dot_area_px)), bitmap.words,
    )  # fmt: skip


def _lattice(centres: Any, found: int, width: int, height: int, cell_shift: int, crowded: int) -> _Lattice | None:
    """Which dots lie on a lattice, if they do."""
    bin_shift = cell_shift - 2
    bins = buffers.zeros((screen_kernels.OFFSET_BINS + 2) * (2 * screen_kernels.OFFSET_BINS + 2), "q")
    screen_kernels.count_offsets(centres, found, max(1, found // _LATTICE_SAMPLES), bin_shift, bins)
    steps = buffers.zeros(4, "q")
    if not screen_kernels.lattice_step(bins, bin_shift, steps) or not screen_kernels.lattice_step(bins, bin_shift, steps):
        return None
    step = min(steps[0] ** 2 + steps[1] ** 2, steps[2] ** 2 + steps[3] ** 2) ** 0.5
    tolerance = max(_LATTICE_TOLERANCE_16TH_PX, int(_LATTICE_TOLERANCE_SHARE * step))
    # Where a dot is looked for is a few pixels wide: small cells (a quarter as wide: 5 % of salt,
    # 11 → 7 ms a megapixel).
    cell_shift -= 2
    starts = buffers.zeros(((width >> cell_shift) + 1) * ((height >> cell_shift) + 1) + 2, "i")
    order, marks = buffers.zeros(found, "i"), buffers.zeros(found, "B")
    screen_kernels.sort_into_cells(centres, found, width, height, cell_shift, starts, order)
    grid = (centres, found, width, height, cell_shift, starts, order, steps)
    # Three neighbours of four make a dot certain; the margin follows from certain ones.
    certain = screen_kernels.mark_lattice(*grid, tolerance, 0, 2, 3, marks)
    if certain < _SCREEN_LATTICE_SHARE * crowded:
        return None
    # In places too narrow for certain ones, two neighbours will do.
    screen_kernels.mark_lattice(*grid, tolerance, 0, 1, 2, marks)
    for _ in range(_MARGIN_ROUNDS):
        if not screen_kernels.mark_lattice(*grid, 3 * tolerance >> 1, 1, 1, 1, marks):
            break
    return _Lattice((centres, found, cell_shift, starts, order, steps), marks, step / 16, 3 * tolerance >> 1)


def _join_faint(gray: Gray, tones: _Tones, bitmap: Bitmap) -> int:
    """Add the thin strokes that stay lighter than the level, in place; returns how many pixels came
    in.
    """
    depth = _depth(tones, _FAINT_DEPTH_SHARE, _FAINT_DEPTH_GREYS_MIN)
    held_depths = (_depth(tones, share, _HELD_DEPTH_GREYS_MIN) for share in (_NARROW_HELD_DEPTH_SHARE, _HELD_DEPTH_SHARE))
    core_min = tones.level - int(_CORE_BELOW_LEVEL_SHARE * tones.contrast)
    reach = _FAINT_REACH_PX
    while max(gray.width, gray.height) * _FAINT_REACH_PX > 1448 * reach:  # 1448 = 1024 · √2: half way between one doubling and the next
        reach += reach
    width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    faint, held = buffers.zeros(len(bitmap.words), "Q"), buffers.zeros(len(bitmap.words), "Q")
    found = stroke_kernels.find_faint(
        gray.data, width, height, tones.paper - depth, core_min, depth, *held_depths, reach, stride, bitmap.words, faint, held
    )
    if not found:
        return 0
    before = buffers.zeros(len(bitmap.words), "Q", written_whole=True)
    before[:] = bitmap.words
    # A byte for eight pixels, or as much as can be needed.
    stack_max = min(found, width * height // 64 + 4096)
    joined = int(stroke_kernels.join_held(faint, held, width, height, stride, buffers.zeros(stack_max, "q"), stack_max, bitmap.words))
    del faint  # a bit a pixel each: at 26 megapixels what is let go of here is what decides the peak
    if reach > _FAINT_REACH_PX:
        _remove_crumbs(bitmap, before, reach, held)
    return joined


def _remove_crumbs(bitmap: Bitmap, before: Any, reach: int, pale: Any) -> None:
    """Take short pale strokes with no other ink around them off the bitmap again, in place.

    `before` is the ink that was there first, `pale` scratch of the bitmap's size.
    """
    pale[:] = bitmap.words
    word_kernels.remove(pale, before, len(pale))
    size = (bitmap.width, bitmap.height, bitmap.stride)
    area, gap = _CRUMB_AREA_PER_REACH2 * reach * reach, _CRUMB_GAP_PER_REACH * reach
    queue = buffers.zeros(3 * (min(area, run_kernels.count_runs(pale, *size, 0)) + 1), "i")
    large, alone = buffers.zeros(len(pale), "Q"), buffers.zeros(2, "q")
    component_kernels.erase_small(pale, *size, 0, 0, area, gap, bitmap.words, large, queue, alone)


def _depth(tones: _Tones, share: float, greys_min: int) -> int:
    """A share of the contrast, at least so many greys, but on faint pages half the contrast."""
    return max(min(greys_min, tones.contrast >> 1), int(share * tones.contrast))


# --- the classics
# ------------------------------------------------------------


def _classic(
    gray: Gray, method: str, level: int, window_px: int | None, k: float | None, background: str
) -> tuple[Gray, Bitmap, Levels, str]:
    """By any method but auto: the greys that were cut, the bitmap, the levels, and the reason in
    words.
    """
    if background == "on":
        gray = _divided(gray, *_paper_cells(gray, _tones(gray).level))
    if method == "fixed":
        reason = f"fixed level {level}, as asked"
        level -= 1
    elif method == "otsu":
        level = _otsu_level(gray)
        reason = f"Otsu's level {level + 1}, as asked"
    else:
        return gray, *_local(gray, method, window_px, k)
    bitmap = _packed(gray, level) if level >= 0 else Bitmap.blank(gray.width, gray.height)
    return gray, bitmap, Levels.constant(max(level, 0)), reason


def _otsu_level(gray: Gray) -> int:
    """Otsu's level from the dark greys alone where they settle it, as on line art they do; else
    from all.
    """
    count = gray.width * gray.height
    # The mean is guessed from a sample; if the guess is too low, a level above it is not ruled out.
    sampled = 64 * -(-(count >> 6) // _OTSU_SAMPLE_ONE_IN)
    mean = histogram_kernels.sum_levels(gray.data, count, _OTSU_SAMPLE_ONE_IN) // max(sampled, 1)
    cut = min(mean + _OTSU_CUT_ABOVE_MEAN, 255)
    bins, lists, places = buffers.zeros(1024, "i"), buffers.zeros(256, "Q"), buffers.zeros(histogram_kernels.DARK_PLACES, "B")
    total = histogram_kernels.count_dark(gray.data, count, cut, 0, lists, places, bins)
    level = histogram_kernels.otsu_level(bins, cut, count, total)
    if level < 0:
        histogram_kernels.count_dark(gray.data, count, cut, 1, lists, places, bins)
        level = histogram_kernels.otsu_level(bins, 255, count, total)
    return int(level)


def otsu_level(histogram: list[int]) -> int:
    """The level that splits a histogram of 256 greys into two classes of greatest variance between
    (Otsu 1979); ink is at or below it.
    """
    bins = buffers.zeros(256, "i")
    for grey, count in enumerate(histogram):
        bins[grey] = count
    total = sum(grey * count for grey, count in enumerate(histogram))
    return int(histogram_kernels.otsu_level(bins, 255, sum(histogram), total))


def _local(gray: Gray, method: str, window_px: int | None, k: float | None) -> tuple[Bitmap, Levels, str]:
    """Ink at or below a level from the window around each pixel."""
    from linefinish.kernels import local_threshold as local_kernels  # 0.2 ms that only who asks for it pays

    width, height = gray.width, gray.height
    side = max(width, height)
    if window_px is None:
        # Bradley: an eighth of the image, as published. The others: larger than a stroke, as their
        # windows must be.
        window_px = max(15, side // 8) if method == "bradley" else max(31, side // 40)
    # A window that reaches over the image on both sides from everywhere is as good as any larger
    # one.
    widest = local_kernels.MEAN_WINDOW_PX_MAX if method == "bradley" else local_kernels.WINDOW_PX_MAX
    radius = min(window_px, widest, 2 * side + 1) // 2
    k = _K[method] if k is None else k
    sizes = local_kernels.scratch_sizes(width, radius)
    if method == "sauvola":
        form = (1 - k, 0.0, k / 128, 0.0, 1.0)
    elif method == "wolf":
        darkest = next(grey for grey, count in enumerate(_histogram(gray)) if count)
        deviation = local_kernels.deviation_max(gray.data, width, height, radius, *(buffers.zeros(*size) for size in sizes)) or 1.0
        form = (1 - k, k * darkest, k / deviation, -k * darkest / deviation, 1.0)
    elif method == "nick":
        form = (1.0, 0.0, 0.0, k, -1.0)
    else:
        form = (1 - k, 0.0, 0.0, 0.0, 1.0)
    bitmap = Bitmap.blank(width, height)
    cell_px = local_kernels.GRID_PX
    levels = Levels(cell_px, -(-width // cell_px), -(-height // cell_px), buffers.zeros(-(-width // cell_px) * -(-height // cell_px), "B"))
    scratch = (buffers.zeros(*size) for size in sizes)
    local_kernels.pack_local(gray.data, width, height, radius, *form, *scratch, bitmap.words, levels.data)
    return bitmap, levels, f"{method} with a window of {2 * radius + 1} px and k = {k:g}, as asked"


def _histogram(gray: Gray) -> list[int]:
    bins = buffers.zeros(1024, "i")
    histogram_kernels.count_levels(gray.data, gray.width * gray.height, bins)
    return bins[:256].tolist()


def _packed(gray: Gray, level: int) -> Bitmap:
    """Ink at or below the level."""
    bitmap = Bitmap.blank(gray.width, gray.height)
    threshold_kernels.pack_level(gray.data, gray.width, gray.height, level, bitmap.stride, bitmap.words)
    return bitmap
