"""trace(): the boundary of a bitmap as closed polygons, with sub-pixel vertices from the greys."""
from __future__ import annotations

from _thread import allocate_lock

from linefinish import checks
from linefinish.data.geometry import Paths
from linefinish.data.raster import Bitmap, Gray, Levels, as_bitmap, as_gray
from linefinish.errors import InternalError, OptionsError
from linefinish.kernels import boundary, crossings
from linefinish.memory import buffers
from linefinish.options import TURN_POLICIES, checked
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.options import TurnPolicy

    # The cells in which outlines come near each other (`crossings.find_narrows`), words a row,
    # rows, and the largest error bound, in pixels, for which that holds.
    Narrows = tuple[memoryview, int, int, float]

# The level of a grey image when none is given: half way between black and white.
_LEVEL_DEFAULT = 127
# Points of a share, which one thread moves while another follows the next one. Smaller: handing
# over is felt; larger: threads wait.
_SHARE_POINTS = 16384
# Error bounds in pixels up to which curves do not meet whose edges are more than one pixel apart
# across, and more than two; greys move an edge by up to half a pixel, smoothing its middle too.
# Larger: crossings that are not seen; smaller: more to look through.
_NARROWS_ERROR_PX_MAX, _WIDE_ERROR_PX_MAX = 0.3, 0.5


@checks.keywords
def trace(
    bitmap: Bitmap | Any, gray: Gray | Any = None, levels: Levels | int | None = None, *, turn_policy: TurnPolicy = "grey", threads: int = 1
) -> Paths:
    """The outlines of the ink: one vertex for each unit edge between an ink pixel and a paper
    pixel.

    The bitmap decides what is ink and what hangs together, the greys decide where between two pixel
    centres the edge runs (linear interpolation to the level, as in marching squares). Without greys
    each vertex is the middle of its pixel edge.

    bitmap       Bitmap, or a bool array (height, width), True is ink
    gray         the image that the bitmap was cut from, of the same size, or None for 1-bit input
    levels       where paper turns to ink: Levels, a number 0–255, or None for 127
    turn_policy  one of options.TURN_POLICIES; "grey" falls back to "minority" without greys
    threads      of which one follows while the others ask the greys; the result is the same for any
                 number

    Raises ImageShapeError when the sizes differ, OptionsError for an unknown policy, level or
    number of threads.
    """
    threads = checked("threads", threads)
    return followed(Follower(bitmap, gray, levels, turn_policy), threads)


def followed(follower: Follower, threads: int, points: memoryview | None = None) -> Paths:
    """All outlines of a page that nobody has begun to follow. `points`: where their points go, f64,
    two for each crack and perhaps more; by default, fresh memory.
    """
    # The smallest boundary, a single pixel, has four cracks.
    whole = Arena(
        buffers.zeros(2 * follower.crack_count, "d", written_whole=True) if points is None else points, follower.scratch_where(),
        buffers.zeros((follower.crack_count >> 2) + 1, "q"), buffers.zeros(follower.crack_count >> 2, "i"),
    )  # fmt: skip
    if threads == 1 or not follower.has_grays or follower.crack_count < 2 * _SHARE_POINTS:
        follower.follow(whole, follower.crack_count)
        follower.place(whole, 0, whole.point_count)
    else:
        from linefinish.memory.threads import together

        following = allocate_lock()

        def work() -> None:
            begin, end = -1, 0
            while begin < end:
                with following:
                    begin = whole.point_count
                    end = follower.follow(whole, begin + _SHARE_POINTS)
                follower.place(whole, begin, end)

        together(work, threads)
    follower.check(whole.point_count)
    follower.swell(whole)
    count = whole.path_count
    return trusted(
        Paths, follower.width, follower.height, whole.points, buffers.trimmed(whole.offsets, count + 1),
        buffers.trimmed(whole.signs, count), follower.has_grays, follower.is_sharp,
    )  # fmt: skip


# Scratch of `boundary.place`.
_LANES = (6 * boundary.LANES, "B"), (boundary.LANES, "d"), (boundary.LANES, "d")


class Arena:
    """Room for outlines, and how many are in it: their points, where each crack lies, and offsets
    and signs as in `Paths`.
    """

    def __init__(self, points: memoryview, where: memoryview, offsets: memoryview, signs: memoryview) -> None:
        self.points, self.where, self.offsets, self.signs = points, where, offsets, signs
        self.path_count = self.point_count = 0


class Follower:
    """Follows the outlines of a page, as many at a time as asked for, in raster order of where they
    begin.
    """

    def __init__(self, bitmap: Bitmap | Any, gray: Gray | Any, levels: Levels | int | None, turn_policy: str) -> None:
        """The arguments of `trace`, and its errors."""
        bitmap = as_bitmap(bitmap)
        turn_policy = checked("turn_policy", turn_policy)
        self.has_grays = gray is not None
        data: Any = b""
        if gray is None:
            turn_policy = "minority" if turn_policy == "grey" else turn_policy
            levels = trusted(Levels, 0, 0, 0, b"")
        else:
            gray = as_gray(gray)
            checks.same_size(gray, bitmap)
            data = gray.data
            if not isinstance(levels, Levels):
                levels = _constant(_LEVEL_DEFAULT if levels is None else levels)
        self.width, self.height = bitmap.width, bitmap.height
        self._bitmap = bitmap
        page = buffers.apart(boundary.PAGE, "q")
        page[boundary.WIDTH], page[boundary.HEIGHT] = bitmap.width, bitmap.height
        page[boundary.CELL_PX], page[boundary.COLUMNS], page[boundary.ROWS] = levels.cell_px, levels.columns, levels.rows
        page[boundary.POLICY], page[boundary.HAS_GRAYS] = TURN_POLICIES.index(turn_policy), int(self.has_grays)
        page[boundary.INK], page[boundary.PAPER] = levels.ink, levels.paper
        self.is_sharp = levels.paper > levels.ink
        self._grays = data, levels.data, page
        self._stride = ((bitmap.width + 2) >> 6) + 1
        self._padded = buffers.scratch("trace.padded", (bitmap.height + 2) * self._stride, "Q")
        self._cracks = buffers.scratch("trace.cracks", (bitmap.height + 2) * self._stride, "Q")
        self._progress = buffers.apart(3, "q")
        self.begin()

    def begin(self) -> None:
        """Follow all outlines, or all of them once more."""
        bitmap = self._bitmap
        self.crack_count = boundary.crack_map(bitmap.words, bitmap.height, bitmap.stride, self._padded, self._stride, self._cracks)
        self._progress[0] = 1

    def begin_at(self, starts: list[int]) -> None:
        """Follow those outlines once more that begin there, in that order (see
        `kernels.curves.path_starts`), after all were followed.
        """
        for start in starts:
            self._cracks[(start >> 32) * self._stride + ((start & 0xFFFFFFFF) >> 6)] |= 1 << (start & 63)
        self._progress[0] = starts[0] >> 32

    def narrows(self, error_px: float) -> Narrows:
        """The cells of the page in which outlines come near each other, for curves that are fitted
        within that bound.
        """
        wide = not self.has_grays or error_px > _NARROWS_ERROR_PX_MAX
        stride, rows = ((self._stride + 3) >> 2) + 1, (self.height >> 2) + 1
        narrows = buffers.zeros(rows * stride, "Q")
        scratch = buffers.scratch("trace.narrows", 3 * (self._stride + 2), "Q")
        crossings.find_narrows(self._padded, self._stride, self.height, int(wide), scratch, narrows, stride)
        return narrows, stride, rows, _WIDE_ERROR_PX_MAX if wide else _NARROWS_ERROR_PX_MAX

    def check(self, point_count: int) -> None:
        """Raises InternalError unless that many points are all there are."""
        if self._progress[0] <= self.height or point_count != self.crack_count:
            raise InternalError(f"following {self.crack_count} cracks ended with {point_count} points in row {self._progress[0]}")

    def scratch_where(self) -> memoryview:
        """Scratch for where all cracks lie, which only pages with greys need."""
        return buffers.scratch("trace.where", self.crack_count if self.has_grays else 1, "q")

    def follow(self, arena: Arena, points_stop: int) -> int:
        """Add outlines to an arena until it has `points_stop` points, the middles of their cracks.
        Returns how many it has.
        """
        self._progress[1], self._progress[2] = arena.path_count, arena.point_count
        arena.path_count = boundary.follow(
            self._padded, self._stride, self._cracks, *self._grays, self._progress, points_stop,
            arena.points, arena.where, arena.offsets, arena.signs,
        )  # fmt: skip
        arena.point_count = self._progress[2]
        return arena.point_count

    def place(self, arena: Arena, begin: int, end: int) -> None:
        """Move points to where the greys cross the level. Without greys they stay."""
        if self.has_grays:
            boundary.place(*self._grays, arena.where, arena.points, begin, end, *_lanes())

    def swell(self, arena: Arena) -> None:
        """Make the small dots of an arena, whose points are in their places, as large as their
        ink.
        """
        if self.has_grays:
            gray, _, page = self._grays
            boundary.swell(self._padded, self._stride, gray, page, arena.where, arena.points, arena.offsets, arena.path_count)

    def place_samples(self, arena: Arena, points_min: int, step: int, half: int) -> None:
        """The same for every step-th point of each outline of at least points_min points, and
        `half` points on either side.
        """
        boundary.place_samples(
            *self._grays, arena.where, arena.points, arena.offsets, arena.path_count, buffers.numbers("q", points_min, step, half),
            buffers.scratch("trace.picked", boundary.LANES, "q"), *_lanes(),
        )  # fmt: skip


def _constant(level: Any) -> Levels:
    """A number as one level for the whole page; OptionsError if it is none from 0 to 255."""
    if type(level) is not int:
        level = level.item() if getattr(level, "shape", None) == () else level
        if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 <= level <= 255:
            raise OptionsError(f"levels is {checks.shown(level)}; it takes Levels, or a number from 0 to 255")
    if not 0 <= level <= 255:
        raise OptionsError(f"levels is {checks.shown(level)}; it may be 0 to 255")
    return Levels.constant(int(level))


def _lanes() -> tuple[memoryview, ...]:
    return tuple(buffers.scratch(f"trace.lanes{i}", count, code) for i, (count, code) in enumerate(_LANES))
