"""How many rows fax codes hold, of codes that libtiff wrote: all of them, and fewer once they are
cut or broken; and what the readers make of it.
"""
from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from linefinish.errors import ImageReadError
from linefinish.fax_rows import row_count
from linefinish.readers.reading import read_gray

COMPRESSIONS = {"tiff_ccitt": 2, "group3": 3, "group4": 4}


def coded(compression: str) -> tuple[bytes, int, int]:
    """A TIFF of one strip, and where its codes begin and end."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).random((200, 64)) < 0.9).save(file, "TIFF", compression=compression, tiffinfo={278: 200})
    with Image.open(file) as image:
        (start,), (size,) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    return file.getvalue(), start, start + size


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_all_rows_and_fewer(name: str) -> None:
    data, start, end = coded(name)
    codes = memoryview(data)[start:end]
    assert row_count(codes, 64, 200, COMPRESSIONS[name], 0, 1) == 200
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in codes)
    assert row_count(memoryview(mirrored), 64, 200, COMPRESSIONS[name], 0, 2) == 200
    half = row_count(codes[: len(codes) // 2], 64, 200, COMPRESSIONS[name], 0, 1)
    assert 50 < half < 150


@pytest.mark.parametrize("name", ["tiff_ccitt", "group4"])
@pytest.mark.parametrize("filling", [b"\0", b"\x5a"])
def test_a_strip_whose_rest_is_filled_up_is_cut_off(name: str, filling: bytes) -> None:
    """libtiff makes the rest white, without an error. (Of ones it could not be told: by T.6 each
    is a row.)
    """
    data, start, end = coded(name)
    assert read_gray(data).height == 200
    middle = (start + end) // 2
    with pytest.raises(ImageReadError, match="ends in the middle"):
        read_gray(data[:middle] + filling * (end - middle) + data[end:])
