"""docs/images/sheet.jpg: a photograph of a drawing, the drawing without `--sheet`, and with it.

python docs/make_sheet.py

The drawing is a bundled one; desk, light and camera are made here.
"""
from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, map_coordinates

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import datasets
from linefinish import FinishOptions, finish
from tests.linefinish.sheets.photographs import homography

DOCS = Path(__file__).parent
DRAWING = "sleeping-cat"
WIDTH, HEIGHT = 1200, 1600
# The sheet as the camera sees it, clockwise from the upper left, and its sides in mm.
CORNERS = np.array([[230.0, 330.0], [985.0, 285.0], [1120.0, 1290.0], [85.0, 1330.0]])
SHEET_MM = (210, 297)
SHOWN_PX = 400


def ink() -> np.ndarray:
    """Share of ink of an A4 page at 6 px a mm with the drawing on it."""
    width, height = (side * 6 for side in SHEET_MM)
    page = Image.new("L", (width, height), 255)
    png = resvg_py.svg_to_bytes(svg_string=datasets.drawings(None)[DRAWING], width=int(0.8 * width), background="#ffffff")
    drawn = Image.open(io.BytesIO(bytes(png))).convert("L")
    page.paste(drawn, ((width - drawn.width) // 2, (height - drawn.height) // 2))
    return 1 - np.asarray(page, np.float64) / 255


def photograph() -> np.ndarray:
    """u8 (HEIGHT, WIDTH, 3): the page on a wooden desk, with a soft shadow across it."""
    draw = np.random.default_rng(7)
    y, x = np.mgrid[0 : 2 * HEIGHT, 0 : 2 * WIDTH] / 2.0 + 0.25
    back = np.linalg.inv(homography(CORNERS))
    depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    u, v = ((back[row, 0] * x + back[row, 1] * y + back[row, 2]) / depth for row in (0, 1))
    drawn = ink()
    covered = map_coordinates(drawn, [v * drawn.shape[0], u * drawn.shape[1]], order=1, mode="nearest")[..., None]
    grain = gaussian_filter(draw.standard_normal((2 * HEIGHT, 2 * WIDTH // 40 + 1)), (3, 2)).repeat(40, 1)[:, : 2 * WIDTH]
    desk = np.array([150.0, 105.0, 66.0]) * (1 + 0.12 * grain / grain.std() * 0.5)[..., None]
    beside = np.hypot(np.maximum(abs(u - 0.505) - 0.5, 0), np.maximum(abs(v - 0.505) - 0.5, 0))
    desk *= (1 - 0.4 * np.exp(-beside / 0.012))[..., None]
    paper = np.array([248.0, 245.0, 238.0]) * (1 - covered) + 34 * covered
    rgb = np.where(((abs(u - 0.5) <= 0.5) & (abs(v - 0.5) <= 0.5))[..., None], paper, desk)
    rgb = rgb.reshape(HEIGHT, 2, WIDTH, 2, 3).mean((1, 3))
    light = 1 - 0.35 / (1 + np.exp(-(x[::2, ::2] - 0.7 * y[::2, ::2] + 100) / 90))
    rgb = gaussian_filter(rgb * light[..., None], (0.7, 0.7, 0)) + draw.normal(0, 1.6, rgb.shape)
    return np.clip(rgb + 0.5, 0, 255).astype(np.uint8)


def main() -> None:
    """Make the picture."""
    rgb = photograph()
    cells = [Image.fromarray(rgb)]
    for sheet in ("off", "auto"):
        bitmap = finish(rgb, FinishOptions(sheet=sheet)).bitmap
        cells.append(Image.fromarray(np.where(np.asarray(bitmap), 0, 255).astype(np.uint8)).convert("RGB"))
    height = SHOWN_PX * HEIGHT // WIDTH
    board = Image.new("RGB", (3 * SHOWN_PX + 20, height + 20), (170, 170, 170))
    for at, (cell, label) in enumerate(zip(cells, ("the photograph", "finished as it is", "finished with --sheet auto"), strict=True)):
        cell.thumbnail((SHOWN_PX, height), Image.Resampling.LANCZOS)
        board.paste(cell, (at * (SHOWN_PX + 10), 20))
        ImageDraw.Draw(board).text((at * (SHOWN_PX + 10) + 4, 4), label, fill=(0, 0, 0))
    board.save(DOCS / "images" / "sheet.jpg", quality=78, optimize=True)


if __name__ == "__main__":
    main()
