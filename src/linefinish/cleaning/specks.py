"""`despeckle`: specks of ink and pinholes of paper go, up to areas that follow from the page."""
from __future__ import annotations

from linefinish import checks
from linefinish.data.raster import Bitmap, as_bitmap
from linefinish.kernels import components, runs, words
from linefinish.measuring import COARSE_LINES_MIN, stroke_widths
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Separation

# The colours, as what the kernels flip words by to see that colour's pixels as ones.
INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF

# Limits that follow from the page. Measured on 14 drawings at 1024 px in the kinds clean, noise,
# generated, paper and jpeg of the corpus: see docs/algorithms/cleaning.md.

# A speck's area in squares of the stroke width. Larger eats hatching of fine drawings, smaller
# leaves grain beside their lines.
_SPECK_AREA_PER_WIDTH2 = 0.5
# Specks of sensors, dust and generators have up to 9 pixels at 1024 px, whatever the stroke; real
# marks begin at 10 there.
_SPECK_AREA_PX = 10.0
# On pages drawn larger, specks are larger too, but never near the dot of an i (0.8 w²).
_LARGE_SPECK_AREA_PER_WIDTH2 = 0.1
# What is alone is a speck even on fine drawings: within 8 px of 97 % of all real marks of ≤ 12 px
# lies other ink, of 25 % of the specks.
_LONE_GAP_PX = 8
# This many lone specks in a megapixel of open paper, which is paper farther than _LONE_GAP_PX from
# ink, make a page noisy, if they are at least 8: then small marks beside lines are noise as well.
# Clean pages have up to 9, noisy ones from 20. Larger leaves noise beside lines, smaller eats
# stipple of clean pages.
_LONE_SPECKS_PER_MP = 15
_LONE_SPECKS_MIN = 8
# Noise lies as thick beside strokes as far from them, within this factor. More small marks than
# that beside strokes are drawn, stipple and hatching: 0.2 to 0.9 where there are none, 1.4 to 7
# where there are. Larger eats stipple, smaller keeps noise beside hairlines.
_EVENLY_SPREAD_MAX = 1.1
# From here on nearly all of them are drawn, and only what is alone is noise.
_MOSTLY_DRAWN_MIN = 2.0
# Two or three specks that lie on each other: by so many times the largest one. The rim protects
# what is drawn.
_HARD_AREA_TIMES = 3
# On a page that is not noisy only this goes: a pixel that fell off an edge. With 2, fine hatching
# loses 1 % of its components.
_QUIET_SPECK_AREA_PX = 1.0


@record
class Despeckled:
    """A bitmap without specks and pinholes, how many there were, and the limits that were used."""

    bitmap: Bitmap
    specks_removed: int
    pinholes_filled: int
    speckle_area_px_max: float
    pinhole_area_px_max: float


def despeckle(
    bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None, greys: Separation | None = None
) -> Bitmap:
    """Remove 8-connected ink of at most an area, then fill enclosed 4-connected paper of at most an
    area.

    bitmap               Bitmap, or bool array (height, width), True is ink
    speckle_area_px_max  area in pixels; 0 removes none; None: from the page's stroke width and from
    how noisy the page is.
                         In that case isolated specks of up to 10 pixels go as well.
    pinhole_area_px_max  likewise for holes; None: from the page's stroke width
    greys                what `separate` made the bitmap of, if it had greys: on a noisy page they
                         tell specks from drawn marks as small

    Raises ImageShapeError for what is no such array or greys of another size, OptionsError for
    areas that cannot be.
    """
    return despeckle_counted(bitmap, speckle_area_px_max=speckle_area_px_max, pinhole_area_px_max=pinhole_area_px_max, grays=greys).bitmap


def despeckle_counted(
    bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None, grays: Separation | None = None
) -> Despeckled:
    """`despeckle`, and what it removed up to which areas."""
    bitmap = as_bitmap(bitmap)
    if grays is not None:
        checks.same_size(grays.gray, bitmap)
    speck, pinhole = checked("speckle_area_px_max", speckle_area_px_max), checked("pinhole_area_px_max", pinhole_area_px_max)
    width = stroke_widths(bitmap, (0.5,), COARSE_LINES_MIN)[0] if speck is None or pinhole is None else 0.0
    eraser = _Eraser(bitmap)
    if speck is None:
        specks, speck = _erase_stray_specks(eraser, width, grays)
    else:
        specks, _ = eraser.erase(INK, speck)
    if pinhole is None:
        pinhole = _noise_area_px(width)
    pinholes, _ = eraser.erase(PAPER, pinhole)
    return Despeckled(eraser.bitmap, specks, pinholes, float(speck), float(pinhole))


def _noise_area_px(width: float) -> float:
    """Up to which area a mark on a noisy page is noise, from the width of its strokes."""
    return min(_SPECK_AREA_PER_WIDTH2 * width**2, max(_SPECK_AREA_PX, _LARGE_SPECK_AREA_PER_WIDTH2 * width**2))


def _erase_stray_specks(eraser: _Eraser, width: float, grays: Separation | None) -> tuple[int, float]:
    """Erase specks by whether lone ones show that the page is noisy. → how many there were, and the
    limit.
    """
    before = eraser.bitmap
    noise = _noise_area_px(width)
    limit = min(noise, _QUIET_SPECK_AREA_PX)
    largest = max(_SPECK_AREA_PX, noise)
    specks, alone = eraser.erase(INK, limit, largest)
    near = _share_near_ink(eraser.bitmap) if alone >= _LONE_SPECKS_MIN else 1.0
    lone_max = max(_LONE_SPECKS_MIN, _LONE_SPECKS_PER_MP * (1 - near) * before.width * before.height / 1e6)
    if alone >= lone_max:
        if grays is not None:
            soft, hard, hard_alone = _without_hard_specks(before, grays, _HARD_AREA_TIMES * largest)
            if hard_alone >= lone_max:
                # What is left was drawn, or it is dust, which lay on the page and went through its
                # optics.
                eraser.bitmap = soft
                specks, limit = _erase_stray_specks(eraser, width, None)
                return hard + specks, limit
        # For each speck alone, so many lie beside ink if they are spread evenly.
        spread = eraser.beside / (alone * near / (1 - near))
        if spread >= _MOSTLY_DRAWN_MIN:
            return specks, limit
        if spread <= _EVENLY_SPREAD_MAX:
            noise = largest
        return specks + eraser.erase(INK, noise)[0], noise
    if alone:  # they belong to the drawing
        eraser.bitmap = before
        specks, _ = eraser.erase(INK, limit)
    return specks, limit


# A speck is hard, and no part of a drawing, if its rim is less deep, against its inside, than this
# share of what the strokes' rim is against the page's contrast. On the noise pages of 53 drawings,
# false components and lost ones of 1966: 0.35 11 and 1, 0.45 3 and 1,
# 0.55 1 and 1; without greys 22 and 67.
_HARD_RIM_SHARE_MAX = 0.55
# Strokes whose rim is less than this share of the page's contrast darker than paper are hard
# themselves and tell nothing: a straight edge drawn without blur has 0.13, one between whole pixels
# none.
_RIM_SHARE_MIN = 0.08
# One row in so many is asked for the strokes' rim.
_RIM_ROWS_ONE_IN = 4


def _without_hard_specks(bitmap: Bitmap, grays: Separation, area_px_max: float) -> tuple[Bitmap, int, int]:
    """The bitmap without specks that are sharper than its strokes: (bitmap, how many there were,
    how many of these stood alone).
    """
    from linefinish.kernels import specks as speck_kernels

    without = without_small(bitmap, INK, area_px_max)
    size, count, gray = (bitmap.width, bitmap.height, bitmap.stride), len(bitmap.words), grays.gray.data
    share = speck_kernels.rim_depth(without.words, gray, *size, grays.paper, _RIM_ROWS_ONE_IN) / max(grays.paper - grays.ink, 1)
    if share < _RIM_SHARE_MIN:
        return bitmap, 0, 0
    small = buffers.copied(bitmap.words)
    words.remove(small, without.words, count)
    queue, alone = buffers.zeros(3 * (int(area_px_max) + 1), "i"), buffers.zeros(2, "q")
    out = buffers.copied(without.words)
    page = buffers.numbers("q", bitmap.width, bitmap.height, grays.paper, _LONE_GAP_PX)
    hard = speck_kernels.keep_soft(
        bitmap.words, without.words, small, gray, page, _HARD_RIM_SHARE_MAX * share, buffers.copied(small), buffers.zeros(count, "Q"),
        out, queue, alone,
    )  # fmt: skip
    return Bitmap(bitmap.width, bitmap.height, out), hard, alone[0]


def _share_near_ink(bitmap: Bitmap) -> float:
    """The share of the page beside ink, within 0.001 to 0.999."""
    near = components.share_near_ink(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, _LONE_GAP_PX)
    return float(min(max(near, 1e-3), 1 - 1e-3))


class _Eraser:
    """Erases small components, step by step. All steps share their scratch: its first touch costs
    more than a step.
    """

    def __init__(self, bitmap: Bitmap) -> None:
        self.bitmap = bitmap
        self._out: memoryview | None = None  # where the next step writes …
        self._equals: Bitmap | None = None  # … and the bitmap that it holds already
        self._large: memoryview | None = None
        self.beside = 0  # specks of the last step that had ink beside them

    def erase(self, colour: int, area_px_max: float, lone_area_px_max: float = 0) -> tuple[int, int]:
        """Turn over the components of a colour up to an area, lone specks up to another. → how
        many, and how many stood alone.
        """
        bitmap, count = self.bitmap, len(self.bitmap.words)
        pixels = bitmap.width * bitmap.height
        area, lone_area = min(int(area_px_max), pixels), min(int(lone_area_px_max), pixels)
        if max(area, lone_area) < 1:
            return 0, 0
        size = (bitmap.width, bitmap.height, bitmap.stride)
        queue = buffers.zeros(3 * (min(max(area, lone_area), runs.count_runs(bitmap.words, *size, colour)) + 1), "i")
        if self._large is None:
            self._large = buffers.zeros(count, "Q")
        else:
            words.clear(self._large, count)
        if self._out is None:
            self._out = buffers.zeros(count, "Q")
        if self._equals is not bitmap:
            self._out[:] = bitmap.words
            self._equals = bitmap
        alone = buffers.zeros(2, "q")
        erased = components.erase_small(bitmap.words, *size, colour, area, lone_area, _LONE_GAP_PX, self._out, self._large, queue, alone)
        self.beside = alone[1]
        if erased:
            self.bitmap = Bitmap(bitmap.width, bitmap.height, self._out)
            self._out = self._equals = None
        return erased, alone[0]


def without_small(bitmap: Bitmap, colour: int, area_px_max: float) -> Bitmap:
    """The bitmap with the components of a colour up to an area turned over."""
    eraser = _Eraser(bitmap)
    eraser.erase(colour, area_px_max)
    return eraser.bitmap
