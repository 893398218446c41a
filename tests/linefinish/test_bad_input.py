"""Whatever is handed to the command: a clear sentence, the right exit code, no traceback, no file.
(Issue: "Bad input".)
"""
from __future__ import annotations

import os
import resource
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from linefinish import ImageError, ImageShapeError, finish

Run = Callable[..., "subprocess.CompletedProcess[str]"]

FILE, USAGE = 1, 2


def png(width: int, height: int, rows: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG with the given header, whatever its rows are."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def refuse(run: Run, tmp_path: Path, *words: str, code: int = FILE, says: str) -> None:
    """The command refuses with one sentence that says it, and leaves the folder as it was."""
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = run(*words)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("linefinish: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert says in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


BAD_FILES = {
    "empty": (b"", "is empty"),
    "not an image": (b"Dear diary, today I drew a cat.\n" * 20, "not an image"),
    "unsupported": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "does not read"),
    "zero width": (png(0, 5, b""), "0 × 5"),
    "zero height": (png(5, 0, b""), "5 × 0"),
    "few rows": (png(64, 64, bytes(65 * 3)), "ends in the middle"),
    "header alone": (png(64, 64, bytes(65 * 64))[:33], "ends in the middle"),
}


@pytest.mark.parametrize(("content", "says"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_drawing(run: Run, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    refuse(run, tmp_path, "bad.png", "-o", "out.svg", says=says)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_truncated_file(run: Run, tmp_path: Path, page_bytes: bytes, share: float) -> None:
    (tmp_path / "bad.png").write_bytes(page_bytes[: int(len(page_bytes) * share)])
    refuse(run, tmp_path, "bad.png", "-o", "out.svg", says="bad.png: the file ends in the middle")


def test_an_animation(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    frames = [Image.new("L", (20, 20), level) for level in (0, 90, 180)]
    for name in ("moving.gif", "moving.webp", "moving.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=100)
        refuse(run, tmp_path, name, "-o", "out.svg", says="anima")


def test_missing(run: Run, tmp_path: Path) -> None:
    refuse(run, tmp_path, "nowhere.png", "-o", "out.svg", says="nowhere.png: there is no such file")


def test_a_folder_as_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    refuse(run, tmp_path, "pages", "-o", "out.svg", says="linefinish batch pages -o FOLDER")


def test_larger_than_allowed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(png(30_000, 30_000, b""))
    refuse(run, tmp_path, "large.png", "-o", "out.svg", says="900")
    refuse(run, tmp_path, "large.png", "-o", "out.svg", "--max-megapixels", "1000", says="ends in the middle")


def test_a_bomb_costs_little(command: list[str], env: dict[str, str], tmp_path: Path) -> None:
    """1 GB of black in a small PNG: believed by its header, refused before memory is taken for it.
    And one that lies about its size.
    """
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 << 20)) for _ in range(1024)) + rows.flush()
    for name, size in (("honest.png", 32_768), ("lying.png", 64)):
        body = png(size, size, b"")
        at = body.index(b"IDAT") - 4
        chunk = struct.pack(">I", len(packed)) + b"IDAT" + packed + struct.pack(">I", zlib.crc32(b"IDAT" + packed))
        (tmp_path / name).write_bytes(body[:at] + chunk + body[-12:])
        # Not getrusage(): its peak is handed down from the process that started this one.
        code = (
            "import sys\nfrom linefinish.command.cli import main\ncode = main()\n"
            "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\nsys.exit(code)"
        )
        words = [command[0], "-c", code, name, "-o", "out.svg", "-q"]
        done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        assert int(done.stdout.split()[-1]) < 100_000  # kB
        assert (done.returncode, (tmp_path / "out.svg").exists()) in ((FILE, False), (0, True))
        assert name == "lying.png" or done.returncode == FILE


@pytest.mark.parametrize(("level", "says"), [(255, "no ink"), (0, "all ink")])
def test_all_white_and_all_black(run: Run, tmp_path: Path, level: int, says: str) -> None:
    (tmp_path / "plain.png").write_bytes(png(50, 40, (b"\0" + bytes([level]) * 50) * 40))
    done = run("plain.png", "-o", "out.svg", "-q")
    assert done.returncode == 0
    assert done.stderr.startswith("linefinish: plain.png: warning: ")
    assert says in done.stderr
    assert run("verify", "out.svg").returncode == 0


@pytest.mark.parametrize(("array", "says"), [
    (np.full((8, 8), np.nan), "NaN"),
    (np.full((8, 8), np.inf), "finite|NaN|0 to 1"),
    (np.zeros((8, 8), np.int64), "int64"),
    (np.zeros((8, 8), complex), "complex"),
    (np.array([["a"] * 8] * 8), "<U1|str"),
    (np.zeros((8,), np.uint8), r"\(8,\)"),
    (np.zeros((8, 8, 7), np.uint8), r"\(8, 8, 7\)"),
    (np.zeros((0, 8), np.uint8), "0"),
])  # fmt: skip
def test_arrays_that_are_no_images(array: np.ndarray, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        finish(array)


def test_something_else_is_no_image() -> None:
    for thing in (None, 7, ["a.png"], {"a": 1}):
        with pytest.raises(ImageError):
            finish(thing)
    assert issubclass(ImageShapeError, ValueError)


# --- places
# ------------------------------------------------------------

def test_the_output_folder_is_missing(run: Run, page: Path, tmp_path: Path) -> None:
    refuse(run, tmp_path, "page.png", "-o", "no/where.svg", says="the folder no does not exist")
    refuse(run, tmp_path, "page.png", "-o", "a.svg", "--report", "no/where.json", says="the folder no does not exist")


def test_the_output_folder_is_read_only(run: Run, page: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    if os.access(tmp_path / "locked", os.W_OK):  # root may write anywhere but where no file system takes files
        refuse(run, tmp_path, "page.png", "-o", "/proc/out.svg", says="/proc/out.svg")
    else:
        refuse(run, tmp_path, "page.png", "-o", "locked/out.svg", says="read-only")


def test_the_output_is_a_folder(run: Run, page: Path, tmp_path: Path) -> None:
    (tmp_path / "out.svg").mkdir()
    refuse(run, tmp_path, "page.png", "-o", "out.svg", says="it is a folder")


def test_the_disk_is_full(run: Run, page: Path, tmp_path: Path) -> None:
    # A limit on the size of files is met like a full disk: a write is short, then fails. Python
    # ignores the signal that goes with it.
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    before = sorted(path.name for path in tmp_path.iterdir())
    done = run("page.png", "-o", "out.pbm", preexec_fn=small_disk)
    assert done.returncode == FILE
    assert done.stderr.startswith("linefinish: out.pbm could not be written: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    done = run("page.png", "-o", "/dev/full", "-f", "pbm")
    assert (done.returncode, done.stderr) == (FILE, "linefinish: /dev/full could not be written: no space left on device\n")


def test_standard_output_is_full(run: Run, page: Path) -> None:
    with open("/dev/full", "w") as full:
        for words in (["--help"], ["page.png", "-o", "-", "-f", "svg", "-q"], ["page.png", "-o", "a.svg"]):
            done = run(*words, stdout=full, stderr=subprocess.PIPE, capture_output=False)
            assert (done.returncode, len(done.stderr.splitlines())) == (FILE, 1), words
            assert "no space left on device" in done.stderr


def test_the_input_is_not_overwritten(run: Run, page: Path, tmp_path: Path, page_bytes: bytes) -> None:
    os.symlink("page.png", tmp_path / "link.png")
    os.link(page, tmp_path / "hard.png")
    for output in ("page.png", "./page.png", "link.png", "hard.png"):
        refuse(run, tmp_path, "page.png", "-o", output, code=USAGE, says="is the input itself")
    assert page.read_bytes() == page_bytes


# --- command lines
# ------------------------------------------------------------

@pytest.mark.parametrize(("words", "says"), [
    (["-o", "a.svg"], "which drawing?"),
    (["page.png", "b.png", "-o", "a.svg"], "one drawing at a time"),
    (["page.png", "-o", "a.docx"], "the suffix of a.docx names no format"),
    (["page.png", "-o", "a"], "the suffix of a names no format"),
    (["page.png", "-f", "docx"], "there is no format docx"),
    (["page.png", "-o", "-"], "say the format"),
    (["page.png", "-o", "a.svg", "-o", "a.svg"], "given twice"),
    (["page.png", "--turdsiz", "3"], "did you mean --turdsize?"),
    (["page.png", "--speckle", "3"], "did you mean --speckle-area-max?"),
    (["page.png", "--threads", "0"], "it may be 1 to 256"),
    (["page.png", "--dpi", "0"], "it may be 1 to 100000"),
    (["page.png", "--threshold", "best"], "auto, otsu, sauvola"),
    (["page.png", "--page", "napkin"], "'napkin' is not a page"),
    (["page.png", "--page", "letter", "--margin", "5in"], "leaves nothing of the page"),
    (["page.png", "--page", "letter", "--width", "5in"], "--page says the size already"),
    (["page.png", "--margin", "5in"], "--margin needs a page"),
    (["page.png", "--speckle-area-max", "3mm"], "it takes an area"),
    (["batch", "-o", "out"], "which drawings?"),
    (["batch", "page.png"], "where to?"),
    (["batch", "page.png", "-o", "out", "--jobs", "0"], "1 or more"),
    (["batch", "page.png", "-o", ".", "-f", "png"], "would overwrite it"),
    (["verify", "-q"], "which files?"),
    (["compare", "page.png", "-o", "page.png"], "is the input itself"),
])  # fmt: skip
def test_a_wrong_command_line(run: Run, page: Path, tmp_path: Path, words: list[str], says: str) -> None:
    refuse(run, tmp_path, *words, code=USAGE, says=says)


def test_a_length_on_paper_without_a_scale(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain.png").write_bytes(png(50, 40, (b"\0" + bytes([250]) * 50) * 40))
    refuse(run, tmp_path, "plain.png", "-o", "a.svg", "--stroke-width-min", "0.75pt", code=USAGE, says="0.75pt needs the size")
