"""Which holes lie in which shape of ink: for editors, which want a path for each."""
from __future__ import annotations

from linefinish.data.document import Document
from linefinish.kernels import flatten
from linefinish.memory import buffers
from linefinish.records import altered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    # left, top, right, bottom of a chain, and its polygon's first and last vertex.
    Outline = tuple[float, float, float, float, int, int]

# How far the polygons that are looked at may lie from their curves, in units of 1/16 px: less than
# two outlines keep apart.
_FLATNESS_UNITS = 0.1


def by_shape(document: Document) -> tuple[Document, list[tuple[int, int]]]:
    """The drawing with its chains in the order of shapes, each an outer outline and the holes that
    lie in it directly; and for each shape its first chain and the one after its last.

    Ink lies to the right of the way, so an outer outline encloses a positive area (y is down), a
    hole a negative one. As no two cross, a hole belongs to the smallest outer outline around it.
    """
    count = len(document)
    offsets = buffers.zeros(count + 1, "q")
    shape = (document.segments, document.kinds, document.offsets, count, _FLATNESS_UNITS, offsets)
    points = buffers.zeros(2 * flatten.flatten(*shape, buffers.zeros(0, "d"), 0), "d")
    flatten.flatten(*shape, points, 1)
    way = points.tolist()
    outlines: list[Outline] = []
    outer: list[int] = []
    for i in range(count):
        xs, ys = way[2 * offsets[i] : 2 * offsets[i + 1] : 2], way[2 * offsets[i] + 1 : 2 * offsets[i + 1] : 2]
        outlines.append((min(xs), min(ys), max(xs), max(ys), offsets[i], offsets[i + 1]))
        if sum(x * v - u * y for x, y, u, v in zip(xs, ys, xs[1:] + xs[:1], ys[1:] + ys[:1], strict=True)) >= 0:
            outer.append(i)
    holes: dict[int, list[int]] = {i: [] for i in outer}
    by_size = sorted(outer, key=lambda i: (outlines[i][2] - outlines[i][0]) * (outlines[i][3] - outlines[i][1]))
    for i in range(count):
        if i not in holes:
            x, y = way[2 * offsets[i]], way[2 * offsets[i] + 1]
            around = next((k for k in by_size if _holds(outlines[k], way, x, y)), None)
            if around is None:
                holes[i] = []  # a drawing of other hands: a path of its own
            else:
                holes[around].append(i)
    order = [chain for i, inner in sorted(holes.items()) for chain in (i, *inner)]
    ends: list[tuple[int, int]] = []
    for inner in (inner for _, inner in sorted(holes.items())):
        begin = ends[-1][1] if ends else 0
        ends.append((begin, begin + 1 + len(inner)))
    return _in_order(document, order), ends


def _holds(outline: Outline, way: Sequence[float], x: float, y: float) -> bool:
    """Whether a point lies in a polygon: a ray to the left crosses it an odd number of times."""
    left, top, right, bottom, begin, end = outline
    if not (left <= x <= right and top <= y <= bottom):
        return False
    inside = False
    u, v = way[2 * end - 2], way[2 * end - 1]
    for k in range(begin, end):
        s, t = way[2 * k], way[2 * k + 1]
        if (v > y) != (t > y) and u + (y - v) * (s - u) / (t - v) < x:
            inside = not inside
        u, v = s, t
    return inside


def _in_order(document: Document, order: list[int]) -> Document:
    segments, kinds = buffers.zeros(len(document.segments), "i"), buffers.zeros(len(document.kinds), "B")
    offsets = buffers.zeros(len(order) + 1, "q")
    made = 0
    for at, chain in enumerate(order):
        begin, end = document.offsets[chain], document.offsets[chain + 1]
        segments[6 * made : 6 * (made + end - begin)] = document.segments[6 * begin : 6 * end]
        kinds[made : made + end - begin] = document.kinds[begin:end]
        made += end - begin
        offsets[at + 1] = made
    return altered(document, segments=segments, kinds=kinds, offsets=offsets)
