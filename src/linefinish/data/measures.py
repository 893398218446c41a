"""How large curves are: the area that each chain encloses and the box that it fills, exactly."""
from __future__ import annotations

from linefinish.errors import ImageError
from linefinish.kernels import areas, extremes
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.geometry import Curves

    Box = tuple[float, float, float, float]


def areas_of(curves: Curves) -> tuple[memoryview[float], float]:
    """The signed area of each chain as f64 (m,), in square pixels, and their sum. ImageError for a
    coordinate that is not a finite number.
    """
    each = buffers.zeros(len(curves), "d")
    total = areas.enclosed_areas(curves.segments, curves.offsets, len(curves), each)
    if total * 0 != 0:
        raise ImageError("a coordinate of the curves is not a finite number, or too large to be used")
    return each, total


def boxes_of(curves: Curves) -> memoryview[float]:
    """Left, top, right and bottom of each chain as f64 (m, 4) flat, in pixels."""
    boxes = buffers.zeros(4 * len(curves), "d")
    extremes.bounding_boxes(curves.segments, curves.offsets, len(curves), boxes)
    return boxes


def box_of(curves: Curves) -> Box | None:
    """The box around all chains, or None where there are none."""
    if not len(curves):
        return None
    areas_of(curves)  # whether they are numbers
    boxes = boxes_of(curves).tolist()  # slices of a list take a quarter of the time
    return min(boxes[0::4]), min(boxes[1::4]), max(boxes[2::4]), max(boxes[3::4])
