"""Following the boundary between ink and paper, with sub-pixel positions from the greys.

A *crack* is the unit edge between an ink pixel and a paper pixel. The boundary is a set of closed chains of cracks. All
vertical cracks of a page are found 64 at a time (`crack_map`), each chain is followed from its topmost, leftmost vertical crack,
and every vertical crack is cleared as it is walked: what is left in the map belongs to chains not yet seen, so nothing
is visited twice and no region is ever filled (Potrace inverts each region's area instead; Selinger 2003, section 2.1.1).

Directions are 0 east, 1 south, 2 west, 3 north, with ink to the right of the way.
"""
from __future__ import annotations

from linefinish.kernels._kernel import f64, helper, i64, kernel, popcount, trailing_zeros, u64

# How an ambiguous corner (two ink pixels touching diagonally) is joined; the order of options.TURN_POLICIES.
GREY, MINORITY, MAJORITY, BLACK, WHITE, LEFT, RIGHT = 0, 1, 2, 3, 4, 5, 6

# Half sides of the windows that the minority and majority policies count, in pixels: grown from the first to the last until
# one colour prevails. Potrace's documentation describes such growing windows; 2 to 4 is where more changed no corner we saw.
_WINDOW_FIRST, _WINDOW_LAST = 2, 4

# How level the greys must be on either side of an edge, as a part of its contrast, for its place to be taken from their sum. Smaller
# trusts fewer edges, larger trusts blurred and thin ones too; 0.05 to 0.35 gave the same figures.
_PLATEAU = 0.1

# A crossing keeps this far away from both pixel centres, in pixels. 0 would let two paths touch in a centre, and filling
# the polygon would no longer give the bitmap back; larger costs truth on steep edges.
_CENTRE_MARGIN = 0.02


@kernel("i64(const u64*, i64, i64, i64, u64*, i64, u64*)")
def crack_map(words, width, height, stride, padded, padded_stride, cracks):
    """The bitmap with one pixel of paper around it, and its vertical cracks: v ^ (v << 1 | carry), 64 at a time.

    words   (height, stride)              the bitmap
    padded  (height + 2, padded_stride)   out, zeroed before; pixel (x, y) goes to bit x + 1 of row y + 1
    cracks  (height, padded_stride)       out; bit x of row y: pixels x - 1 and x of padded row y + 1 differ
    Returns how many cracks there are, vertical and horizontal: exactly the number of points that `follow` writes.
    """
    total = 0
    for y in range(height):
        source = y * stride
        target = (y + 1) * padded_stride
        carry = u64(0)
        for k in range(padded_stride):
            word = words[source + k] if k < stride else u64(0)
            moved = u64(u64(word << u64(1)) | carry)
            carry = u64(word >> u64(63))
            padded[target + k] = moved
        carry = u64(0)
        for k in range(padded_stride):
            word = padded[target + k]
            crack = u64(word ^ u64(u64(word << u64(1)) | carry))
            carry = u64(word >> u64(63))
            cracks[y * padded_stride + k] = crack
            total += popcount(crack) + popcount(u64(word ^ padded[target - padded_stride + k]))
    last = height * padded_stride
    for k in range(padded_stride):
        total += popcount(padded[last + k])
    return total


@helper
def _ink(padded, padded_stride, x, y):
    return i64((padded[y * padded_stride + (x >> 6)] >> u64(x & 63)) & u64(1))


@helper
def _level_at(levels, cell, columns, rows, x, y):
    """The level at a point in pixels, bilinear between the centres of the cells."""
    if columns * rows == 1:
        return f64(levels[0])
    u = min(max(x / cell - 0.5, 0.0), columns - 1.0)
    v = min(max(y / cell - 0.5, 0.0), rows - 1.0)
    i = min(i64(u), max(columns - 2, 0))
    j = min(i64(v), max(rows - 2, 0))
    s = u - i
    t = v - j
    right = 1 if columns > 1 else 0
    below = columns if rows > 1 else 0
    at = j * columns + i
    upper = levels[at] * (1.0 - s) + levels[at + right] * s
    lower = levels[at + below] * (1.0 - s) + levels[at + below + right] * s
    return upper * (1.0 - t) + lower * t


@helper
def _grey_or(gray, width, height, x, y, otherwise):
    if x < 0 or y < 0 or x >= width or y >= height:
        return f64(otherwise)
    return f64(gray[y * width + x])


@helper
def _crossing(gray, width, height, level, ink_x, ink_y, out_x, out_y):
    """How far from the paper pixel's centre to the ink pixel's the grey surface crosses the level, in (0, 1).

    Linear between the two centres, or from the sum of the greys where the edge stands between two plateaus. Where both greys lie
    on one side of the level (a pale stroke that hysteresis joined, a pixel that cleaning changed), the level gives way to the
    middle between the stroke's own darkest and the paper's own lightest grey, one pixel further on either side: half of the
    local contrast is where a stroke of any tone has its edge.
    """
    if out_x < 0 or out_y < 0 or out_x >= width or out_y >= height:
        return 0.5  # the page's edge cuts the ink
    ink = f64(gray[ink_y * width + ink_x])
    out = f64(gray[out_y * width + out_x])
    if not (ink <= level < out):
        step_x = ink_x - out_x
        step_y = ink_y - out_y
        darkest = min(ink, _grey_or(gray, width, height, ink_x + step_x, ink_y + step_y, 255))
        lightest = max(out, _grey_or(gray, width, height, out_x - step_x, out_y - step_y, 0))
        level = 0.5 * (darkest + lightest)
        if out - ink < 1.0:
            return 0.5
    part = (out - level) / (out - ink)
    # Between two plateaus, the greys across the edge tell how much of their column is ink: the edge's mean place in it, exactly so
    # for a straight edge up to 45°, where interpolation is off by up to 0.09 px. Six pixels, if the page has them: a plateau is
    # where the outermost two agree. Measured at 1024 px: 0.041 px at 0.75x potrace's segments became 0.032 px at 0.77x.
    step_x = ink_x - out_x
    step_y = ink_y - out_y
    far_x = out_x - 2 * step_x
    far_y = out_y - 2 * step_y
    end_x = ink_x + 2 * step_x
    end_y = ink_y + 2 * step_y
    if min(far_x, end_x) >= 0 and max(far_x, end_x) < width and min(far_y, end_y) >= 0 and max(far_y, end_y) < height:
        paper = f64(gray[(out_y - step_y) * width + out_x - step_x])
        solid = f64(gray[(ink_y + step_y) * width + ink_x + step_x])
        wander = abs(gray[far_y * width + far_x] - paper) + abs(gray[end_y * width + end_x] - solid)
        contrast = paper - solid
        if paper >= out and solid <= ink and wander <= _PLATEAU * contrast:
            part = 1.5 - (2.0 * paper - out - ink) / contrast
    return min(max(part, _CENTRE_MARGIN), 1.0 - _CENTRE_MARGIN)


@helper
def _ink_prevails(padded, padded_stride, width, height, x, y):
    """Which colour is the more frequent around a lattice point: 1 ink, 0 paper or a tie."""
    prevails = 0
    for half in range(_WINDOW_FIRST, _WINDOW_LAST + 1):
        balance = 0
        for v in range(max(y - half, 0), min(y + half, height + 2)):
            for u in range(max(x - half, 0), min(x + half, width + 2)):
                balance += 2 * _ink(padded, padded_stride, u, v) - 1
        if balance != 0:
            prevails = 1 if balance > 0 else 0
            break
    return prevails


@helper
def _joins_ink(padded, padded_stride, width, height, gray, levels, cell, columns, rows, policy, x, y):
    """Whether the two ink pixels that touch at a lattice point are joined (1) or the two paper pixels (0)."""
    if policy == BLACK:
        return 1
    if policy == WHITE:
        return 0
    if policy == MAJORITY:
        return _ink_prevails(padded, padded_stride, width, height, x, y)
    if policy == GREY:
        # The saddle of the bilinear surface between the four centres (the asymptotic decider of Nielson and Hamann 1991, at its
        # middle): if it is as dark as ink there, the ink runs through.
        total = 0.0
        for v in range(y - 2, y):
            for u in range(x - 2, x):
                total += _grey_or(gray, width, height, u, v, 255)
        return 1 if 0.25 * total <= _level_at(levels, cell, columns, rows, f64(x - 1), f64(y - 1)) else 0
    return 1 - _ink_prevails(padded, padded_stride, width, height, x, y)


@kernel("i64(u64*, i64, i64, i64, u64*, const u8*, const u8*, i64, i64, i64, i64, f64*, i64*, i32*)")
def follow(padded, padded_stride, width, height, cracks, gray, levels, cell, columns, rows, policy, points, offsets, signs):
    """All boundaries, in raster order of their starts: one point a crack.

    padded, cracks  from `crack_map`; cracks is cleared on the way
    gray            (height, width), or empty when cell is 0: then every point is the middle of its crack
    levels          (rows, columns) of cells of cell × cell pixels
    points          out, f64 (crack count, 2); offsets out, i64 (path count + 1); signs out, i32
    Returns the number of paths. Invariant: each point lies strictly between the centres of its ink and its paper pixel, so
    the polygon through the points holds the centres of exactly the ink pixels.
    """
    count = 0
    written = 0
    offsets[0] = 0
    for row in range(height):
        for k in range(padded_stride):
            at = row * padded_stride + k
            while cracks[at] != u64(0):
                start_x = 64 * k + trailing_zeros(cracks[at])
                outer = _ink(padded, padded_stride, start_x, row + 1)
                # An outer boundary climbs its left edge, a hole descends its own: ink is to the right both times.
                direction = 3 if outer == 1 else 1
                start_direction = direction
                start_y = row + 2 if outer == 1 else row + 1
                x = start_x
                y = start_y
                walking = True
                while walking:
                    if direction == 0:
                        ink_x, ink_y, out_x, out_y = x, y, x, y - 1
                    elif direction == 1:
                        ink_x, ink_y, out_x, out_y = x - 1, y, x, y
                        cracks[(y - 1) * padded_stride + (x >> 6)] &= ~u64(u64(1) << u64(x & 63))
                    elif direction == 2:
                        ink_x, ink_y, out_x, out_y = x - 1, y - 1, x - 1, y
                    else:
                        ink_x, ink_y, out_x, out_y = x, y - 1, x - 1, y - 1
                        cracks[(y - 2) * padded_stride + (x >> 6)] &= ~u64(u64(1) << u64(x & 63))
                    part = 0.5
                    if cell > 0:
                        middle_x = 0.5 * (ink_x + out_x) - 0.5
                        middle_y = 0.5 * (ink_y + out_y) - 0.5
                        level = _level_at(levels, cell, columns, rows, middle_x, middle_y)
                        part = _crossing(gray, width, height, level, ink_x - 1, ink_y - 1, out_x - 1, out_y - 1)
                    points[2 * written] = out_x - 0.5 + part * (ink_x - out_x)
                    points[2 * written + 1] = out_y - 0.5 + part * (ink_y - out_y)
                    written += 1

                    if direction == 0:
                        x += 1
                        left = _ink(padded, padded_stride, x, y - 1)
                        right = _ink(padded, padded_stride, x, y)
                    elif direction == 1:
                        y += 1
                        left = _ink(padded, padded_stride, x, y)
                        right = _ink(padded, padded_stride, x - 1, y)
                    elif direction == 2:
                        x -= 1
                        left = _ink(padded, padded_stride, x - 1, y)
                        right = _ink(padded, padded_stride, x - 1, y - 1)
                    else:
                        y -= 1
                        left = _ink(padded, padded_stride, x - 1, y - 1)
                        right = _ink(padded, padded_stride, x, y - 1)
                    if right == 1:
                        if left == 1:
                            direction = (direction + 3) & 3
                    elif left == 0:
                        direction = (direction + 1) & 3
                    elif policy == LEFT:
                        direction = (direction + 3) & 3
                    elif policy == RIGHT:
                        direction = (direction + 1) & 3
                    elif (
                        _joins_ink(padded, padded_stride, width, height, gray, levels, cell, columns, rows, policy, x, y) == 1
                    ):
                        direction = (direction + 3) & 3
                    else:
                        direction = (direction + 1) & 3
                    walking = x != start_x or y != start_y or direction != start_direction
                signs[count] = 1 if outer == 1 else -1
                count += 1
                offsets[count] = written
    return count
