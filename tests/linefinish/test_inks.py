"""Felt pens over a black drawing are no ink, and two inks in lines are told of."""
from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from linefinish import FinishOptions, finish, read_gray
from linefinish.inks import without_areas

INK = (20, 20, 20)


def as_file(page: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(page).save(file, kind)
    return file.getvalue()


def barred(colour: tuple[int, int, int]) -> np.ndarray:
    """Two broad bars of a felt pen over black lines."""
    page = np.full((200, 300, 3), 255, np.uint8)
    for at in (30, 90):
        page[at : at + 26, 20:280] = colour
    for at in (20, 40, 80, 120, 160):
        page[at : at + 5, 40:260] = (np.array(INK) * (np.array(colour) / 255 if 30 <= at < 56 or 90 <= at < 116 else 1)).astype(np.uint8)
    return page


@pytest.mark.parametrize("colour", [(255, 130, 190), (255, 240, 60), (60, 200, 90), (40, 60, 220), (230, 30, 30), (255, 150, 20)])
@pytest.mark.parametrize("kind", ["PNG", "array"])
def test_bars_of_any_colour_are_no_ink(colour: tuple[int, int, int], kind: str) -> None:
    page = barred(colour)
    finished = finish(page if kind == "array" else as_file(page, kind))
    ink = np.zeros(page.shape[:2], bool)
    for at in (20, 40, 80, 120, 160):
        ink[at : at + 5, 40:260] = True
    assert (np.asarray(finished.bitmap) != ink).mean() < 0.002
    assert finished.report.warnings == ()


@pytest.mark.parametrize(("colour", "word"), [
    ((200, 30, 40), "red"), ((30, 60, 220), "blue"), ((20, 140, 50), "green"), ((120, 20, 140), "COLOUR"),
])  # fmt: skip
def test_two_inks_in_lines_are_told_of_with_what_leaves_one_out_and_both_kept(colour: tuple[int, int, int], word: str) -> None:
    page = np.full((200, 300, 3), 255, np.uint8)
    for at in range(10, 190, 30):
        page[at : at + 4, 20:280] = INK
        page[at + 14 : at + 17, 20:280] = colour
    finished = finish(as_file(page, "PNG"))
    assert any(f"--drop-colour {word} " in warning for warning in finished.report.warnings), finished.report.warnings
    assert finished.report.parts == 12
    asked = "#{:02x}{:02x}{:02x}".format(*colour) if word == "COLOUR" else word
    assert finish(as_file(page, "PNG"), FinishOptions(drop_colour=asked)).report.parts == 6


def test_a_drawing_that_is_all_coloured_stays() -> None:
    page = np.full((120, 160, 3), 255, np.uint8)
    page[20:100, 30:50] = (120, 30, 160)
    gray = read_gray(page)
    assert gray.coloured > 0.05
    assert without_areas(page, gray, 10.0) == (gray, "")
