"""Thin strokes that stay lighter than the page's level: grey valleys, joined to the ink that the level found.

A stroke narrower than a pixel or two never gets as dark as a broad one, drawn with the same ink, and a global level breaks it.
What it does have is *depth*: across it the paper rises on both sides, along it the grey goes on. Washes, shadows and the
soft edges of broad strokes rise on one side at most. (Valleys as in Haralick 1983, from samples instead of derivatives;
two levels of evidence as in Canny 1986.)
"""
from __future__ import annotations

from linefinish.kernels._kernel import helper, i64, kernel, trailing_zeros, u64
from linefinish.kernels.threshold import row_word


@helper
def _crosses(gray, width, height, x, y, dx, dy, reach, depth, core_min):
    """Is there a stroke over (x, y) that the direction (dx, dy) crosses?"""
    x0, y0, x1, y1 = x - dx * reach, y - dy * reach, x + dx * reach, y + dy * reach
    if min(x0, x1, y0, y1) < 0 or max(x0, x1) >= width or max(y0, y1) >= height:
        return False
    here = i64(gray[y * width + x])
    paper = min(i64(gray[y0 * width + x0]), i64(gray[y1 * width + x1]))
    if paper - here < depth:
        return False
    # The stroke goes on both ways: else this is a speck, a stroke's tip or a corner, which would grow by a pixel.
    limit = paper - depth
    for side in range(2):
        px, py = (x - dy, y + dx) if side == 0 else (x + dy, y - dx)
        if min(px, py) < 0 or px >= width or py >= height or i64(gray[py * width + px]) > limit:
            return False
    # Its edge runs at half of its own depth.
    core = here
    for step in range(1, reach):
        core = min(core, i64(gray[(y - dy * step) * width + x - dx * step]), i64(gray[(y + dy * step) * width + x + dx * step]))
    return core >= core_min and 2 * here <= paper + core


@helper
def _is_valley(gray, width, height, x, y, reach, depth, core_min):
    slant = (3 * reach + 2) >> 2
    return (
        _crosses(gray, width, height, x, y, 1, 0, reach, depth, core_min)
        or _crosses(gray, width, height, x, y, 0, 1, reach, depth, core_min)
        or _crosses(gray, width, height, x, y, 1, 1, slant, depth, core_min)
        or _crosses(gray, width, height, x, y, 1, -1, slant, depth, core_min)
    )


@kernel("i64(const u8*, i64, i64, i64, i64, i64, i64, i64, u64*)")
def join_faint(gray, width, height, faint_level, core_min, depth, reach_px_max, stride, words):
    """Make ink of paper pixels ≤ faint_level that lie in a valley at least `depth` greys deep; returns how many.

    Looked at are reaches of 2, 4, … reach_px_max pixels to each side. gray u8 (height, width), words u64 (height, stride) in
    place; only greys are consulted, so the order of pixels does not matter.
    """
    joined = 0
    for y in range(height):
        for k in range((width + 63) >> 6):
            at = y * stride + k
            left = u64(row_word(gray, y * width + 64 * k, min(64, width - 64 * k), width * height, faint_level) & u64(~words[at]))
            found = u64(0)
            while left != u64(0):
                bit = left & u64(u64(~left) + u64(1))
                left ^= bit
                x = 64 * k + trailing_zeros(bit)
                reach = 2
                while reach <= reach_px_max:
                    if _is_valley(gray, width, height, x, y, reach, depth, core_min):
                        found |= bit
                        joined += 1
                        break
                    reach += reach
            words[at] |= found
    return joined
