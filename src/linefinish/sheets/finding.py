"""`find_sheet`: where the sheet of paper lies in a photograph or a scan, if it shows one.

A sheet is four long straight edges with paper along the inside of each. Lines are found in a small
colour picture, four of them chosen, and precision comes last, from the full picture. What is drawn
is no sheet: a frame is dark with paper on both sides, a panel stands upright in a ground that has
no grain. Where there is doubt there is no sheet, and the whole picture is drawn.
"""
from __future__ import annotations

import math

from linefinish.checks import keywords
from linefinish.kernels import quads, sides, straight
from linefinish.memory import buffers
from linefinish.records import record, replace
from linefinish.sheets.placing import place
from linefinish.sheets.scoring import firmness, median, score_of, settle_faint
from linefinish.sheets.sheet import Sheet
from linefinish.sheets.views import View, view_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# Lines of one picture. Larger: grain and drawing are tried as sides, for time and false finds;
# smaller: a faint edge of white on white is no line among the drawn ones.
_LINES_MAX = 100
# Quadrilaterals kept by the share of supported sides, judged by what lies along them, and placed in
# the full picture: what is right is nearly always among the first five.
_RANKED_MAX, _JUDGED_MAX, _PLACED_MAX = 500, 45, 12
# So many that may be a sheet are enough to choose those from.
_CANDIDATES_MAX = 34
# A line that lies so near to the picture's border all along, in small pixels, is the border.
_HUGS_PX = 6.0
# Below this score there is no sheet. Larger: sheets under hard shadows are not found; smaller: a
# drawn window is one. And the sides' median share of profiles that agree.
_SCORE_MIN, _SHARE_MIN = 0.34, 0.6
# A panel is drawn: its sides are upright within so many degrees, and the ground beside all of them
# has less grain than this, in greys; or it is darker than the ground: a fill.
_UPRIGHT_DEGREES, _GRAIN_MIN = 0.25, 0.8

# Candidates are placed one after another; after so many, a sheet with this score is the one.
_SURE_AFTER, _SURE_SCORE = 4, 0.6
# Another sheet is told of from this score on.
_SECOND_SCORE_MIN = 0.45
# A candidate whose corners are all this near to one that was placed, in small pixels, is that one.
_SAME_PX = 2.0

# A dark line along a side may be the gap to a ground as light as the paper. Where the step across
# it, in greys over three channels, and its share of the side are smaller, it is drawn, and the
# sheet goes on.
_INKED_STEP_MIN, _INKED_SHARE = 12.0, 0.75

NO_LINES = "no long straight edges"
NO_QUADRILATERAL = "no four edges that could be a sheet's"
UNSUPPORTED = "no four edges with paper along them"
DRAWN_FRAME = "a drawn frame"
PANEL = "a panel, upright and with no grain around it"


@record
class Found:
    """A sheet, or None and why there is none."""

    sheet: Sheet | None
    reason: str


@keywords
def find_sheet(source: Any, *, focal_mm: float | None = None) -> Sheet | None:
    """The sheet of paper that a picture shows, or None.

    `source` is whatever `read_gray` reads. Its colour helps; a `Gray` is enough. `focal_mm` is the
    lens's focal length as of 35 mm film, where the file does not state it. Raises ImageError for
    what cannot be read.
    """
    return search(view_of(source), focal_mm).sheet


@record
class _Candidate:
    """Four sides in the small picture, by their rank so far; `real` has a bit for each side that is
    no border of the picture.
    """

    rank: float
    corners: Any
    real: int


@record
class _Placed:
    """Four sides in the full picture."""

    score: float
    corners: list[tuple[float, float]]
    real: int
    facts: list[Any]
    fits: list[Any]
    others: tuple[list[tuple[float, float]], ...] = ()


def search(view: View, focal_mm: float | None = None) -> Found:
    """`find_sheet`, and why there is none."""
    gradient = gradient_of(view)
    lines = _lines(view, gradient)
    inked: list[float] = []
    best, reason = _best_of(view, lines, inked)
    if (lines.drawn or inked) and (best is None or _is_doubtful(best)):
        # a drawn frame may have outvoted the paper's edges
        drawn = buffers.numbers("d", *lines.drawn, *inked)
        marks = b"\1" * (len(drawn) // 3)
        if quads.erase(drawn, len(marks), marks, lines.picture, gradient[3]):
            again, _ = _best_of(view, _lines(view, gradient), [])
            if again and (best is None or again.score > best.score):
                best = again
    if best is None:
        return Found(None, reason)
    from linefinish.sheets.shaping import shaped

    return Found(shaped(view, best, focal_mm), "four edges with paper along them")


def _is_doubtful(placed: _Placed) -> bool:
    """Whether a sheet may be part of a larger one: it leaves the picture, or ends at ink."""
    return placed.real != 15 or any(side[sides.INK] for side in placed.facts if side[sides.SEEN])


def _best_of(view: View, lines: _Lines, inked: list[float]) -> tuple[_Placed | None, str]:
    """The four lines that are most like a sheet's, or None and why. `inked` gets the lines a, b, c
    of sides that turned out to be drawn.
    """
    if lines.count < 2:
        return None, DRAWN_FRAME if lines.drawn else NO_LINES
    candidates, reason = _candidates(view, lines)
    placed, why = _placed(view, candidates, inked)
    if placed is None:
        return None, why or reason
    shares = sorted(side[sides.SHARE] for side in placed.facts if side[sides.SEEN])
    if placed.score < _SCORE_MIN or median(shares) < _SHARE_MIN:
        return None, f"{UNSUPPORTED} (score {placed.score:.2f})"
    if _is_panel(placed):
        return None, PANEL
    if _is_light_frame(view, placed):
        return None, DRAWN_FRAME
    return placed, ""


# --- lines
# ------------------------------------------------------------

def gradient_of(view: View) -> tuple[Any, ...]:
    """Size, direction (x, y) and crests of the small picture's gradient, its median, and a
    histogram for further use.
    """
    width, height = view.width, view.height
    n = width * height
    size, across_x, across_y = (buffers.zeros(n, "f", written_whole=True) for _ in range(3))
    scratch = buffers.scratch("gradient", 3 * straight.ROWS * width, "f")
    straight.gradient(view.rgb, width, height, scratch, size, across_x, across_y)
    kept, histogram = buffers.zeros(n, "B", written_whole=True), buffers.zeros(straight.BINS, "q")
    median = straight.crests(size, across_x, across_y, width, height, histogram, kept)
    return size, across_x, across_y, kept, median, histogram


def straight_lines(view: View, gradient: tuple[Any, ...]) -> list[tuple[float, float, float]]:
    """The longest straight edges a x + b y + c = 0 about the small picture's middle, without what
    is its border.
    """
    width, height = view.width, view.height
    size, across_x, across_y, kept, median, histogram = gradient
    distance = int(math.hypot(width, height) / 2) + 4
    turns = buffers.numbers("d", *(turn(math.radians(k / 2)) for k in range(straight.DIRECTIONS) for turn in (math.cos, math.sin)))
    counts, scratch, votes = (buffers.zeros(2 * distance * straight.DIRECTIONS, code) for code in "iff")
    told = buffers.numbers("d", width, height, distance, median)
    straight.votes(size, across_x, across_y, kept, told, turns, histogram, counts, scratch, votes)
    heights, places = buffers.zeros(straight.DIRECTIONS, "d"), buffers.zeros(straight.DIRECTIONS + straight.SECTORS, "q")
    found = buffers.zeros(3 * _LINES_MAX, "d")
    count = straight.peaks(votes, distance, _LINES_MAX, heights, places, found)
    lines = []
    for k in range(count):
        direction = int(found[3 * k])
        a, b, r = turns[2 * direction], turns[2 * direction + 1], found[3 * k + 1]
        if not _hugs(a, b, r, width, height):
            lines.append((a, b, -r))
    return lines


def _hugs(a: float, b: float, r: float, width: int, height: int) -> bool:
    """Whether a line runs along the picture's border."""
    if abs(b) > abs(a):
        ends, half = [(r - a * x) / b for x in (-width / 2, width / 2)], height / 2
    else:
        ends, half = [(r - b * y) / a for y in (-height / 2, height / 2)], width / 2
    return max(abs(abs(end) - half) for end in ends) < _HUGS_PX and ends[0] * ends[1] > 0


def supported(view: View, gradient: tuple[Any, ...], lines: list[tuple[float, float, float]]) -> tuple[Any, Any, Any, Any]:
    """Running sums along lines, as `quads.supports` gives them; the lines flat; what the kernels
    are told of the picture.
    """
    width, height = view.width, view.height
    size, across_x, across_y, kept, median, _ = gradient
    reach = int(math.hypot(width, height) / 2) + 1
    picture = buffers.numbers("d", width, height, reach, median)
    flat = buffers.numbers("d", *(number for line in lines for number in line))
    row = 2 * reach + 2
    edges, inside = buffers.zeros(row * len(lines), "i"), buffers.zeros(row * len(lines), "i")
    quads.supports(flat, len(lines), size, across_x, across_y, kept, picture, edges, inside)
    return flat, edges, inside, picture


# By how much the smoother side of a sheet's line varies along it, as a share of its light: 0.001 to
# 0.007. Cloth, carpet and strong grain vary by 0.01 to 0.06 on both sides of theirs. What is over
# the first leaves one e-th of the line's worth for each of the second; beyond the third it is none.
_LINE_ROUGH_FREE, _LINE_ROUGH, _LINE_ROUGH_MAX = 0.008, 0.02, 0.045


@record
class _Lines:
    """Lines that are not drawn, f64 (count + 4, 3) with the picture's borders last; sums along
    them; what each is worth; what the kernels are told of the picture; and the drawn ones.
    """

    count: int
    flat: Any
    edges: Any
    inside: Any
    worth: Any
    picture: Any
    drawn: Any


def _lines(view: View, gradient: tuple[Any, ...]) -> _Lines:
    lines = straight_lines(view, gradient)
    flat, edges, inside, picture = supported(view, gradient, lines)
    marks, rough = buffers.zeros(len(lines), "B"), buffers.zeros(len(lines), "d")
    if lines:
        quads.drawn(view.rgb, flat, len(lines), edges, picture, buffers.zeros(quads.DRAWN_SCRATCH, "d"), marks, rough)
    left = [k for k, mark in enumerate(marks) if not mark and rough[k] < _LINE_ROUGH_MAX]
    drawn = buffers.numbers("d", *(number for k, mark in enumerate(marks) if mark for number in lines[k]))
    if len(left) < len(lines):
        row = len(edges) // len(lines)
        lines = [lines[k] for k in left]
        edges, inside = (_rows(sums, left, row) for sums in (edges, inside))
    worth = buffers.numbers("d", *(math.exp(-max(0.0, rough[k] - _LINE_ROUGH_FREE) / _LINE_ROUGH) for k in left))
    w, h = view.width / 2, view.height / 2
    borders = [(1.0, 0.0, w), (1.0, 0.0, -w), (0.0, 1.0, h), (0.0, 1.0, -h)]
    flat = buffers.numbers("d", *(number for line in (*lines, *borders) for number in line))
    return _Lines(len(lines), flat, edges, inside, worth, picture, drawn)


def _rows(sums: Any, rows: list[int], row: int) -> Any:
    """Some of the rows, one after another."""
    return memoryview(b"".join(bytes(sums[k * row : (k + 1) * row]) for k in rows)).cast("i") if rows else sums[:0]


# --- quadrilaterals
# ------------------------------------------------------------

def _candidates(view: View, lines: _Lines) -> tuple[list[_Candidate], str]:
    """The best quadrilaterals by what lies along their sides, and what spoke against others."""
    count, n = lines.count, lines.count + 4
    crossings, pairs = buffers.zeros(4 * n * n, "d"), buffers.zeros(2 * n * n, "i")
    ranked = buffers.zeros(_RANKED_MAX * quads.QUAD, "d")
    told = (lines.flat, count, lines.edges, lines.inside, lines.worth, lines.picture)
    found = quads.best(*told, crossings, pairs, _RANKED_MAX, ranked)
    if not found:
        return [], NO_QUADRILATERAL
    corners, which = buffers.zeros(8 * _JUDGED_MAX, "d"), buffers.zeros(_JUDGED_MAX, "q")
    kept = quads.distinct(ranked, found, crossings, n, _JUDGED_MAX, corners, which)
    reason = UNSUPPORTED
    candidates: list[_Candidate] = []
    for k in range(kept):
        if len(candidates) == _CANDIDATES_MAX:
            break
        at = quads.QUAD * which[k]
        real = sum(1 << side for side in range(4) if ranked[at + quads.SIDES + side] < count)
        here = buffers.numbers("d", *(corners[8 * k + i] + (view.width, view.height)[i & 1] / 2 for i in range(8)))
        facts = _judged(view, here, real)
        seen = [side for side in facts if side[sides.SEEN]]
        if len(seen) < 2:
            continue
        inks = sum(side[sides.INK] == 1 for side in seen)
        if inks >= 2 or (inks and len(seen) < 4):
            reason = DRAWN_FRAME
            continue
        share = sum(side[sides.SHARE] for side in seen) / len(seen)
        candidates.append(_Candidate(ranked[at + quads.SCORE] * share * (1 - 0.25 * inks), here, real))
    candidates.sort(key=lambda candidate: -candidate.rank)
    return candidates[:_PLACED_MAX], reason


def _judged(view: View, corners: Any, real: int, bows: Any = None) -> list[Any]:
    """What lies along each of four sides in the small picture, which may be bent."""
    facts = buffers.zeros(4 * sides.SIDE, "d")
    scratch = buffers.scratch("judge", sides.JUDGE_SCRATCH, "d")
    sides.judge(view.rgb, view.width, view.height, corners, bows or buffers.zeros(8, "d"), real, scratch, facts)
    return [facts[k * sides.SIDE : (k + 1) * sides.SIDE] for k in range(4)]


def _placed(view: View, candidates: list[_Candidate], inked: list[float]) -> tuple[_Placed | None, str]:
    """The best of the candidates, placed in the full picture; `inked` as for `_best_of`."""
    gray = view.gray
    scale = (gray.width / view.width, gray.height / view.height)
    unit_px = max(1.0, max(scale) / 2)
    light = _light(view)
    best: _Placed | None = None
    reason = ""
    known: list[list[float]] = []
    good: list[list[tuple[float, float]]] = []
    for rank, candidate in enumerate(candidates):
        if rank >= _SURE_AFTER and best is not None and best.score > _SURE_SCORE:
            break
        if any(max(abs(a - b) for a, b in zip(candidate.corners, other)) < _SAME_PX for other in known):
            continue
        full = buffers.numbers("d", *(number * scale[i & 1] for i, number in enumerate(candidate.corners)))
        found = place(view, full, candidate.real)
        if found is None:
            continue
        corners, fits = found
        small = buffers.numbers("d", *(number / scale[i & 1] for i, number in enumerate(corners)))
        known.append(list(small))
        bows = buffers.numbers("d", *(fit[item] / scale[0] for fit in fits for item in (sides.C2, sides.C3)))
        facts = _judged(view, small, candidate.real, bows)
        seen = [side for side in facts if side[sides.SEEN]]
        if len(seen) < 2:
            continue
        points = [(corners[2 * k], corners[2 * k + 1]) for k in range(4)]
        settle_faint(gray, points, facts, unit_px)
        for k, side in enumerate(facts):
            if side[sides.INK]:
                inked += _line_of(small, k, view.width / 2, view.height / 2)
        inks = sum(side[sides.INK] for side in seen)
        between = any(
            side[sides.INK] and abs(side[sides.STEP]) < _INKED_STEP_MIN and fit[sides.USED] < _INKED_SHARE for side, fit in zip(facts, fits)
        )
        if inks >= 2 or (inks and len(seen) < 4) or between:
            reason = DRAWN_FRAME
            continue
        score = score_of(points, candidate.real, facts, fits, light, gray.width * gray.height) * (1 - 0.25 * inks)
        score *= firmness(gray, points, candidate.real, fits, unit_px)
        if score > _SECOND_SCORE_MIN:
            good.append(points)
        if best is None or score > best.score:
            best = _Placed(score, points, candidate.real, facts, fits)
    return (replace(best, others=tuple(good)) if best else None), reason


def _line_of(corners: Any, side: int, cx: float, cy: float) -> tuple[float, float, float]:
    """The line a x + b y + c = 0 about cx, cy through the ends of a side."""
    ax, ay, bx, by = corners[2 * side], corners[2 * side + 1], corners[(2 * side + 2) & 7], corners[(2 * side + 3) & 7]
    length = math.hypot(bx - ax, by - ay) or 1.0
    a, b = (by - ay) / length, (ax - bx) / length
    return a, b, -a * (ax - cx) - b * (ay - cy)


def _light(view: View) -> float:
    """How light the picture's lightest twentieth is at least, by every 21st pixel's green."""
    values = bytes(view.rgb[1::63])
    lighter = len(values) - int(0.95 * len(values))
    light = 256
    while light > 1 and lighter > 0:
        light -= 1
        lighter -= values.count(light)
    return float(light) if values else 1.0


# A light frame, as of chalk, is looked for so far within a side and out of it, in small pixels, at
# so many places; it is one where this share of the step is gone again, on all sides but one.
_WITHIN_PX, _EDGE_PX, _BESIDE_PX, _FRAME_PLACES, _FRAME_SHARE = range(-26, -8, 4), range(-4, -1), range(4, 9, 2), 24, 0.3


def _is_light_frame(view: View, placed: _Placed) -> bool:
    """Whether the ground goes on within the sides: paper would."""
    sx, sy = view.width / view.gray.width, view.height / view.gray.height
    points = [(x * sx, y * sy) for x, y in placed.corners]
    cx, cy = sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4
    sides_seen = frames = 0
    for k in range(4):
        if not placed.real >> k & 1:
            continue
        (ax, ay), (bx, by) = points[k], points[(k + 1) & 3]
        length = math.dist((ax, ay), (bx, by)) or 1.0
        nx, ny = (by - ay) / length, -(bx - ax) / length
        if nx * (ax - cx) + ny * (ay - cy) < 0:
            nx, ny = -nx, -ny
        greys: list[float] = []
        for offsets in (_WITHIN_PX, _EDGE_PX, _BESIDE_PX):
            values = []
            for i in range(_FRAME_PLACES):
                t = (i + 1.5) / (_FRAME_PLACES + 2)
                x, y = ax + t * (bx - ax), ay + t * (by - ay)
                for d in offsets:
                    px, py = int(x + d * nx), int(y + d * ny)
                    if 0 <= px < view.width and 0 <= py < view.height:
                        at = 3 * (py * view.width + px)
                        values.append(float(view.rgb[at] + view.rgb[at + 1] + view.rgb[at + 2]))
            greys.append(median(sorted(values)))
        within, edge, ground = greys
        sides_seen += 1
        frames += edge > ground and abs(within - ground) < _FRAME_SHARE * (edge - ground)
    return frames >= max(2, sides_seen - 1)


def _is_panel(placed: _Placed) -> bool:
    """Whether it is drawn: upright, in a ground without grain."""
    points = placed.corners
    for k in range(4):
        (ax, ay), (bx, by) = points[k], points[(k + 1) & 3]
        if placed.real >> k & 1 and abs((math.degrees(math.atan2(by - ay, bx - ax)) + 45) % 90 - 45) >= _UPRIGHT_DEGREES:
            return False
    seen = [side for side in placed.facts if side[sides.SEEN]]
    return all(side[sides.GRAIN] < _GRAIN_MIN for side in seen) or not any(side[sides.LIGHTER] for side in seen)
