"""Files become drawings, with what is known of them at print size."""
from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from linefinish import OptionsError
from linefinish.book.drawings import PageError, Placing, read_drawing

LIVE = Placing((549.0, 756.0))


def thin(path: Path) -> Path:
    image = Image.new("L", (1100, 1400), 255)
    ImageDraw.Draw(image).ellipse((200, 200, 900, 1200), outline=0, width=1)
    image.save(path)
    return path


def test_an_image_is_finished_at_print_size(tmp_path: Path) -> None:
    path = str(thin(tmp_path / "thin.png"))
    as_drawn = read_drawing(path, LIVE)
    assert as_drawn.facts["stroke_width_min_pt"] < 0.75
    wider = read_drawing(path, Placing(LIVE.area_pt, stroke_width_pt=2.0))
    assert wider.facts["stroke_width_min_pt"] >= 1.7  # of a pixel of half a point
    assert wider.facts["dpi"] == pytest.approx(1100 / (549 / 72), rel=0.01)


def test_a_finished_page_keeps_its_bytes_unless_it_is_to_be_drawn_anew(finished: Path) -> None:
    path = str(finished / "page-2.pdf")
    kept = read_drawing(path, Placing(LIVE.area_pt, stroke_width_pt=6.0))
    assert kept.stream is not None
    assert kept.stream in Path(path).read_bytes()
    redrawn = read_drawing(path, Placing(LIVE.area_pt, stroke_width_pt=7.0, redraw=True))
    assert redrawn.stream is None
    assert redrawn.facts["stroke_width_min_pt"] >= 6.8 > kept.facts["stroke_width_min_pt"]
    assert redrawn.size_pt == pytest.approx(kept.size_pt)


def test_no_speck_of_a_one_bit_picture_is_taken_away(tmp_path: Path) -> None:
    image = Image.new("1", (600, 700), 1)
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 500, 600), outline=0, width=9)
    pen.point((300, 300), 0)
    image.save(tmp_path / "one.png")
    assert len(read_drawing(str(tmp_path / "one.png"), LIVE).document) == 3


def test_where_a_drawing_goes(finished: Path) -> None:
    drawing = read_drawing(str(finished / "page-1.svg"), LIVE)
    placed = drawing.placed((27, 18, 594, 774), (612, 792))
    assert placed.page_pt == (612, 792)
    left, top, width, height = placed.drawing_pt
    assert left >= 27 - 1e-6
    assert left + width == pytest.approx(594, abs=0.5) or top + height == pytest.approx(774, abs=0.5)


@pytest.mark.parametrize(
    ("name", "data"), [("a.png", b"\x89PNG\r\n\x1a\nbroken"), ("b.pdf", b"%PDF-1.4\nforeign"), ("c.svg", b"<svg/>"), ("d.jpg", b"")]
)
def test_a_page_that_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    with pytest.raises(PageError, match=name):
        read_drawing(str(path), LIVE)
    path.write_bytes(data)
    with pytest.raises(PageError, match=name):
        read_drawing(str(path), LIVE)


def test_options_that_cannot_be_are_no_fault_of_the_page(images: Path) -> None:
    with pytest.raises(OptionsError):
        read_drawing(str(images / "page-1.png"), LIVE, {"threshold": "by moonlight"})
