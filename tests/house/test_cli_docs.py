"""docs/cli.md is what the command says of itself."""
from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_it_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_cli.py"))["text"]()
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == made, "run make docs"
