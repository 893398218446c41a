"""Strokes: what cannot be made, and what one may ask of those that can."""
from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest

from linefinish import Curves, ImageShapeError, OptionsError, Strokes
from linefinish.records import fields, replace
from tests.linefinish.drawings import doodle, strokes

DOODLE = doodle()
CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "torn": ({"segments": np.array(DOODLE.segments) + np.eye(1, len(DOODLE.segments), 16)[0]}, "does not start where"),
    "no number": ({"widths": np.full(len(DOODLE.widths), np.nan)}, "not finite"),
    "no width": ({"widths": np.zeros(len(DOODLE.widths))}, "not above 0"),
    "a width too few": ({"widths": np.ones(len(DOODLE.widths) - 1)}, "one contiguous block"),
    "no kind": ({"kinds": bytes([7]) * DOODLE.segment_count}, "may hold 0, 1 alone"),
    "falling offsets": ({"offsets": np.array([0, 3, 1, 4])}, "must begin at 0 and rise"),
    "an odd flag": ({"closed": np.full(len(DOODLE), 2, "i4")}, "may hold 0 and 1 alone"),
    "an open loop": ({"closed": np.ones(len(DOODLE), "i4")}, "does not end where it begins"),
    "half a junction": ({"junctions": np.ones(1)}, "one contiguous block"),
    "no junctions": ({"junctions": 3}, "takes a buffer"),
    "another page": ({"fills": Curves.empty(3, 4)}, "another size"),
    "no fills": ({"fills": "black"}, "takes a Curves"),
    "an absurd page": ({"width": 0}, "needs at least one"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_form_that_hurts_cannot_be_made(what: str) -> None:
    change, told = CHANGES[what]
    with pytest.raises(ImageShapeError, match=told):
        replace(DOODLE, **change)


def test_a_bent_line_cannot_be_made() -> None:
    segments = np.array(DOODLE.segments)
    segments[2] += 1
    with pytest.raises(ImageShapeError, match="inner points of line 0"):
        replace(DOODLE, segments=segments)


def test_arrays_are_joined_and_lines_made_straight() -> None:
    lines = [[0, 0, 5, 5, 5, 5, 4, 0], [4.0004, 0, 0, 0, 0, 0, 0, 0.0005]]
    made = Strokes.from_arrays(9, 9, np.reshape(lines, (2, 4, 2)), [0, 0], [0, 2], [1, 1, 1])
    assert made.segments_array()[:, :, 0].tolist() == [[0, 0, 4, 4], [4, 4, 0, 0]]
    assert made.closed.tolist() == [1]
    with pytest.raises(ImageShapeError):
        Strokes.from_arrays(9, 9, [[0] * 7], [0], [0, 1], [1, 1])


def test_lengths_are_those_of_the_curves() -> None:
    from scipy.integrate import quad

    for stroke in DOODLE:
        flat = np.array(stroke.segments).reshape(-1, 4, 2)
        wanted = 0.0
        for points in flat:
            ways = 3 * np.diff(points, axis=0)
            wanted += quad(lambda t, w=ways: math.hypot(*((1 - t) ** 2 * w[0] + 2 * t * (1 - t) * w[1] + t * t * w[2])), 0, 1)[0]
        if not any(kind == 0 for kind in stroke.kinds):  # a line's handles lie on its ends
            assert stroke.length == pytest.approx(wanted, rel=1e-4)
    assert DOODLE.stroke(0).length == pytest.approx(math.hypot(45, 3))
    assert DOODLE.length == pytest.approx(sum(stroke.length for stroke in DOODLE))


def test_bounds_dots_and_medians() -> None:
    assert DOODLE.bounds == pytest.approx((-5, 5, 95, 74.142), abs=1e-3)
    assert [stroke.is_dot for stroke in DOODLE] == [index == 4 for index in range(7)]
    assert (DOODLE.dot_count, DOODLE.stroke(1).width_median, DOODLE.stroke(0).width_median) == (1, 2.0, 2.05)
    empty = Strokes.empty(3, 4)
    assert (len(empty), empty.bounds, empty.length, empty.to_polylines(), empty.to_svg_path()) == (0, None, 0, [], "")


def test_polylines_keep_to_the_curve_and_carry_widths() -> None:
    lines = DOODLE.to_vertices(0.01)
    assert [line[0] for line, _ in lines] == [stroke.start for stroke in DOODLE]
    assert [line[-1] for line, _ in lines] == [stroke.end for stroke in DOODLE]
    assert all(len(line) == len(widths) for line, widths in lines)
    line, widths = lines[1]
    assert widths[line.index((50.0, 20.0))] == 3.0 and (widths[0], widths[-1]) == (1.0, 6.0)
    assert len(lines[4][0]) == 1
    with pytest.raises(OptionsError):
        DOODLE.to_polylines(0)
    assert DOODLE.__geo_interface__["type"] == "MultiLineString"


def test_a_map_moves_all_and_scales_widths() -> None:
    moved = DOODLE.transform((0, 2, -3, 0, 10, 20), width=500, height=600)
    assert moved.segments_array()[0, 0].tolist() == [10 - 15, 20 - 10]
    assert moved.widths_array() == pytest.approx(DOODLE.widths_array() * math.sqrt(6))
    assert moved.junctions_array().tolist() == [[10 - 150, 20 + 170]]
    assert moved.fills is not None and DOODLE.fills is not None and moved.fills.area == pytest.approx(6 * DOODLE.fills.area)
    assert replace(moved) is not moved  # its checks pass


def test_path_data_says_each_kind() -> None:
    made = strokes(9, 9, [([(0, 0), (3, 0), ((3, 1), (3, 2), (3, 3.125))], [1, 1, 1]), ([(1, 1), (2, 1), (2, 2), (1, 1)], [1] * 4),
                          ([(5, 5), (5, 5)], [1, 1])])  # fmt: skip
    assert made.to_svg_path() == "M0 0L3 0C3 1 3 2 3 3.12M1 1L2 1L2 2ZM5 5L5 5"
    with pytest.raises(OptionsError):
        made.to_svg_path(decimals=10)


def test_strokes_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(DOODLE))
    same = [name for name in fields(DOODLE) if name != "fills" and getattr(again, name) == getattr(DOODLE, name)]
    assert len(same) == len(fields(DOODLE)) - 1
