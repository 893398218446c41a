"""fit(): polygons of edge points become few lines and cubic Béziers."""
from __future__ import annotations

from linefinish import checks
from linefinish.data.geometry import Curves, Paths
from linefinish.kernels import crossings, roughness
from linefinish.kernels import curves as kernel
from linefinish.memory import buffers
from linefinish.options import checked
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.outlines.tracing import Narrows
    from linefinish.outlines.uncrossing import PointsOf

    # Segments, kinds and offsets as in `Curves`, of a run of paths, and the segments' places.
    Part = tuple[memoryview, memoryview, memoryview, memoryview]
    # Segments, kinds and places of a page, with room for more.
    Buffers = tuple[memoryview, memoryview, memoryview]

# Largest distance of a traced edge point from its curve, in pixels. Larger: fewer segments, rounder
# small detail; smaller: truer. Smooth edges get _ERROR_PX_MIN; rough ones (noise, JPEG, enlarged
# images) as much more as the bound needs to stay above their wobble, or every wave would become a
# segment. Measured at 1024 px, segments against potrace's, with 0.2 px for all and with this rule:
# noise 1.97 → 0.8, faint 2.75 → 1.3, upscaled 6.7 → 1.3, and their edges no worse.
_ERROR_PX_MIN, _ERROR_PX_MAX = 0.18, 0.5
_ERROR_PX_SMOOTH, _ERROR_PER_ROUGHNESS = 0.05, 6.5
# No more than this where a page was not blurred and what passes for rough is small print, of which
# half a pixel is much. Larger: the stems of letters 12 px high lose a third of their ink.
_ERROR_PX_SHARP_MAX = 0.2
# Print is all corners: one in ten points is farther than this from the smoothed outline, in pixels.
# Letters of 9 to 40 px have 0.28 to 0.5; pages that were sharpened and enlarged twice, which have
# as sharp a rim and wobble all along, 0.21 to 0.24. Larger: letters of 24 px get round; smaller:
# such pages get ten times the segments.
_PRINT_ROUGHNESS_PX = 0.26
# Wobble is at least so rough, in the median: such pages have 0.065 to 0.12, clean hairlines 0.03.
# Smaller: hairlines of clean pages lose their weight; larger: enlarged pages get too many segments.
_WOBBLE_PX_MIN = 0.05
# The same for midpoints of pixel edges, of their softened outline. Below half a pixel, or the
# fitted edge passes pixels' centres: at
# 0.65 px and without softening a church with long upright walls differed from its own pixels in
# 575, libpotrace's in 361; now in 306.
MIDPOINTS_ERROR_PX = 0.45
# A depth that no corner reaches, in pixels.
_NO_CORNERS = 1e9
# Least points of a range, which one thread fits at a time, about 0.2 ms, and ranges a thread. More
# and smaller ones: handing over is felt (4,000 and 6: no gain on pages of 2048 px, where these give
# 1.14); fewer: one thread waits for another.
_POINTS_PER_RANGE = 8_000
_RANGES_PER_THREAD = 3
# Points that are asked for the roughness; 4,000 give its median to 2 %, and 20,000 took 10 ns a
# crack of a page that has as many.
_ROUGHNESS_SAMPLES = 4_000
# Root mean square distance that a segment's points may have, as a part of the error bound. Without
# it a curve may lie off by nearly the bound all along: straight edges sag, discs turn egg-shaped.
# Greys at 1024 px, edge and segments against potrace's: none 0.045 px and 0.70, 0.4 0.041 and 0.76,
# 0.33 0.037 and 0.90. Midpoints are 0.29 px off by nature.
_SPREAD_PER_ERROR_GRAY, _SPREAD_PER_ERROR_MIDPOINTS = 0.4, 0.5
# Spread of an arm's points around its line, in pixels, root mean square, as a part of the error
# bound, but not more than the second: how sharp a corner is does not depend on how far a curve may
# stray. At potrace's own error on eight clean drawings, segments against its: 0.56 without the
# second, 0.45 at 0.25 px, 0.44 at 0.15. Smaller: fewer corners on rough edges. Midpoints are half a
# pixel off by nature.
_ARM_SPREAD_PER_ERROR, _ARM_SPREAD_PX_MAX, _ARM_SPREAD_PX_MIDPOINTS = 0.5, 0.15, 0.325
# Rows of cells up to beyond any page: the last band has all that are left.
_ALL_ROWS = 1 << 30
# Pieces of curves that there is room for at most, 2.5 MB, and at first for so many more than are
# likely; and places of pieces in cells for each piece. Fewer: begun more than once.
_PIECES_MAX, _SPARE_PIECES, _NODES_PER_PIECE = 1 << 15, 500, 5
# Entries of the hash table of the grid for each piece, or for each segment that is held against the
# pieces of a few, and at most, 128 KB. Fewer: more pairs to tell apart.
_CELLS_PER_PIECE, _CELLS_PER_OTHER, _CELLS_MIN, _CELLS_MAX = 2, 2, 1 << 11, 1 << 15
# Room for segments that fitting anew adds, as a part of those there are, and at least. Less: all
# are moved more often; more: nothing, as memory that is not touched is none.
_SPARE_PART, _SPARE_MIN = 4, 64
# Depth of a corner as a multiple of the arm's spread: a smooth arc reaches 6.7 at any radius (see
# kernels/curves.py).
_DEPTH_PER_SPREAD = 9.0


@checks.keywords
def fit(paths: Paths, *, error_px_max: float | None = None, corner_sharpness: float = 1.0, threads: int = 1) -> Curves:
    """Lines and cubics that stay within `error_px_max` pixels of the vertices of `paths`.

    error_px_max      None: 0.18 to 0.5 px by the roughness of the outline where its vertices come
                      from greys, else 0.45 px
    corner_sharpness  0 rounds every corner, 1 keeps those that are clearly none of a smooth curve,
    2 keeps faint ones too
    threads           paths are independent; the result is the same for any number

    Raises OptionsError for numbers that these cannot be, ImageShapeError for what is no `Paths`.
    """
    checks.instance(paths, Paths, "paths")
    error_px_max = checked("fit_error_px_max", error_px_max, "error_px_max")
    corner_sharpness, threads = checked("corner_sharpness", corner_sharpness), checked("threads", threads)
    return fit_whole(paths, error_px_max if error_px_max is not None else error_px_for(paths), corner_sharpness, threads, None)


def fit_whole(paths: Paths, error_px_max: float, corner_sharpness: float, threads: int, narrows: Narrows | None) -> Curves:
    """`fit` of the paths of a page, of which is known where they come near each other, or not."""
    size = paths.width, paths.height
    bounds = bounds_for(error_px_max, corner_sharpness, size, has_grays=paths.grey)
    ranges = _ranges(paths, threads)
    parts: dict[int, Part] = {}
    waiting = sorted(range(len(ranges)), key=lambda i: paths.offsets[ranges[i][0]] - paths.offsets[ranges[i][1]])

    def work() -> None:
        while waiting:
            try:
                i = waiting.pop(0)  # the longest first, so that none is begun last
            except IndexError:  # another thread was faster
                return
            parts[i] = fit_range(paths.points, paths.offsets, *ranges[i], bounds)

    if threads == 1:
        work()
    else:
        from linefinish.memory.threads import together

        together(work, min(threads, len(ranges)))
    points, offsets = paths.points, paths.offsets
    return uncrossed(
        *joined(*size, [parts[i] for i in range(len(ranges))]), bounds, narrows,
        lambda wanted, _curves, _places: (points, [(offsets[path], offsets[path + 1] - offsets[path]) for path in wanted]),
    )  # fmt: skip


def bounds_for(error_px_max: float, corner_sharpness: float, size: tuple[int, int], *, has_grays: bool) -> memoryview:
    """What the fitter is bound by (see `kernels.curves.fit_paths`) on a page of that width and
    height, for vertices from greys or middles of pixel edges.
    """
    arm_spread = min(_ARM_SPREAD_PER_ERROR * error_px_max, _ARM_SPREAD_PX_MAX) if has_grays else _ARM_SPREAD_PX_MIDPOINTS
    bounds = buffers.apart(kernel.BOUNDS, "d")
    bounds[kernel.ERROR] = error_px_max
    bounds[kernel.SPREAD] = (_SPREAD_PER_ERROR_GRAY if has_grays else _SPREAD_PER_ERROR_MIDPOINTS) * error_px_max
    bounds[kernel.ARM_SPREAD] = arm_spread
    bounds[kernel.DEPTH] = _DEPTH_PER_SPREAD * arm_spread / corner_sharpness if corner_sharpness > 0 else _NO_CORNERS
    bounds[kernel.MIDPOINTS] = 0.0 if has_grays else 1.0
    bounds[kernel.WIDTH], bounds[kernel.HEIGHT] = size
    return bounds


def fit_range(points: memoryview[Any], offsets: memoryview, first: int, last: int, bounds: memoryview) -> Part:
    """Fit the paths from `first` to before `last`."""
    begins = offsets[first : last + 1].tolist()
    longest = max(map(int.__sub__, begins[1:], begins), default=0)
    point_count = begins[-1] - begins[0]
    xs, ys, along = (buffers.scratch(f"fit.{name}", 2 * longest + 2 * kernel.PAD, "d") for name in ("xs", "ys", "along"))
    work = buffers.scratch("fit.work", kernel.KNOTS + 3 * longest, "d")
    segments = buffers.scratch("fit.segments", 6 * point_count, "d")
    kinds = buffers.scratch("fit.kinds", point_count, "B")
    places = buffers.scratch("fit.places", point_count, "q")
    segment_offsets = buffers.apart(last - first + 1, "q")
    made = kernel.fit_paths(
        points, offsets[first : last + 1], last - first, bounds, xs, ys, along, work, segments, kinds, places, segment_offsets,
    )  # fmt: skip
    return buffers.settled(segments, 6 * made), buffers.settled(kinds, made), segment_offsets, buffers.settled(places, made)


def _ranges(paths: Paths, threads: int) -> list[tuple[int, int]]:
    """Runs of paths with about as many points each, a few a thread: one long path must not leave
    the others waiting.
    """
    count = len(paths)
    total = int(paths.offsets[count])
    if threads == 1 or total < 2 * _POINTS_PER_RANGE:
        return [(0, count)]
    share = max(_POINTS_PER_RANGE, total // (_RANGES_PER_THREAD * threads))
    ranges = []
    first = 0
    for last in range(1, count + 1):
        if paths.offsets[last] - paths.offsets[first] >= share or last == count:
            ranges.append((first, last))
            first = last
    return ranges


def joined(width: int, height: int, parts: list[Part]) -> tuple[Curves, Buffers]:
    """The parts of a page as one, in their order, so that the number of threads cannot be seen in
    the result, and the buffers that they lie in. Empties the list.
    """
    if len(parts) == 1:
        segments, kinds, offsets, places = parts[0]
        return trusted(Curves, width, height, segments, kinds, offsets), (segments, kinds, places)
    count = sum(len(part[1]) for part in parts)
    segments, kinds, places = segment_buffers(count)
    offsets = buffers.zeros(sum(len(part[2]) - 1 for part in parts) + 1, "q", written_whole=True)
    made = chains = 0
    parts.reverse()
    while parts:  # each is let go of as soon as it is copied
        part_segments, part_kinds, part_offsets, part_places = parts.pop()
        segments[6 * made : 6 * made + len(part_segments)] = part_segments
        kinds[made : made + len(part_kinds)] = part_kinds
        places[made : made + len(part_kinds)] = part_places
        chains = kernel.append_offsets(part_offsets, len(part_offsets) - 1, chains, made, offsets)
        made += len(part_kinds)
    return trusted(Curves, width, height, segments[: 6 * made], kinds[:made], offsets), (segments, kinds, places)


def segment_buffers(count: int) -> Buffers:
    """Room for so many segments, and for some more."""
    room = count + max(count // _SPARE_PART, _SPARE_MIN)
    return (
        buffers.zeros(6 * room, "d", written_whole=True), buffers.zeros(room, "B", written_whole=True),
        buffers.zeros(room, "q", written_whole=True),
    )  # fmt: skip


def uncrossed(curves: Curves, room: Buffers, bounds: memoryview, narrows: Narrows | None, points_of: PointsOf) -> Curves:
    """The curves with those segments fitted anew, closer to their points, that cross or touch
    another one, until none does. Drawings have few such places, and most have none.
    """
    if narrows and bounds[kernel.ERROR] > narrows[3]:
        narrows = None
    marks = buffers.zeros(curves.segment_count, "B")
    if not mark_crossings(curves, room[2], marks, narrows):
        return curves
    from linefinish.outlines import uncrossing

    def mark_again(curves: Curves, places: memoryview, marks: memoryview) -> int:
        return mark_crossings(curves, places, marks, narrows, fresh_only=True)

    return uncrossing.refitted(curves, room, marks, bounds, points_of, segment_buffers, mark_again)


def mark_crossings(
    curves: Curves, places: memoryview, marks: memoryview, narrows: Narrows | None = None, *, fresh_only: bool = False
) -> int:
    """Mark each segment that crosses or touches another one where it will be written, in integer
    units, and count the places. Ends of neighbours are one point.

    places   of the segments, see `kernels.curves.START_SHIFT`; in and out
    narrows  where outlines come near each other; None: perhaps anywhere
    fresh_only  only segments that were just fitted anew are held against the others
    """
    count = curves.segment_count
    if count == 0:
        return 0
    known, stride, cell_rows, _ = narrows or (buffers.zeros(0, "Q"), 0, 0, 0.0)
    view = buffers.numbers("q", *[0] * crossings.VIEW)
    view[crossings.FRESH_ONLY], view[crossings.CHAINS], view[crossings.SEGMENTS] = int(fresh_only), len(curves), count
    view[crossings.NARROWS_STRIDE], view[crossings.NARROWS_ROWS] = stride, cell_rows
    links = buffers.scratch("fit.links", count + 2 * len(curves), "i")
    found = crossings.link_segments(
        curves.segments, curves.kinds, curves.offsets, view, known, places,
        buffers.scratch("fit.chords", crossings.FINE, "d"), links, marks,
    )  # fmt: skip
    pieces = view[crossings.PIECES_LIKELY]
    if pieces < 1:
        return found
    pieces += pieces // _SPARE_PART + _SPARE_PIECES
    pieces_max = min(pieces, _PIECES_MAX)
    cells = _CELLS_PER_OTHER * count if fresh_only else _CELLS_PER_PIECE * pieces_max
    view[crossings.CELLS] = size = min(max(1 << cells.bit_length(), _CELLS_MIN), _CELLS_MAX)
    rows = curves.height // crossings.CELL_PX + 1
    band = rows * pieces_max // pieces + 1
    while view[crossings.TOP] < rows:
        view[crossings.ROWS] = band if view[crossings.TOP] + band < rows else _ALL_ROWS
        view[crossings.PIECES_MAX], view[crossings.NODES_MAX] = pieces_max, _NODES_PER_PIECE * pieces_max
        here = crossings.mark_crossings(
            curves.segments, curves.kinds, curves.offsets, view, known, places, links,
            buffers.scratch("fit.heads", size + crossings.BLOCKS, "i"), buffers.scratch("fit.nodes", 2 * view[crossings.NODES_MAX], "i"),
            buffers.scratch("fit.pieces", crossings.PIECE * pieces_max, "i"),
            buffers.scratch("fit.chords", crossings.CHORD * pieces_max + crossings.FINE, "d"), marks,
        )  # fmt: skip
        if here != crossings.NO_ROOM:
            found += here
            view[crossings.TOP] += view[crossings.ROWS]
        elif pieces_max < _PIECES_MAX or band == 1:
            pieces_max *= 2
        else:
            band = (band + 1) // 2
    return found


def error_px_for(paths: Paths) -> float:
    """The error bound, in pixels, that suits the outlines: tight on smooth edges, above the wobble
    on rough ones.
    """
    if not paths.grey:
        return MIDPOINTS_ERROR_PX
    rough = Roughness(int(paths.offsets[-1]), sharp=paths.sharp)
    rough.ask(paths.points, paths.offsets, len(paths))
    return rough.error_px


class Roughness:
    """How rough a page's outlines are, asked batch by batch, and the error bound that
    suits them.
    """

    def __init__(self, point_count: int, *, sharp: bool = False) -> None:
        """`point_count`: points of all outlines of the page; `sharp` as in `Paths`."""
        self._sharp = sharp
        self.step = max(1, point_count // _ROUGHNESS_SAMPLES)
        self.px = 0.0
        self._histogram = buffers.zeros(roughness.BINS, "q")

    def ask(self, points: memoryview[Any], offsets: memoryview, path_count: int) -> None:
        """Further outlines: every step-th point of each, and HALF points around it, have to be in
        their places.
        """
        self.px = roughness.roughness(points, offsets, path_count, self.step, self._histogram)

    @property
    def error_px(self) -> float:
        """Tight on smooth edges, above the wobble on rough ones."""
        wanted = float(min(max(_ERROR_PX_SMOOTH + _ERROR_PER_ROUGHNESS * self.px, _ERROR_PX_MIN), _ERROR_PX_MAX))
        return min(wanted, _ERROR_PX_SHARP_MAX) if self._sharp and not self._wobbles() else wanted

    def _wobbles(self) -> bool:
        """Whether the points are off the smoothed outline all along, and not in corners alone."""
        if self.px < _WOBBLE_PX_MIN:
            return False
        counts = self._histogram.tolist()
        return 10 * sum(counts[int(_PRINT_ROUGHNESS_PX * roughness.BINS_PER_PX) :]) <= sum(counts)
