"""Arrays of any kind → the flat buffers that records hold."""
from __future__ import annotations

from linefinish import checks
from linefinish.errors import ImageShapeError
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CODES = {"d": "f8", "q": "i8", "i": "i4", "B": "u1"}
_KINDS = {"d": "numbers", "q": "whole numbers", "i": "whole numbers", "B": "whole numbers"}


def flat(values: Any, code: str, shape: tuple[int, ...], name: str) -> memoryview[Any]:
    """Whatever numpy makes an array of, copied, as a flat memoryview of a struct code (d q i B).
    The shape's first side is -1: as many as there are. ImageShapeError for another shape, and for
    values that the type does not hold.
    """
    import numpy as np

    array = checks.array(values, name)
    if array.size == 0:
        array = np.zeros((0, *shape[1:]), _CODES[code])
    if array.ndim != len(shape) or array.shape[1:] != shape[1:]:
        wanted = ", ".join("n" if side < 0 else str(side) for side in shape)
        raise ImageShapeError(f"{name} has the shape {array.shape}; it takes ({wanted}{',' * (len(shape) == 1)})")
    if array.dtype.kind not in ("biuf" if code == "d" else "biu"):
        raise ImageShapeError(f"{name} holds {array.dtype}; it takes {_KINDS[code]}")
    made: Any = np.array(array, _CODES[code], order="C")
    if code != "d" and not (made == array).all():
        raise ImageShapeError(f"{name} holds a number that {_CODES[code]} does not")
    return memoryview(made.reshape(-1)) if made.size else buffers.zeros(0, code)


def rings(values: Any, name: str) -> tuple[Any, list[int]]:
    """Points (n, 2) of several arrays (n_i, 2) side by side, and offsets. A last point that repeats
    the first is left out, as a ring is closed without it.
    """
    import numpy as np

    made, offsets = [], [0]
    try:
        given = list(values)
    except Exception:  # whatever an object of others says when it is asked for its items
        raise ImageShapeError(f"{name} takes a list of arrays of the shape (n, 2), or points and offsets") from None
    for index, value in enumerate(given):
        ring = np.asarray(flat(value, "d", (-1, 2), f"{name}[{index}]")).reshape(-1, 2)
        if len(ring) > 1 and (ring[0] == ring[-1]).all():
            ring = ring[:-1]
        if not len(ring):
            raise ImageShapeError(f"{name}[{index}] has no point")
        made.append(ring)
        offsets.append(offsets[-1] + len(ring))
    return np.concatenate(made) if made else np.zeros((0, 2)), offsets
