"""Drawings that bleed: carried to the page's edge, or kept inside of the trim."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from linefinish import Book, check
from linefinish.book.bleeding import DRIFT_PT, fill_of
from linefinish.book.drawings import Placing, read_drawing
from linefinish.book.interior import interior_pieces
from tests.linefinish.book.conftest import draw
from tests.linefinish.book.test_printing import by_ghostscript, by_pdfium

PAGE, AREA, BLEED = (621.0, 810.0), (27.0, 0.0, 621.0, 810.0), 9.0
SIZE = (1188, 1620)  # pixels of that area, 144 an inch


def page(path: Path, *inset: float) -> Path:
    """A page with a frame for each inset from its edges, in points as it just fills the area."""
    image = Image.new("L", SIZE, 255)
    for one in inset:
        far = 2 * one
        ImageDraw.Draw(image).rectangle((far, far, SIZE[0] - 1 - far, SIZE[1] - 1 - far), outline=0, width=6)
    image.save(path)
    return path


@pytest.mark.parametrize(
    ("inset", "low", "high"),
    [
        # At the edge, and inside of what a cut may reach: as it is. In between: carried over it.
        (0, 1, 1), (20, 1, 1), (2, 1.002, 1.02), (8, 1.015, 1.04), (BLEED + DRIFT_PT / 2, 1.02, 1.055),
    ],
)  # fmt: skip
def test_a_frame_is_carried_over_the_edge(tmp_path: Path, inset: float, low: float, high: float) -> None:
    document = read_drawing(str(page(tmp_path / "a.png", inset)), Placing((594.0, 810.0), True)).document
    assert low <= fill_of(document, AREA, PAGE, BLEED) <= high
    # A verso, whose outer edge is the left one; and an area of which no side is the page's.
    assert fill_of(document, (0.0, 0.0, 594.0, 810.0), PAGE, BLEED) == pytest.approx(fill_of(document, AREA, PAGE, BLEED), abs=0.004)
    assert fill_of(document, (27.0, 27.0, 594.0, 774.0), PAGE, BLEED) == 1.0


def test_what_ends_on_either_side_whatever_its_size_stands_inside(tmp_path: Path) -> None:
    image = Image.new("L", SIZE, 255)
    for at in range(16):  # as soon as one is at its edge, one is too near to the other edge
        for y in (8 + 24 * at, SIZE[1] - 20 - 24 * at):
            ImageDraw.Draw(image).line((300, y, 900, y), fill=0, width=3)
    image.save(tmp_path / "a.png")
    assert fill_of(read_drawing(str(tmp_path / "a.png"), Placing((594.0, 810.0), True)).document, AREA, PAGE, BLEED) == 0
    book = Book([tmp_path / "a.png"], bleed=True, cover=None)
    found = {one.code: one.level for one in book.check()}
    assert found["bleed"] == "warn"
    path = tmp_path / "interior.pdf"
    path.write_bytes(b"".join(interior_pieces(book.bound_pages())))
    assert not {one.code for one in check(path)} & {"bleed", "margin", "gutter"}


def test_nothing_is_carried_where_nothing_is_drawn(tmp_path: Path) -> None:
    Image.new("L", (300, 400), 255).save(tmp_path / "a.png")
    assert fill_of(read_drawing(str(tmp_path / "a.png"), Placing((594.0, 810.0), True)).document, AREA, PAGE, BLEED) == 1.0


def test_a_book_of_them_passes_and_has_its_ink_at_the_edge(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(1, 11):
        image = draw(number)
        ImageDraw.Draw(image).rectangle([number, number, 549 - number, 699 - number], outline=0, width=7)
        image.save(folder / f"page-{number}.png")
    book = Book(folder, bleed=True, single_sided=False, front=("title",), title="Cats", trim="4x6", cover=None)
    assert [one.text for one in book.check() if one.level == "fail" and one.code != "page-count"] == []
    path = tmp_path / "interior.pdf"
    path.write_bytes(b"".join(interior_pieces(book.bound_pages())))
    assert {one.code for one in check(path, trim="4x6") if one.level == "fail"} == {"page-count"}
    for number, render in ((3, by_pdfium), (4, by_pdfium), (4, by_ghostscript)):
        ink = render(path, number)
        outer = ink[:, -6:] if number % 2 else ink[:, :6]
        gutter = ink[:, :200] if number % 2 else ink[:, -200:]  # 1/3 in: the gutter of 3/8
        assert outer.any() and ink[:6].any() and ink[-6:].any() and not np.asarray(gutter).any()
