"""Preflight: seeded defects are found, a good file has no finding."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen import canvas

from linefinish.preflight.checking import UnreadableError, check


def book(path: Path, odd: Callable[[canvas.Canvas], None] = lambda page: None, count: int = 24) -> str:
    """A book whose fifth page has something of its own."""
    sheet = canvas.Canvas(str(path), pagesize=(612, 792))
    for i in range(count):
        sheet.setLineWidth(2)
        sheet.circle(200 + 9 * i, 400, 60 + 4 * i)
        sheet.rect(60, 100, 40 + 9 * i, 30 + 5 * i)
        if i == 4:
            odd(sheet)
        sheet.showPage()
    sheet.save()
    return str(path)


def small(page: canvas.Canvas) -> None:
    page.setFont("Helvetica", 5)
    page.drawString(200, 200, "too small")


DEFECTS: dict[str, Callable[[canvas.Canvas], None]] = {
    "gutter": lambda page: page.line(10, 300, 200, 300),
    "margin": lambda page: page.line(400, 300, 605, 300),
    "grey": lambda page: (page.setFillGray(0.5), page.rect(300, 300, 20, 20, fill=1)),  # type: ignore[dict-item]
    "colour": lambda page: (page.setFillColorRGB(1, 0, 0), page.rect(300, 300, 20, 20, fill=1)),  # type: ignore[dict-item]
    "transparency": lambda page: (page.setFillAlpha(0.5), page.rect(300, 300, 20, 20, fill=1)),  # type: ignore[dict-item]
    "stroke-width": lambda page: (page.setLineWidth(0.3), page.line(200, 300, 300, 300)),  # type: ignore[dict-item]
    "text-size": small,
    "font": small,
    "annotation": lambda page: page.linkURL("https://example.org", (200, 200, 300, 300)),
}


def test_a_good_book_has_no_finding(tmp_path: Path) -> None:
    assert check(book(tmp_path / "a.pdf")) == []


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defect_is_found_on_its_page(tmp_path: Path, code: str) -> None:
    found = check(book(tmp_path / "a.pdf", DEFECTS[code]))
    assert (code, 5) in [(one.code, one.page) for one in found]
    assert {one.page for one in found} == {5}


def test_sizes_counts_and_turns(tmp_path: Path) -> None:
    assert "page-size" in {one.code for one in check(book(tmp_path / "a.pdf"), trim="8x10")}
    assert "page-count" in {one.code for one in check(book(tmp_path / "b.pdf", count=10))}
    assert {one.code for one in check(book(tmp_path / "c.pdf", count=25))} == {"page-parity"}
    with pikepdf.open(tmp_path / "a.pdf") as file:
        file.pages[2].Rotate = 90
        file.save(tmp_path / "d.pdf")
    assert ("rotated", 3) in [(one.code, one.page) for one in check(tmp_path / "d.pdf")]


def test_encryption_is_a_finding_and_damage_an_error(tmp_path: Path) -> None:
    with pikepdf.open(book(tmp_path / "a.pdf")) as file:
        file.save(tmp_path / "e.pdf", encryption=pikepdf.Encryption(owner="a", user="b"))
    assert [one.code for one in check(tmp_path / "e.pdf")] == ["encryption"]
    (tmp_path / "f.pdf").write_bytes((tmp_path / "a.pdf").read_bytes()[:3000])
    with pytest.raises(UnreadableError, match="cannot be read"):
        check(tmp_path / "f.pdf")
