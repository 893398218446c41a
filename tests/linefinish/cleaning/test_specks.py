"""Despeckling: what goes, what stays, and what it promises never to do."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from linefinish.cleaning.specks import despeckle, despeckle_counted
from linefinish.errors import ImageShapeError
from linefinish.thresholds.separating import separate
from tests.linefinish.cleaning.pages import drawing, stroke
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle
from tests.oracles import erosion


@given(bitmaps(), st.integers(0, 30), st.integers(0, 30))
def test_despeckle_takes_specks_first_and_fills_holes_of_what_remains(flags: np.ndarray, speck: int, pinhole: int) -> None:
    done = despeckle_counted(flags, speckle_area_px_max=speck, pinhole_area_px_max=pinhole)
    without, specks = oracle.without_specks(flags, speck)
    expected, pinholes = oracle.without_pinholes(without, pinhole)
    assert np.array_equal(np.asarray(done.bitmap), expected)
    assert (done.specks_removed, done.pinholes_filled) == (specks, pinholes)
    assert (done.speckle_area_px_max, done.pinhole_area_px_max) == (speck, pinhole)


def _hairlines_and_specks(specks: int, stipple: int) -> tuple[np.ndarray, np.ndarray]:
    """Upright lines of 2 px, 64 px apart, with specks of up to 2 × 3 px all over; and the same with
    stipple of 2 × 3 px beside the lines.
    """
    random = np.random.default_rng(3)
    lines = np.zeros((512, 512), bool)
    for x in range(40, 512, 64):
        lines[:, x : x + 2] = True
    drawn = lines.copy()
    for i in range(stipple):
        x = 40 + 64 * (i % 7) + 5
        y = 4 + 6 * (i // 7)
        drawn[y : y + 3, x : x + 2] = True
    noisy = drawn.copy()
    for i, (y, x) in enumerate(random.integers(2, 506, (specks, 2))):
        high, wide = ((1, 1), (3, 2), (1, 2), (3, 2))[i % 4]
        if not drawn[y - 2 : y + 5, x - 2 : x + 4].any():
            noisy[y : y + high, x : x + wide] = True
    return drawn, noisy


def test_specks_beside_hairlines_go_when_they_are_no_denser_there() -> None:
    drawn, noisy = _hairlines_and_specks(specks=150, stipple=0)
    assert np.array_equal(np.asarray(despeckle(noisy)), drawn)


def test_stipple_beside_hairlines_stays_on_a_noisy_page() -> None:
    drawn, noisy = _hairlines_and_specks(specks=60, stipple=400)
    done = np.asarray(despeckle(noisy))
    assert done[drawn].all()
    assert (done & ~drawn).sum() < 0.7 * (noisy & ~drawn).sum()


def test_despeckle_by_itself_clears_a_noisy_page_and_keeps_the_drawing() -> None:
    clean = drawing()
    noisy = clean.copy()
    random = np.random.default_rng(5)
    for _ in range(40):
        y, x, side = random.integers(5, 292), random.integers(5, 292), random.integers(1, 4)
        if not clean[max(0, y - 2) : y + side + 2, max(0, x - 2) : x + side + 2].any():
            noisy[y : y + side, x : x + side] = True
    noisy[150, 100] = noisy[90, 151] = False
    assert erosion.topology(noisy)[0] > 20
    done = despeckle_counted(noisy)
    assert np.array_equal(np.asarray(done.bitmap), clean)
    assert done.pinholes_filled == 2


def test_despeckle_by_itself_leaves_the_small_marks_of_a_quiet_page() -> None:
    page = drawing()
    page[60:62, 148:150] = page[60:62, 154:156] = page[60:63, 160:162] = True  # stipple
    page[20:23, 20:23] = True  # one lone dot
    done = despeckle_counted(page)
    assert np.array_equal(np.asarray(done.bitmap), page)


def test_greys_tell_specks_of_a_sensor_from_a_drawn_stipple_of_their_size() -> None:
    """Edges of what is drawn cover pixels in part, also those of dots; specks of a sensor cover
    whole ones.
    """
    size, over = 400, 8
    fine = np.zeros((size * over, size * over), bool)
    for y in (60, 160, 260, 360):
        stroke(fine, 80 * over, y * over, 320 * over, (y + 7) * over, 5 * over)
    for x in range(100, 300, 7):  # dots of 2.4 px under the first stroke
        stroke(fine, (x + 0.3) * over, 75.6 * over, (x + 0.31) * over, 75.6 * over, 2.4 * over)
    page = np.rint(250 - 220 * fine.reshape(size, over, size, over).mean(axis=(1, 3))).astype(np.uint8)
    drawn = np.asarray(separate(page).bitmap)
    random = np.random.default_rng(2)
    for _ in range(60):
        y, x, side = (int(random.integers(low, high)) for low, high in ((5, 392), (5, 392), (1, 4)))
        if (page[y - 3 : y + side + 3, x - 3 : x + side + 3] == 250).all():
            page[y : y + side, x : x + side] = 30
    grays = separate(page)
    assert len(oracle.components(np.asarray(grays.bitmap), eight=True)) > len(oracle.components(drawn, eight=True)) + 30
    assert np.array_equal(np.asarray(despeckle(grays.bitmap, greys=grays)), drawn)
    assert not np.array_equal(np.asarray(despeckle(grays.bitmap)), drawn)  # their areas tell nothing


def test_greys_of_another_size_are_refused() -> None:
    with pytest.raises(ImageShapeError, match="must agree"):
        despeckle(np.zeros((20, 20), bool), greys=separate(np.zeros((20, 21), np.uint8)))


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_despeckle_by_itself_leaves_the_dot_of_an_i(width: int) -> None:
    page = np.zeros((300, 300), bool)
    for i in range(12):
        stroke(page, 20 + 22 * i, 100, 20 + 22 * i, 200, width)
        stroke(page, 20 + 22 * i, 100 - 2.5 * width, 20.1 + 22 * i, 100 - 2.5 * width, width + 0.5)
    assert np.array_equal(np.asarray(despeckle(page)), page)


def test_dust_on_the_little_paper_of_a_dark_page_goes() -> None:
    """Ten specks would be few on a whole page; on the third of it that is paper they are many."""
    ink = np.zeros((1000, 1000), bool)
    ink[:, 330:] = True
    ink[100:900, 40:46] = True
    specks = np.zeros_like(ink)
    for k in range(10):
        specks[60 + 90 * k : 61 + k % 3 + 90 * k, 120 + 17 * k : 122 + 17 * k] = True
    assert np.array_equal(np.asarray(despeckle(ink | specks)), ink)


def test_few_specks_on_much_paper_stay() -> None:
    ink = np.zeros((1000, 1000), bool)
    ink[100:900, 40:46] = True
    specks = np.zeros_like(ink)
    for k in range(10):
        specks[60 + 90 * k : 62 + 90 * k, 120 + 71 * k : 122 + 71 * k] = True
    assert np.array_equal(np.asarray(despeckle(ink | specks)), ink | specks)


# --- dots and holes that were drawn
# ------------------------------------------------------------


def _discs(size: int, centres: list[tuple[float, float]], diameter: float) -> np.ndarray:
    """Coverage (size, size) of discs at points (y, x)."""
    over = 8
    at = (np.arange(size * over) + 0.5) / over
    ink = np.zeros((size * over, size * over), bool)
    for cy, cx in centres:
        rows, columns = (slice(*np.searchsorted(at, [c - diameter, c + diameter])) for c in (cy, cx))
        ink[rows, columns] |= (at[rows, None] - cy) ** 2 + (at[columns] - cx) ** 2 <= (diameter / 2) ** 2
    return ink.reshape(size, over, size, over).mean(axis=(1, 3))


def _scattered(count: int, seed: int) -> list[tuple[float, float]]:
    """Points at least 20 px apart, on a page of 240 px, none near its lowest 40 px."""
    random = np.random.default_rng(seed)
    places = [(20 * i + 12, 20 * j + 12) for i in range(9) for j in range(11)]
    chosen = random.permutation(len(places))[:count]
    return [(places[k][0] + random.uniform(-4, 4), places[k][1] + random.uniform(-4, 4)) for k in chosen]


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 99), st.floats(1.8, 6), st.booleans(), st.integers(0, 1000))
def test_dots_as_dark_and_as_sharp_as_the_ink_stay_however_many(count: int, diameter: float, bilevel: bool, seed: int) -> None:
    coverage = _discs(240, _scattered(count, seed), max(diameter, 2.6) if bilevel else diameter)
    coverage[205:212, 20:220] = 1
    coverage[204, 20:220] = 0.25  # on one side of two: as soft as clean drawings are on the average
    gray = np.rint(255 * (1 - coverage)).astype(np.uint8)
    drawn = gray <= 127
    greys = None if bilevel else separate(gray)
    done = despeckle_counted(drawn, grays=greys)
    assert np.array_equal(np.asarray(done.bitmap), drawn)
    assert (done.specks_removed, done.specks_area_px, done.speckle_area_px_max <= 1) == (0, 0, True)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 99), st.floats(1.8, 24), st.sampled_from(["sharp", "soft", "bilevel"]), st.integers(0, 1000))
def test_white_details_in_solids_stay(count: int, diameter: float, kind: str, seed: int) -> None:
    """Buttons, dice, stencils, linocut: a solid is no stroke that says how large noise is."""
    diameter = max(diameter, {"sharp": 1.8, "soft": 4.5, "bilevel": 2.6}[kind])
    coverage = 1 - _discs(240, _scattered(count if diameter < 14 else 1, seed), diameter)
    coverage[:, :3] = coverage[:, -3:] = coverage[:3] = coverage[-3:] = 0
    coverage[:, 2] = 0.6
    if kind == "soft":
        coverage = ndimage.gaussian_filter(coverage, 0.9)
    gray = np.rint(255 * (1 - coverage)).astype(np.uint8)
    drawn = gray <= 127
    done = despeckle_counted(drawn, grays=None if kind == "bilevel" else separate(gray))
    assert np.array_equal(np.asarray(done.bitmap), drawn)
    assert (done.pinholes_filled, done.pinholes_area_px, done.pinhole_largest_px) == (0, 0, 0)


def test_the_sizes_of_what_went_are_told() -> None:
    page = drawing()
    page[20:23, 20] = page[40, 20] = page[40, 240] = True
    page[150, 100] = False
    done = despeckle_counted(page, speckle_area_px_max=5, pinhole_area_px_max=5)
    assert (done.specks_removed, done.specks_area_px, done.speck_largest_px) == (3, 5, 3)
    assert (done.pinholes_filled, done.pinholes_area_px, done.pinhole_largest_px) == (1, 1, 1)
