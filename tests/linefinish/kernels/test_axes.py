"""Atoms of centre lines against the slow way: all of the outline, sampled densely."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.centrelines.finding import Axis
from linefinish.cleaning.bitmaps import thinned
from linefinish.data.geometry import Curves, Paths
from linefinish.data.raster import Bitmap, Gray
from linefinish.kernels import axes, bits
from linefinish.memory import buffers
from linefinish.outlines.outlining import outline
from tests.oracles import arms, middles

SIDE = 56


def page(gray: np.ndarray) -> tuple[Bitmap, Curves]:
    """A drawing's bitmap and outlines."""
    bitmap = Bitmap.from_array(gray < 128)
    return bitmap, outline(bitmap, Gray.from_array(gray), 127)


def drawing() -> np.ndarray:
    """A ring with a bar through it, a bent bar and a dot: coverage of soft-edged distances."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    ring = np.abs(np.hypot(x - 22, y - 24) - 13) - 2.2
    bar = np.maximum(np.abs(0.3 * (x - 4) - (y - 20)) / 1.044 - 1.6, np.abs(x - 27) - 22)
    bent = np.minimum(middles.from_segment(x, y, 8, 47, 30, 50), middles.from_segment(x, y, 30, 50, 46, 36)) - 1.7
    dot = np.hypot(x - 49, y - 48) - 2.4
    ink = np.clip(0.5 - np.minimum(np.minimum(ring, bar), np.minimum(bent, dot)), 0, 1)
    return np.round(255 * (1 - ink)).astype(np.uint8)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each kernel on the drawing, with what the ones before it made."""
    bitmap, curves = page(drawing())
    lines = thinned(bitmap)
    room = 4 * bits.count(lines, len(lines)) + 2
    track, offsets, closed = buffers.zeros(2 * room, "i"), buffers.zeros(room, "q"), buffers.zeros(room, "B")
    size = bitmap.width, bitmap.height, bitmap.stride
    yield axes.follow_chains, (lines, buffers.copied(lines), *size, track, offsets, closed)
    count = axes.follow_chains(lines, buffers.copied(lines), *size, track, offsets, closed)
    given = curves.segments, curves.kinds, curves.offsets, len(curves), 0.6
    pieces = buffers.zeros(axes.PIECE * axes.lay_pieces(*given, buffers.zeros(0, "d"), 0), "d")
    yield axes.lay_pieces, (*given, pieces, len(pieces) // axes.PIECE)
    axis = Axis(bitmap, curves)
    pieces, grid, starts, items = axis.outlines
    yield axes.sort_pieces, (pieces, axis.piece_count, grid, buffers.zeros(len(starts), "q"), buffers.zeros(len(items), "i"))
    yield axes.find_atoms, (track, offsets, closed, count, *axis.outlines, buffers.zeros(len(axis.atoms), "d"))
    sorted_, radii = buffers.zeros(64, "d"), buffers.zeros(count, "d")
    yield axes.middle_radii, (axis.atoms, axis.offsets, count, sorted_, radii)
    ends = [(chain, last) for chain in range(count) for last in (0, 1)]
    arms = buffers.numbers("d", *(number for chain, last in ends for number in (chain, last, 0.45)))
    yield axes.find_arms, (axis.atoms, axis.offsets, arms, len(ends), sorted_, buffers.zeros(axes.ARM * len(ends), "d"))
    tips = buffers.numbers("q", *(number for end in ends for number in end))
    found = buffers.zeros(axes.TIP * len(ends), "d")
    yield axes.find_tips, (axis.atoms, axis.offsets, tips, len(ends), *axis.outlines, sorted_, found)
    yield axes.outline_at, (*axis.outlines, 49.0, 48.0)


def test_atoms_lie_in_the_middle_between_the_outlines() -> None:
    bitmap, curves = page(drawing())
    axis = Axis(bitmap, curves)
    atoms = np.asarray(axis.atoms).reshape(-1, axes.ATOM)
    facing = atoms[atoms[:, axes.FACING] > 0.97]
    assert len(facing) > 120
    edges = middles.sampled(curves, 0.02)
    for x, y, radius, _, _ in facing:
        left, right = middles.two_sides(edges, x, y)
        assert left == pytest.approx(right, abs=0.05)
        assert radius == pytest.approx(0.5 * (left + right), abs=0.05)


def test_chains_hold_all_pixels_of_the_thinned_page_and_meet_in_its_branches() -> None:
    bitmap, curves = page(drawing())
    axis = Axis(bitmap, curves)
    lines = np.asarray(Bitmap(bitmap.width, bitmap.height, thinned(bitmap)))
    made = axis.offsets[axis.count]
    pixels = np.asarray(axis.track)[: 2 * made].reshape(-1, 2)
    assert {(x, y) for x, y in pixels.tolist()} == {(x, y) for y, x in np.argwhere(lines).tolist()}
    for chain in range(axis.count):
        steps = np.abs(np.diff(pixels[axis.offsets[chain] : axis.offsets[chain + 1]], axis=0))
        assert steps.size == 0 or steps.max() == 1
    # Ring, bar, bent bar, dot: the bar crosses the ring twice and ends four times beyond.
    assert sum(axis.closed) == 0


def test_polygons_are_outlines_too() -> None:
    bitmap, curves = page(drawing())
    by_polygons = Axis(bitmap, Paths.to_curves(curves.to_polygons(0.01)))
    by_curves = Axis(bitmap, curves)
    one, two = (np.asarray(axis.atoms).reshape(-1, axes.ATOM)[:, :3] for axis in (by_polygons, by_curves))
    facing = np.asarray(by_curves.atoms).reshape(-1, axes.ATOM)[:, axes.FACING] > 0.97
    assert np.abs(one - two)[facing].max() < 0.15


def test_atoms_are_those_that_all_pieces_give() -> None:
    """The search by cells, and by the feet of the atom before, finds what a look at all finds."""
    bitmap, curves = page(drawing())
    axis = Axis(bitmap, curves)
    pieces = np.asarray(axis.outlines[0]).reshape(-1, axes.PIECE)
    atoms, track = np.asarray(axis.atoms).reshape(-1, axes.ATOM), np.asarray(axis.track)[: 2 * axis.offsets[axis.count]].reshape(-1, 2)
    for chain, closed in enumerate(axis.closed):
        own = slice(axis.offsets[chain], axis.offsets[chain + 1])
        assert atoms[own, :4].tolist() == [list(atom) for atom in middles.atoms(pieces, track[own].tolist(), bool(closed))]


def test_the_outline_at_a_place_is_the_nearest_that_faces_it() -> None:
    bitmap, curves = page(drawing())
    axis = Axis(bitmap, curves)
    pieces = np.asarray(axis.outlines[0]).reshape(-1, axes.PIECE)
    for x, y in np.random.default_rng(18).uniform(-2, SIDE + 2, (300, 2)).tolist():
        feet = [foot for foot in middles.feet(pieces, x, y, 1.0, 0.0) if foot >= 0]
        nearest = min(feet, key=lambda foot: middles.foot(pieces[foot], x, y)[2], default=-1)
        assert axes.outline_at(*axis.outlines, x, y) == (pieces[nearest, axes.PIECE_OUTLINE] if feet else -1)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(3, 90), st.floats(-0.06, 0.06), st.floats(-0.002, 0.002), st.floats(0.5, 9), st.integers(0, 2**32 - 1), st.booleans(),
    st.sampled_from([0.45, 0.9]),
)  # fmt: skip
def test_arms_are_those_of_numpys_polynomials(
    count: int, bend: float, change: float, radius: float, seed: int, is_last: bool, part: float
) -> None:
    """Chains that bend more and more, fat where they begin, in places that are a little off."""
    chosen = np.random.default_rng(seed)
    way = np.concatenate([[0.0], np.cumsum(chosen.uniform(0.6, 1.4, count - 1))])
    turned = bend * way + change * way * way
    steps = np.diff(way, prepend=0.0)
    fat = radius * (1 + 0.4 * np.maximum(0, 1 - way / (2 * radius)) + chosen.uniform(-0.003, 0.003, count))
    made = np.column_stack(
        [np.cumsum(steps * np.cos(turned)), np.cumsum(steps * np.sin(turned)), fat, chosen.uniform(0.5, 1, count), way]
    )
    made[:, :2] += chosen.normal(0, 0.03, (count, 2))
    given_ = made[::-1].copy() if is_last else made
    if is_last:
        given_[:, axes.ALONG] = way[-1] - given_[:, axes.ALONG]
    row = buffers.zeros(axes.ARM, "d")
    asked = buffers.numbers("d", 0.0, float(is_last), part)
    axes.find_arms(buffers.numbers("d", *given_.ravel().tolist()), buffers.numbers("q", 0, count), asked, 1, buffers.zeros(64, "d"), row)
    assert row.tolist() == pytest.approx(arms.foretold(made, part), rel=1e-6, abs=1e-6)


def test_an_arm_that_gets_straighter_goes_on_straight() -> None:
    """A clothoid whose bend ends in the branch."""
    way = np.arange(0, 60, 1.0)
    x = np.array([np.trapezoid(np.cos(0.0004 * t**2), t) for t in (np.linspace(0, w, 200) for w in way)])
    y = np.array([np.trapezoid(np.sin(0.0004 * t**2), t) for t in (np.linspace(0, w, 200) for w in way)])
    radii = np.where(way < 14, 9.0, 6.0)
    atoms = np.column_stack([x, y, radii, np.ones(60), way])
    row = buffers.zeros(axes.ARM, "d")
    axes.find_arms(
        buffers.numbers("d", *atoms.ravel().tolist()), buffers.numbers("q", 0, 60), buffers.numbers("d", 0.0, 0.0, 0.9), 1,
        buffers.zeros(64, "d"), row,
    )  # fmt: skip
    arm = arms.Arm(row.tolist())
    ahead = arm.along(0.0, 0.0)
    assert ahead > 14
    assert np.hypot(*arm.at(ahead)) < 0.3
