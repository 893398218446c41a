"""Numbers written as text in the plain kinds of PNM (P1, P2, P3)."""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import kernel

BAD_CHARACTER = -1

# Indexes of `state`, which carries the reader from one piece of text to the next.
NUMBER, IN_COMMENT, DONE, STATE_SIZE = 0, 1, 2, 3
NO_NUMBER = -1
# Numbers are held below this: larger ones only have to stay larger than every sample.
_NUMBER_MAX = 65_535


@kernel("i64(const u8*, i64, i64, i64, i64, i64, u8*, i64*)")
def parse_plain(text, first, last, single_digits, sample_bytes, wanted, out, state):
    """Decimal numbers of `text[first:last]` → samples of 1 or 2 bytes, high byte first, until
    `wanted` samples are there.

    `single_digits`: each digit is a number of its own (P1). `#` begins a comment that ends with the
    line. Returns where it stopped reading, or BAD_CHARACTER. A number cut off by the end of the
    text goes on in the next piece: `state[NUMBER]`; feed a blank after the last piece.
    """
    at = first
    while at < last and state[DONE] < wanted:
        byte = i64(text[at])
        at += 1
        if state[IN_COMMENT] != 0:
            if byte == 10 or byte == 13:
                state[IN_COMMENT] = 0
            continue
        if 48 <= byte <= 57:
            if state[NUMBER] == NO_NUMBER:
                state[NUMBER] = 0
            state[NUMBER] = min(10 * state[NUMBER] + byte - 48, _NUMBER_MAX)
            if single_digits == 0:
                continue
        elif byte == 35:
            state[IN_COMMENT] = 1
        elif byte != 32 and (byte < 9 or byte > 13):
            return BAD_CHARACTER
        if state[NUMBER] != NO_NUMBER:
            to = state[DONE] * sample_bytes
            if sample_bytes == 2:
                out[to] = state[NUMBER] >> 8
                out[to + 1] = state[NUMBER] & 255
            else:
                out[to] = min(state[NUMBER], 255)
            state[NUMBER] = NO_NUMBER
            state[DONE] += 1
    return at
