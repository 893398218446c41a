"""What the README, start and guides tell to type does what they say: each command of linefinish and
each example in Python is run, in one folder that has the files they name; each command of myjoe is
one that there is (tests/myjoe_cli/test_docs.py runs them, on a database).
"""
from __future__ import annotations

import glob
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from linefinish.command import cli
from myjoe_cli.cli import _parser
from tests.house.test_house import ROOT
from tests.linefinish.sheets.photographs import photograph

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "start").glob("*.md")), *sorted((ROOT / "docs" / "guides").glob("*.md"))]
# What else a newcomer types. It is tried where it is built: Makefile, tests/packaging, and so on.
OTHERS = {"make", "pip", "py", "python", "python3", "source", "export", "git", "cat", "docker", "vercel", "openssl", "cd", "pipx", "uv"}
# Of the colouring books that KDP binds, the shortest.
DRAWINGS = 10


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of code in a language; those without one are for a shell."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for _, of_block, block in found if of_block == language]


def commands(page: Path) -> Iterator[list[str]]:
    """What the page tells to type: lines of its blocks, and whole commands in its sentences."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    typed = [line for block in blocks(page, "") for line in block.replace("\\\n", " ").splitlines()]
    typed += re.findall(r"`((?:linefinish|myjoe) [^`]*)`", text)
    for line in typed:
        if (words := shlex.split(line, comments=True)) and re.fullmatch(r"[a-z]\w*", words[0]):
            yield words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With every file that the pages name."""
    folder = tmp_path_factory.mktemp("docs")
    drawing = Image.open(ROOT / "examples" / "fairy-godmother.png").convert("L").reduce(3)
    for name in ("drawing.png", "scan.png", "input.png", "input.jpg", "art.png", "scan.tif"):
        drawing.save(folder / name, dpi=(300, 300))
    Image.fromarray(photograph(1)).save(folder / "photo.jpg")
    cartoon = Image.new("RGB", (400, 400), "white")
    pen = ImageDraw.Draw(cartoon)
    pen.ellipse((50, 50, 350, 350), fill=(250, 200, 60), outline="black", width=6)
    pen.ellipse((100, 100, 200, 200), fill="black")
    pen.ellipse((230, 120, 280, 180), outline="red", width=6)
    cartoon.save(folder / "cartoon.png")
    (folder / "pages").mkdir()
    for number in range(DRAWINGS):
        page = Image.new("L", (300, 400), 255)
        ImageDraw.Draw(page).regular_polygon((150, 200, 120), 3 + number, number, outline=0, width=5)
        page.save(folder / "pages" / f"page-{number + 1}.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def prepared(words: list[str], folder: Path) -> list[str]:
    """A command as a shell gives it to the program, and the book that it needs made."""
    if any(word in words for word in ("interior.pdf", "cover.pdf")) and not (folder / "interior.pdf").exists():
        assert cli.main(["book", "pages", "-o", "made", "--title", "Cosy Cats", "--author", "A. B.", "-q"]) == 0
        for name in ("interior.pdf", "cover.pdf"):
            (folder / name).write_bytes((folder / "made" / name).read_bytes())
    return [name for word in words for name in (sorted(glob.glob(word)) if "*" in word else [word])]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_typed_is_done(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(folder)
    for words in commands(page):
        if words[0] == "linefinish":
            code = cli.main(prepared(words[1:], folder))
            # Of a book that was bound for one printer, another one may want more.
            assert code == 0 or (code == 3 and "--check" in words), (words, *capsys.readouterr())
        elif words[0] == "myjoe":
            _parser().parse_args([word.replace("…", "4") for word in words[1:]])
        else:
            assert words[0] in OTHERS, words
    names = {"__name__": "__main__"}  # a page's examples go on from one another
    for example in blocks(page, "python"):
        exec(compile(example, page.name, "exec"), names)


def test_what_is_left_is_true_black_and_white(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert cli.main(["drawing.png", "-o", "last.svg", "-o", "last.png", "-q"]) == 0
    assert cli.main(["verify", "last.svg", "last.png"]) == 0
    assert set(np.asarray(Image.open("last.png")).ravel().tolist()) <= {False, True}
