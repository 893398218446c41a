"""HPGL, read back by a plotter of our own."""
from __future__ import annotations

import pytest

from linefinish import Page, Strokes, compose
from linefinish.writers import encode
from linefinish.writers._strokes import pen_ways
from tests.linefinish.drawings import doodle, strokes
from tests.linefinish.writers.machines import plotted


def text(own: Strokes, page: Page | None = None) -> str:
    return b"".join(encode(compose(own, page), "plt")).decode("ascii")


def test_a_plotter_draws_each_way_to_a_step() -> None:
    document = compose(doodle(), Page("120x100mm", margin="10mm"))
    ways, wanted = plotted(b"".join(encode(document, "plt")).decode()), pen_ways(document)
    assert len(ways) == len(wanted)
    for way, (line, _) in zip(ways, wanted, strict=True):
        assert (way[0], way[-1]) == (pytest.approx(line[0], abs=0.0126), pytest.approx(line[-1], abs=0.0126))
        assert all(min(abs(x - a) + abs(y - b) for a, b in line) < 0.026 for x, y in way)


def test_the_pen_goes_on_where_it_stands() -> None:
    own = strokes(100, 100, [([(10, 10), (50, 10)], [1, 1]), ([(50, 10), (50, 60)], [1, 1]), ([(9, 9), (9, 9)], [1, 1])])
    assert [len(way) for way in plotted(text(own))] == [3, 1]


def test_long_ways_are_told_in_short_commands_and_an_empty_page_is_a_file() -> None:
    wave = strokes(500, 100, [([(x, 50 + x % 2) for x in range(400)], [1] * 400)])
    assert max(map(len, text(wave).splitlines())) < 700 and len(plotted(text(wave))[0]) == 400
    assert plotted(text(Strokes.empty(5, 5))) == []
