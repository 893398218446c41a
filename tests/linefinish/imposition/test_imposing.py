"""Booklets folded in a model and read back by pixels; sheets of exact sizes; creep."""
from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from linefinish import Book, OptionsError, impose, verify
from linefinish.book.drawings import PageError
from linefinish.imposition.layout import signatures
from tests.linefinish.imposition.conftest import leafed, number_of, rendered

COUNTS = range(4, 129, 4) if os.environ.get("MYJOE_TESTS_ALL") else (4, 5, 26, 128)


def sheet_sizes(path: Path) -> set[str]:
    """What poppler says of the pages."""
    told = subprocess.run(["pdfinfo", "-box", "-l", "999", str(path)], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"size: +([\d.]+ x [\d.]+) pts", told))


@pytest.mark.parametrize("duplex", ["short-edge", "long-edge"])
@pytest.mark.parametrize("count", COUNTS)
def test_a_booklet_is_folded_and_read(book_of: Callable[..., Path], tmp_path: Path, count: int, duplex: str) -> None:
    for signature in (None, 16):
        done = impose(book_of(count), tmp_path / "home.pdf", booklet=True, duplex=duplex, signature=signature)
        assert done.signatures == tuple(signatures(count, signature))
        assert leafed(rendered(tmp_path / "home.pdf", 9), done.signatures, duplex) == [*range(1, count + 1), *[0] * done.blanks]
        assert done.sheets * 4 == count + done.blanks and done.sides == 2 * done.sheets
    assert sheet_sizes(tmp_path / "home.pdf") == {"1224 x 792"}


@pytest.mark.parametrize("duplex", ["short-edge", "long-edge"])
@pytest.mark.parametrize(("size", "paper"), [((612, 792), "letter"), ((216, 576), None), ((792, 612), "a4"), ((612, 612), "tabloid")])
def test_on_any_paper(book_of: Callable[..., Path], tmp_path: Path, size: tuple[float, float], paper: str | None, duplex: str) -> None:
    done = impose(book_of(8, size), tmp_path / "home.pdf", booklet=True, paper=paper, duplex=duplex, creep="0.1mm", cut_marks=bool(paper))
    sides = [_without_marks(side, done.scale, size) for side in rendered(tmp_path / "home.pdf", 72)]
    assert leafed(sides, done.signatures, _as_cut(duplex, done.sheet_pt, sides[0].shape)) == list(range(1, 9))


def _without_marks(side: Any, scale: float, size: tuple[float, float]) -> Any:
    """The two pages alone, which lie in the middle."""
    height, width = side.shape
    high, wide = int(scale * size[1]), int(2 * scale * size[0])
    top, left = (height - high) // 2, (width - wide) // 2
    return side[top : top + high, left : left + wide]


def _as_cut(duplex: str, sheet: tuple[float, float], shape: tuple[int, int]) -> str:
    """The edge of the pages that are left about which the sheet was turned."""
    same = (sheet[1] > sheet[0]) == (shape[0] > shape[1])
    return duplex if same else {"short-edge": "long-edge", "long-edge": "short-edge"}[duplex]


@pytest.mark.parametrize("n_up", [2, 4, 8, 9])
def test_pages_on_a_side_are_read_in_rows(book_of: Callable[..., Path], tmp_path: Path, n_up: int) -> None:
    impose(book_of(n_up + 1), tmp_path / "home.pdf", n_up=n_up)
    columns = {2: 2, 4: 2, 8: 4, 9: 3}[n_up]
    rows = n_up // columns
    sides = rendered(tmp_path / "home.pdf", 18)
    cells = [cell for side in sides for row in np.split(side, rows) for cell in np.split(row, columns, axis=1)]
    assert [number_of(cell) for cell in cells] == [*range(1, n_up + 2), *[0] * (n_up - 1)]
    assert sheet_sizes(tmp_path / "home.pdf") == {f"{612 * columns} x {792 * rows}"}


def test_creep_to_a_hundredth_of_a_millimetre(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "bars.pdf"), pagesize=(144, 144))
    for _ in range(16):
        canvas.rect(70, 40, 4, 60, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    impose(tmp_path / "bars.pdf", tmp_path / "home.pdf", booklet=True, creep="0.13mm")
    per_mm = 600 / 25.4
    for at, side in enumerate(rendered(tmp_path / "home.pdf", 600)):
        ink = 255.0 - side[side.shape[0] // 2]
        middle = len(ink) // 2
        found = [float((half * (np.arange(len(half)) + 0.5)).sum() / half.sum()) / per_mm for half in (ink[:middle][::-1], ink[middle:])]
        assert found == pytest.approx([72 / 72 * 25.4 - 0.13 * (at // 2)] * 2, abs=0.01)


def test_what_creeps_over_the_fold_is_cut(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "solid.pdf"), pagesize=(100, 100))
    for number in range(8):
        if number % 4 in (0, 3):  # the right page of each front is black, the left one white
            canvas.rect(0, 0, 100, 100, stroke=0, fill=int(number in (0, 4)))
        canvas.showPage()
    canvas.save()
    impose(tmp_path / "solid.pdf", tmp_path / "home.pdf", booklet=True, creep="5pt")
    for side in rendered(tmp_path / "home.pdf", 72):
        assert (side[:, :100] < 128).mean() in (0.0, pytest.approx(0.95), 1.0)
        assert (side[:, 100:] < 128).mean() in (0.0, pytest.approx(0.95), 1.0)


def test_bleed_is_shown_with_marks_and_never_without(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        for _ in range(4):
            page = pdf.add_blank_page(page_size=(220, 220))
            page.TrimBox, page.Contents = [10, 10, 210, 210], pdf.make_stream(b"0 g 0 0 220 220 re f")
        pdf.save(tmp_path / "bleed.pdf")
    impose(tmp_path / "bleed.pdf", tmp_path / "plain.pdf", booklet=True)
    assert sheet_sizes(tmp_path / "plain.pdf") == {"400 x 200"}
    done = impose(tmp_path / "bleed.pdf", tmp_path / "marked.pdf", n_up=4, cut_marks=True)
    side = rendered(tmp_path / "marked.pdf", 72)[0] < 128
    middle = round(done.sheet_pt[0] / 2), round(done.sheet_pt[1] / 2)
    assert side[middle[1] - 210 : middle[1] + 210, middle[0] - 220 : middle[0] + 220].mean() == 1
    assert not side[:, : middle[0] - 221 - 17].any()


def test_an_interior_of_ours_stays_one_bit(finished_book: Path, tmp_path: Path) -> None:
    done = impose(finished_book / "interior.pdf", tmp_path / "home.pdf", booklet=True, paper="letter", without_blanks=True)
    assert verify(tmp_path / "home.pdf").is_one_bit
    assert "blank pages left out" in done.notes[0] and done.pages == 14
    assert (tmp_path / "home.pdf").read_bytes().count(b"/Font") == 0
    impose(finished_book / "interior.pdf", tmp_path / "again.pdf", booklet=True, paper="letter", without_blanks=True)
    assert (tmp_path / "again.pdf").read_bytes() == (tmp_path / "home.pdf").read_bytes()


def test_finished_pages_of_all_kinds(finished: Path, images: Path, tmp_path: Path) -> None:
    done = impose([finished, images / "page-1.png"], tmp_path / "home.pdf", n_up=4, paper="letter")
    assert (done.pages, done.sheets) == (11, 3)
    assert verify(tmp_path / "home.pdf").is_one_bit


@pytest.fixture(scope="module")
def finished_book(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    Book(finished, title="Cats", author="A. B.", cover=None).write(folder)
    return folder


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({}, "booklet and n_up"), ({"booklet": True, "n_up": 2}, "booklet and n_up"), ({"n_up": 3}, "2, 4, 8, 9"),
        ({"booklet": True, "signature": 6}, "4, 8, 12"), ({"n_up": 2, "signature": 4}, "booklet"),
        ({"booklet": True, "duplex": "left"}, "short-edge"), ({"booklet": True, "paper": "big"}, "11x17"),
        ({"booklet": True, "creep": "thick"}, "not a length"), ({"booklet": True, "creep": "5in"}, "quarter"),
    ],
)  # fmt: skip
def test_what_cannot_be(book_of: Callable[..., Path], tmp_path: Path, named: dict[str, Any], told: str) -> None:
    (tmp_path / "home.pdf").write_bytes(b"old and good")
    with pytest.raises(OptionsError, match=told):
        impose(book_of(12), tmp_path / "home.pdf", **named)
    assert (tmp_path / "home.pdf").read_bytes() == b"old and good"


def test_an_input_is_not_overwritten(book_of: Callable[..., Path], tmp_path: Path) -> None:
    book = book_of(4)
    with pytest.raises(OptionsError, match="over itself"):
        impose(book, book, n_up=2)
    with pytest.raises(PageError, match=r"none\.pdf"):
        impose([book, tmp_path / "none.pdf"], tmp_path / "home.pdf", n_up=2)
