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
from tests.linefinish.sheets.photographs import corner_error, corners_of, generated, photograph


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
