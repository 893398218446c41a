"""What every image model has to hear about colouring pages, and which of its shapes comes nearest
to a page.
"""
from __future__ import annotations

import math
from collections.abc import Iterable

# Said after the page's own words: what comes first counts most with these models. Positive where it
# can be, as image models tend to draw what they are told to leave out. Under 300 characters, since
# the older Recraft models take 1000 in all.
LINE_ART = (
    "Colouring book page, clean black outlines of even width on a plain white background, closed shapes to colour in, flat, "
    "no shading, no grey, no hatching, no solid black areas, no text, no frame"
)


def line_art_prompt(prompt: str) -> str:
    """The page's words, and what makes a colouring page of them."""
    return f"{prompt.strip().rstrip('.')}. {LINE_ART}."


def nearest_shape(width: float, height: float, shapes: Iterable[str]) -> str:
    """Of shapes such as "3:4", the one whose proportions are nearest to width :
    height, by ratio.
    """

    def distance(shape: str) -> float:
        wide, high = map(int, shape.split(":"))
        return abs(math.log(width / height * high / wide))

    return min(shapes, key=distance)
