"""What a finished page is: its files, its margins, its strokes and specks, and its report."""
from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

import linefinish
from myjoe.errors import JobArgsError
from myjoe_worker.imaging.finishing import THUMBNAIL_SIDE_PX, finish_page
from tests.linefinish.sheets.photographs import photograph
from tests.myjoe_worker.imaging.samples import GODMOTHER, encoded, order


@pytest.mark.parametrize(
    ("paper", "dpi", "pixels", "points"),
    [
        ("letter", 300, (2550, 3300), (612, 792)), ("a4", 300, (2480, 3508), (595.276, 841.89)), ("square", 150, (1275, 1275), (612, 612)),
        ("8x10", 600, (4800, 6000), (576, 720)),
    ],
)  # fmt: skip
def test_a_page_has_its_papers_size_in_all_files(paper: str, dpi: int, pixels: tuple[int, int], points: tuple[float, float]) -> None:
    page = finish_page(GODMOTHER, "image/png", order(paper=paper, dpi=dpi))
    assert set(page.files) == {"png", "svg", "pdf", "thumbnail"}
    assert (page.width_px, page.height_px, page.dpi, page.bit_depth) == (*pixels, dpi, 1)
    verdict = linefinish.verify(page.files["png"])
    assert verdict.is_one_bit and (verdict.width, verdict.height) == pixels
    assert verdict.dpi == pytest.approx((dpi, dpi), rel=1e-3)
    for kind in ("svg", "pdf"):
        assert linefinish.verify(page.files[kind]).is_one_bit
    box = page.files["pdf"].partition(b"/MediaBox")[2].partition(b"[")[2].partition(b"]")[0].split()
    assert [float(number) for number in box] == pytest.approx([0, 0, *points], abs=0.01)


def test_the_drawing_keeps_to_its_margins_and_fills_what_is_between() -> None:
    page = finish_page(GODMOTHER, "image/png", order(margin_in=0.5))
    with Image.open(io.BytesIO(page.files["png"])) as image:
        ink = ~np.asarray(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert min(rows[0], columns[0]) >= 150 and rows[-1] < 3150 and columns[-1] < 2400
    assert rows[-1] - rows[0] > 0.9 * 3000  # the drawing is higher than wide, and goes nearly to the edges of its picture


def test_the_thumbnail_is_small_and_shows_the_page() -> None:
    page = finish_page(GODMOTHER, "image/png", order())
    with Image.open(io.BytesIO(page.files["thumbnail"])) as image:
        assert image.mode == "L" and max(image.size) == THUMBNAIL_SIDE_PX
        darkness = 1 - np.asarray(image).mean() / 255
    with Image.open(io.BytesIO(page.files["png"])) as image:
        assert darkness == pytest.approx(1 - np.asarray(image).mean(), abs=0.01)


def test_the_report_goes_into_the_quality_record() -> None:
    page = finish_page(GODMOTHER, "image/png", order())
    assert page.qc["finisher"]["regions"] == 89 and page.qc["finisher"]["version"] == linefinish.__version__


def test_strokes_get_the_width_that_can_be_printed_unless_the_order_says_another() -> None:
    image = Image.new("L", (1200, 1500), 255)
    for x in range(100, 1100, 100):
        ImageDraw.Draw(image).line((x, 100, x, 1400), fill=0, width=1)
    thick, thin = (
        finish_page(encoded(image), "image/png", order(options=options)).files["png"]
        for options in ({}, {"stroke_width_px_min": 0.5})
    )
    widths = [linefinish.measure(linefinish.threshold(linefinish.read_gray(content))).stroke_width_median_px for content in (thick, thin)]
    assert widths[0] >= 3.1 > widths[1]  # 0.75 pt at 300 dpi


def test_specks_go_and_freckles_stay() -> None:
    image = Image.new("L", (775, 1025), 255)  # a hundred pixels an inch
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 600, 700), outline=0, width=5)
    for x in range(200, 500, 100):
        pen.rectangle((x, 300, x + 1, 301), fill=60)  # half a millimetre
        pen.ellipse((x, 400, x + 4, 404), fill=0)  # more than one
    page = finish_page(encoded(image), "image/png", order())
    assert (page.qc["finisher"]["specks_removed"], page.qc["finisher"]["parts"]) == (3, 4)
    kept = finish_page(encoded(image), "image/png", order(options={"speckle_area_px_max": 0}))
    assert kept.qc["finisher"]["parts"] == 7


def test_the_orders_options_are_the_finishers() -> None:
    page = finish_page(GODMOTHER, "image/png", order(options={"speckle_area_px_max": 60}))
    assert page.qc["finisher"]["options"]["speckle_area_px_max"] == 60


def test_a_page_that_we_draw_is_not_searched_for_a_sheet() -> None:
    content = encoded(Image.fromarray(photograph(9)))
    page = finish_page(content, "image/png", order())
    report = page.qc["finisher"]
    assert (report["sheet"], report["options"]["sheet"], report["width"], report["height"]) == (None, "off", 600, 800)
    assert page.files == finish_page(content, "image/png", order(options={"sheet": "off"})).files


def test_a_margin_that_leaves_nothing_is_the_orders_fault() -> None:
    with pytest.raises(JobArgsError, match="cannot be finished as ordered"):
        finish_page(GODMOTHER, "image/png", order().model_copy(update={"margin_in": 5.0}))


def test_an_empty_page_is_finished_and_says_so() -> None:
    page = finish_page(encoded(Image.new("L", (300, 400), 255)), "image/png", order())
    assert page.qc["finisher"]["ink_coverage"] == 0 and page.qc["finisher"]["warnings"]
