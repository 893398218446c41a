"""`Outline`: sign, depth, holder and its own curves."""
from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from linefinish import Bitmap, Outline, outline, rasterize
from tests.linefinish.drawings import circle, curves


def test_rings_in_rings() -> None:
    drawing = curves(64, 64, [circle(32, 32, 4), circle(32, 32, 30), circle(32, 32, 16), circle(32, 32, 24, hole=True)])
    made = drawing.outlines()
    assert all(isinstance(own, Outline) for own in drawing) and [own.index for own in made] == [0, 1, 2, 3]
    assert [own.depth for own in made] == [3, 0, 2, 1]
    assert [own.sign for own in made] == [1, 1, 1, -1]
    assert [own.holder.index if own.holder else None for own in made] == [2, None, 3, 1]
    assert made[3].area == pytest.approx(-math.pi * 24**2, rel=5e-4)
    assert made[0].bounds == pytest.approx((28, 28, 36, 36))
    for own in made:
        assert (len(own.curves), own.curves.width, own.curves.area) == (1, 64, own.area)


def test_depth_tells_ink_from_holes_in_a_tracing() -> None:
    ink = np.zeros((90, 90), bool)
    for k, value in enumerate([True, False, True, False]):
        ink[10 * k + 5 : 85 - 10 * k, 10 * k + 5 : 85 - 10 * k] = value
    drawing = outline(Bitmap.from_array(ink))
    assert [(own.sign, own.depth) for own in drawing] == [(1, 0), (-1, 1), (1, 2), (-1, 3)]
    assert drawing.area == pytest.approx(rasterize(drawing).ink_count(), abs=40)
    for inner, around in pairwise(reversed(drawing.outlines())):
        assert inner.holder is not None and inner.holder.index == around.index


def test_many_outlines_are_no_burden() -> None:
    ink = np.zeros((300, 300), bool)
    ink[::3, ::3] = True
    made = outline(Bitmap.from_array(ink)).outlines()
    assert len(made) == 100 * 100 and {own.depth for own in made} == {0}
