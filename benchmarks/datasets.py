"""What is measured on: drawings whose true outline is known, and pages made of them. Seeded;
everything is in the repository.

A drawing is an SVG text. Ten are public-domain drawings (drawings/SOURCES.csv), two are generated
here. A page is a grey image of a drawing, as clean as the renderer draws it or treated like what
generators, scanners and the web hand over.
"""
from __future__ import annotations

import functools
import io
import math
from pathlib import Path
from typing import Any

import numpy as np

DRAWINGS = Path(__file__).parent / "drawings"

# Sizes by name: the long side in pixels.
SIZES_PX = {"small": 1024, "page": 2048, "large": 4096, "letter_600dpi": 6600}
KINDS = ("clean", "bilevel", "soft", "jpeg", "noise", "generated", "shaded")


def drawings(folder: Path | None = None) -> dict[str, str]:
    """Name → SVG text: ours, or the *.svg of a folder."""
    if folder is not None:
        return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.svg"))}
    ours = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DRAWINGS.glob("*.svg"))}
    return {**ours, "mandala": mandala(), "engraving": engraving()}


def mandala(rings: int = 14, petals: int = 36) -> str:
    """Rings of petals in thin strokes: many crossings and small closed regions."""
    shapes = []
    for ring in range(1, rings + 1):
        radius, count = 34.0 * ring, petals if ring > 2 else petals // 3
        for k in range(count):
            turn = 360 / count * (k + 0.5 * (ring % 2))
            wide, long = math.pi * radius / count * 1.15, 30.0
            shapes.append(
                f'<path transform="rotate({turn:.3f})" d="M0 {-radius + long:.2f}'
                f"C{-wide:.2f} {-radius + 6:.2f} {-wide:.2f} {-radius - 12:.2f} 0 {-radius - long:.2f}"
                f'C{wide:.2f} {-radius - 12:.2f} {wide:.2f} {-radius + 6:.2f} 0 {-radius + long:.2f}Z"/>'
            )
        shapes.append(f'<circle r="{radius:.2f}"/>')
    return _svg(f'<g transform="translate(512 512)" fill="none" stroke="black" stroke-width="1.6">{"".join(shapes)}</g>')


def engraving(lines: int = 110) -> str:
    """Wavy hatch lines whose width follows a tone, as on a banknote: long boundaries that are never
    straight for long.
    """
    shapes = []
    for k in range(lines):
        base = 40 + (1024 - 80) * k / (lines - 1)
        upper, lower = [], []
        for step in range(97):
            x = 32 + 960 * step / 96
            y = base + 14 * math.sin(x / 90 + k / 9)
            tone = 0.5 + 0.5 * math.sin(x / 150) * math.cos((base + x) / 210)
            half = 0.55 + 2.4 * tone * math.sin(math.pi * step / 96)
            upper.append(f"{x:.2f} {y - half:.2f}")
            lower.append(f"{x:.2f} {y + half:.2f}")
        shapes.append(f'<path d="M{"L".join(upper)}L{"L".join(reversed(lower))}Z"/>')
    return _svg("".join(shapes))


def _svg(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1024" height="1024" viewBox="0 0 1024 1024">{body}</svg>'


@functools.lru_cache(maxsize=64)
def coverage(svg: str, long_side: int) -> Any:
    """Share of ink of each pixel as float32 in 0–1: the drawing at four times the size, averaged
    down.
    """
    over = 4 if long_side <= 2048 else 2
    height, width = draw(svg, 256).shape
    columns = long_side if width >= height else max(1, round(long_side * width / height))
    big = draw(svg, columns * over)
    rows = big.shape[0] // over
    mean = big[: rows * over].reshape(rows, over, columns, over).mean(axis=(1, 3), dtype=np.float32)
    darkest = int(np.bincount(big.ravel(), minlength=256)[:128].argmax())  # some are inked in dark grey
    return np.clip((255 - mean) / (255 - darkest), 0, 1)


def draw(svg: str, width: int) -> Any:
    """The drawing on white, `width` pixels wide, as uint8 grey."""
    import resvg_py
    from PIL import Image

    data = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white", dpi=96, width=width))
    Image.MAX_IMAGE_PIXELS = None  # a 600 dpi page at twice its size is what is asked for here
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def page(svg: str, long_side: int, kind: str, seed: int = 1) -> Any:
    """A grey page (uint8) of a drawing. `seed` and the size decide all that is random in it."""
    ink = coverage(svg, long_side)
    make = _MAKERS[kind]
    return make(ink, np.random.default_rng([seed, long_side, len(svg)]))


# How often a page of 1 MP is laid side by side, both ways, to see whether time grows faster than
# the page: 1, 17, 105 and 419 MP.
TILES = (1, 4, 10, 20)


def tiled(page: Any, times: int) -> Any:
    """A page (or flags) laid side by side, `times` both ways: the ink a pixel stays what it was,
    and strokes as thin.
    """
    return np.tile(page, (times, times))


def _rounded(values: Any) -> Any:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _blurred(values: Any, sigma: float) -> Any:
    import cv2

    return cv2.GaussianBlur(np.ascontiguousarray(values, np.float32), (0, 0), sigma)


def _through_jpeg(image: Any, quality: int) -> Any:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _clean(ink: Any, _rng: Any) -> Any:
    return _rounded(255 * (1 - ink))


def _bilevel(ink: Any, _rng: Any) -> Any:
    return np.where(ink > 0.5, 0, 255).astype(np.uint8)


def _soft(ink: Any, rng: Any) -> Any:
    return _rounded(246 - 200 * _blurred(ink, 1.2) + rng.normal(0, 1, ink.shape))


def _jpeg(ink: Any, _rng: Any) -> Any:
    return _through_jpeg(_through_jpeg(_rounded(254 - 244 * _blurred(ink, 0.45)), 85), 55)


def _noise(ink: Any, rng: Any) -> Any:
    """Grain of 12 levels, and specks of 1 to 9 pixels, two of three dark."""
    page = 240 - 215 * _blurred(ink, 0.55) + rng.normal(0, 12, ink.shape)
    for _ in range(ink.size // 2500):
        y, x, side = rng.integers(ink.shape[0]), rng.integers(ink.shape[1]), rng.choice([1, 1, 1, 2, 2, 3])
        page[y : y + side, x : x + side] = rng.uniform(5, 70) if rng.random() < 0.66 else rng.uniform(235, 255)
    return _rounded(page)


def _generated(ink: Any, rng: Any) -> Any:
    """Bold lines near black, thin ones at 110–180, ground at 250, faint arcs and pale specks, saved
    once as JPEG.
    """
    import cv2

    reach = cv2.distanceTransform((ink > 0.25).astype(np.uint8), cv2.DIST_L2, 5)
    bold = np.clip((cv2.dilate(reach, np.ones((9, 9), np.uint8)) - 1.0) / 1.6, 0, 1)
    coarse = rng.uniform(110, 180, (6, 6)).astype(np.float32)
    thin = cv2.resize(coarse, ink.shape[::-1], interpolation=cv2.INTER_CUBIC)
    tone = thin + (26 - thin) * bold
    ground = 250.5 + rng.normal(0, 0.7, ink.shape)
    sketch = np.zeros(ink.shape, np.uint8)
    size = max(ink.shape)
    for _ in range(12):
        centre = (int(rng.uniform(-0.3, 1.3) * ink.shape[1]), int(rng.uniform(-0.3, 1.3) * ink.shape[0]))
        radius, start = int(size * rng.uniform(0.2, 0.8)), rng.uniform(0, 360)
        cv2.ellipse(sketch, centre, (radius, radius), 0, start, start + 50, int(rng.uniform(60, 200)), 1, cv2.LINE_AA)
    specks = np.zeros(ink.shape, np.float32)
    count = ink.size // 1400
    specks[rng.integers(0, ink.shape[0], count), rng.integers(0, ink.shape[1], count)] = rng.uniform(20, 150, count)
    ground = ground - 28 * _blurred(sketch / 255.0, 0.7) - np.clip(_blurred(specks, 0.7), 0, 40)
    return _through_jpeg(_rounded(_blurred(ground * (1 - ink) + tone * ink, 0.6)), 92)


def _shaded(ink: Any, rng: Any) -> Any:
    """Yellowed paper under slanted light with a dark gutter at the left, as a phone or scanner sees
    a book.
    """
    height, width = ink.shape
    across = np.linspace(0, 1, width, dtype=np.float32)[None]
    light = 1.0 - 0.28 * across * np.linspace(1, 0.5, height, dtype=np.float32)[:, None] - 0.35 * np.exp(-across / 0.06)
    paper = 232 * light + 3 * _blurred(rng.standard_normal(ink.shape).astype(np.float32), 0.9)
    body = np.clip(_blurred(ink, 0.7), 0, 1)
    return _rounded(paper * (1 - body) + 46 * light * body + rng.normal(0, 1.5, ink.shape))


_MAKERS = {
    "clean": _clean, "bilevel": _bilevel, "soft": _soft, "jpeg": _jpeg, "noise": _noise, "generated": _generated, "shaded": _shaded,
}  # fmt: skip


def luma(page: Any) -> Any:
    """The grey of a page in colour, as Pillow sees it."""
    from PIL import Image

    return np.asarray(Image.fromarray(page).convert("L"))


@functools.lru_cache(maxsize=1)
def outside_degrader(path: Path) -> Any:
    """Another script, to measure on its kinds instead of ours: `degrade(svg, size, kind, seed)` and
    `KINDS`.
    """
    import importlib.util

    spec = importlib.util.spec_from_file_location("outside_degrader", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
