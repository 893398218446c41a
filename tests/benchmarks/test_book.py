"""An interior is small, however it is stored."""
from __future__ import annotations

from benchmarks import bench_book, datasets


def test_fifty_drawings_take_less_than_the_bars() -> None:
    drawings = datasets.drawings()
    # The largest of the drawings by hand, a plain one, and one of long lines.
    curves, images = bench_book.bytes_of_fifty([drawings[name] for name in ("fairy-godmother", "sleeping-cat", "celtic-knot-panel")], 512)
    assert 50_000 < curves < bench_book.CURVES_MB_MAX * 1e6
    assert 50_000 < images < bench_book.IMAGES_MB_MAX * 1e6
