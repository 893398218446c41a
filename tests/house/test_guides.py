"""The guide for those who come from other tools: its examples run, one after the other, and its
tables name what there is.
"""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import linefinish
from linefinish.options import OPTIONS

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "coming-from.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 8
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "coming-from.md", "exec"), names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ring.dxf", "ring.geojson"]


def test_the_tables_name_functions_and_options_that_there_are() -> None:
    ours = {option.name for option in OPTIONS}
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        for word in re.findall(r"\b\w+_px_(?:max|min)\b|\bcorner_sharpness\b|\bturn_policy\b", line):
            assert word in ours, word
        if line.startswith("| ") and line.count("|") >= 3:
            here = line.split("|")[2]
            for name in re.findall(r"`(\w+)\(", here):
                assert name in linefinish.__all__ or hasattr(linefinish.Curves, name), name
