"""A quadrilateral of a picture made a rectangle: each pixel of the result is looked up once,
between 12 pixels of the picture.

Between four pixels, bilinear, a line loses a twelfth of a pixel's square in sharpness each time,
and a wedge of white between two lines is filled. What is missing is the second difference along
each axis (cubic convolution, Keys 1981, without the four corners of its 4 × 4 pixels). Paper has
none, so there four pixels do.

The plane's map is a homography (Hartley and Zisserman 2004). Where the sides bend, by a lens or
because the sheet curls, the map between them follows them as Coons (1967) blends four curves.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._lanes import add8, byte8, greatest8, ints8, mul8, shift8, steps8, store_bytes8, sub8, words8
from linefinish.kernels._modes import helper, kernel

# What `flatten` is told, by index: the homography from the result to the picture, row by row; how
# far within its border the result is looked up, in its own pixels; one by its width and height.
INSET, SHARES = 9, 10
MAP = 12


@helper
def _look_up(gray, width, height, x, y, beyond, out, at):
    """The grey at x, y between four pixels, or `beyond` more than half a pixel from the picture."""
    if not (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
        out[at] = beyond
        return 0
    x = min(max(x, 0.0), width - 1.0)
    y = min(max(y, 0.0), height - 1.0)
    left, top = i64(x), i64(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    # 1/256 px: finer than 8 bits tell
    u, v = i64((x - left) * 256.0), i64((y - top) * 256.0)
    upper = (256 - u) * i64(gray[top * width + left]) + u * i64(gray[top * width + right])
    lower = (256 - u) * i64(gray[bottom * width + left]) + u * i64(gray[bottom * width + right])
    out[at] = ((256 - v) * upper + v * lower + 32768) >> 16
    return 0


# Places are exact at every so many pixels and run straight between them; fewer where the
# perspective is so strong that they would be off by more than about 1/64 px, a quarter of the
# second; twice as many where no side is bent. Longer: a curl is followed in chords; shorter: more
# divisions.
_RUN, _BENDS_MAX = 32, 0.0625


# A place within so many greys, in 1/65536, of the lightest before it in its row is paper. Larger:
# pale lines are blurred; smaller: noise of paper is looked up between 12. And by so much a pixel
# that lightness is forgotten: light is uneven.
_PAPER_WITHIN, _FORGOTTEN = 12 << 16, 1 << 16
# Eight places in a row span fewer pixels of the picture than this, so that they are told in an i32.
_SPAN_MAX = 16384.0


@helper
def _between(rows_above, rows_below, u, v):
    """Between four bytes, the second and third of two rows, by u and v of 256: times 65536."""
    upper = _along(byte8(rows_above, 1), byte8(rows_above, 2), u)
    lower = _along(byte8(rows_below, 1), byte8(rows_below, 2), u)
    return _along(upper, lower, v)


@helper
def _along(a, b, share):
    """From a to b, times 256."""
    return add8(mul8(a, ints8(256)), mul8(share, sub8(b, a)))


@helper
def _look_up_8(gray, width, base, x, y, light, out, at):
    """Greys at eight places all of whose 4 × 4 neighbours are there, x and y in 1/65536 px from the
    pixel at `base`, and how light paper is, in 1/65536, which was `light` before.
    """
    u, v = byte8(x, 1), byte8(y, 1)
    places = add8(mul8(shift8(y, 16), ints8(width)), shift8(x, 16))
    # of each place the pixels before it, at it, and two after it
    here = words8(gray, base - 1, places)
    below = words8(gray, base - 1 + width, places)
    value = _between(here, below, u, v)
    light = max(greatest8(value), light - 8 * _FORGOTTEN)
    # below 0 where it is no paper
    paler = sub8(value, ints8(light - _PAPER_WITHIN))
    if greatest8(sub8(ints8(0), paler)) > 0:
        above, lowest = words8(gray, base - 1 - width, places), words8(gray, base - 1 + 2 * width, places)
        a, b, c, d = byte8(here, 1), byte8(here, 2), byte8(below, 1), byte8(below, 2)
        upper = sub8(add8(byte8(here, 0), byte8(here, 3)), add8(a, b))
        lower = sub8(add8(byte8(below, 0), byte8(below, 3)), add8(c, d))
        left = sub8(add8(byte8(above, 1), byte8(lowest, 1)), add8(a, c))
        right = sub8(add8(byte8(above, 2), byte8(lowest, 2)), add8(b, d))
        # by sixteenths, or products leave an i32
        along = mul8(shift8(mul8(u, sub8(ints8(256), u)), 4), _along(upper, lower, v))
        down = mul8(shift8(mul8(v, sub8(ints8(256), v)), 4), _along(left, right, u))
        # 3/8: the cubic whose slope at 1 px is -3/4
        sharper = shift8(mul8(add8(along, down), ints8(3)), 7)
        value = add8(value, mul8(sharper, shift8(paler, 31)))
    store_bytes8(out, at, shift8(add8(value, ints8(32768)), 16))
    return light


@helper
def _place(plane, bent, bends, out_width, out_height, x, y):
    """Where in the picture column x of row y lies, pixel middles whole: x, y."""
    inset = plane[INSET]
    u = min(max(x + 0.5, inset), out_width - inset)
    v = min(max(y + 0.5, inset), out_height - inset)
    near = 1.0 / (plane[6] * u + plane[7] * v + plane[8])
    px = (plane[0] * u + plane[1] * v + plane[2]) * near
    py = (plane[3] * u + plane[4] * v + plane[5]) * near
    if bent != 0:
        down, right, row = v * plane[SHARES + 1], u * plane[SHARES], 4 * (out_width + y)
        px += (1.0 - down) * bends[4 * x] + down * bends[4 * x + 2] + ((1.0 - right) * bends[row] + right * bends[row + 2])
        py += (1.0 - down) * bends[4 * x + 1] + down * bends[4 * x + 3] + ((1.0 - right) * bends[row + 1] + right * bends[row + 3])
    return px - 0.5, py - 0.5


# What `bend` is told, by index: the unit vector outwards of the side; how far from the camera its
# two ends are, in any unit; then how far out it lies at each knot.
OUT_X, OUT_Y, NEAR, FAR, OFFSETS = 0, 1, 2, 3, 4


@kernel("i64(const f64*, i64, i64, i64, f64*)")
def bend(told, knots, count, start, bends):
    """What one bent side adds at each of `count` columns or rows: x and y from bends[start] on,
    every fourth. told f64 (OFFSETS + knots + 1,); knots lie evenly along the side as the picture
    has it, columns as the sheet does.
    """
    for k in range(count):
        t = (k + 0.5) / count
        along = knots * t * told[FAR] / (told[NEAR] * (1.0 - t) + told[FAR] * t)
        knot = min(i64(along), knots - 1)
        before, after = told[OFFSETS + knot], told[OFFSETS + knot + 1]
        offset = before + (along - knot) * (after - before)
        bends[start + 4 * k] = offset * told[OUT_X]
        bends[start + 4 * k + 1] = offset * told[OUT_Y]
    return 0


@kernel("i64(const u8*, i64, i64, const f64*, i64, const f64*, i64, i64, i64, u8*)")
def flatten(gray, width, height, plane, bent, bends, out_width, out_height, beyond, out):
    """out u8 (out_height, out_width), looked up in gray u8 (height, width).

    plane f64 (MAP,). Where `bent` is not 0, bends f64 (out_width + out_height, 4) are what is added
    to the homography's place at the upper and lower side of each column (x, y, x, y), then at the
    left and right side of each row. `beyond` is the grey outside the picture.
    """
    # columns nearer to the border than the inset are looked up one by one, between four pixels; so
    # is what lies a pixel from the picture's border
    x_end, y_end = width - 2, height - 2
    longest = _RUN if bent != 0 else 2 * _RUN
    while longest > 1 and longest * longest * abs(plane[6]) > _BENDS_MAX:
        longest >>= 1
    first = i64(plane[INSET]) + 1
    last = out_width - first
    light = beyond << 16
    for y in range(out_height):
        row = y * out_width
        x = 0
        px, py = _place(plane, bent, bends, out_width, out_height, 0, y)
        while x < out_width:
            run = min(longest, last - 1 - x) if first <= x < last - 1 else 0
            if run > 1:
                qx, qy = _place(plane, bent, bends, out_width, out_height, x + run, y)
                step_x, step_y = (qx - px) / run, (qy - py) / run
                # by eights: what comes after the run is looked up again, and at the row's end what
                # came before it
                count = (run + 7) & -8
                begin = min(x, out_width - count)
                ax, ay = px + (begin - x) * step_x, py + (begin - x) * step_y
                bx, by = ax + count * step_x, ay + count * step_y
                near = max(abs(bx - ax), abs(by - ay)) < _SPAN_MAX
                if near and begin >= first and 1.0 <= min(ax, bx) and max(ax, bx) < x_end and 1.0 <= min(ay, by) and max(ay, by) < y_end:
                    left, top = i64(ax), i64(ay)
                    u, v = i64((ax - left) * 65536.0), i64((ay - top) * 65536.0)
                    further_x, further_y = i64(step_x * 65536.0), i64(step_y * 65536.0)
                    for k in range(0, count, 8):
                        eight_x = steps8(u + k * further_x, further_x)
                        eight_y = steps8(v + k * further_y, further_y)
                        light = _look_up_8(gray, width, top * width + left, eight_x, eight_y, light, out, row + begin + k)
                    x += run
                    px, py = qx, qy
                    continue
            _look_up(gray, width, height, px, py, beyond, out, row + x)
            x += 1
            if x < out_width:
                px, py = _place(plane, bent, bends, out_width, out_height, x, y)
    return 0


@kernel("i64(const u8*, i64, i64, i64, i64, u8*)")
def reduce(gray, width, height, out_width, out_height, rgb):
    """The mean grey of each cell, three times over: rgb u8 (out_height, out_width, 3) of gray u8
    (height, width), out_width ≤ width and out_height ≤ height.
    """
    for y in range(out_height):
        top, bottom = y * height // out_height, (y + 1) * height // out_height
        for x in range(out_width):
            left, right = x * width // out_width, (x + 1) * width // out_width
            total = 0
            for row in range(top, bottom):
                for column in range(left, right):
                    total += i64(gray[row * width + column])
            count = max((bottom - top) * (right - left), 1)
            mean = (2 * total + count) // (2 * count)
            for channel in range(3):
                rgb[3 * (y * out_width + x) + channel] = mean
    return 0
