"""Sheets found where they are, and none where there is none."""
from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish import Gray, find_sheet
from linefinish.sheets import finding
from linefinish.sheets.views import view_of
from tests.linefinish.sheets.photographs import corner_error, corners_of, generated, homography, photograph, scanned


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_the_corners_are_found_to_two_thousandths_of_the_diagonal(seed: int) -> None:
    found = find_sheet(photograph(seed))
    assert found is not None
    assert corner_error(found.corners, corners_of(seed)) < 0.002
    assert found.crop and 0.34 < found.score <= 1


def test_a_file_gives_what_its_pixels_give_and_grey_is_enough() -> None:
    rgb = photograph(5)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    by_file, by_pixels = find_sheet(file.getvalue()), find_sheet(rgb)
    assert by_file is not None and by_file == by_pixels
    gray = find_sheet(Gray.from_array(np.asarray(Image.fromarray(rgb).convert("L"))))
    assert gray is not None and corner_error(gray.corners, corners_of(5)) < 0.002


def test_a_sheet_that_runs_over_the_picture_is_found_with_the_border_as_its_side() -> None:
    corners = corners_of(3) + np.array([0, 200])
    found = find_sheet(photograph(3, corners))
    assert found is not None
    assert any("leaves the picture at the bottom" in warning for warning in found.warnings)
    assert max(y for _, y in found.corners) <= 801
    assert np.linalg.norm(np.array(found.corners[:2]) - corners[:2], axis=1).max() < 2


@pytest.mark.parametrize(("kind", "said"), [({}, ""), ({"frame": True}, "frame"), ({"panel": True}, "panel")])
@pytest.mark.parametrize("seed", [2, 17])
def test_a_page_is_not_cut(kind: dict[str, bool], said: str, seed: int) -> None:
    found = finding.search(view_of(generated(seed, **kind)))
    assert found.sheet is None
    assert said in found.reason


@pytest.mark.parametrize("seed", [363, 376])
def test_grain_along_a_side_does_not_outvote_it(seed: int) -> None:
    found = find_sheet(photograph(seed, grain=0.1))
    assert found is not None and corner_error(found.corners, corners_of(seed)) < 0.002


def test_a_frame_does_not_outvote_the_paper_around_it() -> None:
    """White paper on a lid nearly as white, with a double frame near its edges."""
    y, x = np.mgrid[0:900, 0:700] + 0.5
    turn = np.radians(6.0)
    u, v = (x - 350) * np.cos(turn) + (y - 450) * np.sin(turn), (y - 450) * np.cos(turn) - (x - 350) * np.sin(turn)
    far = np.maximum(abs(u) - 250, abs(v) - 360)
    page = np.where(far < 0, 248.0, 238 - 40 * np.exp(-np.maximum(far, 0) / 4))
    page[(abs(far + 30) < 3) | (abs(far + 44) < 1.5)] = 40
    page += np.random.default_rng(1).normal(0, 1, page.shape)
    found = find_sheet(np.repeat(np.clip(page, 0, 255).astype(np.uint8)[..., None], 3, 2))
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    true = np.array([[-250, -360], [250, -360], [250, 360], [-250, 360]]) @ back.T + [350, 450]
    assert found is not None and corner_error(found.corners, true) < 0.002


@pytest.mark.parametrize(("paper", "lid", "frame"), [(239, 247, False), (248, 240, True)])
def test_a_sheet_under_a_lid_as_light_as_it_is_is_not_cut_along_its_frame(paper: float, lid: float, frame: bool) -> None:
    gray, corners = scanned(paper, lid, frame=frame)
    found = find_sheet(np.repeat(gray[..., None], 3, 2))
    assert found is not None and corner_error(found.corners, corners) < 0.001


def test_a_hidden_corner_is_told_of() -> None:
    rgb, corners = photograph(9), corners_of(9)
    y, x = np.mgrid[0:800, 0:600]
    rgb[np.hypot(x - corners[2][0], y - corners[2][1]) < 90] = (150, 105, 66)
    found = find_sheet(rgb)
    assert found is not None and corner_error(found.corners, corners) < 0.003
    said = [warning for warning in found.warnings if "hidden" in warning]
    assert said == ["the sheet's lower right corner is hidden; it was placed where its sides meet"]
    whole = find_sheet(photograph(9))
    assert whole is not None and not any("hidden" in warning for warning in whole.warnings)


def test_a_second_sheet_is_told_of() -> None:
    two = np.concatenate([photograph(4), photograph(5)], 1)
    found = find_sheet(two)
    assert found is not None and any("second sheet" in warning for warning in found.warnings)
    alone = find_sheet(photograph(4))
    assert alone is not None and not any("second sheet" in warning for warning in alone.warnings)


@pytest.mark.parametrize("width", [3, 8, 14])
def test_a_frame_of_chalk_is_not_cut(width: int) -> None:
    y, x = np.mgrid[0:600, 0:800] + 0.5
    far = np.maximum(abs(x - 420) - 250, abs(y - 300) - 180)
    board = np.where(abs(far) < width / 2, 235.0, 52.0)[..., None] * [0.97, 1.0, 0.98]
    board += np.random.default_rng(2).normal(0, 6, board.shape)
    assert find_sheet(np.clip(board, 0, 255).astype(np.uint8)) is None


def test_graph_paper_is_not_cut_along_its_rules() -> None:
    """Faint rules are no edges of a sheet: paper lies on both sides."""
    page = np.full((700, 900, 3), 225.0)
    page[:, 60::120] -= 14
    page[90::120] -= 14
    page += np.random.default_rng(1).normal(0, 1.2, page.shape)
    assert find_sheet(np.clip(page, 0, 255).astype(np.uint8)) is None


def test_noise_and_an_empty_page_have_no_sheet() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)
    assert find_sheet(noise) is None
    assert finding.search(view_of(np.full((300, 400, 3), 250, np.uint8))).reason == finding.NO_LINES


def test_a_dark_gap_to_a_ground_as_light_as_the_paper_is_a_side() -> None:
    corners = corners_of(4)
    rgb = photograph(4)
    back = np.linalg.inv(homography(corners))
    y, x = np.mgrid[0:800, 0:600] + 0.5
    u = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / (back[2, 0] * x + back[2, 1] * y + back[2, 2])
    rgb[(u > 1) & (u < 1.4)] = (228, 227, 222)  # what is left of the brown desk beside the paper is the gap
    sheet = find_sheet(rgb)
    assert sheet is not None and corner_error(sheet.corners, corners) < 0.002
