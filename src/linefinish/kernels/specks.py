"""Specks that are sharper than the page they lie on, and those that were drawn.

Whatever is drawn on a page went through the same optics: the pixels around it are a little dark,
since its edge covers them in part and blur spreads it. Noise of a sensor or of a channel did not: a
speck of it is dark, and the pixel beside it is plain paper. How dark the
*rim* is, the paper pixels above, below and beside, against what it encloses, therefore tells noise
from the smallest dot of a stipple,
which no area can. What has such a rim and is as dark as the ink, or as light as the paper where it
is a hole, was drawn.
"""
from __future__ import annotations

from linefinish.kernels._casts import f64, i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.components import explore, stands_alone
from linefinish.kernels.runs import toggle

# What `keep_drawn` is told of the page, in numbers.
WIDTH, HEIGHT = 0, 1
AROUND = 2  # the grey of what is around the specks: paper around ink, ink around holes
TOWARDS_DARK = 3  # 1 where specks are darker than that, −1 where they are lighter
CORE_MIN = 4  # by how many greys the pixel of a speck that differs most has to differ, at least
VARIED_MIN = 5  # a speck whose own pixels differ by so many greys is soft without a rim
GAP = 6  # for `alone`
WHOLE_MIN = 7  # a speck whose core differs by fewer greys covers its pixels in part, and is soft too
PAGE = 8

# What `measure_specks` tells.
COUNT, AREA, LARGEST, SMALLEST = 0, 1, 2, 3
SIZES = 4


@helper
def _ink(words, width, height, stride, x, y):
    return x >= 0 and x < width and y >= 0 and y < height and (words[y * stride + (x >> 6)] >> u64(x & 63)) & u64(1) != u64(0)


@helper
def _rim_and_inside(words, gray, width, height, stride, around, sign, queue, runs):
    """Sum of what the greys differ from those around, and number of pixels, of the rim of the speck
    of these runs and of its inside; the most and the least that a pixel inside differs. Beside two
    runs counts twice.
    """
    total = 0
    count = 0
    depth = 0
    area = 0
    core = 0
    least = 255
    for i in range(runs):
        y = i64(queue[3 * i])
        start = i64(queue[3 * i + 1])
        end = i64(queue[3 * i + 2])
        area += end - start
        for x in range(start, end):
            here = sign * (around - i64(gray[y * width + x]))
            depth += here
            core = max(core, here)
            least = min(least, here)
        for side in range(2):
            x = start - 1 if side == 0 else end
            if x >= 0 and x < width:
                total += sign * (around - i64(gray[y * width + x]))
                count += 1
            beside = y - 1 + 2 * side
            if beside >= 0 and beside < height:
                for x in range(start, end):
                    if not _ink(words, width, height, stride, x, beside):
                        total += sign * (around - i64(gray[beside * width + x]))
                        count += 1
    return total, count, depth, area, core, least


@kernel("i64(const u64*, const u64*, const u64*, const u8*, const i64*, f64, u64*, u64*, u64*, i32*, i64*)")
def keep_drawn(words, without, specks, gray, page, share_max, left, large, out, queue, alone):
    """Turn those specks over in `out` whose rim differs by more than share_max as much from what is
    around as they do, or whose pixels vary or are covered in part, and whose core differs enough. →
    how many others there are.

    words    height × stride words: the bitmap with all its specks, set where they are: for holes
             the bitmap turned over
    without  the same without them
    specks   the same: the specks, perhaps among others: ink is 8-connected, holes are 4-connected
    gray     u8 (height, width)
    page     i64 (PAGE,), see there
    left     the pixels of the specks alone, whole components; scratch, all 0 in the end
    large    height × stride words of 0; scratch
    out      height × stride words; the specks that were drawn are turned over
    queue    3 i32 a run (row, start, end) for the runs of the largest speck, plus one; scratch
    alone    (2,): how many of the others have no ink of `without` within GAP pixels of their box,
             and how many have, are added
    """
    width, height, around, sign = page[WIDTH], page[HEIGHT], page[AROUND], page[TOWARDS_DARK]
    core_min, varied_min, whole_min, gap = page[CORE_MIN], page[VARIED_MIN], page[WHOLE_MIN], page[GAP]
    stride = (width >> 6) + 1
    size = (width, height, stride)
    limits = (width * height, 0, 0)
    reach = 1 if sign > 0 else 0
    others = 0
    for y in range(height):
        for k in range(stride):
            while left[y * stride + k] != u64(0):
                x = 64 * k + trailing_zeros(left[y * stride + k])
                runs = explore(specks, size, u64(0), reach, limits, left, large, queue, alone, y, x)
                total, count, depth, area, core, least = _rim_and_inside(words, gray, width, height, stride, around, sign, queue, runs)
                soft = f64(total * area) > share_max * f64(depth * count) or core - least >= varied_min or core < whole_min
                if core >= core_min and soft:
                    for i in range(runs):
                        toggle(out, queue[3 * i] * stride, i64(queue[3 * i + 1]), i64(queue[3 * i + 2]))
                else:
                    others += 1
                    alone[0 if stands_alone(without, width, height, stride, gap, queue, runs) else 1] += 1
    return others


@kernel("i64(const u64*, i64, i64, i64, i64, u64*, u64*, i32*, i64*)")
def measure_specks(specks, width, height, reach, smallest_area, left, large, queue, sizes):
    """How many specks there are, and in `sizes` (SIZES,): that, the area of all in pixels, the
    largest one's, and how many have at most smallest_area.

    specks  height × stride words: whole components, 8-connected where reach is 1, 4-connected where
            it is 0
    left    a copy of specks; scratch, all 0 in the end
    large, queue  as for `keep_drawn`
    """
    stride = (width >> 6) + 1
    size = (width, height, stride)
    limits = (width * height, 0, 0)
    for i in range(SIZES):
        sizes[i] = 0
    for y in range(height):
        for k in range(stride):
            while left[y * stride + k] != u64(0):
                x = 64 * k + trailing_zeros(left[y * stride + k])
                runs = explore(specks, size, u64(0), reach, limits, left, large, queue, sizes, y, x)
                area = 0
                for i in range(runs):
                    area += i64(queue[3 * i + 2]) - i64(queue[3 * i + 1])
                sizes[COUNT] += 1
                sizes[AREA] += area
                sizes[LARGEST] = max(sizes[LARGEST], area)
                sizes[SMALLEST] += 1 if area <= smallest_area else 0
    return sizes[COUNT]
