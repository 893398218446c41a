"""The typical greys of a page, and what is counted and cut by them."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Gray
from linefinish.thresholds.tones import Tones, cut_at, histogram_of, otsu_level, pale_tone, tones_of
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


# --- pages with more than one tone beside the paper
# ------------------------------------------------------------


def washed(tone: int) -> np.ndarray:
    """A drawing of 20 with a wash of a tone that is much larger than the ink."""
    coverage, _ = page()
    ground = np.full(coverage.shape, 250.0)
    ground[160:, 20:200] = tone
    ground[20:150, 40:180] = tone
    coverage[:, 195:] = 0
    return as_gray(ground * (1 - coverage) + 20 * coverage)


@pytest.mark.parametrize("tone", [110, 140, 169])
def test_the_ink_is_what_lines_are_drawn_with_and_not_most_of_what_is_dark(tone: int) -> None:
    gray = Gray.from_array(washed(tone))
    assert abs(tones_of(gray).ink - 20) <= 4
    assert abs(tones_of(gray).of_darkest.ink - 20) <= 4


def test_grain_has_no_second_ink() -> None:
    noise = np.random.default_rng(2).normal(0, 4, (300, 300))
    assert tones_of(Gray.from_array(as_gray(230 + noise))).contrast < 30


@pytest.mark.parametrize(("tone", "wide", "found"), [(200, 8, True), (170, 4, True), (245, 8, False), (200, 1, False)])
def test_a_pale_tone_is_one_grey_of_broad_strokes(tone: int, wide: int, found: bool) -> None:
    coverage, _ = page()
    ground = np.full(coverage.shape, 255.0)
    for y in range(165, 250, 14):
        ground[y : y + wide, 10:190] = tone
    gray = Gray.from_array(as_gray(ground * (1 - coverage)))
    histogram = histogram_of(gray)
    got = pale_tone(gray, histogram, tones_of(gray, histogram))
    assert (got is not None and abs(got - tone) <= 5) is found


def lettered(size: int, tone: int) -> np.ndarray:
    """A page of lines with thin grey lettering over it."""
    from PIL import Image, ImageDraw, ImageFont

    coverage, _ = page()
    height, width = coverage.shape
    image = Image.new("L", (width, height), 0)
    for y in range(5, height, 2 * size):
        ImageDraw.Draw(image).text((5, y), "SAMPLE COPY " * 9, fill=255, font=ImageFont.load_default(size))
    return (255 - (255 - tone) * np.asarray(image, float) / 255) * (1 - coverage)


@pytest.mark.parametrize(("size", "tone", "compressed"), [(26, 180, False), (26, 150, False), (40, 170, True)])
def test_lettering_has_one_grey_though_it_is_thin_or_compressed(size: int, tone: int, compressed: bool) -> None:
    from io import BytesIO

    from PIL import Image

    pixels, file = as_gray(lettered(size, tone)), BytesIO()
    if compressed:
        Image.fromarray(pixels).save(file, "JPEG", quality=64)
        pixels = np.asarray(Image.open(file))
    gray = Gray.from_array(pixels)
    histogram = histogram_of(gray)
    got = pale_tone(gray, histogram, tones_of(gray, histogram))
    assert got is not None and abs(got - tone) <= 10
    assert pale_tone(gray, histogram, tones_of(gray, histogram), inside_max=0.001) is None
