"""Erosion, thinning and simple points, straight from their definitions: twins of
kernels/distance.py, thinning.py and growing.py.
"""
from __future__ import annotations

import numpy as np

from tests.oracles.components import components


def deeper(flags: np.ndarray, radius: float) -> np.ndarray:
    """True pixels that have no False pixel within the radius, centre to centre."""
    out = flags.copy()
    other = np.argwhere(~flags)
    for y, x in np.argwhere(flags):
        out[y, x] = not len(other) or ((other - (y, x)) ** 2).sum(1).min() > radius * radius
    return out


def thinned(flags: np.ndarray) -> np.ndarray:
    """Guo and Hall 1989, algorithm A1, one pixel at a time; p2 … p9 are the neighbours from the
    north clockwise, as in the paper.
    """
    lines = np.pad(flags, 1).astype(int)
    changed = True
    while changed:
        changed = False
        for second in (False, True):
            gone = []
            for y, x in np.argwhere(lines):
                p2, p3, p4 = lines[y - 1, x], lines[y - 1, x + 1], lines[y, x + 1]
                p5, p6, p7 = lines[y + 1, x + 1], lines[y + 1, x], lines[y + 1, x - 1]
                p8, p9 = lines[y, x - 1], lines[y - 1, x - 1]
                ways = (not p2 and (p3 or p4)) + (not p4 and (p5 or p6)) + (not p6 and (p7 or p8)) + (not p8 and (p9 or p2))
                n1 = (p9 or p2) + (p3 or p4) + (p5 or p6) + (p7 or p8)
                n2 = (p2 or p3) + (p4 or p5) + (p6 or p7) + (p8 or p9)
                side = (p2 or p3 or not p5) and p4 if second else (p6 or p7 or not p9) and p8
                if ways == 1 and 2 <= min(n1, n2) <= 3 and not side:
                    gone.append((y, x))
            for pixel in gone:
                lines[pixel] = 0
            changed = changed or bool(gone)
    return lines[1:-1, 1:-1].astype(bool)


def topology(flags: np.ndarray) -> tuple[int, int]:
    """8-connected parts of ink, 4-connected parts of paper (all that reaches the page's border is
    one).
    """
    return len(components(flags, eight=True)), len(components(~np.pad(flags, 1), eight=False))
