"""What a user's type checker sees of linefinish: every public name, used as it is meant, with the
type that comes out. Nothing here runs; `mypy --strict` reads it (make lint), and test_typing.py
reads it once more as a user's own mypy would, without our configuration.
"""
from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Literal, assert_type

import numpy as np

import linefinish
from linefinish import (
    CUBIC,
    LINE,
    OPTIONS,
    PAGES,
    POINTS_PER_UNIT,
    Bitmap,
    Book,
    CoverOrder,
    Curves,
    Document,
    Finding,
    Finished,
    FinishOptions,
    FinishReport,
    Gray,
    ImageError,
    ImageReadError,
    ImageShapeError,
    ImageTooLargeError,
    Imposed,
    InternalError,
    Levels,
    LinefinishError,
    Measures,
    Option,
    OptionsError,
    Order,
    Outline,
    Page,
    PageResult,
    Paths,
    Printer,
    Separation,
    Sheet,
    Straightened,
    Stroke,
    Strokes,
    UnknownFormatError,
    UnreadableError,
    Verdict,
    WriteError,
    __version__,
    ai_statements,
    bind_pages,
    check,
    close_gaps,
    compare,
    compose,
    crop_page,
    despeckle,
    doubts,
    find_sheet,
    find_strokes,
    finish,
    finish_many,
    fit,
    flatten,
    hollow,
    impose,
    measure,
    outline,
    picture_page,
    rasterize,
    read_gray,
    read_printers,
    separate,
    straightened,
    thicken,
    threshold,
    trace,
    verify,
    write,
)

Pair = tuple[float, float]


def the_main_path(path: Path, stream: io.BytesIO, told: Callable[[str], None]) -> None:
    assert_type(__version__, str)
    options = FinishOptions(speckle_area_px_max=9, threshold="sauvola", threshold_window_px=31, threads=2)
    finished = finish(read_gray(path, megapixels_max=100), options, on_step=told)
    assert_type(finished, Finished)
    assert_type(finished.curves, Curves)
    assert_type(finished.bitmap, Bitmap)
    assert_type(finished.report, FinishReport)
    assert_type(doubts(None, finished.bitmap, measure(finished.bitmap)), tuple[str, ...])
    for source in ("scan.png", path, b"\x89PNG", stream, np.zeros((2, 3), np.uint8)):
        assert_type(finish(source), Finished)
        assert_type(read_gray(source), Gray)
    finished.write("drawing.svg")
    finished.write(path, page=Page("letter", bleed="0.125in"), dpi=600)
    finished.write(stream, format="pdf", width_pt=72.0, height_pt=36.0, pdf_image=True)
    Finished(finished.curves, finished.bitmap, finished.report)


def centre_lines(path: Path) -> None:
    options = FinishOptions(centerline=True, stroke_width="measured", stroke_fills=4.0, stroke_join="trails")
    strokes = finish(path, options).strokes
    assert_type(strokes, Strokes | None)
    if strokes is not None:
        assert_type([stroke.width_median for stroke in strokes], list[float])
        assert_type(strokes.stroke(0), Stroke)
        assert_type(strokes.to_svg_path(), str)
        assert_type(strokes.fills, Curves | None)
    finished = finish(path)
    assert_type(find_strokes(finished.bitmap, finished.curves, stroke_width_max_px=12.0), Strokes)
    finish(path, options).write("drawing.gcode")


def options() -> None:
    made = FinishOptions.from_mapping({"turdsize": 9, "threshold": "otsu"})
    assert_type(made, FinishOptions)
    assert_type(made.to_mapping(), dict[str, Any])
    assert_type(made.threshold, Literal["auto", "otsu", "sauvola", "wolf", "nick", "bradley", "fixed"])
    assert_type(made.threshold_level, int)
    assert_type(made.threshold_window_px, int | None)
    assert_type(made.threshold_k, float | None)
    assert_type(made.background, Literal["auto", "on", "off"])
    assert_type(made.speckle_area_px_max, float | None)
    assert_type(made.pinhole_area_px_max, float | None)
    assert_type(made.gap_length_px_max, float)
    assert_type(made.stroke_width_px_min, float)
    assert_type(made.hollow_area_px_min, float)
    assert_type(made.hollow_line_px, float | None)
    assert_type(made.turn_policy, Literal["grey", "minority", "majority", "black", "white", "left", "right"])
    assert_type(made.fit_error_px_max, float | None)
    assert_type(made.corner_sharpness, float)
    assert_type(made.threads, int)
    assert_type(made.megapixels_max, float)
    assert_type(made == FinishOptions(), bool)


def pixels(array: np.ndarray) -> None:
    gray = Gray.from_array(array, dpi=(300.0, 300.0))
    assert_type(gray, Gray)
    assert_type((gray.width, gray.height), tuple[int, int])
    assert_type(gray.dpi, Pair | None)
    Gray(2, 1, b"\x00\xff")
    np.asarray(gray)

    bitmap = Bitmap.from_array(array > 0)
    assert_type(bitmap, Bitmap)
    assert_type(Bitmap.blank(8, 6), Bitmap)
    assert_type((bitmap.width, bitmap.height, bitmap.stride), tuple[int, int, int])
    assert_type(bitmap.words, memoryview)
    assert_type(bitmap.ink_count(), int)
    Bitmap(2, 1, bitmap.words)
    np.asarray(bitmap)


def thresholds(gray: Gray, array: np.ndarray) -> None:
    assert_type(threshold(gray), Bitmap)
    assert_type(threshold(array, "fixed", level=100), Bitmap)
    found = separate(gray, "wolf", window_px=41, k=0.5, background="off")
    assert_type(found, Separation)
    assert_type(found.bitmap, Bitmap)
    assert_type(found.gray, Gray)
    assert_type(found.levels, Levels)
    assert_type((found.method, found.reason), tuple[str, str])
    assert_type((found.ink, found.paper), tuple[int, int])
    assert_type(Levels.constant(127), Levels)
    assert_type(Levels(16, 1, 1, b"\x7f").cell_px, int)
    Separation(found.bitmap, found.gray, found.levels, found.method, found.reason, found.ink, found.paper)


def cleaning(bitmap: Bitmap, array: np.ndarray, grays: Separation) -> None:
    assert_type(despeckle(bitmap), Bitmap)
    assert_type(despeckle(array, speckle_area_px_max=4, pinhole_area_px_max=2.5, greys=grays), Bitmap)
    assert_type(close_gaps(bitmap, gap_length_px_max=8), Bitmap)
    assert_type(thicken(bitmap, stroke_width_px_min=3), Bitmap)
    assert_type(hollow(bitmap, hollow_area_px_min=800, hollow_line_px=3), Bitmap)


def measuring(bitmap: Bitmap) -> None:
    found = measure(bitmap)
    assert_type(found, Measures)
    assert_type((found.ink_coverage, found.stroke_width_median_px, found.stroke_width_min_px), tuple[float, float, float])
    assert_type((found.parts, found.regions), tuple[int, int])
    assert_type(found.region_area_min_px, float)


def outlines(bitmap: Bitmap, gray: Gray, levels: Levels) -> None:
    paths = trace(bitmap, gray, levels, turn_policy="black", threads=2)
    assert_type(paths, Paths)
    assert_type(trace(bitmap), Paths)
    assert_type(trace(bitmap, gray, 127), Paths)
    assert_type(len(paths), int)
    assert_type((paths.points, paths.offsets, paths.signs), tuple[memoryview[float], memoryview[int], memoryview[int]])
    assert_type(paths.grey, bool)
    points: np.ndarray = paths.points_array()
    offsets: np.ndarray = paths.offsets_array()

    curves = fit(paths, error_px_max=0.3, corner_sharpness=1.5, threads=2)
    assert_type(curves, Curves)
    assert_type(outline(bitmap, gray, levels, turn_policy="grey", error_px_max=0.3, corner_sharpness=1.5, threads=2), Curves)
    assert_type(Curves.empty(3, 4), Curves)
    assert_type(curves.segment_count, int)
    assert_type((curves.segments, curves.kinds, curves.offsets), tuple[memoryview[float], memoryview[int], memoryview[int]])
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray] = (curves.segments_array(), curves.kinds_array(), curves.offsets_array())
    Curves(curves.width, curves.height, curves.segments, curves.kinds, curves.offsets)
    Paths(paths.width, paths.height, paths.points, paths.offsets, paths.signs, grey=True)
    print(points, offsets, arrays)


def documents(curves: Curves) -> None:
    page = Page("9x12in", margin="0.5in", trim="letter", bleed="0.125in 0.125in 0.125in 0", fit="width")
    assert_type((page.page, page.margin, page.bleed), tuple[str, str, str])
    assert_type(page.fit, Literal["contain", "width", "height", "none"])
    assert_type(page.trim, str | None)
    document = compose(curves, page, dpi=(600.0, 300.0), image_dpi=(204.0, 98.0), width_pt=72, height_pt=36)
    assert_type(document, Document)
    assert_type(compose(curves), Document)
    assert_type(document.page_pt, Pair)
    assert_type(document.drawing_pt, tuple[float, float, float, float])
    assert_type(document.dpi, Pair | None)
    assert_type(document.physical, bool)
    assert_type(document.trim_pt, tuple[float, float, float, float] | None)
    assert_type((document.segment_count, len(document), document.fills_page), tuple[int, int, bool])
    assert_type(rasterize(curves, width=300), Bitmap)
    assert_type(rasterize(document, dpi=300, fill_rule="evenodd"), Bitmap)


def files(document: Document, bitmap: Bitmap, path: os.PathLike[str], stream: io.BytesIO) -> None:
    write(document, "drawing.svg")
    write(document, path, "pdf", pdf_image=True)
    write(bitmap, stream, format="png", dpi=300)
    verdict = verify(path)
    assert_type(verdict, Verdict)
    assert_type(verify(b"P4\n1 1\n\0"), Verdict)
    assert_type(verify(stream), Verdict)
    assert_type((verdict.path, verdict.format, verdict.problem, verdict.detail), tuple[str, str, str, str])
    assert_type((verdict.is_one_bit, verdict.is_damaged), tuple[bool, bool])
    assert_type(verdict.where, tuple[Any, ...] | None)
    assert_type((verdict.page, verdict.width, verdict.height), tuple[int | None, int | None, int | None])
    assert_type(verdict.dpi, Pair | None)
    assert_type((verdict.word, verdict.line()), tuple[str, str])
    assert_type(verdict.to_mapping(), dict[str, Any])


def report(found: FinishReport) -> None:
    assert_type((found.width, found.height, found.parts, found.regions), tuple[int, int, int, int])
    assert_type((found.curve_count, found.segment_count, found.gaps_closed), tuple[int, int, int])
    assert_type((found.threshold_level_min, found.threshold_level_max), tuple[int, int])
    assert_type((found.specks_removed, found.pinholes_filled), tuple[int, int])
    assert_type((found.ink_coverage, found.region_area_min_px), tuple[float, float])
    assert_type(found.dpi, Pair | None)
    assert_type(found.bilevel_input, bool)
    assert_type((found.threshold_method, found.threshold_reason, found.version), tuple[str, str, str])
    assert_type(found.seconds, dict[str, float])
    assert_type(found.options, dict[str, Any])
    assert_type(found.warnings, tuple[str, ...])
    assert_type(found.to_mapping(), dict[str, Any])
    assert_type(found.lines(), list[str])


def batches(folder: Path, executor: Executor) -> None:
    order = Order({"speckle_area_px_max": 9}, page=Page("a4"), dpi=600, width_pt=None, height_pt=None, pdf_image=True)
    results = finish_many([folder, "more"], folder / "done", order, ("svg", "png"), executor=executor, recursive=True)
    assert_type(results, Generator[PageResult, None, None])
    for result in finish_many([folder], "done", FinishOptions(), jobs=2, force=True):
        assert_type(result, PageResult)
        assert_type((result.source, result.status), tuple[str, str])
        assert_type(result.outputs, tuple[str, ...])
        assert_type(result.error, str | None)
        assert_type(result.report, dict[str, Any] | None)
        assert_type(result.to_mapping(), dict[str, Any])
    assert_type(compare(folder / "a.png", "compare.png", order), Finished)


def verbs(curves: Curves, paths: Paths, path: Path) -> None:
    for shape in (curves, paths):
        assert_type(list(shape), list[Outline])
        assert_type(shape.outlines(), list[Outline])
        assert_type(shape.area, float)
        assert_type(shape.bounds, tuple[float, float, float, float] | None)
        assert_type(shape.to_svg_path(decimals=3), str)
        assert_type(shape.__geo_interface__, dict[str, Any])
    outline = curves.outlines()[0]
    assert_type((outline.index, outline.sign, outline.depth, outline.area), tuple[int, int, int, float])
    assert_type((outline.holder, outline.curves), tuple[Outline | None, Curves])
    for matrix in ((1, 0, 0, 1, 2.5, 0), [[1, 0, 0], [0, 1, 0]], np.eye(3)):
        assert_type(curves.transform(matrix, width=9, height=9), Curves)
        assert_type(paths.transform(matrix), Paths)
    assert_type(curves.to_polygons(0.1), Paths)
    assert_type(paths.to_curves(), Curves)
    assert_type(curves.segments, memoryview[float])
    assert_type(paths.signs, memoryview[int])
    assert_type(Curves.from_arrays(9, 9, np.zeros((2, 3, 2)), [LINE, CUBIC], [0, 2]), Curves)
    assert_type(Paths.from_arrays(9, 9, [(0, 0), (1, 0), (1, 1)], [0, 3]), Paths)
    for source in ("M0 0h9v9z", path, b"<svg/>", io.BytesIO()):
        assert_type(Curves.from_svg(source, width=9), Curves)
    assert_type(OPTIONS, tuple[Option, ...])
    assert_type(PAGES["letter"], tuple[float, float])
    assert_type(POINTS_PER_UNIT["mm"], float)


def errors() -> None:
    try:
        finish("scan.png")
    except ImageTooLargeError as error:
        assert_type((error.megapixels, error.megapixels_max), tuple[float, float])
    except (ImageReadError, ImageShapeError, ImageError, OptionsError) as error:
        problem: ValueError = error
        print(problem)
    except UnknownFormatError as error:
        failed: WriteError = error
        print(failed)
    except InternalError as error:
        ours: LinefinishError = error
        print(ours)
    raise LinefinishError("in one sentence")


def by_the_package() -> None:
    assert_type(linefinish.finish(linefinish.read_gray("scan.png")), linefinish.Finished)


def books(folder: Path) -> None:
    book = Book("pages", printer="kdp", title="Cats", cover=CoverOrder(spine_text=""))
    assert_type(book.check(), list[Finding])
    assert_type(book.write(folder, strict=True).ready, bool)
    assert_type(Finding("warn", "page-count", "few").line(), str)
    assert_type(check("interior.pdf", "cover.pdf", printer="lulu", trim="8.5x11"), list[Finding])
    assert_type(read_printers()["kdp"], Printer)
    assert_type(ai_statements(["ai", "hand"]), dict[str, str])
    assert_type(picture_page(book, 1, 420), bytes)
    bind_pages([folder / "page.pdf"], folder / "book.pdf")
    crop_page("page.pdf", folder / "cropped.pdf", 27.0, to_ink=True)


def sheets(folder: Path) -> None:
    assert_type(impose("interior.pdf", folder / "home.pdf", booklet=True, paper="letter", creep="0.1mm"), Imposed)
    done = impose([folder / "a.pdf", "b.svg"], "-", n_up=4, cut_marks=True, margin="0.25in", without_blanks=True)
    assert_type((done.pages, done.blanks, done.sides, done.sheets), tuple[int, int, int, int])
    assert_type((done.signatures, done.sheet_pt, done.scale), tuple[tuple[int, ...], tuple[float, float], float])
    assert_type(done.notes, tuple[str, ...])


def photographs() -> None:
    found = find_sheet("photo.jpg", focal_mm=26.0)
    assert_type(found, Sheet | None)
    made = straightened("photo.jpg", read_gray("photo.jpg"), FinishOptions(sheet="auto"))
    assert_type(made, Straightened)
    assert_type((made.gray, made.facts, made.warnings), tuple[Gray, dict[str, Any], tuple[str, ...]])
    given = Sheet(corners=((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)))
    assert_type(flatten(read_gray("photo.jpg"), found or given), Gray)
    assert_type((given.aspect, given.size_mm, given.warnings), tuple[float, tuple[float, float] | None, tuple[str, ...]])


def a_pdf_that_is_none() -> None:
    try:
        check("interior.pdf")
    except UnreadableError as error:
        ours: ImageReadError = error
        print(ours)
