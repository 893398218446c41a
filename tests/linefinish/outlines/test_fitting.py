"""`fit`: how its bound is chosen, how work is shared, and that none of it shows. (What its curves
look like is told in kernels/test_curves.py.)
"""
from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from linefinish import Curves, Levels, Paths, fit, trace
from linefinish.kernels import curves as kernel
from linefinish.outlines.fitting import MIDPOINTS_ERROR_PX, Roughness, _ranges, bounds_for, error_px_for, fit_range, joined
from tests.linefinish.kernels.test_boundary import polygons_of, random_grays
from tests.linefinish.kernels.test_curves import drawn
from tests.oracles.outlines import distances, sampled_chain


def contents(curves: Curves) -> tuple[bytes, bytes, bytes]:
    return bytes(curves.segments), bytes(curves.kinds), bytes(curves.offsets)


def wobbly(sigma: float, seed: int = 1) -> Paths:
    """A disc of 60 px radius, its greys with noise."""
    grays = drawn(lambda x, y: (x - 64) ** 2 + (y - 64) ** 2 < 3600, 128)
    noise = np.random.default_rng(seed).normal(0, sigma, grays.shape)
    grays = np.clip(grays + noise, 0, 255).astype(np.uint8)
    ink = grays <= 127
    return trace(ink, grays, 127)


# --- the bound
# ------------------------------------------------------------


def test_rough_edges_get_a_wider_bound() -> None:
    bounds = [error_px_for(wobbly(sigma)) for sigma in (0, 6, 12, 25, 60)]
    assert bounds == sorted(bounds)
    assert bounds[0] == 0.18
    assert bounds[-1] > 2 * bounds[0]
    assert all(0.18 <= bound <= 0.5 for bound in bounds)


def test_midpoints_have_a_bound_of_their_own() -> None:
    assert error_px_for(trace(random_grays(30, 30, 1) < 128)) == MIDPOINTS_ERROR_PX == 0.45


def test_fit_takes_the_bound_that_suits_the_outlines() -> None:
    for paths in (wobbly(0), wobbly(30), trace(drawn(lambda x, y: x + 0 * y < 20.3, 40) < 128)):
        assert contents(fit(paths)) == contents(fit(paths, error_px_max=error_px_for(paths)))


def test_roughness_asked_in_batches_is_that_of_the_whole() -> None:
    paths = trace(random_grays(200, 160, 7) < 128, random_grays(200, 160, 7), 128)
    whole, parts = Roughness(paths.offsets[-1]), Roughness(paths.offsets[-1])
    whole.ask(paths.points, paths.offsets, len(paths))
    cut = len(paths) // 2
    parts.ask(paths.points, paths.offsets[: cut + 1], cut)
    parts.ask(paths.points, paths.offsets[cut:], len(paths) - cut)
    assert (parts.px, parts.error_px) == (whole.px, whole.error_px)
    assert whole.px > 0


@pytest.mark.parametrize("sigma", [0, 25, 35])
def test_sharp_edges_that_wobble_all_along_are_fitted_as_others(sigma: float) -> None:
    """As those of a page that was sharpened and enlarged: else it has ten times the segments."""
    paths = wobbly(sigma)
    sharp = Paths(paths.width, paths.height, paths.points, paths.offsets, paths.signs, grey=True, sharp=True)
    assert error_px_for(sharp) == error_px_for(paths)


def test_small_print_is_fitted_closely_though_its_corners_pass_for_rough() -> None:
    image = Image.new("L", (300, 120), 255)
    for y in range(5, 110, 20):
        ImageDraw.Draw(image).text((5, y), "The quick brown fox jumps over 13", fill=0, font=ImageFont.load_default(13))
    page = np.asarray(image)
    paths = trace(page < 128, page, Levels.constant(127, 0, 255))
    blurred = Paths(paths.width, paths.height, paths.points, paths.offsets, paths.signs, grey=True, sharp=False)
    assert error_px_for(paths) == 0.2 < error_px_for(blurred)


@given(st.floats(0.01, 5), st.one_of(st.just(0.0), st.floats(1e-3, 2)), st.booleans())
def test_bounds_for_the_fitter(error_px: float, sharpness: float, has_grays: bool) -> None:
    bounds = bounds_for(error_px, sharpness, (50, 40), has_grays=has_grays)
    error, spread, arm, depth = (bounds[name] for name in (kernel.ERROR, kernel.SPREAD, kernel.ARM_SPREAD, kernel.DEPTH))
    assert bounds[kernel.MIDPOINTS] == (not has_grays)
    assert error == error_px
    assert 0 < spread < error
    assert arm == (min(error_px / 2, 0.15) if has_grays else 0.325)
    if sharpness == 0:
        assert depth > 1e6, "no corner is that deep"
    else:
        assert depth == pytest.approx(9 * arm / sharpness)
        sharper = bounds_for(error_px, sharpness / 2, (50, 40), has_grays=has_grays)[kernel.DEPTH]
        assert sharper > depth, "less sharpness asks for deeper corners"


@pytest.mark.parametrize("bound", [0.1, 0.3, 1.0])
def test_curves_stay_within_the_bound_of_their_vertices(bound: float) -> None:
    """Of a disc, which has no corners: all vertices, and the curve all along."""
    paths = wobbly(4)
    (polygon,) = polygons_of(paths)
    curve = sampled_chain(fit(paths, error_px_max=bound).segments_array())
    assert distances(polygon, curve).max() <= bound + 0.15
    assert distances(curve, polygon).max() <= bound + 0.15


# --- sharing the work
# ------------------------------------------------------------


@given(st.integers(2, 9), st.integers(0, 50))
def test_ranges_cover_all_paths_once_and_in_order(threads: int, seed: int) -> None:
    paths = trace(random_grays(260, 200, seed) < 120)
    ranges = _ranges(paths, threads)
    assert [first for first, _ in ranges] == [0, *(last for _, last in ranges[:-1])]
    assert ranges[-1][1] == len(paths)
    assert len(ranges) <= 3 * threads + 1
    assert all(paths.offsets[last] - paths.offsets[first] >= 8_000 for first, last in ranges[:-1])


def test_little_work_is_not_shared() -> None:
    small = trace(random_grays(20, 20, 1) < 120)
    assert _ranges(small, 8) == [(0, len(small))]
    large = trace(random_grays(260, 200, 1) < 120)
    assert _ranges(large, 1) == [(0, len(large))]


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_give_the_same_bytes(threads: int) -> None:
    grays = random_grays(300, 260, 9)
    paths = trace(grays < 120, grays, 119)
    assert len(_ranges(paths, threads)) > 1
    assert contents(fit(paths, threads=threads)) == contents(fit(paths))


@given(st.lists(st.integers(0, 100), max_size=4))
def test_parts_are_joined_as_if_they_were_one(cuts: list[int]) -> None:
    grays = random_grays(50, 40, 2)
    paths = trace(grays < 120, grays, 119)
    bounds = bounds_for(0.3, 1.0, (50, 40), has_grays=True)
    places = sorted({0, len(paths), *(cut % (len(paths) + 1) for cut in cuts)})
    parts = [fit_range(paths.points, paths.offsets, a, b, bounds) for a, b in itertools.pairwise(places)]
    made, room = joined(50, 40, parts)
    whole, all_room = joined(50, 40, [fit_range(paths.points, paths.offsets, 0, len(paths), bounds)])
    assert contents(made) == contents(whole)
    count = whole.segment_count
    assert bytes(room[2][:count]) == bytes(all_room[2][:count])
    assert (made.width, made.height) == (50, 40)


def test_no_paths_are_no_curves() -> None:
    curves = fit(trace(np.zeros((4, 6), bool)))
    assert (curves.width, curves.height, len(curves), curves.segment_count) == (6, 4, 0, 0)
