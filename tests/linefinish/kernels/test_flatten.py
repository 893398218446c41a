"""Chords: never farther from their cubic than asked."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish.document import compose
from linefinish.kernels import flatten
from tests.linefinish.drawings import curves, drawings, flower, polygon


def polygons(document: Any, flatness: float) -> list[np.ndarray]:
    shape = (document.segments, document.kinds, document.offsets, len(document), flatness)
    offsets = array("q", bytes(8 * len(document) + 8))
    points = array("d", bytes(16 * flatten.flatten(*shape, offsets, array("d"), 0)))
    assert flatten.flatten(*shape, offsets, points, 1) == offsets[-1]
    pairs = np.array(points).reshape(-1, 2)
    return [pairs[begin:end] for begin, end in zip(offsets[:-1], offsets[1:], strict=True)]


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
            stops = np.flatnonzero((points[at:] == stop).all(1))
            assert len(stops), "every segment's end is a vertex"
            chords = 1 if document.kinds[k] == 0 else None
            own = points[at : at + 1 + int(stops[0])] if chords is None else points[at : at + 1]
            if chords is None and len(stops) > 1:
                own = None  # a loop passes its own end: which vertex is the last cannot be told from outside
                break
            if document.kinds[k]:
                corners = np.vstack([start, own])
                for i in range(len(own)):
                    t = (i + np.linspace(0, 1, 17)[:, None]) / len(own)
                    curve = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * c1 + 3 * (1 - t) * t * t * c2 + t**3 * stop
                    chord = corners[i] + np.linspace(0, 1, 17)[:, None] * (corners[i + 1] - corners[i])
                    assert np.hypot(*(curve - chord).T).max() <= flatness * 1.0001
            at += len(own)
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
