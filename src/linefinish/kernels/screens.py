"""Dot screens: fields of small, evenly spread dots that print a grey. They are no drawing and go as a whole.

One dot alone may be a freckle; what tells a screen is how many there are around each. Speckle removal by area would take the
freckles too, or leave the larger dots of a dark tone.
"""
from __future__ import annotations

from linefinish.kernels._kernel import helper, kernel, trailing_zeros, u64


@helper
def _take_part(words, width, height, stride, x, y, area_max, queue):
    """Clear the 8-connected part at (x, y) and note its pixels in queue; returns its area, or area_max + 1 where it is larger.

    It is the caller's to put the noted pixels back.
    """
    queue[0] = y * width + x
    words[y * stride + (x >> 6)] &= u64(~u64(u64(1) << u64(x & 63)))
    count = 1
    at = 0
    while at < count and count <= area_max:
        py = queue[at] // width
        px = queue[at] - py * width
        for ny in range(max(py - 1, 0), min(py + 2, height)):
            for nx in range(max(px - 1, 0), min(px + 2, width)):
                word = ny * stride + (nx >> 6)
                bit = u64(u64(1) << u64(nx & 63))
                if words[word] & bit != u64(0) and count <= area_max:
                    words[word] &= u64(~bit)
                    queue[count] = ny * width + nx
                    count += 1
        at += 1
    return count


@helper
def _put_back(words, width, stride, queue, count):
    for at in range(count):
        y = queue[at] // width
        x = queue[at] - y * width
        words[y * stride + (x >> 6)] |= u64(u64(1) << u64(x & 63))


@kernel("i64(u64*, i64, i64, i64, i64, i64, i64*, i64*, i64)")
def find_dots(words, width, height, stride, row_step, area_max, queue, dots, dots_max):
    """Parts of ink of at most area_max pixels that begin in one of every row_step rows (a power of 2): how many, and where.

    Their first pixels y · width + x go into dots i64 (dots_max), in order. Looked at are only pixels that have no ink to the left
    and above, 64 at a time: the tops of parts. words u64 (height, stride) come back as they were; queue i64 (area_max + 1) is scratch.
    """
    found = 0
    for y in range(height):
        # The row that is looked at changes its place within the step, else a screen of the same period could slip through.
        block = y // row_step
        if y - block * row_step != ((block ^ (block >> 2)) & (row_step - 1)):
            continue
        for k in range(stride):
            at = y * stride + k
            ink = words[at]
            if ink == u64(0):
                continue
            before = words[at - 1] >> u64(63) if k > 0 else u64(0)
            covered = u64(ink << u64(1)) | before
            if y > 0:
                above = words[at - stride]
                covered |= above | u64(above << u64(1)) | (above >> u64(1))
                if k > 0:
                    covered |= words[at - stride - 1] >> u64(63)
                if k + 1 < stride:
                    covered |= u64(words[at - stride + 1] << u64(63))
            tops = ink & u64(~covered)
            while tops != u64(0) and found < dots_max:
                bit = tops & u64(u64(~tops) + u64(1))
                tops ^= bit
                x = 64 * k + trailing_zeros(bit)
                area = _take_part(words, width, height, stride, x, y, area_max, queue)
                _put_back(words, width, stride, queue, area)
                first = queue[0]
                for i in range(area):
                    first = min(first, queue[i])
                # A part with two tops is counted at its first.
                if area <= area_max and first == y * width + x:
                    dots[found] = first
                    found += 1
    return found


@helper
def _company(dot, width, cell_shift, counts):
    """Dots in the 3 × 3 cells around a dot."""
    columns = (width >> cell_shift) + 3
    r = (dot // width) >> cell_shift
    c = (dot - dot // width * width) >> cell_shift
    total = 0
    for row in range(r, r + 3):
        for column in range(c, c + 3):
            total += counts[row * columns + column]
    return total


@kernel("i64(i64, i64, i64, const i64*, i64, i32*)")
def count_crowded(width, cell_shift, company_min, dots, dot_count, counts):
    """How many dots have at least company_min dots (themselves too) in the 3 × 3 cells of 2^cell_shift pixels around them.

    dots i64 (dot_count) from find_dots. counts i32 (columns + 2) × (rows + 2), cells and a margin of one, come in as zeros and go out
    as dots a cell.
    """
    columns = (width >> cell_shift) + 3
    for i in range(dot_count):
        y = dots[i] // width
        x = dots[i] - y * width
        counts[((y >> cell_shift) + 1) * columns + (x >> cell_shift) + 1] += 1
    crowded = 0
    for i in range(dot_count):
        if _company(dots[i], width, cell_shift, counts) >= company_min:
            crowded += 1
    return crowded


@kernel("i64(u64*, i64, i64, i64, i64, i64, i64, i64*, const i64*, i64, const i32*)")
def remove_crowded(words, width, height, stride, area_max, cell_shift, company_min, queue, dots, dot_count, counts):
    """Remove the dots that have at least company_min dots around them, by the counts of count_crowded; returns how many went."""
    removed = 0
    for i in range(dot_count):
        if _company(dots[i], width, cell_shift, counts) >= company_min:
            y = dots[i] // width
            _take_part(words, width, height, stride, dots[i] - y * width, y, area_max, queue)
            removed += 1
    return removed
