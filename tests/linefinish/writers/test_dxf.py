"""DXF: closed polylines in millimetres, that every reader of AutoCAD 2000 takes."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
from hypothesis import given, settings

from linefinish import Curves, Document, Page, Strokes, compose, verify, write
from linefinish.errors import OptionsError
from linefinish.writers import encode
from tests.linefinish.drawings import circle, curves, doodle, drawings, flower, polygon
from tests.linefinish.writers.documents import FLOWER, LETTER, each_document, same_again, whole

MM_PER_POINT = 25.4 / 72


def read(document: Document) -> Any:
    """The file as ezdxf reads it; nothing is amiss with it."""
    drawing = ezdxf.read(io.StringIO(whole(document, "dxf").decode("ascii")))  # type: ignore[attr-defined]
    audit = drawing.audit()
    assert (audit.errors, audit.fixes) == ([], [])
    return drawing


@each_document
def test_an_audit_finds_nothing(document: Document, tmp_path: Path) -> None:
    write(document, tmp_path / "a.dxf")
    audit = ezdxf.readfile(tmp_path / "a.dxf").audit()  # type: ignore[attr-defined]
    assert (audit.errors, audit.fixes) == ([], [])
    assert same_again(document, "dxf")


@pytest.mark.parametrize("document", [LETTER, FLOWER], ids=["letter", "flower"])
def test_the_header_states_millimetres_and_the_page(document: Document) -> None:
    drawing = read(document)
    assert (drawing.dxfversion, drawing.header["$INSUNITS"], drawing.header["$MEASUREMENT"]) == ("AC1015", 4, 1)
    assert drawing.header["$EXTMIN"] == (0, 0, 0)
    assert drawing.header["$EXTMAX"][:2] == pytest.approx([side * MM_PER_POINT for side in document.page_pt], abs=0.5e-4)


def test_each_chain_is_a_closed_polyline_on_the_layer_of_ink() -> None:
    entities = list(read(LETTER).modelspace())
    assert len(entities) == len(LETTER)
    assert {(entity.dxftype(), entity.closed, entity.dxf.layer) for entity in entities} == {("LWPOLYLINE", True, "INK")}
    handles = [int(entity.dxf.handle, 16) for entity in entities]
    assert handles == list(range(0x100, 0x100 + len(LETTER)))
    assert int(read(LETTER).header["$HANDSEED"], 16) > max(handles)


@settings(max_examples=40)
@given(drawings(lines_only=True))
def test_corners_lie_where_the_page_has_them_y_upwards(drawing: Curves) -> None:
    """Lines need no flattening: their ends are the vertices, to 0.1 µm."""
    document = compose(drawing, Page("100x80mm", margin="7mm 3mm"))
    across, down = document.unit_pt
    left, top = document.drawing_pt[:2]
    segments = np.asarray(document.segments, "f8").reshape(-1, 3, 2)
    for chain, entity in enumerate(read(document).modelspace()):
        begin, end = document.offsets[chain : chain + 2]
        corners = segments[begin:end, 2] * [across, -down] + [left, document.page_pt[1] - top]
        vertices = np.array(entity.get_points("xy"))
        for corner in corners * MM_PER_POINT:
            assert np.hypot(*(vertices - corner).T).min() < 1.5e-4


@pytest.mark.parametrize("radius", [1.0, 9.3, 200.0])
def test_curves_are_flattened_to_half_a_unit(radius: float) -> None:
    """Every vertex lies on the circle, and the middle of every side within 1/32 px of it."""
    side = int(2 * radius) + 4
    document = compose(curves(side, side, [circle(side / 2, side / 2, radius)]), dpi=96)
    mm_per_px = 25.4 / 96
    (entity,) = read(document).modelspace()
    points = np.array(entity.get_points("xy")) / mm_per_px - side / 2
    # The cubics themselves stray by up to 0.00027 of the radius, their ends by 1/32 px of rounding.
    slack = 0.0003 * radius + 1 / 32
    assert abs(np.hypot(*points.T) - radius).max() < slack + 0.001
    middles = (points + np.roll(points, -1, 0)) / 2
    assert abs(np.hypot(*middles.T) - radius).max() < slack + 1 / 32 + 0.001


def test_a_larger_drawing_takes_more_vertices() -> None:
    counts = [len(next(iter(read(compose(curves(999, 999, [circle(450, 450, r)]))).modelspace()))) for r in (5, 50, 400)]
    assert counts == sorted(counts) and counts[0] < counts[2] / 4
    assert len(next(iter(read(compose(curves(9, 9, [polygon((1, 1), (8, 1), (8, 8))]))).modelspace()))) == 3


def test_what_runs_over_the_page_is_not_cut() -> None:
    """A cutter's file: there is no clip in DXF, and the drawing is whole."""
    document = compose(flower(), Page("20x10mm", fit="width"))
    extent = np.array([point for entity in read(document).modelspace() for point in entity.get_points("xy")])
    assert extent[:, 0].max() > 20 and extent[:, 1].max() > 10


@each_document
def test_r12_holds_the_same_polylines(document: Document) -> None:
    text = b"".join(bytes(piece) for piece in encode(document, "dxf", dxf="r12"))
    drawing = ezdxf.read(io.StringIO(text.decode("ascii")))  # type: ignore[attr-defined]
    assert drawing.dxfversion == "AC1009"
    assert drawing.audit().errors == []
    old = [np.array([(vertex.dxf.location.x, vertex.dxf.location.y) for vertex in entity.vertices]) for entity in drawing.modelspace()]
    new = [np.array(entity.get_points("xy")) for entity in read(document).modelspace()]
    assert len(old) == len(new)
    assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))
    assert {(entity.dxftype(), entity.is_closed, entity.dxf.layer) for entity in drawing.modelspace()} <= {("POLYLINE", True, "INK")}
    assert verify(text).is_one_bit


def test_other_versions_are_refused() -> None:
    with pytest.raises(OptionsError, match="it may be one of 2000, r12"):
        encode(FLOWER, "dxf", dxf="r13")


@pytest.mark.parametrize("dxf", ["2000", "r12"])
def test_strokes_are_polylines_with_their_widths(dxf: str) -> None:
    """100 × 80 px on 100 × 80 mm. Dots are points, fills closed polylines on their own layer."""
    document = compose(doodle(), Page("120x100mm", margin="10mm"))
    data = b"".join(bytes(piece) for piece in encode(document, "dxf", dxf=dxf))
    drawing = ezdxf.read(io.StringIO(data.decode("ascii")))  # type: ignore[attr-defined]
    audit = drawing.audit()
    assert (audit.errors, audit.fixes) == ([], [])
    assert verify(data).is_one_bit
    entities: Any = list(drawing.modelspace())
    closed = [None if entity.dxftype() == "POINT" else entity.is_closed for entity in entities]
    assert closed == [False, False, True, True, None, False, False, True]
    assert [entity.dxf.layer for entity in entities] == 7 * ["STROKES"] + ["FILLS"]
    if dxf == "2000":
        vertices = [tuple(entity) for entity in entities[1].get_points("xyse")]
    else:
        vertices = [(*v.dxf.location.vec2, v.dxf.start_width, v.dxf.end_width) for v in entities[1].vertices]
    assert vertices[0] == pytest.approx((15, 70, 1, vertices[1][2])) and vertices[-1][:3] == pytest.approx((50, 45, 6))
    assert all(here[3] == there[2] for here, there in zip(vertices, vertices[1:], strict=False))
    assert entities[4].dxf.location.vec2.isclose((90, 20))


def test_strokes_with_a_grey_or_a_fade_are_found_out() -> None:
    data = b"".join(bytes(piece) for piece in encode(compose(doodle()), "dxf"))
    for lie in (b" 62\n8\n", b"420\n8421504\n", b"440\n33554559\n"):
        assert not verify(data.replace(b"100\nAcDbPolyline\n", lie + b"100\nAcDbPolyline\n", 1)).is_one_bit
    empty = b"".join(bytes(piece) for piece in encode(compose(Strokes.empty(5, 5)), "dxf"))
    assert verify(empty).is_one_bit and not list(ezdxf.read(io.StringIO(empty.decode())).modelspace())  # type: ignore[attr-defined]
