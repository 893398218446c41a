"""`line_angle`: by how much a page without a sheet's edge is turned, by its long lines."""
from __future__ import annotations

import math

from linefinish.kernels import sides
from linefinish.memory import buffers
from linefinish.sheets.finding import gradient_of, straight_lines, supported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.sheets.views import View

# Lines are parallel or square to each other where they agree to this, in degrees.
_AGREE_DEGREES = 0.15
# Together they are this many times as long as the picture's shorter side. Larger: a short rule
# turns no page; smaller: houses and boxes in a drawing do.
_TOGETHER_SHARE = 1.2
# A line counts from this share of the shorter side on.
_LENGTH_SHARE_MIN = 0.18
# A run of a line goes on over gaps of so many small pixels.
_GAP_PX = 12
# Edges whose directions have this cosine (5°) and that lie so near, in small pixels, are one
# stroke's, which counts once.
_SAME_COSINE, _STROKE_PX = 0.9962, 20.0
# Places of a drawn line's edge stray by less than this, in pixels of a picture of twice the small
# one's size; those of a shadow by more.
_STRAY_PX = 0.6
# No scanner turns a page further, in degrees.
_TURN_MAX = 20.0


def line_angle(view: View) -> float | None:
    """Degrees clockwise, or None where no lines agree."""
    gradient = gradient_of(view)
    lines = straight_lines(view, gradient)
    if not lines:
        return None
    _, edges, _, picture = supported(view, gradient, lines)
    row = len(edges) // len(lines)
    reach = int(picture[2])
    found: list[tuple[float, float]] = []
    taken: list[tuple[float, float, float]] = []
    runs = [_longest_run(edges, k * row, row) for k in range(len(lines))]
    for k in sorted(range(len(lines)), key=lambda k: runs[k][0] - runs[k][1]):
        (a, b, c), run = lines[k], runs[k]
        if any(_is_same_stroke(lines[k], other) for other in taken):
            continue
        taken.append(lines[k])
        if run[1] - run[0] < _LENGTH_SHARE_MIN * min(view.width, view.height):
            continue
        ends = [(-c * a - (s - reach) * b + view.width / 2, -c * b + (s - reach) * a + view.height / 2) for s in run]
        angle = _refined(view, ends)
        if angle is not None:
            found.append((angle, float(run[1] - run[0])))
    return _agreed(found, _TOGETHER_SHARE * min(view.width, view.height))


def _is_same_stroke(line: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """Whether two edges are the flanks of one stroke, or of one shadow."""
    along = line[0] * other[0] + line[1] * other[1]
    return abs(along) > _SAME_COSINE and abs(line[2] - math.copysign(other[2], along * other[2])) < _STROKE_PX


def _longest_run(edges: Any, at: int, row: int) -> tuple[int, int]:
    best = (0, 0)
    begin, last = -1, -1
    for k in range(row - 1):
        if edges[at + k + 1] > edges[at + k]:
            if begin < 0 or k - last > _GAP_PX:
                begin = k
            last = k
            if last - begin > best[1] - best[0]:
                best = (begin, last)
    return best


def _refined(view: View, ends: list[tuple[float, float]]) -> float | None:
    """The angle of the edge between two points of the small picture, by the full one, mod 90."""
    gray = view.gray
    sx, sy = gray.width / view.width, gray.height / view.height
    (ax, ay), (bx, by) = ((x * sx, y * sy) for x, y in ends)
    length = math.hypot(bx - ax, by - ay)
    nx, ny = -(by - ay) / length, (bx - ax) / length
    # A quadrilateral of which it is the only side looked at.
    corners = buffers.numbers("d", ax, ay, bx, by, bx + nx * length, by + ny * length, ax + nx * length, ay + ny * length)
    reach = max(5, round(3 * max(sx, sy)))
    fits, placed = buffers.zeros(4 * sides.FIT, "d"), buffers.zeros(8, "d")
    scratch = buffers.scratch("refine", sides.fit_scratch(reach), "d")
    sides.refine(gray.data, gray.width, gray.height, corners, 1, reach, scratch, fits, placed)
    stray = fits[sides.DEVIATION] / max(1.0, max(sx, sy) / 2)
    if fits[sides.USED] < 0.5 or abs(fits[sides.SAGITTA]) > 1.0 or stray > _STRAY_PX:
        return None
    # offsets are outwards, which is against (nx, ny)
    slope = fits[sides.C1] + fits[sides.C2] + fits[sides.C3]
    dx, dy = bx - ax - nx * slope, by - ay - ny * slope
    return (math.degrees(math.atan2(dy, dx)) + 45) % 90 - 45


def _agreed(found: list[tuple[float, float]], needed: float) -> float | None:
    """The mean of the angles that most length agrees on."""
    best: tuple[float, float] | None = None
    for angle, _ in found:
        near = [(other, length) for other, length in found if abs((other - angle + 45) % 90 - 45) <= _AGREE_DEGREES]
        total = sum(length for _, length in near)
        if best is None or total > best[1]:
            mean = angle + sum(((other - angle + 45) % 90 - 45) * length for other, length in near) / total
            best = (mean, total)
    if best is None or best[1] < needed or abs(best[0]) > _TURN_MAX:
        return None
    return best[0]
