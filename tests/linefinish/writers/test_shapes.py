"""A path for each shape: its outer outline and the holes directly in it, and nothing lost."""
from __future__ import annotations

import re

import numpy as np
import pytest

from linefinish import Curves, Document, compose, fit, trace, verify
from linefinish.errors import OptionsError
from linefinish.writers import encode
from linefinish.writers._shapes import by_shape
from tests.linefinish.drawings import circle, curves, polygon


def chains_of(document: Document) -> list[bytes]:
    ends = zip(document.offsets[:-1], document.offsets[1:], strict=True)
    return [bytes(document.segments[6 * a : 6 * b]) + bytes(document.kinds[a:b]) for a, b in ends]


def rings() -> Curves:
    """A ring with a dot in it, in which is a hole; and a square beside it."""
    return curves(100, 60, [
        circle(30, 30, 25), circle(30, 30, 20, hole=True), circle(30, 30, 10), circle(30, 30, 4, hole=True),
        polygon((70, 10), (90, 10), (90, 40), (70, 40)),
    ])  # fmt: skip


def test_a_hole_belongs_to_the_smallest_shape_around_it() -> None:
    document = compose(rings())
    shapes, ends = by_shape(document)
    assert ends == [(0, 2), (2, 4), (4, 5)]
    assert chains_of(shapes) == chains_of(document)


def test_a_drawing_s_chains_are_all_there_and_in_pairs() -> None:
    noise = np.random.default_rng(1).integers(0, 2, (40, 50)).astype(bool)
    paths = trace(noise)
    document = compose(fit(paths))
    shapes, ends = by_shape(document)
    assert sorted(chains_of(shapes)) == sorted(chains_of(document))
    assert [a for a, _ in ends] == [0, *(b for _, b in ends[:-1])]
    assert len(ends) == sum(sign > 0 for sign in paths.signs)


def test_the_file_has_a_path_a_shape_and_is_one_bit() -> None:
    document = compose(rings())
    text = b"".join(bytes(piece) for piece in encode(document, "svg", svg_paths="each"))
    assert len(re.findall(rb"<path ", text)) == 3
    assert verify(text).is_one_bit
    blank = b"".join(bytes(piece) for piece in encode(compose(Curves.empty(8, 9)), "svg", svg_paths="each"))
    assert b"<path" not in blank
    assert verify(blank).is_one_bit


def test_other_words_are_refused() -> None:
    with pytest.raises(OptionsError, match="it may be one of one, each"):
        encode(compose(rings()), "svg", svg_paths="two")
