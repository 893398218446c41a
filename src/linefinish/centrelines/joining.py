"""From chains to strokes: spurs are left out, and what continues at a branch is one stroke.

Near a branch the middle between outlines is not the middle of a stroke. Each chain is cut where its
radius is its stroke's own, and what lies between is drawn anew from the *arms*: how the chains go
on from there (`axes.find_arms`). Two arms that continue each other are joined by a cubic; others go
straight on to where they meet that, or each other.
"""
from __future__ import annotations

from itertools import repeat
from math import floor, sqrt

from linefinish.kernels import arms as arms_kernel
from linefinish.kernels import axes
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.centrelines.finding import Axis

    # x, y, radius, and whether the point is kept as it is: an end or a corner.
    Point = tuple[float, float, float, bool]
    # The points of a stroke, and whether it is closed.
    Line = tuple[list[Point], bool]
    Place = tuple[float, float]
    End = tuple[int, int]  # a chain, and which of its ends: 0 the first, 1 the last

# Cosine of the largest angle by which two arms may part across a bridge between two branches that
# are one crossing: 14°.
_CROSSES = 0.9703
# The same where the bridge is fatter than each stroke alone, by this factor: 20°.
_CROSSES_FAT, _FATTER = 0.94, 1.05
# A chain from branch to branch no longer than this many times both of their radii has no direction
# of its own. Larger: rings between two branches become corners; smaller: noise for a direction.
_WEAK = 2.5
# The same of an arm that seems to bend by more than this, as one over a radius in pixels.
_WEAK_WILD, _WILD = 4.0, 0.075
# Where two strokes cross at a small angle, their directions are asked for so many pixels farther
# away, beyond the stroke's own radius, and over so many pixels beyond four such radii.
_FARTHER_PX, _FARTHER_REACH_PX = 3.0, 4.0
# Two strokes that end on a third from both sides are one that crosses it, if they bend by no more
# than this there (the cosine of 85°, negative), if their widths differ
# by no more than this factor, and if they end no farther apart than so many times both radii and so
# many pixels. Larger: twigs on either side of a stem become one.
_ACROSS, _ALIKE, _SAME, _SAME_PX = -0.0872, 1.5, 0.6, 1.0
# Cosine of the largest angle by which two arms may turn that nothing else continues (negative, as
# both lead to the branch), and of that between them and the way from one to the other: 65° and 55°.
# Larger: twigs that leave a stem side by side become one stroke; smaller: rings that touch
# something break there.
_BENDS, _BENDS_AHEAD = -0.4226, 0.574
# Two strokes that turn by more than this (the cosine of 100°, negative) are two in any case. What
# differs by fewer places on paper than this is told by angles. Places lie at this part of the
# stroke's radius from its middle. Larger: the rounded ends of paper between strokes count.
_TURNED, _PAPER_MORE, _SIDE = 0.1736, 3, 0.7
# A branch that reaches beyond the disc of the stroke it leaves by no more than this is a spur: so
# many pixels, or this part of that disc's radius. Larger: stubs of bold strokes are lost; smaller:
# bumps of blurred, noisy edges are drawn.
_SPUR_PX, _SPUR_SHARE = 1.4, 0.25
# So is one that reaches beyond it by less than this, with no more ink than a speck has that would
# be left out if it lay alone. Larger: short hairs are lost; smaller: specks on lines are drawn.
_SPECK_PX, _SPECK_AREA_PX = 3.5, 8.0
# A tip lies no farther from the last pixel of its thinned line than so many of its radii and so
# many pixels: on clean drawings one and two were enough. Larger: what is sought far along another
# stroke is taken for a tip; smaller: tips of tapered strokes are cut off.
_TIP, _TIP_PX = 1.5, 2.5
# A chain as short as this is none, in pixels.
_SHORT_PX = 1.5
# Branches are one whose discs overlap, or that are no farther apart than this many times both
# radii; and those with a pinhole between them, whose two sides are no longer than twice both radii
# and so many pixels.
_OVERLAP, _PINHOLE_PX = 1.15, 4.0
# Rounds of leaving out spurs: a spur may have spurs.
_SPUR_ROUNDS = 6
# The part of a chain that may be cut off for a branch: where its other end is free, and where it
# leads to another branch.
_CUT_FREE, _CUT_SHARED = 0.9, 0.45
# How four arms may be two strokes.
_CROSSED = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))


class Arm:
    """An end of a chain at a branch: where it is cut, and how it goes on from there."""

    __slots__ = ("bend_x", "bend_y", "cut", "dx", "dy", "end", "length", "own", "radius", "row", "x", "y")

    def __init__(self, end: End, row: list[float], length: float) -> None:
        self.end, self.length, self.row = end, length, row
        self.x, self.y, self.dx, self.dy, self.bend_x, self.bend_y, self.own, self.radius, cut = row
        self.cut = int(cut)

    def at(self, way: float) -> tuple[float, float]:
        """The place so far on."""
        half = 0.5 * way * way
        return self.x + way * self.dx + half * self.bend_x, self.y + way * self.dy + half * self.bend_y

    def direction(self, way: float) -> tuple[float, float]:
        """The unit direction there."""
        dx, dy = self.dx + way * self.bend_x, self.dy + way * self.bend_y
        norm = max(sqrt(dx * dx + dy * dy), 1e-9)
        return dx / norm, dy / norm

    def along(self, x: float, y: float) -> float:
        """How far on a place is."""
        return (x - self.x) * self.dx + (y - self.y) * self.dy


class Graph:
    """Chains, and the branches that they meet in."""

    def __init__(self, axis: Axis, spur_length_max_px: float | None) -> None:
        self._axis = axis
        self._atoms: memoryview[Any] = axis.atoms
        self.offsets = axis.offsets.tolist()
        self._lengths = [axis.atoms[axes.ATOM * (last - 1) + axes.ALONG] for last in self.offsets[1:]]
        self.dead = [False] * axis.count
        self.nodes: dict[int, list[End]] = {}
        self.places: list[tuple[int, int]] = []
        track, width = axis.track, axis.width
        for chain, closed in enumerate(axis.closed):
            first, last = self.offsets[chain], self.offsets[chain + 1] - 1
            place = track[2 * first + 1] * width + track[2 * first], track[2 * last + 1] * width + track[2 * last]
            self.places.append(place)
            if not closed:
                self.nodes.setdefault(place[0], []).append((chain, 0))
                self.nodes.setdefault(place[1], []).append((chain, 1))
        self.junctions: list[tuple[float, float]] = []
        self._tips: dict[End, list[float]] = {}
        self._find_tips()
        self._prune(spur_length_max_px)

    # --- chains

    def length(self, chain: int) -> float:
        """Of a chain's way, in pixels."""
        return float(self._lengths[chain])

    def is_free(self, end: End) -> bool:
        """Whether nothing else begins there."""
        return len(self.nodes[self.places[end[0]][end[1]]]) == 1

    def atom(self, end: End) -> list[float]:
        """The outermost atom of an end."""
        chain, last = end
        at = axes.ATOM * (self.offsets[chain + 1] - 1 if last else self.offsets[chain])
        return list(self._atoms[at : at + axes.ATOM])

    def tip(self, end: End) -> list[float]:
        """The row of `axes.find_tips` for an end."""
        got = self._tips.get(end)
        if got is None:
            got = self._tips[end] = self._axis.tips([end])[0]
        return got

    def _find_tips(self) -> None:
        free = [members[0] for members in self.nodes.values() if len(members) == 1]
        self._tips.update((end, self._near_end(end, row)) for end, row in zip(free, self._axis.tips(free)))

    def _near_end(self, end: End, row: list[float]) -> list[float]:
        """A tip as it is, if it lies near the last pixel of its thinned line; else that pixel: what
        looks along the stroke that a speck touches finds its far end.
        """
        place = self.places[end[0]][end[1]]
        x, y = place % self._axis.width + 0.5, place // self._axis.width + 0.5
        reach = _TIP * row[axes.TIP_RADIUS] + _TIP_PX
        if (row[0] - x) * (row[0] - x) + (row[1] - y) * (row[1] - y) <= reach * reach:
            return row
        return [x, y, min(self._axis.radii[end[0]], row[axes.TIP_RADIUS]), row[axes.TIP_CUT]]

    def _outmost(self, end: End) -> tuple[float, float, float]:
        """A free end's disc: that of its tip, or, where the chain runs along one edge and not
        between two, that of the last pixel of its thinned line.
        """
        x, y, radius, cut = self.tip(end)
        chain, last = end
        at = self.offsets[chain + 1] - 1 - int(cut) if last else self.offsets[chain] + int(cut)
        if self._atoms[axes.ATOM * at + axes.FACING] > 0.0:
            return x, y, radius
        place = self.places[chain][last]
        return place % self._axis.width + 0.5, place // self._axis.width + 0.5, 0.5

    def remove(self, chain: int) -> None:
        """Leave a chain out."""
        self.dead[chain] = True
        for last in (0, 1):
            place = self.places[chain][last]
            self.nodes[place].remove((chain, last))
            if not self.nodes[place]:
                del self.nodes[place]

    # --- spurs

    def _prune(self, length_max: float | None) -> None:
        """Leave out chains with a free end that leave no ink uncovered."""
        for _ in range(_SPUR_ROUNDS):
            spurs = []
            for members in list(self.nodes.values()):
                if len(members) != 1 or self._axis.closed[members[0][0]]:
                    continue
                end = members[0]
                chain, other = end[0], (end[0], 1 - end[1])
                if self.places[chain][0] == self.places[chain][1] or self.is_free(other):
                    continue
                x, y, radius = self._outmost(end)
                at = self.atom(other)
                reach = sqrt((x - at[0]) * (x - at[0]) + (y - at[1]) * (y - at[1])) + radius - at[axes.RADIUS]
                length = self.length(chain)
                short = length < _SHORT_PX or (length_max is not None and length <= length_max)
                small = reach < _SPECK_PX and 2.0 * reach * radius < _SPECK_AREA_PX
                if short or small or reach < max(_SPUR_PX, _SPUR_SHARE * at[axes.RADIUS]):
                    spurs.append((length, chain, self.places[chain][other[1]]))
            if not spurs:
                return
            for _, chain, place in sorted(spurs):
                # Of the last two that leave a branch neither is one.
                if len(self.nodes[place]) >= 2:
                    self.remove(chain)

    # --- branches

    def resolve(self) -> None:
        """Say how chains are joined where they meet."""
        self._links: dict[End, tuple[End | None, list[Point], Arm]] = {}
        self._cuts: dict[End, int] = {}
        ends = [end for members in self.nodes.values() if len(members) > 1 for end in members]
        wanted = [(chain, last, _CUT_FREE if self.is_free((chain, 1 - last)) else _CUT_SHARED) for chain, last in ends]
        rows = self._axis.arms(wanted)
        self._arms = {end: Arm(end, self._surer(end, row), self.length(end[0])) for end, row in zip(ends, rows)}
        for places in self._groups():
            members = [end for place in places for end in self.nodes[place] if end[0] not in self._bridges]
            if len(members) < 2:
                continue
            x = y = radius = 0.0
            for place in places:
                atom = self.atom(self.nodes[place][0])
                x, y, radius = x + atom[0], y + atom[1], max(radius, atom[axes.RADIUS])
            self._join([self._arms[end] for end in members], x / len(places), y / len(places), radius)

    def _surer(self, end: End, row: list[float]) -> list[float]:
        """An arm of a chain from branch to branch that is hardly longer than those are wide has no
        direction of its own: it leads from the one to the other.
        """
        chain, last = end
        here, there = self.atom(end), self.atom((chain, 1 - last))
        own, bend_x, bend_y = row[axes.ARM_OWN], row[axes.ARM_BEND_X], row[axes.ARM_BEND_Y]
        wide = max(here[axes.RADIUS], own) + max(there[axes.RADIUS], own)
        is_wild = bend_x * bend_x + bend_y * bend_y > _WILD * _WILD
        if self.is_free((chain, 1 - last)) or self.length(chain) > (_WEAK_WILD if is_wild else _WEAK) * wide:
            return row
        dx, dy = here[0] - there[0], here[1] - there[1]
        norm = sqrt(dx * dx + dy * dy)
        if norm < 1.0:
            return row
        first = self.offsets[chain]
        count = self.offsets[chain + 1] - first
        middle = axes.ATOM * (first + count // 2)
        x, y, radius = self._atoms[middle : middle + 3]
        cut = count - 1 - count // 2 if last else count // 2
        return [x, y, dx / norm, dy / norm, 0.0, 0.0, own, min(radius, row[axes.ARM_RADIUS]), float(cut)]

    def _groups(self) -> list[list[int]]:
        """Branches that are one: those whose discs overlap, or with a pinhole between them, and the
        two of a slanted crossing.
        """
        label = {place: place for place, members in self.nodes.items() if len(members) > 1}

        def root(place: int) -> int:
            while label[place] != place:
                label[place] = label[label[place]]
                place = label[place]
            return place

        self._bridges: set[int] = set()
        between = [
            (chain, *ends) for chain, ends in enumerate(self.places)
            if not self.dead[chain] and not self._axis.closed[chain] and ends[0] in label and ends[1] in label
        ]  # fmt: skip
        reach = {}
        for chain, here, there in between:
            reach[chain] = self.atom((chain, 0))[axes.RADIUS] + self.atom((chain, 1))[axes.RADIUS]
            if here != there and self.length(chain) < _OVERLAP * reach[chain] + 0.5:
                label[root(here)] = root(there)
                self._bridges.add(chain)
        first: dict[tuple[int, int], int] = {}
        for chain, here, there in between:
            if chain in self._bridges or self.length(chain) > 2.0 * reach[chain] + _PINHOLE_PX:
                continue
            ends = min(root(here), root(there)), max(root(here), root(there))
            if ends[0] == ends[1]:
                self._bridges.add(chain)
            elif ends in first:
                self._bridges |= {chain, first[ends]}
                label[ends[0]] = ends[1]
            else:
                first[ends] = chain
        outward: dict[int, list[End]] = {}
        for place in label:
            outward.setdefault(root(place), []).extend(end for end in self.nodes[place] if end[0] not in self._bridges)
        for chain, here, there in between:
            here, there = root(here), root(there)
            if chain in self._bridges or here == there or len(outward[here]) != 3 or len(outward[there]) != 3:
                continue
            sides = [[self._arms[end] for end in outward[place] if end[0] != chain] for place in (here, there)]
            if self._is_crossing(chain, *sides):
                label[here] = there
                outward[there] += outward.pop(here)
                self._bridges.add(chain)
        groups: dict[int, list[int]] = {}
        for place in label:
            groups.setdefault(root(place), []).append(place)
        return list(groups.values())

    def _is_crossing(self, bridge: int, here: list[Arm], there: list[Arm]) -> bool:
        """Whether the branches at a chain's ends are one crossing: their arms pair across."""
        arms = [*here, *there]
        thin, thick = min(arm.own for arm in arms), max(arm.own for arm in arms)
        if self.length(bridge) > 18.0 * thick + 2.0:
            return False
        first, last = self.offsets[bridge], self.offsets[bridge + 1]
        middle = sum(self._atoms[axes.ATOM * first + axes.RADIUS : axes.ATOM * last : axes.ATOM]) / (last - first)
        if middle < 1.1 * thin:
            return False
        least = _CROSSES if middle < _FATTER * thick else _CROSSES_FAT
        for sides in ((here, there), ([self._farther(arm) for arm in here], [self._farther(arm) for arm in there])):
            for other in (sides[1], sides[1][::-1]):
                fits = [_fit(one, two) for one, two in zip(sides[0], other)]
                if min(cosine for cosine, _ in fits) > least and max(off for _, off in fits) < 0.7 * thick + 0.6:
                    self._arms.update((arm.end, arm) for side in sides for arm in side)
                    return True
        return False

    def _farther(self, arm: Arm) -> Arm:
        """An arm that begins farther away: two strokes at a small angle bend each other's middles
        where the paper between them begins.
        """
        chain, last = arm.end
        first, end = self.offsets[chain], self.offsets[chain + 1]
        clear, reach = int(arm.own + _FARTHER_PX), int(4.0 * arm.own + _FARTHER_REACH_PX)
        if arm.cut + clear + reach >= (end - first) * (_CUT_FREE if self.is_free((chain, 1 - last)) else _CUT_SHARED):
            return arm
        near, far = ((end - 1 - arm.cut - k if last else first + arm.cut + k) for k in (clear, clear + reach))
        x, y, radius = self._atoms[axes.ATOM * near : axes.ATOM * near + 3]
        dx, dy = x - self._atoms[axes.ATOM * far], y - self._atoms[axes.ATOM * far + 1]
        norm = max(sqrt(dx * dx + dy * dy), 1e-9)
        return Arm(arm.end, [x, y, dx / norm, dy / norm, 0.0, 0.0, arm.own, radius, float(arm.cut + clear)], arm.length)

    def _join(self, arms: list[Arm], x: float, y: float, radius: float) -> None:
        """Join the arms of a branch at about (x, y)."""
        if len(arms) == 3:
            arms, x, y = self._without_corner_tip(arms, x, y)
        for arm in arms:
            self._cuts[arm.end] = arm.cut
        far = 6.0 * radius + 4.0
        curves, rest = self._pairs(arms, far)
        if curves:
            met = _onto(rest, curves, x, y, far)
            pairs = self._bent_pairs(rest, met, curves)
            curves += [self._linked(rest[p], rest[q], far) for p, q in pairs]
            left = [i for i in range(len(rest)) if not any(i in pair for pair in pairs)]
            rest, met = [rest[i] for i in left], [met[i] for i in left]
            for number, curve in enumerate(curves):
                for other in curves[:number]:
                    meeting = _crossing(curve, other)
                    if meeting:
                        self.junctions.append(meeting)
            for arm, place in zip(rest, met):
                self._links[arm.end] = (None, [(*place, arm.radius, True)], arm)
                self.junctions.append(place)
            return
        self._join_rest(rest, x, y, radius)

    def _join_rest(self, rest: list[Arm], x: float, y: float, radius: float) -> None:
        """Join arms none of which continues another: in the place that is nearest to all."""
        met = _meeting(rest, x, y) if len(rest) > 1 else (x, y)
        reach = (8.0 if len(rest) == 2 else 2.0) * radius + 2.0
        if met is None or (met[0] - x) * (met[0] - x) + (met[1] - y) * (met[1] - y) > reach * reach:
            met = x, y
        if len(rest) == 2:
            one, two = rest
            corner = [(*met, 0.5 * (one.radius + two.radius), True)]
            for arm in rest:
                self._cuts[arm.end] = self._cut_beside(arm, *met)
            self._links[one.end], self._links[two.end] = (two.end, corner, one), (one.end, corner, two)
            return
        for arm in rest:
            self._links[arm.end] = (None, [(*met, arm.radius, True)], arm)
        if len(rest) > 2:
            self.junctions.append(met)

    def _bent_pairs(self, arms: list[Arm], met: list[Place], curves: list[list[Point]]) -> list[tuple[int, int]]:
        """Pairs of arms that nothing else continues, but that are one stroke."""
        fits = []
        for q, two in enumerate(arms):
            for p, one in enumerate(arms[:q]):
                if self._is_one([one, two], [met[p], met[q]], curves, len(arms) == 2):
                    fits.append((one.dx * two.dx + one.dy * two.dy, p, q))
        pairs: list[tuple[int, int]] = []
        for _, p, q in sorted(fits):
            if not any(i in pair for pair in pairs for i in (p, q)):
                pairs.append((p, q))
        return pairs

    def _is_one(self, arms: list[Arm], met: list[Place], curves: list[list[Point]], is_alone: bool) -> bool:
        """Whether two arms that nothing else continues are one stroke, or end on the curves: what
        is drawn on less paper; if both are, or other arms are left, by how they lie.
        """
        one, two = arms
        if one.dx * two.dx + one.dy * two.dy > _TURNED:
            return False
        together = self._paper(_curve(one, two))
        apart = sum(self._paper(_straight(arm, *place)) for arm, place in zip(arms, met))
        if together >= apart + _PAPER_MORE:
            return False
        if is_alone and apart >= together + _PAPER_MORE:
            return True
        return _bends_on(one, two) or (len(curves) == 1 and _goes_across(one, two, met, curves[0]))

    def _paper(self, points: list[Point]) -> int:
        """How many places on paper a stroke through points covers, of two at each point."""
        bitmap = self._axis.bitmap
        count = 0
        for (ax, ay, radius, _), (bx, by, _, _) in zip(points, points[1:]):
            norm = _SIDE * radius / max(sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay)), 1e-9)
            for side in (-norm, norm):
                x, y = floor(ax - side * (by - ay)), floor(ay + side * (bx - ax))
                inside = 0 <= x < bitmap.width and 0 <= y < bitmap.height
                count += not (inside and bitmap.words[y * bitmap.stride + (x >> 6)] >> (x & 63) & 1)
        return count

    def _cut_beside(self, arm: Arm, x: float, y: float) -> int:
        """Where an arm is cut for a corner: beyond the corner's disc, where the sides' middles may
        cross each other.
        """
        chain, last = arm.end
        first, end = self.offsets[chain], self.offsets[chain + 1]
        cut = arm.cut
        while cut < (end - first) // 2:
            at = axes.ATOM * (end - 1 - cut if last else first + cut)
            dx, dy = self._atoms[at] - x, self._atoms[at + 1] - y
            if dx * dx + dy * dy >= arm.own * arm.own:
                break
            cut += 1
        return cut

    def _without_corner_tip(self, arms: list[Arm], x: float, y: float) -> tuple[list[Arm], float, float]:
        """A sharp corner is a branch with a short thick end: leave that out."""
        for arm in arms:
            chain, last = arm.end
            if not self.is_free((chain, 1 - last)):
                continue
            tip_x, tip_y = self.atom((chain, 1 - last))[:2]
            one, two = (other for other in arms if other is not arm)
            own = 0.5 * (one.own + two.own)
            if arm.length > 8.0 * own + 2.0 or one.dx * two.dx + one.dy * two.dy < -0.5:
                continue
            met = _meeting([one, two], tip_x, tip_y)
            if met is None:
                continue
            off = sqrt((met[0] - tip_x) * (met[0] - tip_x) + (met[1] - tip_y) * (met[1] - tip_y))
            first, end = self.offsets[chain], self.offsets[chain + 1]
            third = (end - first) // 3
            thickest = max(self._atoms[axes.ATOM * at + axes.RADIUS] for at in range(first + third, end - third))
            # The thinned line ends within the corner's round end.
            if off < 1.3 * own + 1.0 and thickest > 1.03 * own:
                self.dead[chain] = True
                return [one, two], met[0], met[1]
        return arms, x, y

    def _pairs(self, arms: list[Arm], far: float) -> tuple[list[list[Point]], list[Arm]]:
        """Join arms that continue each other, the best first. → their curves, and the other arms"""
        left = dict(enumerate(arms))
        curves = []
        for p, q in _best_pairs(arms):
            if p in left and q in left:
                curves.append(self._linked(left.pop(p), left.pop(q), far))
        return curves, list(left.values())

    def _linked(self, one: Arm, two: Arm, far: float) -> list[Point]:
        """Join two arms. → the curve that they become, with so much of their chains"""
        between = _curve(one, two)
        self._links[one.end], self._links[two.end] = (two.end, between, one), (one.end, between[::-1], two)
        return [*self._stretch(one, far)[::-1], *between, *self._stretch(two, far)]

    def _stretch(self, arm: Arm, far: float) -> list[Point]:
        """An arm's cut, and the points of its chain from there on, up to so far away."""
        chain, last = arm.end
        first, end = self.offsets[chain], self.offsets[chain + 1]
        count = min(int(far) + 1, (end - first - arm.cut) // 2)
        begin = end - arm.cut - count if last else first + arm.cut
        points = self._points(begin, begin + count)[:: -1 if last else 1]
        return [(arm.x, arm.y, arm.radius, False), *points[1:]]

    # --- strokes

    def lines(self) -> list[Line]:
        """All strokes as points, the longest chains first."""
        done = set(self._bridges) | {chain for chain, dead in enumerate(self.dead) if dead}
        made: list[Line] = []
        for chain in sorted(range(self._axis.count), key=self.length, reverse=True):
            if chain in done:
                continue
            done.add(chain)
            if self._axis.closed[chain]:
                made.append((self._points(self.offsets[chain], self.offsets[chain + 1]), True))
                continue
            ahead, closed = self._grown((chain, 1), done)
            behind = [] if closed else self._grown((chain, 0), done)[0]
            made.append((behind[::-1] + self._body(chain) + ahead, closed))
        return made

    def _grown(self, end: End, done: set[int]) -> tuple[list[Point], bool]:
        """What follows beyond a chain's end. → points, and whether it leads back to the chain"""
        begun = end[0]
        points: list[Point] = []
        while True:
            link = self._links.get(end)
            if link is None:
                x, y, radius, _ = self.tip(end)
                return [*points, (x, y, radius, True)], False
            beyond, between, _ = link
            points += between
            if beyond is None:
                return points, False
            if beyond[0] == begun:
                return points, True
            if beyond[0] in done:
                return points, False
            done.add(beyond[0])
            body = self._body(beyond[0])
            points += body[::-1] if beyond[1] else body
            end = (beyond[0], 1 - beyond[1])

    def _body(self, chain: int) -> list[Point]:
        """The points of a chain that are its own."""
        first, last = self.offsets[chain], self.offsets[chain + 1] - 1
        begin = first + (self._cuts.get((chain, 0), 0) if (chain, 0) in self._links else int(self.tip((chain, 0))[axes.TIP_CUT]))
        end = last - (self._cuts.get((chain, 1), 0) if (chain, 1) in self._links else int(self.tip((chain, 1))[axes.TIP_CUT]))
        if end < begin:
            begin = end = min(max((begin + end) // 2, first), last)
        return self._points(begin, end + 1)

    def _points(self, first: int, last: int) -> list[Point]:
        own = self._atoms[axes.ATOM * first : axes.ATOM * last]
        return list(zip(*(own[field :: axes.ATOM].tolist() for field in (axes.X, axes.Y, axes.RADIUS)), repeat(False)))


def _fit(one: Arm, two: Arm) -> tuple[float, float]:
    """How well two arms continue each other: the cosine of the angle between them half way, and how
    far apart they are there.
    """
    half = 0.5 * sqrt((two.x - one.x) * (two.x - one.x) + (two.y - one.y) * (two.y - one.y))
    (ax, ay), (bx, by) = one.direction(half), two.direction(half)
    (px, py), (qx, qy) = one.at(half), two.at(half)
    return -(ax * bx + ay * by), sqrt((px - qx) * (px - qx) + (py - qy) * (py - qy))


def _straight(arm: Arm, x: float, y: float) -> list[Point]:
    """Points from an arm's cut to a place, about a pixel apart."""
    far = sqrt((x - arm.x) * (x - arm.x) + (y - arm.y) * (y - arm.y))
    count = max(1, int(far + 0.5))
    return [(arm.x + i / count * (x - arm.x), arm.y + i / count * (y - arm.y), arm.radius, False) for i in range(count + 1)]


def _bends_on(one: Arm, two: Arm) -> bool:
    """Whether two arms that nothing else continues are one stroke that bends."""
    far = sqrt((two.x - one.x) * (two.x - one.x) + (two.y - one.y) * (two.y - one.y))
    _, off = _fit(one, two)
    ahead = ((two.x - one.x) * (one.dx - two.dx) + (two.y - one.y) * (one.dy - two.dy)) / max(2.0 * far, 1e-9)
    thick = max(one.own, two.own)
    return one.dx * two.dx + one.dy * two.dy < _BENDS and ahead > _BENDS_AHEAD and off < thick + 0.5 + 0.15 * far


def _goes_across(one: Arm, two: Arm, met: list[Place], curve: list[Point]) -> bool:
    """Whether two arms that meet a curve at these places are one stroke across it, which bends
    there: they come from both of its sides, to nearly the same place.
    """
    (x, y), (other_x, other_y) = met
    near = _SAME * (one.own + two.own) + _SAME_PX
    far2 = [(point[0] - x) * (point[0] - x) + (point[1] - y) * (point[1] - y) for point in curve[1:]]
    at = far2.index(min(far2))
    ux, uy = curve[at + 1][0] - curve[at][0], curve[at + 1][1] - curve[at][1]
    return (
        (ux * one.dy - uy * one.dx) * (ux * two.dy - uy * two.dx) < 0.0
        and one.dx * two.dx + one.dy * two.dy < _ACROSS
        and (x - other_x) * (x - other_x) + (y - other_y) * (y - other_y) < near * near
        and max(one.own, two.own) < _ALIKE * min(one.own, two.own) + 0.5
    )


def _curve(one: Arm, two: Arm) -> list[Point]:
    """Points of the cubic from one cut to the other, about a pixel apart."""
    far = sqrt((two.x - one.x) * (two.x - one.x) + (two.y - one.y) * (two.y - one.y))
    count = max(2, int(far + 0.5))
    points = []
    for i in range(1, count):
        t = i / count
        a = (2.0 * t - 3.0) * t * t + 1.0
        b = far * ((t - 2.0) * t * t + t)
        c = far * (1.0 - t) * t * t
        x = a * one.x + b * one.dx + (1.0 - a) * two.x + c * two.dx
        y = a * one.y + b * one.dy + (1.0 - a) * two.y + c * two.dy
        points.append((x, y, one.radius + t * (two.radius - one.radius), False))
    return points


def _meeting(arms: list[Arm], x: float, y: float) -> tuple[float, float] | None:
    """The place that is nearest to all arms, which are bent; None where they run side by side."""
    for _ in range(4):
        a = b = d = u = v = 0.0
        for arm in arms:
            way = min(max(arm.along(x, y), -2.0), 12.0 * arm.own + 4.0)
            (px, py), (dx, dy) = arm.at(way), arm.direction(way)
            a += 1.0 - dx * dx
            b -= dx * dy
            d += 1.0 - dy * dy
            u += (1.0 - dx * dx) * px - dx * dy * py
            v += (1.0 - dy * dy) * py - dx * dy * px
        det = a * d - b * b
        if det < 1e-4 * (a + d) * (a + d):
            return None
        x, y = (d * u - b * v) / det, (a * v - b * u) / det
    return x, y


def _best_pairs(arms: list[Arm]) -> list[tuple[int, int]]:
    """Arms that continue each other, by their numbers, the best first."""
    rows = _rows(arms)
    pairs = buffers.zeros(arms_kernel.PAIR * 2 * len(arms), "d")
    count = arms_kernel.find_pairs(rows, len(arms), pairs, 2 * len(arms))
    if count > 2 * len(arms):
        pairs = buffers.zeros(arms_kernel.PAIR * count, "d")
        arms_kernel.find_pairs(rows, len(arms), pairs, count)
    flat = pairs[: arms_kernel.PAIR * count].tolist()
    made = {(int(p), int(q)): well for well, p, q in zip(flat[::3], flat[1::3], flat[2::3])}
    if len(arms) == 4:
        # Two strokes that cross at a small angle: what is best for both, not for the first alone.
        whole = [(made[one] + made[two], [one, two]) for one, two in _CROSSED if one in made and two in made]
        if whole:
            return min(whole)[1]
    return sorted(made, key=lambda pair: (made[pair], pair))


def _onto(arms: list[Arm], curves: list[list[Point]], x: float, y: float, far: float) -> list[tuple[float, float]]:
    """Where each arm meets one of the curves; if none, their point that is nearest to its cut."""
    if not arms:
        return []
    offsets = [0]
    for curve in curves:
        offsets.append(offsets[-1] + len(curve))
    points = buffers.numbers("d", *(number for curve in curves for point in curve for number in point[:2]))
    met = buffers.zeros(arms_kernel.MEETING * len(arms), "d")
    arms_kernel.meet_curves(points, buffers.numbers("q", *offsets), len(curves), _rows(arms), len(arms), x, y, far, met)
    return list(zip(met[::2].tolist(), met[1::2].tolist()))


def _rows(arms: list[Arm]) -> memoryview:
    return buffers.numbers("d", *(number for arm in arms for number in arm.row))


def _crossing(one: list[Point], two: list[Point]) -> tuple[float, float] | None:
    """Where two polylines cross."""
    for (ax, ay, _, _), (bx, by, _, _) in zip(one, one[1:]):
        for (cx, cy, _, _), (dx, dy, _, _) in zip(two, two[1:]):
            ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
            det = ux * vy - uy * vx
            if abs(det) > 1e-12:
                s, t = ((cx - ax) * vy - (cy - ay) * vx) / det, ((cx - ax) * uy - (cy - ay) * ux) / det
                if 0.0 <= s <= 1.0 and 0.0 <= t <= 1.0:
                    return ax + s * ux, ay + s * uy
    return None
