"""Sizes and places of bitmaps; what is ink is `kernels/test_scanline.py`'s subject."""
from __future__ import annotations

import numpy as np
import pytest

from linefinish.data.document import Page, compose
from linefinish.errors import ImageShapeError, OptionsError
from linefinish.rasterizing import bitmap_size, rasterize
from tests.linefinish.drawings import curves, flower, polygon


def square(width: int = 40, height: int = 20) -> object:
    return curves(width, height, [polygon((0, 0), (width, 0), (width, height), (0, height))])


def test_one_pixel_for_each_pixel_by_default() -> None:
    bitmap = rasterize(square())
    assert (bitmap.width, bitmap.height, bitmap.ink_count()) == (40, 20, 800)


@pytest.mark.parametrize(
    ("asked", "size"), [({"width": 80}, (80, 40)), ({"height": 5}, (10, 5)), ({"width": 3, "height": 7}, (3, 7)), ({"width": 1}, (1, 1))]
)
def test_asked_sizes_are_filled_to_the_last_pixel(asked: dict[str, int], size: tuple[int, int]) -> None:
    bitmap = rasterize(square(), **asked)
    assert (bitmap.width, bitmap.height, bitmap.ink_count()) == (*size, size[0] * size[1])


def test_print_sizes_are_the_published_ones() -> None:
    sizes = {
        ("letter", "0", 300): (2550, 3300), ("letter", "0", 600): (5100, 6600), ("a4", "0", 300): (2480, 3508),
        ("letter", "0.125in 0.125in 0.125in 0", 300): (2588, 3375), ("8.5x8.5in", "0", 300): (2550, 2550),
    }  # fmt: skip
    for (name, bleed, dpi), size in sizes.items():
        assert bitmap_size(compose(flower(), Page(name, bleed=bleed), dpi=dpi)) == size


def test_dpi_scales_the_physical_size() -> None:
    document = compose(square(), image_dpi=(100, 50))
    assert bitmap_size(document) == (40, 20)
    bitmap = rasterize(document, dpi=200)
    assert (bitmap.width, bitmap.height, bitmap.ink_count()) == (80, 80, 6400)


def test_a_drawing_lies_where_its_page_says() -> None:
    bitmap = rasterize(compose(square(), Page("4x4in", margin="1in"), dpi=10))
    ys, xs = np.nonzero(np.asarray(bitmap))
    assert (xs.min(), xs.max(), ys.min(), ys.max(), len(xs)) == (10, 29, 15, 24, 200)


def test_what_hangs_over_the_page_is_cut() -> None:
    bitmap = rasterize(compose(square(), Page("4x4in", fit="height"), dpi=10))
    assert (bitmap.width, bitmap.height, bitmap.ink_count()) == (40, 40, 1600)


def test_an_empty_drawing_is_paper() -> None:
    assert rasterize(curves(100, 3, [])).ink_count() == 0


def test_the_smallest_page() -> None:
    assert rasterize(curves(1, 1, [polygon((0, 0), (1, 0), (1, 1), (0, 1))])).ink_count() == 1
    assert rasterize(curves(1, 1, [polygon((0, 0), (0.4, 0), (0.4, 1), (0, 1))])).ink_count() == 0


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(OptionsError):
        rasterize(square(), fill_rule="odd")
    with pytest.raises(ImageShapeError):
        rasterize(square(), width=2_000_000)
    with pytest.raises(ImageShapeError):
        rasterize(square(), width=0)
