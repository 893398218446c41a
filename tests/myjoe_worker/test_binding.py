"""Pages put together."""
from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from myjoe_worker.binding import COLUMNS_MAX, GAP_PX, PAGE_WIDTH_PX, book, contact_sheet


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Six 1-bit pages, the n-th with a black square in the n-th place of its first row."""
    paths = []
    for number in range(6):
        page = Image.new("1", (850, 1100), 1)
        page.paste(0, (100 * number, 0, 100 * number + 100, 100))
        paths.append(tmp_path / f"{number}.png")
        page.save(paths[-1], dpi=(100, 100))
    return paths


def test_a_sheet_shows_every_page_with_its_title(pictures: list[Path]) -> None:
    sheet = contact_sheet(pictures, [f"Page {number}" for number in range(6)])
    assert sheet.width == GAP_PX + COLUMNS_MAX * (PAGE_WIDTH_PX + GAP_PX)
    greys = np.asarray(sheet.convert("L"))
    square = PAGE_WIDTH_PX * 100 // 850
    for number in range(4):
        x = GAP_PX + number * (PAGE_WIDTH_PX + GAP_PX) + number * square + square // 2
        assert greys[GAP_PX + square // 2, x] < 40
    # Below each page there is ink of a title, and none where the second row has no page.
    below = greys[GAP_PX + round(PAGE_WIDTH_PX * 1100 / 850) + 4 :][:40]
    assert all((below[:, GAP_PX + k * (PAGE_WIDTH_PX + GAP_PX) :][:, :PAGE_WIDTH_PX] < 150).any() for k in range(4))
    assert (greys[-200:, -PAGE_WIDTH_PX:] > 230).all()


def test_few_pages_are_one_row(pictures: list[Path]) -> None:
    assert contact_sheet(pictures[:2], ["a", "b"]).width == GAP_PX + 2 * (PAGE_WIDTH_PX + GAP_PX)


def test_a_sheet_wants_a_title_for_each_page(pictures: list[Path]) -> None:
    with pytest.raises(ValueError, match="zip"):
        contact_sheet(pictures, ["only one"])


def test_a_book_has_a_page_for_each_at_its_own_resolution(pictures: list[Path], tmp_path: Path) -> None:
    book(pictures, tmp_path / "book.pdf")
    listed = subprocess.run(["pdfimages", "-list", tmp_path / "book.pdf"], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[2:]]
    assert [(row[0], row[3], row[4], row[7], row[12]) for row in rows] == [(str(k + 1), "850", "1100", "1", "100") for k in range(6)]
