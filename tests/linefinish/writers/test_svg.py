"""SVG: one black path, and sizes that every reader understands alike."""
from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Curves, Document, Page, compose
from linefinish.writers.svg import path_data
from tests.linefinish.drawings import chains_of, drawings, flower
from tests.linefinish.writers.documents import EMPTY, each_document, same_again, whole
from tests.oracles.paths import read_svg

POINTS = {"in": 72.0, "mm": 72 / 25.4, "pt": 1.0, "": 0.75}


def in_points(length: str | None) -> float:
    assert length is not None
    unit = length.lstrip("0123456789.")
    return float(length.removesuffix(unit)) * POINTS[unit]


@each_document
def test_there_is_one_black_path_and_nothing_else(document: Document) -> None:
    root = ET.fromstring(whole(document, "svg"))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path"}
    assert {name for element in root.iter() for name in element.attrib} <= {
        "width", "height", "viewBox", "d", "transform", "fill", "preserveAspectRatio"
    }  # fmt: skip
    assert {element.get("fill") for element in root if element.tag.endswith("path")} <= {"#000"}
    assert len(list(root)) == (len(document) > 0)
    assert same_again(document, "svg")


def test_an_empty_drawing_has_no_path() -> None:
    assert whole(EMPTY, "svg") == b'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20" viewBox="0 0 30 20"></svg>\n'


@given(drawings())
def test_its_path_is_the_document(drawing: Curves) -> None:
    document = compose(drawing)
    assert read_svg(bytes(path_data(document)).decode("ascii")) == chains_of(document)
    root = ET.fromstring(whole(document, "svg"))
    for path in root:
        assert path.get("transform") == "scale(.0625)"  # 16 units a pixel
        assert read_svg(path.get("d") or "") == chains_of(document)


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (compose(flower()), ("64", "48")),
        (compose(flower(), image_dpi=(128, 128)), ("0.5in", "0.375in")),
        (compose(flower(), Page("a4")), ("210mm", "297mm")),
        (compose(flower(), Page("letter")), ("8.5in", "11in")),
        (compose(flower(), width_pt=100), ("100pt", "75pt")),
        (compose(flower(), width_pt=72 / 7), ("0.142857in", "0.107143in")),
    ],
)
def test_size_in_the_unit_that_fits(made: Any, size: tuple[str, str]) -> None:
    root = ET.fromstring(whole(made, "svg"))
    assert (root.get("width"), root.get("height")) == size


def test_unequal_resolutions_stretch() -> None:
    root = ET.fromstring(whole(compose(flower(), image_dpi=(200, 100)), "svg"))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("0.32in", "0.48in", "0 0 64 48")
    assert root.get("preserveAspectRatio") == "none"


@given(st.floats(20, 2000), st.floats(20, 2000), st.sampled_from(["contain", "width", "height", "none"]))
def test_the_view_box_puts_the_drawing_at_its_place(width: float, height: float, fit: str) -> None:
    """A pixel of the drawing, seen through the viewBox, lies where the document has it."""
    document = compose(flower(), Page(f"{width}ptx{height}pt", fit=fit))
    root = ET.fromstring(whole(document, "svg"))
    x, y, across, down = (float(word) for word in (root.get("viewBox") or "").split())
    page = in_points(root.get("width")), in_points(root.get("height"))
    assert page == pytest.approx((width, height), abs=1e-4)
    left, top, drawn_width, drawn_height = document.drawing_pt
    # The view box is written with a bounded number of digits.
    assert ((0 - x) / across * page[0], (0 - y) / down * page[1]) == pytest.approx((left, top), rel=1e-5, abs=1e-3)
    assert (document.width / across * page[0], document.height / down * page[1]) == pytest.approx((drawn_width, drawn_height), rel=1e-5)
