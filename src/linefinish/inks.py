"""Which ink a coloured page is drawn with: felt pens over a black drawing are no ink.

Colour is read only where a page has much of it, and then a second time. Everything else is read as
grey at once, and what is loaded for that does not know of this file.
"""
from __future__ import annotations

import os

from linefinish.data.raster import Gray
from linefinish.kernels import background
from linefinish.memory import buffers
from linefinish.readers.colours import EVERY_COLOUR
from linefinish.readers.reading import read_gray
from linefinish.thresholds.tones import histogram_of, tones_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Colour lies in areas, and not in lines, if this share of it fills whole cells of 4 × 4 px.
_AREA_SHARE_MIN = 0.5
# There is an ink without colour if the page without its colours has this share of dark pixels, and
# this contrast.
_INK_SHARE_MIN, _INK_CONTRAST_GRAYS_MIN = 0.003, 60
# A cell is filled where it is as deep as the colour mostly is, less this share; a line of 3 px
# leaves half of each cell to paper.
_WHOLE_SHARE = 0.8
# One pixel in so many tells how deep the colour is; less deep than this it is JPEG's.
_SAMPLED_ONE_IN, _DEPTH_GRAYS_MIN = 37, 12
# Lines of a colour are a second ink from this share of the first on, if they are this share of its
# contrast deep.
_SECOND_INK_SHARE_MIN, _SECOND_INK_DEPTH_SHARE = 0.15, 0.25
# A colour is called by its word if asking for that takes out this share of it. A guess. Larger:
# people have to look up what a pink is; smaller: the option takes half of it.
_DROPPED_SHARE_MIN = 0.8


def without_areas(source: Any, gray: Gray, megapixels_max: float, frame: int | None = None) -> tuple[Gray, str]:
    """The page without the areas of a felt pen, if it has an ink that is clearly not of their
    colour; and where there are two inks, both in lines, what to ask for to be rid of the coloured
    one: red, green, blue, or COLOUR where it is none of these. Else "".
    """
    again = isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(source, "__array_interface__")
    if not again or isinstance(source, str) and source == "-":
        return gray, ""
    light = read_gray(source, megapixels_max=megapixels_max, frame=frame, drop_colour=EVERY_COLOUR)
    tones = tones_of(light)
    pixels, coloured_px = gray.width * gray.height, gray.coloured * gray.width * gray.height
    ink_px = sum(histogram_of(light)[: tones.level + 1])
    if tones.contrast < _INK_CONTRAST_GRAYS_MIN or ink_px < _INK_SHARE_MIN * pixels:
        return gray, ""
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    cells, light_cells = buffers.zeros(columns * rows, "B"), buffers.zeros(columns * rows, "B")
    background.pool(gray.data, gray.width, gray.height, columns, rows, cells)
    background.pool(light.data, gray.width, gray.height, columns, rows, light_cells)
    # How deep the colour lies below its page without it: at the pixel, and over whole cells.
    sampled = sorted(other - here for here, other in zip(gray.data[::_SAMPLED_ONE_IN], light.data[::_SAMPLED_ONE_IN], strict=True))
    deep = [depth for depth in sampled if depth > _DEPTH_GRAYS_MIN]
    typical = deep[len(deep) // 2] if deep else 0
    if not typical:
        return light, ""
    whole_px = 16 * sum(other - here >= _WHOLE_SHARE * typical for here, other in zip(cells, light_cells, strict=True))
    if whole_px >= _AREA_SHARE_MIN * coloured_px:
        return light, ""
    if typical <= _SECOND_INK_DEPTH_SHARE * tones.contrast or coloured_px <= _SECOND_INK_SHARE_MIN * ink_px:
        return gray, ""
    dark = {}
    for word in ("red", "green", "blue"):
        dark[word] = _darkness(read_gray(source, megapixels_max=megapixels_max, frame=frame, drop_colour=word))
    colour = min(dark, key=dark.__getitem__)
    most = _darkness(gray)
    return gray, colour if most - dark[colour] >= _DROPPED_SHARE_MIN * (most - _darkness(light)) else "COLOUR"


def _darkness(gray: Gray) -> int:
    """How much darker than white all pixels are together."""
    return sum((255 - grey) * count for grey, count in enumerate(histogram_of(gray)))
