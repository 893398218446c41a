"""Boundaries hold exactly the ink: filled at pixel centres they give the bitmap back, under every
policy and with any greys.
"""
from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Bitmap, Levels, trace
from linefinish.kernels import boundary
from linefinish.memory import buffers
from linefinish.options import TURN_POLICIES
from tests.oracles.outlines import filled, signed_area


def random_grays(width: int, height: int, seed: int) -> np.ndarray:
    """Noise, coarse in half of the cases so that there are runs, holes and islands too."""
    draw = np.random.default_rng(seed)
    grays = draw.integers(0, 256, (height, width))
    if seed % 2:
        grays = (grays + np.roll(grays, 1, 0) + np.roll(grays, 1, 1) + np.roll(grays, (1, 1), (0, 1))) // 4
    return grays.astype(np.uint8)


def polygons_of(paths: Any) -> list[np.ndarray]:
    points, offsets = paths.points_array(), paths.offsets_array()
    return [points[a:b] for a, b in zip(offsets[:-1], offsets[1:], strict=True)]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes: all kernels on noise, one level and a grid of levels, every policy."""
    for seed, (width, height) in enumerate(((1, 1), (5, 4), (64, 3), (67, 9))):
        grays = random_grays(width, height, seed)
        bitmap = Bitmap.from_array(grays <= 120)
        padded_stride = ((width + 2) >> 6) + 1
        padded = buffers.zeros((height + 2) * padded_stride, "Q")
        cracks = buffers.zeros((height + 2) * padded_stride, "Q")
        yield boundary.crack_map, (bitmap.words, height, bitmap.stride, padded, padded_stride, cracks)
        for policy in range(len(TURN_POLICIES)):
            todo = buffers.zeros(len(cracks), "Q")
            levels = (bytes([120]), 1, 1, 1) if policy % 2 else (bytes([90, 120, 150, 110, 127, 140]), 4, 3, 2)
            count = width * height
            points, where = buffers.zeros(8 * count + 8, "d"), buffers.zeros(4 * count + 4, "q")
            offsets, progress = buffers.zeros(count + 2, "q"), buffers.zeros(3, "q")
            outputs = points, where, offsets, buffers.zeros(count + 1, "i")
            tones = (0, 255) if policy % 3 else (0, 0)
            page = buffers.numbers("q", width, height, *levels[1:], policy, 1, *tones)
            following = (padded, padded_stride, todo, grays.tobytes(), levels[0], page, progress, 30, *outputs)
            boundary.crack_map(bitmap.words, height, bitmap.stride, padded, padded_stride, todo)
            progress[0] = 1
            paths = boundary.follow(*following)
            lanes = buffers.zeros(6 * boundary.LANES, "B"), buffers.zeros(boundary.LANES, "d"), buffers.zeros(boundary.LANES, "d")
            gray = grays.tobytes(), levels[0], page, where, points
            sampling, picked = buffers.numbers("q", 12, 7, 5), buffers.zeros(boundary.LANES, "q")
            yield boundary.place_samples, (*gray, offsets, paths, sampling, picked, *lanes)
            yield boundary.place, (*gray, offsets[paths >> 1], offsets[paths], *lanes)
            yield boundary.swell, (padded, padded_stride, gray[0], page, where, points, offsets, paths)
            boundary.crack_map(bitmap.words, height, bitmap.stride, padded, padded_stride, todo)
            progress[0], progress[1], progress[2] = 1, 0, 0
            yield boundary.follow, following
            yield boundary.follow, following


@given(st.integers(1, 70), st.integers(1, 12), st.integers(0, 2**32), st.sampled_from(TURN_POLICIES), st.booleans())
@settings(max_examples=60, deadline=None)
def test_filled_outlines_give_back_the_bitmap(width: int, height: int, seed: int, policy: str, gray: bool) -> None:
    grays = random_grays(width, height, seed)
    ink = grays <= 120
    paths = trace(ink, grays if gray else None, 120, turn_policy=policy)
    assert np.array_equal(filled(polygons_of(paths), width, height), ink)


@given(st.integers(1, 70), st.integers(1, 12), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_one_point_a_crack_and_signs_tell_the_way_round(width: int, height: int, seed: int) -> None:
    ink = random_grays(width, height, seed) <= 120
    framed = np.pad(ink, 1)
    cracks = np.count_nonzero(framed[1:] != framed[:-1]) + np.count_nonzero(framed[:, 1:] != framed[:, :-1])
    paths = trace(ink)
    assert paths.offsets[-1] == cracks
    for polygon, sign in zip(polygons_of(paths), paths.signs, strict=True):
        assert np.sign(signed_area(polygon)) == sign


def test_policies_decide_whether_a_diagonal_hangs_together() -> None:
    diagonal = np.array([[1, 0], [0, 1]], bool)
    assert len(trace(diagonal, turn_policy="black")) == 1
    assert len(trace(diagonal, turn_policy="white")) == 2
    pale_between = np.array([[0, 200], [200, 0]], np.uint8)
    dark_between = np.array([[0, 140], [140, 0]], np.uint8)
    assert len(trace(diagonal, dark_between, 127)) == 1
    assert len(trace(diagonal, pale_between, 90)) == 2


@pytest.mark.parametrize("angle", [0.0, 0.1, 0.3, 0.7854, 1.2])
def test_an_antialiased_straight_edge_is_found_to_a_hundredth_of_a_pixel(angle: float) -> None:
    """Coverage of a half plane by 64 × 64 samples a pixel; the greys' level set lies on its edge.

    Cracks along the steeper axis may be off by a few hundredths: their column does not reach from
    plateau to plateau.
    """
    size, fine = 40, 64
    axis = (np.arange(size * fine) + 0.5) / fine
    normal = np.array([np.cos(angle), np.sin(angle)])
    inside = axis[None, :] * normal[0] + axis[:, None] * normal[1] < 0.5 * size * normal.sum() + 0.13
    coverage = inside.reshape(size, fine, size, fine).mean(axis=(1, 3))
    grays = np.rint(255 * (1 - coverage)).astype(np.uint8)
    points = trace(grays <= 127, grays, 127).points_array()
    central = points[(points > 4).all(axis=1) & (points < size - 4).all(axis=1)]
    off = central @ normal - (0.5 * size * normal.sum() + 0.13)
    assert len(central) > 20
    assert np.abs(off).max() < 0.06
    assert np.median(np.abs(off)) < 0.01
    assert abs(off.mean()) < 0.01


def test_pale_strokes_get_their_edge_at_half_their_own_contrast() -> None:
    """A bar 4 px wide of grey 170 on 250, ink by decree: level 127 never crosses it, its own middle
    does.
    """
    grays = np.full((20, 30), 250, np.uint8)
    grays[:, 12:16] = 170
    grays[:, 11] = grays[:, 16] = 230  # a quarter of a pixel more on either side
    points = trace(grays <= 210, grays, 127).points_array()
    sides = points[(points[:, 1] > 2) & (points[:, 1] < 18)]
    assert np.ptp(sides[:, 0]) == pytest.approx(4.5, abs=0.35)


def placed(coverage: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The points of an outline on a page that was not blurred."""
    grays = np.rint(255 * (1 - coverage)).astype(np.uint8)
    return trace(ink, grays, Levels.constant(127, 0, 255)).points_array()


@given(st.floats(0.5, 1.1), st.floats(0.0, 1.0), st.booleans())
def test_a_thin_line_is_as_broad_as_its_ink_and_lies_where_it_did(width: float, offset: float, upright: bool) -> None:
    """Level and upright, at any place. A line on the border of two rows has ink in one of them, and
    its edges stay between the centres of that and its neighbours.
    """
    edges = np.arange(21) - 10
    covered = np.diff(np.clip(edges, offset - width / 2, offset + width / 2))
    coverage = np.repeat(covered[:, None], 30, axis=1)
    row = int(covered.argmax())
    ink = np.zeros(coverage.shape, bool)
    ink[row] = True
    points = placed(coverage.T, ink.T)[:, ::-1] if upright else placed(coverage, ink)
    across = points[(points[:, 0] > 5) & (points[:, 0] < 25), 1] - 10
    centre = row - 9.5
    upper, lower = across[across < centre], across[across > centre]
    assert np.ptp(upper) < 0.01 and np.ptp(lower) < 0.01
    assert width - 0.08 <= lower[0] - upper[0] <= width + max(0.02 + abs(offset - centre) - width / 2 + 0.15, 0.02)
    assert abs((lower[0] + upper[0]) / 2 - offset) < 0.27


@pytest.mark.parametrize("pixels", [[[0.7]], [[0.6, 0.8]], [[0.65], [0.78]], [[0.9, 0.6], [0.7, 0.5]]])
def test_a_dot_is_as_large_as_its_ink(pixels: list[list[float]]) -> None:
    coverage = np.zeros((12, 12))
    coverage[5 : 5 + len(pixels), 5 : 5 + len(pixels[0])] = pixels
    coverage[4, 5] = 0.1
    points = placed(coverage, coverage >= 0.5)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    oval = math.pi / 4 * (right - left) * (bottom - top)
    assert (oval if len(points) <= 6 else signed_area(points)) == pytest.approx(coverage.sum(), rel=0.06)


def test_a_page_of_which_no_tones_are_known_is_placed_by_its_level() -> None:
    coverage = np.zeros((12, 30))
    coverage[6] = 0.9
    grays = np.rint(255 * (1 - coverage)).astype(np.uint8)
    with_tones, without = (trace(coverage > 0.5, grays, levels).points_array() for levels in (Levels.constant(127, 0, 255), 127))
    assert np.ptp(with_tones[:, 1]) == pytest.approx(0.9, abs=0.02)
    assert np.ptp(without[:, 1]) == pytest.approx(0.89, abs=0.03)
