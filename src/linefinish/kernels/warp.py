"""A quadrilateral of a picture made a rectangle: each pixel of the result is looked up once,
bilinear.

The plane's map is a homography (Hartley and Zisserman 2004). Where the sides bend, by a lens or
because the sheet curls, the map between them follows them as Coons (1967) blends four curves.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

# What `flatten` is told, by index: the homography from the result to the picture, row by row; how
# far within its border the result is looked up, in its own pixels.
INSET = 9
MAP = 10


@helper
def _look_up(gray, width, height, x, y, beyond, out, at):
    """The grey at x, y, or `beyond` where the picture is more than half a pixel away."""
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
# perspective is so strong that they would be off by more than about 1/128 px.
_RUN, _BENDS_MAX = 16, 0.03


@helper
def _place(plane, bent, bends, out_width, out_height, x, y, item):
    """Where in the picture column x of row y lies, pixel middles whole: x (item 0) or y (3)."""
    inset = plane[INSET]
    u = min(max(x + 0.5, inset), out_width - inset)
    v = min(max(y + 0.5, inset), out_height - inset)
    depth = plane[6] * u + plane[7] * v + plane[8]
    p = (plane[item] * u + plane[item + 1] * v + plane[item + 2]) / depth
    if bent != 0:
        down, right, row, part = v / out_height, u / out_width, 4 * (out_width + y), item // 3
        p += (1.0 - down) * bends[4 * x + part] + down * bends[4 * x + 2 + part]
        p += (1.0 - right) * bends[row + part] + right * bends[row + 2 + part]
    return p - 0.5


@kernel("i64(const u8*, i64, i64, const f64*, i64, const f64*, i64, i64, i64, u8*)")
def flatten(gray, width, height, plane, bent, bends, out_width, out_height, beyond, out):
    """out u8 (out_height, out_width), looked up in gray u8 (height, width).

    plane f64 (MAP,). Where `bent` is not 0, bends f64 (out_width + out_height, 4) are what is added
    to the homography's place at the upper and lower side of each column (x, y, x, y), then at the
    left and right side of each row. `beyond` is the grey outside the picture.
    """
    # columns nearer to the border than the inset are looked up one by one
    longest = _RUN
    while longest > 1 and longest * longest * abs(plane[6]) > _BENDS_MAX:
        longest >>= 1
    first = i64(plane[INSET]) + 1
    last = out_width - first
    for y in range(out_height):
        row = y * out_width
        x = 0
        while x < out_width:
            run = min(longest, last - 1 - x) if first <= x < last - 1 else 0
            px = _place(plane, bent, bends, out_width, out_height, x, y, 0)
            py = _place(plane, bent, bends, out_width, out_height, x, y, 3)
            if run > 1:
                qx = _place(plane, bent, bends, out_width, out_height, x + run, y, 0)
                qy = _place(plane, bent, bends, out_width, out_height, x + run, y, 3)
                if 0.0 <= min(px, qx) and max(px, qx) < width - 1 and 0.0 <= min(py, qy) and max(py, qy) < height - 1:
                    # in 1/65536 px
                    fx, fy = i64(px * 65536.0), i64(py * 65536.0)
                    dx, dy = i64((qx - px) * 65536.0 / run), i64((qy - py) * 65536.0 / run)
                    for k in range(run):
                        at = (fy >> 16) * width + (fx >> 16)
                        u, v = (fx >> 8) & 255, (fy >> 8) & 255
                        upper = (256 - u) * i64(gray[at]) + u * i64(gray[at + 1])
                        lower = (256 - u) * i64(gray[at + width]) + u * i64(gray[at + width + 1])
                        out[row + x + k] = ((256 - v) * upper + v * lower + 32768) >> 16
                        fx += dx
                        fy += dy
                    x += run
                    continue
            _look_up(gray, width, height, px, py, beyond, out, row + x)
            x += 1
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
