"""Where does a sheet of paper lie in a photograph, and what is cut that must not be?

By default a few photographs and pages of our own making. With `--degrader`, a script that has
`PHOTOS`, `SCANS`, `NEGATIVES` and `picture(kind, index, seed, svg, megapixels)` → RGB, ink, facts
with the true `corners`, quality.
"""
from __future__ import annotations

import io
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import datasets, peers
from benchmarks.measuring import Table, ms
from benchmarks.settings import Settings
from linefinish import find_sheet
from tests.linefinish.sheets.photographs import corners_of, generated, photograph

# Our own pictures: as many photographs, and as many pages with nothing to cut of each kind.
PHOTOGRAPHS, PAGES = 12, 4
# Outside pictures of each kind, of so many megapixels, and the seed that makes them.
PER_KIND, MEGAPIXELS, SEED = 2, 2.0, 5001
# Who takes seconds over a picture is asked of one in so many. Fewer pictures take less time and say
# less; of our own, one in two still has each kind of page among them.
EVERY = {"OpenCV, grabCut": 2}
# Kinds whose sheet leaves the picture: their corners are not seen.
CUT = ("leaves", "scan-cut")

Corners = Any
Finder = Callable[[bytes, Any], Corners]


def pictures(settings: Settings) -> Iterator[tuple[bytes, Any, Corners]]:
    """Files, their pixels, and the true corners or None."""
    script = datasets.outside_degrader(settings.degrader) if settings.degrader else None
    if script is None:
        for seed in range(PHOTOGRAPHS):
            yield *_file(photograph(seed)), corners_of(seed)
        for seed in range(PAGES):
            for kind in ({}, {"frame": True}, {"panel": True}):
                yield *_file(generated(seed, **kind)), None
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, svg in settings.drawings().items():
            paths.append(Path(folder) / f"{name}.svg")
            paths[-1].write_text(svg, encoding="utf-8")
        kinds = [kind for kind in (*script.PHOTOS, *script.SCANS, *script.NEGATIVES) if kind not in CUT]
        for at, kind in enumerate(kinds):
            for index in range(PER_KIND):
                rgb, _, facts, quality = script.picture(kind, index, SEED, str(paths[(PER_KIND * at + index) % len(paths)]), MEGAPIXELS)
                if facts["group"] != "deskew":
                    corners = None if facts["corners"] is None else np.array(facts["corners"])
                    yield *_file(np.clip(rgb + 0.5, 0, 255).astype(np.uint8), quality, facts["exif_focal_mm35"]), corners


def _file(rgb: Any, quality: int = 90, focal_mm: float | None = None) -> tuple[bytes, Any]:
    file, exif = io.BytesIO(), Image.Exif()
    if focal_mm:
        exif.get_ifd(0x8769)[0xA405] = int(focal_mm)
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, exif=exif)
    return file.getvalue(), np.asarray(Image.open(file).convert("RGB"))


# --- the others, as their pages tell it
# ------------------------------------------------------------

def _ours(file: bytes, _: Any) -> Corners:
    sheet = find_sheet(file)
    return None if sheet is None else np.array(sheet.corners)


def _four(cv2: Any, contours: Any, scale: float) -> Corners:
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:5]:
        shape = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)
        if len(shape) == 4:
            return shape.reshape(4, 2) * scale
    return None


def _tutorial(_: bytes, rgb: Any) -> Corners:
    """PyImageSearch's document scanner: edges (Canny), the largest contour of four corners."""
    cv2 = peers.one_thread_cv2()
    scale = rgb.shape[0] / 500
    gray = cv2.GaussianBlur(cv2.cvtColor(cv2.resize(rgb, (round(rgb.shape[1] / scale), 500)), cv2.COLOR_RGB2GRAY), (5, 5), 0)
    contours, _hierarchy = cv2.findContours(cv2.Canny(gray, 75, 200), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return _four(cv2, contours, scale)


def _grab_cut(_: bytes, rgb: Any) -> Corners:
    """LearnOpenCV's document scanner: what is drawn closed, GrabCut from the middle, then edges."""
    cv2 = peers.one_thread_cv2()
    scale = max(1.0, max(rgb.shape[:2]) / 1080)
    small = cv2.resize(rgb, (round(rgb.shape[1] / scale), round(rgb.shape[0] / scale)))
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8), iterations=3)
    mask, back, front = np.zeros(small.shape[:2], np.uint8), np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, mask, (20, 20, small.shape[1] - 20, small.shape[0] - 20), back, front, 5, cv2.GC_INIT_WITH_RECT)
    small = small * np.where((mask == 2) | (mask == 0), 0, 1).astype(np.uint8)[..., None]
    edges = cv2.Canny(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (11, 11), 0), 0, 200)
    edges = cv2.dilate(edges, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    contours, _hierarchy = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return _four(cv2, contours, scale)


def _otsu(_: bytes, rgb: Any) -> Corners:
    """The hull of the largest light part, by Otsu's level."""
    cv2 = peers.one_thread_cv2()
    scale = max(1.0, max(rgb.shape[:2]) / 1000)
    gray = cv2.cvtColor(cv2.resize(rgb, (round(rgb.shape[1] / scale), round(rgb.shape[0] / scale))), cv2.COLOR_RGB2GRAY)
    _level, light = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    contours, _hierarchy = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return _four(cv2, [cv2.convexHull(contour) for contour in contours], scale)


def _jscanify(_: bytes, rgb: Any) -> Corners:
    """The way of jscanify 1.4: the largest contour, and its furthest points in four quarters."""
    cv2 = peers.one_thread_cv2()
    edges = cv2.GaussianBlur(cv2.Canny(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 50, 200), (3, 3), 0)
    _level, light = cv2.threshold(edges, 0, 255, cv2.THRESH_OTSU)
    contours, _hierarchy = cv2.findContours(light, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    points = max(contours, key=cv2.contourArea).reshape(-1, 2).astype(float)
    (cx, cy), _size, _angle = cv2.minAreaRect(points.astype(np.float32))
    corners = []
    for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        quarter = points[((points[:, 0] - cx) * right > 0) & ((points[:, 1] - cy) * down > 0)]
        if not len(quarter):
            return None
        corners.append(quarter[np.hypot(quarter[:, 0] - cx, quarter[:, 1] - cy).argmax()])
    return np.array(corners)


FINDERS: dict[str, Finder] = {
    "linefinish": _ours, "OpenCV, Canny and approxPolyDP": _tutorial, "OpenCV, grabCut": _grab_cut,
    "OpenCV, Otsu's largest blob": _otsu, "jscanify's way": _jscanify,
}  # fmt: skip


# --- what counts
# ------------------------------------------------------------

def corner_error(found: Corners, true: Corners) -> float:
    """Mean distance of the corners, % of the sheet's diagonal, whichever way round they come."""
    if found is None:
        return math.inf
    orders = (np.roll(way, turn, 0) for way in (found, found[::-1]) for turn in range(4))
    off = min(float(np.linalg.norm(order - true, axis=1).mean()) for order in orders)
    return 100 * off / float(np.linalg.norm(true[0] - true[2]))


def is_wrong(found: Corners, true: Corners, shape: tuple[int, ...]) -> bool:
    """Whether what was found shares less than nine tenths with the sheet."""
    if found is None:
        return False
    from PIL import ImageDraw

    masks = []
    for corners in (found, true):
        image = Image.new("1", (shape[1] // 4, shape[0] // 4))
        ImageDraw.Draw(image).polygon([(x / 4, y / 4) for x, y in corners], fill=1)
        masks.append(np.asarray(image))
    return bool((masks[0] & masks[1]).sum() < 0.9 * max(1, (masks[0] | masks[1]).sum()))


def run(settings: Settings) -> list[Table]:
    """Sheets within shares of their diagonal, wrong ones, pages that were cut, and CPU time."""
    columns = ["tool", "< 2 %", "< 0.5 %", "< 0.1 %", "p50 of those < 5 %", "wrong", "pages cut", "CPU ms"]
    errors: dict[str, list[float]] = {name: [] for name in FINDERS}
    taken: dict[str, list[float]] = {name: [] for name in FINDERS}
    wrong, cut = dict.fromkeys(FINDERS, 0), dict.fromkeys(FINDERS, 0)
    missing: dict[str, str] = {}
    sheets = pages = 0
    for file, rgb, true in pictures(settings):
        asked = [name for name in FINDERS if (sheets + pages) % EVERY.get(name, 1) == 0]
        sheets, pages = sheets + (true is not None), pages + (true is None)
        for name in asked:
            start = time.process_time()
            try:
                found = FINDERS[name](file, rgb)
            except peers.MissingError as error:
                missing[name] = str(error)
                continue
            taken[name].append(time.process_time() - start)
            if true is None:
                cut[name] += found is not None
            else:
                errors[name].append(corner_error(found, true))
                wrong[name] += is_wrong(found, true, rgb.shape)
        slowest = max(asked, key=lambda name: taken[name][-1] if taken[name] else 0.0)
        print(f"sheet: picture {sheets + pages}, {rgb.shape[1]} × {rgb.shape[0]} px, {slowest} {ms((taken[slowest] or [0.0])[-1])} ms",
              file=sys.stderr, flush=True)  # fmt: skip
    table = Table(f"Sheets of paper: {sheets} photographs and scans, {pages} pages with no sheet to find", columns)
    for name, off in errors.items():
        if name in missing:
            table.add(name, f"missing: {missing[name]}", *["–"] * (len(columns) - 2))
            continue
        # Where not all pictures were asked, of how many.
        of_sheets, of_pages = ("", "") if name not in EVERY else (f" of {len(off)}", f" of {len(taken[name]) - len(off)}")
        near = [error for error in off if error < 5]
        counts = [f"{sum(error < bound for error in off)}{of_sheets}" for bound in (2, 0.5, 0.1)]
        middle = f"{statistics.median(near):.3f} %" if near else "–"
        table.add(name, *counts, middle, f"{wrong[name]}{of_sheets}", f"{cut[name]}{of_pages}", ms(statistics.median(taken[name])))
    table.notes.append("Mean distance of the corners, as a share of the sheet's diagonal; *wrong* shares less than nine tenths with it.")
    table.notes.append("Ours reads the file, the others are handed its pixels.")
    table.notes += [f"{name} takes seconds over a picture: it was asked of one in {step}." for name, step in EVERY.items()]
    return [table]
