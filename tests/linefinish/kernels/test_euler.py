"""The Euler number against parts and holes found by flood fill."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given

from linefinish.data.raster import Bitmap
from linefinish.kernels import euler
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps
from tests.oracles import erosion


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """All pages."""
    for page in pages():
        yield euler.euler_number, (page.words, page.height, page.stride)


@given(bitmaps())
def test_it_is_parts_less_holes(flags: np.ndarray) -> None:
    bitmap = Bitmap.from_array(flags)
    parts, papers = erosion.topology(flags)
    assert euler.euler_number(bitmap.words, bitmap.height, bitmap.stride) == parts - (papers - 1)
