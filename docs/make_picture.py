"""Make docs/images/before-after.png, the README's picture: `make docs`. Left the input, right the
output, below a detail of each.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from linefinish import finish, rasterize, read_gray

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "examples" / "fairy-godmother.png"
DETAIL = (36, 40, 150, 130)  # left, top, right, bottom: rays that reach only grey 120, beside a bold star
PANEL_PX, GAP_PX = 460, 12
# Drawn this many times as large as shown and averaged down: only for this picture, which a browser
# shows on a screen.
OVER = 4


def panel(image: Image.Image, box: tuple[float, ...], *, blocks: bool) -> Image.Image:
    """A part of an image, PANEL_PX wide; enlarged pixels stay visible as blocks, everything else is
    averaged.
    """
    height = round(PANEL_PX * (box[3] - box[1]) / (box[2] - box[0]))
    how = Image.Resampling.NEAREST if blocks else Image.Resampling.BOX
    return image.resize((PANEL_PX, height), how, box)


def main() -> None:
    """Write the picture."""
    gray = read_gray(SOURCE)
    before = Image.fromarray(np.asarray(gray))
    scale = -(-PANEL_PX * OVER // (DETAIL[2] - DETAIL[0]))
    drawn = rasterize(finish(gray).curves, width=gray.width * scale, height=gray.height * scale)
    after = Image.fromarray(np.where(np.asarray(drawn), 0, 255).astype(np.uint8))

    whole: tuple[Any, ...] = (0, 0, gray.width, gray.height)
    rows = [
        (panel(before, whole, blocks=False), panel(after, tuple(scale * side for side in whole), blocks=False)),
        (panel(before, DETAIL, blocks=True), panel(after, tuple(scale * side for side in DETAIL), blocks=False)),
    ]
    height = sum(row[0].height for row in rows) + 3 * GAP_PX
    picture = Image.new("L", (2 * PANEL_PX + 3 * GAP_PX, height), 200)
    top = GAP_PX
    for left_panel, right_panel in rows:
        picture.paste(left_panel, (GAP_PX, top))
        picture.paste(right_panel, (2 * GAP_PX + PANEL_PX, top))
        top += left_panel.height + GAP_PX
    picture.quantize(64).save(ROOT / "docs" / "images" / "before-after.png", optimize=True)


if __name__ == "__main__":
    main()
