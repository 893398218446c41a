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
    return (rgb.tobytes(), SIZE, SIZE, buffers.numbers("d", *SQUARE), real, buffers.zeros(sides.JUDGE_SCRATCH, "d"), facts), facts


def refined(gray: np.ndarray, corners: Any, reach: int = 5, real: int = 15) -> tuple[tuple[Any, ...], Any, Any]:
    fits, placed = buffers.zeros(4 * sides.FIT, "d"), buffers.zeros(8, "d")
    scratch = buffers.zeros(sides.fit_scratch(reach), "d")
    flat = buffers.numbers("d", *np.ravel(corners).tolist())
    return (np.ascontiguousarray(gray).tobytes(), gray.shape[1], gray.shape[0], flat, real, reach, scratch, fits, placed), fits, placed


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield sides.judge, judged(ground(60))[0]
    yield sides.judge, judged(ground(200, line=30), 11)[0]
    yield sides.refine, refined(sheet()[..., 1], np.array(CORNERS) + 0.7)[0]
    yield sides.refine, refined(sheet()[..., 1], np.array(CORNERS) - 0.5, 6, 7)[0]


@pytest.mark.parametrize(("dark", "lighter"), [(60.0, 1), (240.0, 0)])
def test_a_step_is_told_by_its_size_and_sign(dark: float, lighter: int) -> None:
    arguments, facts = judged(ground(dark))
    sides.judge(*arguments)
    for k in range(4):
        side = facts[sides.SIDE * k : sides.SIDE * (k + 1)]
        assert (side[sides.SEEN], side[sides.SHARE], side[sides.LIGHTER], side[sides.INK]) == (1, 1, lighter, 0)
        assert side[sides.STEP] == pytest.approx(abs(220 - dark) * 3**0.5, abs=0.01)
        assert side[sides.LIGHT] == pytest.approx(220) and side[sides.ROUGH] == 0 and side[sides.RED] == pytest.approx(1 / 3)


@pytest.mark.parametrize("line", [30.0, 206.0])
def test_a_line_around_paper_is_drawn(line: float) -> None:
    arguments, facts = judged(ground(220, line=line))
    sides.judge(*arguments)
    assert [facts[sides.SIDE * k + sides.INK] for k in range(4)] == [1, 1, 1, 1]


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


def test_no_edge_is_no_side() -> None:
    arguments, fits, _ = refined(np.full((HEIGHT, WIDTH), 200, np.uint8), CORNERS)
    sides.refine(*arguments)
    assert [fits[sides.FIT * k + sides.USED] for k in range(4)] == [0, 0, 0, 0]
