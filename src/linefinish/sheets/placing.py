"""`place`: the sides of a sheet to a fraction of a pixel of the full picture."""
from __future__ import annotations

import math

from linefinish.kernels import sides
from linefinish.memory import buffers
from linefinish.sheets.scoring import median

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.sheets.views import View

# Profiles reach so many small pixels out and in at first, where lines are within 2 px; then about
# the curve that was found.
_REACH_SMALL_PX, _AGAIN_SMALL_PX = 4, 2
# From this sagitta on, in pixels, a side is followed once more about its curve.
_BENT_PX = 1.5
# A side whose places stray by more, in halves of the small picture's pixels, may be the outer edge
# of a shadow beside toned paper: colour tells, where it differs by more than this share.
_STRAY_PX, _COLOUR_MIN = 0.35, 0.012
# The edge of colour is followed in the small picture, so far; it is 60 greys high there.
_COLOUR_REACH_PX, _COLOUR_GRAYS, _COLOUR_PLACES = 6, 60.0, 24


def place(view: View, corners: Any, real: int) -> tuple[Any, list[Any]] | None:
    """Corners in the full picture where the sides' curves meet, and the sides, as `sides.refine`
    gives them; None where they ran away. corners f64 (4, 2) in pixels of the full picture; bit k
    of `real` is 1 where side k is no border of it.
    """
    gray = view.gray
    scale = max(gray.width / view.width, gray.height / view.height)
    fits = buffers.zeros(4 * sides.FIT, "d")
    reaches = [max(7, round(_REACH_SMALL_PX * scale))] + [max(4, round(_AGAIN_SMALL_PX * scale))] * 2
    for turn, reach in enumerate(reaches):
        if turn == 2 and not any(abs(fits[k * sides.FIT + sides.SAGITTA]) > _BENT_PX for k in range(4)):
            break
        placed = buffers.zeros(8, "d")
        scratch = buffers.scratch("refine", sides.fit_scratch(reach), "d")
        if not sides.refine(gray.data, gray.width, gray.height, corners, real, reach, scratch, fits, placed):
            return None
        if not _is_near(placed, corners, scale):
            return None
        corners = placed
    strays = [k for k in range(4) if real >> k & 1 and fits[k * sides.FIT + sides.DEVIATION] > _STRAY_PX * max(1.0, scale / 2)]
    changed = [_by_colour(view, corners, k, fits) for k in strays]
    if any(changed):
        placed = buffers.zeros(8, "d")
        if not sides.meet(corners, fits, placed) or not _is_near(placed, corners, scale):
            return None
        corners = placed
    return corners, [fits[k * sides.FIT : (k + 1) * sides.FIT] for k in range(4)]


def _is_near(placed: Any, corners: Any, scale: float) -> bool:
    return all(abs(here - there) <= 14 * scale + 20 for here, there in zip(placed, corners))


def _by_colour(view: View, corners: Any, side: int, fits: Any) -> bool:
    """The side by its edge of colour in the small picture, if that is firmer: whether it is."""
    sx, sy = view.gray.width / view.width, view.gray.height / view.height
    small = buffers.numbers("d", *(number / (sx, sy)[i & 1] for i, number in enumerate(corners)))
    inside, outside = (_colour(view, small, side, away) for away in (-1, 1))
    apart = [a - b for a, b in zip(inside, outside)]
    size = sum(part * part for part in apart)
    if size < _COLOUR_MIN**2:
        return False
    middle = sum(part * (a + b) / 2 for part, a, b in zip(apart, inside, outside))
    told = buffers.numbers("d", *apart, _COLOUR_GRAYS / size, middle)
    tinted = buffers.zeros(view.width * view.height, "B", written_whole=True)
    sides.tint(view.rgb, view.width * view.height, told, tinted)
    found, placed = buffers.zeros(4 * sides.FIT, "d"), buffers.zeros(8, "d")
    scratch = buffers.scratch("refine", sides.fit_scratch(_COLOUR_REACH_PX), "d")
    for _ in range(2):
        sides.refine(tinted, view.width, view.height, small, 1 << side, _COLOUR_REACH_PX, scratch, found, placed)
    at = side * sides.FIT
    scale = (sx + sy) / 2
    if found[at + sides.USED] < 0.5 or found[at + sides.DEVIATION] * scale > fits[at + sides.DEVIATION]:
        return False
    for item in (sides.C0, sides.C1, sides.C2, sides.C3, sides.SAGITTA, sides.DEVIATION, *range(sides.KNOT, sides.FIT)):
        fits[at + item] = found[at + item] * scale
    fits[at + sides.USED], fits[at + sides.VISIBLE] = found[at + sides.USED], found[at + sides.VISIBLE]
    return True


def _colour(view: View, corners: Any, side: int, away: int) -> list[float]:
    """Shares of red, green and blue beside a side of the small picture: outside it (away 1) or
    inside (-1).
    """
    ax, ay, bx, by = corners[2 * side], corners[2 * side + 1], corners[(2 * side + 2) & 7], corners[(2 * side + 3) & 7]
    cx, cy = sum(corners[::2]) / 4, sum(corners[1::2]) / 4
    length = math.hypot(bx - ax, by - ay) or 1.0
    nx, ny = (by - ay) / length, -(bx - ax) / length
    if nx * (ax - cx) + ny * (ay - cy) < 0:
        nx, ny = -nx, -ny
    shares: list[list[float]] = [[], [], []]
    for k in range(_COLOUR_PLACES):
        t = (k + 1.5) / (_COLOUR_PLACES + 2)
        for far in (4, 7, 10):
            x = int(ax + t * (bx - ax) + away * far * nx)
            y = int(ay + t * (by - ay) + away * far * ny)
            if 0 <= x < view.width and 0 <= y < view.height:
                pixel = view.rgb[3 * (y * view.width + x) : 3 * (y * view.width + x) + 3]
                total = sum(pixel) + 24.0
                for channel in range(3):
                    shares[channel].append(pixel[channel] / total)
    return [median(sorted(share)) for share in shares]
