"""threshold() and separate(): every method at every odd size, and what `auto`
promises of drawings.
"""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.raster import Gray
from linefinish.errors import ImageShapeError, OptionsError
from linefinish.options import THRESHOLD_METHODS
from linefinish.thresholds.separating import separate, threshold
from tests.linefinish.kernels.grays import grays
from tests.linefinish.thresholds.pages import as_gray, page


@settings(max_examples=120)
@given(grays(), st.sampled_from(THRESHOLD_METHODS), st.sampled_from(["auto", "on", "off"]))
def test_any_image_gives_a_bitmap_of_its_size(gray: np.ndarray, method: str, background: str) -> None:
    separation = separate(gray, method, background=background)
    bitmap = separation.bitmap
    assert (bitmap.height, bitmap.width) == gray.shape == (separation.gray.height, separation.gray.width)
    assert bitmap.ink_count() == np.asarray(bitmap).sum()  # spare bits are clear
    assert separation.reason
    assert 0 <= separation.ink <= separation.paper <= 255


@pytest.mark.parametrize("method", THRESHOLD_METHODS)
@pytest.mark.parametrize("size", [(1, 1), (1, 64), (65, 1), (16, 16), (3, 129)])
def test_one_colour_is_all_paper_or_all_ink(method: str, size: tuple[int, int]) -> None:
    assert not np.asarray(threshold(np.full(size, 255, np.uint8), method)).any()
    assert np.asarray(threshold(np.zeros(size, np.uint8), method)).all()


def test_clean_drawings_are_cut_at_half_coverage() -> None:
    coverage, truth = page()
    separation = separate(as_gray(255 * (1 - coverage)))
    assert separation.levels.data[0] == 127
    assert np.array_equal(np.asarray(separation.bitmap), truth)


@pytest.mark.parametrize(("ink", "paper"), [(45, 246), (20, 200), (120, 243), (0, 128)])
def test_the_level_lies_half_way_between_the_tones(ink: int, paper: int) -> None:
    coverage, truth = page()
    separation = separate(as_gray(paper - (paper - ink) * coverage))
    assert (separation.ink, separation.paper) == (ink, paper)
    # Half a grey of rounding: only pixels of nearly half coverage may differ.
    differs = np.asarray(separation.bitmap) != truth
    assert (abs(coverage[differs] - 0.5) < 0.02).all()


@pytest.mark.parametrize("contrast", [12, 20, 29])
def test_a_faint_drawing_is_never_lost(contrast: int) -> None:
    coverage, truth = page()
    coverage[:, 200:] = 0  # no solids: pencil
    truth[:, 200:] = False
    noise = np.random.default_rng(1).normal(0, 1, truth.shape)
    differs = np.asarray(threshold(as_gray(240 - contrast * coverage + noise))) != truth
    assert differs.mean() < 0.01


def test_a_faint_drawing_on_grey_paper_with_a_white_margin_is_not_lost() -> None:
    coverage, truth = page()
    coverage[:, 190:] = 0
    gray = np.full((500, 600), 255, np.uint8)
    gray[100:360, 100:400] = as_gray(238 - 60 * coverage)
    ink = np.zeros_like(gray, bool)
    ink[100:360, 100:400] = truth & (coverage > 0)
    assert (np.asarray(threshold(gray)) != ink).mean() < 0.005


def test_blank_paper_has_no_ink() -> None:
    noise = np.random.default_rng(2).normal(0, 4, (300, 300))
    assert not np.asarray(threshold(as_gray(230 + noise))).any()


def test_arrays_of_bool_and_read_only_bytes_are_taken() -> None:
    flags = np.zeros((20, 70), bool)
    flags[:, 30:] = True
    assert np.array_equal(np.asarray(threshold(flags)), ~flags)
    assert np.asarray(threshold(Gray(70, 20, bytes(1400)), "fixed")).all()


@pytest.mark.parametrize(
    "options", [{"method": "best"}, {"background": "maybe"}, {"level": 257}, {"window_px": 2}, {"k": 3.0}], ids=lambda o: next(iter(o))
)
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsError):
        threshold(np.zeros((4, 4), np.uint8), **options)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ImageShapeError):
        threshold(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ImageShapeError):
        threshold(np.zeros((4, 4)))
