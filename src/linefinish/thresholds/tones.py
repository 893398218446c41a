"""The typical greys of ink and paper, and what is counted and cut by them."""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import threshold as threshold_kernels
from linefinish.memory import buffers
from linefinish.records import record

# Greys by which the pixels around one inside a broad stroke may differ from it. Larger: thin
# strokes, mixed with paper, get in (24 put the ink of a blurred hairline page at 116, not 45);
# smaller: grainy strokes drop out.
_PLATEAU_GRAYS_MAX = 16
# Share of dark pixels inside broad strokes from which on these give the ink's grey; below, it is
# the darkest pixels'.
_PLATEAU_SHARE_MIN = 0.05
# How dark the darkest are: this quantile of the dark pixels. Smaller: single noisy pixels decide.
_DARKEST_QUANTILE = 0.02


@record
class Tones:
    """The typical greys of ink and paper, and the level half way: half a pixel's area inked."""

    ink: int
    paper: int

    @property
    def level(self) -> int:
        """The lightest ink."""
        return (self.ink + self.paper) // 2

    @property
    def contrast(self) -> int:
        """By how many greys paper is lighter than ink."""
        return self.paper - self.ink


def tones_of(gray: Gray) -> Tones:
    """Paper: the median of what Otsu's level calls light. Ink: the median grey inside broad
    strokes, else the darkest there is.
    """
    histogram = histogram_of(gray)
    split = otsu_level(histogram)
    dark, light = histogram[: split + 1], histogram[split + 1 :]
    if not any(light) or not any(dark):
        only = _quantile(histogram, 0.5)
        return Tones(only, only)
    plateau = _plateaus(gray, split)
    # One row in four was looked at.
    if 4 * sum(plateau) > _PLATEAU_SHARE_MIN * sum(dark):
        ink = _quantile(plateau, 0.5)
    else:
        ink = _quantile(dark, _DARKEST_QUANTILE)
    return Tones(ink, split + 1 + _quantile(light, 0.5))


# How much of a page's dark pixels, in per cent, the darkest ink has at least: of those inside broad
# strokes, and of all. Larger: on a page with a large shadow it is the shadow; smaller: dust.
_DARKEST_PLATEAU_QUANTILE, _DARKEST_INK_QUANTILE = 0.02, 0.01


def darkest_tones(gray: Gray) -> Tones:
    """The tones of a page of which a large part may be dark and no ink: ink is as dark as the
    darkest strokes, not as most of what is dark.
    """
    histogram = histogram_of(gray)
    split = otsu_level(histogram)
    dark, light = histogram[: split + 1], histogram[split + 1 :]
    ink = _quantile(dark, _DARKEST_INK_QUANTILE)
    plateau = _plateaus(gray, split)
    if any(plateau):
        ink = min(ink, _quantile(plateau, _DARKEST_PLATEAU_QUANTILE))
    return Tones(ink, split + 1 + _quantile(light, 0.5))


def _plateaus(gray: Gray, split: int) -> list[int]:
    """How many pixels of each grey lie inside broad strokes, of one row in four."""
    bins = buffers.zeros(256, "q")
    histogram_kernels.count_plateaus(gray.data, gray.width, gray.height, split, _PLATEAU_GRAYS_MAX, bins)
    return bins.tolist()


def _quantile(histogram: list[int], share: float) -> int:
    wanted = share * sum(histogram)
    below = 0
    for gray, count in enumerate(histogram):
        below += count
        if count and below >= wanted:
            return gray
    return 0


def otsu_level(histogram: list[int]) -> int:
    """The level that splits a histogram of 256 greys into two classes of greatest variance between
    (Otsu 1979); ink is at or below it.
    """
    bins = buffers.zeros(256, "i")
    for gray, count in enumerate(histogram):
        bins[gray] = count
    total = sum(gray * count for gray, count in enumerate(histogram))
    return int(histogram_kernels.otsu_level(bins, 255, sum(histogram), total))


def histogram_of(gray: Gray) -> list[int]:
    """How many pixels there are of each of the 256 greys."""
    bins = buffers.zeros(1024, "i")
    histogram_kernels.count_levels(gray.data, gray.width * gray.height, bins)
    return bins[:256].tolist()


def cut_at(gray: Gray, level: int) -> Bitmap:
    """Ink at or below the level."""
    bitmap = Bitmap.blank(gray.width, gray.height)
    threshold_kernels.pack_level(gray.data, gray.width, gray.height, level, bitmap.stride, bitmap.words)
    return bitmap
