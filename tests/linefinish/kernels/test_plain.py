"""Numbers in text are found as Python's split() finds them, wherever the text is
cut into pieces.
"""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from linefinish.kernels import plain
from linefinish.memory import buffers

TEXT = b"1 22\t333\n#  99 \r4444 70000#5\n6\x0b0 "


def fresh() -> memoryview:
    state = buffers.zeros(plain.STATE_SIZE, "q")
    state[plain.NUMBER] = plain.NO_NUMBER
    return state


def parsed(pieces: list[bytes], wanted: int, sample_bytes: int = 2, digits: bool = False) -> list[int]:
    out = bytearray(wanted * sample_bytes)
    state = fresh()
    for piece in [*pieces, b" "]:
        assert plain.parse_plain(piece, 0, len(piece), digits, sample_bytes, wanted, out, state) >= 0
    found = [int.from_bytes(out[at : at + sample_bytes], "big") for at in range(0, len(out), sample_bytes)]
    return found[: state[plain.DONE]]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """For test_modes."""
    for digits in (0, 1):
        for sample_bytes in (1, 2):
            yield plain.parse_plain, (TEXT, 0, len(TEXT), digits, sample_bytes, 12, bytearray(24), fresh())
    yield plain.parse_plain, (b"1 x", 0, 3, 0, 1, 5, bytearray(5), fresh())


def test_comments_and_blanks_of_all_kinds() -> None:
    assert parsed([TEXT], 20) == [1, 22, 333, 4444, 65535, 6, 0]


def test_digits_of_a_bitmap_need_no_blanks() -> None:
    assert parsed([b"0110 #1\n1"], 20, 1, digits=True) == [0, 1, 1, 0, 1]


@given(st.lists(st.integers(0, 65535), max_size=30), st.lists(st.integers(0, 120), max_size=4))
def test_the_pieces_do_not_matter(numbers: list[int], cuts: list[int]) -> None:
    text = " ".join(map(str, numbers)).encode()
    ends = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    pieces = [text[a:b] for a, b in itertools.pairwise(ends)]
    assert parsed(pieces, 40) == numbers


def test_it_stops_when_it_has_enough_and_at_nonsense() -> None:
    state = fresh()
    assert plain.parse_plain(b"1 2 3 4", 0, 7, 0, 1, 2, bytearray(2), state) == 4
    assert plain.parse_plain(b"1 x", 0, 3, 0, 1, 5, bytearray(5), fresh()) == plain.BAD_CHARACTER
