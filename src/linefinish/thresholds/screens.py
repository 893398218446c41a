"""Dot screens: found by the lattice on which their dots lie, and taken out of the bitmap."""
from __future__ import annotations

from linefinish.data.raster import Bitmap
from linefinish.kernels import screens as screen_kernels
from linefinish.kernels import words as word_kernels
from linefinish.memory import buffers
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A dot of a screen at 1024 px: no larger than this (tone 0.38 at 190 dots a side gives 11 px).
_DOT_AREA_PX_MAX = 14
# Times 1024 px above which dots are no larger on larger pages: those are larger sheets, not finer
# scans. Larger: more components are walked to be told from dots, at 419 megapixels 1.0 ms a
# megapixel with 20 and 0.6 with 8.
_DOT_SCALE_MAX = 8
# Dots within 48 × 48 px at 1024 px from which on there may be a screen (a full one has 79) ...
_SCREEN_CROWDING = 24
# ... if there are so many of those dots on the page ...
_SCREEN_DOTS_MIN = 200
# ... and this share of them has three of its four neighbours on the lattice (screens: 0.80 to 0.90;
# engravings: up to 0.004).
_SCREEN_LATTICE_SHARE = 0.1


def remove_screens(bitmap: Bitmap) -> int:
    """Take dot screens out of the bitmap, in place; returns how many dots went."""
    width, height, words = bitmap.width, bitmap.height, bitmap.words
    scale = min(max(width, height) / 1024, _DOT_SCALE_MAX)
    area_max = max(4, int(_DOT_AREA_PX_MAX * scale * scale))
    cell_shift = max(3, int(16 * scale).bit_length() - 1)
    walked, large = buffers.brief("screens.walked", len(words), "Q"), buffers.brief("screens.large", len(words), "Q")
    scratch = (walked, large, buffers.zeros(3 * (area_max + 1), "i"), buffers.zeros(2, "q"))
    dots_max = width * height // 16 + 1
    # Of these little is touched, and nothing is looked at that was not written.
    dots, centres = buffers.scratch("screens.dots", dots_max, "q"), buffers.scratch("screens.centres", 2 * dots_max, "i")
    cells = ((width >> cell_shift) + 3) * ((height >> cell_shift) + 3)
    # One row in four first: on most pages that is enough to know that there is no screen.
    for row_step in (4, 1):
        walked[:] = words
        word_kernels.clear(large, len(words))
        found = screen_kernels.find_dots(words, width, height, row_step, area_max, *scratch, dots, centres, dots_max)
        counts = buffers.zeros(cells, "i")
        crowded = screen_kernels.count_crowded(width, cell_shift, _SCREEN_CROWDING // row_step, dots, found, counts)
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


# How far from its place on the lattice a dot may be, in shares of the step, but at least in
# sixteenths of a pixel.
_LATTICE_TOLERANCE_SHARE = 0.15
_LATTICE_TOLERANCE_16TH_PX = 10
# How often the margin is widened by two steps of the lattice, across lines and into narrow places.
# Larger: freckles nearby may go.
_MARGIN_ROUNDS = 6
# Dots whose neighbours are asked for the lattice. Larger: slower, and the steps no truer.
_LATTICE_SAMPLES = 1000


@record
class _Lattice:
    """The lattice of a screen and its dots, as the kernels want them: `numbers` are what they call
    `lattice`, and a dot has a mark where it belongs to the screen.
    """

    numbers: Any
    centres: Any
    starts: Any
    order: Any
    marks: Any
    step_px: float


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
    lattice = buffers.numbers("q", found, width, height, cell_shift, tolerance, *steps)
    # Three neighbours of four make a dot certain; the margin follows from certain ones.
    certain = screen_kernels.mark_lattice(lattice, centres, starts, order, 0, 2, 3, marks)
    if certain < _SCREEN_LATTICE_SHARE * crowded:
        return None
    # In places too narrow for certain ones, two neighbours will do.
    screen_kernels.mark_lattice(lattice, centres, starts, order, 0, 1, 2, marks)
    lattice[screen_kernels.TOLERANCE] = 3 * tolerance >> 1
    for _ in range(_MARGIN_ROUNDS):
        if not screen_kernels.mark_lattice(lattice, centres, starts, order, 1, 1, 1, marks):
            break
    return _Lattice(lattice, centres, starts, order, marks, step / 16)


# Within this share of the step from its place lies all of a dot. Larger: corners of lines go too;
# smaller: rims of dots stay.
_FUSED_REACH_SHARE = 0.46
# A line goes on both ways for this share of the step. Larger: bends and short strokes are eaten;
# smaller: dots in a row pass for lines.
_LINE_RUN_SHARE = 0.75
# A dot that touches a line is there if there is as much ink as this share of a dot that does not.
# Smaller: hairlines are thinned where there is no dot; larger: small dots stay.
_FUSED_AREA_SHARE = 0.8


def _remove_fused(bitmap: Bitmap, lattice: _Lattice, dot_area_px: float) -> None:
    """Take dots that touch lines off the bitmap, in place."""
    source = buffers.zeros(len(bitmap.words), "Q")
    source[:] = bitmap.words
    radius2 = max(2, int((_FUSED_REACH_SHARE * lattice.step_px) ** 2))
    run = max(3, round(_LINE_RUN_SHARE * lattice.step_px))
    screen_kernels.remove_fused(
        source, lattice.numbers, lattice.centres, lattice.starts, lattice.order, lattice.marks, radius2, run,
        max(1, int(_FUSED_AREA_SHARE * dot_area_px)), bitmap.words,
    )  # fmt: skip
