"""Curves ↔ polygons: chords that keep to a tolerance, lines of polygons, and what shapely reads."""
from __future__ import annotations

from linefinish import checks
from linefinish.data.measures import areas_of
from linefinish.errors import OptionsError
from linefinish.kernels import flatten
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.geometry import Curves, Paths

    Ring = list[tuple[float, float]]

# How far a chord lies from its curve at most, in pixels, where nobody says: what tracing of greys
# knows of an edge (docs/discussion/benchmarks.md). Larger: fewer vertices, as the root of it.
TOLERANCE_PX = 0.05
# The least that may be asked for: a millionth of a pixel.
_TOLERANCE_PX_MIN = 1e-6
# Vertices that are made: 4 GB.
_VERTICES_MAX = 1 << 28


def polygons(curves: Curves, tolerance: Any) -> tuple[memoryview[float], memoryview[int], memoryview[int]]:
    """Points, offsets and signs as in `Paths`. Every end of a segment is a vertex.

    OptionsError for a tolerance that cannot be, ImageError for a coordinate that is no number.
    """
    if not checks.number(tolerance) or not tolerance >= _TOLERANCE_PX_MIN:
        raise OptionsError(f"tolerance is {checks.shown(tolerance)}; it takes a number of pixels, {_TOLERANCE_PX_MIN:g} or more")
    areas, _ = areas_of(curves)
    count = len(curves)
    offsets = buffers.zeros(count + 1, "q")
    shape = (curves.segments, curves.kinds, curves.offsets, count, tolerance, offsets)
    vertices = flatten.flatten_px(*shape, buffers.zeros(0, "d"), 0)
    if vertices > _VERTICES_MAX:
        raise OptionsError(f"a tolerance of {tolerance:g} px gives {vertices:,} vertices; {_VERTICES_MAX:,} are made at most")
    points = buffers.zeros(2 * vertices, "d", written_whole=True)
    flatten.flatten_px(*shape, points, 1)
    signs = buffers.numbers("i", *(1 if area >= 0 else -1 for area in areas))
    return points, offsets, signs


def lines(paths: Paths) -> tuple[memoryview[float], memoryview[int]]:
    """The segments and kinds, as in `Curves`, of the edges of polygons."""
    points, count = paths.points, paths.offsets[-1]
    segments = buffers.zeros(6 * count, "d", written_whole=True)
    for axis in range(2):
        ends = points[axis::2]
        segments[2 + axis :: 6] = segments[4 + axis :: 6] = ends
        if count > 1:
            segments[6 + axis :: 6] = ends[:-1]
    for begin, end in zip(paths.offsets[:-1], paths.offsets[1:]):
        segments[6 * begin : 6 * begin + 2] = points[2 * end - 2 : 2 * end]
    return segments, buffers.zeros(count, "B")


def turned_round(points: memoryview[float], offsets: memoryview[int]) -> memoryview[float]:
    """Each polygon the other way round, from the same vertex."""
    out = buffers.zeros(len(points), "d", written_whole=True)
    for begin, end in zip(offsets[:-1], offsets[1:]):
        for axis in range(2):
            own = points[2 * begin + axis : 2 * end : 2].tolist()
            out[2 * begin + axis : 2 * end : 2] = buffers.numbers("d", own[0], *own[:0:-1])
    return out


def straighten(curves: Curves) -> None:
    """Give lines the control points that `Curves` wants: their start and their end."""
    segments, kinds, offsets = curves.segments, curves.kinds, curves.offsets
    for begin, end in zip(offsets[:-1], offsets[1:]):
        before = end - 1
        for k in range(begin, end):
            if kinds[k] == 0:
                segments[6 * k : 6 * k + 2] = segments[6 * before + 4 : 6 * before + 6]
                segments[6 * k + 2 : 6 * k + 4] = segments[6 * k + 4 : 6 * k + 6]
            before = k


def geo_interface(paths: Paths) -> dict[str, Any]:
    """A MultiPolygon: every outer outline with the holes that lie in it directly; an island in a
    hole is a polygon of its own. Rings end where they begin, and holes run the other way than what
    they lie in. Outlines of fewer than three vertices enclose nothing and are left out.
    """
    from linefinish.data.nesting import outlines_of

    points, offsets = paths.points.tolist(), paths.offsets.tolist()

    def ring(index: int) -> Ring:
        flat = points[2 * offsets[index] : 2 * offsets[index + 1]]
        made = list(zip(flat[::2], flat[1::2], strict=True))
        return [*made, made[0]]

    shapes: dict[int, list[Ring]] = {}
    for outline in outlines_of(paths.to_curves()):
        if offsets[outline.index + 1] - offsets[outline.index] < 3:
            continue
        holder = outline.holder
        if outline.sign < 0 and holder is not None and holder.sign > 0:
            shapes.setdefault(holder.index, []).append(ring(outline.index))
        else:
            shapes.setdefault(outline.index, []).insert(0, ring(outline.index))
    return {"type": "MultiPolygon", "coordinates": [tuple(map(tuple, rings)) for _, rings in sorted(shapes.items())]}
