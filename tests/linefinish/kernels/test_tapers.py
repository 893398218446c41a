"""Segments cut by widths against the plain way: stroke by stroke, each width anew."""
from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.kernels import tapers
from linefinish.memory import buffers
from tests.oracles import tapers as oracle

Stroke = tuple[list[oracle.Point], bool, list[oracle.Segment]]


def stroke(radii: list[float], closed: bool, kind: int = 1, kept: int = -1) -> Stroke:
    """Points on a half circle, or all around, as two segments."""
    n = len(radii)
    reach = 2 * math.pi if closed else math.pi
    angles = [reach * i / (n if closed else max(n - 1, 1)) for i in range(n)]
    points = [(40 + 30 * math.cos(a), 40 + 30 * math.sin(a), r, i == kept) for i, (a, r) in enumerate(zip(angles, radii, strict=True))]
    if n == 1:
        return points, False, [([*points[0][:2]] * 4, oracle.LINE, 0)]
    begin = 1 if closed else 0
    middle, end = (begin + n) // 2, begin + n if closed else n - 1
    line: list[oracle.Segment] = []
    for first, last in ((begin, middle), (middle, end)):
        (x0, y0), (x3, y3) = points[first % n][:2], points[last % n][:2]
        line.append(([x0, y0, x0 + 5, y0 - 3, x3 - 4, y3 + 2, x3, y3], kind, last))
    return points, closed, line


def called(strokes: list[Stroke]) -> tuple[Any, ...]:
    offsets, segment_offsets = [0], [0]
    for points, _, line in strokes:
        offsets.append(offsets[-1] + len(points))
        segment_offsets.append(segment_offsets[-1] + len(line))
    longest, most = max(len(points) for points, _, _ in strokes), offsets[-1] + segment_offsets[-1]
    return (
        buffers.numbers("d", *(number for points, _, _ in strokes for point in points for number in point)),
        buffers.numbers("q", *offsets), buffers.numbers("B", *(closed for _, closed, _ in strokes)), len(strokes),
        buffers.numbers("d", *(number for _, _, line in strokes for numbers, _, _ in line for number in numbers)),
        buffers.numbers("q", *segment_offsets),
        buffers.numbers("q", *(number for _, _, line in strokes for _, kind, end in line for number in (kind, end))),
        buffers.zeros(longest + tapers.STRETCH * (longest + 1), "d"), buffers.zeros(tapers.SEGMENT * most, "d"),
        buffers.zeros(2 * most, "q"), buffers.zeros(most + len(strokes), "d"),
    )  # fmt: skip


PRESSED = [1.0 + 0.8 * math.sin(i / 5) ** 2 for i in range(48)]
DRAWN = [stroke(PRESSED, False), stroke(PRESSED, True), stroke(PRESSED, False, kind=0, kept=20), stroke([2.0], False)]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield tapers.taper, called(DRAWN)


def expect_the_plain_way(strokes: list[Stroke]) -> int:
    """How many segments there are, after they were compared."""
    arguments = called(strokes)
    count: int = tapers.taper(*arguments)
    segments, kinds, joints = arguments[-3:]
    made, wanted, widths = 0, [], []
    for number, (points, closed, line) in enumerate(strokes):
        parts, its_widths = oracle.with_widths(points, closed, line)
        wanted += [(numbers, kind, number) for numbers, kind, _ in parts]
        widths += its_widths
        made += len(parts)
    assert count == made
    got = [(segments[8 * i : 8 * i + 8].tolist(), kinds[2 * i], kinds[2 * i + 1]) for i in range(count)]
    assert got == wanted
    assert joints[: count + len(strokes)].tolist() == widths
    return count


def test_pressure_cuts_segments_and_an_even_stroke_stays() -> None:
    assert expect_the_plain_way(DRAWN) > 12
    assert expect_the_plain_way([stroke([2.0] * 30, False), stroke([2.0] * 30, True)]) == 4


def test_a_stretch_whose_every_point_differs_fits_its_room() -> None:
    assert expect_the_plain_way([stroke([1.0 + 3.0 * (i % 8 == 0) * i for i in range(150)], False)]) > 20


RADII = st.floats(0.01, 9) | st.sampled_from([1.0, 2.0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.builds(
    stroke, st.lists(RADII, min_size=6, max_size=40) | st.lists(RADII, min_size=1, max_size=1), st.booleans(), st.sampled_from([0, 1]),
    st.integers(-1, 5)), min_size=1, max_size=3))  # fmt: skip
def test_all_strokes_are_those_of_the_plain_way(strokes: list[Stroke]) -> None:
    expect_the_plain_way(strokes)


