"""`linefinish verify`: a line a file, or JSON, and an exit code that counts all."""
from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from linefinish import PageResult, finish
from linefinish import verify as verify_file
from linefinish.batch.report import write_report
from linefinish.command import verify
from linefinish.command.arguments import UsageError

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def fine(page: Path, tmp_path: Path) -> str:
    finish(page).write(tmp_path / "a.svg")
    return str(tmp_path / "a.svg")


def test_a_line_a_file_and_1_if_one_is_not_1_bit(fine: str, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.run({}, [fine]) == 0
    assert verify.run({}, [fine, str(page), "missing.png"]) == 1
    first, again, gray, missing = capsys.readouterr().out.splitlines()
    assert first == again == verify_file(fine).line()
    assert gray.startswith(f"GREY {page}  PNG 8-bit grey: first grey at ")
    assert missing == "BAD  missing.png  cannot be verified: there is no such file"


def test_each_answer_has_its_exit_code(fine: str, page: Path, tmp_path: Path) -> None:
    unknown = tmp_path / "a.eps"
    unknown.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\ncurrentfile cvx exec\n%%EOF\n")
    codes = {(): 0, (unknown,): 3, (page,): 1, (unknown, page): 1, (page, unknown): 1}
    for more, code in codes.items():
        assert verify.run({"quiet": True}, [fine, *map(str, more)]) == code
    assert verify_file(unknown).answer == "cannot be verified"


def test_json_is_the_verdicts_mapping(fine: str, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.run({"json": True}, [fine, str(page)]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told == [verify_file(path).to_mapping() for path in (fine, str(page))]


def test_quiet_says_nothing(fine: str, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.run({"quiet": True}, [fine]) == 0
    assert verify.run({"quiet": True}, [str(page)]) == 1
    assert capsys.readouterr() == ("", "")


def test_the_report_of_a_batch_is_left_out(fine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report([PageResult("a.png", (), "done")], 1, str(tmp_path))
    report = str(tmp_path / "report.json")
    assert verify.run({}, [fine, report]) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 1
    assert told.err == f"left out {report}: the report of a batch, no drawing\n"
    for talk in ({"quiet": True}, {"json": True}):
        assert verify.run(talk, [fine, report]) == 0
        assert capsys.readouterr().err == ""
    (tmp_path / "other.json").write_text("{}")
    assert verify.run({}, [str(tmp_path / "other.json")]) == 3


def test_standard_input(fine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(Path(fine).read_bytes())))
    assert verify.run({}, ["-"]) == 0
    assert capsys.readouterr().out.startswith("OK   -  SVG vector")


def test_without_files_it_asks_which() -> None:
    with pytest.raises(UsageError, match="which files"):
        verify.run({}, [])


# --- as a person starts it
# ------------------------------------------------------------


def test_verify(run: Run, page: Path, tmp_path: Path) -> None:
    run("page.png", "-o", "a.svg", "-o", "a.png", "-q")
    fine = run("verify", "a.svg", "a.png")
    assert (fine.returncode, len(fine.stdout.splitlines())) == (0, 2)
    mixed = run("verify", "a.svg", "page.png", "missing.png", "--json")
    assert mixed.returncode == 1
    told = [json.loads(line) for line in mixed.stdout.splitlines()]
    assert [verdict["is_one_bit"] for verdict in told] == [True, False, False]
    assert [verdict["answer"] for verdict in told] == ["1-bit", "not 1-bit", "cannot be verified"]
    assert run("verify", "page.png", "-q").stdout == ""
