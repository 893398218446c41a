"""How a drawing is measured for the judges."""
from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from linefinish import FinishOptions
from myjoe_worker.imaging.examining import examine
from tests.myjoe_worker.imaging.samples import drawing, encoded, order, svg


def test_a_page_is_measured_as_it_will_be_printed() -> None:
    image = Image.new("L", (775, 1025), 255)  # a hundred pixels an inch within the margins of letter paper
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 100, 400, 500), outline=0, width=5)
    for index in range(4):  # four squares with 4 × 4 px inside: 1 mm²
        pen.rectangle((450, 100 + 20 * index, 455, 105 + 20 * index), outline=0, width=1)
    seen = examine(encoded(image), "image/png", order(options=FinishOptions()))
    assert (seen.width_px, seen.height_px, seen.regions, seen.tiny_regions) == (775, 1025, 5, 4)
    assert seen.stroke_width_median_pt == pytest.approx(5 * 0.72, rel=0.05)
    assert seen.grey_share == seen.shade_share == seen.black_share == 0
    assert seen.ink_coverage == pytest.approx((301 * 401 - 291 * 391 + 4 * 20) / (775 * 1025), rel=0.01)


def test_audiences_differ_in_what_is_too_small() -> None:
    image = Image.new("L", (775, 1025), 255)
    ImageDraw.Draw(image).rectangle((100, 100, 107, 107), outline=0, width=1)  # 6 × 6 px inside: 1.5 mm
    content = encoded(image)
    audiences = ("toddlers", "kids", "teens", "adults")
    assert [examine(content, "", order(audience=audience)).tiny_regions for audience in audiences] == [1, 1, 0, 0]


def test_the_largest_black_is_found_and_strokes_are_none() -> None:
    image = Image.new("L", (775, 1025), 255)
    pen = ImageDraw.Draw(image)
    for y in range(50, 1000, 100):
        pen.line((20, y, 750, y), fill=0, width=6)
    assert examine(encoded(image), "", order()).black_share == 0
    pen.ellipse((200, 300, 400, 500), fill=0)
    pen.rectangle((500, 700, 560, 760), fill=0)
    seen = examine(encoded(image), "", order())
    assert seen.black_share == pytest.approx(np.pi * 100**2 / (775 * 1025), rel=0.12)


def test_soft_edges_are_no_shade_and_washes_are() -> None:
    soft = drawing(1024, 1300)
    pen = ImageDraw.Draw(soft)
    for x in range(100, 1000, 40):
        pen.line((x, 500, x, 1200), fill=0, width=3)
    blurred = soft.filter(ImageFilter.GaussianBlur(1.2))
    assert examine(encoded(blurred), "", order()).shade_share < 0.002
    wash = Image.new("L", soft.size, 255)
    ImageDraw.Draw(wash).rectangle((150, 650, 900, 1100), fill=215)
    washed = ImageChops.multiply(blurred, wash.filter(ImageFilter.GaussianBlur(20)))
    seen = examine(encoded(washed), "", order())
    assert seen.shade_share == pytest.approx(750 * 450 / (1024 * 1300) * 0.75, rel=0.25)  # a quarter of it is lines and their surroundings
    assert seen.ink_coverage < 0.1
    pen.rectangle((150, 150, 900, 450), fill=170)  # paler than the ink: the finisher takes it for paper, and it is shade
    filled = examine(encoded(soft), "", order())
    assert (filled.black_share, filled.shade_share) == (0, pytest.approx(750 * 300 / (1024 * 1300), rel=0.25))
    pen.rectangle((150, 150, 900, 450), fill=0)
    assert examine(encoded(soft), "", order()).black_share == pytest.approx(750 * 300 / (1024 * 1300), rel=0.1)


def test_the_small_copy_for_judges_is_grey_and_no_larger_than_768_px() -> None:
    seen = examine(encoded(drawing(1500, 2000, "RGB")), "", order())
    with Image.open(io.BytesIO(seen.thumbnail_png)) as image:
        assert (image.mode, image.size) == ("L", (576, 768))
    assert "thumbnail_png" not in seen.to_mapping()


def test_gradients_become_greys_and_are_measured_as_such() -> None:
    gradient = '<linearGradient id="g"><stop offset="0" stop-color="#333"/><stop offset="1" stop-color="#ddd"/></linearGradient>'
    seen = examine(svg(f'<defs>{gradient}</defs><rect x="10" y="10" width="80" height="100" fill="url(#g)"/>'), "", order())
    assert seen.shade_share > 0.1
