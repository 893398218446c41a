"""Tables for a terminal."""
from __future__ import annotations

import pytest

from myjoe_cli.tables import table


def test_columns_are_aligned_and_numbers_set_to_the_right() -> None:
    assert table(["name", "jobs", "why"], [["a", 1, "x"], ["bcdef", 12345, None]]).splitlines() == [
        "name     jobs  why",
        "a           1  x",
        "bcdef  12,345",
    ]


def test_no_rows_are_headings_alone() -> None:
    assert table(["name", "why"], []) == "name  why"


@pytest.mark.parametrize("width", [30, 60])
def test_the_last_column_is_cut_to_the_width(width: int) -> None:
    lines = table(["id", "error"], [["a1", "many words " * 20]], width).splitlines()
    assert len(lines[1]) == width and lines[1].endswith("…")


def test_lines_in_a_cell_become_one() -> None:
    assert table(["error"], [["first\n  second"]]).splitlines()[1] == "first second"
