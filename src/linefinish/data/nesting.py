"""`Outline`: one closed chain of curves, with what it encloses and which other holds it."""
from __future__ import annotations

from linefinish.data.measures import areas_of, boxes_of
from linefinish.errors import ImageError
from linefinish.kernels import flatten, nesting
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.geometry import Curves

# How far the polygons that are looked at may lie from their curves, in pixels: less than the 1/64
# px that two outlines of a tracing keep apart (kernels/crossings.py).
_FLATNESS_PX = 1 / 160
# Vertices of all those polygons: 0.4 GB. A page of a hundred megapixels has a twentieth; curves far
# larger than any page are looked at more coarsely.
_VERTICES_MAX = 1 << 24
# Coarser than this, coordinates are no place on any page.
_FLATNESS_PX_MAX = 1e100
# Entries of the table of rows, at most so many for each vertex. Smaller: longer rows to look
# through; larger: more memory.
_ENTRIES_PER_VERTEX = 4
_ROWS_MAX = 1 << 16
# Rows for each outline, which looks through one of them. Larger: more entries to sort in, which
# took most of the time where rows were as fine as edges; smaller: longer rows.
_ROWS_PER_OUTLINE = 1


@record
class Outline:
    """One closed chain of a drawing.

    index   its number in the drawing, from 0
    sign    +1 an outer outline (ink inside), -1 a hole
    depth   how many outlines hold it, one in the other: 0 lies in none. Of a tracing, even depths
            are ink and odd ones holes
    area    what it encloses in square pixels, exactly; of a hole negative
    bounds  left, top, right, bottom in pixels, exactly
    curves  it alone, on the drawing's page
    holder  the outline that holds it directly, the smallest that it lies in, or None
    """

    index: int
    sign: int
    depth: int
    area: float
    bounds: tuple[float, float, float, float]
    curves: Curves
    holder: Outline | None


def outlines_of(curves: Curves) -> list[Outline]:
    """All outlines in their order. ImageError for a coordinate that is no number."""
    areas, _ = areas_of(curves)
    boxes, holders = boxes_of(curves).tolist(), holders_of(curves, areas)
    made: dict[int, Outline] = {}
    for index in range(len(curves)):
        waiting = [index]
        while (holder := holders[waiting[-1]]) >= 0 and holder not in made:
            waiting.append(holder)
        for own in reversed(waiting):
            if own not in made:
                around = made[holders[own]] if holders[own] >= 0 else None
                made[own] = trusted(
                    Outline, own, 1 if areas[own] >= 0 else -1, around.depth + 1 if around else 0, areas[own],
                    tuple(boxes[4 * own : 4 * own + 4]), _alone(curves, own), around,
                )  # fmt: skip
    return [made[index] for index in range(len(curves))]


def holders_of(curves: Curves, areas: memoryview[float]) -> memoryview[int]:
    """Of each chain the number of the one that holds it directly, or -1, as i64 (m,)."""
    count = len(curves)
    offsets = buffers.zeros(count + 1, "q")
    chains, nothing, flatness = (curves.segments, curves.kinds, curves.offsets, count), buffers.zeros(0, "d"), _FLATNESS_PX
    vertices = flatten.flatten_px(*chains, flatness, offsets, nothing, 0)
    while vertices > max(_VERTICES_MAX, 2 * curves.segment_count):
        if flatness > _FLATNESS_PX_MAX:
            raise ImageError("a coordinate of the curves is too large to be used")
        flatness *= 4  # which halves the chords
        vertices = flatten.flatten_px(*chains, flatness, offsets, nothing, 0)
    points = buffers.zeros(2 * vertices, "d", written_whole=True)
    flatten.flatten_px(*chains, flatness, offsets, points, 1)
    holders = buffers.zeros(count, "q")
    if not count:
        return holders
    span = buffers.zeros(2, "d")
    climbed = nesting.climb(points, offsets[count], span)
    top, bottom = span
    rows_max = min(_ROWS_MAX, _ROWS_PER_OUTLINE * count)
    row_px = max(climbed / (_ENTRIES_PER_VERTEX * offsets[count]), (bottom - top) / rows_max, 1e-9)
    rows = min(int((bottom - top) / row_px) + 1, _ROWS_MAX)
    starts = buffers.zeros(rows + 1, "q")
    place = (top, 1 / row_px, rows)
    entries = nesting.sort_edges(points, offsets, count, *place, starts, buffers.zeros(0, "q"), buffers.zeros(0, "i"), 0)
    edges, owners = buffers.zeros(entries, "q"), buffers.zeros(entries, "i")
    nesting.sort_edges(points, offsets, count, *place, starts, edges, owners, 1)
    header = buffers.numbers("d", top, 1 / row_px)
    nesting.find_holders(points, offsets, count, areas, header, rows, starts, edges, owners, buffers.zeros(count, "B"), holders)
    return holders


def _alone(curves: Curves, index: int) -> Curves:
    begin, end = curves.offsets[index], curves.offsets[index + 1]
    offsets = buffers.numbers("q", 0, end - begin)
    return trusted(type(curves), curves.width, curves.height, curves.segments[6 * begin : 6 * end], curves.kinds[begin:end], offsets)
