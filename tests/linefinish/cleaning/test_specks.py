"""Clean-up steps: what goes, what stays, and what each promises never to do."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.cleaning import specks as cleaning
from linefinish.data.raster import Bitmap
from linefinish.errors import ImageShapeError, OptionsError
from linefinish.thresholds.separating import separate
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle
from tests.oracles import erosion


def stroke(page: np.ndarray, x0: float, y0: float, x1: float, y1: float, width: float) -> None:
    """Draw a straight stroke with round ends."""
    y, x = np.mgrid[0 : page.shape[0], 0 : page.shape[1]] + 0.5
    along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
    page |= (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2 <= width * width / 4


def drawing(width: float = 5) -> np.ndarray:
    """A ring, a cross and a hatching of one stroke width."""
    page = np.zeros((300, 300), bool)
    points = [(150 + 120 * math.cos(i * math.pi / 18), 150 + 120 * math.sin(i * math.pi / 18)) for i in range(37)]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        stroke(page, x0, y0, x1, y1, width)
    stroke(page, 80, 150, 220, 150, width)
    stroke(page, 150, 80, 150, 220, width)
    for i in range(4):
        stroke(page, 180 + 4 * width * i / 2, 180, 180 + 4 * width * i / 2, 210, width)
    return page


# --- despeckle
# ------------------------------------------------------------


@given(bitmaps(), st.integers(0, 30), st.integers(0, 30))
def test_despeckle_takes_specks_first_and_fills_holes_of_what_remains(flags: np.ndarray, speck: int, pinhole: int) -> None:
    done = cleaning.despeckle_counted(flags, speckle_area_px_max=speck, pinhole_area_px_max=pinhole)
    without, specks = oracle.without_specks(flags, speck)
    expected, pinholes = oracle.without_pinholes(without, pinhole)
    assert np.array_equal(np.asarray(done.bitmap), expected)
    assert (done.specks_removed, done.pinholes_filled) == (specks, pinholes)
    assert (done.speckle_area_px_max, done.pinhole_area_px_max) == (speck, pinhole)


def _hairlines_and_specks(specks: int, stipple: int) -> tuple[np.ndarray, np.ndarray]:
    """Upright lines of 2 px, 64 px apart, with specks of 2 × 3 px all over; and the same with
    stipple of that size beside the lines.
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
    for y, x in random.integers(2, 506, (specks, 2)):
        if not drawn[y - 2 : y + 5, x - 2 : x + 4].any():
            noisy[y : y + 3, x : x + 2] = True
    return drawn, noisy


def test_specks_beside_hairlines_go_when_they_are_no_denser_there() -> None:
    drawn, noisy = _hairlines_and_specks(specks=150, stipple=0)
    assert np.array_equal(np.asarray(cleaning.despeckle(noisy)), drawn)


def test_stipple_beside_hairlines_stays_on_a_noisy_page() -> None:
    drawn, noisy = _hairlines_and_specks(specks=60, stipple=400)
    done = np.asarray(cleaning.despeckle(noisy))
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
    done = cleaning.despeckle_counted(noisy)
    assert np.array_equal(np.asarray(done.bitmap), clean)
    assert done.pinholes_filled == 2


def test_despeckle_by_itself_leaves_the_small_marks_of_a_quiet_page() -> None:
    page = drawing()
    page[60:62, 148:150] = page[60:62, 154:156] = page[60:63, 160:162] = True  # stipple
    page[20:23, 20:23] = True  # one lone dot
    done = cleaning.despeckle_counted(page)
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
    greys = separate(page)
    assert len(oracle.components(np.asarray(greys.bitmap), eight=True)) > len(oracle.components(drawn, eight=True)) + 30
    assert np.array_equal(np.asarray(cleaning.despeckle(greys.bitmap, greys=greys)), drawn)
    assert not np.array_equal(np.asarray(cleaning.despeckle(greys.bitmap)), drawn)  # their areas tell nothing


def test_greys_of_another_size_are_refused() -> None:
    with pytest.raises(ImageShapeError, match="must agree"):
        cleaning.despeckle(np.zeros((20, 20), bool), greys=separate(np.zeros((20, 21), np.uint8)))


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_despeckle_by_itself_leaves_the_dot_of_an_i(width: int) -> None:
    page = np.zeros((300, 300), bool)
    for i in range(12):
        stroke(page, 20 + 22 * i, 100, 20 + 22 * i, 200, width)
        stroke(page, 20 + 22 * i, 100 - 2.5 * width, 20.1 + 22 * i, 100 - 2.5 * width, width + 0.5)
    assert np.array_equal(np.asarray(cleaning.despeckle(page)), page)


# --- close_gaps
# ------------------------------------------------------------


@pytest.mark.parametrize("angle", [0, 17, 45, 72, 90, 133])
@pytest.mark.parametrize("width", [2, 4, 7])
def test_facing_ends_are_joined_up_to_the_length_and_not_beyond(angle: float, width: float) -> None:
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    page = np.zeros((200, 200), bool)
    for near, far in ((5 + width / 2, 80), (-5 - width / 2, -80)):
        stroke(page, 100 + c * near, 100 + s * near, 100 + c * far, 100 + s * far, width)
    assert len(oracle.components(page, eight=True)) == 2
    done = cleaning.close_gaps_counted(page, gap_length_px_max=13)
    assert done.gaps_closed == 1
    joined = np.asarray(done.bitmap)
    assert len(oracle.components(joined, eight=True)) == 1
    bridge = joined & ~page
    assert 0.5 * 10 * width <= bridge.sum() <= 1.5 * 10 * width + 2 * width * width
    assert cleaning.close_gaps_counted(page, gap_length_px_max=7).gaps_closed == 0


def test_an_open_ring_becomes_a_region() -> None:
    page = drawing()
    page[100:110, 15:60] = False
    assert not oracle.enclosed(page)
    closed = cleaning.close_gaps_counted(page, gap_length_px_max=15)
    assert closed.gaps_closed == 1
    assert len(oracle.enclosed(np.asarray(closed.bitmap))) == 1


@pytest.mark.parametrize("slant", [0, 30])
def test_an_end_reaches_the_stroke_ahead_and_does_not_run_through_it(slant: float) -> None:
    page = np.zeros((120, 120), bool)
    stroke(page, 60 - slant, 10, 60 + slant, 110, 3)
    stroke(page, 10, 60, 50, 60, 6)
    done = cleaning.close_gaps_counted(page, gap_length_px_max=15)
    joined = np.asarray(done.bitmap)
    assert done.gaps_closed == 1
    assert len(oracle.components(joined, eight=True)) == 1
    y, x = np.argwhere(joined & ~page).T
    assert (x + 0.5 < 60 + slant * (y + 0.5 - 60) / 50).all()


def test_a_hatching_stays_open() -> None:
    page = np.zeros((150, 150), bool)
    for i in range(8):
        stroke(page, 30 + 9 * i, 40, 45 + 9 * i, 100, 3)
    assert cleaning.close_gaps_counted(page, gap_length_px_max=30).gaps_closed == 0


@given(bitmaps(), st.floats(0, 20))
def test_gaps_only_add_ink(flags: np.ndarray, length: float) -> None:
    done = cleaning.close_gaps_counted(flags, gap_length_px_max=length)
    added = np.asarray(done.bitmap) & ~flags
    assert (flags & ~np.asarray(done.bitmap)).sum() == 0
    assert done.gaps_closed > 0 or not added.any()


# --- thicken
# ------------------------------------------------------------


@pytest.mark.parametrize("before", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("wanted", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("upright", [False, True])
def test_a_thin_bar_grows_to_the_width_and_a_thick_one_stays(before: int, wanted: int, upright: bool) -> None:
    page = np.zeros((60, 160), bool)
    page[30 : 30 + before, 20:140] = True
    page = page.T.copy() if upright else page
    out = np.asarray(cleaning.thicken(page, stroke_width_px_min=wanted))
    middle = out[80] if upright else out[:, 80]
    assert middle.sum() == max(before, wanted)
    if before >= wanted:
        assert np.array_equal(out, page)


@pytest.mark.parametrize("angle", [10, 27, 45, 63])
@pytest.mark.parametrize("wanted", [3, 5, 8])
def test_slanted_hairlines_grow_to_the_width(angle: float, wanted: int) -> None:
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    page = np.zeros((260, 260), bool)
    stroke(page, 130 - 100 * c, 130 - 100 * s, 130 + 100 * c, 130 + 100 * s, 1.5)
    out = np.asarray(cleaning.thicken(page, stroke_width_px_min=wanted))
    y, x = np.mgrid[0:260, 0:260] + 0.5
    inner = abs((x - 130) * c + (y - 130) * s) < 60
    assert (out & inner).sum() / 120 == pytest.approx(wanted, abs=0.8)


def test_strokes_that_lie_close_keep_paper_between() -> None:
    page = np.zeros((60, 200), bool)
    page[20, 10:190] = page[23, 10:190] = True
    out = np.asarray(cleaning.thicken(page, stroke_width_px_min=7))
    assert erosion.topology(out) == erosion.topology(page)
    assert (out[18:26, 50:150].sum(0) == 7).all()  # two rows of paper shrank to one


@given(bitmaps(side_max=30, width_max=80), st.floats(0, 9))
def test_thickening_only_adds_ink_and_keeps_the_topology(flags: np.ndarray, wanted: float) -> None:
    out = np.asarray(cleaning.thicken(flags, stroke_width_px_min=wanted))
    assert not (flags & ~out).any()
    assert erosion.topology(out) == erosion.topology(flags)


# --- hollow
# ------------------------------------------------------------


def test_a_disc_becomes_a_ring_and_strokes_stay() -> None:
    page = drawing()
    y, x = np.mgrid[0:300, 0:300] + 0.5
    disc = (y - 100) ** 2 + (x - 100) ** 2 <= 25**2
    page = page & ~((y - 100) ** 2 + (x - 100) ** 2 <= 32**2) | disc
    out = np.asarray(cleaning.hollow(page, hollow_area_px_min=500, hollow_line_px=4))
    gone = page & ~out
    assert not (gone & ~disc).any()
    assert np.array_equal(gone, (y - 100) ** 2 + (x - 100) ** 2 <= 21**2) or abs(int(gone.sum()) - math.pi * 21**2) < 60
    thickness = out[100, 70:101].sum()
    assert thickness in (4, 5)


def test_small_blacks_stay_and_the_page_sets_the_line() -> None:
    page = np.zeros((300, 300), bool)
    for y in (20, 40, 60):
        stroke(page, 20, y + 0.5, 280, y + 0.5, 5)
    page[100:200, 50:250] = True
    page[240:260, 100:120] = True
    out = np.asarray(cleaning.hollow(page, hollow_area_px_min=1000))
    assert np.array_equal(out[210:], page[210:])
    assert np.array_equal(out[:90], page[:90])
    assert out[150, 50:250].sum() == pytest.approx(10, abs=1)
    assert len(oracle.enclosed(out)) == 1


@given(bitmaps(), st.floats(0, 200), st.one_of(st.none(), st.floats(1, 8)))
def test_hollowing_only_takes_ink_away_and_never_breaks_the_outline(flags: np.ndarray, area: float, line: float | None) -> None:
    out = np.asarray(cleaning.hollow(flags, hollow_area_px_min=area, hollow_line_px=line))
    assert not (out & ~flags).any()
    # What went had ink all round, so it opened towards no paper that was there before.
    gone = np.pad(flags & ~out, 1)
    beside = gone[:-2, 1:-1] | gone[2:, 1:-1] | gone[1:-1, :-2] | gone[1:-1, 2:]
    assert not (beside & ~flags).any()


# --- all
# ------------------------------------------------------------

STEPS: list[Callable[[Any], Bitmap]] = [
    cleaning.despeckle,
    lambda bitmap: cleaning.close_gaps(bitmap, gap_length_px_max=9),
    lambda bitmap: cleaning.thicken(bitmap, stroke_width_px_min=3),
    lambda bitmap: cleaning.hollow(bitmap, hollow_area_px_min=50),
]


@pytest.mark.parametrize("step", STEPS, ids=["despeckle", "close_gaps", "thicken", "hollow"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (65, 64), (40, 127)])
def test_steps_take_pages_of_any_size_empty_or_full_and_do_not_touch_them(step: Callable[[Any], Bitmap], shape: tuple[int, int]) -> None:
    assert step(np.zeros(shape, bool)).ink_count() == 0
    for full in (np.ones(shape, bool), (np.indices(shape).sum(0) & 1).astype(bool)):
        bitmap = Bitmap.from_array(full)
        words = bytes(bitmap.words)
        made = step(bitmap)
        assert (made.width, made.height) == (bitmap.width, bitmap.height)
        assert bytes(bitmap.words) == words


@pytest.mark.parametrize("value", [-1, math.nan, "9", True])
def test_values_that_make_no_sense_are_refused(value: Any) -> None:
    page = np.zeros((4, 4), bool)
    for call in (
        lambda: cleaning.despeckle(page, speckle_area_px_max=value),
        lambda: cleaning.close_gaps(page, gap_length_px_max=value),
        lambda: cleaning.thicken(page, stroke_width_px_min=value),
        lambda: cleaning.hollow(page, hollow_area_px_min=value),
    ):
        with pytest.raises(OptionsError):
            call()


def test_dust_on_the_little_paper_of_a_dark_page_goes() -> None:
    """Ten specks would be few on a whole page; on the third of it that is paper they are many."""
    ink = np.zeros((1000, 1000), bool)
    ink[:, 330:] = True
    ink[100:900, 40:46] = True
    specks = np.zeros_like(ink)
    for k in range(10):
        specks[60 + 90 * k : 62 + 90 * k, 120 + 17 * k : 122 + 17 * k] = True
    assert np.array_equal(np.asarray(cleaning.despeckle(ink | specks)), ink)


def test_few_specks_on_much_paper_stay() -> None:
    ink = np.zeros((1000, 1000), bool)
    ink[100:900, 40:46] = True
    specks = np.zeros_like(ink)
    for k in range(10):
        specks[60 + 90 * k : 62 + 90 * k, 120 + 71 * k : 122 + 71 * k] = True
    assert np.array_equal(np.asarray(cleaning.despeckle(ink | specks)), ink | specks)
