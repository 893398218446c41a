"""Runs against changes along a row."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linefinish.data.raster import Bitmap
from linefinish.kernels import runs
from tests.linefinish.kernels.pages import pages
from tests.linefinish.kernels.patterns import bitmaps

INK, PAPER = 0, 0xFFFF_FFFF_FFFF_FFFF


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Both colours."""
    for page in pages():
        for colour in (INK, PAPER):
            yield runs.count_runs, (page.words, page.width, page.height, page.stride, colour)


@given(bitmaps(), st.booleans())
def test_runs_are_counted_as_changes_along_a_row(flags: np.ndarray, paper: bool) -> None:
    bitmap = Bitmap.from_array(flags)
    expected = int((np.diff(np.pad(flags ^ paper, ((0, 0), (1, 0))).astype(int), axis=1) == 1).sum())
    assert runs.count_runs(bitmap.words, bitmap.width, bitmap.height, bitmap.stride, PAPER if paper else INK) == expected
