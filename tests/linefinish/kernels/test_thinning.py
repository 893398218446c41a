"""Thinning against the paper's conditions, pixel by pixel, and what it keeps."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given

from linefinish.data.raster import Bitmap
from linefinish.kernels import thinning
from linefinish.memory import buffers
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import erosion


def arguments(page: Bitmap) -> tuple[Any, ...]:
    """What thin takes: two copies, and every row active."""
    copies = [buffers.zeros(len(page.words), "Q") for _ in range(2)]
    for copy in copies:
        copy[:] = page.words
    active = buffers.zeros(page.height, "B")
    active[:] = b"\x01" * page.height
    return (*copies, page.height, page.stride, active)


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """All pages."""
    for page in pages():
        yield thinning.thin, arguments(page)


@given(bitmaps(side_max=25, width_max=80))
def test_lines_are_those_of_the_paper_and_keep_the_topology(flags: np.ndarray) -> None:
    page = Bitmap.from_array(flags)
    passed = arguments(page)
    thinning.thin(*passed)
    lines = np.asarray(Bitmap(page.width, page.height, passed[0]))
    assert np.array_equal(lines, erosion.thinned(flags))
    assert erosion.topology(lines) == erosion.topology(flags)
