"""Path bytes: what is written reads back as the same integers, and nothing shorter was missed."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.document import Document, compose
from linefinish.kernels import quantise, text
from tests.linefinish.drawings import chains_of, circle, curves, drawings, flower, polygon
from tests.oracles.paths import read_postfix, read_svg


def room(document: Document) -> bytearray:
    return bytearray(document.segment_count * text.SEGMENT_BYTES_MAX + len(document) * text.CHAIN_BYTES_MAX)


def svg(document: Document) -> str:
    out = room(document)
    used = text.svg_path(document.segments, document.kinds, document.offsets, len(document), out)
    return out[:used].decode("ascii")


def postfix(document: Document, relative: int) -> str:
    out = room(document)
    used = text.postfix_path(document.segments, document.kinds, document.offsets, len(document), relative, out)
    return out[:used].decode("ascii")


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_every_path_language_says_the_same_integers(drawing: Any) -> None:
    document = compose(drawing)
    wanted = chains_of(document)
    assert read_svg(svg(document)) == wanted
    assert read_postfix(postfix(document, 0), relative=False) == wanted
    assert read_postfix(postfix(document, 1), relative=True) == wanted


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-quantise.COORDINATE_UNITS_MAX, quantise.COORDINATE_UNITS_MAX), min_size=6, max_size=6))
def test_numbers_of_any_length(values: list[int]) -> None:
    segments = array("i", [*values, *values[::-1]])
    document = Document(1, 1, memoryview(segments), memoryview(b"\1\1"), memoryview(array("q", [0, 2])), (1.0, 1.0), (0.0, 0.0, 1.0, 1.0))
    assert read_svg(svg(document)) == chains_of(document)
    assert read_postfix(postfix(document, 0), relative=False) == chains_of(document)


def test_the_shortest_words_are_taken() -> None:
    square = polygon((1, 1), (3, 1), (3, 2), (1, 2))
    assert svg(compose(curves(8, 8, [square]))) == "m16 32v-16h32v16z"
    assert svg(compose(curves(8, 8, [polygon((0, 0), (1, 2), (3, 3), (-1, 5))]))) == "m-16 80 16-80 16 32 32 16z"
    assert "s" in svg(compose(curves(40, 40, [circle(20, 20, 10)])))
    assert "v" in postfix(compose(curves(8, 8, [[(1, (1, 1), (5, 0), (1, 4)), (1, (0, 3), (1, 1), (1, 1))]])), 0)


def test_lines_stay_below_what_postscript_allows() -> None:
    assert max(map(len, postfix(compose(flower()), 1).splitlines())) < 255


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    document = compose(flower())
    shape = (document.segments, document.kinds, document.offsets, len(document))
    yield text.svg_path, (*shape, room(document))
    yield text.postfix_path, (*shape, 0, room(document))
    yield text.postfix_path, (*shape, 1, room(document))
    points = array("d", [0.0, 0.0, 1.5, -2.25, 1e6, -0.00004, 0.00005, 99999.9])
    yield text.dxf_vertices, (points, 0, 4, 1e4, 0.0, -1e4, 17.5, 4, bytearray(4 * text.VERTEX_BYTES_MAX))
