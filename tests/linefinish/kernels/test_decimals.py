"""Path data in decimals: it reads back as what was written, rounded once."""
from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Curves
from linefinish.kernels import decimals as kernel
from tests.linefinish.drawings import curves, drawings, flower, polygon


def written(drawing: Any, decimals: int) -> str:
    out = bytearray(drawing.segment_count * kernel.SEGMENT_BYTES_MAX + len(drawing) * kernel.CHAIN_BYTES_MAX)
    used = kernel.svg_path(drawing.segments, drawing.kinds, drawing.offsets, len(drawing), decimals, out)
    assert used >= 0
    return out[:used].decode("ascii")


@settings(max_examples=100, deadline=None)
@given(drawings(), st.integers(0, 9))
def test_it_reads_back_to_half_a_unit_of_the_last_decimal(drawing: Any, decimals: int) -> None:
    text = written(drawing, decimals)
    again = Curves.from_svg(text or "M0 0", width=1, height=1)
    bound = 0.5 * 10**-decimals + 1e-8
    for own, was in zip(again.outlines(), drawing.outlines(), strict=False) if len(again) == len(drawing) else ():
        assert np.allclose(own.bounds, was.bounds, atol=4 * bound)
    assert not re.search(r"\.\d*0(?!\d)|-(?!\d|\.)|\.(?!\d)", text), "no zero that says nothing"


@pytest.mark.parametrize(
    ("points", "decimals", "text"),
    [
        ([(1, 1), (3, 1), (3, 2), (1, 2)], 2, "m1 2v-1h2v1z"),
        ([(0.5, 0), (1.25, 2), (-3, 3.125)], 2, "m-3 3.13 3.5-3.13 .75 2z"),
        ([(0.5, 0), (1.25, 2), (-3, 3.125)], 0, "m-3 3 4-3v2z"),
        ([(1e9, 0), (4e9 + 0.125, 1), (0, 5)], 3, "m0 5 1000000000-5 3000000000.125 1z"),
    ],
)
def test_words(points: Any, decimals: int, text: str) -> None:
    assert written(curves(9, 9, [polygon(*points)]), decimals) == text


def test_what_cannot_be_written_is_told() -> None:
    for value, status in ((float("nan"), kernel.NOT_FINITE), (float("inf"), kernel.NOT_FINITE), (1e9, kernel.TOO_LARGE)):
        segments = array("d", [0, 0, 0, 0, value, 1])
        assert kernel.svg_path(segments, b"\1", array("q", [0, 1]), 1, 9, bytearray(400)) == status


def ring(points: list[float], decimals: int) -> str:
    out = bytearray((len(points) // 2 + 1) * (2 * kernel.DECIMAL_BYTES_MAX + 4))
    return out[: kernel.json_ring(array("d", points), 0, len(points) // 2, decimals, out)].decode("ascii")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=12).filter(lambda v: len(v) % 2 == 0), st.integers(0, 9))
def test_rings_are_json_that_closes(points: list[float], decimals: int) -> None:
    read = json.loads(f"[{ring(points, decimals)}]")
    assert read[0] == read[-1] and len(read) == len(points) // 2 + 1
    assert np.abs(np.array(read[:-1]).ravel() - points).max() <= 0.5 * 10**-decimals + 1e-9


def test_words_of_rings() -> None:
    assert ring([0, -0.5, 12.25, 0.001], 2) == "[0,-0.5],[12.25,0],[0,-0.5]"
    for value, status in ((float("nan"), kernel.NOT_FINITE), (1e9, kernel.TOO_LARGE)):
        assert kernel.json_ring(array("d", [1, value]), 0, 1, 9, bytearray(99)) == status


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    drawing = flower()
    room = drawing.segment_count * kernel.SEGMENT_BYTES_MAX + len(drawing) * kernel.CHAIN_BYTES_MAX
    for decimals in (0, 2, 9):
        yield kernel.json_ring, (drawing.segments, 1, 3 * drawing.segment_count, decimals, bytearray(9999))
        yield kernel.svg_path, (drawing.segments, drawing.kinds, drawing.offsets, len(drawing), decimals, bytearray(room))
