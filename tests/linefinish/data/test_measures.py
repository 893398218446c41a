"""Area and bounds of curves, and what has none."""
from __future__ import annotations

import math

import pytest

from linefinish import Curves, ImageError, Paths
from tests.linefinish.drawings import circle, curves, polygon


def test_ink_is_outer_outlines_less_holes() -> None:
    ring = curves(64, 48, [circle(20, 20, 15), circle(20, 20, 9, hole=True)])
    assert ring.area == pytest.approx(math.pi * (15**2 - 9**2), rel=5e-4)
    assert ring.bounds == pytest.approx((5, 5, 35, 35))
    assert ring.to_polygons(0.01).area == pytest.approx(ring.area, abs=1)


def test_no_ink() -> None:
    for empty in (Curves.empty(3, 4), Curves.empty(3, 4).to_polygons()):
        assert (empty.area, empty.bounds, empty.outlines()) == (0, None, [])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_coordinate_that_is_no_number(value: float) -> None:
    broken = curves(9, 9, [polygon((1, 1), (value, 3), (2, 5))])
    for ask in (lambda c: c.area, lambda c: c.bounds, Curves.outlines, Curves.to_polygons, lambda c: c.transform((2, 0, 0, 2, 0, 0))):
        with pytest.raises(ImageError, match="not a finite number"):
            ask(broken)
    with pytest.raises(ImageError):
        Paths.from_arrays(9, 9, [[(1, 1), (value, 3), (2, 5)]])
