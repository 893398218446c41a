"""The golden files of the writers, judged by programs that are not ours: each is valid by its own
format's tools, 1-bit, and shows the drawing at its place on the sheet.

What it should show is the case's input as resvg draws it, put on the sheet by numbers that are
worked out here by hand; nothing of linefinish has a part in that.
"""
from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import linefinish
from linefinish.writers import WRITERS
from tests.golden.harness import Case, cases
from tests.golden.renderers import shown
from tests.linefinish.writers.tools import run

CASES = [case for case in cases() if case.step == "write"]
VECTORS = [case for case in CASES if case.feature in ("svg", "pdf", "eps", "dxf")]
BITMAPS = [case for case in CASES if case.feature in ("png", "tiff", "pbm")]

# What the options say, in points. The trim of 2.5 × 2 in lies in the middle of the sheet of 3.5 ×
# 3 in; the bleed adds 9 points at its top, right and bottom. The drawing, 84 × 80 pixels, is as
# wide as both, 189 points, so a pixel is 2.25 points, and it lies in the middle of 27 … 189.
SHEET = (252, 216)
LEFT, TOP, SCALE = 36, 108 - 80 * 2.25 / 2, 2.25
BITMAP = (350, 300)  # at 100 dpi
ENLARGED = 12  # pixels a point in which vector formats are compared
# Pixels of a bitmap are compared at their centres, in the middle of so many of resvg's.
SAMPLES = 15
# How near to an edge two programs may disagree, in those small pixels: 1/6 point or 0.07 px of the
# drawing. Coordinates are rounded by up to 1/32 px, DXF's polylines stray by as much again, and
# Poppler and Ghostscript paint every pixel that a shape touches.
NEAR = 2


def expected_ink(case: Case, width: int, height: int) -> Any:
    """The case's input on its sheet, drawn by resvg in so many pixels."""
    (path,) = re.findall(r'd="([^"]*)"', case.source.read_text())
    place = f'<g transform="translate({LEFT} {TOP}) scale({SCALE})"><path d="{path}"/></g>'
    size = f'width="{width}" height="{height}" viewBox="0 0 {SHEET[0]} {SHEET[1]}"'
    return shown(f'<svg xmlns="http://www.w3.org/2000/svg" {size} shape-rendering="crispEdges">{place}</svg>'.encode(), ".svg")


def near_an_edge(ink: Any) -> Any:
    """Where the pixels up to NEAR away do not all agree."""
    square = np.ones((2 * NEAR + 1, 2 * NEAR + 1), bool)
    return ~ndimage.binary_erosion(ink, square, border_value=1) & ndimage.binary_dilation(ink, square)


def ids(case: Case) -> str:
    return case.feature


def test_every_writer_has_a_case_and_all_draw_one_drawing_on_one_sheet() -> None:
    # GeoJSON has neither a page nor colours; writers/test_geojson.py looks at it. The last three
    # hold strokes, not outlines.
    assert {case.feature for case in CASES} == {*WRITERS.values(), "pdf-image"} - {"geojson", "hpgl", "gcode", "strokes_json"}
    assert len({case.source.read_bytes() for case in CASES}) == 1
    assert [case.options() for case in CASES if "pdf_image" not in case.options()] == [CASES[0].options()] * 7
    assert CASES[0].options()["trim"] and CASES[0].options()["bleed"]


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_it_is_one_bit(case: Case) -> None:
    verdict = linefinish.verify(case.expected)
    assert verdict.is_one_bit, verdict.line()
    assert verdict.format == case.feature.partition("-")[0].upper()


@pytest.mark.parametrize("case", VECTORS, ids=ids)
def test_a_vector_format_shows_the_drawing(case: Case) -> None:
    theirs = shown(case.expected.read_bytes(), case.expected.suffix, ENLARGED)
    wanted = expected_ink(case, SHEET[0] * ENLARGED, SHEET[1] * ENLARGED)
    assert theirs.shape == wanted.shape
    assert not ((theirs != wanted) & ~near_an_edge(wanted)).any()
    assert 0.2 < wanted.mean() < 0.4


@pytest.mark.parametrize("case", BITMAPS, ids=ids)
def test_a_bitmap_shows_the_drawing(case: Case) -> None:
    theirs = shown(case.expected.read_bytes(), case.expected.suffix)
    assert theirs.shape == BITMAP[::-1]
    wanted = expected_ink(case, BITMAP[0] * SAMPLES, BITMAP[1] * SAMPLES)
    middle = slice(SAMPLES // 2, None, SAMPLES)
    near = near_an_edge(wanted)[middle, middle]
    assert not ((theirs != wanted[middle, middle]) & ~near).any()
    assert near.mean() < 0.02


def test_the_three_bitmaps_and_the_pdf_of_one_are_the_same_pixels(tmp_path: Path) -> None:
    wanted = shown(BITMAPS[0].expected.read_bytes(), BITMAPS[0].expected.suffix)
    for case in BITMAPS:
        np.testing.assert_array_equal(shown(case.expected.read_bytes(), case.expected.suffix), wanted)
    (case,) = [case for case in CASES if case.feature == "pdf-image"]
    run("pdfimages", case.expected, tmp_path / "image")
    (image,) = tmp_path.iterdir()
    np.testing.assert_array_equal(shown(image.read_bytes(), ".pbm"), wanted)


@pytest.mark.parametrize("feature", ["pdf", "pdf-image"])
def test_pdf_by_qpdf_and_its_boxes_by_poppler(feature: str) -> None:
    (case,) = [case for case in CASES if case.feature == feature]
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", case.expected)
    told = run("pdfinfo", "-box", case.expected)
    boxes = {name: [float(word) for word in numbers.split()] for name, numbers in re.findall(r"(\w+Box): +([\d. ]+)", told)}
    assert boxes["MediaBox"] == [0, 0, 252, 216]
    assert boxes["TrimBox"] == [36, 36, 216, 180]
    assert boxes["BleedBox"] == [36, 27, 225, 189]


def test_eps_by_ghostscript_inks_only_the_sheet() -> None:
    """The band would run 54 points farther to the right."""
    (case,) = [case for case in CASES if case.feature == "eps"]
    told = run("gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=bbox", case.expected)
    left, _, right, _ = (float(word) for word in told.rpartition("%%HiResBoundingBox:")[2].split())
    assert left == pytest.approx(LEFT + (34 - 29.3) * SCALE, abs=0.1)
    assert right == pytest.approx(252, abs=0.1)
    assert "%%HiResBoundingBox: 0 0 252 216\n" in case.expected.read_text()


def test_svg_states_the_sheet() -> None:
    (case,) = [case for case in CASES if case.feature == "svg"]
    assert '<svg xmlns="http://www.w3.org/2000/svg" width="3.5in" height="3in" viewBox="-16 -8 112 96">' in case.expected.read_text()


def test_dxf_by_ezdxf() -> None:
    import ezdxf

    (case,) = [case for case in CASES if case.feature == "dxf"]
    drawing = ezdxf.read(io.StringIO(case.expected.read_text()))  # type: ignore[attr-defined]
    audit = drawing.audit()
    assert (audit.errors, audit.fixes) == ([], [])
    assert drawing.header["$EXTMAX"][:2] == (88.9, 76.2)
    assert drawing.header["$INSUNITS"] == 4  # millimetres
    assert {entity.dxftype() for entity in drawing.modelspace()} == {"LWPOLYLINE"}
    assert len(drawing.modelspace()) == 8


def test_png_by_pngcheck() -> None:
    (case,) = [case for case in CASES if case.feature == "png"]
    told = run("pngcheck", "-v", case.expected)
    assert "No errors detected" in told and "350 x 300 image, 1-bit grayscale" in told and "3937x3937 pixels/meter" in told


def test_tiff_by_libtiff() -> None:
    (case,) = [case for case in CASES if case.feature == "tiff"]
    told = run("tiffinfo", "-D", case.expected)
    assert "Image Width: 350 Image Length: 300" in told and "Resolution: 100, 100 pixels/inch" in told and "CCITT Group 4" in told
    assert "warning" not in told.lower()


def test_pbm_is_raw() -> None:
    (case,) = [case for case in CASES if case.feature == "pbm"]
    assert case.expected.read_bytes().startswith(b"P4\n350 300\n")
    with Image.open(case.expected) as image:
        assert image.mode == "1"
