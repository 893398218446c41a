"""Input beside result, whole and enlarged, on one sheet: what to look at before believing a figure.

    python docs/make_contact_sheet.py                      docs/images/contact-sheet.png: bundled
                                                           drawings, treated in every kind of the
                                                           benchmarks
    python docs/make_contact_sheet.py FOLDER SHEET.png     every image of a folder

A sheet shows its pages, so it may be published only where all of them may: scanned pages stay
outside this repository.
"""
from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import datasets
from linefinish import FinishOptions, Gray, finish, read_gray

DOCS = Path(__file__).parent
CELL_PX, GAP_PX, LABEL_PX = 330, 6, 16
# Side of the enlarged part, in pixels of the input: three times larger on the sheet.
DETAIL_PX = 110
GROUND = 170
# So many greys show paper without steps; 256 would double the bytes.
GREYS = 48
# Which drawing shows which kind: thin strokes, solids, lettering-like detail and long curves all
# come up.
SHOWN = (
    ("clean", "fairy-godmother"), ("bilevel", "crawfish"), ("soft", "cartoon-mosquito"), ("jpeg", "celtic-knot-panel"),
    ("noise", "fingerprint"), ("generated", "delivery-van"), ("generated", "knitting-yarn"), ("shaded", "sleeping-cat"),
)  # fmt: skip


# What stands above it, the page as it is seen, what is finished, and how.
Page = tuple[str, Gray, Any, FinishOptions]


def bundled() -> Iterator[Page]:
    """Name and page of each kind."""
    drawings = datasets.drawings()
    assert {kind for kind, _ in SHOWN} == set(datasets.KINDS), "every kind is shown"
    for kind, name in SHOWN:
        gray = Gray.from_array(np.ascontiguousarray(datasets.page(drawings[name], 1024, kind)))
        yield f"{kind}: {name}", gray, gray, FinishOptions()


def of_folder(folder: Path) -> Iterator[Page]:
    """Name and page of each image."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".png", ".jpg", ".jpeg", ".tif", ".pgm"}:
            yield path.name, read_gray(path), path, FinishOptions()


def densest(ink: np.ndarray, side: int) -> tuple[int, int]:
    """Upper left corner of the square with most edges."""
    edges = np.zeros(ink.shape, np.int64)
    edges[1:] += ink[1:] != ink[:-1]
    edges[:, 1:] += ink[:, 1:] != ink[:, :-1]
    sums = np.pad(edges.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    squares = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    y, x = np.unravel_index(squares.argmax(), squares.shape)
    return int(x), int(y)


def row(label: str, gray: Gray, source: Any, options: FinishOptions) -> Image.Image:
    """Input and result in four square cells: both whole, then the same part of both enlarged. The
    result is drawn from its curves.
    """
    finished = finish(source, options)
    file = io.BytesIO()
    finished.write(file, format="svg")
    enlarged = CELL_PX // DETAIL_PX
    before = Image.fromarray(np.asarray(gray))
    after = Image.fromarray(datasets.draw(file.getvalue().decode(), gray.width * enlarged))
    side = min(DETAIL_PX, gray.width, gray.height)
    x, y = densest(np.asarray(finished.bitmap), side)
    box = (x, y, x + side, y + side)
    cells = [
        before.copy(), after.copy(), before.resize((CELL_PX, CELL_PX), Image.Resampling.NEAREST, box),
        after.resize((CELL_PX, CELL_PX), Image.Resampling.NEAREST, tuple(enlarged * value for value in box)),
    ]  # fmt: skip
    strip = Image.new("L", (4 * CELL_PX + 5 * GAP_PX, LABEL_PX + CELL_PX), GROUND)
    ImageDraw.Draw(strip).text((GAP_PX, 2), label, fill=0)
    for k, image in enumerate(cells):
        image.thumbnail((CELL_PX, CELL_PX), Image.Resampling.BOX)
        strip.paste(image, (GAP_PX + k * (CELL_PX + GAP_PX), LABEL_PX))
    return strip


def sheet(pages: Iterator[Page]) -> Image.Image:
    """All rows, one below the other."""
    strips = [row(*page) for page in pages]
    out = Image.new("L", (strips[0].width, sum(strip.height + GAP_PX for strip in strips)), GROUND)
    y = 0
    for strip in strips:
        out.paste(strip, (0, y))
        y += strip.height + GAP_PX
    return out.quantize(GREYS)


def main() -> None:
    """Write the sheet."""
    if len(sys.argv) not in (1, 3):
        sys.exit("make_contact_sheet: give a folder of images and a PNG file to write, or nothing for the bundled drawings")
    if len(sys.argv) == 3:
        pages, target = of_folder(Path(sys.argv[1])), Path(sys.argv[2])
    else:
        pages, target = bundled(), DOCS / "images" / "contact-sheet.png"
    sheet(pages).save(target, optimize=True)


if __name__ == "__main__":
    main()
