"""Interiors as printers' software sees them: boxes of poppler, inks of Ghostscript, pixels of
pdfium and Ghostscript. `MYJOE_TESTS_ALL=1` runs every printer, trim and count, and letter at 600
dpi; else each printer and each count is there once, and the smallest page of KDP's.
"""
from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

import linefinish
from linefinish import Book
from linefinish.book.cover import CoverOrder
from linefinish.book.geometry import RECTO, VERSO, page_geometry
from linefinish.book.interior import BoundPage, interior_pieces
from linefinish.preflight.checking import check
from linefinish.preflight.rules import printer_of
from linefinish.rasterizing import rasterize
from tests.linefinish.book.conftest import draw
from tests.linefinish.book.test_geometry import COUNTS, TABLE, TRIMS

ALL = bool(os.environ.get("MYJOE_TESTS_ALL"))
PRINTERS = ("kdp", "ingramspark", "lulu", "blurb")
CASES = [(name, trim, count) for name in PRINTERS for trim in TRIMS for count in COUNTS]
if not ALL:
    CASES = [(PRINTERS[at % 4], TRIMS[(at + at // 4) % 4], count) for at, count in enumerate(COUNTS)]
DPI = 600


def told(*words: str | Path) -> str:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("bleed", [False, True])
@pytest.mark.parametrize(("name", "trim", "count"), CASES)
def test_poppler_sees_the_boxes_of_the_table(tmp_path: Path, name: str, trim: tuple[float, float], count: int, bleed: bool) -> None:
    printer = printer_of(name)
    sides = [page_geometry(printer, trim, count, side, bleed) for side in (RECTO, VERSO)]
    path = tmp_path / "interior.pdf"
    path.write_bytes(b"".join(interior_pieces(BoundPage(sides[at % 2]) for at in range(count))))
    found = re.findall(r"Page +(\d+) (\w+): +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)", told("pdfinfo", "-box", "-l", str(count), path))
    added = TABLE[name][3] if bleed else (0.0, 0.0)
    width, height = (72 * (side + more) for side, more in zip(trim, added))
    outer = 9.0 if bleed else 0.0
    inner = 72 * added[0] - outer if bleed else 0.0
    for number, box, *edges in found:
        left = inner if int(number) % 2 else outer
        wanted = {
            "MediaBox": (0, 0, width, height), "BleedBox": (0, 0, width, height),
            "TrimBox": (left, outer, left + 72 * trim[0], outer + 72 * trim[1]),
        }  # fmt: skip
        if box in wanted:
            assert [float(edge) for edge in edges] == pytest.approx(wanted[box], abs=0.01), (number, box)
    assert {int(number) for number, *_ in found} == set(range(1, count + 1))


def test_one_more_than_kdp_prints_is_refused(finished: Path) -> None:
    for trim, most in (("8.5x11", 590), ("8.5x8.5", 590), ("8.27x11.69", 780)):
        book = Book([finished / "page-1.svg"] * (most + 1), trim=trim, front=(), single_sided=False)
        assert [(one.code, one.level) for one in book.check_count()] == [("page-count", "fail")]


@pytest.fixture(scope="module")
def bound(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bound")
    made = Book(finished, title="Cats", author="A. B.", trim="8.5x11" if ALL else "4x6", numbers="foot").write(folder)
    assert made.ready
    return folder


def test_nothing_but_black_curves(bound: Path) -> None:
    path = bound / "interior.pdf"
    assert "No syntax or stream encoding errors" in told("qpdf", "--check", path)
    assert len(told("pdffonts", path).splitlines()) == 2 and len(told("pdfimages", "-list", path).splitlines()) == 2
    inks = [line.split() for line in told("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=inkcov", "-sOutputFile=-", path).splitlines()]
    assert len(inks) == 26
    assert all(float(ink) == 0 for page in inks for ink in page[:3])
    blank = [number for number, page in enumerate(inks, 1) if float(page[3]) == 0]
    assert blank == [4, *range(6, 27, 2)]


def by_pdfium(path: Path, number: int) -> Any:
    document = pypdfium2.PdfDocument(path)
    try:
        return document[number - 1].render(scale=DPI / 72, grayscale=True).to_numpy().squeeze() < 128
    finally:
        document.close()


def by_ghostscript(path: Path, number: int) -> Any:
    out = path.with_name(f"gs-{number}.png")
    told("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pngmono", f"-r{DPI}", f"-dFirstPage={number}", f"-dLastPage={number}",
         f"-sOutputFile={out}", path)  # fmt: skip
    with Image.open(out) as image:
        return ~np.asarray(image.convert("1"))


@pytest.mark.parametrize("render", [by_pdfium, by_ghostscript])
def test_a_drawn_page_is_what_finish_and_png_give_in_all_but_edges(finished: Path, bound: Path, render: Any) -> None:
    book = Book(finished, title="Cats", author="A. B.", trim="8.5x11" if ALL else "4x6", numbers="foot")
    for number in (7, 9):  # an SVG and a PDF
        page = render(bound / "interior.pdf", number)
        wanted = np.zeros(page.shape, bool)
        for layer in book.layers(number):
            wanted |= np.asarray(rasterize(layer.document, width=page.shape[1], height=page.shape[0]))
        inside, outside = eroded(wanted), eroded(~wanted)
        assert not (inside & ~page).any() and not (outside & page).any()
        assert (wanted & ~inside).mean() < 0.02 < wanted.mean()


@pytest.mark.parametrize("render", [by_pdfium, by_ghostscript])
def test_no_ink_outside_of_the_live_area(bound: Path, render: Any) -> None:
    book = Book([bound / "contact.png"], trim="8.5x11" if ALL else "4x6")
    geometries = {side: page_geometry(book.printer, book.trim, 26, side) for side in (RECTO, VERSO)}
    for number in (1, 2, 3, 5, 7, 25) if render is by_pdfium else (1, 25):
        page = render(bound / "interior.pdf", number).copy()
        left, top, right, bottom = (edge * DPI / 72 for edge in geometries[RECTO if number % 2 else VERSO].live_pt)
        assert page.any()
        page[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = False
        assert not page.any(), number


def test_a_verso_is_its_recto_moved_by_the_gutter(finished: Path, tmp_path: Path) -> None:
    trim = "8.5x11" if ALL else "4x6"
    sources = [finished / "page-2.pdf"] * 2 + [path for path in sorted(finished.iterdir()) if path.stem != "page-2"] * 3
    book = Book(sources, trim=trim, front=(), single_sided=False, cover=None)
    path = tmp_path / "interior.pdf"
    path.write_bytes(b"".join(interior_pieces(book.bound_pages())))
    recto, verso = by_pdfium(path, 1), by_pdfium(path, 2)
    moved = (book.geometries[RECTO].live_pt[0] - book.geometries[VERSO].live_pt[0]) * DPI / 72
    assert moved == pytest.approx((0.375 - 0.25) * DPI)
    shifted = np.roll(recto, -round(moved), axis=1)
    assert not (eroded(shifted) & ~verso).any() and not (eroded(~shifted) & verso).any()


def eroded(ink: Any) -> Any:
    """What is ink with all of its eight neighbours."""
    kept = ink.copy()
    for axis in (0, 1):
        kept &= np.roll(kept, 1, axis) & np.roll(kept, -1, axis)
    return kept


def test_a_book_is_as_large_as_its_pages(finished: Path) -> None:
    book = Book([*finished.glob("*.pdf")] * 10, cover=None, front=())
    streams = sum(len(drawing.stream or b"") for drawing in book.drawings())
    assert sum(map(len, interior_pieces(book.bound_pages()))) < streams + 600 * book.count


@pytest.fixture(scope="module")
def sixteen(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """As many drawings as the printer with the most pages wants."""
    folder = tmp_path_factory.mktemp("more")
    for number in range(11, 17):
        linefinish.finish(draw(number)).write(folder / f"page-{number}.svg", width_pt=550.0)
    return [*finished.iterdir(), *folder.iterdir()]


@pytest.mark.parametrize("name", PRINTERS)
@pytest.mark.parametrize("bleed", [False, True])
def test_our_own_files_pass_our_own_check(sixteen: list[Path], tmp_path: Path, name: str, bleed: bool) -> None:
    order = CoverOrder(back="A book of cats.", spine=0.1 if name == "blurb" else None)
    trim = "8x10" if name == "blurb" else "8.5x11"
    made = Book(sixteen, printer=name, trim=trim, title="Cats", author="A. B.", bleed=bleed, cover=order).write(tmp_path)
    assert made.ready
    found = check(tmp_path / "interior.pdf", tmp_path / "cover.pdf", name, trim)
    # Blurb's own calculator says the spine, its counts are multiples of six; a drawing that bleeds
    # at one edge may end in the margin at another.
    allowed = {"cover-size", "blank-run"} if name == "blurb" else set()
    assert {one.code for one in found} <= allowed | ({"margin"} if bleed else set())
    assert not any(one.level == "fail" for one in found)


def test_a_hardcover_of_the_printer_s_template_passes(finished: Path, sixteen: list[Path], tmp_path: Path) -> None:
    # Wraps of 0.59 in all around, and hinges: only the template knows.
    order = CoverOrder(size=(13.9, 10.42), spine=0.52, back="A book of cats.")
    pages = [*sixteen, *(tmp_path / f"more-{number}.svg" for number in range(20))]
    for number in range(20):
        linefinish.finish(draw(number + 50)).write(tmp_path / f"more-{number}.svg", width_pt=550.0)
    made = Book(pages, printer="kdp-hardcover", trim="6x9", title="Cats", author="A. B.", cover=order).write(tmp_path / "out")
    assert made.ready and "cover.pdf" in made.files
    files = (tmp_path / "out" / "interior.pdf", tmp_path / "out" / "cover.pdf", "kdp-hardcover", "6x9")
    assert [one.code for one in check(*files, cover_size="13.9x10.42", spine=0.52)] == []
    assert [(one.code, one.level) for one in check(*files)] == [("cover-size", "note")]
    assert [(one.code, one.level) for one in check(*files, cover_size="14.1x10.42", spine=0.52)] == [("cover-size", "fail")]
    none = Book(pages, printer="kdp-hardcover", trim="6x9", title="Cats", cover=CoverOrder(spine=0.52))
    assert none.composed_cover()[0] is None
