"""What a sheet that was found is in truth: its corners in order, its aspect, its size."""
from __future__ import annotations

import math

from linefinish.kernels import sides
from linefinish.sheets.sheet import Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Gray
    from linefinish.sheets.views import View

# The diagonal of 35 mm film's frame, by which focal lengths are told; and the lens that most phones
# have, in mm.
_FILM_DIAGONAL_MM, _COMMON_MM = 43.267, 26.0
# The perspective gives the lens's focal length where both vanishing points are so near, in parts of
# the picture's diagonal; and it is believed within these bounds, in diagonals.
_CONVERGENCE_MIN, _FOCAL_MIN, _FOCAL_MAX = 0.06, 0.45, 1.6
# An aspect so near to that of a known paper is its. Larger: sketchbooks become A4; smaller: a
# lens's distortion stays.
_PAPER_SHARE = 0.005
A4_MM, LETTER_MM = (210.0, 297.0), (215.9, 279.4)
# A side that nowhere lies further off its chord, in pixels, is straight.
_BEND_PX_MIN = 0.3
# A curl is told from this sagitta on, in pixels, after what a lens bends. A lens moves what lies at
# a half diagonal by at most this share: 0.015 in phones; larger: a curl of all sides is a lens.
_CURL_PX_MIN, _LENS_SHARE_MAX = 2.0, 0.025
_SIDE_NAMES = ("top", "right", "bottom", "left")

Point = tuple[float, float]


def shaped(view: View, placed: Any, focal_mm: float | None) -> Sheet:
    """The sheet of four sides in the full picture."""
    corners, order, clockwise = upright(placed.corners)
    gray = view.gray
    aspect, aspect_from = aspect_of(corners, gray.width, gray.height, focal_mm or view.focal_mm)
    bends = []
    warnings = []
    for side, k in enumerate(order):
        fit = placed.fits[k]
        bends.append(_bend(fit, not clockwise) if placed.real >> k & 1 else ())
        if not placed.real >> k & 1:
            warnings.append(f"the sheet leaves the picture at the {_SIDE_NAMES[side]}")
    warnings += [f"the sheet's {name} corner is hidden; it was placed where its sides meet" for name in _hidden(gray, corners, bends)]
    if any(_is_apart(corners, other) for other in placed.others):
        warnings.append("the picture shows a second sheet; the one most like a sheet was taken (--sheet with its corners chooses)")
    curl_px = _curl_px(corners, bends, gray.width, gray.height)
    if curl_px > _CURL_PX_MIN:
        warnings.append(f"the sheet curls by {curl_px:.1f} px; it is flattened along its sides, and its middle may be displaced")
    if aspect_from == "assumed":
        warnings.append("the sheet's proportions are assumed, and may be up to 12 % off (--sheet-size or --sheet-focal settle them)")
    return Sheet(
        corners, tuple(bends), aspect, aspect_from, None, round(placed.score, 4), angle_of(corners),
        warnings=tuple(warnings),
    )  # fmt: skip


def _curl_px(corners: Any, bends: list[tuple[float, ...]], width: int, height: int) -> float:
    """How far the sides bend beyond what a lens does to straight ones, in pixels.

    A lens moves points out from the picture's middle by k r² of their distance (Brown 1966): a side
    of length l at distance d bends inwards by k d l² t (1 - t), with half a diagonal as 1.
    """
    half = (width * width + height * height) / 4
    pairs = []
    for k, bend in enumerate(bends):
        (ax, ay), (bx, by) = corners[k], corners[(k + 1) & 3]
        length = math.dist((ax, ay), (bx, by)) or 1.0
        away = ((by - ay) * (ax - width / 2) - (bx - ax) * (ay - height / 2)) / length
        for i, offset in enumerate(bend):
            t = i / (len(bend) - 1)
            pairs.append((-away * length * length * t * (1 - t) / half, offset))
    total = sum(lens * lens for lens, _ in pairs)
    k1 = sum(lens * offset for lens, offset in pairs) / total if total else 0.0
    k1 = min(max(k1, -_LENS_SHARE_MAX), _LENS_SHARE_MAX)
    return max((abs(offset - k1 * lens) for lens, offset in pairs), default=0.0)


_CORNER_NAMES = ("upper left", "upper right", "lower right", "lower left")
# A corner is looked at along both of its sides, from and to these shares of them, at so many places
# and so many pixels of a picture of 2000 px to either side. It is hidden where less than half has
# this share of the step that the side has.
_NEAR_SHARE, _FAR_SHARE, _CORNER_PLACES, _BESIDE_PX, _STEP_SHARE = 0.015, 0.07, 8, 5.0, 0.4
# A side tells nothing of a corner if it has no such step between these shares either, beyond every
# fold: it is black up to its edge, on black; nor if its step is so small, in greys.
_BEYOND_SHARE, _BEYOND_END_SHARE, _TELLS_STEP_MIN = 0.2, 0.32, 5.0


def _hidden(gray: Gray, corners: Any, bends: list[tuple[float, ...]]) -> list[str]:
    """The names of the corners that are folded, cut, or under a finger."""
    names = []
    usual = []
    for k in range(4):
        steps = sorted(_step(gray, corners[k], corners[(k + 1) & 3], bends[k], 0.2 + 0.6 * i / 19) for i in range(20))
        usual.append(0.5 * (steps[9] + steps[10]))
    for k in range(4):
        agree: list[bool] = []
        for side, backwards in ((k, False), ((k + 3) & 3, True)):

            def agreeing(first: float, last: float, side: int = side, backwards: bool = backwards) -> list[bool]:
                begin, end, step = corners[side], corners[(side + 1) & 3], usual[side]
                places = [first + (last - first) * i / (_CORNER_PLACES - 1) for i in range(_CORNER_PLACES)]
                steps = [_step(gray, begin, end, bends[side], 1 - t if backwards else t) for t in places]
                return [here * step > 0 and abs(here) > _STEP_SHARE * abs(step) for here in steps]

            if abs(usual[side]) > _TELLS_STEP_MIN and 2 * sum(agreeing(_BEYOND_SHARE, _BEYOND_END_SHARE)) >= _CORNER_PLACES:
                agree += agreeing(_NEAR_SHARE, _FAR_SHARE)
        x, y = corners[k]
        if 0 <= x < gray.width and 0 <= y < gray.height and 2 * sum(agree) < len(agree):
            names.append(_CORNER_NAMES[k])
    return names


def _step(gray: Gray, begin: Point, end: Point, bend: tuple[float, ...], t: float) -> float:
    """How much lighter the sheet is than the ground at t of a side; corners clockwise."""
    length = math.dist(begin, end) or 1.0
    beside = _BESIDE_PX * max(1.0, max(gray.width, gray.height) / 2000)
    nx, ny = (end[1] - begin[1]) / length, -(end[0] - begin[0]) / length
    x, y = begin[0] + t * (end[0] - begin[0]), begin[1] + t * (end[1] - begin[1])
    if bend:
        knot = min(int(t * (len(bend) - 1)), len(bend) - 2)
        off = bend[knot] + (t * (len(bend) - 1) - knot) * (bend[knot + 1] - bend[knot])
        x, y = x + off * nx, y + off * ny
    inside, outside = (
        gray.data[min(max(int(y - away * ny), 0), gray.height - 1) * gray.width + min(max(int(x - away * nx), 0), gray.width - 1)]
        for away in (beside, -beside)
    )
    return float(inside - outside)


def _is_apart(corners: Any, other: Any) -> bool:
    """Whether the middle of another quadrilateral lies outside these corners, clockwise."""
    x, y = sum(point[0] for point in other) / 4, sum(point[1] for point in other) / 4
    for k in range(4):
        (ax, ay), (bx, by) = corners[k], corners[(k + 1) & 3]
        if (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0:
            return True
    return False


def _bend(fit: Any, backwards: bool) -> tuple[float, ...]:
    """Offsets outwards from the chord at each knot; nothing for a straight side."""
    last = sides.KNOTS - 1
    rest = [fit[sides.KNOT + k] for k in range(sides.KNOTS)]
    offsets = []
    for k in range(sides.KNOTS):
        t = k / last
        # what the corners lie off is theirs, and no bend
        offsets.append(rest[k] - t * (1 - t) * (fit[sides.C2] + fit[sides.C3] * (1 + t)) if 0 < k < last else 0.0)
    if max(map(abs, offsets)) < _BEND_PX_MIN:
        return ()
    return tuple(round(offset, 4) for offset in (reversed(offsets) if backwards else offsets))


def upright(points: Any) -> tuple[tuple[Point, Point, Point, Point], list[int], bool]:
    """Corners clockwise from the upper left; which of the given sides is the upper, right, lower
    and left one; whether they were clockwise. The upper left corner is that nearest to the
    picture's.
    """
    cx, cy = sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4
    around = sorted(range(4), key=lambda k: math.atan2(points[k][1] - cy, points[k][0] - cx))
    first = min(range(4), key=lambda i: points[around[i]][0] + points[around[i]][1])
    around = around[first:] + around[:first]
    clockwise = (around[1] - around[0]) % 4 == 1
    order = [around[i] if clockwise else around[(i + 1) & 3] for i in range(4)]
    corners = [(float(points[k][0]), float(points[k][1])) for k in around]
    return (corners[0], corners[1], corners[2], corners[3]), order, clockwise


def angle_of(corners: Any) -> float:
    """By how many degrees the sheet is turned, clockwise: the mean of its four sides'."""
    total = 0.0
    for k in range(4):
        (ax, ay), (bx, by) = corners[k], corners[(k + 1) & 3]
        total += ((math.degrees(math.atan2(by - ay, bx - ax)) - 90 * k + 180) % 360 - 180) / 4
    return round(total, 4)


def _cross(a: Any, b: Any) -> tuple[float, float, float]:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _dot(a: Any, b: Any) -> float:
    return sum(x * y for x, y in zip(a, b))


def aspect_of(corners: Any, width: int, height: int, focal_mm: float | None) -> tuple[float, str]:
    """Width over height of a rectangle by its corners in a picture whose middle is the lens's
    (Zhang and He 2007), and where that is known from.
    """
    diagonal = math.hypot(width, height)
    m1, m2, m4, m3 = (((x - width / 2) / diagonal, (y - height / 2) / diagonal, 1.0) for x, y in corners)
    k2 = _dot(_cross(m1, m4), m3) / _dot(_cross(m2, m4), m3)
    k3 = _dot(_cross(m1, m4), m2) / _dot(_cross(m3, m4), m2)
    n2 = tuple(k2 * b - a for a, b in zip(m1, m2))
    n3 = tuple(k3 * b - a for a, b in zip(m1, m3))
    focal, known = (focal_mm or _COMMON_MM) / _FILM_DIAGONAL_MM, "exif" if focal_mm else "assumed"
    if not focal_mm:
        if max(abs(n2[2]), abs(n3[2])) < 0.003:  # no perspective: a scan, of which every lens says the same
            known = "solved"
        elif min(abs(n2[2]), abs(n3[2])) > _CONVERGENCE_MIN:
            squared = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
            if squared > 0 and _FOCAL_MIN < math.sqrt(squared) < _FOCAL_MAX:
                focal, known = math.sqrt(squared), "solved"
    across = math.hypot(n2[0] / focal, n2[1] / focal, n2[2])
    down = math.hypot(n3[0] / focal, n3[1] / focal, n3[2])
    aspect = across / down
    for paper in (A4_MM, LETTER_MM):
        for ratio in (paper[0] / paper[1], paper[1] / paper[0]):
            if abs(math.log(aspect / ratio)) < _PAPER_SHARE:
                return ratio, "paper"
    return aspect, known
