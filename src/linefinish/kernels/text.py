"""Integer segments → the bytes of a path, in the words of SVG, PDF, EPS and DXF."""
from __future__ import annotations

import math

from linefinish.kernels._casts import i64
from linefinish.kernels._modes import helper, kernel

# Bytes that a number can take with its separator: coordinates stay below 2^29, so differences below
# 2^30: ten digits, sign, space.
NUMBER_BYTES_MAX = 12
SEGMENT_BYTES_MAX = 6 * NUMBER_BYTES_MAX + 4
CHAIN_BYTES_MAX = 2 * NUMBER_BYTES_MAX + 8


@helper
def digits(out, at, value):
    """A number from 0 to 2^31 in decimal; returns where it ends. Division by ten is a
    multiplication: 3435973837 = ⌈2^35 / 10⌉.
    """
    if value < 10:
        out[at] = 48 + value
        return at + 1
    end = at + 2
    if value >= 100:
        end += 1
        power = 1000
        while value >= power:
            end += 1
            power *= 10
    spot = end
    while spot > at:
        spot -= 1
        tenth = (value * 3435973837) >> 35
        out[spot] = 48 + value - 10 * tenth
        value = tenth
    return end


@helper
def _number(out, at, value, after_number):
    """A signed number, with a space before it only where the sign does not part it from the number
    before.
    """
    if value < 0:
        out[at] = 45
        return digits(out, at + 1, -value)
    if after_number:
        out[at] = 32
        at += 1
    return digits(out, at, value)


@kernel("i64(const i32*, const u8*, const i64*, i64, u8*)")
def svg_path(segments, kinds, offsets, chain_count, out):
    """Chains → SVG path data, relative commands, as short as the grammar allows (SVG 2, section
    9.3); returns its length.

    The letter is left out when it repeats (lines after m need none), a last line home is left to z,
    h and v replace l, and s replaces c where the first control point is the mirror of the one
    before. `out` holds SEGMENT_BYTES_MAX a segment and CHAIN_BYTES_MAX a chain.
    """
    at = 0
    home_x = 0
    home_y = 0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if begin == end:
            continue
        x = segments[6 * end - 2] + 0  # + 0 makes i64 of i32
        y = segments[6 * end - 1] + 0
        out[at] = 109  # m
        at = _number(out, at + 1, x - home_x, False)
        at = _number(out, at, y - home_y, True)
        home_x = x
        home_y = y
        command = 108  # after m, coordinates mean l
        smooth_x = x  # where s would put the first control point
        smooth_y = y
        if kinds[end - 1] == 0:
            end -= 1  # z draws it
        for k in range(begin, end):
            spot = 6 * k
            to_x = segments[spot + 4] + 0
            to_y = segments[spot + 5] + 0
            if kinds[k] == 0:
                wanted = 108  # l
                if to_y == y:
                    wanted = 104  # h
                elif to_x == x:
                    wanted = 118  # v
                repeats = command == wanted
                if not repeats:
                    out[at] = wanted
                    at += 1
                    command = wanted
                if wanted != 118:
                    at = _number(out, at, to_x - x, repeats)
                    repeats = True
                if wanted == 108:
                    at = _number(out, at, to_y - y, True)
                elif wanted == 118:
                    at = _number(out, at, to_y - y, repeats)
                smooth_x = to_x
                smooth_y = to_y
            else:
                wanted = 99  # c
                if segments[spot] == smooth_x and segments[spot + 1] == smooth_y:
                    wanted = 115  # s
                repeats = command == wanted
                if not repeats:
                    out[at] = wanted
                    at += 1
                    command = wanted
                if wanted == 99:
                    at = _number(out, at, segments[spot] - x, repeats)
                    at = _number(out, at, segments[spot + 1] - y, True)
                    repeats = True
                at = _number(out, at, segments[spot + 2] - x, repeats)
                at = _number(out, at, segments[spot + 3] - y, True)
                at = _number(out, at, to_x - x, True)
                at = _number(out, at, to_y - y, True)
                smooth_x = 2 * to_x - segments[spot + 2]
                smooth_y = 2 * to_y - segments[spot + 3]
            x = to_x
            y = to_y
        out[at] = 122  # z
        at += 1
    return at


@helper
def _spaced(out, at, x, y):
    """Two numbers, each with a space after it: a sign does not part tokens here."""
    for i in range(2):
        value = y if i else x
        if value < 0:
            out[at] = 45
            at += 1
            value = -value
        at = digits(out, at, value)
        out[at] = 32
        at += 1
    return at


@helper
def _operator(out, at, letter):
    """An operator and the end of its line: EPS wants lines below 256 bytes, and a line end parts
    tokens as well as a space.
    """
    out[at] = letter
    out[at + 1] = 10
    return at + 2


@kernel("i64(const i32*, const u8*, const i64*, i64, i64, u8*)")
def postfix_path(segments, kinds, offsets, chain_count, relative, out):
    """Chains → operands and operators m, l, c, h, one to a line; returns the length in bytes.

    relative 0: absolute, with v and y for cubics whose first or second control point is an end: PDF
    (ISO 32000-1, section 8.5.2). relative 1: from the current point on, which after h is the start
    of the subpath: PostScript's rmoveto, rlineto, rcurveto. `out` holds SEGMENT_BYTES_MAX a segment
    and CHAIN_BYTES_MAX a chain.
    """
    at = 0
    from_x = 0
    from_y = 0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if begin == end:
            continue
        x = segments[6 * end - 2] + 0
        y = segments[6 * end - 1] + 0
        at = _spaced(out, at, x - from_x, y - from_y)
        at = _operator(out, at, 109)  # m
        home_x = x
        home_y = y
        if relative != 0:
            from_x = x
            from_y = y
        if kinds[end - 1] == 0:
            end -= 1  # h draws it
        for k in range(begin, end):
            spot = 6 * k
            x1 = segments[spot] + 0
            y1 = segments[spot + 1] + 0
            x2 = segments[spot + 2] + 0
            y2 = segments[spot + 3] + 0
            x3 = segments[spot + 4] + 0
            y3 = segments[spot + 5] + 0
            if kinds[k] == 0:
                letter = 108  # l
            elif relative == 0 and x1 == x and y1 == y:
                letter = 118  # v
                at = _spaced(out, at, x2, y2)
            elif relative == 0 and x2 == x3 and y2 == y3:
                letter = 121  # y
                at = _spaced(out, at, x1, y1)
            else:
                letter = 99  # c
                at = _spaced(out, at, x1 - from_x, y1 - from_y)
                at = _spaced(out, at, x2 - from_x, y2 - from_y)
            at = _spaced(out, at, x3 - from_x, y3 - from_y)
            at = _operator(out, at, letter)
            x = x3
            y = y3
            if relative != 0:
                from_x = x
                from_y = y
        at = _operator(out, at, 104)  # h
        if relative != 0:
            from_x = home_x
            from_y = home_y
    return at


# Bytes of a DXF vertex: two group codes of four bytes, two numbers of up to sixteen digits, sign,
# point and line end.
VERTEX_BYTES_MAX = 48


@kernel("i64(const f64*, i64, i64, f64, f64, f64, f64, i64, u8*)")
def dxf_vertices(points, begin, end, ax, bx, ay, by, decimals, out):
    """Vertices begin … end - 1 of points f64 (n, 2) → DXF group codes 10 and 20 with numbers of so
    many decimals; returns the length.

    A coordinate c becomes round(c · a + b) in units of the last decimal. `out` holds
    VERTEX_BYTES_MAX a vertex.
    """
    at = 0
    point = 1
    for _ in range(decimals):
        point *= 10
    for i in range(begin, end):
        for axis in range(2):
            if axis == 0:
                value = i64(math.floor(points[2 * i] * ax + bx + 0.5))
            else:
                value = i64(math.floor(points[2 * i + 1] * ay + by + 0.5))
            out[at] = 32
            out[at + 1] = 49 + axis  # " 10" and " 20"
            out[at + 2] = 48
            out[at + 3] = 10
            at += 4
            if value < 0:
                out[at] = 45
                at += 1
                value = -value
            power = point
            while 10 * power <= value:
                power *= 10
            while power > 0:
                digit = value // power
                value -= digit * power
                out[at] = 48 + digit
                at += 1
                if power == point and decimals > 0:
                    out[at] = 46
                    at += 1
                power = power // 10
            out[at] = 10
            at += 1
    return at
