"""Finished pages taken up again: bound as they are, cropped, shown."""
from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import linefinish
from linefinish import bind_pages, crop_page, picture_page
from tests.support.finished import page_file


def ink(path: Path, page: int = 1) -> np.ndarray:
    """A page as somebody else draws it, at 40 dpi: whether each pixel is dark."""
    command = ["pdftoppm", "-r", "40", "-png", "-singlefile", "-f", str(page), path]
    return np.asarray(Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)).convert("L")) < 128


def written(path: Path, number: int = 1, **how: str) -> Path:
    """A finished page as a file."""
    path.write_bytes(page_file(number, path.suffix[1:], **how))
    return path


def test_pages_are_bound_as_they_are(tmp_path: Path) -> None:
    paths = []
    for number, paper in ((1, "letter"), (2, "a4")):
        paths.append(written(tmp_path / f"{number}.pdf", number, paper=paper))
    bind_pages(paths, tmp_path / "book.pdf")
    assert linefinish.verify(tmp_path / "book.pdf").is_one_bit
    subprocess.run(["qpdf", "--check", tmp_path / "book.pdf"], check=True, capture_output=True)
    sizes = subprocess.run(["pdfinfo", "-l", "9", tmp_path / "book.pdf"], check=True, capture_output=True, text=True).stdout
    assert "Page    1 size:  612 x 792 pts" in sizes and "Page    2 size:  595.276 x 841.89 pts" in sizes
    for number, path in enumerate(paths, 1):
        assert (ink(path) == ink(tmp_path / "book.pdf", number)).all()


def test_a_page_that_is_none_of_ours_leaves_no_bind_pages(tmp_path: Path) -> None:
    (tmp_path / "1.pdf").write_bytes(b"%PDF-1.7 of somebody")
    with pytest.raises(linefinish.ImageReadError, match=r"1\.pdf"):
        bind_pages([tmp_path / "1.pdf"], tmp_path / "book.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["1.pdf"]


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(linefinish.ImageReadError, match=r"nowhere\.pdf: no such file"):
        crop_page(tmp_path / "nowhere.pdf", tmp_path / "b.pdf")


@pytest.mark.parametrize("suffix", ["pdf", "svg"])
def test_a_page_without_its_margin_is_what_was_within(tmp_path: Path, suffix: str) -> None:
    page = written(tmp_path / f"page.{suffix}")
    crop_page(page, tmp_path / "cropped.pdf", 27.0)
    whole, cropped = ink(written(tmp_path / "whole.pdf")), ink(tmp_path / "cropped.pdf")
    assert cropped.shape == (410, 310), "of letter, without 3/8 inch all round"
    assert (cropped != whole[15:-15, 15:-15]).mean() < 0.002
    assert linefinish.verify(tmp_path / "cropped.pdf").is_one_bit


def test_a_page_cut_to_its_ink_has_ink_at_all_edges(tmp_path: Path) -> None:
    crop_page(written(tmp_path / "page.pdf"), tmp_path / "cropped.pdf", 27.0, to_ink=True)
    cropped = ink(tmp_path / "cropped.pdf")
    assert all(edge.mean() > 0.9 for edge in (cropped[0], cropped[-1], cropped[:, 0], cropped[:, -1]))


def test_what_would_leave_nothing_leaves_the_page(tmp_path: Path) -> None:
    crop_page(written(tmp_path / "page.pdf"), tmp_path / "a.pdf", 500.0)
    assert ink(tmp_path / "a.pdf").shape == (440, 340)
    blank = linefinish.finish(np.full((200, 200), 255, np.uint8)).curves
    linefinish.write(linefinish.compose(blank, linefinish.Page("letter"), dpi=100), str(tmp_path / "blank.pdf"), "pdf")
    crop_page(tmp_path / "blank.pdf", tmp_path / "b.pdf", to_ink=True)
    assert ink(tmp_path / "b.pdf").shape == (440, 340)


@pytest.mark.parametrize("margin", [-1.0, float("nan"), "1in"])
def test_a_margin_is_points(tmp_path: Path, margin: float) -> None:
    with pytest.raises(linefinish.OptionsError, match="margin_pt"):
        crop_page(written(tmp_path / "page.pdf"), tmp_path / "a.pdf", margin)


def test_a_page_of_a_book_is_shown_as_it_is_printed(tmp_path: Path) -> None:
    book = linefinish.Book([written(tmp_path / "page.pdf")], printer="home", title="Foxes")
    assert book.count == 7
    picture = Image.open(io.BytesIO(picture_page(book, 7, 85)))
    assert picture.size == (85, 110) and np.asarray(picture).min() < 100
    assert np.asarray(Image.open(io.BytesIO(picture_page(book, 6, 85)))).min() == 255, "the back of the test page is blank"
    with pytest.raises(linefinish.OptionsError, match="has 1 to 7"):
        picture_page(book, 9, 85)
