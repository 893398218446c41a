"""`find_sheet`: where the sheet of paper lies in a photograph or a scan, if it shows one.

A sheet is four long straight edges with paper along the inside of each. Lines are found in a small
colour picture, four of them chosen, and precision comes last, from the full picture. What is drawn
is no sheet: a frame is dark with paper on both sides, a panel stands upright in a ground that has
no grain. Where there is doubt there is no sheet, and the whole picture is drawn.
"""
from __future__ import annotations

import math

from linefinish.kernels import quads, sides, straight
from linefinish.memory import buffers
from linefinish.records import record
from linefinish.sheets.sheet import Sheet
from linefinish.sheets.views import View, view_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.raster import Gray

# Lines of one picture. Larger: grain and drawing are tried as sides, for time and false finds;
# smaller: a faint edge of white on white is no line among the drawn ones.
_LINES_MAX = 84
# Quadrilaterals kept by the share of supported sides, judged by what lies along them, and placed in
# the full picture: what is right is nearly always among the first five.
_RANKED_MAX, _JUDGED_MAX, _PLACED_MAX = 500, 45, 12
# A line that lies so near to the picture's border all along, in small pixels, is the border.
_HUGS_PX = 6.0
# Below this score there is no sheet. Larger: sheets under hard shadows are not found; smaller: a
# drawn window is one. And the sides' median share of profiles that agree.
_SCORE_MIN, _SHARE_MIN = 0.34, 0.6
# A panel is drawn: its sides are upright within so many degrees, and the ground beside all of them
# has less grain than this, in greys; or it is darker than the ground: a fill.
_UPRIGHT_DEGREES, _GRAIN_MIN = 0.25, 0.8

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


def search(view: View, focal_mm: float | None = None) -> Found:
    """`find_sheet`, and why there is none."""
    lines, framed, edges, inside, picture = _lines(view)
    count = len(lines) // 3 - 4
    if count < 2:
        return Found(None, DRAWN_FRAME if framed else NO_LINES)
    candidates, reason = _candidates(view, lines, edges, inside, picture)
    placed, why = _placed(view, candidates)
    if placed is None:
        return Found(None, why or reason)
    shares = sorted(side[sides.SHARE] for side in placed.facts if side[sides.SEEN])
    if placed.score < _SCORE_MIN or _median(shares) < _SHARE_MIN:
        return Found(None, f"{UNSUPPORTED} (score {placed.score:.2f})")
    if _is_panel(placed):
        return Found(None, PANEL)
    from linefinish.sheets.shaping import shaped

    return Found(shaped(view, placed, focal_mm), "four edges with paper along them")


def _median(values: list[float]) -> float:
    """The middle of values in order."""
    return 0.5 * (values[(len(values) - 1) // 2] + values[len(values) // 2]) if values else 0.0


# --- lines
# ------------------------------------------------------------

def gradient_of(view: View) -> tuple[Any, ...]:
    """Size, direction (x, y) and crests of the small picture's gradient, its median, and a
    histogram for further use.
    """
    width, height = view.width, view.height
    n = width * height
    scratch, blurred = buffers.zeros(3 * n, "f"), buffers.zeros(3 * n, "f", written_whole=True)
    straight.blur(view.rgb, width, height, scratch, blurred)
    size, across_x, across_y = (buffers.zeros(n, "f", written_whole=True) for _ in range(3))
    straight.gradient(blurred, width, height, size, across_x, across_y)
    kept, histogram = buffers.zeros(n, "B", written_whole=True), buffers.zeros(straight.BINS, "q")
    median = straight.crests(size, across_x, across_y, width, height, histogram, kept)
    return size, across_x, across_y, kept, median, histogram


def straight_lines(view: View, gradient: tuple[Any, ...]) -> list[tuple[float, float, float]]:
    """The longest straight edges a x + b y + c = 0 about the small picture's middle, without what
    is its border.
    """
    width, height = view.width, view.height
    size, across_x, across_y, kept, median, histogram = gradient
    distance = int(math.hypot(width, height)) + 2
    turns = buffers.numbers("d", *(turn(math.radians(k / 2)) for k in range(straight.DIRECTIONS) for turn in (math.cos, math.sin)))
    scratch, votes = (buffers.zeros(2 * distance * straight.DIRECTIONS, "f") for _ in range(2))
    told = buffers.numbers("d", width, height, distance, median)
    straight.votes(size, across_x, across_y, kept, told, turns, histogram, scratch, votes)
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


def _lines(view: View) -> tuple[Any, bool, Any, Any, Any]:
    """Lines that are not drawn, the picture's borders last; whether some were; sums along them."""
    gradient = gradient_of(view)
    lines = straight_lines(view, gradient)
    flat, edges, inside, picture = supported(view, gradient, lines)
    marks = buffers.zeros(len(lines), "B")
    drawn = quads.drawn(view.rgb, flat, len(lines), edges, picture, buffers.zeros(quads.DRAWN_SCRATCH, "d"), marks) if lines else 0
    if drawn:
        row = len(edges) // len(lines)
        left = [k for k, mark in enumerate(marks) if not mark]
        lines = [lines[k] for k in left]
        edges, inside = (_rows(sums, left, row) for sums in (edges, inside))
    w, h = view.width / 2, view.height / 2
    borders = [(1.0, 0.0, w), (1.0, 0.0, -w), (0.0, 1.0, h), (0.0, 1.0, -h)]
    return buffers.numbers("d", *(number for line in (*lines, *borders) for number in line)), drawn > 0, edges, inside, picture


def _rows(sums: Any, rows: list[int], row: int) -> Any:
    """Some of the rows, one after another."""
    return memoryview(b"".join(bytes(sums[k * row : (k + 1) * row]) for k in rows)).cast("i") if rows else sums[:0]


# --- quadrilaterals
# ------------------------------------------------------------

def _candidates(view: View, lines: Any, edges: Any, inside: Any, picture: Any) -> tuple[list[_Candidate], str]:
    """The best quadrilaterals by what lies along their sides, and what spoke against others."""
    count = len(lines) // 3 - 4
    n = count + 4
    crossings, pairs = buffers.zeros(4 * n * n, "d"), buffers.zeros(2 * n * n, "i")
    ranked = buffers.zeros(_RANKED_MAX * quads.QUAD, "d")
    found = quads.best(lines, count, edges, inside, picture, crossings, pairs, _RANKED_MAX, ranked)
    if not found:
        return [], NO_QUADRILATERAL
    corners, which = buffers.zeros(8 * _JUDGED_MAX, "d"), buffers.zeros(_JUDGED_MAX, "q")
    kept = quads.distinct(ranked, found, crossings, n, _JUDGED_MAX, corners, which)
    reason = UNSUPPORTED
    candidates = []
    for k in range(kept):
        at = quads.QUAD * which[k]
        real = sum(1 << side for side in range(4) if ranked[at + quads.SIDES + side] < count)
        here = buffers.numbers("d", *(corners[8 * k + i] + (view.width, view.height)[i & 1] / 2 for i in range(8)))
        facts = _judged(view, here, real)
        seen = [side for side in facts if side[sides.SEEN]]
        if len(seen) < 2:
            continue
        inks = sum(side[sides.INK] for side in seen)
        if inks >= 2 or (inks and len(seen) < 4):
            reason = DRAWN_FRAME
            continue
        share = sum(side[sides.SHARE] for side in seen) / len(seen)
        candidates.append(_Candidate(ranked[at + quads.SCORE] * share * (1 - 0.25 * inks), here, real))
    candidates.sort(key=lambda candidate: -candidate.rank)
    return candidates[:_PLACED_MAX], reason


def _judged(view: View, corners: Any, real: int) -> list[Any]:
    """What lies along each of four sides in the small picture."""
    facts = buffers.zeros(4 * sides.SIDE, "d")
    sides.judge(view.rgb, view.width, view.height, corners, real, buffers.scratch("judge", sides.JUDGE_SCRATCH, "d"), facts)
    return [facts[k * sides.SIDE : (k + 1) * sides.SIDE] for k in range(4)]


def place(gray: Gray, corners: Any, real: int, px_per_small: float) -> tuple[Any, list[Any]] | None:
    """Corners in the full picture where the sides' curves meet, twice refined, and the sides; None
    where they ran away.
    """
    for reach in (max(7, round(4 * px_per_small)), max(4, round(2 * px_per_small))):
        fits, placed = buffers.zeros(4 * sides.FIT, "d"), buffers.zeros(8, "d")
        scratch = buffers.scratch("refine", sides.fit_scratch(reach), "d")
        if not sides.refine(gray.data, gray.width, gray.height, corners, real, reach, scratch, fits, placed):
            return None
        if not all(abs(here - there) <= 14 * px_per_small + 20 for here, there in zip(placed, corners)):
            return None
        corners = placed
    return corners, [fits[k * sides.FIT : (k + 1) * sides.FIT] for k in range(4)]


def _placed(view: View, candidates: list[_Candidate]) -> tuple[_Placed | None, str]:
    """The best of the candidates, placed in the full picture."""
    gray = view.gray
    scale = (gray.width / view.width, gray.height / view.height)
    light = _light(view)
    best: _Placed | None = None
    reason = ""
    for candidate in candidates:
        full = buffers.numbers("d", *(number * scale[i & 1] for i, number in enumerate(candidate.corners)))
        found = place(gray, full, candidate.real, max(scale))
        if found is None:
            continue
        corners, fits = found
        small = buffers.numbers("d", *(number / scale[i & 1] for i, number in enumerate(corners)))
        facts = _judged(view, small, candidate.real)
        seen = [side for side in facts if side[sides.SEEN]]
        inks = sum(side[sides.INK] for side in seen)
        if len(seen) < 2:
            continue
        if inks >= 2 or (inks and len(seen) < 4):
            reason = DRAWN_FRAME
            continue
        points = [(corners[2 * k], corners[2 * k + 1]) for k in range(4)]
        score = _score(points, candidate.real, facts, fits, light, gray.width * gray.height) * (1 - 0.25 * inks)
        score *= _firmness(gray, points, candidate.real, fits, max(1.0, max(scale) / 2))
        if best is None or score > best.score:
            best = _Placed(score, points, candidate.real, facts, fits)
    return best, reason


def _light(view: View) -> float:
    """How light the lightest twentieth of the picture is at least."""
    histogram = [0] * 256
    rgb = view.rgb
    for k in range(0, len(rgb) - 2, 3 * 7):
        histogram[(rgb[k] + rgb[k + 1] + rgb[k + 2]) // 3] += 1
    left = sum(histogram) * 0.05
    for level in range(255, -1, -1):
        left -= histogram[level]
        if left <= 0:
            return float(max(level, 1))
    return 1.0


# What a rim of paper has of roughness (a share of its light), and by how much colours of rims
# stray: one e-th is left of the score at each of these. Smaller: drawing to the edge, and coloured
# light, count against a sheet; larger: a sheet's edge that runs over wood is one.
_ROUGH_SHARE, _CHROMA_FREE, _CHROMA_SHARE = 0.12, 0.012, 0.05
# How far the places of a side stray from its curve, in pixels of a picture of twice the small one's
# size: paper's edges by 0.05 to 0.4, bent ones and edges of shadows by more. What is over the first
# costs one e-th of the score for each of the second; and the side is asked whether it is soft.
_STRAY_FREE_PX, _STRAY_PX = 0.7, 2.0
# An edge of paper has most of its step within 2 px of the same size, one of a shadow less than this
# share of what it falls within 8 px either way; a side that is a shadow's leaves this of the score.
_SOFT_SHARE, _SOFT_LEAVES, _SOFT_REACH_PX, _SOFT_PROFILES = 0.45, 0.3, 8, 24


def _score(points: list[tuple[float, float]], real: int, facts: list[Any], fits: list[Any], light: float, pixels: int) -> float:
    """0 to 1: supported share of the visible length × contrast of one sign × smooth rims of one
    colour × size.
    """
    lengths = [math.dist(points[k], points[(k + 1) & 3]) for k in range(4)]
    is_real = [bool(real >> k & 1) for k in range(4)]
    visible = [fit[sides.VISIBLE] * length if there else 0.0 for fit, length, there in zip(fits, lengths, is_real)]
    covered = sum(min(1.0, fit[sides.USED] / max(1e-6, fit[sides.VISIBLE])) * part for fit, part in zip(fits, visible))
    hidden = sum(length for length, there in zip(lengths, is_real) if not there)
    cover = covered / max(1e-9, sum(visible) + 0.5 * hidden)
    seen = [side for side in facts if side[sides.SEEN]]
    shares = [side[sides.SHARE] for side in seen]
    area = abs(sum(points[k][0] * points[(k + 1) & 3][1] - points[k][1] * points[(k + 1) & 3][0] for k in range(4))) / 2 / pixels
    lighter = sum(side[sides.LIGHTER] for side in seen)
    rims = [side for side in facts if side[sides.RIMMED]]
    rough = sum(side[sides.ROUGH] for side in rims) / len(rims) if rims else 1.0
    strays = 0.0
    if rims:
        colours = [(side[sides.RED], side[sides.GREEN], 1 - side[sides.RED] - side[sides.GREEN]) for side in rims]
        for channel in range(3):
            middle = _median(sorted(colour[channel] for colour in colours))
            strays = max(strays, *(abs(colour[channel] - middle) for colour in colours))
    score = cover * sum(shares) / sum(is_real) * (1.0 if min(shares) > 0.45 else 0.6)
    score *= 0.6 + 0.4 * math.sqrt(min(area, 1.0))
    score *= 0.5 + 0.5 * min(1.0, _median(sorted(side[sides.LIGHT] for side in seen)) / light)
    score *= 1.0 if lighter in (0, len(seen)) else 0.75
    score *= 1.0 if min(fit[sides.USED] for fit, there in zip(fits, is_real) if there) > 0.2 else 0.7
    return score * math.exp(-rough / _ROUGH_SHARE - max(0.0, strays - _CHROMA_FREE) / _CHROMA_SHARE)


def _firmness(gray: Gray, points: list[tuple[float, float]], real: int, fits: list[Any], unit_px: float) -> float:
    """1 where the sides are sharp and run along their curves, less where they stray, and little
    where one is the edge of a shadow.
    """
    strays = [fit[sides.DEVIATION] / unit_px if real >> k & 1 else 0.0 for k, fit in enumerate(fits)]
    firmness = math.exp(-max(0.0, max(strays) - _STRAY_FREE_PX) / _STRAY_PX)
    if any(stray > _STRAY_FREE_PX and _is_soft(gray, points[k], points[(k + 1) & 3], unit_px) for k, stray in enumerate(strays)):
        firmness *= _SOFT_LEAVES
    return firmness


def _is_soft(gray: Gray, begin: tuple[float, float], end: tuple[float, float], unit_px: float) -> bool:
    """Whether the edge between two corners falls gently, as a shadow's does."""
    length = math.dist(begin, end) or 1.0
    nx, ny = unit_px * (end[1] - begin[1]) / length, -unit_px * (end[0] - begin[0]) / length
    data = memoryview(gray.data)
    shares = []
    for k in range(_SOFT_PROFILES):
        t = (k + 0.5) / _SOFT_PROFILES
        x, y = begin[0] + t * (end[0] - begin[0]), begin[1] + t * (end[1] - begin[1])
        profile = [
            data[int(y + d * ny) * gray.width + int(x + d * nx)]
            for d in range(-_SOFT_REACH_PX, _SOFT_REACH_PX + 1)
            if 0 <= x + d * nx < gray.width and 0 <= y + d * ny < gray.height
        ]
        if len(profile) > _SOFT_REACH_PX:
            steepest = max(abs(profile[i + 2] - profile[i]) for i in range(len(profile) - 2))
            shares.append(steepest / max(1, max(profile) - min(profile)))
    return bool(shares) and _median(sorted(shares)) < _SOFT_SHARE


def _is_panel(placed: _Placed) -> bool:
    """Whether it is drawn: upright, in a ground without grain."""
    points = placed.corners
    for k in range(4):
        (ax, ay), (bx, by) = points[k], points[(k + 1) & 3]
        if placed.real >> k & 1 and abs((math.degrees(math.atan2(by - ay, bx - ax)) + 45) % 90 - 45) >= _UPRIGHT_DEGREES:
            return False
    seen = [side for side in placed.facts if side[sides.SEEN]]
    return all(side[sides.GRAIN] < _GRAIN_MIN for side in seen) or not any(side[sides.LIGHTER] for side in seen)
