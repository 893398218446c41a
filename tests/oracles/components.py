"""Connected components by flood fill, one pixel at a time: the plain twin of
kernels/components.py.
"""
from __future__ import annotations

import numpy as np

BESIDE_4 = ((-1, 0), (1, 0), (0, -1), (0, 1))
BESIDE_8 = (*BESIDE_4, (-1, -1), (-1, 1), (1, -1), (1, 1))


def components(flags: np.ndarray, *, eight: bool) -> list[list[tuple[int, int]]]:
    """The components of the True pixels, each a list of (y, x)."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(flags), strict=True)}
    found = []
    while left:
        part = [left.pop()]
        for y, x in part:  # grows while it is walked
            for dy, dx in BESIDE_8 if eight else BESIDE_4:
                pixel = (y + dy, x + dx)
                if pixel in left:
                    left.remove(pixel)
                    part.append(pixel)
        found.append(part)
    return found


def enclosed(flags: np.ndarray) -> list[list[tuple[int, int]]]:
    """The 4-connected components of paper (False) that do not touch the border."""
    height, width = flags.shape
    parts = components(~flags, eight=False)
    return [part for part in parts if all(0 < y < height - 1 and 0 < x < width - 1 for y, x in part)]


def without_specks(flags: np.ndarray, area_max: int) -> tuple[np.ndarray, int]:
    """Ink components of up to area_max pixels become paper. → the result, how many."""
    return _turned(flags, [part for part in components(flags, eight=True) if len(part) <= area_max])


def without_pinholes(flags: np.ndarray, area_max: int) -> tuple[np.ndarray, int]:
    """Enclosed paper of up to area_max pixels becomes ink. → the result, how many."""
    return _turned(flags, [part for part in enclosed(flags) if len(part) <= area_max])


def _turned(flags: np.ndarray, parts: list[list[tuple[int, int]]]) -> tuple[np.ndarray, int]:
    out = flags.copy()
    for part in parts:
        for y, x in part:
            out[y, x] = not out[y, x]
    return out, len(parts)
