"""Pages put together: a contact sheet to look at, and a book to print. Takes finished pages; the
pictures are 1-bit PNGs.
"""
from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# The sheet: at most so many pages in a row, each so many pixels wide, with gaps and room for a
# title, in greys.
COLUMNS_MAX = 4
PAGE_WIDTH_PX = 420
GAP_PX = 36
TITLE_PX = 46
FONT_PX = 20
GROUND, EDGE, TEXT = 244, 206, 70
# Thumbnails of line art need few levels of grey; fewer make the file smaller and the lines rougher.
GREYS = 32


def contact_sheet(pictures: Sequence[Path], titles: Sequence[str]) -> Image.Image:
    """All pages in rows, each with its title below. All are taken to have the first one's
    proportions.
    """
    with Image.open(pictures[0]) as first:
        height = round(PAGE_WIDTH_PX * first.height / first.width)
    columns = min(COLUMNS_MAX, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = Image.new("L", (GAP_PX + columns * (PAGE_WIDTH_PX + GAP_PX), GAP_PX + rows * (height + TITLE_PX + GAP_PX // 2)), GROUND)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_PX)
    for number, (path, title) in enumerate(zip(pictures, titles, strict=True)):
        x = GAP_PX + number % columns * (PAGE_WIDTH_PX + GAP_PX)
        y = GAP_PX + number // columns * (height + TITLE_PX + GAP_PX // 2)
        with Image.open(path) as page:
            sheet.paste(page.convert("L").resize((PAGE_WIDTH_PX, height), Image.Resampling.BOX), (x, y))
        pen.rectangle((x - 1, y - 1, x + PAGE_WIDTH_PX, y + height), outline=EDGE)
        pen.text((x + PAGE_WIDTH_PX / 2, y + height + TITLE_PX / 2), title, TEXT, font, "mm")
    return sheet.quantize(GREYS)


def book(pictures: Sequence[Path], target: Path) -> None:
    """All pages as one PDF, 1 bit a pixel at their own resolution."""
    with ExitStack() as stack:
        pages = [stack.enter_context(Image.open(path)) for path in pictures]
        dpi = round(pages[0].info["dpi"][0])
        pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=dpi)
