"""Run a golden case, compare it with what is expected, and leave a picture of the difference.
golden/README.md has the rules.
"""
from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import linefinish

GOLDEN = Path(__file__).parents[2] / "golden"
FAILURES = Path(__file__).parents[2] / "golden-failures"
SIDE_PX_MAX = 200  # of an input: small enough to be seen whole, and to keep the repository light
# A failure is shown this many times enlarged: a pixel that differs must be seen, and three pictures
# must fit on a screen.
ENLARGED = 4


class Case:
    """`golden/<step>/<feature>/<case>.png`, with the options of its feature."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.feature, self.step = source.parent.name, source.parent.parent.name
        self.name = f"{self.step}/{self.feature}/{source.stem}"
        self.expected = source.with_name(f"{source.stem}.expected{_STEPS[self.step][1]}")

    def options(self) -> dict[str, Any]:
        """What `options.json` beside the case says, or nothing: the defaults."""
        path = self.source.with_name("options.json")
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def run(self) -> bytes:
        """The file that this step makes of the input today."""
        return _STEPS[self.step][0](self)


def cases() -> list[Case]:
    """Every input under golden/, in order."""
    return [Case(path) for path in sorted(GOLDEN.glob("*/*/*.png")) if not path.stem.endswith(".expected")]


def same(a: bytes, b: bytes, suffix: str) -> bool:
    """SVGs byte for byte, as the same input and version must give the same file; bitmaps pixel for
    pixel, however packed.
    """
    return a == b if suffix == ".svg" else bool(np.array_equal(picture(a, suffix, 1), picture(b, suffix, 1)))


def picture(data: bytes, suffix: str, enlarged: int) -> Any:
    """The file as a bool array, True is ink; bitmaps enlarged by whole pixels, drawings drawn that
    large.
    """
    if suffix == ".svg":
        import resvg_py

        options = {"background": "white", "zoom": enlarged}
        data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), **options))
        return np.asarray(Image.open(io.BytesIO(data)).convert("L")) < 128
    ink = ~np.asarray(Image.open(io.BytesIO(data)).convert("1"))
    return np.kron(ink, np.ones((enlarged, enlarged), bool))


def difference(before: bytes, after: bytes, suffix: str) -> tuple[Image.Image, str]:
    """Before | after | difference as one picture (red: gone, blue: new), and the same in words."""
    old, new = picture(before, suffix, ENLARGED), picture(after, suffix, ENLARGED)
    if old.shape != new.shape:
        words = f"was {old.shape[1] // ENLARGED} × {old.shape[0] // ENLARGED}, is {new.shape[1] // ENLARGED} × {new.shape[0] // ENLARGED}"
        height, width = max(old.shape[0], new.shape[0]), max(old.shape[1], new.shape[1])
        old, new = (np.pad(p, ((0, height - p.shape[0]), (0, width - p.shape[1]))) for p in (old, new))
    else:
        gone, added = int((old & ~new).sum()), int((new & ~old).sum())
        area = ENLARGED * ENLARGED
        words = f"{gone / area:.2f} px of ink gone, {added / area:.2f} px new, of {old.sum() / area:.0f}"
        if suffix == ".svg":
            words += f"; {len(before)} → {len(after)} bytes"
    marked = np.full((*old.shape, 3), 255, np.uint8)
    marked[old & new] = 200, 200, 200
    marked[old & ~new] = 220, 0, 0
    marked[new & ~old] = 0, 60, 230
    bar = np.full((old.shape[0], ENLARGED, 3), 128, np.uint8)
    grey = [np.repeat(np.where(p, 0, 255).astype(np.uint8)[..., None], 3, axis=2) for p in (old, new)]
    return Image.fromarray(np.hstack([grey[0], bar, grey[1], bar, marked])), words


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


_STEPS: dict[str, tuple[Callable[[Case], bytes], str]] = {
    "threshold": (_threshold, ".png"),
    "clean": (_clean, ".png"),
    "trace": (_trace, ".svg"),
    "finish": (_finish, ".svg"),
    "rasterize": (_rasterize, ".png"),
}
