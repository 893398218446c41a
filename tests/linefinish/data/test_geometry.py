"""`Paths` and `Curves`: what they refuse to hold, and their arrays."""
from __future__ import annotations

import pickle
from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import Curves, ImageShapeError, Paths
from linefinish.data.geometry import CUBIC, LINE
from tests.linefinish.drawings import drawings, flower


def paths_of(counts: list[int], **more: Any) -> Paths:
    """Paths of so many vertices each, (0, 0.5), (1, 1.5) …"""
    points = array("d", (k + 0.5 * (i % 2) for k in range(sum(counts)) for i in range(2)))
    offsets = array("q", np.cumsum([0, *counts]).tolist())
    signs = array("i", [1] * len(counts))
    return Paths(20, 10, memoryview(points), memoryview(offsets), memoryview(signs), **more)


@given(st.lists(st.integers(1, 9), max_size=6))
def test_the_arrays_of_paths(counts: list[int]) -> None:
    paths = paths_of(counts)
    points, offsets = paths.points_array(), paths.offsets_array()
    assert (len(paths), points.shape, points.dtype) == (len(counts), (sum(counts), 2), np.float64)
    assert (offsets.tolist(), offsets.dtype) == (np.cumsum([0, *counts]).tolist(), np.int64)
    assert points.tolist() == [[k, k + 0.5] for k in range(sum(counts))]
    for view in (points, offsets):
        assert not view.flags.writeable


@given(drawings())
def test_the_arrays_of_curves(drawing: Curves) -> None:
    segments, kinds, offsets = drawing.segments_array(), drawing.kinds_array(), drawing.offsets_array()
    assert segments.shape == (drawing.segment_count, 3, 2) and segments.dtype == np.float64
    assert kinds.shape == (drawing.segment_count,) and set(kinds.tolist()) <= {LINE, CUBIC}
    assert len(offsets) == len(drawing) + 1 and offsets[-1] == drawing.segment_count
    assert segments.ravel().tolist() == list(drawing.segments)
    for view in (segments, kinds, offsets):
        with pytest.raises(ValueError, match="read-only"):
            view[...] = 0


def test_a_page_without_ink() -> None:
    curves = Curves.empty(3, 4)
    assert (curves.width, curves.height, len(curves), curves.segment_count) == (3, 4, 0, 0)
    assert curves.segments_array().shape == (0, 3, 2)
    assert curves.kinds_array().shape == (0,)
    assert curves.offsets_array().tolist() == [0]
    assert paths_of([]).points_array().shape == (0, 2)


@pytest.mark.parametrize("size", [(0, 4), (4, 0), (-1, 4), (1_000_001, 4)])
def test_a_size_that_cannot_be(size: tuple[int, int]) -> None:
    with pytest.raises(ImageShapeError, match="pixels"):
        Curves.empty(*size)
    with pytest.raises(ImageShapeError, match="pixels"):
        Paths(*size, memoryview(b""), memoryview(array("q", [0])), memoryview(b""))


def test_buffers_that_do_not_fit_their_offsets() -> None:
    one, two = memoryview(array("q", [0, 1])), memoryview(array("q", [0, 2]))
    segment, kind, sign = memoryview(bytes(48)).cast("d"), memoryview(b"\0"), memoryview(array("i", [1]))
    Curves(3, 3, segment, kind, one)
    with pytest.raises(ImageShapeError, match=r"Curves\.segments must be one contiguous block of 96 bytes; it has 48"):
        Curves(3, 3, segment, kind, two)
    with pytest.raises(ImageShapeError, match=r"Curves\.kinds must be one contiguous block of 1 bytes; it has 2"):
        Curves(3, 3, segment, memoryview(b"\0\0"), one)
    with pytest.raises(ImageShapeError, match=r"Paths\.points must be one contiguous block of 16 bytes; it has 48"):
        Paths(3, 3, segment, one, sign)
    with pytest.raises(ImageShapeError, match=r"Paths\.signs must be one contiguous block of 4 bytes; it has 8"):
        Paths(3, 3, segment[:2], one, memoryview(array("i", [1, 1])))


def test_they_can_be_sent_to_another_process() -> None:
    curves = flower()
    again = pickle.loads(pickle.dumps(curves))
    assert (bytes(again.segments), bytes(again.kinds), bytes(again.offsets)) == (
        bytes(curves.segments), bytes(curves.kinds), bytes(curves.offsets))  # fmt: skip
    assert pickle.loads(pickle.dumps(paths_of([3, 4], grey=True))).grey is True
