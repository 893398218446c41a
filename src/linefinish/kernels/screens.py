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


@kernel("i64(u64*, i64, i64, i64, i64, i64*, i64*, i64)")
def find_dots(words, width, height, stride, area_max, queue, dots, dots_max):
    """Parts of ink of at most area_max pixels: their first pixel y · width + x into dots i64 (dots_max), in order; returns how many.

    Looked at are only pixels that have no ink to the left and above, 64 at a time: the tops of parts. words u64 (height, stride)
    come back as they were; queue i64 (area_max + 1) is scratch.
    """
    found = 0
    for y in range(height):
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


@kernel("i64(u64*, i64, i64, i64, i64, i64, i64, i64*, const i64*, i64, i32*)")
def remove_screens(words, width, height, stride, area_max, cell_shift, company_min, queue, dots, dot_count, counts):
    """Remove the dots that have at least company_min dots in the 3 × 3 cells around them; returns how many went.

    Cells are 2^cell_shift pixels wide. counts i32 (columns + 2) × (rows + 2), of cells and a margin, come in as zeros.
    """
    columns = (width >> cell_shift) + 3
    for i in range(dot_count):
        y = dots[i] // width
        x = dots[i] - y * width
        counts[((y >> cell_shift) + 1) * columns + (x >> cell_shift) + 1] += 1
    removed = 0
    for i in range(dot_count):
        y = dots[i] // width
        x = dots[i] - y * width
        company = 0
        for r in range(y >> cell_shift, (y >> cell_shift) + 3):
            for c in range(x >> cell_shift, (x >> cell_shift) + 3):
                company += counts[r * columns + c]
        if company >= company_min:
            _take_part(words, width, height, stride, x, y, area_max, queue)
            removed += 1
    return removed
