"""Polygons of curves, curves of polygons, and what shapely makes of both."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from linefinish import Bitmap, Curves, ImageError, OptionsError, Paths, outline, trace
from tests.linefinish.drawings import circle, curves, drawings, polygon


@settings(max_examples=60, deadline=None)
@given(drawings(), st.sampled_from([0.001, 0.05, 2.0]))
def test_area_and_bounds_within_the_tolerance(drawing: Curves, tolerance: float) -> None:
    polygons = drawing.to_polygons(tolerance)
    assert isinstance(polygons, Paths) and len(polygons) == len(drawing)
    for own, was in zip(polygons.outlines(), drawing.outlines(), strict=True):
        assert np.allclose(own.bounds, was.bounds, atol=tolerance + 1e-9)
        length = np.abs(np.diff(own.curves.segments_array()[:, 2], axis=0)).sum() + 100
        assert abs(own.area - was.area) <= tolerance * 2 * length


@settings(max_examples=40, deadline=None)
@given(drawings(lines_only=True))
def test_polygons_of_lines_are_these_lines_and_back(drawing: Curves) -> None:
    again = drawing.to_polygons(3).to_curves()
    assert bytes(again.segments) == bytes(drawing.segments)
    assert bytes(again.offsets) == bytes(drawing.offsets)


@pytest.mark.parametrize("tolerance", [0, -1, float("nan"), float("inf"), "0.1", None, True, 1e-9])
def test_a_tolerance_that_cannot_be(tolerance: Any) -> None:
    with pytest.raises(OptionsError, match=r"^tolerance is "):
        Curves.empty(3, 3).to_polygons(tolerance)


def test_curves_far_larger_than_a_page_take_no_memory_for_it() -> None:
    chain = [(1, (0.0, 1e15), (1e15, 0.0), (1e15, 1e15)), (1, (0.0, 1e15), (1e15, 0.0), (0.0, 0.0))]
    huge = curves(9, 9, [chain] * 300)
    assert len(huge.outlines()) == 300
    level = [[(1, (1e200, 0.0), (-1e200, 0.0), (0.0, 0.0))]] * 50  # encloses nothing, so that its area is a number
    with pytest.raises(ImageError, match="too large"):
        curves(9, 9, level).outlines()
    with pytest.raises(OptionsError, match=r"a tolerance of 1e-06 px gives [\d,]+ vertices"):
        huge.to_polygons(1e-6)


def test_shapely_reads_holes_in_their_shells_and_islands_in_holes() -> None:
    drawing = curves(64, 48, [circle(20, 20, 4), circle(20, 20, 9, hole=True), circle(20, 20, 15), polygon((40, 5), (60, 5), (60, 15))])
    for made in (drawing, drawing.to_polygons(), drawing.transform((-1, 0, 0, 1, 64, 0))):
        found: Any = shape(made)
        assert found.geom_type == "MultiPolygon" and found.is_valid
        assert sorted(len(part.interiors) for part in found.geoms) == [0, 0, 1]
        assert found.area == pytest.approx(drawing.area, abs=3)
    assert shape(Curves.empty(3, 3)).is_empty


def test_shapely_finds_a_tracing_valid() -> None:
    ink = np.random.default_rng(3).random((40, 50)) < 0.45
    bitmap = Bitmap.from_array(ink)
    paths = trace(bitmap, turn_policy="black")
    found: Any = shape(paths)
    assert found.is_valid and found.area == pytest.approx(paths.area)
    assert [one.sign for one in paths.outlines()] == list(paths.signs)
    drawn: Any = shape(outline(bitmap))
    assert drawn.area == pytest.approx(outline(bitmap).area, rel=0.01)
