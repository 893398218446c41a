"""numpy arrays of any usual dtype and shape → Gray."""
from __future__ import annotations

from linefinish.data.raster import Gray
from linefinish.errors import ImageShapeError
from linefinish.kernels import luma
from linefinish.memory import buffers
from linefinish.readers.stream import WHOLLY_TRANSPARENT, allow, gray_levels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CHANNELS_MAX = 4
# Samples converted at a time, so that a large array of floats is not held twice.
_STRIP_SAMPLES = 1 << 20


def read(source: Any, megapixels_max: float, name: str = "the array", colour: Any = None) -> Gray:
    """Convert a checked array. uint8 without colour is not copied; floats are first rounded to 16
    bits.
    """
    import numpy as np

    array = np.asarray(source)
    _check(array, name, megapixels_max)
    if array.ndim == 2 and array.dtype.name in ("uint8", "bool"):
        return Gray.from_array(array)
    warnings: tuple[str, ...] = ()
    if array.ndim == 3 and array.shape[2] in (2, 4) and not array[..., -1].any():
        array, warnings = array[..., :-1], (WHOLLY_TRANSPARENT,)
    height, width = array.shape[:2]
    channels = array.shape[2] if array.ndim == 3 else 1
    sample_bytes = 1 if array.dtype.name in ("uint8", "bool") else 2
    highest = (1 << 8 * sample_bytes) - 1
    levels = gray_levels(highest)
    pixel = buffers.numbers("q", channels, sample_bytes, highest, -1, -1, -1)
    out = buffers.zeros(width * height, "B")
    rows_a_strip = max(1, _STRIP_SAMPLES // (width * channels))
    coloured = 0
    for y in range(0, height, rows_a_strip):
        rows = array[y : y + rows_a_strip]
        if rows.dtype.kind == "f":
            _check_range(rows, name)
            rows = np.floor(rows.astype(np.float64) * highest + 0.5)
        elif rows.dtype.kind == "b":
            rows = rows.astype(np.uint8) * np.uint8(highest)
        samples = np.ascontiguousarray(rows, ">u2" if sample_bytes == 2 else np.uint8).view(np.uint8).reshape(-1)
        place = (out, y * width, 1, width)
        if colour is not None and channels >= 3:
            colour[luma.BYTES] = channels
            luma.without_colour(np.ascontiguousarray(samples[::sample_bytes]), 0, width * channels, width, len(rows), colour, *place)
            continue
        row_bytes = width * channels * sample_bytes
        if channels >= 3 and sample_bytes == 1:
            coloured += 4 * luma.count_coloured(samples, 0, row_bytes, width, len(rows), channels)
        luma.samples(samples, 0, row_bytes, width, len(rows), pixel, levels, *place)
    return Gray(width, height, out, warnings=warnings, coloured=coloured / (width * height))


def _check(array: Any, name: str, megapixels_max: float) -> None:
    """Shape, dtype and size."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and not 1 <= array.shape[2] <= _CHANNELS_MAX):
        raise ImageShapeError(f"{name} has the shape {array.shape}; an image is (height, width) or (height, width, 1 to 4)")
    if array.dtype.name not in ("uint8", "uint16", "bool", "float16", "float32", "float64"):
        raise ImageShapeError(f"{name} holds {array.dtype}; an image holds uint8, uint16, bool, or floats from 0 to 1")
    if 0 in array.shape:
        raise ImageShapeError(f"{name} has the shape {array.shape}; there is nothing in it")
    allow(name, array.shape[1], array.shape[0], megapixels_max)


def _check_range(values: Any, name: str) -> None:
    """Floats from 0 to 1, and no NaN (which fails both comparisons)."""
    import numpy as np

    low, high = values.min(), values.max()
    if low >= 0.0 and high <= 1.0:
        return
    if np.isfinite(values).all():
        raise ImageShapeError(f"{name} holds floats from {low:.6g} to {high:.6g}; they must lie from 0 (black) to 1 (white)")
    raise ImageShapeError(f"{name} holds NaN or infinite values; every pixel must be a number from 0 (black) to 1 (white)")
