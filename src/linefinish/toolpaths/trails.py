"""Strokes that end at every junction, and trails: the fewest ways that draw all of them once."""
from __future__ import annotations

import math

from linefinish.toolpaths.pieces import Piece, nearest, pieces_of, split, strokes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.data.strokes import Strokes

    Node = tuple[float, float]

# How far a stroke may pass from a junction and be taken for one that meets there, in pixels. Larger
# joins neighbours of narrow hatching; smaller passes over what was fitted beside its junction.
_MEETING_PX = 0.75
# Side of the squares in which junctions are looked for, in pixels.
_SQUARE_PX = 64.0
# Shares of a segment so near to an end are that end.
_END = 1e-4


def parted(strokes: Strokes) -> Strokes:
    """Each stroke cut where it passes a junction; what is cut ends exactly there."""
    return strokes_of((piece for own in _cut(strokes) for piece in own), strokes, strokes.fills)


def trails(strokes: Strokes) -> Strokes:
    """The strokes as few ways without a lift, none drawn twice: of each part that hangs together as
    many as half of its ends and of its junctions with an odd number of arms, and one at least.

    From odd node to odd node, as straight on as there is a choice. (C. Hierholzer, Ueber die
    Möglichkeit, einen Linienzug ohne Wiederholung und ohne Unterbrechung zu umfahren, 1873.)
    """
    pieces = [piece for own in _cut(strokes) for piece in own]
    arms: dict[Node, list[tuple[int, bool]]] = {}
    for index, piece in enumerate(pieces):
        arms.setdefault(piece.start, []).append((index, False))
        arms.setdefault(piece.end, []).append((index, True))
    used = [False] * len(pieces)
    made = []
    for part in _parts(arms, pieces):
        odd = [node for node in part if len(arms[node]) & 1]
        ways = [_walk(node, arms, pieces, used) for node in odd if sum(not used[index] for index, _ in arms[node]) & 1]
        ways = ways or [_walk(part[0], arms, pieces, used)]
        ways = [way for way in ways if way]
        for node in part:  # what no way has passed are rounds, which are drawn when one comes by
            while any(not used[index] for index, _ in arms[node]):
                _insert(_walk(node, arms, pieces, used), node, ways, pieces)
        made += [_joined(way, pieces) for way in ways]
    return strokes_of(made, strokes, strokes.fills)


def _cut(strokes: Strokes) -> list[list[Piece]]:
    """The pieces of each stroke between junctions."""
    squares: dict[tuple[int, int], list[Node]] = {}
    for x, y in zip(strokes.junctions[::2], strokes.junctions[1::2]):
        squares.setdefault((int(x // _SQUARE_PX), int(y // _SQUARE_PX)), []).append((x, y))
    return [_cut_piece(piece, squares) for piece in pieces_of(strokes)]


def _cut_piece(piece: Piece, squares: dict[tuple[int, int], list[Node]]) -> list[Piece]:
    """One stroke, cut. A junction beside several of its segments cuts the nearest of each run of
    neighbours.
    """
    found: dict[Node, list[tuple[float, int, float]]] = {}  # junction → distance, segment, share
    for index, (points, kind) in enumerate(zip(piece.segments, piece.kinds)):
        left, right = min(points[::2]) - _MEETING_PX, max(points[::2]) + _MEETING_PX
        top, bottom = min(points[1::2]) - _MEETING_PX, max(points[1::2]) + _MEETING_PX
        for column in range(int(left // _SQUARE_PX), int(right // _SQUARE_PX) + 1):
            for row in range(int(top // _SQUARE_PX), int(bottom // _SQUARE_PX) + 1):
                for x, y in squares.get((column, row), ()):
                    if left <= x <= right and top <= y <= bottom:
                        share, far = nearest(points, kind, x, y)
                        if far <= _MEETING_PX:
                            found.setdefault((x, y), []).append((far, index, share))
    cuts: list[tuple[int, float, Node]] = []
    count = len(piece.segments)
    for node, places in found.items():
        run: list[tuple[float, int, float]] = []
        for place in places:
            if run and place[1] > run[-1][1] + 1:
                cuts.append((min(run)[1], min(run)[2], node))
                run = []
            run.append(place)
        best = min(run)
        ends = piece.closed and best[1] == count - 1 and any(cut[0] == 0 and cut[2] == node for cut in cuts)
        cuts += [] if ends else [(best[1], best[2], node)]
    return _cut_at(piece, sorted(cuts))


def _cut_at(piece: Piece, cuts: list[tuple[int, float, Node]]) -> list[Piece]:
    """A piece cut at shares of its segments, which come to lie exactly on their junctions."""
    if not cuts or len(piece.segments) == 1 and piece.start == piece.end and not piece.closed:
        return [piece]
    segments: list[list[float]] = []
    kinds: list[int] = []
    widths = [piece.widths[0]]
    nodes: dict[int, Node] = {}  # joint → junction
    for index, (points, kind) in enumerate(zip(piece.segments, piece.kinds)):
        done = 0.0
        for share, node in ((share, node) for at, share, node in cuts if at == index):
            if share <= done + _END:
                nodes.setdefault(len(segments), node)
            elif share >= 1 - _END:
                nodes[len(segments) + 1] = node
            else:
                before, points = split(points, kind, (share - done) / (1 - done))
                segments.append(before)
                kinds.append(kind)
                widths.append((1 - share) * piece.widths[index] + share * piece.widths[index + 1])
                nodes[len(segments)] = node
                done = share
        segments.append(points)
        kinds.append(kind)
        widths.append(piece.widths[index + 1])
    count = len(segments)
    for joint, (x, y) in nodes.items():
        for index, side in ((joint - 1, 6), (joint, 0)):
            if piece.closed:
                index %= count
            if 0 <= index < count:
                _move_end(segments[index], kinds[index], side, x, y)
    stops = sorted({joint % count if piece.closed else joint for joint in nodes})
    if piece.closed:
        whole = Piece(segments, kinds, widths).begun_at(stops[0])
        stops = [joint - stops[0] for joint in stops]
        segments, kinds, widths = whole.segments, whole.kinds, whole.widths
    stops = sorted({0, count, *stops})
    return [Piece(segments[a:b], kinds[a:b], widths[a : b + 1]) for a, b in zip(stops, stops[1:])]


def _move_end(points: list[float], kind: int, side: int, x: float, y: float) -> None:
    """Put an end of a segment elsewhere, its handle with it."""
    near = 2 if side == 0 else 4
    across, down = x - points[side], y - points[side + 1]
    points[side : side + 2] = [x, y]
    points[near : near + 2] = [points[near] + across, points[near + 1] + down] if kind else [x, y]


def _parts(arms: dict[Node, list[tuple[int, bool]]], pieces: list[Piece]) -> list[list[Node]]:
    """The nodes of each part that hangs together, in their order."""
    seen: set[Node] = set()
    parts = []
    for first in arms:
        if first in seen:
            continue
        seen.add(first)
        part = [first]
        for node in part:
            for index, _ in arms[node]:
                for other in (pieces[index].start, pieces[index].end):
                    if other not in seen:
                        seen.add(other)
                        part.append(other)
        parts.append(part)
    return parts


def _walk(node: Node, arms: dict[Node, list[tuple[int, bool]]], pieces: list[Piece], used: list[bool]) -> list[tuple[int, bool]]:
    """On from a node until there is no way on, at each as straight as can be: pieces, and whether
    each is drawn from its end.
    """
    way: list[tuple[int, bool]] = []
    heading: float | None = None
    while True:
        free = [arm for arm in arms[node] if not used[arm[0]]]
        if not free:
            return way
        from_here = {arm: 0.0 if heading is None else _turn(heading, _heading(pieces[arm[0]], arm[1])) for arm in free}
        index, turned = min(free, key=lambda arm: (from_here[arm], arm))
        used[index] = True
        way.append((index, turned))
        node = pieces[index].start if turned else pieces[index].end
        heading = _heading(pieces[index], not turned) + math.pi


def _heading(piece: Piece, from_end: bool) -> float:
    """The direction in which a piece leaves one of its ends."""
    points = [value for segment in piece.segments for value in segment]
    if from_end:
        points = [value for at in range(len(points) - 2, -1, -2) for value in points[at : at + 2]]
    for x, y in zip(points[2::2], points[3::2]):
        if math.dist((x, y), points[:2]) > 1e-6:
            return math.atan2(y - points[1], x - points[0])
    return 0.0


def _turn(heading: float, other: float) -> float:
    return abs(math.remainder(other - heading, 2 * math.pi))


def _insert(round_way: list[tuple[int, bool]], node: Node, ways: list[list[tuple[int, bool]]], pieces: list[Piece]) -> None:
    """Draw a way that comes back to its start when another passes there."""
    for way in ways:
        for at, (index, turned) in enumerate(way):
            if (pieces[index].end if turned else pieces[index].start) == node:
                way[at:at] = round_way
                return
            if (pieces[index].start if turned else pieces[index].end) == node:
                way[at + 1 : at + 1] = round_way
                return
    ways.append(round_way)


def _joined(way: list[tuple[int, bool]], pieces: list[Piece]) -> Piece:
    """One stroke of a way; where widths of two pieces differ at their joint it has their mean."""
    made = Piece([], [], [])
    for index, turned in way:
        own = pieces[index].turned() if turned else pieces[index]
        made.segments += own.segments
        made.kinds += own.kinds
        if made.widths:
            made.widths[-1] = (made.widths[-1] + own.widths[0]) / 2
            made.widths += own.widths[1:]
        else:
            made.widths += own.widths
    dot = len(made.segments) == 1 and not made.kinds[0]
    made.closed = made.start == made.end and not dot
    if made.closed:
        made.widths[0] = made.widths[-1] = (made.widths[0] + made.widths[-1]) / 2
    return made
