"""`linefinish compare`: where the picture goes, and what is said of it."""
from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from linefinish import OptionsError, WriteError
from linefinish import compare as compare_files
from linefinish.command import compare
from linefinish.command.arguments import UsageError, parse

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def by_words(*words: str | Path) -> int:
    return compare.run(*parse(compare.COMMAND, list(map(str, words))))


def test_the_picture_is_what_the_library_draws(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert by_words(page, "-o", tmp_path / "a.png") == 0
    assert capsys.readouterr() == (f"{page}: before | after | difference → {tmp_path / 'a.png'}\n", "")
    compare_files(page, tmp_path / "b.png")
    with Image.open(tmp_path / "a.png") as ours, Image.open(tmp_path / "b.png") as theirs:
        assert ours.tobytes() == theirs.tobytes()


def test_options_reach_the_drawing(page: Path, tmp_path: Path) -> None:
    pictures = []
    for words in ((), ("--threshold", "fixed", "-k", "40"), ("--stroke-width-min", "30")):
        by_words(page, "-o", tmp_path / "a.png", "-q", *words)
        pictures.append((tmp_path / "a.png").read_bytes())
    assert len(set(pictures)) == 3


def test_without_o_it_lies_beside_the_input(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_words(page, "-q") == 0
    assert (tmp_path / "page.compare.png").exists()


def test_warnings_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (20, 10), 255).save(tmp_path / "empty.png")
    by_words(tmp_path / "empty.png", "-q")
    assert "warning: the page has no ink" in capsys.readouterr().err


def test_what_is_refused(page: Path, tmp_path: Path) -> None:
    for words, error in (
        ((), UsageError),
        ((page, page), UsageError),
        ((page, "-o", page), OptionsError),
        ((page, "-o", tmp_path / "no" / "a.png"), WriteError),
    ):
        with pytest.raises(error):
            by_words(*words)
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]


# --- as a person starts it
# ------------------------------------------------------------


def test_the_command(run: Run, page: Path, tmp_path: Path, page_bytes: bytes) -> None:
    done = run("compare", "page.png", "-o", "compare.png", "--threshold", "otsu")
    assert (done.returncode, done.stdout, done.stderr) == (0, "page.png: before | after | difference → compare.png\n", "")
    with Image.open(tmp_path / "compare.png") as picture:
        assert picture.mode == "RGB"
    assert run("compare", "page.png", "-q").returncode == 0
    assert (tmp_path / "page.compare.png").exists()
    assert run("compare", "missing.png").returncode == 1
    piped = run("compare", "-", "-o", "-", input=page_bytes, text=False)
    assert piped.stdout.startswith(b"\x89PNG")
    assert piped.stderr.decode() == "standard input: before | after | difference → standard output\n"
    assert not (tmp_path / "-").exists()
    stream = io.BytesIO()
    compare_files(page_bytes, stream)
    assert Image.open(stream).size[0] > 1000
