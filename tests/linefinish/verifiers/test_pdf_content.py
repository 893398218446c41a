"""PDF content: what the operators paint."""
from __future__ import annotations

import pytest

from linefinish.verifiers.verifying import verify

from .samples import pdf, realigned, stream


@pytest.mark.parametrize(
    "content",
    [
        b"0 g 0 0 m 9 9 l f",
        b"0 0 0 rg",
        b"1 1 1 RG",
        b"0 0 0 1 k",
        b"0 0 0 0 K",
        b"1 G",
        b"/DeviceGray cs 0 sc",
        b"/DeviceCMYK CS 0 0 0 1 SCN",
        b"q /DeviceRGB cs Q 1 sc",
        b"/Perceptual ri",
        b"BI /W 8 /H 1 /IM true ID \xff EI",
        b"BI /W 8 /H 1 /BPC 1 /CS /G ID \xff EI",
        b"% 1 0 0 rg\n0 g",
        b"/Span <</A (1 0 0 rg)>> BDC EMC",
        b"BT (a) Tj ET",
        b"",
    ],
)
def test_pure_content(content: bytes) -> None:
    verdict = verify(pdf(content))
    assert verdict.problem == "" and verdict.detail.startswith("1 page, 100 × 100 pt")


@pytest.mark.parametrize(
    ("content", "operator"),
    [
        (b"0 0 m 1 1 l S .5 g", "g"),
        (b"1 0 0 RG", "RG"),
        (b"1 1 1 1 k", "k"),
        (b"0.1 0.1 0.1 1 k", "k"),
        (b"/DeviceRGB cs 1 0 0 sc", "sc"),
        (b"q /DeviceRGB cs Q 1 1 1 sc", "sc"),
        (b"BI /W 8 /H 1 /BPC 8 /CS /G ID 12345678 EI", "Do"),
        (b"BI /W 8 /H 1 /BPC 1 /CS /G /I true ID 1 EI", "Do"),
        (b"0 0 0 g", "g"),
    ],
)
def test_other_content(content: bytes, operator: str) -> None:
    verdict = verify(pdf(content))
    assert not verdict.is_one_bit and not verdict.is_damaged and verdict.where and verdict.where[0] == operator and verdict.page == 1


@pytest.mark.parametrize(
    "content",
    [b"/Pattern cs", b"/Lab cs", b"/P scn", b"/S sh", b"foo", b"] 0 g", b"/G cs", b"true g", b"/A#42 gs",
     b"/AbsoluteColorimetric ri", b"ri"],
)
def test_content_of_which_nothing_is_known(content: bytes) -> None:
    verdict = verify(pdf(content))
    assert not verdict.is_one_bit and verdict.page == 1 and (verdict.is_damaged or content == b"true g")


@pytest.mark.parametrize(
    ("state", "fine"),
    [
        (b"/ca 1/CA 1/BM/Normal/SMask/None/LW 2", True),
        (b"/ca .5", False),
        (b"/CA 0.99", False),
        (b"/BM/Multiply", False),
        (b"/BM[/Screen]", False),
        (b"/SMask<</S/Alpha>>", False),
        (b"/TR 5 0 R", False),
        (b"/Odd 1", False),
        (b"/RI/Saturation", True),
        (b"/RI/AbsoluteColorimetric", False),
        (b"/ca true", False),
        (b"/AAPL:AA true", True),
    ],
)
def test_graphics_states(state: bytes, fine: bool) -> None:
    assert verify(pdf(b"/A gs", b"/ExtGState<</A<<" + state + b">>>>")).is_one_bit is fine


def test_parts_of_the_content_that_meet_within_a_word() -> None:
    """Some viewers join them by nothing: `.5 s` and `c` set a colour."""
    for first, second, fine in ((b"0 g", b"1 g ", False), (b"0 g ", b"1 g", True), (b"0 g", b" 1 g", True)):
        data = realigned(pdf(b"", b"", (stream(first), stream(second))).replace(b"/Contents 4 0 R", b"/Contents[5 0 R 6 0 R]"))
        assert verify(data).is_one_bit is fine, verify(data).problem


@pytest.mark.parametrize(
    ("entries", "fine"),
    [(b"/Group<</S/Transparency/CS/DeviceRGB/I true>>", True), (b"/Group<</S/Transparency/CS/Lab>>", False), (b"/Ref<<>>", False),
     (b"/OPI<<>>", False), (b"/Subtype2/PS", False), (b"/PTEX.PageNumber 1", True)],
)  # fmt: skip
def test_forms(entries: bytes, fine: bool) -> None:
    form = stream(b"0 g 0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]" + entries)
    assert verify(pdf(b"/F Do", b"/XObject<</F 5 0 R>>", (form,))).is_one_bit is fine
