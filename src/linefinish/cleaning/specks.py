"""`despeckle`: specks of ink and pinholes of paper go, up to areas that follow from the page."""
from __future__ import annotations

from linefinish import checks
from linefinish.data.raster import Bitmap, Gray, Separation, as_bitmap
from linefinish.kernels import components, runs, words
from linefinish.kernels import strokes as stroke_kernels
from linefinish.measuring import COARSE_LINES_MIN, stroke_widths
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The colours, as what the kernels flip words by to see that colour's pixels as ones.
INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF

# Limits that follow from the page. Measured on 14 drawings at 1024 px in the kinds clean, noise,
# generated, paper and jpeg of the corpus: see docs/discussion/algorithms/cleaning.md.

# A speck's area in squares of the stroke width. Larger eats hatching of fine drawings, smaller
# leaves grain beside their lines.
_SPECK_AREA_PER_WIDTH2 = 0.5
# Specks of sensors, dust and generators have up to 9 pixels at 1024 px, whatever the stroke; real
# marks begin at 10 there.
_SPECK_AREA_PX = 10.0
# On pages drawn larger, specks are larger too, but never near the dot of an i (0.8 w²) ...
_LARGE_SPECK_AREA_PER_WIDTH2 = 0.1
# ... and by no more than the page is larger than 1024 px, twice over: a silhouette's "strokes" are
# as wide as itself, and the holes of a button are no noise.
_LARGE_SPECK_TIMES = 2
# What is alone is a speck even on fine drawings: within 8 px of 97 % of all real marks of ≤ 12 px
# lies other ink, of 25 % of the specks.
_LONE_GAP_PX = 8
# Rows around specks that are looked at: the gap, and the pixel beside it.
_STRIP_MARGIN_PX = _LONE_GAP_PX + 2
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
    """A bitmap without specks and pinholes; how many there were, the area of all of them and of the
    largest in pixels; and the limits that were used.
    """

    bitmap: Bitmap
    specks_removed: int
    specks_area_px: int
    speck_largest_px: int
    pinholes_filled: int
    pinholes_area_px: int
    pinhole_largest_px: int
    speckle_area_px_max: float
    pinhole_area_px_max: float


@checks.keywords
def despeckle(
    bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None, greys: Separation | None = None
) -> Bitmap:
    """Remove 8-connected ink of at most an area, then fill enclosed 4-connected paper of at most an
    area.

    bitmap               Bitmap, or bool array (height, width), True is ink
    speckle_area_px_max  area in pixels; 0 removes none; None: from the page's stroke width and from
    how noisy the page is.
                         In that case isolated specks of up to 10 pixels go as well.
    pinhole_area_px_max  likewise for holes; None: from the page's stroke width and from how many
                         there are
    greys                what `separate` made the bitmap of, if it had greys: they tell specks and
                         pinholes from drawn marks as small. What is as dark as the ink, or as light
                         as the paper, and as sharp as the strokes, stays where no area is given

    Raises ImageShapeError for what is no such array or greys of another size, OptionsError for
    areas that cannot be.
    """
    return _cleaned(as_bitmap(bitmap), speckle_area_px_max, pinhole_area_px_max, greys).bitmap


def despeckle_counted(
    bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None, grays: Separation | None = None
) -> Despeckled:
    """`despeckle`, and what it removed up to which areas."""
    bitmap = as_bitmap(bitmap)
    done = _cleaned(bitmap, speckle_area_px_max, pinhole_area_px_max, grays)
    specks, pinholes = _sizes(bitmap, done.without_specks, INK), _sizes(done.without_specks, done.bitmap, PAPER)
    return Despeckled(
        done.bitmap, specks.count, specks.area, specks.largest, pinholes.count, pinholes.area, pinholes.largest,
        done.speck_area_px_max, done.pinhole_area_px_max,
    )  # fmt: skip


@record
class _Cleaned:
    """A bitmap without specks, then without pinholes, and the limits that were used."""

    without_specks: Bitmap
    bitmap: Bitmap
    speck_area_px_max: float
    pinhole_area_px_max: float


def _cleaned(bitmap: Bitmap, speckle_area_px_max: float | None, pinhole_area_px_max: float | None, grays: Separation | None) -> _Cleaned:
    if grays is not None:
        checks.same_size(checks.instance(grays, Separation, "greys").gray, bitmap)
    speck, pinhole = checked("speckle_area_px_max", speckle_area_px_max), checked("pinhole_area_px_max", pinhole_area_px_max)
    width = stroke_widths(bitmap, (0.5,), COARSE_LINES_MIN)[0] if speck is None or pinhole is None else 0.0
    noise = _noise_area_px(width, bitmap)
    eraser = _Eraser(bitmap)
    if speck is None:
        speck = _erase_stray_specks(eraser, noise, grays)
    else:
        eraser.erase(INK, speck)
    without_specks = eraser.bitmap
    if pinhole is None:
        pinhole = _fill_stray_pinholes(eraser, noise, grays)
    else:
        eraser.erase(PAPER, pinhole)
    return _Cleaned(without_specks, eraser.bitmap, float(speck), float(pinhole))


def _noise_area_px(width: float, bitmap: Bitmap) -> float:
    """Up to which area a mark on a noisy page is noise, from the width of its strokes."""
    scale = max(1.0, max(bitmap.width, bitmap.height) / 1024)
    large = min(_LARGE_SPECK_AREA_PER_WIDTH2 * width**2, _LARGE_SPECK_TIMES * _SPECK_AREA_PX * scale**2)
    return min(_SPECK_AREA_PER_WIDTH2 * width**2, max(_SPECK_AREA_PX, large))


def _erase_stray_specks(eraser: _Eraser, noise: float, grays: Separation | None) -> float:
    """Erase specks by whether lone ones show that the page is noisy, but none that was drawn as the
    greys tell. → the limit.
    """
    before = eraser.bitmap
    greys = None if grays is None else _Greys(grays)
    limit = _erase_by_count(eraser, noise, greys)
    if greys is not None and eraser.bitmap is not before and greys.are_sharp:
        eraser.bitmap, _ = greys.with_drawn(before, eraser.bitmap, INK)
    return limit


def _erase_by_count(eraser: _Eraser, noise: float, greys: _Greys | None, *, hard_gone: bool = False) -> float:
    """Erase specks by how many there are, alone and beside ink. → the limit."""
    before = eraser.bitmap
    limit = min(noise, _QUIET_SPECK_AREA_PX)
    largest = max(_SPECK_AREA_PX, noise)
    _, found_alone = eraser.erase(INK, limit, largest)
    alone = found_alone
    if alone >= _LONE_SPECKS_MIN and not hard_gone:
        alone -= _drawn_alone(before, eraser.bitmap, greys, alone)
    near = _share_near_ink(eraser.bitmap) if alone >= _LONE_SPECKS_MIN else 1.0
    lone_max = max(_LONE_SPECKS_MIN, _LONE_SPECKS_PER_MP * (1 - near) * before.width * before.height / 1e6)
    if alone >= lone_max:
        if greys is not None and not hard_gone:
            soft, hard_alone = greys.without_hard(before, _HARD_AREA_TIMES * largest)
            if hard_alone >= lone_max:
                # What is left was drawn, or it is dust, which lay on the page and went through its
                # optics.
                eraser.bitmap = soft
                return _erase_by_count(eraser, noise, greys, hard_gone=True)
        # For each speck alone, so many lie beside ink if they are spread evenly.
        spread = eraser.beside / (alone * near / (1 - near))
        if spread >= _MOSTLY_DRAWN_MIN:
            return limit
        if spread <= _EVENLY_SPREAD_MAX:
            noise = largest
        eraser.erase(INK, noise)
        return noise
    if found_alone:  # they belong to the drawing
        eraser.bitmap = before
        eraser.erase(INK, limit)
    return limit


# Noise has many small specks for each large one; dots that somebody drew with one pen are all as
# large. So where greys do not tell, marks are drawn of which fewer than one in so many has at most
# that area. Of the specks of a sensor, 1 to 9 px large, five in ten are as small, of dots of 2.5 px
# none. Larger: fine stipple of 1-bit pages goes; smaller: noise stays.
_SMALLEST_AREA_PX = 2
_SMALLEST_ONE_IN = 4


# On a blurred page dust is as soft as ink, and some of it as dark. There lone specks are drawn if
# at most one in so many is paler or harder, and fewer than one in so many among the smallest. On
# three dusty pages 0 to 26 % are paler, and 20 to 31 % among the smallest. Smaller: dust stays.
_OTHERS_ONE_IN, _SMALLEST_BLURRED_ONE_IN = 4, 10


def _drawn_alone(before: Bitmap, after: Bitmap, greys: _Greys | None, alone: int) -> int:
    """How many of the lone specks that were erased were drawn."""
    drawn, one_in = 0, _SMALLEST_ONE_IN
    if greys is not None:
        kept, others = greys.with_drawn(before, after, INK)
        if greys.are_sharp:
            if greys.tell(after):
                return alone - others
            drawn, after = alone - others, kept
        elif others * _OTHERS_ONE_IN > alone:
            return 0
        else:
            one_in = _SMALLEST_BLURRED_ONE_IN
    sizes = _sizes(before, after, INK)
    return alone if sizes.smallest * one_in < sizes.count else drawn


def _fill_stray_pinholes(eraser: _Eraser, noise: float, grays: Separation | None) -> float:
    """Fill holes as small as noise, but none that was drawn, as the greys tell, or where they do
    not, the areas. → the limit.
    """
    before = eraser.bitmap
    eraser.erase(PAPER, noise)
    if eraser.bitmap is before:
        return noise
    greys = None if grays is None else _Greys(grays)
    if greys is not None:
        eraser.rest()
        eraser.bitmap, _ = greys.with_drawn(before, eraser.bitmap, PAPER)
        if greys.tell(before):
            return noise
    sizes = _sizes(before, eraser.bitmap, PAPER)
    if sizes.count < _LONE_SPECKS_MIN or sizes.smallest * _SMALLEST_ONE_IN < sizes.count:
        eraser.bitmap = before
        noise = min(noise, _QUIET_SPECK_AREA_PX)
        eraser.erase(PAPER, noise)
        if greys is not None:
            eraser.bitmap, _ = greys.with_drawn(before, eraser.bitmap, PAPER)
    return noise


@record
class _Sizes:
    """How many specks went, their area and that of the largest in pixels, and how many are among
    the smallest.
    """

    count: int
    area: int
    largest: int
    smallest: int


def _sizes(before: Bitmap, after: Bitmap, colour: int) -> _Sizes:
    """What became of the components of a colour between two bitmaps."""
    if after is before:
        return _Sizes(0, 0, 0, 0)
    speck_kernels = _kernels()
    strip, reach = _Strip(before, after), 1 if colour == INK else 0
    gone, size = strip.gone(before, after, colour), (strip.width, strip.height)
    sizes = buffers.zeros(speck_kernels.SIZES, "q")
    speck_kernels.measure_specks(
        gone, *size, reach, _SMALLEST_AREA_PX, buffers.copied(gone), buffers.zeros(len(gone), "Q"), strip.queue_for(gone), sizes
    )  # fmt: skip
    return _Sizes(*sizes.tolist())


class _Strip:
    """The rows between which two bitmaps differ, and as many beside them as anybody looks at: on a
    large page each copy of a whole bitmap costs more than what is done with it.
    """

    def __init__(self, one: Bitmap, other: Bitmap) -> None:
        span = buffers.zeros(2, "q")
        words.differing(one.words, other.words, len(one.words), span)
        self.top = max(span[0] // one.stride - _STRIP_MARGIN_PX, 0)
        self.width, self.stride = one.width, one.stride
        self.height = min((span[1] - 1) // one.stride + 1 + _STRIP_MARGIN_PX, one.height) - self.top

    def of(self, whole: memoryview) -> memoryview:
        """Its words of a page's."""
        return whole[self.top * self.stride : (self.top + self.height) * self.stride]

    def of_gray(self, gray: Gray) -> memoryview:
        """Its pixels."""
        data: memoryview = memoryview(gray.data).cast("B")
        return data[self.top * self.width : (self.top + self.height) * self.width]

    def gone(self, before: Bitmap, after: Bitmap, colour: int) -> memoryview:
        """The pixels of a colour that turned over between two bitmaps, as ink."""
        first, second = (before, after) if colour == INK else (after, before)
        gone = buffers.copied(self.of(first.words))
        words.remove(gone, self.of(second.words), len(gone))
        return gone

    def inverted(self, bitmap: Bitmap) -> memoryview:
        """Its words with ink and paper exchanged."""
        inverted = buffers.copied(self.of(bitmap.words))
        words.invert(inverted, self.width, self.height, self.stride)
        return inverted

    def queue_for(self, specks: memoryview) -> memoryview:
        """Scratch for walking the largest of them."""
        return buffers.zeros(3 * (runs.count_runs(specks, self.width, self.height, self.stride, 0) + 1), "i")


# A speck is hard, and no part of a drawing, if its rim is less deep, against its inside, than this
# share of what the strokes' rim is against the page's contrast. On the noise pages of 53 drawings,
# false components and lost ones of 1966: 0.35 11 and 1, 0.45 3 and 1,
# 0.55 1 and 1; without greys 22 and 67.
_HARD_RIM_SHARE_MAX = 0.55
# Strokes whose rim is less than this share of the page's contrast darker than paper are hard
# themselves and tell nothing: a straight edge drawn without blur has 0.13, one between whole pixels
# none.
_RIM_SHARE_MIN = 0.08
# On pages that are not sharp, what is as dark as this share of the contrast is as dark as the ink.
# Larger: dots go; smaller: dust stays, which is as soft as ink and up to 0.75 as dark.
_DRAWN_CORE_SHARE = 0.85
# On a sharp page any rim at all, as a share of a speck's inside, is one that was drawn: a speck
# that covers whole pixels has none.
_SHARP_SPECK_RIM_MIN = 0.04
# And what differs by this share of the contrast within itself covers pixels in part,
# and was drawn: a disc of 2 px that happens to touch no other pixel has no rim. A speck of a sensor
# is all of one grey.
_VARIED_SHARE_MIN = 0.1
# As what differs by less than this share of the contrast: a disc of 1.8 px on the corner of four
# pixels covers 0.64 of each. Larger: specks of a dark grey stay; smaller: small discs go.
_WHOLE_SHARE_MIN = 0.85
# More than greys can differ by.
_NEVER = 256
# One row in so many is asked for the strokes' rim.
_RIM_ROWS_ONE_IN = 4


class _Greys:
    """What the greys of a page tell of its specks and pinholes."""

    def __init__(self, grays: Separation) -> None:
        self._grays = grays
        self._contrast = max(grays.paper - grays.ink, 1)
        self._rim_share: float | None = None
        # Drawn without blur or noise: whatever has a rim was drawn.
        self.are_sharp = grays.levels.paper > grays.levels.ink
        varied_min, whole_min = int(_VARIED_SHARE_MIN * self._contrast), int(_WHOLE_SHARE_MIN * self._contrast)
        self._sharp_bounds = _SHARP_SPECK_RIM_MIN, 0, varied_min, whole_min

    def _rim_share_of(self, without: Bitmap) -> float:
        """How much darker than paper the strokes' rim is, in shares of the contrast. `without` is
        the page without specks.
        """
        if self._rim_share is None:
            size = (without.width, without.height, without.stride)
            depth = stroke_kernels.rim_depth(without.words, self._grays.gray.data, *size, self._grays.paper, _RIM_ROWS_ONE_IN)
            self._rim_share = depth / self._contrast
        return self._rim_share

    def tell(self, without: Bitmap) -> bool:
        """Whether the strokes have a rim, so that what has none was not drawn."""
        return self._rim_share_of(without) >= _RIM_SHARE_MIN

    def with_drawn(self, before: Bitmap, after: Bitmap, colour: int) -> tuple[Bitmap, int]:
        """`after` with those specks of `before`, or holes, that were drawn: as dark or light as the
        drawing, and as sharp; and how many others stood alone.
        """
        if after is before:
            return after, 0
        if self.are_sharp:
            return self._keep(before, after, colour, self._sharp_bounds)
        share = _HARD_RIM_SHARE_MAX * self._rim_share_of(after)
        return self._keep(before, after, colour, (share, int(_DRAWN_CORE_SHARE * self._contrast), _NEVER, 0))

    def without_hard(self, bitmap: Bitmap, area_px_max: float) -> tuple[Bitmap, int]:
        """The bitmap without specks that are sharper than its strokes, and how many of these stood
        alone.
        """
        without = without_small(bitmap, INK, area_px_max)
        if without is bitmap or not self.tell(without):
            return bitmap, 0
        return self._keep(bitmap, without, INK, (_HARD_RIM_SHARE_MAX * self._rim_share_of(without), 0, _NEVER, 0))

    def _keep(self, before: Bitmap, after: Bitmap, colour: int, bounds: tuple[float, int, int, int]) -> tuple[Bitmap, int]:
        """`after` with the specks of `before` that are soft and differ enough, and how many others
        stand alone. The bounds: the least rim, as a share of the inside; the least that the core
        differs, by which pixels that vary are soft too, and below which all are, in greys.
        """
        share, core_min, varied_min, whole_min = bounds
        strip = _Strip(before, after)
        specks, alone, out = strip.gone(before, after, colour), buffers.zeros(2, "q"), buffers.copied(after.words)
        around, with_specks, without = self._grays.paper, strip.of(before.words), strip.of(after.words)
        if colour == PAPER:
            around, with_specks, without = self._grays.ink, strip.inverted(before), strip.inverted(after)
        towards_dark = 1 if colour == INK else -1
        page = buffers.numbers("q", strip.width, strip.height, around, towards_dark, core_min, varied_min, _LONE_GAP_PX, whole_min)
        # Specks are whole components, so they are the same in the bitmap that has all ink.
        _kernels().keep_drawn(
            with_specks, without, with_specks, strip.of_gray(self._grays.gray), page, share, specks, buffers.zeros(len(specks), "Q"),
            strip.of(out), strip.queue_for(specks), alone,
        )  # fmt: skip
        return before.with_words(out), alone[0]


def _kernels() -> Any:
    """The kernels of specks, which only pages that have some pay for."""
    from linefinish.kernels import specks

    return specks


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

    def rest(self) -> None:
        """Let go of the scratch: mostly there is no other step."""
        self._out = self._equals = self._large = None

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
            self._large = buffers.brief("specks.large", count, "Q", zeroed=True)
        else:
            words.clear(self._large, count)
        if self._out is None:
            self._out = buffers.anything(count, "Q")
        if self._equals is not bitmap:
            self._out[:] = bitmap.words
            self._equals = bitmap
        alone = buffers.zeros(2, "q")
        erased = components.erase_small(bitmap.words, *size, colour, area, lone_area, _LONE_GAP_PX, self._out, self._large, queue, alone)
        self.beside = alone[1]
        if erased:
            self.bitmap = bitmap.with_words(self._out)
            self._out = self._equals = None
        return erased, alone[0]


def without_small(bitmap: Bitmap, colour: int, area_px_max: float) -> Bitmap:
    """The bitmap with the components of a colour up to an area turned over."""
    eraser = _Eraser(bitmap)
    eraser.erase(colour, area_px_max)
    return eraser.bitmap
