"""Pages set straight by their lines."""
from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from linefinish.sheets.deskewing import line_angle
from linefinish.sheets.views import view_of


def ruled(angle: float, seed: int, count: int = 7) -> np.ndarray:
    """u8 (900, 700): rules of 3 px, turned clockwise, with noise."""
    y, x = np.mgrid[0:1800, 0:1400] / 2 + 0.25
    a = np.radians(angle)
    along, across = np.cos(a) * (x - 350) + np.sin(a) * (y - 450), np.cos(a) * (y - 450) - np.sin(a) * (x - 350)
    ink = (abs((across + 40) % 80 - 40) < 1.5) & (abs(along) < 250) & (abs(across) < 40 * count)
    page = (240 - 200 * ink).reshape(900, 2, 700, 2).mean((1, 3))
    page = gaussian_filter(page, 0.5) + np.random.default_rng(seed).normal(0, 1.5, page.shape)
    return np.clip(page, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("angle", [-6.3, -0.7, 0.0, 2.2, 7.9])
def test_rules_tell_the_angle(angle: float) -> None:
    found = line_angle(view_of(ruled(angle, 3)))
    assert found == pytest.approx(angle, abs=0.05)


def test_a_page_without_long_lines_stays() -> None:
    y, x = np.mgrid[0:700, 0:600]
    rings = (240 - 200 * (abs(np.hypot(x - 300, y - 350) % 60 - 30) < 3)).astype(np.uint8)
    assert line_angle(view_of(rings)) is None
    assert line_angle(view_of(np.full((400, 400), 240, np.uint8))) is None
