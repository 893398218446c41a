"""Whether ink lies in a rectangle is exact: by edges and surroundings."""
from __future__ import annotations

import numpy as np

from linefinish.preflight.marks import BLACK, WHITE, Mark, ink_in


def frame(low: float, high: float, tone: str = BLACK) -> Mark:
    corners = np.array([(low, low), (high, low), (high, high), (low, high)], float)
    return Mark("fill", tone, (low, low, high, high), starts=corners, ends=np.roll(corners, -1, axis=0))


def test_a_fill_has_ink_within_and_none_beside() -> None:
    assert ink_in([frame(0, 10)], (4, 4, 5, 5))
    assert not ink_in([frame(0, 10)], (10, 0, 20, 10))


def test_what_a_white_rectangle_covers_is_gone() -> None:
    assert not ink_in([frame(0, 10), frame(3, 6, WHITE)], (4, 4, 5, 5))
    assert ink_in([frame(3, 6, WHITE), frame(0, 10)], (4, 4, 5, 5))
