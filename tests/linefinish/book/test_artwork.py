"""The picture behind a cover."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

from linefinish import Book, CoverOrder
from linefinish.book.artwork import inks, place_of, read_picture
from linefinish.book.cover import Cover, cover_pieces
from linefinish.book.drawings import PageError
from linefinish.book.geometry import cover_geometry
from linefinish.preflight.rules import printer_of

KDP = printer_of("kdp")
COVER = cover_geometry(KDP, (4, 6), 0.3)  # 8.55 × 6.25 in
WHOLE, FRONT = (0.0, 0.0, *COVER.page_pt), (COVER.spine_pt[2], 0.0, *COVER.page_pt)
GREEN = (224, 255, 209)


def made(path: Path, image: Image.Image, **given: Any) -> str:
    image.save(path, **given)
    return str(path)


def test_it_goes_where_its_shape_fits() -> None:
    assert place_of((855, 625), COVER) == WHOLE
    assert place_of((400, 600), COVER) == FRONT
    assert place_of((4000, 600), COVER) == WHOLE


def test_a_picture_of_the_front_s_shape_is_told_and_covers_it_up_to_the_fold(tmp_path: Path) -> None:
    path = made(tmp_path / "front.png", Image.new("RGB", (1250, 1900), (200, 40, 40)))
    picture, found = read_picture(path, COVER, GREEN, KDP)
    assert picture.box_pt == FRONT
    assert picture.dpi == pytest.approx(1250 / 4.125, abs=0.5)
    assert [one.code for one in found] == ["cover-image", "colour"]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "1", "L", "I;16", "CMYK", "RGB", "P"])
def test_pictures_of_every_kind_are_opaque_grey_or_inks(tmp_path: Path, mode: str) -> None:
    gray = Image.linear_gradient("L").resize((864, 632))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    else:
        image = gray.convert(mode)
    if mode.endswith("A"):
        image.putalpha(0)
    path = made(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"), image)
    picture, _ = read_picture(path, COVER, GREEN, KDP)
    assert ("/DeviceGray" if mode in ("1", "L", "I;16") else "/DeviceCMYK") in picture.described
    shown = np.asarray(picture.small)
    if mode.endswith("A"):  # all of it transparent: the ground is seen
        assert np.abs(shown.astype(int) - GREEN).max() <= 3
    else:
        assert shown[:60].mean() < 50 < 200 < shown[-60:].mean()


def test_inks_are_at_most_two_and_black() -> None:
    colours = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)
    found = np.asarray(inks(Image.fromarray(colours))).astype(int)
    assert found.sum(axis=2).max() <= 510
    assert (found[..., :3].min(axis=2) == 0).all()
    assert (255 - found[..., :3] - found[..., 3:] == colours).all()  # as PDF takes inks back to RGB


def test_a_turned_photograph_stands_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x112] = 6
    image = Image.new("RGB", (632, 864), (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 632, 200))  # its top row lies at the right
    picture, _ = read_picture(made(tmp_path / "a.jpg", image, exif=turned), COVER, GREEN, KDP)
    shown = np.asarray(picture.small.convert("L"))
    assert shown[:, -50:].mean() < 60 < 200 < shown[:, :50].mean()


def test_one_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    whole = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(whole, "JPEG")
    (tmp_path / "half.jpg").write_bytes(whole.getvalue()[:9000])
    for name in ("text.png", "half.jpg", "none.png", "."):
        with pytest.raises(PageError, match=r"the cover's image cannot be read"):
            read_picture(str(tmp_path / name), COVER, GREEN, KDP)


def composed(finished: Path, path: str, **given: Any) -> Cover:
    book = Book([*finished.iterdir()] * 4, title="Cosy Cats", author="A. B.", trim="4x6", cover=CoverOrder(image=path, spine=0.5, **given))
    cover, found = book.composed_cover()
    assert cover is not None
    assert not [one for one in found if one.level == "fail" and one.code != "image-dpi"]
    return cover


def test_words_on_a_picture_have_white_behind_them(finished: Path, tmp_path: Path) -> None:
    path = made(tmp_path / "dark.png", Image.new("RGB", (855, 625), (30, 0, 60)))
    cover = composed(finished, path, back="Of cats.", colour=(0.0, 0.0, 0.0, 100.0))
    assert not cover.words_white
    words = cover.words.document
    x, y, across, _ = words.drawing_pt
    pt = across / (16 * words.width)
    ends = np.asarray(words.segments).reshape(-1, 3, 2)[:, 2] * pt + (x, y)
    for at in ends:
        assert any(box[0] < at[0] < box[2] and box[1] < at[1] < box[3] for box in cover.white)


def test_the_back_of_a_picture_on_the_front_is_the_ground(finished: Path, tmp_path: Path) -> None:
    path = made(tmp_path / "front.png", Image.new("RGB", (412, 625), (30, 0, 60)))
    cover = composed(finished, path, back="Of cats.")
    with pikepdf.open(io.BytesIO(b"".join(cover_pieces(cover)))) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
        assert pdf.pages[0].Resources.XObject.I.Width <= 412
    left, right = cover.picture.box_pt[0], cover.geometry.page_pt[0]  # type: ignore[union-attr]
    assert content.startswith((b".12 0 .18 0 k 0 0 ", b"0.12 0 0.18 0 k 0 0 "))
    placed = [float(word) for word in content.split(b"q ")[1].split(b" cm")[0].split()]
    assert placed == pytest.approx([right - left, 0, 0, cover.geometry.page_pt[1], left, 0], abs=0.01)
