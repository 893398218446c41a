"""Make the inputs of the golden cases anew: `python golden/make_inputs.py`. Seeded, so that nothing
changes unless this file does.

Crops of the public-domain drawings in benchmarks/drawings, drawn by resvg and treated like scans
and generated pages, and synthetic shapes. Writes <step>/<feature>/<case>.png (`write` begins with
curves: <case>.svg) and SOURCES.csv; the options of a feature stand in its options.json.
"""
from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
from PIL import Image, ImageDraw, ImageFilter

HERE = Path(__file__).parent
DRAWINGS = HERE.parent / "benchmarks" / "drawings"
ROWS: list[dict[str, str]] = []


def drawn(name: str, width: int, box: tuple[int, int, int, int]) -> Image.Image:
    """A crop of a drawing, anti-aliased as resvg draws it `width` pixels wide."""
    svg = (DRAWINGS / f"{name}.svg").read_text(encoding="utf-8")
    data = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white", width=width))
    return Image.open(io.BytesIO(data)).convert("L").crop(box)


def shape(size: int, draw: Any, *, scale: int = 8) -> Image.Image:
    """A synthetic shape, drawn `scale` times too large on white and averaged down: its greys are
    the true coverage.
    """
    big = Image.new("L", (size * scale, size * scale), 255)
    draw(ImageDraw.Draw(big), scale)
    return big.resize((size, size), Image.Resampling.BOX)


def toned(image: Image.Image, ink: int, paper: int) -> Image.Image:
    """Ink and paper at other greys."""
    return image.point([round(ink + (paper - ink) * value / 255) for value in range(256)])


def grainy(image: Image.Image, sigma: float, seed: int) -> Image.Image:
    """Gaussian noise of a standard deviation in grey levels."""
    noise = np.random.default_rng(seed).normal(0, sigma, (image.height, image.width))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def speckled(image: Image.Image, count: int, grey: int, seed: int, side_max: int = 2) -> Image.Image:
    """Specks of 1 to `side_max` pixels."""
    pen, rng = ImageDraw.Draw(image := image.copy()), np.random.default_rng(seed)
    for _ in range(count):
        x, y, side = rng.integers(image.width), rng.integers(image.height), rng.integers(side_max)
        pen.rectangle((int(x), int(y), int(x + side), int(y + side)), fill=grey)
    return image


def jpegged(image: Image.Image, quality: int) -> Image.Image:
    """Once through JPEG, with its ringing."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("L")


def shaded(image: Image.Image, dark: int) -> Image.Image:
    """Paper that falls from white at the left to `dark` at the right, as beside a book's gutter."""
    light = np.linspace(1.0, dark / 255, image.width)
    return Image.fromarray((np.asarray(image) * light).astype(np.uint8))


def hatched(pen: Any, s: int) -> None:
    """Lines less than a pixel wide, a little more than two pixels apart, straight and bent."""
    for k in range(18):
        y = (4 + 2.3 * k) * s
        pen.line((4 * s, y, 44 * s, y + 3 * s), fill=120, width=s * 5 // 8)
        pen.arc((46 * s + y, 4 * s + y, 150 * s - y, 108 * s - y), 100, 250, fill=120, width=s * 5 // 8)


def bilevel(image: Image.Image) -> Image.Image:
    """Cut at the middle."""
    return image.point([0 if value < 128 else 255 for value in range(256)]).convert("1", dither=Image.Dither.NONE)


def case(name: str, image: Image.Image, question: str, source: str = "", **options: Any) -> None:
    """Write a case and its row; the options go to its feature's options.json, and all cases of a
    feature share them.
    """
    path = HERE / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)
    describe(path, name, question, source, options)


def curve_case(name: str, size: tuple[int, int], chains: Iterable[str], question: str, **options: Any) -> None:
    """The same for a case whose input is curves: closed chains of M, L, C and Z, in pixels."""
    path, (width, height) = HERE / f"{name}.svg", size
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    path.write_text("\n".join([head, '<path d="', *chains, '"/>', "</svg>", ""]))
    describe(path, name, question, "", options)


def describe(path: Path, name: str, question: str, source: str, options: dict[str, Any]) -> None:
    """A case's options and its row in SOURCES.csv."""
    if options:
        path.with_name("options.json").write_text(json.dumps(options, indent=2) + "\n")
    origin = f"benchmarks/drawings/{source}.svg" if source else "drawn by golden/make_inputs.py"
    licence = "public domain (benchmarks/drawings/SOURCES.csv)" if source else "MIT, as this repository"
    ROWS.append({"case": name, "question": question, "source": origin, "licence": licence})


def diagonal(pen: Any, s: int) -> None:
    """Single pixels down a diagonal, some touching."""
    for x in (4, 7, 10, 11, 12, 15, 18, 19, 24, 28, 32):
        pen.rectangle((x * s, x * s, (x + 1) * s - 1, (x + 1) * s - 1), fill=0)


def checker(pen: Any, s: int) -> None:
    """A chessboard of single pixels."""
    for x in range(2, 10):
        for y in range(2, 10):
            if (x + y) % 2:
                pen.rectangle((x * s, y * s, (x + 1) * s - 1, (y + 1) * s - 1), fill=0)


def needles(pen: Any, s: int) -> None:
    """Four tips of four degrees."""
    for y in (8, 32, 56, 80):
        pen.polygon([(8 * s, y * s), (88 * s, (y + 3) * s), (8 * s, (y + 6) * s)], fill=0)


def pentagram(pen: Any, s: int) -> None:
    """A star of five points."""
    turns = [i * np.pi / 5 for i in range(10)]
    radii = [44 if i % 2 == 0 else 17 for i in range(10)]
    corners = [(48 * s + np.sin(t) * r * s, 48 * s - np.cos(t) * r * s) for t, r in zip(turns, radii, strict=True)]
    pen.polygon(corners, fill=0)


def broken(pen: Any, s: int) -> None:
    """Four lines, each interrupted, the gaps 2, 4, 7 and 14 pixels wide."""
    for y, gap in ((10, 2), (24, 4), (38, 7), (52, 14)):
        pen.line((6 * s, y * s, 30 * s, y * s), fill=0, width=3 * s)
        pen.line(((30 + gap) * s, y * s, 58 * s, y * s), fill=0, width=3 * s)


def polygon(*points: tuple[float, float]) -> str:
    """A closed chain of lines."""
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points) + "Z"


def circle(x: float, y: float, radius: float, *, hole: bool = False) -> str:
    """Four cubics, clockwise on the screen; a hole runs the other way."""
    turn, k = (-1 if hole else 1), 4 / 3 * (math.sqrt(2) - 1)
    chain = f"M{x + radius:.2f} {y:.2f}"
    for quarter in range(4):
        begin, end = turn * quarter * math.pi / 2, turn * (quarter + 1) * math.pi / 2
        (c, s), (ce, se) = (math.cos(begin), math.sin(begin)), (math.cos(end), math.sin(end))
        points = ((c - turn * k * s, s + turn * k * c), (ce + turn * k * se, se - turn * k * ce), (ce, se))
        chain += "C" + " ".join(f"{x + radius * a:.2f} {y + radius * b:.2f}" for a, b in points)
    return chain + "Z"


def emblem() -> list[str]:
    """What a writer may meet: curves, sharp corners, a hole and ink in it, chains that overlap, a
    band that runs off the sheet, and pixels' own corners.
    """
    points = [(i * math.pi / 5, 17.5 if i % 2 == 0 else 7.25) for i in range(10)]
    star = polygon(*((34 + math.sin(turn) * radius, 38 - math.cos(turn) * radius) for turn, radius in points))
    leaf = "M8.50 74.00C20.25 60.10 40.75 59.30 66.00 71.40C44.20 80.60 24.00 81.30 8.50 74.00Z"
    band = polygon((62.3, 17.6), (120, 5.25), (120, 11), (64.1, 23.4))
    square = [polygon((68, 40), (80, 40), (80, 54), (68, 54)), polygon((71, 43), (71, 51), (77, 51), (77, 43))]
    return [circle(34, 38, 29.3), circle(34, 38, 22.6, hole=True), star, circle(60.2, 21.9, 6.75), band, leaf, *square]


def main() -> None:
    face = drawn("fairy-godmother", 620, (300, 130, 480, 300))
    star = drawn("fairy-godmother", 620, (30, 30, 210, 160))
    knot = drawn("celtic-knot-panel", 500, (20, 20, 180, 180))
    yarn = drawn("knitting-yarn", 700, (240, 160, 420, 320))
    finger = drawn("fingerprint", 500, (150, 150, 320, 320))

    case("finish/clean/face", face, "are thin lines, dots and long curves true where nothing disturbs", "fairy-godmother")
    case("finish/clean/knot", knot, "do parallel bands stay parallel and crossings sharp", "celtic-knot-panel")
    case("finish/clean/hairlines", yarn, "do lines of one to two pixels stay whole", "knitting-yarn")
    generated = speckled(toned(star.filter(ImageFilter.GaussianBlur(0.6)), 120, 250), 60, 226, 3)
    case("finish/generated/rays", jpegged(grainy(generated, 0.7, 4), 92),
         "do strokes that reach only grey 120 come out, and pale specks vanish", "fairy-godmother")  # fmt: skip
    case("finish/noise/ridges", speckled(grainy(toned(finger, 25, 240), 12, 5), 12, 40, 6), "do grain and dark specks leave ridges whole",
         "fingerprint")
    case("finish/jpeg/face", jpegged(jpegged(face, 85), 55), "does ringing leave no specks beside the lines", "fairy-godmother")
    case("finish/bilevel/face", bilevel(face), "is a 1-bit staircase smoothed without losing its corners", "fairy-godmother")
    case("finish/bilevel/pixels", bilevel(shape(40, diagonal)), "what becomes of single pixels and of diagonal touches")
    case("finish/corners/square", shape(48, lambda pen, s: pen.rectangle((10 * s, 10 * s, 38 * s - 1, 38 * s - 1), fill=0)),
         "do right angles stay sharp and sides straight")  # fmt: skip
    case("finish/corners/needles", shape(96, needles), "do acute tips keep their length")
    case("finish/corners/star", shape(96, pentagram), "are convex and concave corners both kept")
    case("finish/round/disc", shape(64, lambda pen, s: pen.ellipse((9 * s, 9 * s, 55 * s, 55 * s), fill=0)), "is a circle a few true arcs")
    case("finish/round/ring", shape(64, lambda pen, s: [pen.ellipse((6 * s, 6 * s, 58 * s, 58 * s), fill=0),
         pen.ellipse((9 * s, 9 * s, 55 * s, 55 * s), fill=255)]), "do both sides of a thin ring stay concentric")  # fmt: skip
    case("finish/edges/touching", shape(48, lambda pen, s: pen.rectangle((0, 16 * s, 48 * s, 32 * s - 1), fill=0)),
         "is ink at the page's edge closed along it")
    case("finish/empty/white", Image.new("L", (32, 24), 255), "is an empty page a valid empty drawing")
    case("finish/empty/black", Image.new("L", (32, 24), 0), "what becomes of a page that is all ink")

    dim = shaded(toned(face, 60, 255), 120)
    for method in ("otsu", "sauvola", "wolf", "nick", "bradley"):
        case(f"threshold/{method}/shaded-face", dim, "what the classic makes of paper that darkens to the right", "fairy-godmother",
             method=method)
    case("threshold/auto/shaded-face", dim, "is the shading divided out, so that right and left come out alike", "fairy-godmother")
    case("threshold/auto/fine-hatching", shape(96, hatched), "do lines of a fine hatching come out whole and apart")
    case("threshold/auto/even-face", toned(face, 30, 250), "is an even page cut without fuss", "fairy-godmother")
    case("threshold/fixed/even-face", toned(face, 30, 250), "is everything darker than the level ink", "fairy-godmother", method="fixed",
         level=128)

    dusty = speckled(bilevel(knot).convert("L"), 40, 0, 7)
    case("clean/despeckle/dust-and-pinholes", bilevel(speckled(dusty, 40, 255, 8)), "do specks and pinholes go, and bands stay",
         "celtic-knot-panel", speckle_area_px_max=6, pinhole_area_px_max=6)  # fmt: skip

    case("clean/close-gaps/broken-lines", bilevel(shape(64, broken)), "are gaps up to 8 pixels closed, and wider ones not",
         gap_length_px_max=8)  # fmt: skip
    case("clean/thicken/hairlines", bilevel(yarn), "do strokes reach 3 pixels while wide ones stay", "knitting-yarn", stroke_width_px_min=3)
    case("clean/hollow/disc-and-line", bilevel(shape(96, lambda pen, s: [pen.ellipse((8 * s, 8 * s, 70 * s, 70 * s), fill=0),
         pen.line((4 * s, 86 * s, 92 * s, 80 * s), fill=0, width=4 * s)])), "is a large black an outline, and a line still a line",
         hollow_area_px_min=800)  # fmt: skip

    case("trace/grey/disc", shape(24, lambda pen, s: pen.ellipse((5 * s, 5 * s, 19 * s, 19 * s), fill=0)),
         "does each vertex lie where the greys cross the level")
    case("trace/diagonal/checker", bilevel(shape(12, checker)), "which corners join when everything touches diagonally")
    case("rasterize/enlarged/triangle", shape(48, lambda pen, s: pen.polygon([(4 * s, 40 * s), (24 * s, 4 * s), (44 * s, 40 * s)], fill=0)),
         "are slanted edges straight at three times the size", width=144)

    # A sheet with a trim in its middle and a bleed at three of its sides, as at a book's spine; the
    # drawing is as wide as the trim with its bleed, and higher. 100 dpi: 350 × 300 pixels.
    page = {"page": "3.5x3in", "trim": "2.5x2in", "bleed": "0.125in 0.125in 0.125in 0", "fit": "width", "dpi": 100}
    for feature in ("svg", "pdf", "pdf-image", "eps", "dxf", "png", "tiff", "pbm"):
        more = {"pdf_image": True} if feature == "pdf-image" else {}
        question = "is this drawing this file, on a sheet with trim and bleed"
        curve_case(f"write/{feature}/emblem", (84, 80), emblem(), question, **page, **more)

    with (HERE / "SOURCES.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["case", "question", "source", "licence"], lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(ROWS, key=lambda row: row["case"]))


if __name__ == "__main__":
    main()
