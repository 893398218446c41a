"""Enclosed regions against a flood fill."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given

from linefinish.data.raster import Bitmap
from linefinish.kernels import regions
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import components as oracle


def arguments(page: Bitmap) -> tuple[Any, ...]:
    """What count_regions takes, with fresh scratch."""
    labels = [buffers.zeros(page.width + 2, "i") for _ in range(3)]
    areas = buffers.zeros(page.width + 2, "q")
    ends = buffers.zeros(2 * page.width + 4, "i")
    return (page.words, page.width, page.height, page.stride, ends, *labels, areas, buffers.zeros(1, "q"))


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """All pages."""
    for page in pages():
        yield regions.count_regions, arguments(page)


@given(bitmaps())
def test_count_and_smallest_area(flags: np.ndarray) -> None:
    passed = arguments(Bitmap.from_array(flags))
    expected = [len(region) for region in oracle.enclosed(flags)]
    assert regions.count_regions(*passed) == len(expected)
    assert passed[-1][0] == min(expected, default=0)
