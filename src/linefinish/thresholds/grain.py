"""Grain of fills and shadows, and crumbs at their edges, that were dark enough for ink once their
paper was made white.
"""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import components as component_kernels
from linefinish.kernels import fills as fill_kernels
from linefinish.kernels import runs as run_kernels
from linefinish.kernels import specks as speck_kernels
from linefinish.kernels import words as word_kernels
from linefinish.memory import buffers
from linefinish.thresholds.tones import Tones, cut_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.thresholds.paper import Paper

# Grain is a few pixels large. Larger: dots that were drawn in a fill are asked, too, and go if they
# are pale; smaller: grain of 4 to 7 px, as five filled pages of twelve had some, stays.
_GRAIN_AREA_PX_MAX = 12
# Crumbs at the edge of a shadow are smaller. Larger: pieces of pale hairlines that cross it go (12:
# nine of 41 parts of one drawing of 53); smaller: crumbs stay (4 px are the largest on 53 pages).
_CRUMB_AREA_PX_MAX = 4
# Grain differs from its paper by at most so many times what two pixels of one cell mostly differ
# by, and by at most so much of the contrast. Of twelve filled pages, whose grain is 0.26 of their
# paper, 367 specks differ by 0.62 of the contrast and less, and drawn dots of 4 to 12 px by 0.64
# and more; of twelve shadowed ones two by 0.26, and drawn dots by 0.43. Larger: pale dots go.
_TIMES_GRAIN, _GRAIN_DEPTH_SHARE_MAX = 2.4, 0.63


# Fills whose greys differ by less than this share of their own have no grain that passes for ink.
# There are crumbs only where a paper ends, since what is beside ink may be given the wrong one.
# Larger: specks stay in fills; smaller: hairlines in shadows break, whose greys differ by 0.04 to
# 0.11 from a camera's noise.
_GRAIN_MIN = 0.115


def without_grain(bitmap: Bitmap, gray: Gray, tones: Tones, paper: Paper) -> Bitmap:
    """The bitmap without what only the grain of fills and shadows made dark, or the edge of one.

    gray   the page with its paper made white
    """
    if paper.tones is not None:
        if paper.grain >= _GRAIN_MIN:
            depth = min(_TIMES_GRAIN * paper.grain, _GRAIN_DEPTH_SHARE_MAX)
            grain = _Grain(gray, tones, _steps(paper, paper.tones), depth)
            bitmap = grain.without_specks(grain.without_pale(bitmap), _GRAIN_AREA_PX_MAX)
        else:
            no_fills = buffers.zeros(paper.columns * paper.rows, "B")
            crumbs = _Grain(gray, tones, _steps(paper, no_fills), _GRAIN_DEPTH_SHARE_MAX)
            bitmap = crumbs.without_specks(bitmap, _CRUMB_AREA_PX_MAX)
    deep = paper.deep
    if deep is None:
        return bitmap
    noise = _Grain(gray, tones, memoryview(deep), _GRAIN_DEPTH_SHARE_MAX)
    return noise.without_specks(noise.without_pale(bitmap), _GRAIN_AREA_PX_MAX)


def _steps(paper: Paper, fills: memoryview) -> memoryview:
    """Which cells lie in fills, or near a step of the paper."""
    near = buffers.zeros(paper.columns * paper.rows, "B")
    fill_kernels.find_steps(paper.cells, fills, paper.columns, paper.rows, near)
    return near


class _Grain:
    """What is no darker than grain, by its depth in shares of the contrast, in the cells that are
    marked in `near`, u8 (rows, columns).
    """

    def __init__(self, gray: Gray, tones: Tones, near: memoryview, depth: float) -> None:
        self._gray, self._tones, self._near = gray, tones, near
        self._depth = int(depth * tones.contrast)

    def without_pale(self, bitmap: Bitmap) -> Bitmap:
        """The bitmap without pixels there that are paler than the level, as what is joined as a
        thin stroke is, and no darker than the grain.
        """
        darkest = max(self._tones.paper - self._depth, self._tones.level + 1)
        dark = self._translated(bytes(darkest) + bytes([255]) * (256 - darkest))
        words = buffers.copied(bitmap.words)
        word_kernels.keep(words, cut_at(Gray(bitmap.width, bitmap.height, dark), 0).words, len(words))
        return bitmap.with_words(words)

    def without_specks(self, bitmap: Bitmap, area_px_max: int) -> Bitmap:
        """The bitmap without the specks there that are nowhere darker than the grain."""
        size = (bitmap.width, bitmap.height, bitmap.stride)
        count = len(bitmap.words)
        out, large, alone = buffers.copied(bitmap.words), buffers.zeros(count, "Q"), buffers.zeros(2, "q")
        queue = buffers.zeros(3 * (min(area_px_max, run_kernels.count_runs(bitmap.words, *size, 0)) + 1), "i")
        if not component_kernels.erase_small(bitmap.words, *size, 0, area_px_max, 0, 0, out, large, queue, alone):
            return bitmap
        specks = buffers.copied(bitmap.words)
        word_kernels.remove(specks, out, count)
        word_kernels.clear(large, count)
        # Any rim will do: a speck comes back for how dark it is. Elsewhere all is black.
        page = buffers.numbers("q", bitmap.width, bitmap.height, self._tones.paper, 1, self._depth, 0, 0, 0)
        there = self._translated(bytes(range(256)))
        speck_kernels.keep_drawn(bitmap.words, buffers.copied(out), bitmap.words, there, page, 0.0, specks, large, out, queue, alone)
        return bitmap.with_words(out)

    def _translated(self, table: bytes) -> memoryview:
        """The greys (height, width) by a table of 256 in the marked cells; 0 elsewhere."""
        width, height = self._gray.width, self._gray.height
        out = buffers.zeros(width * height, "B")
        fill_kernels.translate_marked(self._gray.data, width, height, self._near, table, out)
        return out
