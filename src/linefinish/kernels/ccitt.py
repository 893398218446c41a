"""CCITT Group 4: packed bits → the two-dimensional codes of ITU-T T.6 (1988)."""
from __future__ import annotations

from linefinish.kernels._casts import i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel

# Codes of runs, ITU-T T.4 (2003), tables 2 and 3: terminating codes for 0 … 63, then make-up codes
# for 64, 128, … 1728.
_WHITE = """
00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 101010 101011 0100111 0001100 0001000
0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101
00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010 00001011 01010010 01010011 01010100
01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 01001011 00110010 00110011 00110100
11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 011010011 011010100
011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001 010011010 011000 010011011
"""
_BLACK = """
0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000 0000010111 0000011000
0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 00000011000 000011001010 000011001011 000011001100
000011001101 000001101000 000001101001 000001101010 000001101011 000011010010 000011010011 000011010100 000011010101 000011010110
000011010111 000001101100 000001101101 000011011010 000011011011 000001010100 000001010101 000001010110 000001010111 000001100100
000001100101 000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 000001011000 000001011001
000000101011 000000101100 000001011010 000001100110 000001100111
0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101 0000001001010
0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100 0000001110101 0000001110110 0000001110111
0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 0000001100100 0000001100101
"""
# Make-up codes 1792, 1856, … 2560 of both colours: table 3b.
_LONG = """
00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110 000000010111 000000011100 000000011101
000000011110 000000011111
"""
_RUNS = 64 + 40  # terminating codes, make-up codes up to 2560
_LONGEST = 2560

# Bits of T.6 table 1, by a1 - b1 + 3: VL(3) VL(2) VL(1) V(0) VR(1) VR(2) VR(3).
_VERTICAL = "0000010 000010 010 1 011 000011 0000011"
CODE_COUNT = 2 * _RUNS + 7


def fill_codes(table: memoryview) -> None:
    """CODE_COUNT codes as bits << 4 | length: white runs, black runs, vertical modes."""
    for i, code in enumerate((_WHITE + _LONG + _BLACK + _LONG + _VERTICAL).split()):
        table[i] = int(code, 2) << 4 | len(code)


def bytes_max(width: int, height: int) -> int:
    """Room that is always enough: no mode spends more than 7 bits on a pixel, and horizontal ones
    less than 28 on the page's edge.
    """
    return height * (width + 8) + 16


@helper
def _put(out, at, bits, held, code, length):
    """Append a code; whole bytes go out four at a time. Returns where the next byte goes, the bits
    kept back, and how many.
    """
    bits = u64(bits << u64(length)) | u64(code)
    held += length
    if held >= 32:
        held -= 32
        word = bits >> u64(held)
        out[at] = i64(word >> u64(24)) & 255
        out[at + 1] = i64(word >> u64(16)) & 255
        out[at + 2] = i64(word >> u64(8)) & 255
        out[at + 3] = i64(word) & 255
        at += 4
    return at, bits, held


@helper
def _put_run(out, at, bits, held, codes, base, run):
    """Append the make-up and terminating codes of a run; base is 0 for white, _RUNS for black."""
    while run > _LONGEST + 63:
        code = codes[base + 63 + (_LONGEST >> 6)]
        at, bits, held = _put(out, at, bits, held, code >> 4, code & 15)
        run -= _LONGEST
    if run >= 64:
        code = codes[base + 63 + (run >> 6)]
        at, bits, held = _put(out, at, bits, held, code >> 4, code & 15)
        run &= 63
    code = codes[base + run]
    return _put(out, at, bits, held, code >> 4, code & 15)


@kernel("i64(const u64*, i64, i64, i64, const i32*, i32*, u8*)")
def encode(words, width, height, stride, codes, changes, out):
    """Rows of a bitmap → T.6 codes with the end-of-block code; returns the length in bytes.

    codes i32 (CODE_COUNT,) from `fill_codes`; changes i32 (2, width + 8), scratch: where colour
    changes in the row above and in this one, white → black at even indexes, closed by entries of
    `width`. The names a0, a1, a2, b1, b2 are the standard's (section 2.2.1).
    """
    room = width + 8
    at = 0
    bits = u64(0)
    held = 0
    for i in range(4):
        changes[i] = width  # the line above the first is white
    above = 0
    here = room
    for y in range(height):
        count = 0
        carry = u64(0)
        for k in range(stride):
            word = words[y * stride + k]
            edges = word ^ (u64(word << u64(1)) | carry)
            carry = word >> u64(63)
            while edges != u64(0):
                changes[here + count] = 64 * k + trailing_zeros(edges)
                count += 1
                edges &= u64(edges - u64(1))
        for i in range(4):
            changes[here + count + i] = width
        a0 = -1
        color = 0
        a = here
        b = above
        while a0 < width:
            a1 = changes[a] + 0
            while changes[b] <= a0 and changes[b] < width:
                b += 2
            b1 = changes[b] + 0
            b2 = changes[b + 1] + 0
            if b2 < a1:
                at, bits, held = _put(out, at, bits, held, 1, 4)
                a0 = b2
                b += 2
            elif -3 <= a1 - b1 <= 3:
                code = codes[2 * _RUNS + 3 + a1 - b1]
                at, bits, held = _put(out, at, bits, held, code >> 4, code & 15)
                a0 = a1
                a += 1
                color = 1 - color
                # b1 now is of the other colour: the one before the old b1 if it is still ahead,
                # else the one after it. It cannot lie further back, as the old b1 was the first of
                # its colour beyond the old a0.
                if b > above:
                    b -= 1
                else:
                    b += 1
            else:
                at, bits, held = _put(out, at, bits, held, 1, 3)
                a2 = changes[a + 1] + 0
                if color == 0:
                    at, bits, held = _put_run(out, at, bits, held, codes, 0, a1 - max(a0, 0))
                    at, bits, held = _put_run(out, at, bits, held, codes, _RUNS, a2 - a1)
                else:
                    at, bits, held = _put_run(out, at, bits, held, codes, _RUNS, a1 - max(a0, 0))
                    at, bits, held = _put_run(out, at, bits, held, codes, 0, a2 - a1)
                a0 = a2
                a += 2
        above, here = here, above
    at, bits, held = _put(out, at, bits, held, 1, 12)
    at, bits, held = _put(out, at, bits, held, 1, 12)
    while held > 0:
        if held >= 8:
            out[at] = i64(bits >> u64(held - 8)) & 255
        else:
            out[at] = i64(u64(bits << u64(8 - held))) & 255
        held -= 8
        at += 1
    return at
