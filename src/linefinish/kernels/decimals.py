"""Coordinates → decimals: SVG path data of curves, JSON of rings."""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.text import digits

# Bytes of a number: separator, sign, fifteen digits and a point; and of what stands beside them.
DECIMAL_BYTES_MAX = 20
SEGMENT_BYTES_MAX = 6 * DECIMAL_BYTES_MAX + 2
CHAIN_BYTES_MAX = 2 * DECIMAL_BYTES_MAX + 4
# Greatest coordinate in units of the last decimal: differences of two are exact, and have fifteen
# digits.
UNITS_MAX = 400_000_000_000_000

NOT_FINITE, TOO_LARGE = -1, -2


@helper
def _unit(value, scale):
    return i64(math.floor(value * scale + 0.5))


@helper
def _decimal(out, at, value, power, decimals, after_number):
    """A whole number of units as a decimal, without zeros that say nothing; a space only where
    no sign parts it from the number before. Returns where it ends.
    """
    if value < 0:
        value = -value
        out[at] = 45
        at += 1
    elif after_number:
        out[at] = 32
        at += 1
    whole = value // power
    part = value - whole * power
    if whole > 0 or part == 0:
        if whole < 1 << 31:
            at = digits(out, at, whole)
        else:
            at = digits(out, at, whole // 1_000_000_000)
            at = _padded(out, at, whole - whole // 1_000_000_000 * 1_000_000_000, 9)
    if part > 0:
        out[at] = 46
        at = _padded(out, at + 1, part, decimals)
        while out[at - 1] == 48:
            at -= 1
    return at


@helper
def _padded(out, at, value, count):
    """A number below 10^count, count at most 9, in that many digits; returns where it ends."""
    for spot in range(at + count - 1, at - 1, -1):
        tenth = (value * 3435973837) >> 35  # as in `text.digits`
        out[spot] = 48 + value - 10 * tenth
        value = tenth
    return at + count


@kernel("i64(const f64*, const u8*, const i64*, i64, i64, u8*)")
def svg_path(segments, kinds, offsets, chain_count, decimals, out):
    """Chains → SVG path data of relative m, l, h, v, c and z (SVG 2, section 9.3); returns its
    length in bytes, NOT_FINITE or TOO_LARGE.

    segments f64 (k, 3, 2), kinds u8 (k,), offsets i64 (chain_count + 1,) as in `Curves`; decimals 0
    to 9. Every coordinate is rounded once, halves up, and differences are of the rounded ones, so
    that no error adds up. `out` u8 holds SEGMENT_BYTES_MAX a segment and CHAIN_BYTES_MAX a chain.
    """
    power = 1
    for _ in range(decimals):
        power *= 10
    scale = f64(power)
    bound = f64(UNITS_MAX) / scale
    at = 0
    home_x = 0
    home_y = 0
    for chain in range(chain_count):
        begin = offsets[chain]
        end = offsets[chain + 1]
        if begin == end:
            continue
        for i in range(6 * begin, 6 * end):
            if segments[i] * 0.0 != 0.0:
                return NOT_FINITE
            if math.fabs(segments[i]) > bound:
                return TOO_LARGE
        x = _unit(segments[6 * end - 2], scale)
        y = _unit(segments[6 * end - 1], scale)
        out[at] = 109  # m
        at = _decimal(out, at + 1, x - home_x, power, decimals, False)
        at = _decimal(out, at, y - home_y, power, decimals, True)
        home_x = x
        home_y = y
        command = 108  # after m, coordinates mean l
        if kinds[end - 1] == 0:
            end -= 1  # z draws it
        for k in range(begin, end):
            to_x = _unit(segments[6 * k + 4], scale)
            to_y = _unit(segments[6 * k + 5], scale)
            wanted = 99  # c
            if kinds[k] == 0:
                wanted = 108  # l
                if to_y == y:
                    wanted = 104  # h
                elif to_x == x:
                    wanted = 118  # v
            parted = command == wanted
            if not parted:
                out[at] = wanted
                at += 1
                command = wanted
            if wanted == 99:
                for i in range(2):
                    at = _decimal(out, at, _unit(segments[6 * k + 2 * i], scale) - x, power, decimals, parted or i > 0)
                    at = _decimal(out, at, _unit(segments[6 * k + 2 * i + 1], scale) - y, power, decimals, True)
                parted = True
            if wanted != 118:
                at = _decimal(out, at, to_x - x, power, decimals, parted)
                parted = True
            if wanted != 104:
                at = _decimal(out, at, to_y - y, power, decimals, parted)
            x = to_x
            y = to_y
        out[at] = 122  # z
        at += 1
    return at


@kernel("i64(const f64*, i64, i64, i64, u8*)")
def json_ring(points, begin, end, decimals, out):
    """Vertices begin … end - 1 of points f64 (n, 2), and the first again, as JSON's arrays: "[x,y],
    [x,y]…" without spaces; returns the length in bytes, NOT_FINITE or TOO_LARGE.

    decimals 0 to 9; coordinates are rounded, halves up. `out` u8 holds 2 DECIMAL_BYTES_MAX + 4 a
    vertex, and once more.
    """
    power = 1
    for _ in range(decimals):
        power *= 10
    scale = f64(power)
    bound = f64(UNITS_MAX) / scale
    at = 0
    for k in range(begin, end + 1):
        spot = 2 * k if k < end else 2 * begin
        if k > begin:
            out[at] = 44
            at += 1
        out[at] = 91  # [
        for axis in range(2):
            value = points[spot + axis]
            if value * 0.0 != 0.0:
                return NOT_FINITE
            if math.fabs(value) > bound:
                return TOO_LARGE
            if axis == 1:
                out[at] = 44
            at = _json_number(out, at + 1, _unit(value, scale), power, decimals)
        out[at] = 93
        at += 1
    return at


@helper
def _json_number(out, at, value, power, decimals):
    """As `_decimal`, but with a digit before the point."""
    if value < 0:
        value = -value
        out[at] = 45
        at += 1
    if value < power:
        out[at] = 48
        at += 1
    if value > 0:
        at = _decimal(out, at, value, power, decimals, False)
    return at
