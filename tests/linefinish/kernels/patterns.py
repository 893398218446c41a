"""Bitmaps that are hard on component kernels, as bool arrays, and a Hypothesis
strategy over them.
"""
from __future__ import annotations

import numpy as np
from hypothesis import strategies as st


def spiral(side: int) -> np.ndarray:
    """One ink line and one paper line of a pixel's width, wound into each other: the longest
    possible component.
    """
    flags = np.zeros((side, side), bool)
    top, left, bottom, right = 0, 0, side - 1, side - 1
    while top <= bottom and left <= right:
        flags[top, max(left - 2, 0) : right + 1] = True
        flags[top : bottom + 1, right] = True
        flags[bottom, left : right + 1] = True
        flags[top + 2 : bottom + 1, left] = True
        top, left, bottom, right = top + 2, left + 2, bottom - 2, right - 2
    return flags


def comb(height: int, width: int) -> np.ndarray:
    """Teeth that hang together only in the last row: every tooth is a top of the same component."""
    flags = np.zeros((height, width), bool)
    flags[:, ::2] = True
    flags[-1] = True
    return flags


def checkerboard(height: int, width: int) -> np.ndarray:
    """Every second pixel: one 8-connected component of ink, and a pinhole for every
    pixel of paper.
    """
    return (np.indices((height, width)).sum(0) & 1).astype(bool)


@st.composite
def bitmaps(draw: st.DrawFn, side_max: int = 40, width_max: int = 150) -> np.ndarray:
    """Noise of any density, coarse blobs, and the patterns above, at sizes around the
    word's edges.
    """
    height = draw(st.integers(1, side_max))
    width = draw(st.one_of(st.integers(1, width_max), st.sampled_from([1, 63, 64, 65, 127, 128, 129])))
    kind = draw(st.sampled_from(["noise", "noise", "blobs", "spiral", "comb", "checkerboard"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.floats(0, 1))
    if kind == "spiral":
        return spiral(max(height, width // 3))
    if kind == "comb":
        return comb(height, width)
    if kind == "checkerboard":
        return checkerboard(height, width)
    flags = random.random((height, width)) < density
    if kind == "blobs":
        grain = draw(st.integers(2, 5))
        flags = np.kron(flags, np.ones((grain, grain), bool))[:height, :width] ^ (random.random((height, width)) < 0.03)
    return flags
