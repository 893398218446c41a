"""Grain of grey fills: none of it is drawn, and what is drawn in them stays."""
from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from linefinish import separate

EIGHT = np.ones((3, 3))


def drawn(solid: bool) -> tuple[np.ndarray, np.ndarray]:
    """Ink coverage of a page of 480 × 300 px, and the rooms that are to be filled: a ring and a
    slanted box, with a dot in each; or such rooms cut out of a solid.
    """
    y, x = np.mgrid[0:300, 0:480] + 0.5
    ring = abs(np.hypot(x - 90, y - 110) - 55)
    box = np.maximum(abs(0.8 * x + 0.6 * y - 300), abs(0.6 * x - 0.8 * y + 40)) - 50
    rooms = (np.hypot(x - 90, y - 110) < 55) | (box < 0)
    lines = np.clip(3.2 - np.minimum(ring, abs(box)), 0, 1)
    if solid:
        lines = np.maximum(lines, np.clip(np.minimum(np.minimum(x - 10, 330 - x), np.minimum(y - 10, 290 - y)), 0, 1) * ~rooms)
    dots = np.clip(2.8 - np.minimum(np.hypot(x - 90.3, y - 110.2), np.hypot(x - 216.4, y - 212.7)), 0, 1)
    return np.maximum(lines, dots), rooms


def filled(coverage: np.ndarray, rooms: np.ndarray, tones: tuple[int, int], grain: float, seed: int) -> np.ndarray:
    """The page with its rooms in two greys by halves; their grain is a share of the darker one."""
    random = np.random.default_rng(seed)
    weave = ndimage.gaussian_filter(random.standard_normal(rooms.shape), 0.6)
    page = np.full(rooms.shape, 254.0)
    for tone, half in zip(tones, (np.arange(480) < 150, np.arange(480) >= 150), strict=True):
        page = np.where(ndimage.binary_dilation(rooms & half, iterations=2), tone + grain * min(tones) * weave / weave.std(), page)
    return np.clip(np.rint(page * (1 - coverage) + random.uniform(4, 10, rooms.shape) * coverage), 0, 255).astype(np.uint8)


@settings(max_examples=12, deadline=None)
@given(st.booleans(), st.tuples(st.integers(70, 140), st.integers(70, 140)), st.floats(0.055, 0.11), st.integers(0, 999))
def test_grain_of_fills_is_no_ink_and_dots_in_them_stay(solid: bool, tones: tuple[int, int], grain: float, seed: int) -> None:
    coverage, rooms = drawn(solid)
    ink = np.asarray(separate(filled(coverage, rooms, tones, grain, seed)).bitmap)
    assert not (ink & (coverage == 0) & ndimage.binary_erosion(coverage == 0, EIGHT)).any(), "nothing off the lines"
    assert (ink | (coverage < 1)).all(), "nothing of the lines is lost"
    assert ndimage.label(ink, EIGHT)[1] == ndimage.label(coverage > 0.5, EIGHT)[1]
