"""`paint_corners`: corners that the sheet does not have are paper in the flat sheet.

Where a corner is rounded, cut or folded, the rectangle shows the ground, and a dark ground would be
drawn as a black corner.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Gray

# A corner is missing where the ground reaches this far along both sides at most, in parts of the
# shorter one. Larger: black that is drawn to the edge is ground; smaller: folds stay black.
_REACH_SHARE = 0.2
# The ground is looked at so many pixels out of the corner, in a square of twice as many and one; it
# is that which the corner shows if they differ by less than so many greys.
_OUT_PX, _ALIKE_GRAYS = 6, 30
# Paper is so many greys lighter at least: what is lighter is not drawn.
_LIGHTER_GRAYS = 20
# The blur of an edge, in pixels; and by how much a row's ground may reach further than that of the
# row before.
_BLUR_PX, _FURTHER_PX = 3, 2


def paint_corners(out: Any, width: int, height: int, gray: Gray, corners: Any) -> int:
    """Paints what is ground at the corners of the flat sheet `out` u8 (height, width); `corners`
    are those of the sheet in the picture, clockwise from the upper left. How many were painted.
    """
    reach = int(_REACH_SHARE * min(width, height))
    if reach < 2 * _BLUR_PX:
        return 0
    cx, cy = sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
    painted = 0
    for (x, y), right, down in zip(corners, (False, True, True, False), (False, False, True, True)):
        away = ((x - cx) ** 2 + (y - cy) ** 2) ** 0.5 or 1.0
        ground = _middle(gray, x + 2 * _OUT_PX * (x - cx) / away, y + 2 * _OUT_PX * (y - cy) / away)
        if ground is not None:
            painted += _painted(out, width, height, right, down, reach, ground)
    return painted


def _middle(gray: Gray, x: float, y: float) -> int | None:
    """The median grey of a square; None beyond the picture."""
    left, top, size = int(x) - _OUT_PX, int(y) - _OUT_PX, 2 * _OUT_PX + 1
    if left < 0 or top < 0 or left + size > gray.width or top + size > gray.height:
        return None
    data = memoryview(gray.data)
    values = b"".join(bytes(data[row * gray.width + left : row * gray.width + left + size]) for row in range(top, top + size))
    return sorted(values)[len(values) // 2]


def _painted(out: Any, width: int, height: int, right: bool, down: bool, reach: int, ground: int) -> bool:
    """Whether the ground that the corner shows ends within reach; then it is painted."""
    starts = [(height - 1 - k if down else k) * width + (width - reach if right else 0) for k in range(reach)]
    rows = [bytes(out[start : start + reach]) for start in starts]
    if right:
        rows = [row[::-1] for row in rows]
    paper = sorted(b"".join(row[:: max(1, reach // 32)] for row in rows[:: max(1, reach // 32)]))
    light = paper[int(0.8 * len(paper))]
    shown = rows[0][0]
    if abs(shown - ground) > _ALIKE_GRAYS or light - max(shown, ground) < _LIGHTER_GRAYS:
        return False
    between = (light + shown) // 2
    table = bytes(int(value > between) for value in range(256))
    ends: list[int] = []
    last = reach
    for row in rows:
        end = row.translate(table).find(1)
        if end < 0:
            if not ends or last == reach:
                return False  # dark all along: it is drawn
            end = reach
        if end == 0:
            break
        last = min(end, last + _FURTHER_PX) if ends else end
        ends.append(last)
    else:
        return False
    for k in range(min(len(ends) + _BLUR_PX, reach)):
        count = min((ends[k] if k < len(ends) else ends[-1]) + _BLUR_PX, reach)
        start = starts[k] + (reach - count if right else 0)
        out[start : start + count] = bytes((light,)) * count
    return True
