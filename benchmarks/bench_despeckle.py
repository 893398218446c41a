"""How long does it take to remove specks, few and many?"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import linefinish
from benchmarks import datasets, peers
from benchmarks.measuring import Table, interleaved, ms, times
from benchmarks.settings import Settings

AREA_PX_MAX = 7
NOISE_SHARES = (0.0, 0.001, 0.01, 0.05)


def noisy(ink: Any, share: float) -> Any:
    """Salt: this share of all pixels is turned into ink. Seeded."""
    return ink | (np.random.default_rng(7).random(ink.shape) < share)


def contestants(ink: Any) -> tuple[dict[str, Callable[[], Any]], dict[str, str]]:
    """Name → call, and name → reason for the missing ones. Ours does both polarities, the others
    ink only.
    """
    bitmap = linefinish.Bitmap.from_array(ink)
    calls: dict[str, Callable[[], Any]] = {
        "linefinish, specks and pinholes": lambda: linefinish.despeckle(
            bitmap, speckle_area_px_max=AREA_PX_MAX, pinhole_area_px_max=AREA_PX_MAX
        ),
        "linefinish, specks": lambda: linefinish.despeckle(bitmap, speckle_area_px_max=AREA_PX_MAX, pinhole_area_px_max=0),
    }
    missing: dict[str, str] = {}
    flags = ink.astype(np.uint8)

    def labelled_cc3d() -> Callable[[], Any]:
        cc3d = peers.imported("cc3d")

        def call() -> Any:
            labels, count = cc3d.connected_components(flags, connectivity=8, return_N=True)
            keep = np.bincount(labels.ravel(), minlength=count + 1) > AREA_PX_MAX
            keep[0] = False
            return keep[labels]

        return call

    def labelled_cv2() -> Callable[[], Any]:
        cv2 = peers.one_thread_cv2()

        def call() -> Any:
            _, labels, stats, _ = cv2.connectedComponentsWithStats(flags, connectivity=8)
            keep = stats[:, cv2.CC_STAT_AREA] > AREA_PX_MAX
            keep[0] = False
            return keep[labels]

        return call

    def skimage() -> Callable[[], Any]:
        morphology = peers.imported("skimage.morphology")
        return lambda: morphology.remove_small_objects(ink, max_size=AREA_PX_MAX, connectivity=2)

    others = {"cc3d, labels and areas": labelled_cc3d, "OpenCV, labels and areas": labelled_cv2, "scikit-image": skimage}
    calls |= peers.made(others, missing)
    return calls, missing


def run(settings: Settings) -> list[Table]:
    """CPU ms per megapixel by the share of noise, and cc3d's time over it."""
    columns = ["tool", *(f"{share:.1%} noise" for share in NOISE_SHARES)]
    table = Table(f"Despeckling up to {AREA_PX_MAX} px: CPU ms per megapixel, and cc3d's time over it", columns)
    ink = datasets.page(settings.drawings().get("fairy-godmother", next(iter(settings.drawings().values()))), 2048, "clean") < 128
    cells: dict[str, list[str]] = {}
    missing: dict[str, str] = {}
    for share in NOISE_SHARES:
        calls, missing = contestants(noisy(ink, share))
        taken = interleaved(calls, settings.rounds)
        reference = taken.get("cc3d, labels and areas")
        for name, seconds in taken.items():
            ratio = f" ({times(reference / seconds)})" if reference else ""
            cells.setdefault(name, []).append(ms(seconds / (ink.size / 1e6)) + ratio)
    for name, row in cells.items():
        table.add(name, *row)
    for name, reason in missing.items():
        table.add(name, f"missing: {reason}", *["–"] * (len(NOISE_SHARES) - 1))
    return [table, flatness(settings)]


def flatness(settings: Settings) -> Table:
    """CPU ms per megapixel of `despeckle` by the size of the page."""
    columns = ["page", *(f"{(1024 * times_) ** 2 / 1e6:.0f} MP" for times_ in datasets.TILES), "most over least"]
    table = Table("Despeckling of large pages: CPU ms per megapixel, both polarities, one page side by side", columns)
    ink = datasets.page(settings.drawings().get("fairy-godmother", next(iter(settings.drawings().values()))), 1024, "clean") < 128
    for name, share, limits in (
        ("clean, up to 7 px", 0.0, (AREA_PX_MAX, AREA_PX_MAX)),
        ("1 % noise, up to 7 px", 0.01, (AREA_PX_MAX, AREA_PX_MAX)),
        ("clean, limits from the page", 0.0, (None, None)),
        ("1 % noise, limits from the page", 0.01, (None, None)),
    ):
        all_ = []
        for times_ in datasets.TILES:
            bitmap = linefinish.Bitmap.from_array(datasets.tiled(noisy(ink, share), times_))

            def call(bitmap: Any = bitmap, limits: Any = limits) -> Any:
                return linefinish.despeckle(bitmap, speckle_area_px_max=limits[0], pinhole_area_px_max=limits[1])

            all_.append(interleaved({"ours": call}, min(settings.rounds, 3))["ours"] / (bitmap.width * bitmap.height / 1e6))
        table.add(name, *(ms(seconds) for seconds in all_), times(max(all_) / min(all_)))
    return table
