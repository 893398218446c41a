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

from linefinish.kernels._casts import f64, i64, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.cubic import turns_back
from linefinish.kernels.curves import ANEW, NEAR
from linefinish.kernels.quantise import UNITS_PER_PX, to_units

# What is known of a page's segments as a whole: i64 (VIEW,), the `view` of the kernels.
FRESH_ONLY = 0  # 1: only segments that were fitted anew are held against all others, else 0
NARROWS_STRIDE, NARROWS_ROWS = 1, 2  # of `narrows`, in words and rows; 0 rows: nothing is known
PIECES_LIKELY = 3  # out of `link_segments`: about how many pieces are to be kept
CHAINS, SEGMENTS = 4, 10
CELLS = 5  # of the grid's hash table, a power of two
TOP, ROWS = 6, 7  # the band of rows of cells that is looked through
PIECES_MAX, NODES_MAX = 8, 9  # room for pieces, and for places of pieces in cells
VIEW = 11
# Side of a cell of the grid, in units, as a power of two: 4 px. Smaller: more cells for each piece
# of a curve; larger: more pieces in a cell (8 px: twice as many pairs on hatching).
_CELL_SHIFT = 6
CELL_PX = 4
# The same of a cell of `narrows`: 4 px. Smaller: more to write and to ask; larger: more is near.
_NARROW_SHIFT = 6
# How far beyond a curve's box a narrow place counts, in units: 2 px. A corner's apex, which may lie
# farther off its points than the bound, comes after a tip that is narrow itself.
_NARROW_MARGIN_UNITS = 32.0
# Pieces of a segment that are passed over at once where nothing is near.
_GROUP = 4
# Cells a row, for the hash of a cell. Two cells with one hash only mean a few more pairs to tell
# apart.
_HASH_STRIDE = 769
# Cells a side of a block, of which is known whether there is anything in it.
_BLOCK_SHIFT = 3
# Hashes of blocks: u8 flags would do. Fewer: blocks with nothing in them are looked at.
BLOCKS = 4096

# A piece: i32 (PIECE,) its segment, its number in it, of how many, and its segment's link less the
# bits of what is asked; f64 (CHORD,) its ends and how far it may lie from the chord between them.
PIECE, CHORD = 4, 5

# A link: the segment before one, shifted, and in the lowest bits: no line parts the two; its ends
# are asked for what is near, as it or a neighbour is short; all of it is, as no line parts it from
# a neighbour.
_LINK_SHIFT, _MEETS_BEFORE, _ENDS_ASKED, _ASKED = 3, 1, 2, 4
_WHAT_IS_ASKED = _ENDS_ASKED | _ASKED
# A mark: one bit for each eighth of a segment, by its parameter, that crosses something.
_EIGHTHS = 8
_ALL = 255
# There was no room for that many pieces or nodes.
NO_ROOM = -1

# Length of a piece, in units, and how far it may lie from its chord. Longer: fewer pieces that are
# harder to tell apart.
_PIECE_UNITS, _SAGITTA_UNITS = 128.0, 4.0
# How near two curves may come that are no neighbours, in units: 1/64 px. Any flattening that is
# finer keeps them apart.
_CLEARANCE_UNITS = 0.25
# Chords of a piece where its own chord does not tell; of one that meets its neighbour.
_FINE, _NEAR = 8, 8
# Scratch for the ends of the chords of two pieces, behind all others: f64 (FINE,).
FINE = 4 * (_NEAR + 1)
# Size of a segment whose neighbours may meet where the bitmap is not narrow, in units: 3 px.
# Smaller: crossings at the ends of blunt tips are not seen; larger: more pieces.
_SHORT_UNITS = 48.0
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
    at = 6 * (links[k] >> _LINK_SHIFT)
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
def _bit_at(t):
    """The bit of the eighth in which a parameter lies."""
    return 1 << min(i64(_EIGHTHS * t), _EIGHTHS - 1)


@helper
def _pieces_touch(segments, kinds, links, pieces, p, q, sagitta, fine, base):
    """Where two pieces touch, chord by chord: the eighths of either one's segment, as marks. The
    chords lie in `fine` from `base` on.
    """
    for side in range(2):
        at = PIECE * (p if side == 0 else q)
        curve = _linked(segments, kinds, links, i64(pieces[at]))
        count = f64(pieces[at + 2])
        _lay_out(curve, pieces[at + 1] / count, (pieces[at + 1] + 1) / count, fine, base + side * 2 * (_FINE + 1))
    clearance = _CLEARANCE_UNITS + sagitta / (_FINE * _FINE)
    theirs = base + 2 * (_FINE + 1)
    left = right = fine[theirs]
    top = bottom = fine[theirs + 1]
    for j in range(1, _FINE + 1):
        x, y = fine[theirs + 2 * j], fine[theirs + 2 * j + 1]
        left, right = min(left, x), max(right, x)
        top, bottom = min(top, y), max(bottom, y)
    first = 0
    second = 0
    for i in range(_FINE):
        # Most chords lie apart from all of the other piece's.
        ax, ay, bx, by = fine[base + 2 * i], fine[base + 2 * i + 1], fine[base + 2 * i + 2], fine[base + 2 * i + 3]
        if max(ax, bx) + clearance < left or right + clearance < min(ax, bx):
            continue
        if max(ay, by) + clearance < top or bottom + clearance < min(ay, by):
            continue
        for j in range(_FINE):
            if _chords_touch(fine, base + 2 * i, theirs + 2 * j, clearance):
                first |= _bit_at((pieces[PIECE * p + 1] + (i + 0.5) / _FINE) / pieces[PIECE * p + 2])
                second |= _bit_at((pieces[PIECE * q + 1] + (j + 0.5) / _FINE) / pieces[PIECE * q + 2])
    return first, second


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
    if _parted_by(one, two, ex - cx, ey - cy):  # a smooth joint
        return True
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
def _is_short(curve):
    """Whether the neighbours of a segment are so near to each other that they may meet."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    wide = max(max(ax, bx), max(cx, zx)) - min(min(ax, bx), min(cx, zx))
    high = max(max(ay, by), max(cy, zy)) - min(min(ay, by), min(cy, zy))
    return max(wide, high) < _SHORT_UNITS


@helper
def _parts_of(curve, bend):
    """In how many pieces a segment is cut, of which is known how far it may lie from its chord."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    length = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
    length += math.sqrt((cx - bx) * (cx - bx) + (cy - by) * (cy - by))
    length += math.sqrt((zx - cx) * (zx - cx) + (zy - cy) * (zy - cy))
    parts = max(math.ceil(length / _PIECE_UNITS), math.ceil(math.sqrt(bend / _SAGITTA_UNITS)))
    return max(i64(parts), 1)


@helper
def _beyond(ux, uy, cx, cy, dx, dy):
    """By how much two points lie on the same side of a line along (ux, uy) through the origin, at
    least, times the length of that; negative where they do not.
    """
    one = ux * cy - uy * cx
    two = ux * dy - uy * dx
    return max(min(one, two), -max(one, two))


@helper
def _apart(chord, chords, q, margin):
    """1 where one of two pieces lies on one side of the other's chord, farther than both may lie
    off theirs, or their boxes lie apart, else 0. Nearly all do, by one of four ways that no
    processor guesses, so that all are tried and only the answer is a branch.
    """
    ax, ay, bx, by = chord
    cx, cy, dx, dy = chords[CHORD * q], chords[CHORD * q + 1], chords[CHORD * q + 2], chords[CHORD * q + 3]
    reach = margin + chords[CHORD * q + 4]
    across = max(min(cx, dx) - max(ax, bx), min(ax, bx) - max(cx, dx))
    along = max(min(cy, dy) - max(ay, by), min(ay, by) - max(cy, dy))
    ux, uy = bx - ax, by - ay
    vx, vy = dx - cx, dy - cy
    one = _beyond(ux, uy, cx - ax, cy - ay, dx - ax, dy - ay)
    two = _beyond(vx, vy, ax - cx, ay - cy, bx - cx, by - cy)
    reach2 = reach * reach
    apart = 1 if max(across, along) > reach else 0
    apart |= 1 if one * math.fabs(one) > reach2 * (ux * ux + uy * uy) else 0
    apart |= 1 if two * math.fabs(two) > reach2 * (vx * vx + vy * vy) else 0
    return apart


@helper
def _cell(units, shift):
    """The row or column of cells at a height or width; what lies beyond the page's border lies in
    its first.
    """
    return i64(max(units, 0.0)) >> shift


@helper
def _hash(row, column, cells):
    return (row * _HASH_STRIDE + column) & (cells - 1)


@helper
def _is_narrow(narrows, view, left, top, right, bottom):
    """Whether outlines may come near each other in a box, or nothing is known of it."""
    rows = view[NARROWS_ROWS]
    first = _cell(left - _NARROW_MARGIN_UNITS, _NARROW_SHIFT)
    last = _cell(right + _NARROW_MARGIN_UNITS, _NARROW_SHIFT)
    if rows == 0 or last - first >= 63:
        return True
    mask = u64(u64(u64(1) << u64(last - first + 1)) - u64(1))
    shift = u64(first & 63)
    row = _cell(top - _NARROW_MARGIN_UNITS, _NARROW_SHIFT)
    end = min(_cell(bottom + _NARROW_MARGIN_UNITS, _NARROW_SHIFT), rows - 1)
    at = row * view[NARROWS_STRIDE] + min(first >> 6, view[NARROWS_STRIDE] - 2)
    while row <= end:
        word = u64(narrows[at] >> shift)
        if shift != u64(0):
            word |= u64(narrows[at + 1] << u64(u64(64) - shift))
        if word & mask != u64(0):
            return True
        row += 1
        at += view[NARROWS_STRIDE]
    return False


@helper
def _may_be_near(narrows, view, curve):
    """Whether outlines may come near each other in the box of a curve's control points."""
    ax, ay, bx, by, cx, cy, zx, zy = curve
    left, right = min(min(ax, bx), min(cx, zx)), max(max(ax, bx), max(cx, zx))
    top, bottom = min(min(ay, by), min(cy, zy)), max(max(ay, by), max(cy, zy))
    return _is_narrow(narrows, view, left, top, right, bottom)


@helper
def _anything_near(left, top, right, bottom, heads, cells):
    """Whether there is a piece in any block of cells that a box touches."""
    row0 = _cell(top, _CELL_SHIFT) >> _BLOCK_SHIFT
    row1 = _cell(bottom, _CELL_SHIFT) >> _BLOCK_SHIFT
    column0 = _cell(left, _CELL_SHIFT) >> _BLOCK_SHIFT
    column1 = _cell(right, _CELL_SHIFT) >> _BLOCK_SHIFT
    for row in range(row0, row1 + 1):
        for column in range(column0, column1 + 1):
            if heads[cells + _hash(row, column, BLOCKS)] != 0 and _any_piece(left, top, right, bottom, row, column, heads, cells):
                return True
    return False


@helper
def _any_piece(left, top, right, bottom, block_row, block_column, heads, cells):
    """Whether there is a piece in any cell of a block that a box touches."""
    last = (1 << _BLOCK_SHIFT) - 1
    row0, column0 = block_row << _BLOCK_SHIFT, block_column << _BLOCK_SHIFT
    row1 = min(_cell(bottom, _CELL_SHIFT), row0 + last)
    column1 = min(_cell(right, _CELL_SHIFT), column0 + last)
    for row in range(max(_cell(top, _CELL_SHIFT), row0), row1 + 1):
        for column in range(max(_cell(left, _CELL_SHIFT), column0), column1 + 1):
            if heads[_hash(row, column, cells)] >= 0:
                return True
    return False


@kernel("i64(const u64*, i64, i64, i64, u64*, u64*, i64)")
def find_narrows(padded, stride, height, is_wide, scratch, narrows, narrows_stride):
    """Mark the cells of a bitmap in which two edges of opposite kind are within one pixel of each
    other across, or two where is_wide is 1, and one along: thin ink, narrow paper, corners that
    touch or nearly so. Returns how many words were written.

    padded   u64 (height + 2, stride), from `boundary.crack_map`
    scratch  u64 (3 · (stride + 2),)
    narrows  out, u64 (rows of cells, narrows_stride): a bit a cell, and a word to spare at each
             row's end; zeros before

    The outlines of two edges that are farther away are one pixel apart, or two: none of them leaves
    the pixels on either side of its edge.
    """
    second = u64(0) if is_wide == 0 else u64(~u64(0))
    eastern = 1  # ink to the left of a vertical crack, in this row, the one above or the one below
    upper = stride + 3  # ink above a horizontal crack, in two rows above to two below
    found = 2 * (stride + 2)
    for k in range(3 * (stride + 2)):
        scratch[k] = u64(0)
    written = 0
    # Each loop has few rows to read, or it would not take four words at a time.
    for y in range(height + 1):
        here = y * stride
        above = max(y - 1, 0) * stride
        above2 = max(y - 2, 0) * stride
        below = here + stride
        below2 = min(y + 2, height + 1) * stride
        below3 = min(y + 3, height + 1) * stride
        for k in range(stride - 1):
            a, b, c = padded[above + k], padded[here + k], padded[below + k]
            next_a = u64(a >> u64(1)) | u64(padded[above + k + 1] << u64(63))
            next_b = u64(b >> u64(1)) | u64(padded[here + k + 1] << u64(63))
            next_c = u64(c >> u64(1)) | u64(padded[below + k + 1] << u64(63))
            scratch[eastern + k] = (a & u64(~next_a)) | (b & u64(~next_b)) | (c & u64(~next_c))
        k = stride - 1
        a, b, c = padded[above + k], padded[here + k], padded[below + k]
        scratch[eastern + k] = (a & u64(~(a >> u64(1)))) | (b & u64(~(b >> u64(1)))) | (c & u64(~(c >> u64(1))))
        for k in range(stride):
            a, b, c = padded[above2 + k], padded[above + k], padded[here + k]
            d, e, f = padded[below + k], padded[below2 + k], padded[below3 + k]
            scratch[upper + k] = (b & u64(~c)) | (c & u64(~d)) | (d & u64(~e)) | (second & ((a & u64(~b)) | (e & u64(~f))))
        for k in range(stride - 1):
            b, c = padded[here + k], padded[below + k]
            next_b = u64(b >> u64(1)) | u64(padded[here + k + 1] << u64(63))
            low, mid, high = scratch[eastern + k - 1], scratch[eastern + k], scratch[eastern + k + 1]
            wide = mid | u64(mid << u64(1)) | u64(mid >> u64(1)) | u64(low >> u64(63)) | u64(high << u64(63))
            wide |= second & (u64(mid << u64(2)) | u64(mid >> u64(2)) | u64(low >> u64(62)) | u64(high << u64(62)))
            over = scratch[upper + k]
            over |= u64(over << u64(1)) | u64(over >> u64(1))
            over |= u64(scratch[upper + k - 1] >> u64(63)) | u64(scratch[upper + k + 1] << u64(63))
            scratch[found + k] |= (u64(~b) & next_b & wide) | (u64(~b) & c & over)
        k = stride - 1
        b, c = padded[here + k], padded[below + k]
        mid = scratch[eastern + k]
        wide = mid | u64(mid << u64(1)) | u64(mid >> u64(1)) | u64(scratch[eastern + k - 1] >> u64(63))
        wide |= second & (u64(mid << u64(2)) | u64(mid >> u64(2)) | u64(scratch[eastern + k - 1] >> u64(62)))
        over = scratch[upper + k]
        over |= u64(over << u64(1)) | u64(over >> u64(1)) | u64(scratch[upper + k - 1] >> u64(63))
        scratch[found + k] |= (u64(~b) & u64(b >> u64(1)) & wide) | (u64(~b) & c & over)
        if y & 3 == 3 or y == height:
            row = (y >> 2) * narrows_stride
            for k in range(stride):
                word = scratch[found + k]
                if word != u64(0):
                    # Four bits become one, and sixteen of these lie side by side.
                    word |= u64(word >> u64(1))
                    word = u64(word | u64(word >> u64(2))) & u64(0x1111111111111111)
                    word = u64(word | u64(word >> u64(3))) & u64(0x0303030303030303)
                    word = u64(word | u64(word >> u64(6))) & u64(0x000F000F000F000F)
                    word = u64(word | u64(word >> u64(12))) & u64(0x000000FF000000FF)
                    word = u64(word | u64(word >> u64(24))) & u64(0xFFFF)
                    narrows[row + (k >> 2)] |= u64(word << u64(16 * (k & 3)))
                    scratch[found + k] = u64(0)
                    written += 1
    return written


@kernel("i64(const f64*, const u8*, const i64*, i64*, const u64*, i64*, f64*, i32*, u8*)")
def link_segments(segments, kinds, offsets, view, narrows, places, chords, links, marks):
    """Find each segment's neighbour, and mark those that meet theirs elsewhere too, or themselves,
    and chains that enclose nothing. Returns how many such places there are.

    segments, kinds, offsets  as in `Curves`
    view     i64 (VIEW,), see there; in and out: PIECES_LIKELY
    narrows  from `find_narrows`, where NARROWS_ROWS is not 0
    places   in and out, i64 (segments,), see `curves.START_SHIFT`: NEAR is set or not where a
             segment was fitted anew, or FRESH_ONLY is 0
    chords   scratch, f64 (FINE,)
    links    out, i32 (SEGMENTS + 2 · CHAINS,): the segment before each, shifted, and in the lowest
             bits whether a line parts the two, see above; -1 for one that rounding empties; and
             then each chain's first and last row of cells
    marks    in and out, u8 (segments,): a bit for each eighth of a segment that crosses something
    """
    fresh_only = view[FRESH_ONLY]
    marked = 0
    pieces_likely = 0
    for chain in range(view[CHAINS]):
        begin = offsets[chain]
        end = offsets[chain + 1]
        span = view[SEGMENTS] + 2 * chain
        links[span] = 1
        links[span + 1] = 0
        if begin == end:
            continue
        high = segments[6 * begin + 1]
        low = high
        for k in range(begin, end):
            high = min(min(high, segments[6 * k + 1]), min(segments[6 * k + 3], segments[6 * k + 5]))
            low = max(max(low, segments[6 * k + 1]), max(segments[6 * k + 3], segments[6 * k + 5]))
        links[span] = _cell((high - 1.0) * UNITS_PER_PX, _CELL_SHIFT)
        links[span + 1] = _cell((low + 1.0) * UNITS_PER_PX, _CELL_SHIFT)
        untouched = fresh_only == 1
        if untouched:
            for k in range(begin, end):
                untouched = untouched and places[k] & ANEW == 0
        if untouched:
            # Each begins where the one before ends, even where that is no segment any more.
            for k in range(begin, end):
                links[k] = (k - 1) << _LINK_SHIFT
            links[begin] = (end - 1) << _LINK_SHIFT
            continue
        # What rounding empties is no segment any more: which one comes before each?
        x = to_units(segments[6 * end - 2])
        y = to_units(segments[6 * end - 1])
        start_x = x
        start_y = y
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
            links[k] = -1 if empty else last << _LINK_SHIFT
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
        links[first] = last << _LINK_SHIFT
        last_k = last
        ax = f64(start_x)
        ay = f64(start_y)
        has_previous = False
        previous = (ax, ay, ax, ay, ax, ay, ax, ay)
        fresh_before = fresh_only == 0 or places[last] & ANEW != 0
        after_short = False
        for k in range(first, last + 1):
            if links[k] < 0:
                continue
            if after_short:
                links[k] |= _ENDS_ASKED
            after_short = False
            fresh = fresh_only == 0 or places[k] & ANEW != 0
            if not (fresh or fresh_before):
                last_k = k
                ax = f64(to_units(segments[6 * k + 4]))
                ay = f64(to_units(segments[6 * k + 5]))
                has_previous = False
                continue
            curve = _curve(segments, kinds, k, ax, ay)
            _, _, bx, by, cx, cy, zx, zy = curve
            if not has_previous:
                previous = _linked(segments, kinds, links, last_k)
                if _is_short(previous):
                    links[links[last_k] >> _LINK_SHIFT] |= _ENDS_ASKED
                    links[last_k] |= _ENDS_ASKED
                    links[k] |= _ENDS_ASKED
            if _is_short(curve):
                links[last_k] |= _ENDS_ASKED
                links[k] |= _ENDS_ASKED
                after_short = True
            if fresh and kinds[k] != 0 and turns_back(bx - ax, by - ay, cx - bx, cy - by, zx - cx, zy - cy):
                marks[k] = _ALL
                marked += 1
            if last_k == k:
                marks[k] = _ALL
                marked += 1
            parted = _parted_by_chord(previous, curve) if count == 2 else _parted(previous, curve)
            if not parted:
                links[k] |= _MEETS_BEFORE | _ASKED
                links[last_k] |= _ASKED
                one = _part_of(previous, 1.0 - 1.0 / _parts_of(previous, _bend(previous)), 1.0)
                two = _part_of(curve, 0.0, 1.0 / _parts_of(curve, _bend(curve)))
                if not _parted(one, two) and _meeting_touch(one, two, chords, 0):
                    marks[last_k] |= 1 << (_EIGHTHS - 1)
                    marks[k] |= 1
                    marked += 1
            if fresh:
                places[k] &= ~NEAR
                if _may_be_near(narrows, view, curve):
                    places[k] |= NEAR
            last_k = k
            fresh_before = fresh
            previous = curve
            has_previous = True
            ax = zx
            ay = zy
        if after_short:
            links[first] |= _ENDS_ASKED
        for k in range(first, last + 1):
            asked = links[k] >= 0 and (places[k] & NEAR != 0 or links[k] & _WHAT_IS_ASKED != 0)
            if asked and (fresh_only == 0 or places[k] & ANEW != 0):
                before = 6 * (links[k] >> _LINK_SHIFT)
                way = math.fabs(segments[6 * k + 4] - segments[before + 4]) + math.fabs(segments[6 * k + 5] - segments[before + 5])
                pieces_likely += 2 + i64(way * (UNITS_PER_PX / _PIECE_UNITS))
    view[PIECES_LIKELY] = pieces_likely
    return marked


@kernel("i64(const f64*, const u8*, const i64*, const i64*, const u64*, const i64*, const i32*, i32*, i32*, i32*, f64*, u8*)")
def mark_crossings(segments, kinds, offsets, view, narrows, places, links, heads, nodes, pieces, chords, marks):
    """Mark the segments that cross or touch another one that is no neighbour, or a neighbour where
    the two do not meet. Returns how many places were found where they do, or NO_ROOM.

    segments, kinds, offsets  as in `Curves`
    view, narrows, places, links  from `link_segments`; a page is looked through in bands of rows,
               one call each
    heads      scratch, i32: CELLS, and BLOCKS
    nodes      scratch, i32 (2 · NODES_MAX,)
    pieces     scratch, i32 (PIECE · PIECES_MAX,)
    chords     scratch, f64 (CHORD · PIECES_MAX + FINE,)
    marks      in and out, u8 (segments,): a bit for each eighth of a segment that crosses something
    """
    fresh_only, cells = view[FRESH_ONLY], view[CELLS]
    fine = CHORD * view[PIECES_MAX]
    for k in range(cells):
        heads[k] = -1
    for k in range(cells, cells + BLOCKS):
        heads[k] = 0
    top, bottom = view[TOP], view[TOP] + view[ROWS] - 1
    # In pixels, and one more.
    band_top = f64(top * CELL_PX - 1) if top > 0 else -1e18
    band_end = f64((bottom + 1) * CELL_PX + 1)
    made = 0
    node_count = 0
    marked = 0
    # First those that are held against each other, then, if these are not all, the others against
    # them.
    for sweep in range(1 + fresh_only):
        for chain in range(view[CHAINS]):
            span = view[SEGMENTS] + 2 * chain
            if links[span] > bottom or links[span + 1] < top:
                continue
            for k in range(offsets[chain], offsets[chain + 1]):
                if links[k] < 0 or (places[k] & NEAR == 0 and links[k] & _WHAT_IS_ASKED == 0):
                    continue
                if fresh_only == 1 and (places[k] & ANEW != 0) == (sweep == 1):
                    continue
                # Where it is known before rounding that the band has nothing of it.
                before = 6 * (links[k] >> _LINK_SHIFT)
                x, y = segments[before + 4], segments[before + 5]
                low = min(min(y, segments[6 * k + 1]), min(segments[6 * k + 3], segments[6 * k + 5]))
                high = max(max(y, segments[6 * k + 1]), max(segments[6 * k + 3], segments[6 * k + 5]))
                if high < band_top or low > band_end:
                    continue
                if sweep == 1:
                    left = min(min(x, segments[6 * k]), min(segments[6 * k + 2], segments[6 * k + 4])) - 0.125
                    right = max(max(x, segments[6 * k]), max(segments[6 * k + 2], segments[6 * k + 4])) + 0.125
                    box = (UNITS_PER_PX * left, UNITS_PER_PX * (low - 0.125), UNITS_PER_PX * right, UNITS_PER_PX * (high + 0.125))
                    if not _anything_near(box[0], box[1], box[2], box[3], heads, cells):
                        continue
                curve = _linked(segments, kinds, links, k)
                ax, ay, _, _, _, _, zx, zy = curve
                bend = _bend(curve)
                parts = _parts_of(curve, bend)
                # Pieces. The second differences bound how far a part of the curve lies from its
                # chord.
                sagitta = bend / (f64(parts) * f64(parts))
                # The link as a piece has it, its own where one comes after it, and the neighbour
                # before it from which a line parts it.
                link = links[k] & ~_WHAT_IS_ASKED
                own_link = k << _LINK_SHIFT
                parted_from = -1 if link & _MEETS_BEFORE != 0 else link >> _LINK_SHIFT
                margin = sagitta + _CLEARANCE_UNITS
                end_x, end_y = ax, ay
                passed_over = 0
                for part in range(parts):
                    if part < passed_over:
                        continue
                    if part & (_GROUP - 1) == 1 and part + _GROUP < parts and links[k] & _ASKED == 0:
                        # Pieces by the box of a few of them first, but for the first and the last.
                        ends = part + _GROUP
                        sub = _part_of(curve, part / f64(parts), ends / f64(parts))
                        if not _may_be_near(narrows, view, sub):
                            passed_over = ends
                            end_x, end_y = sub[6], sub[7]
                            continue
                    from_x, from_y = end_x, end_y
                    end_x, end_y = zx, zy
                    if part + 1 < parts:
                        end_x, end_y = _point(curve, (part + 1) / f64(parts))
                    left, right = min(from_x, end_x) - margin, max(from_x, end_x) + margin
                    upper, lower = min(from_y, end_y) - margin, max(from_y, end_y) + margin
                    asked = links[k] & (_ASKED | _ENDS_ASKED if part == 0 or part == parts - 1 else _ASKED)
                    row0 = max(_cell(upper, _CELL_SHIFT), top)
                    row1 = min(_cell(lower, _CELL_SHIFT), bottom)
                    if row0 > row1 or (asked == 0 and not _is_narrow(narrows, view, left, upper, right, lower)):
                        continue
                    if made >= view[PIECES_MAX]:
                        return NO_ROOM
                    pieces[PIECE * made] = k
                    pieces[PIECE * made + 1] = part
                    pieces[PIECE * made + 2] = parts
                    pieces[PIECE * made + 3] = link
                    chords[CHORD * made] = from_x
                    chords[CHORD * made + 1] = from_y
                    chords[CHORD * made + 2] = end_x
                    chords[CHORD * made + 3] = end_y
                    chords[CHORD * made + 4] = sagitta
                    chord = (from_x, from_y, end_x, end_y)
                    column0 = _cell(left, _CELL_SHIFT)
                    column1 = _cell(right, _CELL_SHIFT)
                    for row in range(row0, row1 + 1):
                        for column in range(column0, column1 + 1):
                            head = _hash(row, column, cells)
                            node = i64(heads[head])
                            while node >= 0:
                                other = i64(nodes[2 * node])
                                node = i64(nodes[2 * node + 1])
                                against = i64(pieces[PIECE * other])
                                # Itself, or a neighbour that is parted from it, or far enough.
                                apart = _apart(chord, chords, other, margin)
                                apart |= 1 if against == k else 0
                                apart |= 1 if against == parted_from else 0
                                apart |= 1 if i64(pieces[PIECE * other + 3]) == own_link else 0
                                if apart != 0:
                                    continue
                                their_part = i64(pieces[PIECE * other + 1])
                                their_parts = i64(pieces[PIECE * other + 2])
                                if links[k] >> _LINK_SHIFT == against and part == 0 and their_part == their_parts - 1:
                                    continue
                                if links[against] >> _LINK_SHIFT == k and part == parts - 1 and their_part == 0:
                                    continue
                                both = sagitta + chords[CHORD * other + 4]
                                mine, theirs = _pieces_touch(segments, kinds, links, pieces, made, other, both, chords, fine)
                                marks[k] |= mine
                                marks[against] |= theirs
                                marked += 1 if mine != 0 else 0
                            if sweep == 0:
                                if node_count >= view[NODES_MAX]:
                                    return NO_ROOM
                                nodes[2 * node_count] = made
                                nodes[2 * node_count + 1] = heads[head]
                                heads[head] = node_count
                                node_count += 1
                                heads[cells + _hash(row >> _BLOCK_SHIFT, column >> _BLOCK_SHIFT, BLOCKS)] = 1
                    if sweep == 0:
                        made += 1
    return marked
