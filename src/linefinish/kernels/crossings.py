"""Where fitted curves cross or touch each other, in the integers that will be written.

A page's segments are cut into short *pieces*, each nearly its own chord, and each piece is held
against those that share a cell of a grid with it (Franklin 1984: a uniform grid finds the pairs
that are near in time that grows with their number). Neighbours of a chain share a point: a straight
line through it parts them, nearly always; where none does, their pieces are held against each other
as all others are, and the two that meet by their chords.

All lengths are integer units of 1/16 pixel (`quantise.py`), as floats that are whole at ends and
handles.
"""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.cubic import turns_back
from linefinish.kernels.curves import ANEW
from linefinish.kernels.quantise import to_units

# What a grid is like: i64 (GRID,), the `grid` of the kernel.
CELL_SHIFT = 0  # side of a cell, in units: 1 << CELL_SHIFT
COLUMNS, ROWS = 1, 2  # how many cells there are
TOP = 3  # the row of the page's cells that is the grid's first
PIECES_MAX, NODES_MAX = 4, 5  # room for pieces, and for places of pieces in cells
FRESH_ONLY = 6  # 1: only segments that were fitted anew are held against all others, else 0
GRID = 7
# Cells a side of a block, of which is known whether there is anything in it.
BLOCK_SHIFT = 3
BLOCK = 1 << BLOCK_SHIFT

# A piece: i32 (PIECE,) its segment, its number in it, and of how many; f64 (CHORD,) its ends and
# how far it may lie from the chord between them.
PIECE, CHORD = 3, 5

# A mark: one bit for each eighth of a segment, by its parameter, that crosses something.
_EIGHTHS = 8
_ALL = 255
# There was no room for that many pieces or nodes.
NO_ROOM = -1

# Length of a piece, in units, and how far it may lie from its chord. Longer: fewer pieces that are
# harder to tell apart (8 px in place of 4: the same time on pages of 2048 px).
_PIECE_UNITS, _SAGITTA_UNITS = 64.0, 4.0
# How near two curves may come that are no neighbours, in units: 1/64 px. Any flattening that is
# finer keeps them apart.
_CLEARANCE_UNITS = 0.25
# Chords of a piece where its own chord does not tell; of one that meets its neighbour.
_FINE, _NEAR = 4, 8
# Scratch for the ends of the chords of two pieces, behind all others: f64 (FINE,).
FINE = 4 * (_NEAR + 1)
# How far a point has to lie beside a line that parts two neighbours, times the line's length: more
# than rounding.
_STRICTLY = 1e-6
# The sine of the least angle between two neighbours where they meet, 1.1°, and how near they may
# come farther on, as a part of the length of the chords that are compared.
_ANGLE_SINE_MIN = 0.02


@helper
def _curve(segments, kinds, k, ax, ay):
    """The four control points of a segment in whole units, its start being given."""
    zx = f64(to_units(segments[6 * k + 4]))
    zy = f64(to_units(segments[6 * k + 5]))
    if kinds[k] == 0:
        # A line, its handles a third of the way each: any part of it is straight all the same.
        return ax, ay, ax + (zx - ax) / 3.0, ay + (zy - ay) / 3.0, zx + (ax - zx) / 3.0, zy + (ay - zy) / 3.0, zx, zy
    return (
        ax, ay, f64(to_units(segments[6 * k])), f64(to_units(segments[6 * k + 1])),
        f64(to_units(segments[6 * k + 2])), f64(to_units(segments[6 * k + 3])), zx, zy,
    )  # fmt: skip


@helper
def _linked(segments, kinds, links, k):
    """The same of a segment whose predecessor is known."""
    at = 6 * (links[k] >> 1)
    return _curve(segments, kinds, k, f64(to_units(segments[at + 4])), f64(to_units(segments[at + 5])))


@helper
def _part_of(curve, t0, t1):
    """A part of a curve as a curve of its own."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    third = t1 - t0
    s0, s1 = 1.0 - t0, 1.0 - t1
    from_x, from_y = _point(curve, t0)
    to_x, to_y = _point(curve, t1)
    # A third of the derivative, at either end.
    d0x = s0 * s0 * (bx - ax) + 2.0 * s0 * t0 * (cx - bx) + t0 * t0 * (zx - cx)
    d0y = s0 * s0 * (by - ay) + 2.0 * s0 * t0 * (cy - by) + t0 * t0 * (zy - cy)
    d1x = s1 * s1 * (bx - ax) + 2.0 * s1 * t1 * (cx - bx) + t1 * t1 * (zx - cx)
    d1y = s1 * s1 * (by - ay) + 2.0 * s1 * t1 * (cy - by) + t1 * t1 * (zy - cy)
    return from_x, from_y, from_x + third * d0x, from_y + third * d0y, to_x - third * d1x, to_y - third * d1y, to_x, to_y


@helper
def _point(curve, t):
    ax, ay, bx, by, cx, cy, zx, zy = curve
    s = 1.0 - t
    a = s * s * s
    b = 3.0 * s * s * t
    c = 3.0 * s * t * t
    z = t * t * t
    return a * ax + b * bx + c * cx + z * zx, a * ay + b * by + c * cy + z * zy


@helper
def _lay_out(curve, t0, t1, fine, at):
    """The ends of _FINE chords of a part of a curve, from `at` on."""
    for i in range(_FINE + 1):
        x, y = _point(curve, t0 + (t1 - t0) * (i / _FINE))
        fine[at + 2 * i] = x
        fine[at + 2 * i + 1] = y


@helper
def _bend(curve):
    """How far a curve may lie from its chord; a part of it, by the square of its share."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    bend_x = max(math.fabs(ax - 2.0 * bx + cx), math.fabs(bx - 2.0 * cx + zx))
    bend_y = max(math.fabs(ay - 2.0 * by + cy), math.fabs(by - 2.0 * cy + zy))
    return 0.75 * math.sqrt(bend_x * bend_x + bend_y * bend_y)


@helper
def _off(px, py, ax, ay, bx, by):
    """The squared distance of a point from the straight line between two others."""
    dx = bx - ax
    dy = by - ay
    length2 = dx * dx + dy * dy
    t = 0.0
    if length2 > 0.0:
        t = min(max(((px - ax) * dx + (py - ay) * dy) / length2, 0.0), 1.0)
    ex = ax + t * dx - px
    ey = ay + t * dy - py
    return ex * ex + ey * ey


@helper
def _chords_touch(fine, i, j, clearance):
    """Whether the chords that begin at fine[i] and fine[j] cross or come nearer than the
    clearance.
    """
    ax, ay, bx, by = fine[i], fine[i + 1], fine[i + 2], fine[i + 3]
    cx, cy, dx, dy = fine[j], fine[j + 1], fine[j + 2], fine[j + 3]
    if (
        max(ax, bx) + clearance < min(cx, dx) or max(cx, dx) + clearance < min(ax, bx)
        or max(ay, by) + clearance < min(cy, dy) or max(cy, dy) + clearance < min(ay, by)
    ):  # fmt: skip
        return False
    c_side = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d_side = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    a_side = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    b_side = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    if ((c_side > 0.0) != (d_side > 0.0)) and ((a_side > 0.0) != (b_side > 0.0)):
        return True
    near2 = min(
        min(_off(ax, ay, cx, cy, dx, dy), _off(bx, by, cx, cy, dx, dy)),
        min(_off(cx, cy, ax, ay, bx, by), _off(dx, dy, ax, ay, bx, by)),
    )
    return near2 < clearance * clearance


@helper
def _pieces_touch(segments, kinds, links, pieces, p, q, sagitta, fine, base):
    """Whether two pieces touch, chord by chord; the chords lie in `fine` from `base` on."""
    for side in range(2):
        at = PIECE * (p if side == 0 else q)
        curve = _linked(segments, kinds, links, i64(pieces[at]))
        count = f64(pieces[at + 2])
        _lay_out(curve, pieces[at + 1] / count, (pieces[at + 1] + 1) / count, fine, base + side * 2 * (_FINE + 1))
    clearance = _CLEARANCE_UNITS + sagitta / (_FINE * _FINE)
    for i in range(_FINE):
        for j in range(_FINE):
            if _chords_touch(fine, base + 2 * i, base + 2 * (_FINE + 1) + 2 * j, clearance):
                return True
    return False


@helper
def _bit_at(t):
    """The bit of the eighth in which a parameter lies."""
    return 1 << min(i64(_EIGHTHS * t), _EIGHTHS - 1)


@helper
def _meeting_touch(one, two, fine, base):
    """Whether two pieces, the second of which begins where the first ends, touch elsewhere, chord
    by chord. The chords are shortest where the pieces meet.
    """
    second = base + 2 * (_NEAR + 1)
    for i in range(_NEAR + 1):
        u = i / _NEAR
        x, y = _point(one, 1.0 - (1.0 - u) * (1.0 - u))
        fine[base + 2 * i] = x
        fine[base + 2 * i + 1] = y
        x, y = _point(two, u * u)
        fine[second + 2 * i] = x
        fine[second + 2 * i + 1] = y
    bend_one = _bend(one)
    bend_two = _bend(two)
    for i in range(_NEAR):
        a = base + 2 * i
        ux, uy = fine[a + 2] - fine[a], fine[a + 3] - fine[a + 1]
        share = (2.0 * (_NEAR - i) - 1.0) / (_NEAR * _NEAR)
        off_one = bend_one * share * share
        for j in range(_NEAR):
            b = second + 2 * j
            vx, vy = fine[b + 2] - fine[b], fine[b + 3] - fine[b + 1]
            if i == _NEAR - 1 and j == 0:
                # The chords that meet: they may not lie one on the other.
                if ux * vx + uy * vy < 0.0:
                    cross = ux * vy - uy * vx
                    if cross * cross <= _ANGLE_SINE_MIN * _ANGLE_SINE_MIN * (ux * ux + uy * uy) * (vx * vx + vy * vy):
                        return True
                continue
            share = (2.0 * j + 1.0) / (_NEAR * _NEAR)
            nearest = min(_CLEARANCE_UNITS, _ANGLE_SINE_MIN * math.sqrt(min(ux * ux + uy * uy, vx * vx + vy * vy)))
            if _chords_touch(fine, a, b, nearest + off_one + bend_two * share * share):
                return True
    return False


@helper
def _parted_by(one, two, ux, uy):
    """Whether a line through the point where two neighbours meet, across (ux, uy), has all of the
    first behind it and all of the second ahead.
    """
    ax, ay, bx, by, cx, cy, jx, jy = one
    _, _, ex, ey, fx, fy, zx, zy = two
    behind = (ax - jx) * ux + (ay - jy) * uy < 0.0 and (bx - jx) * ux + (by - jy) * uy < 0.0
    ahead = (fx - jx) * ux + (fy - jy) * uy > 0.0 and (zx - jx) * ux + (zy - jy) * uy > 0.0
    if not (behind and ahead):
        return False
    # A handle may have no length.
    first = (cx - jx) * ux + (cy - jy) * uy < 0.0 or (cx == jx and cy == jy)
    second = (ex - jx) * ux + (ey - jy) * uy > 0.0 or (ex == jx and ey == jy)
    return first and second


@helper
def _direction(x, y, other_x, other_y):
    """The unit vector (x, y), or the other where it has no length."""
    if x == 0.0 and y == 0.0:
        x = other_x
        y = other_y
    length = math.sqrt(x * x + y * y)
    if length == 0.0:
        return 0.0, 0.0
    return x / length, y / length


@helper
def _beside(wx, wy, x, y, z, u, side, bound):
    """Whether two vectors lie on one side of a line along (wx, wy), nearer to it than `bound`
    nowhere.
    """
    return side * (wx * y - wy * x) >= bound and side * (wx * u - wy * z) >= bound


@helper
def _split_along(one, two, wx, wy, side):
    """Whether the line through the point where two neighbours meet, along (wx, wy), has all of the
    first on one side, where it may touch it, and all of the second strictly on the other.
    """
    ax, ay, bx, by, cx, cy, jx, jy = one
    _, _, ex, ey, fx, fy, zx, zy = two
    if wx == 0.0 and wy == 0.0:
        return False
    if not (_beside(wx, wy, ax - jx, ay - jy, bx - jx, by - jy, side, 0.0) and side * (wx * (cy - jy) - wy * (cx - jx)) >= 0.0):
        return False
    if not _beside(wx, wy, fx - jx, fy - jy, zx - jx, zy - jy, -side, _STRICTLY):
        return False
    return -side * (wx * (ey - jy) - wy * (ex - jx)) >= _STRICTLY or (ex == jx and ey == jy)


@helper
def _parted(one, two):
    """Whether a line through the point where two neighbours meet parts them."""
    ax, ay, bx, by, cx, cy, jx, jy = one
    _, _, ex, ey, fx, fy, zx, zy = two
    inx, iny = _direction(jx - cx, jy - cy, jx - bx, jy - by)
    outx, outy = _direction(ex - jx, ey - jy, fx - jx, fy - jy)
    # They go on, more or less; or they turn back, to either side of the bisector.
    if _parted_by(one, two, inx + outx, iny + outy):
        return True
    wx, wy = outy - iny, inx - outx
    if _parted_by(one, two, wx, wy) or _parted_by(one, two, -wx, -wy):
        return True
    # A line along one of the sides of either one's cone.
    three = (zx, zy, fx, fy, ex, ey, jx, jy)
    four = (jx, jy, cx, cy, bx, by, ax, ay)
    for turn in range(2):
        side = 1.0 - 2.0 * turn
        if _split_along(one, two, ax - jx, ay - jy, side) or _split_along(one, two, bx - jx, by - jy, side):
            return True
        if _split_along(one, two, cx - jx, cy - jy, side) or _split_along(three, four, ex - jx, ey - jy, side):
            return True
        if _split_along(three, four, fx - jx, fy - jy, side) or _split_along(three, four, zx - jx, zy - jy, side):
            return True
    return False


@helper
def _parted_by_chord(one, two):
    """Whether two segments that make a chain of their own lie on either side of the chord."""
    ax, ay, bx, by, cx, cy, jx, jy = one
    _, _, ex, ey, fx, fy, _, _ = two
    ux, uy = jx - ax, jy - ay
    b = ux * (by - ay) - uy * (bx - ax)
    c = ux * (cy - ay) - uy * (cx - ax)
    e = ux * (ey - ay) - uy * (ex - ax)
    f = ux * (fy - ay) - uy * (fx - ax)
    return (b > 0.0 and c > 0.0 and e < 0.0 and f < 0.0) or (b < 0.0 and c < 0.0 and e > 0.0 and f > 0.0)


@helper
def _parts_of(curve):
    """In how many pieces a segment is cut."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    length = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
    length += math.sqrt((cx - bx) * (cx - bx) + (cy - by) * (cy - by))
    length += math.sqrt((zx - cx) * (zx - cx) + (zy - cy) * (zy - cy))
    parts = max(math.ceil(length / _PIECE_UNITS), math.ceil(math.sqrt(_bend(curve) / _SAGITTA_UNITS)))
    return max(i64(parts), 1)


@helper
def _apart(chords, p, q, reach):
    """Whether one of two pieces lies on one side of the other's chord, farther than `reach`, or
    their boxes lie apart.
    """
    ax, ay, bx, by = chords[CHORD * p], chords[CHORD * p + 1], chords[CHORD * p + 2], chords[CHORD * p + 3]
    cx, cy, dx, dy = chords[CHORD * q], chords[CHORD * q + 1], chords[CHORD * q + 2], chords[CHORD * q + 3]
    if (
        max(ax, bx) + reach < min(cx, dx) or max(cx, dx) + reach < min(ax, bx)
        or max(ay, by) + reach < min(cy, dy) or max(cy, dy) + reach < min(ay, by)
    ):  # fmt: skip
        return True
    ux = bx - ax
    uy = by - ay
    limit2 = reach * reach * (ux * ux + uy * uy)
    one = ux * (cy - ay) - uy * (cx - ax)
    two = ux * (dy - ay) - uy * (dx - ax)
    if one * two > 0.0 and min(one * one, two * two) > limit2:
        return True
    ux = dx - cx
    uy = dy - cy
    limit2 = reach * reach * (ux * ux + uy * uy)
    one = ux * (ay - cy) - uy * (ax - cx)
    two = ux * (by - cy) - uy * (bx - cx)
    return one * two > 0.0 and min(one * one, two * two) > limit2


@helper
def _row_of(y, grid):
    """The grid's row of cells at a height; above the page it is its first."""
    return (i64(max(y, 0.0)) >> grid[CELL_SHIFT]) - grid[TOP]


@helper
def _column_of(x, grid):
    return min(i64(max(x, 0.0)) >> grid[CELL_SHIFT], grid[COLUMNS] - 1)


@helper
def _anything_near(curve, grid, heads):
    """Whether there is a piece in any block of cells that a segment's box touches."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    row0 = max(_row_of(min(min(ay, by), min(cy, zy)) - _CLEARANCE_UNITS, grid), 0) >> BLOCK_SHIFT
    row1 = min(_row_of(max(max(ay, by), max(cy, zy)) + _CLEARANCE_UNITS, grid), grid[ROWS] - 1) >> BLOCK_SHIFT
    column0 = _column_of(min(min(ax, bx), min(cx, zx)) - _CLEARANCE_UNITS, grid) >> BLOCK_SHIFT
    column1 = _column_of(max(max(ax, bx), max(cx, zx)) + _CLEARANCE_UNITS, grid) >> BLOCK_SHIFT
    blocks = grid[COLUMNS] * grid[ROWS]
    across = (grid[COLUMNS] + BLOCK - 1) >> BLOCK_SHIFT
    for row in range(row0, row1 + 1):
        for column in range(column0, column1 + 1):
            if heads[blocks + row * across + column] != 0:
                return True
    return False


@kernel("i64(const f64*, const u8*, const i64*, i64, const i64*, const i64*, i32*, i32*, i32*, f64*, i32*, u8*)")
def mark_crossings(segments, kinds, offsets, chain_count, grid, places, heads, nodes, pieces, chords, links, marks):
    """Mark the segments that cross or touch another one, or themselves. Returns how many places
    were found where they do, or NO_ROOM.

    segments, kinds, offsets  as in `Curves`
    grid       i64 (GRID,), see there; a page is looked through in bands of rows, one call each
    places     i64 (segments,), see `curves.START_SHIFT`; asked only where FRESH_ONLY is 1
    heads      scratch, i32: COLUMNS · ROWS cells, and their blocks of BLOCK · BLOCK, rounded up
    nodes      scratch, i32 (2 · NODES_MAX,)
    pieces     scratch, i32 (PIECE · PIECES_MAX,)
    chords     scratch, f64 (CHORD · PIECES_MAX + FINE,)
    links      i32 (segments,), out for the first band, in for the next: the segment before each,
               doubled, and 1 where no line parts the two
    marks      in and out, u8 (segments,): a bit for each eighth of a segment that crosses something
    """
    columns, rows, fresh_only = grid[COLUMNS], grid[ROWS], grid[FRESH_ONLY]
    fine = CHORD * grid[PIECES_MAX]
    across = (columns + BLOCK - 1) >> BLOCK_SHIFT
    for k in range(columns * rows):
        heads[k] = -1
    for k in range(across * ((rows + BLOCK - 1) >> BLOCK_SHIFT)):
        heads[columns * rows + k] = 0
    band_top = f64(grid[TOP] << grid[CELL_SHIFT])
    band_end = f64((grid[TOP] + rows) << grid[CELL_SHIFT])
    made = 0
    node_count = 0
    marked = 0
    # First those that are held against each other, then, if these are not all, the others against
    # them.
    for sweep in range(1 + fresh_only):
        # Neighbours are held against each other with the first band.
        linking = sweep == 0 and grid[TOP] == 0
        for chain in range(chain_count):
            begin = offsets[chain]
            end = offsets[chain + 1]
            if begin == end:
                continue
            if linking:
                # What rounding empties is no segment any more: which one comes before each?
                x = to_units(segments[6 * end - 2])
                y = to_units(segments[6 * end - 1])
                first = -1
                last = -1
                count = 0
                cubics = 0
                for k in range(begin, end):
                    to_x = to_units(segments[6 * k + 4])
                    to_y = to_units(segments[6 * k + 5])
                    empty = x == to_x and y == to_y
                    if empty and kinds[k] != 0:
                        empty = (
                            to_units(segments[6 * k]) == x and to_units(segments[6 * k + 1]) == y
                            and to_units(segments[6 * k + 2]) == x and to_units(segments[6 * k + 3]) == y
                        )  # fmt: skip
                    links[k] = -1 if empty else 2 * last
                    if not empty:
                        first = k if first < 0 else first
                        last = k
                        count += 1
                        cubics += 1 if kinds[k] != 0 else 0
                    x = to_x
                    y = to_y
                if first < 0 or (cubics == 0 and count < 3):
                    # It encloses nothing any more, and would not be written.
                    for k in range(begin, end):
                        marks[k] = _ALL
                        links[k] = -1
                    marked += 1
                    continue
                links[first] = 2 * last
            else:
                first = begin
                last = end - 1
                while first < last and links[first] < 0:
                    first += 1
                while last > first and links[last] < 0:
                    last -= 1
                if links[first] < 0:
                    continue
                count = 3
            last_k = last
            ax = f64(to_units(segments[6 * last + 4]))
            ay = f64(to_units(segments[6 * last + 5]))
            fresh_before = fresh_only == 0 or places[last] & ANEW != 0
            for k in range(first, last + 1):
                if links[k] < 0:
                    continue
                fresh = fresh_only == 0 or places[k] & ANEW != 0
                if (sweep == 0 and not (fresh or fresh_before)) or (sweep == 1 and fresh):
                    last_k = k
                    fresh_before = fresh
                    ax = f64(to_units(segments[6 * k + 4]))
                    ay = f64(to_units(segments[6 * k + 5]))
                    continue
                curve = _curve(segments, kinds, k, ax, ay)
                _, _, bx, by, cx, cy, zx, zy = curve
                if linking:
                    if fresh and (turns_back(bx - ax, by - ay, cx - bx, cy - by, zx - cx, zy - cy) or last_k == k):
                        marks[k] = _ALL
                        marked += 1
                    previous = _linked(segments, kinds, links, last_k)
                    if not (_parted_by_chord(previous, curve) if count == 2 else _parted(previous, curve)):
                        links[k] |= 1
                        one = _part_of(previous, 1.0 - 1.0 / _parts_of(previous), 1.0)
                        two = _part_of(curve, 0.0, 1.0 / _parts_of(curve))
                        if not _parted(one, two) and _meeting_touch(one, two, chords, fine):
                            marks[last_k] |= 1 << (_EIGHTHS - 1)
                            marks[k] |= 1
                            marked += 1
                low = min(min(ay, by), min(cy, zy))
                high = max(max(ay, by), max(cy, zy))
                from_x = ax
                from_y = ay
                last_k = k
                fresh_before = fresh
                ax = zx
                ay = zy
                if sweep == 0 and not fresh:
                    continue
                if high + _CLEARANCE_UNITS < band_top or low - _CLEARANCE_UNITS > band_end:
                    continue
                if sweep == 1 and not _anything_near(curve, grid, heads):
                    continue
                parts = _parts_of(curve)
                # Pieces. The second differences bound how far a part of the curve lies from its
                # chord.
                sagitta = _bend(curve) / (f64(parts) * f64(parts))
                margin = sagitta + _CLEARANCE_UNITS
                for part in range(parts):
                    end_x, end_y = zx, zy
                    if part + 1 < parts:
                        end_x, end_y = _point(curve, (part + 1) / f64(parts))
                    # The page begins at 0; what lies beyond its border lies in its outermost cells.
                    row0 = _row_of(min(from_y, end_y) - margin, grid)
                    row1 = _row_of(max(from_y, end_y) + margin, grid)
                    if row1 >= 0 and row0 < rows:
                        if made >= grid[PIECES_MAX]:
                            return NO_ROOM
                        pieces[PIECE * made] = k
                        pieces[PIECE * made + 1] = part
                        pieces[PIECE * made + 2] = parts
                        chords[CHORD * made] = from_x
                        chords[CHORD * made + 1] = from_y
                        chords[CHORD * made + 2] = end_x
                        chords[CHORD * made + 3] = end_y
                        chords[CHORD * made + 4] = sagitta
                        column0 = _column_of(min(from_x, end_x) - margin, grid)
                        column1 = _column_of(max(from_x, end_x) + margin, grid)
                        for row in range(max(row0, 0), min(row1, rows - 1) + 1):
                            for column in range(column0, column1 + 1):
                                head = row * columns + column
                                node = i64(heads[head])
                                while node >= 0:
                                    other = i64(nodes[2 * node])
                                    node = i64(nodes[2 * node + 1])
                                    against = i64(pieces[PIECE * other])
                                    if against == k:
                                        continue
                                    reach = sagitta + chords[CHORD * other + 4] + _CLEARANCE_UNITS
                                    if _apart(chords, made, other, reach):
                                        continue
                                    their_part = i64(pieces[PIECE * other + 1])
                                    their_parts = i64(pieces[PIECE * other + 2])
                                    if links[k] >> 1 == against and (links[k] & 1 == 0 or (part == 0 and their_part == their_parts - 1)):
                                        continue
                                    if links[against] >> 1 == k and (links[against] & 1 == 0 or (part == parts - 1 and their_part == 0)):
                                        continue
                                    mine = _bit_at((part + 0.5) / parts)
                                    theirs = _bit_at((their_part + 0.5) / their_parts)
                                    if marks[k] & mine != 0 and marks[against] & theirs != 0:
                                        continue
                                    both = sagitta + chords[CHORD * other + 4]
                                    if _pieces_touch(segments, kinds, links, pieces, made, other, both, chords, fine):
                                        marks[k] |= mine
                                        marks[against] |= theirs
                                        marked += 1
                                if sweep == 0:
                                    if node_count >= grid[NODES_MAX]:
                                        return NO_ROOM
                                    nodes[2 * node_count] = made
                                    nodes[2 * node_count + 1] = heads[head]
                                    heads[head] = node_count
                                    node_count += 1
                                    heads[columns * rows + (row >> BLOCK_SHIFT) * across + (column >> BLOCK_SHIFT)] = 1
                        if sweep == 0:
                            made += 1
                    from_x = end_x
                    from_y = end_y
    return marked
