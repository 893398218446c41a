"""The paper under the drawing: whether it is even, and white after it was divided out."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Gray, separate, threshold
from linefinish.thresholds.paper import Paper, divided, is_uneven, paper_of
from tests.linefinish.kernels.grays import grays
from tests.linefinish.thresholds.pages import as_gray, page
from tests.oracles import thresholds as oracle


def cells_of(pixels: np.ndarray, floor: int = 128) -> np.ndarray:
    paper = paper_of(Gray.from_array(pixels), floor)
    assert (paper.columns, paper.rows) == ((pixels.shape[1] + 3) // 4, (pixels.shape[0] + 3) // 4)
    return np.frombuffer(paper.cells, np.uint8).reshape(paper.rows, paper.columns)


@given(grays(), st.integers(0, 255))
def test_there_is_a_paper_for_every_cell(pixels: np.ndarray, floor: int) -> None:
    """From what the page has of it; white where it has none."""
    cells, pooled = cells_of(pixels, floor), oracle.pool(pixels)
    assert cells.min() >= pooled.min()
    assert cells.max() <= pooled.max() or (cells == 255).all()


@pytest.mark.parametrize("gray", [130, 200, 255])
def test_a_drawing_leaves_no_trace_in_even_paper(gray: int) -> None:
    coverage, _ = page()
    assert (cells_of(as_gray(gray * (1 - coverage)), gray // 2) == gray).all()


def test_a_page_of_ink_has_white_paper() -> None:
    assert (cells_of(np.zeros((40, 60), np.uint8)) == 255).all()


def test_a_gradient_is_followed() -> None:
    """Its closing by a few cells is what lies under the drawing: within the slope of those."""
    coverage, _ = page()
    coverage[:, 195:] = 0  # no solid
    paper = np.linspace(180, 250, 300)[None, :] * np.ones((260, 1))
    cells = cells_of(as_gray(paper * (1 - coverage) + 20 * coverage), 100)
    wanted = oracle.pool(as_gray(paper))
    assert abs(cells.astype(int) - wanted)[:, 3:-3].max() <= 3


# --- even or not
# ------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0, 3, 6])
def test_even_paper_with_grain_is_even(sigma: float) -> None:
    noise = np.random.default_rng(1).normal(0, sigma, (300, 400))
    paper = paper_of(Gray.from_array(as_gray(235 + noise)), 128)
    assert not is_uneven(paper.cells, paper.columns, paper.rows)


@pytest.mark.parametrize(("share", "uneven"), [(0.0, False), (0.01, False), (0.03, True), (0.5, True)])
def test_uneven_is_more_than_one_cell_in_64_off_the_common_grey(share: float, uneven: bool) -> None:
    cells = bytearray([240] * 1000)
    cells[: round(1000 * share)] = bytes([225]) * round(1000 * share)
    assert is_uneven(cells, 50, 20) is uneven
    cells[: round(1000 * share)] = bytes([226]) * round(1000 * share)  # 14 greys are even
    assert not is_uneven(cells, 50, 20)


# --- dividing
# ------------------------------------------------------------


@given(grays(), st.integers(0, 2**32 - 1), st.integers(40, 255))
def test_each_pixel_in_proportion_to_its_paper(pixels: np.ndarray, seed: int, darkest: int) -> None:
    rows, columns = (pixels.shape[0] + 3) // 4, (pixels.shape[1] + 3) // 4
    cells = np.random.default_rng(seed).integers(darkest, 256, (rows, columns)).astype(np.uint8)
    gray = Gray.from_array(pixels, dpi=(300.0, 300.0))
    made = divided(gray, Paper(columns, rows, cells.tobytes()))
    assert made.dpi == gray.dpi
    # A gain in 1/256, cut off, and half a grey from rounding.
    assert abs(np.asarray(made).astype(float) - oracle.divided(pixels, cells)).max() <= 1.5


def test_white_paper_changes_nothing() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(np.asarray(divided(Gray.from_array(pixels), Paper(4, 4, bytes([255]) * 16))), pixels)


# --- through the front door
# ------------------------------------------------------------


def test_washes_and_gradients_are_divided_out() -> None:
    coverage, truth = page()
    ys, xs = np.mgrid[: truth.shape[0], : truth.shape[1]]
    paper = 250 - 60 * xs / truth.shape[1]
    paper[(np.hypot(xs - 100, ys - 110) < 60)] *= 0.7  # a wash inside the ring
    separation = separate(as_gray(paper * (1 - coverage) + 20 * coverage))
    assert "uneven" in separation.reason
    # The wash ends under the line: its edge pixels may go either way.
    assert (np.asarray(separation.bitmap) != truth).mean() < 0.002
    ground = np.asarray(separation.gray)[coverage == 0]
    assert np.quantile(ground, 0.02) > 235


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_shadow_from_beside_the_page_is_paper(side: str) -> None:
    """Two fifths of the page darken to two fifths of the light: darker than what Otsu takes for
    ink, as there is little ink.
    """
    coverage, truth = page()
    coverage[:160, 195:] = truth[:160, 195:] = 0  # no solid
    light = np.clip(0.4 + 1.5 * np.linspace(0, 1, 300), 0, 1)[None, :] * np.ones((260, 1))
    turns = {"left": 0, "bottom": 1, "right": 2, "top": 3}[side]
    coverage, truth, light = (np.ascontiguousarray(np.rot90(values, turns)) for values in (coverage, truth, light))
    noise = np.random.default_rng(5).normal(0, 1.0, coverage.shape)
    got = np.asarray(threshold(as_gray((235 - 205 * coverage) * light + noise)))
    assert (got != truth).sum() < 0.05 * truth.sum()


def test_a_fill_is_told_from_a_solid_and_its_edge_is_exact() -> None:
    """A box of 4 px with grey 90 in it, and a solid beside it."""
    gray = np.full((120, 200), 250, np.uint8)
    gray[20:100, 20:100] = 12
    gray[24:96, 24:96] = 90
    gray[30:90, 130:180] = 12
    paper = paper_of(Gray.from_array(gray), 130, fills="paper")
    tones = np.frombuffer(paper.tones, np.uint8).reshape(paper.rows, paper.columns)
    assert set(np.unique(tones)) == {0, 90}
    assert paper.fill_cells == (tones > 0).sum() > 200
    made = np.asarray(divided(Gray.from_array(gray), paper))
    assert ((made < 128) == (gray == 12)).all()
    assert paper_of(Gray.from_array(gray), 130).tones is None  # only where it is asked for


def test_an_outline_is_drawn_around_flat_colours_without_one() -> None:
    gray = np.full((120, 200), 250, np.uint8)
    gray[20:100, 20:100] = 100
    gray[30:90, 130:180] = 12
    made = np.asarray(threshold(gray, fills="outline"))
    assert made[20:100, 18:22].any(axis=1).all()
    assert not made[30:90, 30:90].any()
    assert np.array_equal(made[:, 125:185], gray[:, 125:185] == 12)
    assert not np.asarray(threshold(gray, fills="paper"))[:, :110].any()
    assert np.asarray(threshold(gray, fills="ink"))[30:90, 30:90].all()


def test_the_paper_of_uneven_ink_is_not_in_its_pale_parts() -> None:
    """Pencil that is darker here and paler there has no gap between its tones."""
    ys, xs = np.mgrid[:160, :240]
    gray = np.full((160, 240), 240.0)
    gray[20:140, 20:220] = 95 + 60 * xs[20:140, 20:220] / 240 + 8 * np.sin(ys[20:140, 20:220] / 3)
    assert paper_of(Gray.from_array(as_gray(gray)), 180, fills="paper").tones is None


@pytest.mark.parametrize("breadth_px", [8, 11, 14])
@pytest.mark.parametrize("tone", [130, 136, 142])
def test_where_a_stroke_gets_pale_it_is_no_fill(tone: int, breadth_px: int) -> None:
    """As in a book's gutter, where less light falls and nothing is in focus. A fill of about the
    same tone is on the page, too.
    """
    ys, xs = np.mgrid[:800, :1000] + 0.5
    off = np.min([abs(ys - y) for y in (100, 200, 300, 400)], axis=0)
    coverage = np.clip((breadth_px / 2 - off) / 2 + 0.5, 0, 1) * (xs > 100) * (xs < 700)
    ink = np.interp(xs, [100, 480, 520, 700], [20, 20, tone, tone])
    paper = np.where((ys > 500) & (ys < 700) & (xs > 600) & (xs < 900), 150, 225)
    noise = np.random.default_rng(1).normal(0, 1.5, xs.shape)
    found = separate(Gray.from_array(as_gray(paper * (1 - coverage) + ink * coverage + noise)))
    drawn = np.asarray(found.bitmap)
    assert drawn[(off < 1.5) & (xs > 100) & (ink < 100)].all()
    assert not drawn[480:].any()
