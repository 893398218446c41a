"""Following the boundary between ink and paper, with sub-pixel positions from the greys.

A *crack* is the unit edge between an ink pixel and a paper pixel. The boundary is a set of closed
chains of cracks. All vertical cracks of a page are found 64 at a time (`crack_map`), each chain is
followed from its topmost, leftmost vertical crack, and every vertical crack is cleared as it is
walked: what is left in the map belongs to chains not yet seen, so nothing is visited twice and no
region is ever filled (Potrace inverts each region's area instead; Selinger 2003, section 2.1.1).

Directions are 0 east, 1 south, 2 west, 3 north, with ink to the right of the way.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64, leading_zeros, popcount, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel

# How an ambiguous corner (two ink pixels touching diagonally) is joined; the order of
# options.TURN_POLICIES.
GRAY, MINORITY, MAJORITY, BLACK, WHITE, LEFT, RIGHT = 0, 1, 2, 3, 4, 5, 6

# What is known of a page, in numbers: i64 (PAGE,), the `page` of the kernels below.
WIDTH, HEIGHT = 0, 1  # in pixels
CELL_PX, COLUMNS, ROWS = 2, 3, 4  # of the levels: side of a cell in pixels, and how many there are
POLICY = 5  # how an ambiguous corner is joined
HAS_GRAYS = 6  # 1 or 0
# Greys of a whole pixel of ink and of paper, by which the ink of lines too thin for one is
# reckoned; 0 and 0 where the page is too soft to say that a pale line is thin.
INK, PAPER = 7, 8
PAGE = 9

# A saddle of a sharp page is ink if it is by this share as deep as the darkest pixel around it. A
# line of width w covers 0.5 to 0.6 w of the four pixels and up to 1.1 w of one. Larger: lines of
# 0.55 to 0.65 px break; smaller: two dots that touch at a corner become one.
_THIN_SADDLE_SHARE = 0.4
# Half sides of the windows that the minority and majority policies count, in pixels: grown from the
# first to the last until one colour prevails. Potrace's documentation describes such growing
# windows; 2 to 4 is where more changed no corner we saw.
_WINDOW_FIRST, _WINDOW_LAST = 2, 4

# How level the greys must be on either side of an edge, as one of so many parts of its contrast,
# for its place to be taken from their sum. Larger trusts fewer edges, smaller trusts blurred and
# thin ones too; 3 to 20 gave the same figures.
_PLATEAU_PARTS = 10

# Cracks that `place` works on at once. More than vectors have lanes, and few enough for the nearest
# cache.
LANES = 64
# Bit of a crack's word: the page ends less than three pixels from it.
_NEAR_BORDER = 4

# A crossing keeps this far away from both pixel centres, in pixels. 0 would let two paths touch in
# a centre, and filling the polygon would no longer give the bitmap back; larger costs truth on
# steep edges.
_CENTRE_MARGIN = 0.02
# Up to this width in pixels, along the row or column that crosses it, a line's edges lie where its
# ink says. A wider one has a pixel that is all ink, or nearly, and its edges are where the greys
# cross the level. At 1.7 px both agree within 0.1 px.
_THIN_PX_MAX = 1.7
# A pixel that has this share of the contrast is all ink.
_FULL_MIN = 0.9


@kernel("i64(const u64*, i64, i64, u64*, i64, u64*)")
def crack_map(words, height, stride, padded, padded_stride, cracks):
    """The bitmap with one pixel of paper around it, and its vertical cracks: v ^ (v << 1 | carry),
    64 at a time.

    words   (height, stride)              the bitmap
    padded  (height + 2, padded_stride)   out; pixel (x, y) goes to bit x + 1 of row y + 1
    cracks  (height + 2, padded_stride)   out; bit x of row y: pixels x - 1 and x of padded row y
            differ
    Returns how many cracks there are, vertical and horizontal: exactly the number of points that
    `follow` writes.
    """
    total = 0
    end = (height + 1) * padded_stride
    for k in range(padded_stride):
        padded[k] = u64(0)
        cracks[k] = u64(0)
        padded[end + k] = u64(0)
        cracks[end + k] = u64(0)
    for y in range(height):
        source = y * stride
        target = (y + 1) * padded_stride
        # Each word takes its neighbour's last bit. Nothing is carried from one round to the next,
        # so they run four at a time.
        padded[target] = u64(words[source] << u64(1))
        for k in range(1, stride):
            padded[target + k] = u64(words[source + k] << u64(1)) | (words[source + k - 1] >> u64(63))
        for k in range(stride, padded_stride):
            padded[target + k] = words[source + k - 1] >> u64(63) if k == stride else u64(0)
        total += _count_row(padded, target, padded_stride, cracks)
        if y == 0:
            for k in range(stride):
                total += popcount(words[k])
        else:
            for k in range(stride):
                total += popcount(words[source + k] ^ words[source - stride + k])
    for k in range(stride):
        total += popcount(words[(height - 1) * stride + k])
    return total


@helper
def _count_row(padded, target, padded_stride, cracks):
    """Mark the vertical cracks of a padded row; how many they are."""
    crack = u64(padded[target] ^ u64(padded[target] << u64(1)))
    cracks[target] = crack
    count = popcount(crack)
    for k in range(1, padded_stride):
        crack = u64(padded[target + k] ^ u64(u64(padded[target + k] << u64(1)) | (padded[target + k - 1] >> u64(63))))
        cracks[target + k] = crack
        count += popcount(crack)
    return count


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
def _gray_or(gray, width, height, x, y, otherwise):
    if x < 0 or y < 0 or x >= width or y >= height:
        return f64(otherwise)
    return f64(gray[y * width + x])


@helper
def _look_across(gray, where, width, height, grays, c):
    """The six greys across a crack, for lane c: two farther out on paper, paper, ink, two deeper in
    it.
    """
    step = _step(where, width)
    at = where >> 3
    if where & _NEAR_BORDER == 0:
        grays[c] = gray[at - 3 * step]
        grays[LANES + c] = gray[at - 2 * step]
        grays[2 * LANES + c] = gray[at - step]
        grays[3 * LANES + c] = gray[at]
        grays[4 * LANES + c] = gray[at + step]
        grays[5 * LANES + c] = gray[at + 2 * step]
        return
    # The page ends less than three pixels away. What it does not have is taken for white on paper's
    # side, black on ink's ...
    y = at // width
    x = at - y * width
    step_x = step if where & 1 == 1 else 0
    step_y = 0 if where & 1 == 1 else (1 if step > 0 else -1)
    ink = gray[at]
    out = _gray_or(gray, width, height, x - step_x, y - step_y, -1.0)
    paper = _gray_or(gray, width, height, x - 2 * step_x, y - 2 * step_y, 0.0)
    solid = _gray_or(gray, width, height, x + step_x, y + step_y, 255.0)
    grays[LANES + c] = i64(paper)
    # ... an edge of the page itself lies in the middle, as greys that do not differ say ...
    grays[2 * LANES + c] = ink if out < 0.0 else i64(out)
    grays[3 * LANES + c] = ink
    grays[4 * LANES + c] = i64(solid)
    # ... and the outermost two differ from their neighbours so much that nobody takes them for
    # plateaus.
    grays[c] = 255 if paper < 128.0 else 0
    grays[5 * LANES + c] = 255 if solid < 128.0 else 0


@helper
def _step(where, width):
    """From a crack's paper pixel to its ink pixel: one down (going east), left (south), up (west),
    right (north).
    """
    along_row = 1 if where & 2 == 2 else -1
    return along_row if where & 1 == 1 else -along_row * width


@helper
def _cross(grays, levels, shares):
    """How far from the paper pixel's centre to the ink pixel's the edge runs, in (0, 1), for each
    lane.

    Where both greys lie on one side of the level (a pale stroke that hysteresis joined, a pixel
    that cleaning changed), it gives way to the middle between the stroke's own darkest and the
    paper's own lightest grey: half of the local contrast is where a stroke of any tone has its
    edge.

    Between two plateaus, the greys across the edge tell how much of their column is ink: the edge's
    mean place in it, exactly so for a straight edge up to 45°, where interpolation is off by up to
    0.09 px. Six pixels: a plateau is where the outermost two agree. Measured at 1024 px: 0.041 px
    at 0.75x potrace's segments became 0.032 px at 0.77x.
    """
    for c in range(LANES):
        far = f64(grays[c])
        paper = f64(grays[LANES + c])
        out = f64(grays[2 * LANES + c])
        ink = f64(grays[3 * LANES + c])
        solid = f64(grays[4 * LANES + c])
        end = f64(grays[5 * LANES + c])
        level = levels[c]
        own = 0.5 * (min(ink, solid) + max(out, paper))
        level = own if ink > level else level
        level = own if out <= level else level
        # Nothing between plateaus is darker than the ink's or lighter than the paper's.
        uneven = max(abs(far - paper) + abs(end - solid), 255.0 * max(max(out - paper, solid - ink), 0.0))
        plateaus = _PLATEAU_PARTS * uneven <= paper - solid
        rise = 2.0 * paper - out - ink if plateaus else out - level
        share = rise / max(paper - solid if plateaus else out - ink, 1.0)
        share = 1.5 - share if plateaus else share
        share = share if out > ink else 0.5
        shares[c] = min(max(share, _CENTRE_MARGIN), 1.0 - _CENTRE_MARGIN)


@helper
def _thin_share(grays, c, ink_gray, paper_gray, otherwise):
    """How far from the paper pixel's centre to the ink pixel's the edge of a thin line runs, for
    lane c; `otherwise` where none is crossed.

    No pixel of a line narrower than one or two is all ink, and where a level is crossed says little
    of how wide it is. How much ink there is across it does: its width, exactly so on a page that
    was not blurred, and where its middle is. (Moments to subpixel: Tabatabai and Mitchell 1984.)
    """
    scale = 1.0 / (paper_gray - ink_gray)
    far = min(max((paper_gray - grays[c]) * scale, 0.0), 1.0)
    paper = min(max((paper_gray - grays[LANES + c]) * scale, 0.0), 1.0)
    out = min(max((paper_gray - grays[2 * LANES + c]) * scale, 0.0), 1.0)
    ink = min(max((paper_gray - grays[3 * LANES + c]) * scale, 0.0), 1.0)
    solid = min(max((paper_gray - grays[4 * LANES + c]) * scale, 0.0), 1.0)
    end = min(max((paper_gray - grays[5 * LANES + c]) * scale, 0.0), 1.0)
    core = max(ink, solid)
    # Beyond the line it is lighter by half, or else a broad stroke was looked at, or a line's end:
    # it lies at half of the line's own depth, as long as no pixel is all ink.
    light = min(solid, end)
    # Ink where the page has none was put there by cleaning, and no line's width tells its edge.
    if out > ink or ink == 0.0:
        return otherwise
    if 2.0 * light > core:
        core = max(core, end)
        own = (0.5 * core - out) / max(ink - out, 0.001)
        return min(max(own, _CENTRE_MARGIN), 1.0 - _CENTRE_MARGIN) if core < _FULL_MIN and ink >= 0.5 * core else otherwise
    # A pixel between two lines belongs to both by halves.
    if solid <= end:
        solid = 0.5 * solid if end > solid else solid
        end = 0.0
    if paper > out:
        out = 0.5 * out
        paper = 0.0
        far = 0.0
    elif far > paper:
        paper = 0.5 * paper
        far = 0.0
    width = far + paper + out + ink + solid + end
    if width > _THIN_PX_MAX:
        return otherwise
    middle = (solid + 2.0 * end - out - 2.0 * paper - 3.0 * far) / width
    return min(max(1.0 + middle - 0.5 * width, _CENTRE_MARGIN), 1.0 - _CENTRE_MARGIN)


@helper
def _share_of(page, where, grays, shares, c):
    """The share of lane c, as a thin line's where the page is sharp and does not end near it."""
    share = shares[c]
    # Behind the edge of a broad stroke two pixels are all ink.
    full = page[INK] + ((page[PAPER] - page[INK]) >> 3)
    if page[PAPER] > page[INK] and where & _NEAR_BORDER == 0 and (grays[4 * LANES + c] > full or grays[5 * LANES + c] > full):
        share = _thin_share(grays, c, f64(page[INK]), f64(page[PAPER]), share)
    return share


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
def _joins_ink(padded, padded_stride, gray, levels, page, x, y):
    """Whether the two ink pixels that touch at a lattice point are joined (1) or the two paper
    pixels (0).
    """
    width, height, cell, columns, rows, policy = page[WIDTH], page[HEIGHT], page[CELL_PX], page[COLUMNS], page[ROWS], page[POLICY]
    if policy == BLACK:
        return 1
    if policy == WHITE:
        return 0
    if policy == MAJORITY:
        return _ink_prevails(padded, padded_stride, width, height, x, y)
    if policy == GRAY:
        # The saddle of the bilinear surface between the four centres (the asymptotic decider of
        # Nielson and Hamann 1991, at its middle): if it is as dark as ink there, the ink runs
        # through.
        total = 0.0
        darkest = 255.0
        for v in range(y - 2, y):
            for u in range(x - 2, x):
                here = _gray_or(gray, width, height, u, v, 255)
                total += here
                darkest = min(darkest, here)
        level = _level_at(levels, cell, columns, rows, f64(x - 1), f64(y - 1))
        # Where thin lines are reckoned by their ink, a part of their own depth is as dark as ink.
        if page[PAPER] > page[INK]:
            level = max(level, page[PAPER] - _THIN_SADDLE_SHARE * (page[PAPER] - darkest))
        return 1 if 0.25 * total <= level else 0
    return 1 - _ink_prevails(padded, padded_stride, width, height, x, y)


@kernel("i64(const u64*, i64, u64*, const u8*, const u8*, const i64*, i64*, i64, f64*, i64*, i64*, i32*)")
def follow(padded, padded_stride, cracks, gray, levels, page, progress, points_stop, points, where, offsets, signs):
    """Boundaries, in raster order of their starts: one point a crack, its middle.

    padded, cracks  from `crack_map`; cracks is cleared on the way
    gray, levels    as for `place`; only the policy GREY looks at them
    page            i64 (PAGE,), as for `place`
    progress        i64 (3,), in and out: the row to go on with, from 1 to height, beyond which all
                    is followed; how many paths and points
                    the outputs have already
    points_stop     no further path is begun once there are so many points
    points          out, f64 (crack count, 2); a path may be as long as all cracks that are left
    where           out, i64, (crack count,): each crack's ink pixel and direction, for `place`;
                    (1,) where the page has no greys and nobody asks
    offsets, signs  out, i64, (path count + 1,); out, i32, (path count,); a path has four points at
    least Returns the number of paths that the outputs have.

    Straight runs are walked as such: east and west the run's length is the number of equal bits in
    a word, south and north the next crack of the column tells whether it goes on. Only at their
    ends is the turn asked for.
    """
    width, height, policy, has_grays = page[WIDTH], page[HEIGHT], page[POLICY], page[HAS_GRAYS]
    count = progress[1]
    written = progress[2]
    offsets[0] = 0
    for top in range(progress[0], height + 1):
        progress[0] = top
        for k in range(padded_stride):
            while cracks[top * padded_stride + k] != u64(0):
                if written >= points_stop:
                    return count
                start_x = 64 * k + trailing_zeros(cracks[top * padded_stride + k])
                outer = _ink(padded, padded_stride, start_x, top)
                # An outer boundary climbs its left edge, a hole descends its own: ink is to the
                # right both times.
                direction = 3 if outer == 1 else 1
                start_direction = direction
                start_y = top + 1 if outer == 1 else top
                x = start_x
                y = start_y
                walking = True
                while walking:
                    if direction == 0:
                        above = y * padded_stride - padded_stride + (x >> 6)
                        straight = u64(~padded[above]) & padded[above + padded_stride]
                        run = trailing_zeros(u64(~(straight >> u64(x & 63))))
                        crack = (((y - 1) * width + x - 1) << 3) | (_NEAR_BORDER if y < 4 or y + 2 > height else 0)
                        for c in range(run):
                            points[2 * (written + c)] = x + c - 0.5
                            points[2 * (written + c) + 1] = y - 1.0
                            where[has_grays * (written + c)] = crack + 8 * c
                        written += run
                        x += run
                        left = _ink(padded, padded_stride, x, y - 1)
                        right = _ink(padded, padded_stride, x, y)
                    elif direction == 2:
                        above = y * padded_stride - padded_stride + ((x - 1) >> 6)
                        straight = padded[above] & u64(~padded[above + padded_stride])
                        run = leading_zeros(u64(~u64(straight << u64(63 - ((x - 1) & 63)))))
                        crack = (((y - 2) * width + x - 2) << 3) | 2 | (_NEAR_BORDER if y < 4 or y + 2 > height else 0)
                        for c in range(run):
                            points[2 * (written + c)] = x - c - 1.5
                            points[2 * (written + c) + 1] = y - 1.0
                            where[has_grays * (written + c)] = crack - 8 * c
                        written += run
                        x -= run
                        left = _ink(padded, padded_stride, x - 1, y)
                        right = _ink(padded, padded_stride, x - 1, y - 1)
                    else:
                        bit = u64(u64(1) << u64(x & 63))
                        step = 1 if direction == 1 else -1
                        at = (y if direction == 1 else y - 1) * padded_stride + (x >> 6)
                        ink = u64(0) if direction == 1 else bit  # right of the crack
                        middle_y = y - 0.5 if direction == 1 else y - 1.5
                        crack = ((y - 1) * width + x - 2) << 3 if direction == 1 else ((y - 2) * width + x - 1) << 3
                        crack |= direction | (_NEAR_BORDER if x < 4 or x + 2 > width else 0)
                        run = 0
                        going_on = True
                        while going_on:
                            cracks[at] &= ~bit
                            points[2 * (written + run)] = x - 1.0
                            points[2 * (written + run) + 1] = middle_y
                            where[has_grays * (written + run)] = crack
                            crack += 8 * step * width
                            middle_y += step
                            run += 1
                            at += step * padded_stride
                            # A crack that is gone already is the first of this path.
                            going_on = cracks[at] & bit != u64(0) and padded[at] & bit == ink
                        written += run
                        y += step * run
                        if direction == 1:
                            left = _ink(padded, padded_stride, x, y)
                            right = _ink(padded, padded_stride, x - 1, y)
                        else:
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
                    elif _joins_ink(padded, padded_stride, gray, levels, page, x, y) == 1:
                        direction = (direction + 3) & 3
                    else:
                        direction = (direction + 1) & 3
                    walking = x != start_x or y != start_y or direction != start_direction
                signs[count] = 1 if outer == 1 else -1
                count += 1
                offsets[count] = written
                progress[1] = count
                progress[2] = written
    progress[0] = height + 1
    return count


@kernel("i64(const u8*, const u8*, const i64*, const i64*, f64*, i64, i64, u8*, f64*, f64*)")
def place(gray, levels, page, where, points, begin, end, grays, level_of, shares):
    """Move the points begin … end - 1 from the middles of their cracks to where the greys cross the
    level.

    gray                    (height, width)
    levels                  (rows, columns) of cells of cell × cell pixels
    page                    i64 (PAGE,), see there
    where, points           from `follow`; points in and out, f64 (…, 2)
    grays, level_of, shares  scratch, u8 (6 · LANES,), f64 (LANES,) and f64 (LANES,) Invariant: each
    point lies strictly between the centres of its ink and its paper pixel, so the polygon through
    the points holds the centres of exactly the ink pixels. Returns how many were moved.

    A pass of its own, in blocks: first all greys of a block are fetched, then its crossings are
    computed side by side. Crack by crack, within `follow`, it took 12 ns a crack.
    """
    width, height, cell, columns, rows = page[WIDTH], page[HEIGHT], page[CELL_PX], page[COLUMNS], page[ROWS]
    for c in range(LANES):
        level_of[c] = levels[0]
    first = begin
    while first < end:
        filled = min(LANES, end - first)
        for c in range(filled):
            _look_across(gray, where[first + c], width, height, grays, c)
        if columns * rows > 1:
            for c in range(filled):
                level_of[c] = _level_at(levels, cell, columns, rows, points[2 * (first + c)], points[2 * (first + c) + 1])
        _cross(grays, level_of, shares)
        for c in range(filled):
            direction = where[first + c] & 3
            shift = _share_of(page, where[first + c], grays, shares, c) - 0.5
            # x for south and north, y for east and west; towards the ink.
            points[2 * (first + c) + 1 - (direction & 1)] += shift if direction == 0 or direction == 3 else -shift
        first += LANES
    return max(end - begin, 0)


@helper
def _place_picked(gray, levels, page, where, points, picked, count, grays, level_of, shares):
    """Move `count` points, picked by number; one that was moved already stays, as its middle is
    found again.
    """
    width, height, cell, columns, rows = page[WIDTH], page[HEIGHT], page[CELL_PX], page[COLUMNS], page[ROWS]
    for c in range(count):
        at = where[picked[c]]
        _look_across(gray, at, width, height, grays, c)
        # Middles lie on whole pixels there, and none is moved by half of one.
        moving = 2 * picked[c] + 1 - (at & 1)
        points[moving] = f64(math.floor(points[moving] + 0.5))
        level_of[c] = _level_at(levels, cell, columns, rows, points[2 * picked[c]], points[2 * picked[c] + 1])
    _cross(grays, level_of, shares)
    for c in range(count):
        direction = where[picked[c]] & 3
        shift = _share_of(page, where[picked[c]], grays, shares, c) - 0.5
        moving = 2 * picked[c] + 1 - (direction & 1)
        points[moving] = f64(math.floor(points[moving] + 0.5)) + (shift if direction == 0 or direction == 3 else -shift)


@kernel("i64(const u8*, const u8*, const i64*, const i64*, f64*, const i64*, i64, const i64*, i64*, u8*, f64*, f64*)")
def place_samples(gray, levels, page, where, points, offsets, path_count, sampling, picked, grays, level_of, shares):
    """`place` for every step-th point of each path of at least points_min points, and for `half`
    points on either side of it.

    offsets i64 (path_count + 1,) from `follow`; sampling i64 (3,): points_min, step, half; picked
    scratch i64 (LANES,); the others as for `place`. A point that lies in two windows is moved once.
    Returns how many windows there were.
    """
    points_min, step, half = sampling[0], sampling[1], sampling[2]
    windows = 0
    filled = 0
    for path in range(path_count):
        begin = offsets[path]
        n = offsets[path + 1] - begin
        if n < points_min:
            continue
        i = 0
        while i < n:
            for k in range(-half, half + 1):
                near = i + k
                near = near + n if near < 0 else near
                near = near - n if near >= n else near
                picked[filled] = begin + near
                filled += 1
            windows += 1
            i += step
            if filled + 2 * half + 1 > LANES:
                _place_picked(gray, levels, page, where, points, picked, filled, grays, level_of, shares)
                filled = 0
    if filled > 0:
        _place_picked(gray, levels, page, where, points, picked, filled, grays, level_of, shares)
    return windows


# Outlines of at most so many points are made as large as their ink; longer ones are strokes, whose
# width `place` reckons. And of at most so many, the fit makes ovals.
_SWOLLEN_POINTS_MAX, _OVAL_POINTS_MAX = 12, 6
_SWELL_ROUNDS = 3
_QUARTER_PI = 0.7853981633974483


@helper
def _area_of(points, begin, end):
    """Twice the area of a polygon, positive where ink is within; and the box of its points."""
    left = right = points[2 * begin]
    top = bottom = points[2 * begin + 1]
    twice = 0.0
    for i in range(begin, end):
        j = i + 1 if i + 1 < end else begin
        x, y = points[2 * i], points[2 * i + 1]
        left, right = min(left, x), max(right, x)
        top, bottom = min(top, y), max(bottom, y)
        twice += x * points[2 * j + 1] - points[2 * j] * y
    return twice, left, right, top, bottom


@helper
def _ink_around(padded, padded_stride, gray, page, left, right, top, bottom):
    """The ink of pixels left … right - 1, top … bottom - 1 and of those around them, in pixels; 0
    where other ink, or the page's end, is among these.
    """
    width, height = page[WIDTH], page[HEIGHT]
    if min(left, top) < 1 or right >= width or bottom >= height:
        return 0.0
    depth = 0
    alone = True
    for y in range(top - 1, bottom + 1):
        for x in range(left - 1, right + 1):
            depth += min(max(page[PAPER] - i64(gray[y * width + x]), 0), page[PAPER] - page[INK])
            within = left <= x and x < right and top <= y and y < bottom
            alone &= within or _ink(padded, padded_stride, x + 1, y + 1) == 0
    return f64(depth) / f64(page[PAPER] - page[INK]) if alone else 0.0


@kernel("i64(const u64*, i64, const u8*, const i64*, const i64*, f64*, const i64*, i64)")
def swell(padded, padded_stride, gray, page, where, points, offsets, path_count):
    """Make each small dot of a sharp page as large as its ink, after `place`: how many there were.

    A dot's points lie on the rows and columns through its pixels, and what is in the corners
    between is lost. padded as `crack_map` makes it; the others as for `place` and `place_samples`.
    Points stay between the centres of their pixels.
    """
    width = page[WIDTH]
    swollen = 0
    if page[PAPER] <= page[INK]:
        return swollen
    for path in range(path_count):
        begin, end = offsets[path], offsets[path + 1]
        if end - begin > _SWOLLEN_POINTS_MAX:
            continue
        first = where[begin] >> 3
        left = right = first % width
        top = bottom = first // width
        for i in range(begin, end):
            y = (where[i] >> 3) // width
            x = (where[i] >> 3) - y * width
            left, right = min(left, x), max(right, x)
            top, bottom = min(top, y), max(bottom, y)
        wanted = _ink_around(padded, padded_stride, gray, page, left, right + 1, top, bottom + 1)
        twice, x0, x1, y0, y1 = _area_of(points, begin, end)
        if wanted == 0.0 or twice <= 0.0:
            continue
        swollen += 1
        for _round in range(_SWELL_ROUNDS):
            area = _QUARTER_PI * (x1 - x0) * (y1 - y0) if end - begin <= _OVAL_POINTS_MAX else 0.5 * twice
            times = math.sqrt(wanted / max(area, 0.01))
            middle_x, middle_y = 0.5 * (x0 + x1), 0.5 * (y0 + y1)
            for i in range(begin, end):
                moving = 2 * i + 1 - (where[i] & 1)
                about = middle_x if where[i] & 1 == 1 else middle_y
                # Middles lie on whole pixels there.
                crack = f64(math.floor(points[moving] + 0.5))
                moved = about + times * (points[moving] - about)
                points[moving] = min(max(moved, crack - 0.5 + _CENTRE_MARGIN), crack + 0.5 - _CENTRE_MARGIN)
            twice, x0, x1, y0, y1 = _area_of(points, begin, end)
    return swollen
