"""What single pages paint: one page is enough to see what `check` finds on it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from linefinish.preflight import painting
from linefinish.preflight.checking import check
from tests.linefinish.preflight.makers import image, stream
from tests.linefinish.preflight.test_colours import separation

# Of a book of one page.
_OF_THE_BOOK = {"page-count", "page-parity"}


def codes(path: Path, text: str, resources: Any = None, **entries: Any) -> set[str]:
    """What is found on one page of letter."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(612, 792))
        page.Resources = Dictionary(resources(pdf) if resources else {})
        page.Contents = pdf.make_stream(b"0 g 200 200 30 30 re f\n" + text.encode())
        for name, value in entries.items():
            page[f"/{name}"] = value
        pdf.save(path / "page.pdf")
    return {one.code for one in check(path / "page.pdf")} - _OF_THE_BOOK


def glyphs(drawing: bytes, unit: float = 0.001, bounds: tuple[float, ...] = (0, 0, 1000, 1000)) -> Any:
    """A font of Type 3 with an A."""
    return lambda pdf: {"/Font": Dictionary(T=Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=list(bounds), FontMatrix=[unit, 0, 0, unit, 0, 0], FirstChar=65, LastChar=65,
        Widths=[1 / unit], Encoding=Dictionary(Differences=[65, Name.A]), Resources=Dictionary(),
        CharProcs=Dictionary(A=stream(pdf, drawing)),
    ))}  # fmt: skip


@pytest.mark.parametrize(("drawing", "operators", "found"), [
    (b"1000 0 d0 0 0 500 700 re f", "/T 24 Tf", set()), (b"1000 0 d0 1 0 0 rg 0 0 500 700 re f", "/T 24 Tf", {"colour"}),
    (b"1000 0 0 0 500 700 d1 1 0 0 rg 0 0 500 700 re f", "/T 24 Tf", set()),  # d1: the words' own colour
    (b"1000 0 d0 0 0 900 10 re f", "/T 24 Tf", set()),  # a dash
    (b"1000 0 d0 0 0 500 700 re f", "/T 5 Tf", {"text-size"}),
])  # fmt: skip
def test_glyphs_that_are_drawings(tmp_path: Path, drawing: bytes, operators: str, found: set[str]) -> None:
    assert codes(tmp_path, f"BT {operators} 300 300 Td (AA) Tj ET", glyphs(drawing)) == found


def test_the_size_of_words_whose_em_is_their_own(tmp_path: Path) -> None:
    font = glyphs(b"100 0 d0 0 0 50 70 re f", 0.1, (0, 0, 100, 100))
    assert codes(tmp_path, "BT /T 1.2 Tf 300 300 Td (A) Tj ET", font) == set()
    assert codes(tmp_path, "BT /T 0.5 Tf 300 300 Td (A) Tj ET", font) == {"text-size"}


def tile(kind: int, text: bytes, space: Any = None, **resources: Any) -> Any:
    """A pattern T, and the space P of those that are painted in a colour."""
    return lambda pdf: {
        "/Pattern": Dictionary(T=stream(pdf, text, PatternType=1, PaintType=kind, TilingType=1, BBox=[0, 0, 9, 9], XStep=9, YStep=9,
                                        Resources=Dictionary(**{key: value(pdf) for key, value in resources.items()}))),
        "/ColorSpace": Dictionary(P=Array([Name.Pattern, space]) if space else Name.Pattern, S=separation("/Gold")),
    }  # fmt: skip


@pytest.mark.parametrize(("resources", "colour", "found"), [
    (tile(2, b"0 0 4 4 re f", Name.DeviceRGB), "1 0 0", {"colour"}), (tile(2, b"0 0 4 4 re f", Name.DeviceGray), "0", set()),
    (tile(1, b"0 0 4 4 re f"), "", set()), (tile(1, b"0.2 w 0 0 m 9 9 l S"), "", {"stroke-width"}),
    (tile(1, b"36 0 0 36 0 0 cm /I Do", XObject=lambda pdf: Dictionary(I=image(pdf, 8, 1, b"\xaa" * 8))), "", {"image-dpi"}),
])  # fmt: skip
def test_what_tiles_paint_counts(tmp_path: Path, resources: Any, colour: str, found: set[str]) -> None:
    assert codes(tmp_path, f"/P cs {colour} /T scn 300 300 90 90 re f", resources) == found


def test_a_spot_colour_is_there_before_a_tint_is_told(tmp_path: Path) -> None:
    assert codes(tmp_path, "/S cs 300 300 20 20 re f", tile(1, b"")) == {"colour"}


@pytest.mark.parametrize(("text", "found"), [
    ("200 300 100 0.3 re 200 310 100 0.3 re f", {"stroke-width"}),
    ("200 300 m 300 300 l 300 300.3 l 200 300.3 l h 9 9 m f", {"stroke-width"}),
    ("200 300 100 1 re 200 310 100 1 re f", set()), ("200 300 3 0.3 re 200 310 3 0.3 re f", set()),
    ("200 300 100 0.3 re 200 300.3 100 0.3 re 200 300.6 100 0.3 re f", set()),  # slices of what is thicker
    ("200 300 0.3 90 re 300 300 m 340 300 360 320 300 360 c f", {"stroke-width"}),
])  # fmt: skip
def test_lines_that_are_filled(tmp_path: Path, text: str, found: set[str]) -> None:
    text = text.replace("9 9 m f", "400 400 m 430 400 l 430 440 l h f")
    assert codes(tmp_path, text) == found


@pytest.mark.parametrize(("mode", "found"), [(1, {"stroke-width"}), (2, set()), (0, set())])
def test_outlined_words(tmp_path: Path, mode: int, found: set[str]) -> None:
    def font(pdf: pikepdf.Pdf) -> Any:
        described = Dictionary(Type=Name.FontDescriptor, Ascent=700, Descent=-200, FontFile2=stream(pdf, b"x"))
        return {"/Font": Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.F, FontDescriptor=described))}

    assert codes(tmp_path, f"BT 0.2 w {mode} Tr /F 30 Tf 300 300 Td (Cats) Tj ET", font) == found


def scan(pdf: pikepdf.Pdf, **entries: Any) -> Any:
    """Letter at 300 dpi, white with a square."""
    made = Image.new("1", (2550, 3300), 1)
    ImageDraw.Draw(made).rectangle((900, 900, 1200, 1200), fill=0)
    size = {"Width": made.width, "Height": made.height, "BitsPerComponent": 1}
    return stream(pdf, made.tobytes(), Type=Name.XObject, Subtype=Name.Image, **size, **entries)


def named(make: Any) -> Any:
    return lambda pdf: {"/XObject": Dictionary(I=make(pdf))}


def black(pdf: pikepdf.Pdf, mask: Any) -> Any:
    return image(pdf, 8, 8, b"\1" * 64, Mask=mask)


@pytest.mark.parametrize(("make", "matrix", "found"), [
    (lambda pdf: scan(pdf, ColorSpace=Name.DeviceGray), "612 0 0 792 0 0", {"image-dpi"}),  # 300 dpi of 1 bit shows steps
    (lambda pdf: scan(pdf, ColorSpace=Name.DeviceGray), "612 8 -8 792 4 -4", {"image-dpi"}),  # straightened
    (lambda pdf: scan(pdf, ColorSpace=Name.DeviceGray), "612 60 -60 792 -180 -4", {"image-dpi", "gutter"}),
    (lambda pdf: black(pdf, scan(pdf, ImageMask=True)), "612 0 0 792 0 0", {"image-dpi"}),
    (lambda pdf: black(pdf, scan(pdf, ImageMask=True)), "612 0 0 792 -250 0", {"image-dpi", "gutter"}),
    (lambda pdf: black(pdf, Array([1, 1])), "612 0 0 792 0 0", {"image-dpi"}),
    (lambda pdf: black(pdf, Array([2, 9])), "612 0 0 792 0 0", {"image-dpi", "gutter", "margin"}),
    (lambda pdf: image(pdf, 8, 1, b"?", Filter=Name.JBIG2Decode), "612 0 0 792 0 0", {"image", "image-dpi"}),
])  # fmt: skip
def test_where_images_have_ink(tmp_path: Path, make: Any, matrix: str, found: set[str]) -> None:
    assert codes(tmp_path, f"{matrix} cm /I Do", named(make)) == found


def test_a_glyph_that_draws_itself_comes_to_an_end(tmp_path: Path) -> None:
    def own(pdf: pikepdf.Pdf) -> Any:
        made = glyphs(b"1000 0 d0 BT /T 9 Tf (A) Tj ET")(pdf)
        del made["/Font"].T["/Resources"]
        return made

    assert codes(tmp_path, "BT /T 24 Tf 300 300 Td (A) Tj ET", own) == {"text-size"}


@pytest.mark.parametrize(("most", "shape"), [(1 << 26, (668, 668)), (10_000, (100, 100))])
def test_a_slanted_image_takes_no_more_memory_than_a_page_needs(monkeypatch: pytest.MonkeyPatch, most: int, shape: tuple[int, int]) -> None:
    monkeypatch.setattr(painting, "_LAID_MAX", most)
    ink = np.zeros((1, 1000), bool)
    ink[0, 499:501] = True
    laid = painting._laid(ink, (84.9, 84.9, -0.09, 0.09, 0.0, 0.0), (0.0, 0.0, 84.9, 84.9), lambda: None)
    assert laid.shape == shape
    rows, columns = np.nonzero(laid)
    assert rows.size
    assert np.abs(np.concatenate([rows, columns]) - shape[0] / 2).max() <= 2


def test_of_a_slanted_image_only_what_is_painted_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    ink = np.zeros((400, 400), bool)
    ink[200:, :] = True
    slanted = (40.0, 4.0, -4.0, 40.0, 4.0, 0.0)
    assert not painting._laid(ink, slanted, (10.0, 30.0, 30.0, 40.0), lambda: None).any()
    fine = painting._laid(ink, slanted, (10.0, 10.0, 30.0, 15.0), lambda: None)
    assert fine.mean() > 0.5
    monkeypatch.setattr(painting, "_LAID_INK_MAX", ink.sum() // 8)  # of more ink the squares are larger
    coarse = painting._laid(ink, slanted, (10.0, 10.0, 30.0, 15.0), lambda: None)
    assert coarse.mean() > 0.5
    assert np.allclose(np.divide(coarse.shape, fine.shape), 0.12 / 0.4, rtol=0.05)
