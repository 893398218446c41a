"""Pages of few greys: what they were before error diffusion or a cut to a few tones.

Where a page was saved with a palette of a few greys, its soft edges are a fringe of single dark
pixels, or they are gone and pale rims stand beside the ink. Neither is a drawing. A small blur
makes the edge's grey of the former; of the latter the ink is kept and its steps are softened.
"""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import fringes as fringe_kernels
from linefinish.kernels import words as word_kernels
from linefinish.memory import buffers
from linefinish.thresholds.tones import cut_at, histogram_of

# More greys than this are no palette. Old converters used 2 to 5.
FEW_GREYS = 8
# Pages with at least so many single pixels and so many pairs that touch at a corner, each on a
# thousand edges between ink and paper, were dithered. Of eight dithered drawings 0.6 to 31 singles
# and 16 to 190 pairs; of the same drawn in black and white 0 to 0.9 and 0 to 11; pixel art 0
# and 14.
_SINGLES_PER_1000_MIN, _SADDLES_PER_1000_MIN = 0.5, 12
# A palette of more greys leaves fewer single pixels of ink, and nothing else looks like it.
_SINGLES_PER_1000_MIN_GREYS = 0.2
# And so many pairs at least: a few may be somebody's pixel art.
_SADDLES_MIN = 24
# Times that each pixel becomes a mean of the nine around it: blur of σ = 1 px with two. Edges of
# three dithered drawings, mean distance from the truth in pixels, one to four times: 0.16, 0.15,
# 0.16, 0.18; 0.27, 0.26, 0.28, 0.32; 0.20, 0.17, 0.16, 0.15; the bar is 0.25.
_SOFTENED_TIMES = 2
# Greys of the edge itself are darker than paper by at least this share of the contrast. Where a
# page of few greys has none but the ink's own, they do not say where the edge runs.
_EDGE_SHARE_MIN = 0.3
# A palette has no grey near the level if none is farther than this share of the contrast from both
# ink and paper.
_GAP_SHARE = 0.3
# Greys that are nearly ink are those of soft edges, if there are so many for each edge between ink
# and paper. Larger, and smaller at the other end: such pages get wavy outlines of ten times as many
# segments; the other way: flat dark greys that somebody drew without soft edges are softened.
_CUT_EDGE_SHARE_MIN, _CUT_EDGE_SHARE_MAX = 0.02, 3.0
# And if so much of the palest of them touches darker ink: a level hairline on a clean page is of
# one such grey all along. Larger: dithered hairlines get wavy; smaller: hairlines of clean pages
# swell.
_CUT_EDGE_BESIDE_SHARE_MIN = 0.6
# Rims that nothing takes for strokes are paler than this share of the contrast.
_RIM_DEPTH_SHARE_MIN = 0.14
# Other pale greys are rims where nearly all of them lie so near to ink. Larger: strokes drawn in a
# paler grey beside black ones go with them.
_RIM_PX_MAX = 8
_RIM_SHARE_MIN = 0.95


def restored(gray: Gray) -> tuple[Gray, str] | None:
    """The page with the greys that its edges had, and what was done, if it has few greys and shows
    that it had more; None where it is as it was drawn.
    """
    greys = [grey for grey, count in enumerate(histogram_of(gray)) if count]
    if not 2 <= len(greys) <= FEW_GREYS:
        return None
    darkest, lightest = min(greys), max(greys)
    level = (darkest + lightest) // 2
    bitmap = cut_at(gray, level)
    if _was_dithered(bitmap, _SINGLES_PER_1000_MIN if len(greys) == 2 else _SINGLES_PER_1000_MIN_GREYS):
        return _softened(gray, _SOFTENED_TIMES), "dithering averaged"
    contrast = lightest - darkest
    # Ink that was cut off has one grey. Soft edges have pixels that are nearly all ink, too.
    within = [grey for grey in greys if darkest < grey and _EDGE_SHARE_MIN * contrast <= lightest - grey]
    pale = [grey for grey in greys if level < grey <= lightest - _RIM_DEPTH_SHARE_MIN * contrast]
    if within and _edges_were_cut(gray, bitmap, greys):
        return _softened(gray, _SOFTENED_TIMES), "greys of a small palette averaged"
    if not pale or within or not _lie_beside(gray, pale, bitmap):
        return None
    return _hard(gray, level, darkest, lightest), "pale rims left out"


def _was_dithered(bitmap: Bitmap, singles_per_1000_min: float) -> bool:
    counts = buffers.zeros(fringe_kernels.COUNTS, "q")
    edges = fringe_kernels.count_fringe(bitmap.words, bitmap.width, bitmap.height, counts)
    singles, saddles = counts[fringe_kernels.SINGLES], counts[fringe_kernels.SADDLES]
    many = 1000 * singles > singles_per_1000_min * edges and 1000 * saddles > _SADDLES_PER_1000_MIN * edges
    return many and saddles >= _SADDLES_MIN


def _edges_were_cut(gray: Gray, bitmap: Bitmap, greys: list[int]) -> bool:
    """Whether a palette has greys of soft edges, but none near the level, so that they do not say
    where the edge runs.
    """
    darkest, lightest = greys[0], greys[-1]
    contrast = lightest - darkest
    if any(_GAP_SHARE * contrast < grey - darkest < (1 - _GAP_SHARE) * contrast for grey in greys):
        return False
    dark = bitmap.ink_count() - cut_at(gray, darkest).ink_count()
    edges = int(fringe_kernels.count_fringe(bitmap.words, bitmap.width, bitmap.height, buffers.zeros(fringe_kernels.COUNTS, "q")))
    if not _CUT_EDGE_SHARE_MIN * edges <= dark <= _CUT_EDGE_SHARE_MAX * edges:
        return False
    darker = cut_at(gray, [grey for grey in greys if 2 * grey <= darkest + lightest][-2])
    beside = buffers.zeros(len(darker.words), "Q")
    fringe_kernels.widen(darker.words, darker.width, darker.height, beside)
    word_kernels.keep(beside, bitmap.words, len(beside))
    palest = bitmap.ink_count() - darker.ink_count()
    return darker.with_words(beside).ink_count() - darker.ink_count() >= _CUT_EDGE_BESIDE_SHARE_MIN * palest


def _lie_beside(gray: Gray, pale: list[int], ink: Bitmap) -> bool:
    """Whether nearly all pixels of these greys lie near ink."""
    near, wide = buffers.copied(ink.words), buffers.zeros(len(ink.words), "Q")
    for _ in range(_RIM_PX_MAX):
        fringe_kernels.widen(near, ink.width, ink.height, wide)
        near, wide = wide, near
    rims = cut_at(gray, max(pale))
    all_rims = rims.ink_count() - ink.ink_count()
    word_kernels.keep(rims.words, near, len(near))
    return rims.ink_count() - ink.ink_count() >= _RIM_SHARE_MIN * all_rims


def _softened(gray: Gray, times: int) -> Gray:
    sums = buffers.zeros(gray.width + 2, "i")
    for _ in range(times):
        out = buffers.zeros(gray.width * gray.height, "B", written_whole=True)
        fringe_kernels.soften(gray.data, gray.width, gray.height, sums, out)
        gray = Gray(gray.width, gray.height, out, gray.dpi)
    return gray


# A page is taken for an enlarged one if it was by at least this factor. Below, hardly any two rows
# are the same, and it is as good as not enlarged.
_ENLARGED_MIN = 1.1
# By how much at most.
_ENLARGED_MAX = 4


def _hard(gray: Gray, level: int, darkest: int, lightest: int) -> Gray:
    """All ink as dark as the darkest and all paper as light as the lightest, softened; where each
    pixel was made several, with no regard to what was between, at the size that it had.
    """
    width, height = gray.width, gray.height
    hard = buffers.zeros(width * height, "B")
    hard[:] = bytes(gray.data).translate(bytes(darkest if grey <= level else lightest for grey in range(256)))
    columns, rows = buffers.zeros(width, "B"), buffers.zeros(height, "B")
    fringe_kernels.find_changes(gray.data, width, height, columns, rows)
    left, top = _pixels_before(columns.tolist()), _pixels_before(rows.tolist())
    if left is None or top is None:
        return _softened(Gray(width, height, hard, gray.dpi), 1)
    small = buffers.zeros(len(left) * len(top), "B")
    for v, y in enumerate(top):
        row = hard[y * width : (y + 1) * width]
        small[v * len(left) : (v + 1) * len(left)] = bytes(row[x] for x in left)
    out = buffers.zeros(width * height, "B", written_whole=True)
    softened = _softened(Gray(len(left), len(top), small), 1)
    fringe_kernels.enlarge(softened.data, softened.width, softened.height, out, width, height)
    return Gray(width, height, out, gray.dpi)


def _pixels_before(changes: list[int]) -> list[int] | None:
    """Of a side that was enlarged by taking the nearest pixel: the first of those that each of its
    pixels became, or None. `changes` has 1 where a column, or row, differs from the one before.

    The smallest side will do of which no pixel became two that differ.
    """
    count = len(changes)
    differing = [i for i in range(1, count) if changes[i]]
    for side in range(-(-count // _ENLARGED_MAX), int(count / _ENLARGED_MIN) + 1):
        if all((2 * i + 1) * side // (2 * count) != (2 * i - 1) * side // (2 * count) for i in differing):
            places = [(2 * i + 1) * side // (2 * count) for i in range(count)]
            return [i for i in range(count) if i == 0 or places[i] != places[i - 1]]
    return None
