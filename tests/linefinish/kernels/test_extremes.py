"""Boxes: no point of a curve lies outside, and each side is touched."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings

from linefinish.kernels import extremes
from tests.linefinish.drawings import curves, drawings, flower


def boxes_of(drawing: Any) -> np.ndarray:
    out = array("d", bytes(32 * len(drawing)))
    assert extremes.bounding_boxes(drawing.segments, drawing.offsets, len(drawing), out) == len(drawing)
    return np.array(out).reshape(-1, 4)


@settings(max_examples=80, deadline=None)
@given(drawings())
def test_they_are_as_large_as_the_curves(drawing: Any) -> None:
    segments, t = drawing.segments_array(), np.linspace(0, 1, 801)[:, None]
    for chain, box in enumerate(boxes_of(drawing)):
        begin, end = drawing.offsets[chain], drawing.offsets[chain + 1]
        start, points = segments[end - 1, 2], []
        for k in range(begin, end):
            c1, c2, stop = segments[k]
            points.append((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * c1 + 3 * (1 - t) * t * t * c2 + t**3 * stop)
            start = stop
        way = np.concatenate(points)
        wanted = np.concatenate([way.min(0), way.max(0)])
        assert (wanted[:2] - box[:2] >= -1e-9).all() and (box[2:] - wanted[2:] >= -1e-9).all(), "nothing lies outside"
        assert np.abs(wanted - box).max() < 1e-3, "and no side is farther out than the curve"


def test_an_extreme_between_the_ends() -> None:
    drawing = curves(9, 9, [[(1, (0, 4), (4, 4), (4, 0)), (0, (4, 0), (0, 0), (0, 0))]])
    assert boxes_of(drawing).tolist() == [[0, 0, 4, 3]]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    drawing = flower()
    yield extremes.bounding_boxes, (drawing.segments, drawing.offsets, len(drawing), array("d", bytes(32 * len(drawing))))
