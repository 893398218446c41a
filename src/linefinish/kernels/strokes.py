"""Thin strokes that stay lighter than the page's level: grey valleys, joined to the ink that the
level found.

A stroke narrower than a pixel or two never gets as dark as a broad one, drawn with the same ink,
and a global level breaks it. What it does have is *depth*: across it the paper rises on both sides,
along it the grey goes on. Washes, shadows and the soft edges of broad strokes rise on one side at
most. (Valleys as in Haralick 1983, from samples instead of derivatives.)

Two depths make a stroke whole or leave it out, by Canny's hysteresis (1986): what is weak, as it is
shallow, comes in only where it hangs together with ink or with something strong, which is deep. A
pencil's lighter places join, the print of the other side of the sheet does not.

Most candidates are the edges of soft strokes. So the rules are asked of 64 pixels at once
(`_valleys`); pixel by pixel (`_is_valley`, the same rules) only where what they look at may lie
beyond the page. Pixel by pixel for all took 1 to 5 ms a megapixel on soft pages and 18 on noisy
ones, asked of 64 for light enough paper first 0.9 to 3.1, and now 0.6 to 0.9, however large the
page is.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, popcount, trailing_zeros, u64
from linefinish.kernels._lanes import add64, at_most64, fill64, load64, max64, mean64, min64, where64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.threshold import row_word

# What `find_weak` is told of the page, in numbers: i64 (LIMITS,), its `limits`.
WEAK_LEVEL = 0  # paper up to this grey is looked at
CORE_MIN = 1  # a stroke whose core is darker than this has its edge where the level puts it
DEPTH = 2  # greys by which a stroke is deeper than its paper, at least
NARROW_STRONG_DEPTH, STRONG_DEPTH = 3, 4  # the same to be strong, of a narrow stroke and of any
REACH_PX_MAX = 5  # how far from a stroke its paper is looked for
LIMITS = 6
# How far paper is from the middle of a narrow stroke, in pixels.
_NARROW_PX = 2


@helper
def _is_dark(gray, width, height, x, y, limit):
    return min(x, y) >= 0 and x < width and y < height and i64(gray[y * width + x]) <= limit


@helper
def _bends_on(gray, width, height, x, y, ux, uy, limit):
    """Is the neighbour ahead in the direction (ux, uy) at most `limit`, or one of the two beside
    that?
    """
    if _is_dark(gray, width, height, x + ux, y + uy, limit):
        return True
    if ux * uy != 0:
        return _is_dark(gray, width, height, x + ux, y, limit) or _is_dark(gray, width, height, x, y + uy, limit)
    return _is_dark(gray, width, height, x + ux - uy, y + uy + ux, limit) or _is_dark(gray, width, height, x + ux + uy, y + uy - ux, limit)


@helper
def _is_beside_ink(gray, width, height, x, y, core_min):
    """Is one of the eight neighbours darker than core_min?"""
    for v in range(max(y - 1, 0), min(y + 2, height)):
        for u in range(max(x - 1, 0), min(x + 2, width)):
            if i64(gray[v * width + u]) < core_min:
                return True
    return False


@helper
def _crosses(gray, width, height, x, y, dx, dy, before, after, depth, core_min):
    """Is there a stroke over (x, y) that the direction (dx, dy) crosses, with paper so many pixels
    before and after?
    """
    x0, y0, x1, y1 = x - dx * before, y - dy * before, x + dx * after, y + dy * after
    if min(x0, x1, y0, y1) < 0 or max(x0, x1) >= width or max(y0, y1) >= height:
        return False
    here = i64(gray[y * width + x])
    paper = min(i64(gray[y0 * width + x0]), i64(gray[y1 * width + x1]))
    if paper - here < depth:
        return False
    # The stroke goes on both ways: else this is a speck, a stroke's tip or a corner, which would
    # grow by a pixel. It may bend, but not beside ink, where the soft edge round a corner would
    # pass for a bent stroke.
    limit = paper - depth
    straight = _is_dark(gray, width, height, x - dy, y + dx, limit) and _is_dark(gray, width, height, x + dy, y - dx, limit)
    if not straight and (
        _is_beside_ink(gray, width, height, x, y, core_min)
        or not _bends_on(gray, width, height, x, y, -dy, dx, limit)
        or not _bends_on(gray, width, height, x, y, dy, -dx, limit)
    ):
        return False
    # Its edge runs at half of its own depth.
    core = here
    for step in range(1 - before, after):
        core = min(core, i64(gray[(y + dy * step) * width + x + dx * step]))
    return core >= core_min and 2 * here <= paper + core


@helper
def _lightest(gray, width, height, x, y, dx, dy):
    """The lighter of the two pixels ahead, −1 beyond the page."""
    here = -1
    if min(x + dx, y + dy) >= 0 and x + dx < width and y + dy < height:
        here = i64(gray[(y + dy) * width + x + dx])
        if min(x + 2 * dx, y + 2 * dy) >= 0 and x + 2 * dx < width and y + 2 * dy < height:
            here = max(here, i64(gray[(y + 2 * dy) * width + x + 2 * dx]))
    return here


@helper
def _crosses_narrow(gray, width, height, x, y, dx, dy, depth, core_min):
    """The same with paper one or two pixels before and after.

    Where a line of a fine hatching changes from one row to the next it covers half of both: two
    pixels, and the next line is near. Most pixels asked are the soft edge of a broad stroke, and
    the lightest on its side is too dark.
    """
    light = min(_lightest(gray, width, height, x, y, dx, dy), _lightest(gray, width, height, x, y, -dx, -dy))
    return light - i64(gray[y * width + x]) >= depth and (
        _crosses(gray, width, height, x, y, dx, dy, 1, 1, depth, core_min)
        or _crosses(gray, width, height, x, y, dx, dy, 1, 2, depth, core_min)
        or _crosses(gray, width, height, x, y, dx, dy, 2, 1, depth, core_min)
        or _crosses(gray, width, height, x, y, dx, dy, 2, 2, depth, core_min)
    )


@helper
def _is_valley(gray, width, height, x, y, reach_px_max, depth, core_min):
    """Is there a stroke that one of four directions crosses?"""
    if (
        _crosses_narrow(gray, width, height, x, y, 1, 0, depth, core_min)
        or _crosses_narrow(gray, width, height, x, y, 0, 1, depth, core_min)
        or _crosses_narrow(gray, width, height, x, y, 1, 1, depth, core_min)
        or _crosses_narrow(gray, width, height, x, y, 1, -1, depth, core_min)
    ):
        return True
    reach = 4
    while reach <= reach_px_max:
        slant = (3 * reach + 2) >> 2  # slanted steps are longer
        if (
            _crosses(gray, width, height, x, y, 1, 0, reach, reach, depth, core_min)
            or _crosses(gray, width, height, x, y, 0, 1, reach, reach, depth, core_min)
            or _crosses(gray, width, height, x, y, 1, 1, slant, slant, depth, core_min)
            or _crosses(gray, width, height, x, y, 1, -1, slant, slant, depth, core_min)
        ):
            return True
        reach += reach
    return False


@helper
def _light_enough(paper, highest):
    """The u64 of those whose paper is lighter than `highest`."""
    return u64(~at_most64(paper, highest))


@helper
def _is_stroke(paper, highest, here, core, core_min):
    """A bit for each of 64: is the paper light enough, the core no ink, and the grey here at most
    half way between them?
    """
    return _light_enough(paper, highest) & at_most64(fill64(core_min), core) & at_most64(here, mean64(paper, core))


@helper
def _crossed(gray, at, across, slant, reach_px_max, here, depth, core_min, on, asked):
    """The u64 of those asked of the 64 pixels from `at` on that a direction crosses, as `_crosses`
    says with all its distances.

    on: the darkest grey by which each goes on both ways. Steps go outwards, and core is the darkest
    yet. Nobody looks whether that is on the page and in the same row.
    """
    # What paper has to be lighter than. Adding saturates: no paper is lighter than 255, and so
    # nothing too light passes.
    highest = add64(max64(here, on), fill64(depth - 1))
    asked &= u64(~at_most64(fill64(255), highest))
    if asked == u64(0):
        return asked
    ahead, behind = load64(gray, at + across), load64(gray, at - across)
    ahead2, behind2 = load64(gray, at + 2 * across), load64(gray, at - 2 * across)
    # One or two pixels away, and with two, what lies between belongs to the stroke. First, whether
    # there is any such paper.
    paper = min64(max64(ahead, ahead2), max64(behind, behind2))
    near = asked & _light_enough(paper, highest)
    core = min64(here, min64(ahead, behind))
    left = asked & at_most64(fill64(core_min), core)
    found = u64(0)
    if near != u64(0):
        found = near & _light_enough(min64(ahead, behind), highest) & at_most64(fill64(core_min), here)
        found |= near & _is_stroke(min64(ahead, behind2), highest, here, min64(here, behind), core_min)
        found |= near & _is_stroke(min64(ahead2, behind), highest, here, min64(here, ahead), core_min)
        found |= near & _is_stroke(min64(ahead2, behind2), highest, here, core, core_min)
        left &= u64(~found)
    core = min64(core, min64(ahead2, behind2))
    left &= at_most64(fill64(core_min), core)
    # Then four, eight, … on both sides.
    reach = 4
    step = 3
    while reach <= reach_px_max and left != u64(0):
        ends = min64(load64(gray, at - step * across), load64(gray, at + step * across))
        if step == ((3 * reach + 2) >> 2 if slant else reach):
            found |= left & _light_enough(ends, highest) & at_most64(here, mean64(ends, core))
            reach += reach
        core = min64(core, ends)
        left &= at_most64(fill64(core_min), core) & u64(~found)
        step += 1
    return found


@helper
def _ways_on(straight, opposite, one, other, open_bits):
    """The least grey by which a stroke goes on both ways: straight, or also bent where open_bits
    has a bit.
    """
    bent = max64(min64(straight, one), min64(opposite, other))
    return where64(open_bits, bent, max64(straight, opposite))


@helper
def _valleys(gray, width, at, reach_px_max, depth, core_min, asked):
    """The u64 of those asked of the 64 pixels from `at` on for which `_is_valley` holds, if all
    that it looks at is on the page.
    """
    here = load64(gray, at)
    a, b, c = load64(gray, at - width - 1), load64(gray, at - width), load64(gray, at - width + 1)
    d, e = load64(gray, at - 1), load64(gray, at + 1)
    f, g, h = load64(gray, at + width - 1), load64(gray, at + width), load64(gray, at + width + 1)
    darkest = min64(min64(min64(a, b), min64(c, d)), min64(min64(e, f), min64(g, h)))
    open_bits = at_most64(fill64(core_min), darkest)
    on = _ways_on(b, g, min64(a, c), min64(f, h), open_bits)
    found = _crossed(gray, at, 1, False, reach_px_max, here, depth, core_min, on, asked)
    on = _ways_on(d, e, min64(a, f), min64(c, h), open_bits)
    found |= _crossed(gray, at, width, False, reach_px_max, here, depth, core_min, on, asked & u64(~found))
    on = _ways_on(c, f, min64(b, e), min64(d, g), open_bits)
    found |= _crossed(gray, at, width + 1, True, reach_px_max, here, depth, core_min, on, asked & u64(~found))
    on = _ways_on(a, h, min64(b, d), min64(e, g), open_bits)
    return found | _crossed(gray, at, width - 1, True, reach_px_max, here, depth, core_min, on, asked & u64(~found))


@helper
def _bit(words, stride, x, y):
    return (words[y * stride + (x >> 6)] >> u64(x & 63)) & u64(1)


@helper
def _touches(words, width, height, stride, x, y):
    """Is one of the eight neighbours ink?"""
    for v in range(max(y - 1, 0), min(y + 2, height)):
        for u in range(max(x - 1, 0), min(x + 2, width)):
            if _bit(words, stride, u, v) != u64(0):
                return True
    return False


@helper
def _spread_aside(words, stride, y, k):
    """A word of 64 pixels and its neighbours on both sides, as bits: is one of three ink?"""
    at = y * stride + k
    word = words[at]
    beside = u64(u64(word << u64(1)) | (word >> u64(1))) | word
    if k > 0:
        beside |= words[at - 1] >> u64(63)
    if k + 1 < stride:
        beside |= u64(words[at + 1] << u64(63))
    return beside


@helper
def _beside_ink(words, height, stride, y, k):
    """A bit for each of 64 pixels: is it ink, or one of its eight neighbours?"""
    bits = _spread_aside(words, stride, y, k)
    if y > 0:
        bits |= _spread_aside(words, stride, y - 1, k)
    if y + 1 < height:
        bits |= _spread_aside(words, stride, y + 1, k)
    return bits


@kernel("i64(const u8*, i64, i64, const i64*, const u64*, u64*, u64*)")
def find_weak(gray, width, height, limits, words, weak, strong):
    """Find the paper pixels ≤ WEAK_LEVEL that lie in a valley at least DEPTH greys deep: how many.

    Paper is looked for 1 or 2 pixels before and after, then 4, 8, … REACH_PX_MAX on both sides.

    gray   u8 (height, width)
    limits i64 (LIMITS,), see there
    words  u64 (height, stride), the ink so far
    weak   the same, of zeros: receives what was found
    strong the same, of zeros: receives those that are strong: beside ink, at least STRONG_DEPTH
           deep, or with paper within two pixels at least NARROW_STRONG_DEPTH, for a narrow stroke
           is pale because of the pixels and a broad one because it is pale
    Only greys and words are consulted, so the order of pixels does not matter.
    """
    stride = (width >> 6) + 1
    weak_level, core_min, reach_px_max = limits[WEAK_LEVEL], limits[CORE_MIN], limits[REACH_PX_MAX]
    depth, narrow_strong_depth, strong_depth = limits[DEPTH], limits[NARROW_STRONG_DEPTH], limits[STRONG_DEPTH]
    found = 0
    far = max(reach_px_max, 2) * (width + 1)
    for y in range(height):
        for k in range((width + 63) >> 6):
            at = y * stride + k
            start = y * width + 64 * k
            left = row_word(gray, start, min(64, width - 64 * k), width * height, weak_level) & u64(~words[at])
            weak_bits = u64(0)
            strong_bits = u64(0)
            if left != u64(0) and start >= far and start + 64 + far <= width * height:
                left = _valleys(gray, width, start, reach_px_max, depth, core_min, left)
                if 64 * k >= reach_px_max and 64 * k + 64 + reach_px_max <= width:
                    weak_bits = left
                    found += popcount(left)
                    strong_bits = left & _beside_ink(words, height, stride, y, k)
                    left &= u64(~strong_bits)
                    if left != u64(0):
                        strong_bits |= _valleys(gray, width, start, _NARROW_PX, narrow_strong_depth, core_min, left)
                        left &= u64(~strong_bits)
                    if left != u64(0):
                        strong_bits |= _valleys(gray, width, start, reach_px_max, strong_depth, core_min, left)
                        left = u64(0)
            while left != u64(0):
                bit = left & u64(u64(~left) + u64(1))
                left ^= bit
                x = 64 * k + trailing_zeros(bit)
                if _is_valley(gray, width, height, x, y, reach_px_max, depth, core_min):
                    weak_bits |= bit
                    found += 1
                    if (
                        _touches(words, width, height, stride, x, y)
                        or _is_valley(gray, width, height, x, y, _NARROW_PX, narrow_strong_depth, core_min)
                        or _is_valley(gray, width, height, x, y, reach_px_max, strong_depth, core_min)
                    ):
                        strong_bits |= bit
            weak[at] = weak_bits
            strong[at] = strong_bits
    return found


@helper
def _spread(weak, width, height, stride, x, y, stack, stack_max, words):
    """Make ink of the weak pixels that hang together with (x, y): (how many, whether the stack was
    too small and some may be missing).
    """
    joined = 0
    lost = 0
    stack[0] = y * width + x
    top = 1
    while top > 0:
        top -= 1
        py = stack[top] // width
        px = stack[top] - py * width
        for v in range(max(py - 1, 0), min(py + 2, height)):
            for u in range(max(px - 1, 0), min(px + 2, width)):
                if _bit(weak, stride, u, v) != u64(0) and _bit(words, stride, u, v) == u64(0):
                    words[v * stride + (u >> 6)] |= u64(u64(1) << u64(u & 63))
                    joined += 1
                    if top < stack_max:
                        stack[top] = v * width + u
                        top += 1
                    else:
                        lost = 1
    return joined, lost


@kernel("i64(const u64*, const u64*, i64, i64, i64, i64*, i64, u64*)")
def join_weak(weak, strong, width, height, stride, stack, stack_max, words):
    """Make ink of all that is weak and hangs together, over its eight neighbours, with something
    strong: how many.

    weak, strong  u64 (height, stride), from find_weak
    stack        i64 (stack_max,), scratch; where it is too small, the page is gone through once
                 more
    words        u64 (height, stride): the ink, in place
    """
    joined = 0
    again = 1
    first = 1
    while again != 0:
        again = 0
        for y in range(height):
            for k in range(stride):
                at = y * stride + k
                bits = strong[at] if first == 1 else words[at] & weak[at]
                if first == 1:
                    joined += popcount(bits & u64(~words[at]))
                    words[at] |= bits
                while bits != u64(0):
                    x = 64 * k + trailing_zeros(bits)
                    bits &= u64(bits - u64(1))
                    more, lost = _spread(weak, width, height, stride, x, y, stack, stack_max, words)
                    joined += more
                    again |= lost
        first = 0
    return joined
