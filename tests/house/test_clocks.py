"""Tests of what goes by a clock pass one in and move it: they wait for no time to pass."""
from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
GO_BY_A_CLOCK = [
    *sorted((TESTS / "myjoe_worker" / "leases").glob("*.py")), TESTS / "myjoe_worker" / "test_worker.py", TESTS / "support" / "clock.py",
]  # fmt: skip


def sleeps(source: str) -> list[int]:
    """The lines that name a function called sleep, be it to call it or to hand it on."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr == "sleep")
        or (isinstance(node, ast.Name) and node.id == "sleep")
        or (isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names))
    )


@pytest.mark.parametrize("path", GO_BY_A_CLOCK, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_calls_no_sleep(path: Path) -> None:
    assert sleeps(path.read_text()) == []


@pytest.mark.parametrize(
    "source", ["time.sleep(1)", "await asyncio.sleep(0)", "from time import sleep as pause", "later(sleep)", "nap = time.sleep"]
)
def test_a_sleep_is_found(source: str) -> None:
    assert sleeps(source) == [1]
    assert sleeps("def sleepy() -> None:\n    clock.move(1)") == []
