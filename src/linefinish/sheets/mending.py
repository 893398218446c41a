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
# The ground is looked at so many pixels out of the corner, in a square of twice as many and one, of
# which one pixel in so many may be darker than it, and as many lighter.
_OUT_PX, _ONE_IN = 6, 50
# The corner shows it if it is darker or lighter by less than so many greys; or darker by less than
# this share, as shadows get darker towards the paper. Larger: ink in a corner is ground; smaller:
# round corners in shadow stay.
_ALIKE_GRAYS, _SHADE_SHARE = 30, 0.3
# Paper is so many greys lighter at least: what is lighter is not drawn.
_LIGHTER_GRAYS = 20
# The blur of an edge, in pixels; and by how much a row's ground may reach further than that of the
# row before.
_BLUR_PX, _FURTHER_PX = 3, 2
# Paper is light over so many pixels: a light speck of a carpet is ground. And over so many rows: a
# row whose ground ends early, at a larger speck, has that of the next ones. Larger: strokes beside
# a missing corner are painted; smaller: crumbs of the ground stay.
_PAPER_PX, _SPECK_ROWS = 6, 6


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
        ground = _ground(gray, x + 2 * _OUT_PX * (x - cx) / away, y + 2 * _OUT_PX * (y - cy) / away)
        if ground:
            painted += _painted(out, width, height, right, down, reach, ground)
    return painted


def _ground(gray: Gray, x: float, y: float) -> bytes:
    """The greys of a square, in order; none beyond the picture."""
    left, top, size = int(x) - _OUT_PX, int(y) - _OUT_PX, 2 * _OUT_PX + 1
    if left < 0 or top < 0 or left + size > gray.width or top + size > gray.height:
        return b""
    data = memoryview(gray.data)
    return bytes(sorted(b"".join(bytes(data[row * gray.width + left : row * gray.width + left + size]) for row in range(top, top + size))))


def _painted(out: Any, width: int, height: int, right: bool, down: bool, reach: int, ground: bytes) -> bool:
    """Whether the ground that the corner shows ends within reach; then it is painted."""
    starts = [(height - 1 - k if down else k) * width + (width - reach if right else 0) for k in range(reach)]
    rows = [bytes(out[start : start + reach]) for start in starts]
    if right:
        rows = [row[::-1] for row in rows]
    paper = sorted(b"".join(row[:: max(1, reach // 32)] for row in rows[:: max(1, reach // 32)]))
    light = paper[int(0.8 * len(paper))]
    shown = sorted(rows[0][:3] + rows[1][:3] + rows[2][:3])[4]
    dark, middle, pale = ground[len(ground) // _ONE_IN], ground[len(ground) // 2], ground[-1 - len(ground) // _ONE_IN]
    is_ground = dark - max(_ALIKE_GRAYS, _SHADE_SHARE * dark) <= shown <= pale + _ALIKE_GRAYS
    if not is_ground or light - max(shown, middle) < _LIGHTER_GRAYS:
        return False
    between = (light + shown) // 2
    table = bytes(int(value > between) for value in range(256))
    paper_run = b"\1" * _PAPER_PX
    found = [end if end >= 0 else reach for end in ((row.translate(table) + paper_run[1:]).find(paper_run) for row in rows)]
    ends: list[int] = []
    last = reach
    for k in range(reach):
        end = max(found[k : k + _SPECK_ROWS])
        if end == reach and (not ends or last == reach):
            return False  # dark all along: it is drawn
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
