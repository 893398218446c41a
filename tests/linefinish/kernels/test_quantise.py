"""Rounding to units: once, the same everywhere, and nothing empty is left."""
from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from linefinish.data.document import UNITS_PER_PX, compose
from linefinish.errors import ImageError
from linefinish.kernels import quantise
from tests.linefinish.drawings import curves, drawings, flower, polygon


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_what_is_kept_is_the_rounded_drawing(drawing: Any) -> None:
    document = compose(drawing)
    expected = []
    for begin, end in zip(drawing.offsets[:-1], drawing.offsets[1:], strict=True):
        rounded = [[math.floor(v * UNITS_PER_PX + 0.5) for v in drawing.segments[6 * k : 6 * k + 6]] for k in range(begin, end)]
        start, kept = rounded[-1][4:], []
        for k, row in enumerate(rounded, begin):
            if drawing.kinds[k] == 0:
                row = [*start, *row[4:], *row[4:]]
            if row != start * 3:
                straight = row[:2] == start and row[2:4] == row[4:]
                kept.append((0 if straight else 1, row))
            start = row[4:]
        if len(kept) > 2 or any(kind for kind, _ in kept):
            expected.append(kept)
    found = [
        [(document.kinds[k], list(document.segments[6 * k : 6 * k + 6])) for k in range(begin, end)]
        for begin, end in zip(document.offsets[:-1], document.offsets[1:], strict=True)
    ]
    assert found == expected


def test_a_shift_by_whole_pixels_shifts_the_result() -> None:
    points = [(0.46875, -0.46875), (3.03125, 0.53), (1.2, 4.97)]
    here = compose(curves(9, 9, [polygon(*points)]))
    there = compose(curves(9, 9, [polygon(*((x - 7, y + 3) for x, y in points))]))
    shifts = [b - a for a, b in zip(here.segments, there.segments, strict=True)]
    assert shifts == [-7 * UNITS_PER_PX, 3 * UNITS_PER_PX] * 9


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_coordinate_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ImageError):
        compose(curves(9, 9, [polygon((0, 0), (value, 1), (3, 5))]))


def test_coordinates_far_outside_are_cut_to_what_readers_can_hold() -> None:
    document = compose(curves(9, 9, [polygon((0, 0), (1e300, 1), (3, -1e300))]))
    assert max(document.segments) == quantise.COORDINATE_UNITS_MAX
    assert min(document.segments) == -quantise.COORDINATE_UNITS_MAX


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    for drawing in (flower(), curves(3, 3, [polygon((0, 0), (0.01, 0), (0, 0.01)), polygon((0, 0), (math.nan, 0), (0, 1))])):
        count = drawing.segment_count
        outputs = (array("i", bytes(24 * count)), bytearray(count), array("q", bytes(8 * len(drawing) + 8)))
        yield quantise.quantise, (drawing.segments, drawing.kinds, drawing.offsets, len(drawing), *outputs)
