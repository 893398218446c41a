"""Samples to grey, one pixel at a time, in whole numbers and fractions: the twin of
linefinish.kernels.grey.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def nearest(numerator: int, denominator: int) -> int:
    """The nearest whole number, halves up."""
    return math.floor(Fraction(numerator, denominator) + Fraction(1, 2))


def luma(red: int, green: int, blue: int) -> int:
    """Rec. 601 with the 16-bit weights that Pillow and libjpeg use; they add up to 65536."""
    return nearest(19595 * red + 38470 * green + 7471 * blue, 65536)


def gray(pixel: Sequence[int], highest: int, clear: Sequence[int] | None = None) -> int:
    """Grey, grey and alpha, RGB or RGBA of the range 0…highest → 0…255, on white."""
    channels = len(pixel)
    level = pixel[0] if channels < 3 else luma(*pixel[:3])
    if clear is not None and tuple(pixel) == tuple(clear):
        return 255
    if channels in (2, 4):
        level = highest - nearest(pixel[-1] * (highest - level), highest)
    return nearest(255 * level, highest)
