"""The pack for a shop."""
from __future__ import annotations

import io
import zipfile
from pathlib import Path

from linefinish import Book, verify
from linefinish.book.pack import _into_one, _zips


def test_etsy_gets_its_files(finished: Path, tmp_path: Path) -> None:
    pages = [finished / "page-1.svg", finished / "page-2.pdf"]
    made = Book(pages, title="Cats", author="A. B.", shop="etsy", provenance="ai").write(tmp_path)
    assert set(made.files) == {"letter.pdf", "a4.pdf", "png-600dpi.zip", "svg.zip", "README.txt", "report.json"}
    assert "help of AI" in (tmp_path / "README.txt").read_text()
    assert verify(tmp_path / "a4.pdf").is_one_bit
    with zipfile.ZipFile(tmp_path / "png-600dpi.zip") as archive:
        assert archive.namelist() == ["page-001.png", "page-002.png"]
        verdict = verify(archive.read("page-001.png"))
        assert (verdict.is_one_bit, verdict.width, verdict.height) == (True, 5100, 6600)


def test_what_is_too_large_is_split_evenly() -> None:
    entries = [(f"{at}.png", bytes([at]) * 1000) for at in range(6)]
    made = _zips("png", entries, 3800)
    assert [name for name, _ in made] == ["png-1.zip", "png-2.zip"]
    assert {len(zipfile.ZipFile(io.BytesIO(data)).namelist()) for _, data in made} == {3}
    assert len(_into_one([(f"{at}.zip", bytes(100)) for at in range(8)], 5, 20_000)) == 1
