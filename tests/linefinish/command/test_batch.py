"""`linefinish batch`: what it says and leaves behind, and its exit code."""
from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linefinish import OptionsError, Order, PageResult
from linefinish.batch import finish_many
from linefinish.command import batch

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def run_batch(sources: list[str], out: Path, **changes: Any) -> int:
    """In this process, by default one page at a time."""
    plain: dict[str, Any] = {"jobs": 1, "scheduler": None, "recursive": False, "force": False, "quiet": False}
    return batch.run_batch(sources, str(out), Order(), ("svg",), **{**plain, **changes})


# --- in this process
# ------------------------------------------------------------


def test_all_fine_is_0_and_a_failed_page_is_1(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_batch([str(pages)], tmp_path / "out") == 1
    (pages / "broken.png").unlink()
    assert run_batch([str(pages)], tmp_path / "out") == 0
    told = capsys.readouterr()
    first, second = told.out.splitlines()
    assert first.startswith("5 pages: 4 done, 1 failed, in ") and second.startswith("4 pages: 4 already done, in ")
    assert second.endswith(f"→ {tmp_path / 'out'} (all figures in {tmp_path / 'out' / 'report.json'})")
    assert [line for line in told.err.splitlines() if "broken.png" in line] != []
    assert run_batch([str(pages)], tmp_path / "out", force=True) == 0
    assert "4 pages: 4 done" in capsys.readouterr().out


def test_one_page_is_a_page(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_batch([str(page)], tmp_path / "out") == 0
    told = capsys.readouterr()
    assert told.out.startswith("1 page: 1 done, in ")
    line = told.err.splitlines()[0]
    assert line.startswith("1/1 page.png: ") and " segments in " in line


def test_a_warning_is_told_of_also_where_it_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.new("L", (20, 10), 255).save(tmp_path / "empty.png")
    assert run_batch([str(tmp_path / "empty.png")], tmp_path / "out", quiet=True) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("empty.png: 0 segments in ") and told.err.endswith("; warning: the page has no ink: the drawing is empty\n")


def test_folders_below_only_if_asked(pages: Path, tmp_path: Path, page_bytes: bytes) -> None:
    (pages / "below").mkdir()
    (pages / "below" / "e.png").write_bytes(page_bytes)
    run_batch([str(pages)], tmp_path / "out", quiet=True)
    assert not (tmp_path / "out" / "below").exists()
    run_batch([str(pages)], tmp_path / "out", quiet=True, recursive=True)
    assert (tmp_path / "out" / "below" / "e.svg").exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("quiet", [False, True])
def test_a_stop_is_told_and_the_report_tells_of_the_pages_so_far(
    stop: type[BaseException], quiet: bool, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = []

    class Pages:
        """Two pages, and then the stop."""

        def __init__(self) -> None:
            self.left = ["a", "b"]

        def __iter__(self) -> Pages:
            return self

        def __next__(self) -> PageResult:
            if not self.left:
                raise stop()
            source = str(pages / f"{self.left.pop(0)}.png")
            return PageResult(source, (), "done", {"segment_count": 3, "seconds": {"fit": 0.1}, "warnings": []})

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(finish_many, "run", lambda *_args, **_more: Pages())
    (tmp_path / "out").mkdir()
    with pytest.raises(stop):
        run_batch([str(pages)], tmp_path / "out", quiet=quiet)
    told = capsys.readouterr()
    assert told.out == ""
    assert ("linefinish: stopped after 2 of 5 pages; the same command goes on from there" in told.err) is not quiet
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["pages"], report["done"], closed) == (5, 2, [True])


def test_a_plan_that_cannot_be_is_refused_before_any_page(pages: Path) -> None:
    before = sorted(pages.iterdir())
    with pytest.raises(OptionsError, match="would overwrite it"):
        batch.run_batch([str(pages)], str(pages), Order(), ("png",), jobs=1, scheduler=None, recursive=False, force=False, quiet=True)
    assert sorted(pages.iterdir()) == before


def test_no_dask_cluster(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], free_port: int
) -> None:
    from linefinish.command import cli

    monkeypatch.setattr(batch, "_SCHEDULER_SECONDS", 0.3)
    code = cli.main(["batch", str(pages), "-o", str(tmp_path / "out"), "--scheduler", f"tcp://127.0.0.1:{free_port}"])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert code == 1
    assert "no Dask scheduler answers at tcp://" in capsys.readouterr().err


# --- as a person starts it
# ------------------------------------------------------------


def test_the_command(run: Run, pages: Path, tmp_path: Path) -> None:
    done = run("batch", "pages", "-o", "done", "--format", "svg,png", "--jobs", "2")
    assert done.returncode == 1  # one page is broken
    assert done.stdout.startswith("5 pages: 4 done, 1 failed, in ")
    assert len(done.stderr.splitlines()) == 6  # the last one tells of notes.txt
    assert "broken.png: the file ends in the middle" in done.stderr
    report = json.loads((tmp_path / "done" / "report.json").read_text())
    assert [Path(result["source"]).stem for result in report["results"]] == ["a", "b", "broken", "c", "d"]
    assert (report["done"], report["kept"], report["failed"]) == (4, 0, 1)
    everything = run("verify", *sorted(path for path in (tmp_path / "done").iterdir() if not path.name.startswith(".")))
    assert everything.returncode == 0  # the report is known to be no drawing
    assert "report.json" in everything.stderr

    again = run("batch", "pages", "-o", "done", "--format", "svg,png", "--jobs", "2")
    assert again.stdout.startswith("5 pages: 4 already done, 1 failed, in ")
    report = json.loads((tmp_path / "done" / "report.json").read_text())
    assert report["results"][0]["report"]["segment_count"] > 0  # kept pages are told of as well


def test_quiet_still_tells_of_failures(run: Run, pages: Path) -> None:
    done = run("batch", "pages", "-o", "done", "-q", "-j", "1")
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("linefinish: ")
    (pages / "broken.png").unlink()
    done = run("batch", "pages", "-o", "done", "-q", "-j", "1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_bar_on_a_terminal(command: list[str], env: dict[str, str], pages: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    words = [*command, "batch", "pages", "-o", "done", "-j", "1"]
    with subprocess.Popen(words, env={**env, "TERM": "xterm"}, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                told += os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
    os.close(ours)
    assert process.returncode == 1
    shown = told.decode()
    assert "[····" in shown
    assert "████] 5/5" in shown
    # What must not be missed stays; the bar is wiped.
    assert [line.rpartition("\x1b[K")[2][:12] for line in shown.split("\r\n")] == ["linefinish: ", "left out not", ""]


def test_names_that_are_no_text(run: Run, tmp_path: Path, page_bytes: bytes, env: dict[str, str]) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(page_bytes)
    for words in (["batch", "pages", "-o", "done", "-j", "1"], ["batch", "pages", "-o", "done", "-j", "2", "--force"]):
        assert run(*words).returncode == 0
    assert run("batch", "pages", "-o", "done").stdout.startswith("1 page: 1 already done")
    ascii_only = {**env, "PYTHONIOENCODING": "ascii:strict"}
    for words in (["batch", "pages", "-o", "again"], ["verify", *(tmp_path / "done").glob("*.svg")], ["--help"]):
        assert run(*words, env=ascii_only).returncode == 0, words


def test_places_that_cannot_be_written(run: Run, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("batch", "pages", "-o", "file/done")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be made" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = run("batch", "nothing.png", "-o", "done")
    assert done.returncode == 1
    assert "nothing.png: there is no such file" in done.stderr


def test_what_is_no_drawing_is_left_out_and_said(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pages / "broken.png").unlink()
    for name in ("a.compare.png", "notes.txt", "old.svg"):
        (pages / name).write_bytes(b"x")
    out = tmp_path / "out"
    assert run_batch([str(pages)], out) == 0
    told = capsys.readouterr()
    assert "left out a.compare.png, notes.txt, old.svg: no pictures that linefinish reads, or its own comparisons" in told.err
    assert told.out.startswith("4 pages: 4 done")
    # What the batch itself has written into the folder is nothing to tell of.
    for name in ("a.compare.png", "notes.txt", "old.svg"):
        (pages / name).unlink()
    assert run_batch([str(pages)], pages) == 0
    assert run_batch([str(pages)], pages) == 0
    assert "left out" not in capsys.readouterr().err


def test_all_pages_of_a_tiff_are_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image, ImageDraw

    sheets = [Image.new("L", (60, 40), 255) for _ in range(3)]
    for number, sheet in enumerate(sheets, 1):
        ImageDraw.Draw(sheet).rectangle((5, 5, 5 + 10 * number, 30), fill=0)
    sheets[0].save(tmp_path / "scan.tif", save_all=True, append_images=sheets[1:])
    out = tmp_path / "out"
    assert run_batch([str(tmp_path / "scan.tif")], out) == 0
    assert sorted(path.name for path in out.glob("*.svg")) == ["scan-1.svg", "scan-2.svg", "scan-3.svg"]
    assert len({path.read_bytes() for path in out.glob("*.svg")}) == 3
    named = [page["source"] for page in json.loads((out / "report.json").read_text())["results"]]
    assert named == [f"{tmp_path / 'scan.tif'} page {number}" for number in (1, 2, 3)]
    assert run_batch([str(tmp_path / "scan.tif")], out) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("3 pages: 3 already done")
