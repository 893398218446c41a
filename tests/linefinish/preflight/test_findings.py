"""Findings in words, and whether they hold a book back."""
from __future__ import annotations

from linefinish.preflight.findings import FAIL, NOTE, WARN, Finding, is_ready


def test_a_line_for_people_and_a_mapping_for_programs() -> None:
    finding = Finding(FAIL, "solid", "the page is solid black", 7, "a.png")
    assert finding.line() == "FAIL  page 7: a.png: the page is solid black"
    assert finding.to_mapping() == {"level": "fail", "code": "solid", "text": "the page is solid black", "page": 7, "source": "a.png"}
    assert Finding(NOTE, "x", "told").line() == "NOTE  told"


def test_what_is_ready() -> None:
    warned = [Finding(WARN, "x", ""), Finding(NOTE, "y", "")]
    assert is_ready(warned)
    assert not is_ready(warned, strict=True)
    assert not is_ready([*warned, Finding(FAIL, "z", "")])
    assert is_ready([Finding(NOTE, "y", "")], strict=True)
