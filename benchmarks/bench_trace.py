"""How long does a bitmap take to become curves, against libpotrace and everyone built on it or
beside it?
"""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import linefinish
from benchmarks import peers
from benchmarks.measuring import Table, geometric_mean, interleaved, ms, times
from benchmarks.settings import Settings

# Tools that take seconds a page are measured on small pages only, and once.
SLOW = ("potracer", "AutoTrace")
# Calls a page whose least wall time counts for threads: only a moment in which nobody else wants a
# core tells what they gain.
WALL_CALLS = 40


def contestants(gray: Any, *, slow: bool) -> tuple[dict[str, Callable[[], Any]], dict[str, str]]:
    """Name → call for one page, and name → reason for those that are missing. Everyone gets the
    page in the form it likes best.
    """
    ink = gray < 128
    bitmap, page = linefinish.Bitmap.from_array(ink), linefinish.Gray.from_array(gray)
    calls: dict[str, Callable[[], Any]] = {
        "linefinish, from the greys": lambda: linefinish.outline(bitmap, page, 127),
        "linefinish, 1-bit": lambda: linefinish.outline(bitmap),
        "linefinish, 1-bit, two threads": lambda: linefinish.outline(bitmap, threads=2),
    }
    missing: dict[str, str] = {}

    def library() -> Callable[[], Any]:
        potrace = peers.LibPotrace()
        form, words = potrace.bitmap(ink)
        return lambda: (potrace.trace(form), words)

    others: dict[str, Callable[[], Callable[[], Any]]] = {
        "libpotrace": library,
        "pypotrace": lambda: peers.pypotrace(ink),
        "vtracer": lambda: peers.vtracer_svg(gray),
    }
    if slow:
        others["potracer"] = lambda: peers.potracer(ink)
        others["AutoTrace"] = lambda: peers.autotrace_svg(gray)
    calls |= peers.made(others, missing)
    return calls, missing


def run(settings: Settings) -> list[Table]:
    """CPU ms a page, and how many times faster or slower than libpotrace (geometric means over the
    drawings).
    """
    table = Table("Tracing and fitting: CPU ms a page, and libpotrace's time over it", ["tool", *settings.sizes])
    cells: dict[str, list[str]] = {}
    worst: dict[str, float] = {}
    for size in settings.sizes:
        seconds: dict[str, list[float]] = {}
        missing: dict[str, str] = {}
        for _, _, gray in settings.pages(size, "clean"):
            calls, missing = contestants(gray, slow=False)
            for name, taken in interleaved(calls, settings.rounds).items():
                seconds.setdefault(name, []).append(taken)
        reference = seconds.get("libpotrace")
        for name, taken_all in seconds.items():
            ratio = [a / b for a, b in zip(reference, taken_all, strict=True)] if reference else []
            cells.setdefault(name, []).append(ms(geometric_mean(taken_all)) + (f" ({times(geometric_mean(ratio))})" if ratio else ""))
            if name == "linefinish, 1-bit" and ratio:
                worst[size] = min(ratio)
        for name, reason in missing.items():
            cells.setdefault(name, []).append(f"missing: {reason}")
    _slow_ones(settings, cells)
    for name, row in cells.items():
        table.add(name, *row, *["–"] * (len(settings.sizes) - len(row)))
    for size, ratio in worst.items():
        table.notes.append(f"The page on which linefinish (1-bit) gains least at size {size}: {times(ratio)}.")
    table.notes.append("CPU time of two threads is the sum of both. potracer and AutoTrace: one drawing, one round.")
    return [table, two_threads(settings)]


def two_threads(settings: Settings) -> Table:
    """Wall ms a page on one thread and on two, the least of many calls in turn, and the gain
    (geometric means over the drawings).
    """
    table = Table("Two threads: wall ms a page, 1-bit, the least of many calls", ["size", "one", "two", "gain", "least gain"])
    for size in settings.sizes:
        least: dict[int, list[float]] = {1: [], 2: []}
        for _, _, gray in settings.pages(size, "clean"):
            bitmap = linefinish.Bitmap.from_array(gray < 128)
            taken: dict[int, list[float]] = {1: [], 2: []}
            for _ in range(WALL_CALLS):
                for threads, walls in taken.items():
                    start = time.perf_counter()
                    linefinish.outline(bitmap, threads=threads)
                    walls.append(time.perf_counter() - start)
            for threads, walls in taken.items():
                least[threads].append(min(walls))
        gains = [one / two for one, two in zip(least[1], least[2], strict=True)]
        means = (ms(geometric_mean(least[threads])) for threads in (1, 2))
        table.add(size, *means, f"{geometric_mean(gains):.2f}×", f"{min(gains):.2f}×")
    table.notes.append("It says something on a machine with two idle cores only.")
    return table


def _slow_ones(settings: Settings, cells: dict[str, list[str]]) -> None:
    """Seconds a page: one drawing of the smallest size, one round, beside libpotrace on the same
    page.
    """
    _, _, gray = next(settings.pages(settings.sizes[0], "clean"))
    calls, missing = contestants(gray, slow=True)
    taken = interleaved({name: calls[name] for name in (*SLOW, "libpotrace") if name in calls}, 1)
    for name in SLOW:
        if name in taken:
            ratio = f" ({times(taken['libpotrace'] / taken[name])})" if "libpotrace" in taken else ""
            cells[name] = [ms(taken[name]) + ratio]
        else:
            cells[name] = [f"missing: {missing[name]}"]
