"""The pages of docs/reference are what the code says of itself."""
from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_the_command_linefinish_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_cli.py"))["text"]()
    assert (DOCS / "reference" / "cli.md").read_text(encoding="utf-8") == made, "run make docs"


def test_the_reference_is_current() -> None:
    texts = runpy.run_path(str(DOCS / "make_reference.py"))["texts"]()
    assert [path.name for path, made in texts.items() if path.read_text(encoding="utf-8") != made] == [], "run make docs"
