"""Clean-up steps on a bitmap: `despeckle`, `close_gaps`, `thicken`, `hollow`. Each takes a bitmap and gives a new one."""
from __future__ import annotations

from linefinish import buffers
from linefinish.kernels import components, runs
from linefinish.raster import Bitmap
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_INK, _PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF


@record
class Despeckled:
    """A bitmap without specks and pinholes, how many there were, and the limits that were used."""

    bitmap: Bitmap
    specks_removed: int
    pinholes_filled: int
    speckle_area_px_max: float
    pinhole_area_px_max: float


def _without_small(bitmap: Bitmap, colour: int, area_px_max: float) -> tuple[Bitmap, int]:
    """The bitmap with all components of a colour up to an area turned over, and their number."""
    area = min(int(area_px_max), bitmap.width * bitmap.height)
    if area < 1:
        return bitmap, 0
    size = (bitmap.width, bitmap.height, bitmap.stride)
    queue = buffers.zeros(3 * (min(area, runs.count_runs(bitmap.words, *size, colour)) + 1), "i")
    large = buffers.zeros(len(bitmap.words), "Q")
    out = buffers.zeros(len(bitmap.words), "Q")
    out[:] = bitmap.words
    erased = components.erase_small(bitmap.words, *size, colour, area, out, large, queue)
    return (Bitmap(bitmap.width, bitmap.height, out), erased) if erased else (bitmap, 0)


def despeckle(bitmap: Any, *, speckle_area_px_max: float | None = None, pinhole_area_px_max: float | None = None) -> Bitmap:
    """See despeckle_counted."""
    return despeckle_counted(bitmap, speckle_area_px_max=speckle_area_px_max, pinhole_area_px_max=pinhole_area_px_max).bitmap


def despeckle_counted(bitmap: Any, *, speckle_area_px_max: float | None = None,
                      pinhole_area_px_max: float | None = None) -> Despeckled:
    """."""
    speck, pinhole = speckle_area_px_max or 0, pinhole_area_px_max or 0
    without_specks, specks = _without_small(bitmap, _INK, speck)
    cleaned, pinholes = _without_small(without_specks, _PAPER, pinhole)
    return Despeckled(cleaned, specks, pinholes, float(speck), float(pinhole))
