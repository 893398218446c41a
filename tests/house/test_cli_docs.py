"""docs/cli.md, docs/worker.md and docs/studio.md are what the code says of itself."""
from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["cli", "worker", "studio"])
def test_it_is_current(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = runpy.run_path(str(DOCS / f"make_{name}.py"))["text"]()
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == made, "run make docs"
