"""In which order a pen draws strokes, and from which end, so that it travels little."""
from __future__ import annotations

import math

from linefinish.kernels._casts import f64, i64
from linefinish.kernels._modes import helper, kernel

# Indices of the header: where the pen begins.
HOME_X, HOME_Y = 0, 1
# Places that share a cell of the grid on average. Larger: more places to compare; smaller: more
# empty cells to pass.
_PLACES_A_CELL = 2
# Strokes of a chain that is drawn at another time, as Or found enough; also how many times less far
# than a turned span a chain goes, so that both take about as long. Larger: more time for little.
_CHAIN_MAX = 3
# What counts as shorter. Far above what sums round to, far below what a pen can do.
_GAIN_PX_MIN = 1e-9


@helper
def _between(x0, y0, x1, y1):
    return math.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))


@helper
def _cell(value, low, per_px, cells):
    return min(max(i64(math.floor((value - low) * per_px)), 0), cells - 1)


@helper
def _grid(places, place_offsets, stroke_count, drawn, left_count, cell_starts, cell_places):
    """Sort the places of the strokes that are not drawn into cells; returns left, top, cells a
    pixel, columns and rows. At most one cell a place.
    """
    left = math.inf
    top = math.inf
    right = -math.inf
    bottom = -math.inf
    for stroke in range(stroke_count):
        if drawn[stroke] == 0:
            for place in range(place_offsets[stroke], place_offsets[stroke + 1]):
                left = min(left, places[2 * place])
                right = max(right, places[2 * place])
                top = min(top, places[2 * place + 1])
                bottom = max(bottom, places[2 * place + 1])
    across = max(right - left, 1e-6)
    down = max(bottom - top, 1e-6)
    side = max(math.sqrt(across * down * f64(_PLACES_A_CELL) / f64(left_count)), max(across, down) / f64(left_count))
    per_px = 1.0 / side
    columns = min(max(i64(math.ceil(across * per_px)), 1), left_count)
    rows = min(max(i64(math.ceil(down * per_px)), 1), max(left_count // columns, 1))
    for cell in range(columns * rows + 1):
        cell_starts[cell] = 0
    for stroke in range(stroke_count):
        if drawn[stroke] == 0:
            for place in range(place_offsets[stroke], place_offsets[stroke + 1]):
                column = _cell(places[2 * place], left, per_px, columns)
                row = _cell(places[2 * place + 1], top, per_px, rows)
                cell_starts[row * columns + column + 1] += 1
    for cell in range(columns * rows):
        cell_starts[cell + 1] += cell_starts[cell]
    # Filled from the back, so that each cell begins where it should and keeps the order.
    for back in range(stroke_count):
        stroke = stroke_count - 1 - back
        if drawn[stroke] == 0:
            for behind in range(place_offsets[stroke + 1] - place_offsets[stroke]):
                place = place_offsets[stroke + 1] - 1 - behind
                column = _cell(places[2 * place], left, per_px, columns)
                row = _cell(places[2 * place + 1], top, per_px, rows)
                cell = row * columns + column
                cell_starts[cell + 1] -= 1
                cell_places[cell_starts[cell + 1]] = place
    # Now start c + 1 is where cell c begins; shift back.
    for cell in range(columns * rows):
        cell_starts[cell] = cell_starts[cell + 1]
    cell_starts[columns * rows] = left_count
    return left, top, per_px, columns, rows


@kernel("i64(const f64*, const i64*, const i64*, i64, const f64*, u8*, i64*, i64*, i64*, i64*)")
def draw_nearest(places, place_offsets, owners, stroke_count, header, drawn, cell_starts, cell_places, out_order, out_entries):
    """The strokes in the order in which each begins nearest to where the one before it ended;
    returns their number.

    places f64 (p, 2): where a stroke may begin: both ends of an open one, each joint of a loop, a
    dot's one; stroke i has place_offsets i64 (stroke_count + 1,)[i] … [i + 1] - 1, and owners i64
    (p,) says whose each is. An open stroke ends at its other place, all others where they begin:
    open are those of two places. header f64 (2,): HOME. drawn u8 (stroke_count,), cell_starts
    i64 (p + 2,) and cell_places i64 (p,) are workspace; out_order and out_entries i64
    (stroke_count,): the stroke, and the place where it begins. Of places equally near the one of
    the lower number is taken.

    A grid over what is left is searched in growing rings, and made anew as often as three quarters
    of it are drawn, so that rings stay small.
    """
    x = header[HOME_X]
    y = header[HOME_Y]
    left_count = place_offsets[stroke_count]
    for stroke in range(stroke_count):
        drawn[stroke] = 0
    anew_at = left_count
    left = 0.0
    top = 0.0
    per_px = 1.0
    columns = i64(1)
    rows = i64(1)
    for at in range(stroke_count):
        if left_count <= anew_at:
            left, top, per_px, columns, rows = _grid(
                places, place_offsets, stroke_count, drawn, left_count, cell_starts, cell_places
            )
            anew_at = left_count // 4
        column = _cell(x, left, per_px, columns)
        row = _cell(y, top, per_px, rows)
        best = i64(-1)
        nearest = math.inf
        for ring in range(columns + rows):
            # What lies in this ring or beyond is at least ring - 1 cells away from a pen inside the
            # grid, and from one beside it farther.
            if best >= 0 and f64(ring - 1) / per_px > nearest:
                break
            for ring_row in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
                whole = ring_row == row - ring or ring_row == row + ring
                # All cells of the upper and the lower row, of the others the first and the last.
                step = 1 if whole else 2 * ring
                for side in range(2 * ring + 1 if whole else 2):
                    ring_column = column - ring + side * step
                    if ring_column < 0 or ring_column >= columns:
                        continue
                    cell = ring_row * columns + ring_column
                    for spot in range(cell_starts[cell], cell_starts[cell + 1]):
                        place = cell_places[spot]
                        if drawn[owners[place]] == 0:
                            far = _between(x, y, places[2 * place], places[2 * place + 1])
                            if far < nearest or (far == nearest and place < best):
                                nearest = far
                                best = place
        stroke = owners[best]
        drawn[stroke] = 1
        out_order[at] = stroke
        out_entries[at] = best
        own = place_offsets[stroke + 1] - place_offsets[stroke]
        left_count -= own
        ends = best
        if own == 2:
            ends = place_offsets[stroke] + place_offsets[stroke + 1] - 1 - best
        x = places[2 * ends]
        y = places[2 * ends + 1]
    return stroke_count


@helper
def _exit_of(place_offsets, stroke, entry):
    if place_offsets[stroke + 1] - place_offsets[stroke] == 2:
        return place_offsets[stroke] + place_offsets[stroke + 1] - 1 - entry
    return entry


@helper
def _pen_before(places, place_offsets, header, at, order, entries):
    """Where the pen stands before the stroke of that number in the order."""
    if at == 0:
        return header[HOME_X], header[HOME_Y]
    ends = _exit_of(place_offsets, order[at - 1], entries[at - 1])
    return places[2 * ends], places[2 * ends + 1]


@kernel("i64(const f64*, const i64*, i64, const f64*, i64, i64, i64*, i64*)")
def untangle(places, place_offsets, stroke_count, header, window, passes, order, entries):
    """Turn spans of the order round as long as that shortens the way between strokes, draw short
    chains at another time, and have loops begin where that does; changes order and entries, as
    `draw_nearest` gives them, and returns how often.

    A span is of at most `window` strokes, a chain goes a third as far, and all are tried `passes`
    times at most: the work is bounded, and no clock is asked. (G. A. Croes, A Method for Solving
    Traveling-Salesman Problems, 1958: 2-opt. I. Or, Traveling Salesman-Type Combinatorial Problems,
    1976: chains of up to three.)
    """
    changes = i64(0)
    for _ in range(passes):
        before = changes
        for first in range(stroke_count):
            x0, y0 = _pen_before(places, place_offsets, header, first, order, entries)
            stroke = order[first]
            if place_offsets[stroke + 1] - place_offsets[stroke] > 2:
                changes += _begin_better(places, place_offsets, stroke_count, x0, y0, first, order, entries)
            for last in range(first, min(first + window, stroke_count)):
                begin = entries[first]
                ends = _exit_of(place_offsets, order[last], entries[last])
                gain = _between(x0, y0, places[2 * begin], places[2 * begin + 1])
                gain -= _between(x0, y0, places[2 * ends], places[2 * ends + 1])
                if last + 1 < stroke_count:
                    then = entries[last + 1]
                    gain += _between(places[2 * ends], places[2 * ends + 1], places[2 * then], places[2 * then + 1])
                    gain -= _between(places[2 * begin], places[2 * begin + 1], places[2 * then], places[2 * then + 1])
                if gain > _GAIN_PX_MIN:
                    _turn_round(place_offsets, first, last, order, entries)
                    changes += 1
            for last in range(first, min(first + _CHAIN_MAX, stroke_count)):
                changes += _move_chain(places, place_offsets, stroke_count, header, window // _CHAIN_MAX, first, last, order, entries)
        if changes == before:
            break
    return changes


@helper
def _move_chain(places, place_offsets, stroke_count, header, window, first, last, order, entries):
    """Draw the strokes from first to last where that costs least, either way round; returns 1 if
    that is elsewhere. Only places nearer to one of the chain's ends than what leaving frees are
    looked at, since others hardly ever pay.
    """
    x0, y0 = _pen_before(places, place_offsets, header, first, order, entries)
    begin_x = places[2 * entries[first]]
    begin_y = places[2 * entries[first] + 1]
    ends = _exit_of(place_offsets, order[last], entries[last])
    end_x = places[2 * ends]
    end_y = places[2 * ends + 1]
    freed = _between(x0, y0, begin_x, begin_y)
    if last + 1 < stroke_count:
        then = entries[last + 1]
        freed += _between(end_x, end_y, places[2 * then], places[2 * then + 1])
        freed -= _between(x0, y0, places[2 * then], places[2 * then + 1])
    most = _GAIN_PX_MIN
    if freed <= most:
        return 0
    best = i64(-1)
    is_turned = False
    # A gap is named after the stroke behind it.
    for gap in range(max(first - window, 0), min(last + 1 + window, stroke_count) + 1):
        if first <= gap and gap <= last + 1:
            continue
        x, y = _pen_before(places, place_offsets, header, gap, order, entries)
        to_begin = (x - begin_x) * (x - begin_x) + (y - begin_y) * (y - begin_y)
        to_end = (x - end_x) * (x - end_x) + (y - end_y) * (y - end_y)
        if min(to_begin, to_end) >= freed * freed:
            continue
        as_it_is = freed - math.sqrt(to_begin)
        turned = freed - math.sqrt(to_end)
        if gap < stroke_count:
            then_x = places[2 * entries[gap]]
            then_y = places[2 * entries[gap] + 1]
            closed = _between(x, y, then_x, then_y)
            as_it_is += closed - _between(end_x, end_y, then_x, then_y)
            turned += closed - _between(begin_x, begin_y, then_x, then_y)
        if max(as_it_is, turned) > most:
            most = max(as_it_is, turned)
            best = gap
            is_turned = turned > as_it_is
    if best < 0:
        return 0
    # Two neighbours change places when both are turned round as one, and then each by itself.
    count = last + 1 - first
    if best > last:
        _turn_round(place_offsets, first, best - 1, order, entries)
        _turn_round(place_offsets, first, best - 1 - count, order, entries)
        if not is_turned:
            _turn_round(place_offsets, best - count, best - 1, order, entries)
    else:
        _turn_round(place_offsets, best, last, order, entries)
        _turn_round(place_offsets, best + count, last, order, entries)
        if not is_turned:
            _turn_round(place_offsets, best, best + count - 1, order, entries)
    return 1


@helper
def _turn_round(place_offsets, first, last, order, entries):
    low = first
    high = last
    while low <= high:
        stroke = order[low]
        entry = _exit_of(place_offsets, stroke, entries[low])
        other = order[high]
        entries[low] = _exit_of(place_offsets, other, entries[high])
        order[low] = other
        entries[high] = entry
        order[high] = stroke
        low += 1
        high -= 1


@helper
def _way_by(places, stroke_count, x0, y0, at, place, entries):
    """From where the pen stands to a place of a loop, and on to the next stroke."""
    x = places[2 * place]
    y = places[2 * place + 1]
    way = _between(x0, y0, x, y)
    if at + 1 < stroke_count:
        then = entries[at + 1]
        way += _between(x, y, places[2 * then], places[2 * then + 1])
    return way


@helper
def _begin_better(places, place_offsets, stroke_count, x0, y0, at, order, entries):
    """Have a loop begin where the way there and onwards is shortest; returns 1 if that is new."""
    stroke = order[at]
    best = entries[at]
    shortest = _way_by(places, stroke_count, x0, y0, at, best, entries)
    for place in range(place_offsets[stroke], place_offsets[stroke + 1]):
        way = _way_by(places, stroke_count, x0, y0, at, place, entries)
        if way < shortest - _GAIN_PX_MIN:
            shortest = way
            best = place
    changed = 0 if best == entries[at] else 1
    entries[at] = best
    return changed
