"""How true are the drawings, kind by kind, and how many segments and bytes do they take?"""
from __future__ import annotations

import io
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

import linefinish
from benchmarks import peers
from benchmarks.measuring import Table
from benchmarks.scoring import score
from benchmarks.settings import Settings

# Error bounds in pixels at which drawings are fitted to learn how many segments potrace's own error
# takes; it is that of about 1 px.
BOUNDS_PX = (0.3, 0.5, 0.8, 1.1, 1.4)


def ours(gray: Any, **options: Any) -> str:
    """Default settings for everything, unless told otherwise."""
    file = io.BytesIO()
    page = linefinish.Gray.from_array(np.ascontiguousarray(gray))
    linefinish.finish(page, linefinish.FinishOptions(**options)).write(file, format="svg")
    return file.getvalue().decode()


def _otsu(gray: Any) -> Any:
    cv2 = peers.one_thread_cv2()
    return cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1] == 0


def _adaptive(gray: Any) -> Any:
    cv2 = peers.one_thread_cv2()
    return cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 51, 20) == 0


def _doxa(name: str) -> Callable[[Any], Any]:
    def call(gray: Any) -> Any:
        doxapy = peers.imported("doxapy")
        out = np.empty_like(gray)
        binarization = doxapy.Binarization(getattr(doxapy.Binarization.Algorithms, name))
        binarization.initialize(gray)
        binarization.to_binary(out, {"window": 51, "k": 0.2 if name == "SAUVOLA" else -0.2})
        return out == 0

    return call


def _doubled(gray: Any) -> Any:
    cv2 = peers.one_thread_cv2()
    return cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


CUTS: dict[str, Callable[[Any], Any]] = {
    "fixed 128": lambda gray: gray < 128, "Otsu": _otsu, "adaptive mean": _adaptive, "Sauvola": _doxa("SAUVOLA"), "NICK": _doxa("NICK"),
}  # fmt: skip


def tools() -> dict[str, Callable[[Any], str]]:
    """Name → grey page to SVG. Every recipe that people use around potrace is a tool of its own."""
    made: dict[str, Callable[[Any], str]] = {"linefinish": ours}
    for name, cut in CUTS.items():
        made[f"potrace after {name}"] = lambda gray, cut=cut: peers.potrace_svg(cut(gray))
        made[f"potrace after ×2, {name}"] = lambda gray, cut=cut: peers.potrace_svg(cut(_doubled(gray)))
    made["vtracer"] = lambda gray: peers.vtracer_svg(gray)()
    made["AutoTrace"] = lambda gray: peers.autotrace_svg(gray)()
    return made


def run(settings: Settings) -> list[Table]:
    """Medians over the drawings at 1024 px: one table a kind, ours first, then the others from true
    to untrue; and how few segments do.
    """
    return [*(_of_kind(settings, kind) for kind in settings.kinds()), _at_equal_error(settings)]


def _at_equal_error(settings: Settings) -> Table:
    """Segments of ours at potrace's own error, between the two bounds around it; where no bound has
    that much, those of the largest.
    """
    table = Table("Segments at potrace's own error, clean, 1024 px", ["drawing", "edge_mean px", "potrace", "linefinish", "ratio"])
    ratios = []
    for name, svg, gray in settings.pages("small", "clean"):
        theirs = score(svg, peers.potrace_svg(gray < 128), gray.shape[1])
        fitted: list[dict[str, float]] = []
        for bound in BOUNDS_PX:
            fitted.append(score(svg, ours(gray, fit_error_px_max=bound), gray.shape[1]))
            if fitted[-1]["edge_mean"] > theirs["edge_mean"]:  # what is beyond has no part in what is between
                break
        errors = np.maximum.accumulate([one["edge_mean"] for one in fitted])
        segments = np.exp(np.interp(np.log(theirs["edge_mean"]), np.log(errors), np.log([one["segments"] for one in fitted])))
        ratios.append(segments / theirs["segments"])
        table.add(name, f"{theirs['edge_mean']:.3f}", f"{theirs['segments']:.0f}", f"{segments:.0f}", f"{ratios[-1]:.2f}")
    table.add("geometric mean", "", "", "", f"{statistics.geometric_mean(ratios):.2f}")
    return table


def _of_kind(settings: Settings, kind: str) -> Table:
    columns = ["tool", "edge_mean px", "edge_p99 px", "xor_ink %", "false parts", "lost parts", "segments", "bytes"]
    table = Table(f"Quality, {kind}, 1024 px: medians (parts: means)", columns)
    figures: dict[str, list[dict[str, float]]] = {}
    missing: dict[str, str] = {}
    for _, svg, gray in settings.pages("small", kind):
        for name, run_tool in tools().items():
            try:
                figures.setdefault(name, []).append(score(svg, run_tool(gray), gray.shape[1]))
            except peers.MissingError as error:
                missing[name] = str(error)
    if "potrace after fixed 128" in figures and kind in ("clean", "bilevel"):
        # Every recipe is the same on these but for enlarging: three rows say it.
        figures = {name: all_ for name, all_ in figures.items() if not name.startswith("potrace") or name.endswith(" fixed 128")}
    medians = {name: {key: statistics.median(one[key] for one in all_) for key in all_[0]} for name, all_ in figures.items() if all_}
    means = {name: {key: statistics.fmean(one[key] for one in all_) for key in all_[0]} for name, all_ in figures.items() if all_}
    for name in sorted(medians, key=lambda name: (name != "linefinish", medians[name]["edge_mean"])):
        m = medians[name]
        table.add(name, f"{m['edge_mean']:.3f}", f"{m['edge_p99']:.2f}", f"{100 * m['xor_ink']:.2f}", f"{means[name]['false_parts']:.1f}",
                  f"{means[name]['lost_parts']:.1f}", f"{m['segments']:.0f}", f"{m['bytes']:.0f}")  # fmt: skip
    for name, reason in missing.items():
        table.add(name, f"missing: {reason}", *["–"] * (len(columns) - 2))
    return table
