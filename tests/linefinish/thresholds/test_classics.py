"""The published methods, against their formulas; what they say of themselves."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Gray, separate, threshold
from linefinish.thresholds.classics import classic
from linefinish.thresholds.tones import otsu_level
from tests.linefinish.kernels.grays import grays, strokes
from tests.linefinish.thresholds.pages import as_gray, page
from tests.oracles import thresholds as oracle

LOCAL = ("sauvola", "wolf", "nick", "bradley")


def by(pixels: np.ndarray, method: str, **changes: Any) -> tuple[np.ndarray, str]:
    """The ink, and the reason in words."""
    plain: dict[str, Any] = {"level": 128, "window_px": None, "k": None, "background": "off"}
    _, bitmap, _, reason = classic(Gray.from_array(pixels), method, **{**plain, **changes})
    return np.asarray(bitmap), reason


@given(grays(), st.integers(0, 256))
def test_fixed_is_darker_than_its_level(gray: np.ndarray, level: int) -> None:
    assert np.array_equal(np.asarray(threshold(gray, "fixed", level=level)), gray < level)


@given(st.integers(0, 256))
def test_the_level_of_the_fixed_method_is_the_darkest_paper(level: int) -> None:
    _, _, levels, reason = classic(Gray(1, 1, b"a"), "fixed", level, None, None, "off")
    assert bytes(levels.data) == bytes([max(level - 1, 0)])  # a Levels holds the lightest ink
    assert reason == f"fixed level {level}, as asked"


@settings(max_examples=40)
@given(grays(16))
def test_otsu_is_the_level_of_least_variance_within(gray: np.ndarray) -> None:
    level = otsu_level(np.bincount(gray.ravel(), minlength=256).tolist())
    assert level == oracle.otsu_level(gray)
    assert np.array_equal(np.asarray(threshold(gray, "otsu")), gray <= level)


@settings(max_examples=60)
@given(grays(24))
def test_otsu_counts_the_dark_greys_alone_and_finds_the_same_level(pixels: np.ndarray) -> None:
    ink, reason = by(pixels, "otsu")
    level = oracle.otsu_level(pixels)
    assert np.array_equal(ink, pixels <= level)
    assert reason == f"Otsu's level {level + 1}, as asked"


def test_otsu_where_the_guess_of_the_mean_fails() -> None:
    """The blocks of 64 pixels that are looked at are white, the others dark."""
    pixels = np.full((100, 64), 60, np.uint8)
    pixels[::17] = 255
    pixels[1::5, ::3] = 30
    assert np.array_equal(by(pixels, "otsu")[0], pixels <= otsu_level(np.bincount(pixels.ravel(), minlength=256).tolist()))


@pytest.mark.parametrize("method", LOCAL)
@pytest.mark.parametrize("size", [(40, 60), (300, 200), (1300, 30)])
def test_the_window_follows_the_image_where_none_is_given(method: str, size: tuple[int, int]) -> None:
    """An eighth of it by Bradley and Roth; a fortieth, at least 31, where it must be larger than a
    stroke.
    """
    side = max(size)
    wanted = max(15, side // 8) if method == "bradley" else max(31, side // 40)
    assert f"with a window of {2 * (wanted // 2) + 1} px" in by(np.full(size, 200, np.uint8), method)[1]


@pytest.mark.parametrize(("method", "k"), [("sauvola", 0.34), ("wolf", 0.5), ("nick", -0.2), ("bradley", 0.15)])
def test_k_is_as_published_where_none_is_given(method: str, k: float) -> None:
    pixels = strokes(60, 80, 5)
    ours, reason = by(pixels, method, window_px=15)
    assert reason == f"{method} with a window of 15 px and k = {k:g}, as asked"
    assert np.array_equal(ours, by(pixels, method, window_px=15, k=k)[0])


@pytest.mark.parametrize("method", LOCAL)
def test_a_window_larger_than_twice_the_image_is_as_good_as_any(method: str) -> None:
    pixels = strokes(30, 40, 5)
    whole, reason = by(pixels, method, window_px=81)
    assert np.array_equal(whole, by(pixels, method, window_px=4001)[0])
    assert "81 px" in reason and "81 px" in by(pixels, method, window_px=4001)[1]


@pytest.mark.parametrize(("method", "widest"), [("sauvola", 511), ("wolf", 511), ("nick", 511), ("bradley", 725)])
def test_windows_beyond_what_the_sums_hold_are_cut(method: str, widest: int) -> None:
    assert f"with a window of {widest} px" in by(np.full((1, 900), 200, np.uint8), method, window_px=1801)[1]


@pytest.mark.parametrize("method", LOCAL)
def test_larger_k_thins_lines_by_sauvola_and_wolf_and_bradley(method: str) -> None:
    """NICK's k is negative: nearer to nought is bolder."""
    pixels = strokes(90, 120, 2)
    inks = [by(pixels, method, window_px=31, k=k)[0].sum() for k in ((-0.3, -0.1) if method == "nick" else (0.6, 0.1))]
    assert inks[0] < inks[1]


@pytest.mark.parametrize("method", ["fixed", "otsu", *LOCAL])
def test_on_uneven_paper_the_background_can_be_divided_out_first(method: str) -> None:
    coverage, truth = page()
    coverage[:, 195:] = truth[:, 195:] = 0  # no solid
    paper = np.linspace(90, 250, 300)[None, :] * np.ones((260, 1))
    pixels = as_gray(paper * (1 - coverage) + 20 * coverage)
    differing = {mode: (np.asarray(threshold(pixels, method, background=mode)) != truth).mean() for mode in ("on", "off")}
    assert differing["on"] < 0.02
    if method in ("fixed", "otsu"):
        assert differing["off"] > 0.1
    assert np.asarray(separate(pixels, method, background="on").gray)[coverage == 0].min() > np.asarray(
        separate(pixels, method, background="off").gray)[coverage == 0].min()  # fmt: skip
