"""Colour spaces of a PDF: those that keep black and white, and no other."""
from __future__ import annotations

import pytest

from linefinish.verifiers.verifying import verify

from .samples import pdf, stream
from .test_icc import curve, profile

GRAY = profile(b"GRAY", {b"kTRC": curve()})
TINT = b"<</FunctionType 2/Domain[0 1]/N 1/C0[0 0 0 0]/C1[0 0 0 1]>>"


@pytest.mark.parametrize(
    ("space", "word"),
    [
        (b"/DeviceGray", "OK"),
        (b"[/DeviceGray]", "OK"),
        (b"[/ICCBased 5 0 R]", "OK"),
        (b"[/ICCBased 6 0 R]", "BAD"),
        (b"[/ICCBased 7 0 R]", "BAD"),
        (b"[/ICCBased 8 0 R]", "OK"),
        (b"[/Separation/Black/DeviceCMYK" + TINT + b"]", "OK"),
        (b"[/Separation/Black/DeviceCMYK" + TINT.replace(b"0 0 0 1]>", b"0 0 0 .9]>") + b"]", "GREY"),
        (b"[/Separation/Black/DeviceCMYK 9 0 R]", "BAD"),
        (b"[/Separation/Spot/DeviceCMYK" + TINT + b"]", "BAD"),
        (b"[/Separation/Black/DeviceGray<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[0]>>]", "OK"),
        (b"[/Separation/Black/DeviceGray<</FunctionType 2/Domain[0 1]/N 1/C0[1]/C1[.1]>>]", "GREY"),
        (b"[/CalGray<</WhitePoint[.9505 1 1.089]/Gamma 2.2>>]", "BAD"),
        (b"[/Lab<</WhitePoint[.9505 1 1.089]>>]", "BAD"),
        (b"[/DeviceN[/Black]/DeviceCMYK" + TINT + b"]", "BAD"),
        (b"[/Indexed/DeviceGray 1<00ff>]", "BAD"),
        (b"[/Pattern/DeviceGray]", "BAD"),
    ],
)
def test_spaces(space: bytes, word: str) -> None:
    objects = (
        stream(GRAY, b"/N 1/Alternate/DeviceGray"),
        stream(b"junk", b"/N 1/Alternate/DeviceGray"),
        stream(GRAY, b"/N 1/Alternate[/Separation/Spot/DeviceRGB 9 0 R]"),
        stream(GRAY, b"/N 1"),
    )
    assert verify(pdf(b"/C cs 1 sc", b"/ColorSpace<</C" + space + b">>", objects)).word == word


def test_a_matrix_must_make_the_white_of_its_white() -> None:
    screen = b".4124 .2126 .0193 .3576 .7152 .1192 .1805 .0722 .9505"
    for white, matrix, more, fine in (
        (b".9505 1 1.089", screen, b"/Gamma[2.2 2.2 2.2]", True),
        (b".9505 1 1.089", screen, b"/BlackPoint[.1 .1 .1]", False),
        (b".9505 1 1.089", screen, b"/Gamma[0 1 1]", False),
        (b".9505 1 1.089", b".2 .1 .1 .2 .1 .1 .2 .1 .1", b"", False),
        (b".9505 1 1.089", b"2 0 0 -1.0495 1 0 0 0 1.089", b"", False),  # Ghostscript cuts the negative
        (b"1.09 1 .35", b".5 .3 .1 .4 .6 .1 .19 .1 .15", b"", False),
    ):
        space = b"/ColorSpace<</C[/CalRGB<</WhitePoint[" + white + b"]/Matrix[" + matrix + b"]" + more + b">>]>>"
        assert verify(pdf(b"/C cs 1 1 1 sc", space)).is_one_bit is fine


def test_a_device_space_by_another_meaning() -> None:
    for name in (b"DeviceGray", b"DefaultGray"):
        assert not verify(pdf(b"/DeviceGray cs 1 sc", b"/ColorSpace<</" + name + b"[/Lab<<>>]>>")).is_one_bit
