"""`linefinish impose`: what it says, and its exit codes."""
from __future__ import annotations

from pathlib import Path

import pytest

from linefinish.command.cli import main
from tests.linefinish.imposition.conftest import numbered


@pytest.fixture
def book(tmp_path: Path) -> str:
    (tmp_path / "book.pdf").write_bytes(numbered(26))
    return str(tmp_path / "book.pdf")


def test_a_booklet(book: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "home.pdf")
    assert main(["impose", book, "-o", home, "--booklet", "--paper", "letter", "--signature", "16", "--creep", "0.1mm"]) == 0
    told = capsys.readouterr().out
    assert "26 pages and 2 blank on 7 sheets of 11 x 8.5 in, both sides, pages at 64.7 %" in told
    assert "flip on the short edge; fold 2 stacks of 4, 3 sheets" in told
    assert main(["impose", book, "-o", home, "--n-up", "4", "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_to_standard_output(book: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["impose", book, "-o", "-", "--n-up", "2"]) == 0
    told = capfdbinary.readouterr()
    assert told.out.startswith(b"%PDF-") and told.out.endswith(b"%%EOF\n") and b"26 pages" in told.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "which pages"), (["B"], 2, "where to"), (["B", "-o", "O"], 2, "--booklet or --n-up"),
        (["B", "-o", "O", "--n-up", "3"], 2, "2, 4, 8, 9"), (["B", "-o", "O", "--n-up", "2", "--creep", "1mm"], 2, "for a booklet"),
        (["B", "-o", "O", "--booklet", "--paper", "huge"], 2, "--paper"), (["B", "-o", "B", "--booklet"], 2, "over itself"),
        (["none.pdf", "-o", "O", "--booklet"], 4, "none.pdf"), (["B", "-o", "missing/O", "--booklet"], 1, "does not exist"),
    ],
)  # fmt: skip
def test_exit_codes(book: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str) -> None:
    named = {"B": book, "O": str(tmp_path / "out.pdf"), "missing/O": str(tmp_path / "missing" / "out.pdf")}
    assert main(["impose", "--quiet", *(named.get(word, word) for word in words)]) == code
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out.pdf").exists()
