"""Write docs/images/demo.png: the book that `myjoe demo` leaves, closed and open, and its pages."""
from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from myjoe.settings.shared import home_folder
from myjoe_cli import demo
from myjoe_cli.storyboard import STORYBOARD

TARGET = Path(__file__).with_name("images") / "demo.png"
# The picture's width, and the room between pages, in pixels; pages in a row.
WIDTH, GAP, COLUMNS = 1600, 24, 4
GROUND = (236, 235, 232)  # the mock-up's


def picture(folder: Path) -> Image.Image:
    """The mock-up in the demo's folder, and the pages as they are printed, in their order."""
    book = Image.open(folder / "for-the-printer" / "mockup.png").convert("RGB")
    book = book.resize((WIDTH, round(book.height * WIDTH / book.width)), Image.Resampling.LANCZOS)
    width = (WIDTH - GAP * (COLUMNS + 1)) // COLUMNS
    pages = []
    for path in sorted(folder.glob("[0-9][0-9]-*.png")):
        page = Image.open(path).convert("L")
        pages.append(page.resize((width, round(page.height * width / page.width)), Image.Resampling.LANCZOS))
    height = pages[0].height + GAP
    rows = -(-len(pages) // COLUMNS)
    whole = Image.new("RGB", (WIDTH, book.height + rows * height), GROUND)
    whole.paste(book, (0, 0))
    for at, page in enumerate(pages):
        whole.paste(page, (GAP + at % COLUMNS * (width + GAP), book.height + at // COLUMNS * height))
    return whole


def main() -> None:
    """Make the book, and keep its picture."""
    with tempfile.TemporaryDirectory() as folder:
        demo.run(home_folder(), Path(folder), len(STORYBOARD), sys.stderr)
        TARGET.parent.mkdir(exist_ok=True)
        picture(Path(folder)).quantize(32).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
