"""What the paper looks like: its brightness in cells of 4 × 4 pixels, found under the ink, and
divided out.

A grey closing (Serra 1982) wider than a stroke takes strokes away and leaves what is wide: paper,
shadows, washes. It runs on a copy that is sixteen times smaller. Solid blacks are no paper and left
out beforehand; where the closing does not reach across, they take the paper of the nearest cell
that knows it.
"""
from __future__ import annotations

from linefinish.kernels._casts import i64, u64
from linefinish.kernels._lanes import (
    add8,
    at_most64,
    bytes8,
    fill64,
    ints8,
    load8,
    load64,
    max64,
    min64,
    mul8,
    shift8,
    store8,
    store64,
    store_bytes8,
    sub64,
    where64,
)
from linefinish.kernels._modes import helper, kernel

# Greys by which cells of one wash may differ. Larger: rims pass for washes; smaller: granulated
# washes are dropped at solids.
_ALIKE_GRAYS_MAX = 12
# Farther than any cell can be from another, in chamfer units.
_FAR = 1 << 30


@helper
def _mean4(gray, upper, lower, left, right):
    return (i64(gray[upper + left]) + i64(gray[upper + right]) + i64(gray[lower + left]) + i64(gray[lower + right]) + 2) >> 2


@helper
def _brightest(gray, y0, y1, y2, y3, x):
    """The brightest 2 × 2 mean of a cell whose four rows and first column these are."""
    above = max(_mean4(gray, y0, y1, x, x + 1), _mean4(gray, y0, y1, x + 2, x + 3))
    below = max(_mean4(gray, y2, y3, x, x + 1), _mean4(gray, y2, y3, x + 2, x + 3))
    return max(above, below)


@kernel("i64(const u8*, i64, i64, i64, i64, u8*)")
def pool(gray, width, height, columns, rows, cells):
    """Brightest 2 × 2 mean of each 4 × 4 cell. gray u8 (height, width) → cells u8 (rows, columns),
    rows = ⌈height / 4⌉.

    Brightest, so that thin strokes vanish at once; of means, so that noise of one pixel does not
    pose as paper.
    """
    full = width >> 2
    for r in range(rows):
        y0 = 4 * r * width
        y1 = min(4 * r + 1, height - 1) * width
        y2 = min(4 * r + 2, height - 1) * width
        y3 = min(4 * r + 3, height - 1) * width
        # Sixteen cells at once, which are white where nothing is drawn.
        for first in range(0, full & ~15, 16):
            x = 4 * first
            least = min64(min64(load64(gray, y0 + x), load64(gray, y1 + x)), min64(load64(gray, y2 + x), load64(gray, y3 + x)))
            if at_most64(fill64(255), least) == u64(0xFFFF_FFFF_FFFF_FFFF):
                for c in range(first, first + 16):
                    cells[r * columns + c] = 255
            else:
                for c in range(first, first + 16):
                    cells[r * columns + c] = _brightest(gray, y0, y1, y2, y3, 4 * c)
        for c in range(full & ~15, full):
            cells[r * columns + c] = _brightest(gray, y0, y1, y2, y3, 4 * c)
        for c in range(full, columns):
            x = 4 * c
            x1, x2, x3 = min(x + 1, width - 1), min(x + 2, width - 1), min(x + 3, width - 1)
            above = max(_mean4(gray, y0, y1, x, x1), _mean4(gray, y0, y1, x2, x3))
            below = max(_mean4(gray, y2, y3, x, x1), _mean4(gray, y2, y3, x2, x3))
            cells[r * columns + c] = max(above, below)
    return 0


@helper
def _largest_along(values, begin, length, other, window):
    """Items begin … begin + length - 1 become the largest of themselves and the window - 1 after
    them; past the end counts as 0.

    Spans double (log window steps), from one buffer to the other: in place the compiler would not
    dare to vectorise. A row at a time, which stays in the nearest cache.
    """
    span = 1
    while span < window:
        step = min(span, window - span)
        reach = min(step, length)
        for i in range(length - reach):
            here, there = values[begin + i], values[begin + i + reach]
            other[i] = here if here > there else there
        for i in range(length - reach):
            values[begin + i] = other[i]
        span += step


@helper
def _largest_down(values, wide, high, other, window):
    """Rows 0 … high - window become the largest of themselves and the window - 1 below them; the
    others are spoilt.

    Blocks of `window` rows: the largest from each row to its block's end (in `other`), and from its
    block's start to each row; every window is an end and a start (van Herk 1992). Three passes
    whatever the window, where doubling spans took two for each doubling: at 419 megapixels 0.31 ms
    a megapixel became 0.09.
    """
    for back in range(high):
        y = high - 1 - back
        last = y == high - 1 or (y + 1) - (y + 1) // window * window == 0
        for x in range(wide):
            here = values[y * wide + x]
            there = here if last else other[(y + 1) * wide + x]
            other[y * wide + x] = here if here > there else there
    for y in range(1, high):
        if y - y // window * window != 0:
            for x in range(wide):
                here, there = values[y * wide + x], values[(y - 1) * wide + x]
                values[y * wide + x] = here if here > there else there
    for y in range(high - window + 1):
        for x in range(wide):
            here, there = other[y * wide + x], values[(y + window - 1) * wide + x]
            values[y * wide + x] = here if here > there else there


@kernel("i64(u8*, i64, i64, i64, u8*, u8*)")
def close_cells(cells, columns, rows, radius, padded, other):
    """Grey closing by a square of 2 · radius + 1 cells, in place; what lies beyond the margin does
    not count.

    The largest of each square, then the smallest, as 255 minus the largest of 255 minus. cells u8
    (rows, columns); padded and other u8 (rows + 2 radius, columns + 2 radius) are scratch.
    """
    wide = columns + 2 * radius
    high = rows + 2 * radius
    for _ in range(2):
        for i in range(wide * high):
            padded[i] = 0
        for r in range(rows):
            for c in range(columns):
                padded[(r + radius) * wide + c + radius] = cells[r * columns + c]
            _largest_along(padded, (r + radius) * wide, wide, other, 2 * radius + 1)
        _largest_down(padded, wide, high, other, 2 * radius + 1)
        for r in range(rows):
            for c in range(columns):
                cells[r * columns + c] = 255 - padded[r * wide + c]
    return 0


@helper
def _kept(cells, columns, rows, floor, at):
    """A cell, or 0 if it is solid or on the rim of a solid."""
    here = i64(cells[at])
    r = at // columns
    c = at - r * columns
    darkest = here
    alike = 0
    seen = 0
    for row in range(max(r - 1, 0), min(r + 2, rows)):
        for column in range(max(c - 1, 0), min(c + 2, columns)):
            other = i64(cells[row * columns + column])
            darkest = min(darkest, other)
            alike += 1 if -_ALIKE_GRAYS_MAX <= other - here <= _ALIKE_GRAYS_MAX else 0
            seen += 1
    return 0 if here < floor or (darkest < floor and 9 * alike < 5 * seen) else here


@helper
def _alike(here, other):
    """A bit for each of 64 cells: whether it looks like the other, within _ALIKE_GRAYS_MAX."""
    return at_most64(max64(sub64(here, other), sub64(other, here)), fill64(_ALIKE_GRAYS_MAX))


@helper
def _dropped(cells, at, columns, floor):
    """A bit for each of 64 cells from `at` on that have all their neighbours: is it solid, or on
    the rim of a solid?
    """
    here = load64(cells, at)
    above = at - columns
    below = at + columns
    darkest = min64(min64(load64(cells, above - 1), load64(cells, above)), min64(load64(cells, above + 1), load64(cells, at - 1)))
    darkest = min64(darkest, min64(min64(load64(cells, at + 1), load64(cells, below - 1)), load64(cells, below)))
    darkest = min64(darkest, load64(cells, below + 1))
    if floor == 0:
        return u64(0)
    near = at_most64(darkest, fill64(floor - 1))
    solid = at_most64(here, fill64(floor - 1))
    if near == u64(0):
        return solid
    # How many of the eight neighbours are alike, in binary, one bit a cell: adders over words.
    ones = u64(0)
    twos = u64(0)
    fours = u64(0)
    for i in range(8):
        step = i if i < 4 else i + 1
        alike = _alike(here, load64(cells, at + (step // 3 - 1) * columns + step % 3 - 1))
        carry = ones & alike
        ones ^= alike
        fours |= twos & carry
        twos ^= carry
    # With itself five of nine: at least four neighbours. (Eight pass for four as well.)
    return solid | (near & u64(~fours))


@kernel("i64(const u8*, i64, i64, i64, u8*)")
def drop_solids(cells, columns, rows, floor, kept):
    """Cells darker than `floor`, and cells on their rim, become 0, "not paper": half black, a rim
    would pass for a wash.

    What tells a rim from a wash that touches ink is crowding: at least five of the nine cells in
    and around a wash look like it, of a rim at most three. cells u8 (rows, columns) → kept, of the
    same shape.
    """
    size = columns * rows
    # 64 at a time, as if rows went on in each other; the page's first and last cells and those at
    # the ends of rows come after.
    first = min(columns + 1, size)
    last = max(first, size - columns - 1)
    at = first
    while at + 64 <= last:
        store64(kept, at, where64(_dropped(cells, at, columns, floor), fill64(0), load64(cells, at)))
        at += 64
    for i in range(first):
        kept[i] = _kept(cells, columns, rows, floor, i)
    for i in range(at, size):
        kept[i] = _kept(cells, columns, rows, floor, i)
    for r in range(1, rows):
        kept[r * columns] = _kept(cells, columns, rows, floor, r * columns)
        kept[r * columns - 1] = _kept(cells, columns, rows, floor, r * columns - 1)
    return 0


@kernel("i64(u8*, i64, i64, i32*)")
def fill_unknown(cells, columns, rows, distance):
    """Cells of 0 take the value of the nearest other cell; returns how many others there are.

    In place. Nearest by two sweeps of a 3-4 chamfer distance (Borgefors 1986). cells u8 (rows,
    columns); distance i32 of the same shape is scratch. With no cell to take from, all stay as they
    are.
    """
    known = 0
    for at in range(columns * rows):
        distance[at] = _FAR if cells[at] == 0 else 0
        known += 1 if cells[at] != 0 else 0
    if known == 0 or known == columns * rows:
        return known
    # What is known takes nothing.
    for r in range(rows):
        for c in range(columns):
            at = r * columns + c
            if distance[at] == 0:
                continue
            if c > 0:
                _take(cells, distance, at, at - 1, 3)
            if r > 0:
                _take(cells, distance, at, at - columns, 3)
                if c > 0:
                    _take(cells, distance, at, at - columns - 1, 4)
                if c + 1 < columns:
                    _take(cells, distance, at, at - columns + 1, 4)
    for r in range(rows - 1, -1, -1):
        for c in range(columns - 1, -1, -1):
            at = r * columns + c
            if distance[at] == 0:
                continue
            if c + 1 < columns:
                _take(cells, distance, at, at + 1, 3)
            if r + 1 < rows:
                _take(cells, distance, at, at + columns, 3)
                if c + 1 < columns:
                    _take(cells, distance, at, at + columns + 1, 4)
                if c > 0:
                    _take(cells, distance, at, at + columns - 1, 4)
    return known


@helper
def _take(cells, distance, at, source, step):
    if distance[source] + step < distance[at]:
        distance[at] = distance[source] + step
        cells[at] = cells[source]


@helper
def _scaled(gray, gain):
    return min((i64(gray) * gain + 8192) >> 14, 255)


@helper
def _spread(gains, row, columns, width, out):
    """A row of `columns` gains from gains[row] on, bilinear between the cells' centres: 8 times as
    much for each of `width` pixels.
    """
    for x in range(min(2, width)):
        gains[out + x] = gains[row] << 3
    # Four pixels lie between the centres of two cells, at 1, 3, 5 and 7 eighths.
    spans = min((width - 2) >> 2, columns - 1) if width > 2 else 0
    for c in range(spans):
        left, right = gains[row + c], gains[row + c + 1]
        at = out + 4 * c + 2
        gains[at] = left * 7 + right
        gains[at + 1] = left * 5 + right * 3
        gains[at + 2] = left * 3 + right * 5
        gains[at + 3] = left + right * 7
    for x in range(4 * spans + 2, width):
        share = 2 * ((x + 2) & 3) + 1
        c = ((x + 2) >> 2) - 1
        gains[out + x] = gains[row + c] * (8 - share) + gains[row + min(c + 1, columns - 1)] * share


@kernel("i64(const u8*, i64, i64, const u8*, i64, i64, i32*, u8*)")
def divide(gray, width, height, cells, columns, rows, gains, out):
    """out = gray · 255 / paper, at most 255; the paper is bilinear between the centres of cells u8
    (rows, columns).

    What is interpolated is the gain 255 / paper in 1/256, for a product costs less than a quotient;
    a paper of 255 changes no pixel. gains i32 (256 + 2 · columns + 2 · width) is scratch: a table
    over all papers, a row of gains, by how much it changes from row to row, and both once more for
    each pixel; all is whole numbers, so that adding up changes nothing.
    """
    for paper in range(256):
        gains[paper] = 65280 // max(paper, 1)
    here, change = 256, 256 + columns
    pixels, steps = 256 + 2 * columns, 256 + 2 * columns + width
    for y in range(height):
        # The row lies `weight` eighths of a cell below the centre of cell row `upper`; four rows do
        # below the same one.
        weight = 2 * ((y + 2) & 3) + 1
        if weight == 1 or y == 0:
            upper = ((y + 2) >> 2) - 1
            r0 = max(upper, 0) * columns
            r1 = min(upper + 1, rows - 1) * columns
            for c in range(columns):
                above, below = i64(gains[i64(cells[r0 + c])]), i64(gains[i64(cells[r1 + c])])
                gains[here + c] = above * (8 - weight) + below * weight
                gains[change + c] = 2 * (below - above)
            _spread(gains, here, columns, width, pixels)
            _spread(gains, change, columns, width, steps)
        row = y * width
        whole = width & ~7
        for x in range(0, whole, 8):
            gain = load8(gains, pixels + x)
            store_bytes8(out, row + x, shift8(add8(mul8(bytes8(gray, row + x), gain), ints8(8192)), 14))
            store8(gains, pixels + x, add8(gain, load8(gains, steps + x)))
        for x in range(whole, width):
            out[row + x] = _scaled(gray[row + x], i64(gains[pixels + x]))
            gains[pixels + x] += gains[steps + x]
    return 0
