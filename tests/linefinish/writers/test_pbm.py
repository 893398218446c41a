"""PBM: raw, 1 is ink, rows filled up with zeros."""
from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish import Bitmap, Document, rasterize
from tests.linefinish.writers.documents import each_document, same_again, whole


@given(st.integers(1, 140), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_bytes_are_the_pixels_high_bit_first(width: int, height: int, seed: int) -> None:
    """By numpy's packing, which fills up with zeros as pbm(5) wants it."""
    flags = np.random.default_rng(seed).random((height, width)) < 0.4
    wanted = b"P4\n%d %d\n" % (width, height) + np.packbits(flags, axis=1).tobytes()
    assert whole(Bitmap.from_array(flags), "pbm") == wanted


@each_document
def test_a_document_is_scan_converted(document: Document) -> None:
    with Image.open(io.BytesIO(whole(document, "pbm"))) as image:
        np.testing.assert_array_equal(~np.asarray(image), np.asarray(rasterize(document)))
    assert same_again(document, "pbm")


def test_the_resolution_asked_for_is_that_of_the_pixels() -> None:
    """The file has no place to state it."""
    from tests.linefinish.writers.documents import LETTER

    assert whole(LETTER, "pbm", dpi=20).startswith(b"P4\n173 225\n")  # 8.625 × 11.25 in
    assert whole(LETTER, "pbm").startswith(b"P4\n431 563\n")  # its own 50 dpi
