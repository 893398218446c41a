"""The local judge: good drawings pass, each kind of spoiled one fails with a sentence that says
why.
"""
from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from myjoe.ordering.page_order import Audience, PageOrder
from myjoe_worker.imaging.examining import Examination, examine
from myjoe_worker.judging import local_judge
from myjoe_worker.judging.local_judge import judge_locally
from myjoe_worker.sketching import sketch

ROOT = Path(__file__).parents[3]
AUDIENCES: tuple[Audience, ...] = ("toddlers", "kids", "teens", "adults")
GOOD = {
    "fairy godmother": ROOT / "examples/fairy-godmother.png", "celtic knot": ROOT / "examples/celtic-knot.jpg",
    "sleeping cat": ROOT / "benchmarks/drawings/sleeping-cat.svg", "mosquito": ROOT / "benchmarks/drawings/cartoon-mosquito.svg",
}  # fmt: skip


def examined(content: bytes, audience: Audience = "kids") -> Examination:
    return examine(content, "", PageOrder(page=1, operations=("raster",), prompt="a page", audience=audience))


def content_of(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", GOOD)
def test_good_drawings_pass(name: str, audience: Audience) -> None:
    opinion = judge_locally(examined(GOOD[name].read_bytes(), audience), audience)
    assert opinion.accepted, opinion.reasons
    assert opinion.reasons == [] and opinion.measured["ink_coverage"] > local_judge.INK_SHARE_MIN


def good() -> Image.Image:
    return Image.open(GOOD["fairy godmother"]).convert("L").resize((1214, 2000), Image.Resampling.LANCZOS)


def empty(_: Image.Image) -> Image.Image:
    return Image.new("L", (800, 1000), 252)


def nearly_empty(_: Image.Image) -> Image.Image:
    page = Image.new("L", (800, 1000), 255)
    ImageDraw.Draw(page).ellipse((350, 450, 450, 550), outline=0, width=4)
    return page


def negative(page: Image.Image) -> Image.Image:
    return page.point(lambda level: 255 - level)


def night_sky(page: Image.Image) -> Image.Image:
    ImageDraw.Draw(page).rectangle((0, 0, 1214, 420), fill=0)
    return page


def shaded(page: Image.Image) -> Image.Image:
    """Soft shadows over two fifths of the page, as of a pencil drawing."""
    shadow = Image.fromarray((255 - 60 * (np.indices((2000, 1214)).sum(axis=0) % 700 < 280)).astype(np.uint8))
    return ImageChops.multiply(page, shadow.filter(ImageFilter.GaussianBlur(40)))


def hairlines(_: Image.Image) -> Image.Image:
    page = Image.new("L", (1500, 1900), 255)
    pen = ImageDraw.Draw(page)
    for index in range(60):
        pen.ellipse((20 + 10 * index, 20 + 12 * index, 1480 - 10 * index, 1880 - 12 * index), outline=0, width=1)
    return page


def confetti(_: Image.Image) -> Image.Image:
    page = Image.new("L", (900, 1200), 255)
    pen = ImageDraw.Draw(page)
    for x in range(30, 870, 30):
        for y in range(30, 1170, 30):
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), outline=0, width=2)
    return page


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (empty, "is empty"), (nearly_empty, "leaves nothing to colour"), (negative, "is ink, more than the 35%"),
        (night_sky, "One black area"), (shaded, "shaded in grey"), (hairlines, "too fine for kids"),
        (confetti, "too small to be coloured by kids"),
    ],
)  # fmt: skip
def test_spoiled_ones_are_refused_and_told_why(spoil: Callable[[Image.Image], Image.Image], said: str) -> None:
    opinion = judge_locally(examined(content_of(spoil(good()))), "kids")
    assert not opinion.accepted
    assert any(said in reason for reason in opinion.reasons), opinion.reasons
    assert all(reason.endswith(".") for reason in opinion.reasons)


def page_with(**changes: Any) -> Examination:
    numbers: dict[str, Any] = {
        "kind": "png", "width_px": 1024, "height_px": 1365, "grey_share": 0.05, "shade_share": 0.0, "ink_coverage": 0.1,
        "stroke_width_median_pt": 3.0, "stroke_width_min_pt": 2.0, "regions": 60, "tiny_regions": 6, "black_share": 0.0,
        "thumbnail_png": b"",
    }  # fmt: skip
    return Examination(**{**numbers, **changes})


@pytest.mark.parametrize(
    ("changes", "audience", "accepted"),
    [
        ({}, "kids", True),
        ({"ink_coverage": 0.0, "stroke_width_median_pt": 0.0, "regions": 0, "tiny_regions": 0}, "kids", False),
        ({"ink_coverage": 0.0101}, "kids", True), ({"ink_coverage": 0.0099}, "kids", False),
        ({"ink_coverage": 0.349}, "kids", True), ({"ink_coverage": 0.351}, "kids", False),
        ({"shade_share": 0.099, "grey_share": 0.2}, "kids", True), ({"shade_share": 0.101, "grey_share": 0.2}, "kids", False),
        ({"grey_share": 0.29}, "kids", True), ({"grey_share": 0.31}, "kids", False),
        ({"black_share": 0.064}, "adults", True), ({"black_share": 0.066}, "adults", False),
        ({"stroke_width_median_pt": 1.4}, "toddlers", False), ({"stroke_width_median_pt": 1.4}, "kids", True),
        ({"stroke_width_median_pt": 0.8}, "kids", False), ({"stroke_width_median_pt": 0.8}, "teens", True),
        ({"stroke_width_median_pt": 0.74}, "adults", False),
        ({"tiny_regions": 38}, "toddlers", False), ({"tiny_regions": 38}, "kids", True), ({"tiny_regions": 43}, "kids", False),
        ({"tiny_regions": 43}, "adults", True), ({"tiny_regions": 46}, "adults", False),
        ({"regions": 5, "tiny_regions": 5}, "kids", True),
    ],
)  # fmt: skip
def test_where_the_lines_are_drawn(changes: dict[str, Any], audience: Audience, accepted: bool) -> None:
    opinion = judge_locally(page_with(**changes), audience)
    assert opinion.accepted is accepted, opinion.reasons
    assert len(opinion.reasons) == (0 if accepted else 1)


@pytest.mark.parametrize(
    ("audience", "lines"),
    [("toddlers", "very thick outlines"), ("kids", "bold outlines"), ("teens", "medium outlines"), ("adults", "fine even outlines")],
)
def test_what_the_sketcher_draws_passes(audience: Audience, lines: str) -> None:
    """Two pages for each audience, each page for two; with MYJOE_TESTS_ALL each for all."""
    prompts = ("a cat", "a mandala with a heart", "a castle", "an octopus under the sea") * 2
    first = AUDIENCES.index(audience)
    for prompt in prompts[first : first + (4 if os.environ.get("MYJOE_TESTS_ALL") else 2)]:
        opinion = judge_locally(examined(sketch.draw(f"{prompt}. {lines}", 7.75, 10.25, 1, False), audience), audience)
        assert opinion.accepted, (prompt, opinion.reasons)
