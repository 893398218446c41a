"""Corners of strokes: those of polygons are found where they are, arcs have none."""
from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from linefinish.kernels import bends
from linefinish.memory import buffers

RADIUS = 2.0


def rounded(turn: float) -> np.ndarray:
    """Points a pixel apart of two sides of 30 px that meet at (0, 0), as the middle between the
    outlines of a stroke that turns there: half way between the inner corner and the outer arc.
    """
    behind, ahead = np.outer(np.arange(-30.0, 0), (1, 0)), np.outer(np.arange(31.0), (math.cos(turn), math.sin(turn)))
    sides = np.concatenate([behind, ahead])
    inner = RADIUS / math.cos(turn / 2) * np.array([-math.sin(turn / 2), math.cos(turn / 2)])
    made = []
    for point in sides:
        away = point - inner
        far = math.hypot(*away)
        # Nearer to the inner corner than to either side's line: the point moves towards it.
        made.append(point if math.hypot(*point) > RADIUS * math.tan(turn / 2) else point - away / far * (far - RADIUS) / 2)
    return np.column_stack([made, np.full(len(made), RADIUS), np.zeros(len(made))])


def called(*strokes: np.ndarray, closed: int = 0) -> tuple[Any, ...]:
    flat = buffers.numbers("d", *np.concatenate(strokes).ravel().tolist())
    offsets = buffers.numbers("q", 0, *np.cumsum([len(stroke) for stroke in strokes]).tolist())
    count = len(flat) // bends.POINT
    flags = buffers.numbers("B", *(closed,) * len(strokes))
    return flat, offsets, flags, len(strokes), buffers.zeros(count, "d"), buffers.zeros(bends.BEND * (count // 4 + 1), "d")


def arc(radius: float) -> np.ndarray:
    count = int(2 * math.pi * radius)
    t = 2 * math.pi * np.arange(count) / count
    return np.column_stack([radius * np.cos(t), radius * np.sin(t), np.full(count, RADIUS), np.zeros(count)])


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Corners, and a loop."""
    yield bends.find_bends, called(rounded(1.0), rounded(2.0))
    yield bends.find_bends, called(arc(9.0), closed=1)


@pytest.mark.parametrize("degrees", [40, 60, 90, 120, 140])
def test_a_corner_is_where_its_sides_meet(degrees: int) -> None:
    passed = called(rounded(math.radians(degrees)))
    assert bends.find_bends(*passed) == 1
    stroke, low, high, x, y, radius = passed[-1][: bends.BEND]
    assert stroke == 0
    assert low <= 30 <= high
    assert math.hypot(x, y) < 0.25
    assert radius == pytest.approx(RADIUS)


@pytest.mark.parametrize("radius", [4, 6, 9, 15, 40])
def test_arcs_have_no_corners(radius: float) -> None:
    assert bends.find_bends(*called(arc(radius), closed=1)) == 0
    assert bends.find_bends(*called(arc(radius)[: int(2 * radius)])) == 0
