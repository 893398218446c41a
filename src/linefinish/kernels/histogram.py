"""How often each grey occurs."""
from __future__ import annotations

from linefinish.kernels._kernel import helper, i64, kernel, u64


@helper
def load8(gray, at):
    """Eight bytes as one word, the first lowest. LLVM sees through the shifts and makes it one unaligned load."""
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
        # Lanes write to four tables in turn: the same grey twice running would wait for its own store (store forwarding).
        bins[((lane & 3) << 8) + i64((word >> u64(8 * lane)) & u64(255))] += weight


@kernel("i64(const u8*, i64, i64*)")
def count_levels(gray, pixel_count, bins):
    """Histogram of `pixel_count` greys into bins[0:256]; bins i64 (1024,) come in as zeros, the rest is scratch.

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
    for grey in range(256):
        bins[grey] += bins[256 + grey] + bins[512 + grey] + bins[768 + grey]
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, i64*)")
def count_plateaus(gray, width, height, level, tolerance, bins):
    """Histogram of the pixels ≤ level whose four neighbours differ by at most `tolerance`: the inside of strokes 3 px wide or more.

    Their greys are the ink's own, where a thin stroke's are a mixture with paper. One row in four is enough to know. gray u8
    (height, width); bins i64 (256,) of zeros.
    """
    for y in range(1, height - 1, 4):
        row = y * width
        for x in range(1, width - 1):
            at = row + x
            here = i64(gray[at])
            if here <= level:
                lightest = max(max(i64(gray[at - 1]), i64(gray[at + 1])), max(i64(gray[at - width]), i64(gray[at + width])))
                darkest = min(min(i64(gray[at - 1]), i64(gray[at + 1])), min(i64(gray[at - width]), i64(gray[at + width])))
                if lightest - here <= tolerance and here - darkest <= tolerance:
                    bins[here] += 1
    return 0
