"""Contact sheet, mock-up and sample."""
from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from linefinish import Book
from linefinish.book.pictures import contact_sheet, mock_up, sample


def test_they_are_pictures_of_the_book(finished: Path) -> None:
    book = Book(finished, title="Cats")
    page = book.geometry(1).page_pt
    sheet = Image.open(io.BytesIO(contact_sheet([(book.layers(number), str(number)) for number in range(1, book.count + 1)], page)))
    assert max(sheet.size) <= 2000
    assert (np.asarray(sheet) < 60).mean() > 0.001
    cover, _ = book.composed_cover()
    for shown in (cover, None):
        picture = Image.open(io.BytesIO(mock_up(shown, [], book.layers(7), page)))
        assert max(picture.size) == 2000
    marked, plain = np.asarray(Image.open(io.BytesIO(sample(book.layers(7), page, book.face)))), 255
    assert ((marked > 140) & (marked < 160)).sum() > 1000 < (marked == plain).sum()
