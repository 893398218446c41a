"""What the steps have in common: small components erased, lines thinned, ink opened and eroded."""
from __future__ import annotations

from linefinish.data.raster import Bitmap
from linefinish.kernels import components, runs, words
from linefinish.memory import buffers

# The colours, as what the kernels flip words by to see that colour's pixels as ones.
INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF

# What is alone is a speck even on fine drawings: within 8 px of 97 % of all real marks of ≤ 12 px
# lies other ink, of 25 % of the specks.
LONE_GAP_PX = 8


def copied(source: memoryview) -> memoryview:
    """The words again, to be changed."""
    out = buffers.zeros(len(source), "Q")
    out[:] = source
    return out


class Eraser:
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
        erased = components.erase_small(bitmap.words, *size, colour, area, lone_area, LONE_GAP_PX, self._out, self._large, queue, alone)
        self.beside = alone[1]
        if erased:
            self.bitmap = Bitmap(bitmap.width, bitmap.height, self._out)
            self._out = self._equals = None
        return erased, alone[0]


def without_small(bitmap: Bitmap, colour: int, area_px_max: float) -> Bitmap:
    """The bitmap with the components of a colour up to an area turned over."""
    eraser = Eraser(bitmap)
    eraser.erase(colour, area_px_max)
    return eraser.bitmap


def thinned(bitmap: Bitmap) -> memoryview:
    """Words of the bitmap reduced to lines of one pixel."""
    from linefinish.kernels import thinning

    lines = copied(bitmap.words)
    active = buffers.zeros(bitmap.height, "B")
    active[:] = b"\x01" * bitmap.height
    thinning.thin(lines, copied(bitmap.words), bitmap.height, bitmap.stride, active)
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
