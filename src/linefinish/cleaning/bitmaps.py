"""What the steps do to a whole bitmap: thin its lines, open and erode its ink."""
from __future__ import annotations

from linefinish.cleaning.specks import INK, PAPER
from linefinish.data.raster import Bitmap
from linefinish.kernels import words
from linefinish.memory import buffers


def thinned(bitmap: Bitmap) -> memoryview:
    """Words of the bitmap reduced to lines of one pixel."""
    from linefinish.kernels import thinning

    lines = buffers.copied(bitmap.words)
    active = buffers.zeros(bitmap.height, "B")
    active[:] = b"\x01" * bitmap.height
    thinning.thin(lines, buffers.copied(bitmap.words), bitmap.height, bitmap.stride, active)
    return lines


def opened(bitmap: Bitmap, radius: float) -> Bitmap:
    """What a disc reaches that stays within the ink."""
    core = deeper(bitmap, INK, radius)
    reached = deeper(core, PAPER, radius)
    words.invert(reached.words, bitmap.width, bitmap.height, bitmap.stride)
    return reached


def deeper(bitmap: Bitmap, colour: int, radius: float) -> Bitmap:
    """Pixels of a colour that have the other colour nowhere within the radius; in strips, so that
    memory follows the width.
    """
    from linefinish.kernels import distance

    whole = int(radius)
    half_widths = buffers.zeros(whole + 1, "i")
    for g in range(whole + 1):
        half_widths[g] = int((radius * radius - g * g) ** 0.5)
    strip = min(bitmap.height, max(64, 4 * whole))
    nearest, rows = buffers.zeros(bitmap.width, "i"), buffers.zeros(strip * bitmap.width, "i")
    out = Bitmap.blank(bitmap.width, bitmap.height)
    size = (bitmap.width, bitmap.height, bitmap.stride)
    for first in range(0, bitmap.height, strip):
        last = min(bitmap.height, first + strip)
        distance.deeper(bitmap.words, *size, colour, first, last, whole, half_widths, nearest, rows, out.words)
    return out
