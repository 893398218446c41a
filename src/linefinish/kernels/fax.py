"""Fax codes read through: ITU-T T.4 (Group 3) and T.6 (Group 4), for the number of whole rows and
nothing else.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

# The longest code of a run, and so the bits that index the table of runs.
CODE_BITS = 13
# Bytes to be added behind the data, so that a code may be looked at without asking where it ends;
# and entries to a list of changes.
SPARE = 8

# How rows are coded: one after another by T.6; each by T.4 after an end-of-line code, the second
# kind with a bit that tells how; each by T.4 from a whole byte on, without such codes (TIFF's
# compression 2).
T6, ONE_DIMENSIONAL, TWO_DIMENSIONAL, ALIGNED = 0, 1, 2, 3

_BAD = -1


@helper
def _peek(data, bit):
    """The next 13 bits."""
    at = bit >> 3
    word = i64(data[at]) << 16 | i64(data[at + 1]) << 8 | i64(data[at + 2])
    return word >> (11 - (bit & 7)) & 8191


@helper
def _run(data, bit, bit_end, runs, base):
    """Make-up and terminating codes: the run and the bit after it; a run of _BAD for no code."""
    total = i64(0)
    while bit < bit_end:
        code = i64(runs[base + _peek(data, bit)])
        if code == 0:
            break
        bit += code & 15
        total += code >> 4
        if code >> 4 < 64:
            return total, bit
    return i64(_BAD), bit


@helper
def _put(changes, here, count, position):
    """Note a change of colour; two at one place are none."""
    if count > 0 and changes[here + count - 1] == position:
        return count - 1
    changes[here + count] = position
    return count + 1


@helper
def _row_of_runs(data, bit, bit_end, width, runs, changes, here):
    """White and black runs in turn: the bit after the row, or _BAD, and how many
    changes there are.
    """
    a0 = i64(0)
    color = i64(0)
    count = i64(0)
    while a0 < width:
        run, bit = _run(data, bit, bit_end, runs, color << CODE_BITS)
        if run < 0 or a0 + run > width:
            return i64(_BAD), count
        a0 += run
        count = _put(changes, here, count, a0)
        color ^= 1
    return bit, count


@helper
def _row_of_modes(data, bit, bit_end, width, runs, changes, above, here):
    """T.6 section 2.2 (a0, a1, b1, b2 are its names): the bit after the row, or _BAD, and how many
    changes there are.
    """
    a0 = i64(-1)
    color = i64(0)
    count = i64(0)
    b = i64(0)
    while a0 < width:
        if bit >= bit_end:
            return i64(_BAD), count
        # b1: the first change above, right of a0, to the colour that is not ours. b only moves on,
        # but for a step back where a vertical code ran left.
        if b > 0:
            b -= 1
        while (changes[above + b] <= a0 or (b & 1) != color) and changes[above + b] < width:
            b += 1
        b1 = i64(changes[above + b])
        bits = _peek(data, bit)
        shift = i64(9)
        if bits >> 12 == 1:
            bit += 1
            shift = 0
        elif bits >> 10 == 3:
            bit += 3
            shift = 1
        elif bits >> 10 == 2:
            bit += 3
            shift = -1
        elif bits >> 7 == 3:
            bit += 6
            shift = 2
        elif bits >> 7 == 2:
            bit += 6
            shift = -2
        elif bits >> 6 == 3:
            bit += 7
            shift = 3
        elif bits >> 6 == 2:
            bit += 7
            shift = -3
        if shift != 9:
            a1 = b1 + shift
            if a1 <= a0 or a1 > width:
                return i64(_BAD), count
            a0 = a1
            count = _put(changes, here, count, a0)
            color ^= 1
        elif bits >> 9 == 1:  # pass
            bit += 4
            if b1 >= width:
                return i64(_BAD), count
            a0 = i64(changes[above + b + 1])
        elif bits >> 10 == 1:  # horizontal
            bit += 3
            a0 = max(a0, 0)
            for _ in range(2):
                run, bit = _run(data, bit, bit_end, runs, color << CODE_BITS)
                if run < 0 or a0 + run > width:
                    return i64(_BAD), count
                a0 += run
                count = _put(changes, here, count, a0)
                color ^= 1
        else:
            return i64(_BAD), count
    return bit, count


@kernel("i64(const u8*, i64, i64, i64, i64, const i32*, i32*)")
def row_count(data, size, width, height, mode, runs, changes):
    """How many rows are whole, up to `height`; data (size + SPARE), runs i32 (2, 2^13): 13 bits →
    run << 4 | code length, 0 for no code.

    changes i32 (2, width + SPARE) is scratch: where colour changes in the row above and in this
    one, closed by entries of `width`. Each turn of each loop spends bits of the data or moves
    right, so the time is bounded by size × 8 + height × width.
    """
    bit_end = size * 8
    bit = i64(0)
    above = i64(0)
    here = i64(width + SPARE)
    for i in range(4):
        changes[i] = width  # the row above the first is white
    for y in range(height):
        by_modes = mode == T6
        if mode == ALIGNED:
            bit = (bit + 7) & ~7
        elif mode != T6:
            marked = bit < bit_end and _peek(data, bit) >> 2 == 0  # 11 zeros begin an end-of-line code; more of them fill
            while marked and bit < bit_end and _peek(data, bit) >> 12 == 0:
                bit += 1
            bit += marked
            if marked and mode == TWO_DIMENSIONAL and bit < bit_end:
                by_modes = _peek(data, bit) >> 12 == 0
                bit += 1
        if bit >= bit_end:
            return y
        if by_modes:
            bit, count = _row_of_modes(data, bit, bit_end, width, runs, changes, above, here)
        else:
            bit, count = _row_of_runs(data, bit, bit_end, width, runs, changes, here)
        if bit < 0 or bit > bit_end:
            return y
        for i in range(4):
            changes[here + count + i] = width
        above, here = here, above
    return height
