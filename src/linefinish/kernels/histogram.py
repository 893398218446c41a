"""How often each grey occurs."""
from __future__ import annotations

from linefinish.kernels._casts import f64, i64, popcount, trailing_zeros, u64
from linefinish.kernels._lanes import at_most64, eights_at_most64, fill64, load64, max64, min64, sub64, sum64
from linefinish.kernels._modes import helper, kernel

# Blocks of 64 pixels between noting and counting in count_dark: as many as a byte can number their
# eights.
DARK_BLOCKS = 32
# Bytes that the notes take: eight a block, and eight that are written and not counted.
DARK_PLACES = 8 * DARK_BLOCKS + 8
_ONES = 0x0101010101010101


@helper
def load8(gray, at):
    """Eight bytes as one word, the first lowest. LLVM sees through the shifts and makes it one
    unaligned load.
    """
    return u64(
        u64(gray[at])
        | u64(u64(gray[at + 1]) << u64(8))
        | u64(u64(gray[at + 2]) << u64(16))
        | u64(u64(gray[at + 3]) << u64(24))
        | u64(u64(gray[at + 4]) << u64(32))
        | u64(u64(gray[at + 5]) << u64(40))
        | u64(u64(gray[at + 6]) << u64(48))
        | u64(u64(gray[at + 7]) << u64(56))
    )


@helper
def _add8(bins, word, weight):
    for lane in range(8):
        # Lanes write to four tables in turn: the same grey twice running would wait for its own
        # store (store forwarding). Of i32, for addresses 4096 bytes apart are taken for the same at
        # first.
        bins[((lane & 3) << 8) + i64((word >> u64(8 * lane)) & u64(255))] += weight


@helper
def _sum_tables(bins):
    """The four tables into the first; the others become zeros again."""
    for gray in range(256):
        bins[gray] += bins[256 + gray] + bins[512 + gray] + bins[768 + gray]
        for table in range(1, 4):
            bins[256 * table + gray] = 0


@kernel("i64(const u8*, i64, i32*)")
def count_levels(gray, pixel_count, bins):
    """Histogram of `pixel_count` greys into bins[0:256]; bins i32 (1024,) come in as zeros, the
    rest is scratch.

    Eight pixels equal to the eight before them, which is most of a clean page, only raise a weight.
    """
    last = u64(0)
    weight = 0
    whole = pixel_count & ~7
    for at in range(0, whole, 8):
        word = load8(gray, at)
        if word == last:
            weight += 1
        else:
            _add8(bins, last, weight)
            last = word
            weight = 1
    _add8(bins, last, weight)
    for at in range(whole, pixel_count):
        bins[i64(gray[at])] += 1
    _sum_tables(bins)
    return 0


@kernel("i64(const u8*, i64, i64)")
def sum_levels(gray, pixel_count, every):
    """The sum of the greys of every `every`-th block of 64 pixels; of what does not fill a block
    only where every is 1.
    """
    total = 0
    blocks = pixel_count >> 6
    block = 0
    while block < blocks:
        total += sum64(load64(gray, 64 * block))
        block += every
    if every == 1:
        for at in range(64 * blocks, pixel_count):
            total += i64(gray[at])
    return total


@helper
def _store8(places, at, word):
    """Eight bytes of a word to places at to at + 7. LLVM makes it one store."""
    for i in range(8):
        places[at + i] = (word >> u64(8 * i)) & u64(255)


@kernel("i64(const u8*, i64, i64, i64, u64*, u8*, i32*)")
def count_dark(gray, pixel_count, cut, rest, lists, places, bins):
    """Histogram of the greys up to `cut` into bins[0:cut + 1]; returns the sum of all greys. bins
    i32 (1024,) come in as zeros.

    Eight pixels that are all lighter, as most of a page of line art are, are only summed. The other
    eights are noted first and counted then, so that no branch has to guess where strokes begin:
    0.32 → 0.10 ns a pixel on soft pages. bins beyond cut hold a part of the lighter pixels; a
    second call with `rest` 1 instead of 0 adds all that the first one left out, for the whole
    histogram. Scratch: lists u64 (256,), places u8 (DARK_PLACES,).
    """
    # lists[m] has the numbers of the bits set in m, a byte each: an entry of eight places at once.
    for m in range(256):
        packed = u64(0)
        count = 0
        for bit in range(8):
            if (m >> bit) & 1 == 1:
                packed |= u64(u64(bit) << u64(8 * count))
                count += 1
        lists[m] = packed
    total = 0
    blocks = pixel_count >> 6
    for first in range(0, blocks, DARK_BLOCKS):
        found = 0
        for block in range(first, min(first + DARK_BLOCKS, blocks)):
            grays = load64(gray, 64 * block)
            total += sum64(grays)
            dark = eights_at_most64(grays, fill64(cut)) ^ (255 * rest)
            _store8(places, found, u64(lists[dark] + u64(u64(8 * (block - first)) * u64(_ONES))))
            found += popcount(u64(dark))
        for i in range(found):
            _add8(bins, load8(gray, 64 * first + 8 * i64(places[i])), 1)
    for at in range(64 * blocks, pixel_count):
        bins[i64(gray[at])] += 1 - rest
        total += i64(gray[at])
    _sum_tables(bins)
    return total


@helper
def _excess(below, below_sum, pixel_count, gray_sum):
    """By how much the pixels below lie under the mean, times the number of pixels: exact up to 2^27
    pixels, and sign aside.
    """
    if pixel_count < 1 << 27:
        return f64(below_sum * pixel_count - below * gray_sum)
    return f64(below_sum) * f64(pixel_count) - f64(below) * f64(gray_sum)


@kernel("i64(const i32*, i64, i64, i64)")
def otsu_level(bins, cut, pixel_count, gray_sum):
    """The level that splits the greys into two classes of greatest variance between (Otsu 1979, eq.
    18); ink is at or below it.

    bins i32: how often greys 0 to `cut` occur among pixel_count ones that add up to gray_sum. Of
    equals the lowest. −1 where a level above `cut` might be better. Let E be the sum of p − mean
    over the m pixels lighter than the level, of n: the variance is E² / (m · (n − m)), up to a
    factor. Above the mean a higher level has a smaller E, and while m is between its own value M
    and n − M at `cut`, no smaller divisor. A smaller m has E ≤ m · (255 − mean), which bounds the
    rest.
    """
    best = 0
    best_between = -1.0
    below = 0
    below_sum = 0
    between = 0.0
    for gray in range(cut + 1):
        count = i64(bins[gray])
        if count == 0:
            continue
        below += count
        below_sum += gray * count
        if below == pixel_count:
            break
        excess = _excess(below, below_sum, pixel_count, gray_sum)
        between = excess * excess / (f64(below) * f64(pixel_count - below))
        if between > best_between:
            best = gray
            best_between = between
    if cut < 255:
        lighter = pixel_count - below
        if below == 0 or lighter < below or (cut + 1) * pixel_count < gray_sum:
            return -1
        rest = f64(255 * pixel_count - gray_sum)
        # Not by less than a rounding: whoever is bounded away by more than that would not have won
        # either.
        if f64(below) * rest * rest >= 0.999 * best_between * f64(lighter):
            return -1
    return best


@kernel("i64(const u8*, i64, i64, i64, i64, i64*)")
def count_plateaus(gray, width, height, level, tolerance, bins):
    """Histogram of the pixels ≤ level whose four neighbours differ by at most `tolerance`: the
    inside of strokes 3 px wide or more.

    Their greys are the ink's own, where a thin stroke's are a mixture with paper. One row in four
    is enough to know. gray u8 (height, width); bins i64 (256,) of zeros.
    """
    size = width * height
    for y in range(1, height - 1, 4):
        x = 1
        while x < width - 1:
            at = y * width + x
            count = min(64, width - 1 - x)
            x += count
            if at - width >= 0 and at + width + 64 <= size:
                here = load64(gray, at)
                left, right = load64(gray, at - 1), load64(gray, at + 1)
                above, below = load64(gray, at - width), load64(gray, at + width)
                lightest = max64(max64(left, right), max64(above, below))
                darkest = min64(min64(left, right), min64(above, below))
                apart = max64(sub64(lightest, here), sub64(here, darkest))
                inside = at_most64(here, fill64(level)) & at_most64(apart, fill64(tolerance))
                inside &= u64(0xFFFF_FFFF_FFFF_FFFF) >> u64(64 - count)
                while inside != u64(0):
                    bins[i64(gray[at + trailing_zeros(inside)])] += 1
                    inside &= u64(inside - u64(1))
            else:
                for i in range(at, at + count):
                    middle = i64(gray[i])
                    most = max(max(i64(gray[i - 1]), i64(gray[i + 1])), max(i64(gray[i - width]), i64(gray[i + width])))
                    least = min(min(i64(gray[i - 1]), i64(gray[i + 1])), min(i64(gray[i - width]), i64(gray[i + width])))
                    if middle <= level and most - middle <= tolerance and middle - least <= tolerance:
                        bins[middle] += 1
    return 0
