"""EPS: the path, its boxes, and a state that is left as it was found."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Curves, Document, compose, write
from linefinish.writers.pdf import number
from tests.linefinish.drawings import chains_of, drawings, flower
from tests.linefinish.writers.documents import FLOWER, each_document, same_again, whole
from tests.linefinish.writers.tools import run
from tests.oracles.paths import read_postfix


@each_document
def test_ghostscript_takes_it(document: Document, tmp_path: Path) -> None:
    write(document, tmp_path / "a.eps")
    assert run("gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=nullpage", tmp_path / "a.eps") == ""
    assert same_again(document, "eps")


def test_boxes() -> None:
    text = whole(compose(flower(), width_pt=100.5), "eps").decode()
    assert "%%BoundingBox: 0 0 101 76\n" in text
    assert "%%HiResBoundingBox: 0 0 100.5 75.375\n" in text


@given(st.floats(1, 5000))
def test_the_bounding_box_holds_the_page(width: float) -> None:
    document = compose(flower(), width_pt=width)
    lines = dict(line.split(": ", 1) for line in whole(document, "eps").decode().splitlines() if line.startswith("%%") and ": " in line)
    box = [int(word) for word in lines["%%BoundingBox"].split()]
    assert box[:2] == [0, 0]
    assert all(0 <= side - exact < 1 for side, exact in zip(box[2:], document.page_pt, strict=True))
    assert lines["%%HiResBoundingBox"] == f"0 0 {number(document.page_pt[0])} {number(document.page_pt[1])}"


@given(drawings())
def test_its_path_is_the_document(drawing: Curves) -> None:
    document = compose(drawing)
    text = whole(document, "eps").decode()
    path = text.partition("newpath 0 0 moveto\n")[2].partition("fill grestore")[0]
    assert read_postfix(path, relative=True) == chains_of(document)


def test_lines_are_no_longer_than_the_structuring_conventions_allow() -> None:
    assert max(map(len, whole(FLOWER, "eps").splitlines())) <= 255


@pytest.mark.parametrize("document", [FLOWER], ids=["flower"])
def test_it_leaves_everything_as_it_found_it(document: Document, tmp_path: Path) -> None:
    """As DSC asks of what is placed in another file: the stacks, and the current colour."""
    write(document, tmp_path / "a.eps")
    program = (
        f"0.25 setgray /showpage {{}} def countdictstack count ({tmp_path / 'a.eps'}) run "
        "count 1 sub eq = countdictstack eq = currentgray ="
    )  # fmt: skip
    command = ["gs", "-q", "-dNOSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=nullpage", "-c", program, "-f"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["true", "true", "0.25"], done.stdout + done.stderr
