"""A colour that is dropped while reading."""
from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from linefinish import OptionsError, read_gray
from linefinish.kernels import luma
from linefinish.readers.colours import EVERY_COLOUR, dropped

INK = (20, 20, 20)


def lined(colour: tuple[int, int, int], wide: int = 3) -> np.ndarray:
    """Three black lines over a grid of a colour, on white; RGB."""
    page = np.full((90, 120, 3), 255, np.uint8)
    for at in range(6, 90, 18):
        page[at : at + wide] = colour
    for at in range(6, 120, 18):
        page[:, at : at + wide] = colour
    for at in (20, 40, 60):
        page[at : at + 4, 10:110] = INK
    return page


def as_file(page: np.ndarray, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(page).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("red", (230, 40, 50)), ("red", (255, 150, 170)), ("green", (60, 170, 70)), ("blue", (164, 221, 237)), ("blue", (30, 60, 200)),
        ("blue", (0, 0, 128)), ("#85bbe8", (133, 187, 232)), ("#f7931a", (247, 147, 26)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["PNG", "PPM", "TIFF", "array", "alpha"])
def test_the_colour_is_paper_and_the_ink_stays(name: str, colour: tuple[int, int, int], kind: str) -> None:
    page = lined(colour)
    opaque = np.dstack([page, np.full(page.shape[:2], 255, np.uint8)])
    source: Any = page if kind == "array" else as_file(opaque, "PNG") if kind == "alpha" else as_file(page, kind)
    gray = np.asarray(read_gray(source, drop_colour=name))
    ink = (page == 20).all(axis=2)
    assert (gray[ink] == 20).all()
    assert gray[~ink].min() > 215  # a sixth of the contrast, from which on pale strokes are joined


def test_of_a_palette_and_of_16_bits_too() -> None:
    page = lined((30, 60, 200))
    file = io.BytesIO()
    Image.fromarray(page).convert("P", palette=Image.Palette.ADAPTIVE).save(file, "PNG")
    assert np.asarray(read_gray(file.getvalue(), drop_colour="blue"))[6, 60] > 215
    deep = page.astype(np.uint16) * 257
    assert np.array_equal(read_gray(deep, drop_colour="blue"), read_gray(page, drop_colour="blue"))


def test_other_colours_stay() -> None:
    page = lined((230, 40, 50))
    assert np.array_equal(read_gray(page, drop_colour="green"), read_gray(page))


@pytest.mark.parametrize("colour", ["#808080", "pink!", "#12345", "", "black"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(OptionsError, match="drop_colour"):
        read_gray(lined((0, 0, 255)), drop_colour=colour)


@given(st.integers(0, 255), st.sampled_from(["red", "green", "blue", EVERY_COLOUR]))
def test_greys_are_left_alone(value: int, name: str) -> None:
    gray = np.full((1, 1), 0, np.uint8)
    header = dropped(name)
    header[luma.BYTES] = 3
    luma.without_colour(bytes([value] * 3), 0, 3, 1, 1, header, memoryview(gray).cast("B"), 0, 1, 1)
    assert gray[0, 0] == value
