"""`measure`: what a page looks like in numbers, for the report and for limits that follow from the
page itself.
"""
from __future__ import annotations

from linefinish.checks import keywords
from linefinish.data.raster import Bitmap, as_bitmap
from linefinish.kernels import euler, regions, widths
from linefinish.memory import buffers
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The histogram of stroke widths. Finer bins change no figure (strokes are whole pixels wide, give
# or take their slant); wider strokes than 512 px fall into the last bin, which moves no median
# unless the page is solid black.
_BINS_PER_PX = 8
_BINS = 512 * _BINS_PER_PX

# Sampled rows and columns of a square page, at least. The time goes with it, the scatter of the
# median with 1 over its root.
_SAMPLED_LINES_MIN = 100

# As many are enough where the width only sets a limit: 0.05 instead of 0.15 ms a megapixel at 2048
# px.
COARSE_LINES_MIN = 40

# The thinnest stroke is the width that 5 % of all stroke length stay below. A plain minimum would
# report the tip of every taper and every rough edge. Guess, checked by eye.
_THINNEST_SHARE = 0.05


@record(eq=True)
class Measures:
    """A page in numbers.

    ink_coverage            share of the pixels that are ink, 0 … 1
    stroke_width_median_px  half of all stroke length is thinner; 0 where there is no stroke
    stroke_width_min_px     5 % of all stroke length are thinner: tips and rough edges do not count
    parts                   8-connected components of ink
    regions                 4-connected components of paper that ink encloses, which is what gets
                            coloured
    region_area_min_px      area of the smallest of them; 0 where there is none
    """

    ink_coverage: float
    stroke_width_median_px: float
    stroke_width_min_px: float
    parts: int
    regions: int
    region_area_min_px: float


@keywords
def measure(bitmap: Any) -> Measures:
    """Measure a bitmap (or a bool array, True is ink). Needs a few numbers for each pixel of width,
    whatever the height.
    """
    bitmap = as_bitmap(bitmap)
    median, thinnest = stroke_widths(bitmap, (0.5, _THINNEST_SHARE))
    enclosed, smallest = _regions(bitmap)
    parts = euler.euler_number(bitmap.words, bitmap.height, bitmap.stride) + enclosed
    coverage = bitmap.ink_count() / (bitmap.width * bitmap.height)
    return Measures(coverage, median, thinnest, parts, enclosed, float(smallest))


def stroke_widths(bitmap: Bitmap, shares: tuple[float, ...], lines_min: int = _SAMPLED_LINES_MIN) -> tuple[float, ...]:
    """The stroke widths in pixels that these shares (0 … 1) of all stroke length stay below; zeros
    where there is no stroke.
    """
    size = (bitmap.width, bitmap.height, bitmap.stride)
    step = 64
    while step > 1 and bitmap.width * bitmap.height < (lines_min * step) ** 2:
        step >>= 1
    histogram = buffers.zeros(_BINS, "d")
    begun = buffers.zeros(64 * bitmap.stride, "i")
    if not widths.stroke_widths(bitmap.words, *size, step, histogram, _BINS, _BINS_PER_PX, begun):
        return tuple(0.0 for _ in shares)
    return tuple(max(0.0, widths.quantile(histogram, _BINS, share) / _BINS_PER_PX) for share in shares)


def _regions(bitmap: Bitmap) -> tuple[int, int]:
    """How many enclosed regions of paper there are, and the area of the smallest."""
    ends, labels, parents, fresh = (buffers.zeros(count, "i") for count in (2 * bitmap.width + 4, *3 * [bitmap.width + 2]))
    areas, smallest = buffers.zeros(bitmap.width + 2, "q"), buffers.zeros(1, "q")
    size = (bitmap.width, bitmap.height, bitmap.stride)
    count = regions.count_regions(bitmap.words, *size, ends, labels, parents, fresh, areas, smallest)
    return count, smallest[0]


def inked_corners(bitmap: Bitmap) -> int:
    """How many of the page's four corners are ink: few drawings reach any."""
    right, bottom = bitmap.width - 1, (bitmap.height - 1) * bitmap.stride
    return sum(bitmap.words[row + (x >> 6)] >> (x & 63) & 1 for row in (0, bottom) for x in (0, right))
