"""How long does a finished page take to become a file, and how large is it?"""
from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np

import linefinish
from benchmarks import peers
from benchmarks.measuring import Table, geometric_mean, interleaved, ms, times
from benchmarks.settings import Settings


def contestants(ink: Any) -> tuple[dict[str, Callable[[], bytes]], dict[str, str]]:
    """Name → call that gives the file's bytes, and name → reason for the missing ones."""
    bitmap = linefinish.Bitmap.from_array(ink)
    document = linefinish.compose(linefinish.fit(linefinish.trace(bitmap)))
    missing: dict[str, str] = {}

    def ours(drawing: Any, format: str) -> bytes:
        file = io.BytesIO()
        linefinish.write(drawing, file, format)
        return file.getvalue()

    calls: dict[str, Callable[[], bytes]] = {
        "linefinish PNG": lambda: ours(bitmap, "png"),
        "linefinish TIFF G4": lambda: ours(bitmap, "tiff"),
        "linefinish SVG": lambda: ours(document, "svg"),
    }

    def pillow(format: str, **options: Any) -> Callable[[], bytes]:
        from PIL import Image

        image = Image.fromarray(np.where(ink, 0, 255).astype(np.uint8)).convert("1")

        def call() -> bytes:
            file = io.BytesIO()
            image.save(file, format, **options)
            return file.getvalue()

        return call

    def opencv() -> Callable[[], bytes]:
        cv2 = peers.one_thread_cv2()
        gray = np.where(ink, 0, 255).astype(np.uint8)
        return lambda: bytes(cv2.imencode(".png", gray, [cv2.IMWRITE_PNG_BILEVEL, 1])[1])

    others = {
        "Pillow PNG": lambda: pillow("PNG"), "Pillow TIFF G4": lambda: pillow("TIFF", compression="group4"), "OpenCV PNG, 1-bit": opencv,
    }  # fmt: skip
    calls |= peers.made(others, missing)
    return calls, missing


def run(settings: Settings) -> list[Table]:
    """CPU ms and KiB a page, and against Pillow's file of the same kind."""
    table = Table("Writing a 2048 px page", ["file", "CPU ms", "Pillow's time over it", "KiB", "MB/s of text"])
    seconds: dict[str, list[float]] = {}
    sizes: dict[str, list[float]] = {}
    missing: dict[str, str] = {}
    for _, _, gray in settings.pages("page", "clean"):
        calls, missing = contestants(gray < 128)
        for name, taken in interleaved(calls, settings.rounds).items():
            seconds.setdefault(name, []).append(taken)
            sizes.setdefault(name, []).append(len(calls[name]()))
    for name, taken_all in seconds.items():
        kind = "PNG" if "PNG" in name else "TIFF G4" if "TIFF" in name else ""
        reference = seconds.get(f"Pillow {kind}")
        ratio = times(geometric_mean(a / b for a, b in zip(reference, taken_all, strict=True))) if reference else "–"
        speed = f"{geometric_mean(a / b / 1e6 for a, b in zip(sizes[name], taken_all, strict=True)):.0f}" if name.endswith("SVG") else "–"
        table.add(name, ms(geometric_mean(taken_all)), ratio, f"{geometric_mean(sizes[name]) / 1024:.1f}", speed)
    for name, reason in missing.items():
        table.add(name, f"missing: {reason}", "–", "–", "–")
    return [table]
