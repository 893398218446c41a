"""Where rows of samples hold a grey."""
from __future__ import annotations

from linefinish.kernels._modes import kernel


@kernel("i64(const u8*, i64, i64, i64, i64, const u8*)")
def first_gray_sample(rows, row_count, row_bytes, width, depth, is_pure):
    """The first pixel, y × width + x, whose one sample of `depth` bits (1, 2, 4, 8; leftmost
    highest) is not in is_pure (256); or -1.

    rows (row_count × row_bytes).
    """
    mask = (1 << depth) - 1
    for y in range(row_count):
        start = y * row_bytes
        for x in range(width):
            bit = x * depth
            if is_pure[(rows[start + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask] == 0:
                return y * width + x
    return -1


@kernel("i64(const u8*, i64, i64, i64, i64, i64)")
def first_gray_pixel(rows, row_count, row_bytes, width, colour_bytes, alpha_bytes):
    """The first pixel, y × width + x, that is neither pure black, pure white nor fully transparent;
    or -1.

    rows (row_count × row_bytes). A pixel is colour_bytes and then alpha_bytes. It is pure when the
    bytes of its colour are all 0 or all 255 (which serves 8 and 16 bits alike) and those of its
    alpha all 255; with an alpha of 0 it is paper.
    """
    pixel_bytes = colour_bytes + alpha_bytes
    for y in range(row_count):
        start = y * row_bytes
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
