"""White painted over ink, and ink over that: seen as a renderer shows it, or refused."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linefinish import Curves, ImageReadError, rasterize
from tests.linefinish.data.test_svg_drawing import HEAD
from tests.linefinish.data.test_svg_paths import differing

STACKED = {
    "a hole": '<rect x="10" y="10" width="90" height="90"/><circle cx="50" cy="50" r="20" fill="#fff"/>',
    "ink in white in ink": '<rect x="10" y="10" width="90" height="90"/><circle cx="50" cy="50" r="30" fill="white"/>'
                           '<path d="M40 40h20v20z"/>',
    "paper, ink, paper": '<rect width="120" height="120" fill="#fefefe"/><circle cx="60" cy="60" r="40"/>'
                         '<circle cx="60" cy="60" r="30" fill="rgb(255, 255, 255)"/>',
    "white over all of a shape": '<rect x="20" y="20" width="9" height="9"/><rect x="10" y="10" width="40" height="40" fill="white"/>',
    "white over islands": '<path d="M5 5h100v100h-100z"/><g fill="#FFF"><path d="M20 20v60h60v-60z"/></g><path d="M30 30h20v20h-20z"/>'
                          '<path fill="white" d="M25 25h30v30h-30z"/>',
    "exactly a hole": '<path fill-rule="evenodd" d="M10 10h80v80h-80z M30 30h40v40h-40z"/><path fill="white" d="M30 30h40v40h-40z"/>',
    "exactly a hole with an island": '<path fill-rule="evenodd" d="M10 10h80v80h-80z M30 30h40v40h-40z"/><path d="M40 40h20v20h-20z"/>'
                                     '<path fill="white" d="M30 30h40v40h-40z"/><circle cx="50" cy="50" r="5"/>',
    "ink exactly on white": '<path d="M10 10h80v80h-80z"/><path fill="white" d="M30 30h40v40h-40z"/><path d="M30 30h40v40h-40z"/>',
    "ink over ink, and white in both": '<path d="M10 10h80v80h-80z"/><path d="M20 20h60v60h-60z"/>'
                                       '<path fill="white" d="M30 30h40v40h-40z"/>',
    "a ring of white": '<path d="M10 10h80v80h-80z"/><path fill="white" fill-rule="evenodd" d="M20 20h60v60h-60z M30 30h40v40h-40z"/>',
}  # fmt: skip


@pytest.mark.parametrize("name", STACKED)
def test_white_that_nests_is_cut_out(name: str) -> None:
    assert differing(STACKED[name]) == 0
    made = Curves.from_svg(f"{HEAD}{STACKED[name]}</svg>")
    for own in made:
        assert own.sign == (1 if own.depth % 2 == 0 else -1)


def test_white_on_a_page_of_one_unit() -> None:
    made = Curves.from_svg('<svg viewBox="0 0 1 1"><path d="M.1.1h.8v.8h-.8z"/><circle cx=".5" cy=".5" r=".2" fill="white"/></svg>')
    assert made.area == pytest.approx(0.8 * 0.8 - 0.2 * 0.2 * np.pi, abs=1e-4)


@pytest.mark.parametrize("white", ["M0 20h120v2h-120z", "M50 50h90v9h-90z", "M-9 -9h30v30h-30z", "M60 9.5h5v1h-5z"])
def test_white_across_an_edge_says_where_and_what_to_do(white: str) -> None:
    with pytest.raises(ImageReadError, match=r"near \(\d+, \d+\).*Inkscape: Path, Difference"):
        Curves.from_svg(f'{HEAD}<path d="M10 10h80v80h-80z"/><path fill="#ffffff" d="{white}"/></svg>')


Box = tuple[int, int, int, int, bool]
_place = st.integers(0, 9)
# Left, top, width and height on a page of 10, and whether it is ink: many share edges and corners.
_boxes = st.lists(st.tuples(_place, _place, st.integers(1, 6), st.integers(1, 6), st.booleans()), min_size=2, max_size=6)


def _text(boxes: list[Box]) -> str:
    fills = "".join(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{"#000" if ink else "#fff"}"/>' for x, y, w, h, ink in boxes)
    return f'<svg viewBox="0 0 16 16">{fills}</svg>'


def _painted(boxes: list[Box]) -> np.ndarray:
    page = np.zeros((16, 16), bool)
    for x, y, w, h, ink in boxes:
        page[y : y + h, x : x + w] = ink
    return page


@settings(max_examples=60, deadline=None)
@given(_boxes)
def test_right_or_refused(boxes: list[Box]) -> None:
    try:
        made = Curves.from_svg(_text(boxes))
    except ImageReadError as error:
        assert "across the edge" in str(error)
        return
    assert (np.asarray(rasterize(made)) == _painted(boxes)).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=7), st.permutations(range(7)))
def test_boxes_within_each_other_are_never_refused(inks: list[bool], order: list[int]) -> None:
    boxes = [(level, level, 16 - 2 * level, 16 - 2 * level, ink) for level, ink in zip(order, inks, strict=False)]
    assert (np.asarray(rasterize(Curves.from_svg(_text(boxes)))) == _painted(boxes)).all()
