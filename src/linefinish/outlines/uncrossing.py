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
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # Segments, kinds and places of a page, with room for more.
    Buffers = tuple[memoryview, memoryview, memoryview]
    # The points of some paths, asked for by their numbers, the curves and the segments' places: a
    # buffer as that of `Paths`, each path's first point and how many it has. Those are there that
    # segments to be fitted anew ask for.
    PointsOf = Callable[[list[int], Curves, memoryview], tuple[memoryview[Any], list[tuple[int, int]]]]

# Times round at most. A segment is fitted anew twice, and may then meet a neighbour that was not
# concerned before; drawings need two or three, noise up to six.
_ROUNDS_MAX = 20
# Segments of chains that are fitted anew at once, or one chain. More: memory for their points, of
# which a segment has 20 to 60; fewer: all that come after them are moved more often.
_SEGMENTS_AT_ONCE = 4096


def refitted(
    curves: Curves, room: Buffers, marks: memoryview, bounds: memoryview, points_of: PointsOf,
    larger: Callable[[int], Buffers], mark_crossings: Callable[[Curves, memoryview, memoryview], int],
) -> Curves:  # fmt: skip
    """Fit the marked segments anew until none crosses another.

    room       the buffers of the segments, their kinds and their places, see
               `kernels.curves.START_SHIFT`
    bounds     see `kernels.curves.BOUNDS`
    points_of  the points of the paths that are asked for
    larger     buffers for so many segments, and for some more
    mark_crossings  marks those of the segments fitted anew that cross another one, and counts them
    """
    page = Growing(curves, room, larger)
    for _ in range(_ROUNDS_MAX):
        curves, places = page.curves, page.places
        touched = buffers.zeros(len(curves), "B")
        if not kernel.raise_levels(curves.offsets, len(curves), marks, places, touched):
            break
        chains = _ones_in(touched.tobytes())
        while chains:
            some = _last_ones(chains, curves.offsets)
            page.fit_anew(some, *points_of(some, page.curves, page.places), bounds)
        marks = buffers.zeros(page.count, "B")
        if not mark_crossings(page.curves, page.places, marks):
            break
    return page.curves


def _ones_in(flags: bytes) -> list[int]:
    """Which of the flags are 1, of which few are."""
    found = []
    at = flags.find(1)
    while at >= 0:
        found.append(at)
        at = flags.find(1, at + 1)
    return found


def _last_ones(chains: list[int], offsets: memoryview) -> list[int]:
    """The last of the chains, which together have not too many segments, taken out of the list."""
    first = len(chains) - 1
    count = offsets[chains[first] + 1] - offsets[chains[first]]
    while first > 0 and count < _SEGMENTS_AT_ONCE:
        first -= 1
        count += offsets[chains[first] + 1] - offsets[chains[first]]
    some = chains[first:]
    del chains[first:]
    return some


class Growing:
    """Curves and their segments' places, in buffers with room for more segments."""

    def __init__(self, curves: Curves, room: Buffers, larger: Callable[[int], Buffers]) -> None:
        """`room`: the buffers that the curves begin; the others as for `refitted`."""
        self._size = curves.width, curves.height
        self._offsets = curves.offsets
        self._buffers, self._larger = room, larger
        self.count = curves.segment_count

    @property
    def curves(self) -> Curves:
        """As they are now."""
        segments, kinds, _ = self._buffers
        return trusted(Curves, *self._size, segments[: 6 * self.count], kinds[: self.count], self._offsets)

    @property
    def places(self) -> memoryview:
        """Of the segments, see `kernels.curves.START_SHIFT`."""
        return self._buffers[2][: self.count]

    def fit_anew(self, chains: list[int], points: memoryview, paths: list[tuple[int, int]], bounds: memoryview) -> None:
        """Fit those segments of some chains anew whose places say so.

        points, paths  as `PointsOf` gives them for these chains
        """
        offsets = self._offsets
        segments, _, places = self._buffers
        longest = max(n for _, n in paths)
        room = sum(n for _, n in paths) + longest + 4 * kernel.PAD
        numbers = [number for chain, (begin, n) in zip(chains, paths, strict=True)
                   for number in (begin, n, offsets[chain], offsets[chain + 1] - offsets[chain], 0)]  # fmt: skip
        wanted = buffers.numbers("q", len(chains), *numbers)
        way = (buffers.scratch(f"fit.{name}", 2 * longest + 2 * kernel.PAD, "d") for name in ("xs", "ys", "along"))
        new_segments, new_places = buffers.scratch("fit.segments", 6 * room, "d"), buffers.scratch("fit.places", room, "q")
        made = kernel.refit_paths(
            points, wanted, bounds, *way, buffers.scratch("fit.work", kernel.KNOTS, "d"), segments, places,
            new_segments, buffers.scratch("fit.kinds", room, "B"), new_places,
        )  # fmt: skip
        self._make_room(self.count + made - sum(offsets[chain + 1] - offsets[chain] for chain in chains))
        self.count = kernel.replace_chains(offsets, len(offsets) - 1, wanted, new_segments, new_places, *self._buffers)

    def _make_room(self, count: int) -> None:
        """Room for so many segments, and for some more."""
        if count > len(self._buffers[1]):
            larger = self._larger(count)
            for old, new in zip(self._buffers, larger, strict=True):
                new[: len(old)] = old
            self._buffers = larger
