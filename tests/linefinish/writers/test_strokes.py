"""Strokes on their page in millimetres."""
from __future__ import annotations

import pytest

from linefinish import Page, compose
from linefinish.errors import WriteError
from linefinish.writers import encode, holds_strokes
from linefinish.writers._strokes import pen_ways, strokes_in_mm
from tests.linefinish.drawings import doodle


def test_the_lower_left_corner_is_the_origin() -> None:
    document = compose(doodle(), Page("120x100mm", margin="10mm"))  # 100 × 80 px on 100 × 80 mm
    (line, widths, closed) = strokes_in_mm(document)[5]
    assert [value for place in line for value in place] == pytest.approx([85, 40, 105, 40])
    assert (widths, closed) == (pytest.approx([1, 1]), False)
    assert [closed for _, _, closed in strokes_in_mm(document)] == [False, False, True, True, False, False, False]


def test_outlines_of_fills_are_drawn_last() -> None:
    ways = pen_ways(compose(doodle()))
    assert len(ways) == 8 and ways[7][0][0] == ways[7][0][-1] and set(ways[7][1]) == {0.0}
    assert len(pen_ways(compose(doodle(fills=False)))) == 7


@pytest.mark.parametrize("name", ["png", "tif", "pbm", "pdf", "eps", "geojson"])
def test_strokes_are_no_outlines(name: str) -> None:
    with pytest.raises(WriteError, match="strokes cannot be written"):
        encode(compose(doodle()), name)


@pytest.mark.parametrize("name", ["plt", "gcode", "strokes.json"])
def test_outlines_are_no_strokes(name: str) -> None:
    fills = doodle().fills
    assert fills is not None
    with pytest.raises(WriteError, match="holds strokes"):
        encode(compose(fills), name)


def test_which_files_hold_strokes() -> None:
    names = ("svg", "dxf", "plt", "gcode", "STROKES.JSON", "png", "tiff", "pbm")
    assert [holds_strokes(f"a.{name}") for name in names] == 5 * [True] + 3 * [False]
    assert holds_strokes("-", "svg")
    with pytest.raises(WriteError):
        holds_strokes("a.pdf")
