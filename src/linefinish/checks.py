"""Type, dtype, shape and size of what comes in. Nothing here walks the data."""
from __future__ import annotations

from linefinish.errors import ImageShapeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Pixels along one side. Coordinates stay exact to 1/4096 px in float64 far beyond; the bound keeps
# width × height and every offset well inside an i64 and catches nonsense in a header.
SIDE_PX_MAX = 1_000_000


def size(width: int, height: int) -> None:
    """Refuse an empty or absurd size."""
    if width < 1 or height < 1:
        raise ImageShapeError(f"the image is {width} × {height} pixels; it needs at least one")
    if width > SIDE_PX_MAX or height > SIDE_PX_MAX:
        raise ImageShapeError(f"the image is {width} × {height} pixels; a side may have {SIDE_PX_MAX:,} at most")


def buffer(data: Any, size_bytes: int, name: str) -> None:
    """Refuse a buffer that is not flat or not of the expected size."""
    view = memoryview(data)
    if not view.c_contiguous or view.nbytes != size_bytes:
        raise ImageShapeError(f"{name} must be one contiguous block of {size_bytes} bytes; it has {view.nbytes}")


def gray_array(array: Any) -> Any:
    """A uint8 or bool array (height, width), or an error that says what was found."""
    if array.ndim != 2:
        raise ImageShapeError(f"a grey array has the shape (height, width); this one has {array.shape}")
    if array.dtype.name not in ("uint8", "bool"):
        raise ImageShapeError(f"a grey array holds uint8 or bool; this one holds {array.dtype} (read_gray() converts others)")
    size(array.shape[1], array.shape[0])
    return array


def bitmap_array(array: Any) -> Any:
    """A bool array (height, width), or an error that says what was found."""
    if array.ndim != 2:
        raise ImageShapeError(f"a bitmap array has the shape (height, width); this one has {array.shape}")
    if array.dtype.name != "bool":
        raise ImageShapeError(f"a bitmap array holds bool, True for ink; this one holds {array.dtype}")
    size(array.shape[1], array.shape[0])
    return array


def same_size(grays: Any, bitmap: Any) -> None:
    """Refuse greys that are not those of the bitmap."""
    if (grays.width, grays.height) != (bitmap.width, bitmap.height):
        raise ImageShapeError(
            f"the bitmap has {bitmap.width} × {bitmap.height} pixels and its greys {grays.width} × {grays.height}; they must agree"
        )
