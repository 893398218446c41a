"""Specks that are sharper than the page they lie on.

Whatever is drawn on a page went through the same optics: the pixels around it are a little dark,
since its edge covers them in part and blur spreads it. Noise of a sensor or of a channel did not: a
speck of it is dark, and the pixel beside it is plain paper. How dark the
*rim* is, the paper pixels above, below and beside, against what it encloses, therefore tells noise
from the smallest dot of a stipple,
which no area can.
"""
from __future__ import annotations

from linefinish.kernels._casts import f64, i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.components import explore, stands_alone
from linefinish.kernels.runs import toggle

# What `keep_soft` is told of the page, in numbers.
WIDTH, HEIGHT, PAPER, GAP = 0, 1, 2, 3
PAGE = 4


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


@helper
def _ink(words, width, height, stride, x, y):
    return x >= 0 and x < width and y >= 0 and y < height and (words[y * stride + (x >> 6)] >> u64(x & 63)) & u64(1) != u64(0)


@helper
def _rim_and_inside(words, gray, width, height, stride, paper, queue, runs):
    """Sum of paper − grey and number of pixels, of the rim of the speck of these runs and of its
    inside. Beside two runs counts twice.
    """
    total = 0
    count = 0
    depth = 0
    area = 0
    for i in range(runs):
        y = i64(queue[3 * i])
        start = i64(queue[3 * i + 1])
        end = i64(queue[3 * i + 2])
        area += end - start
        for x in range(start, end):
            depth += paper - i64(gray[y * width + x])
        for side in range(2):
            x = start - 1 if side == 0 else end
            if x >= 0 and x < width:
                total += paper - i64(gray[y * width + x])
                count += 1
            beside = y - 1 + 2 * side
            if beside >= 0 and beside < height:
                for x in range(start, end):
                    if not _ink(words, width, height, stride, x, beside):
                        total += paper - i64(gray[beside * width + x])
                        count += 1
    return total, count, depth, area


@kernel("i64(const u64*, const u64*, const u64*, const u8*, const i64*, f64, u64*, u64*, u64*, i32*, i64*)")
def keep_soft(words, without, specks, gray, page, share_max, left, large, out, queue, alone):
    """Put those specks into `out` whose rim is by more than share_max as much darker than `paper`
    as they are. → how many are not: hard.

    words    height × stride words: the bitmap with all its specks
    without  the same without them
    specks   the same: the specks alone, whole 8-connected components of ink
    gray     u8 (height, width)
    page     i64 (PAGE,): WIDTH, HEIGHT, PAPER, which is its grey, and GAP, for `alone`
    left     a copy of specks; scratch, all 0 in the end
    large    height × stride words of 0; scratch
    out      height × stride words; the soft specks are added
    queue    3 i32 a run (row, start, end) for the runs of the largest speck, plus one; scratch
    alone    (2,): how many of the hard ones have no ink of `without` within GAP pixels of their
             box, and how many have, are added
    """
    width, height, paper, gap = page[WIDTH], page[HEIGHT], page[PAPER], page[GAP]
    stride = (width >> 6) + 1
    size = (width, height, stride)
    limits = (width * height, 0, 0)
    hard = 0
    for y in range(height):
        for k in range(stride):
            while left[y * stride + k] != u64(0):
                x = 64 * k + trailing_zeros(left[y * stride + k])
                runs = explore(specks, size, u64(0), 1, limits, left, large, queue, alone, y, x)
                total, count, depth, area = _rim_and_inside(words, gray, width, height, stride, paper, queue, runs)
                if f64(total * area) > share_max * f64(depth * count):
                    for i in range(runs):
                        toggle(out, queue[3 * i] * stride, i64(queue[3 * i + 1]), i64(queue[3 * i + 2]))
                else:
                    hard += 1
                    alone[0 if stands_alone(without, width, height, stride, gap, queue, runs) else 1] += 1
    return hard
