"""`finish()`: the whole way, and what it reports."""
from __future__ import annotations

import io
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from linefinish import FinishOptions, Gray, OptionsError, Page, UnknownFormatError, finish, fit, read_gray, trace, verify
from linefinish.options import BACKGROUND_MODES, THRESHOLD_METHODS, TURN_POLICIES
from linefinish.records import fields

STEPS = ["read", "threshold", "clean", "measure", "trace", "fit"]


def test_a_drawing_from_every_kind_of_source(page_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(page_bytes)
    gray = read_gray(path)
    sources: list[Any] = [path, str(path), page_bytes, io.BytesIO(page_bytes), gray, np.asarray(gray)]
    segments = [bytes(finish(source).curves.segments) for source in sources]
    assert len(set(segments)) == 1
    assert len(segments[0]) > 0


def test_the_report_tells_what_is_there(page_bytes: bytes) -> None:
    report = finish(page_bytes).report
    assert (report.width, report.height) == (240, 180)
    assert report.dpi == pytest.approx((100, 100), abs=0.01)
    assert report.bilevel_input is False
    assert report.parts == 2  # the diagonal crosses the ring; the square lies apart
    assert report.regions >= 2
    assert 0.1 < report.ink_coverage < 0.2
    assert 3 < report.stroke_width_median_px < 7
    assert report.segment_count >= report.curve_count > 0
    assert list(report.seconds) == STEPS
    assert report.warnings == ()


def test_the_report_is_plain(page_bytes: bytes) -> None:
    import json

    report = finish(page_bytes).report
    mapping = report.to_mapping()
    assert list(mapping) == list(fields(report))
    assert json.loads(json.dumps(mapping)) == mapping
    lines = report.lines()
    assert 4 <= len(lines) <= 8
    assert all(len(line) < 200 for line in lines)


def test_each_step_is_told_as_it_begins(page_bytes: bytes) -> None:
    told: list[str] = []
    finish(page_bytes, on_step=told.append)
    assert told == STEPS


def test_clean_up_steps_are_off_unless_asked_for(page_bytes: bytes) -> None:
    plain = finish(page_bytes)
    assert finish(page_bytes, FinishOptions()).bitmap.words == plain.bitmap.words
    thicker = finish(page_bytes, FinishOptions(stroke_width_px_min=9))
    assert thicker.bitmap.ink_count() > plain.bitmap.ink_count()
    hollow = finish(page_bytes, FinishOptions(hollow_area_px_min=400, hollow_line_px=3))
    assert hollow.bitmap.ink_count() < plain.bitmap.ink_count()


def test_thickening_comes_after_hollowing(page_bytes: bytes) -> None:
    both = finish(page_bytes, FinishOptions(hollow_area_px_min=400, hollow_line_px=2, stroke_width_px_min=6))
    assert both.report.stroke_width_min_px > 4


@pytest.mark.parametrize(("level", "ink", "warning"), [(255, 0.0, "the page has no ink"), (0, 1.0, "the page is all ink")])
def test_a_page_of_one_colour_is_a_warning_and_a_valid_drawing(level: int, ink: float, warning: str, tmp_path: Path) -> None:
    finished = finish(np.full((40, 60), level, np.uint8))
    assert finished.report.ink_coverage == ink
    assert finished.report.warnings[0].startswith(warning)
    for suffix in ("svg", "png", "tif", "pbm", "pdf", "eps"):
        finished.write(tmp_path / f"page.{suffix}")
        assert verify(tmp_path / f"page.{suffix}").is_one_bit, suffix


def test_bilevel_input_is_traced_without_greys() -> None:
    pixels = np.full((64, 64), 255, np.uint8)
    pixels[20:40, 10:50] = 0
    assert finish(pixels).report.bilevel_input is True
    pixels[0, 0] = 254
    assert finish(pixels).report.bilevel_input is False


def test_writing(page_bytes: bytes, tmp_path: Path) -> None:
    finished = finish(page_bytes)
    finished.write(tmp_path / "a.svg")
    stream = io.BytesIO()
    finished.write(stream, format="svg")
    assert stream.getvalue() == (tmp_path / "a.svg").read_bytes()
    finished.write(tmp_path / "a.png", dpi=300)
    verdict = verify(tmp_path / "a.png")
    assert verdict.is_one_bit
    assert verdict.dpi == pytest.approx((300, 300), abs=0.1)
    assert (verdict.width, verdict.height) == (720, 540)  # 240 × 180 at the file's own 100 dpi
    finished.write(tmp_path / "a.pdf", page=Page("letter", margin="0.5in"), pdf_image=True)
    assert verify(tmp_path / "a.pdf").is_one_bit
    with pytest.raises(UnknownFormatError):
        finished.write(tmp_path / "a.jpeg")
    assert not (tmp_path / "a.jpeg").exists()


def test_options_are_checked() -> None:
    with pytest.raises(OptionsError, match="threads"):
        FinishOptions(threads=0)


def any_options() -> st.SearchStrategy[FinishOptions]:
    """Every option anywhere within its bounds, lengths and areas where drawings have theirs."""
    return st.builds(
        FinishOptions,
        threshold=st.sampled_from(THRESHOLD_METHODS), threshold_level=st.integers(0, 256),
        threshold_window_px=st.none() | st.integers(3, 60), threshold_k=st.none() | st.floats(-2, 2),
        background=st.sampled_from(BACKGROUND_MODES),
        speckle_area_px_max=st.none() | st.floats(0, 50), pinhole_area_px_max=st.none() | st.floats(0, 50),
        gap_length_px_max=st.just(0.0) | st.floats(0, 30), stroke_width_px_min=st.just(0.0) | st.floats(0, 12),
        hollow_area_px_min=st.just(0.0) | st.floats(0, 300), hollow_line_px=st.none() | st.floats(1, 9),
        turn_policy=st.sampled_from(TURN_POLICIES), fit_error_px_max=st.none() | st.floats(0.01, 5), corner_sharpness=st.floats(0, 2),
        threads=st.integers(1, 3),
    )  # fmt: skip


@st.composite
def any_page(draw: st.DrawFn) -> np.ndarray:
    """Noise, or soft strokes and blots on paper, of any small size."""
    height, width = draw(st.integers(1, 70)), draw(st.integers(1, 70))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.booleans()):
        return random.integers(0, 256, (height, width), np.uint8)
    y, x = np.mgrid[:height, :width]
    page = np.full((height, width), 250.0)
    for _ in range(draw(st.integers(1, 6))):
        angle, left, top = random.uniform(0, 3.2), random.uniform(0, width), random.uniform(0, height)
        distance = np.abs((x - left) * np.cos(angle) + (y - top) * np.sin(angle))
        page = np.minimum(page, 20 + 230 * np.clip(distance - random.uniform(0, 6), 0, 1))
    return np.uint8(page + random.normal(0, draw(st.sampled_from([0, 3])), page.shape).clip(-8, 5))


@settings(max_examples=120)
@given(any_page(), any_options())
def test_any_page_with_any_options_becomes_a_true_drawing(pixels: np.ndarray, options: FinishOptions) -> None:
    finished = finish(pixels, options)
    report = finished.report
    assert finished.curves.segment_count == report.segment_count
    assert np.isfinite(finished.curves.segments_array()).all()
    assert report.ink_coverage == pytest.approx(finished.bitmap.ink_count() / pixels.size)
    assert (report.curve_count == 0) == (report.ink_coverage == 0)
    for form in ("svg", "png"):
        stream = io.BytesIO()
        finished.write(stream, format=form)
        assert verify(stream.getvalue()).is_one_bit


@example(np.array([[35, 0, 0], *[[0, 0, 0]] * 6, [167, 0, 0], *[[0, 0, 0]] * 4], np.uint8), 1)  # too narrow for a column of the rim
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))), st.integers(1, 3))
def test_any_grey_array_becomes_a_drawing_and_threads_change_nothing(pixels: np.ndarray, threads: int) -> None:
    finished = finish(Gray.from_array(pixels), FinishOptions(threads=threads))
    assert (finished.curves.width, finished.curves.height) == pixels.shape[::-1]
    assert bytes(finished.curves.segments) == bytes(finish(pixels).curves.segments)


def test_results_can_be_handed_from_process_to_process(page_bytes: bytes) -> None:
    gray = read_gray(page_bytes)
    finished = finish(gray)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        returned = executor.submit(finish, gray, FinishOptions()).result()
    assert bytes(returned.curves.segments) == bytes(finished.curves.segments)
    assert np.array_equal(np.asarray(returned.bitmap), np.asarray(finished.bitmap))
    out: list[bytes] = []
    for one in (finished, returned, pickle.loads(pickle.dumps(returned))):
        stream = io.BytesIO()
        one.write(stream, format="pdf", page=Page("a4"))
        out.append(stream.getvalue())
    assert len(set(out)) == 1
    again = pickle.loads(pickle.dumps(trace(finished.bitmap, gray, 127)))
    assert np.array_equal(fit(again).segments_array(), fit(trace(finished.bitmap, gray, 127)).segments_array())
