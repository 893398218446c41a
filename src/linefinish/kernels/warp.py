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


@kernel("i64(const u8*, i64, i64, const f64*, i64, const f64*, i64, i64, i64, u8*)")
def flatten(gray, width, height, plane, bent, bends, out_width, out_height, beyond, out):
    """out u8 (out_height, out_width), looked up in gray u8 (height, width).

    plane f64 (MAP,). Where `bent` is not 0, bends f64 (out_width + out_height, 4) are what is added
    to the homography's place at the upper and lower side of each column (x, y, x, y), then at the
    left and right side of each row. `beyond` is the grey outside the picture.
    """
    inset = plane[INSET]
    for y in range(out_height):
        v = min(max(y + 0.5, inset), out_height - inset)
        x0, y0, z0 = plane[1] * v + plane[2], plane[4] * v + plane[5], plane[7] * v + plane[8]
        row = 4 * (out_width + y)
        down = v / out_height
        for x in range(out_width):
            u = min(max(x + 0.5, inset), out_width - inset)
            scale = 1.0 / (plane[6] * u + z0)
            px, py = (plane[0] * u + x0) * scale, (plane[3] * u + y0) * scale
            if bent != 0:
                right = u / out_width
                px += (1.0 - down) * bends[4 * x] + down * bends[4 * x + 2]
                px += (1.0 - right) * bends[row] + right * bends[row + 2]
                py += (1.0 - down) * bends[4 * x + 1] + down * bends[4 * x + 3]
                py += (1.0 - right) * bends[row + 1] + right * bends[row + 3]
            _look_up(gray, width, height, px - 0.5, py - 0.5, beyond, out, y * out_width + x)
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
