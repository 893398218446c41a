"""Set operations against numpy's."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given

from linefinish.data.raster import Bitmap
from linefinish.kernels import words
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps


def copy_of(page: Bitmap) -> memoryview:
    """Its words, to be changed."""
    copy = buffers.zeros(len(page.words), "Q")
    copy[:] = page.words
    return copy


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each page with itself turned round."""
    for page in pages():
        other = Bitmap.from_array(np.asarray(page)[::-1].copy())
        for operation in (words.keep, words.remove, words.add):
            yield operation, (copy_of(page), other.words, len(page.words))
        yield words.invert, (copy_of(page), page.width, page.height, page.stride)
        yield words.clear, (copy_of(page), len(page.words))
        yield words.differing, (page.words, other.words, len(page.words), buffers.zeros(2, "q"))


@given(bitmaps())
def test_they_are_what_they_say(flags: np.ndarray) -> None:
    other = flags[::-1, ::-1].copy()
    page, second = Bitmap.from_array(flags), Bitmap.from_array(other)
    for operation, expected in ((words.keep, flags & other), (words.remove, flags & ~other), (words.add, flags | other)):
        out = copy_of(page)
        operation(out, second.words, len(out))
        assert np.array_equal(np.asarray(Bitmap(page.width, page.height, out)), expected)
    out = copy_of(page)
    words.invert(out, page.width, page.height, page.stride)
    assert bytes(out) == bytes(Bitmap.from_array(~flags).words)  # the spare bits too
    words.clear(out, len(out))
    assert not any(out)


@given(bitmaps(), bitmaps())
def test_where_two_differ(flags: np.ndarray, other: np.ndarray) -> None:
    count = min(len(Bitmap.from_array(flags).words), len(Bitmap.from_array(other).words))
    first, second = Bitmap.from_array(flags).words[:count], Bitmap.from_array(other).words[:count]
    span = buffers.zeros(2, "q")
    found = words.differing(first, second, count, span)
    places = np.nonzero(np.asarray(first) != np.asarray(second))[0]
    assert span.tolist() == ([places[0], places[-1] + 1] if len(places) else [0, 0])
    assert found == span[1] - span[0]
