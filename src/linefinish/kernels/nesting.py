"""Which outline holds which: one ray to the left from each outline's leftmost vertex."""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel


@kernel("f64(const f64*, i64, f64*)")
def climb(points, count, span):
    """How far a way through points goes up and down in all; its top and bottom into `span` f64
    (2,). points f64 (count, 2), at least one. From one outline to the next it goes, too.
    """
    top = points[1]
    bottom = points[1]
    total = 0.0
    for k in range(1, count):
        y = points[2 * k + 1]
        total += math.fabs(y - points[2 * k - 1])
        top = min(top, y)
        bottom = max(bottom, y)
    span[0] = top
    span[1] = bottom
    return total


@helper
def _row(y, top, rows_per_px, row_count):
    """The row of a height, cut to those that there are. It never falls as y grows."""
    return i64(min(max(math.floor((y - top) * rows_per_px), 0.0), f64(row_count - 1)))


@kernel("i64(const f64*, const i64*, i64, f64, f64, i64, i64*, i64*, i32*, i64)")
def sort_edges(points, offsets, outline_count, top, rows_per_px, row_count, starts, edges, owners, writing):
    """Each edge into all rows that it reaches; returns the entries. First with writing 0, which
    counts them in `starts`, then with 1.

    points f64 (n, 2), offsets i64 (outline_count + 1,) as in `Paths`; starts i64 (row_count + 1,),
    zeros at first: where each row's entries begin. edges i64 and owners i32, one an entry: the
    vertex that an edge ends at, and its outline.
    """
    for outline in range(outline_count):
        begin = offsets[outline]
        end = offsets[outline + 1]
        y = points[2 * end - 1]
        for k in range(begin, end):
            to_y = points[2 * k + 1]
            first = _row(min(y, to_y), top, rows_per_px, row_count)
            last = _row(max(y, to_y), top, rows_per_px, row_count)
            for row in range(first, last + 1):
                if writing == 0:
                    starts[row + 1] += 1
                else:
                    spot = starts[row]
                    edges[spot] = k
                    owners[spot] = outline
                    starts[row] = spot + 1
            y = to_y
    if writing == 0:
        for row in range(row_count):
            starts[row + 1] += starts[row]
    else:
        for row in range(row_count, 0, -1):
            starts[row] = starts[row - 1]
        starts[0] = 0
    return starts[row_count]


@kernel("i64(const f64*, const i64*, i64, const f64*, const f64*, i64, const i64*, const i64*, const i32*, u8*, i64*)")
def find_holders(points, offsets, outline_count, areas, place, row_count, starts, edges, owners, crossed, holders):
    """Of each outline the smallest that its leftmost vertex lies in, or -1, into `holders` i64
    (outline_count,); returns how many have one.

    areas f64 (outline_count,), signed; place f64 (2,): top and rows a pixel, as `sort_edges` was
    told. crossed u8 (outline_count,), zeros, and zeros again afterwards. An outline holds a point
    if a ray from it crosses the outline an odd number of times. Who holds another begins farther to
    the left, so that no two hold each other, whatever they cross.
    """
    found = 0
    for outline in range(outline_count):
        begin = offsets[outline]
        left = begin
        for k in range(begin + 1, offsets[outline + 1]):
            if points[2 * k] < points[2 * left]:
                left = k
        x = points[2 * left]
        y = points[2 * left + 1]
        row = _row(y, place[0], place[1], row_count)
        for spot in range(starts[row], starts[row + 1]):
            owner = owners[spot]
            k = edges[spot]
            before = k - 1 if k > offsets[owner] else offsets[owner + 1] - 1
            u = points[2 * before]
            v = points[2 * before + 1]
            s = points[2 * k]
            t = points[2 * k + 1]
            if owner != outline and (v > y) != (t > y) and u + (y - v) * (s - u) / (t - v) < x:
                crossed[owner] ^= 1
        holder = -1
        for spot in range(starts[row], starts[row + 1]):
            owner = owners[spot]
            if crossed[owner] != 0:
                crossed[owner] = 0
                if holder < 0 or abs(areas[owner]) < abs(areas[holder]):
                    holder = i64(owner)
        holders[outline] = holder
        if holder >= 0:
            found += 1
    return found
