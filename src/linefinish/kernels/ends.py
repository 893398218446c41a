"""Where strokes end: found on their thinned lines, with the direction in which each end points and
what lies ahead of it.
"""
from __future__ import annotations

from math import floor, sqrt

from linefinish.kernels._casts import i64, trailing_zeros, u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.growing import narrowest_cut
from linefinish.kernels.widths import ink_at

# Numbers for each end, see find_ends.
FIELDS = 9

# Rays ahead of an end, as tangents off its direction: straight on and 6° to either side, as no
# direction is better known.
_RAY_SLANT = 0.1


@helper
def neighbour_x(direction):
    """Step in x of the eight directions: E, SE, S, SW, W, NW, N, NE."""
    return (1 if direction < 2 or direction == 7 else 0) - (1 if 3 <= direction <= 5 else 0)


@helper
def neighbour_y(direction):
    """Step in y of the eight directions."""
    return (1 if 1 <= direction <= 3 else 0) - (1 if direction >= 5 else 0)


@helper
def walk(lines, width, height, stride, x, y, length_max, track):
    """Follow the line that ends at (x, y). Its pixels go to `track` (x, y each). → pixels; negative
    if a junction stopped it.
    """
    track[0] = x
    track[1] = y
    count = 1
    before_x = x
    before_y = y
    while count < length_max:
        next_x = -1
        next_y = -1
        branches = 0
        for direction in range(8):
            there_x = x + neighbour_x(direction)
            there_y = y + neighbour_y(direction)
            known = max(abs(there_x - before_x), abs(there_y - before_y)) <= 1 and count > 1
            if known or not ink_at(lines, width, height, stride, there_x, there_y):
                continue
            # Two candidates side by side are one branch with a corner: take the one that shares a
            # side with (x, y).
            if branches == 1 and abs(there_x - next_x) + abs(there_y - next_y) == 1:
                if direction & 1 == 0:
                    next_x = there_x
                    next_y = there_y
                continue
            branches += 1
            next_x = there_x
            next_y = there_y
        if branches == 0:
            return count
        if branches > 1:
            return -count
        before_x = x
        before_y = y
        x = next_x
        y = next_y
        track[2 * count] = x
        track[2 * count + 1] = y
        count += 1
    return count


@helper
def is_end(lines, width, height, stride, x, y):
    """Whether a line pixel has neighbours to one side only: one, or two that touch each other."""
    neighbours = 0
    changes = 0
    for direction in range(8):
        here = ink_at(lines, width, height, stride, x + neighbour_x(direction), y + neighbour_y(direction))
        after = ink_at(lines, width, height, stride, x + neighbour_x((direction + 1) & 7), y + neighbour_y((direction + 1) & 7))
        neighbours += 1 if here else 0
        changes += 1 if here != after else 0
    return (neighbours == 1 or neighbours == 2) and changes == 2


@helper
def paper_ahead(words, width, height, stride, x, y, ux, uy, length_max):
    """Steps of half a pixel of paper from (x, y) along (ux, uy) to the first ink or the page's
    edge; -1: no ink so near.
    """
    steps = 0
    while 0.5 * steps <= length_max:
        px = i64(floor(x + 0.5 * steps * ux))
        py = i64(floor(y + 0.5 * steps * uy))
        if px < 0 or py < 0 or px >= width or py >= height:
            return -1
        if ink_at(words, width, height, stride, px, py):
            return steps
        steps += 1
    return -1


@kernel("i64(const u64*, const u64*, i64, i64, i64, i64, f64, i32*, f64*, i64)")
def find_ends(words, lines, width, height, stride, back, length_max, track, ends, capacity):
    """Ends of strokes. → how many there are; only the first `capacity` are written.

    words, lines  the ink, and the ink thinned
    back          pixels of line from which the direction is taken
    length_max    how far to look ahead, in pixels
    track         i32, (2 · back,): scratch
    ends          f64, (capacity, 9): tip x, y; direction x, y (unit); stroke width; anchor x, y
                  (inside the stroke); how
                  far ahead along the direction ink lies (-1: none within length_max), and the slant
                  of that ray (tangent)
    """
    count = 0
    for row in range(height):
        for k in range(stride):
            left = lines[row * stride + k]
            while left != u64(0):
                column = 64 * k + trailing_zeros(left)
                left &= u64(left - u64(1))
                if not is_end(lines, width, height, stride, column, row):
                    continue
                steps = walk(lines, width, height, stride, column, row, back, track)
                length = abs(steps)
                middle = length >> 1
                cut = narrowest_cut(words, width, height, stride, i64(track[2 * middle]), i64(track[2 * middle + 1]), 4 * back)
                root = 2 * (length - 1)
                if steps < 0:
                    root_cut = narrowest_cut(words, width, height, stride, i64(track[root]), i64(track[root + 1]), 4 * back)
                    # A twig no longer than this is a bump of the edge or the tip of a sharp corner.
                    if length < 2.0 * root_cut + 2.0:
                        continue
                # A dot has no direction.
                if length < 4 or length < 0.8 * cut:
                    continue
                # The line's last half width bends into a corner of the end: leave it out.
                inner = min(middle, i64(0.5 * cut))
                anchor_x = track[2 * inner] + 0.5
                anchor_y = track[2 * inner + 1] + 0.5
                cut = min(cut, narrowest_cut(words, width, height, stride, i64(track[2 * inner]), i64(track[2 * inner + 1]), 4 * back))
                dx = anchor_x - track[root] - 0.5
                dy = anchor_y - track[root + 1] - 0.5
                norm = sqrt(dx * dx + dy * dy)
                if norm < 1.0:
                    continue
                ux = dx / norm
                uy = dy / norm
                tip_x = anchor_x
                tip_y = anchor_y
                while ink_at(words, width, height, stride, i64(floor(tip_x + 0.5 * ux)), i64(floor(tip_y + 0.5 * uy))):
                    tip_x += 0.5 * ux
                    tip_y += 0.5 * uy
                # An "end" whose way on is ink for long is no end: the line is a twig into a solid
                # area.
                if abs(tip_x - anchor_x) + abs(tip_y - anchor_y) > 2.0 * cut + 4.0:
                    continue
                hit = -1
                slant = 0.0
                for ray in range(3):
                    tangent = _RAY_SLANT * (1 if ray == 1 else (-1 if ray == 2 else 0))
                    ahead = paper_ahead(words, width, height, stride, tip_x + ux, tip_y + uy, ux - tangent * uy,
                                        uy + tangent * ux, length_max - 1.0)
                    if ahead > 0 and (hit < 0 or ahead + 2 < hit):
                        hit = ahead
                        slant = tangent
                if count < capacity:
                    at = FIELDS * count
                    ends[at] = tip_x
                    ends[at + 1] = tip_y
                    ends[at + 2] = ux
                    ends[at + 3] = uy
                    ends[at + 4] = cut
                    ends[at + 5] = anchor_x
                    ends[at + 6] = anchor_y
                    ends[at + 7] = 1.0 + 0.5 * hit if hit >= 0 else -1.0
                    ends[at + 8] = slant
                count += 1
    return count


@kernel("f64(const u64*, i64, i64, i64, f64, f64, f64, f64)")
def paper_share(words, width, height, stride, x0, y0, x1, y1):
    """Which share of the straight way between two points is paper, sampled every half pixel; off
    the page counts as paper.
    """
    dx = x1 - x0
    dy = y1 - y0
    steps = i64(2.0 * sqrt(dx * dx + dy * dy)) + 1
    paper = 0
    for i in range(steps + 1):
        share = i / float(steps)
        if not ink_at(words, width, height, stride, i64(floor(x0 + share * dx)), i64(floor(y0 + share * dy))):
            paper += 1
    return paper / float(steps + 1)


@kernel("i64(const u64*, i64, i64, i64, f64, f64, f64, f64, f64, f64, f64, u64*)")
def draw_onto(words, width, height, stride, x0, y0, ux, uy, least, length, line_width, out):
    """Draw a line from (x0, y0) along the unit (ux, uy) up to the ink ahead, however slanted its
    edge: parallel rays. → 0

    A ray ends where it meets ink after it has met paper beyond `least` pixels, or at `length`.
    Those of the rim that meet none end where the middle one does.
    """
    rays = max(0, i64(floor(line_width - 0.5)))
    middle_steps = 0
    for side in range(2 * rays + 1):
        offset = 0.5 * ((side + 1) >> 1) * (1 if side & 1 == 1 else -1)  # from the middle outwards
        steps = 0
        hit = False
        left = False  # the stroke's own end: a rim ray may run in it for longer than the middle one
        while not hit and steps <= 2.0 * length:
            x = i64(floor(x0 - offset * uy + 0.5 * steps * ux))
            y = i64(floor(y0 + offset * ux + 0.5 * steps * uy))
            ink = ink_at(words, width, height, stride, x, y)
            hit = ink and left
            left = left or (not ink and 0.5 * steps > least)
            steps += 1
        if side == 0:
            middle_steps = steps
        if not hit:
            steps = min(steps, middle_steps)
        for i in range(steps):
            x = i64(floor(x0 - offset * uy + 0.5 * i * ux))
            y = i64(floor(y0 + offset * ux + 0.5 * i * uy))
            if 0 <= x < width and 0 <= y < height:
                out[y * stride + (x >> 6)] |= u64(u64(1) << u64(x & 63))
    return 0


@kernel("i64(u64*, i64, i64, i64, f64, f64, f64, f64, f64)")
def draw_line(words, width, height, stride, x0, y0, x1, y1, line_width):
    """Draw a straight line with round ends: every pixel whose centre lies within half its width. →
    0
    """
    radius = 0.5 * line_width
    dx = x1 - x0
    dy = y1 - y0
    squared = dx * dx + dy * dy
    for y in range(max(0, i64(floor(min(y0, y1) - radius))), min(height, i64(floor(max(y0, y1) + radius)) + 1)):
        for x in range(max(0, i64(floor(min(x0, x1) - radius))), min(width, i64(floor(max(x0, x1) + radius)) + 1)):
            px = x + 0.5 - x0
            py = y + 0.5 - y0
            along = (px * dx + py * dy) / squared if squared > 0.0 else 0.0
            along = min(1.0, max(0.0, along))
            px -= along * dx
            py -= along * dy
            if px * px + py * py <= radius * radius:
                words[y * stride + (x >> 6)] |= u64(u64(1) << u64(x & 63))
    return 0
