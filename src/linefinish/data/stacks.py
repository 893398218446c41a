"""Shapes painted over each other, ink and paper in turn → the outlines of what is seen as ink.

Where no outline crosses another, each lies as a whole on one ground, and painting decides outline
by outline: it stays where the colour just inside is another than just outside. Coordinates are
never changed. Afterwards rows are walked through both, what was painted and what was made of it:
where outlines do cross, the two differ, and the drawing is refused.
"""
from __future__ import annotations

from linefinish.data.affine import turned
from linefinish.data.measures import areas_of, boxes_of
from linefinish.data.nesting import holders_of
from linefinish.data.polygons import polygons
from linefinish.errors import ImageReadError
from linefinish.memory import buffers
from linefinish.records import trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linefinish.data.geometry import Curves

# Rows that are compared. More: finer crossings are seen; fewer: less to do. A page of 2,048 px has
# one every two pixels.
_ROWS = 1024
# Crossings of edges with rows, about: 0.5 µs each. Of more there are fewer rows.
_CROSSINGS_MAX = 2_000_000
# How wide a difference may be along a row, as a share of the longer side, and in pixels: what two
# fits of one edge lie apart. Larger: hairlines of white are lost; smaller: cut-outs whose edges
# are not quite those of their holes are refused.
_SLIVER_SHARE, _SLIVER_PX = 1 / 2000, 0.25
# Outlines within each other. A tracing in layers has up to some dozens.
_DEPTH_MAX = 1000


def seen(layers: Sequence[tuple[Curves, bool]]) -> Curves:
    """The outlines of ink of what was painted in this order, each with whether it is ink; ink to
    the right of the way, in the layers and in the result. ImageReadError where that cannot be told
    without cutting outlines.
    """
    whole = joined([curves for curves, _ in layers])
    owners = [index for index, (curves, _) in enumerate(layers) for _ in range(len(curves))]
    inks = [ink for _, ink in layers]
    areas, _ = areas_of(whole)
    if not owners:
        return whole
    holders = holders_of(whole, areas).tolist()
    boxes = boxes_of(whole).tolist()
    sliver = _sliver(boxes[0::2], boxes[1::2])
    # Outlines that are the same, as of a shape that fills a hole exactly, are one from here on: the
    # first of them. Of each: how often each layer winds around what lies just inside of it.
    first, same = list(range(len(owners))), dict[tuple[int, ...], int]()
    windings: list[dict[int, int]] = [{} for _ in owners]
    order = _outer_first(holders)
    for index in order:
        holder = holders[index] = first[holders[index]] if holders[index] >= 0 else -1
        place = holder, *(round(side / sliver) for side in boxes[4 * index : 4 * index + 4])
        one = first[index] = same.setdefault(place, index)
        _wind(windings[one], owners[index], 1 if areas[index] >= 0 else -1)
    for index in order:
        if first[index] != index or holders[index] < 0:
            continue
        for layer, turn in windings[holders[index]].items():
            _wind(windings[index], layer, turn)
        if len(windings[index]) > _DEPTH_MAX:
            raise ImageReadError(f"the drawing has more than {_DEPTH_MAX} shapes that lie on each other")
    inside = [_colour(winding, inks) for winding in windings]
    outside = [inside[holder] if holder >= 0 else False for holder in holders]
    kept = [index for index in range(len(owners)) if first[index] == index and inside[index] != outside[index]]
    turns = bytes(inside[index] != (areas[index] >= 0) for index in range(len(owners)))
    _compare(whole, owners, inks, {index: -1 if turns[index] else 1 for index in kept})
    if any(turns):
        segments, kinds = turned(whole, turns)
        whole = trusted(type(whole), whole.width, whole.height, segments, kinds, whole.offsets)
    return _some(whole, kept)


def _wind(winding: dict[int, int], layer: int, turns: int) -> None:
    winding[layer] = winding.get(layer, 0) + turns


def _outer_first(holders: Sequence[int]) -> list[int]:
    """Indexes in an order in which each comes after its holder."""
    order: list[int] = []
    done = [False] * len(holders)
    for index in range(len(holders)):
        way = []
        while index >= 0 and not done[index]:
            done[index] = True
            way.append(index)
            index = holders[index]
        order += reversed(way)
    return order


def _sliver(xs: Sequence[float], ys: Sequence[float]) -> float:
    return min(_SLIVER_PX, max(max(xs) - min(xs), max(ys) - min(ys), 1e-9) * _SLIVER_SHARE)


def _colour(winding: dict[int, int], inks: Sequence[bool]) -> bool:
    """Whether ink was painted last, of the layers that wind around a place."""
    return inks[max(covering)] if (covering := [layer for layer, turns in winding.items() if turns]) else False


def joined(parts: Sequence[Curves]) -> Curves:
    """Some curves side by side, on the page of the first."""
    count, chains = sum(part.segment_count for part in parts), sum(map(len, parts))
    segments, kinds, offsets = buffers.zeros(6 * count, "d"), buffers.zeros(count, "B"), buffers.zeros(chains + 1, "q")
    at = chain = 0
    for part in parts:
        end = at + part.segment_count
        segments[6 * at : 6 * end], kinds[at:end] = part.segments, part.kinds
        for offset in part.offsets[1:]:
            chain += 1
            offsets[chain] = at + offset
        at = end
    return trusted(type(parts[0]), parts[0].width, parts[0].height, segments, kinds, offsets)


def _some(curves: Curves, kept: Sequence[int]) -> Curves:
    """Some of the chains, in their order."""
    offsets = curves.offsets
    lengths = [offsets[index + 1] - offsets[index] for index in kept]
    count = sum(lengths)
    segments, kinds, starts = buffers.zeros(6 * count, "d"), buffers.zeros(count, "B"), buffers.zeros(len(kept) + 1, "q")
    at = 0
    for number, (index, length) in enumerate(zip(kept, lengths, strict=True)):
        begin, end = offsets[index], offsets[index + 1]
        segments[6 * at : 6 * (at + length)], kinds[at : at + length] = curves.segments[6 * begin : 6 * end], curves.kinds[begin:end]
        at += length
        starts[number + 1] = at
    return trusted(type(curves), curves.width, curves.height, segments, kinds, starts)


def _compare(curves: Curves, owners: Sequence[int], inks: Sequence[bool], kept: dict[int, int]) -> None:
    """Refuse what is painted otherwise than the kept chains fill it, each with +1 or -1 for the way
    in which it is taken.
    """
    points, offsets, _ = polygons(curves, _SLIVER_PX / 8)
    flat = points.tolist()
    xs, ys = flat[::2], flat[1::2]
    if not ys:
        return
    top, bottom = min(ys), max(ys)
    sliver = _sliver(xs, ys)
    climbed = sum(abs(a - b) for a, b in zip(ys, ys[1:]))
    rows = max(1, min(_ROWS, int(_CROSSINGS_MAX * (bottom - top) / max(climbed, 1e-9))))
    step = (bottom - top) / rows
    if step == 0:
        return
    crossings: list[list[tuple[float, int, int]]] = [[] for _ in range(rows)]
    for chain in range(len(offsets) - 1):
        for row, x, way in _crossed(xs, ys, offsets[chain], offsets[chain + 1], (top, step, rows)):
            crossings[row].append((x, chain, way))
    for row, found in enumerate(crossings):
        found.sort()
        winding: dict[int, int] = {}
        turns, differs_from = 0, None
        for x, chain, way in found:
            if differs_from is not None and x - differs_from > sliver:
                raise ImageReadError(
                    f"the drawing lays white across the edge of ink, or ink across that of white, near "
                    f"({(x + differs_from) / 2:.0f}, {top + (row + 0.5) * step:.0f}), which from_svg does not cut. Subtract the white "
                    "in an editor (Inkscape: Path, Difference), or draw the file as a PNG and trace that"
                )
            layer = owners[chain]
            winding[layer] = winding.get(layer, 0) + way
            turns += way * kept.get(chain, 0)
            if _colour(winding, inks) == (turns != 0):
                differs_from = None
            elif differs_from is None:
                differs_from = x


def _crossed(
    xs: Sequence[float], ys: Sequence[float], begin: int, end: int, place: tuple[float, float, int]
) -> Iterator[tuple[int, float, int]]:
    """Where a polygon crosses the rows' centre lines: row, x, and +1 on the way down or -1."""
    top, step, rows = place
    x0, y0 = xs[end - 1], ys[end - 1]
    for k in range(begin, end):
        x1, y1 = xs[k], ys[k]
        if y0 != y1:
            low, high = (y0, y1) if y0 < y1 else (y1, y0)
            first, last = int((low - top) / step - 0.5), min(int((high - top) / step + 0.5), rows - 1)
            for row in range(max(first, 0), last + 1):
                y = top + (row + 0.5) * step
                if low <= y < high:
                    yield row, x0 + (x1 - x0) * ((y - y0) / (y1 - y0)), 1 if y1 > y0 else -1
        x0, y0 = x1, y1
