"""What `--sheet` and `--deskew` do to a picture, and say of it."""
from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish import FinishOptions, Gray, OptionsError, finish
from linefinish.sheets.straightening import corners_in, straightened
from tests.linefinish.sheets.photographs import corner_error, corners_of, generated, photograph


def gray_of(rgb: np.ndarray) -> Gray:
    return Gray.from_array(np.asarray(Image.fromarray(rgb).convert("L")))


def made(rgb: np.ndarray, **options: Any) -> Any:
    return straightened(rgb, gray_of(rgb), FinishOptions(**options))


def test_the_desk_is_not_drawn_and_the_report_says_what_was_done() -> None:
    photo = photograph(8)
    with_desk, alone = finish(photo), finish(photo, FinishOptions(sheet="auto"))
    truth = finish(generated(8)).report.ink_coverage
    assert alone.report.ink_coverage == pytest.approx(truth, rel=0.12)
    assert abs(with_desk.report.ink_coverage - truth) > 0.0 and with_desk.report.sheet is None
    facts = alone.report.sheet
    assert facts is not None and facts["found"] and corner_error(facts["corners"], corners_of(8)) < 0.002
    assert 0.2 < facts["cropped_share"] < 0.7 and len(facts["homography"]) == 9
    assert alone.report.lines()[0].startswith("sheet ")


def test_a_coloured_desk_that_is_no_ink_still_tells_where_the_sheet_ends() -> None:
    """The same of a PNG, whose colour is known as it is read, as of its pixels in grey."""
    file = io.BytesIO()
    Image.fromarray(photograph(33)).save(file, "PNG")
    facts = finish(file.getvalue(), FinishOptions(sheet="auto")).report.sheet
    assert facts is not None and facts["found"] and corner_error(facts["corners"], corners_of(33)) < 0.0002


def test_without_a_sheet_the_whole_picture_is_drawn_and_that_is_said() -> None:
    photo = generated(3)
    photo[0, 0] = 128  # grey somewhere: not black and white
    result = made(photo, sheet="auto")
    assert not result.facts["found"] and bytes(result.gray.data) == bytes(gray_of(photo).data)
    assert "whole picture is drawn" in result.warnings[0]


def test_given_corners_are_taken_in_any_order_and_in_per_cent() -> None:
    photo = photograph(6)
    corners = corners_of(6)
    text = " ".join(f"{x:.3f},{y:.3f}" for x, y in corners[[2, 0, 3, 1]])
    shares = " ".join(f"{x / 6:.5f}%,{y / 8:.5f}%" for x, y in corners)
    by_px, by_share = (made(photo, sheet=words, sheet_size="a4") for words in (text, shares))
    assert np.allclose(by_px.facts["corners"], corners, atol=0.01) and np.allclose(by_share.facts["corners"], corners, atol=0.01)
    assert by_px.facts["size_mm"] == [210.0, 297.0] and by_px.facts["aspect_from"] == "given"
    assert by_px.gray.width / by_px.gray.height == pytest.approx(210 / 297, rel=0.01)
    assert by_px.gray.dpi == pytest.approx((by_px.gray.width / 210 * 25.4,) * 2, rel=0.01)
    assert any("pixels a millimetre" in warning for warning in by_px.warnings)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("0,0 100,0 100,1 0,1", "sheet's corners enclose less than 1 % of the picture; four corners of the sheet enclose more"),
        ("5,5 5,5 5,5 5,5", "sheet's corners enclose less than 1 % of the picture; four corners of the sheet enclose more"),
        ("0,0 500,0 200,200 0,500", "sheet's corners make no convex quadrilateral; a sheet's corners turn the same way all round"),
        ("-400,0 500,0 500,700 0,700",
         "sheet has a corner at -400,0; it may lie outside the picture of 600 × 800 px by 35 % of a side"),
        ("0,0 500,0 500,700", """sheet is '0,0 500,0 500,700'; it may be auto, off, or four corners as in "120,80 1900,95 """
         """1880,2700 90,2650" (pixels, or per cent as in 5%,4%)"""),
        ("nan,0 500,0 500,700 0,700", "sheet has a corner at nan; corners are finite numbers"),
        ("0,0 500,0 500,-inf 0,700", "sheet has a corner at -inf; corners are finite numbers"),
    ],
    ids=["a strip", "one point", "concave", "far outside", "three", "not a number", "endless"],
)  # fmt: skip
def test_corners_of_no_sheet_are_refused(words: str, said: str) -> None:
    with pytest.raises(OptionsError) as refused:
        corners_in(words, 600, 800)
    assert str(refused.value) == said


def test_corners_that_cross_are_put_in_order() -> None:
    assert corners_in("0,0 500,700 500,0 0,700", 600, 800) == ((0, 0), (500, 0), (500, 700), (0, 700))


def test_what_lies_outside_the_picture_is_paper() -> None:
    flat = made(photograph(6), sheet="-120,0 400,0 400,700 -120,700").gray
    assert len(set(np.asarray(flat)[200, : flat.width // 6])) == 1


def test_a_lens_that_there_is_not_is_ignored_and_that_the_shape_is_assumed_is_said() -> None:
    file, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 65535
    Image.fromarray(photograph(8)).save(file, "JPEG", exif=exif)
    report = finish(file.getvalue(), FinishOptions(sheet="auto")).report
    assert report.sheet is not None and report.sheet["aspect_from"] == "assumed"
    assert any("proportions are assumed, and may be up to 12 % off" in warning for warning in report.warnings)


def test_small_and_black_and_white_pictures_are_not_searched() -> None:
    small = made(photograph(1, width=150, height=190), sheet="auto")
    assert "smaller than 200 px" in small.facts["reason"] and "not looked for" in small.warnings[0]
    page = generated(1)
    assert "black and white" in made(page, sheet="auto").facts["reason"]


def test_degrees_turn_the_page_clockwise() -> None:
    page = np.full((300, 400, 3), 240, np.uint8)
    page[148:152, 100:300] = 20
    turned = made(page, deskew=10.0)
    ys, xs = np.nonzero(np.asarray(turned.gray) < 100)
    assert np.degrees(np.arctan(np.polyfit(xs, ys, 1)[0])) == pytest.approx(10, abs=0.3)
    assert turned.gray.width > 400 and np.asarray(turned.gray)[0, 0] == 240
    assert made(page, deskew=0.0).gray.width == 400


def test_a_sheet_is_cut_out_before_degrees_turn_what_has_none() -> None:
    cut = made(photograph(9), sheet="auto", deskew=3.0)
    assert cut.facts["found"] and corner_error(cut.facts["corners"], corners_of(9)) < 0.003
    whole, small = made(generated(3), sheet="auto", deskew=3.0), made(photograph(1, width=150, height=190), sheet="auto", deskew=3.0)
    for turned in (whole, small):
        assert not turned.facts["found"] and turned.facts["angle"] == -3.0 and "the whole picture is drawn" in turned.warnings[0]


def test_off_is_what_it_was() -> None:
    file = io.BytesIO()
    Image.fromarray(photograph(9)).save(file, "PNG")
    by_default, off = finish(file.getvalue()), finish(file.getvalue(), FinishOptions(sheet="off", deskew="off"))
    assert bytes(by_default.bitmap.words) == bytes(off.bitmap.words) and off.report.sheet is None
