"""Connected components of ink (8-connected) and of paper (4-connected), straight on packed words.

`erase_small` removes the small ones. It never labels the page. A component has at least one *top*:
a run without a neighbour in the row above. Tops fall out of one addition a word, and from each top
the component is explored, run by run, only until it has proved too large; what was walked in vain
is marked, so that every run is walked at most once and the time stays linear for any pattern. On a
clean page this costs 64 pixels a step almost everywhere.

Runs as the unit of labelling: He, Chao, Suzuki, "A run-based two-scan labeling algorithm", IEEE
Trans. Image Processing 17(5), 2008, section III. Tops by carries and the bounded exploration in
place of the second scan are ours.
"""
from __future__ import annotations

from linefinish.kernels._casts import f64, popcount, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.runs import next_pixel, run_end, run_start, toggle, word_at


@helper
def widened(words, width, row, k, stride, flip, reach):
    """Word k of a row, each run made longer by `reach` (0 or 1) pixels on both sides: what touches
    the row beside it.
    """
    word = word_at(words, width, row, k, flip)
    if reach == 1:
        before = word_at(words, width, row, k - 1, flip) >> u64(63) if k > 0 else u64(0)
        after = u64(word_at(words, width, row, k + 1, flip) << u64(63)) if k + 1 < stride else u64(0)
        word = word | u64(word << u64(1)) | before | (word >> u64(1)) | after
    return word


@helper
def any_ink(words, stride, left, right, top, bottom):
    """Whether the box of columns left … right - 1 and rows top … bottom - 1 has a pixel of ink."""
    first = left >> 6
    last = (right - 1) >> 6
    for y in range(top, bottom):
        for k in range(first, last + 1):
            bits = words[y * stride + k]
            if k == first:
                bits &= u64(u64(0xFFFF_FFFF_FFFF_FFFF) << u64(left & 63))
            if k == last:
                bits &= u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(63 - ((right - 1) & 63))
            if bits != u64(0):
                return True
    return False


@helper
def stands_alone(out, width, height, stride, gap, queue, runs):
    """Whether the speck of these runs, already erased in `out`, has no ink within `gap` pixels of
    its box.
    """
    left = width
    right = 0
    top = height
    bottom = 0
    for i in range(runs):
        top = min(top, queue[3 * i])
        bottom = max(bottom, queue[3 * i] + 1)
        left = min(left, queue[3 * i + 1])
        right = max(right, queue[3 * i + 2])
    return not any_ink(out, stride, max(left - gap, 0), min(right + gap, width), max(top - gap, 0), min(bottom + gap, height))


@helper
def explore(source, size, flip, reach, limits, out, large, queue, alone, y, x):
    """Walk the component of pixel (x, y) and turn it over in `out`; → how many runs it has, which
    are in `queue`.

    To be kept: take all back, mark it in `large`. → 0

    size    width, height, stride
    limits  area_max, area_lone_max, gap: as for `erase_small`, as are all other arguments
    """
    width, height, stride = size
    area_max, area_lone_max, gap = limits
    start = run_start(source, width, y * stride, x, flip)
    end = run_end(source, width, y * stride, x, flip)
    queue[0] = y
    queue[1] = start
    queue[2] = end
    toggle(out, y * stride, start, end)
    head = 0
    tail = 1
    area = end - start
    paper = flip != u64(0)
    most = max(area_max, area_lone_max)
    too_large = area > most or (paper and (start == 0 or end == width))
    while head < tail and not too_large:
        y = queue[3 * head]
        left = max(queue[3 * head + 1] - reach, 0)
        right = min(queue[3 * head + 2] + reach, width)
        head += 1
        for side in range(2):
            beside = y - 1 + 2 * side
            row = beside * stride
            x = next_pixel(source, width, row, left, right, flip) if 0 <= beside < height else right
            while x < right and not too_large:
                end = run_end(source, width, row, x, flip)
                bit = u64(u64(1) << u64(x & 63))
                if large[row + (x >> 6)] & bit != u64(0):
                    too_large = True
                elif (source[row + (x >> 6)] ^ out[row + (x >> 6)]) & bit == u64(0):
                    start = run_start(source, width, row, x, flip)
                    queue[3 * tail] = beside
                    queue[3 * tail + 1] = start
                    queue[3 * tail + 2] = end
                    tail += 1
                    toggle(out, row, start, end)
                    area += end - start
                    border = start == 0 or end == width or beside == 0 or beside == height - 1
                    too_large = area > most or (paper and border)
                x = next_pixel(source, width, row, end, right, flip)
    if not too_large and area_lone_max > 0:
        lone = stands_alone(out, width, height, stride, gap, queue, tail)
        alone[0 if lone else 1] += 1
        too_large = area > area_max and not lone
    if not too_large:
        return tail
    for i in range(tail):
        row = queue[3 * i] * stride
        toggle(out, row, queue[3 * i + 1], queue[3 * i + 2])
        toggle(large, row, queue[3 * i + 1], queue[3 * i + 2])
    return 0


@kernel("i64(const u64*, i64, i64, i64, u64, i64, i64, i64, u64*, u64*, i32*, i64*)")
def erase_small(source, width, height, stride, flip, area_max, area_lone_max, gap, out, large, queue, alone):
    """Turn over every component of at most `area_max` pixels, and lone ones of at most
    `area_lone_max`. → how many.

    A speck is alone where no ink left in `out` is within `gap` pixels of its box: specks erased
    before do not count, so of two that are close the lower may be alone. With area_lone_max 0
    nobody looks.

    source  the bitmap, height × stride words
    flip    0: ink specks, 8-connected; all ones: pinholes, 4-connected paper that does not touch
            the page's border
    out     a copy of source; receives the result
    large   height × stride words of 0; scratch: runs known to belong to something larger
    queue   3 i32 a run (row, start, end) for min(largest of the two areas, runs of this colour) + 1
            runs; scratch
    alone   (2,): receives how many specks stood alone, whatever their area, and how many did not

    Invariant: source ^ out holds exactly the runs that were erased or are being walked.
    """
    size = (width, height, stride)
    limits = (area_max, area_lone_max, gap)
    erased = 0
    reach = 1 if flip == u64(0) else 0
    for y in range(1 - reach, height - 1 + reach):
        row = y * stride
        run_carry = u64(0)
        sum_carry = u64(0)
        for k in range(stride):
            word = word_at(source, width, row, k, flip)
            if word == u64(0) and sum_carry == u64(0):
                run_carry = u64(0)
                continue
            starts = word & u64(~(u64(word << u64(1)) | run_carry))
            run_carry = word >> u64(63)
            free = word & u64(~widened(source, width, row - stride, k, stride, flip, reach)) if y > 0 else word
            # A 1 added at a run's start ripples through it while nothing lies above, and drops out
            # at its end: a top.
            partial = u64(free + (starts & free))
            total = u64(partial + sum_carry)
            sum_carry = u64(1) if partial < free or total < partial else u64(0)
            tops = total & u64(~word)
            if tops == u64(0):
                continue
            # Most of heavy noise is single pixels: all of a word's at once (5 % noise: 2.1 → 1.0 ms
            # a megapixel).
            after = u64(word_at(source, width, row, k + 1, flip) << u64(63)) if k + 1 < stride else u64(0)
            below = widened(source, width, row + stride, k, stride, flip, reach) if y + 1 < height else u64(0)
            single = starts & free & u64(~((word >> u64(1)) | after | below))
            if flip != u64(0):
                if k == 0:
                    single &= u64(0xFFFF_FFFF_FFFF_FFFE)
                if k == (width - 1) >> 6:
                    single &= u64(~u64(u64(1) << u64((width - 1) & 63)))
            if area_lone_max == 0:
                out[row + k] ^= single
                erased += popcount(single)
                tops &= u64(~u64(single << u64(1)))
            while tops != u64(0):
                x = 64 * k + trailing_zeros(tops) - 1
                tops &= u64(tops - u64(1))
                at = row + (x >> 6)
                if ((source[at] ^ out[at]) | large[at]) >> u64(x & 63) & u64(1) == u64(0):
                    walked = explore(source, size, flip, reach, limits, out, large, queue, alone, y, x)
                    erased += 1 if walked > 0 else 0
    return erased


@kernel("f64(const u64*, i64, i64, i64, i64)")
def share_near_ink(words, width, height, stride, gap):
    """The share of the page, 0 to 1, with ink within `gap` pixels to the sides or above or below,
    from one point in 2 · gap both ways.
    """
    near = 0
    points = 0
    y = 0
    while y < height:
        x = 0
        while x < width:
            points += 1
            if any_ink(words, stride, max(x - gap, 0), min(x + gap + 1, width), max(y - gap, 0), min(y + gap + 1, height)):
                near += 1
            x += 2 * gap
        y += 2 * gap
    return f64(near) / f64(max(points, 1))
