"""What is drawn on each page stays in the safe area."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish.book.drawn import pixels
from linefinish.book.faces import bundled
from linefinish.book.geometry import RECTO, VERSO, page_geometry
from linefinish.book.ordering import Slot
from linefinish.book.pages import Words, drawing_area, overlong, page_layers
from linefinish.preflight.rules import printer_of


@pytest.mark.parametrize("kind", ["title", "copyright", "belongs-to", "test-page", "end"])
@pytest.mark.parametrize("side", [RECTO, VERSO])
@pytest.mark.parametrize("trim", [(8.5, 11.0), (8.5, 8.5), (5.5, 8.5)])
def test_words_keep_to_the_safe_area(kind: str, side: str, trim: tuple[float, float]) -> None:
    page = page_geometry(printer_of("kdp"), trim, 100, side)
    words = Words("A Rather Long Title of Cosy Cats", "A. B. Author", end="Thank you for colouring")
    width, height = (round(value) for value in page.page_pt)
    rows, columns = np.nonzero(pixels(page_layers(Slot(kind), 1, page, None, words, bundled()), width, height))
    left, top, right, bottom = page.safe_pt
    assert len(rows) > 100
    assert left - 1 <= columns.min() < columns.max() <= right + 1
    assert top - 1 <= rows.min() < rows.max() <= bottom + 1


def test_blank_pages_and_numbers() -> None:
    page = page_geometry(printer_of("kdp"), (8.5, 11), 100, RECTO)
    assert page_layers(Slot("blank"), 2, page, None, Words(), bundled()) == []
    assert drawing_area(page, Words(numbers="foot"))[3] < drawing_area(page, Words())[3]
    assert overlong(bundled(), Words(title="Donaudampfschifffahrt" * 5, end="short"), (0, 0, 200, 300)) == ["a word of the title"]
    assert overlong(bundled(), Words(title="cats " * 900, author="Ada", end="bye " * 200), (0, 0, 400, 300)) == ["the title", "the end"]
