"""Pages as people have them: shadows, gutters, fills, felt pens, scan edges, boards, watermarks.

Each picture in `field/` stands for a kind; the properties go through the kind's range with a scene
of their own, whose ink is known to the pixel.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from linefinish import Finished, FinishOptions, doubts, finish, measure, separate, threshold

FIELD = Path(__file__).parent / "field"
# Of the ink that is there: so much of it may differ.
XOR_MAX = 0.05


def finished(name: str, **options: Any) -> Finished:
    return finish(FIELD / name, FinishOptions(**options))


def is_scene(page: Finished) -> bool:
    """The face, box, lines and dots of most of these pictures: 5.69 % ink, 16 parts, 5 regions (and
    the face, box and eyes make holes of 6 parts).
    """
    return page.report.parts == 16 and page.report.regions == 5 and abs(page.report.ink_coverage - 0.0569) < 0.0025


@pytest.mark.parametrize(
    "name",
    ["shadow-half.png", "shadow-island.png", "gutter.png", "bars-pink.png", "highlighter-pink.png", "checkerboard.png", "watermark.png"],
)  # fmt: skip
def test_the_scene_comes_out_by_default(name: str) -> None:
    page = finished(name)
    assert is_scene(page), page.report.lines()
    assert page.report.warnings == ()


@pytest.mark.parametrize("name", ["grid-blue-pen.png", "grid-nonphoto-pencil.png", "under-blue60.png"])
@pytest.mark.parametrize("colour", ["blue", None])
def test_a_colour_is_dropped_where_it_is_asked_for(name: str, colour: str | None) -> None:
    stated = {"grid-blue-pen.png": "#aacdf0", "grid-nonphoto-pencil.png": "#a4dded", "under-blue60.png": "#85bbe8"}[name]
    page = finished(name, drop_colour=colour or stated)
    assert is_scene(page), page.report.lines()


@pytest.mark.parametrize("name", ["chalkboard.jpg", "white-on-black.png"])
def test_light_on_dark_is_told_of_and_inverted_where_asked_for(name: str) -> None:
    (warning,) = finished(name).report.warnings
    assert "--invert" in warning
    page = finished(name, invert=True)
    assert is_scene(page), page.report.lines()
    assert page.report.warnings == ()


def test_a_blank_sheet_under_uneven_light_is_blank() -> None:
    page = finished("blank-uneven.png")
    assert page.report.ink_coverage == 0
    assert "no ink" in page.report.warnings[0]


def test_a_wash_larger_than_the_ink_is_paper() -> None:
    page = finished("wash-turns-solid.png")
    assert page.report.parts == 27
    assert 0.033 < page.report.ink_coverage < 0.039


def test_pencil_beside_the_black_edge_of_a_scan_is_drawn() -> None:
    page = finished("pencil-scan-edge.png")
    assert page.report.parts in (16, 17)  # the edge may stay
    assert page.report.regions == 5
    inside = np.asarray(page.bitmap)[:, 30:]
    assert abs(inside.mean() - 0.0569 * 800 / 770) < 0.004


# --- the range of each kind
# ------------------------------------------------------------


def scene(width: int = 320, height: int = 240) -> np.ndarray:
    """Ink coverage, 0 to 1, of a face, a box, lines and dots: strokes of 3 to 5 px, and a solid."""
    over = 4
    image = Image.new("L", (width * over, height * over), 0)
    pen = ImageDraw.Draw(image)
    pen.ellipse([25 * over, 25 * over, 125 * over, 125 * over], outline=255, width=4 * over)
    pen.ellipse([50 * over, 55 * over, 62 * over, 67 * over], fill=255)
    pen.ellipse([85 * over, 55 * over, 97 * over, 67 * over], outline=255, width=3 * over)
    pen.rectangle([160 * over, 30 * over, 290 * over, 120 * over], outline=255, width=4 * over)
    pen.line([160 * over, 30 * over, 290 * over, 120 * over], fill=255, width=3 * over)
    pen.line([20 * over, 160 * over, 300 * over, 150 * over], fill=255, width=3 * over)
    pen.line([20 * over, 185 * over, 300 * over, 205 * over], fill=255, width=5 * over)
    for x in range(30, 300, 30):
        pen.ellipse([(x - 3) * over, 220 * over, (x + 3) * over, 226 * over], fill=255)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), float) / 255


SCENE = scene()
TRUTH = SCENE > 0.5


def as_gray(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def apart(page: np.ndarray, **options: Any) -> float:
    """The share of the true ink by which the bitmap differs."""
    return float((np.asarray(threshold(page, **options)) != TRUTH).sum() / TRUTH.sum())


def lit(light: np.ndarray, seed: int) -> np.ndarray:
    """The scene on paper of 236 under a light of 0 to 1, with a camera's noise."""
    noise = np.random.default_rng(seed).normal(0, 2, SCENE.shape)
    return as_gray((236 - 212 * SCENE) * light + noise)


@settings(max_examples=25)
@given(
    st.floats(0.35, 0.65), st.floats(1, 25), st.sampled_from(["left", "right", "top", "bottom", "middle"]), st.floats(0, 1),
    st.integers(0, 999),
)  # fmt: skip
def test_a_shadow_is_paper_however_soft_its_edge(left: float, softness: float, side: str, place: float, seed: int) -> None:
    ys, xs = np.mgrid[: SCENE.shape[0], : SCENE.shape[1]].astype(float)
    edge = 90.3 + 120 * place
    inside = {
        "left": edge - xs, "right": xs - edge, "top": 0.7 * edge - ys, "bottom": ys - 0.7 * edge,
        "middle": 55 - np.hypot(xs - edge, 1.3 * (ys - 110)),
    }[side]  # fmt: skip
    shadow = np.clip(0.5 + inside / softness, 0, 1)
    assert apart(lit(1 - (1 - left) * shadow, seed)) < XOR_MAX


@settings(max_examples=10)
@given(st.floats(2.6, 5.0), st.floats(0, 4), st.floats(0.5, 1.0), st.integers(0, 3), st.integers(0, 999))
def test_a_stroke_as_wide_as_a_cell_is_no_fill(wide: float, place: float, blur: float, turns: int, seed: int) -> None:
    """A cell that holds its core and both its soft edges is as dark as one in a shadow."""
    xs = np.arange(4 * 320)[None, :] / 4 + np.arange(4 * 240)[:, None] / 80
    ink = (np.abs((xs - place) % 24 - 12) < wide / 2).reshape(240, 4, 320, 4).mean((1, 3))
    light = 1 - 0.54 * np.clip((np.arange(240)[:, None] - 160) / 4, 0, 1)
    grain = np.random.default_rng(seed).normal(0, 1.5, ink.shape)
    page = as_gray(228 * light * (1 - 0.8 * ndimage.gaussian_filter(ink, blur)) + grain)
    got = np.rot90(np.asarray(threshold(np.rot90(page, turns))), -turns)
    assert (got[ink > 0.95]).mean() > 0.99
    # At the border there is no paper on one side, and a pale end may break off: a pixel or two.
    labels, _ = ndimage.label(got, np.ones((3, 3)))
    assert (np.bincount(labels.ravel())[1:] > 2).sum() == ndimage.label(ink > 0.5)[1]


@settings(max_examples=15)
@given(st.floats(0.07, 0.6), st.floats(28, 45), st.floats(0, 320), st.integers(0, 999))
def test_a_gutter_is_paper_down_to_a_fourteenth_of_the_light(left: float, sigma: float, place: float, seed: int) -> None:
    xs = np.arange(SCENE.shape[1])[None, :]
    light = 1 - (1 - left) * np.exp(-(((xs - place) / sigma) ** 2) / 2)
    assert apart(lit(light, seed)) < 2 * XOR_MAX  # there ink is nine greys deep, and noise of two


@settings(max_examples=15)
@given(st.integers(55, 150), st.floats(0, 9), st.integers(0, 999))
def test_grey_fills_up_to_their_lines_are_paper(tone: int, grain: float, seed: int) -> None:
    labels, _ = ndimage.label(SCENE < 0.4)
    fills = (labels == labels[75, 40]) | (labels == labels[100, 180])
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(0, 1, SCENE.shape), 0.6)
    ground = np.where(ndimage.binary_dilation(fills, iterations=2), tone + grain * noise / noise.std(), 254)
    assert apart(as_gray(ground * (1 - SCENE) + 7 * SCENE)) < XOR_MAX


@settings(max_examples=10)
@given(st.integers(80, 100), st.integers(20, 50), st.integers(2, 8), st.integers(0, 999))
def test_a_grey_pen_beside_a_shadow_is_drawn(ink: int, hand: int, softness: int, seed: int) -> None:
    """On a large photograph its strokes are as flat as fills, and a hand is darker: a child's
    drawing of 12 megapixels.
    """
    image = Image.new("L", (2560, 1920), 0)
    pen = ImageDraw.Draw(image)
    pen.ellipse([200, 200, 1000, 1000], outline=255, width=26)
    pen.rectangle([1280, 240, 2320, 960], outline=255, width=30)
    for y in range(1150, 1800, 130):
        pen.line([160, y, 2400, y - 60], fill=255, width=22)
    large = np.asarray(image.resize((640, 480), Image.Resampling.BOX), float) / 255
    truth = large > 0.5
    ys, xs = np.mgrid[:600, :640]
    page = np.pad(195 - (195 - ink) * ndimage.gaussian_filter(large, 1.0), ((0, 120), (0, 0)), constant_values=195)
    shadow = np.clip((ys - 505 - xs / 40) / softness, 0, 1)
    page = page * (1 - 0.55 * shadow)
    page = np.where((ys > 550) & (xs > 200), hand, page) + np.random.default_rng(seed).normal(0, 2, page.shape)
    got = np.asarray(threshold(as_gray(page)))[:490]
    assert (got[:480] != truth).sum() / truth.sum() < 4 * XOR_MAX  # where strokes cross, they are broad
    assert ndimage.label(got[:480], np.ones((3, 3)))[1] == ndimage.label(truth, np.ones((3, 3)))[1]


@settings(max_examples=25)
@given(st.data(), st.sampled_from([255, 204, 153]), st.integers(2, 32), st.integers(0, 39))
def test_a_checkerboard_paler_than_the_ink_is_paper(data: st.DataObject, light: int, side: int, shift: int) -> None:
    """Of any size and any two greys: of image editors in the light and in the dark."""
    dark = data.draw(st.integers(60, light - 20))
    ink = data.draw(st.integers(0, dark - 30))
    ys, xs = np.mgrid[: SCENE.shape[0], : SCENE.shape[1]]
    board = np.where(((xs + shift) // side + ys // side) % 2, dark, light)
    page = as_gray(board * (1 - SCENE) + ink * SCENE)
    assert apart(page) < XOR_MAX * (1.5 if side > 3 else 2)  # there each soft edge of ink is over two squares
    assert ndimage.label(np.asarray(threshold(page)), np.ones((3, 3)))[1] == ndimage.label(TRUTH, np.ones((3, 3)))[1]


@settings(max_examples=15)
@given(st.floats(0.2, 0.4), st.integers(28, 100), st.floats(0, 1))
def test_a_watermark_is_gone_as_a_whole(depth: float, size: int, place: float) -> None:
    """Lettering with strokes of 2 to 10 px."""
    from PIL import ImageFont

    image = Image.new("L", SCENE.shape[::-1], 0)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for y in range(int(10 + 20 * place), 240, 60):
        pen.text((20 + 30 * place, y), "SAMPLE COPY", fill=255, font=font)
    mark = np.asarray(image, float) / 255
    paper = 255 - depth * 245 * mark
    assert apart(as_gray(paper * (1 - SCENE) + 10 * SCENE)) < XOR_MAX


@settings(max_examples=10)
@given(st.floats(0.4, 1.0), st.floats(0, 2.5), st.integers(0, 999))
def test_a_blank_sheet_is_blank_under_any_light(darkest: float, noise: float, seed: int) -> None:
    light = np.linspace(1, darkest, 320)[None, :] * np.ones((240, 1))
    page = as_gray(240 * light + np.random.default_rng(seed).normal(0, noise, light.shape))
    assert not np.asarray(threshold(page)).any()


@settings(max_examples=10)
@given(st.integers(120, 200), st.integers(4, 20), st.sampled_from([0, 1, 2, 3]), st.integers(0, 999))
def test_pencil_beside_a_scan_s_edge_is_whole(ink: int, wide: int, side: int, seed: int) -> None:
    page = 240 - (240 - ink) * SCENE + np.random.default_rng(seed).normal(0, 1.5, SCENE.shape)
    turned = np.rot90(page, side).copy()
    turned[:, :wide] = 14
    got = np.rot90(np.asarray(threshold(as_gray(turned))), -side)
    kept = np.rot90(np.pad(np.ones(np.rot90(SCENE, side)[:, wide + 4 :].shape, bool), ((0, 0), (wide + 4, 0))), -side)
    assert (got != TRUTH)[kept].sum() / TRUTH.sum() < XOR_MAX


# --- doubts
# ------------------------------------------------------------


def test_a_good_page_raises_no_doubt() -> None:
    page = lit(np.ones(SCENE.shape), 1)
    separation = separate(page)
    assert doubts(separation, separation.bitmap, measure(separation.bitmap)) == ()


def test_a_black_over_a_third_of_the_page_is_told_of() -> None:
    page = as_gray(255 * (1 - SCENE))
    page[:, 190:] = 0
    (warning,) = finish(page).report.warnings
    assert "third of the page" in warning
    assert "--hollow-area-min" in warning


def test_what_is_left_out_is_told_of() -> None:
    page = as_gray(255 - 70 * SCENE)  # pencil of one grey
    page[100:140, 290:310] = 0  # and a black stamp
    (warning,) = finish(page).report.warnings
    assert "--threshold-level" in warning
    assert np.asarray(threshold(page, "fixed", level=240)).sum() > 0.9 * TRUTH.sum()
