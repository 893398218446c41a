"""fit(): polygons of edge points become few lines and cubic Béziers."""
from __future__ import annotations

from linefinish import buffers
from linefinish.geometry import Curves, Paths
from linefinish.kernels import curves as kernel

# Largest distance of a traced edge point from its curve, in pixels. Larger: fewer segments, rounder small detail; smaller: truer.
_ERROR_PX_GREY = 0.2
_ERROR_PX_MIDPOINTS = 0.7
# Spread of an arm's points around its line, in pixels, root mean square, as a part of the error bound.
_ARM_SPREAD_PER_ERROR = 0.5
# Depth of a corner as a multiple of the arm's spread: a smooth arc reaches 6.7 at any radius (see kernels/curves.py).
_DEPTH_PER_SPREAD = 9.0


def fit(paths: Paths, *, error_px_max: float | None = None, corner_sharpness: float = 1.0, threads: int = 1) -> Curves:
    """Lines and cubics that stay within `error_px_max` pixels of the vertices of `paths`.

    error_px_max      None: 0.2 px where the vertices come from greys, 0.7 px where they are midpoints of pixel edges
    corner_sharpness  0 rounds every corner, 1 keeps those that are clearly none of a smooth curve, 2 keeps faint ones too
    threads           paths are independent; the result is the same for any number
    """
    tolerance = error_px_max if error_px_max is not None else (_ERROR_PX_GREY if paths.grey else _ERROR_PX_MIDPOINTS)
    spread = _ARM_SPREAD_PER_ERROR * tolerance
    depth_min = _DEPTH_PER_SPREAD * spread / corner_sharpness if corner_sharpness > 0 else 1e9
    count = len(paths)
    offsets = paths.offsets
    point_count = offsets[count]
    longest = max((offsets[i + 1] - offsets[i] for i in range(count)), default=0)
    way = buffers.zeros(3 * (2 * longest + 2 * kernel.PAD), "d")
    corners = buffers.zeros(3 * longest, "d")
    small = buffers.zeros(kernel.SMALL, "d")
    segments = buffers.zeros(6 * point_count, "d")
    kinds = buffers.zeros(point_count, "B")
    segment_offsets = buffers.zeros(count + 1, "q")
    made = kernel.fit_paths(
        paths.points, offsets, 0, count, tolerance, spread, depth_min, way, corners, small, segments, kinds, segment_offsets
    )
    return Curves(
        paths.width, paths.height, buffers.trimmed(segments, 6 * made), buffers.trimmed(kinds, made), segment_offsets
    )
