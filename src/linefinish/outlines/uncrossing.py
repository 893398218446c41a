"""Segments that cross another one are fitted anew: closer to their points, and where that does not
help, as the polygon of these.

The polygons of a bitmap's outlines have no point in common: each vertex lies on the line between an
ink and a paper pixel, in no other one's place, and nothing of an edge lies outside the four pixels
that it passes between. So the way from curves to polygons, segment by segment, ends without a
crossing, and nearly always after one step.
"""
from __future__ import annotations

from linefinish.data.geometry import Curves
from linefinish.kernels import curves as kernel
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # The points of some paths, asked for by their numbers: in a buffer as that of `Paths`, each
    # path's first point and how many it has.
    PointsOf = Callable[[list[int]], tuple[memoryview, list[tuple[int, int]]]]

# Times round at most. A segment is fitted anew twice, and may then meet a neighbour that was not
# concerned before; drawings need two or three, noise up to six.
_ROUNDS_MAX = 20


def refitted(
    curves: Curves, places: memoryview, marks: memoryview, bounds: memoryview, points_of: PointsOf,
    mark_crossings: Callable[[Curves, memoryview, memoryview], int],
) -> Curves:  # fmt: skip
    """Fit the marked segments anew until none crosses another.

    places     of the segments, see `kernels.curves.START_SHIFT`
    bounds     see `kernels.curves.BOUNDS`
    points_of  the points of the paths that are asked for by number, f64 (n, 2) each
    mark_crossings  marks those of the segments fitted anew that cross another one, and counts them
    """
    for _ in range(_ROUNDS_MAX):
        touched = buffers.zeros(len(curves), "B")
        if not kernel.raise_levels(curves.offsets, len(curves), marks, places, touched):
            break
        chains = [chain for chain, is_touched in enumerate(touched) if is_touched]
        curves, places = _fitted_anew(curves, places, chains, *points_of(chains), bounds)
        marks = buffers.zeros(curves.segment_count, "B")
        if not mark_crossings(curves, marks, places):
            break
    return curves


def _fitted_anew(
    curves: Curves, places: memoryview, chains: list[int], points: memoryview, paths: list[tuple[int, int]], bounds: memoryview
) -> tuple[Curves, memoryview]:
    """Curves and places with the segments of some chains fitted anew whose places say so.

    points, paths  as `PointsOf` gives them for these chains
    """
    offsets = curves.offsets
    longest = max(n for _, n in paths)
    room = sum(n for _, n in paths) + longest
    numbers = [number for chain, (begin, n) in zip(chains, paths, strict=True)
               for number in (begin, n, offsets[chain], offsets[chain + 1] - offsets[chain], 0)]  # fmt: skip
    wanted = buffers.numbers("q", len(chains), *numbers)
    way = (buffers.scratch(f"fit.{name}", 2 * longest + 2 * kernel.PAD, "d") for name in ("xs", "ys", "along"))
    new_segments, new_places = buffers.scratch("fit.segments", 6 * room, "d"), buffers.scratch("fit.places", room, "q")
    made = kernel.refit_paths(
        points, wanted, bounds, *way, buffers.scratch("fit.work", kernel.KNOTS, "d"), curves.segments, places,
        new_segments, buffers.scratch("fit.kinds", room, "B"), new_places,
    )  # fmt: skip
    count = curves.segment_count + made - sum(offsets[chain + 1] - offsets[chain] for chain in chains)
    segments, kinds = buffers.zeros(6 * count, "d", written_whole=True), buffers.zeros(count, "B", written_whole=True)
    all_places, all_offsets = buffers.zeros(count, "q", written_whole=True), buffers.zeros(len(curves) + 1, "q", written_whole=True)
    kernel.replace_chains(
        offsets, len(curves), curves.segments, places, wanted, new_segments, new_places, segments, kinds, all_places, all_offsets
    )
    return Curves(curves.width, curves.height, segments, kinds, all_offsets), all_places
