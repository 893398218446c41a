"""Chords: never farther from their cubic than asked."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.data.document import compose
from linefinish.kernels import flatten
from tests.linefinish.drawings import curves, drawings, flower, polygon


def polygons(document: Any, flatness: float) -> list[np.ndarray]:
    shape = (document.segments, document.kinds, document.offsets, len(document), flatness)
    offsets = array("q", bytes(8 * len(document) + 8))
    points = array("d", bytes(16 * flatten.flatten(*shape, offsets, array("d"), 0)))
    assert flatten.flatten(*shape, offsets, points, 1) == offsets[-1]
    pairs = np.array(points).reshape(-1, 2)
    return [pairs[begin:end] for begin, end in pairwise(offsets)]


@settings(max_examples=80, deadline=None)
@given(drawings(), st.sampled_from([0.1, 0.5, 4.0]))
def test_chords_keep_within_the_flatness(drawing: Any, flatness: float) -> None:
    document = compose(drawing)
    segments = np.array(document.segments, "f8").reshape(-1, 3, 2)
    for chain, points in enumerate(polygons(document, flatness)):
        begin, end = document.offsets[chain], document.offsets[chain + 1]
        start, at = segments[end - 1, 2], 0
        for k in range(begin, end):
            c1, c2, stop = segments[k]
            ends = np.flatnonzero((points[at:] == stop).all(1))
            assert len(ends), "every segment's end is a vertex"
            if len(ends) > 1:
                break  # the chain comes by this point again: which vertex ends the segment cannot be told from outside
            own = np.vstack([start, points[at : at + 1 + ends[0]]])
            for i in range(len(own) - 1 if document.kinds[k] else 0):
                u = np.linspace(0, 1, 17)[:, None]
                t = (i + u) / (len(own) - 1)
                curve = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * c1 + 3 * (1 - t) * t * t * c2 + t**3 * stop
                chord = own[i] + u * (own[i + 1] - own[i])
                assert np.hypot(*(curve - chord).T).max() <= flatness * 1.0001
            at += len(own) - 1
            start = stop


def test_lines_stay_as_they_are() -> None:
    (points,) = polygons(compose(curves(9, 9, [polygon((1, 1), (5, 1), (3, 4))])), 0.5)
    assert (points / 16).tolist() == [[1, 1], [5, 1], [3, 4]]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    document = compose(flower())
    shape = (document.segments, document.kinds, document.offsets, len(document), 0.5)
    offsets = array("q", bytes(8 * len(document) + 8))
    points = array("d", bytes(16 * 2000))
    yield flatten.flatten, (*shape, offsets, points, 0)
    yield flatten.flatten, (*shape, offsets, points, 1)
    drawing = flower()
    chains = (drawing.segments, drawing.kinds, drawing.offsets, len(drawing), 1 / 32)
    yield flatten.flatten_px, (*chains, offsets, points, 0)
    yield flatten.flatten_px, (*chains, offsets, points, 1)
