"""`Book`: findings, files whole or absent."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from linefinish import Book, OptionsError, WriteError
from linefinish.book import making
from linefinish.book.cover import CoverOrder
from linefinish.book.drawings import PageError
from linefinish.book.making import natural, sources_of


def test_a_book_is_written(finished: Path, tmp_path: Path) -> None:
    made = Book(finished, title="Cats", author="A. B.").write(tmp_path)
    assert made.ready
    assert set(made.files) == {"interior.pdf", "cover.pdf", "contact.png", "mockup.png", "report.json"}
    assert {path.name for path in tmp_path.iterdir()} == set(made.files)
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["pages"], report["ready"]) == (26, True)
    assert report["rules"]["margin_inside"]["seen_on"] == "2026-11-29"


def test_what_is_not_ready_leaves_older_files_alone(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "interior.pdf").write_bytes(b"old and good")
    made = Book([finished / "page-1.svg"], title="Cats").write(tmp_path)
    assert not made.ready
    assert [finding.code for finding in made.findings] == ["page-count"]
    assert (tmp_path / "interior.pdf").read_bytes() == b"old and good"
    assert {path.name for path in tmp_path.iterdir()} == {"interior.pdf", "report.json"}


def test_over_the_maximum_it_says_how_many_fit(finished: Path) -> None:
    findings = Book([finished / "page-1.svg"] * 293, title="Cats").check_count()
    assert "292 of the 293 drawings fit" in findings[0].text


def test_findings(finished: Path, tmp_path: Path) -> None:
    Image.new("L", (300, 400), 0).save(tmp_path / "black.png")
    pages = [tmp_path / "black.png", finished / "page-1.svg", finished / "page-1.svg"]
    codes = {(finding.code, finding.level) for finding in Book(pages, front=()).check()}
    assert codes >= {("page-count", "fail"), ("solid", "fail"), ("twice", "fail")}


def test_any_number_of_processes_gives_the_same(finished: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        Book(finished, jobs=jobs, cover=None).write(tmp_path / str(jobs))
    assert (tmp_path / "1" / "interior.pdf").read_bytes() == (tmp_path / "2" / "interior.pdf").read_bytes()


def test_the_files_are_checked_as_those_of_others_are(finished: Path, tmp_path: Path) -> None:
    # A printer who binds 24 pages at a time adds 22 blank ones: no drawing alone shows that.
    row = 'pages_multiple = { value = 24, source = "own", seen_on = 2026-11-30 }'
    (tmp_path / "mine.toml").write_text(f'[mine]\nlike = "kdp"\n{row}\n')
    book = Book(finished, printer="mine", printers=tmp_path / "mine.toml", title="Cats")
    found = [(finding.code, finding.level, finding.page, finding.source) for finding in book.check() if finding.level == "fail"]
    assert found == [("blank-run", "fail", 26, "interior.pdf")]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "interior.pdf").write_bytes(b"old and good")
    assert not book.write(tmp_path / "out").ready
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"interior.pdf", "report.json"}
    assert (tmp_path / "out" / "interior.pdf").read_bytes() == b"old and good"


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"title": "猫"}, r"猫 \(U\+732B\)"), ({"title": "\u0642\u0637\u0637"}, "Arabic script"),
        ({"trim": "3x5"}, "does not print"), ({"paper": "vellum"}, "white"), ({"printer": "x"}, "kdp"),
        ({"numbers": "top"}, "none or foot"), ({"shop": "amazon"}, "etsy"), ({"titles": ["one"]}, "as many"),
        ({"title": "cats " * 2000}, "the title is too long"), ({"author": "Ada " * 60}, "the author is too long"),
        ({"title": "x" * 400}, "a word of the title is too long"), ({"end": "bye " * 900}, "the end is too long"),
        ({"copyright": "© Ada\n" * 90}, "the copyright is too long"),
        ({"end": "a\x07b"}, "takes text"), ({"pdfx": "4"}, "1a, 3 or none"), ({"printer": "home", "bleed": True}, "has no bleed"),
    ],
)  # fmt: skip
def test_what_cannot_be(finished: Path, named: dict[str, object], told: str) -> None:
    with pytest.raises(OptionsError, match=told):
        Book(finished, **named)  # type: ignore[arg-type]


def test_words_as_they_were_copied(finished: Path) -> None:
    made = Book(finished, title="Co\u00ad\ufb01\tne \ufeffCats", end="Bye\u200b\n\tcats", cover=CoverOrder(back="A\u00ad\n\tB"))
    assert (made.words.title, made.words.end, made.cover.back) == ("Cofi ne Cats", "Bye\n cats", "A\n B")


def test_pages_in_natural_order_and_none(tmp_path: Path, finished: Path) -> None:
    assert sorted(["p10", "p2", "P1"], key=natural) == ["P1", "p2", "p10"]
    with pytest.raises(OptionsError, match="no page"):
        sources_of(tmp_path)
    with pytest.raises(PageError, match=r"none\.png"):
        Book([*finished.iterdir(), tmp_path / "none.png"]).write(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_long_title_is_made_to_fit(finished: Path, tmp_path: Path) -> None:
    title = "A very long title that goes on and on about cats " * 6
    made = Book(finished, title=title, author="Ada Augusta King, Countess of Lovelace").write(tmp_path)
    assert made.ready and not [one for one in made.findings if one.level == "fail"]


def test_a_folder_in_a_file_s_place_is_named_and_nothing_written(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "interior.pdf").mkdir()
    with pytest.raises(WriteError, match=r"interior\.pdf is a folder"):
        Book(finished, title="Cats").write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["interior.pdf"]


def test_a_full_disk_leaves_what_was_there(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "interior.pdf").write_bytes(b"old and good")

    def full(_: object, target: str) -> None:
        raise WriteError(f"{target} could not be written: no space left on device")

    monkeypatch.setattr(making, "replace_file", full)
    with pytest.raises(WriteError, match=rf"{tmp_path}/interior\.pdf could not be written: no space left"):
        Book(finished, title="Cats").write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["interior.pdf"]
    assert (tmp_path / "interior.pdf").read_bytes() == b"old and good"


def test_an_accent_apart_from_its_letter_is_one_with_it(finished: Path) -> None:
    assert Book(finished, title="C\u030cats").words.title == "\u010cats"
