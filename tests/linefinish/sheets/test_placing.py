"""Sides in the full picture, by their grey or by their colour."""
from __future__ import annotations

import numpy as np

from linefinish.kernels import sides
from linefinish.memory import buffers
from linefinish.sheets.placing import place
from linefinish.sheets.views import view_of
from tests.linefinish.sheets.photographs import corner_error, corners_of, photograph


def placed(rgb: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, list[object]] | None:
    found = place(view_of(rgb), buffers.numbers("d", *np.ravel(corners).tolist()), 15)
    return None if found is None else (np.asarray(found[0]).reshape(4, 2), found[1])


def test_corners_near_the_sheet_s_come_to_lie_on_them() -> None:
    true = corners_of(8)
    found = placed(photograph(8), true + np.array([[2, -1], [1, 2], [-2, 1], [1, 1]]))
    assert found is not None and corner_error(found[0], true) < 0.001
    assert all(fit[sides.USED] > 0.8 for fit in found[1])  # type: ignore[index]


def test_an_edge_of_colour_alone_is_followed() -> None:
    """Tan paper as light as the shaded ground beside it: grey does not tell them apart."""
    y, x = np.mgrid[0:500, 0:400]
    corners = np.array([[60.0, 70.0], [340.0, 76.0], [330.0, 440.0], [66.0, 430.0]])
    inside = np.ones(x.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, 0), strict=True):
        inside &= (bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax) > 0
    tan = np.array([190.0, 155.0, 110.0])
    rgb = np.where(inside[..., None], tan, tan @ [0.299, 0.587, 0.114]) + np.random.default_rng(2).normal(0, 2.5, (500, 400, 3))
    found = placed(np.clip(rgb + 0.5, 0, 255).astype(np.uint8), corners + 1.5)
    assert found is not None and np.linalg.norm(found[0] - corners, axis=1).mean() < 0.6


def test_sides_that_are_nowhere_near_are_none() -> None:
    flat = np.full((300, 300, 3), 200, np.uint8)
    found = placed(flat, np.array([[50, 50], [250, 50], [250, 250], [50, 250]]))
    assert found is None or all(fit[sides.USED] == 0 for fit in found[1])  # type: ignore[index]
