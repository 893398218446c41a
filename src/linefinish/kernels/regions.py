"""Enclosed regions of paper: how many, and how small is the smallest.

Runs are joined to those of the row above by union-find (He, Chao, Suzuki 2008, see components.py).
Only two rows are alive: after each row the labels are numbered anew, and a label that no run took
over is a finished region. So memory is a few numbers for each pixel of width, whatever the height.
"""
from __future__ import annotations

from linefinish.kernels._casts import u64
from linefinish.kernels._modes import helper, kernel
from linefinish.kernels.runs import next_pixel, run_end

_PAPER = u64(0xFFFF_FFFF_FFFF_FFFF)


@helper
def root_of(parents, label):
    """The label that stands for the whole set; halves the way there (Tarjan and van
    Leeuwen 1984).
    """
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@kernel("i64(const u64*, i64, i64, i64, i32*, i32*, i32*, i32*, i64*, i64*)")
def count_regions(words, width, height, stride, ends, labels, parents, fresh, areas, smallest):
    """4-connected paper that does not touch the border: → how many regions, and in smallest[0] the
    least area (0: none).

    ends     i32, (2 · (width + 2),): start and end of each run, the row above and this row in turn;
             scratch
    labels   i32, (width + 2,): label of each run, likewise; scratch
    parents  i32, (width + 2,), and areas, i64, (width + 2,): the union-find forest; an area below 0
    touches the border; scratch
    fresh    i32, (width + 2,): what a label is called in the next row; scratch
    """
    regions = 0
    least = 0
    half = (width + 2) >> 1  # runs a row: at most one for every two pixels
    above_count = 0
    label_count = 0
    for y in range(height + 1):
        above = (y & 1) * half
        here = half - above
        count = 0
        first = 0
        known = label_count
        x = next_pixel(words, width, y * stride, 0, width, _PAPER) if y < height else width
        while x < width:
            end = run_end(words, width, y * stride, x, _PAPER)
            while first < above_count and ends[2 * (above + first) + 1] <= x:
                first += 1
            label = -1
            i = first
            while i < above_count and ends[2 * (above + i)] < end:
                other = root_of(parents, labels[above + i])
                if label < 0:
                    label = other
                elif label != other:
                    lower = min(label, other)
                    upper = max(label, other)
                    border = areas[lower] < 0 or areas[upper] < 0
                    areas[lower] = -1 if border else areas[lower] + areas[upper]
                    parents[upper] = lower
                    label = lower
                i += 1
            if label < 0:
                label = known
                known += 1
                parents[label] = label
                areas[label] = 0
            if x == 0 or end == width or y == 0 or y == height - 1:
                areas[label] = -1
            elif areas[label] >= 0:
                areas[label] += end - x
            ends[2 * (here + count)] = x
            ends[2 * (here + count) + 1] = end
            labels[here + count] = label
            count += 1
            x = next_pixel(words, width, y * stride, end, width, _PAPER)
        for label in range(known):
            fresh[label] = -1
        for i in range(count):
            fresh[root_of(parents, labels[here + i])] = 0
        label_count = 0
        for label in range(known):
            if parents[label] != label:
                continue
            if fresh[label] == 0:
                fresh[label] = label_count
                areas[label_count] = areas[label]  # label_count <= label: nothing unread is overwritten
                label_count += 1
            elif areas[label] > 0:
                regions += 1
                if least == 0 or areas[label] < least:
                    least = areas[label]
        for i in range(count):
            labels[here + i] = fresh[root_of(parents, labels[here + i])]
        for label in range(label_count):
            parents[label] = label
        above_count = count
    smallest[0] = least
    return regions
