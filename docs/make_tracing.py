"""Make the pictures of docs/discussion/algorithms/tracing.md: `make docs`. Small drawings are
traced and fitted, and what happened is drawn as SVG.
"""
from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from linefinish import fit, trace

FOLDER = Path(__file__).parent / "discussion" / "algorithms"
SAMPLES = 16  # a side, of each pixel: its grey is how much of it the drawing covers
CRACK, POINT, CURVE, ARM = "#d67a00", "#1c5cc8", "#cd202c", "#2a8a4a"
Inside = Callable[[np.ndarray, np.ndarray], np.ndarray]
Box = tuple[float, float, float, float]


def grey_of(inside: Inside, width: int, height: int) -> np.ndarray:
    """The drawing as a camera sees it: 8-bit greys, ink 20 and paper 250."""
    y, x = (np.mgrid[0 : height * SAMPLES, 0 : width * SAMPLES] + 0.5) / SAMPLES
    covered = inside(x, y).reshape(height, SAMPLES, width, SAMPLES).mean(axis=(1, 3))
    return np.rint(250 - 230 * covered).astype(np.uint8)


def pixels(gray: np.ndarray) -> list[str]:
    """The greys, paled so that what lies over them is seen: one path for all pixels of a tone."""
    paled = 128 + gray // 2
    return [
        f'<path d="{"".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(paled == tone))}" fill="rgb({tone},{tone},{tone})"/>'
        for tone in np.unique(paled)
    ]


def cracks(ink: np.ndarray) -> str:
    """The unit edges between ink and paper."""
    across = [f"M{x + 1} {y}v1" for y, x in np.argwhere(ink[:, 1:] != ink[:, :-1])]
    down = [f"M{x} {y + 1}h1" for y, x in np.argwhere(ink[1:] != ink[:-1])]
    return line("".join(across + down), CRACK, 0.12)


def line(way: str, colour: str, width: float, more: str = "") -> str:
    return f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="{width}" {more}/>'


def dots(points: np.ndarray, colour: str, radius: float) -> list[str]:
    return [f'<circle cx="{x:.3f}" cy="{y:.3f}" r="{radius}" fill="{colour}"/>' for x, y in points]


def polygon(points: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in points) + "Z"


def save(name: str, box: Box, parts: list[str]) -> None:
    """Write the part of a drawing that a box (left, top, width, height) shows, 640 px wide."""
    left, top, width, height = box
    size = f'viewBox="{left} {top} {width} {height}" width="640" height="{640 * height / width:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    (FOLDER / name).write_text("\n".join([head, *parts, "</svg>"]) + "\n")
    print("wrote", FOLDER / name)


def draw_cracks() -> None:
    """The greys of a stroke, its cracks, and where each is moved to."""

    def stroke(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.abs(y - 5.2 - 1.6 * np.sin(x / 3.4)) < 1.35

    gray = grey_of(stroke, 16, 10)
    points = trace(gray <= 135, gray, 135).points_array()
    save("tracing-cracks.svg", (1, 1, 14, 8), [
        *pixels(gray), cracks(gray <= 135), line(polygon(points), POINT, 0.06), *dots(points, POINT, 0.13),
    ])  # fmt: skip


def draw_apex() -> None:
    """A corner that pixels have rounded off, and the arms that meet where it was."""

    def wedge(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (y - 3.3 > 0.55 * (x - 4.4)) & (y - 3.3 < 2.1 * (x - 4.4)) & (x < 30) & (y < 22)

    gray = grey_of(wedge, 34, 26)
    paths = trace(gray <= 135, gray, 135)
    points = paths.points_array()
    curves = fit(paths)
    corner = curves.segments_array()[:, 2]
    apex = corner[np.argmin(np.hypot(*(corner - (4.4, 3.3)).T))]
    nearest = int(np.argmin(np.hypot(*(points - apex).T)))
    parts = [*pixels(gray)]
    for step in (1, -1):
        arm = points[[(nearest + step * at) % len(points) for at in range(1, 11)]]
        centre = arm.mean(axis=0)
        along = np.linalg.svd(arm - centre)[2][0]
        ends = centre + np.outer([7, -7], along)
        parts += [line(f"M{ends[0][0]:.3f} {ends[0][1]:.3f}L{ends[1][0]:.3f} {ends[1][1]:.3f}", ARM, 0.07, 'stroke-dasharray=".3 .2"')]
        parts += dots(arm, ARM, 0.16)
    parts += [*dots(points, POINT, 0.09), *dots(np.array([apex]), CURVE, 0.2)]
    save("tracing-apex.svg", (2, 1, 14, 9), parts)


def draw_curve() -> None:
    """An eye: its points, the curve over them, its joints and handles."""

    def eye(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (np.hypot(x - 32.2, y + 23.7) < 50) & (np.hypot(x - 32.2, y - 56.3) < 50) & (np.hypot(x - 31, y - 16) > 5.2)

    gray = grey_of(eye, 64, 32)
    paths = trace(gray <= 135, gray, 135)
    curves = fit(paths)
    segments, offsets = curves.segments_array(), curves.offsets_array()
    way, handles = "", ""
    for first, last in pairwise(offsets):
        start = segments[last - 1, 2]
        way += f"M{start[0]:.3f} {start[1]:.3f}"
        for (ax, ay), (bx, by), (cx, cy) in segments[first:last]:
            way += f"C{ax:.3f} {ay:.3f} {bx:.3f} {by:.3f} {cx:.3f} {cy:.3f}"
            handles += f"M{start[0]:.3f} {start[1]:.3f}L{ax:.3f} {ay:.3f}M{cx:.3f} {cy:.3f}L{bx:.3f} {by:.3f}"
            start = (cx, cy)
    save("tracing-curve.svg", (-1, -7, 66, 46), [
        *pixels(gray), line(way, CURVE, 0.14), line(handles, ARM, 0.1), *dots(segments[:, :2].reshape(-1, 2), ARM, 0.22),
        *dots(paths.points_array(), POINT, 0.16), *dots(segments[:, 2], CURVE, 0.36),
    ])  # fmt: skip


if __name__ == "__main__":
    draw_cracks()
    draw_apex()
    draw_curve()
