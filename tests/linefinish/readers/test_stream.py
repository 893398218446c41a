"""Bytes from anywhere, in whatever pieces they come, and the sentences that readers share."""
from __future__ import annotations

import io
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish.checks import SIDE_PX_MAX
from linefinish.errors import ImageReadError, ImageTooLargeError
from linefinish.readers.stream import HEAD_BYTES, PIECE_BYTES, Stream, allow, gray_levels, plausible_dpi


class Dribble(io.RawIOBase):
    """A pipe that gives at most so many bytes at a time; `asked` is the most that was asked for."""

    def __init__(self, data: bytes, step: int) -> None:
        self.left, self.step, self.asked = data, step, 0

    def read(self, size: int = -1) -> bytes:
        self.asked = max(self.asked, size)
        count = self.step if size < 0 else min(size, self.step)
        piece, self.left = self.left[:count], self.left[count:]
        return piece


contents = st.tuples(st.integers(0, 3 * HEAD_BYTES), st.integers(0, 255)).map(lambda t: bytes((t[1] + 7 * i) % 251 for i in range(t[0])))
steps = st.sampled_from([1, 7, 1000, HEAD_BYTES, 1 << 20])


@given(contents, steps, st.lists(st.integers(1, 6000), max_size=6))
def test_the_head_is_looked_at_and_nothing_is_lost(content: bytes, step: int, sizes: list[int]) -> None:
    stream = Stream(Dribble(content, step), "it")  # type: ignore[arg-type]
    assert stream.head == content[:HEAD_BYTES]
    got = b""
    for size in sizes:
        piece = stream.read(size)
        assert len(piece) <= size
        got += piece
    while piece := stream.read(5000):
        got += piece
    assert got == content
    assert stream.read(10) == b""


@given(contents, steps, st.data())
def test_exactly_and_into_take_what_was_asked_for(content: bytes, step: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(content)))
    stream = Stream(Dribble(content, step), "it")  # type: ignore[arg-type]
    assert stream.exactly(cut) == content[:cut]
    rest = bytearray(len(content) - cut)
    stream.into(memoryview(rest))
    assert rest == content[cut:]
    for take in (lambda: stream.exactly(1), lambda: stream.into(memoryview(bytearray(1)))):
        with pytest.raises(ImageReadError, match="it: the file ends in the middle of the image"):
            take()


def test_a_size_that_is_only_claimed_costs_a_piece() -> None:
    pipe = Dribble(b"x" * 100, 50)
    stream = Stream(pipe, "it")  # type: ignore[arg-type]
    with pytest.raises(ImageReadError, match="truncated"):
        stream.exactly(1 << 40)
    assert pipe.asked <= PIECE_BYTES


@given(contents, st.integers(0, 30))
def test_the_whole_file_from_where_it_stood(content: bytes, before: int) -> None:
    """Itself where a decoder may jump about in it from its beginning, else a copy."""
    file = io.BytesIO(b"b" * before + content)
    file.seek(before)
    whole = Stream(file, "it").whole()
    assert (whole is file) == (before == 0)
    assert (whole.tell(), whole.read()) == (0, content)
    pipe = Stream(Dribble(content, 1000), "it").whole()  # type: ignore[arg-type]
    assert pipe.read() == content


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    class Failing(io.RawIOBase):
        def __init__(self, error: Exception) -> None:
            self.error = error

        def read(self, _size: int = -1) -> bytes:
            raise self.error

    for error, words in (
        (OSError(5, "Input/output error"), "it: cannot be read (Input/output error)"),
        (ValueError("read of closed file"), "it: cannot be read (read of closed file)"),
        (IsADirectoryError(), "it: this is a folder, not an image"),
    ):
        with pytest.raises(ImageReadError) as caught:
            Stream(Failing(error), "it")  # type: ignore[arg-type]
        assert str(caught.value) == words
    with pytest.raises(ImageReadError, match='open it with the mode "rb"'):
        Stream(io.StringIO("P1"), "it")  # type: ignore[arg-type]


def test_a_source_that_has_nothing_yet_counts_as_ended() -> None:
    """A pipe that does not block gives None."""

    class Empty(io.RawIOBase):
        def read(self, _size: int = -1) -> None:  # type: ignore[override]
            return None

    assert Stream(Empty(), "it").head == b""  # type: ignore[arg-type]


def test_damage_completes_the_sentence() -> None:
    assert str(Stream(io.BytesIO(), "it").damaged("its end is missing")) == "it: the file is damaged: its end is missing"


# --- what a header may state
# ------------------------------------------------------------


@given(st.integers(-2, 2_000_000), st.integers(-2, 2_000_000), st.floats(0.001, 4000))
def test_a_header_is_believed(width: int, height: int, limit: float) -> None:
    if width < 1 or height < 1:
        with pytest.raises(ImageReadError, match="there is nothing in it"):
            allow("it", width, height, limit)
    elif width * height > limit * 1e6 or max(width, height) > SIDE_PX_MAX:
        with pytest.raises(ImageTooLargeError) as caught:
            allow("it", width, height, limit)
        assert (caught.value.megapixels, caught.value.megapixels_max) == (width * height / 1e6, limit)
    else:
        allow("it", width, height, limit)


@pytest.mark.parametrize(
    ("size", "limit", "words"),
    [
        ((20_000, 30_000), 500.0, "it: the image has 20000 × 30000 pixels, 600 megapixels; the limit is 500 (--max-megapixels sets it)"),
        ((1000, 1001), 1.0, "it: the image has 1000 × 1001 pixels, 1.001 megapixels; the limit is 1 (--max-megapixels sets it)"),
        ((100_000, 100_000), 4000.0,
         "it: the image has 100000 × 100000 pixels, 10,000 megapixels; the limit is 4,000 (--max-megapixels sets it)"),
        ((2_000_000, 1), 500.0, "it: the image is 2000000 × 1 pixels; a side may have 1,000,000 at most"),
    ],
)  # fmt: skip
def test_the_limit_is_said_in_plain_numbers(size: tuple[int, int], limit: float, words: str) -> None:
    with pytest.raises(ImageTooLargeError) as caught:
        allow("it", *size, limit)
    assert str(caught.value) == words


@pytest.mark.parametrize("highest", [1, 3, 15, 255, 300, 1023, 65535])
def test_levels_of_any_depth_are_rounded_to_the_nearest_of_256(highest: int) -> None:
    table = gray_levels(highest)
    assert len(table) == highest + 1
    assert (table[0], table[highest]) == (0, 255)
    for value in range(0, highest + 1, max(1, highest // 1000)):
        assert abs(Fraction(255 * value, highest) - table[value]) <= Fraction(1, 2)


@given(st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=3)), st.one_of(st.floats(), st.integers(), st.none()))
def test_a_resolution_is_two_plausible_numbers_or_none(across: Any, down: Any) -> None:
    try:
        pair = float(across), float(down)
    except (TypeError, ValueError, OverflowError):
        pair = math.nan, math.nan
    plausible = all(1 <= value <= 100_000 for value in pair)
    assert plausible_dpi(across, down) == (pair if plausible else None)


def test_how_much_is_left(tmp_path: Path) -> None:
    for size in (0, 3, HEAD_BYTES, HEAD_BYTES + 50):
        (tmp_path / "a").write_bytes(bytes(size))
        with open(tmp_path / "a", "rb") as file:
            for stream in (Stream(file, "it"), Stream(io.BytesIO(bytes(size)), "it")):
                assert stream.bytes_left() == size
                read = len(stream.read(10))
                assert stream.bytes_left() == size - read
                assert len(stream.exactly(size - read)) == size - read and stream.bytes_left() == 0
    assert Stream(io.FileIO(tmp_path / "a"), "it").bytes_left() is None  # type: ignore[arg-type]  # asked of nobody else
