"""A look-up between pixels against scipy's, and means against numpy's."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.ndimage import map_coordinates

from linefinish.kernels import warp
from linefinish.memory import buffers

PAGE = np.random.default_rng(4).integers(0, 256, (40, 53)).astype(np.uint8)
PLANE = (0.9, 0.1, 3.0, -0.05, 0.95, 4.0, 0.0005, 0.0008, 1.0)


def flattened(bends: Any = None, inset: float = 0.0) -> tuple[tuple[Any, ...], Any]:
    out = buffers.zeros(30 * 25, "B")
    told = buffers.numbers("d", *PLANE, inset, 1 / 30, 1 / 25)
    flat = buffers.zeros(4, "d") if bends is None else bends
    return (PAGE.tobytes(), 53, 40, told, int(bends is not None), flat, 30, 25, 222, out), out


def bent() -> tuple[tuple[Any, ...], Any]:
    bends = buffers.zeros(4 * (6 + 5), "d")
    return (buffers.numbers("d", 0.6, -0.8, 1.0, 1.3, 0.0, 3.0, 2.0, 0.0), 3, 5, 24 + 2, bends), bends


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield warp.flatten, flattened()[0]
    yield warp.flatten, flattened(buffers.numbers("d", *np.sin(np.arange(4 * 55)).tolist()), 2.5)[0]
    yield warp.bend, bent()[0]
    yield warp.reduce, (PAGE.tobytes(), 53, 40, 17, 13, buffers.zeros(3 * 17 * 13, "B"))


def test_it_is_the_bilinear_value_at_the_homography_s_place() -> None:
    arguments, out = flattened()
    warp.flatten(*arguments)
    y, x = np.mgrid[0:25, 0:30] + 0.5
    depth = PLANE[6] * x + PLANE[7] * y + 1
    px, py = (PLANE[0] * x + PLANE[1] * y + PLANE[2]) / depth, (PLANE[3] * x + PLANE[4] * y + PLANE[5]) / depth
    true = map_coordinates(PAGE.astype(float), [py - 0.5, px - 0.5], order=1, mode="nearest")
    assert np.abs(np.asarray(out).reshape(25, 30) - true).max() <= 2.5


def test_a_side_is_bent_as_its_knots_say() -> None:
    arguments, bends = bent()
    warp.bend(*arguments)
    t = (np.arange(5) + 0.5) / 5
    along = 1.3 * t / (1 - t + 1.3 * t)  # the far end's pixels show more of the sheet
    out = np.interp(along, np.arange(4) / 3, [0, 3, 2, 0])
    assert np.allclose(np.asarray(bends)[26::4], 0.6 * out) and np.allclose(np.asarray(bends)[27::4], -0.8 * out)
    assert not np.asarray(bends)[:24].any()


def test_cells_are_means() -> None:
    rgb = buffers.zeros(3 * 10 * 8, "B")
    warp.reduce(np.ascontiguousarray(PAGE[:, :50]).tobytes(), 50, 40, 10, 8, rgb)
    true = PAGE[:, :50].reshape(8, 5, 10, 5).mean((1, 3))
    assert np.abs(np.asarray(rgb).reshape(8, 10, 3) - true[..., None]).max() <= 0.5
