"""Scan conversion: closed chains of lines and cubics → packed bits, one rule for every scale.

A pixel is ink where its centre is inside. A row's edges cross its centre line at some x; from the
first pixel centre at or right of x on, the winding number changes by the edge's direction. Both
comparisons are half-open (top row included, bottom row not; centre on a left edge inside, on a
right edge outside), so that shapes with a common edge neither overlap nor leave a gap.

Instead of sorting crossings, each is toggled as one bit in one of two planes, for edges that run
down and edges that run up (the "inverse fill" of Ackland and Weste, The edge flag algorithm, IEEE
Trans. Computers 30(1), 1981, with a plane a direction). A prefix XOR along the row then fills 64
pixels at once. That is the even-odd rule; it is also the non-zero rule wherever down and up
alternate, which `fill` proves word by word. Rows where they do not (overlapping shapes) are marked
and counted exactly, pixel by pixel.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.flatten import chord_count

# How far a chord may stray from its cubic, in device pixels. Larger: fewer chords, but pixels whose
# centre is that close to an edge may turn; smaller: chords cost 4 ns each and grow with 1/√. A
# fifth of the 0.01 px within which other renderers are held to agree.
FLATNESS_PX = 0.002

@helper
def _mark_line(x0, y0, x1, y1, window, down, up, crowded, slots, counts, counting):
    """Mark the crossings of one line, device pixels, with the centre lines of rows row0 … row0 +
    rows - 1. window: width, row0, rows, stride.

    The crossing is computed from the line's upper end, whichever way it runs, so that two shapes
    get the same bits for a common edge; and with a division, which is exact where the true crossing
    is on the 1/2^k grid (the slope as a factor would not be).
    """
    width, row0, rows, stride = window
    running_down = y0 <= y1
    if running_down:
        top_x, top_y, bottom_x, bottom_y = x0, y0, x1, y1
    else:
        top_x, top_y, bottom_x, bottom_y = x1, y1, x0, y0
    first = max(i64(math.ceil(top_y - 0.5)) - row0, 0)
    end = min(i64(math.ceil(bottom_y - 0.5)) - row0, rows)
    if first >= end:
        return
    dx = bottom_x - top_x
    dy = bottom_y - top_y
    for row in range(first, end):
        column = max(i64(math.ceil(top_x + (f64(row0 + row) + 0.5 - top_y) * dx / dy - 0.5)), 0)
        if column >= width:
            continue
        if counting != 0:
            slot = slots[row]
            if slot >= 0:
                if running_down:
                    counts[slot * width + column] += 1
                else:
                    counts[slot * width + column] -= 1
        else:
            at = row * stride + (column >> 6)
            bit = u64(u64(1) << u64(column & 63))
            if running_down:
                if down[at] & bit != u64(0):
                    crowded[row] = 1
                down[at] ^= bit
            else:
                if up[at] & bit != u64(0):
                    crowded[row] = 1
                up[at] ^= bit


@kernel("i64(const i32*, const u8*, const i64*, i64, const f64*, const i64*, u64*, u64*, u8*, const i64*, i32*, i64)")
def mark(segments, kinds, offsets, chain_count, affine, strip, down, up, crowded, slots, counts, counting):
    """Mark where the chains' edges cross the centre lines of a strip's rows.

    segments i32 (k, 3, 2), kinds u8 (k,), offsets i64 (chain_count + 1,) as in `Document`; affine
    f64 (4,): device x = x · a[0] + a[1], device y = y · a[2] + a[3]; strip i64 (3,): the page's
    width, the strip's first row, and how many rows it has. If counting is 0: down, up u64
    (rows, stride) get one bit toggled a crossing, and crowded u8 (rows,) 1 where a bit was hit
    twice. Else: counts i32 (slots, width) get +1 (down) or -1 (up) for the rows whose slots i64
    (rows,) is not -1.

    Cubics become chords of equal parameter steps, as many as `chord_count` asks for. They run from
    the end that is higher up (left if level), so the same curve backwards gives the same chords.
    """
    width, row0, rows = strip[0], strip[1], strip[2]
    stride = (width >> 6) + 1
    window = (width, row0, rows, stride)
    ax, bx, ay, by = affine[0], affine[1], affine[2], affine[3]
    low = f64(row0) + 0.5
    high = f64(row0 + rows) - 0.5
    limit = f64(width) - 0.5
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if begin == end:
            continue
        x3 = f64(segments[6 * end - 2]) * ax + bx
        y3 = f64(segments[6 * end - 1]) * ay + by
        for k in range(begin, end):
            x0 = x3
            y0 = y3
            at = 6 * k
            x3 = f64(segments[at + 4]) * ax + bx
            y3 = f64(segments[at + 5]) * ay + by
            if kinds[k] == 0:
                _mark_line(x0, y0, x3, y3, window, down, up, crowded, slots, counts, counting)
                continue
            x1 = f64(segments[at]) * ax + bx
            y1 = f64(segments[at + 1]) * ay + by
            x2 = f64(segments[at + 2]) * ax + bx
            y2 = f64(segments[at + 3]) * ay + by
            if min(y0, y1, y2, y3) > high or max(y0, y1, y2, y3) < low:
                continue
            if min(x0, x1, x2, x3) > limit:
                continue
            backwards = y3 < y0 or (y3 == y0 and x3 < x0)
            if backwards:
                px, py, qx, qy, rx, ry, sx, sy = x3, y3, x2, y2, x1, y1, x0, y0
            else:
                px, py, qx, qy, rx, ry, sx, sy = x0, y0, x1, y1, x2, y2, x3, y3
            chords = chord_count(px, py, qx, qy, rx, ry, sx, sy, FLATNESS_PX)
            c1x = 3.0 * (qx - px)
            c1y = 3.0 * (qy - py)
            c2x = 3.0 * (px - 2.0 * qx + rx)
            c2y = 3.0 * (py - 2.0 * qy + ry)
            c3x = sx - px + 3.0 * (qx - rx)
            c3y = sy - py + 3.0 * (qy - ry)
            step = 1.0 / f64(chords)
            from_x = px
            from_y = py
            for i in range(1, chords + 1):
                if i == chords:
                    to_x = sx
                    to_y = sy
                else:
                    t = f64(i) * step
                    to_x = px + t * (c1x + t * (c2x + t * c3x))
                    to_y = py + t * (c1y + t * (c2y + t * c3y))
                if backwards:
                    _mark_line(to_x, to_y, from_x, from_y, window, down, up, crowded, slots, counts, counting)
                else:
                    _mark_line(from_x, from_y, to_x, to_y, window, down, up, crowded, slots, counts, counting)
                from_x = to_x
                from_y = to_y
    return 0


@kernel("i64(i64, i64, i64, u64*, u64*, u8*)")
def fill(width, rows, nonzero, down, up, crowded):
    """Marked planes → ink, in place in `down`; returns how many rows are left crowded (always 0 for
    the even-odd rule). Clears `up`.

    Where a pixel has one edge of each direction they cancel: no centre lies between them. What is
    left, d going down and u going up, fills by prefix XOR. The non-zero rule agrees if along the
    row every u turns ink on and every d turns it off, as ink to the right of the way has it, or the
    other way round throughout: two comparisons a word.
    """
    stride = (width >> 6) + 1
    spare = u64(u64(u64(1) << u64(width & 63)) - u64(1))  # pixels of the last word
    crowded_rows = 0
    for row in range(rows):
        ink = u64(0)  # all ones while the row is inside
        against_up = u64(0)
        against_down = u64(0)
        for k in range(stride):
            at = row * stride + k
            toggles = down[at] ^ up[at]
            word = toggles ^ u64(toggles << u64(1))
            word ^= u64(word << u64(2))
            word ^= u64(word << u64(4))
            word ^= u64(word << u64(8))
            word ^= u64(word << u64(16))
            word ^= u64(word << u64(32))
            word ^= ink
            turned_on = word & toggles
            against_up |= turned_on ^ (up[at] & toggles)
            against_down |= turned_on ^ (down[at] & toggles)
            if word >> u64(63) != u64(0):
                ink = u64(0xFFFFFFFFFFFFFFFF)
            else:
                ink = u64(0)
            if k == stride - 1:
                word &= spare
            down[at] = word
            up[at] = u64(0)
        if nonzero != 0 and (crowded[row] != 0 or (against_up != u64(0) and against_down != u64(0))):
            crowded[row] = 1
            crowded_rows += 1
        else:
            crowded[row] = 0
    return crowded_rows


@kernel("i64(i64, i64, const i64*, const i32*, u64*)")
def fill_counted(width, rows, slots, counts, words):
    """Counted crossings → ink of the rows that have a slot: ink where the running sum
    is not zero.
    """
    stride = (width >> 6) + 1
    for row in range(rows):
        slot = slots[row]
        if slot < 0:
            continue
        winding = 0
        for k in range(stride):
            word = u64(0)
            for b in range(min(64, width - 64 * k)):
                winding += counts[slot * width + 64 * k + b]
                if winding != 0:
                    word |= u64(u64(1) << u64(b))
            words[row * stride + k] = word
    return 0
