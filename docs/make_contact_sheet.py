"""Finish every image of a folder and put input beside result on one grey sheet: what to look at before believing a figure.

    python docs/make_contact_sheet.py FOLDER SHEET.png

Without arguments it does nothing: `make docs` runs every script here, and scanned pages are not part of this repository. A sheet shows its
pages, so it may be published only where all of them may.
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from linefinish import finish, read_gray

CELL_PX, GAP_PX, PAIRS_A_ROW = 190, 6, 5
GROUND = 170
# Sixteen greys: half the bytes, and on thumbnails of line art nobody sees it.
GREYS = 16


def pair(path: Path) -> Image.Image:
    """Input and result side by side, each within a square cell."""
    gray = read_gray(path)
    result = finish(gray).bitmap
    tile = Image.new("L", (2 * CELL_PX + GAP_PX, CELL_PX), GROUND)
    before = Image.fromarray(np.asarray(gray))
    after = Image.fromarray(np.where(np.asarray(result), 0, 255).astype(np.uint8))
    for k, image in enumerate((before, after)):
        image.thumbnail((CELL_PX, CELL_PX), Image.Resampling.BOX)
        tile.paste(image, (k * (CELL_PX + GAP_PX), 0))
    return tile


def sheet(paths: list[Path]) -> Image.Image:
    """All pairs, row by row."""
    rows = -(-len(paths) // PAIRS_A_ROW)
    wide, high = 2 * CELL_PX + 3 * GAP_PX, CELL_PX + 2 * GAP_PX
    page = Image.new("L", (PAIRS_A_ROW * wide, rows * high), GROUND)
    for i, path in enumerate(paths):
        row, column = divmod(i, PAIRS_A_ROW)
        page.paste(pair(path), (column * wide + GAP_PX, row * high + GAP_PX))
    return page.quantize(GREYS)


def main() -> None:
    """Write the sheet."""
    if len(sys.argv) != 3:
        print("no contact sheet made: name a folder of images and a PNG file to write")
        return
    paths = sorted(path for path in Path(sys.argv[1]).iterdir() if path.suffix.lower() in {".png", ".jpg", ".jpeg", ".tif", ".pgm"})
    sheet(paths).save(sys.argv[2], optimize=True)


if __name__ == "__main__":
    main()
