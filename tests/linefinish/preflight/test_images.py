"""Images are looked into: white margins of a scan are no ink, and grey is grey."""
from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from linefinish.preflight.checking import check


def scan(path: Path, level: int, side: int, left: int) -> Path:
    """24 pages, each an 8-bit image over the whole page with a square of its own."""
    file = pikepdf.new()
    width, height = 85 * side, 110 * side
    for i in range(24):
        file.add_blank_page(page_size=(612, 792))
        rows = bytearray(b"\xff" * (width * height))
        for row in range(height // 4, height // 4 + (i + 4) * side):
            rows[row * width + left : row * width + left + (i + 4) * side] = bytes([level]) * ((i + 4) * side)
        image = file.make_stream(bytes(rows), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
                                 ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8)  # fmt: skip
        file.pages[i].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        file.pages[i].Contents = file.make_stream(b"q 612 0 0 792 0 0 cm /I Do Q")
    file.save(path)
    return path


@pytest.mark.parametrize(("level", "side", "left", "codes"), [
    (0, 10, 200, {"image-dpi"}), (128, 10, 200, {"image-dpi", "grey"}), (0, 10, 5, {"image-dpi", "gutter", "margin"}),
])  # fmt: skip
def test_pixels(tmp_path: Path, level: int, side: int, left: int, codes: set[str]) -> None:
    found = {one.code for one in check(scan(tmp_path / "a.pdf", level, side, left))}
    assert found - {"twice"} == codes  # squares that grow by a step are nearly the same drawing
