"""docs/images/strokes.png: a bundled drawing, its strokes coloured by their order, and its joints
enlarged.

python docs/make_strokes.py
"""
from __future__ import annotations

import colorsys
import io
import sys
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import datasets
from linefinish import FinishOptions, Strokes, finish

DOCS = Path(__file__).parent
DRAWING = "sleeping-cat"
PAGE_PX, SHOWN_PX, DETAIL_PX, GAP_PX = 1024, 640, 160, 12
# Widths of the lines that are drawn over the ink, in pixels of the page, and the radius of a joint.
LINE_PX, JOINT_PX = 3.0, 4.0


def coloured(strokes: Strokes, box: tuple[float, float, float, float], line_px: float, joint_px: float, ink: str) -> Image.Image:
    """A part of the page: the ink pale, the strokes in the colours of the rainbow from the first to
    the last, junctions as rings.
    """
    left, top, width, height = box
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" width="{SHOWN_PX}" '
             f'height="{SHOWN_PX * height / width:.0f}"><rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#fff"/>',
             f'<path d="{ink}" fill="#ddd"/>']  # fmt: skip
    for stroke in strokes:
        rgb = colorsys.hsv_to_rgb(0.83 * stroke.index / max(len(strokes) - 1, 1), 0.95, 0.85)
        colour = "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
        parts.append(f'<path d="{stroke.to_svg_path()}" fill="none" stroke="{colour}" stroke-width="{line_px}" stroke-linecap="round"/>')
    for x, y in strokes.junctions_array():
        parts.append(f'<circle cx="{x}" cy="{y}" r="{joint_px}" fill="none" stroke="#000" stroke-width="{joint_px / 4}"/>')
    png = resvg_py.svg_to_bytes(svg_string="\n".join([*parts, "</svg>"]), dpi=96)
    return Image.open(io.BytesIO(bytes(png))).convert("RGB")


def crowded(strokes: Strokes) -> tuple[float, float, float, float]:
    """The part of DETAIL_PX, in the page's proportions, that has the most junctions in it."""
    joints, sides = strokes.junctions_array(), np.array([DETAIL_PX, DETAIL_PX * strokes.height / strokes.width])
    around = [(int((abs(joints - place) < sides / 2).all(axis=1).sum()), *place) for place in joints.tolist()]
    _, x, y = max(around, default=(0, strokes.width / 2, strokes.height / 2))
    return x - sides[0] / 2, y - sides[1] / 2, sides[0], sides[1]


def main() -> None:
    """Make the picture."""
    gray = datasets.page(datasets.drawings(None)[DRAWING], PAGE_PX, "soft")
    finished = finish(gray, FinishOptions(centerline=True))
    strokes = finished.strokes
    assert strokes is not None
    ink = finished.curves.to_svg_path()
    whole = (0.0, 0.0, float(strokes.width), float(strokes.height))
    cells = [Image.fromarray(np.asarray(gray)).convert("RGB").resize((SHOWN_PX, round(SHOWN_PX * strokes.height / strokes.width))),
             coloured(strokes, whole, LINE_PX, JOINT_PX, ink), coloured(strokes, crowded(strokes), 0.6, 1.6, ink)]  # fmt: skip
    sheet = Image.new("RGB", (sum(cell.width for cell in cells) + 2 * GAP_PX, max(cell.height for cell in cells)), "white")
    left = 0
    for cell in cells:
        sheet.paste(cell, (left, 0))
        left += cell.width + GAP_PX
    path = DOCS / "images" / "strokes.png"
    sheet.quantize(64).save(path, optimize=True)
    print("wrote", path)


if __name__ == "__main__":
    main()
