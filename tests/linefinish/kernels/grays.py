"""Grey images that thresholds meet, small, as uint8 arrays, and a Hypothesis strategy over them."""
from __future__ import annotations

import numpy as np
from hypothesis import strategies as st


def ramp(height: int, width: int) -> np.ndarray:
    return ((np.arange(height)[:, None] * 7 + np.arange(width)[None, :] * 3) % 256).astype(np.uint8)


def strokes(height: int, width: int, seed: int) -> np.ndarray:
    """Light paper with a little noise, a dark bar, a pale hairline across and one aslant."""
    random = np.random.default_rng(seed)
    gray = random.integers(240, 253, (height, width)).astype(np.uint8)
    gray[:, width // 3 : width // 3 + 3] = 20
    gray[height // 2, :] = 150
    for i in range(min(height, width)):
        gray[i, i] = 120
    return gray


@st.composite
def grays(draw: st.DrawFn, side_max: int = 40) -> np.ndarray:
    """Noise over the whole range or a narrow one, one tone, a ramp, strokes; widths around the
    word's edges too.
    """
    height = draw(st.integers(1, side_max))
    width = draw(st.one_of(st.integers(1, side_max), st.sampled_from([1, 7, 8, 9, 63, 64, 65, 71, 128, 129])))
    kind = draw(st.sampled_from(["noise", "narrow", "flat", "ramp", "strokes"]))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    if kind == "noise":
        return random.integers(0, 256, (height, width)).astype(np.uint8)
    if kind == "narrow":
        low = int(random.integers(0, 250))
        return random.integers(low, low + 6, (height, width)).astype(np.uint8)
    if kind == "flat":
        return np.full((height, width), draw(st.sampled_from([0, 1, 127, 128, 254, 255])), np.uint8)
    return ramp(height, width) if kind == "ramp" else strokes(height, width, seed)


def flat(gray: np.ndarray) -> memoryview:
    """As kernels take it."""
    return memoryview(np.ascontiguousarray(gray)).cast("B")
