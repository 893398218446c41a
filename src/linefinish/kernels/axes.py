"""Centre lines: chains of a thinned page become points in the middle between two outlines.

Thinning says what hangs together, the outlines say where the middle is. The thinned page is cut
into *chains* of pixels at its ends and branches (`follow_chains`). The outlines are laid out as
short straight *pieces* in a grid of cells (`lay_pieces`, `sort_pieces`). Each pixel of a chain
becomes an *atom* (`find_atoms`; Pizer 2003: medial atom): a point as far from the nearest place on
its left as from the nearest one on its right, by a few steps of Newton's method, with that distance
as its radius. At the ends of chains, where the nearest places lie not opposite each other, a bent
line through the atoms farther in tells how the stroke goes on (`find_arms`), and a ray where its
round end begins (`find_tips`).
"""
from __future__ import annotations

from math import sqrt

from linefinish.kernels._casts import i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.ends import neighbour_x, neighbour_y
from linefinish.kernels.widths import ink_at

LINE = 0

# What an atom is, in numbers.
X, Y = 0, 1  # its place in pixels
RADIUS = 2  # how far the outlines are, in pixels
FACING = 3  # minus the cosine between the ways to them: 1 where they lie opposite each other
ALONG = 4  # the way from the chain's first atom, in pixels
ATOM = 5

# A piece of an outline: its middle, its unit direction, half its length, the outline's number.
PIECE_X, PIECE_Y, PIECE_TX, PIECE_TY, PIECE_HALF, PIECE_OUTLINE = 0, 1, 2, 3, 4, 5
PIECE = 6

# The grid of cells that pieces are sorted into: f64 (GRID,).
CELL_PX = 0  # side of a cell in pixels
COLUMNS, ROWS = 1, 2  # how many cells there are
FAR_PX = 3  # no outline is looked for beyond this
REACH_PX = 4  # no place on a piece is farther than this from its middle
GRID = 5

# What is told of a chain's end: f64 (ARM,) and f64 (TIP,).
ARM_X, ARM_Y, ARM_DX, ARM_DY, ARM_BEND_X, ARM_BEND_Y = 0, 1, 2, 3, 4, 5
ARM_OWN = 6  # half the width of the stroke, beyond what it meets
ARM_RADIUS = 7  # of the atom at the cut
ARM_CUT = 8  # atoms from the end up to the cut
ARM = 9
TIP_X, TIP_Y, TIP_RADIUS = 0, 1, 2
TIP_CUT = 3  # atoms from the end up to the last one that is kept
TIP = 4

# Pixels on either side over which a chain is evened out before its atoms are looked for. Larger:
# small loops shrink; smaller: more steps.
_SMOOTH_HALF = 3
# Steps towards the middle of an atom at most, and the way in pixels that ends them.
_STEPS, _STILL_PX = 4, 0.002
# Pieces that are seen at less than this sine from behind are none that face an atom.
_FACING_MIN = 0.2
# A squared distance beyond all others, in pixels.
_BEYOND2 = 1e18
# A piece reaches this many times half its length to either side. Larger: feet beyond sharp corners;
# smaller: none where an arc's chords gape.
_OVERLAP = 1.05
# So many of `lay_pieces`' steps a place on a piece is from its middle at most: a cubic is nowhere
# faster than three times its legs are long in all.
REACH_STEPS = 1.5 * _OVERLAP
# Radii that are sorted to find the middle one.
_SORTED_MAX = 63
# Where an atom's radius exceeds that of its stroke by this factor and so many pixels, it lies
# between other strokes' outlines, too.
_FAT_FACTOR, _FAT_PX = 1.006, 0.05
# An arm begins so many of its own radii beyond that. Larger: more to foretell; smaller: a direction
# that other strokes had a part in.
_CLEAR = 0.5
# So far back an arm is looked at, in its own radii, and at least in pixels. Larger: strokes bend
# otherwise there; smaller: less sure of the direction. By how far known branches lay from what arms
# foretold: a cubic over 3 radii is three times as near as a parabola in bold strokes, which get
# straighter towards their ends, and 12 px twice as near as 8 in thin ones.
_REACH, _REACH_PX = 3.0, 12.0
# An arm shorter than this is a parabola. Smaller: cubics that follow what pixels leave.
_CUBIC_PX = 9.0
# How much a radius may change a pixel of way for it to be the stroke's own taper.
_TAPER_MAX = 0.1
# The same at an end, which may run out in a point.
_TIP_TAPER_MAX = 0.4
# Largest bend of an arm, as one over a radius in pixels.
_BEND_MAX = 0.08


@helper
def _links(lines, width, height, stride, x, y):
    """Which of the eight neighbours a line pixel is joined to: all at its sides, and those at a
    corner that it shares no side's neighbour with. A bit for each direction.
    """
    mask = 0
    for direction in range(0, 8, 2):
        if ink_at(lines, width, height, stride, x + neighbour_x(direction), y + neighbour_y(direction)):
            mask |= 1 << direction
    for direction in range(1, 8, 2):
        beside = (1 << (direction - 1)) | (1 << ((direction + 1) & 7))
        if mask & beside == 0 and ink_at(lines, width, height, stride, x + neighbour_x(direction), y + neighbour_y(direction)):
            mask |= 1 << direction
    return mask


@helper
def _ones(mask):
    count = 0
    for direction in range(8):
        count += (mask >> direction) & 1
    return count


@helper
def _take(left, stride, x, y):
    left[y * stride + (x >> 6)] &= u64(~u64(u64(1) << u64(x & 63)))


@helper
def _put(track, at, x, y):
    track[2 * at] = x
    track[2 * at + 1] = y
    return at + 1


@helper
def _walk(lines, left, width, height, stride, x, y, direction, track, at):
    """Follow the chain that leaves (x, y) in a direction, up to a pixel with other than two links,
    or back to (x, y). Its pixels are taken from `left`. → how many there are in `track` now.
    """
    at = _put(track, at, x, y)
    before_x = x
    before_y = y
    here_x = x + neighbour_x(direction)
    here_y = y + neighbour_y(direction)
    while here_x != x or here_y != y:
        at = _put(track, at, here_x, here_y)
        mask = _links(lines, width, height, stride, here_x, here_y)
        if _ones(mask) != 2:
            return at
        _take(left, stride, here_x, here_y)
        next_x = x
        next_y = y
        for there in range(8):
            if (mask >> there) & 1 != 0:
                there_x = here_x + neighbour_x(there)
                there_y = here_y + neighbour_y(there)
                if there_x != before_x or there_y != before_y:
                    next_x = there_x
                    next_y = there_y
        before_x = here_x
        before_y = here_y
        here_x = next_x
        here_y = next_y
    # A chain that begins and ends in one branch has its pixel at both ends; a loop has each once.
    return _put(track, at, x, y) if _ones(_links(lines, width, height, stride, x, y)) != 2 else at


@kernel("i64(const u64*, u64*, i64, i64, i64, i32*, i64*, u8*)")
def follow_chains(lines, left, width, height, stride, track, offsets, closed):
    """Cut a thinned page into chains. → how many.

    left     a copy of lines; scratch
    track    out, i32 (…, 2): x, y of the pixels of one chain after the other, from its one end or
             branch to the other, both with it
    offsets  out, i64 (chains + 1,), into track; closed out, u8 (chains,): 1 where a chain is a loop

    A pixel without neighbours is a chain of one.
    """
    at = 0
    count = 0
    offsets[0] = 0
    for loops in range(2):
        for y in range(height):
            for k in range(stride):
                rest = lines[y * stride + k] if loops == 0 else left[y * stride + k]
                while rest != u64(0):
                    x = 64 * k + trailing_zeros(rest)
                    rest &= u64(rest - u64(1))
                    if not ink_at(left, width, height, stride, x, y):
                        continue
                    mask = _links(lines, width, height, stride, x, y)
                    degree = _ones(mask)
                    if loops == 0 and degree == 2:
                        continue
                    _take(left, stride, x, y)
                    if degree == 0:
                        at = _put(track, at, x, y)
                        closed[count] = 0
                        count += 1
                        offsets[count] = at
                    for direction in range(8):
                        if (mask >> direction) & 1 == 0:
                            continue
                        # What was taken already is a chain that came from there.
                        if not ink_at(left, width, height, stride, x + neighbour_x(direction), y + neighbour_y(direction)):
                            continue
                        at = _walk(lines, left, width, height, stride, x, y, direction, track, at)
                        closed[count] = loops
                        count += 1
                        offsets[count] = at
                        if loops == 1:
                            break
    return count


@helper
def _length(x, y):
    return sqrt(x * x + y * y)


@kernel("i64(const f64*, const u8*, const i64*, i64, f64, f64*, i64)")
def lay_pieces(segments, kinds, offsets, chains, step, pieces, capacity):
    """Outlines as straight pieces no longer than about `step` pixels. → how many there are; those
    of segments beyond the first `capacity` pieces are not written.

    segments, kinds, offsets  as in Curves; pieces out, f64 (capacity, PIECE)
    """
    count = 0
    for chain in range(chains):
        first = offsets[chain]
        last = offsets[chain + 1]
        for segment in range(first, last):
            before = 6 * (segment - 1 if segment > first else last - 1)
            here = 6 * segment
            x0, y0 = segments[before + 4], segments[before + 5]
            x1, y1, x2, y2 = segments[here], segments[here + 1], segments[here + 2], segments[here + 3]
            x3, y3 = segments[here + 4], segments[here + 5]
            if kinds[segment] == LINE:
                x1, y1 = x0 + (x3 - x0) / 3.0, y0 + (y3 - y0) / 3.0
                x2, y2 = x3 - (x3 - x0) / 3.0, y3 - (y3 - y0) / 3.0
            length = _length(x1 - x0, y1 - y0) + _length(x2 - x1, y2 - y1) + _length(x3 - x2, y3 - y2)
            parts = i64(length / step) + 1
            if count + parts <= capacity:
                for part in range(parts):
                    t = (part + 0.5) / parts
                    u = 1.0 - t
                    a, b, c, d = u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t
                    dx = u * u * (x1 - x0) + 2.0 * u * t * (x2 - x1) + t * t * (x3 - x2)
                    dy = u * u * (y1 - y0) + 2.0 * u * t * (y2 - y1) + t * t * (y3 - y2)
                    speed = max(_length(dx, dy), 1e-9)
                    at = PIECE * (count + part)
                    pieces[at + PIECE_X] = a * x0 + b * x1 + c * x2 + d * x3
                    pieces[at + PIECE_Y] = a * y0 + b * y1 + c * y2 + d * y3
                    pieces[at + PIECE_TX] = dx / speed
                    pieces[at + PIECE_TY] = dy / speed
                    pieces[at + PIECE_HALF] = 1.5 * speed / parts
                    pieces[at + PIECE_OUTLINE] = chain
            count += parts
    return count


@helper
def _cell(value, cell, cells):
    return min(max(i64(value / cell), 0), cells - 1)


@kernel("i64(const f64*, i64, const f64*, i64*, i32*)")
def sort_pieces(pieces, count, grid, starts, items):
    """Sort pieces by the cells that their middles lie in. → count

    grid    f64 (GRID,)
    starts  out, i64 (cells + 2,): cell c has items[starts[c]] … items[starts[c + 1] - 1]
    items   out, i32 (count,): numbers of pieces
    """
    columns = i64(grid[COLUMNS])
    rows = i64(grid[ROWS])
    for cell in range(columns * rows + 2):
        starts[cell] = 0
    for i in range(count):
        cell = _cell(pieces[PIECE * i + PIECE_Y], grid[CELL_PX], rows) * columns + _cell(pieces[PIECE * i], grid[CELL_PX], columns)
        starts[cell + 2] += 1
    for cell in range(columns * rows + 1):
        starts[cell + 1] += starts[cell]
    for i in range(count):
        cell = _cell(pieces[PIECE * i + PIECE_Y], grid[CELL_PX], rows) * columns + _cell(pieces[PIECE * i], grid[CELL_PX], columns)
        items[starts[cell + 1]] = i
        starts[cell + 1] += 1
    return count


@helper
def _foot(pieces, i, x, y):
    """The place on a piece that is nearest to (x, y), from there, and its squared distance."""
    at = PIECE * i
    ax = pieces[at + PIECE_X] - x
    ay = pieces[at + PIECE_Y] - y
    tx = pieces[at + PIECE_TX]
    ty = pieces[at + PIECE_TY]
    reach = _OVERLAP * pieces[at + PIECE_HALF]
    along = min(max(-(ax * tx + ay * ty), -reach), reach)
    ax += along * tx
    ay += along * ty
    return ax, ay, ax * ax + ay * ay


@helper
def _faced(pieces, i, x, y):
    """The place on a piece that is nearest to (x, y), from there, and its squared distance, if it
    faces that point from the ink's side; else a distance beyond all.
    """
    at = PIECE * i
    ax = pieces[at + PIECE_X] - x
    ay = pieces[at + PIECE_Y] - y
    behind = ax * pieces[at + PIECE_TY] - ay * pieces[at + PIECE_TX]  # ink lies to the right of the way
    if behind <= 0.0 or behind * behind <= _FACING_MIN * _FACING_MIN * (ax * ax + ay * ay):
        return 0.0, 0.0, _BEYOND2
    return _foot(pieces, i, x, y)


@helper
def _outside(value, cell, i, cells):
    """How far a coordinate is from cell i of a row of cells; the outermost ones go on for ever."""
    below = i * cell - value if i > 0 else 0.0
    above = value - (i + 1) * cell if i + 1 < cells else 0.0
    return max(below, above, 0.0)


@helper
def _feet(pieces, grid, starts, items, x, y, tx, ty, left_guess, right_guess):
    """The pieces nearest to (x, y), in ink, to the left and to the right of a direction; -1 for
    none. Of pieces equally near it is the one of the lower number. Looks through rings of cells,
    as far as what was found lies. Guesses, -1 for none, change nothing but the time: a point's
    feet are near those of the point before.
    """
    cell = grid[CELL_PX]
    columns = i64(grid[COLUMNS])
    rows = i64(grid[ROWS])
    far_px = grid[FAR_PX]
    column = _cell(x, cell, columns)
    row = _cell(y, cell, rows)
    left2 = far_px * far_px
    right2 = left2
    left = -1
    right = -1
    for side in range(2):
        piece = left_guess if side == 0 else right_guess
        if piece >= 0:
            ax, ay, far2 = _faced(pieces, piece, x, y)
            if tx * ay - ty * ax < 0.0:
                if far2 < left2 or (far2 == left2 and piece < left):
                    left2 = far2
                    left = piece
            elif far2 < right2 or (far2 == right2 and piece < right):
                right2 = far2
                right = piece
    # A piece is sorted by its middle, and a foot may lie so far from that.
    bound = sqrt(max(left2, right2)) + grid[REACH_PX]
    ring = 0
    while (ring - 1) * cell <= bound:
        for j in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            away_y = _outside(y, cell, j, rows)
            if away_y > bound:
                continue
            step = 1 if ring == 0 or j == row - ring or j == row + ring else 2 * ring
            i = column - ring
            while i <= column + ring:
                if 0 <= i < columns and starts[j * columns + i] < starts[j * columns + i + 1]:
                    away_x = _outside(x, cell, i, columns)
                    if away_x * away_x + away_y * away_y <= bound * bound:
                        for k in range(starts[j * columns + i], starts[j * columns + i + 1]):
                            piece = i64(items[k])
                            ax, ay, far2 = _faced(pieces, piece, x, y)
                            if tx * ay - ty * ax < 0.0:
                                if far2 < left2 or (far2 == left2 and piece < left):
                                    left2 = far2
                                    left = piece
                            elif far2 < right2 or (far2 == right2 and piece < right):
                                right2 = far2
                                right = piece
                        bound = sqrt(max(left2, right2)) + grid[REACH_PX]
                i += step
        ring += 1
    return left, right


@helper
def _atom(pieces, grid, starts, items, x, y, tx, ty, left, right):
    """Move a point to the middle. → x, y, radius, facing, and the pieces to its left and right,
    for which there are guesses
    """
    radius = 0.5
    facing = -1.0
    for _ in range(_STEPS):
        left, right = _feet(pieces, grid, starts, items, x, y, tx, ty, left, right)
        if left < 0 or right < 0:
            return x, y, radius, -1.0, left, right
        lx, ly, left2 = _foot(pieces, left, x, y)
        rx, ry, right2 = _foot(pieces, right, x, y)
        to_left = max(sqrt(left2), 1e-9)
        to_right = max(sqrt(right2), 1e-9)
        radius = 0.5 * (to_left + to_right)
        facing = -(lx * rx + ly * ry) / (to_left * to_right)
        ux = lx / to_left - rx / to_right
        uy = ly / to_left - ry / to_right
        norm = _length(ux, uy)
        if norm < 0.3:
            return x, y, radius, facing, left, right
        way = min(max((to_left - to_right) / max(norm, 0.5), -0.75 * radius), 0.75 * radius)
        ux /= norm
        uy /= norm
        x += way * ux
        y += way * uy
        turned = 1.0 if ux * ty - uy * tx > 0.0 else -1.0
        tx, ty = -turned * uy, turned * ux
        if abs(way) < _STILL_PX:
            return x, y, radius, facing, left, right
    return x, y, radius, facing, left, right


@kernel("i64(const i32*, const i64*, const u8*, i64, const f64*, const f64*, const i64*, const i32*, f64*)")
def find_atoms(track, offsets, closed, chains, pieces, grid, starts, items, atoms):
    """An atom for each pixel of each chain. → how many.

    atoms  out, f64 (pixels, ATOM)
    """
    for chain in range(chains):
        first = offsets[chain]
        n = offsets[chain + 1] - first
        is_loop = closed[chain] != 0
        way = 0.0
        left = -1
        right = -1
        for i in range(n):
            half = min(_SMOOTH_HALF, (n - 1) >> 1) if is_loop else min(_SMOOTH_HALF, min(i, n - 1 - i))
            sum_x = 0.0
            sum_y = 0.0
            for k in range(i - half, i + half + 1):
                j = k + (n if k < 0 else 0) - (n if k >= n else 0)
                sum_x += track[2 * (first + j)]
                sum_y += track[2 * (first + j) + 1]
            a = i - _SMOOTH_HALF
            b = i + _SMOOTH_HALF
            if is_loop and n > _SMOOTH_HALF:
                a += n if a < 0 else 0
                b -= n if b >= n else 0
            a = max(a, 0)
            b = min(b, n - 1)
            tx = 1.0 * (track[2 * (first + b)] - track[2 * (first + a)])
            ty = 1.0 * (track[2 * (first + b) + 1] - track[2 * (first + a) + 1])
            norm = _length(tx, ty)
            if norm == 0.0:
                tx = 1.0
                norm = 1.0
            share = 1.0 / (2 * half + 1)
            x, y, radius, facing, left, right = _atom(
                pieces, grid, starts, items, sum_x * share + 0.5, sum_y * share + 0.5, tx / norm, ty / norm, left, right
            )
            at = ATOM * (first + i)
            if i > 0:
                way += _length(x - atoms[at - ATOM], y - atoms[at - ATOM + 1])
            atoms[at + X] = x
            atoms[at + Y] = y
            atoms[at + RADIUS] = radius
            atoms[at + FACING] = facing
            atoms[at + ALONG] = way
    return offsets[chains]


@helper
def _middle(atoms, first, step, i, j, scratch):
    """The middle one of the radii of the atoms i … j - 1 that follow `first` by steps."""
    count = j - i
    if count < 1:
        return 0.0
    apart = (count + _SORTED_MAX - 1) // _SORTED_MAX
    made = 0
    k = i
    while k < j:
        value = atoms[ATOM * (first + step * k) + RADIUS]
        at = made
        while at > 0 and scratch[at - 1] > value:
            scratch[at] = scratch[at - 1]
            at -= 1
        scratch[at] = value
        made += 1
        k += apart
    return scratch[made >> 1]


@kernel("i64(const f64*, const i64*, i64, f64*, f64*)")
def middle_radii(atoms, offsets, chains, scratch, radii):
    """The middle radius of each chain. → chains. scratch f64 (64,); radii out, f64 (chains,)"""
    for chain in range(chains):
        radii[chain] = _middle(atoms, offsets[chain], 1, 0, offsets[chain + 1] - offsets[chain], scratch)
    return chains


@helper
def _way(atoms, first, step, k):
    return abs(atoms[ATOM * (first + step * k) + ALONG] - atoms[ATOM * first + ALONG])


@helper
def _fit(atoms, first, step, k, m, field, degree):
    """Least squares, by a polynomial of a degree of at most three, of a field of the atoms k … m
    over the way back from k: its value, slope, second and third derivative at k.

    By polynomials that are orthogonal over those places (Forsythe 1957): each is one loop, and the
    next one is told by two sums over the one before.
    """
    start = _way(atoms, first, step, k)
    base = atoms[ATOM * (first + step * k) + field]
    # The recurrence's numbers of the polynomials of degree 1, 2 and 3.
    a1 = 0.0
    a2 = 0.0
    a3 = 0.0
    b2 = 0.0
    b3 = 0.0
    # The last polynomial's value, slope and second derivative at k, those of the one before, and
    # its sum of squares.
    value, slope, bend = 1.0, 0.0, 0.0
    value_before, slope_before, bend_before = 0.0, 0.0, 0.0
    square_before = 1.0
    found, found_slope, found_bend, found_turn = base, 0.0, 0.0, 0.0
    for order in range(degree + 1):
        square = 0.0
        shift = 0.0
        share = 0.0
        for i in range(k, m + 1):
            s = start - _way(atoms, first, step, i)
            p = 1.0
            if order > 0:
                one = s - a1
                p = one
                if order > 1:
                    two = (s - a2) * one - b2
                    p = two if order == 2 else (s - a3) * two - b3 * one
            square += p * p
            shift += s * p * p
            share += p * (atoms[ATOM * (first + step * i) + field] - base)
        if square <= 1e-9:
            break
        share /= square
        shift /= square
        found += share * value
        found_slope += share * slope
        found_bend += share * bend
        if order == 3:
            found_turn = 6.0 * share
        back = square / square_before if order > 0 else 0.0
        if order == 0:
            a1 = shift
        elif order == 1:
            a2 = shift
            b2 = back
        else:
            a3 = shift
            b3 = back
        square_before = square
        next_bend = 2.0 * slope - shift * bend - back * bend_before
        next_slope = value - shift * slope - back * slope_before
        next_value = -shift * value - back * value_before
        value_before, slope_before, bend_before = value, slope, bend
        value, slope, bend = next_value, next_slope, next_bend
    return found, found_slope, found_bend, found_turn


@kernel("i64(const f64*, const i64*, const f64*, i64, f64*, f64*)")
def find_arms(atoms, offsets, wanted, count, scratch, arms):
    """How chains go on towards a branch. → count

    wanted  f64 (count, 3): chain, end (0 first, 1 last), the part of the chain that may be cut off
    arms    out, f64 (count, ARM)
    """
    for number in range(count):
        chain = i64(wanted[3 * number])
        n = offsets[chain + 1] - offsets[chain]
        step = 1 if wanted[3 * number + 1] == 0.0 else -1
        first = offsets[chain] if step == 1 else offsets[chain + 1] - 1
        length = _way(atoms, first, step, n - 1)
        node_radius = atoms[ATOM * first + RADIUS]
        middle = _middle(atoms, first, step, 0, n, scratch)
        # Its own width: beyond what the branch reaches, where it may taper.
        low = min(1.5 * node_radius + 1.0, 0.5 * length)
        high = min(low + max(6.0, 8.0 * middle), min(wanted[3 * number + 2] + 0.1, 0.95) * length)
        i = 0
        while i < n - 1 and _way(atoms, first, step, i) < low:
            i += 1
        j = i
        while j < n and _way(atoms, first, step, j) <= high:
            j += 1
        own = _middle(atoms, first, step, i, j, scratch) if j > i else middle
        base = own
        taper = 0.0
        if j - i >= 6:
            base, taper, _, _ = _fit(atoms, first, step, i, j - 1, RADIUS, 1)
            taper = min(max(taper, -_TAPER_MAX), _TAPER_MAX)
            if abs(base - own) > 0.3 * own:
                base = own
                taper = 0.0
        start = _way(atoms, first, step, i)
        top = wanted[3 * number + 2] * length
        least = min(0.6 * node_radius, 0.5 * length)
        k = 0
        while k < n - 1:
            way = _way(atoms, first, step, k)
            at = ATOM * (first + step * k)
            # What tapers is foretold up to where it was looked at.
            wide = _FAT_FACTOR * (base + taper * max(start - way, -3.0 * own)) + _FAT_PX
            if way >= least and atoms[at + RADIUS] <= wide and atoms[at + FACING] >= 0.7:
                break
            k += 1
        if k >= n - 1 or _way(atoms, first, step, k) > top:
            k = 0
            while k < n - 1 and _way(atoms, first, step, k) < min(top, node_radius):
                k += 1
        target = min(_way(atoms, first, step, k) + _CLEAR * own, max(top, _way(atoms, first, step, k)))
        while k < n - 2 and _way(atoms, first, step, k) < target:
            k += 1
        fat = _FAT_FACTOR * (base + taper * (start - _way(atoms, first, step, k))) + _FAT_PX
        m = k
        want = _way(atoms, first, step, k) + max(_REACH_PX, _REACH * own)
        while m < n - 1 and _way(atoms, first, step, m) < want and _way(atoms, first, step, m) <= 0.92 * length:
            m += 1
        if m - k < 2:
            m = min(n - 1, k + 2)
            k = max(0, m - 2)
        far = _way(atoms, first, step, m) - _way(atoms, first, step, k)
        degree = 1 if m - k < 7 or far < 6.0 else (2 if m - k < 9 or far < _CUBIC_PX else 3)
        x, dx, bend_x, turn_x = _fit(atoms, first, step, k, m, X, degree)
        y, dy, bend_y, turn_y = _fit(atoms, first, step, k, m, Y, degree)
        norm = max(_length(dx, dy), 1e-9)
        # What gets straighter goes on doing so up to the branch, but does not bend the other way.
        fading = (turn_x * bend_x + turn_y * bend_y) / max(bend_x * bend_x + bend_y * bend_y, 1e-18)
        kept = min(max(1.0 + fading * _way(atoms, first, step, k) / (3.0 * norm), 0.0), 1.0) / (norm * norm)
        bend_x *= kept
        bend_y *= kept
        too_bent = max(_length(bend_x, bend_y) / _BEND_MAX, 1.0)
        at = ARM * number
        arms[at + ARM_X] = x
        arms[at + ARM_Y] = y
        arms[at + ARM_DX] = dx / norm
        arms[at + ARM_DY] = dy / norm
        arms[at + ARM_BEND_X] = bend_x / too_bent
        arms[at + ARM_BEND_Y] = bend_y / too_bent
        arms[at + ARM_OWN] = own
        radius = atoms[ATOM * (first + step * k) + RADIUS]
        arms[at + ARM_RADIUS] = min(radius, fat)
        arms[at + ARM_CUT] = k
    return count


@helper
def _ray(pieces, grid, starts, items, x, y, dx, dy, limit):
    """How far it is from (x, y), in ink, along the unit (dx, dy) to paper; at most `limit`."""
    cell = grid[CELL_PX]
    columns = i64(grid[COLUMNS])
    rows = i64(grid[ROWS])
    best = limit
    way = 0.0
    while way <= best + cell:
        column = i64((x + way * dx) / cell)
        row = i64((y + way * dy) / cell)
        for j in range(max(row - 1, 0), min(row + 1, rows - 1) + 1):
            for i in range(max(column - 1, 0), min(column + 1, columns - 1) + 1):
                for k in range(starts[j * columns + i], starts[j * columns + i + 1]):
                    at = PIECE * i64(items[k])
                    tx = pieces[at + PIECE_TX]
                    ty = pieces[at + PIECE_TY]
                    out = dx * ty - dy * tx
                    if out <= 0.05:
                        continue
                    ax = pieces[at + PIECE_X] - x
                    ay = pieces[at + PIECE_Y] - y
                    far = (ax * ty - ay * tx) / out
                    if 0.0 <= far < best and abs((far * dx - ax) * tx + (far * dy - ay) * ty) <= 1.1 * pieces[at + PIECE_HALF] + 0.02:
                        best = far
        way += cell
    return best


@kernel("i64(const f64*, const i64*, const i64*, i64, const f64*, const f64*, const i64*, const i32*, f64*, f64*)")
def find_tips(atoms, offsets, wanted, count, pieces, grid, starts, items, scratch, tips):
    """Where strokes end: the middles of their round ends. → count

    wanted  i64 (count, 2): chain, end (0 first, 1 last)
    tips    out, f64 (count, TIP)
    """
    for number in range(count):
        chain = wanted[2 * number]
        n = offsets[chain + 1] - offsets[chain]
        step = 1 if wanted[2 * number + 1] == 0 else -1
        first = offsets[chain] if step == 1 else offsets[chain + 1] - 1
        length = _way(atoms, first, step, n - 1)
        k = 0
        while k < n - 1:
            at = ATOM * (first + step * k)
            if _way(atoms, first, step, k) >= min(atoms[at + RADIUS] + 1.0, 0.5 * length) and atoms[at + FACING] > 0.9:
                break
            k += 1
        if k >= n - 1:
            k = n >> 1
        here = ATOM * (first + step * k)
        m = k
        want = _way(atoms, first, step, k) + max(5.0, 3.0 * atoms[here + RADIUS])
        want = min(want, length - atoms[here + RADIUS])  # the other end is round, too
        while m < n - 1 and (_way(atoms, first, step, m) < want or m < k + 2):
            m += 1
        at = TIP * number
        tips[at + TIP_CUT] = k
        tips[at + TIP_X] = atoms[here + X]
        tips[at + TIP_Y] = atoms[here + Y]
        tips[at + TIP_RADIUS] = atoms[here + RADIUS]
        if m == k:
            continue
        degree = 2 if m - k >= 6 else 1
        x, dx, bend_x, _ = _fit(atoms, first, step, k, m, X, degree)
        y, dy, bend_y, _ = _fit(atoms, first, step, k, m, Y, degree)
        radius, slope, _, _ = _fit(atoms, first, step, k, m, RADIUS, 1)
        norm = max(_length(dx, dy), 1e-9)
        slope = min(max(slope / norm, -_TIP_TAPER_MAX), _TIP_TAPER_MAX) if m - k >= 5 else 0.0
        # The stroke bends on: aim half way ahead.
        ahead = 0.5 * radius / (norm * norm)
        dx = dx / norm + ahead * bend_x
        dy = dy / norm + ahead * bend_y
        norm = max(_length(dx, dy), 1e-9)
        dx /= norm
        dy /= norm
        ahead = (_ray(pieces, grid, starts, items, x, y, dx, dy, 9.0 * radius + 2.0) - radius) / (1.0 + slope)
        middle = _middle(atoms, first, step, 0, n, scratch)
        ahead = max(-0.5 * middle, min(ahead, 8.0 * radius + 2.0))
        tips[at + TIP_X] = x + ahead * dx
        tips[at + TIP_Y] = y + ahead * dy
        tips[at + TIP_RADIUS] = max(radius + slope * ahead, 0.2)
    return count


@kernel("i64(const f64*, const f64*, const i64*, const i32*, f64, f64)")
def outline_at(pieces, grid, starts, items, x, y):
    """The number of the outline that is nearest to (x, y), in ink; -1 if none is near."""
    left, right = _feet(pieces, grid, starts, items, x, y, 1.0, 0.0, -1, -1)
    if left < 0 and right < 0:
        return -1
    nearest = left
    if left < 0 or (right >= 0 and _foot(pieces, right, x, y)[2] < _foot(pieces, left, x, y)[2]):
        nearest = right
    return i64(pieces[PIECE * nearest + PIECE_OUTLINE])
