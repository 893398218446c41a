"""The typical greys of a page, and what is counted and cut by them."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Gray
from linefinish.thresholds.tones import Tones, cut_at, histogram_of, otsu_level, tones_of
from tests.linefinish.kernels.grays import grays
from tests.linefinish.thresholds.pages import as_gray, page
from tests.oracles import thresholds as oracle


@given(st.integers(0, 255), st.integers(0, 255))
def test_the_level_lies_half_way(ink: int, paper: int) -> None:
    tones = Tones(ink, paper)
    assert abs(2 * tones.level - (ink + paper)) <= 1
    assert tones.contrast == paper - ink


@given(grays())
def test_histogram_and_cut_are_numpys(pixels: np.ndarray) -> None:
    gray = Gray.from_array(pixels)
    assert histogram_of(gray) == np.bincount(pixels.ravel(), minlength=256).tolist()
    for level in (0, 100, 254, 255):
        assert np.array_equal(np.asarray(cut_at(gray, level)), pixels <= level)


@settings(max_examples=60)
@given(st.lists(st.one_of(st.just(0), st.integers(0, 1000)), min_size=256, max_size=256))
def test_otsus_level_leaves_the_most_variance_between(histogram: list[int]) -> None:
    """In rational arithmetic: no other level is better."""
    level = otsu_level(histogram)
    best = max(oracle.variance_between(histogram, other) for other in range(256))
    assert oracle.variance_between(histogram, level) >= best * (1 - 10**-9) if best else True


@given(grays())
def test_ink_is_no_lighter_than_paper_and_both_are_of_the_page(pixels: np.ndarray) -> None:
    tones = tones_of(Gray.from_array(pixels))
    assert 0 <= tones.ink <= tones.paper <= 255
    assert tones.paper in pixels


@pytest.mark.parametrize("gray", [0, 1, 127, 254, 255])
def test_one_tone_is_ink_and_paper(gray: int) -> None:
    tones = tones_of(Gray.from_array(np.full((20, 30), gray, np.uint8)))
    assert (tones.ink, tones.paper, tones.contrast) == (gray, gray, 0)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (45, 246), (20, 200), (120, 243)])
@pytest.mark.parametrize("sigma", [0.0, 4.0])
def test_soft_edges_and_grain_do_not_move_them(ink: int, paper: int, sigma: float) -> None:
    coverage, _ = page()
    noise = np.random.default_rng(3).normal(0, sigma, coverage.shape)
    tones = tones_of(Gray.from_array(as_gray(paper - (paper - ink) * coverage + noise)))
    slack = 0 if sigma == 0 else 3
    assert abs(tones.ink - ink) <= slack and abs(tones.paper - paper) <= slack


def test_without_broad_strokes_the_darkest_pixels_give_the_ink() -> None:
    """Blurred hairlines: most of their pixels are mixed with paper."""
    pixels = np.full((200, 200), 250, np.uint8)
    for y in range(10, 200, 12):
        pixels[y - 1 : y + 2] = np.array([190, 60, 190], np.uint8)[:, None]
    tones = tones_of(Gray.from_array(pixels))
    assert (tones.ink, tones.paper) == (60, 250)
