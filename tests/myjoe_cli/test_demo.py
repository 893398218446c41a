"""`myjoe demo`, as a person on a fresh machine gets it."""
from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from linefinish import check, verify
from myjoe.database.server import Server, embedded_binaries
from myjoe_cli.demo import STORYBOARD, _bind, _Progress, _Teller
from tests.support.finished import page_file

PAGES = 3


def test_it_makes_a_book_from_nothing_and_leaves_nothing_running(home: Path) -> None:
    # Settings of the environment are no concern of the demo's, however wrong.
    environment = {**os.environ, "MYJOE_HOME": str(home / "home"), "MYJOE_ENV": "production", "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    book = home / "book"
    done = subprocess.run(
        [sys.executable, "-m", "myjoe_cli", "demo", "--folder", str(book), "--pages", str(PAGES)], env=environment,
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert f"{PAGES} of {PAGES} in " in done.stdout
    assert "40 before, 3 spent, 0 refunded, 37 now; the ledger adds up" in done.stdout
    assert "$0.0000: the sketcher draws for nothing" in done.stdout
    assert all(f"page {number + 1}  {page.title}" in done.stdout for number, page in enumerate(STORYBOARD[:PAGES]))

    pages = sorted(book.glob("0*"))
    assert [path.name for path in pages if path.suffix == ".svg"] == [
        "01-the-cat-in-the-garden.svg", "02-the-owl-at-night.svg", "03-the-castle-on-the-hills.svg"
    ]  # fmt: skip
    assert len(pages) == 3 * PAGES and all(verify(path).is_one_bit for path in [*pages, book / "book.pdf"])
    assert [path.name for path in (book / "for-the-printer").iterdir()] == ["report.json"]
    assert "nothing to KDP yet: " in done.stdout and "fewer than the 24" in done.stdout
    assert "job.completed" in (book / "worker.log").read_text()
    assert not Server(home / "home" / "database", embedded_binaries()).is_running()

    # And what it left can be looked at.
    run = re.search(r"myjoe run (\w{8})", done.stdout)
    assert run is not None
    shown = subprocess.run(
        [sys.executable, "-m", "myjoe_cli", "run", run[1]], env={**os.environ, "MYJOE_HOME": str(home / "home"), "DATABASE_URL": ""},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert shown.returncode == 0 and "Small Wonders" in shown.stdout and shown.stdout.count("completed") == PAGES


@pytest.mark.parametrize("folder", ["", "."], ids=["whole path", "relative, as make demo has it"])
def test_eight_pages_are_a_book_that_passes_its_check_for_kdp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.chdir(tmp_path)
    pages = [Path(folder or tmp_path) / f"{number:02}-page.pdf" for number in range(1, 9)]
    for number, path in enumerate(pages, 1):
        path.write_bytes(page_file(number))
    rows = [{"page": number, "title": page.title} for number, page in enumerate(STORYBOARD, 1)]
    assert _bind(pages, rows, tmp_path / "book").endswith("interior and cover for Amazon KDP, of whose check nothing failed")
    assert check(tmp_path / "book/interior.pdf", tmp_path / "book/cover.pdf", printer="kdp", trim="8.5x11") == []
    with Image.open(tmp_path / "book" / "contact.png") as sheet:
        assert sheet.width > 500 and sheet.height > 500


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("moving", [True, False])
def test_progress_is_a_line_a_page_and_at_a_terminal_one_that_moves(moving: bool) -> None:
    out, moment, run = Terminal() if moving else io.StringIO(), [0.0], uuid4()
    progress = _Progress(_Teller(out), run, 2, moving, lambda: moment[0])
    progress("job.started", {"run": run, "job": "a"})
    progress("page.judged", {"run": run, "job": "a", "page": 2})
    moment[0] = 3.0
    progress("page.finished", {"run": run, "job": "a", "page": 2})
    progress("job.completed", {"run": run, "job": "a", "seconds": 3.25})
    progress("job.retried", {"run": run, "job": "b", "error": "no room"})
    progress("job.completed", {"run": uuid4(), "job": "c", "seconds": 9.0})
    text = out.getvalue()
    assert f"  page 2  {STORYBOARD[1].title:28}  3.2 s\n" in text and "page ?  no room\n" in text and "9.0" not in text
    assert ("\r" in text, "1 of 2 done, 3 s" in text, "0 of 2 done, 3 s · page 2 storing" in text) == (moving,) * 3
