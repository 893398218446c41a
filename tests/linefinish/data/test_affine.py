"""`transform`: exact, there and back, with the ink on the right of the way."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Curves, ImageShapeError, OptionsError, Paths
from linefinish.data.affine import matrix_of
from tests.linefinish.drawings import circle, curves, drawings, flower

_side = st.floats(-4, 4)
_matrices = st.tuples(*[_side] * 6).filter(lambda m: abs(m[0] * m[3] - m[1] * m[2]) > 0.05)


@settings(max_examples=60, deadline=None)
@given(drawings(), _matrices)
def test_there_and_back(drawing: Curves, six: tuple[float, ...]) -> None:
    a, b, c, d, e, f = six
    full = np.array([[a, c, e], [b, d, f], [0, 0, 1]])
    there = drawing.transform(six, width=50, height=50)
    assert there.area == pytest.approx(drawing.area * abs(a * d - b * c), abs=1e-6 * (1 + 1e4))
    back = there.transform(np.linalg.inv(full), width=drawing.width, height=drawing.height)
    assert np.allclose(back.segments_array(), drawing.segments_array(), atol=1e-6)
    assert bytes(back.kinds) == bytes(drawing.kinds)
    polygons = drawing.to_polygons()
    assert polygons.transform(six, width=9, height=9).area == pytest.approx(there.width * 0 + polygons.area * abs(a * d - b * c), abs=1e-2)


def test_a_mirror_keeps_signs_and_turns_chains() -> None:
    ring = curves(64, 48, [circle(20, 20, 15), circle(20, 20, 9, hole=True)])
    for shape in (ring, ring.to_polygons()):
        mirrored = shape.transform([[-1, 0, 64], [0, 1, 0]])
        assert (mirrored.width, mirrored.height) == (64, 48)
        assert [outline.sign for outline in mirrored] == [1, -1]
        assert mirrored.area == pytest.approx(shape.area)
        assert mirrored.bounds == pytest.approx((29, 5, 59, 35))


@pytest.mark.parametrize(
    ("matrix", "size"),
    [
        ((2, 0, 0, 2, 0, 0), (128, 96)), ((1, 0, 0, 1, 10, -8), (74, 40)), ((0, 1, -1, 0, 48, 0), (48, 64)),
        ((0.01, 0, 0, 0.01, 0, 0), (1, 1)), ((1, 0, 0, 1, -100, 0), (1, 48)),
    ],
)  # fmt: skip
def test_the_page_reaches_as_far_as_the_moved_one(matrix: Any, size: tuple[int, int]) -> None:
    moved = flower().transform(matrix)
    assert (moved.width, moved.height) == size


def test_the_forms_of_a_matrix() -> None:
    rows = [[1, 2, 3], [4, 5, 6]]
    for form in (rows, [*rows, [0, 0, 1]], np.array(rows), (1, 4, 2, 5, 3, 6), np.array([*rows, [0, 0, 1]], "f4")):
        assert matrix_of(form) == (1, 4, 2, 5, 3, 6)


@pytest.mark.parametrize(
    "matrix",
    [
        None, 3, "123456", [1, 2, 3],
        [[1, 2], [3, 4]], (1, 2, 2, 4, 0, 0), [[1, 0, 0], [0, 1, 0], [0, 1, 1]], (1, 0, 0, float("nan"), 0, 0),
        (True, 0, 0, 1, 0, 0), np.eye(4), np.array(3), [[1, 0, 0], 3], type, {1: 2},
        [["a", 0, 0], [0, 1, 0]], (1e200, 0, 0, 1e200, 0, 0),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_matrix(matrix: Any) -> None:
    for shape in (flower(), flower().to_polygons()):
        with pytest.raises(OptionsError, match=r"^the matrix"):
            shape.transform(matrix)


@pytest.mark.parametrize("size", [{"width": 0}, {"height": "3"}, {"width": 2_000_000}, {"width": 2.5}])
def test_a_page_that_cannot_be(size: Any) -> None:
    with pytest.raises(ImageShapeError):
        flower().transform((1, 0, 0, 1, 0, 0), **size)
    with pytest.raises(ImageShapeError):
        Paths.from_arrays(9, 9, []).transform((1e9, 0, 0, 1, 0, 0))
