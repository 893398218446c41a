"""Whatever a public step is called with: a result, or one of our errors; OptionsError where an
option cannot be, as in `FinishOptions`.
"""
from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import linefinish
from linefinish import FinishOptions, LinefinishError, OptionsError
from linefinish.options import OPTIONS


class Unshowable:
    """An object that raises whatever it is asked."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


NEVER: dict[str, Any] = {
    "infinite": float("inf"), "minus infinite": float("-inf"), "NaN": float("nan"), "400 digits": 10**400,
    "minus 400 digits": -(10**400), "5,000 digits": 10**5000, "negative": -5, "true": True, "list": [1], "dict": {"a": 1}, "set": {1},
    "bytes": b"1", "object": object(), "complex": 1j, "decimal": Decimal(5), "fraction": Fraction(1, 2), "array": np.arange(3),
    "numpy NaN": np.float64("nan"), "numpy bool": np.bool_(True), "type": int, "unshowable": Unshowable(), "text": "many", "NUL": "\0",
}  # fmt: skip
# What some option may be after all.
FLAGS = ("invert", "sheet_keep", "centerline")
ALLOWED = {("deskew", "negative"), *((flag, what) for flag in FLAGS for what in ("true", "numpy bool"))}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    pixels = np.full((40, 50), 250, np.uint8)
    pixels[10:30, 8:12] = pixels[14:17, 12:40] = 20
    gray = linefinish.Gray.from_array(pixels)
    separation = linefinish.separate(gray)
    paths = linefinish.trace(separation.bitmap, gray, separation.levels)
    curves = linefinish.fit(paths)
    return {
        "gray": gray, "separation": separation, "bitmap": separation.bitmap, "levels": separation.levels, "paths": paths,
        "curves": curves, "document": linefinish.compose(curves), "finished": linefinish.finish(gray),
        "measures": linefinish.measure(separation.bitmap),
    }  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
@pytest.mark.parametrize("what", NEVER)
def test_options_that_cannot_be(option: Any, what: str) -> None:
    if (option.name, what) in ALLOWED or option.name == "threshold_k" and what == "negative":
        return
    for make in (FinishOptions, lambda **values: FinishOptions.from_mapping(values)):
        with pytest.raises(OptionsError) as caught:
            make(**{option.name: NEVER[what]})
        assert str(caught.value).startswith(f"{option.name} is ")
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


# Step → its argument → how it is called with a value of it.
Call = Callable[[dict[str, Any], Any], Any]
STEPS: dict[str, Call] = {
    "finish options": lambda m, v: linefinish.finish(m["gray"], v),
    "finish on_step": lambda m, v: linefinish.finish(m["gray"], on_step=3 if v is int else v),
    "read_gray megapixels_max": lambda m, v: linefinish.read_gray(m["gray"], megapixels_max=v),
    "read_gray frame": lambda m, v: linefinish.read_gray(m["gray"], frame=v),
    "read_gray drop_colour": lambda m, v: linefinish.read_gray(np.zeros((2, 2, 3), np.uint8), drop_colour=v),
    "threshold method": lambda m, v: linefinish.threshold(m["gray"], v),
    "threshold level": lambda m, v: linefinish.threshold(m["gray"], "fixed", level=v),
    "threshold window_px": lambda m, v: linefinish.threshold(m["gray"], "sauvola", window_px=v),
    "threshold k": lambda m, v: linefinish.threshold(m["gray"], "sauvola", k=5 if type(v) is int and v == -5 else v),
    "separate background": lambda m, v: linefinish.separate(m["gray"], background=v),
    "separate fills": lambda m, v: linefinish.separate(m["gray"], fills=v),
    "despeckle speckle_area_px_max": lambda m, v: linefinish.despeckle(m["bitmap"], speckle_area_px_max=v),
    "despeckle pinhole_area_px_max": lambda m, v: linefinish.despeckle(m["bitmap"], pinhole_area_px_max=v),
    "close_gaps gap_length_px_max": lambda m, v: linefinish.close_gaps(m["bitmap"], gap_length_px_max=v),
    "thicken stroke_width_px_min": lambda m, v: linefinish.thicken(m["bitmap"], stroke_width_px_min=v),
    "hollow hollow_area_px_min": lambda m, v: linefinish.hollow(m["bitmap"], hollow_area_px_min=v),
    "hollow hollow_line_px": lambda m, v: linefinish.hollow(m["bitmap"], hollow_area_px_min=9, hollow_line_px=v),
    "trace turn_policy": lambda m, v: linefinish.trace(m["bitmap"], turn_policy=v),
    "trace threads": lambda m, v: linefinish.trace(m["bitmap"], threads=v),
    "trace levels": lambda m, v: linefinish.trace(m["bitmap"], m["gray"], v),
    "outline threads": lambda m, v: linefinish.outline(m["bitmap"], threads=v),
    "outline error_px_max": lambda m, v: linefinish.outline(m["bitmap"], error_px_max=v),
    "outline corner_sharpness": lambda m, v: linefinish.outline(m["bitmap"], corner_sharpness=v),
    "fit error_px_max": lambda m, v: linefinish.fit(m["paths"], error_px_max=v),
    "fit corner_sharpness": lambda m, v: linefinish.fit(m["paths"], corner_sharpness=v),
    "fit threads": lambda m, v: linefinish.fit(m["paths"], threads=v),
    "compose page": lambda m, v: linefinish.compose(m["curves"], v),
    "compose dpi": lambda m, v: linefinish.compose(m["curves"], dpi=v),
    "compose dpi pair": lambda m, v: linefinish.compose(m["curves"], dpi=(300, v)),
    "compose image_dpi": lambda m, v: linefinish.compose(m["curves"], image_dpi=3 if type(v) is int and v == -5 else (v, v)),
    "compose width_pt": lambda m, v: linefinish.compose(m["curves"], width_pt=v),
    "compose height_pt": lambda m, v: linefinish.compose(m["curves"], width_pt=100, height_pt=v),
    "rasterize dpi": lambda m, v: linefinish.rasterize(m["document"], dpi=v),
    "rasterize fill_rule": lambda m, v: linefinish.rasterize(m["document"], fill_rule=v),
    "write dpi": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "png", dpi=v),
    "write pdf_image": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "pdf", pdf_image=1 if v is True else v),
    "write svg_paths": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "svg", svg_paths=v),
    "write dxf": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "dxf", dxf=v),
    "write layers": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "dxf", layers=v),
    "write geojson_matrix": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "geojson", geojson_matrix=v),
    "to_polygons tolerance": lambda m, v: m["curves"].to_polygons(v),
    "to_svg_path decimals": lambda m, v: m["curves"].to_svg_path(decimals=v),
    "transform matrix": lambda m, v: m["curves"].transform(v),
    "write of another's": lambda m, v: linefinish.write(m["document"], io.BytesIO(), "svg", pdf_image=v),
    "Finished.write dpi": lambda m, v: m["finished"].write(io.BytesIO(), format="svg", dpi=v),
    "Page page": lambda m, v: linefinish.Page(v),
    "Page fit": lambda m, v: linefinish.Page(fit=v),
    "finish_many options": lambda m, v: linefinish.finish_many([], "out", v),
    "finish_many executor": lambda m, v: linefinish.finish_many([], "out", executor=v),
    "finish_many jobs": lambda m, v: linefinish.finish_many([], "out", jobs=1.5 if type(v) is int and v > 9 else v),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_an_option_of_a_step_called_alone(step: str, made: dict[str, Any]) -> None:
    for what, value in NEVER.items():
        if what in ("infinite", "400 digits", "5,000 digits") and step in ("read_gray megapixels_max", "read_gray frame"):
            continue  # no bound is a bound
        with pytest.raises(OptionsError) as caught:
            STEPS[step](made, value)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 400, (step, what)


# Where a picture, a record, a place or a format is wanted: whatever comes, it is our error.
PLACES: dict[str, Call] = {
    "finish": lambda m, v: linefinish.finish(v),
    "read_gray": lambda m, v: linefinish.read_gray(v),
    "threshold": lambda m, v: linefinish.threshold(v),
    "separate": lambda m, v: linefinish.separate(v),
    "despeckle": lambda m, v: linefinish.despeckle(v),
    "despeckle greys": lambda m, v: linefinish.despeckle(m["bitmap"], greys=v),
    "close_gaps": lambda m, v: linefinish.close_gaps(v, gap_length_px_max=3),
    "thicken": lambda m, v: linefinish.thicken(v, stroke_width_px_min=3),
    "hollow": lambda m, v: linefinish.hollow(v, hollow_area_px_min=3),
    "measure": lambda m, v: linefinish.measure(v),
    "doubts separation": lambda m, v: linefinish.doubts(v, m["bitmap"], m["measures"]),
    "doubts bitmap": lambda m, v: linefinish.doubts(None, v, m["measures"]),
    "doubts measures": lambda m, v: linefinish.doubts(None, m["bitmap"], v),
    "trace": lambda m, v: linefinish.trace(v),
    "trace gray": lambda m, v: linefinish.trace(m["bitmap"], v),
    "outline": lambda m, v: linefinish.outline(v),
    "outline gray": lambda m, v: linefinish.outline(m["bitmap"], v),
    "fit": lambda m, v: linefinish.fit(v),
    "compose": lambda m, v: linefinish.compose(v),
    "rasterize": lambda m, v: linefinish.rasterize(v),
    "rasterize width": lambda m, v: linefinish.rasterize(m["document"], width=v),
    "rasterize height": lambda m, v: linefinish.rasterize(m["document"], height=v),
    "write": lambda m, v: linefinish.write(v, io.BytesIO(), "svg"),
    "write format": lambda m, v: linefinish.write(m["document"], io.BytesIO(), v),
    "write target": lambda m, v: linefinish.write(m["document"], v, "svg"),
    "compare": lambda m, v: linefinish.compare(v, io.BytesIO()),
    "compare target": lambda m, v: linefinish.compare(m["gray"], v),
    "Gray width": lambda m, v: linefinish.Gray(v, 1, b"1"),
    "Gray data": lambda m, v: linefinish.Gray(7, 9, v),
    "Gray dpi": lambda m, v: linefinish.Gray(1, 1, b"1", v),
    "Bitmap width": lambda m, v: linefinish.Bitmap(v, 1, memoryview(bytes(8)).cast("Q")),
    "Bitmap words": lambda m, v: linefinish.Bitmap(7, 9, v),
    "Levels cell_px": lambda m, v: linefinish.Levels(v, 1, 1, b"1") if v is not True else linefinish.Levels(0, 1, 1, b"1"),
    "Levels constant": lambda m, v: linefinish.Levels.constant(v),
    "Curves segments": lambda m, v: linefinish.Curves(9, 9, v, m["curves"].kinds, m["curves"].offsets),
    "Curves offsets": lambda m, v: linefinish.Curves(9, 9, m["curves"].segments, m["curves"].kinds, v),
    "Paths points": lambda m, v: linefinish.Paths(9, 9, v, m["paths"].offsets, m["paths"].signs),
    "Paths signs": lambda m, v: linefinish.Paths(9, 9, m["paths"].points, m["paths"].offsets, v),
    "finish_many paths": lambda m, v: list(linefinish.finish_many(v, "/proc/none")),
    "finish_many out": lambda m, v: list(linefinish.finish_many([], "/proc/none" if isinstance(v, (str, bytes)) and v != "\0" else v)),
    "finish_many formats": lambda m, v: list(linefinish.finish_many([], "/proc/none", formats=v)),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_a_record_or_a_place_that_is_none(place: str, made: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for what, value in NEVER.items():
        if isinstance(value, str) and place.endswith("target"):
            continue  # a file's name
        with warnings.catch_warnings(), pytest.raises(LinefinishError) as caught:
            warnings.simplefilter("ignore")
            PLACES[place](made, value)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 500, (place, what)


def test_a_bitmap_larger_than_any_image_is_refused(made: dict[str, Any]) -> None:
    for make in (lambda: linefinish.Bitmap.blank(10**6, 10**6), lambda: linefinish.rasterize(made["document"], width=10**6, height=10**6)):
        with pytest.raises(linefinish.ImageTooLargeError, match="4,000 megapixels"):
            make()


def test_numbers_of_numpy_are_numbers() -> None:
    assert FinishOptions(threads=np.int64(2), corner_sharpness=np.float32(0.5)) == FinishOptions(threads=2, corner_sharpness=0.5)
    assert linefinish.Gray(np.int64(2), np.uint8(1), b"12").width == 2


def test_streams_that_take_no_bytes(made: dict[str, Any]) -> None:
    closed = io.BytesIO()
    closed.close()
    for stream in (io.StringIO(), closed):
        with pytest.raises(linefinish.WriteError, match="binary stream"):
            linefinish.write(made["document"], stream, "svg")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: linefinish.finish("a.png", turdsize=2), r"'turdsize'; it is an option: FinishOptions\(speckle_area_px_max=…\)$"),
        (lambda: linefinish.finish("a.png", threshold="otsu"), r"'threshold'; it is an option: FinishOptions\(threshold=…\)$"),
        (lambda: linefinish.finish("a.png", thresholdd="otsu"), r"'thresholdd'; did you mean an option\? FinishOptions\(threshold=…\)$"),
        (lambda: linefinish.finish("a.png", turdsiz=2), r"'turdsiz'; did you mean an option\? FinishOptions\(speckle_area_px_max=…\)$"),
        (lambda: linefinish.finish("a.png", speckle=2), r"'speckle'; did you mean an option\? FinishOptions\(speckle_area_px_max=…\)$"),
        (lambda: linefinish.finish("a.png", onstep=print), r"'onstep'; did you mean on_step\?$"),
        (lambda: linefinish.read_gray("a.png", megapixel_max=3), r"did you mean megapixels_max\?$"),
        (lambda: linefinish.threshold(None, windowpx=3), r"did you mean window_px\?$"),
        (lambda: linefinish.despeckle(None, speckle_area_max=3), r"did you mean speckle_area_px_max\?$"),
        (lambda: linefinish.trace(None, turnpolicy="grey"), r"did you mean turn_policy\?$"),
        (lambda: linefinish.outline(None, thread=2), r"did you mean threads\?$"),
        (lambda: linefinish.compose(None, width=3), r"did you mean width_pt\?$"),
        (lambda: linefinish.rasterize(None, fillrule="evenodd"), r"did you mean fill_rule\?$"),
        (lambda: linefinish.verify("a.png", nonsense=3), r"keyword argument 'nonsense'$"),
        (lambda: linefinish.finish_many([], "out", job=2), r"did you mean jobs\?$"),
    ],
)  # fmt: skip
def test_an_unknown_keyword_is_answered_with_the_nearest(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        call()
