"""`trace`: what hangs together, where the edge lies, and outlines that are followed bit by bit."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Bitmap, Gray, ImageShapeError, InternalError, Levels, OptionsError, Paths, trace
from linefinish.memory import buffers
from linefinish.options import TURN_POLICIES
from linefinish.outlines.tracing import Arena, Follower, followed
from tests.linefinish.kernels.patterns import bitmaps
from tests.linefinish.kernels.test_boundary import polygons_of, random_grays
from tests.oracles import components as oracle


def contents(paths: Paths) -> tuple[bytes, bytes, bytes]:
    return bytes(paths.points), bytes(paths.offsets), bytes(paths.signs)


@settings(max_examples=60)
@given(bitmaps(side_max=24, width_max=80))
def test_outlines_are_those_of_the_parts_and_of_the_holes_in_them(flags: np.ndarray) -> None:
    """By flood fill: where diagonals join ink, parts are 8-connected and holes 4-connected; where
    they join paper, the other way round.
    """
    paper = oracle.components(np.pad(~flags, 1, constant_values=True), eight=False)
    paths = trace(flags, turn_policy="black")
    assert sum(sign > 0 for sign in paths.signs) == len(oracle.components(flags, eight=True))
    assert sum(sign < 0 for sign in paths.signs) == len(paper) - 1
    paper = oracle.components(np.pad(~flags, 1, constant_values=True), eight=True)
    paths = trace(flags, turn_policy="white")
    assert sum(sign > 0 for sign in paths.signs) == len(oracle.components(flags, eight=False))
    assert sum(sign < 0 for sign in paths.signs) == len(paper) - 1


@pytest.mark.parametrize("policy", TURN_POLICIES)
def test_policies_differ_only_where_pixels_touch_at_a_corner(policy: str) -> None:
    apart = np.zeros((12, 12), bool)
    apart[2:5, 2:5] = apart[7:10, 6:11] = True
    assert contents(trace(apart, turn_policy=policy)) == contents(trace(apart))


def test_without_greys_vertices_are_the_middles_of_pixel_edges() -> None:
    dot = np.zeros((3, 5), bool)
    dot[1, 2] = True
    (polygon,) = polygons_of(trace(dot))
    assert sorted(map(tuple, polygon.tolist())) == [(2.0, 1.5), (2.5, 1.0), (2.5, 2.0), (3.0, 1.5)]
    assert not trace(dot).grey and trace(dot, np.where(dot, 0, 255).astype(np.uint8)).grey


@given(st.integers(0, 200), st.integers(40, 255), st.floats(0, 1))
def test_greys_put_the_edge_where_the_coverage_says(ink: int, contrast: int, coverage: float) -> None:
    """Paper, one column that the ink covers in part, ink: at the level half way between the tones
    the edge cuts that column as its coverage does.
    """
    paper = min(ink + contrast, 255)
    grays = np.full((9, 14), paper, np.uint8)
    grays[:, 7:] = ink
    grays[:, 6] = round(paper - coverage * (paper - ink))
    level = (ink + paper) // 2
    points = trace(grays <= level, grays, level).points_array()
    upright = points[(points[:, 1] > 2) & (points[:, 1] < 7) & (points[:, 0] < 9)]
    assert len(upright) == 5
    # The column is rounded by half a grey, the level lies up to half a grey off the middle, and a
    # vertex keeps 0.02 px off the centres of pixels.
    assert abs(upright[:, 0] - (7 - coverage)).max() < 1.5 / (paper - ink - 1) + 0.02


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("has_grays", [False, True])
def test_threads_give_the_same_bytes(threads: int, has_grays: bool) -> None:
    grays = random_grays(400, 300, 8)
    arguments = (grays <= 120, grays if has_grays else None, 120)
    assert trace(grays <= 120).offsets[-1] > 2 * 16384  # enough to be shared
    assert contents(trace(*arguments, threads=threads)) == contents(trace(*arguments))


def follower_and_arena(seed: int = 3) -> tuple[Follower, Arena, np.ndarray]:
    grays = random_grays(60, 40, seed)
    follower = Follower(grays <= 120, grays, 120, "minority")
    cracks = follower.crack_count
    arena = Arena(buffers.zeros(2 * cracks, "d"), follower.scratch_where(), buffers.zeros(cracks, "q"), buffers.zeros(cracks, "i"))
    return follower, arena, grays


def test_followed_in_pieces_the_outlines_are_the_same() -> None:
    grays = random_grays(60, 40, 3)
    whole = trace(grays <= 120, grays, 120, turn_policy="minority")
    follower, arena, _ = follower_and_arena()  # of the same page; its scratch is the thread's, so nobody may trace meanwhile
    ends = [0]
    while (end := follower.follow(arena, ends[-1] + 50)) > ends[-1]:
        follower.place(arena, ends[-1], end)
        ends.append(end)
    assert len(ends) > 5
    follower.check(arena.point_count)
    assert (arena.path_count, arena.point_count) == (len(whole), whole.offsets[-1])
    assert bytes(arena.points[: 2 * arena.point_count]) == bytes(whole.points)
    assert arena.offsets[: arena.path_count + 1].tolist() == whole.offsets.tolist()


def test_they_can_be_followed_once_more() -> None:
    follower, _, grays = follower_and_arena()
    first = contents(followed(follower, 1))
    follower.begin()
    assert contents(followed(follower, 1)) == first == contents(trace(grays <= 120, grays, 120, turn_policy="minority"))


def test_outlines_that_were_not_all_followed_are_a_fault_of_ours() -> None:
    follower, arena, _ = follower_and_arena()
    end = follower.follow(arena, 30)
    with pytest.raises(InternalError, match="cracks ended with"):
        follower.check(end)


def test_samples_are_placed_with_their_neighbours_and_others_stay() -> None:
    """What `outline` asks for the roughness: every 20th point, and five on either side."""
    follower, arena, grays = follower_and_arena(5)
    end = follower.follow(arena, follower.crack_count)
    middles = np.array(arena.points[: 2 * end]).reshape(-1, 2)
    follower.place_samples(arena, 40, 20, 5)
    moved = np.array(arena.points[: 2 * end]).reshape(-1, 2)
    placed = trace(grays <= 120, grays, 120, turn_policy="minority").points_array()
    for begin, stop in zip(arena.offsets[: arena.path_count].tolist(), arena.offsets[1 : arena.path_count + 1].tolist(), strict=True):
        count = stop - begin
        asked = {(k + d) % count for k in range(0, count, 20) for d in range(-5, 6)} if count >= 40 else set()
        for k in range(count):
            wanted = placed if k in asked else middles
            assert moved[begin + k].tolist() == wanted[begin + k].tolist(), (begin, k)
    assert (moved != middles).any()


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ImageShapeError, match="4 × 3 pixels and its greys 4 × 4"):
        trace(np.zeros((3, 4), bool), np.zeros((4, 4), np.uint8))
    with pytest.raises(OptionsError, match="turn_policy"):
        trace(np.zeros((3, 4), bool), turn_policy="upwards")


def test_arrays_and_types_are_the_same_to_it() -> None:
    grays = random_grays(33, 17, 5)
    by_array = trace(grays <= 120, grays, 120)
    by_type = trace(Bitmap.from_array(grays <= 120), Gray.from_array(grays), Levels.constant(120))
    assert bytes(by_array.points) == bytes(by_type.points)


@settings(max_examples=80, deadline=None)
@given(bitmaps(side_max=24, width_max=40), st.integers(0, 2**32), st.sampled_from([(0, 255), (20, 240), (0, 0)]))
def test_what_cleaning_added_or_took_has_its_vertices_between_two_pixels(flags: np.ndarray, seed: int, tones: tuple[int, int]) -> None:
    """Ink where the page is all paper, and the other way round: thickened strokes, joined gaps and
    filled holes have no greys of their own, and plain paper has no width.
    """
    ink, paper = tones
    draw = np.random.default_rng(seed)
    grays = np.where(draw.random(flags.shape) < draw.choice([0.0, 0.1, 0.5]), draw.choice([0, 128, 254], flags.shape), 255).astype(np.uint8)
    points = np.asarray(trace(flags, grays, Levels.constant(128, ink=ink, paper=paper)).points).reshape(-1, 2)
    assert np.isfinite(points).all()
    assert ((points >= 0) & (points <= np.array(flags.shape[::-1]))).all()


def test_thickened_hairlines_are_drawn_where_the_page_is_all_paper() -> None:
    """A stroke that is thickened by two pixels a side has its edges there, and not at its greys."""
    grays = np.full((40, 60), 255, np.uint8)
    grays[20, 10:50] = 0
    flags = np.zeros_like(grays, bool)
    flags[18:23, 10:50] = True
    points = np.asarray(trace(flags, grays, Levels.constant(128, ink=0, paper=255)).points).reshape(-1, 2)
    middle = points[(points[:, 0] > 14) & (points[:, 0] < 46)]
    assert set(middle[:, 1].tolist()) == {18.0, 23.0}
