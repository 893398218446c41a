"""Pages and covers in points: the table of the specification, for each printer and trim."""
from __future__ import annotations

import pytest

from linefinish import OptionsError
from linefinish.book.geometry import RECTO, VERSO, cover_geometry, fitted, page_geometry, parse_trim
from linefinish.preflight.rules import printer_of

TRIMS = ((8.5, 11.0), (8.5, 8.5), (8.0, 10.0), (8.27, 11.69))
COUNTS = (24, 100, 150, 151, 300, 590, 591)
# Outer margin, with bleed; gutter by count; what a page with bleed adds to width and height.
TABLE = {
    "kdp": (0.25, 0.375, {24: 0.375, 100: 0.375, 150: 0.375, 151: 0.5, 300: 0.5, 590: 0.75, 591: 0.75}, (0.125, 0.25)),
    "ingramspark": (0.5, 0.5, dict.fromkeys(COUNTS, 0.5), (0.125, 0.25)),
    "lulu": (0.5, 0.5, {24: 0.7, 100: 0.7, 150: 0.7, 151: 0.8, 300: 0.8, 590: 0.8, 591: 0.8}, (0.25, 0.25)),
    "blurb": (0.25, 0.25, dict.fromkeys(COUNTS, 0.5), (0.125, 0.25)),
    "home": (0.25, 0.25, dict.fromkeys(COUNTS, 0.25), (0.0, 0.0)),
}


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("trim", TRIMS)
@pytest.mark.parametrize("bleed", [False, True])
def test_pages(name: str, trim: tuple[float, float], bleed: bool) -> None:
    edge, edge_bleed, gutters, added = TABLE[name]
    printer = printer_of(name)
    for count in COUNTS:
        recto, verso = (page_geometry(printer, trim, count, side, bleed) for side in (RECTO, VERSO))
        more = added if bleed else (0.0, 0.0)
        assert recto.page_pt == pytest.approx((72 * (trim[0] + more[0]), 72 * (trim[1] + more[1])), abs=0.005)
        assert verso.page_pt == recto.page_pt
        for page in (recto, verso):
            assert page.trim_pt[2] - page.trim_pt[0] == pytest.approx(72 * trim[0])
            assert page.trim_pt[3] - page.trim_pt[1] == pytest.approx(72 * trim[1])
            assert page.safe_pt[1] - page.trim_pt[1] == pytest.approx(72 * (edge_bleed if bleed else edge))
        assert recto.safe_pt[0] - recto.trim_pt[0] == pytest.approx(72 * gutters[count])
        assert verso.trim_pt[2] - verso.safe_pt[2] == pytest.approx(72 * gutters[count])
        # A verso is a recto in a mirror.
        for box in ("trim_pt", "live_pt", "safe_pt"):
            left, top, right, bottom = getattr(recto, box)
            assert getattr(verso, box) == pytest.approx((recto.page_pt[0] - right, top, recto.page_pt[0] - left, bottom))
        if bleed:
            assert recto.live_pt[1:] == pytest.approx((0.0, *recto.page_pt))
        else:
            assert recto.live_pt == recto.safe_pt
            assert recto.trim_pt == pytest.approx((0.0, 0.0, *recto.page_pt))


def test_the_cover_of_the_check_value() -> None:
    kdp = printer_of("kdp")
    spine = kdp.spine(104, "white")
    assert spine is not None
    cover = cover_geometry(kdp, (8.5, 11), spine)
    assert [round(side / 72, 4) for side in cover.page_pt] == [17.4842, 11.25]
    assert cover.spine_pt[2] - cover.spine_pt[0] == pytest.approx(72 * 0.234208)
    assert cover.trim_pt == pytest.approx((9, 9, cover.page_pt[0] - 9, cover.page_pt[1] - 9))
    left, top, right, bottom = cover.barcode_pt
    assert (right - left, bottom - top) == pytest.approx((144, 86.4))
    assert cover.spine_pt[0] - right == pytest.approx(18)
    assert cover.trim_pt[3] - bottom == pytest.approx(18)


def test_a_cover_of_the_size_that_a_template_says() -> None:
    cover = cover_geometry(printer_of("kdp-hardcover"), (7, 10), 0.5, (16.2, 11.4))
    assert cover.page_pt == pytest.approx((16.2 * 72, 11.4 * 72))
    assert cover.spine_pt[0] + cover.spine_pt[2] == pytest.approx(16.2 * 72)
    with pytest.raises(OptionsError, match="smaller than the book"):
        cover_geometry(printer_of("kdp-hardcover"), (7, 10), 0.5, (14, 11))


@pytest.mark.parametrize(
    ("text", "inches"),
    [("8.5x11", (8.5, 11)), ("8.5×11", (8.5, 11)), ("letter", (8.5, 11)), ("210mmx297mm", (8.2677, 11.6929)), ("6x9in", (6, 9))],
)  # fmt: skip
def test_trims(text: str, inches: tuple[float, float]) -> None:
    assert parse_trim(text) == pytest.approx(inches, abs=1e-4)


@pytest.mark.parametrize("text", ["", "8.5", "x", "0x0", "nanx11", "900x900", "axb"])
def test_trims_that_are_none(text: str) -> None:
    with pytest.raises(OptionsError, match="trim is"):
        parse_trim(text)


def test_margins_that_leave_nothing() -> None:
    with pytest.raises(OptionsError, match="leave nothing"):
        page_geometry(printer_of("lulu"), (1.2, 1.2), 100, RECTO)


def test_drawings_are_fitted_and_filled() -> None:
    assert fitted((100, 200), (0, 0, 100, 100)) == pytest.approx((25, 0, 50, 100))
    assert fitted((100, 200), (0, 0, 100, 100), fill=True) == pytest.approx((0, -50, 100, 200))
