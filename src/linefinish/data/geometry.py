"""Outlines: `Paths` (closed polygons) and `Curves` (closed chains of lines and cubic Béziers).

Ink lies to the right of the way: outer outlines run clockwise on the screen (y down), holes
counter-clockwise, so that the non-zero and the even-odd rule fill the same.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.errors import ImageShapeError
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

LINE, CUBIC = 0, 1
# How far a vertex may lie from the page's corner, in pixels: 16 times the longest side, which is
# where `compose` cuts coordinates, too.
COORDINATE_PX_MAX = 16_000_000.0


@record
class Paths:
    """Closed polygons over a page of width × height pixels.

    points   f64, (n, 2) flat: x, y of each vertex, in pixels
    offsets  i64, (m + 1,): path i has the vertices offsets[i] … offsets[i + 1] - 1, its last joined
    to its first
    signs    i32, (m,): +1 an outer outline (ink inside), -1 a hole
    grey     whether the vertices come from grey values (sub-pixel) or lie on the midpoints of pixel
             edges
    sharp    whether these greys were not blurred, so that nothing of the outline is wobble
    """

    width: int
    height: int
    points: memoryview
    offsets: memoryview
    signs: memoryview
    grey: bool = False
    sharp: bool = False

    def __post_init__(self) -> None:
        offsets, count = checks.counts(self.offsets, "Paths.offsets")
        points = checks.flat(self.points, 2 * count, checks.NUMBERS, "Paths.points")
        signs = checks.flat(self.signs, len(offsets) - 1, checks.INTEGERS, "Paths.signs")
        checks.sides(self.__dict__)
        checks.at_most(points, COORDINATE_PX_MAX, "Paths.points")
        if any(sign not in (1, -1) for sign in signs):
            raise ImageShapeError("Paths.signs may hold 1 and -1 alone")
        self.__dict__.update(points=points, offsets=offsets, signs=signs, grey=bool(self.grey), sharp=bool(self.sharp))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def points_array(self) -> np.ndarray:
        """Vertices as float64 (n, 2), read-only."""
        return _array(self.points, "f8", (-1, 2))

    def offsets_array(self) -> np.ndarray:
        """Offsets as int64 (m + 1,), read-only."""
        return _array(self.offsets, "i8", (-1,))


@record
class Curves:
    """Closed chains of segments over a page of width × height pixels.

    segments  f64, (k, 3, 2) flat: first control point, second control point, end point of each
    segment, in pixels. A
              segment starts where the one before it in its chain ends; the first starts at the end
              of the last. A line's control points repeat its start and its end.
    kinds     u8, (k,): LINE or CUBIC
    offsets   i64, (m + 1,): chain i has the segments offsets[i] … offsets[i + 1] - 1
    """

    width: int
    height: int
    segments: memoryview
    kinds: memoryview
    offsets: memoryview

    def __post_init__(self) -> None:
        offsets, count = checks.counts(self.offsets, "Curves.offsets")
        segments = checks.flat(self.segments, 6 * count, checks.NUMBERS, "Curves.segments")
        kinds = checks.flat(self.kinds, count, checks.OCTETS, "Curves.kinds")
        checks.sides(self.__dict__)
        checks.only(kinds, bytes((LINE, CUBIC)), "Curves.kinds")
        self.__dict__.update(segments=segments, kinds=kinds, offsets=offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def empty(cls, width: int, height: int) -> Curves:
        """A page without ink."""
        checks.size(width, height)
        return trusted(cls, width, height, buffers.zeros(0, "d"), buffers.zeros(0, "B"), buffers.zeros(1, "q"))

    @property
    def segment_count(self) -> int:
        """Lines and cubics in all chains."""
        return int(self.offsets[-1])

    def segments_array(self) -> np.ndarray:
        """Segments as float64 (k, 3, 2), read-only."""
        return _array(self.segments, "f8", (-1, 3, 2))

    def kinds_array(self) -> np.ndarray:
        """Kinds as uint8 (k,), read-only."""
        return _array(self.kinds, "u1", (-1,))

    def offsets_array(self) -> np.ndarray:
        """Offsets as int64 (m + 1,), read-only."""
        return _array(self.offsets, "i8", (-1,))


def _array(data: Any, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    import numpy as np

    flat = np.frombuffer(data, dtype) if memoryview(data).nbytes else np.zeros(0, dtype)
    view = flat.reshape((0, *shape[1:]) if flat.size == 0 else shape)
    view.flags.writeable = False
    return view
