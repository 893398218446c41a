"""Every golden case gives what is expected. With LINEFINISH_GOLDEN=write (`make golden`) it writes
that anew, and fails on purpose.
"""
from __future__ import annotations

import csv
import os
import re

import pytest

from tests.golden.harness import ENLARGED, GOLDEN, SIDE_PX_MAX, Case, cases, difference, leave_difference
from tests.golden.renderers import shown

WRITING = os.environ.get("LINEFINISH_GOLDEN") == "write"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    after = case.run()
    before = case.expected.read_bytes() if case.expected.exists() else None
    if before is not None and case.same(before, after):
        return
    if WRITING:
        case.expected.write_bytes(after)
    if before is None:
        pytest.fail(f"{case.name} is new" + ("; written" if WRITING else "; `make golden` writes what is expected of it"))
    path, words = leave_difference(case, before, after)
    pytest.fail(f"{case.name}: {words}; before | after | difference: {path.name}" + (" (rewritten)" if WRITING else ""))


def test_nothing_is_expected_of_a_case_that_is_not_there() -> None:
    wanted = {case.expected for case in cases()}
    assert [str(path.relative_to(GOLDEN)) for path in GOLDEN.glob("*/*/*.expected.*") if path not in wanted] == []


def test_every_case_is_small_and_names_its_source() -> None:
    with (GOLDEN / "SOURCES.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["case"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == [case.name for case in cases()]
    for case in cases():
        assert rows[case.name]["source"] and rows[case.name]["licence"] and rows[case.name]["question"], case.name
        assert max(case.size()) <= SIDE_PX_MAX, case.name


def test_a_difference_is_seen_and_said() -> None:
    """The harness itself: one pixel of ink less is one pixel gone, shown red."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M{}H6V6H2Z"/></svg>'
    image, words = difference(svg.format("2 2").encode(), svg.format("2 3").encode(), ".svg")
    assert words.startswith("4.00 px of ink gone, 0.00 px new, of 16")
    assert image.size == ((3 * 8 + 2) * ENLARGED, 8 * ENLARGED)
    assert (220, 0, 0) in image.convert("RGB").get_flattened_data()


@pytest.mark.parametrize("case", [case for case in cases() if case.step == "write"], ids=lambda case: case.feature)
def test_a_difference_is_seen_in_every_format(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its bleed the drawing is smaller and lies elsewhere."""
    before = case.run()
    options = {**case.options(), "bleed": "0"}
    monkeypatch.setattr(case, "options", lambda: options)
    after = case.run()
    assert case.same(before, before) and not case.same(before, after)
    image, words = difference(before, after, case.expected.suffix)
    height, width = shown(before, case.expected.suffix, ENLARGED).shape
    assert image.size == (3 * width + 2 * ENLARGED, height)
    said = re.match(r"([\d.]+) px of ink gone, ([\d.]+) px new", words)
    assert said and float(said[1]) > 1000 and float(said[2]) > 100


def test_bytes_that_show_the_same_are_told_by_their_place() -> None:
    """As where another zlib packed a PDF."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M2 2H6V6H2Z"/></svg>'
    words = difference(svg, svg.replace(b"2H6", b"2h4"), ".svg")[1]
    assert words == "0.00 px of ink gone, 0.00 px new, of 16; 90 → 90 bytes, the first other one at 74"
