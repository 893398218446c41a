"""What a book looks like: the contact sheet, the mock-up for a shop, a sample with a watermark."""
from __future__ import annotations

import io
import math

from linefinish.book.cover import rgb
from linefinish.book.drawn import Layer, Pen, pixels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from PIL import Image

    from linefinish.book.cover import Cover
    from linefinish.book.faces import Face
    from linefinish.book.geometry import Box

# Longest side of the mock-up and of the contact sheet, in pixels: what shops show at most.
SIDE_PX = 2000
SAMPLE_PX = 1400
_GROUND, _EDGE, _TEXT = (236, 235, 232), (190, 189, 186), (70, 70, 70)
# Samples of a pixel in each direction.
_FINE = 3


def shown_page(layers: Sequence[Layer], width: int, height: int) -> np.ndarray:
    """A page in greys: uint8 (height, width), 255 is paper."""
    import numpy as np

    if not layers:
        return np.full((height, width), 255, np.uint8)
    ink = pixels(layers, width * _FINE, height * _FINE).reshape(height, _FINE, width, _FINE).mean(axis=(1, 3), dtype=np.float32)
    return np.rint(255 - 255 * ink).astype(np.uint8)


def contact_sheet(pages: Sequence[tuple[Sequence[Layer], str]], page_pt: tuple[float, float]) -> bytes:
    """All pages in reading order, recto and verso of a spread side by side, each with its number:
    PNG.
    """
    from PIL import Image, ImageDraw, ImageFont

    aspect = page_pt[1] / page_pt[0]
    spreads = len(pages) // 2 + 1
    # As many spreads in a row as make the sheet about square.
    columns = max(1, min(spreads, round(math.sqrt(spreads * aspect / 2))))
    rows = -(-spreads // columns)
    gap = 14
    width = max(12, min(300, (SIDE_PX - gap * (columns + 1)) // (2 * columns)))
    height = max(12, round(width * aspect))
    label = 18
    sheet = Image.new("L", (gap + columns * (2 * width + gap), gap + rows * (height + label + gap)), 236)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for number, (layers, told) in enumerate(pages, 1):
        spread = number // 2
        x = gap + spread % columns * (2 * width + gap) + (width if number % 2 else 0)
        y = gap + spread // columns * (height + label + gap)
        sheet.paste(Image.fromarray(shown_page(layers, width, height)), (x, y))
        pen.rectangle((x, y, x + width - 1, y + height - 1), outline=190)
        pen.text((x + width / 2, y + height + label / 2), _cut(f"{number} {told}".strip(), width // 6), 70, font, "mm")
    if max(sheet.size) > SIDE_PX:
        sheet.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    return _png(sheet)


def cover_picture(cover: Cover, height: int) -> Image.Image:
    """The whole cover as a screen shows it, so many pixels high."""
    from PIL import Image, ImageDraw

    scale = height / cover.geometry.page_pt[1]
    width = round(cover.geometry.page_pt[0] * scale)
    picture = Image.new("RGB", (width, height), rgb(cover.colour))
    if cover.picture is not None:
        left, top, right, bottom = (round(side * scale) for side in cover.picture.box_pt)
        picture.paste(cover.picture.small.resize((right - left, bottom - top)), (left, top))
    pen = ImageDraw.Draw(picture)
    for box in cover.white:
        pen.rectangle(_scaled(box, scale), fill=(255, 255, 255))
    for layers, colour in ((cover.black_layers, 0), ([cover.words], 255 if cover.words_white else 0)):
        if layers:
            mask = Image.fromarray(255 - shown_page(layers, width, height))
            picture.paste(Image.new("RGB", (width, height), (colour,) * 3), (0, 0), mask)
    return picture


def mock_up(cover: Cover | None, left: Sequence[Layer], right: Sequence[Layer], page_pt: tuple[float, float]) -> bytes:
    """The closed book, front and spine, beside an open spread: PNG, 2000 px at its longest."""
    from PIL import Image, ImageDraw, ImageFilter

    aspect = page_pt[1] / page_pt[0]
    # Three pages wide with the cover, two without, and gaps of a tenth of a page.
    pages_wide = 3.5 if cover is not None else 2.4
    page_width = round(min(SIDE_PX / pages_wide, SIDE_PX / aspect / 1.3))
    page_height = round(page_width * aspect)
    gap = round(0.12 * page_width)
    closed = None
    if cover is not None:
        front = cover.geometry.front_pt
        whole = cover_picture(cover, round(page_height * cover.geometry.page_pt[1] / (front[3] - front[1])))
        scale = whole.height / cover.geometry.page_pt[1]
        box = (cover.geometry.spine_pt[0], *front[1:])
        left_px, top_px, right_px, bottom_px = (round(side * scale) for side in box)
        closed = whole.crop((left_px, top_px, right_px, bottom_px))
        fold = round((cover.geometry.spine_pt[2] - cover.geometry.spine_pt[0]) * scale)
        closed = _shaded(closed, 0, max(fold, 2), 0.18)
    spread = Image.new("RGB", (2 * page_width, page_height), (255, 255, 255))
    for x, layers in ((0, left), (page_width, right)):
        spread.paste(Image.fromarray(shown_page(layers, page_width, page_height)).convert("RGB"), (x, 0))
    fold = round(0.07 * page_width)
    spread = _shaded(_shaded(spread, page_width, page_width + fold, 0.2), page_width - fold, page_width, 0.2, dark_end=True)
    parts = [part for part in (closed, spread) if part is not None]
    width = sum(part.width for part in parts) + gap * (len(parts) + 1)
    height = max(part.height for part in parts) + 2 * gap
    picture = Image.new("RGB", (width, height), _GROUND)
    x = gap
    for part in parts:
        shadow = Image.new("L", (width, height), 0)
        at = (x, gap, x + part.width - 1, gap + part.height - 1)
        offset = gap // 10
        ImageDraw.Draw(shadow).rectangle(tuple(side + offset for side in at), fill=110)
        picture.paste((90, 88, 84), (0, 0), shadow.filter(ImageFilter.GaussianBlur(gap / 9)))
        picture.paste(part, at[:2])
        ImageDraw.Draw(picture).rectangle(at, outline=_EDGE)
        x += part.width + gap
    if max(picture.size) != SIDE_PX:
        scale = SIDE_PX / max(picture.size)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    return _png(picture)


def sample(layers: Sequence[Layer], page_pt: tuple[float, float], face: Face) -> bytes:
    """A page with SAMPLE across it in grey, again and again: PNG, fit to be looked at only."""
    from PIL import Image

    width = round(SAMPLE_PX * min(1.0, page_pt[0] / page_pt[1]))
    height = round(width * page_pt[1] / page_pt[0])
    picture = Image.fromarray(shown_page(layers, width, height))
    side = math.hypot(*page_pt)
    pen = Pen((side, side), face)
    for row in range(9):
        for column in range(4):
            pen.line("SAMPLE", side * (column - 0.25 + 0.5 * (row % 2)) / 3, side * (row + 0.5) / 9, side / 22, "centre")
    px = round(math.hypot(width, height))
    mark = Image.fromarray(255 - shown_page([pen.layer()], px, px)).rotate(35, Image.Resampling.BICUBIC)
    x, y = (px - width) // 2, (px - height) // 2
    picture.paste(150, (0, 0), mark.crop((x, y, x + width, y + height)))
    return _png(picture)


def _shaded(picture: Image.Image, begin: int, end: int, depth: float, *, dark_end: bool = False) -> Image.Image:
    """Columns that darken towards one side, as paper at a fold."""
    import numpy as np
    from PIL import Image

    values = np.asarray(picture).astype(np.float32)
    count = end - begin
    ramp = 1 - depth * np.linspace(0 if dark_end else 1, 1 if dark_end else 0, count, dtype=np.float32)
    values[:, begin:end] *= ramp[None, :, None]
    return Image.fromarray(np.uint8(np.rint(values)))


def _scaled(box: Box, scale: float) -> tuple[float, float, float, float]:
    return box[0] * scale, box[1] * scale, box[2] * scale - 1, box[3] * scale - 1


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(1, length - 1)] + "…"


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=picture.mode == "L")
    return out.getvalue()
