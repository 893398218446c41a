"""The report: plain numbers for a log line, and a few lines for a person."""
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import FinishReport, __version__, finish
from linefinish.records import fields

FACTS: dict[str, Any] = {
    "width": 2550, "height": 3300, "dpi": (300.0, 299.5), "bilevel_input": False, "ink_coverage": 0.1234, "stroke_width_median_px": 5.25,
    "stroke_width_min_px": 2.0, "parts": 1234, "regions": 56, "region_area_min_px": 789.0, "specks_removed": 3,
    "specks_area_px": 20, "speck_largest_px": 9, "pinholes_filled": 1, "pinholes_area_px": 4, "pinhole_largest_px": 4,
    "speckle_area_px_max": 9.0, "pinhole_area_px_max": 4.5, "gaps_closed": 0, "threshold_method": "auto",
    "threshold_reason": "level 128, half way", "threshold_level_min": 128, "threshold_level_max": 128, "curve_count": 17,
    "segment_count": 12345, "seconds": {"read": 0.0123456789, "fit": 0.2, "write": 0.0001}, "options": {"threads": 1},
    "version": __version__,
}  # fmt: skip


def made(**changes: Any) -> FinishReport:
    return FinishReport(**{**FACTS, **changes})


def line_of(name: str, **changes: Any) -> str:
    (line,) = [line for line in made(**changes).lines() if line.startswith(name)]
    return line.removeprefix(name).strip()


def test_the_mapping_has_every_fact_in_order_and_survives_json() -> None:
    mapping = made(warnings=("no ink",)).to_mapping()
    assert tuple(mapping) == fields(FinishReport) == (*FACTS, "warnings", "sheet", "strokes")
    assert json.loads(json.dumps(mapping)) == mapping
    assert (mapping["dpi"], mapping["warnings"]) == ([300.0, 299.5], ["no ink"])
    assert made(dpi=None).to_mapping()["dpi"] is None


@given(st.dictionaries(st.sampled_from(["read", "trace", "fit"]), st.floats(0, 1000)))
def test_seconds_are_rounded_to_microseconds(seconds: dict[str, float]) -> None:
    found = made(seconds=seconds).to_mapping()["seconds"]
    assert list(found) == list(seconds)
    assert all(abs(found[step] - seconds[step]) <= 0.5e-6 + 1e-12 for step in seconds)


def test_the_lines_of_a_page() -> None:
    assert made().lines() == [
        "ink        12.3 % of 2,550 × 3,300 px; strokes 5.2 px, the thinnest 2.0 px",
        "drawing    1,234 parts, 56 enclosed regions, the smallest 789 px²",
        "cleaned    3 specks (20 px² in all, the largest 9 px²) removed, 1 hole (4 px² in all, the largest 4 px²) filled, 0 gaps closed",
        "threshold  auto: level 128, half way",
        "curves     12,345 segments in 17 outlines",
        "time       0.21 s (ms: read 12, fit 200)",
    ]


@pytest.mark.parametrize(
    ("name", "changes", "wanted"),
    [
        ("ink", {"ink_coverage": 0.0}, "0.0 % of 2,550 × 3,300 px"),
        ("drawing", {"parts": 1, "regions": 1, "region_area_min_px": 4.0}, "1 part, 1 enclosed region, the smallest 4 px²"),
        ("drawing", {"parts": 0, "regions": 0}, "0 parts, 0 enclosed regions"),
        ("threshold", {"threshold_method": "sauvola", "threshold_reason": "as asked"}, "as asked"),
        ("threshold", {"threshold_level_max": 140}, "auto: level 128, half way; levels 128 to 140"),
        ("curves", {"segment_count": 1, "curve_count": 1}, "1 segment in 1 outline"),
        ("time", {"seconds": {}}, "0.00 s (ms: )"),
    ],
)
def test_ones_noughts_and_what_is_left_out(name: str, changes: dict[str, Any], wanted: str) -> None:
    assert line_of(name, **changes) == wanted


def test_reports_are_values() -> None:
    assert made() == made() != made(parts=1)
    with pytest.raises(TypeError, match="needs width"):
        FinishReport()  # type: ignore[call-arg]


def test_a_real_run_fills_it(page_bytes: bytes) -> None:
    report = finish(page_bytes).report
    assert len(report.lines()) == 6
    assert json.loads(json.dumps(report.to_mapping()))["version"] == __version__
