"""G-code, read back by a machine of our own."""
from __future__ import annotations

from typing import Any

import pytest

from linefinish import OptionsError, Page, Strokes, compose
from linefinish.writers import encode
from linefinish.writers._strokes import pen_ways
from tests.linefinish.drawings import doodle, strokes
from tests.linefinish.writers.machines import cut

PAGE = Page("120x100mm", margin="10mm")


def text(own: Strokes, **gcode: Any) -> str:
    return b"".join(encode(compose(own, PAGE), "gcode", **({"gcode": gcode} if gcode else {}))).decode()


def test_a_machine_cuts_each_way_to_a_micrometre() -> None:
    ways, wanted = cut(text(doodle())), pen_ways(compose(doodle(), PAGE))
    assert len(ways) == len(wanted)
    for (way, _), (line, _) in zip(ways, wanted, strict=True):
        assert [x for place in way for x in place] == pytest.approx([x for place in line for x in place], abs=0.00051)


def test_nothing_moves_before_its_unit_is_known() -> None:
    lines = text(doodle(), head="M8;G4 P1").splitlines()
    assert lines[:6] == ["; linefinish", "G21", "G90", "M8", "G4 P1", "M5"]
    assert cut(text(Strokes.empty(5, 5))) == []


def test_words_feed_and_power_are_the_person_s() -> None:
    own = strokes(100, 80, [([(10, 10), (50, 10), (50, 40)], [1.0, 3.0, 3.0])])
    made = text(own, on="M4 S0", off="M9", foot="M30; M84", feed=250, power=200.0, power_max=500.0)
    assert "G1 X60 Y80 F250 S400\nG1 X60 Y50 S500\nM9\nG0 X0 Y0\nM30\nM84\nM2\n" in made
    assert [power for _, power in cut(made.replace("M30\nM84\n", ""), "M4", "M9")] == [[400.0, 500.0]]


@pytest.mark.parametrize("gcode", [
    {"onn": "M3"}, {"on": 3}, {"on": "M3\x07"}, {"feed": 0}, {"feed": "fast"}, {"power": -1}, {"power_max": float("inf")}, "M3",
])  # fmt: skip
def test_words_that_cannot_be(gcode: Any) -> None:
    with pytest.raises(OptionsError):
        encode(compose(doodle()), "gcode", gcode=gcode)
