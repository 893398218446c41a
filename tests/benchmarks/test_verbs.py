"""The comparison of verbs: all tools answer, and who answers otherwise is found out."""
from __future__ import annotations

from typing import Any

import pytest

from benchmarks import bench_verbs
from linefinish import Curves
from tests.linefinish.drawings import circle, curves, polygon


def drawing() -> Curves:
    return curves(64, 48, [circle(20, 20, 15), circle(20, 20, 9, hole=True), polygon((40, 5), (60, 5), (60, 15))])


def test_every_tool_that_is_there_has_its_verbs_timed() -> None:
    missing: dict[str, str] = {}
    taken = bench_verbs.timed([drawing()], 1, missing)
    present = [name for name in bench_verbs.TOOLS if name not in missing]
    assert {"linefinish", "shapely", "fontTools"} <= set(present)
    for name in present:
        assert ("area", name) in taken and ("path text", name) in taken
    assert all((verb, "linefinish") in taken for verb in bench_verbs.VERBS)


def test_another_area_is_no_contender(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = lambda *_: {"area": lambda: 1.0}  # noqa: E731
    monkeypatch.setitem(bench_verbs.TOOLS, "wrong", wrong)
    with pytest.raises(AssertionError, match="wrong finds an area of 1"):
        bench_verbs.calls_of(drawing(), {})
