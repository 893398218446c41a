"""Pure colours and opacities, by their definition in CSS Color 4 and SVG 2."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.verifiers.colours import is_all_or_nothing, is_pure

from .samples import OTHER_COLOURS, PURE_COLOURS


@pytest.mark.parametrize("colour", PURE_COLOURS)
def test_pure_colours(colour: str) -> None:
    assert is_pure(colour)
    assert is_pure(f"  {colour.upper()}\n")


@pytest.mark.parametrize("colour", OTHER_COLOURS)
def test_other_colours(colour: str) -> None:
    assert not is_pure(colour)


@given(st.integers(0, 0xFFFFFFFF), st.sampled_from([3, 4, 6, 8]))
def test_hexadecimal(number: int, digits: int) -> None:
    """Pure: the colour is all 0 or all f, and opaque or not there. A viewer that does not know the
    fourth channel sees the first three.
    """
    text = f"{number:08x}"[:digits]
    wide = text if digits > 4 else "".join(2 * digit for digit in text)
    colour, opacity = wide[:6], wide[6:] or "ff"
    assert is_pure("#" + text) == (opacity in ("00", "ff") and colour in ("000000", "ffffff"))


@given(st.lists(st.one_of(st.sampled_from([0, 255]), st.integers(0, 255)), min_size=3, max_size=3), st.sampled_from([", ", " ", ","]))
def test_three_numbers(channels: list[int], between: str) -> None:
    pure = channels in ([0, 0, 0], [255, 255, 255])
    assert is_pure(f"rgb({between.join(map(str, channels))})") == pure
    assert is_pure(f"rgba({between.join(map(str, channels))}{between}1)") == pure
    assert not is_pure(f"rgba({between.join(map(str, channels))}{between}.5)")


@given(st.lists(st.one_of(st.sampled_from([0, 100]), st.integers(0, 100)), min_size=3, max_size=3))
def test_three_shares(channels: list[int]) -> None:
    assert is_pure(f"rgb({channels[0]}% {channels[1]}% {channels[2]}%)") == (channels in ([0, 0, 0], [100, 100, 100]))


@pytest.mark.parametrize(
    ("colour", "pure"),
    [
        ("hsl(210, 40%, 100%)", True),
        ("hsl(210deg 40% 0%)", True),
        ("hsl(210, 40%, 99%)", False),
        ("hsla(0, 0%, 0%, 0)", True),
        ("device-cmyk(0 0 0 1)", True),
        ("device-cmyk(0 0 0 0)", True),
        ("device-cmyk(0 0 0 0.5)", False),
        ("device-cmyk(1 1 1 1)", False),
        ("device-cmyk(0, 0, 0, 100%)", True),
        ("rgb(0 0 0 / 1)", True),
        ("rgb(0 0 0 / 50%)", False),
        ("rgb(255, 100%, 255)", False),  # mixed: browsers refuse it
        ("rgb(0, 0)", False),
        ("rgb(0, 0, 0, 0, 0)", False),
        ("rgb(" + "0" * 300 + ",0,0)", False),
    ],
)
def test_functions(colour: str, pure: bool) -> None:
    assert is_pure(colour) is pure


@pytest.mark.parametrize(
    ("opacity", "whole"),
    [("0", True), ("1", True), ("1.0", True), ("100%", True), ("0%", True), ("inherit", True), (" 1 ", True), ("1e0", True),
     ("0.99", False), ("1%", False), ("100", False), ("-1", False), ("", False), ("var(--o)", False), ("nan", False)],
)  # fmt: skip
def test_opacities(opacity: str, whole: bool) -> None:
    assert is_all_or_nothing(opacity) is whole


@given(st.floats(0, 1))
def test_any_opacity_between_is_seen(opacity: float) -> None:
    assert is_all_or_nothing(f"{opacity:.20f}") == (float(f"{opacity:.20f}") in (0, 1))
