"""The pen: where its shapes come to lie, and that what it writes is sound SVG."""
from __future__ import annotations

import math
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe_worker.imaging.svg_guard import check_svg
from myjoe_worker.sketching._pen import Pen, Point, Sheet


def sheet() -> Sheet:
    return Sheet(200, 100, 4.0)


def pen(on: Sheet) -> Pen:
    return Pen(on, random.Random(1))


def ends(mark: str) -> list[Point]:
    """The points that a path goes through: its beginning, and the last of each command."""
    path = re.search(r' d="([^"]*)"', mark)
    assert path is not None
    commands = re.findall(r"([MLC])([^MLCZ]*)", path[1])
    numbers = [[float(number) for number in text.split()] for _, text in commands]
    return [(said[-2], said[-1]) for said in numbers]


def polygon(through: Pen) -> list[Point]:
    """Where a unit square of this pen's lies on the sheet."""
    through.polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
    return ends(through.sheet.marks[-1])


def near(points: list[Point]) -> list[Point]:
    return [pytest.approx(point, abs=0.01) for point in points]


def test_a_sheet_is_black_outlines_on_white_that_the_guard_lets_pass() -> None:
    on = sheet()
    for draw in (pen(on).at(50, 50, 20).blob, pen(on).at(50, 50, 20).polygon):
        draw([(0, 0), (1, 0), (1, 1)])
    pen(on).at(50, 50, 20).curve([(0, 0), (1, 1), (2, 0)])
    pen(on).dot(10, 10, 3)
    pen(on).box(1, 1, 8, 8, 2)
    pen(on).frame(3)
    text, width, height = check_svg(on.svg())
    assert (width, height) == (200, 100) and 'stroke="#000"' in text and 'fill="#fff"' in text
    assert set(re.findall(r"#[0-9a-f]+", text)) == {"#000", "#fff"}


def test_a_pen_has_a_place_a_scale_and_a_turn() -> None:
    on = pen(sheet())
    assert polygon(on) == near([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert polygon(on.at(30, 40, 10)) == near([(30, 40), (40, 40), (40, 50), (30, 50)])
    assert polygon(on.at(30, 40, 10, turn=90)) == near([(30, 40), (30, 50), (20, 50), (20, 40)])
    assert polygon(on.at(30, 40, 10, flip=True)) == near([(30, 40), (20, 40), (20, 50), (30, 50)])
    assert polygon(on.at(30, 40, 10, tall=2)) == near([(30, 40), (40, 40), (40, 60), (30, 60)])


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.1, 5), st.floats(-360, 360), st.booleans())
def test_a_pen_of_a_pen_lies_where_both_say(x: float, y: float, scale: float, turn: float, flip: bool) -> None:
    outer = pen(sheet()).at(100, 50, 7, turn=30)
    inner = outer.at(x, y, scale, turn=turn, flip=flip)
    [origin, right, _, _] = polygon(inner)
    cos, sin = math.cos(math.radians(turn)) * scale, math.sin(math.radians(turn)) * scale
    across = (x - cos, y - sin) if flip else (x + cos, y + sin)
    outer.polygon([(x, y), across, (0, 0)])
    assert [origin, right] == near(ends(outer.sheet.marks[-1])[:2])


def test_lines_keep_their_width_whatever_the_scale_and_weigh_what_they_are_told() -> None:
    on = sheet()
    for through in (pen(on), pen(on).at(5, 5, 30), pen(on).at(5, 5, 30, weight=0.5).at(1, 1, 2, weight=0.5)):
        through.polygon([(0, 0), (1, 0), (0, 1)], line=1.5)
    widths = [re.search(r'stroke-width="([\d.]+)"', mark) for mark in on.marks]
    assert [float(width[1]) for width in widths if width] == [6.0, 6.0, 1.5]
    pen(on).dot(1, 1, 1)
    assert 'stroke="none"' in on.marks[-1] and 'fill="#000"' in on.marks[-1]


def test_a_circle_is_round() -> None:
    """Four cubics, nowhere off by more than three thousandths of the radius."""
    on = sheet()
    pen(on).oval(100, 50, 40)
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", on.marks[0].split(' d="')[1].split('"')[0])]
    points = list(zip(numbers[::2], numbers[1::2]))
    for quarter in range(4):
        a, b, c, d = points[3 * quarter : 3 * quarter + 4]
        for t in (0, 0.25, 0.5, 0.75, 1):
            x, y = ((1 - t) ** 3 * a[k] + 3 * t * (1 - t) ** 2 * b[k] + 3 * t * t * (1 - t) * c[k] + t**3 * d[k] for k in (0, 1))
            assert math.hypot(x - 100, y - 50) == pytest.approx(40, rel=0.003)


def test_smooth_lines_go_through_their_points_and_blobs_close() -> None:
    on, points = sheet(), [(10.0, 10.0), (50.0, 30.0), (90.0, 10.0), (120.0, 60.0)]
    pen(on).curve(points)
    pen(on).blob(points)
    assert ends(on.marks[0]) == near(points) and 'fill="none"' in on.marks[0] and "Z" not in on.marks[0]
    assert ends(on.marks[1]) == near([*points, points[0]]) and "Z" in on.marks[1]


def test_a_box_has_round_corners_within_its_sides() -> None:
    on = sheet()
    pen(on).box(10, 20, 60, 40, 8)
    xs, ys = zip(*ends(on.marks[0]))
    assert (min(xs), max(xs), min(ys), max(ys)) == (10, 70, 20, 60)
    pen(on).box(10, 20, 60, 40)
    assert ends(on.marks[1]) == [(10, 20), (70, 20), (70, 60), (10, 60)]


def test_a_ring_of_pens_looks_outwards() -> None:
    for index, through in enumerate(pen(sheet()).at(100, 50, 1).ring(4, 10, start=0)):
        through.polygon([(0, 0), (0, -5)])
        outwards = [(100, 35), (115, 50), (100, 65), (85, 50)][index]
        assert ends(through.sheet.marks[-1])[1] == pytest.approx(outwards, abs=0.01)
