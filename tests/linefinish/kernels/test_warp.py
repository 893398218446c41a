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


def places() -> tuple[Any, Any]:
    y, x = np.mgrid[0:25, 0:30] + 0.5
    depth = PLANE[6] * x + PLANE[7] * y + 1
    return (PLANE[0] * x + PLANE[1] * y + PLANE[2]) / depth - 0.5, (PLANE[3] * x + PLANE[4] * y + PLANE[5]) / depth - 0.5


def test_it_is_the_value_between_12_pixels_at_the_homography_s_place() -> None:
    arguments, out = flattened()
    warp.flatten(*arguments)
    px, py = places()
    page = PAGE.astype(float)
    between_4 = map_coordinates(page, [py, px], order=1, mode="nearest")
    left, top = np.floor(px).astype(int), np.floor(py).astype(int)
    u, v = px - left, py - top

    def at(row: int, column: int) -> Any:
        return page[np.clip(top + row, 0, 39), np.clip(left + column, 0, 52)]

    along = [at(row, -1) + at(row, 2) - at(row, 0) - at(row, 1) for row in (0, 1)]
    down = [at(-1, column) + at(2, column) - at(0, column) - at(1, column) for column in (0, 1)]
    second = u * (1 - u) * ((1 - v) * along[0] + v * along[1]) + v * (1 - v) * ((1 - u) * down[0] + u * down[1])
    between_12 = np.clip(between_4 - 0.375 * second, 0, 255)
    seen = np.asarray(out).reshape(25, 30)
    assert np.minimum(np.abs(seen - between_12), np.abs(seen - between_4)).max() <= 2.5
    ink = (between_4 < 100) & (left > 0) & (top > 0) & (left < 50) & (top < 37)  # nothing of it is paper
    ink[:, :4] = ink[:, -3:] = False
    assert ink.sum() > 100 and np.abs(seen - between_12)[ink].max() <= 4


def test_a_thin_line_keeps_its_depth() -> None:
    """Half a pixel off, four pixels leave 11 % less of a line of 2 px than 12 do."""
    y, x = np.mgrid[0:60, 0:80]
    page = 230 - 200 * np.exp(-((y - 0.31 * x - 14.2) ** 2) / (2 * 0.9**2))
    told = buffers.numbers("d", 1, 0, 0.5, 0, 1, 0.5, 0, 0, 1, 3.0, 1 / 70, 1 / 50)
    out = buffers.zeros(70 * 50, "B")
    warp.flatten(np.round(page).astype(np.uint8).tobytes(), 80, 60, told, 0, buffers.zeros(4, "d"), 70, 50, 255, out)
    seen = np.asarray(out).reshape(50, 70)[4:-4, 8:-8].astype(float)
    py, px = (index[4:-4, 8:-8] + 0.5 for index in np.mgrid[0:50, 0:70])
    true = 230 - 200 * np.exp(-((py - 0.31 * px - 14.2) ** 2) / (2 * 0.9**2))
    between_4 = map_coordinates(page, [py, px], order=1)
    dark = true < 130
    assert dark.sum() > 100 and np.abs(seen - true)[dark].mean() < 0.4 * np.abs(between_4 - true)[dark].mean()


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
