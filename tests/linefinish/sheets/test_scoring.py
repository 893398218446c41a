"""What four sides count, and pale lines told from shadows."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from linefinish import Gray
from linefinish.kernels import sides
from linefinish.memory import buffers
from linefinish.sheets import scoring

POINTS = [(40.0, 40.0), (160.0, 40.0), (160.0, 160.0), (40.0, 160.0)]


def side(**told: float) -> Any:
    facts = buffers.zeros(sides.SIDE, "d")
    usual = {"SEEN": 1, "SHARE": 1, "STEP": 100, "LIGHT": 220, "LIGHTER": 1, "RED": 0.34, "GREEN": 0.33, "RIMMED": 1, "FIRST": 1, "LAST": 1}
    for name, value in (usual | told).items():
        facts[getattr(sides, name)] = value
    return facts


def fit(used: float = 1.0, stray: float = 0.1) -> Any:
    found = buffers.zeros(sides.FIT, "d")
    found[sides.USED], found[sides.VISIBLE], found[sides.DEVIATION] = used, 1.0, stray
    return found


def score(facts: list[Any], fits: list[Any] | None = None, real: int = 15) -> float:
    return scoring.score_of(POINTS, real, facts, fits or [fit()] * 4, 220.0, 200 * 200)


def test_the_middle_of_values() -> None:
    assert (scoring.median([1.0, 2.0, 5.0]), scoring.median([1.0, 2.0]), scoring.median([])) == (2.0, 1.5, 0.0)


def test_four_whole_sides_of_one_colour_score_by_their_size_only() -> None:
    assert score([side()] * 4) == pytest.approx(0.6 + 0.4 * 0.6)


@pytest.mark.parametrize(
    "worse",
    [
        [side(), side(), side(), side(SHARE=0.5)], [side(ROUGH=0.2)] * 4, [side(), side(), side(), side(RED=0.42)],
        [side(), side(), side(), side(LIGHTER=0)], [side(LIGHT=110)] * 4,
    ],
    ids=["a side that does not agree", "rough rims", "a rim of another colour", "a step the other way", "darker than the picture"],
)  # fmt: skip
def test_what_a_sheet_has_not_costs(worse: list[Any]) -> None:
    assert score(worse) < 0.9 * score([side()] * 4)


def test_the_colour_of_a_rim_that_is_drawn_over_does_not_count() -> None:
    """Blue ink up to one edge is no other sheet."""
    assert score([side(), side(), side(), side(LIGHT=48, RED=0.2, GREEN=0.25)]) > 0.8 * score([side()] * 4)


def test_a_coloured_ground_in_a_shadow_is_no_ink() -> None:
    """A checked cloth beside a sheet, in a hard shadow, is darker than the other rims, as paper
    would be there, but not as ink.
    """
    shadowed = score([side(), side(), side(), side(LIGHT=90)])
    assert score([side(), side(), side(), side(LIGHT=90, RED=0.29)]) < 0.6 * shadowed


def test_a_side_that_is_half_there_at_the_border_is_open() -> None:
    whole = score([side(SHARE=0.9), side(SEEN=0), side(SHARE=0.9), side()], real=13)
    assert score([side(SHARE=0.9), side(SEEN=0), side(SHARE=0.9, FIRST=0.5), side()], real=13) < 0.6 * whole


def test_a_side_beside_the_border_has_an_edge_up_to_it() -> None:
    whole = [side(), side(SEEN=0), side(), side()]
    ends = [side(SHARE=0.6), side(SEEN=0), side(), side()]
    assert score(ends, [fit(0.6), fit(), fit(), fit()], real=13) < 0.6 * score(whole, real=13)


def test_a_side_ends_before_the_border_where_its_last_third_has_no_edge() -> None:
    """What was found is a part of the ground beside a sheet whose own side was missed."""
    whole = [side(SHARE=0.8), side(SEEN=0), side(SHARE=0.8), side()]
    open_end = [side(SHARE=0.8, LAST=0.4), side(SEEN=0), side(SHARE=0.8, FIRST=0.4), side()]
    other_end = [side(SHARE=0.8, FIRST=0.4), side(SEEN=0), side(SHARE=0.8, LAST=0.4), side()]
    assert score(open_end, real=13) < 0.6 * score(whole, real=13) == 0.6 * score(other_end, real=13)


def test_paper_that_goes_on_beyond_two_sides_was_cut_along_its_drawing() -> None:
    cut = [side(SHARE=0.7, PAPER=0.2), side(SHARE=0.7, PAPER=0.25), side(), side()]
    dark_beyond = [side(SHARE=0.7), side(SHARE=0.7), side(), side()]
    faint = [side(SHARE=0.7, PAPER=0.2, STEP=12), side(SHARE=0.7, PAPER=0.25, STEP=12), side(STEP=12), side(STEP=12)]
    assert score(cut) < 0.6 * score(dark_beyond) and score(faint) > 0.9 * score(dark_beyond)


@pytest.mark.parametrize(("sharp", "ink"), [(True, 1.0), (False, 0.0)])
def test_a_pale_rule_is_as_sharp_on_both_sides_and_a_shadow_is_not(sharp: bool, ink: float) -> None:
    off = np.arange(200) + 0.5
    far = np.maximum(abs(off - 100)[:, None], abs(off - 100)[None]) - 60
    line = ((far > 0) & (far < 3)) * 20.0 if sharp else (far > 0) * 24.0 * np.exp(-far / 4)
    gray = Gray.from_array((240 - line + 0.5).astype(np.uint8))
    facts = [side(INK=sides.FAINT, SHARE=0.2) for _ in range(4)]
    scoring.settle_faint(gray, POINTS, facts, 1.0)
    assert [one[sides.INK] for one in facts] == [ink] * 4
    assert all((one[sides.SHARE] > 0.9) is not sharp for one in facts)


@pytest.mark.parametrize(("depth", "share"), [(15.0, 1.0), (3.0, 0.1)])
def test_a_shadow_beside_a_lighter_ground_is_a_side_and_noise_is_none(depth: float, share: float) -> None:
    """Where the small picture is looked at, it has no step."""
    off = np.arange(200) + 0.5
    far = np.maximum(abs(off - 100)[:, None], abs(off - 100)[None]) - 60
    page = 240 - (far > 0) * depth * np.exp(-far / 4) + np.random.default_rng(2).normal(0, 1, far.shape)
    facts = [side(SHARE=0.1, STEP=1, LIGHTER=0) for _ in range(4)]
    scoring.settle_faint(Gray.from_array((page + 0.5).astype(np.uint8)), POINTS, facts, 1.0)
    assert all(one[sides.SHARE] >= 0.95 if share == 1 else one[sides.SHARE] == share for one in facts)
    assert [one[sides.LIGHTER] for one in facts] == [share == 1] * 4


def test_a_side_that_strays_along_a_soft_edge_is_a_shadow_s() -> None:
    off = np.arange(200) + 0.5
    far = np.maximum(abs(off - 100)[:, None], abs(off - 100)[None]) - 60
    soft, sharp = (Gray.from_array((240 - 80 / (1 + np.exp(-far / width))).astype(np.uint8)) for width in (6.0, 0.4))
    assert scoring.firmness(soft, POINTS, 15, [fit()] * 4, 1.0) == 1
    strays = [fit(stray=1.0)] * 4
    assert scoring.firmness(soft, POINTS, 15, strays, 1.0) < 0.4 * scoring.firmness(sharp, POINTS, 15, strays, 1.0)
