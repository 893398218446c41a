"""The typical greys of ink and paper, and what is counted and cut by them."""
from __future__ import annotations

from _operator import mul
from _operator import sub as less
from itertools import accumulate

from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import threshold as threshold_kernels
from linefinish.memory import buffers
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Greys by which the pixels around one inside a broad stroke may differ from it. Larger: thin
# strokes, mixed with paper, get in (24 put the ink of a blurred hairline page at 116, not 45);
# smaller: grainy strokes drop out.
_PLATEAU_GRAYS_MAX = 16
# Share of dark pixels inside broad strokes from which on these give the ink's grey; below, it is
# the darkest pixels'.
_PLATEAU_SHARE_MIN = 0.05
# How dark the darkest are: this quantile of the dark pixels. Smaller: single noisy pixels decide.
_DARKEST_QUANTILE = 0.02
# The greys inside broad strokes are of two kinds, one of them no ink, if the darkest and the median
# are apart by more than this share of the contrast. Larger: a wash that is larger than the ink is
# taken for it; smaller: an uneven ink falls apart (a pencil's: 0.15).
_TWO_INKS_SHARE = 0.3
# And if the darkest is by so many greys darker than paper: grain has tails.
_TWO_INKS_CONTRAST_MIN = 60

# How much of a page's dark pixels, in per cent, the darkest ink has at least: of those inside broad
# strokes, and of all. Larger: on a page with a large shadow it is the shadow; smaller: dust.
_DARKEST_PLATEAU_QUANTILE, _DARKEST_INK_QUANTILE = 0.02, 0.01


@record
class Tones:
    """The typical greys of ink and paper, and the level half way: half a pixel's area inked.

    darkest  how dark the darkest strokes are, by `tones_of`: a large part of a page may be dark and
             no ink
    """

    ink: int
    paper: int
    darkest: int = 0

    @property
    def level(self) -> int:
        """The lightest ink."""
        return (self.ink + self.paper) // 2

    @property
    def contrast(self) -> int:
        """By how many greys paper is lighter than ink."""
        return self.paper - self.ink

    @property
    def of_darkest(self) -> Tones:
        """The same with the darkest strokes for ink."""
        return Tones(self.darkest, self.paper, self.darkest)


def tones_of(gray: Gray, histogram: list[int] | None = None) -> Tones:
    """Paper: the median of what Otsu's level calls light. Ink: the median grey inside broad
    strokes, else the darkest there is. `histogram` is the page's, where that is known.
    """
    histogram = histogram or histogram_of(gray)
    split = otsu_level(histogram)
    dark, light = histogram[: split + 1], histogram[split + 1 :]
    if not any(light) or not any(dark):
        only = _quantile(histogram, 0.5)
        return Tones(only, only, only)
    plateau = _plateaus(gray, split)
    light_tone = split + 1 + _quantile(light, 0.5)
    darkest = _quantile(plateau, _DARKEST_PLATEAU_QUANTILE)
    # One row in four was looked at.
    if 4 * sum(plateau) > _PLATEAU_SHARE_MIN * sum(dark):
        ink = _quantile(plateau, 0.5)
        if light_tone - darkest >= _TWO_INKS_CONTRAST_MIN and ink - darkest > _TWO_INKS_SHARE * (light_tone - darkest):
            # Most of what is dark is a wash, a shadow or a board: lines are darker.
            ink = _quantile(plateau[: (ink + darkest) // 2 + 1], 0.5)
    else:
        ink = _quantile(dark, _DARKEST_QUANTILE)
    of_all = _quantile(dark, _DARKEST_INK_QUANTILE)
    return Tones(ink, light_tone, min(of_all, darkest) if any(plateau) else of_all)


@record
class _Peak:
    """What makes a peak of the histogram the one grey of many pale pixels.

    reach    greys to either side that are counted with it
    share    of all that is between the level and nearly paper, at least so much is counted
    beside   as many greys as reach and nine to either side there is at most this share of it
    plateau  and at least this share of it lies inside broad strokes, of 3 px and more
    """

    reach: int
    share: float
    beside: float
    plateau: float


# A watermark has 0.3 to 0.8 within 5 greys; pale strokes and edges are spread over all greys, and
# have 0.1 to 0.2. Of lettering of 24 to 30 px 0.03 is broad; a hairline may have one grey all along
# (0.00), and is ink. Thinner lettering of 12 to 26 px has 0.44 to 0.57 within 5 greys, and up to
# 0.02 of it is broad; what JPEG added to (quality 64) has 0.47 within 10, and 0.2; blurred
# hairlines that lie close have 0.37 within 10, and 0.66 beside. Larger shares: watermarks come out
# in pieces; smaller: pale strokes go.
_PALE_PEAKS = (_Peak(5, 0.22, 0.5, 0.025), _Peak(5, 0.4, 0.4, 0.005), _Peak(10, 0.4, 0.5, 0.1))
# So far beyond its reach a peak has ended.
_PALE_BESIDE_GRAYS = 9
# The peak has at least this share of the ink. Larger: short watermarks come out in pieces.
_PALE_PER_INK = 0.1
# Greys within this share of the contrast below paper are paper and its grain.
_NEARLY_PAPER_SHARE = 0.1


def pale_tone(gray: Gray, histogram: list[int], tones: Tones, inside_max: float = 1.0) -> int | None:
    """The one grey of what is broad and paler than the level, or its darkest where it is spread, if
    there is one: of a watermark, a checkerboard, a wash. Nothing is pale like that because of its
    pixels. At most `inside_max` of it lies inside broad strokes.
    """
    first, last = tones.level + 1, tones.paper - max(int(_NEARLY_PAPER_SHARE * tones.contrast), 1)
    if last < first:
        return None
    pale, ink = sum(histogram[first : last + 1]), sum(histogram[:first])
    counts: dict[int, list[int]] = {}  # by reach, as is what lies inside broad strokes
    broad: dict[int, list[int]] = {}
    for wanted in _PALE_PEAKS:
        reach = wanted.reach
        if reach not in counts:
            counts[reach] = within(histogram, reach)
        near = counts[reach]
        most = max(near[first : last + 1])
        peak = max((grey for grey in range(first, last + 1) if near[grey] == most), key=histogram.__getitem__)
        beside = max(near[max(peak - reach - _PALE_BESIDE_GRAYS, 0)], near[min(peak + reach + _PALE_BESIDE_GRAYS, 255)])
        if most < max(wanted.share * pale, _PALE_PER_INK * ink, 1) or beside > wanted.beside * most:
            continue
        if reach not in broad:
            broad[reach] = _plateaus(gray, last + reach)
        inside = sum(broad[reach][max(peak - reach, 0) : peak + reach + 1])
        if wanted.plateau * most <= 4 * inside <= inside_max * most:  # one row in four was looked at
            return peak - (reach - _PALE_PEAKS[0].reach)
    return None


def within(histogram: list[int], reach: int) -> list[int]:
    """How many there are within `reach` greys of each of the 256."""
    below = list(accumulate(histogram, initial=0))
    upto = below[reach + 1 :] + [below[-1]] * reach
    return list(map(less, upto, [0] * reach + below))


def _plateaus(gray: Gray, split: int) -> list[int]:
    """How many pixels of each grey lie inside broad strokes, of one row in four."""
    bins = buffers.zeros(256, "q")
    histogram_kernels.count_plateaus(gray.data, gray.width, gray.height, split, _PLATEAU_GRAYS_MAX, bins)
    return bins.tolist()


def _quantile(histogram: list[int], share: float) -> int:
    wanted = share * sum(histogram)
    for gray, upto in enumerate(accumulate(histogram)):
        if upto >= wanted:
            return gray
    return 0


def otsu_level(histogram: list[int]) -> int:
    """The level that splits a histogram of 256 greys into two classes of greatest variance between
    (Otsu 1979); ink is at or below it.
    """
    bins = buffers.zeros(256, "i")
    for gray, count in enumerate(histogram):
        bins[gray] = count
    total = sum(map(mul, range(256), histogram))
    return int(histogram_kernels.otsu_level(bins, 255, sum(histogram), total))


def histogram_of(gray: Gray) -> list[int]:
    """How many pixels there are of each of the 256 greys."""
    return counted(gray.data, gray.width * gray.height)


def counted(greys: Any, count: int) -> list[int]:
    """How many of the first `count` bytes there are of each of the 256 greys."""
    bins = buffers.zeros(1024, "i")
    histogram_kernels.count_levels(greys, count, bins)
    return bins[:256].tolist()


def cut_at(gray: Gray, level: int) -> Bitmap:
    """Ink at or below the level."""
    bitmap = Bitmap.blank(gray.width, gray.height)
    threshold_kernels.pack_level(gray.data, gray.width, gray.height, level, bitmap.stride, bitmap.words)
    return bitmap
