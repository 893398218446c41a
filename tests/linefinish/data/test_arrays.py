"""`from_arrays`: whatever numpy makes an array of, or an error that says what was found."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from linefinish import CUBIC, LINE, Curves, ImageShapeError, Paths
from tests.linefinish.drawings import flower


def test_curves_of_their_own_arrays() -> None:
    drawing = flower()
    again = Curves.from_arrays(64, 48, drawing.segments_array(), drawing.kinds_array(), drawing.offsets_array())
    assert bytes(again.segments) == bytes(drawing.segments)
    assert Curves.from_arrays(3, 3, [], [], [0]).outlines() == []


def test_lists_will_do_and_lines_need_their_ends_alone() -> None:
    segments = [[[0, 0], [0, 0], [4, 0]], [[9, 9], [9, 9], [4, 4]], [[7, 1], [8, 1], [0, 0]]]
    made = Curves.from_arrays(9, 9, segments, [0, LINE, CUBIC], (0, 3))
    assert made.segments_array().tolist() == [[[0, 0], [4, 0], [4, 0]], [[4, 0], [4, 4], [4, 4]], [[7, 1], [8, 1], [0, 0]]]


def test_what_was_given_may_be_written_to_afterwards() -> None:
    points = np.array([(0, 0), (4, 0), (4, 4)], float)
    paths = Paths.from_arrays(9, 9, points, [0, 3])
    points[:] = 7
    assert paths.points_array().tolist() == [[0, 0], [4, 0], [4, 4]]


def test_polygons_open_or_closed_with_signs_of_their_area() -> None:
    square, hole = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)], np.array([(1, 1), (1, 2), (2, 2)], np.int16)
    paths = Paths.from_arrays(9, 9, [square, hole])
    assert paths.offsets_array().tolist() == [0, 4, 7]
    assert paths.signs_array().tolist() == [1, -1]
    assert paths.area == 15.5 and paths.outlines()[1].holder is not None


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([[1, 2]], [0], [0, 1]), r"segments has the shape \(1, 2\); it takes \(n, 3, 2\)"),
        ((np.zeros((1, 3, 2)), [2], [0, 1]), "Curves.kinds may hold 0, 1 alone"),
        ((np.zeros((1, 3, 2)), [300], [0, 1]), "kinds holds a number that u1 does not"),
        ((np.zeros((1, 3, 2)), [0.0], [0, 1]), "kinds holds float64; it takes whole numbers"),
        ((np.zeros((1, 3, 2)), [0], [1, 1]), "must begin at 0"),
        ((np.zeros((1, 3, 2)), [0], 3), r"offsets has the shape \(\); it takes \(n,\)"),
        ((np.full((1, 3, 2), "a"), [0], [0, 1]), "segments holds <U1; it takes numbers"),
        ((np.zeros((2, 3, 2)), [0], [0, 1]), "segments must be one contiguous block"),
        (([[1], [2, 3]], [0], [0, 1]), "of which numpy makes no array"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit(arrays: Any, words: str) -> None:
    with pytest.raises(ImageShapeError, match=words):
        Curves.from_arrays(9, 9, *arrays)


@pytest.mark.parametrize("points", [3, [[]], [[(1, 2, 3)]], [np.zeros((0, 2))], None, [3]])
def test_polygons_that_do_not_fit(points: Any) -> None:
    with pytest.raises(ImageShapeError):
        Paths.from_arrays(9, 9, points)
