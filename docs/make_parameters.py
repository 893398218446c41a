"""Make the picture of docs/guides/coming-from.md: `make docs`. One row a parameter, its value
growing from left to right, over details of the bundled scan.
"""
from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from linefinish import Curves, FinishOptions, finish, rasterize, read_gray, threshold

ROOT = Path(__file__).parents[1]
CELL, ZOOM, GAP, LABEL = 240, 6, 12, 22
DETAIL = CELL // ZOOM  # pixels of the scan along a cell's side
POINT = (205, 32, 44)


def picture(curves: Curves, nodes: bool) -> Image.Image:
    """Curves enlarged, with a dot at each end of a segment or without."""
    made = Image.fromarray(np.where(np.asarray(rasterize(curves, width=CELL, height=CELL)), 0, 255).astype(np.uint8)).convert("RGB")
    if nodes:
        pen = ImageDraw.Draw(made)
        for x, y in curves.segments_array()[:, 2] * ZOOM:
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=POINT)
    return made


def enlarged(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels).convert("RGB").resize((CELL, CELL), Image.Resampling.NEAREST)


def detail(page: np.ndarray, left: int, top: int, side: int = DETAIL) -> np.ndarray:
    return np.ascontiguousarray(page[top : top + side, left : left + side])


def with_specks(gray: np.ndarray) -> np.ndarray:
    """The greys with specks of 1 to 16 pixels on the paper."""
    rng = np.random.default_rng(3)
    made = gray.copy()
    for side in (1, 1, 2, 2, 3, 3, 4):
        for _ in range(200):
            x, y = rng.integers(1, DETAIL - 6, 2)
            if (made[y - 1 : y + side + 1, x - 1 : x + side + 1] > 200).all():
                made[y : y + side, x : x + side] = 30
                break
    return made


def rows(page: np.ndarray) -> list[list[tuple[str, Image.Image]]]:
    """Cells with their labels."""
    specked = with_specks(detail(page, 440, 505))
    shape = detail(page, 72, 463)
    specks = [
        (f"speckle_area_px_max={area}", picture(finish(specked, FinishOptions(speckle_area_px_max=area)).curves, False))
        for area in (0, 4, 9)
    ]
    corners = [
        (f"corner_sharpness={sharpness:g}", picture(finish(shape, FinishOptions(corner_sharpness=sharpness)).curves, True))
        for sharpness in (2, 1, 0)
    ]
    errors = [
        (f"fit_error_px_max={error:g}", picture(finish(shape, FinishOptions(fit_error_px_max=error)).curves, True))
        for error in (0.1, 0.5, 2)
    ]
    shaded = np.rint(detail(page, 320, 130, CELL) * np.linspace(1.0, 0.2, CELL)).astype(np.uint8)
    side, offset, paper = 31, 50, 250
    ours = threshold(shaded, "bradley", window_px=side, k=offset / paper, background="off")
    thresholds = [
        ("the page, darker to the right", enlarged(shaded)),
        (f"mean less C = {offset}", enlarged(np.where(mean_less(shaded, side, offset), 0, 255).astype(np.uint8))),
        (f"bradley, k = {offset} / {paper}", enlarged(np.where(np.asarray(ours), 0, 255).astype(np.uint8))),
    ]
    return [specks, corners, errors, thresholds]


def mean_less(gray: np.ndarray, side: int, offset: int) -> np.ndarray:
    """Ink by adaptiveThreshold's rule: darker than the mean of a square around it, less C."""
    padded = np.pad(gray.astype(float), side // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    return gray <= windows.mean(axis=(2, 3)) - offset


def main() -> None:
    page = np.asarray(read_gray(ROOT / "examples" / "fairy-godmother.png"))
    cells = rows(page)
    height = len(cells) * (CELL + LABEL + GAP) - GAP
    sheet = Image.new("RGB", (3 * CELL + 2 * GAP, height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for row, line in enumerate(cells):
        top = row * (CELL + LABEL + GAP)
        for column, (label, made) in enumerate(line):
            left = column * (CELL + GAP)
            pen.text((left, top + 3), label, fill="black", font=font)
            sheet.paste(made, (left, top + LABEL))
            pen.rectangle((left, top + LABEL, left + CELL - 1, top + LABEL + CELL - 1), outline=(200, 200, 200))
    path = ROOT / "docs" / "images" / "parameters.png"
    sheet.quantize(32).save(path, optimize=True)
    print("wrote", path)


if __name__ == "__main__":
    main()
