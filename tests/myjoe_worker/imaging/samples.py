"""What the tests of pictures share: an order, drawings, and files that are sound."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from myjoe.ordering.page_order import PageOrder

EXAMPLES = Path(__file__).parents[3] / "examples"
GODMOTHER = (EXAMPLES / "fairy-godmother.png").read_bytes()


def order(**fields: Any) -> PageOrder:
    return PageOrder.model_validate({"page": 1, "operations": ["raster"], "prompt": "a page", **fields})


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def drawing(width: int = 400, height: int = 500, mode: str = "L") -> Image.Image:
    image = Image.new(mode, (width, height), "white")
    ImageDraw.Draw(image).ellipse((60, 60, 340, 440), outline="black", width=8)
    return image


RING = '<circle cx="50" cy="60" r="30" fill="none" stroke="#000" stroke-width="3"/>'


def svg(body: str = RING, head: str = 'viewBox="0 0 100 120"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {head}>{body}</svg>'.encode()


SOUND = [
    encoded(drawing(200, 240)), encoded(drawing(200, 240, "RGB"), "JPEG"), encoded(drawing(200, 240, "RGB"), "WEBP"), svg(),
    svg('<style>.a{fill:none}</style><g transform="scale(2)"><path class="a" d="M1 1L40 50" style="stroke:#000"/></g>'),
]  # fmt: skip
