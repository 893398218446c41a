"""Where a row of samples holds a grey, and the PNG row filters undone on the way there.

`verify` walks images a band of rows at a time; each row may begin with `lead` bytes that are not pixels (PNG's filter byte).
"""
from __future__ import annotations

from linefinish.kernels._kernel import kernel

_SUB, _UP, _AVERAGE, _PAETH = 1, 2, 3, 4


@kernel("i64(u8*, i64, i64, i64, u8*)")
def unfilter(rows, row_count, row_bytes, pixel_bytes, above):
    """Undo PNG's filters (W3C PNG, section 9) in place: rows (row_count × row_bytes), the first byte of each row names its filter.

    `above` (row_bytes) holds the unfiltered row before the first one, all 0 where there is none, and receives the last one, so that
    bands may follow each other. Returns the number of rows, or -1 - y for the row y that names no filter.
    """
    for y in range(row_count):
        start = y * row_bytes
        kind = rows[start]
        if kind > _PAETH:
            return -1 - y
        for i in range(1, row_bytes):
            value = rows[start + i] + 0
            left = 0
            if i > pixel_bytes:
                left = rows[start + i - pixel_bytes] + 0
            up = above[i] + 0
            if kind == _SUB:
                value += left
            elif kind == _UP:
                value += up
            elif kind == _AVERAGE:
                value += (left + up) >> 1
            elif kind == _PAETH:
                corner = 0
                if i > pixel_bytes:
                    corner = above[i - pixel_bytes] + 0
                to_left = abs(up - corner)
                to_up = abs(left - corner)
                to_corner = abs(left + up - corner - corner)
                if to_left <= to_up and to_left <= to_corner:
                    value += left
                elif to_up <= to_corner:
                    value += up
                else:
                    value += corner
            rows[start + i] = value & 255
        for i in range(row_bytes):
            above[i] = rows[start + i]
    return row_count


@kernel("i64(const u8*, i64, i64, i64, i64, i64, const u8*)")
def first_grey_sample(rows, row_count, row_bytes, lead, width, depth, is_pure):
    """The first pixel, y × width + x, whose one sample of `depth` bits (1, 2, 4, 8; leftmost highest) is not in is_pure (256); or -1."""
    mask = (1 << depth) - 1
    for y in range(row_count):
        start = y * row_bytes + lead
        for x in range(width):
            bit = x * depth
            if is_pure[(rows[start + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask] == 0:
                return y * width + x
    return -1


@kernel("i64(const u8*, i64, i64, i64, i64, i64, i64)")
def first_grey_pixel(rows, row_count, row_bytes, lead, width, colour_bytes, alpha_bytes):
    """The first pixel, y × width + x, that is neither pure black, pure white nor fully transparent; or -1.

    A pixel is colour_bytes and then alpha_bytes. It is pure when the bytes of its colour are all 0 or all 255 (which serves 8 and
    16 bits alike) and those of its alpha all 255; with an alpha of 0 it is paper.
    """
    pixel_bytes = colour_bytes + alpha_bytes
    for y in range(row_count):
        start = y * row_bytes + lead
        for x in range(width):
            pixel = start + x * pixel_bytes
            colour = rows[pixel] + 0
            pure = colour == 0 or colour == 255
            for i in range(1, colour_bytes):
                if rows[pixel + i] != colour:
                    pure = False
            opaque = True
            clear = alpha_bytes > 0
            for i in range(colour_bytes, pixel_bytes):
                if rows[pixel + i] != 255:
                    opaque = False
                if rows[pixel + i] != 0:
                    clear = False
            if not clear and not (pure and opaque):
                return y * width + x
    return -1
