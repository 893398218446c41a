"""outline(): a bitmap and its greys become curves at one go, in little memory and on any number of
threads.

The curves are those of `fit(trace(…))`. But a page's points take 24 bytes each and are needed for a
moment only, so the outlines of a large page are followed, placed and fitted batch by batch, each
thread in an arena of its own.
"""
from __future__ import annotations

from _thread import allocate_lock

from linefinish.checks import keywords
from linefinish.errors import InternalError
from linefinish.kernels import curves as kernel
from linefinish.kernels import roughness
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.outlines.fitting import MIDPOINTS_ERROR_PX, Roughness, bounds_for, error_px_for, fit_range, fit_whole, joined, uncrossed
from linefinish.outlines.tracing import Arena, Follower, followed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.geometry import Curves
    from linefinish.data.raster import Bitmap, Gray, Levels
    from linefinish.options import TurnPolicy
    from linefinish.outlines.fitting import Part

# Points of a page with greys from which on it is not kept whole. Larger: more memory, 24 bytes
# each; smaller: pages of 4096 px are followed twice, 5 ns a point of 35.
_WHOLE_POINTS = 1 << 18
# Points of a batch, 1.5 MB. Larger: farther caches (1-bit pages of 2048 px as a whole: 6 % longer,
# 9 % where others use the cache as well); smaller: more calls.
_BATCH_POINTS = 1 << 16
# Several threads take smaller batches, so that none waits long for another: so many each, but none
# so small that handing work over is felt (60 to 100 µs each time a thread has to be woken). 6 and
# 4096: 1.16 of one thread's speed at 2048 px where these give 1.25.
_BATCHES_PER_THREAD, _BATCH_POINTS_MIN = 3, 12288


@keywords
def outline(
    bitmap: Bitmap | Any, gray: Gray | Any = None, levels: Levels | int | None = None, *, turn_policy: TurnPolicy = "grey",
    error_px_max: float | None = None, corner_sharpness: float = 1.0, threads: int = 1,
) -> Curves:  # fmt: skip
    """The outlines of the ink as lines and cubics: what `fit(trace(…), …)` makes of these
    arguments, and its errors.
    """
    error_px_max = checked("fit_error_px_max", error_px_max, "error_px_max")
    corner_sharpness, threads = checked("corner_sharpness", corner_sharpness), checked("threads", threads)
    outlines = Outlines(bitmap, gray, levels, turn_policy=turn_policy, threads=threads)
    return outlines.fit(error_px_max, corner_sharpness)


class Outlines:
    """The outlines of a page, followed as far as its memory allows: whole where it is small, else
    once to know how rough they are.
    """

    def __init__(self, bitmap: Bitmap | Any, gray: Gray | Any, levels: Levels | int | None, *, turn_policy: str, threads: int) -> None:
        self._threads = threads
        self._follower = follower = Follower(bitmap, gray, levels, turn_policy)
        self._error_px = MIDPOINTS_ERROR_PX
        self._paths = None
        if follower.has_grays and follower.crack_count <= _WHOLE_POINTS:
            self._points = buffers.lent("outline.whole", 2 * follower.crack_count, "d")
            self._paths = followed(follower, threads, self._points)
            self._error_px = error_px_for(self._paths)
            del self._follower
        elif follower.has_grays:
            self._error_px = _error_px_for(follower)
            follower.begin()
        self._narrows = follower.narrows(self._error_px)

    def fit(self, error_px_max: float | None, corner_sharpness: float) -> Curves:
        """The curves, as `fitting.fit` makes them. To be called once: what the page's greys take is
        let go of on the way.
        """
        error_px = self._error_px if error_px_max is None else error_px_max
        if self._paths is not None:
            curves = fit_whole(self._paths, error_px, corner_sharpness, self._threads, self._narrows)
            buffers.returned("outline.whole", self._points)
            del self._paths, self._points
            return curves
        follower = self._follower
        del self._follower
        size = follower.width, follower.height
        bounds = bounds_for(error_px, corner_sharpness, size, has_grays=follower.has_grays)
        parts, starts, whole = _fitted(follower, bounds, self._threads)
        points_of = _Again(follower, starts).points_of if whole is None else whole.points_of
        return uncrossed(*joined(*size, parts), bounds, self._narrows, points_of)


def _fitted(follower: Follower, bounds: memoryview, threads: int) -> tuple[list[Part], list[memoryview], _Whole | None]:
    """Follow, place and fit a page in batches, whose curves come in the order of their outlines,
    and where these begin. And the outlines, where they were one batch of one thread.
    """
    batch = _BATCH_POINTS
    if threads > 1:
        batch = min(max(follower.crack_count // (_BATCHES_PER_THREAD * threads), _BATCH_POINTS_MIN), batch)
    parts: dict[int, Part] = {}
    starts: dict[int, memoryview] = {}
    following = allocate_lock()
    begun = points = 0
    whole: _Whole | None = None

    def work() -> None:
        nonlocal begun, points, whole
        arena = _arena(follower, batch)
        while True:
            with following:
                arena.path_count = arena.point_count = 0
                # The first of several threads' is short, so that nobody waits long for the second.
                end = follower.follow(arena, batch if begun or threads == 1 else batch >> 1)
                number = begun
                begun += 1
                points += end
            if end == 0:
                return
            follower.place(arena, 0, end)
            follower.swell(arena)
            starts[number] = buffers.zeros(arena.path_count, "q")
            kernel.path_starts(arena.points, arena.offsets, arena.path_count, starts[number])
            parts[number] = fit_range(arena.points, arena.offsets, 0, arena.path_count, bounds)
            if threads == 1 and end == follower.crack_count:
                whole = _Whole(arena)
                return

    if threads == 1:
        work()
    else:
        from linefinish.memory.threads import together  # 0.1 ms that only who asks for threads pays

        together(work, threads)
    follower.check(points)
    return [parts[number] for number in range(len(parts))], [starts[number] for number in range(len(parts))], whole


# Points on either side of a segment that its fit asks for; and of an outline of which all are moved
# to their places.
_AROUND, _PLACED_WHOLE = kernel.PAD, 1 << 10


class _Whole:
    """Outlines that still lie in their arena."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena

    def points_of(self, wanted: list[int], _curves: Curves, _places: memoryview) -> tuple[memoryview, list[tuple[int, int]]]:
        """The points of all outlines; of some, each one's first point and how many."""
        offsets = self._arena.offsets
        return self._arena.points, [(offsets[path], offsets[path + 1] - offsets[path]) for path in wanted]


class _Again:
    """Outlines that are needed once more: only those are followed again, and of long ones only what
    is needed is placed.
    """

    def __init__(self, follower: Follower, starts: list[memoryview]) -> None:
        """`starts`: of all outlines, batch by batch, see `curves.path_starts`."""
        self._follower = follower
        self._starts = starts

    def points_of(self, wanted: list[int], curves: Curves, places: memoryview) -> tuple[memoryview, list[tuple[int, int]]]:
        """The points of some outlines, side by side; of each its first point and how many."""
        follower = self._follower
        follower.begin_at(self._starts_of(wanted))
        arena = _arena(follower, 4 * len(wanted))
        follower.follow(arena, follower.crack_count)
        if arena.path_count != len(wanted):
            raise InternalError(f"of {len(wanted)} outlines {arena.path_count} were found again")
        ways = [(arena.offsets[i], arena.offsets[i + 1] - arena.offsets[i]) for i in range(len(wanted))]
        if follower.has_grays:
            for chain, (begin, n) in zip(wanted, ways, strict=True):
                own = places[curves.offsets[chain] : curves.offsets[chain + 1]]
                for first, last in [(0, n)] if n <= _PLACED_WHOLE else _needed(n, own):
                    follower.place(arena, begin + first, begin + last)
            follower.swell(arena)
        return arena.points, ways

    def _starts_of(self, wanted: list[int]) -> list[int]:
        """Where the outlines of these numbers, in order, begin."""
        found = []
        first = number = 0
        for path in wanted:
            while path >= first + len(self._starts[number]):
                first += len(self._starts[number])
                number += 1
            found.append(self._starts[number][path - first])
        return found


def _needed(n: int, places: memoryview) -> list[tuple[int, int]]:
    """The points of an outline of n that are asked for when segments with these places are fitted
    anew: ranges of them in order, of which no two have one in common.
    """
    starts = [place >> kernel.START_SHIFT for place in places]
    starts += [start + n for start in starts] + [starts[0] + 2 * n]
    ranges = []
    for k, place in enumerate(places):
        if place & kernel.ANEW:  # with its neighbours, whose ends may move
            first = (starts[k - 1] if k else starts[len(places) - 1] - n) - _AROUND
            count = starts[k + 2] + _AROUND + 1 - first
            if count >= n:
                return [(0, n)]
            first %= n
            ranges += [(first, min(first + count, n)), (0, max(first + count - n, 0))]
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged


def _error_px_for(follower: Follower) -> float:
    """The error bound that suits a page that does not fit an arena: one time round its outlines,
    with few of its points placed.
    """
    rough = Roughness(follower.crack_count, sharp=follower.is_sharp)
    arena = _arena(follower, _BATCH_POINTS)
    points = 0
    while True:
        arena.path_count = arena.point_count = 0
        end = follower.follow(arena, _BATCH_POINTS)
        if end == 0:
            break
        points += end
        follower.place_samples(arena, roughness.POINTS_MIN, rough.step, roughness.HALF)
        rough.ask(arena.points, arena.offsets, arena.path_count)
    follower.check(points)
    return rough.error_px


def _arena(follower: Follower, points: int) -> Arena:
    """Room for a batch of outlines. One may be as long as all of the page, but memory that is not
    touched costs nothing.
    """
    paths = min(points, follower.crack_count) // 4 + 1  # a single pixel has four points
    return Arena(
        buffers.scratch("outline.points", 2 * follower.crack_count, "d"), follower.scratch_where(),
        buffers.scratch("outline.offsets", paths + 1, "q"), buffers.scratch("outline.signs", paths, "i"),
    )  # fmt: skip
