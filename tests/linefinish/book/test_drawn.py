"""Words and shapes as outlines."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish.book.drawn import Layer, Pen, broken, clipped, content_bytes, fitted_size, pixels
from linefinish.book.faces import bundled


def ink(pen: Pen, side: int = 200) -> np.ndarray:
    found = pixels([pen.layer()], side, side)
    return np.asarray(found)


def test_shapes_cover_what_they_say() -> None:
    pen = Pen((200, 200), bundled())
    pen.rectangle((10, 20, 60, 50))
    assert ink(pen).sum() == 50 * 30
    pen.frame((100, 100, 140, 150), 5)
    assert ink(pen).sum() == 1500 + 40 * 50 - 30 * 40
    pen.ring(60, 140, 40, 4)
    ring = ink(pen)[:, :100].sum() - 1500
    assert ring == pytest.approx(np.pi * (40**2 - 36**2), rel=0.02)


def test_words_stand_on_their_baseline_and_run_down_when_turned() -> None:
    pen = Pen((200, 200), bundled())
    pen.line("HHHH", 100, 100, 30, "centre")
    rows, columns = np.nonzero(ink(pen))
    assert rows.max() == 99
    assert rows.min() == pytest.approx(100 - 30 * bundled().cap_height / bundled().units, abs=1)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(99.5, abs=1)
    pen = Pen((200, 200), bundled())
    pen.line("LLLL", 100, 100, 30, "centre", turn=True)
    rows, columns = np.nonzero(ink(pen))
    assert rows.max() - rows.min() > columns.max() - columns.min()
    assert columns.min() == 100  # the baseline is at the left of letters that run down


@pytest.mark.parametrize("align", ["left", "right"])
def test_words_are_aligned(align: str) -> None:
    pen = Pen((200, 200), bundled())
    pen.line("MM", 100, 100, 20, align)
    _, columns = np.nonzero(ink(pen))
    assert columns.min() >= 100 if align == "left" else columns.max() < 100


def test_lines_are_broken_between_words() -> None:
    face = bundled()
    lines = broken(face, "one two three\nfour", face.width("one two") + 0.01)
    assert lines == ["one two", "three", "four"]
    assert broken(face, "incomprehensible it is", 2) == ["incomprehensible", "it is"]
    assert fitted_size(face, ["wide"], 10 * face.width("wide"), 50) == pytest.approx(10)
    assert fitted_size(face, [""], 10, 50) == 50


def test_a_clip_hides_what_lies_outside() -> None:
    pen = Pen((200, 200), bundled())
    pen.rectangle((0, 0, 200, 200))
    layer = Layer(pen.layer().document, (50, 60, 150, 160))
    assert np.asarray(pixels([layer], 200, 200)).sum() == 100 * 100
    assert clipped((50, 60, 150, 160), 200) == b"50 40 100 100 re W n\n"
    content = content_bytes([layer], 200)
    assert content.startswith(b"q\n50 40 100 100 re W n\n0 g ")
    assert content.endswith(b"f\nQ\n")
