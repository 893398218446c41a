"""All seven kinds of PNM, with every range, against exact fractions and Pillow."""
from __future__ import annotations

import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from linefinish.errors import ImageError
from linefinish.readers.reading import read_gray
from tests.oracles import grey as gray_oracle
from tests.oracles import png as png_oracle


def samples(count: int, highest: int, seed: int) -> list[int]:
    draw = random.Random(seed)
    return [draw.choice((0, highest, draw.randint(0, highest))) for _ in range(count)]


def grays(values: list[int], channels: int, highest: int) -> bytes:
    return bytes(gray_oracle.gray(values[at : at + channels], highest) for at in range(0, len(values), channels))


@given(
    st.sampled_from((2, 3, 5, 6, 7)), st.integers(1, 30), st.integers(1, 20), st.sampled_from((1, 3, 255, 256, 1000, 65535)),
    st.integers(1, 4), st.integers(0, 2**32),
)  # fmt: skip
def test_grey_and_colour(digit: int, width: int, height: int, highest: int, channels: int, seed: int) -> None:
    channels = {2: 1, 5: 1, 3: 3, 6: 3}.get(digit, channels)
    values = samples(width * height * channels, highest, seed)
    if digit == 7:
        header = f"P7\n# a comment\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {highest}\nTUPLTYPE ANY\nENDHDR\n"
    else:
        header = f"P{digit} # a comment\n{width}\t{height}\n#another\n{highest}\n"
    if digit in (2, 3):
        body = " \n".join(map(str, values)).encode()
    else:
        body = b"".join(value.to_bytes(2 if highest > 255 else 1, "big") for value in values)
    gray = read_gray(header.encode() + body)
    assert (gray.width, gray.height, gray.dpi) == (width, height, None)
    if channels in (2, 4) and not any(values[channels - 1 :: channels]):  # wholly transparent: taken as opaque
        values[channels - 1 :: channels] = [highest] * (width * height)
    assert bytes(gray.data) == grays(values, channels, highest)


@given(st.integers(1, 70), st.integers(1, 10), st.sampled_from(("P1 packed", "P1", "P4")), st.integers(0, 2**32))
def test_bitmaps(width: int, height: int, kind: str, seed: int) -> None:
    values = samples(width * height, 1, seed)
    if kind == "P4":
        body = b"".join(png_oracle.packed([(value,) for value in values[at : at + width]], 1) for at in range(0, len(values), width))
    else:
        body = (" " if kind == "P1" else "").join(map(str, values)).encode()
    assert bytes(read_gray(f"{kind[:2]}\n{width} {height}\n".encode() + body).data) == bytes(255 * (1 - value) for value in values)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16"])
def test_pillow_sees_the_same(mode: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1000, 900, 3), np.uint8)
    image = Image.fromarray(noise[..., 0].astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(noise).convert(mode)
    file = io.BytesIO()
    image.save(file, "PPM")
    theirs = noise[..., 0] if mode == "I;16" else np.asarray(image.convert("L"))
    assert np.array_equal(np.asarray(read_gray(file.getvalue())), theirs)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"P5 4 4 255\n0123456789abcde", "truncated"),
        (b"P4 9 2\nabc", "truncated"),
        (b"P2 2 2 255\n1 2 3", "truncated"),
        (b"P2 2 2 255\n1 2 3 x", "something else where a number belongs"),
        (b"P5 4", "truncated"),
        (b"P5 4 x 255\n", "something else where a number belongs"),
        (b"P5 4 99999999999 255\n", "something else where a number belongs"),
        (b"P5 4 4 0\n", "highest value"),
        (b"P5 4 4 65536\n", "highest value"),
        (b"P5 0 4 255\n", "there is nothing in it"),
        (b"P6 30000 30000 255\n", "900 megapixels; the limit is 500"),
        (b"P5 #" + b"x" * 70_000, "does not end"),
        (b"P7\nWIDTH 3\nHEIGHT 1\nENDHDR\nabc", "not complete"),
        (b"P7\nWIDTH 3\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\nabc", "5 values a pixel"),
        (b"P7\nWIDTH 3\nHEIGHT x\n", "something else where a number belongs"),
        (b"P7\nWIDTH 3\nHEIGHT 1", "truncated"),
    ],
)
def test_bad_files_get_their_sentence(data: bytes, words: str) -> None:
    with pytest.raises(ImageError) as caught:
        read_gray(data)
    assert words in str(caught.value)


@settings(max_examples=2000)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_mutations_end_in_an_image_or_a_sentence(seed: int, changes: int) -> None:
    draw = random.Random(seed)
    pam = b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 2\nMAXVAL 255\nENDHDR\n0123456789ab"
    data = bytearray(draw.choice((b"P1 3 2\n010 111", b"P2 3 2 9\n1 2 3 4 5 6", b"P4 3 2\nab", b"P5 3 2 999\n0123456789ab", pam)))
    for _ in range(changes):
        at = draw.randrange(2, len(data))
        data[at : at + draw.randrange(2)] = draw.choice((b"", b"9", b"0", b"#", b"\n", draw.randbytes(3)))
    try:
        read_gray(bytes(data), megapixels_max=0.1)
    except ImageError as error:
        assert str(error).startswith("the given bytes: ")
