"""Curves → the text of an SVG path."""
from __future__ import annotations

from linefinish import checks
from linefinish.errors import ImageError, OptionsError
from linefinish.kernels import decimals as kernel
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.geometry import Curves

# Decimals of a pixel that may be asked for, and where nobody says: a hundredth of a pixel is finer
# than tracing knows an edge.
DECIMALS_MAX, DECIMALS = 9, 2


def path_text(curves: Curves, decimals: Any) -> str:
    """Path data of relative commands. OptionsError for decimals that cannot be, ImageError for a
    coordinate that is no number or has no so many decimals in a float64.
    """
    if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= DECIMALS_MAX:
        raise OptionsError(f"decimals is {checks.shown(decimals)}; it takes a whole number from 0 to {DECIMALS_MAX}")
    room = curves.segment_count * kernel.SEGMENT_BYTES_MAX + len(curves) * kernel.CHAIN_BYTES_MAX
    out = buffers.zeros(room, "B")
    used = kernel.svg_path(curves.segments, curves.kinds, curves.offsets, len(curves), decimals, out)
    if used == kernel.NOT_FINITE:
        raise ImageError("a coordinate of the curves is not a finite number")
    if used == kernel.TOO_LARGE:
        raise ImageError(f"a coordinate of the curves is too large to be written with {decimals} decimals")
    return bytes(out[:used]).decode("ascii")
