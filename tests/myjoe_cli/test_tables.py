"""Tables for a terminal."""
from __future__ import annotations

import pytest

from myjoe_cli.tables import Whole, table


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


def test_a_cell_that_is_whole_is_never_cut() -> None:
    path = "/a/very/long/path/" * 10
    lines = table(["id", "file"], [["a1", Whole(path)], ["a2", "x" * 200]], 30).splitlines()
    assert lines[1] == f"a1  {path}" and len(lines[2]) == 30


def test_a_cell_steers_no_terminal() -> None:
    assert table(["error"], [["a\x1b[31mb"]]).splitlines()[1] == "a\\x1b[31mb"
