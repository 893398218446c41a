"""Run a golden case, compare it with what is expected, and leave a picture of the difference.
golden/README.md has the rules.
"""
from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

import linefinish
from tests.golden.renderers import shown

GOLDEN = Path(__file__).parents[2] / "golden"
FAILURES = Path(__file__).parents[2] / "golden-failures"
SIDE_PX_MAX = 200  # of an input: small enough to be seen whole, and to keep the repository light
# A failure is shown this many times enlarged: a pixel that differs must be seen, and three pictures
# must fit on a screen.
ENLARGED = 4


class Step(NamedTuple):
    """How a step is run, and what its files are."""

    run: Callable[[Case], bytes]
    input: str  # suffix
    expected: str  # suffix; "" where the feature names the format


class Case:
    """`golden/<step>/<feature>/<case>.png` (or .svg), with the options of its feature."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.feature, self.step = source.parent.name, source.parent.parent.name
        self.name = f"{self.step}/{self.feature}/{source.stem}"
        suffix = _STEPS[self.step].expected or f".{self.feature.partition('-')[0]}"
        self.expected = source.with_name(f"{source.stem}.expected{suffix}")

    def options(self) -> dict[str, Any]:
        """What `options.json` beside the case says, or nothing: the defaults."""
        path = self.source.with_name("options.json")
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def run(self) -> bytes:
        """The file that this step makes of the input today."""
        return _STEPS[self.step].run(self)

    def size(self) -> tuple[int, int]:
        """Width and height of the input in pixels."""
        if self.source.suffix == ".svg":
            root = ET.fromstring(self.source.read_text())
            return int(root.attrib["width"]), int(root.attrib["height"])
        with Image.open(self.source) as image:
            return image.size

    def same(self, before: bytes, after: bytes) -> bool:
        """Byte for byte, as the same input and version must give the same file. Bitmaps of a step
        that is not about files are Pillow's packing: those pixel for pixel.
        """
        if self.step == "write" or self.expected.suffix != ".png":
            return before == after
        return bool(np.array_equal(shown(before, ".png"), shown(after, ".png")))


def cases() -> list[Case]:
    """Every input under golden/, in order."""
    paths = [path for name, step in _STEPS.items() for path in GOLDEN.glob(f"{name}/*/*{step.input}")]
    return sorted((Case(path) for path in paths if not path.stem.endswith(".expected")), key=lambda case: case.name)


def difference(before: bytes, after: bytes, suffix: str) -> tuple[Image.Image, str]:
    """Before | after | difference as one picture (red: gone, blue: new), and the same in words."""
    old, new = shown(before, suffix, ENLARGED), shown(after, suffix, ENLARGED)
    if old.shape != new.shape:
        words = f"was {old.shape[1] // ENLARGED} × {old.shape[0] // ENLARGED}, is {new.shape[1] // ENLARGED} × {new.shape[0] // ENLARGED}"
        height, width = max(old.shape[0], new.shape[0]), max(old.shape[1], new.shape[1])
        old, new = (np.pad(p, ((0, height - p.shape[0]), (0, width - p.shape[1]))) for p in (old, new))
    else:
        gone, added = int((old & ~new).sum()), int((new & ~old).sum())
        area = ENLARGED * ENLARGED
        words = f"{gone / area:.2f} px of ink gone, {added / area:.2f} px new, of {old.sum() / area:.0f}"
    if suffix != ".png":
        words += f"; {len(before)} → {len(after)} bytes, the first other one at {_first_other(before, after)}"
    marked = np.full((*old.shape, 3), 255, np.uint8)
    marked[old & new] = 200, 200, 200
    marked[old & ~new] = 220, 0, 0
    marked[new & ~old] = 0, 60, 230
    bar = np.full((old.shape[0], ENLARGED, 3), 128, np.uint8)
    gray = [np.repeat(np.where(p, 0, 255).astype(np.uint8)[..., None], 3, axis=2) for p in (old, new)]
    return Image.fromarray(np.hstack([gray[0], bar, gray[1], bar, marked])), words


def _first_other(before: bytes, after: bytes) -> int:
    return next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)))


def leave_difference(case: Case, before: bytes, after: bytes) -> tuple[Path, str]:
    """Write the picture into golden-failures/; its path, and the difference in words."""
    FAILURES.mkdir(exist_ok=True)
    image, words = difference(before, after, case.expected.suffix)
    path = FAILURES / f"{case.name.replace('/', '--')}.png"
    image.save(path)
    return path, words


# --- the steps
# ------------------------------------------------------------

def _as_png(bitmap: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(~np.asarray(bitmap)).save(file, "PNG", optimize=True)
    return file.getvalue()


def _ink(case: Case) -> Any:
    """A 1-bit input as a bool array."""
    return ~np.asarray(Image.open(case.source).convert("1", dither=Image.Dither.NONE))


def _threshold(case: Case) -> bytes:
    return _as_png(linefinish.threshold(linefinish.read_gray(case.source), **case.options()))


def _clean(case: Case) -> bytes:
    operation = getattr(linefinish, case.feature.replace("-", "_"))
    return _as_png(operation(_ink(case), **case.options()))


def _trace(case: Case) -> bytes:
    """The polygon itself, each vertex to 1/100 px, from the greys cut at the middle."""
    gray = linefinish.read_gray(case.source)
    paths = linefinish.trace(np.asarray(gray) < 128, gray, 127, **case.options())
    points, offsets = paths.points_array(), paths.offsets_array()
    outlines = [
        "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points[begin:end]) + "Z"
        for begin, end in zip(offsets[:-1], offsets[1:], strict=True)
    ]
    body = "\n".join(outlines)
    size = f'width="{paths.width}" height="{paths.height}" viewBox="0 0 {paths.width} {paths.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path d="{body}"/></svg>\n'.encode()


def _finish(case: Case) -> bytes:
    finished = linefinish.finish(linefinish.read_gray(case.source), linefinish.FinishOptions.from_mapping(case.options()))
    file = io.BytesIO()
    finished.write(file, format="svg")
    return file.getvalue()


def _rasterize(case: Case) -> bytes:
    finished = linefinish.finish(linefinish.read_gray(case.source))
    return _as_png(linefinish.rasterize(finished.curves, **case.options()))


def _curves(case: Case) -> linefinish.Curves:
    """The chains of a case that begins with curves: one path of absolute M, L, C and Z."""
    (path,) = ET.fromstring(case.source.read_text())
    segments, kinds, offsets = array("d"), array("B"), array("q", [0])
    here = begin = (0.0, 0.0)
    for command, written in re.findall(r"([MLCZ])([^MLCZ]*)", path.attrib["d"]):
        numbers = [float(word) for word in written.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            here = begin = points[0]
        elif command == "Z":
            if here != begin:
                segments.extend((*here, *begin, *begin))
                kinds.append(0)
            offsets.append(len(kinds))
        else:
            segments.extend((*here, *points[0], *points[0]) if command == "L" else (x for point in points for x in point))
            kinds.append(0 if command == "L" else 1)
            here = points[-1]
    return linefinish.Curves(*case.size(), memoryview(segments), memoryview(kinds), memoryview(offsets))


def _write(case: Case) -> bytes:
    options = case.options()
    dpi, more = options.pop("dpi"), {name: options.pop(name) for name in ("pdf_image",) if name in options}
    document = linefinish.compose(_curves(case), linefinish.Page(**options), dpi=dpi)
    file = io.BytesIO()
    linefinish.write(document, file, case.expected.suffix, **more)
    return file.getvalue()


_STEPS = {
    "threshold": Step(_threshold, ".png", ".png"),
    "clean": Step(_clean, ".png", ".png"),
    "trace": Step(_trace, ".png", ".svg"),
    "finish": Step(_finish, ".png", ".svg"),
    "rasterize": Step(_rasterize, ".png", ".png"),
    "write": Step(_write, ".svg", ""),
}
