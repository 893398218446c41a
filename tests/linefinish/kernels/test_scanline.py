"""Scan conversion: the kernels against the plain winding number of every pixel centre."""
from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import rasterizing
from linefinish.data.document import compose
from linefinish.kernels import scanline
from linefinish.rasterizing import rasterize
from tests.linefinish.drawings import circle, curves, drawings, flower, polygon
from tests.oracles.winding import edge_distance, windings

# What the flattening may turn, and the oracle's own chords (400 a cubic of at most 100 px, enlarged
# three times): 0.002 + 0.001 px.
MARGIN_PX = 0.004


@settings(max_examples=120, deadline=None)
@given(drawings(lines_only=True), st.sampled_from([1, 2, 4]), st.sampled_from(["nonzero", "evenodd"]))
def test_polygons_are_exact_at_scales_that_binary_holds(drawing: Any, scale: int, rule: str) -> None:
    document = compose(drawing)
    width, height = drawing.width * scale, drawing.height * scale
    winding = windings(document, width, height, exact=True)
    expected = winding != 0 if rule == "nonzero" else winding % 2 == 1
    np.testing.assert_array_equal(np.asarray(rasterize(document, width=width, height=height, fill_rule=rule)), expected)


@settings(max_examples=80, deadline=None)
@given(drawings(), st.integers(1, 150), st.integers(1, 150), st.sampled_from(["nonzero", "evenodd"]))
def test_curves_at_any_scale_up_to_the_flatness(drawing: Any, width: int, height: int, rule: str) -> None:
    document = compose(drawing)
    winding = windings(document, width, height, exact=False)
    expected = winding != 0 if rule == "nonzero" else winding % 2 == 1
    drawn = np.asarray(rasterize(document, width=width, height=height, fill_rule=rule))
    differing = np.argwhere(drawn != expected)
    assert (edge_distance(document, width, height, differing) < MARGIN_PX).all()


@settings(max_examples=60, deadline=None)
@given(drawings(side_max=40), st.integers(1, 3))
def test_strips_do_not_show(drawing: Any, rows: int) -> None:
    whole = rasterize(drawing, width=130)
    kept = rasterizing._STRIP_BYTES
    rasterizing._STRIP_BYTES = rows * 8 * whole.stride
    try:
        assert bytes(rasterize(drawing, width=130, height=whole.height).words) == bytes(whole.words)
    finally:
        rasterizing._STRIP_BYTES = kept


@settings(max_examples=60, deadline=None)
@given(drawings(side_max=40), st.integers(1, 3))
def test_a_drawing_and_itself_backwards_fill_the_same(drawing: Any, scale: int) -> None:
    backwards = []
    for begin, end in zip(drawing.offsets[:-1], drawing.offsets[1:], strict=True):
        rows = [drawing.segments[6 * k : 6 * k + 6].tolist() for k in range(begin, end)]
        starts = [rows[k - 1][4:] for k in range(len(rows))]
        chain = [(drawing.kinds[begin + k], rows[k][2:4], rows[k][:2], starts[k]) for k in reversed(range(len(rows)))]
        backwards.append([(kind, a, b, end) if kind else (0, a, end, end) for kind, a, b, end in chain])
    other = curves(drawing.width, drawing.height, backwards)
    width = drawing.width * scale
    assert bytes(rasterize(drawing, width=width).words) == bytes(rasterize(other, width=width).words)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=3), st.integers(1, 7))
def test_shapes_with_a_common_edge_neither_overlap_nor_gap(points: list[tuple[int, int]], scale: int) -> None:
    """A page cut into pieces along the sides of a triangle: every pixel belongs to exactly one
    piece.
    """
    a, b, c = points
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    if area == 0:
        return
    middle = ((a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3)
    whole = rasterize(curves(41, 41, [polygon(a, b, c)]), width=41 * scale)
    middle = (round(middle[0] * 16) / 16, round(middle[1] * 16) / 16)
    parts = [rasterize(curves(41, 41, [polygon(p, q, middle)]), width=41 * scale) for p, q in ((a, b), (b, c), (c, a))]
    total = sum(np.asarray(part).astype(int) for part in parts)
    inside = all(
        ((q[0] - p[0]) * (middle[1] - p[1]) - (q[1] - p[1]) * (middle[0] - p[0])) * area >= 0 for p, q in ((a, b), (b, c), (c, a))
    )  # of a needle, the rounded middle may lie outside
    if inside:
        np.testing.assert_array_equal(total, np.asarray(whole).astype(int))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 140), st.integers(1, 12), st.randoms(use_true_random=False))
def test_outlines_through_edge_midpoints_give_the_bitmap_back(width: int, height: int, random: Any) -> None:
    """Each pixel as the diamond through the midpoints of its edges: its centre is inside, no other
    is.
    """
    flags = np.array([[random.random() < 0.5 for _ in range(width)] for _ in range(height)])
    diamonds = [polygon((x, y + 0.5), (x + 0.5, y), (x + 1, y + 0.5), (x + 0.5, y + 1)) for y, x in np.argwhere(flags).tolist()]
    np.testing.assert_array_equal(np.asarray(rasterize(curves(width, height, diamonds))), flags)


@pytest.mark.parametrize("width", [1, 63, 64, 65, 128, 1000])
def test_a_full_page_fills_every_pixel_and_no_spare_bit(width: int) -> None:
    bitmap = rasterize(curves(width, 3, [polygon((-5, -5), (width + 5, -5), (width + 5, 9), (-5, 9))]))
    assert bitmap.ink_count() == 3 * width


def test_a_line_of_a_hundred_thousand_pixels_stays_where_it_is() -> None:
    """Renderers in 32-bit floats lose 1/128 px here; a parallelogram of width 1 must have exactly
    one pixel a row.
    """
    long = 100_000
    bitmap = rasterize(curves(3, long, [polygon((0.5, 0), (1.5, 0), (2.5, long), (1.5, long))]))
    assert bitmap.ink_count() == long
    across = rasterize(curves(long, 2, [polygon((99_990.25, 0), (99_997.25, 0), (99_997.25, 2), (99_990.25, 2))]))
    assert np.flatnonzero(np.asarray(across)[1]).tolist() == list(range(99_990, 99_997))


def test_many_windings_of_one_pixel_do_not_overflow() -> None:
    layers = 300
    bitmap = rasterize(curves(9, 9, [polygon((1, 1), (8, 1), (8, 8), (1, 8))] * layers))
    assert bitmap.ink_count() == 49
    assert rasterize(curves(9, 9, [polygon((1, 1), (8, 1), (8, 8), (1, 8))] * layers), fill_rule="evenodd").ink_count() == 0


def test_overlapping_rings_by_both_rules() -> None:
    both = curves(40, 20, [circle(14, 10, 8), circle(26, 10, 8)])
    union, either = rasterize(both), rasterize(both, fill_rule="evenodd")
    assert union.ink_count() > either.ink_count()
    assert np.asarray(union)[10, 20] and not np.asarray(either)[10, 20]


def cases() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Small calls for the test that all modes agree."""
    document = compose(flower())
    shape = (document.segments, document.kinds, document.offsets, len(document), array("d", [0.13, 1.5, 0.11, -2.25]))
    width, rows, stride = 100, 70, 2
    down, up, crowded = (array("Q", bytes(8 * rows * stride)) for _ in range(2)), bytearray(rows), None
    (down, up), crowded = down, bytearray(rows)
    yield scanline.mark, (*shape, array("q", [width, 3, rows]), down, up, crowded, array("q"), array("i"), 0)
    yield scanline.fill, (width, rows, 1, down, up, crowded)
    slots = array("q", [row // 2 if row % 2 else -1 for row in range(rows)])
    counts = array("i", bytes(4 * rows // 2 * width))
    yield scanline.mark, (*shape, array("q", [width, 3, rows]), array("Q"), array("Q"), bytearray(), slots, counts, 1)
    yield scanline.fill_counted, (width, rows, slots, counts, array("Q", bytes(8 * rows * stride)))
