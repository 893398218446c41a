"""Lengths, pages, boxes, and where a drawing comes to lie."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.document import Page, compose, parse_length, parse_page, parse_sides
from linefinish.errors import OptionsError
from tests.linefinish.drawings import curves, flower

MM = 72 / 25.4


@pytest.mark.parametrize(
    ("text", "points"),
    [("8.5in", 612), ("210mm", 210 * MM), ("2.54cm", 72), ("36pt", 36), ("96px", 72), ("0", 0), (" 1 IN ", 72), ("0in", 0)],
)
def test_lengths(text: str, points: float) -> None:
    assert parse_length(text) == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize("text", ["", "8.5", "in", "-1in", "nanin", "infmm", "1e9in", "8,5in", "1 2in", "12parsecs"])
def test_what_is_no_length_is_refused_in_words(text: str) -> None:
    with pytest.raises(OptionsError, match="is not a length"):
        parse_length(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("letter", (612, 792)), ("A4", (210 * MM, 297 * MM)), ("8.5x11in", (612, 792)), ("8.5in x 11in", (612, 792)),
        ("210mmx29.7cm", (210 * MM, 297 * MM)), ("100px×200px", (75, 150)), ("100x200px", (75, 150)), ("100pxx200px", (75, 150)),
    ],
)  # fmt: skip
def test_pages(text: str, size: tuple[float, float]) -> None:
    assert parse_page(text) == pytest.approx(size)


@pytest.mark.parametrize("text", ["", "tabloids", "8.5in", "x", "8.5x11", "axbin", "1inx2inx3in"])
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(OptionsError):
        parse_page(text)


def test_sides_fill_up_as_in_css() -> None:
    assert parse_sides("1pt") == (1, 1, 1, 1)
    assert parse_sides("1pt 2pt") == (1, 2, 1, 2)
    assert parse_sides("1pt 2pt 3pt") == (1, 2, 3, 2)
    assert parse_sides("1pt 2pt 3pt 0") == (1, 2, 3, 0)
    with pytest.raises(OptionsError):
        parse_sides("")


def test_a_drawing_alone_is_its_page_and_its_size_is_what_the_image_says() -> None:
    drawing = flower(600, 300)
    assumed = compose(drawing)
    assert (assumed.page_pt, assumed.physical, assumed.dpi) == ((450, 225), False, None)
    scanned = compose(drawing, image_dpi=(300, 150))
    assert (scanned.page_pt, scanned.physical, scanned.dpi) == ((144, 144), True, None)
    asked = compose(drawing, dpi=200)
    assert (asked.page_pt, asked.physical, asked.dpi) == ((216, 108), True, (200, 200))
    assert compose(drawing, dpi=200, image_dpi=(300, 300)).page_pt == (144, 72), "the image knows its size; dpi is the bitmap's"


def test_one_side_keeps_the_proportions_and_two_are_a_page() -> None:
    drawing = flower(600, 300)
    assert compose(drawing, width_pt=612).page_pt == (612, 306)
    assert compose(drawing, height_pt=612).page_pt == (1224, 612)
    assert compose(drawing, width_pt=612).dpi == (300, 300)
    both = compose(drawing, width_pt=600, height_pt=600)
    assert both.page_pt == (600, 600)
    assert both.drawing_pt == (0, 150, 600, 300)


def test_fits_on_a_letter_page() -> None:
    drawing = flower(600, 300)
    at = {fit: compose(drawing, Page("letter", margin="0.5in", fit=fit), image_dpi=(100, 100)).drawing_pt for fit in
          ("contain", "width", "height", "none")}  # fmt: skip
    assert at["contain"] == at["width"] == pytest.approx((36, 261, 540, 270))
    assert at["height"] == pytest.approx((306 - 720, 36, 1440, 720))
    assert at["none"] == pytest.approx((90, 288, 432, 216))


def test_kdp_letter_with_bleed_has_the_published_size() -> None:
    """8.625 × 11.25 in, 2588 × 3375 px at 300 dpi: 0.125 in at the top, the bottom and the outer
    edge, none at the spine.
    """
    page = Page("letter", bleed="0.125in 0.125in 0.125in 0")
    document = compose(flower(850, 1100), page)
    assert document.page_pt == (621, 810)
    assert document.trim_pt == (0, 9, 612, 801)
    assert document.bleed_pt is None, "the page itself"
    left, top, width, height = document.drawing_pt
    assert (left >= 0, top >= 0, max(width / 621, height / 810)) == (True, True, 1), "the picture runs into the bleed"
    inside = compose(flower(850, 1100), Page("letter", bleed="0.125in", margin="0.5in"))
    assert inside.drawing_pt[0] >= 9 + 36


def test_a_trim_lies_in_the_middle_of_its_sheet() -> None:
    document = compose(flower(), Page("9x12in", trim="letter", bleed="0.125in"))
    assert document.page_pt == (648, 864)
    assert document.trim_pt == (18, 36, 630, 828)
    assert document.bleed_pt == (9, 27, 639, 837)


def test_pages_that_cannot_be() -> None:
    for make in (
        lambda: Page("letter", trim="a4x"),
        lambda: Page("a4", trim="letter"),
        lambda: Page("0x0in"),
        lambda: Page("300inx10in"),
        lambda: Page("letter", fit="stretch"),
        lambda: compose(flower(), Page("letter", margin="5in")),
        lambda: compose(flower(), dpi=0),
        lambda: compose(flower(), dpi=float("nan")),
        lambda: compose(flower(), width_pt=1e9),
    ):
        with pytest.raises(OptionsError):
            make()


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 5000), st.integers(1, 5000), st.sampled_from(["letter", "a4", "5x8in"]), st.sampled_from(["0", "10mm", "0.5in 1in"]),
    st.sampled_from(["0", "0.125in", "3mm 0 3mm 3mm"]), st.sampled_from(["contain", "width", "height"]),
)  # fmt: skip
def test_a_fitted_drawing_touches_what_it_is_fitted_to(width: int, height: int, name: str, margin: str, bleed: str, fit: str) -> None:
    page = Page(name, margin, None, bleed, fit)
    document = compose(curves(width, height, []), page)
    left, top, drawn_width, drawn_height = document.drawing_pt
    area = page.live_area()
    room = (area[2] - area[0], area[3] - area[1])
    assert drawn_width / drawn_height == pytest.approx(width / height)
    assert (left + drawn_width / 2, top + drawn_height / 2) == pytest.approx(((area[0] + area[2]) / 2, (area[1] + area[3]) / 2))
    touched = {"width": (drawn_width,), "height": (drawn_height,), "contain": (drawn_width, drawn_height)}[fit]
    assert any(side in room for side in touched)
    if fit == "contain":
        assert drawn_width <= room[0] and drawn_height <= room[1]
