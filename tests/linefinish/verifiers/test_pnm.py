"""PBM, PGM and PPM: whole or not, and where the first grey is."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import verify

from .samples import bilevel, saved


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"P1 3 2 101 0 1 1", ""),
        (b"P1\n# c\n3 2\n101011\n", ""),
        (b"P4 9 2\n\xff\x80\xff\x80", ""),
        (b"P4 8 1 \xffP4 8 1 \x00", None),
        (b"P4 8 1\n\xff\n", ""),
        (b"P1 3 2 10101", "truncated"),
        (b"P1 3 2 10121 1", "neither 0 nor 1"),
        (b"P4 9 2\n\xff\x80\xff", "truncated"),
        (b"P4 0 2\n", "states 0"),
        (b"P4 x", "header"),
        (b"P1 1 1 1 xyz", "no image"),
        (b"P5 3 1 255\n\0\xff\x57", "(2, 0), value 87"),
        (b"P5 2 1 255\n\0\xff", "two values"),
        (b"P2 2 2 9 0 9 9 8", "(1, 1), value 8"),
        (b"P2 2 1 9 0", "truncated"),
        (b"P6 2 1 255\n\0\0\0\xff\xff\xfe", "(1, 0), value (255, 255, 254)"),
        (b"P3 1 1 9 9 9 9", "two values"),
        (b"P6 1 1 7\n\7\7\7", "two values"),
        (b"P5 2 1 1000\n\0\0\3\xe8", "two values"),
        (b"P5 2 1 65535\n\0\0\0\xff", "(1, 0), value 255"),
        (b"P5 1 1 0\n\0", "maximum of 0"),
    ],
)
def test_pnm(data: bytes, problem: str | None) -> None:
    verdict = verify(data)
    if problem is None:
        assert verdict.is_one_bit or "no image" in verdict.problem
    elif not problem:
        assert verdict.is_one_bit, verdict
    else:
        assert problem in verdict.problem and not verdict.is_one_bit


def test_two_bitmaps_in_a_file() -> None:
    assert verify(b"P4 8 1\n\xffP4 8 1\n\x00").is_one_bit
    assert not verify(b"P4 8 1\n\xffP5 1 1 255\n\x57").is_one_bit


@given(st.data(), st.sampled_from([1, 9, 255, 300, 65535]), st.sampled_from(["P2", "P3", "P5", "P6"]))
def test_where_is_the_first_grey_at_any_maximum(data: st.DataObject, maximum: int, kind: str) -> None:
    width, height, channels = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 6)), 1 if kind in ("P2", "P5") else 3
    samples = st.one_of(st.sampled_from([0, maximum]), st.integers(0, maximum))
    pixels = [
        data.draw(st.one_of(st.sampled_from([(0,) * channels, (maximum,) * channels]), st.tuples(*[samples] * channels)))
        for _ in range(width * height)
    ]
    flat = [sample for pixel in pixels for sample in pixel]
    head = f"{kind}\n# a comment\n{width} {height}\n{maximum}\n".encode()
    body = " ".join(map(str, flat)).encode() if kind in ("P2", "P3") else b"".join(x.to_bytes(1 + (maximum > 255), "big") for x in flat)
    verdict = verify(head + body)
    grays = [i for i, pixel in enumerate(pixels) if pixel not in ((0,) * channels, (maximum,) * channels)]
    assert verdict.where == ((grays[0] % width, grays[0] // width) if grays else None)
    assert not verdict.is_one_bit and not verdict.is_damaged
    assert verdict.detail == f"{16 if maximum > 255 else 8}-bit {'grey' if channels == 1 else 'RGB'}"
    if kind in ("P5", "P6"):
        assert verify(head + body[:-1]).is_damaged


@given(st.integers(1, 70), st.integers(1, 9), st.booleans())
def test_any_bitmap_passes_whole_and_no_other_way(width: int, height: int, raw: bool) -> None:
    flags = np.asarray(bilevel(width, height))
    data = saved(bilevel(width, height), "PPM")
    if not raw:
        data = f"P1 {width} {height}\n{' '.join('01'[bool(flag)] for flag in flags.ravel())}\n".encode()
    verdict = verify(data)
    assert verdict.is_one_bit and (verdict.width, verdict.height, verdict.format) == (width, height, "PBM")
    cut = verify(data.rstrip()[:-1] if not raw else data[:-1])
    assert cut.is_damaged and "truncated" in cut.problem
