"""Clean-up steps on a bitmap: `despeckle`, `close_gaps`, `thicken`, `hollow`. Each takes a bitmap and gives a new one."""
from __future__ import annotations

from linefinish import buffers
from linefinish.kernels import components, runs
from linefinish.measuring import stroke_widths
from linefinish.raster import Bitmap, as_bitmap
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_INK, _PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF

# --- limits that follow from the page -----------------------------------------------------------------------------------------
# Measured on 14 drawings at 1024 px in the kinds clean, noise, generated, paper and jpeg of the corpus: see docs/algorithms/cleaning.md.

# A speck's area in squares of the stroke width. Larger eats hatching of fine drawings, smaller leaves grain beside their lines.
_SPECK_AREA_PER_WIDTH2 = 0.5
# Specks of sensors, dust and generators have up to 9 pixels at 1024 px, whatever the stroke; real marks begin at 10 there.
_SPECK_AREA_PX = 10.0
# On pages drawn larger, specks are larger too, but never near the dot of an i (0.8 w²).
_LARGE_SPECK_AREA_PER_WIDTH2 = 0.1
# What is alone is a speck even on fine drawings: within 8 px of 97 % of all real marks of ≤ 12 px lies other ink, of 25 % of the specks.
_LONE_GAP_PX = 8
# This many lone specks a megapixel (and at least 8) make a page noisy: then small marks beside lines are noise as well. Clean
# pages have up to 5, noisy ones from 15. Larger leaves noise beside lines, smaller eats stipple of clean pages.
_LONE_SPECKS_PER_MP = 15
_LONE_SPECKS_MIN = 8
# On a page that is not noisy only this goes: a pixel that fell off an edge. With 2, fine hatching loses 1 % of its parts.
_QUIET_SPECK_AREA_PX = 1.0


@record
class Despeckled:
    """A bitmap without specks and pinholes, how many there were, and the limits that were used."""

    bitmap: Bitmap
    specks_removed: int
    pinholes_filled: int
    speckle_area_px_max: float
    pinhole_area_px_max: float


def despeckle(bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None) -> Bitmap:
    """Remove specks of ink and fill pinholes in it; see `despeckle_counted` for the details."""
    return despeckle_counted(bitmap, speckle_area_px_max=speckle_area_px_max, pinhole_area_px_max=pinhole_area_px_max).bitmap


def despeckle_counted(bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None) -> Despeckled:
    """Remove 8-connected ink of at most an area, then fill enclosed 4-connected paper of at most an area.

    bitmap               Bitmap, or bool array (height, width), True is ink
    speckle_area_px_max  area in pixels; 0 removes none; None: from the page's stroke width and from how noisy the page is.
                         In that case isolated specks of up to 10 pixels go as well.
    pinhole_area_px_max  likewise for holes; None: from the page's stroke width
    """
    bitmap = as_bitmap(bitmap)
    width = stroke_widths(bitmap, (0.5,))[0] if speckle_area_px_max is None or pinhole_area_px_max is None else 0.0
    if speckle_area_px_max is None:
        without_specks, specks, speckle_area_px_max = _without_stray_specks(bitmap, width)
    else:
        without_specks, specks, _ = _without_small(bitmap, _INK, speckle_area_px_max)
    if pinhole_area_px_max is None:
        pinhole_area_px_max = _noise_area_px(width)
    cleaned, pinholes, _ = _without_small(without_specks, _PAPER, pinhole_area_px_max)
    return Despeckled(cleaned, specks, pinholes, float(speckle_area_px_max), float(pinhole_area_px_max))


def _noise_area_px(width: float) -> float:
    """Up to which area a mark on a noisy page is noise, from the width of its strokes."""
    return min(_SPECK_AREA_PER_WIDTH2 * width**2, max(_SPECK_AREA_PX, _LARGE_SPECK_AREA_PER_WIDTH2 * width**2))


def _without_stray_specks(bitmap: Bitmap, width: float) -> tuple[Bitmap, int, float]:
    """Without specks, by whether lone ones show that the page is noisy. → also how many there were, and the limit."""
    noise = _noise_area_px(width)
    limit = min(noise, _QUIET_SPECK_AREA_PX)
    without_lone, lone_specks, alone = _without_small(bitmap, _INK, limit, max(_SPECK_AREA_PX, noise))
    if alone >= max(_LONE_SPECKS_MIN, _LONE_SPECKS_PER_MP * bitmap.width * bitmap.height / 1e6):
        cleaned, specks, _ = _without_small(without_lone, _INK, noise)
        return cleaned, lone_specks + specks, noise
    if alone:
        without_lone, lone_specks, _ = _without_small(bitmap, _INK, limit)
    return without_lone, lone_specks, limit


def _without_small(bitmap: Bitmap, colour: int, area_px_max: float, lone_area_px_max: float = 0) -> tuple[Bitmap, int, int]:
    """The bitmap with small components of a colour turned over, their number, and how many specks stood alone."""
    pixels = bitmap.width * bitmap.height
    area, lone_area = min(int(area_px_max), pixels), min(int(lone_area_px_max), pixels)
    if max(area, lone_area) < 1:
        return bitmap, 0, 0
    size = (bitmap.width, bitmap.height, bitmap.stride)
    queue = buffers.zeros(3 * (min(max(area, lone_area), runs.count_runs(bitmap.words, *size, colour)) + 1), "i")
    large = buffers.zeros(len(bitmap.words), "Q")
    alone = buffers.zeros(1, "q")
    out = buffers.zeros(len(bitmap.words), "Q")
    out[:] = bitmap.words
    erased = components.erase_small(bitmap.words, *size, colour, area, lone_area, _LONE_GAP_PX, out, large, queue, alone)
    return (Bitmap(bitmap.width, bitmap.height, out), erased, alone[0]) if erased else (bitmap, 0, alone[0])
