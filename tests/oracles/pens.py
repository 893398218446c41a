"""The order of strokes by looking at all that are left, and the way between them."""
from __future__ import annotations

import math

Places = list[list[tuple[float, float]]]


def exit_of(own: list[tuple[float, float]], entry: int) -> tuple[float, float]:
    """Where a stroke ends that begins at one of its places."""
    return own[1 - entry] if len(own) == 2 else own[entry]


def nearest(strokes: Places, home: tuple[float, float]) -> tuple[list[int], list[int]]:
    """The strokes in order, and at which of its places each begins."""
    left = set(range(len(strokes)))
    order, entries, at = [], [], home
    while left:
        _, stroke, entry = min((_way(at, place), stroke, entry) for stroke in left for entry, place in enumerate(strokes[stroke]))
        left.remove(stroke)
        order.append(stroke)
        entries.append(entry)
        at = exit_of(strokes[stroke], entry)
    return order, entries


def travel(strokes: Places, home: tuple[float, float], order: list[int], entries: list[int]) -> float:
    """How far the pen goes without drawing."""
    total, at = 0.0, home
    for stroke, entry in zip(order, entries, strict=True):
        total += _way(at, strokes[stroke][entry])
        at = exit_of(strokes[stroke], entry)
    return total


def _way(here: tuple[float, float], there: tuple[float, float]) -> float:
    return math.sqrt((there[0] - here[0]) * (there[0] - here[0]) + (there[1] - here[1]) * (there[1] - here[1]))
