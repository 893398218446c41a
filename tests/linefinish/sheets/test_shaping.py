"""Aspect, order and angle of sheets whose camera is known."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Gray
from linefinish.sheets.shaping import _curl_px, _hidden, angle_of, aspect_of, upright


def seen(width_mm: float, height_mm: float, focal_mm: float, tilt: float, turn: float) -> np.ndarray:
    """A sheet's corners in a picture of 1200 × 1600 px, by a pinhole camera."""
    a, b = np.radians([tilt, turn])
    roll = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    pitch = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [width_mm / 2, height_mm / 2, 0]
    eye = corners @ (pitch @ roll).T + [5, 8, 420]
    return np.asarray(eye[:, :2] / eye[:, 2:] * focal_mm / 43.267 * 2000 + [600, 800])


@given(st.floats(0.5, 2), st.floats(0, 35), st.floats(-10, 10), st.floats(24, 50))
def test_the_aspect_is_exact_where_the_lens_is_known(aspect: float, tilt: float, turn: float, focal: float) -> None:
    found, known = aspect_of(seen(200 * aspect, 200, focal, tilt, turn), 1200, 1600, focal)
    assert found == pytest.approx(aspect, rel=0.0051 if known == "paper" else 1e-6)
    assert known in ("exif", "paper")


@given(st.floats(22, 35), st.floats(28, 45))
def test_two_vanishing_points_tell_the_lens(tilt: float, turn: float) -> None:
    found, known = aspect_of(seen(180, 230, 28, tilt, turn), 1200, 1600, None)
    assert known in ("solved", "assumed")
    if known == "solved":
        assert found == pytest.approx(180 / 230, rel=1e-4)


def test_known_paper_is_taken_for_what_it_is() -> None:
    assert aspect_of(seen(210.4, 297, 26, 10, 3), 1200, 1600, 26) == (210 / 297, "paper")
    assert aspect_of(seen(297, 210, 26, 10, 3), 1200, 1600, 26) == (297 / 210, "paper")


@given(st.permutations(range(4)), st.floats(-20, 20))
def test_corners_in_any_order_are_the_same_sheet(order: list[int], turn: float) -> None:
    corners = seen(200, 280, 26, 0, turn)
    found, _, _ = upright([tuple(corners[k]) for k in order])
    assert np.allclose(found, corners)
    assert angle_of(found) == pytest.approx(turn, abs=1e-3)


def test_sides_keep_their_corners_whichever_way_round() -> None:
    corners = [tuple(corner) for corner in seen(200, 280, 26, 0, 4)]
    assert upright(corners)[1:] == ([0, 1, 2, 3], True)
    backwards = [corners[0], corners[3], corners[2], corners[1]]
    assert upright(backwards)[1:] == ([3, 2, 1, 0], False)  # side 3 lies between corner 3 and corner 0: the top


@pytest.mark.parametrize("k1", [-0.015, 0.015])
def test_what_a_lens_bends_is_no_curl_and_one_bent_side_is(k1: float) -> None:
    """A sheet of 3000 × 4000 px through a lens that moves the picture's corners by 1.5 %."""
    width, height, half = 3000, 4000, 2500.0
    corners = np.array([[310.0, 420], [2600, 500], [2700, 3500], [250, 3600]])

    def through(points: np.ndarray) -> np.ndarray:
        off = points - [width / 2, height / 2]
        return np.asarray(off * (1 + k1 * (off**2).sum(-1, keepdims=True) / half**2) + [width / 2, height / 2])

    seen = through(corners)
    t = np.arange(9)[:, None] / 8
    bends = []
    for k in range(4):
        a, b = seen[k], seen[(k + 1) % 4]
        places = through(corners[k] + t * (corners[(k + 1) % 4] - corners[k]))
        out = np.array([(b - a)[1], -(b - a)[0]]) / np.linalg.norm(b - a)
        bends.append(tuple((places - a) @ out))
    assert max(abs(offset) for bend in bends for offset in bend) > 7
    assert _curl_px(seen, bends, width, height) < 1.5
    curled = [tuple(offset - 40 * i / 8 * (1 - i / 8) for i, offset in enumerate(bends[0])), *bends[1:]]
    assert _curl_px(seen, curled, width, height) > 5


@pytest.mark.parametrize("fold", [0.0, 60.0])
def test_corners_in_black_on_black_are_not_hidden_and_a_fold_is(fold: float) -> None:
    y, x = np.mgrid[0:800, 0:600] + 0.5
    corners = ((100.0, 100.0), (500.0, 100.0), (500.0, 700.0), (100.0, 700.0))
    sheet = (abs(x - 300) < 200) & (abs(y - 400) < 300) & (500 - x + 700 - y > fold)
    page = np.where(sheet, np.where(y < 330, 43, 220), 36) + np.random.default_rng(4).normal(0, 3, sheet.shape)
    assert _hidden(Gray.from_array((page + 0.5).astype(np.uint8)), corners, [()] * 4) == ["lower right"] * (fold > 0)
