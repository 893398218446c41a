"""`linefinish book --check` as a person calls it."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from linefinish.command.cli import main
from tests.linefinish.preflight.test_checking import DEFECTS, book


def test_exit_codes_and_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["book", "--check", book(tmp_path / "a.pdf")]) == 0
    assert "ready for kdp" in capsys.readouterr().out
    assert main(["book", "--check", book(tmp_path / "b.pdf", DEFECTS["grey"]), "--report", str(tmp_path / "r.json")]) == 3
    assert "page 5" in capsys.readouterr().err
    assert json.loads((tmp_path / "r.json").read_text())["findings"][0]["code"] == "grey"
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4\nnothing")
    assert main(["book", "--check", str(tmp_path / "c.pdf")]) == 4
    assert main(["book", "--check", str(tmp_path / "a.pdf"), "--printer", "nobody"]) == 2
