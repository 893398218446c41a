"""The cover, from the interior's count."""
from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from linefinish import Book, CoverOrder, OptionsError, verify
from linefinish.book.cover import cover_pieces, parse_colour, template_pieces


def test_the_page_follows_the_count(finished: Path) -> None:
    book = Book(finished, title="Cats", author="A. B.")
    cover, findings = book.composed_cover()
    assert cover is not None
    assert [finding.code for finding in findings] == ["spine-text"]
    assert findings[0].level == "note"
    with pikepdf.open(io.BytesIO(b"".join(cover_pieces(cover)))) as pdf:
        width, height = (float(side) for side in pdf.pages[0].MediaBox[2:])
        assert (width, height) == pytest.approx((72 * (17.25 + book.count * 0.002252), 72 * 11.25), abs=0.005)


def test_verify_tells_of_its_ground(finished: Path) -> None:
    for colour, word in (((12.0, 0.0, 18.0, 0.0), "GREY"), ((0.0, 0.0, 0.0, 0.0), "OK")):
        cover, _ = Book(finished, title="Cats", cover=CoverOrder(colour=colour)).composed_cover()
        assert cover is not None
        assert verify(b"".join(cover_pieces(cover))).word == word
        assert verify(b"".join(template_pieces(cover.geometry, Book(finished).face))).word == "OK"


def test_spine_words_that_a_person_asked_for_are_refused_aloud(finished: Path) -> None:
    _, findings = Book(finished, title="Cats", cover=CoverOrder(spine_text="Cats")).composed_cover()
    assert [finding.level for finding in findings] == ["fail"]


def test_a_picture_behind_it_is_cmyk_and_has_to_be_fine_enough(finished: Path, tmp_path: Path) -> None:
    Image.new("RGB", (900, 600), (200, 40, 40)).save(tmp_path / "red.png")
    cover, findings = Book(finished, cover=CoverOrder(image=str(tmp_path / "red.png"))).composed_cover()
    assert cover is not None
    assert {finding.code for finding in findings} >= {"image-dpi", "colour"}
    with pikepdf.open(io.BytesIO(b"".join(cover_pieces(cover)))) as pdf:
        assert pdf.pages[0].Resources.XObject.I.ColorSpace == "/DeviceCMYK"


def test_white_behind_words_on_the_back_is_as_wide_as_they(finished: Path, tmp_path: Path) -> None:
    Image.new("RGB", (900, 600), (200, 40, 40)).save(tmp_path / "red.png")
    boxes = []
    for back in ("Cats.", "Many cats.\nCats."):
        cover, _ = Book(finished, cover=CoverOrder(image=str(tmp_path / "red.png"), back=back)).composed_cover()
        assert cover is not None
        boxes.append(next(box for box in cover.white if box[1] < 100 and box[2] < cover.geometry.spine_pt[0]))
    (left, _, right, bottom), (same, _, wider, lower) = boxes
    assert left == same
    assert right - left < wider - left < 150
    assert bottom < lower


def test_colours() -> None:
    assert parse_colour("0,20,40,0") == (0, 20, 40, 0)
    for wrong in ("red", "1,2,3", "0,0,0,101"):
        with pytest.raises(OptionsError, match="cyan, magenta"):
            parse_colour(wrong)
