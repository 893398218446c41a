"""Solid areas of a mask: where squares of it are filled throughout, and how large the largest
solid black of a page is.

The library's own cleaning counts 8-connected ink and says how much it removed. Here an area is
what a square can be moved over without leaving it, and the largest is wanted by itself; so two
blacks that a stroke joins are two.
"""
from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

Cell = tuple[int, int]

# The grid on which large blacks are looked for has so many cells along the longer side: 1.1 mm on
# letter paper.
GRID_CELLS = 256
# Side of the square that must fit into a black for it to count as solid: so many strokes' widths,
# as broad strokes are no blacks, but at least and at most so many cells (3.3 and 6.6 mm on letter
# paper), as a silhouette is no stroke.
SQUARE_STROKES, SQUARE_CELLS = 1.5, (3, 6)


def largest_black_share(ink: np.ndarray, stroke_px: float) -> float:
    """The share of the page, 0 … 1, that its largest solid black takes: on a grid of cells, the
    largest of all connected squares of ink.

    ink        (height, width), bool: whether a pixel is ink
    stroke_px  the page's usual width of strokes, which are no blacks
    """
    cell = max(1, math.ceil(max(ink.shape) / GRID_CELLS))
    side_min, side_max = SQUARE_CELLS
    side = min(max(side_min, math.ceil(SQUARE_STROKES * stroke_px / cell)), side_max)
    rows, columns = ink.shape[0] // cell, ink.shape[1] // cell
    if min(rows, columns) <= side:
        return float(ink.mean())
    solid: np.ndarray = ink[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).min(axis=(1, 3))
    corners = {(int(y), int(x)) for y, x in np.argwhere(squares_within(solid, side))}
    largest = max((len(_covered(part, side)) for part in _components(corners)), default=0)
    return largest * cell * cell / ink.size


def squares_within(mask: np.ndarray, side: int) -> np.ndarray:
    """Where a square of side × side lies within the mask: erosion by the square, for each place
    that it can have.

    Takes (height, width) of bool, gives (height - side + 1, width - side + 1) of bool, each at the
    square's upper left corner. By a summed area table (Crow 1984), whatever the side.
    """
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return inside == side * side


def _components(cells: set[Cell]) -> Iterator[set[Cell]]:
    """The 4-connected components of the cells, by flood fill. Empties `cells`."""
    while cells:
        component, edge = set(), [cells.pop()]
        while edge:
            y, x = edge.pop()
            component.add((y, x))
            for neighbour in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if neighbour in cells:
                    cells.remove(neighbour)
                    edge.append(neighbour)
        yield component


def _covered(corners: set[Cell], side: int) -> set[Cell]:
    """The cells under the squares of side × side with these upper left corners."""
    return {(y + down, x + right) for y, x in corners for down in range(side) for right in range(side)}
