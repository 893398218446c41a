"""Numbered pages, and what a renderer that is not ours makes of sheets."""
from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.linefinish.book.conftest import finished, images  # noqa: F401  # fixtures

BITS = 8
# A number is read at two levels: a page that stands on its head is read as none.
_CELLS = BITS + 2


def numbered(count: int, size: tuple[float, float] = (612.0, 792.0)) -> bytes:
    """Pages that say their number, from 1 on, in a column of squares: black, the bits from the
    highest down, white.
    """
    whole = io.BytesIO()
    canvas = Canvas(whole, pagesize=size)
    side = size[1] / (_CELLS + 2)
    for number in range(1, count + 1):
        for row, bit in enumerate([1, *(number >> shift & 1 for shift in range(BITS - 1, -1, -1)), 0]):
            if bit:
                canvas.rect(size[0] / 2 - side, size[1] - (row + 2) * side, 2 * side, side, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return whole.getvalue()


def number_of(page: Any) -> int:
    """The number that a page of grey pixels shows; 0 if it is blank, -1 if it does not stand
    upright.
    """
    dark = page < 128
    if not dark.any():
        return 0
    height, width = page.shape
    cells = [dark[int((row + 1.5) / (_CELLS + 2) * height), width // 2] for row in range(_CELLS)]
    return sum(int(bit) << shift for shift, bit in zip(range(BITS - 1, -1, -1), cells[1:-1])) if cells[0] and not cells[-1] else -1


def rendered(source: Path | bytes, dpi: float = 36.0) -> list[Any]:
    """The pages as pdfium draws them, in grey."""
    document = pypdfium2.PdfDocument(source)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy() for page in document]
    finally:
        document.close()


def leafed(sides: list[Any], signatures: tuple[int, ...], duplex: str) -> list[int]:
    """The numbers in the order in which a reader of the folded sheets meets them.

    The printer turns a sheet about an edge. A reader turns leaves about the fold, which runs from
    top to foot: where the printer turned it about another axis, the back then stands upside down.
    """
    height, width = sides[0].shape
    is_axis_upright = (duplex == "long-edge") == (height > width)
    middle, first, read = width // 2, 0, []
    for pages in signatures:
        sheets = []
        for at in range(first, first + pages // 2, 2):
            front, back = sides[at], sides[at + 1]
            sheets.append((front, back if is_axis_upright else back[::-1, ::-1]))
        for front, back in sheets:
            read += [front[:, middle:], back[:, :middle]]
        for front, back in reversed(sheets):
            read += [back[:, middle:], front[:, :middle]]
        first += pages // 2
    return [number_of(page) for page in read]


@pytest.fixture
def book_of(tmp_path: Path) -> Callable[..., Path]:
    """Writes numbered pages."""

    def write(count: int, size: tuple[float, float] = (612.0, 792.0)) -> Path:
        path = tmp_path / f"pages-{count}.pdf"
        path.write_bytes(numbered(count, size))
        return path

    return write
