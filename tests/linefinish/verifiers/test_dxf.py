"""DXF: plain shapes in the one colour that is black on paper."""
from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import ezdxf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Verdict, compose, finish, verify, write

from .samples import bilevel


def written(draw: Callable[[Any, Any], object]) -> Verdict:
    """The verdict on what ezdxf writes of a drawing."""
    drawing = ezdxf.new(setup=True)
    draw(drawing, drawing.modelspace())
    text = io.StringIO()
    drawing.write(text)
    return verify(text.getvalue().encode())


def ours() -> bytes:
    out = io.BytesIO()
    write(compose(finish(np.asarray(bilevel(90, 60).convert("L"))).curves), out, "dxf")
    return out.getvalue()


def shapes(_drawing: Any, model: Any) -> None:
    model.add_line((0, 0), (1, 1))
    model.add_lwpolyline([(0, 0), (1, 1e-12), (2, 0)], close=True)
    model.add_polyline2d([(0, 0), (1, 1), (2, 0)], close=True)
    model.add_circle((0, 0), 1, dxfattribs={"color": 7})
    model.add_arc((0, 0), 1, 0, 90, dxfattribs={"true_color": 0})
    model.add_ellipse((0, 0), (1, 0), 0.5)
    model.add_spline([(0, 0), (1, 1), (2, 0)])


def test_plain_shapes_are_fine() -> None:
    assert (written(shapes).word, written(shapes).detail) == ("OK", "vector, 7 shapes")
    assert written(lambda _drawing, _model: None).detail == "vector, 0 shapes"
    verdict = verify(ours())
    assert (verdict.problem, verdict.format) == ("", "DXF") and verdict.detail.endswith(" shapes")
    assert verify(b"999\nmade by hand\n" + ours().replace(b"\n", b"\r\n")).is_one_bit


@pytest.mark.parametrize(("draw", "word", "problem"), [
    (lambda _, model: model.add_line((0, 0), (1, 1), dxfattribs={"color": 1}), "GREY", "colour 1 of LINE"),
    (lambda _, model: model.add_line((0, 0), (1, 1), dxfattribs={"color": 8}), "GREY", "colour 8 of LINE"),
    (lambda _, model: model.add_line((0, 0), (1, 1), dxfattribs={"true_color": 0x808080}), "GREY", "true colour 8421504 of LINE"),
    (lambda _, model: model.add_line((0, 0), (1, 1), dxfattribs={"transparency": 0x02000080}), "GREY", "transparency"),
    (lambda drawing, _: drawing.layers.add("PALE", color=9), "GREY", "colour 9 of LAYER"),
    (lambda _, model: model.add_text("grey?"), "BAD", "cannot be verified: TEXT"),
    (lambda _, model: model.add_hatch(), "BAD", "cannot be verified: HATCH"),
    (lambda drawing, _: drawing.blocks.new("B").add_mtext("a"), "BAD", "cannot be verified: MTEXT"),
])  # fmt: skip
def test_what_else_it_may_paint(draw: Callable[[Any, Any], object], word: str, problem: str) -> None:
    verdict = written(draw)
    assert verdict.word == word and problem in verdict.problem
    assert (verdict.where is not None) == (word == "GREY")


@pytest.mark.parametrize("character", [0, 0x0B, 0x0C, 0x1A, 0x1C])
def test_characters_that_end_a_line_for_some(character: int) -> None:
    data = ours().replace(b"INK\n", b"INK" + bytes([character]) + b"\n", 1)
    assert f"the character {character}" in verify(data).problem
    assert verify(ours() + b"\x1a").is_one_bit


def test_the_line_is_named() -> None:
    data = ours().replace(b"100\nAcDbPolyline\n", b" 62\n251\n100\nAcDbPolyline\n", 1)
    verdict = verify(data)
    assert verdict.where is not None
    record, line = verdict.where
    assert (record, data.split(b"\n")[line - 2 : line]) == ("LWPOLYLINE", [b" 62", b"251"])
    first = data.index(b"0\nLWPOLYLINE")
    twice = verify(data[:first].replace(b" 62\n251\n", b"") + ours()[first:].replace(b"  0\nENDSEC", b" 62\n251\n  0\nENDSEC", 1))
    assert twice.where is not None and twice.where[1] > line  # lines go on counting behind thousands of vertices


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_does_not_pass(data: st.DataObject) -> None:
    whole = ours()
    cut = whole[: data.draw(st.integers(0, len(whole) - 6))]
    assert not verify(cut).is_one_bit
    at = data.draw(st.integers(0, len(whole) - 1))
    verify(whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + 1 :])  # a verdict, whatever it is
