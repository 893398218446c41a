"""The interior as tools that are not ours see it."""
from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from linefinish import Book, verify
from linefinish.book.interior import Intent, interior_pieces


def made(book: Book, intent: Intent | None = None) -> bytes:
    return b"".join(interior_pieces(book.bound_pages(), intent))


@pytest.mark.parametrize("bleed", [False, True])
def test_boxes_and_nothing_else(finished: Path, bleed: bool) -> None:
    data = made(Book(finished, title="Cats", bleed=bleed))
    assert verify(data).is_one_bit
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 26
        assert "/Info" not in pdf.trailer
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        for number, page in enumerate(pdf.pages, 1):
            left, bottom, right, top = (float(side) for side in page.TrimBox)
            assert (right - left, top - bottom) == pytest.approx((612, 792), abs=0.005)
            outer = 9 if bleed else 0
            assert (left, bottom) == pytest.approx((0 if number % 2 else outer, outer), abs=0.005)
            assert page.MediaBox == page.BleedBox
            assert not page.Resources.keys()


def test_pdfx_states_what_it_has_to(finished: Path) -> None:
    data = made(Book(finished, title="Cats"), Intent("Süße (Katzen)", 0))
    assert data.startswith(b"%PDF-1.3")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.docinfo["/GTS_PDFXConformance"] == "PDF/X-1a:2001"
        assert pdf.docinfo["/Title"] == "Süße (Katzen)"
        assert pdf.docinfo["/CreationDate"] == "D:19700101000000Z"
        assert pdf.Root.OutputIntents[0].OutputConditionIdentifier == "CGATS TR 001"
    assert verify(data).is_one_bit


def test_blurb_is_given_pdfx_3(finished: Path) -> None:
    book = Book(finished, printer="blurb", trim="8x10", title="Cats")
    with pikepdf.open(io.BytesIO(made(book, book.intent()))) as pdf:
        assert pdf.docinfo["/GTS_PDFXVersion"] == "PDF/X-3:2002" and "/GTS_PDFXConformance" not in pdf.docinfo
        assert pdf.docinfo["/Trapped"] == "/False" and pdf.Root.OutputIntents[0].S == "/GTS_PDFX"


def test_finished_pages_go_in_as_they_are_and_twice_the_same(finished: Path) -> None:
    book = Book(finished)
    stream = book.drawings()[1].stream
    data = made(book)
    assert stream is not None
    assert stream in data
    assert data == made(Book(finished))
