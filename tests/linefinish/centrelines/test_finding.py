"""Strokes of drawings whose centre lines are known."""
from __future__ import annotations

import math

import numpy as np
import pytest

from linefinish.centrelines.finding import find_strokes
from linefinish.data.geometry import Curves
from linefinish.data.raster import Bitmap, Gray
from linefinish.data.strokes import Strokes
from linefinish.errors import ImageShapeError
from linefinish.outlines.outlining import outline
from tests.oracles.middles import from_segment

SIDE = 72

Part = tuple[float, float, float, float, float]


def strokes_of(*parts: Part, rings: tuple[tuple[float, float, float, float], ...] = ()) -> Strokes:
    """Those of straight strokes x, y, x, y, width with round ends, and of rings x, y, radius,
    width, drawn with soft edges.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    straight = [from_segment(x, y, *part[:4]) - part[4] / 2 for part in parts]
    round_ = [np.abs(np.hypot(x - part[0], y - part[1]) - part[2]) - part[3] / 2 for part in rings]
    distance = np.min([*straight, *round_], axis=0)
    gray = np.round(255 * np.clip(0.5 + distance, 0, 1)).astype(np.uint8)
    bitmap = Bitmap.from_array(gray < 128)
    found = find_strokes(bitmap, outline(bitmap, Gray.from_array(gray), 127))
    # What is made without asking stands up to being asked.
    Strokes(found.width, found.height, found.segments, found.kinds, found.offsets, found.widths, found.closed, found.junctions, found.fills)
    return found


def ends(strokes: Strokes) -> list[tuple[float, float]]:
    return sorted(end for stroke in strokes for end in (stroke.start, stroke.end))


def test_a_stroke_ends_in_the_middles_of_its_round_ends() -> None:
    found = strokes_of((12.3, 20.6, 58.8, 47.1, 5.0))
    assert len(found) == 1
    assert np.allclose(ends(found), [(12.3, 20.6), (58.8, 47.1)], atol=0.25)
    assert found.widths_array() == pytest.approx(5.0, abs=0.15)


@pytest.mark.parametrize("degrees", [14, 25, 50, 90])
def test_a_crossing_is_two_strokes_and_one_junction(degrees: float) -> None:
    dx, dy = 30 * math.cos(math.radians(degrees / 2)), 30 * math.sin(math.radians(degrees / 2))
    found = strokes_of((36 - dx, 36 - dy, 36 + dx, 36 + dy, 4.0), (36 - dx, 36 + dy, 36 + dx, 36 - dy, 3.0))
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(36, 36)], atol=0.3)


def test_a_branch_ends_on_the_middle_of_what_goes_on() -> None:
    found = strokes_of((8, 30, 64, 34, 6.0), (36, 32, 50, 62, 4.0))
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(36, 32)], atol=0.4)
    assert any(math.dist(end, (36, 32)) < 0.4 for end in ends(found))


def test_a_branch_of_a_bold_stroke_leads_to_its_middle() -> None:
    found = strokes_of((6, 50, 66, 44, 18.0), (36, 47, 44, 8, 8.0))
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(36, 47)], atol=0.4)


def test_a_branch_at_a_small_angle_is_met_where_it_leaves_the_stroke() -> None:
    found = strokes_of((4, 30, 68, 30, 6.0), (24, 30, 62, 52, 3.0))
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(24, 30)], atol=0.6)


def test_a_ring_that_something_touches_stays_whole() -> None:
    found = strokes_of((51, 6, 51, 66, 4.0), rings=((30.5, 36, 17, 4.0),))
    assert [bool(closed) for closed in found.closed] in ([True, False], [False, True])
    assert len(found.junctions_array()) == 0


def test_a_stroke_that_bends_in_a_crossing_stays_whole() -> None:
    found = strokes_of((6, 36, 66, 36, 8.0), rings=((60, 36, 30, 8.0),))
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(30, 36)], atol=0.4)


def test_twigs_side_by_side_are_two() -> None:
    found = strokes_of((6, 50, 66, 50, 5.0), (36, 50, 18, 14, 3.0), (36, 50, 54, 14, 3.0))
    assert len(found) == 3


def test_crossings_close_together_are_told_apart() -> None:
    """The stroke between them is shorter than it is wide."""
    found = strokes_of((36, 6, 36, 66, 5.0), (10, 28, 62, 30, 2.0), (10, 36, 62, 36, 2.0), (10, 45, 62, 43, 2.0))
    assert len(found) == 4
    assert np.allclose(sorted(found.junctions_array().tolist()), sorted([[36, 29], [36, 36], [36, 44]]), atol=0.5)


def reaching(width: float, out: float, thick: float) -> Strokes:
    """Those of a stroke, and of what reaches so far out of its edge, so thick."""
    return strokes_of((12, 36, 60, 36, width), (36, 36, 36, 36 - width / 2 - out + thick / 2, thick))


@pytest.mark.parametrize(("width", "out", "thick"), [(2.0, 3.0, 1.2), (5.0, 3.0, 2.0), (8.0, 3.0, 1.6), (20.0, 2.5, 2.0), (24.0, 3.0, 4.0)])
def test_specks_and_bumps_on_a_stroke_are_none(width: float, out: float, thick: float) -> None:
    """The thinnest one's tip would be sought along the stroke, up to its far end."""
    found = reaching(width, out, thick)
    assert len(found) == 1
    assert len(found.junctions_array()) == 0
    assert np.allclose(ends(found), [(12, 36), (60, 36)], atol=0.3)


@pytest.mark.parametrize(
    ("stem", "branch", "bump"),
    [
        ((6, 20, 66, 20, 3.2), (36, 20, 55.6, 54.9, 7.0), (36.0, 28.5, 36.0, 28.5, 1.8)),
        ((6, 20, 66, 20, 3.7), (36, 20, 52.3, 56.5, 6.9), (37.0, 32.5, 37.0, 32.5, 2.0)),
    ],
)
def test_a_branch_with_a_bump_beside_it_leads_to_its_stem(stem: Part, branch: Part, bump: Part) -> None:
    """What is thinned of the bump runs along an edge: its tip would be sought along the branch."""
    found = strokes_of(stem, branch, bump)
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(36, 20)], atol=0.5)


@pytest.mark.parametrize(("width", "out", "thick"), [(2.0, 5.0, 2.0), (5.0, 5.0, 2.0), (20.0, 6.0, 4.0)])
def test_hairs_on_a_stroke_are_strokes(width: float, out: float, thick: float) -> None:
    found = reaching(width, out, thick)
    assert len(found) == 2
    assert np.allclose(found.junctions_array(), [(36, 36)], atol=0.4)


def test_a_corner_is_a_joint_of_one_stroke() -> None:
    found = strokes_of((12, 50, 36, 14, 4.0), (36, 14, 60, 50, 4.0))
    assert len(found) == 1
    joints = found.segments_array()[:, 3]
    assert np.hypot(*(joints - (36, 14)).T).min() < 0.4


def test_dots_have_no_length_and_dashes_have() -> None:
    found = strokes_of((20, 20, 20, 20, 7.0), (40, 44, 46, 50, 4.0))
    assert found.dot_count == 1
    dot, dash = sorted(found, key=lambda stroke: stroke.length)
    assert np.allclose(dot.start, (20, 20), atol=0.1)
    assert dot.widths[0] == pytest.approx(7.0, abs=0.2)
    assert np.allclose(sorted((dash.start, dash.end)), [(40, 44), (46, 50)], atol=0.3)


def test_a_page_without_ink_has_no_strokes_and_sizes_must_agree() -> None:
    assert len(find_strokes(Bitmap.blank(30, 20), Curves.empty(30, 20))) == 0
    with pytest.raises(ImageShapeError):
        find_strokes(Bitmap.blank(30, 20), Curves.empty(20, 30))


def test_outlines_longer_than_those_of_any_such_page_are_refused() -> None:
    """They would take memory by their length, whatever the page's size."""
    wide = Curves.from_svg('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><path d="M0 0H9e6V20H0Z"/></svg>')
    with pytest.raises(ImageShapeError, match="longer than those of a page of 40 × 30 pixels"):
        find_strokes(Bitmap.blank(40, 30), wide)


@pytest.mark.parametrize("seed", range(4))
def test_noise_makes_sound_strokes(seed: int) -> None:
    random = np.random.default_rng(seed)
    bitmap = Bitmap.from_array(np.kron(random.random((12, 14)) < 0.45, np.ones((2 + seed % 2,) * 2, bool)))
    found = find_strokes(bitmap, outline(bitmap))
    Strokes(found.width, found.height, found.segments, found.kinds, found.offsets, found.widths, found.closed, found.junctions, found.fills)
