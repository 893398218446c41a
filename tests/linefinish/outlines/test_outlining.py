"""A page that is outlined in batches, or by several threads, has the curves of the page traced and
fitted as a whole.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from linefinish import Bitmap, Curves, Gray, Levels, fit, outline, trace
from linefinish.errors import ImageShapeError
from linefinish.outlines import outlining


def waves(side: int = 700) -> np.ndarray:
    """Some hundred outlines of very different lengths, about 45,000 points."""
    rows, columns = np.mgrid[0:side, 0:side]
    rough = np.random.default_rng(3).normal(0, 4, (side, side))
    return np.clip(127 + 120 * np.sin(columns / 9) * np.sin(rows / 7 + columns / 50) + rough, 0, 255).astype(np.uint8)


def contents(curves: Curves) -> tuple[bytes, ...]:
    return bytes(curves.segments), bytes(curves.kinds), bytes(curves.offsets)


@pytest.fixture(params=["whole", "batches"])
def batches(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Once as a small page, once as one that is too large to be kept."""
    if request.param == "batches":
        monkeypatch.setattr(outlining, "_WHOLE_POINTS", 0)
        monkeypatch.setattr(outlining, "_BATCH_POINTS", 6000)
    yield


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.usefixtures("batches")
def test_any_batches_and_threads_give_the_same_curves(threads: int) -> None:
    grays = waves()
    bitmap, gray = Bitmap.from_array(grays <= 127), Gray.from_array(grays)
    slanted = Levels(100, 7, 7, bytes(110 + 5 * (i % 7) for i in range(49)))
    assert len(trace(bitmap).points) > 2 * 40_000
    for arguments in ((bitmap,), (bitmap, gray, 127), (bitmap, gray, slanted)):
        whole = contents(fit(trace(*arguments)))
        assert contents(outline(*arguments, threads=threads)) == whole
        assert contents(fit(trace(*arguments, threads=threads), threads=threads)) == whole
    bound = contents(fit(trace(bitmap, gray), error_px_max=0.4, corner_sharpness=0.0))
    assert contents(outline(bitmap, gray, error_px_max=0.4, corner_sharpness=0.0, threads=threads)) == bound


@pytest.mark.usefixtures("batches")
def test_an_empty_page_and_a_single_pixel() -> None:
    blank = outline(np.zeros((3, 5), bool))
    assert (len(blank), blank.segment_count) == (0, 0)
    dot = np.zeros((3, 5), bool)
    dot[1, 2] = True
    grays = np.where(dot, 0, 255).astype(np.uint8)
    assert contents(outline(dot, grays)) == contents(fit(trace(dot, grays)))


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ImageShapeError, match="they must agree"):
        outline(np.zeros((3, 4), bool), np.zeros((4, 4), np.uint8))
