"""Dot screens: taken out whole, and nothing else with them."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish import Bitmap, separate
from linefinish.thresholds.screens import remove_screens
from tests.linefinish.thresholds.pages import as_gray, page


def dots(height: int, width: int, step: float, radius: float, turn: float = 0.0, phase: float = 0.0) -> np.ndarray:
    """Round dots on a turned square lattice, as bool."""
    ys, xs = np.mgrid[:height, :width] + 0.5
    u, v = xs * np.cos(turn) + ys * np.sin(turn) + phase, ys * np.cos(turn) - xs * np.sin(turn) + phase
    return np.asarray(np.hypot(u % step - step / 2, v % step - step / 2) < radius)


@pytest.mark.parametrize("turn", [0.0, np.pi / 4, np.deg2rad(15)])
@pytest.mark.parametrize(("step", "radius"), [(4.0, 1.2), (5.4, 1.8), (6.0, 1.5)])
def test_a_page_of_dots_becomes_white(turn: float, step: float, radius: float) -> None:
    flags = dots(400, 1024, step, radius, turn)
    bitmap = Bitmap.from_array(flags)
    removed = remove_screens(bitmap)
    count = 400 * 1024 / step**2
    assert removed == pytest.approx(count, rel=0.06)
    left = np.asarray(bitmap)[12:-12, 12:-12]  # a screen has no neighbours beyond the page
    assert left.sum() < 0.02 * flags.sum()
    assert bitmap.ink_count() == np.asarray(bitmap).sum()  # spare bits are clear


def test_a_solid_beside_the_screen_stays_to_its_last_pixel() -> None:
    flags = dots(300, 1024, 5.0, 1.5)
    flags[:, 500:] = False
    flags[50:250, 600:900] = True
    flags[100:103, 520:590] = True
    bitmap = Bitmap.from_array(flags)
    assert remove_screens(bitmap) > 5000
    assert np.array_equal(np.asarray(bitmap)[:, 510:], flags[:, 510:])


@pytest.mark.parametrize("kind", ["blank", "solid", "stipple", "hatching", "few dots", "random marks"])
def test_what_is_no_screen_is_left_alone(kind: str) -> None:
    flags = np.zeros((400, 1024), bool)
    random = np.random.default_rng(1)
    if kind == "solid":
        flags[:] = True
    if kind == "stipple":  # as dense as a screen, on no lattice
        for y, x in zip(random.integers(2, 396, 9000), random.integers(2, 1020, 9000), strict=True):
            flags[y : y + 2, x : x + 2] = True
    if kind == "hatching":
        flags[::4] = True
    if kind == "few dots":
        flags[:40, :40] = dots(40, 40, 5.0, 1.5)
    if kind == "random marks":
        flags = random.random((400, 1024)) < 0.02
    bitmap = Bitmap.from_array(flags)
    assert remove_screens(bitmap) == 0
    assert np.array_equal(np.asarray(bitmap), flags)


@pytest.mark.parametrize("size", [(1, 1), (3, 64), (64, 3), (200, 129)])
def test_pages_of_any_size_are_taken(size: tuple[int, int]) -> None:
    flags = np.random.default_rng(2).random(size) < 0.3
    bitmap = Bitmap.from_array(flags)
    removed = remove_screens(bitmap)
    assert removed == 0 and np.array_equal(np.asarray(bitmap), flags)


# --- through the front door
# ------------------------------------------------------------


@pytest.mark.parametrize("phase", range(4))
def test_a_dot_screen_is_removed(phase: int) -> None:
    coverage, truth = page()
    ys, xs = np.indices(truth.shape)
    dots = ((ys + phase) % 4 < 2) & (xs % 4 < 2) & (np.hypot(xs - 100, ys - 110) < 52)
    separation = separate(as_gray(250 - 235 * np.maximum(coverage, dots)))
    assert "screen" in separation.reason
    assert (np.asarray(separation.bitmap) & ~truth).sum() < 0.1 * dots.sum()


@pytest.mark.parametrize("phase", range(3))
def test_dots_that_touch_lines_go_and_the_lines_stay(phase: int) -> None:
    """A whole page under a screen, three lines of three pixels on it."""
    ys, xs = np.indices((300, 1024))
    turned_x, turned_y = (xs + ys + phase) / 2**0.5 % 5.4 - 2.7, (xs - ys) / 2**0.5 % 5.4 - 2.7
    dots = np.clip(1.8 - np.hypot(turned_x, turned_y) + 0.5, 0, 1)
    lines = np.zeros(dots.shape)
    lines[60:63, 30:900] = lines[100:270, 50:53] = 1
    lines[abs(ys - 0.2 * xs - 90) < 1.7] = 1
    separation = separate(as_gray(250 - 232 * np.maximum(dots, lines)))
    assert "screen" in separation.reason
    ink, truth = np.asarray(separation.bitmap), lines > 0.5
    inside = np.zeros(truth.shape, bool)
    inside[12:-12, 12:-12] = True  # a screen has no neighbours beyond the page
    assert (ink & ~truth & inside).sum() < 0.08 * truth.sum()  # with the dots that touch: 0.5
    assert (truth & ~ink).sum() < 0.02 * truth.sum()
