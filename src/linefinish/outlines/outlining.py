"""outline(): a bitmap and its greys become curves at one go, in little memory and on any number of
threads.

The curves are those of `fit(trace(…))`. But a page's points take 24 bytes each and are needed for a
moment only, so the outlines of a large page are followed, placed and fitted batch by batch, each
thread in an arena of its own.
"""
from __future__ import annotations

from _thread import allocate_lock

from linefinish.errors import InternalError
from linefinish.kernels import roughness
from linefinish.memory import buffers
from linefinish.outlines.fitting import MIDPOINTS_ERROR_PX, Roughness, bounds_for, fit, fit_range, joined, uncrossed
from linefinish.outlines.tracing import Arena, Follower, followed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.geometry import Curves
    from linefinish.data.raster import Bitmap, Gray, Levels
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


def outline(
    bitmap: Bitmap | Any, gray: Gray | Any = None, levels: Levels | int | None = None, *, turn_policy: str = "grey",
    error_px_max: float | None = None, corner_sharpness: float = 1.0, threads: int = 1,
) -> Curves:  # fmt: skip
    """The outlines of the ink as lines and cubics: what `fit(trace(…), …)` makes of these
    arguments, and its errors.
    """
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
            self._paths = followed(follower, threads)
        elif follower.has_grays:
            self._error_px = _error_px_for(follower)
            follower.begin()

    def fit(self, error_px_max: float | None, corner_sharpness: float) -> Curves:
        """The curves, as `fitting.fit` makes them. To be called once: what the page's greys take is
        let go of on the way.
        """
        if self._paths is not None:
            return fit(self._paths, error_px_max=error_px_max, corner_sharpness=corner_sharpness, threads=self._threads)
        follower = self._follower
        del self._follower
        size = follower.width, follower.height
        bounds = bounds_for(self._error_px if error_px_max is None else error_px_max, corner_sharpness, size, has_grays=follower.has_grays)
        parts = _fitted(follower, bounds, self._threads)
        return uncrossed(*joined(*size, parts), bounds, _Again(follower).points_of)


def _fitted(follower: Follower, bounds: memoryview, threads: int) -> list[Part]:
    """Follow, place and fit a page in batches, whose curves come in the order of their outlines."""
    batch = _BATCH_POINTS
    if threads > 1:
        batch = min(max(follower.crack_count // (_BATCHES_PER_THREAD * threads), _BATCH_POINTS_MIN), batch)
    parts: dict[int, Part] = {}
    following = allocate_lock()
    begun = points = 0

    def work() -> None:
        nonlocal begun, points
        arena = _arena(follower, batch)
        while True:
            with following:
                arena.path_count = arena.point_count = 0
                # The first one is short, so that nobody waits long for the second.
                end = follower.follow(arena, batch if begun else batch >> 1)
                number = begun
                begun += 1
                points += end
            if end == 0:
                return
            follower.place(arena, 0, end)
            follower.swell(arena)
            parts[number] = fit_range(arena.points, arena.offsets, 0, arena.path_count, bounds)

    if threads == 1:
        work()
    else:
        from linefinish.memory.threads import together  # 0.1 ms that only who asks for threads pays

        together(work, threads)
    follower.check(points)
    return [parts[number] for number in range(len(parts))]


class _Again:
    """Outlines that are needed once more: they are followed again, and kept."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._kept: dict[int, memoryview] = {}

    def points_of(self, wanted: list[int]) -> tuple[memoryview, list[tuple[int, int]]]:
        """The points of some outlines, side by side; of each its first point and how many."""
        self._find(set(wanted).difference(self._kept))
        ways = [self._kept[path] for path in wanted]
        points = buffers.zeros(sum(map(len, ways)), "d", written_whole=True)
        found, at = [], 0
        for way in ways:
            points[at : at + len(way)] = way
            found.append((at >> 1, len(way) >> 1))
            at += len(way)
        return points, found

    def _find(self, waiting: set[int]) -> None:
        """Follow all outlines up to the last that is waited for, and keep those."""
        follower = self._follower
        if not waiting:
            return
        follower.begin()
        arena = _arena(follower, _BATCH_POINTS)
        number = 0
        while waiting:
            arena.path_count = arena.point_count = 0
            if follower.follow(arena, _BATCH_POINTS) == 0:
                raise InternalError(f"outlines {sorted(waiting)} were not found again")
            here = sorted(waiting.intersection(range(number, number + arena.path_count)))
            ways = [(arena.offsets[path - number], arena.offsets[path - number + 1]) for path in here]
            for way in ways:
                follower.place(arena, *way)
            follower.swell(arena)
            for path, (begin, end) in zip(here, ways, strict=True):
                self._kept[path] = buffers.copied(arena.points[2 * begin : 2 * end])
            waiting.difference_update(here)
            number += arena.path_count


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
