"""How near do paths lie to the middle of strokes, how whole are they, and what does that cost?

Pages of our own whose centre lines are known: curves, crossings, branches, loops and dots.
Skeletons are followed pixel by pixel, and smoothed, by us; of their time only the library's call
counts.
"""
from __future__ import annotations

import io
import itertools
import math
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.measuring import Table, ms
from benchmarks.settings import Settings
from linefinish import LINE, FinishOptions, Strokes, finish
from linefinish.toolpaths.ordering import ordered

# Side of a page in pixels, how many times as large it is drawn, pages, and the first one's seed.
SIDE_PX, ZOOM, PAGES, SEED = 1024, 4, 4, 1801
# How far apart samples lie along what is scored, and along the truth, in pixels. Half of the second
# is what the nearest sample of the truth may lie beside the nearest point of it.
STEP_PX, TRUE_STEP_PX = 0.5, 0.02

Line = np.ndarray  # (n, 2)
Made = tuple[list[Line], Any]  # paths; junctions (j, 2) where the tool tells them, else None
Tracer = Callable[[np.ndarray], tuple[Made, float]]


# --- pages with known centre lines
# ------------------------------------------------------------

def _curve(points: np.ndarray) -> Line:
    t = np.linspace(0, 1, 400)[:, None]
    return _even((1 - t) ** 3 * points[0] + 3 * (1 - t) ** 2 * t * points[1] + 3 * (1 - t) * t**2 * points[2] + t**3 * points[3])


def _even(line: Line, step_px: float = STEP_PX) -> Line:
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if way[-1] == 0:
        return line[:1]
    at = np.linspace(0, way[-1], max(2, math.ceil(way[-1] / step_px)))
    return np.column_stack([np.interp(at, way, line[:, axis]) for axis in (0, 1)])


def strokes(seed: int) -> list[tuple[Line, float]]:
    """The strokes of a page, one in each cell of a grid: their centre lines, and their widths."""
    chosen = np.random.default_rng(seed)
    made: list[tuple[Line, float]] = []
    cell = SIDE_PX / 5
    for index in range(25):
        centre = (np.array([index % 5, index // 5]) + 0.5) * cell + chosen.uniform(-6, 6, 2)
        width, turn, reach = chosen.uniform(3, 10), chosen.uniform(0, math.tau), 0.38 * cell
        ahead = reach * np.array([math.cos(turn), math.sin(turn)])
        if index % 5 == 0:  # a bent stroke
            aside = np.array([-ahead[1], ahead[0]]) * chosen.uniform(0.3, 0.9)
            made.append((_curve(np.array([centre - ahead, centre - ahead / 3 + aside, centre + ahead / 3 - aside, centre + ahead])), width))
        elif index % 5 in (1, 2):  # a crossing at 25 to 90 degrees; a branch
            other = turn + chosen.uniform(math.radians(25), math.pi / 2)
            across = reach * np.array([math.cos(other), math.sin(other)])
            made.append((_even(np.array([centre - ahead, centre + ahead])), width))
            made.append((_even(np.array([centre - across * (index % 5 == 1), centre + across])), width * chosen.uniform(0.8, 1.2)))
        elif index % 5 == 3:  # a loop
            angle = np.linspace(0, math.tau, 400)
            made.append((_even(centre + np.column_stack([0.8 * reach * np.cos(angle), 0.5 * reach * np.sin(angle)])), width))
        else:
            made.append((centre[None], width + 2))
    return made


def junctions(page: list[tuple[Line, float]]) -> np.ndarray:
    """Where two strokes of a cell meet: both are straight, and share their middle or an end."""
    ends = [line[0] for line, _ in page]
    middles = [(line[0] + line[-1]) / 2 for line, _ in page]
    found = [here for k, here in enumerate(middles[:-1]) if len(page[k][0]) > 1 and np.hypot(*(page[k][0][0] - page[k][0][-1])) > 9
             and min(np.hypot(*(here - middles[k + 1])), np.hypot(*(here - ends[k + 1]))) < 1e-6]  # fmt: skip
    return np.array(found).reshape(-1, 2)


def drawn(page: list[tuple[Line, float]]) -> np.ndarray:
    """Its greys: how much of each pixel a round pen covers."""
    import resvg_py
    from PIL import Image

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE_PX}" height="{SIDE_PX}"><g fill="none" stroke="#000" '
             'stroke-linecap="round" stroke-linejoin="round">']  # fmt: skip
    for line, width in page:
        ways = "L".join(f"{x:.4f} {y:.4f}" for x, y in (line if len(line) > 1 else np.repeat(line, 2, axis=0)))
        parts.append(f'<path stroke-width="{width:.4f}" d="M{ways}"/>')
    png = resvg_py.svg_to_bytes(svg_string="".join([*parts, "</g></svg>"]), zoom=ZOOM, background="#fff", dpi=96)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L").reduce(ZOOM))


# --- who traces
# ------------------------------------------------------------

def _ours(gray: np.ndarray) -> tuple[Made, float]:
    start = time.process_time()
    made = finish(gray, FinishOptions(centerline=True, speckle_area_px_max=0)).strokes
    taken = time.process_time() - start
    start = time.process_time()
    finish(gray, FinishOptions(speckle_area_px_max=0))
    assert made is not None
    lines = [np.array(line) for line in made.to_polylines()]
    return (lines, made.junctions_array()), taken - (time.process_time() - start)


def _autotrace(gray: np.ndarray) -> tuple[Made, float]:
    trace = peers.autotrace_centreline(gray)
    start = time.process_time()
    text = trace()
    taken = time.process_time() - start
    lines = []
    for data in re.findall(r' d="([^"]*)"', text):
        numbers = [(command, np.array(re.findall(r"-?[\d.]+", values), float).reshape(-1, 2)) for command, values in
                   re.findall(r"([MLC])([^MLCZz]*)", data)]  # fmt: skip
        line: list[Any] = []
        for command, points in numbers:
            if command == "M" and line:
                lines.append(np.array(line))
                line = []
            line += list(_curve(np.vstack([line[-1], points[:3]]))) if command == "C" else list(points)
        lines.append(np.array(line))
    return (lines, None), taken


def _skeleton(thin: Callable[[np.ndarray], np.ndarray]) -> Tracer:
    def run(gray: np.ndarray) -> tuple[Made, float]:
        from skimage.filters import threshold_otsu

        ink = gray < threshold_otsu(gray)
        start = time.process_time()
        lines = thin(ink)
        taken = time.process_time() - start
        return followed(lines), taken

    return run


def followed(skeleton: np.ndarray) -> Made:
    """The chains of a skeleton, smoothed, and the middles of its branches."""
    from scipy.ndimage import center_of_mass, convolve, gaussian_filter1d, label

    skeleton = np.pad(skeleton, 1) > 0
    neighbours = convolve(skeleton.astype(int), np.ones((3, 3), int)) - 1
    forks, count = label(skeleton & (neighbours > 2), np.ones((3, 3)))
    centres = np.array(center_of_mass(forks > 0, forks, range(1, count + 1))).reshape(-1, 2)[:, ::-1] - 0.5
    parts, number = label(skeleton & (forks == 0), np.ones((3, 3)))
    places: dict[int, list[tuple[int, int]]] = {}
    for y, x in np.argwhere(parts):
        places.setdefault(parts[y, x], []).append((x, y))
    lines = []
    for part in range(1, number + 1):
        left = set(places[part])

        def near(x: int, y: int, left: set[tuple[int, int]] = left) -> list[tuple[int, int]]:
            around = [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx, dy) != (0, 0)]
            return sorted((place for place in around if place in left), key=lambda p: abs(p[0] - x) + abs(p[1] - y))

        at = min(left, key=lambda place: (len(near(*place)), place))
        way = [at]
        left.discard(at)
        while step := near(*way[-1]):
            way.append(step[0])
            left.discard(step[0])
        points = np.array(way, float) - 0.5
        ends = [centres[forks[y, x] - 1] for x0, y0 in (way[0], way[-1]) for y in range(y0 - 1, y0 + 2) for x in range(x0 - 1, x0 + 2)
                if forks[y, x]][:2]  # fmt: skip
        if len(points) > 8:
            points = gaussian_filter1d(points, 2, axis=0, mode="nearest")
        if ends:
            points = np.vstack([points, ends[-1:]] if np.hypot(*(points[-1] - ends[-1])) < np.hypot(*(points[0] - ends[-1])) else
                               [ends[-1:], points])  # fmt: skip
        lines.append(points)
    return (lines, centres)


def tracers() -> dict[str, Tracer]:
    """Ours and the others, by their names in the table."""
    def medial(ink: np.ndarray) -> np.ndarray:
        from skimage.morphology import medial_axis

        made: np.ndarray = medial_axis(ink, rng=1)
        return made

    def skeletonize(ink: np.ndarray) -> np.ndarray:
        from skimage.morphology import skeletonize as thin

        made: np.ndarray = thin(ink)
        return made

    def opencv(ink: np.ndarray) -> np.ndarray:
        cv2 = peers.contributed_cv2()
        made: np.ndarray = cv2.ximgproc.thinning(ink.astype(np.uint8) * 255, thinningType=cv2.ximgproc.THINNING_GUOHALL)
        return made

    return {
        "linefinish --centerline": _ours, "AutoTrace, centreline": _autotrace, "scikit-image, medial_axis": _skeleton(medial),
        "scikit-image, skeletonize": _skeleton(skeletonize), "OpenCV, Guo–Hall": _skeleton(opencv),
    }  # fmt: skip


# --- what counts
# ------------------------------------------------------------

def score(page: list[tuple[Line, float]], made: Made) -> dict[str, float]:
    """Pixels from the middle; shares of what is missed and of what follows nothing; false ends,
    joints found within two pixels, dots, and paths for each stroke.
    """
    from scipy.spatial import cKDTree

    lines = [_even(line) for line in made[0] if len(line)]
    fine = [(_even(line, TRUE_STEP_PX), width) for line, width in page if len(line) > 1]
    truth = np.vstack([line for line, _ in fine])
    reach = np.concatenate([np.full(len(line), 1 + width / 4) for line, width in fine])
    dots = [(line[0], width) for line, width in page if len(line) == 1]
    points = np.vstack([line for line in lines if len(line) > 1] or [np.zeros((1, 2))])
    far, index = cKDTree(truth).query(points)
    near_a_dot = np.zeros(len(points), bool)
    for place, width in dots:
        near_a_dot |= np.hypot(*(points - place).T) < width
    follows = far <= reach[index]
    back, _ = cKDTree(points).query(truth)
    tips = np.vstack([line[[0, -1]] for line, _ in page if len(line) > 1 and np.hypot(*(line[0] - line[-1])) > 1])
    joints = junctions(page)
    ends = np.vstack([line[[0, -1]] for line in lines if len(line) > 1 and np.hypot(*(line[0] - line[-1])) > 1] or [np.zeros((1, 2))])
    explained = np.minimum(cKDTree(tips).query(ends)[0], cKDTree(joints).query(ends)[0] if len(joints) else math.inf)
    false_ends = [end for end, away in zip(ends, explained, strict=True)
                  if away > 4 and not any(math.dist(end, dot) < width for dot, width in dots)]  # fmt: skip
    found = math.nan if made[1] is None or not len(made[1]) else 100 * float((cKDTree(made[1]).query(joints)[0] < 2).mean())
    dotted = [min((np.hypot(*(line - place).T).max() for line in lines), default=math.inf) < width / 2 for place, width in dots]
    return {
        "off px": float(far[follows].mean()), "p95": float(np.percentile(far[follows], 95)), "missed %": 100 * float((back > reach).mean()),
        "extra %": 100 * float((~follows & ~near_a_dot).mean()), "false ends": float(len(false_ends)), "joints %": found,
        "dots %": 100 * sum(dotted) / len(dots), "paths a stroke": len(lines) / len(page),
    }  # fmt: skip


def pages() -> Iterator[tuple[list[tuple[Line, float]], np.ndarray]]:
    """Each page's truth and its greys."""
    for seed in range(SEED, SEED + PAGES):
        page = strokes(seed)
        yield page, drawn(page)


def run(settings: Settings) -> list[Table]:
    """Quality and CPU time together, one row a tool."""
    columns = ["tool", "off px", "p95", "missed %", "extra %", "false ends", "joints %", "dots %", "paths a stroke", "CPU ms"]
    table = Table(f"Centre lines: {PAGES} pages of {SIDE_PX} px with known middles", columns)
    made = list(pages())
    for name, trace in tracers().items():
        try:
            results = [[trace(gray) for _ in range(settings.rounds)] for _, gray in made]
        except peers.MissingError as error:
            table.add(name, f"missing: {error}", *["–"] * (len(columns) - 2))
            continue
        scores = [score(page, rounds[0][0]) for (page, _), rounds in zip(made, results, strict=True)]
        means = {column: statistics.mean(one[column] for one in scores) for column in scores[0]}
        cells = [f"{means[column]:.3f}" if column in ("off px", "p95") else "–" if math.isnan(means[column]) else f"{means[column]:.2f}"
                 for column in columns[1:-1]]  # fmt: skip
        table.add(name, *cells, ms(statistics.mean(min(taken for _, taken in rounds) for rounds in results)))
    table.notes.append("Distances in pixels from the true centre line; *false ends* are ends a page that no tip and no junction explains.")
    table.notes.append("CPU: ours is what `centerline` adds to `finish`; of a skeleton the library's call alone, without following it.")
    return [table, pen_order(settings)]


# --- in which order a pen draws them
# ------------------------------------------------------------

# Strokes on the sheet whose order is sought, and how long a dot is drawn: vpype drops what has no
# length.
SHEET_STROKES, DOT_PX = 400, 0.02


def sheet() -> list[Line]:
    """Strokes of all lengths, dots among them, anywhere on the page."""
    chosen = np.random.default_rng(SEED)
    made = []
    for index in range(SHEET_STROKES):
        start, turn = chosen.uniform(0, SIDE_PX, 2), chosen.uniform(0, math.tau)
        far = DOT_PX if index % 5 == 0 else chosen.uniform(2, 80)
        made.append(np.array([start, start + far * np.array([math.cos(turn), math.sin(turn)])]))
    return made


def travel(lines: list[Line]) -> float:
    """How far a pen goes in the air, from the first stroke's start on."""
    return sum(math.dist(line[-1], then[0]) for line, then in itertools.pairwise(lines))


def _nearest(lines: list[Line]) -> list[Line]:
    count = len(lines)
    segments = [[line[0], line[0], line[1], line[1]] for line in lines]
    own = Strokes.from_arrays(SIDE_PX, SIDE_PX, segments, [LINE] * count, range(count + 1), [1.0] * 2 * count)
    return [np.array(line) for line in ordered(own).to_polylines()]


def pen_order(settings: Settings) -> Table:
    """Ours and vpype's, of the same strokes."""
    table = Table(f"Pen order: {SHEET_STROKES} strokes on a page of {SIDE_PX} px", ["tool", "travel px", "CPU ms"])
    lines = sheet()
    orders: dict[str, Callable[[], Callable[[list[Line]], list[Line]]]] = {
        "as they came": lambda: list, "linefinish": lambda: _nearest,
        "vpype, linemerge linesort": lambda: peers.vpype("linemerge linesort"),
        "vpype, linemerge linesort --two-opt": lambda: peers.vpype("linemerge linesort --two-opt"),
    }  # fmt: skip
    missing: dict[str, str] = {}
    made = peers.made(orders, missing)
    best: dict[str, tuple[float, float]] = {}
    for _ in range(settings.rounds):
        for name, order in made.items():
            start = time.process_time()
            got = order(lines)
            taken = time.process_time() - start
            best[name] = (travel(got), min(taken, best.get(name, (0.0, math.inf))[1]))
    for name in orders:
        if name in missing:
            table.add(name, f"missing: {missing[name]}", "–")
        else:
            table.add(name, f"{best[name][0]:.0f}", ms(best[name][1]))
    return table
