"""How deep each outline of a drawing lies in others: what layers for cutters and rings of polygons
are made by.
"""
from __future__ import annotations

from linefinish.data import affine
from linefinish.data.document import UNITS_PER_PX
from linefinish.data.geometry import Paths
from linefinish.data.measures import areas_of
from linefinish.data.nesting import holders_of
from linefinish.kernels import flatten
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.document import Document

# How far the polygons that are looked at may lie from their curves, in units of 1/16 px: less than
# two outlines keep apart.
_FLATNESS_UNITS = 0.1


@record
class Depths:
    """Of each outline: its number of outlines around it, the one that holds it directly or -1, and
    its signed area in square pixels.
    """

    depths: list[int]
    holders: list[int]
    areas: list[float]


def polygons_of(document: Document) -> tuple[memoryview[float], memoryview[int]]:
    """The chains of a document as polygons in pixels: points and offsets as in `Paths`."""
    count = len(document)
    offsets = buffers.zeros(count + 1, "q")
    shape = (document.segments, document.kinds, document.offsets, count, _FLATNESS_UNITS, offsets)
    points = buffers.zeros(2 * flatten.flatten(*shape, buffers.zeros(0, "d"), 0), "d")
    flatten.flatten(*shape, points, 1)
    return affine.moved(points, offsets[count], (1 / UNITS_PER_PX, 0.0, 0.0, 1 / UNITS_PER_PX, 0.0, 0.0)), offsets


def depths_of(document: Document, points: memoryview[float], offsets: memoryview[int]) -> Depths:
    """Of the chains of a document, given as polygons in pixels."""
    count = len(offsets) - 1
    paths = trusted(Paths, document.width, document.height, points, offsets, buffers.zeros(count, "i"), False, False)
    curves = paths.to_curves()
    areas, _ = areas_of(curves)
    holders = holders_of(curves, areas).tolist()
    depths = []
    for own in range(count):
        depth, holder = 0, holders[own]
        while holder >= 0:
            depth, holder = depth + 1, holders[holder]
        depths.append(depth)
    return Depths(depths, holders, list(areas))
