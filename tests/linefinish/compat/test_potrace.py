"""The calls of pypotrace and potracer: what their documentation says of them holds here."""
from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish import Bitmap as OurBitmap
from linefinish import OptionsError, rasterize
from linefinish.compat import potrace


def square() -> np.ndarray:
    data = np.zeros((32, 40), np.uint32)
    data[8:24, 6:30] = 1
    return data


def disc(radius: float = 20.0) -> np.ndarray:
    y, x = np.mgrid[:64, :64]
    return (x - 31.5) ** 2 + (y - 31.5) ** 2 < radius**2


def walked(path: potrace.Path) -> list[list[tuple[float, ...]]]:
    """What a program of pypotrace's does: all points, curve by curve."""
    made = []
    for curve in path:
        x, y = curve.start_point
        points: list[tuple[float, ...]] = [(x, y)]
        for segment in curve:
            points += [segment.c] if segment.is_corner else [segment.c1, segment.c2]
            points.append(segment.end_point)
        made.append(points)
    return made


def test_a_rectangle_has_its_corners_and_the_middles_of_its_sides() -> None:
    (points,) = walked(potrace.Bitmap(square()).trace())
    assert points == [(6, 16), (6, 8), (18, 8), (30, 8), (30, 16), (30, 24), (18, 24), (6, 24), (6, 16)]


def test_points_are_tuples_and_have_x_and_y() -> None:
    point = potrace.Bitmap(square()).trace()[0].start_point
    assert point == (6, 16) and (point.x, point.y) == tuple(point)


@pytest.mark.parametrize("alphamax", [0, 0.5, 1.0, 1.3, 1.3334])
def test_the_segments_are_the_outline(alphamax: float) -> None:
    """Drawn as cubics and lines, they fill the pixels that were traced."""
    rng = np.random.default_rng(7)
    ink = np.kron(rng.random((12, 12)) < 0.5, np.ones((6, 6), bool))
    ink[20:60, 20:60] |= disc(18)[12:52, 12:52]
    path = potrace.Bitmap(ink).trace(alphamax=alphamax)
    text = ""
    for curve in path.curves:
        text += f"M{curve.start_point.x} {curve.start_point.y}"
        for segment in curve.segments:
            if segment.is_corner:
                text += f"L{segment.c.x} {segment.c.y}L{segment.end_point.x} {segment.end_point.y}"
            else:
                text += f"C{segment.c1.x} {segment.c1.y} {segment.c2.x} {segment.c2.y} {segment.end_point.x} {segment.end_point.y}"
        text += "z"
    from linefinish import Curves

    drawn = np.asarray(rasterize(Curves.from_svg(text, width=72, height=72)))
    assert (drawn == np.asarray(rasterize(path.linefinish))).all()
    assert (drawn != ink).mean() < 0.02
    for curve in path:
        assert curve[-1].end_point == pytest.approx(curve.start_point)
        if alphamax == 0:
            assert all(segment.is_corner for segment in curve)


def test_the_tree() -> None:
    data = square()
    data[10:22, 8:28] = 0
    data[12:20, 10:26] = 1
    path = potrace.Bitmap(data).trace()
    (outer,) = path.curves_tree
    (hole,) = outer.children
    assert [len(curve.children) for curve in (outer, hole, hole.children[0])] == [1, 1, 0]
    assert [curve.sign for curve in (outer, hole, hole.children[0])] == [1, -1, 1]
    assert len(path) == len(path.curves) == 3 and outer.area == pytest.approx(384, abs=1)


def test_tesselate() -> None:
    curve = potrace.Bitmap(disc()).trace().curves[0]
    assert not any(segment.is_corner for segment in curve)
    regular = curve.tesselate(curve.regular, res=10)
    assert regular.shape == (11 * len(curve), 2) and regular.dtype == np.float64
    assert curve.tesselate(curve.regular).shape == (31 * len(curve), 2)
    assert tuple(regular[0]) == curve.start_point == pytest.approx(tuple(regular[-1]))
    assert np.abs(np.hypot(*(curve.tesselate() - 32).T) - 20).max() < 0.7
    assert len(curve.tesselate(curve.adaptive, 16)) > len(curve.tesselate(curve.adaptive)) > 16
    assert potrace.Bitmap(square()).trace()[0].tesselate().tolist() == [
        [6, 8], [18, 8], [30, 8], [30, 16], [30, 24], [18, 24], [6, 24], [6, 16]]  # fmt: skip
    for wrong in ((3,), (1, 0), (0, "many"), (1, math.nan)):
        with pytest.raises(OptionsError):
            curve.tesselate(*wrong)


def test_who_is_ink() -> None:
    """Non-zero in an array, as in pypotrace; dark in an image and with a blacklevel, as in
    potracer.
    """
    ink = disc()
    dark = np.where(ink, 40, 200).astype(np.uint8)
    for data, more in (
        (ink, {}), (ink.astype(float), {}), (ink * np.uint8(7), {}), (Image.fromarray(dark), {}), (dark, {"blacklevel": 0.5}),
        (Image.fromarray(dark).convert("RGB"), {"blacklevel": 0.3}),
        (Image.fromarray(np.where(ink, 0, 255).astype(np.uint8)).convert("1"), {}),
        (~ink, {"blacklevel": 0.5}), (dark / 255, {"blacklevel": 0.5}),
    ):  # fmt: skip
        assert (potrace.Bitmap(data, **more).data == ink).all()
    bitmap = potrace.Bitmap(ink)
    bitmap.invert()
    assert (bitmap.data == ~ink).all()
    assert not potrace.Bitmap(Image.fromarray(dark), blacklevel=0.1).data.any()


def test_turdsize_leaves_out_specks_and_holes() -> None:
    data = square()
    data[12:14, 10:12] = 0
    data[2:4, 2:4] = 1
    assert [len(potrace.Bitmap(data).trace(turdsize=size)) for size in (0, 3, 4)] == [3, 3, 1]


def test_turn_policies_by_number_and_by_name() -> None:
    data = np.kron(np.eye(2, dtype=int), np.ones((8, 8), int))
    counts = [len(potrace.Bitmap(np.pad(data, 2)).trace(turnpolicy=policy)) for policy in range(7)]
    assert counts[potrace.TURNPOLICY_BLACK] == counts[potrace.POTRACE_TURNPOLICY_BLACK] == 1
    assert counts[potrace.TURNPOLICY_WHITE] == 2
    assert counts[potrace.TURNPOLICY_RANDOM] == counts[potrace.TURNPOLICY_MINORITY]
    assert len(potrace.Bitmap(np.pad(data, 2)).trace(turnpolicy="white")) == 2


def test_tolerance_and_corners_do_what_their_names_say() -> None:
    bitmap = potrace.Bitmap(disc())
    fewest, few, more = (sum(map(len, bitmap.trace(2, 4, 1.0, *rest))) for rest in ((1, 2.0), (1, 0.2), (0, 0.2)))
    assert fewest <= few <= more
    assert all(segment.is_corner for segment in potrace.Bitmap(square()).trace(alphamax=1.0)[0])
    assert not all(segment.is_corner for segment in potrace.Bitmap(square()).trace(alphamax=4 / 3)[0])


def test_progress_and_versions() -> None:
    told: list[float] = []
    potrace.Bitmap(square()).trace(progress_func=told.append)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert potrace.potracelib_version().startswith("linefinish ")
    assert potrace.Bitmap(np.zeros((4, 5))).trace() == []
    assert repr(potrace.Bitmap(square()).trace()[0][0]) == "CornerSegment(c=(6.0, 8.0), end_point=(18.0, 8.0))"
    assert repr(potrace.Bitmap(disc()).trace()[0][0]).startswith("BezierSegment(c1=(")
    assert OurBitmap.from_array(potrace.Bitmap(square()).data).ink_count() == 384


@pytest.mark.parametrize("data", [None, [1, 2, 3], (1, 2), np.zeros(3), np.zeros((2, 2, 2)), "text", [["a"]], np.zeros((0, 3))])
def test_what_is_no_bitmap(data: Any) -> None:
    with pytest.raises(TypeError, match="the bitmap is"):
        potrace.Bitmap(data)


@pytest.mark.parametrize(
    "wrong",
    [{"turnpolicy": 9}, {"turnpolicy": "up"}, {"turnpolicy": True}, {"alphamax": "1"}, {"turdsize": None}, {"opttolerance": math.nan}],
)
def test_values_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionsError):
        potrace.Bitmap(square()).trace(**wrong)
    with pytest.raises(OptionsError):
        potrace.Bitmap(square(), blacklevel=3)
