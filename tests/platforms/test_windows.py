"""The wheel for Windows, made on this machine: Python's own build for Windows finishes drawings
with it under Wine, with the same bytes as here, and every kernel gives the same bits.
"""
from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from linefinish.kernels import _native, _registry
from tests.linefinish.kernels import mode_digests
from tests.platforms.wheels import DIGESTS, DRAWINGS, finished, ran, told, unpacked
from tests.support import windows

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


def test_every_kernel_gives_the_same_bits(site: Path, here: Path, calls: Path) -> None:
    ours = json.loads(told([sys.executable], here, DIGESTS, "digests", str(calls)))
    theirs = on_windows(site, DIGESTS, "digests", str(calls))
    assert theirs.returncode == 0, theirs.stderr
    assert json.loads(theirs.stdout) == ours


@pytest.mark.parametrize("level", [2, 3])
def test_a_program_without_python_gets_the_same_bits_and_its_registers_back(site: Path, calls: Path, level: int, tmp_path: Path) -> None:
    block = site / "linefinish" / "kernels" / f"kernels-{LEVEL}{level}.bin"
    recorded, known = in_words(_native.Library(str(block)), pickle.loads(calls.read_bytes()))
    (tmp_path / "calls").write_bytes(recorded)
    program = windows.compiled(Path(__file__).with_name("windows_calls.c"), tmp_path)
    command = [windows.WINE, str(program), str(block), str(tmp_path / "calls")]
    done = subprocess.run(command, env={**os.environ, **windows.environment()}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [(name, crc) for (name, crc), line in zip(known, done.stdout.split("\n"), strict=False) if line.strip() != crc] == []
    assert len(done.stdout.splitlines()) == len(known) > 300


def in_words(library: _native.Library, recorded: dict[str, list[list[Any]]]) -> tuple[bytes, list[tuple[str, str]]]:
    """The calls in the form that `windows_calls.c` tells, and each kernel's name with the CRC-32 of
    what this machine's own code returns and writes.
    """
    mode_digests.import_kernels()
    words, known = bytearray(), []
    for symbol, calls in recorded.items():
        kernel = _registry.REGISTRY[symbol]
        for kept in calls:
            words += struct.pack("<3Q", library.address(kernel) - library._code, kernel.signature.returns == "f64", len(kept))
            arguments, written = mode_digests.restored(symbol, kept), []
            for index, (passed, (name, buffer, const)) in enumerate(zip(kept, kernel.signature.args, strict=True)):
                if not buffer:
                    words += struct.pack("<Q", 0) + struct.pack("<d" if name == "f64" else "<Q" if name[0] == "u" else "<q", passed)
                elif passed[0] == "same":
                    words += struct.pack("<2Q", 3, passed[1])
                    written.append(index)
                else:
                    may_write = not const or ("same", index) in kept
                    words += struct.pack("<2Q", 1 + may_write, len(passed[1])) + passed[1] + bytes(-len(passed[1]) % 8)
                    written += [index] * may_write
            result = kernel(*arguments)
            crc = zlib.crc32(struct.pack("<d" if isinstance(result, float) else "<q", result))
            for index in written:
                crc = zlib.crc32(memoryview(arguments[index]), crc)
            known.append((symbol, f"{crc:08x}"))
    return bytes(words), known


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


def test_a_batch_goes_on_where_it_was(site: Path, tmp_path: Path) -> None:
    """In one process: under Wine (8.0) Python's own pools of processes hang, as an empty message in
    a pipe, by which they wake each other, is announced there and never arrives.
    """
    pages = tmp_path / "pages"
    pages.mkdir()
    for drawing in DRAWINGS[:3]:
        (pages / drawing.name).write_bytes(drawing.read_bytes())
    words = ("-m", "linefinish", "batch", str(pages), "-o", str(tmp_path / "done"), "--jobs", "1")
    first, second = on_windows(site, *words), on_windows(site, *words)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert len(list((tmp_path / "done").glob("*.svg"))) == 3
    assert "Traceback" not in first.stderr + second.stderr
