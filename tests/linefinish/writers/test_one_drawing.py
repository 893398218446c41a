"""Every format shows the same drawing, by renderers that are not ours.

A renderer is asked for an enlargement by an odd factor; the middle of each enlarged pixel is the
centre of ours, so what the renderer paints there is its answer to the question that `rasterize`
answers. Its own flatness and rounding, a fraction of one enlarged pixel, shrink by the factor. (At
1:1 resvg without anti-aliasing bends cubics by up to 0.3 px; its polygons are compared at 1:1 too.)
"""
from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from hypothesis import given, settings
from PIL import Image

from linefinish.data.document import Document, Page, compose
from linefinish.data.geometry import Curves
from linefinish.rasterizing import rasterize
from linefinish.writers import encode, write
from tests.linefinish.drawings import circle, curves, drawings, flower, polygon
from tests.linefinish.writers.tools import run
from tests.oracles.winding import edge_distance

ENLARGED = 61
# What the issue asks of the SVG; resvg's 0.3 px divided by 61 is 0.005.
SVG_MARGIN_PX = 0.01
# At 1:1, its lines: it rounds their ends to 1/64 px each way, and where each crosses its first row
# to 1/64 px again; then it adds up a slope. 0.0258 px is the most that was seen.
RESVG_LINE_PX = 1 / 64 + math.hypot(1 / 128, 1 / 128)
# Poppler and Ghostscript paint every pixel that a shape touches: up to one enlarged pixel, its
# diagonal, and their flatness.
PRINT_MARGIN_PX = 0.03
PAGES = {"flower": flower(), "rings": curves(52, 40, [circle(20, 20, 15.3), circle(20, 20, 11.8, hole=True), circle(36, 18, 9.1)])}

Image.MAX_IMAGE_PIXELS = None


def by_resvg(document: Document, width: int) -> np.ndarray:
    svg = b"".join(map(bytes, encode(document, "svg"))).decode().replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)
    with Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, dpi=96)))) as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert set(np.unique(pixels[..., 3])) <= {0, 255} and not pixels[..., :3][pixels[..., 3] > 0].any()
    return pixels[..., 3] > 0


def middles(enlarged: np.ndarray) -> np.ndarray:
    return enlarged[ENLARGED // 2 :: ENLARGED, ENLARGED // 2 :: ENLARGED]


def farthest(document: Document, ours: np.ndarray, theirs: np.ndarray) -> float:
    """How far from an edge two bitmaps of the same size differ, in pixels."""
    assert ours.shape == theirs.shape
    height, width = ours.shape
    return float(edge_distance(document, width, height, np.argwhere(ours != theirs)).max(initial=0.0))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scale", [0.75, 1])
def test_svg_by_resvg(name: str, scale: float) -> None:
    document = compose(PAGES[name])
    ours = np.asarray(rasterize(document, width=round(document.width * scale)))
    theirs = middles(by_resvg(document, ours.shape[1] * ENLARGED))
    assert farthest(document, ours, theirs) < SVG_MARGIN_PX


@settings(max_examples=60, deadline=None)
@given(drawings(lines_only=True))
def test_svg_polygons_by_resvg_at_one_to_one(drawing: Curves) -> None:
    document = compose(drawing)
    assert farthest(document, np.asarray(rasterize(document)), by_resvg(document, document.width)) < RESVG_LINE_PX


def test_svg_on_a_page_by_resvg() -> None:
    document = compose(flower(), Page("60x70px", margin="5px 10px"), dpi=96)
    ours = np.asarray(rasterize(document))
    assert ours.shape == (70, 60)
    theirs = middles(by_resvg(document, 60 * ENLARGED))
    assert (ours != theirs).sum() <= 2, "two centres of this picture lie within 0.01 px of an edge"


@pytest.mark.parametrize("name", PAGES)
def test_pdf_by_poppler(name: str, tmp_path: Path) -> None:
    document = compose(PAGES[name])
    write(document, tmp_path / "page.pdf")
    run("pdftoppm", "-mono", "-r", str(96 * ENLARGED), tmp_path / "page.pdf", tmp_path / "page")
    with Image.open(tmp_path / "page-1.pbm") as image:
        theirs = middles(~np.asarray(image))
    assert farthest(document, np.asarray(rasterize(document)), theirs) < PRINT_MARGIN_PX


@pytest.mark.parametrize("name", PAGES)
def test_eps_by_ghostscript(name: str, tmp_path: Path) -> None:
    document = compose(PAGES[name])
    write(document, tmp_path / "page.eps")
    run("gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pbmraw", f"-r{96 * ENLARGED}", "-dEPSCrop",
        f"-sOutputFile={tmp_path / 'page.pbm'}", tmp_path / "page.eps")  # fmt: skip
    with Image.open(tmp_path / "page.pbm") as image:
        theirs = middles(~np.asarray(image))
    assert farthest(document, np.asarray(rasterize(document)), theirs) < PRINT_MARGIN_PX


@pytest.mark.parametrize("suffix", ["png", "tiff", "pbm"])
@pytest.mark.parametrize("name", PAGES)
def test_bitmaps_are_the_scan_conversion(name: str, suffix: str, tmp_path: Path) -> None:
    for document in (compose(PAGES[name]), compose(PAGES[name], Page("50x30mm", margin="2mm"), dpi=90)):
        write(document, tmp_path / f"page.{suffix}")
        with Image.open(tmp_path / f"page.{suffix}") as image:
            assert image.mode == "1"
            np.testing.assert_array_equal(~np.asarray(image), np.asarray(rasterize(document)))


def test_pdf_image_is_the_scan_conversion(tmp_path: Path) -> None:
    document = compose(flower(), Page("50x30mm", margin="2mm"), dpi=90)
    write(document, tmp_path / "page.pdf", pdf_image=True)
    run("qpdf", "--check", tmp_path / "page.pdf")
    run("pdfimages", tmp_path / "page.pdf", tmp_path / "image")
    with Image.open(tmp_path / "image-000.pbm") as image:
        np.testing.assert_array_equal(~np.asarray(image), np.asarray(rasterize(document)))


def test_dxf_by_ezdxf(tmp_path: Path) -> None:
    """Its polylines, filled, are the drawing; up to their flatness of 1/32 px."""
    import ezdxf

    document = compose(flower(), width_pt=300)
    write(document, tmp_path / "page.dxf")
    read = ezdxf.readfile(tmp_path / "page.dxf")
    audit = read.audit()
    assert (audit.errors, audit.fixes) == ([], [])
    assert (read.dxfversion, read.header["$INSUNITS"]) == ("AC1015", 4)
    mm_per_px = 300 / 72 * 25.4 / document.width
    chains = []
    for entity in read.modelspace():
        assert entity.dxftype() == "LWPOLYLINE" and entity.closed and entity.dxf.layer == "INK"
        chains.append(polygon(*((x / mm_per_px, document.height - y / mm_per_px) for x, y in entity.get_points("xy"))))
    assert len(chains) == len(document)
    again = compose(curves(document.width, document.height, chains))
    assert farthest(document, *(np.asarray(rasterize(drawing, width=256)) for drawing in (document, again))) < 4 * 2 / 32
