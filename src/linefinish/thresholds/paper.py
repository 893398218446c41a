"""The paper under the drawing: whether it is even, and what divides it out."""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.kernels import background as background_kernels
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import shadows as shadow_kernels
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Half side of the closing in cells of 4 px, for each 1024 px of the long side. Larger: narrow
# washes stay; smaller: broad grey strokes are taken for a wash. A guess that held: strokes of 28 px
# at 1024.
_CLOSING_CELLS_PER_1024 = 3
# A shadow may lie on the page if one cell in so many at its border is dark. Larger: narrow shadows
# stay ink; smaller: more pages, with strokes that run off the border, are asked in vain. A guess: a
# shadow over half a short side is 1 in 10.
_DARK_BORDER_CELLS_ONE_IN = 32


def paper_cells(gray: Gray, floor: int) -> tuple[Any, int, int]:
    """The paper under everything: (u8 cells, columns, rows), one for each 4 × 4 px. Darker than
    `floor` is ink, except in shadows.
    """
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    pooled, cells = buffers.zeros(columns * rows, "B"), buffers.zeros(columns * rows, "B")
    background_kernels.pool(gray.data, gray.width, gray.height, columns, rows, pooled)
    background_kernels.drop_solids(pooled, columns, rows, floor, cells)
    radius = max(2, (max(gray.width, gray.height) * _CLOSING_CELLS_PER_1024 + 512) >> 10)
    padded = (columns + 2 * radius) * (rows + 2 * radius)
    scratch = buffers.zeros(padded, "B"), buffers.zeros(padded, "B")
    if shadow_kernels.dark_at_border(pooled, columns, rows, floor) * _DARK_BORDER_CELLS_ONE_IN > 2 * (columns + rows):
        _keep_shadows(pooled, columns, rows, floor, radius, scratch, cells)
    background_kernels.close_cells(cells, columns, rows, radius, *scratch)
    if background_kernels.fill_unknown(cells, columns, rows, buffers.zeros(columns * rows, "i")) == 0:
        cells[:] = bytes([255]) * (columns * rows)
    return cells, columns, rows


def _keep_shadows(pooled: Any, columns: int, rows: int, floor: int, radius: int, scratch: tuple[Any, Any], cells: Any) -> None:
    """Put back into `cells` what was dropped as solid but lies in a shadow that falls on the page
    from its border.
    """
    closed, marks = buffers.zeros(columns * rows, "B"), buffers.zeros(columns * rows, "B")
    closed[:] = pooled
    background_kernels.close_cells(closed, columns, rows, radius, *scratch)
    if shadow_kernels.find_shadows(closed, columns, rows, floor, buffers.zeros(columns * rows, "i"), marks):
        shadow_kernels.keep_shadows(pooled, marks, columns * rows, cells)


# Greys by which paper may differ from the page's most common one and still count as even. Smaller:
# sensor noise (sigma 12) makes pages uneven; larger: washes of 240 stay, which move an edge by a
# twentieth of a pixel.
_EVEN_GRAYS_MAX = 14
# The page is uneven if one cell in so many is. Measured share of such cells: 0 to 1.2 % on even
# pages (the latter with noise), 4 to 50 % on toned paper, 9 to 25 % with washes. Larger: dust and
# noise make a page uneven, which costs time only.
_UNEVEN_CELLS_ONE_IN = 64


def is_uneven(cells: Any, columns: int, rows: int) -> bool:
    """Whether more of the page's paper than noise explains differs from its most common grey."""
    bins = buffers.zeros(1024, "i")
    histogram_kernels.count_levels(cells, columns * rows, bins)
    papers = bins[:256].tolist()
    common = max(range(256), key=lambda gray: (sum(papers[max(gray - 2, 0) : gray + 3]), papers[gray]))
    even = sum(papers[max(common - _EVEN_GRAYS_MAX, 0) : common + _EVEN_GRAYS_MAX + 1])
    return (columns * rows - even) * _UNEVEN_CELLS_ONE_IN > columns * rows


def divided(gray: Gray, cells: Any, columns: int, rows: int) -> Gray:
    """The page with its paper made white: each pixel in proportion to the paper under it."""
    out = buffers.zeros(gray.width * gray.height, "B")
    gains = buffers.zeros(256 + 2 * columns + 2 * gray.width, "i")
    background_kernels.divide(gray.data, gray.width, gray.height, cells, columns, rows, gains, out)
    return Gray(gray.width, gray.height, out, gray.dpi)
