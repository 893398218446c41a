"""The wheel for Windows, made on this machine: Python's own build for Windows finishes drawings
with it under Wine, with the same bytes as here, and every kernel gives the same bits.
"""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.platforms.wheels import DRAWINGS, finished, ran, told, unpacked
from tests.support import windows

DIGESTS = str(Path(__file__).parents[1] / "linefinish" / "kernels" / "mode_digests.py")
LEVEL = "windows-x86-64-v"
# The command between two pipes: whether what comes out is what a file holds.
PIPED = """
import subprocess, sys
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "rb") as known:
    done = subprocess.run([sys.executable, "-S", "-m", "linefinish", "-", "-f", "svg"], stdin=source, capture_output=True)
    sys.exit(done.returncode or done.stdout != known.read())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is unpacked."""
    name, site = unpacked(tmp_path_factory.mktemp("windows"), "win32-AMD64")
    assert name.endswith("-py3-none-win_amd64.whl")
    assert sorted(path.name for path in site.rglob("*.bin")) == [f"kernels-{LEVEL}2.bin", f"kernels-{LEVEL}3.bin"]
    (entry_points,) = site.glob("*.dist-info/entry_points.txt")  # of which pip makes an .exe
    assert "linefinish = linefinish.command.cli:run" in entry_points.read_text()
    return site


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel of this system is."""
    return unpacked(tmp_path_factory.mktemp("x86_64"), "linux-x86_64")[1]


def on_windows(site: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return ran(windows.python(), site, *words, **windows.environment(), **variables)


def test_every_kernel_gives_the_same_bits(site: Path, here: Path, tmp_path: Path) -> None:
    """And both levels do."""
    calls = str(tmp_path / "calls.pickle")
    subprocess.run([sys.executable, DIGESTS, "record", calls], check=True)
    ours = json.loads(told([sys.executable], here, DIGESTS, "digests", calls))
    theirs = on_windows(site, DIGESTS, "digests", calls)
    assert theirs.returncode == 0, theirs.stderr
    assert json.loads(theirs.stdout) == ours
    (best, other) = (site / "linefinish" / "kernels" / f"kernels-{LEVEL}{level}.bin" for level in (3, 2))
    kept = best.read_bytes()
    best.write_bytes(other.read_bytes())
    try:
        again = on_windows(site, DIGESTS, "digests", calls)
        assert json.loads(again.stdout) == ours
    finally:
        best.write_bytes(kept)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=[f"{path.parent.name}/{path.stem}" for path in DRAWINGS])
def test_files_are_the_same_to_the_byte(site: Path, here: Path, drawing: Path, tmp_path: Path) -> None:
    theirs = finished(windows.python(), site, drawing, tmp_path / "theirs", **windows.environment())
    assert theirs == finished([sys.executable], here, drawing, tmp_path / "ours")


def test_it_says_what_it_runs_on_and_is_tested_once(site: Path, tmp_path: Path) -> None:
    words = [on_windows(site, "-m", "linefinish", "--version", "--verbose", LINEFINISH_CACHE=str(tmp_path / "cache")) for _ in range(2)]
    for done in words:
        assert (done.returncode, done.stderr) == (0, "")
        assert "platform  win32 on AMD64" in done.stdout
        assert f"native, {LEVEL}" in done.stdout
        assert "self-test passed on" in done.stdout
    (mark,) = (tmp_path / "cache").iterdir()
    assert mark.name.startswith("tested-")


def test_the_cache_is_where_windows_keeps_such_things(site: Path) -> None:
    code = "from linefinish.kernels._registry import cache_folder; print(cache_folder())"
    done = on_windows(site, "-c", code, LINEFINISH_CACHE="")
    assert done.stdout.strip().endswith(r"AppData\Local\linefinish"), done.stderr




def test_the_command_writes_over_files_and_reads_pipes(site: Path, tmp_path: Path) -> None:
    source, out = str(DRAWINGS[0]), tmp_path / "a name with blanks and \N{LATIN SMALL LETTER U WITH DIAERESIS}.svg"
    for _ in range(2):
        done = on_windows(site, "-m", "linefinish", source, "-o", str(out))
        assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == [out]
    assert on_windows(site, "-c", PIPED, source, str(out)).returncode == 0


def test_a_batch_runs_in_processes_and_goes_on_where_it_was(site: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for drawing in DRAWINGS[:3]:
        (pages / drawing.name).write_bytes(drawing.read_bytes())
    words = ("-m", "linefinish", "batch", str(pages), "-o", str(tmp_path / "done"), "--jobs", "2")
    first, second = on_windows(site, *words), on_windows(site, *words)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert len(list((tmp_path / "done").glob("*.svg"))) == 3
    assert "Traceback" not in first.stderr + second.stderr
