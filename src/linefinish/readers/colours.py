"""A colour to be dropped while reading: from its name to its hue."""
from __future__ import annotations

from linefinish.kernels import luma
from linefinish.memory import buffers
from linefinish.options import COLOURS, colour_checked

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
    if isinstance(colour, str) and colour == EVERY_COLOUR:
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
