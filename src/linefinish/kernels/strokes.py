"""Thin strokes that stay lighter than the page's level: grey valleys, joined to the ink that the level found.

A stroke narrower than a pixel or two never gets as dark as a broad one, drawn with the same ink, and a global level breaks it.
What it does have is *depth*: across it the paper rises on both sides, along it the grey goes on. Washes, shadows and the
soft edges of broad strokes rise on one side at most. (Valleys as in Haralick 1983, from samples instead of derivatives;
two levels of evidence as in Canny 1986.)

A word of 64 pixels is asked at once, in each direction and at each reach: one by one the edges of soft strokes, all of them candidates,
cost 1 to 5 ms a megapixel, and now 0.2 to 0.6.
"""
from __future__ import annotations

from linefinish.kernels._kernel import helper, i64, kernel, popcount, trailing_zeros, u64
from linefinish.kernels._lanes import add64, at_most64, fill64, load64, max64, mean64, min64
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


@helper
def _bits_between(first, last):
    """The u64 with bits `first` to last − 1 set, as far as there are such bits."""
    first = min(max(first, 0), 64)
    last = min(max(last, first), 64)
    if first == last:
        return u64(0)
    return u64(u64(u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - (last - first))) << u64(first))


@helper
def _crossed(gray, width, at, left, candidates, dx, dy, reach_px_max, depth, core_min):
    """`_crosses` at all reaches of the 64 pixels from `at` on, which lie in columns from `left` on, where candidates: a bit each.

    Steps go outwards, and core is the darkest yet: where it is too dark for one reach, it is for all further ones.
    """
    across = dy * width + dx
    along = dx * width - dy
    if left == 0 or left + 64 >= width:
        candidates &= _bits_between(abs(dy) - left, width - abs(dy) - left)
    here = load64(gray, at)
    core = here
    stroke = max64(here, max64(load64(gray, at - along), load64(gray, at + along)))
    # Adding saturates: no paper is lighter than 255, and so nothing too light joins.
    highest = add64(stroke, fill64(depth - 1))
    candidates &= u64(~at_most64(fill64(255), highest))
    found = u64(0)
    reach = 2
    step = 1
    while reach <= reach_px_max and candidates != u64(0):
        ends = min64(load64(gray, at - step * across), load64(gray, at + step * across))
        if dx > 0 and (left < step or left + 64 + step > width):
            candidates &= _bits_between(step - left, width - step - left)
        if step == (reach if dx * dy == 0 else (3 * reach + 2) >> 2):
            found |= candidates & u64(~at_most64(ends, highest)) & at_most64(here, mean64(ends, core))
            reach += reach
        core = min64(core, ends)
        candidates &= at_most64(fill64(core_min), core) & u64(~found)
        step += 1
    return found


@kernel("i64(const u8*, i64, i64, i64, i64, i64, i64, i64, u64*)")
def join_faint(gray, width, height, faint_level, core_min, depth, reach_px_max, stride, words):
    """Make ink of paper pixels ≤ faint_level that lie in a valley at least `depth` greys deep (1 to 255); returns how many.

    Looked at are reaches of 2, 4, … reach_px_max pixels to each side. gray u8 (height, width), words u64 (height, stride) in
    place; only greys are consulted, so the order of pixels does not matter. core_min 0 to 255.
    """
    joined = 0
    far = reach_px_max * (width + 1)
    for y in range(height):
        for k in range((width + 63) >> 6):
            start = y * width + 64 * k
            left = row_word(gray, start, min(64, width - 64 * k), width * height, faint_level) & u64(~words[y * stride + k])
            if left == u64(0):
                continue
            found = u64(0)
            if start >= far and start + 64 + far <= width * height:
                found |= _crossed(gray, width, start, 64 * k, left, 1, 0, reach_px_max, depth, core_min)
                found |= _crossed(gray, width, start, 64 * k, left & u64(~found), 0, 1, reach_px_max, depth, core_min)
                found |= _crossed(gray, width, start, 64 * k, left & u64(~found), 1, 1, reach_px_max, depth, core_min)
                found |= _crossed(gray, width, start, 64 * k, left & u64(~found), 1, -1, reach_px_max, depth, core_min)
            else:
                # At the page's upper and lower margin, where 64 pixels might begin before or end after it.
                while left != u64(0):
                    bit = left & u64(u64(~left) + u64(1))
                    left ^= bit
                    reach = 2
                    while reach <= reach_px_max and found & bit == u64(0):
                        if _is_valley(gray, width, height, 64 * k + trailing_zeros(bit), y, reach, depth, core_min):
                            found |= bit
                        reach += reach
            words[y * stride + k] |= found
            joined += popcount(found)
    return joined
