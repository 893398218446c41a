"""What lies along a side, and where it runs, against what was drawn."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels import sides
from linefinish.memory import buffers
from tests.linefinish.kernels.edges import CORNERS, HEIGHT, WIDTH, sheet

# A picture large enough for profiles of 26 px on both sides of each side.
SIZE, NEAR, FAR = 160, 45.0, 115.0
SQUARE = (NEAR, NEAR, FAR, NEAR, FAR, FAR, NEAR, FAR)


def ground(dark: float, light: float = 220.0, line: float | None = None) -> np.ndarray:
    """u8 (SIZE, SIZE, 3): a square of paper, in a drawn line of 4 px if there is one."""
    page = np.full((SIZE, SIZE, 3), dark)
    page[45:115, 45:115] = light
    if line is not None:
        edge = np.maximum(abs(np.arange(SIZE) + 0.5 - 80)[:, None], abs(np.arange(SIZE) + 0.5 - 80)[None])
        page[(edge > 35) & (edge < 39)] = line
    return page.astype(np.uint8)


def judged(rgb: np.ndarray, real: int = 15) -> tuple[tuple[Any, ...], Any]:
    facts = buffers.zeros(4 * sides.SIDE, "d")
    straight = buffers.zeros(8, "d")
    return (rgb.tobytes(), SIZE, SIZE, buffers.numbers("d", *SQUARE), straight, real, buffers.zeros(sides.JUDGE_SCRATCH, "d"), facts), facts


def refined(gray: np.ndarray, corners: Any, reach: int = 5, real: int = 15) -> tuple[tuple[Any, ...], Any, Any]:
    fits, placed = buffers.zeros(4 * sides.FIT, "d"), buffers.zeros(8, "d")
    scratch = buffers.zeros(sides.fit_scratch(reach), "d")
    flat = buffers.numbers("d", *np.ravel(corners).tolist())
    return (np.ascontiguousarray(gray).tobytes(), gray.shape[1], gray.shape[0], flat, real, reach, scratch, fits, placed), fits, placed


def tinted(rgb: np.ndarray) -> tuple[tuple[Any, ...], Any]:
    told, out = buffers.numbers("d", 1.0, 0.0, -1.0, 500.0, 0.0), buffers.zeros(rgb.shape[0] * rgb.shape[1], "B")
    return (rgb.tobytes(), rgb.shape[0] * rgb.shape[1], told, out), out


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield sides.judge, judged(ground(60))[0]
    yield sides.judge, judged(ground(200, line=30), 11)[0]
    yield sides.refine, refined(sheet()[..., 1], np.array(CORNERS) + 0.7)[0]
    yield sides.refine, refined(sheet()[..., 1], np.array(CORNERS) - 0.5, 6, 7)[0]
    arguments, fits, _ = refined(sheet()[..., 1], np.array(CORNERS) + 0.7)
    sides.refine(*arguments)
    yield sides.meet, (buffers.numbers("d", *(np.ravel(CORNERS) + 0.7).tolist()), fits, buffers.zeros(8, "d"))
    yield sides.tint, tinted(sheet())[0]


@pytest.mark.parametrize(("dark", "lighter"), [(60.0, 1), (240.0, 0)])
def test_a_step_is_told_by_its_size_and_sign(dark: float, lighter: int) -> None:
    arguments, facts = judged(ground(dark))
    sides.judge(*arguments)
    for k in range(4):
        side = facts[sides.SIDE * k : sides.SIDE * (k + 1)]
        assert (side[sides.SEEN], side[sides.SHARE], side[sides.LIGHTER], side[sides.INK]) == (1, 1, lighter, 0)
        assert side[sides.STEP] == pytest.approx(abs(220 - dark) * 3**0.5, abs=0.01)
        assert side[sides.LIGHT] == pytest.approx(220) and side[sides.ROUGH] == 0 and side[sides.RED] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("line", "ink"), [(30.0, 1.0), (206.0, sides.FAINT)])
def test_a_line_around_paper_is_drawn(line: float, ink: float) -> None:
    arguments, facts = judged(ground(220, line=line))
    sides.judge(*arguments)
    assert [facts[sides.SIDE * k + sides.INK] for k in range(4)] == [ink] * 4


def test_a_shadow_between_toned_paper_and_a_light_ground_is_no_line() -> None:
    page = ground(180, light=110)
    edge = np.maximum(abs(np.arange(SIZE) + 0.5 - 80)[:, None], abs(np.arange(SIZE) + 0.5 - 80)[None])
    page[(edge > 35) & (edge < 38)] = 60
    arguments, facts = judged(page)
    sides.judge(*arguments)
    assert [facts[sides.SIDE * k + sides.INK] for k in range(4)] == [0] * 4


def test_a_side_is_judged_along_its_curve() -> None:
    """A side that bulges by 8 px has its step there and not along its chord; and half of one."""
    page = ground(60)
    t = (np.arange(SIZE) + 0.5 - NEAR) / (FAR - NEAR)
    top = NEAR - np.where((t > 0) & (t < 1), 32 * t * (1 - t), 0)
    page[(np.arange(SIZE)[:, None] + 0.5 > top) & (np.arange(SIZE)[:, None] < 80) & (t > 0) & (t < 1)] = 220
    arguments, facts = judged(page)
    sides.judge(*arguments)
    arguments[4][0] = -32.0
    chord = facts[sides.SHARE], facts[sides.STEP]
    sides.judge(*arguments)
    assert (facts[sides.SHARE], facts[sides.FIRST], facts[sides.LAST]) == (1, 1, 1) and chord[0] < 0.7
    page[:, int(NEAR) : 70] = 60
    arguments, facts = judged(page)
    arguments[4][0] = -32.0
    sides.judge(*arguments)
    assert facts[sides.FIRST] < 0.2 < 0.5 < facts[sides.SHARE] < 0.8 < facts[sides.LAST]


def test_where_paper_goes_on_beyond_a_side_is_told() -> None:
    page = ground(60)
    page[: int(NEAR), 60:95] = 220
    arguments, facts = judged(page)
    sides.judge(*arguments)
    assert facts[sides.PAPER] == pytest.approx(0.5, abs=0.05) and facts[sides.SIDE + sides.PAPER] == 0


def test_the_picture_s_border_is_no_side_but_has_a_rim() -> None:
    arguments, facts = judged(ground(60), 0b1101)
    sides.judge(*arguments)
    assert [facts[sides.SIDE * k + sides.SEEN] for k in range(4)] == [1, 0, 1, 1]
    assert facts[sides.SIDE + sides.RIMMED] == 1


@settings(max_examples=20)
@given(st.lists(st.floats(-1.5, 1.5), min_size=8, max_size=8), st.integers(5, 8))
def test_corners_are_placed_to_a_tenth_of_a_pixel(off: list[float], reach: int) -> None:
    arguments, fits, placed = refined(sheet()[..., 1], np.array(CORNERS) + np.array(off).reshape(4, 2), reach)
    assert sides.refine(*arguments) == 1
    assert np.abs(np.asarray(placed).reshape(4, 2) - CORNERS).max() < 0.12
    for k in range(4):
        assert fits[sides.FIT * k + sides.USED] > 0.7 and fits[sides.FIT * k + sides.SAGITTA] == 0


def test_a_bent_side_has_its_sagitta() -> None:
    y, x = (np.mgrid[0 : 4 * HEIGHT, 0 : 4 * WIDTH] + 0.5) / 4
    t = (x - 10) / 50
    inside = (x > 10) & (x < 60) & (y > 10 + 8 * t * (1 - t)) & (y < 50)  # 2 px inwards at the middle
    gray = (60 + 160 * inside.reshape(HEIGHT, 4, WIDTH, 4).mean((1, 3))).astype(np.uint8)
    arguments, fits, placed = refined(gray, [[10, 10], [60, 10], [60, 50], [10, 50]])
    assert sides.refine(*arguments) == 1
    assert fits[sides.SAGITTA] == pytest.approx(2, abs=0.15)  # inwards is positive: less of the sheet
    assert np.abs(np.asarray(placed).reshape(4, 2) - [[10, 10], [60, 10], [60, 50], [10, 50]]).max() < 0.3


def test_an_edge_that_rises_is_found_where_the_shadow_beside_it_strays() -> None:
    """Toned paper on white: dark just outside, then lighter than the paper, and noisy there."""
    draw = np.random.default_rng(3)
    far = np.maximum(abs(np.arange(SIZE) + 0.5 - 80)[:, None], abs(np.arange(SIZE) + 0.5 - 80)[None]) - 35
    page = np.where(far > 0, 200 - 60 * np.exp(-far / 12), 160.0) + draw.normal(0, 3, far.shape)
    arguments, fits, placed = refined(np.clip(page, 0, 255).astype(np.uint8), np.array(SQUARE).reshape(4, 2) + 1.0, 7)
    assert sides.refine(*arguments) == 1
    assert np.abs(np.asarray(placed) - SQUARE).max() < 0.5
    assert max(fits[sides.FIT * k + sides.DEVIATION] for k in range(4)) < 0.3


@pytest.mark.parametrize("ground_gray", [245.0, 252.0])
def test_the_inner_edge_of_a_shadow_on_a_lighter_lid_is_the_sheet_s(ground_gray: float) -> None:
    """White paper on a scanner's lid that is lighter: a band of shadow 3 px wide, then its end."""
    draw = np.random.default_rng(3)
    y, x = (np.mgrid[0 : 4 * SIZE, 0 : 4 * SIZE] + 0.5) / 4
    far = np.maximum(abs(x - 80), abs(y - 80)) - 35
    page = np.where(far > 0, ground_gray - 45 * np.exp(-np.maximum(far - 3, 0) / 4), 238.0)
    page = page.reshape(SIZE, 4, SIZE, 4).mean((1, 3)) + draw.normal(0, 1, (SIZE, SIZE))
    arguments, fits, placed = refined(np.clip(page, 0, 255).astype(np.uint8), np.array(SQUARE).reshape(4, 2) + 2.0, 7)
    assert sides.refine(*arguments) == 1
    assert np.abs(np.asarray(placed) - SQUARE).max() < 0.4
    assert all(fits[sides.FIT * k + sides.STEEP] > 5 for k in range(4))


@pytest.mark.parametrize("power", [2.0, 3.0])
def test_a_curl_is_followed_about_its_curve(power: float) -> None:
    """The upper side sinks by 6 px, more than profiles reach, as a parabola or to one end."""
    size, top = 240, 60.0
    y, x = (np.mgrid[0 : 2 * size, 0 : 2 * size] + 0.5) / 2
    t = (x - 40) / 160
    sunk = 24 * t * (1 - t) if power == 2 else 15.5 * t * (1 - t) * (1 + t) / 1.14
    inside = (x > 40) & (x < 200) & (y > top + sunk) & (y < 200)
    gray = (60 + 160 * inside.reshape(size, 2, size, 2).mean((1, 3))).astype(np.uint8)
    corners = np.array([[40, top], [200, top], [200, 200], [40, 200]])
    arguments, fits, placed = refined(gray, corners, 8)
    sides.refine(*arguments)
    for _ in range(2):
        again, _, other = refined(gray, np.asarray(placed).reshape(4, 2), 4)
        assert sides.refine(*again[:7], fits, other) == 1
        placed = other
    assert fits[sides.USED] > 0.8 and fits[sides.SAGITTA] == pytest.approx(6 if power == 2 else 5.1, abs=0.4)
    assert np.abs(np.asarray(placed).reshape(4, 2) - corners).max() < 0.5


def test_sides_meet_where_they_were_placed() -> None:
    arguments, fits, placed = refined(sheet()[..., 1], np.array(CORNERS) + 0.7)
    sides.refine(*arguments)
    again = buffers.zeros(8, "d")
    assert sides.meet(arguments[3], fits, again) == 1 and list(again) == list(placed)


@given(st.floats(0.3, 1.0))
def test_colour_is_the_same_in_shadow(light: float) -> None:
    paper, shadow = tinted(np.full((1, 1, 3), (200, 160, 100), np.uint8)), np.array([[[200, 160, 100]]]) * light
    arguments, out = tinted(shadow.astype(np.uint8))
    sides.tint(*arguments)
    sides.tint(*paper[0])
    assert abs(int(out[0]) - int(paper[1][0])) < 14 and out[0] > 180


def test_no_edge_is_no_side() -> None:
    arguments, fits, _ = refined(np.full((HEIGHT, WIDTH), 200, np.uint8), CORNERS)
    sides.refine(*arguments)
    assert [fits[sides.FIT * k + sides.USED] for k in range(4)] == [0, 0, 0, 0]
