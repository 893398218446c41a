"""One drawing in, its files out: sizes on paper, formats, and places that are refused before any
work.
"""
from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish import Curves, FinishOptions, Gray, OptionsError, Order, Page, UnknownFormatError, WriteError, finish, verify
from linefinish.command.arguments import parse
from linefinish.command.finish import COMMAND, run
from linefinish.delivering import Target, check_order, check_place, check_targets, deliver, format_of
from linefinish.errors import ImageTooLargeError
from linefinish.lengths import Length

GRAY = Gray.from_array(np.full((300, 200), 255, np.uint8), dpi=(100.0, 100.0))
NO_DPI = Gray.from_array(np.full((300, 200), 255, np.uint8))


# --- what is ordered
# ------------------------------------------------------------


@given(st.floats(0.01, 50), st.sampled_from(["pt", "mm", "cm", "in"]), st.floats(30, 1200))
def test_lengths_on_paper_become_pixels_by_the_images_own_resolution(value: float, unit: str, dpi: float) -> None:
    gray = Gray(200, 300, GRAY.data, (dpi, dpi))
    inches = value * {"pt": 1 / 72, "mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1}[unit]
    pixels = min(inches * dpi, 1000)
    if inches * dpi > 1000:
        with pytest.raises(OptionsError, match="gap_length_px_max"):
            Order({"gap_length_px_max": Length(value, unit)}).options_for(gray)
        return
    assert Order({"gap_length_px_max": Length(value, unit)}).options_for(gray).gap_length_px_max == pytest.approx(pixels)
    area = Order({"speckle_area_px_max": Length(value, unit, 2)}).options_for(gray).speckle_area_px_max
    assert area == pytest.approx((inches * dpi) ** 2 / value)


@pytest.mark.parametrize(
    ("order", "px_per_inch"),
    [
        (Order(dpi=150), 100.0),  # what the file states goes before what bitmaps are drawn at
        (Order(width_pt=72.0), 200.0),
        (Order(height_pt=72.0), 300.0),
        (Order(width_pt=144.0, height_pt=144.0), 150.0),  # 300 px in 2 in: the height decides
        (Order(page=Page("4x3in")), 100.0),
        (Order(page=Page("4x4in", margin="0.5in")), 100.0),
        (Order(page=Page("2x9in", fit="width")), 100.0),
        (Order(page=Page("9x9in", fit="none")), 100.0),
    ],
)
def test_the_scale_is_that_of_the_drawing_on_its_page(order: Order, px_per_inch: float) -> None:
    asked = Order({"gap_length_px_max": Length(0.1, "in")}, order.page, order.dpi, order.width_pt, order.height_pt)
    assert asked.options_for(GRAY).gap_length_px_max == pytest.approx(0.1 * px_per_inch)


def test_pixels_need_no_scale_and_lengths_on_paper_do() -> None:
    assert Order({"gap_length_px_max": Length(3, "px"), "threshold": "otsu"}).options_for(NO_DPI) == FinishOptions(
        gap_length_px_max=3, threshold="otsu")  # fmt: skip
    with pytest.raises(OptionsError, match=r"0\.1in needs the size of the drawing"):
        Order({"gap_length_px_max": Length(0.1, "in")}).options_for(NO_DPI)
    assert Order({"gap_length_px_max": Length(0.1, "in")}, dpi=150).options_for(NO_DPI).gap_length_px_max == pytest.approx(15)
    assert Order().options_for(NO_DPI) == FinishOptions()


def test_a_window_is_a_whole_number_of_pixels() -> None:
    asked = Order({"threshold_window_px": Length(0.256, "in"), "threshold": "sauvola"})
    assert asked.options_for(GRAY).threshold_window_px == 26


def test_composing_takes_all_that_was_ordered() -> None:
    order = Order(page=Page("3x2in", trim="2x1in", bleed="0.1in"), dpi=150)
    document = order.compose(Curves.empty(20, 10), (100.0, 100.0))
    assert (document.page_pt, document.dpi, document.trim_pt) == ((216.0, 144.0), (150.0, 150.0), (36.0, 36.0, 180.0, 108.0))
    assert Order(width_pt=36.0).compose(Curves.empty(20, 10), None).page_pt == (36.0, 18.0)


def test_orders_are_values_and_can_be_sent() -> None:
    order = Order({"threads": 2}, Page("a4"), 300.0)
    assert pickle.loads(pickle.dumps(order)) == order != Order({"threads": 1}, Page("a4"), 300.0)


# --- delivering
# ------------------------------------------------------------


def test_all_files_are_of_the_same_curves(page: Path, tmp_path: Path) -> None:
    told: list[str] = []
    targets = tuple(Target(str(tmp_path / f"a.{suffix}")) for suffix in ("svg", "pdf", "png"))
    report = deliver(page, targets, Order({"speckle_area_px_max": 4}, dpi=200), on_step=told.append)
    assert told == list(report.seconds) == ["read", "threshold", "clean", "measure", "trace", "fit", "write"]
    assert report.options["speckle_area_px_max"] == 4
    alone = finish(page, FinishOptions(speckle_area_px_max=4))
    for target in targets:
        alone.write(tmp_path / f"b{Path(target.path).suffix}", dpi=200)
        assert Path(target.path).read_bytes() == (tmp_path / f"b{Path(target.path).suffix}").read_bytes()
        assert verify(target.path).is_one_bit


def test_a_pdf_of_an_image_is_asked_of_the_pdf_alone(page: Path, tmp_path: Path) -> None:
    targets = tuple(Target(str(tmp_path / name), form) for name, form in (("a.pdf", None), ("b", "PDF"), ("a.svg", None), ("a.png", None)))
    deliver(page, targets, Order(pdf_image=True))
    for name in ("a.pdf", "b"):
        assert b"/Subtype /Image" in (tmp_path / name).read_bytes()
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<svg")


def test_standard_output(page: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    deliver(page, (Target("-", "pbm"),), Order())
    assert capfdbinary.readouterr().out.startswith(b"P4\n240 180\n")


def test_the_limit_of_megapixels_holds_before_anything_is_read(page: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageTooLargeError):
        deliver(page, (Target(str(tmp_path / "a.svg")),), Order({"megapixels_max": 0.01}))
    assert not (tmp_path / "a.svg").exists()


# --- formats and places
# ------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target("a.svg"), "svg"),
        (Target("a.TIFF"), "tiff"),
        (Target("a.b.tif"), "tif"),
        (Target("-", "PDF"), "pdf"),
        (Target("a.svg", ".eps"), "eps"),
    ],
)
def test_the_format_is_what_was_said_or_the_suffix(target: Target, name: str) -> None:
    assert format_of(target) == name


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("a.jpg"), "the suffix of a.jpg names no format; linefinish writes svg, "),
        (Target("a"), "the suffix of a names no format"),
        (Target("-"), "the suffix of - names no format"),
        (Target("a.svg", "docx"), "there is no format docx; linefinish writes svg, "),
    ],
)
def test_a_format_that_is_not_written(target: Target, words: str) -> None:
    with pytest.raises(UnknownFormatError) as caught:
        format_of(target)
    assert str(caught.value).startswith(words)


def test_places_that_are_refused(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "link.png").symlink_to(page)
    for path, error, words in (
        (tmp_path / "nowhere" / "a.svg", WriteError, "nowhere does not exist"),
        (tmp_path / "folder.svg", WriteError, "it is a folder"),
        (page, OptionsError, "is the input itself; give another name with -o"),
        (tmp_path / "link.png", OptionsError, "is the input itself"),
    ):
        with pytest.raises(error, match=words):
            check_place(str(page), str(path))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(WriteError, match="is read-only"):
        check_place(str(page), str(tmp_path / "a.svg"))


def test_places_that_are_fine(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.svg").write_text("old")
    monkeypatch.chdir(tmp_path)
    for path in ("-", "a.svg", "old.svg", str(tmp_path / "a.svg")):
        check_place(str(page), path)
        check_place("-", path)
    check_place("missing.png", "missing.png")  # there is no such input: reading says so
    assert (tmp_path / "old.svg").read_text() == "old"


def test_every_target_is_checked_before_any_work(page: Path, tmp_path: Path) -> None:
    good = Target(str(tmp_path / "a.svg"))
    check_targets(str(page), (good, Target("-", "png")))
    for bad in (Target(str(tmp_path / "a.jpg")), Target(str(page)), Target(str(tmp_path / "x" / "a.svg"))):
        with pytest.raises((UnknownFormatError, WriteError, OptionsError)):
            check_targets(str(page), (good, bad))
    assert not (tmp_path / "a.svg").exists()


def test_a_source_of_bytes_or_a_stream_will_do(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("L", (20, 10), 255).save(stream, "PNG")
    sources: list[Any] = [stream.getvalue(), io.BytesIO(stream.getvalue()), np.full((10, 20), 255, np.uint8)]
    for source in sources:
        report = deliver(source, (Target(str(tmp_path / "a.svg")),), Order())
        assert (report.width, report.height, report.warnings) == (20, 10, ("the page has no ink: the drawing is empty",))


@pytest.mark.parametrize("words", [["--sheet-size", "a4"], ["--sheet-focal", "26"], ["--sheet-keep"], ["--sheet-keep", "--deskew", "auto"]])
def test_what_is_asked_of_a_sheet_that_is_not_cut_out_is_refused(words: list[str], page: Path) -> None:
    with pytest.raises(OptionsError, match=f"{words[0]} is for a sheet; add --sheet auto"):
        run(*parse(COMMAND, [str(page), "-o", "a.svg", *words]))
    check_order((Target("a.svg"),), Order({"sheet": "auto", "sheet_size": "A4", "sheet_keep": True}))
    check_order((Target("a.svg"),), Order({"sheet_size": "Auto", "sheet_keep": False}))
