"""Small bitmaps in the form kernels take, for the mode cases of the bitmap kernels."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from linefinish.data.raster import Bitmap
from tests.linefinish.kernels.patterns import checkerboard, comb, spiral


def pages() -> Iterator[Bitmap]:
    """Noise, blobs and hard patterns, at sizes around the word's edges."""
    random = np.random.default_rng(11)
    for height, width in ((1, 1), (9, 63), (12, 64), (17, 65), (20, 130)):
        for share in (0.1, 0.5, 0.9):
            yield Bitmap.from_array(random.random((height, width)) < share)
    blobs = np.kron(random.random((8, 20)) < 0.5, np.ones((5, 5), bool))
    for flags in (blobs, spiral(40), comb(9, 70), checkerboard(8, 66)):
        yield Bitmap.from_array(flags)
