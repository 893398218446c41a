"""Samples of any kind to 8 bits of grey.

Colour becomes luma by Rec. 601 in 16-bit fixed point, (19595 R + 38470 G + 7471 B + 32768) >> 16,
which is bit for bit what Pillow's mode "L" and libjpeg's grey output are, so what people compare
with. Alpha is composited on white, in the stored (not linear) values as browsers and Pillow do. A
range of 0…m becomes 0…255 rounded to nearest, halves up.

All converters read rows of `row_bytes` bytes from `lines` at `first`, and put pixel x of row y at
`out[start + x * step_x + y * step_y]`, so that a pass of PNG's interlacing (section 8.2) goes
straight to its place.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

WHITE = 255

# How a pixel is stored, in numbers, for `samples`: channels, bytes of a sample, its highest value,
# and the three values of the colour that is transparent (PNG's tRNS), -1 where none is.
CHANNELS, SAMPLE_BYTES, HIGHEST, KEY = 0, 1, 2, 3
PIXEL = 6


@helper
def _luma(red, green, blue):
    return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16


@kernel("i64(const u8*, i64, i64, i64, i64, i64, const u8*, u8*, i64, i64, i64)")
def indexed(lines, first, row_bytes, width, rows, bits, table, out, start, step_x, step_y):
    """Samples of 1, 2, 4 or 8 bits, leftmost in the high bits, through a table of 256 greys."""
    per_byte_log2 = 3 if bits == 1 else 2 if bits == 2 else 1 if bits == 4 else 0
    last = (1 << per_byte_log2) - 1
    mask = (1 << bits) - 1
    zero = i64(table[0])
    flip = i64(table[1]) ^ zero
    for y in range(rows):
        row = first + y * row_bytes
        to = start + y * step_y
        done = i64(0)
        if bits == 1 and step_x == 1:
            # Eight pixels a byte, without the table: bilevel pages are common, and this takes 0.15
            # ns a pixel, not 0.7.
            whole = width >> 3
            done = whole << 3
            for k in range(whole):
                byte = i64(lines[row + k])
                at = to + (k << 3)
                for bit in range(8):
                    out[at + bit] = zero ^ (flip & -((byte >> (7 - bit)) & 1))
        for x in range(done, width):
            shift = (last - (x & last)) * bits
            out[to + x * step_x] = table[(i64(lines[row + (x >> per_byte_log2)]) >> shift) & mask]
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, u8*, i64, i64, i64)")
def rgb8(lines, first, row_bytes, width, rows, out, start, step_x, step_y):
    """Red, green, blue of 8 bits → luma."""
    for y in range(rows):
        row = first + y * row_bytes
        to = start + y * step_y
        for x in range(width):
            at = row + 3 * x
            out[to + x * step_x] = _luma(i64(lines[at]), i64(lines[at + 1]), i64(lines[at + 2]))
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, u8*, i64, i64, i64)")
def rgba8(lines, first, row_bytes, width, rows, out, start, step_x, step_y):
    """Red, green, blue, alpha of 8 bits → luma on white. (t + (t >> 8)) >> 8 is t / 255 rounded,
    exact for a product of bytes.
    """
    for y in range(rows):
        row = first + y * row_bytes
        to = start + y * step_y
        for x in range(width):
            at = row + 4 * x
            dark = 255 - _luma(i64(lines[at]), i64(lines[at + 1]), i64(lines[at + 2]))
            t = dark * i64(lines[at + 3]) + 128
            out[to + x * step_x] = 255 - ((t + (t >> 8)) >> 8)
    return 0


# What colour is to be dropped, in numbers, for `without_colour`: bytes a pixel, 3 or 4; the hue in
# the middle, and how far around it, in 1536ths of a turn from red over green; 768 is all.
BYTES, HUE, HUE_REACH = 0, 1, 2
COLOUR = 3
# A pixel is coloured from this difference of its largest and least channel on, and wholly so from
# that: between, in part. Smaller: what JPEG adds to grey pixels is a colour; larger: pale grids
# stay.
_CHROMA_MIN, _CHROMA_WHOLE = 10, 26
# Dropped is a coloured ink that darkens its strongest channel by this many quarters of its chroma,
# as navy does (4) and light blue does not (0 to 1). Larger: black lines get thin where they cross
# it; smaller: dark coloured inks stay pale.
_DARKENS_QUARTERS = 3


@helper
def _on_white(value, alpha):
    return 255 - ((255 - value) * alpha + 127) // 255


@helper
def _hue(red, green, blue, most, chroma):
    """1536ths of a turn."""
    if most == red:
        turn = 256 * (green - blue) // chroma
    elif most == green:
        turn = 512 + 256 * (blue - red) // chroma
    else:
        turn = 1024 + 256 * (red - green) // chroma
    return turn + 1536 if turn < 0 else turn


@kernel("i64(const u8*, i64, i64, i64, i64, const i64*, u8*, i64, i64, i64)")
def without_colour(lines, first, row_bytes, width, rows, colour, out, start, step_x, step_y):
    """Red, green, blue of 8 bits, alpha perhaps, → luma, but of the hues of `colour`, i64
    (COLOUR,), only what is black in them: as through a filter of that colour.
    """
    size, middle, reach = colour[BYTES], colour[HUE], colour[HUE_REACH]
    for y in range(rows):
        for x in range(width):
            at = first + y * row_bytes + x * size
            red, green, blue = i64(lines[at]), i64(lines[at + 1]), i64(lines[at + 2])
            if size == 4:
                alpha = i64(lines[at + 3])
                red, green, blue = _on_white(red, alpha), _on_white(green, alpha), _on_white(blue, alpha)
            gray = _luma(red, green, blue)
            most = max(red, max(green, blue))
            chroma = most - min(red, min(green, blue))
            if chroma > _CHROMA_MIN:
                apart = abs(_hue(red, green, blue, most, chroma) - middle)
                if min(apart, 1536 - apart) <= reach:
                    light = min(255, most + ((_DARKENS_QUARTERS * chroma) >> 2))
                    share = min(chroma, _CHROMA_WHOLE) - _CHROMA_MIN
                    gray += ((light - gray) * share) // (_CHROMA_WHOLE - _CHROMA_MIN)
            out[start + y * step_y + x * step_x] = gray
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, i64)")
def count_coloured(lines, first, row_bytes, width, rows, size):
    """How many pixels of `size` bytes, red, green, blue first, are dark enough for ink and strongly
    coloured, in one row of four.
    """
    found = 0
    for y in range(0, rows, 4):
        for x in range(width):
            at = first + y * row_bytes + x * size
            red, green, blue = i64(lines[at]), i64(lines[at + 1]), i64(lines[at + 2])
            chroma = max(red, max(green, blue)) - min(red, min(green, blue))
            found += 1 if chroma > 64 and (size == 3 or lines[at + size - 1] > 127) else 0
    return found


@kernel("i64(i64, u8*)")
def scale_table(highest, table):
    """The 8-bit grey of each value 0…highest (at most 65535), rounded to nearest, halves up."""
    for value in range(highest + 1):
        table[value] = (510 * value + highest) // (2 * highest)
    return 0


@helper
def _sample(lines, at, sample_bytes, highest):
    value = i64(lines[at])
    if sample_bytes == 2:
        value = (value << 8) | i64(lines[at + 1])
    return min(value, highest)


@kernel("i64(const u8*, i64, i64, i64, i64, const i64*, const u8*, u8*, i64, i64, i64)")
def samples(lines, first, row_bytes, width, rows, pixel, table, out, start, step_x, step_y):
    """Any 1 to 4 channels (grey, grey and alpha, RGB, RGB and alpha) of 1 or 2 bytes, high byte
    first, range 0…highest.

    `pixel`, i64 (PIXEL,), tells how a pixel is stored. `table` is `scale_table(highest)`. Luma and
    compositing keep the full range, one rounding each; values above `highest` count as it.
    """
    # The colour's values stay in memory: in registers they crowd out others (RGBA takes 1.3 times
    # as long).
    channels, sample_bytes, highest = pixel[CHANNELS], pixel[SAMPLE_BYTES], pixel[HIGHEST]
    pixel_bytes = channels * sample_bytes
    for y in range(rows):
        row = first + y * row_bytes
        to = start + y * step_y
        for x in range(width):
            at = row + x * pixel_bytes
            level = _sample(lines, at, sample_bytes, highest)
            clear = level == pixel[KEY]
            if channels >= 3:
                green = _sample(lines, at + sample_bytes, sample_bytes, highest)
                blue = _sample(lines, at + 2 * sample_bytes, sample_bytes, highest)
                clear = clear and green == pixel[KEY + 1] and blue == pixel[KEY + 2]
                level = _luma(level, green, blue)
            if channels == 2 or channels == 4:
                alpha = _sample(lines, at + (channels - 1) * sample_bytes, sample_bytes, highest)
                if alpha == 0:
                    level = highest
                elif alpha < highest:  # a division, 1.5 ns; most pixels are opaque
                    level = highest - (2 * alpha * (highest - level) + highest) // (2 * highest)
            gray = i64(table[level])
            if clear:
                gray = i64(WHITE)
            out[to + x * step_x] = gray
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, i64, i64, u8*)")
def turn(pixels, width, height, start, step_x, step_y, out_width, out):
    """Copy an image turned or mirrored: pixel x, y of `out` (out_width wide) is `pixels[start + x *
    step_x + y * step_y]`.

    In blocks of 32 × 32 pixels, so that the rows read and the rows written both stay in the cache.
    """
    out_height = (width * height) // out_width
    for top in range(0, out_height, 32):
        for left in range(0, out_width, 32):
            for y in range(top, min(top + 32, out_height)):
                for x in range(left, min(left + 32, out_width)):
                    out[y * out_width + x] = pixels[start + x * step_x + y * step_y]
    return 0
