"""The flags that most commands have: what they take, in which words they refuse, and the order that
they make.
"""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import OptionsError, Order, Page
from linefinish.command.arguments import Command, UsageError, parse
from linefinish.command.flags import (
    CLEAN,
    CURVES,
    INK,
    LIMITS,
    NOTES,
    PAGE,
    READ,
    SHEET,
    STROKES,
    TALK,
    flag_of_option,
    one_input,
    order_of,
)
from linefinish.data.document import parse_page
from linefinish.lengths import Length
from linefinish.options import OPTIONS, FinishOptions

ALL = Command("all", ("all",), "", (("", (*SHEET, *INK, *CLEAN, *CURVES, *STROKES, *LIMITS, *PAGE, *READ, *TALK)),), (), NOTES)


def order(*words: str) -> Order:
    return order_of(parse(ALL, list(words))[0])


def options(*words: str) -> dict[str, Any]:
    return order(*words).options or {}


# --- the drawing
# ------------------------------------------------------------


def test_every_option_has_one_flag_by_its_name_without_the_unit() -> None:
    names = [option.name for option in OPTIONS]
    strokes = [flag for flag in STROKES if flag.key in names]  # the others say how strokes are written
    flags = [*SHEET, *INK, *CLEAN, *CURVES, *strokes, *READ, *LIMITS]
    assert [flag.key for flag in flags if flag.names[0] != "--alphamax"] == names
    for option in OPTIONS:
        flag = flag_of_option(option.name)
        assert flag.names[0] == "--" + option.name.replace("_px", "").replace("_", "-")
        literal = "--" + option.name.replace("_", "-")
        assert literal in (*flag.names, *flag.hidden)
        assert flag.help.startswith(option.help)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_spelling_takes_its_default_or_another_value(option: Any) -> None:
    value = option.default if option.default is not None else "#12ab9f" if option.kind == "colour" else max(option.low, min(5, option.high))
    flag = flag_of_option(option.name)
    for spelled in (*flag.names, *flag.hidden):
        if option.kind == "flag":
            assert options(spelled)[option.name] is not value, spelled
            continue
        found = options(spelled, str(value))[option.name]
        assert (found.value if isinstance(found, Length) else found) == value, spelled


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (("-t", "9"), {"speckle_area_px_max": Length(9.0, "px", 2)}),
        (("--speckle-area-max", "2mm2"), {"speckle_area_px_max": Length(2.0, "mm", 2)}),
        (("--gap-length-max", "0.1in"), {"gap_length_px_max": Length(0.1, "in")}),
        (("-k", "100"), {"threshold_level": 100, "threshold": "fixed"}),
        (("--blacklevel", "0.5"), {"threshold_level": 128, "threshold": "fixed"}),
        (("-k", "100", "--threshold", "otsu"), {"threshold_level": 100, "threshold": "otsu"}),
        (("-z", "black"), {"turn_policy": "black"}),
        (("--opttolerance", "0.4"), {"fit_error_px_max": Length(0.4)}),
        (("--max-megapixels", "700"), {"megapixels_max": 700.0}),
        (("--threshold-k", "-0.2"), {"threshold_k": -0.2}),
        (("--threads", "4"), {"threads": 4}),
        (("--invert", "--drop-colour", "Blue", "--fills", "outline"), {"invert": True, "drop_colour": "blue", "fills": "outline"}),
    ],
)
def test_spellings_and_units(words: tuple[str, ...], made: dict[str, Any]) -> None:
    assert options(*words) == made


@given(st.floats(0, 4 / 3))
def test_potraces_alphamax_becomes_a_sharpness(alphamax: float) -> None:
    """0 keeps every corner (2), its default 1 is ours (1), 4/3 rounds all (0)."""
    sharpness = options("-a", repr(alphamax))["corner_sharpness"]
    assert sharpness == pytest.approx(2 - alphamax if alphamax <= 1 else 4 - 3 * alphamax, abs=1e-9)
    assert 0 <= sharpness <= 2


@given(st.floats(0.001, 0.999))
def test_potraces_blacklevel_is_a_share_of_white(share: float) -> None:
    assert options("--blacklevel", repr(share))["threshold_level"] == round(255 * share)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--threads", "0"), "--threads is '0'; it may be 1 to 256"),
        (("--threads", "2.5"), "--threads is '2.5'; it takes a whole number"),
        (("-k", "257"), "-k is '257'; it may be 0 to 256"),
        (("--corner-sharpness", "3"), "--corner-sharpness is '3'; it may be 0 to 2"),
        (("--gap-length-max", "2000"), "--gap-length-max is '2000'; it may be 0 to 1000"),
        (("--gap-length-max", "wide"), "--gap-length-max is 'wide'; it takes a length, as in 3, 0.75pt, 1mm or 8.5in"),
        (("-t", "3mm"), "-t is '3mm'; it takes an area, as in 9 (pixels), 2mm2 or 0.01in2"),
        (("--threshold", "best"), "--threshold is 'best'; it may be auto, otsu, sauvola, wolf, nick, bradley, fixed"),
        (("--dpi", "0"), "--dpi is '0'; it may be 1 to 100000"),
        (("--dpi", "many"), "--dpi is 'many'; it takes a number"),
        (("--fit", "tight"), "--fit is 'tight'; it may be contain, width, height, none"),
    ],
)
def test_values_that_cannot_be(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        order(*words)
    assert str(caught.value) == sentence


def test_a_length_on_paper_is_bound_once_its_pixels_are_known() -> None:
    """0.1 in may be too many pixels or not, by the drawing's scale."""
    assert options("--gap-length-max", "100in")["gap_length_px_max"] == Length(100.0, "in")


@given(st.dictionaries(st.sampled_from(["--threads", "--threshold-window", "--corner-sharpness"]), st.just("2")))
def test_what_is_not_said_is_left_to_the_library(given_words: dict[str, str]) -> None:
    words = [word for name, value in given_words.items() for word in (name, "31" if name == "--threshold-window" else value)]
    made = options(*words)
    assert len(made) == len(given_words)
    plain = {name: value.value if isinstance(value, Length) else value for name, value in made.items()}
    assert FinishOptions.from_mapping(plain).to_mapping() == {**FinishOptions().to_mapping(), **plain}


# --- the page
# ------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ((), Order({})),
        (("--dpi", "300"), Order({}, dpi=300.0)),
        (("-W", "8.5in"), Order({}, width_pt=612.0)),
        (("-H", "1in", "--pdf-image"), Order({}, height_pt=72.0, pdf_image=True)),
        (("-P", "letter"), Order({}, Page("letter"))),
        (("-P", "9x12in", "--trim", "letter", "--bleed", "0.125in"), Order({}, Page("9x12in", trim="letter", bleed="0.125in"))),
        (("--trim", "letter", "--bleed", "0.125in"), Order({}, Page("letter", bleed="0.125in"))),
        (("--page", "a4", "-M", "1in,5mm", "--fit", "width"), Order({}, Page("a4", margin="1in,5mm", fit="width"))),
    ],
)
def test_the_page_that_they_make(words: tuple[str, ...], made: Order) -> None:
    assert order(*words) == made


@pytest.mark.parametrize("name", ["--bleed", "--margin", "--fit"])
def test_what_belongs_to_a_page_needs_one(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} needs a page: add --page letter"):
        order(name, "width" if name == "--fit" else "5mm")


@pytest.mark.parametrize("name", ["--width", "--height"])
def test_a_page_says_the_size_already(name: str) -> None:
    with pytest.raises(UsageError, match="--page says the size already"):
        order("--page", "a4", name, "5in")


@pytest.mark.parametrize(
    ("words", "says"),
    [(("--page", "napkin"), "is not a page"), (("--margin", "wide"), "is not a length"), (("--width", "3"), "is not a length")],
)
def test_sizes_that_are_none(words: tuple[str, ...], says: str) -> None:
    with pytest.raises((UsageError, OptionsError), match=says):
        order(*words)


# --- operands
# ------------------------------------------------------------


def test_one_input() -> None:
    assert one_input(["a.png"]) == "a.png"
    with pytest.raises(UsageError, match=r"which drawing\? linefinish INPUT -o OUTPUT"):
        one_input([])
    with pytest.raises(UsageError) as caught:
        one_input(["a.png", "b.png"])
    assert str(caught.value) == "one drawing at a time, got a.png, b.png; for many use linefinish batch a.png b.png -o FOLDER"


def test_a_second_file_that_can_only_be_written_wants_o() -> None:
    with pytest.raises(UsageError, match=r"where to\? say -o: linefinish a.png -o x.svg"):
        one_input(["a.png", "x.svg"])


@pytest.mark.parametrize(("size", "points"), [("legal", (612, 1008)), ("a5", (419.53, 595.28)), ("6x9in", (432, 648))])
def test_pages_by_name_and_size(size: str, points: tuple[float, float]) -> None:
    assert parse_page(size) == pytest.approx(points, abs=0.01)
