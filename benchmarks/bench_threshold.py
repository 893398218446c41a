"""How long does a grey page take to become a bitmap?"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import linefinish
from benchmarks import datasets, peers
from benchmarks.measuring import Table, geometric_mean, interleaved, ms, times
from benchmarks.settings import Settings

WINDOW_PX = 51


def contestants(gray: Any) -> tuple[dict[str, Callable[[], Any]], dict[str, str]]:
    """Name → call, and name → reason for the missing ones. Ours give packed bits; the others a byte
    a pixel.
    """
    page = linefinish.Gray.from_array(np.ascontiguousarray(gray))
    calls: dict[str, Callable[[], Any]] = {
        f"linefinish {method}": lambda method=method: linefinish.threshold(page, method, background="auto" if method == "auto" else "off",
                                                                           window_px=WINDOW_PX if method not in GLOBAL else None)
        for method in ("fixed", "otsu", "auto", "sauvola", "wolf", "nick", "bradley")
    }  # fmt: skip
    missing: dict[str, str] = {}

    def cv2_otsu() -> Callable[[], Any]:
        cv2 = peers.one_thread_cv2()
        return lambda: cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)

    def cv2_adaptive() -> Callable[[], Any]:
        cv2 = peers.one_thread_cv2()
        return lambda: cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, WINDOW_PX, 10)

    def doxa(name: str) -> Callable[[], Any]:
        doxapy = peers.imported("doxapy")
        out = np.empty_like(gray)

        def call() -> None:
            binarization = doxapy.Binarization(getattr(doxapy.Binarization.Algorithms, name))
            binarization.initialize(gray)
            binarization.to_binary(out, {"window": WINDOW_PX, "k": 0.2})

        return call

    def skimage(name: str) -> Callable[[], Any]:
        filters = peers.imported("skimage.filters")
        if name == "otsu":
            return lambda: gray > filters.threshold_otsu(gray)
        return lambda: gray > filters.threshold_sauvola(gray, WINDOW_PX)

    others = {
        "OpenCV Otsu": cv2_otsu, "OpenCV adaptive mean": cv2_adaptive,
        "doxapy Sauvola": lambda: doxa("SAUVOLA"), "doxapy NICK": lambda: doxa("NICK"), "doxapy Wolf": lambda: doxa("WOLF"),
        "scikit-image Otsu": lambda: skimage("otsu"), "scikit-image Sauvola": lambda: skimage("sauvola"),
    }  # fmt: skip
    calls |= peers.made(others, missing)
    return calls, missing


GLOBAL = ("fixed", "otsu", "auto")


FLAT = ("fixed", "otsu", "auto", "sauvola", "bradley")


def flatness(settings: Settings) -> Table:
    """CPU ms per megapixel by the size of the page, windows and all else as they follow from it."""
    columns = ["method", *(f"{(1024 * times) ** 2 / 1e6:.0f} MP" for times in datasets.TILES), "most over least"]
    table = Table("Thresholding of large pages: CPU ms per megapixel, default options, one soft page side by side", columns)
    page = datasets.page(settings.drawings().get("fairy-godmother", next(iter(settings.drawings().values()))), 1024, "soft")
    taken: dict[str, list[float]] = {method: [] for method in FLAT}
    for times_ in datasets.TILES:
        gray = linefinish.Gray.from_array(datasets.tiled(page, times_))
        calls = {method: lambda gray=gray, method=method: linefinish.threshold(gray, method) for method in FLAT}
        for method, seconds in interleaved(calls, min(settings.rounds, 3)).items():
            taken[method].append(seconds / (gray.width * gray.height / 1e6))
    for method, all_ in taken.items():
        table.add(method, *(ms(seconds) for seconds in all_), times(max(all_) / min(all_)))
    table.notes.append("Bradley's window is an eighth of the page, up to 725 px; Sauvola's a fortieth, up to 511 px.")
    return table


def run(settings: Settings) -> list[Table]:
    """CPU ms per megapixel over soft pages, and the time over OpenCV's of the same sort (its Otsu,
    its adaptive mean).
    """
    table = Table(f"Thresholding: CPU ms per megapixel, window {WINDOW_PX} px", ["method", "ms/MP", "over OpenCV's", "on which page most"])
    seconds: dict[str, list[float]] = {}
    missing: dict[str, str] = {}
    names = []
    for name, _, gray in settings.pages("page", "soft"):
        names.append(name)
        calls, missing = contestants(gray)
        for method, taken in interleaved(calls, settings.rounds).items():
            seconds.setdefault(method, []).append(taken / (gray.size / 1e6))
    for method, taken_all in seconds.items():
        local = not any(word in method.lower() for word in ("otsu", "fixed", "auto"))
        reference = seconds.get("OpenCV adaptive mean" if local or "auto" in method else "OpenCV Otsu")
        ratios = [a / b for a, b in zip(taken_all, reference, strict=True)] if reference else []
        worst = f"{times(max(ratios))}, {names[ratios.index(max(ratios))]}" if ratios else "–"
        table.add(method, ms(geometric_mean(taken_all)), times(geometric_mean(ratios)) if ratios else "–", worst)
    for method, reason in missing.items():
        table.add(method, f"missing: {reason}", "–", "–")
    return [table, flatness(settings)]
