"""Functions of a PDF at their ends."""
from __future__ import annotations

import pytest

from linefinish.verifiers.pdf_functions import end_of, numbers
from linefinish.verifiers.pdf_lexer import Reference
from linefinish.verifiers.pdf_objects import File

from .samples import pdf, stream


@pytest.mark.parametrize(
    ("function", "ends"),
    [
        (b"<</FunctionType 2/Domain[0 1]/N 1/C0[0 0 0 0]/C1[0 0 0 1]>>", ([0, 0, 0, 0], [0, 0, 0, 1])),
        (b"<</FunctionType 2/Domain[0 1]/N 1>>", ([0], [1])),
        (b"<</FunctionType 2/Domain[0 1]/N 1/C0[2]/C1[-1]/Range[0 1]>>", ([1], [0])),
        (b"<</FunctionType 2/Domain[0 1]/N 0>>", (None, None)),
        (b"<</FunctionType 2/Domain[0 2]/N 1>>", (None, None)),
        (b"<</FunctionType 9/Domain[0 1]>>", (None, None)),
        (b"[]", (None, None)),
        (b"<</FunctionType 3/Domain[0 1]/Bounds[]/Encode[1 0]/Functions[<</FunctionType 2/Domain[0 1]/N 1>>]>>", ([1], [0])),
        (b"<</FunctionType 3/Domain[0 1]/Bounds[.5]/Encode[1 0]/Functions[<</FunctionType 2/Domain[0 1]/N 1>>]>>", (None, None)),
        (stream(b"{1 exch sub}", b"/FunctionType 4/Domain[0 1]/Range[0 1]"), ([1], [0])),
        (stream(b"{0 0 0 4 -1 roll}", b"/FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1 0 1]"), ([0, 0, 0, 0], [0, 0, 0, 1])),
        (stream(b"{dup 0 mul exch dup 0.0 mul exch dup 0 mul exch 1.0 mul}", b"/FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1 0 1]"),
         ([0, 0, 0, 0], [0, 0, 0, 1])),
        (stream(b"{1 index}", b"/FunctionType 4/Domain[0 1]/Range[0 1]"), (None, None)),
        (stream(b"{0 ne {1} if}", b"/FunctionType 4/Domain[0 1]/Range[0 1]"), (None, None)),
        (stream(b"\xff\x80\x00", b"/FunctionType 0/Domain[0 1]/Range[0 1]/Size[3]/BitsPerSample 8"), ([1], [0])),
        (stream(b"\xff\x80\x00", b"/FunctionType 0/Domain[0 1]/Range[0 1]/Size[3]/BitsPerSample 8/Encode[2 0]"), (None, None)),
        (stream(b"\xff", b"/FunctionType 0/Domain[0 1]/Range[0 1]/Size[3]/BitsPerSample 8"), (None, None)),
    ],
)  # fmt: skip
def test_ends(function: bytes, ends: tuple[list[float] | None, list[float] | None]) -> None:
    file = File(memoryview(pdf(b"", b"", (function,))))
    assert tuple(end_of(file, Reference((5, 0)), end) for end in (0, 1)) == ends


def test_numbers_are_numbers() -> None:
    file = File(memoryview(pdf(b"", b"", (b"[1 .5]", b"[true]"))))
    assert numbers(file, Reference((5, 0))) == [1, 0.5]
    assert numbers(file, Reference((6, 0))) is None
    assert numbers(file, None) is None
