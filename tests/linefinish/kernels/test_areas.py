"""Areas by Green's theorem: against fine polygons, and exactly where the area is known."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings

from linefinish.kernels import areas
from tests.linefinish.drawings import circle, curves, drawings, flower, polygon


def areas_of(drawing: Any) -> list[float]:
    out = array("d", bytes(8 * len(drawing)))
    assert areas.enclosed_areas(drawing.segments, drawing.offsets, len(drawing), out) == sum(out)
    return list(out)


def by_chords(drawing: Any, chain: int, steps: int = 400) -> float:
    """The shoelace formula over many points of each segment."""
    begin, end = drawing.offsets[chain], drawing.offsets[chain + 1]
    segments = drawing.segments_array()
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    start, points = segments[end - 1, 2], []
    for c1, c2, stop in segments[begin:end]:
        points.append((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * c1 + 3 * (1 - t) * t * t * c2 + t**3 * stop)
        start = stop
    x, y = np.concatenate(points).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


@settings(max_examples=60, deadline=None)
@given(drawings())
def test_they_are_what_fine_polygons_enclose(drawing: Any) -> None:
    for chain, area in enumerate(areas_of(drawing)):
        assert abs(area - by_chords(drawing, chain)) < 0.05


def test_lines_enclose_their_area_exactly_and_holes_a_negative_one() -> None:
    drawing = curves(9, 9, [polygon((1, 1), (4, 1), (4, 3), (1, 3)), polygon((1, 1), (1, 3), (4, 3), (4, 1))])
    assert areas_of(drawing) == [6.0, -6.0]


def test_nothing_cancels_far_from_the_origin() -> None:
    near, far = (areas_of(curves(9, 9, [circle(x, 3, 2)]))[0] for x in (3, 2.0**23 + 3))
    assert abs(near - far) < 1e-7


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    drawing = flower()
    yield areas.enclosed_areas, (drawing.segments, drawing.offsets, len(drawing), array("d", bytes(8 * len(drawing))))
