"""What colour is for: a colour to be dropped while reading, and felt pens over a black drawing.

Colour is read a second time only where a page has much of it. Everything else is read as grey at
once, and what is loaded for that does not know of this file.
"""
from __future__ import annotations

import os

from linefinish.data.raster import Gray
from linefinish.kernels import background, luma
from linefinish.memory import buffers
from linefinish.options import COLOURS, colour_checked
from linefinish.thresholds.tones import histogram_of, tones_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How far hues may be from the one that is dropped, in 1536ths of a turn. Of a name: pinks and
# oranges are red, cyan is blue. Of #rrggbb: larger takes its neighbours with it, smaller misses
# what a camera made of it.
_NAMED_HUE_REACH, _HUE_REACH = 260, 150
# Blue of graph paper and of construction pencils lies nearer to cyan than to the screen's blue.
_BLUE_TOWARDS_CYAN = 90
# Every hue there is: what `dropped` understands beside the names.
EVERY_COLOUR = "every"
_ALL_HUES = 768


def dropped(colour: str) -> Any:
    """The colour to be dropped, i64 (luma.COLOUR,) as `kernels.luma.without_colour` wants it;
    OptionsError for what is none.
    """
    header = buffers.zeros(luma.COLOUR, "q")
    if colour == EVERY_COLOUR:
        header[luma.HUE_REACH] = _ALL_HUES
        return header
    text = colour_checked("drop_colour", colour)
    red, green, blue = bytes.fromhex(COLOURS.get(text, text)[1:])
    most, chroma = max(red, green, blue), max(red, green, blue) - min(red, green, blue)
    if most == red:
        hue = 256 * (green - blue) // chroma % 1536
    else:
        hue = 512 + 256 * (blue - red) // chroma if most == green else 1024 + 256 * (red - green) // chroma
    header[luma.HUE] = hue - _BLUE_TOWARDS_CYAN if text == "blue" else hue
    header[luma.HUE_REACH] = _NAMED_HUE_REACH if text in COLOURS else _HUE_REACH
    return header


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


def without_areas(source: Any, gray: Gray, megapixels_max: float) -> tuple[Gray, bool]:
    """The page without the areas of a felt pen, if it has an ink that is clearly not of their
    colour; whether there are two inks, both in lines.
    """
    again = isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview)) or hasattr(source, "__array_interface__")
    if not again or isinstance(source, str) and source == "-":
        return gray, False
    from linefinish.readers.reading import read_gray

    light = read_gray(source, megapixels_max=megapixels_max, drop_colour=EVERY_COLOUR)
    tones = tones_of(light)
    pixels, coloured_px = gray.width * gray.height, gray.coloured * gray.width * gray.height
    ink_px = sum(histogram_of(light)[: tones.level + 1])
    if tones.contrast < _INK_CONTRAST_GRAYS_MIN or ink_px < _INK_SHARE_MIN * pixels:
        return gray, False
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    cells, light_cells = buffers.zeros(columns * rows, "B"), buffers.zeros(columns * rows, "B")
    background.pool(gray.data, gray.width, gray.height, columns, rows, cells)
    background.pool(light.data, gray.width, gray.height, columns, rows, light_cells)
    # How deep the colour lies below its page without it: at the pixel, and over whole cells.
    sampled = sorted(other - here for here, other in zip(gray.data[::_SAMPLED_ONE_IN], light.data[::_SAMPLED_ONE_IN], strict=True))
    deep = [depth for depth in sampled if depth > _DEPTH_GRAYS_MIN]
    typical = deep[len(deep) // 2] if deep else 0
    if not typical:
        return light, False
    whole_px = 16 * sum(other - here >= _WHOLE_SHARE * typical for here, other in zip(cells, light_cells, strict=True))
    if whole_px >= _AREA_SHARE_MIN * coloured_px:
        return light, False
    return gray, typical > _SECOND_INK_DEPTH_SHARE * tones.contrast and coloured_px > _SECOND_INK_SHARE_MIN * ink_px
