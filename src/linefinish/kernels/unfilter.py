"""Undo the filters of PNG: each byte was stored as its difference from a guess made of its
neighbours.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

BAD_FILTER = -1

# How a scanline was filtered (PNG, 3rd edition, section 9.2), and the one filter that differs where
# nothing is above.
_NONE, _SUB, _UP, _AVERAGE, _PAETH = 0, 1, 2, 3, 4
_AVERAGE_TOP = 5


@helper
def _paeth(left, above, corner):
    """Of three neighbours the one nearest to left + above - corner; ties go to the left, then above
    (section 9.4).

    As one threshold instead of three distances (Giesen's form; a test holds it to the specification
    for all 16.8 million triples): each pixel waits for the one on its left, and this way it waits 7
    cycles and not 11.
    """
    threshold = 3 * corner - above - left
    low = min(left, above)
    high = max(left, above)
    guess = corner
    if high <= threshold:
        guess = low
    if threshold <= low:
        guess = high
    return guess


@helper
def _paeth_gray(raw, at, lines, up, to, count):
    """Paeth for one byte a pixel, eight at a time.

    Where the row above is flat the guess is always the left one: then the eight are running sums (1
    cycle each, not 8), and where the differences are zero too, as on paper, they are eight copies.
    """
    left = i64(0)
    corner = i64(0)
    x = i64(0)
    while x + 8 <= count:
        changed = i64(lines[up + x]) ^ corner
        for k in range(1, 8):
            changed |= i64(lines[up + x + k]) ^ corner
        if changed == 0:
            stored = i64(0)
            for k in range(8):
                stored |= i64(raw[at + x + k])
            if stored == 0:
                for k in range(8):
                    lines[to + x + k] = left
            else:
                for k in range(8):
                    left = (i64(raw[at + x + k]) + left) & 255
                    lines[to + x + k] = left
        else:
            for k in range(8):
                above = i64(lines[up + x + k])
                left = (i64(raw[at + x + k]) + _paeth(left, above, corner)) & 255
                lines[to + x + k] = left
                corner = above
        x += 8
    while x < count:
        above = i64(lines[up + x])
        left = (i64(raw[at + x]) + _paeth(left, above, corner)) & 255
        lines[to + x] = left
        corner = above
        x += 1


@helper
def _paeth_gray_pair(raw, at, lines, up, to, count):
    """Two rows of Paeth, one byte a pixel, the lower one a pixel behind.

    Each pixel waits 7 cycles for the one on its left, in which the row below gets its own done.
    Grainy pages, where most rows are Paeth and little is flat: 1.3 ns a pixel instead of 3.4.
    """
    below = at + count + 1  # in raw
    to_below = to + count
    corner = i64(lines[up])
    left = (i64(raw[at]) + corner) & 255
    lines[to] = left
    corner_below = i64(0)
    left_below = i64(0)
    x = i64(1)
    while x < count:
        end = min(x + 8, count)
        busy = left ^ corner_below
        for k in range(x, end):
            busy |= (i64(lines[up + k]) ^ corner) | i64(raw[at + k]) | i64(raw[below + k - 1])
        if busy == 0:  # paper
            for k in range(x, end):
                lines[to + k] = left
                lines[to_below + k - 1] = left_below
        else:
            for k in range(x, end):
                above = i64(lines[up + k])
                here = (i64(raw[at + k]) + _paeth(left, above, corner)) & 255
                left_below = (i64(raw[below + k - 1]) + _paeth(left_below, left, corner_below)) & 255
                lines[to + k] = here
                lines[to_below + k - 1] = left_below
                corner = above
                corner_below = left
                left = here
        x = end
    lines[to_below + count - 1] = (i64(raw[below + count - 1]) + _paeth(left_below, left, corner_below)) & 255


@helper
def _sub_gray(raw, at, lines, to, count):
    """Running sums for one byte a pixel, the sum kept in a register; where nothing changes, as on
    paper, sixteen at once.
    """
    left = i64(0)
    x = i64(0)
    while x + 16 <= count:
        stored = i64(0)
        for k in range(16):
            stored |= i64(raw[at + x + k])
        if stored == 0:  # paper
            for k in range(16):
                lines[to + x + k] = left
        else:
            for k in range(16):
                left = (i64(raw[at + x + k]) + left) & 255
                lines[to + x + k] = left
        x += 16
    while x < count:
        left = (i64(raw[at + x]) + left) & 255
        lines[to + x] = left
        x += 1


@helper
def _average_gray(raw, at, lines, up, to, count):
    """Means of left and above for one byte a pixel, the left one kept in a register (through
    memory: 4.6 ns a pixel, so 1.2).
    """
    left = i64(0)
    for x in range(count):
        left = (i64(raw[at + x]) + ((left + i64(lines[up + x])) >> 1)) & 255
        lines[to + x] = left


# Where four pixels of a colour page are no flat paper, so many of their like are not asked at all.
_BUSY_BLOCKS = 4


@helper
def _paeth_colour(raw, at, lines, up, to, count, step):
    """Paeth for 3 or 4 bytes a pixel, four pixels at a time; flat paper is copied as in
    `_paeth_gray`, and looked for again only after some pixels where there was none. Returns where
    it stopped.
    """
    x = i64(step)
    block = 4 * step
    busy = i64(0)
    while x + block <= count:
        changed = i64(1)
        if busy == 0:
            changed = i64(0)
            for k in range(block):
                changed |= i64(raw[at + x + k]) | (i64(lines[up + x + k]) ^ i64(lines[up + x + k - step]))
            busy = i64(0) if changed == 0 else i64(_BUSY_BLOCKS)
        busy = max(busy - 1, 0)
        if changed == 0:
            for k in range(step):
                value = lines[to + x + k - step]
                lines[to + x + k] = value
                lines[to + x + k + step] = value
                lines[to + x + k + 2 * step] = value
                lines[to + x + k + 3 * step] = value
        else:
            for k in range(step):
                left = i64(lines[to + x + k - step])
                corner = i64(lines[up + x + k - step])
                for pixel in range(4):
                    here = x + k + pixel * step
                    above = i64(lines[up + here])
                    left = (i64(raw[at + here]) + _paeth(left, above, corner)) & 255
                    lines[to + here] = left
                    corner = above
        x += block
    return x


@helper
def _row(kind, raw, at, lines, up, to, count, step):
    """One row of `count` bytes, `step` bytes a pixel. `up` is where the row above begins."""
    for x in range(min(step, count)):  # the first pixel has nothing to its left
        stored = i64(raw[at + x])
        if kind == _UP or kind == _PAETH:
            stored += i64(lines[up + x])
        elif kind == _AVERAGE:
            stored += i64(lines[up + x]) >> 1
        lines[to + x] = stored & 255
    if kind == _NONE:
        for x in range(step, count):
            lines[to + x] = raw[at + x]
    elif kind == _SUB:
        for x in range(step, count):
            lines[to + x] = (i64(raw[at + x]) + i64(lines[to + x - step])) & 255
    elif kind == _UP:
        for x in range(step, count):
            lines[to + x] = (i64(raw[at + x]) + i64(lines[up + x])) & 255
    elif kind == _AVERAGE:
        for x in range(step, count):
            lines[to + x] = (i64(raw[at + x]) + ((i64(lines[to + x - step]) + i64(lines[up + x])) >> 1)) & 255
    elif kind == _PAETH:
        begin = i64(step)
        if step == 3:
            begin = _paeth_colour(raw, at, lines, up, to, count, 3)
        elif step == 4:
            begin = _paeth_colour(raw, at, lines, up, to, count, 4)
        for x in range(begin, count):
            guess = _paeth(i64(lines[to + x - step]), i64(lines[up + x]), i64(lines[up + x - step]))
            lines[to + x] = (i64(raw[at + x]) + guess) & 255
    else:
        for x in range(step, count):
            lines[to + x] = (i64(raw[at + x]) + (i64(lines[to + x - step]) >> 1)) & 255


@kernel("i64(const u8*, i64, i64, i64, u8*, i64)")
def unfilter(raw, rows, row_bytes, pixel_bytes, lines, first):
    """`rows` scanlines, each one filter byte and `row_bytes` bytes, → plain rows in `lines` from
    offset `first` on.

    PNG, 3rd edition (ISO 15948), section 9. The row above the first one is the `row_bytes` before
    `first`; at offset 0 there is none, and it counts as zeros. `pixel_bytes` is the distance to the
    pixel on the left, at least 1. Returns 0, or BAD_FILTER where a filter byte is above 4 (rows
    before it are done).
    """
    at = 0
    to = first
    done = 0
    while done < rows:
        kind = i64(raw[at])
        if kind > _PAETH:
            return BAD_FILTER
        if to == 0:
            if kind == _UP:
                kind = i64(_NONE)
            elif kind == _PAETH:
                kind = i64(_SUB)
            elif kind == _AVERAGE:
                kind = i64(_AVERAGE_TOP)
        step = 1
        if pixel_bytes == 1 and kind == _PAETH:
            if done + 1 < rows and raw[at + row_bytes + 1] == _PAETH:
                _paeth_gray_pair(raw, at + 1, lines, to - row_bytes, to, row_bytes)
                step = 2
            else:
                _paeth_gray(raw, at + 1, lines, to - row_bytes, to, row_bytes)
        elif pixel_bytes == 1 and kind == _SUB:
            _sub_gray(raw, at + 1, lines, to, row_bytes)
        elif pixel_bytes == 1 and kind == _AVERAGE:
            _average_gray(raw, at + 1, lines, to - row_bytes, to, row_bytes)
        else:
            _row(kind, raw, at + 1, lines, to - row_bytes, to, row_bytes, pixel_bytes)
        at += step * (row_bytes + 1)
        to += step * row_bytes
        done += step
    return 0
