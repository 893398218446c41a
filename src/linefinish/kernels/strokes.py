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

from linefinish.kernels._casts import f64, i64, popcount, trailing_zeros, u64
from linefinish.kernels._lanes import add64, at_most64, fill64, load64, max64, mean64, min64, where64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.components import explore
from linefinish.kernels.runs import toggle
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
# So few of 64 pixels are asked one by one first. A page at 600 dpi has 1.2 on average where it has
# any, and nearly all are edges of strokes that are broader.
_FEW = 2
# So many rows ahead of the one that is asked are looked through for what is to be asked. Whoever
# asks looks that far, and by then they have come from memory, one line of it after the other:
# 8 → 4 ms of a page at 600 dpi.
_ROWS_AHEAD = 2


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
    # Then four, eight, … on both sides. First, whether there may be such paper and whether there
    # is: the core gets no lighter on the way there.
    left &= at_most64(fill64(core_min), core) & at_most64(here, mean64(fill64(255), core))
    if reach_px_max > 4 and left != u64(0):
        light = u64(0)
        reach = 4
        while reach <= reach_px_max:
            far = ((3 * reach + 2) >> 2 if slant else reach) * across
            ends = min64(load64(gray, at - far), load64(gray, at + far))
            light |= _light_enough(ends, highest) & at_most64(here, mean64(ends, core))
            reach += reach
        left &= light
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
def _may_cross(gray, at, across, here, on, depth, core_min, is_far):
    """Whether the two pixels on either side of one allow for a stroke that this direction crosses:
    what `_crossed` asks first of all. on: no stroke goes on both ways by darker greys. is_far:
    paper may be four pixels away and more.
    """
    if max(here, on) + depth > 255:
        return False
    ahead, ahead2, behind, behind2 = i64(gray[at + across]), i64(gray[at + 2 * across]), i64(gray[at - across]), i64(gray[at - 2 * across])
    if min(max(ahead, ahead2), max(behind, behind2)) - here >= depth:
        return True
    core = min(here, min(min(ahead, ahead2), min(behind, behind2)))
    return is_far and core >= core_min and 2 * here <= 255 + core


@helper
def _may_be_valleys(gray, width, at, reach_px_max, depth, core_min, asked):
    """Of few pixels asked those that may lie in a valley, where all that is looked at is on the
    page. A stroke that may bend goes on wherever a straight one does.
    """
    is_far = reach_px_max >= 4
    left = asked
    while left != u64(0):
        bit = left & u64(u64(~left) + u64(1))
        left ^= bit
        place = at + trailing_zeros(bit)
        here = i64(gray[place])
        a, b, c = i64(gray[place - width - 1]), i64(gray[place - width]), i64(gray[place - width + 1])
        d, e = i64(gray[place - 1]), i64(gray[place + 1])
        f, g, h = i64(gray[place + width - 1]), i64(gray[place + width]), i64(gray[place + width + 1])
        if not (
            _may_cross(gray, place, 1, here, max(min(min(a, b), c), min(min(f, g), h)), depth, core_min, is_far)
            or _may_cross(gray, place, width, here, max(min(min(a, d), f), min(min(c, e), h)), depth, core_min, is_far)
            or _may_cross(gray, place, width + 1, here, max(min(min(b, c), e), min(min(d, f), g)), depth, core_min, is_far)
            or _may_cross(gray, place, width - 1, here, max(min(min(a, b), d), min(min(e, g), h)), depth, core_min, is_far)
        ):
            asked ^= bit
    return asked


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
    weak   the same, of zeros: receives what was found; on the way, what is to be asked
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
    for ahead in range(height + _ROWS_AHEAD):
        if ahead < height:
            for k in range((width + 63) >> 6):
                bits = row_word(gray, ahead * width + 64 * k, min(64, width - 64 * k), width * height, weak_level)
                weak[ahead * stride + k] = bits & u64(~words[ahead * stride + k])
        y = ahead - _ROWS_AHEAD
        if y < 0:
            continue
        for k in range((width + 63) >> 6):
            at = y * stride + k
            start = y * width + 64 * k
            left = weak[at]
            if left == u64(0):
                continue
            weak_bits = u64(0)
            strong_bits = u64(0)
            if start >= far and start + 64 + far <= width * height:
                if popcount(left) <= _FEW:
                    left = _may_be_valleys(gray, width, start, reach_px_max, depth, core_min, left)
                if left != u64(0):
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


@helper
def _rim_word(words, height, stride, y, k):
    """The paper pixels of word k of row y that have ink above, below or beside them (spare bits may
    be among them).
    """
    at = y * stride + k
    here = words[at]
    around = u64(here << u64(1)) | (here >> u64(1))
    if k > 0:
        around |= words[at - 1] >> u64(63)
    if k + 1 < stride:
        around |= u64(words[at + 1] << u64(63))
    if y > 0:
        around |= words[at - stride]
    if y + 1 < height:
        around |= words[at + stride]
    return around & u64(~here)


@kernel("f64(const u64*, const u8*, i64, i64, i64, i64, i64)")
def rim_depth(words, gray, width, height, stride, paper, every):
    """How many greys darker than `paper` the rim of all ink is, in the mean over one row in
    `every`; 0 without ink.
    """
    total = 0
    count = 0
    y = 0
    while y < height:
        for k in range(stride):
            left = _rim_word(words, height, stride, y, k)
            while left != u64(0):
                x = 64 * k + trailing_zeros(left)
                left &= u64(left - u64(1))
                if x < width:
                    total += paper - i64(gray[y * width + x])
                    count += 1
        y += every
    return f64(total) / f64(max(count, 1))


@kernel("f64(const u64*, const u8*, i64, i64, i64, i64, i64, i64)")
def broad_rim_depth(words, gray, width, height, ink, paper, every, count_min):
    """The same for the rims at the sides of broad strokes alone: the ink's second pixel is as dark
    as ink, and the paper's as light as paper, within an eighth of what they differ. −1 where there
    are fewer than count_min.
    """
    stride = (width >> 6) + 1
    near = (paper - ink) >> 3
    total = 0
    count = 0
    y = 0
    while y < height:
        for k in range(stride):
            at = y * stride + k
            here = words[at]
            before = words[at - 1] if k > 0 else u64(0)
            after = words[at + 1] if k + 1 < stride else u64(0)
            left1, left2 = u64(here << u64(1)) | (before >> u64(63)), u64(here << u64(2)) | (before >> u64(62))
            right1, right2 = (here >> u64(1)) | u64(after << u64(63)), (here >> u64(2)) | u64(after << u64(62))
            for side in range(2):
                inner = left1 & left2 & u64(~right1) if side == 0 else right1 & right2 & u64(~left1)
                left = inner & u64(~here)
                step = 1 if side == 0 else -1
                while left != u64(0):
                    x = 64 * k + trailing_zeros(left)
                    left &= u64(left - u64(1))
                    if x < 2 or x + 2 >= width:
                        continue
                    place = y * width + x
                    if i64(gray[place + step]) >= paper - near and i64(gray[place - 2 * step]) <= ink + near:
                        total += paper - i64(gray[place])
                        count += 1
        y += every
    return f64(total) / f64(count) if count >= count_min else -1.0


@helper
def _is_link(words, width, height, stride, x, y):
    """Does the ink pixel (x, y) end a line, or hold together what hangs together (8-connected) in
    its neighbourhood? (Crossing number of Hilditch 1969.)
    """
    ring = 0
    for side in range(8):
        dx, dy = _around(side)
        u, v = x + dx, y + dy
        if min(u, v) >= 0 and u < width and v < height and _bit(words, stride, u, v) != u64(0):
            ring |= 1 << side
    crossings = 0
    for side in range(0, 8, 2):
        following = (ring >> (side + 1)) | (ring >> ((side + 2) & 7))
        if (ring >> side) & 1 == 0 and following & 1 == 1:
            crossings += 1
    return crossings != 1 or ring & (ring - 1) == 0


@helper
def _around(side):
    """The eight neighbours, from the right one on, down first."""
    dx = 1 if side == 0 or side == 1 or side == 7 else (-1 if 3 <= side <= 5 else 0)
    dy = 1 if 1 <= side <= 3 else (-1 if side >= 5 else 0)
    return dx, dy


@kernel("i64(const u8*, i64, i64, const u64*, u64*)")
def narrow_weak(gray, width, height, before, words):
    """Where a stroke that came in is two pixels wide, leave the darker one: how many went.

    A line narrower than a pixel that runs between two rows covers half of both. One pixel is what
    its width comes nearest to; where its edge lies, the greys say.

    gray u8 (height, width); before, words u64 (height, stride): the ink that was there first, and
    what there is now, in place. What hangs together stays together.
    """
    stride = (width >> 6) + 1
    gone = 0
    for y in range(height):
        came = u64(0)
        for k in range(stride):
            came |= words[y * stride + k] ^ before[y * stride + k]
        if came == u64(0):
            continue
        for k in range(stride):
            left = words[y * stride + k] & u64(~before[y * stride + k])
            while left != u64(0):
                x = 64 * k + trailing_zeros(left)
                left &= u64(left - u64(1))
                here = i64(gray[y * width + x])
                second = False
                for side in range(0, 8, 2):
                    dx, dy = _around(side)
                    u, v = x + dx, y + dy
                    if min(u, v) < 0 or u >= width or v >= height or _bit(words, stride, u, v) == u64(0):
                        continue
                    there = i64(gray[v * width + u])
                    # The one beyond, and the one on the other side, are paper: two pixels in all.
                    if (there < here or (there == here and side >= 4)) and not (
                        _is_ink(words, width, height, stride, u + dx, v + dy) or _is_ink(words, width, height, stride, x - dx, y - dy)
                    ):
                        second = True
                if second and not _is_link(words, width, height, stride, x, y):
                    words[y * stride + k] &= u64(~u64(u64(1) << u64(x & 63)))
                    gone += 1
    return gone


@helper
def _is_ink(words, width, height, stride, x, y):
    return min(x, y) >= 0 and x < width and y < height and _bit(words, stride, x, y) != u64(0)


@kernel("i64(const u8*, i64, i64, i64, i64, i64, u64*)")
def raise_dots(gray, width, height, paper, peak_min, sum_min, words):
    """Make ink of the middle of each dot that is too small to be as dark as ink: how many.

    A dot of a pixel's area that lies on a corner of four pixels covers a quarter of each.

    gray      u8 (height, width)
    peak_min  greys by which the darkest pixel of a dot is darker than `paper`, at least
    sum_min   the same of all nine pixels around it
    words     u64 (height, stride): the ink, in place; a dot touches none of it
    """
    stride = (width >> 6) + 1
    raised = 0
    for y in range(1, height - 1):
        for k in range((width + 63) >> 6):
            start = y * width + 64 * k
            left = row_word(gray, start, min(64, width - 64 * k), width * height, paper - peak_min)
            if left != u64(0):
                left &= u64(~_beside_ink(words, height, stride, y, k))
            while left != u64(0):
                x = 64 * k + trailing_zeros(left)
                left &= u64(left - u64(1))
                if x < 1 or x + 1 >= width or _touches(words, width, height, stride, x, y):
                    continue
                here = i64(gray[y * width + x])
                total = max(paper - here, 0)
                darkest = True
                for side in range(8):
                    dx, dy = _around(side)
                    there = i64(gray[(y + dy) * width + x + dx])
                    total += max(paper - there, 0)
                    darkest &= here < there or (here == there and side < 4)
                    # It ends within two pixels, or there is a lighter one before what comes next.
                    u, v = x + 2 * dx, y + 2 * dy
                    if min(u, v) >= 0 and u < width and v < height:
                        beyond = i64(gray[v * width + u])
                        darkest &= beyond > paper - (peak_min >> 1) or 2 * (paper - there) <= paper - max(beyond, here)
                if darkest and total >= sum_min:
                    words[y * stride + k] |= u64(u64(1) << u64(x & 63))
                    raised += 1
    return raised


# What `remove_bumps` looks at one of is at most so large, in pixels, on either side.
BUMP_PX_MAX = 60


# Where they lie in the scratch of `remove_bumps`, a row a word: the part that is looked at, the ink
# around it, and two for growing.
_ROWS = BUMP_PX_MAX + 2
_PART, _RING, _SEEN, _WIDE = 0, _ROWS, 2 * _ROWS, 3 * _ROWS


@helper
def _copy_rows(words, stride, left, top, height, count, rows, to):
    """Columns left − 1 … left + 62 of rows top − 1 … top + count − 2 to rows[to: to + count]."""
    for i in range(count):
        y = top - 1 + i
        word = u64(0)
        if 0 <= y and y < height:
            x = left - 1
            if x < 0:
                word = u64(words[y * stride] << u64(1))
            else:
                k = x >> 6
                word = words[y * stride + k] >> u64(x & 63)
                if x & 63 != 0 and k + 1 < stride:
                    word |= u64(words[y * stride + k + 1] << u64(64 - (x & 63)))
        rows[to + i] = word


@helper
def _widen_rows(rows, of, count):
    """All that touches the pixels of rows[of: of + count], and these, to _WIDE."""
    for i in range(count):
        here = rows[of + i]
        rows[_WIDE + i] = here | u64(here << u64(1)) | (here >> u64(1))
    above = u64(0)
    for i in range(count):
        here = rows[_WIDE + i] + u64(0)
        below = rows[_WIDE + i + 1] if i + 1 < count else u64(0)
        rows[_WIDE + i] = here | above | below
        above = here


@helper
def _ring_groups(rows, count):
    """How many 8-connected groups the pixels of _RING are, up to two. Clears them."""
    groups = 0
    found = True
    while found and groups < 2:
        found = False
        for i in range(count):
            first = u64(0)
            if not found and rows[_RING + i] != u64(0):
                found = True
                first = rows[_RING + i] & u64(u64(~rows[_RING + i]) + u64(1))
            rows[_SEEN + i] = first
        groups += 1 if found else 0
        growing = found
        while growing:
            _widen_rows(rows, _SEEN, count)
            growing = False
            for i in range(count):
                more = rows[_WIDE + i] & rows[_RING + i]
                growing |= more != rows[_SEEN + i]
                rows[_SEEN + i] = more
        for i in range(count):
            rows[_RING + i] &= u64(~rows[_SEEN + i])
    return groups


@helper
def _reaches_far(rows, count, depth_px):
    """Has _PART a pixel farther than depth_px from _RING?"""
    for i in range(count):
        rows[_SEEN + i] = rows[_RING + i]
    for _step in range(depth_px):
        _widen_rows(rows, _SEEN, count)
        for i in range(count):
            rows[_SEEN + i] = rows[_WIDE + i]
    far = u64(0)
    for i in range(count):
        far |= rows[_PART + i] & u64(~rows[_SEEN + i])
    return far != u64(0)


@kernel("i64(const u64*, const u64*, i64, i64, i64, u64*, u64*, i32*, u64*, i64*, u64*)")
def remove_bumps(came, before, width, height, depth_px, left, large, queue, rows, alone, words):
    """Take off `words` what came in and only makes an outline bulge: what touches the ink that was
    there first in one place, and is nowhere farther than depth_px from it. → how many.

    Blur goes round the end of a stroke, and there the paper rises on both sides of it, as it does
    beside a stroke. A stroke that pales on its way reaches farther, and one that bridges a gap
    touches ink twice.

    came, before  u64 (height, stride): what came in, as 8-connected components; the ink before
    left          a copy of came; scratch
    large         the same, of zeros; scratch
    queue         i32 (3 · runs of the largest component, plus three); scratch
    rows          u64 (4 · (BUMP_PX_MAX + 2),); scratch
    alone         i64 (2,); scratch
    words         the ink, in place
    """
    stride = (width >> 6) + 1
    size = (width, height, stride)
    limits = (width * height, 0, 0)
    removed = 0
    for y in range(height):
        any_left = u64(0)
        for k in range(stride):
            any_left |= left[y * stride + k]
        if any_left == u64(0):
            continue
        for k in range(stride):
            while left[y * stride + k] != u64(0):
                x = 64 * k + trailing_zeros(left[y * stride + k])
                runs = explore(came, size, u64(0), 1, limits, left, large, queue, alone, y, x)
                first = width
                last = 0
                top = height
                bottom = 0
                for i in range(runs):
                    top = min(top, i64(queue[3 * i]))
                    bottom = max(bottom, i64(queue[3 * i]) + 1)
                    first = min(first, i64(queue[3 * i + 1]))
                    last = max(last, i64(queue[3 * i + 2]))
                if max(last - first, bottom - top) > BUMP_PX_MAX:
                    continue
                count = bottom - top + 2
                _copy_rows(before, stride, first, top, height, count, rows, _RING)
                for i in range(count):
                    rows[_PART + i] = u64(0)
                for i in range(runs):
                    for u in range(i64(queue[3 * i + 1]), i64(queue[3 * i + 2])):
                        rows[_PART + i64(queue[3 * i]) - top + 1] |= u64(u64(1) << u64(u - first + 1))
                if _reaches_far(rows, count, depth_px):
                    continue
                _widen_rows(rows, _PART, count)
                for i in range(count):
                    rows[_RING + i] &= rows[_WIDE + i]
                if _ring_groups(rows, count) == 1:
                    removed += 1
                    for i in range(runs):
                        toggle(words, queue[3 * i] * stride, i64(queue[3 * i + 1]), i64(queue[3 * i + 2]))
    return removed
