"""What does it cost to go on with curves: to measure, move, flatten, write and read them?

Every tool begins with the curves of one page in its own form: cubics and lines, but for shapely,
which has the polygons that we make of them. The tools' answers are compared before their times are.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import linefinish
from benchmarks import peers
from benchmarks.measuring import Table, geometric_mean, interleaved, ms, times
from benchmarks.settings import Settings
from linefinish import Curves

VERBS = ("area", "bounds", "transform", "path text", "polygons", "reading")
# A turn with a stretch and a shift: no number of it is 0 or 1.
MATRIX = (0.8, 0.3, -0.25, 1.1, 40.0, -7.0)
TOLERANCE_PX, DECIMALS = 0.05, 2
# Points on each cubic of svgpathtools, which has no tolerance: about as many as ours.
STEPS = 6
# CPU seconds of one measurement, about, and calls in it at most.
BATCH_S, BATCH_MAX = 2e-3, 200
# How far answers may differ, as a share: polygons of TOLERANCE_PX, and decimals.
AREA_SHARE_MAX = 2e-3

Calls = dict[str, Callable[[], Any]]


def ours(curves: Curves, text: str) -> Calls:
    """Our verbs."""
    return {
        "area": lambda: curves.area, "bounds": lambda: curves.bounds, "transform": lambda: curves.transform(MATRIX),
        "path text": lambda: curves.to_svg_path(decimals=DECIMALS), "polygons": lambda: curves.to_polygons(TOLERANCE_PX),
        "reading": lambda: Curves.from_svg(text, width=curves.width, height=curves.height),
    }  # fmt: skip


def shapely_calls(curves: Curves, _text: str) -> Calls:
    """Polygons in place of curves."""
    affinity, geometry = peers.imported("shapely.affinity"), peers.imported("shapely.geometry")
    shape = geometry.shape(curves.to_polygons(TOLERANCE_PX))
    a, b, c, d, e, f = MATRIX
    return {
        "area": lambda: shape.area, "bounds": lambda: shape.bounds, "path text": shape.svg,
        "transform": lambda: affinity.affine_transform(shape, (a, c, b, d, e, f)),
    }  # fmt: skip


def svgpathtools_calls(_curves: Curves, text: str) -> Calls:
    """One path of all outlines."""
    tools, path_of = peers.imported("svgpathtools"), peers.imported("svgpathtools.path")
    numpy = peers.imported("numpy")
    path = tools.parse_path(text)
    a, b, c, d, e, f = MATRIX
    matrix = numpy.array([[a, c, e], [b, d, f], [0, 0, 1]])

    def polygons() -> Any:
        steps = [i / STEPS for i in range(1, STEPS + 1)]
        return [segment.point(t) for segment in path for t in (steps if isinstance(segment, tools.CubicBezier) else (1.0,))]

    def area() -> float:
        return sum(part.area() for part in path.continuous_subpaths())

    return {
        "area": area, "bounds": path.bbox, "transform": lambda: path_of.transform(path, matrix), "path text": path.d,
        "polygons": polygons, "reading": lambda: tools.parse_path(text),
    }  # fmt: skip


def skia_calls(curves: Curves, text: str) -> Calls:
    """A path of Skia's."""
    pathops, svg = peers.imported("pathops"), peers.imported("fontTools.svgLib.path")
    pen_of = peers.imported("fontTools.pens.svgPathPen")
    path = pathops.Path()
    svg.parse_path(text, path.getPen())

    def written() -> str:
        pen = pen_of.SVGPathPen(None, ntos=lambda value: f"{value:.{DECIMALS}f}")
        path.draw(pen)
        return str(pen.getCommands())

    return {
        "area": lambda: path.area, "bounds": lambda: path.bounds, "transform": lambda: path.transform(*MATRIX), "path text": written,
    }  # fmt: skip


def fonttools_calls(_curves: Curves, text: str) -> Calls:
    """A recording that is played to its pens."""
    recording, svg = peers.imported("fontTools.pens.recordingPen"), peers.imported("fontTools.svgLib.path")
    area_pen, bounds_pen = peers.imported("fontTools.pens.areaPen"), peers.imported("fontTools.pens.boundsPen")
    moving, writing = peers.imported("fontTools.pens.transformPen"), peers.imported("fontTools.pens.svgPathPen")
    pen = recording.RecordingPen()
    svg.parse_path(text, pen)

    def area() -> float:
        own = area_pen.AreaPen()
        pen.replay(own)
        return float(own.value)

    def bounds() -> Any:
        own = bounds_pen.BoundsPen(None)
        pen.replay(own)
        return own.bounds

    def written() -> str:
        own = writing.SVGPathPen(None, ntos=lambda value: f"{value:.{DECIMALS}f}")
        pen.replay(own)
        return str(own.getCommands())

    return {
        "area": area, "bounds": bounds, "transform": lambda: pen.replay(moving.TransformPen(recording.RecordingPen(), MATRIX)),
        "path text": written, "reading": lambda: svg.parse_path(text, recording.RecordingPen()),
    }  # fmt: skip


TOOLS: dict[str, Callable[[Curves, str], Calls]] = {
    "linefinish": ours, "shapely": shapely_calls, "skia-pathops": skia_calls, "fontTools": fonttools_calls,
    "svgpathtools": svgpathtools_calls,
}  # fmt: skip


def calls_of(curves: Curves, missing: dict[str, str]) -> dict[str, Calls]:
    """Each tool's verbs over the same curves; who has another area than ours is no contender."""
    text = curves.to_svg_path(decimals=6)
    found: dict[str, Calls] = peers.made({name: lambda make=make: make(curves, text) for name, make in TOOLS.items()}, missing)
    for name, calls in found.items():
        area = abs(calls["area"]())
        if abs(area - curves.area) > AREA_SHARE_MAX * curves.area:
            raise AssertionError(f"{name} finds an area of {area:.0f}, ours is {curves.area:.0f}")
    return found


def times_of(call: Callable[[], Any]) -> int:
    """How often a verb is asked in a row to take `BATCH_S`. Asked once between other tools' long
    calls, one of 10 µs takes four times as long: that is the time of filling caches again.
    """
    start = time.process_time()
    call()
    return min(max(round(BATCH_S / max(time.process_time() - start, 1e-6)), 1), BATCH_MAX)


def timed(pages: Iterable[Curves], rounds: int, missing: dict[str, str]) -> dict[tuple[str, str], list[float]]:
    """(verb, tool) → CPU seconds on each page."""
    taken: dict[tuple[str, str], list[float]] = {}
    for curves in pages:
        found = calls_of(curves, missing)
        for verb in VERBS:
            contestants = {name: calls[verb] for name, calls in found.items() if verb in calls}
            counts = {name: times_of(call) for name, call in contestants.items()}
            repeated = {name: lambda call=call, count=counts[name]: [call() for _ in range(count)] for name, call in contestants.items()}
            for name, seconds in interleaved(repeated, rounds).items():
                taken.setdefault((verb, name), []).append(max(seconds / counts[name], 1e-7))
    return taken


def run(settings: Settings) -> list[Table]:
    """CPU ms a page of 2048 px, and the other tools' time over ours."""
    missing: dict[str, str] = {}
    pages = (linefinish.finish(gray).curves for _, _, gray in settings.pages("page", "clean"))
    taken = timed(pages, settings.rounds, missing)
    table = Table("Going on with the curves of a 2048 px page, CPU ms (over ours)", ["tool", *VERBS])
    for name in TOOLS:
        if name in missing:
            table.add(name, f"missing: {missing[name]}", *["–"] * (len(VERBS) - 1))
            continue
        cells = []
        for verb in VERBS:
            own, reference = taken.get((verb, name)), taken[verb, "linefinish"]
            ratio = geometric_mean(a / b for a, b in zip(own, reference, strict=True)) if own else 0.0
            cells.append("–" if not own else ms(geometric_mean(own)) + ("" if name == "linefinish" else f" ({times(ratio)})"))
        table.add(name, *cells)
    table.notes.append(
        f"Polygons within {TOLERANCE_PX} px; svgpathtools, which has no tolerance, {STEPS} points a cubic. "
        f"Path text with {DECIMALS} decimals. Skia's bounds are those of the control points. "
        "shapely has polygons in place of curves from the start. Short calls are asked many times in a row. "
        "A dash: the tool has no such verb."
    )
    return [table]
